"""The texts and copies of a document that are here, or that something speaks of."""

from __future__ import annotations

from collections.abc import Iterator

from cables import ids
from cables.facts.catalogue import joined_lines
from cables.facts.documents import translated_from
from cables.facts.form import Form
from cables.facts.rows import Fact, cells, inferred, quoted
from cables.model import Cell, Side
from cables.record import Text

UNKNOWN = inferred("unknown", "nothing says from what it was made")


def witnesses(form: Form) -> Iterator[Fact]:
    """The texts of the export, a scan that is listed, and what a translation was made from."""
    for text in form.record.texts:
        yield _text(form, text)
    yield from _scan(form)
    yield from _first_written(form)


def _text(form: Form, text: Text) -> Fact:
    kind = ids.WITNESS_KINDS[text.side]
    translator = form.record.catalogue.cells.get("translator")
    return Fact(
        "witnesses",
        form.row_id(f"w-{kind}"),
        cells(
            document_id=inferred(form.document, "a text of the record's own document"),
            kind=inferred(kind, "by its language and the catalogue's"),
            language=_language(text),
            availability=inferred("in_package", "its lines are here"),
            first_line=inferred(text.first_line, "first line of the text"),
            last_line=inferred(text.last_line, "last line of the text"),
            maker=translator if text.side is Side.TRANSLATION else None,
            derived_from_basis=UNKNOWN,
            evidence=inferred(f"Lines {text.first_line}–{text.last_line} of the source.", "its lines"),
        ),
    )


def _language(text: Text) -> Cell | None:
    """As the catalogue names it; else as script and words tell it."""
    if text.language is None:
        return None
    if text.named:
        return Cell(text.language, text.named.places)
    return inferred(text.language, "by its script and words")


def _scan(form: Form) -> Iterator[Fact]:
    """One, however many entries of the contents name it."""
    patterns = form.vocabulary.catalogue("contents_scan")
    contents = form.record.catalogue.contents
    listed = [item for item in contents if any(one.search(str(item.value)) for one in patterns)]
    for item in listed[:1]:
        yield Fact(
            "witnesses",
            form.row_id("w-scan"),
            cells(
                document_id=inferred(form.document, "a text of the record's own document"),
                kind=Cell("scan", item.places),
                availability=inferred("elsewhere", "listed, not part of the export", *item.places),
                derived_from_basis=UNKNOWN,
                evidence=inferred(
                    f"Listed in the contents (line {item.places[0].line}).", "the catalogue", *item.places
                ),
            ),
        )


def _first_written(form: Form) -> Iterator[Fact]:
    translated = translated_from(form)
    if translated is None or not form.enclosure:
        return
    finding, language = translated
    evidence = f"The message calls its text a translation (line {finding.line})."
    yield Fact(
        "witnesses",
        form.row_id("w-first-written"),
        cells(
            document_id=inferred(form.enclosure, "said of the enclosed document", *finding.places),
            kind=inferred("original", "what the translation was made from", *finding.places),
            language=language,
            availability=inferred("not_located", "nothing says where it is"),
            derived_from_basis=UNKNOWN,
            evidence=inferred(evidence, "stated", *finding.places),
        ),
    )


def archival_references(form: Form) -> Iterator[Fact]:
    """The shelfmark that the citation gives, after the witness that is kept there."""
    citation = form.record.catalogue.cells.get("citation")
    if citation is None:
        return
    text = joined_lines(form.record, citation)
    for pattern in form.vocabulary.catalogue("archival_reference"):
        if match := pattern.search(text.folded.text):
            parts = ("repository", "fond", "opis", "delo", "folios")
            shelfmark = {part: quoted(text, *match.span(part)) for part in parts}
            as_written = quoted(text, *match.span("reference"))
            witness = _kept(form, as_written)
            yield witness
            yield _reference(form, witness, shelfmark, as_written)
            return


def _kept(form: Form, as_written: Cell) -> Fact:
    places = as_written.places
    return Fact(
        "witnesses",
        form.row_id("w-archival"),
        cells(
            document_id=inferred(form.document, "the document that the citation names"),
            kind=inferred("archival_document", "the citation gives its shelfmark", *places),
            availability=inferred("elsewhere", "the citation gives its shelfmark", *places),
            derived_from_basis=UNKNOWN,
            evidence=inferred("The citation gives its shelfmark.", "the catalogue", *places),
        ),
    )


def _reference(form: Form, witness: Fact, shelfmark: dict[str, Cell], as_written: Cell) -> Fact:
    slug = "-".join(str(shelfmark[part].value) for part in ("repository", "fond", "opis", "delo"))
    return Fact(
        "archival_references",
        form.row_id("ref-" + slug.lower()),
        cells(
            **shelfmark,
            witness_id=inferred(witness.row_id, "the document that the citation names"),
            as_written=as_written,
            stated_by=inferred("catalogue", "in the citation", *as_written.places),
        ),
    )
