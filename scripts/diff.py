"""Compare two releases by key, table by table, and say what step of the version the changes demand.

OLD and NEW are folders of releases, flat or as this repository has them, or zip archives. What changed or
went demands a MAJOR step, what was added a MINOR one, the same data written again a PATCH; versions that
begin with 0 are no exception. Exit status: 0 compared, 1 something that is no release, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cables import descriptor, diff, files, release, verbs
from cables.diff import Change, Difference
from cables.files import printable

PRINTED = 100
WIDE = 60
BEFORE = 20


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
    old, new = shown(change.old, change.new), shown(change.new, change.old)
    return printable(f"{change.told}, {old} → {new}")


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
