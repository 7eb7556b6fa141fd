"""Who received a document: its addressees, and the holders of its copies."""

from __future__ import annotations

from collections.abc import Iterator

from cables.facts.findings import Finding, Said, grouped, in_order
from cables.facts.form import Form
from cables.facts.rows import Fact, cells, inferred
from cables.model import Cell

ADDRESSEES = ("addressee_organisation", "addressee_person", "letter_addressee")
NUMBERED = ("copy", "copy_numbered")
COUNTED = "copy_counted"


def recipients(form: Form) -> Iterator[Fact]:
    """A row an addressee, then a row a copy, or a row a holder of several."""
    for field in ADDRESSEES:
        for said in in_order(form.named(field)):
            yield _addressee(form, said)
    yield from _numbered_copies(form)
    for said in in_order(form.named(COUNTED)):
        yield _counted_copies(form, said)


def _addressee(form: Form, said: Said[Finding]) -> Fact:
    first = said.first
    return Fact(
        "recipients",
        form.row_id(f"addressee-{first.key}"),
        cells(
            document_id=form.document_cell(first.paragraph.letter),
            role=first.coded("addressee"),
            copies=inferred(1, "an addressee"),
            **said.columns("name", lambda one: one.name("name")),
            status=first.coded("named", "name"),
        ),
    )


def _numbered_copies(form: Form) -> Iterator[Fact]:
    """Copies by number; a number that one text prints twice keeps both rows."""
    by_number = grouped(form.named(*NUMBERED), lambda one: int(one.match["copy"]))
    for number, same in sorted(by_number.items()):
        for index, said in enumerate(in_order(same)):
            suffix = f"copy-{number:02d}" + (f"-{said.first.own_key(form.record)}" if index else "")
            yield _numbered_copy(form, suffix, number, said)


def _numbered_copy(form: Form, suffix: str, number: int, said: Said[Finding]) -> Fact:
    first = said.first
    names = cells(**said.columns("name", lambda one: _holder(form, one)))
    return Fact(
        "recipients",
        form.row_id(suffix),
        cells(
            document_id=form.document_cell(),
            role=first.coded("copy"),
            copy_number=first.coded(number, "copy"),
            copies=inferred(1, "a numbered copy"),
            **names,
            status=first.coded("named") if names else inferred("blank", "no name is printed", *first.places),
        ),
    )


def _counted_copies(form: Form, said: Said[Finding]) -> Fact:
    first = said.first
    return Fact(
        "recipients",
        form.row_id(f"copies-{first.own_key(form.record)}"),
        cells(
            document_id=form.document_cell(),
            role=first.coded("copy"),
            copies=first.coded(int(first.match["copies"]), "copies"),
            **said.columns("name", lambda one: _holder(form, one)),
            status=first.coded("named", "name"),
        ),
    )


def _holder(form: Form, finding: Finding) -> Cell | None:
    """The name of a copy's holder without "comrade"."""
    return finding.cell("name", before=form.vocabulary.honorifics.get(form.language(finding.side) or ""))
