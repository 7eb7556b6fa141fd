"""Who sent a document: the organisation of the closing formula, and those who sign."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cables import ids
from cables.facts.findings import AFTER_NAMES, Said, grouped, in_order, trimmed
from cables.facts.form import Form
from cables.facts.rows import Fact, cells, inferred, quoted
from cables.model import Cell, Paragraph, Side, Zone
from cables.paragraphs import text_of

BETWEEN_COMMAS = re.compile(r"[^,;]+")
# In which capacity one sends, and how that is known.
CAPACITIES: Mapping[str, str] = {
    "organisation": "named after the closing formula",
    "signatory": "signs the text",
}


@dataclass(frozen=True, slots=True)
class Sender:
    """A sender's name in one of the texts; `key` is its part of an id."""

    key: str
    side: Side
    letter: bool
    capacity: str
    cell: Cell


def senders(form: Form) -> Iterator[Fact]:
    """A row a sender: of the document first, then of the letter; matched by order."""
    named = grouped([*_organisations(form), *_signatories(form)], lambda one: (one.letter, one.capacity))
    for letter in (False, True):
        for capacity in CAPACITIES:
            for said in in_order(named.get((letter, capacity), ())):
                yield _sender(form, said)


def _sender(form: Form, said: Said[Sender]) -> Fact:
    first = said.first
    return Fact(
        "senders",
        form.row_id(f"sender-{first.key}"),
        cells(
            document_id=form.document_cell(first.letter),
            capacity=inferred(first.capacity, CAPACITIES[first.capacity], *first.cell.places),
            **said.columns("name", lambda one: one.cell),
        ),
    )


def _organisations(form: Form) -> Iterator[Sender]:
    for one in form.named("closing"):
        if cell := one.name("sender"):
            yield Sender(one.key, one.side, one.paragraph.letter, "organisation", cell)


def _signatories(form: Form) -> Iterator[Sender]:
    for paragraph in form.paragraphs:
        if paragraph.zone is Zone.SIGNATURE and not paragraph.fields:
            names = _names(form, paragraph)
            for number, cell in enumerate(names, start=1):
                key = ids.line_key(paragraph.side, paragraph.first_line)
                key += f"-{number}" if len(names) > 1 else ""
                yield Sender(key, paragraph.side, paragraph.letter, "signatory", cell)


def _names(form: Form, paragraph: Paragraph) -> list[Cell]:
    text = text_of(paragraph, form.record)
    words = text.folded.text
    stretches = (trimmed(words, *match.span(), AFTER_NAMES) for match in BETWEEN_COMMAS.finditer(words))
    return [quoted(text, start, end) for start, end in stretches if start < end]
