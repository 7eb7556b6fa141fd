"""The zone of every line; pages.

A text is read block by block (lines between blank ones). Cues of the vocabulary give the lines of the
form; what no cue knows is prose or form by its words and by what has gone before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import ClassVar

from cables.folding import fold
from cables.lines import blocks, content, is_blank
from cables.model import Basis, Doubt, Line, Page, Place, Side, Zone
from cables.record import Record, Text, whole
from cables.vocabulary import Cue, FormField, Vocabulary

WORDS_OF_PROSE = 8
WORDS_OF_A_SIGNATURE = 3
WORD = re.compile(r"[^\W\d_]{2,}")
SENTENCE_END = re.compile(r"[.!?:;…][\"»”)\]]*\s*$")
OPENING_QUOTE = re.compile(r"^[\"«“]")
CLOSING_QUOTE = re.compile(r"[\"»”]\.?$")
RUNNING_LINE = 1.3
LINES_OF_A_BROKEN_BLOCK = 3
# After one of these, lines of numbers and names are a distribution list.
COPIES = frozenset({"copies_printed", "copies_heading", "copies_unheaded"})
# Where a field of the form stands, before any distribution list too.
OF_A_FORM = frozenset({"form", "before_copies"})
FIGURE = re.compile(r"\d")
NO_NAME = re.compile(r"[\d!?:]")


@dataclass(frozen=True, slots=True)
class ZonedLine:
    """A line with its zone, its side, whether it belongs to the enclosed letter, and the form fields
    whose cues begin or stand on it."""

    number: int
    zone: Zone
    side: Side | None = None
    letter: bool = False
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Zones:
    """The zones of all lines of a record, in order, its sheets, and what is doubtful about them."""

    lines: tuple[ZonedLine, ...]
    pages: tuple[Page, ...]
    doubts: tuple[Doubt, ...]


class _Phase(Enum):
    FORM = auto()
    MESSAGE = auto()
    AFTER = auto()
    OPENER = auto()
    LETTER = auto()
    CLOSER = auto()


def read(record: Record, vocabulary: Vocabulary) -> Zones:
    """The zone of every line of a record, and its sheets."""
    zoned = {line.number: ZonedLine(line.number, _outside(line)) for line in record.source.lines}
    further: list[Doubt] = []
    for text in record.texts:
        lines = record.source.lines[text.first_line - 1 : text.last_line]
        reader = _Reader(text, lines, record, vocabulary)
        zoned |= {line.number: line for line in reader.read()}
        further += reader.doubts
    every = tuple(zoned[number] for number in sorted(zoned))
    pages, doubts = _pages(record, every, vocabulary)
    return Zones(every, pages, (*further, *doubts))


def _outside(line: Line) -> Zone:
    return Zone.BLANK if is_blank(line) else Zone.CATALOGUE


def folded_content(line: Line) -> str:
    """What stands on a line, as it is matched against cues."""
    return fold(" ".join(line.text[start:end] for start, end in content(line))).text


def matches(cue: Cue, text: str) -> bool:
    """Whether a cue stands in a folded text."""
    return cue.pattern.search(text) is not None


@dataclass(slots=True)
class _Reader:
    """Reads one text from top to bottom; what it remembers is what a reader would."""

    text: Text
    lines: Sequence[Line]
    record: Record
    vocabulary: Vocabulary
    phase: _Phase = _Phase.FORM
    addressed: bool = False
    signed: bool = False
    announced: bool = False
    copies: bool = False
    letter_signed: bool = False
    letter_dated: bool = False
    further: bool = False
    quoted_until: int = 0
    note_until: int = 0
    cues: tuple[Cue, ...] = ()
    has_form: bool = False
    parts: list[tuple[Line, ...]] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)

    def read(self) -> Iterator[ZonedLine]:
        self.cues = self.vocabulary.cues_for(self.text.language)
        self.parts = list(blocks(self.lines))
        self.has_form = len({name for block in self.parts for name in self._form_proofs(block[0])}) > 1
        for index, block in enumerate(self.parts):
            yield from self._block(index, block)

    def _form_proofs(self, line: Line) -> Iterator[str]:
        """The fields on a line that only a form has: a head, an event, a distribution list."""
        for one in self._fields(line, ("form",)):
            if one.event_type or one.identifier_scheme or one.zone is Zone.DISTRIBUTION:
                yield one.name

    def _fields(self, line: Line, wheres: Sequence[str]) -> list[FormField]:
        text = folded_content(line)
        found = [cue.field for cue in self.cues if cue.field.where in wheres and matches(cue, text)]
        return list(dict.fromkeys(found))

    def _wheres(self) -> tuple[str, ...]:
        if self.phase is _Phase.OPENER:
            return ("anywhere", "opener", "opened", "letter")
        if self.phase is _Phase.LETTER:
            return ("anywhere", "letter", "form")
        listed = ("after_copies",) if self.copies else ()
        form = ("form", *(listed or ("before_copies",)))
        if not self.has_form:
            return ("anywhere", *(form if self.phase is _Phase.FORM else listed))
        if self.phase is _Phase.CLOSER:
            return ("anywhere", *form, "letter", "opener")
        may_open = self.announced or self.phase is _Phase.AFTER
        return ("anywhere", *form, "opener") if may_open else ("anywhere", *form)

    def _block(self, index: int, block: tuple[Line, ...]) -> Iterator[ZonedLine]:
        if block[0].number <= self.note_until:
            yield from (self._zoned(line, Zone.NOTE, self._note_fields(line)) for line in block)
            return
        if self._opens_quoted_letter(index, block):
            self.phase = _Phase.OPENER
        found = self._found(block)
        if not self.copies and any(one.name in COPIES for fields in found.values() for one in fields):
            self.copies = True
            found = self._found(block)
        if any(found.values()):
            yield from self._known_block(block, found)
        else:
            zone = self._unknown_block(block, self._speech_ends(index))
            yield from (self._zoned(line, zone, []) for line in block)
        if self.quoted_until and block[-1].number >= self.quoted_until:
            self.quoted_until = 0
            self.phase = _Phase.AFTER if self.signed else _Phase.MESSAGE

    def _found(self, block: tuple[Line, ...]) -> dict[int, list[FormField]]:
        return {line.number: self._allowed(line, line is block[0]) for line in block}

    def _allowed(self, line: Line, first: bool) -> list[FormField]:
        fields = self._fields(line, self._wheres())
        if self.phase is _Phase.LETTER:
            # Inside a letter only its end, a sheet's header or a dated step of the form is believed.
            fields = [one for one in fields if one.where != "form" or (first and one.event_type)]
        elif self.phase is _Phase.MESSAGE and not first:
            fields = [one for one in fields if one.where not in OF_A_FORM or self._breaks_in(one)]
        return fields

    def _breaks_in(self, field: FormField) -> bool:
        """Whether a field is believed on any line of what looks like a message."""
        return field.zone is Zone.MARKING or (self.copies and field.zone is Zone.DISTRIBUTION)

    def _speech_ends(self, index: int) -> bool:
        """Whether the message has no more to say: the form follows, what it encloses, or nothing.

        Of several names one below the other the last is whose message it is.
        """
        following = self.parts[index + 1 : index + 2]
        if not following or any(self._found(following[0]).values()):
            return True
        text = " ".join(folded_content(line) for line in following[0])
        if _is_signature(following[0], text) or _is_name(following[0]):
            return False
        if len(WORD.findall(text)) >= WORDS_OF_PROSE:
            return self.announced
        return not SENTENCE_END.search(text) or bool(FIGURE.search(text))

    def _known_block(
        self, block: tuple[Line, ...], found: Mapping[int, list[FormField]]
    ) -> Iterator[ZonedLine]:
        zone: Zone | None = None
        for line in block:
            fields = found[line.number]
            if not fields and self.phase is _Phase.OPENER:
                # The line above has opened a letter, so more may be believed of this one.
                fields = self._allowed(line, False)
            if fields:
                zone = fields[0].zone
                self._remember(line, fields)
            elif zone is None:
                zone = self._unknown_block(block[:1], True)
            elif zone is Zone.LETTER_CLOSER or (self.phase is _Phase.CLOSER and zone is Zone.SIGNATURE):
                zone = Zone.SIGNATURE if _is_names(line) else zone
            yield self._zoned(line, zone, fields)

    def _remember(self, line: Line, fields: Sequence[FormField]) -> None:
        names = {one.name for one in fields}
        zone = fields[0].zone
        self.addressed |= any(name.startswith("addressee") for name in names)
        self.copies |= bool(names & COPIES)
        if zone is Zone.NOTE:
            self.note_until = self._end_of_note(line)
        self.letter_dated |= "written" in names
        if zone is Zone.LETTER_OPENER and self.phase is not _Phase.OPENER:
            self._open(line)
        elif zone is Zone.LETTER_CLOSER:
            self.phase = _Phase.CLOSER
        elif self.phase in (_Phase.LETTER, _Phase.CLOSER) and fields[0].where == "form":
            self.phase = _Phase.AFTER

    def _open(self, line: Line) -> None:
        """A letter begins; of a further one, which begins where another ends, no facts are read."""
        if self.phase is _Phase.CLOSER:
            self.further = True
            message = "a further letter begins here; what it says is kept, and no facts are read from it"
            quote = folded_content(line)
            self.doubts.append(
                Doubt("enclosure_unread", line.number, line.number, self.text.side.value, quote, message)
            )
        self.phase = _Phase.OPENER
        self.letter_signed = self.letter_dated = False

    def _unknown_block(self, block: tuple[Line, ...], ends: bool) -> Zone:
        if not self.has_form:
            self.phase = _Phase.MESSAGE
            return Zone.MESSAGE
        text = " ".join(folded_content(line) for line in block)
        prose = len(WORD.findall(text)) >= WORDS_OF_PROSE
        return self._IN_PHASE[self.phase](self, block, text, prose, ends)

    def _in_form(self, block: tuple[Line, ...], text: str, prose: bool, ends: bool) -> Zone:
        if self.addressed and _is_signature(block, text):
            self.signed = True
            self.phase = _Phase.AFTER
            return Zone.SIGNATURE
        said = self.addressed and len(WORD.findall(text)) > WORDS_OF_A_SIGNATURE - 1
        if prose or (said and SENTENCE_END.search(text) and not text.isupper()):
            self.phase = _Phase.MESSAGE
            self._listen(text)
            return Zone.MESSAGE
        return Zone.FORM

    def _in_message(self, block: tuple[Line, ...], text: str, prose: bool, ends: bool) -> Zone:
        if not prose and (_is_signature(block, text) or (ends and _is_name(block))):
            self.signed = True
            self.phase = _Phase.AFTER
            return Zone.SIGNATURE
        self._listen(text)
        return Zone.MESSAGE

    def _in_after(self, block: tuple[Line, ...], text: str, prose: bool, ends: bool) -> Zone:
        if not prose:
            return Zone.FORM
        self.phase = _Phase.LETTER if self.announced else _Phase.MESSAGE
        return Zone.LETTER_BODY if self.announced else Zone.MESSAGE

    def _in_opener(self, block: tuple[Line, ...], text: str, prose: bool, ends: bool) -> Zone:
        if not prose and block[-1].number != self.quoted_until:
            return Zone.LETTER_OPENER
        return self._in_letter(block, text, prose, ends)

    def _in_letter(self, block: tuple[Line, ...], text: str, prose: bool, ends: bool) -> Zone:
        self.phase = _Phase.LETTER
        if block[-1].number == self.quoted_until and len(WORD.findall(text)) <= WORDS_OF_A_SIGNATURE:
            return Zone.SIGNATURE
        return Zone.LETTER_BODY

    def _in_closer(self, block: tuple[Line, ...], text: str, prose: bool, ends: bool) -> Zone:
        if prose:
            self.phase = _Phase.MESSAGE
            return Zone.MESSAGE
        if self.letter_signed and self.letter_dated and not self.signed and _is_name(block):
            # The letter has its names and its date already: whoever signs now sends the cable.
            self.signed = True
            self.phase = _Phase.AFTER
            return Zone.SIGNATURE
        return Zone.SIGNATURE if all(_is_names(line) for line in block) else Zone.LETTER_CLOSER

    _IN_PHASE: ClassVar = {
        _Phase.FORM: _in_form,
        _Phase.MESSAGE: _in_message,
        _Phase.AFTER: _in_after,
        _Phase.OPENER: _in_opener,
        _Phase.LETTER: _in_letter,
        _Phase.CLOSER: _in_closer,
    }

    def _listen(self, text: str) -> None:
        self.announced |= any(matches(cue, text) for cue in self.cues if cue.field.name == "enclosure")

    def _opens_quoted_letter(self, index: int, block: tuple[Line, ...]) -> bool:
        """Whether a quotation begins here that ends with a later block: the words of somebody else."""
        if not self.has_form or self.quoted_until or self.phase in (_Phase.OPENER, _Phase.LETTER):
            return False
        first = folded_content(block[0])
        if not OPENING_QUOTE.match(first) or CLOSING_QUOTE.search(folded_content(block[-1])):
            return False
        ends = [one for one in self.parts[index + 1 :] if CLOSING_QUOTE.search(folded_content(one[-1]))]
        self.quoted_until = ends[-1][-1].number if ends else 0
        return bool(ends)

    def _end_of_note(self, line: Line) -> int:
        """The last line of a note in brackets that begins here; one never closed ends at the form's head."""
        depth = 0
        for later in self.lines[line.number - self.text.first_line :]:
            depth += later.text.count("[") - later.text.count("]")
            if depth <= 0:
                return later.number
            if any(one.name == "cable_number" for one in self._fields(later, ("form",))):
                return later.number - 1
        return next(block[-1].number for block in self.parts if line in block)

    def _note_fields(self, line: Line) -> list[FormField]:
        return self._fields(line, ("note",))

    def _zoned(self, line: Line, zone: Zone, fields: Sequence[FormField]) -> ZonedLine:
        in_letter = self.phase in (_Phase.OPENER, _Phase.LETTER, _Phase.CLOSER)
        self.letter_signed |= in_letter and zone is Zone.SIGNATURE
        if self.further and in_letter and zone is not Zone.PAGE_HEADER:
            zone, fields = (Zone.LETTER_CLOSER if zone is Zone.SIGNATURE else zone), []
        extra = self._note_fields(line) if zone is Zone.NOTE else []
        names = tuple(dict.fromkeys(one.name for one in (*fields, *extra)))
        letter = in_letter and zone not in (Zone.PAGE_HEADER, Zone.FORM, Zone.MARKING, Zone.MESSAGE)
        return ZonedLine(line.number, zone, self.text.side, letter, names)


def _is_signature(block: tuple[Line, ...], text: str) -> bool:
    words = WORD.findall(text)
    return len(block) == 1 and 0 < len(words) <= WORDS_OF_A_SIGNATURE and text.isupper()


def _is_name(block: tuple[Line, ...]) -> bool:
    """Whether one name stands alone."""
    return (
        len(block) == 1
        and len(WORD.findall(folded_content(block[0]))) <= WORDS_OF_A_SIGNATURE
        and _is_names(block[0])
    )


def _is_names(line: Line) -> bool:
    """Whether nothing but names stands on a line: every word capitalised or in capitals, no figures, no
    salutation."""
    text = folded_content(line)
    words = WORD.findall(text)
    return bool(words) and all(one[0].isupper() for one in words) and not NO_NAME.search(text)


# --- sheets ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Header:
    number: int
    lines: tuple[int, ...]


def _pages(
    record: Record, zoned: Sequence[ZonedLine], vocabulary: Vocabulary
) -> tuple[tuple[Page, ...], tuple[Doubt, ...]]:
    """The sheets of the text that prints their numbers; those without a header are inferred."""
    for text in record.texts:
        own = [one for one in zoned if text.first_line <= one.number <= text.last_line]
        headers = _headers(own, record, vocabulary)
        if headers:
            return _sheets(headers, own, text, record)
    return (), ()


def _headers(zoned: Sequence[ZonedLine], record: Record, vocabulary: Vocabulary) -> tuple[_Header, ...]:
    found: list[_Header] = []
    for one in (line for line in zoned if line.zone is Zone.PAGE_HEADER):
        number = _sheet_number(record.source.lines[one.number - 1], vocabulary)
        if number is not None:
            found.append(_Header(number, (one.number,)))
        elif found:
            found[-1] = _Header(found[-1].number, (*found[-1].lines, one.number))
    return tuple(found)


def _sheet_number(line: Line, vocabulary: Vocabulary) -> int | None:
    text = folded_content(line)
    for cue in vocabulary.cues:
        if cue.field.name == "sheet" and (found := cue.pattern.search(text)):
            return int(found["number"])
    return None


@dataclass(frozen=True, slots=True)
class _Start:
    number: int
    line: int
    header: _Header | None
    evidence: str


def _sheets(
    headers: Sequence[_Header], zoned: Sequence[ZonedLine], text: Text, record: Record
) -> tuple[tuple[Page, ...], tuple[Doubt, ...]]:
    filled = [one.number for one in zoned if one.zone is not Zone.BLANK]
    starts: list[_Start] = []
    doubts: list[Doubt] = []
    if headers[0].number > 1 and headers[0].lines[0] > text.first_line:
        evidence = f"what precedes the header of sheet {headers[0].number} on line {headers[0].lines[0]}"
        starts.append(_Start(1, text.first_line, None, evidence))
    for header in headers:
        if starts:
            added, doubt = _unmarked(starts[-1], header, filled, text.side, record)
            starts += added
            doubts += doubt
        starts.append(_Start(header.number, header.lines[0], header, f"header on line {header.lines[0]}"))
    ends = [*(start.line for start in starts[1:]), text.last_line + 1]
    pages = tuple(
        _page(start, max(one for one in filled if one < end), record)
        for start, end in zip(starts, ends, strict=True)
    )
    return pages, tuple(doubts)


def _unmarked(
    before: _Start, header: _Header, filled: Sequence[int], side: Side, record: Record
) -> tuple[list[_Start], list[Doubt]]:
    """A sheet whose header is missing between two others begins where the setting of the lines changes."""
    missing = header.number - before.number - 1
    if missing <= 0:
        return [], []
    number = before.number + 1
    between = [one for one in filled if before.line <= one < header.lines[0]]
    change = _change_of_setting(between, record) if missing == 1 and between else None
    message = f"no header of sheet {number} between sheet {before.number} and sheet {header.number}"
    if change is None:
        return [], [Doubt("sheet_missing", before.line, header.lines[0], side.value, None, message)]
    evidence = (
        f"headers of sheets {before.number} and {header.number} are printed, none between; "
        f"from line {change} on the lines are no longer broken as on sheet {before.number}"
    )
    return [_Start(number, change, None, evidence)], [
        Doubt("sheet_missing", change, change, side.value, None, message)
    ]


def _change_of_setting(numbers: Sequence[int], record: Record) -> int | None:
    """The first line far longer than the width to which the blocks before it were broken."""
    width = 0
    for block in blocks(record.source.lines[number - 1] for number in _with_blanks(numbers)):
        longest = max(len(line.text.rstrip()) for line in block)
        if width and longest > RUNNING_LINE * width:
            return block[0].number
        if len(block) >= LINES_OF_A_BROKEN_BLOCK:
            width = max(width, longest)
    return None


def _with_blanks(numbers: Sequence[int]) -> range:
    """All line numbers from the first to the last, blank lines included."""
    return range(numbers[0], numbers[-1] + 1)


def _page(start: _Start, last_line: int, record: Record) -> Page:
    header: tuple[Place, ...] = ()
    if start.header is not None:
        lines = [record.source.lines[number - 1] for number in start.header.lines]
        joined = [whole([line], record.source) for line in lines]
        header = tuple(place for one in joined for place in one.places(0, len(one.text)))
    basis = Basis.READ if start.header else Basis.INFERRED
    return Page(start.number, header, start.line, last_line, basis, start.evidence)
