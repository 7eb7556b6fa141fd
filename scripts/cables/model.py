"""The frozen values that pass between the stages.

Lines are counted from 1. Offsets are Unicode code points from 0, the end exclusive, in the line (or
paragraph) that the value names. Every range of lines is inclusive.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar


class InputError(Exception):
    """A source or an authored file that cannot be read; speaks to the person who can mend it."""

    def __init__(self, file: str, line: int, found: str, expected: str) -> None:
        super().__init__(f"{file}:{line}: {found}; expected {expected}")
        self.file = file
        self.line = line
        self.found = found
        self.expected = expected


class InputErrors(Exception):
    """All that is wrong with the input of one record or one folder, not the first thing only."""

    def __init__(self, errors: Sequence[InputError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = tuple(errors)


T = TypeVar("T")


@dataclass(slots=True)
class Refused:
    """Everything that was refused in one run, so that all of it can be told at once."""

    errors: list[InputError] = field(default_factory=list)

    def collect(self, read: Callable[[], T], otherwise: T) -> T:
        """What `read` gives; where it refuses, the refusal is kept and `otherwise` stands in."""
        try:
            return read()
        except InputError as refused:
            self.errors.append(refused)
        except InputErrors as refused:
            self.errors.extend(refused.errors)
        return otherwise

    def raise_all(self) -> None:
        """Raises what was refused, if anything was."""
        if self.errors:
            raise InputErrors(self.errors)


class LineEnd(StrEnum):
    """How a physical line ends in the source file."""

    LF = "lf"
    CRLF = "crlf"
    CR = "cr"
    NONE = "none"


class Layout(StrEnum):
    """The two forms in which the archive's exports come."""

    MARKDOWN = "markdown"
    PDF_TEXT = "pdf_text"


class Side(StrEnum):
    """Which of a record's two texts: the one that the archive presents first, or its translation."""

    ORIGINAL = "original"
    TRANSLATION = "translation"

    @property
    def letter(self) -> str:
        """The side's letter in an id."""
        return self.value[0]


class Zone(StrEnum):
    """What part of the record a line belongs to (closed list; defined in `codes`)."""

    CATALOGUE = "catalogue"
    FORM = "form"
    MARKING = "marking"
    NOTE = "note"
    DISTRIBUTION = "distribution"
    PAGE_HEADER = "page_header"
    MESSAGE = "message"
    LETTER_OPENER = "letter_opener"
    LETTER_BODY = "letter_body"
    LETTER_CLOSER = "letter_closer"
    SIGNATURE = "signature"
    BLANK = "blank"


PROSE_ZONES = frozenset({Zone.MESSAGE, Zone.LETTER_BODY})
WITHOUT_SENTENCES = frozenset({Zone.DISTRIBUTION, Zone.PAGE_HEADER, Zone.MARKING})


class Join(StrEnum):
    """How a span joins the next one of its paragraph."""

    SPACE = "space"
    NOTHING = "nothing"
    SOFT_HYPHEN = "soft_hyphen"
    HARD_HYPHEN = "hard_hyphen"
    END = "end"


class Basis(StrEnum):
    """On what a cell rests."""

    READ = "read"
    INFERRED = "inferred"
    CURATED = "curated"


@dataclass(frozen=True, slots=True)
class Line:
    """A physical line of the source: `text` without its end, exact."""

    number: int
    text: str
    end: LineEnd


@dataclass(frozen=True, slots=True)
class Source:
    """One source file, decoded: its lines and whether a byte order mark stood before them."""

    name: str
    data: bytes
    lines: tuple[Line, ...]
    byte_order_mark: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of one physical line and the words that stand there."""

    line: int
    start: int
    end: int
    as_written: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A value for a table, where it was read, and on what it rests.

    A value that is read has at least one place. One that is inferred or curated gives its reason.
    """

    value: str | int | bool
    places: tuple[Place, ...] = ()
    basis: Basis = Basis.READ
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something a machine finds doubtful: a warning, never a correction."""

    kind: str
    first_line: int
    last_line: int
    side: str
    quote: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one line that belongs to a paragraph, and how it joins the next."""

    line: int
    start: int
    end: int
    join: Join


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of prose, a form line, or one cell of the distribution list.

    `fields` are the form fields that its lines carry, in order, as the vocabulary names them.
    """

    paragraph_id: str
    side: Side
    zone: Zone
    letter: bool
    text: str
    spans: tuple[Span, ...]
    fields: tuple[str, ...] = ()

    @property
    def first_line(self) -> int:
        """The number of the line on which the paragraph begins."""
        return self.spans[0].line

    @property
    def last_line(self) -> int:
        """The number of the line on which the paragraph ends."""
        return self.spans[-1].line


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: a stretch of its paragraph's text."""

    sentence_id: str
    paragraph_id: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Unit:
    """What the aligner sees of a paragraph or a sentence.

    `keys` are what it *is*, the same in both texts (a form field, a copy's number); units without keys
    are aligned by order, length and anchors.
    """

    unit_id: str
    zone: Zone
    text: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A correspondence between units of the two texts; one side may be empty, never both.

    `method` names how it was found, `score` how sure it is, from 0 to 1 (None where nothing was weighed).
    """

    original: tuple[str, ...]
    translation: tuple[str, ...]
    zone: Zone
    method: str
    score: float | None = None

    @property
    def type(self) -> str:
        """Members on either side: `1-1`, `2-1`, `1-0` …"""
        return f"{len(self.original)}-{len(self.translation)}"


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet of the text that prints their numbers: first and last non-blank line, and how its beginning
    is known."""

    number: int
    header: tuple[Place, ...]
    first_line: int
    last_line: int
    boundary: Basis
    evidence: str
