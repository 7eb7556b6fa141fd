"""Compare two releases, their files and by key their tables, and say what step of the version that demands.

OLD and NEW are folders of releases, flat or as this repository has them, or zip archives. What changed or
went demands a MAJOR step, what was added a MINOR one, the same data written again a PATCH; versions that
begin with 0 are no exception. Exit status: 0 compared, 1 something that is no release, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cables import descriptor, diff, files, release, verbs
from cables.diff import Change, Difference, Kind
from cables.files import printable
from cables.schemas import Json

PRINTED = 100
WIDE = 60
BEFORE = 20
# Of these what differs is told as JSON, which is for machines.
OF_COLUMNS = frozenset({Kind.COLUMN_CHANGED, Kind.DESCRIPTION_CHANGED, Kind.VALUES_EXTENDED})


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = verbs.parser(__doc__)
    parser.add_argument("old", type=Path, metavar="OLD", help="the earlier release")
    parser.add_argument("new", type=Path, metavar="NEW", help="the later release")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the comparison to a file as JSON")
    return parser.parse_args()


def main() -> int:
    """Compare, and say what was found."""
    given = arguments()
    return verbs.run(lambda console: run(given, console), "not compared", "nothing was compared")


def run(given: argparse.Namespace, console: Console) -> int:
    """The whole of it."""
    found = diff.compare(release.comparable(given.old), release.comparable(given.new))
    if given.json:
        files.write_file(given.json, descriptor.json_bytes(diff.as_json(found)))
    tell(found, console)
    return 0


def tell(found: Difference, console: Console) -> None:
    """The changes: how many of each kind, what they are, what they demand."""
    old, new = (printable(f"{one.version} ({one.where})") for one in (found.old, found.new))
    console.print(f"[bold]{escape(old)}[/] → [bold]{escape(new)}[/]")
    table = Table(box=None, pad_edge=False)
    for heading in ("table", "change"):
        table.add_column(heading, style="bold", no_wrap=True)
    table.add_column("number", justify="right")
    for name, kinds in diff.counts(found).items():
        for kind, number in kinds.items():
            table.add_row(printable(name), kind.replace("_", " "), str(number))
    if found.changes:
        console.print(table)
    for change in found.changes[:PRINTED]:
        console.print(escape(line(change)))
    if len(found.changes) > PRINTED:
        console.print(f"{len(found.changes) - PRINTED} more; --json FILE lists them all")
    number = len(found.changes)
    what = f"{number} change{'s' * (number != 1)}: a {found.step.word} step" if number else "the same tables"
    is_enough = diff.ordered(found.new.version) >= diff.ordered(found.least_version)
    enough = "" if is_enough else f", and {found.new.version} is not"
    console.print(f"{what}; the version after {found.old.version} is {found.least_version} or higher{enough}")


def line(change: Change) -> str:
    """A change in one line: where, what stood there, what stands there now."""
    if change.old is None and change.new is None:
        return printable(change.told)
    if change.kind in OF_COLUMNS and change.column:
        return printable(f"{change.told}, {'; '.join(parts(change))}")
    if change.kind is Kind.KEY_CHANGED and None in (change.old, change.new):
        what, _, key = (change.old or change.new or "").partition(": ")
        return printable(f"{change.table}: {what} {'removed' if change.old else 'added'}: {key}")
    return printable(f"{change.told}, {arrow(change.old, change.new)}")


def parts(change: Change) -> Iterator[str]:
    """What the description of a column says otherwise, part by part; of a list what came and went."""
    old, new = (described(one) for one in (change.old, change.new))
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        if isinstance(before, list) and isinstance(after, list):
            went = [f"- {one}" for one in before if one not in after]
            came = [f"+ {one}" for one in after if one not in before]
            yield f"{name}: {', '.join((*went, *came)) or 'in another order'}"
        elif before != after:
            yield f"{name}: {arrow(plain(before), plain(after))}"


def described(part: str | None) -> Json:
    """A part of the description of a column, its constraints one by one; `enum` is a list of values."""
    told: Json = json.loads(part or "{}")
    told |= told.pop("constraints", {})
    return {"values" if name == "enum" else name: value for name, value in told.items()}


def plain(value: object) -> str | None:
    """A value of a description as it is printed: text as it is, all else as JSON."""
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def arrow(old: str | None, new: str | None) -> str:
    """What stood there, and what stands there now."""
    return f"{shown(old, new)} → {shown(new, old)}"


def shown(cell: str | None, other: str | None) -> str:
    """A cell for a line of the terminal; of a long one the part in which it begins to differ from another."""
    if cell is None:
        return "null"
    pairs = enumerate(zip(cell, other or "", strict=False))
    shorter = min(len(cell), len(other or ""))
    same = next((at for at, (one, another) in pairs if one != another), shorter)
    start = max(0, same - BEFORE) if len(cell) > WIDE else 0
    part = cell[start : start + WIDE]
    return ("…" if start else "") + repr(part) + ("…" if start + WIDE < len(cell) else "")


if __name__ == "__main__":
    sys.exit(main())
