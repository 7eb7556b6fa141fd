"""What all verbs of scripts/ share: a command line, a voice for every terminal, and how they end.

A verb tells everything that is refused, and no traceback of it; its exit status is 1 then, and 130 when the
person at the terminal stopped it.
"""

from __future__ import annotations

import argparse
import io
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cables.files import WriteError, printable
from cables.model import InputError, InputErrors

REFUSED = 1
STOPPED = 130
# A log has no width of its own, and some tables have more columns than the 80 that it would be given.
LOG_WIDTH = 160
LABEL = 11
# Longer lines are hard to read, however wide the terminal is.
WIDEST = 100


def parser(about: str | None) -> argparse.ArgumentParser:
    """A command line whose help is the docstring of its verb. What a terminal cannot show is written out."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    return argparse.ArgumentParser(
        description=_filled(about or ""), formatter_class=argparse.RawDescriptionHelpFormatter
    )


def _filled(text: str) -> str:
    """Paragraphs in the width of the terminal; lines that are set in stay as they are."""
    width = min(shutil.get_terminal_size().columns, WIDEST) - 2
    paragraphs = text.strip().split("\n\n")
    return "\n\n".join(
        one if re.search("^ ", one, re.MULTILINE) else textwrap.fill(one, width) for one in paragraphs
    )


def console() -> Console:
    """Where a verb speaks: a terminal, in its own width, or a log."""
    return Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else LOG_WIDTH)


def run(verb: Callable[[Console], int], refused: str, stopped: str) -> int:
    """Does what a verb does; its exit status.

    `refused` is the word for what cannot be done, `stopped` how things stand when a person breaks it off.
    """
    own = console()
    try:
        return verb(own)
    except InputErrors as errors:
        tell_refused(own, refused, errors.errors)
    except InputError as error:
        tell_refused(own, refused, [error])
    except WriteError as error:
        say(own, "red", "not written", printable(str(error)))
    except KeyboardInterrupt:
        say(own, "red", "stopped", stopped)
        return STOPPED
    return REFUSED


def tell_refused(own: Console, label: str, errors: Sequence[InputError]) -> None:
    """Everything that is wrong with the input, one to a line, without its control characters."""
    for error in errors:
        say(own, "red", label, printable(str(error)))
    own.print(f"{len(errors)} to mend")


def say(own: Console, style: str, label: str, text: str) -> None:
    """What it is about, and what there is to say: one line, which a terminal shows as a paragraph."""
    if not own.is_terminal:
        own.print(f"{label:<{LABEL - 1}} {text}", markup=False)
        return
    paragraph = Table.grid()
    paragraph.add_column(min_width=LABEL)
    paragraph.add_column(overflow="fold")
    paragraph.add_row(f"[{style}]{label}[/] ", escape(text))
    own.print(paragraph, soft_wrap=False)
