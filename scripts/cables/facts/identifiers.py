"""The numbers that stand on a document."""

from __future__ import annotations

from collections.abc import Iterator

from cables.facts.findings import Finding, Said, grouped, in_order
from cables.facts.form import Form
from cables.facts.rows import Fact, cells, inferred


def identifiers(form: Form) -> Iterator[Fact]:
    """A row a number; the numbers of one field are matched by their order."""
    found = [one for one in form.where(lambda field: field.identifier_scheme) if one.has("number")]
    for same in grouped(found, lambda one: one.field.name).values():
        for said in in_order(same):
            yield _identifier(form, said)


def _identifier(form: Form, said: Said[Finding]) -> Fact:
    first = said.first
    scheme = first.field.identifier_scheme or "unknown"
    return Fact(
        "identifiers",
        form.row_id(f"id-{first.key}"),
        cells(
            document_id=form.document_cell(),
            scheme=inferred(scheme, "the form does not say what the number is")
            if scheme == "unknown"
            else first.coded(scheme),
            **said.columns("as_written", lambda one: one.cell("number")),
            issuer=inferred(first.field.identifier_issuer or "unknown", "by the kind of number"),
        ),
    )
