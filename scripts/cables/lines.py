"""Bytes ⇄ numbered lines, exact.

Only LF, CR LF and CR end a line; form feeds and other separators belong to the text of theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cables.folding import Folded, fold
from cables.model import InputError, Join, Line, LineEnd, Place, Source, Span

BYTE_ORDER_MARK = "\ufeff".encode()
ENDS = {LineEnd.LF: "\n", LineEnd.CRLF: "\r\n", LineEnd.CR: "\r", LineEnd.NONE: ""}
NAMES = {characters: end for end, characters in ENDS.items()}
# Two asterisks are the export's bold type (four: of nothing); one, or a line of three, the document's own.
BOLD = r"(?<!\*)(?:\*\*){1,2}(?!\*)"
BOLD_OR_CONTENT = re.compile(rf"{BOLD}|(?P<content>(?:(?!{BOLD})[\s\S])+)")
PHYSICAL_LINE = re.compile(r"([^\r\n]*)(\r\n|\n|\r)|([^\r\n]+)\Z")


def split(text: str) -> tuple[Line, ...]:
    """The physical lines of a text, numbered from 1; `join` gives the text back exactly."""
    return tuple(
        Line(number, match[1] if match[3] is None else match[3], NAMES[match[2] or ""])
        for number, match in enumerate(PHYSICAL_LINE.finditer(text), start=1)
    )


def join(lines: Iterable[Line]) -> str:
    """The text of which these are the lines."""
    return "".join(line.text + ENDS[line.end] for line in lines)


def rebuild(lines: Iterable[Line], byte_order_mark: bool) -> bytes:
    """The source file, byte for byte."""
    return (BYTE_ORDER_MARK if byte_order_mark else b"") + join(lines).encode()


def read(name: str, data: bytes) -> Source:
    """The lines of a source file in UTF-8.

    Raises InputError for an empty file, for bytes that are not UTF-8 and for NUL, with the line.
    """
    if not data.strip():
        raise InputError(name, 1, "the file is empty", "an export of the archive as text")
    text = _decode(name, data)
    if (nul := text.find("\0")) >= 0:
        line = len(split(text[:nul] + "x"))
        raise InputError(name, line, "a NUL character", "text without NUL characters")
    has_mark = data.startswith(BYTE_ORDER_MARK)
    return Source(name, data, split(text.removeprefix("\ufeff") if has_mark else text), has_mark)


def _decode(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = len(split(data[: error.start].decode("utf-8") + "x"))
        found = f"byte {error.start} (0x{data[error.start]:02x}) is not UTF-8{_guess(data)}"
        raise InputError(name, line, found, "text in UTF-8") from None


def _guess(data: bytes) -> str:
    """A hint for whoever has to convert the file; nothing is decoded by it."""
    if b"\0" in data:
        return " (looks like a binary file)"
    high = [byte for byte in data if byte >= 0x80]
    cyrillic_in_cp1251 = sum(byte >= 0xC0 for byte in high)
    if len(high) > len(data) / 10 and cyrillic_in_cp1251 > 0.9 * len(high) and not _mostly_utf8(data):
        return " (looks like cp1251)"
    return ""


def _mostly_utf8(data: bytes) -> bool:
    return data.decode("utf-8", errors="replace").count("\ufffd") < len(data) / 100


@dataclass(frozen=True, slots=True)
class Joined:
    """Stretches of lines joined to one text; every character knows its line and offset (or is a joint)."""

    text: str
    origins: tuple[tuple[int, int] | None, ...]
    folded: Folded
    lines: Sequence[Line]

    def places(self, start: int, end: int) -> tuple[Place, ...]:
        """Where `text[start:end]` stands in the source: one place a line, in order."""
        by_line: dict[int, list[int]] = {}
        for origin in self.origins[start:end]:
            if origin is not None:
                by_line.setdefault(origin[0], []).append(origin[1])
        return tuple(self._place(line, offsets[0], offsets[-1] + 1) for line, offsets in by_line.items())

    def _place(self, line: int, start: int, end: int) -> Place:
        return Place(line, start, end, self.lines[line - 1].text[start:end])

    def matched(self, start: int, end: int) -> tuple[Place, ...]:
        """Where the stretch of the folded text from `start` to `end` stands in the source."""
        return self.places(*self.folded.origin(start, end))

    def written(self, start: int, end: int) -> str:
        """The words of the joined text behind a stretch of the folded text."""
        first, last = self.folded.origin(start, end)
        return self.text[first:last]


def joined(lines: Sequence[Line], spans: Sequence[Span]) -> Joined:
    """The text of spans, as their joins say; `lines` are those of the whole source, in order."""
    characters: list[str] = []
    origins: list[tuple[int, int] | None] = []
    for span in spans:
        characters.append(lines[span.line - 1].text[span.start : span.end])
        origins.extend((span.line, offset) for offset in range(span.start, span.end))
        if span.join is Join.SPACE:
            characters.append(" ")
            origins.append(None)
    text = "".join(characters)
    return Joined(text, tuple(origins), fold(text), lines)


def content(line: Line) -> tuple[tuple[int, int], ...]:
    """The stretches of a line that are the document's: without outer space and the export's `**`."""
    pieces = [match.span("content") for match in BOLD_OR_CONTENT.finditer(line.text) if match["content"]]
    return tuple(piece for piece in (_trim(line.text, *span) for span in pieces) if piece[0] < piece[1])


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


def is_blank(line: Line) -> bool:
    """Whether nothing stands on the line but space and the export's `**`."""
    return not content(line)


def blocks(lines: Iterable[Line]) -> Iterator[tuple[Line, ...]]:
    """Runs of lines without a blank line or form feed between them."""
    block: list[Line] = []
    for line in lines:
        if block and (is_blank(line) or line.text.startswith("\f")):
            yield tuple(block)
            block = []
        if not is_blank(line):
            block.append(line)
    if block:
        yield tuple(block)
