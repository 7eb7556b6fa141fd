"""Form fields → documents, witnesses, transmissions, events, senders, recipients, identifiers.

A fact is a row of cells, and a cell knows the places it was read from. What the two texts say of one
thing makes one row: things are matched by what they are, copies by number, and the rest by order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cables import dates
from cables.lines import Joined, joined
from cables.model import Basis, Cell, Doubt, Join, Paragraph, Place, Side, Span, Zone
from cables.paragraphs import text_of
from cables.record import Record, whole
from cables.vocabulary import FormField, Vocabulary

SIDES = (Side.ORIGINAL, Side.TRANSLATION)
TRAILING = re.compile(r"[\s.\"»”]+$")
NAME = re.compile(r"[^,;]+")
DIGITS = re.compile(r"\d")
# More than five digits count no copies, sheets or pages.
MOST_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Fact:
    """A row of a table in the making: its table, its id and its non-null cells by column."""

    table: str
    row_id: str
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the form says."""

    rows: tuple[Fact, ...]
    doubts: tuple[Doubt, ...]

    def of(self, table: str) -> tuple[Fact, ...]:
        """The rows of one table."""
        return tuple(row for row in self.rows if row.table == table)


@dataclass(frozen=True, slots=True)
class Finding:
    """A form field found in a paragraph of one of the texts."""

    field: FormField
    value: str | None
    paragraph: Paragraph
    text: Joined
    match: re.Match[str]

    @property
    def side(self) -> Side:
        """The text it was found in."""
        return self.paragraph.side

    @property
    def key(self) -> str:
        """Side letter and first line, as ids carry them."""
        return f"{self.side.letter}-L{self.line:03d}"

    def own_key(self, record: Record) -> str:
        """As its paragraph's id carries it: in a line of several cells, with the number of the cell."""
        return self.paragraph.paragraph_id.removeprefix(f"r{record.record_id}-")

    @property
    def line(self) -> int:
        """The line on which it begins."""
        places = self.text.matched(*self.match.span())
        return places[0].line if places else self.paragraph.first_line

    def cell(self, group: str | int = 0, basis: Basis = Basis.READ, reason: str | None = None) -> Cell | None:
        """The words of a group of the pattern; None where the group is empty or not there."""
        if isinstance(group, str) and self.match.groupdict().get(group) in (None, ""):
            return None
        start, end = self.match.span(group)
        text = self.match.string[start:end]
        start, end = start + len(text) - len(text.lstrip()), start + len(text.rstrip())
        if start >= end:
            return None
        return Cell(self.text.written(start, end), self.text.matched(start, end), basis, reason)

    def coded(self, code: str | int, group: str | int = 0, reason: str | None = None) -> Cell:
        """A code or number that these words stand for."""
        words = self.cell(group)
        return Cell(code, words.places if words else (), Basis.READ, reason)


@dataclass(frozen=True, slots=True)
class Reader:
    """What every kind of fact needs to know of the record."""

    record: Record
    paragraphs: Sequence[Paragraph]
    vocabulary: Vocabulary
    findings: Sequence[Finding]

    def row_id(self, suffix: str) -> str:
        """An id of this record."""
        return f"r{self.record.record_id}-{suffix}"

    def named(self, *fields: str) -> list[Finding]:
        """The findings of these fields, in the order of their lines."""
        return [one for one in self.findings if one.field.name in fields]

    def where(self, wanted: Callable[[FormField], object]) -> list[Finding]:
        """The findings whose field is wanted."""
        return [one for one in self.findings if wanted(one.field)]

    @property
    def document(self) -> str:
        """The id of the record's own document."""
        return self.row_id("document")

    @property
    def enclosure(self) -> str | None:
        """The id of the enclosed document, where there is one."""
        return self.row_id("enclosure") if any(one.letter for one in self.paragraphs) else None

    def document_cell(self, letter: bool) -> Cell:
        """Which document a fact belongs to."""
        enclosure = self.enclosure
        if letter and enclosure:
            return Cell(enclosure, (), Basis.INFERRED, "said of the enclosed document")
        return Cell(self.document, (), Basis.INFERRED, "stands on the form of the document")


def read(record: Record, paragraphs: Sequence[Paragraph], vocabulary: Vocabulary) -> Facts:
    """All facts of a record."""
    findings = tuple(find(record, paragraphs, vocabulary))
    reader = Reader(record, paragraphs, vocabulary, findings)
    events, doubts = _events(reader)
    rows = [
        *_documents(reader, events),
        *_witnesses(reader),
        *_archival_references(reader),
        *_transmissions(reader),
        *events,
        *_senders(reader),
        *_recipients(reader),
        *_identifiers(reader),
    ]
    return Facts(tuple(rows), tuple(doubts))


def find(record: Record, paragraphs: Sequence[Paragraph], vocabulary: Vocabulary) -> Iterator[Finding]:
    """Every form field of every paragraph, in order, where its cue stands in the joined text."""
    for paragraph in paragraphs:
        own = record.text(paragraph.side)
        cues = vocabulary.cues_for(own.language if own else None)
        text = text_of(paragraph, record)
        wanted = set(paragraph.fields)
        found: dict[str, list[Finding]] = {}
        for cue in cues:
            name = cue.field.name
            in_prose = cue.field.where == "prose" and paragraph.zone is Zone.MESSAGE
            if (name in wanted or in_prose) and name not in found:
                matches = list(cue.pattern.finditer(text.folded.text))
                if matches:
                    several = matches if cue.repeats else matches[:1]
                    found[name] = [Finding(cue.field, cue.value, paragraph, text, one) for one in several]
        yield from (one for several in found.values() for one in several)


def by_side(findings: Iterable[Finding]) -> dict[Side, list[Finding]]:
    """Findings of each text, in order."""
    sides: dict[Side, list[Finding]] = {side: [] for side in SIDES}
    for one in findings:
        sides[one.side].append(one)
    return sides


def in_order(findings: Iterable[Finding]) -> Iterator[tuple[Finding | None, Finding | None]]:
    """The first of the original with the first of the translation, and so on."""
    sides = by_side(findings)
    for index in range(max(map(len, sides.values()))):
        original, translation = (sides[side][index] if index < len(sides[side]) else None for side in SIDES)
        yield original, translation


def cells(**columns: Cell | None) -> dict[str, Cell]:
    """The columns that have a cell."""
    return {column: cell for column, cell in columns.items() if cell is not None}


def inferred(value: str | int, reason: str, *places: Place) -> Cell:
    """A value that follows from what is there."""
    return Cell(value, places, Basis.INFERRED, reason)


def _first(*cells_: Cell | None) -> Cell | None:
    return next((one for one in cells_ if one is not None), None)


def _group(finding: Finding | None, name: str) -> Cell | None:
    return finding.cell(name) if finding else None


# --- documents ---------------------------------------------------------------------------------------


def _documents(reader: Reader, events: Sequence[Fact]) -> Iterator[Fact]:
    catalogue = reader.record.catalogue.cells
    title = catalogue.get("title")
    language = catalogue.get("original_language")
    known = reader.vocabulary.language_named(str(language.value)) if language else None
    yield Fact(
        "documents",
        reader.document,
        cells(
            type=_type_of_title(reader, title),
            title=title,
            date_edtf=_event_date(events, "submitted") or catalogue_date(reader.record, reader.vocabulary),
            language=Cell(known.code, language.places, Basis.READ, None) if known and language else None,
        ),
    )
    if reader.enclosure:
        yield _enclosed(reader, reader.enclosure, events, title)


def _type_of_title(reader: Reader, title: Cell | None) -> Cell:
    found = []
    if title is not None:
        text = whole_title(reader.record, title)
        for pattern, code in reader.vocabulary.document_types:
            if text and (match := pattern.search(text.folded.text)):
                found.append((match.start(), Cell(code, text.matched(*match.span()))))
    if found:
        return min(found, key=lambda one: one[0])[1]
    return inferred("document", "neither title nor form says what it is")


def whole_title(record: Record, title: Cell) -> Joined | None:
    """The title with the place of every character."""
    numbers = sorted({place.line for place in title.places})
    text = whole([record.source.lines[number - 1] for number in numbers], record.source)
    if text.text == title.value:
        return text
    spans = [Span(place.line, place.start, place.end, Join.SPACE) for place in title.places]
    text = joined(record.source.lines, spans[:-1] + [replace(span, join=Join.END) for span in spans[-1:]])
    return text if text.text == title.value else None


def catalogue_date(record: Record, vocabulary: Vocabulary) -> Cell | None:
    """The date of the catalogue entry in EDTF."""
    written = record.catalogue.cells.get("date_as_written")
    if written is None:
        return None
    found = dates.when(str(written.value), vocabulary).date
    value = found.edtf() if found else None
    return Cell(value, written.places) if value else None


def century_of(record: Record, vocabulary: Vocabulary) -> int | None:
    """The year of the catalogue's date, by which years of two digits are read."""
    cell = catalogue_date(record, vocabulary)
    return int(str(cell.value)[:4]) if cell else None


def _event_date(events: Sequence[Fact], event_type: str) -> Cell | None:
    for event in events:
        if event.cells["event_type"].value == event_type:
            return event.cells.get("date_edtf")
    return None


def _enclosed(reader: Reader, document: str, events: Sequence[Fact], title: Cell | None) -> Fact:
    announced = _first_finding(reader.named("enclosure"))
    places = announced.text.matched(*announced.match.span()) if announced else ()
    translated = _first_finding(reader.named("translated"))
    return Fact(
        "documents",
        document,
        cells(
            parent_document_id=inferred(reader.document, "enclosed in the record's own document", *places),
            type=inferred("letter", "announced as a letter", *places)
            if announced
            else inferred("document", "quoted in full; nothing says what it is"),
            title=_child_title(reader, title),
            date_edtf=_event_date(events, "written"),
            language=_translated_from(reader, translated),
        ),
    )


def _first_finding(findings: Sequence[Finding]) -> Finding | None:
    return min(findings, key=lambda one: SIDES.index(one.side), default=None)


def _child_title(reader: Reader, title: Cell | None) -> Cell | None:
    text = whole_title(reader.record, title) if title else None
    for pattern in reader.vocabulary.catalogue("child_title"):
        if text and (match := pattern.search(text.folded.text)):
            return Cell(text.written(*match.span("title")), text.matched(*match.span("title")))
    return None


def _translated_from(reader: Reader, finding: Finding | None) -> Cell | None:
    if finding is None:
        return None
    own = reader.record.text(finding.side)
    words = finding.cell("language")
    code = (
        reader.vocabulary.language_words.get((own.language or "", finding.match["language"]))
        if own and words
        else None
    )
    if code is None or words is None:
        return None
    return inferred(code, "the message says from which language it was translated", *words.places)


# --- witnesses ---------------------------------------------------------------------------------------


def _witnesses(reader: Reader) -> Iterator[Fact]:
    document = inferred(reader.document, "a text of the record's own document")
    unknown = inferred("unknown", "nothing says from what it was made")
    for text in reader.record.texts:
        kind = "transcription" if text.side is Side.ORIGINAL else "translation"
        maker = reader.record.catalogue.cells.get("translator") if kind == "translation" else None
        yield Fact(
            "witnesses",
            reader.row_id(f"w-{kind}"),
            cells(
                document_id=document,
                kind=inferred(kind, "by its language and the catalogue's"),
                language=inferred(text.language, "by its script and words") if text.language else None,
                availability=inferred("in_package", "its lines are here"),
                first_line=inferred(text.first_line, "first line of the text"),
                last_line=inferred(text.last_line, "last line of the text"),
                maker=maker,
                derived_from_basis=unknown,
                evidence=inferred(f"Lines {text.first_line}–{text.last_line} of the source.", "its lines"),
            ),
        )
    yield from _scans(reader, document, unknown)
    yield from _first_written(reader, unknown)


def _scans(reader: Reader, document: Cell, unknown: Cell) -> Iterator[Fact]:
    for item in reader.record.catalogue.contents:
        if any(one.search(str(item.value)) for one in reader.vocabulary.catalogue("contents_scan")):
            line = item.places[0].line
            yield Fact(
                "witnesses",
                reader.row_id("w-scan"),
                cells(
                    document_id=document,
                    kind=Cell("scan", item.places),
                    availability=inferred("elsewhere", "listed, not part of the export", *item.places),
                    derived_from_basis=unknown,
                    evidence=inferred(f"Listed in the contents (line {line}).", "the catalogue"),
                ),
            )
            return


def _first_written(reader: Reader, unknown: Cell) -> Iterator[Fact]:
    finding = _first_finding(reader.named("translated"))
    language = _translated_from(reader, finding)
    if finding is None or language is None or not reader.enclosure:
        return
    places = finding.text.matched(*finding.match.span())
    yield Fact(
        "witnesses",
        reader.row_id("w-first-written"),
        cells(
            document_id=inferred(reader.enclosure, "said of the enclosed document", *places),
            kind=inferred("original", "what the translation was made from", *places),
            language=language,
            availability=inferred("not_located", "nothing says where it is"),
            derived_from_basis=unknown,
            evidence=inferred(f"The message calls its text a translation (line {finding.line}).", "stated"),
        ),
    )


def _archival_references(reader: Reader) -> Iterator[Fact]:
    citation = reader.record.catalogue.cells.get("citation")
    if citation is None:
        return
    lines = [reader.record.source.lines[n - 1] for n in sorted({p.line for p in citation.places})]
    text = whole(lines, reader.record.source)
    for pattern in reader.vocabulary.catalogue("archival_reference"):
        if match := pattern.search(text.folded.text):
            group = {
                name: Cell(text.written(*match.span(name)), text.matched(*match.span(name)))
                for name in ("repository", "reference", "fond", "opis", "delo", "folios")
            }
            slug = "-".join(str(group[one].value) for one in ("repository", "fond", "opis", "delo"))
            witness = reader.row_id("w-archival")
            yield Fact("witnesses", witness, _kept(reader, group["reference"]))
            as_written = group.pop("reference")
            yield Fact(
                "archival_references",
                reader.row_id("ref-" + slug.lower()),
                group
                | cells(
                    witness_id=inferred(witness, "the document that the citation names"),
                    as_written=as_written,
                    stated_by=inferred("catalogue", "in the citation", *as_written.places),
                ),
            )
            return


def _kept(reader: Reader, reference: Cell) -> dict[str, Cell]:
    return cells(
        document_id=inferred(reader.document, "the document that the citation names"),
        kind=inferred("archival_document", "the citation gives its shelfmark", *reference.places),
        availability=inferred("elsewhere", "the citation gives its shelfmark", *reference.places),
        derived_from_basis=inferred("unknown", "nothing says from what it was made"),
        evidence=inferred("The citation gives its shelfmark.", "the catalogue", *reference.places),
    )


# --- transmissions -----------------------------------------------------------------------------------


def _transmissions(reader: Reader) -> Iterator[Fact]:
    if reader.where(lambda field: field.transmission_column or field.transmission == "wire"):
        yield Fact("transmissions", reader.row_id("wire"), _by_wire(reader))
    handed = reader.named("handed_over")
    if handed:
        first = handed[0]
        yield Fact(
            "transmissions",
            reader.row_id("in-person"),
            cells(document_id=reader.document_cell(letter=True), mode=first.coded("in_person")),
        )


def _by_wire(reader: Reader) -> dict[str, Cell]:
    columns: dict[str, Cell | None] = {}
    for original, translation in in_order(reader.named("channel")):
        found = original or translation
        columns["mode"] = found.coded("wire") if found else None
        columns |= _both("channel", original, translation, "channel")
    for original, translation in in_order(reader.named("precedence")):
        found = original or translation
        columns.setdefault(
            "precedence", found.coded(found.value, "precedence") if found and found.value else None
        )
        for column, cell in _both("precedence", original, translation, "precedence").items():
            columns.setdefault(column, cell)
    for place in ("place_from", "place_to"):
        for original, translation in in_order(reader.named(place)):
            for column, cell in _both(place, original, translation, "place").items():
                columns.setdefault(column, cell)
    for column in ("cable_number", "sender_number"):
        columns[column] = _number(reader, column)
    for column in ("copies_printed", "sheets_attached"):
        columns[column] = _count(reader, column)
    missing = inferred("unknown", "the form does not say how")
    return cells(document_id=reader.document_cell(letter=False), **{"mode": missing, **cells(**columns)})


def _both(
    column: str, original: Finding | None, translation: Finding | None, group: str
) -> dict[str, Cell | None]:
    return {
        f"{column}_original": _group(original, group),
        f"{column}_translation": _group(translation, group),
    }


def _number(reader: Reader, column: str) -> Cell | None:
    found = reader.where(lambda field: field.transmission_column == column)
    ordered = sorted(found, key=lambda one: SIDES.index(one.side))
    return _first(*(one.cell("number") for one in ordered))


def _count(reader: Reader, column: str) -> Cell | None:
    found = reader.where(lambda field: field.transmission_column == column)
    for one in sorted(found, key=lambda one: SIDES.index(one.side)):
        words = one.cell("count")
        value = number_of(one.match["count"], reader.vocabulary) if words else None
        if words is not None and value is not None:
            return Cell(value, words.places)
    return None


def number_of(word: str, vocabulary: Vocabulary) -> int | None:
    """A whole number written in digits or as a word; None where it has too many digits."""
    if word.isdecimal():
        return int(word) if len(word) <= MOST_DIGITS else None
    return vocabulary.numerals.get(word.casefold())


# --- events ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Dated:
    """What one text says of an event's time."""

    finding: Finding
    date: str | None
    time: str | None
    date_places: tuple[Place, ...]
    time_places: tuple[Place, ...]
    year_from: Place | None


def _events(reader: Reader) -> tuple[list[Fact], list[Doubt]]:
    dated, doubts = _all_dated(reader)
    found = reader.where(lambda field: field.event_type)
    types = list(dict.fromkeys(one.field.event_type for one in found if one.field.event_type))
    events: list[Fact] = []
    for event_type in types:
        same = [one for one in found if one.field.event_type == event_type]
        for number, (original, translation) in enumerate(in_order(same), start=1):
            events.append(_event(reader, f"{event_type}-{number}", original, translation, dated))
    return [_between(event, events, reader) for event in events], doubts


def _all_dated(reader: Reader) -> tuple[dict[int, _Dated], list[Doubt]]:
    """Date and time of every finding that prints any; a missing year from the dated line before it."""
    dated: dict[int, _Dated] = {}
    doubts: list[Doubt] = []
    century = century_of(reader.record, reader.vocabulary)
    for side in SIDES:
        last: tuple[int, Place] | None = None
        for one in (each for each in reader.findings if each.side is side):
            if one.match.groupdict().get("when") is None:
                continue
            start, end = one.match.span("when")
            when = dates.when(one.match.string[start:end], reader.vocabulary, century)
            places = _when_places(one, start, when.date)
            year = when.date.year if when.date else None
            inherits = when.date is not None and year is None and last is not None
            value = when.date.edtf(last[0] if last else None) if when.date else None
            time = when.time.hhmm() if when.time else None
            time_places = _when_places(one, start, when.time)
            year_from = last[1] if inherits and last else None
            dated[id(one)] = _Dated(one, value, time, places, time_places, year_from)
            doubts += _impossible(one, when, last[0] if last else None)
            if year is not None and value and places:
                last = (year, places[0])
    return dated, doubts


def _when_places(
    one: Finding, start: int, printed: dates.PrintedDate | dates.PrintedTime | None
) -> tuple[Place, ...]:
    if printed is None:
        return ()
    return one.text.matched(start + printed.start, start + printed.end)


def _impossible(one: Finding, when: dates.When, year: int | None) -> Iterator[Doubt]:
    line, side = one.line, one.side.value
    if when.date and (when.date.impossible or (year is not None and when.date.edtf(year) is None)):
        message = f"{one.field.label}: no such day in the calendar; the date stays empty"
        yield Doubt("date_impossible", line, line, side, one.match["when"], message)
    if when.time and when.time.impossible:
        message = f"{one.field.label}: no such time of day; the time stays empty"
        yield Doubt("time_impossible", line, line, side, one.match["when"], message)


def _event(
    reader: Reader,
    suffix: str,
    original: Finding | None,
    translation: Finding | None,
    dated: Mapping[int, _Dated],
) -> Fact:
    first = original or translation
    assert first is not None
    field = first.field
    sides = (original, translation)
    when = [dated.get(id(one)) if one else None for one in sides]
    # The text that says more counts: a day more than a month, a month more than a year.
    date = max((one for one in when if one and one.date), key=lambda one: len(one.date or ""), default=None)
    time = next((one for one in when if one and one.time), None)
    status = field.event_status or "stated"
    columns = cells(
        document_id=reader.document_cell(field.where in ("letter", "prose")),
        transmission_id=_transmission_cell(reader, field),
        event_type=first.coded(field.event_type or ""),
        status=first.coded(status)
        if status != "inferred"
        else inferred("inferred", "a marking says no more"),
        as_written_original=original.cell() if original else None,
        as_written_translation=translation.cell() if translation else None,
        actor_original=_clean(_group(original, "actor")),
        actor_translation=_clean(_group(translation, "actor")),
        place_original=_group(original, "place"),
        place_translation=_group(translation, "place"),
        texts_agree=_agree(*when),
    )
    columns |= _date_cells(date) | _time_cells(time)
    for name, one in zip(("original", "translation"), when, strict=True):
        columns |= cells(
            **{
                f"date_{name}": _date_cells(one).get("date_edtf") if one else None,
                f"time_{name}": _time_cells(one).get("time") if one else None,
            }
        )
    return Fact("events", reader.row_id(suffix), columns)


def _clean(cell: Cell | None) -> Cell | None:
    """A name without the stop or quotation mark that follows it."""
    if cell is None or not cell.places:
        return cell
    value = str(cell.value)
    cut = len(value) - len(TRAILING.sub("", value))
    if not cut:
        return cell
    *before, last = cell.places
    shorter = Place(last.line, last.start, last.end - cut, last.as_written[: len(last.as_written) - cut])
    return Cell(value[: len(value) - cut], (*before, shorter), cell.basis, cell.reason)


def _transmission_cell(reader: Reader, field: FormField) -> Cell | None:
    if field.transmission == "wire":
        return inferred(reader.row_id("wire"), "a step of sending by wire")
    if field.transmission == "in_person":
        return inferred(reader.row_id("in-person"), "handed over in person")
    return None


def _date_cells(one: _Dated | None) -> dict[str, Cell]:
    if one is None or one.date is None:
        return {}
    if one.year_from is None:
        date = Cell(one.date, one.date_places)
        year = Cell(Basis.READ.value, one.date_places)
    else:
        reason = f"the year is taken over from line {one.year_from.line}"
        date = Cell(one.date, (*one.date_places, one.year_from), Basis.INFERRED, reason)
        year = Cell(Basis.INFERRED.value, (one.year_from,), Basis.INFERRED, reason)
    return {"date_edtf": date, "date_basis": Cell(Basis.READ.value, one.date_places), "year_basis": year}


def _time_cells(one: _Dated | None) -> dict[str, Cell]:
    if one is None or one.time is None:
        return {}
    return {
        "time": Cell(one.time, one.time_places),
        "clock_basis": Cell(Basis.READ.value, one.time_places),
    }


def _agree(original: _Dated | None, translation: _Dated | None) -> Cell | None:
    if original is None or translation is None:
        return None
    pairs = [
        (original.date, translation.date),
        (original.time, translation.time),
    ]
    given = [(one, other) for one, other in pairs if one and other]
    if not given:
        return None
    agree = all(one.startswith(other) or other.startswith(one) for one, other in given)
    places = (
        *original.date_places,
        *original.time_places,
        *translation.date_places,
        *translation.time_places,
    )
    return Cell(agree, places, Basis.INFERRED, "the dates and times that both texts give are compared")


def _between(event: Fact, events: Sequence[Fact], reader: Reader) -> Fact:
    """An undated event that must lie between two dated ones happened some day in the interval."""
    event_type = str(event.cells["event_type"].value)
    bounds = next(
        (one.between for one in reader.vocabulary.fields.values() if one.event_type == event_type), ()
    )
    if "date_edtf" in event.cells or len(bounds) != 2:
        return event
    ends = [_event_date(events, bound) for bound in bounds]
    if not (ends[0] and ends[1]) or str(ends[0].value) > str(ends[1].value):
        return event
    reason = f"no text gives the day; it lies between the events {bounds[0]} and {bounds[1]}"
    span = f"[{ends[0].value}..{ends[1].value}]"
    value = str(ends[0].value) if ends[0].value == ends[1].value else span
    places = (*ends[0].places, *ends[1].places)
    added = {
        column: Cell(content, places, Basis.INFERRED, reason)
        for column, content in (("date_edtf", value), ("date_basis", "inferred"), ("year_basis", "inferred"))
    }
    return Fact(event.table, event.row_id, {**event.cells, **added})


# --- senders and recipients --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Named:
    """A name in one of the texts."""

    key: str
    side: Side
    letter: bool
    capacity: str
    cell: Cell


def _senders(reader: Reader) -> Iterator[Fact]:
    named = list(_sender_names(reader))
    for letter in (False, True):
        for capacity in ("organisation", "signatory"):
            same = [one for one in named if one.letter is letter and one.capacity == capacity]
            sides = {side: [one for one in same if one.side is side] for side in SIDES}
            for index in range(max(map(len, sides.values()))):
                pair = [sides[side][index] if index < len(sides[side]) else None for side in SIDES]
                yield _sender(reader, pair[0], pair[1])


def _sender(reader: Reader, original: _Named | None, translation: _Named | None) -> Fact:
    first = original or translation
    assert first is not None
    reason = "named after the closing formula" if first.capacity == "organisation" else "signs the text"
    return Fact(
        "senders",
        reader.row_id(f"sender-{first.key}"),
        cells(
            document_id=reader.document_cell(first.letter),
            capacity=inferred(first.capacity, reason, *first.cell.places),
            name_original=original.cell if original else None,
            name_translation=translation.cell if translation else None,
        ),
    )


def _sender_names(reader: Reader) -> Iterator[_Named]:
    for one in reader.named("closing"):
        if cell := _clean(_without_article(one.cell("sender"))):
            yield _Named(one.key, one.side, one.paragraph.letter, "organisation", cell)
    for paragraph in reader.paragraphs:
        if paragraph.zone is Zone.SIGNATURE and not paragraph.fields:
            text = text_of(paragraph, reader.record)
            names = [one for one in NAME.finditer(text.text) if one.group().strip(' ."»”')]
            for number, match in enumerate(names, start=1):
                written = match.group()
                start = match.start() + len(written) - len(written.lstrip())
                end = match.start() + len(TRAILING.sub("", written))
                key = f"{paragraph.side.letter}-L{paragraph.first_line:03d}"
                key += f"-{number}" if len(names) > 1 else ""
                cell = Cell(text.text[start:end], text.places(start, end))
                yield _Named(key, paragraph.side, paragraph.letter, "signatory", cell)


def _without_article(cell: Cell | None) -> Cell | None:
    return _drop_prefix(cell, re.compile(r"the\s+"))


def _drop_prefix(cell: Cell | None, prefix: re.Pattern[str]) -> Cell | None:
    if cell is None or not cell.places:
        return cell
    match = prefix.match(str(cell.value))
    if not match or match.end() == len(str(cell.value)):
        return None if match else cell
    first, *rest = cell.places
    start = first.start + match.end()
    shorter = Place(first.line, start, first.end, first.as_written[match.end() :])
    return Cell(str(cell.value)[match.end() :], (shorter, *rest), cell.basis, cell.reason)


def _recipients(reader: Reader) -> Iterator[Fact]:
    for field in ("addressee_organisation", "addressee_person"):
        for original, translation in in_order(reader.named(field)):
            yield _addressee(reader, original, translation)
    yield from _numbered_copies(reader)
    for original, translation in in_order(reader.named("copy_counted")):
        yield _counted_copies(reader, original, translation)


def _addressee(reader: Reader, original: Finding | None, translation: Finding | None) -> Fact:
    first = original or translation
    assert first is not None
    return Fact(
        "recipients",
        reader.row_id(f"addressee-{first.key}"),
        cells(
            document_id=reader.document_cell(letter=False),
            role=first.coded("addressee"),
            copies=inferred(1, "an addressee"),
            name_original=_clean(_group(original, "name")),
            name_translation=_clean(_group(translation, "name")),
            status=first.coded("named", "name"),
        ),
    )


def _numbered_copies(reader: Reader) -> Iterator[Fact]:
    """Copies by number; a number that one text prints twice keeps both rows."""
    sides = by_side(reader.named("copy", "copy_numbered"))
    by_number: dict[int, dict[Side, list[Finding]]] = {}
    for side, found in sides.items():
        for one in found:
            of_number = by_number.setdefault(int(one.match["copy"]), {each: [] for each in SIDES})
            of_number[side].append(one)
    for number in sorted(by_number):
        found_by_side = by_number[number]
        for index in range(max(map(len, found_by_side.values()))):
            pair = [
                found_by_side[side][index] if index < len(found_by_side[side]) else None for side in SIDES
            ]
            first = pair[0] or pair[1]
            assert first is not None
            suffix = f"copy-{number:02d}" + (f"-{first.own_key(reader.record)}" if index else "")
            yield _copy(reader, suffix, number, pair[0], pair[1])


def _copy(
    reader: Reader, suffix: str, number: int, original: Finding | None, translation: Finding | None
) -> Fact:
    first = original or translation
    assert first is not None
    names = {side: _holder(reader, one) for side, one in ((SIDES[0], original), (SIDES[1], translation))}
    named = any(names.values())
    return Fact(
        "recipients",
        reader.row_id(suffix),
        cells(
            document_id=reader.document_cell(letter=False),
            role=first.coded("copy"),
            copy_number=first.coded(number, "copy"),
            copies=inferred(1, "a numbered copy"),
            name_original=names[Side.ORIGINAL],
            name_translation=names[Side.TRANSLATION],
            status=first.coded("named")
            if named
            else inferred("blank", "no name is printed", *first.coded("").places),
        ),
    )


def _counted_copies(reader: Reader, original: Finding | None, translation: Finding | None) -> Fact:
    first = original or translation
    assert first is not None
    return Fact(
        "recipients",
        reader.row_id(f"copies-{first.own_key(reader.record)}"),
        cells(
            document_id=reader.document_cell(letter=False),
            role=first.coded("copy"),
            copies=first.coded(int(first.match["copies"]), "copies"),
            name_original=_holder(reader, original),
            name_translation=_holder(reader, translation),
            status=first.coded("named", "name"),
        ),
    )


def _holder(reader: Reader, finding: Finding | None) -> Cell | None:
    """The name of a copy's holder without "comrade"."""
    if finding is None:
        return None
    own = reader.record.text(finding.side)
    honorific = reader.vocabulary.honorifics.get((own.language if own else None) or "")
    cell = finding.cell("name")
    return _drop_prefix(cell, re.compile(honorific.pattern + r"\s*")) if honorific else cell


# --- identifiers -------------------------------------------------------------------------------------


def _identifiers(reader: Reader) -> Iterator[Fact]:
    found = [
        one
        for one in reader.where(lambda field: field.identifier_scheme)
        if one.match.groupdict().get("number")
    ]
    for name in dict.fromkeys(one.field.name for one in found):
        for original, translation in in_order(one for one in found if one.field.name == name):
            first = original or translation
            assert first is not None
            unknown = first.field.identifier_scheme == "unknown"
            yield Fact(
                "identifiers",
                reader.row_id(f"id-{first.key}"),
                cells(
                    document_id=reader.document_cell(letter=False),
                    scheme=inferred("unknown", "the form does not say what the number is")
                    if unknown
                    else first.coded(first.field.identifier_scheme or ""),
                    as_written_original=_group(original, "number"),
                    as_written_translation=_group(translation, "number"),
                    issuer=inferred(first.field.identifier_issuer or "unknown", "by the kind of number"),
                ),
            )
