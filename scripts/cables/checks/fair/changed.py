"""Rules of what changed since the release before: what the changelog and changes.csv say of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cables import changelog, diff
from cables.checks.fair.files_of_release import ABOUT, CHANGES, DESCRIPTOR
from cables.checks.fair.folder import read_sheet
from cables.checks.fair.formats import changes_schema
from cables.checks.fair.rules import missing, of_row, rule
from cables.checks.fair.values import described, dig, json_of, said, toml_of
from cables.checks.loaded import Fault, Finding, Package, Sheet, Unreadable, shown
from cables.diff import Change, Kind, Step
from cables.model import InputError
from cables.schemas import Table

CHANGELOG = "CHANGELOG.md"
REMOVED = frozenset({Kind.FILE_REMOVED, Kind.TABLE_REMOVED, Kind.COLUMN_REMOVED, Kind.ROW_REMOVED})
OF_FILES = frozenset({Kind.FILE_ADDED, Kind.FILE_REMOVED, Kind.FILE_CHANGED})
# What a change names besides its table; a description is that of a table or of a column.
NAMED = {
    Kind.FILE_CHANGED: {"column"},
    Kind.COLUMN_ADDED: {"column"},
    Kind.COLUMN_REMOVED: {"column"},
    Kind.COLUMN_CHANGED: {"column"},
    Kind.VALUES_EXTENDED: {"column"},
    Kind.ROW_ADDED: {"key"},
    Kind.ROW_REMOVED: {"key"},
    Kind.CELL_CHANGED: {"key", "column"},
}


@rule("changelog")
def version_told(package: Package) -> Iterator[Finding]:
    text, version = _changelog(package), _version(package)
    for line, found, expected in changelog.faults(text, version, said(toml_of(package), "created")):
        yield Finding(CHANGELOG, line, found, expected)


@rule("changes")
def changes(package: Package) -> Iterator[Finding]:
    faults: list[Fault] = []
    sheet = read_sheet(Table("changes", changes_schema(package)), package.files, faults)
    yield from (one.finding for one in faults)
    if sheet is None:
        return
    before = dig(json_of(package, ABOUT), "previous")
    yield from _numbered(sheet)
    yield from _since(package, before)
    if before is None:
        if sheet.rows:
            found = f"{len(sheet.rows)} changes"
            yield missing(CHANGES, found, f"none, since {ABOUT} names no release before")
        return
    yield from _counted(package, sheet, before)
    yield from _shown(package, sheet)


def _changelog(package: Package) -> str:
    return package.files.get(CHANGELOG, b"").decode("utf-8", "replace")


def _version(package: Package) -> str:
    """The version of the release. Raises Unreadable where it has none."""
    version = said(described(package), "version")
    if not changelog.VERSION.fullmatch(version):
        raise Unreadable(f"{DESCRIPTOR} gives no version")
    return version


def _since(package: Package, before: Any) -> Iterator[Finding]:
    """The release before is the last one that the changelog tells of; the first one has none."""
    last = changelog.last_before(_version(package), changelog.sections(_changelog(package)))
    if dig(before, "version") != last:
        found = f"the release before {shown(dig(before, 'version'))}"
        yield missing(ABOUT, found, f"{shown(last)}, as {CHANGELOG} tells")


def _numbered(sheet: Sheet) -> Iterator[Finding]:
    """Every change is numbered in order, and of a kind and of the step that this kind demands."""
    for index, row in enumerate(sheet.rows):
        if row["change_number"] != index + 1:
            yield of_row(sheet, index, f"change_number {shown(row['change_number'])}", str(index + 1))
        if row["change"] not in diff.DEMANDED:
            yield of_row(sheet, index, f"change {shown(row['change'])}", shown(list(map(str, Kind))))
        elif row["step"] != diff.DEMANDED[Kind(row["change"])].word:
            found = f"step {shown(row['step'])} of a {row['change']}"
            yield of_row(sheet, index, found, diff.DEMANDED[Kind(row["change"])].word)


def _counted(package: Package, sheet: Sheet, before: Any) -> Iterator[Finding]:
    """The number of the changes and the largest step are told, and the version reaches it."""
    step = max((one.step for _, one in _changes(sheet)), default=Step.PATCH)
    if (dig(before, "changes"), dig(before, "step")) != (len(sheet.rows), step.word):
        expected = f"{len(sheet.rows)} changes, a {step.word} step"
        yield missing(ABOUT, f"previous {shown(before)}", expected)
    old, new = said(before, "version"), _version(package)
    if changelog.VERSION.fullmatch(old) and diff.ordered(new) < diff.ordered(diff.stepped(old, step)):
        yield missing(DESCRIPTOR, f"version {new} after {old}", f"a {step.word} step")


def _changes(sheet: Sheet) -> Iterator[tuple[int, Change]]:
    """The rows that tell of a change of a known kind, with their places."""
    for index, row in enumerate(sheet.rows):
        if row["change"] in diff.DEMANDED:
            told = (row[name] for name in ("key", "column", "old", "new"))
            yield index, Change(row["table"] or "", Kind(row["change"]), *told)


def _shown(package: Package, sheet: Sheet) -> Iterator[Finding]:
    """What was added or changed is there as it is told, and what was removed is not."""
    try:
        here = diff.of_files(str(package.folder), package.files)
    except InputError as error:
        raise Unreadable(f"the release cannot be compared: {error}") from error
    rows = {name: _by_key(table) for name, table in here.tables.items()}
    for index, change in _changes(sheet):
        for found, expected in _untrue(change, here, rows):
            yield of_row(sheet, index, found, expected)


def _by_key(table: diff.Table) -> dict[str, diff.Row]:
    """The rows of a table by their keys as changes.csv has them."""
    return {diff.BETWEEN_PARTS.join(key): row for key, row in table.rows.items()}


def _untrue(
    change: Change, here: diff.Release, rows: Mapping[str, Mapping[str, diff.Row]]
) -> Iterator[tuple[str, str]]:
    """Where the release is not as a change says: what stands there, and what was expected."""
    named = {name for name in ("key", "column") if getattr(change, name) is not None}
    wanted = NAMED.get(change.kind, set())
    if named != wanted and change.kind is not Kind.DESCRIPTION_CHANGED:
        yield f"{change.told}, with {shown(sorted(named))}", f"with {shown(sorted(wanted))}"
    elif wanted and change.table not in here.tables and change.kind not in OF_FILES:
        yield f"the table {shown(change.table)}", "one of the release"
    elif _stands(change, here, rows) == (change.kind in REMOVED):
        yield change.told, "not there any more" if change.kind in REMOVED else "there in the release"
    elif change.kind is Kind.CELL_CHANGED:
        cell = rows[change.table][change.key or ""][change.column or ""] or None
        if cell != change.new:
            yield f"new {shown(change.new)}", f"{shown(cell)}, as {change.table}.csv has it"


def _stands(change: Change, here: diff.Release, rows: Mapping[str, Mapping[str, diff.Row]]) -> bool:
    """Whether what a change speaks of stands in the release."""
    if change.kind in OF_FILES:
        file = here.files.get(change.table)
        return file is not None and change.column in (None, *file.told)
    table = here.tables.get(change.table)
    if table is None or change.column not in (None, *table.fields):
        return False
    return change.key is None or change.key in rows[change.table]
