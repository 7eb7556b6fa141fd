"""What a machine can find doubtful, on any record: warnings, never corrections."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from cables import dates, ids
from cables.facts import Fact, Facts, Finding, century_of, find
from cables.folding import fold, is_invisible, mixed_script_words
from cables.model import Cell, Doubt, Link, Paragraph, Side, Zone
from cables.record import Record
from cables.vocabulary import Vocabulary
from cables.zones import Zones

STEPS = ("submitted", "received", "arrived", "deciphered", "typed")
WRITTEN_OUT = frozenset({Zone.MESSAGE, Zone.LETTER_BODY})
NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+|\d+")
WORD = re.compile(r"[^\W\d_]+")
PAIRS = {"(": ")", "[": "]", "«": "»", "“": "”", "{": "}"}
SAME_NAME = 0.5
DAY = re.compile(r"\d{4}-\d\d-\d\d")
LONGEST_NUMBER = 18
VALID_NUMBER = re.compile(r"\d[\w.-]*(?:/[\w.-]+)?")


@dataclass(frozen=True, slots=True)
class Read:
    """All that the stages before have made of a record."""

    record: Record
    zones: Zones
    paragraphs: Sequence[Paragraph]
    facts: Facts
    links: Sequence[Link]
    vocabulary: Vocabulary

    def lines_of(self, *cells: Cell | None) -> tuple[int, int]:
        """First and last line on which the cells were read."""
        numbers = [place.line for cell in cells if cell for place in cell.places]
        return (min(numbers), max(numbers)) if numbers else (1, 1)

    def side_of(self, line: int) -> str:
        """The side of the text that reaches over a line, or the catalogue."""
        for text in self.record.texts:
            if text.first_line <= line <= text.last_line:
                return text.side.value
        return "catalogue"


def find_all(read: Read) -> tuple[Doubt, ...]:
    """Everything doubtful, in the order of the lines it concerns."""
    found = [*read.record.doubts, *read.zones.doubts, *read.facts.doubts]
    for finder in FINDERS:
        found.extend(finder(read))
    return tuple(sorted(found, key=_place))


def _place(doubt: Doubt) -> tuple[int, int, str, str, str]:
    return doubt.first_line, doubt.last_line, doubt.kind, doubt.side, doubt.message


def doubt_ids(record_id: str, doubts: Sequence[Doubt]) -> tuple[str, ...]:
    """Ids by kind and line; several of a kind on one line are counted."""
    seen: Counter[str] = Counter()
    found = []
    for doubt in doubts:
        stem = ids.doubt(record_id, doubt.kind, doubt.side, doubt.first_line)
        seen[stem] += 1
        found.append(stem if seen[stem] == 1 else f"{stem}-{seen[stem]}")
    return tuple(found)


# --- dates and times ---------------------------------------------------------------------------------


def _impossible_catalogue_date(read: Read) -> Iterator[Doubt]:
    cell = read.record.catalogue.cells.get("date_as_written")
    found = dates.when(str(cell.value), read.vocabulary).date if cell else None
    if cell and found and found.impossible:
        line, last = read.lines_of(cell)
        message = "no such day in the calendar; the date stays empty"
        yield Doubt("date_impossible", line, last, "catalogue", str(cell.value), message)


def _order_of_steps(read: Read) -> Iterator[Doubt]:
    """A cable that goes out is received from its author before it is sent, so those two are not compared."""
    outgoing = any(fact.cells["scheme"].value == "outgoing_number" for fact in read.facts.of("identifiers"))
    steps = [
        fact
        for step in (STEPS[2:] if outgoing else STEPS)
        for fact in read.facts.of("events")
        if fact.cells["event_type"].value == step and {"date_edtf", "time"} <= fact.cells.keys()
    ]
    for before, after in itertools.pairwise(steps):
        if _moment(after) < _moment(before):
            side, line, last = _lines_of_one_side(read, before.cells["time"], after.cells["time"])
            names = [str(fact.cells["event_type"].value) for fact in (before, after)]
            message = f"{names[1]} at {_moment(after)} is earlier than {names[0]} at {_moment(before)}"
            yield Doubt("times_out_of_order", line, last, side, None, message)


def _registered_before_sent(read: Read) -> Iterator[Doubt]:
    """No register can have a cable before the day on which it was handed in to be sent."""
    days = {
        step: [one.cells["date_edtf"] for one in read.facts.of("events") if _is_on_a_day(one, step)]
        for step in ("submitted", "registered")
    }
    for sent in days["submitted"][:1]:
        for day in days["registered"]:
            if str(day.value) < str(sent.value):
                line, last = read.lines_of(day)
                message = f"registered on {day.value} is earlier than submitted on {sent.value}"
                yield Doubt("times_out_of_order", line, last, read.side_of(line), None, message)


def _is_on_a_day(fact: Fact, event_type: str) -> bool:
    """Whether it is an event of this type of which the very day is known."""
    date = fact.cells.get("date_edtf")
    return fact.cells["event_type"].value == event_type and bool(date and DAY.fullmatch(str(date.value)))


def _lines_of_one_side(read: Read, before: Cell, after: Cell) -> tuple[str, int, int]:
    """The side, first and last line of two cells; of the later one alone where each text gives one."""
    first, last = read.lines_of(before, after)
    if read.side_of(first) != read.side_of(last):
        first, last = read.lines_of(after)
    return read.side_of(first), first, last


def _moment(fact: Fact) -> str:
    return f"{fact.cells['date_edtf'].value} {fact.cells['time'].value}"


def _texts_disagree(read: Read) -> Iterator[Doubt]:
    for fact in read.facts.of("events"):
        agree = fact.cells.get("texts_agree")
        if agree is None or agree.value:
            continue
        original, translation = (_given(fact, side) for side in ("original", "translation"))
        years = original[:4] != translation[:4]
        cell = fact.cells["as_written_translation"]
        line, last = read.lines_of(cell)
        kind = "years_disagree" if years else "times_disagree"
        message = (
            f"{fact.cells['event_type'].value}: {original} in the original, {translation} in the translation"
        )
        yield Doubt(kind, line, last, "translation", str(cell.value), message)


def _given(fact: Fact, side: str) -> str:
    parts = (fact.cells.get(f"date_{side}"), fact.cells.get(f"time_{side}"))
    return " ".join(str(part.value) for part in parts if part)


# --- copies ------------------------------------------------------------------------------------------


def _copies(read: Read) -> Iterator[Doubt]:
    printed = next(
        (f.cells["copies_printed"] for f in read.facts.of("transmissions") if "copies_printed" in f.cells),
        None,
    )
    total = int(printed.value) if printed else None
    findings = list(find(read.record, read.paragraphs, read.vocabulary))
    for side in Side:
        own = [one for one in findings if one.side is side and one.field.name in ("copy", "copy_numbered")]
        counted = [one for one in findings if one.side is side and one.field.name == "copy_counted"]
        yield from _repeated(own)
        if total is not None:
            yield from _beyond(own, total)
            yield from _missing(own, counted, total, side, read)


def _repeated(own: Sequence[Finding]) -> Iterator[Doubt]:
    first: dict[int, Finding] = {}
    for one in own:
        number = int(one.match["copy"])
        if number in first:
            lines = sorted((first[number].line, one.line))
            message = f"copy {number} stands on line {lines[0]} and again on line {lines[1]}"
            yield Doubt("copy_repeated", lines[0], lines[1], one.side.value, None, message)
        first.setdefault(number, one)


def _beyond(own: Sequence[Finding], total: int) -> Iterator[Doubt]:
    for one in own:
        if int(one.match["copy"]) > total:
            message = f"copy {one.match['copy']}, but {total} copies were printed"
            yield Doubt("copy_beyond_total", one.line, one.line, one.side.value, one.match.group(), message)


def _missing(
    own: Sequence[Finding], counted: Sequence[Finding], total: int, side: Side, read: Read
) -> Iterator[Doubt]:
    listed = {int(one.match["copy"]) for one in own} & set(range(1, total + 1))
    named = {int(one.match["copy"]) for one in own if one.match["name"].strip()}
    accounted = len(named & listed) + sum(int(one.match["copies"]) for one in counted)
    if read.record.text(side) is None or accounted == total:
        return
    lines = [one.line for one in (*own, *counted)] or [_copies_line(read, side)]
    message = f"{total} copies printed, {accounted} with a holder ({len(listed)} listed)"
    yield Doubt("copy_missing", min(lines), max(lines), side.value, None, message)


def _copies_line(read: Read, side: Side) -> int:
    for paragraph in read.paragraphs:
        if paragraph.side is side and "copies_printed" in paragraph.fields:
            return paragraph.first_line
    text = read.record.text(side)
    return text.first_line if text else 1


def _holders_differ(read: Read) -> Iterator[Doubt]:
    for fact in read.facts.of("recipients"):
        original, translation = (fact.cells.get(f"name_{side}") for side in ("original", "translation"))
        if original is None or translation is None or fact.cells["role"].value != "copy":
            continue
        if _is_one_office(str(original.value), str(translation.value), read.vocabulary):
            continue
        likeness = SequenceMatcher(
            None,
            _latin(str(original.value), read.vocabulary),
            _latin(str(translation.value), read.vocabulary),
        ).ratio()
        if likeness < SAME_NAME:
            line, last = read.lines_of(translation)
            message = f"the original names {original.value}, the translation {translation.value}"
            yield Doubt("copies_disagree", line, last, "translation", str(translation.value), message)


def _is_one_office(original: str, translation: str, vocabulary: Vocabulary) -> bool:
    """Whether both texts name no person but an office with one number, or a holder such as the file."""
    numbers = [NUMBER.findall(one) for one in (original, translation)]
    holders = [vocabulary.holder_words.get(one.casefold()) for one in (original, translation)]
    return any(both[0] and both[0] == both[1] for both in (numbers, holders))


def _latin(name: str, vocabulary: Vocabulary) -> str:
    return "".join(vocabulary.transliteration.get(one, one) for one in fold(name).text.casefold())


# --- numbers of the form -----------------------------------------------------------------------------


def _running_numbers(read: Read) -> Iterator[Doubt]:
    numbers = {
        Side.ORIGINAL: _cable_number(read, "as_written_original"),
        Side.TRANSLATION: _cable_number(read, "as_written_translation"),
    }
    for one in find(read.record, read.paragraphs, read.vocabulary):
        expected = numbers[one.side]
        if one.field.name == "continuation" and expected and one.match["number"] != fold(expected).text:
            message = f"the running head has {one.match['number']}, the head of the form {expected}"
            yield Doubt(
                "running_number_differs", one.line, one.line, one.side.value, one.match["number"], message
            )


def _cable_number(read: Read, column: str) -> str | None:
    for fact in read.facts.of("identifiers"):
        if fact.cells["scheme"].value == "cable_number" and column in fact.cells:
            return str(fact.cells[column].value)
    return None


def _title_number(read: Read) -> Iterator[Doubt]:
    title = read.record.catalogue.cells.get("title")
    for pattern in read.vocabulary.catalogue("title_number"):
        found = pattern.search(str(title.value)) if title else None
        if title and found and not VALID_NUMBER.fullmatch(found["number"]):
            line, last = read.lines_of(title)
            message = "the title gives a number of a form that such numbers do not have"
            yield Doubt("number_invalid", line, last, "catalogue", found["number"], message)
    for fact in read.facts.of("identifiers"):
        for column in ("as_written_original", "as_written_translation"):
            cell = fact.cells.get(column)
            if cell and fact.cells["scheme"].value == "cable_number" and not _plain(str(cell.value)):
                line, last = read.lines_of(cell)
                message = "letters stand among the figures of the number; kept as printed"
                yield Doubt("number_invalid", line, last, column.rpartition("_")[2], str(cell.value), message)


def _plain(number: str) -> bool:
    return re.fullmatch(r"\d+(?:\W.*)?", number) is not None


def _sheets(read: Read) -> Iterator[Doubt]:
    attached = next(
        (f.cells["sheets_attached"] for f in read.facts.of("transmissions") if "sheets_attached" in f.cells),
        None,
    )
    pages = read.zones.pages
    if attached and pages and pages[-1].number - 1 != attached.value:
        line, last = read.lines_of(attached)
        message = f"{attached.value} sheets attached, sheets are numbered to {pages[-1].number}"
        yield Doubt("sheets_differ", line, last, read.side_of(line), None, message)


# --- numbers and dates of running text ---------------------------------------------------------------


def _one_sided_figures(read: Read) -> Iterator[Doubt]:
    by_id = {one.paragraph_id: one for one in read.paragraphs}
    for link in read.links:
        if link.zone not in WRITTEN_OUT or not (link.original and link.translation):
            continue
        sides = [[by_id[one] for one in members] for members in (link.original, link.translation)]
        for own, other in (sides, sides[::-1]):
            yield from _figures_missing(own, other, read)


def _figures_missing(own: Sequence[Paragraph], other: Sequence[Paragraph], read: Read) -> Iterator[Doubt]:
    theirs = _Figures.of(other, read)
    mine = _Figures.of(own, read)
    side, first, last = own[0].side.value, own[0].first_line, own[-1].last_line
    for date, quote in mine.dates.items():
        if date not in theirs.dates:
            yield Doubt("date_one_sided", first, last, side, quote, f"{date} stands in this text only")
    agreed = mine.of_times_in(theirs)
    for number, quote in mine.numbers.items():
        if number not in theirs.numbers and number not in theirs.words and number not in agreed:
            yield Doubt("number_one_sided", first, last, side, quote, f"{number} stands in this text only")


@dataclass(frozen=True, slots=True)
class _Figures:
    """Dates, numbers in figures and numbers in words of some paragraphs, with the words as written.

    `times` lead from a time of day to the numbers in which it is written.
    """

    dates: Mapping[str, str]
    numbers: Mapping[int, str]
    words: frozenset[int]
    times: Mapping[str, frozenset[int]]

    @classmethod
    def of(cls, paragraphs: Sequence[Paragraph], read: Read) -> _Figures:
        text = fold(" ".join(one.text for one in paragraphs)).text
        found = list(dates.dates(text, read.vocabulary, century_of(read.record, read.vocabulary)))
        days = {day: text[one.start : one.end] for one in found if (day := one.edtf())}
        for one in found:
            text = text[: one.start] + " " * (one.end - one.start) + text[one.end :]
        figures = [one.group() for one in NUMBER.finditer(text) if one.end() - one.start() <= LONGEST_NUMBER]
        numbers = {int(one.replace(",", "")): one for one in figures}
        clock = {
            time: frozenset(int(number) for number in re.findall(r"\d+", text[one.start : one.end]))
            for one in dates.times(text, read.vocabulary)
            if (time := one.hhmm())
        }
        return cls(days, numbers, frozenset(_spelled(text, read.vocabulary)), clock)

    def of_times_in(self, other: _Figures) -> frozenset[int]:
        """The numbers of the times that the other text gives too, be it on a clock of twelve hours."""
        return frozenset().union(*(self.times[time] for time in self.times.keys() & other.times.keys()))


def _spelled(text: str, vocabulary: Vocabulary) -> Iterator[int]:
    """Numbers in words; neighbours multiply (`a hundred thousand`), and each counts by itself too."""
    product = 1
    running = False
    for word in (one.group().casefold() for one in WORD.finditer(text)):
        value = vocabulary.numerals.get(word)
        product = product * value if running and value else value or 1
        running = value is not None
        if value is not None:
            yield value
            yield product


# --- characters --------------------------------------------------------------------------------------


def _characters(read: Read) -> Iterator[Doubt]:
    for line in read.record.source.lines:
        side = read.side_of(line.number)
        for start, end in mixed_script_words(line.text):
            word = unicodedata.normalize("NFC", line.text)[start:end]
            message = "one word mixes Latin and Cyrillic letters"
            yield Doubt("mixed_script", line.number, line.number, side, word, message)
        for character in dict.fromkeys(line.text):
            if is_invisible(character):
                name = f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()
                bidi = unicodedata.bidirectional(character) not in ("BN", "")
                kind = "bidi_control" if bidi else "invisible_character"
                yield Doubt(kind, line.number, line.number, side, None, f"{name} stands in the line")


def _unbalanced(read: Read) -> Iterator[Doubt]:
    for text in read.record.texts:
        own = [one for one in read.paragraphs if one.side is text.side]
        yield from _unbalanced_brackets(own)
        quotes = [one for one in own for _ in range(one.text.count('"'))]
        if len(quotes) % 2:
            line = quotes[-1].first_line
            message = f"an odd number of straight quotation marks ({len(quotes)}) in the text"
            yield Doubt("unbalanced_quote", line, line, text.side.value, '"', message)


def _unbalanced_brackets(own: Sequence[Paragraph]) -> Iterator[Doubt]:
    closing = {close: opening for opening, close in PAIRS.items()}
    opened: list[tuple[str, Paragraph]] = []
    for paragraph in own:
        for character in paragraph.text:
            if character in PAIRS:
                opened.append((character, paragraph))
            elif character in closing:
                if opened and opened[-1][0] == closing[character]:
                    opened.pop()
                elif character != ")" or not _is_item(paragraph):
                    yield _bracket(character, paragraph, "closed and not opened")
    for character, paragraph in opened:
        yield _bracket(character, paragraph, "opened and not closed")


def _is_item(paragraph: Paragraph) -> bool:
    """`a) …` and `1) …` have no opening bracket to miss."""
    return re.search(r"(?:^|\s)\w{1,2}\)", paragraph.text) is not None


def _bracket(character: str, paragraph: Paragraph, message: str) -> Doubt:
    kind = "unbalanced_quote" if character in "«»“”" else "unbalanced_bracket"
    return Doubt(
        kind,
        paragraph.first_line,
        paragraph.last_line,
        paragraph.side.value,
        character,
        f"{character} is {message}",
    )


FINDERS: tuple[Callable[[Read], Iterator[Doubt]], ...] = (
    _impossible_catalogue_date,
    _order_of_steps,
    _registered_before_sent,
    _texts_disagree,
    _copies,
    _holders_differ,
    _running_numbers,
    _title_number,
    _sheets,
    _one_sided_figures,
    _characters,
    _unbalanced,
)
