"""What the archive's entry says of the document as a whole: its title and its date."""

from __future__ import annotations

from dataclasses import replace

from cables import dates
from cables.lines import Joined, joined
from cables.model import Cell, Join, Span
from cables.record import Record, whole
from cables.vocabulary import Vocabulary


def joined_title(record: Record) -> Joined | None:
    """The title with the place of every character; None where there is none, or none that can be joined."""
    title = record.catalogue.cells.get("title")
    if title is None:
        return None
    text = joined_lines(record, title)
    if text.text == title.value:
        return text
    spans = [Span(place.line, place.start, place.end, Join.SPACE) for place in title.places]
    text = joined(record.source.lines, spans[:-1] + [replace(span, join=Join.END) for span in spans[-1:]])
    return text if text.text == title.value else None


def joined_lines(record: Record, cell: Cell) -> Joined:
    """The whole lines on which a cell of the catalogue stands."""
    numbers = sorted({place.line for place in cell.places})
    return whole([record.source.lines[number - 1] for number in numbers], record.source)


def catalogue_date(record: Record, vocabulary: Vocabulary) -> Cell | None:
    """The date of the catalogue entry in EDTF; None where it gives none, or no day of the calendar."""
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
