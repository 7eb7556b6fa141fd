"""Build the package: read the exports, make every table and file, put them in place.

Without arguments it builds this repository's package into this repository. Into another folder it writes a
package that carries its own inputs. Exit status: 0 fine, 1 bad input or a package that cannot be written,
2 wrong usage.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from cables import files, inputs, package
from cables.files import WriteError, printable
from cables.inputs import Inputs, Places
from cables.model import InputErrors
from cables.package import Build


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--raw", type=Path, metavar="DIR", help="folder of exports (default: data/raw)")
    parser.add_argument(
        "--curation", type=Path, metavar="DIR", help="folder of decisions (default: data/curation)"
    )
    parser.add_argument("--package", type=Path, metavar="FILE", help="description (default: package.toml)")
    parser.add_argument("--out", type=Path, metavar="DIR", default=inputs.REPOSITORY, help="where to build")
    parser.add_argument("--keep-going", action="store_true", help="build the good sources, list the bad ones")
    return parser.parse_args()


def main() -> int:
    """Build, and say what was done."""
    given = arguments()
    console = Console(soft_wrap=True, highlight=False)
    try:
        return run(given, console)
    except InputErrors as refused:
        tell_refused(console, refused)
    except WriteError as error:
        console.print(f"[red]not written[/] {escape(str(error))}")
    return 1


def run(given: argparse.Namespace, console: Console) -> int:
    """The build itself, a line a stage."""
    recovery = package.prepare(given.out)
    if recovery is not files.Recovery.NOTHING:
        console.print(f"[yellow]{recovery.value}[/] what an earlier build left unfinished")
    read = inputs.read(places(given))
    console.print(
        f"[bold]inputs[/]   {len(read.sources)} sources, {decisions(read)} decisions, "
        f"{len(read.tables)} tables"
    )
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("reading", total=len(read.sources))
        made = package.build(read, given.keep_going, lambda record_id: progress.advance(task))
    tell(console, made)
    changes = package.write(made, read, given.out)
    console.print(
        f"[bold]files[/]    {changes.written} written, {changes.unchanged} unchanged, "
        f"{changes.removed} removed in {escape(printable(given.out))}"
    )
    if made.refused:
        tell_refused(console, InputErrors(made.refused))
        return 1
    return 0


def places(given: argparse.Namespace) -> Places:
    """Where the inputs are, as asked for."""
    asked = {"raw": given.raw, "curation": given.curation, "package": given.package}
    return Places(**{name: path.resolve() for name, path in asked.items() if path is not None})


def decisions(read: Inputs) -> int:
    """How many rows of curation there are."""
    return sum(len(rows) for rows in read.curation.values())


def tell(console: Console, made: Build) -> None:
    """What was read, and the rows of every table."""
    for one in made.readings:
        texts = (
            " and ".join(f"{text.side.value} ({text.language or 'unknown'})" for text in one.record.texts)
            or "no text"
        )
        console.print(
            f"[bold]read[/]     {one.record.record_id}: {len(one.record.source.lines)} lines, {texts}, "
            f"{len(one.paragraphs)} paragraphs, {len(one.doubts)} doubts"
        )
    table = Table(title="rows per table", title_justify="left", box=None, pad_edge=False)
    for _ in range(3):
        table.add_column(style="cyan")
        table.add_column(justify="right")
    rows = [(name, str(frame.height)) for name, frame in made.frames.items()]
    third = -(-len(rows) // 3)
    for index in range(third):
        cells = [rows[at] if at < len(rows) else ("", "") for at in (index, index + third, index + 2 * third)]
        table.add_row(*(part for cell in cells for part in cell))
    console.print(table)
    if made.decisions_elsewhere:
        console.print(
            f"[yellow]notice[/]   {made.decisions_elsewhere} decisions are about records not in this build"
        )


def tell_refused(console: Console, refused: InputErrors) -> None:
    """Everything that is wrong with the input, one to a line, without its control characters."""
    for error in refused.errors:
        console.print(f"[red]refused[/]  {escape(printable(str(error)))}")
    console.print(f"{len(refused.errors)} to mend")


if __name__ == "__main__":
    sys.exit(main())
