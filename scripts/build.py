"""Build the package: read the exports, make every table and file, put them in place.

Without arguments it builds this repository's package into this repository. Into another folder it writes a
package that carries its own inputs. Exit status: 0 fine, 1 bad input or a package that cannot be written,
2 wrong usage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from cables import files, inputs, package, verbs
from cables.files import printable
from cables.inputs import Inputs, Places
from cables.package import Build
from cables.pages import share
from cables.schemas import Json
from cables.verbs import say

# Two to a line: more do not fit a terminal of 80 columns.
ABREAST = 2


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = verbs.parser(__doc__)
    parser.add_argument("--raw", type=Path, metavar="DIR", help="folder of exports (default: data/raw)")
    parser.add_argument(
        "--curation", type=Path, metavar="DIR", help="folder of decisions (default: data/curation)"
    )
    parser.add_argument("--package", type=Path, metavar="FILE", help="description (default: package.toml)")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        default=inputs.REPOSITORY,
        help="where to build (default: this repository)",
    )
    parser.add_argument("--keep-going", action="store_true", help="build the good sources, list the bad ones")
    given = parser.parse_args()
    if given.raw is not None and package.is_here(given.out) and given.raw.resolve() != Places().raw:
        parser.error("--raw needs --out: the package in this repository is made from its own data/raw")
    return given


def main() -> int:
    """Build, and say what was done."""
    given = arguments()
    stopped = "the next build discards or finishes what was begun"
    return verbs.run(lambda console: run(given, console), "refused", stopped)


def run(given: argparse.Namespace, console: Console) -> int:
    """The build, where the disk bears it."""
    try:
        return build(given, console)
    except OSError as error:
        # Not of the package, which raises WriteError: of what a library keeps on the disk meanwhile.
        say(console, "red", "not built", f"{printable(str(error))}; {files.AS_IT_WAS}")
        return verbs.REFUSED


def build(given: argparse.Namespace, console: Console) -> int:
    """The build itself, a line a stage."""
    recovery = package.prepare(given.out)
    if recovery is not files.Recovery.NOTHING:
        say(console, "yellow", "recovery", f"{recovery.value} what an earlier build left")
    read = inputs.read(places(given))
    say(
        console,
        "bold",
        "inputs",
        f"{counted(len(read.sources), 'source')}, {counted(words(read), 'row')} of vocabulary, "
        f"{counted(decisions(read), 'decision')}, {counted(len(read.tables), 'table')} to fill",
    )
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("reading", total=len(read.sources))
        made = package.build(read, given.keep_going, lambda record_id: progress.advance(task))
    tell(console, made)
    changes = package.write(made, read, given.out)
    say(
        console,
        "bold",
        "files",
        f"{changes.written} written, {changes.unchanged} unchanged, {changes.removed} removed "
        f"in {printable(given.out)}",
    )
    if made.refused:
        verbs.tell_refused(console, "refused", [one.error for one in made.refused])
        return verbs.REFUSED
    return 0


def places(given: argparse.Namespace) -> Places:
    """Where the inputs are, as asked for."""
    asked = {"raw": given.raw, "curation": given.curation, "package": given.package}
    return Places(**{name: path.resolve() for name, path in asked.items() if path is not None})


def words(read: Inputs) -> int:
    """How many rows of vocabulary there are."""
    return sum(len(rows) for rows in read.vocabulary_rows.values())


def decisions(read: Inputs) -> int:
    """How many rows of curation there are."""
    return sum(len(rows) for rows in read.curation.values())


def counted(number: int, thing: str, things: str | None = None) -> str:
    """`1 source`, `2 sources`, `2 discrepancies`."""
    return f"{number} {thing}" if number == 1 else f"{number} {things or thing + 's'}"


def lines(numbers: Sequence[int]) -> str:
    """`line 7`, `lines 7, 9`."""
    return f"{'line' if len(numbers) == 1 else 'lines'} {', '.join(map(str, numbers))}"


def tell(console: Console, made: Build) -> None:
    """What was read, and the rows of every table."""
    for one in made.readings:
        texts = (
            " and ".join(f"{text.side.value} ({text.language or 'unknown'})" for text in one.record.texts)
            or "no text"
        )
        say(
            console,
            "bold",
            "read",
            f"{one.record.record_id}: {counted(len(one.record.source.lines), 'line')}, {texts}, "
            f"{counted(len(one.paragraphs), 'paragraph')}, {counted(len(one.doubts), 'doubt')}",
        )
        if one.facts.unread:
            said = f"{one.record.record_id}: {lines(one.facts.unread)} of the form, in whole or in part"
            say(console, "yellow", "unread", said)
    for number, record_ids in package.shared_numbers(made.frames["identifiers"]):
        said = f"{', '.join(record_ids)} bear the same cable number {number}; each keeps ids of its own"
        say(console, "yellow", "warning", printable(said))
    if made.decisions_elsewhere:
        number = counted(made.decisions_elsewhere, "decision")
        say(console, "yellow", "notice", f"{number} about records that are not in this build")
    for record in made.quality["records"]:
        tell_measured(console, record)
    say(console, "bold", "tables", f"{sum(frame.height for frame in made.frames.values())} rows")
    console.print(rows_per_table(made))


def tell_measured(console: Console, record: Json) -> None:
    """The scores of both levels, and the discrepancies by class."""
    for level in (one for one in record["levels"] if one["pairs"]):
        say(console, "bold", "pairs", f"{record['record_id']}: {scores(level)}")
    found = record["discrepancies"]
    classes = ", ".join(f"{name} {number}" for name, number in found["class"].items())
    total = counted(found["total"], "discrepancy", "discrepancies") + (f" ({classes})" if classes else "")
    doubts = f"{record['doubts']['explained']} of {counted(record['doubts']['total'], 'doubt')} explained"
    say(console, "bold", "doubtful", f"{record['record_id']}: {total}; {doubts}")


def scores(level: Json) -> str:
    """How the machine's links of one level agree with the reviewed ones, beside lengths alone."""
    pairs = counted(level["pairs"], f"{level['level']} pair")
    if not level["machine"]:
        return f"{pairs}, none reviewed"
    strict, lax = level["machine"]["strict"], level["machine"]["lax"]
    other = level["gale_church"]
    beside = f"; plain Gale–Church F1 {share(other['strict']['f1'])}" if other else ""
    return (
        f"{pairs}, {level['reviewed']} reviewed; machine precision {share(strict['precision'])}, "
        f"recall {share(strict['recall'])}, F1 {share(strict['f1'])} (lax {share(lax['f1'])}){beside}"
    )


def rows_per_table(made: Build) -> Table:
    """The tables in their order, down the columns, each with its rows."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2))
    table.add_column(width=9)
    for _ in range(ABREAST):
        table.add_column(style="cyan", no_wrap=True)
        table.add_column(justify="right")
    rows = [(name, str(frame.height)) for name, frame in made.frames.items()]
    deep = -(-len(rows) // ABREAST)
    for index in range(deep):
        cells = [rows[at] for at in range(index, len(rows), deep)]
        table.add_row("", *(part for cell in cells for part in cell))
    return table


if __name__ == "__main__":
    sys.exit(main())
