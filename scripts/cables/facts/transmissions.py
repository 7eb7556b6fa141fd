"""The ways in which a document travelled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cables.facts.findings import Finding, Said, in_order, original_first
from cables.facts.form import Form
from cables.facts.rows import Fact, cells, inferred
from cables.model import Cell
from cables.vocabulary import FormField, Vocabulary

# More than five digits count no copies, sheets or pages.
MOST_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Way:
    """How a document travelled: the end of its row's id, and why an event is a step of it."""

    suffix: str
    reason: str


# By the word of the vocabulary; what the form describes was sent by wire unless it names another channel.
WAYS: Mapping[str, Way] = {
    "wire": Way("wire", "a step of the sending that the form describes"),
    "in_person": Way("in-person", "handed over in person"),
}


def transmissions(form: Form) -> Iterator[Fact]:
    """A row a way: the sending that the form describes, and the handing over of what is enclosed."""
    if form.where(lambda field: field.transmission_column or field.transmission == "wire"):
        yield Fact("transmissions", form.row_id(WAYS["wire"].suffix), _sent(form))
    if form.enclosure is None:
        return
    for first in form.where(lambda field: field.transmission == "in_person")[:1]:
        yield Fact(
            "transmissions",
            form.row_id(WAYS["in_person"].suffix),
            cells(document_id=form.document_cell(letter=True), mode=_mode(first)),
        )


def transmission_cell(form: Form, field: FormField) -> Cell | None:
    """Of which transmission an event is a step; None where it is a step of none."""
    way = WAYS.get(field.transmission or "")
    return inferred(form.row_id(way.suffix), way.reason) if way else None


def _sent(form: Form) -> dict[str, Cell]:
    channel = _said(form, "channel")
    precedence = _said(form, "precedence")
    return cells(
        document_id=form.document_cell(),
        mode=_mode(channel.first if channel else None),
        **_words(channel, "channel", "channel"),
        precedence=_code(precedence, "precedence"),
        **_words(precedence, "precedence", "precedence"),
        **_words(_said(form, "place_from"), "place_from", "place"),
        **_words(_said(form, "place_to"), "place_to", "place"),
        cable_number=_number(form, "cable_number"),
        sender_number=_number(form, "sender_number"),
        copies_printed=_count(form, "copies_printed"),
        sheets_attached=_count(form, "sheets_attached"),
    )


def _mode(finding: Finding | None) -> Cell:
    """How, by the words that say it."""
    if finding and finding.value:
        return finding.coded(finding.value)
    return inferred("unknown", "the form does not say how")


def _telling(form: Form, column: str) -> list[Finding]:
    return form.where(lambda field: field.transmission_column == column)


def _said(form: Form, column: str) -> Said[Finding] | None:
    """What the texts say first of a column."""
    return next(in_order(_telling(form, column)), None)


def _words(said: Said[Finding] | None, column: str, group: str) -> dict[str, Cell | None]:
    return said.columns(column, lambda one: one.cell(group)) if said else {}


def _code(said: Said[Finding] | None, group: str) -> Cell | None:
    return said.first.coded(said.first.value, group) if said and said.first.value else None


def _number(form: Form, column: str) -> Cell | None:
    numbers = (one.cell("number") for one in original_first(_telling(form, column)))
    return next((one for one in numbers if one), None)


def _count(form: Form, column: str) -> Cell | None:
    for one in original_first(_telling(form, column)):
        value = number_of(one.match["count"], form.vocabulary) if one.has("count") else None
        if value is not None:
            return one.coded(value, "count")
    return None


def number_of(word: str, vocabulary: Vocabulary) -> int | None:
    """A whole number written in digits or as a word; None for another word, and for too many digits."""
    if word.isdecimal():
        return int(word) if len(word) <= MOST_DIGITS else None
    return vocabulary.numerals.get(word.casefold())
