"""What is said of a version is that of its own heading."""

from __future__ import annotations

from pathlib import Path

import pytest

import assets
from cables import changelog
from cables.changelog import Entry
from cables.model import InputError

TOLD = """\
# Changelog

## [Unreleased]

Nothing yet.

## [0.1.10] - 2026-03-02

The tenth.

## 0.1.1

The first.

### Added

- A table.

## 0.1.1.1

No version.
"""


def test_a_version_is_not_taken_for_one_that_begins_with_it() -> None:
    assert changelog.sections(TOLD) == {
        "0.1.10": Entry(7, "2026-03-02", "The tenth."),
        "0.1.1": Entry(11, "", "The first.\n\n### Added\n\n- A table."),
    }


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("## [0.2.0] - 2026-03-02\n\nWords.\n", []),
        ("## 0.2.0 - 2026-03-02\n\n- A table.\n", []),
        ("## [0.1.0] - 2026-03-02\n\nWords.\n", [(1, "nothing on 0.2.0")]),
        ("## [0.2.0-rc1] - 2026-03-02\n\nWords.\n", [(1, "nothing on 0.2.0")]),
        ("\n## [0.2.0] - 2026-03-03\n\nWords.\n", [(2, "the day '2026-03-03' of 0.2.0")]),
        ("## [0.2.0] - DAY\n\nWords.\n", [(1, "the day 'DAY' of 0.2.0")]),
        ("## [0.2.0]\n\nWords.\n", [(1, "the day '' of 0.2.0")]),
        ("## [0.2.0] - 2026-03-02\n\n## [0.1.0]\n", [(1, "no word on 0.2.0 below its heading")]),
        ("## [0.2.0] - 2026-03-02\n\nWords.\n\n## [0.1.0] - 2026-03-02\n", []),
        (
            "## [0.2.0] - 2026-03-02\n\nWords.\n\n## [0.1.0] - 2026-03-04\n",
            [(5, "the day 2026-03-04 of 0.1.0, after the 2026-03-02 of 0.2.0")],
        ),
        ("## [0.2.0] - 2026-03-02\n\nWords.\n\n## [0.3.0] - 2026-03-04\n", []),
    ],
)
def test_a_version_is_told_of_under_its_day(text: str, faults: list[tuple[int, str]]) -> None:
    assert [(line, found) for line, found, _ in changelog.faults(text, "0.2.0", "2026-03-02")] == faults


def test_a_version_of_which_nothing_is_said_is_told(tmp_path: Path) -> None:
    path = tmp_path / "CHANGELOG.md"
    path.write_text(TOLD, "utf-8")
    assert assets.said_of("0.1.10", path) == "The tenth."
    with pytest.raises(InputError, match=r"CHANGELOG.md:1: nothing on 0\.1\.0; expected a heading"):
        assets.said_of("0.1.0", path)
