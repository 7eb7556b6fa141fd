"""Prove a package: hold it to every check, and tell all that is found.

Without a folder it proves this repository's package. A folder that holds a release is held to what a release
promises, and to the checks that look at tables alone. Warnings and notices tell what is remarkable, above
all in the source itself; only errors make a package invalid. Exit status: 0 valid, 1 errors or an unreadable
folder, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from cables import checks, files, inputs, verbs
from cables.checks import fair, loaded
from cables.checks.registry import Outcome, Verdict, judge
from cables.files import printable

STYLES = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "bold red",
    Outcome.WARNED: "yellow",
    Outcome.NOTICED: "cyan",
    Outcome.NOT_RUN: "dim",
}
# So many findings of one check are printed; --json holds them all.
PRINTED = 50


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = verbs.parser(__doc__)
    parser.add_argument("folder", type=Path, nargs="?", metavar="DIR", default=inputs.REPOSITORY)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the verdicts to a file as JSON")
    return parser.parse_args()


def main() -> int:
    """Prove, and say what was found."""
    given = arguments()
    return verbs.run(lambda console: run(given, console), "not proved", "nothing is proved")


def run(given: argparse.Namespace, console: Console) -> int:
    """The whole of it; whether anything failed."""
    verdicts = prove(given.folder, console)
    if given.json:
        files.write_file(given.json, as_json(verdicts))
    tell(verdicts, console)
    return int(any(one.outcome is Outcome.FAILED for one in verdicts))


def prove(folder: Path, console: Console) -> tuple[Verdict, ...]:
    """The verdict of every check. Raises InputError where there is no such folder."""
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("reading", total=None)
        if fair.is_release(folder):
            return fair.prove(fair.load(folder, loaded.repository()), checks.CHECKS)
        package = loaded.load(folder, loaded.repository())
        progress.update(task, description="checking", total=len(checks.CHECKS))
        verdicts = []
        for check in checks.CHECKS:
            progress.update(task, description=check.id)
            verdicts.append(judge(check, package))
            progress.advance(task)
    return tuple(verdicts)


def tell(verdicts: Sequence[Verdict], console: Console) -> None:
    """The verdicts, and below them what was found."""
    tell_all(verdicts, console)
    for one in verdicts:
        for finding in one.findings[:PRINTED]:
            where = printable(f"{finding.file}:{finding.line}")
            words = printable(f"{finding.found}, expected {finding.expected}")
            console.print(f"[{STYLES[one.outcome]}]{escape(where)}[/]: {one.check.id}: {escape(words)}")
        if len(one.findings) > PRINTED:
            console.print(f"{one.check.id}: {len(one.findings) - PRINTED} more; --json FILE lists them all")
    counts = Counter(one.outcome for one in verdicts)
    console.print(", ".join(f"{counts[outcome]} {outcome.value}" for outcome in Outcome if counts[outcome]))


def tell_all(verdicts: Sequence[Verdict], console: Console) -> None:
    """A line a check: in a terminal a table in its width, in a log whole."""
    if not console.is_terminal:
        for one in verdicts:
            console.print(f"{one.check.id:<24} {verdict(one):<12} {promise(one)}", markup=False)
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("check", style="bold", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("what is promised")
    for one in verdicts:
        table.add_row(one.check.id, f"[{STYLES[one.outcome]}]{verdict(one)}[/]", escape(promise(one)))
    console.print(table, soft_wrap=False)


def verdict(one: Verdict) -> str:
    """How the package came off, in a word or two."""
    return f"{one.outcome.value} ({len(one.findings)})" if one.findings else one.outcome.value


def promise(one: Verdict) -> str:
    """What a check promises; or why it was not run."""
    return printable(one.reason) if one.reason is not None else one.check.promise


def as_json(verdicts: Sequence[Verdict]) -> bytes:
    """The verdicts for a machine."""
    rows = [
        {
            "check": one.check.id,
            "level": one.check.level.value,
            "promise": one.check.promise,
            "verdict": one.outcome.value,
            "reason": one.reason,
            "findings": [
                {"file": each.file, "line": each.line, "found": each.found, "expected": each.expected}
                for each in one.findings
            ],
        }
        for one in verdicts
    ]
    valid = all(one.outcome is not Outcome.FAILED for one in verdicts)
    return (json.dumps({"valid": valid, "checks": rows}, ensure_ascii=False, indent=2) + "\n").encode(
        errors="backslashreplace"
    )


if __name__ == "__main__":
    sys.exit(main())
