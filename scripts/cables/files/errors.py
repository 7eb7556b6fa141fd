"""What goes wrong with a file or a folder, said to the person who can mend it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

AS_IT_WAS = "the package there is as it was"
HALF = "the package there is half replaced: build again to finish it"
LEFT = "it is left behind and does no harm"
WHOLE = "the package there is new and whole; the next build removes what is left of this one"


class WriteError(Exception):
    """A package that cannot be written; says where, why, and in what state its folder is."""

    def __init__(self, path: str | Path, found: str, outcome: str) -> None:
        super().__init__(f"{printable(path)}: {found}; {outcome}")
        self.path = Path(path)
        self.found = found
        self.outcome = outcome


def printable(text: str | Path) -> str:
    """The text with every character that a terminal would obey, or cannot show, written out as `\\x1b`."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in str(text)
    )


def reason(error: OSError) -> str:
    """What the system says of an error, and the name by which it can be looked up."""
    if error.errno is None:
        return printable(str(error))
    return f"{os.strerror(error.errno)} ({errno.errorcode.get(error.errno, error.errno)})"


@contextmanager
def at(path: Path) -> Iterator[None]:
    """Let errors of the system name this path, and not the number under which it is staged."""
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        raise


@contextmanager
def told(target: Path, outcome: str) -> Iterator[None]:
    """Turn errors of the system into ones that say where they arose and how the package stands."""
    try:
        yield
    except OSError as error:
        notes = "".join(f"; {note}" for note in getattr(error, "__notes__", ()))
        raise WriteError(error.filename or target, reason(error) + notes, outcome) from error
