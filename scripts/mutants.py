"""Damage the package in every table and every way, and show what finds it.

The frames of a fresh build are changed one at a time (a cell changed, emptied or exchanged with another; a
row dropped or repeated; two rows or two ids swapped) and shown to the checks. What no check finds is written
as a package whose CSV, Parquet, JSON and hashes agree, and shown to the rebuild. Exit status: 0 everything
is found, 1 something is not, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from cables import inputs, package, verbs
from cables.checks import loaded, mutants
from cables.checks.mutants import Found, Judged, Kind
from cables.inputs import Places

SHORT = {Found.BY_CHECKS: "green", Found.BY_REBUILD: "yellow", Found.NOT: "bold red"}


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = verbs.parser(__doc__)
    parser.add_argument(
        "--rows", type=int, default=3, metavar="N", help="rows to damage per table, column and kind (3)"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="which rows are drawn (1)")
    parser.add_argument("--checks", action="store_true", help="also count what each check finds first")
    return parser.parse_args()


def main() -> int:
    """Damage, and tell what was found."""
    given = arguments()
    return verbs.run(lambda console: run(given, console), "refused", "what was damaged so far is not told")


def run(given: argparse.Namespace, console: Console) -> int:
    """The whole of it; whether anything was not found."""
    known = loaded.repository()
    read = inputs.read(Places())
    made = package.build(read)
    own = mutants.bench(known, made, read.carried)
    drawn = list(mutants.mutants(known, made.frames, given.rows, random.Random(given.seed)))
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("mutants", total=len(drawn))
        judged = list(mutants.survey(own, drawn, lambda: progress.advance(task)))
    tell(judged, console)
    if given.checks:
        for check, count in Counter(one.check for one in judged if one.check).most_common():
            console.print(f"{count:6} {check}")
    return int(any(one.found is Found.NOT for one in judged))


def tell(judged: Sequence[Judged], console: Console) -> None:
    """The matrix, and what only the rebuild finds."""
    table = Table(
        title="found by a check / by the rebuild alone / by nothing", title_justify="left", box=None
    )
    table.add_column("table", no_wrap=True)
    for kind in Kind:
        table.add_column(kind.value, justify="right", no_wrap=True)
    counts = Counter((one.mutant.table, one.mutant.kind, one.found) for one in judged)
    for name in dict.fromkeys(one.mutant.table for one in judged):
        cells = []
        for kind in Kind:
            own = [counts[name, kind, found] for found in Found]
            coloured = (f"[{SHORT[found]}]{one}[/]" for found, one in zip(Found, own, strict=True))
            cells.append("/".join(coloured) if any(own) else "")
        table.add_row(name, *cells)
    console.print(table, soft_wrap=False)
    alone = Counter((one.mutant.name, one.mutant.kind) for one in judged if one.found is Found.BY_REBUILD)
    console.print(
        "[yellow]found by the rebuild alone[/]" if alone else "nothing is found by the rebuild alone"
    )
    for (name, kind), count in sorted(alone.items()):
        console.print(f"  {name} {kind.value}: {count}")
    for one in judged:
        if one.found is Found.NOT:
            console.print(
                f"[bold red]found by nothing[/] {one.mutant.name} {one.mutant.kind}, row {one.mutant.row}"
            )
    totals = Counter(one.found for one in judged)
    console.print(f"{len(judged)} mutants: " + ", ".join(f"{totals[one]} {one.value}" for one in Found))


if __name__ == "__main__":
    sys.exit(main())
