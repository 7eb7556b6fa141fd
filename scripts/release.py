"""Make a release of this repository: flat files, their hashes, one archive of all, and what proves them.

It is refused when anything is uncommitted, when the changelog does not tell of the version under its
day, when the version is a smaller step than the changes since the previous release demand (versions that
begin with 0 are no exception) or of a day before it, when a check fails, and when a file holds words for
something still to be filled in. The previous release is that of the highest lower tag, unless one is named,
after which there may be no other. A release that is refused or cut off leaves the one that was there. Exit
status: 0 made, 1 refused (all reasons are told), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from cables import inputs, release, verbs
from cables.files import printable
from cables.release import Release


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = verbs.parser(__doc__)
    parser.add_argument(
        "--out", type=Path, metavar="DIR", default=inputs.REPOSITORY / "dist", help="default: dist"
    )
    parser.add_argument(
        "--previous", type=Path, metavar="FILE", help="folder or zip of the release before (default: its tag)"
    )
    return parser.parse_args()


def main() -> int:
    """Release, and say what was made."""
    given = arguments()
    return verbs.run(lambda console: run(given, console), "not released", "nothing was released")


def run(given: argparse.Namespace, console: Console) -> int:
    """The whole of it."""
    with console.status("building, proving"):
        made = release.release(inputs.REPOSITORY, given.out, given.previous)
    tell(made, given.out, console)
    return 0


def tell(made: Release, out: Path, console: Console) -> None:
    """What was made, and what it changes."""
    size = sum(map(len, made.files.values()))
    since = "the first release"
    if made.difference:
        step, number = made.difference.step.word, len(made.difference.changes)
        since = f"{number} change{'s' * (number != 1)} since {made.difference.old.version}, a {step} step"
    said = f"{made.name} {made.version}: {len(made.files)} files, {size} bytes in {printable(out)}; {since}"
    console.print(f"[bold]released[/] {escape(said)}")


if __name__ == "__main__":
    sys.exit(main())
