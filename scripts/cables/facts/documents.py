"""The document of a record, and the one that it encloses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cables.facts.catalogue import catalogue_date, joined_title
from cables.facts.events import date_of
from cables.facts.findings import Finding, original_first
from cables.facts.form import Form
from cables.facts.rows import Fact, cells, inferred, quoted
from cables.model import Cell


def documents(form: Form, events: Sequence[Fact]) -> Iterator[Fact]:
    """The record's own document, then the enclosed one where there is one."""
    yield Fact(
        "documents",
        form.document,
        cells(
            type=_type(form),
            title=form.record.catalogue.cells.get("title"),
            date_edtf=date_of(events, "submitted") or catalogue_date(form.record, form.vocabulary),
            language=_language(form),
        ),
    )
    if form.enclosure:
        yield _enclosed(form, form.enclosure, events)


def _type(form: Form) -> Cell:
    """Of the words of the title that say what the document is, the first."""
    text = joined_title(form.record)
    if text is not None:
        kinds = form.vocabulary.document_types
        found = [(match, kind) for pattern, kind in kinds if (match := pattern.search(text.folded.text))]
        if found:
            match, kind = min(found, key=lambda one: one[0].start())
            return Cell(kind, text.matched(*match.span()))
    return inferred("document", "neither title nor form says what it is")


def _language(form: Form) -> Cell | None:
    named = form.record.catalogue.cells.get("original_language")
    known = form.vocabulary.language_named(str(named.value)) if named else None
    return Cell(known.code, named.places) if known and named else None


def _enclosed(form: Form, row_id: str, events: Sequence[Fact]) -> Fact:
    announced = next(iter(original_first(form.named("enclosure"))), None)
    places = announced.places if announced else ()
    translated = translated_from(form)
    return Fact(
        "documents",
        row_id,
        cells(
            parent_document_id=inferred(form.document, "enclosed in the record's own document", *places),
            type=inferred("letter", "announced as a letter", *places)
            if announced
            else inferred("document", "quoted in full; nothing says what it is"),
            title=_title_within(form),
            date_edtf=date_of(events, "written"),
            language=translated[1] if translated else None,
        ),
    )


def _title_within(form: Form) -> Cell | None:
    """The part of the catalogue's title that is the enclosed document's."""
    text = joined_title(form.record)
    for pattern in form.vocabulary.catalogue("child_title"):
        if text and (match := pattern.search(text.folded.text)):
            return quoted(text, *match.span("title"))
    return None


def translated_from(form: Form) -> tuple[Finding, Cell] | None:
    """Where the message calls its text a translation, and from which language; None where it does not."""
    for finding in original_first(form.named("translated"))[:1]:
        words = finding.cell("language")
        own = form.language(finding.side) or ""
        code = form.vocabulary.language_words.get((own, finding.match["language"])) if words else None
        if words and code:
            reason = "the message says from which language it was translated"
            return finding, inferred(code, reason, *words.places)
    return None
