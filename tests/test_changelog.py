"""What is said of a version is that of its own heading."""

from __future__ import annotations

from pathlib import Path

import pytest

import assets
from cables import changelog
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
        "0.1.10": "The tenth.",
        "0.1.1": "The first.\n\n### Added\n\n- A table.",
    }


def test_a_version_of_which_nothing_is_said_is_told(tmp_path: Path) -> None:
    path = tmp_path / "CHANGELOG.md"
    path.write_text(TOLD, "utf-8")
    assert assets.said_of("0.1.10", path) == "The tenth."
    with pytest.raises(InputError, match=r"CHANGELOG.md:1: nothing on 0\.1\.0; expected a heading"):
        assets.said_of("0.1.0", path)
