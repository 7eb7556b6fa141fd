"""What a release says of the changes since the one before is held to what it holds."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

import releasing
from cables import diff
from cables.checks import fair as promises
from cables.checks import loaded
from cables.checks.registry import judge
from cables.diff import Change, Kind
from cables.release import ABOUT

KNOWN = loaded.repository()
(CHECK,) = [one for one in promises.CHECKS if one.id == "fair-changes"]
ADDED = Change("codes", Kind.ROW_ADDED, "zone / catalogue")


def findings(*changes: Change, told: str | None = "0.0.1", before: Any = None, **cells: str) -> list[str]:
    """What the check finds in a release with these changes; `cells` replace some of every row.

    `told` is the lower version that the changelog has, `before` what release.json says of it.
    """
    content = releasing.content(releasing.released())
    rows = [{**row, **cells} for row in diff.as_rows(changes)]
    text = io.StringIO()
    header = content["changes.csv"].decode().strip().split(",")
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    content["changes.csv"] = text.getvalue().encode()
    if told:
        content["CHANGELOG.md"] += f"\n## [{told}] - {releasing.DAY}\n".encode()
    step = max((one.step for one in changes), default=diff.Step.PATCH)
    previous = {"version": "0.0.1", "step": step.word, "changes": len(changes)}
    about = {**json.loads(content[ABOUT]), "previous": before if before is not None else previous}
    content[ABOUT] = json.dumps({**about, "previous": about["previous"] or None}).encode()
    verdict = judge(CHECK, promises.of_files(Path("release"), KNOWN, content))
    assert verdict.reason is None
    return [f"{one.file}:{one.line}: {one.found}; {one.expected}" for one in verdict.findings]


@pytest.mark.parametrize(
    "change",
    [
        ADDED,
        Change("codes", Kind.COLUMN_ADDED, column="label"),
        Change("codes", Kind.VALUES_EXTENDED, column="label", old="a", new="b"),
        Change("codes", Kind.DESCRIPTION_CHANGED, old="a", new="b"),
        Change("codes", Kind.DESCRIPTION_CHANGED, column="label", old="a", new="b"),
        Change("codes", Kind.TABLE_ADDED),
        Change("codes-parquet", Kind.FILE_ADDED),
    ],
)
def test_what_is_true_of_the_release_is_believed(change: Change) -> None:
    assert findings(change) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Change("nothing", Kind.ROW_ADDED, "a"), "the table 'nothing'; one of the release"),
        (Change("nothing", Kind.ROW_REMOVED, "a"), "the table 'nothing'; one of the release"),
        (
            Change("codes", Kind.ROW_ADDED, "zone / none"),
            "codes zone / none: row added; there in the release",
        ),
        (
            Change("codes", Kind.ROW_REMOVED, "zone / catalogue"),
            "codes zone / catalogue: row removed; not there any more",
        ),
        (Change("codes", Kind.ROW_ADDED), "codes: row added, with []; with ['key']"),
        (Change("codes", Kind.COLUMN_ADDED, column="none"), "codes none: column added; there in the release"),
        (Change("codes", Kind.COLUMN_REMOVED, column="label"), "column removed; not there any more"),
        (Change("codes", Kind.TABLE_REMOVED), "codes: table removed; not there any more"),
        (Change("none", Kind.TABLE_ADDED), "none: table added; there in the release"),
        (Change("codes-parquet", Kind.FILE_REMOVED), "codes-parquet: file removed; not there any more"),
        (Change("codes", Kind.FILE_CHANGED, column="colour"), "file changed; there in the release"),
        (
            Change("codes", Kind.CELL_CHANGED, "zone / catalogue", "code", "form", "note"),
            "new 'note'; 'catalogue', as codes.csv has it",
        ),
    ],
)
def test_what_is_not_true_of_the_release_is_found_on_its_line(change: Change, said: str) -> None:
    told = [one for one in findings(change) if one.startswith("changes.csv:2: ")]
    assert [one.endswith(said) for one in told] == [True], told


def test_a_change_demands_its_own_step() -> None:
    assert "changes.csv:2: step 'patch' of a row_added; minor" in findings(ADDED, step="patch")
    assert findings(ADDED, change="renamed")[0].startswith("changes.csv:2: change 'renamed'; ")


@pytest.mark.parametrize(
    ("told", "before", "said"),
    [
        (None, {}, []),
        ("0.0.1", None, []),
        ("0.0.1", {}, [f"{ABOUT}:1: the release before nothing; '0.0.1', as CHANGELOG.md tells"]),
        ("0.0.2", None, [f"{ABOUT}:1: the release before '0.0.1'; '0.0.2', as CHANGELOG.md tells"]),
        (None, None, [f"{ABOUT}:1: the release before '0.0.1'; nothing, as CHANGELOG.md tells"]),
    ],
)
def test_the_release_before_is_the_last_one_of_the_changelog(
    told: str | None, before: Any, said: list[str]
) -> None:
    assert findings(told=told, before=before) == said
