"""A release written whole or not at all, in the place of the one before."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cables import checks, files
from cables.checks import fair as promises
from cables.checks import loaded
from cables.files import WriteError
from cables.model import InputErrors
from cables.release.contents import Release
from cables.release.names import ABOUT, BODY, SUMS
from cables.release.refusals import SHOWN, refused_checks


def check_out(out: Path) -> None:
    """Refuse a place that holds anything but a release, which is about to be replaced."""
    if not os.path.lexists(out):
        return
    expected = "expected a folder that is empty, or holds a release and nothing else"
    if out.is_symlink() or not out.is_dir():
        raise WriteError(out, "this is no folder", expected)
    there = set(os.listdir(out))
    if there and not {ABOUT, SUMS} <= there:
        raise WriteError(out, "this is no release", expected)
    listed = files.read_bytes(out / SUMS).decode(errors="replace").splitlines() if there else []
    foreign = sorted(there - {line.partition("  ")[2] for line in listed} - {SUMS, BODY})
    if foreign:
        more = f" and {len(foreign) - SHOWN} more" if len(foreign) > SHOWN else ""
        found = f"holds {', '.join(foreign[:SHOWN])}{more}, which no release lists"
        raise WriteError(out, files.printable(found), expected)


@contextmanager
def standing_aside(out: Path) -> Iterator[Path]:
    """Where to complete a release beside its place; in the end nothing is left there.

    What was replaced stands beside too until its successor is in place, so that a command that was cut off
    anywhere leaves the one or the other, and the next one clears up before it looks for uncommitted files.
    """
    beside, before = (out.with_name(f".{out.name}.{what}") for what in ("part", "old"))
    try:
        try:
            _clear(out, beside, before)
            yield beside
        finally:
            _clear(out, beside, before)
    except OSError as error:
        raise WriteError(error.filename or out, str(error.strerror), "no release was made") from error


def _clear(out: Path, beside: Path, before: Path) -> None:
    """Put a release back that has no successor; remove what stands beside."""
    if os.path.lexists(before) and not os.path.lexists(out):
        os.replace(before, out)
    for left in (beside, before):
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)


def put_in_place(made: Release, out: Path, beside: Path, known: loaded.Repository) -> None:
    """Write a release beside its place, hold it to its promises, and only then let it take the place."""
    beside.mkdir(parents=True)
    for name, data in made.files.items():
        files.write_file(beside / name, data)
    broken = refused_checks(promises.prove(promises.load(beside, known), checks.CHECKS))
    if broken:
        raise InputErrors(broken)
    if out.exists():
        os.replace(out, out.with_name(f".{out.name}.old"))
    os.replace(beside, out)
