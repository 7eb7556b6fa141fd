"""Checks of codes against the words that they stand for, by the vocabulary of the package."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cables.checks.form import decided
from cables.checks.loaded import VOCABULARY, Finding, Package, shown
from cables.checks.read import cells_read
from cables.checks.registry import Level, check
from cables.folding import fold
from cables.model import Basis, Zone
from cables.vocabulary import Cue, Vocabulary
from cables.vocabulary import Row as Authored

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Coded:
    """A cell with a code: the cells whose readings lead to its words, and what of a cue is that code."""

    table: str
    key: str
    column: str
    words: tuple[str, ...]
    code: str

    def of(self, cue: Cue) -> str | None:
        """The code for which a cue stands."""
        if self.code == "value":
            return cue.value
        found: str | None = getattr(cue.field, self.code)
        return found


CODED = (
    Coded(
        "events", "event_id", "event_type", ("as_written_original", "as_written_translation"), "event_type"
    ),
    Coded(
        "identifiers",
        "identifier_id",
        "scheme",
        ("as_written_original", "as_written_translation"),
        "identifier_scheme",
    ),
    Coded("transmissions", "transmission_id", "precedence", ("precedence",), "value"),
    Coded("transmissions", "transmission_id", "mode", ("mode",), "value"),
)


def paragraphs_at(package: Package) -> dict[tuple[str, int], list[tuple[int, int, str]]]:
    """Start, end and paragraph of the spans of every line."""
    found: dict[tuple[str, int], list[tuple[int, int, str]]] = {}
    for row in package.rows("spans"):
        own = found.setdefault((row["record_id"], row["line_number"]), [])
        own.append((row["start"], row["end"], row["paragraph_id"]))
    return found


class Places:
    """The paragraphs in which the cells of a package were read."""

    def __init__(self, package: Package) -> None:
        self.readings = cells_read(package)
        self.spans = paragraphs_at(package)
        self.paragraphs: Mapping[str, Row] = {row["paragraph_id"]: row for row in package.rows("paragraphs")}

    def of(self, table: str, row_id: str, *columns: str) -> Iterator[Row]:
        """The paragraphs that the readings of some cells of a row lead to."""
        for column in columns:
            for one in self.readings.get((table, row_id, column), []):
                for start, end, paragraph in self.spans.get((one["record_id"], one["line_number"]), []):
                    if (
                        one["start"] is not None
                        and start <= one["start"] < end
                        and paragraph in self.paragraphs
                    ):
                        yield self.paragraphs[paragraph]


def cues_in(paragraph: Row, words: Vocabulary) -> list[Cue]:
    """The cues of form fields whose words stand in a paragraph."""
    text = fold(paragraph["text"] or "").text
    return [cue for cue in words.cues_for(paragraph["language"]) if cue.pattern.search(text)]


@check(
    "vocabulary",
    "the vocabulary that the package carries, by which its codes are judged, is this repository's",
    Level.NOTICE,
)
def vocabulary(package: Package) -> Iterator[Finding]:
    carried, ours = package.own_words().rows, package.repository.words.rows
    for name in sorted(carried):
        path = f"{VOCABULARY}{name}.csv"
        own, known = ({_written(row): row.line for row in rows[name]} for rows in (carried, ours))
        for row, line in own.items():
            if row not in known:
                yield Finding(path, line, f"the row {shown(row)}", "a row that this repository has")
        for row in known:
            if row not in own:
                yield Finding(path, 1, f"no row {shown(row)}", "every row that this repository has")
        if own.keys() == known.keys() and list(own) != list(known):
            yield Finding(path, 1, "rows in another order", "that of this repository")


def _written(row: Authored) -> str:
    return ",".join(row.cells.values())


@check("codes-by-words", "a code that was read is one that the vocabulary gives to the words there")
def codes_by_words(package: Package) -> Iterator[Finding]:
    places = Places(package)
    known: dict[str, list[Cue]] = {}
    cells = decided(package)
    for coded in CODED:
        sheet = package.sheet(coded.table)
        for index, row in enumerate(sheet.rows):
            own = list(places.of(coded.table, row[coded.key], *coded.words))
            if row[coded.column] is None or not own:
                continue
            for one in own:
                if one["paragraph_id"] not in known:
                    known[one["paragraph_id"]] = cues_in(one, package.words)
            codes = {coded.of(cue) for one in own for cue in known[one["paragraph_id"]]} - {None}
            if row[coded.column] not in codes and (coded.table, row[coded.key], coded.column) not in cells:
                expected = (
                    f"one of {', '.join(sorted(filter(None, codes))) or 'none'}, as the words there are"
                )
                yield sheet.finding(index, f"{coded.column} {shown(row[coded.column])}", expected)


@check(
    "event-fields", "status and document of an event are those that the vocabulary gives to its kind of field"
)
def event_fields(package: Package) -> Iterator[Finding]:
    fields = package.words.fields.values()
    documents = {row["document_id"]: row["parent_document_id"] for row in package.rows("documents")}
    enclosing = {row["record_id"] for row in package.rows("documents") if row["parent_document_id"]}
    known = decided(package)
    sheet = package.sheet("events")
    for index, row in enumerate(sheet.rows):
        own = [one for one in fields if one.event_type == row["event_type"]]
        statuses = {one.event_status or "stated" for one in own}
        if own and row["status"] not in statuses and ("events", row["event_id"], "status") not in known:
            yield sheet.finding(index, f"status {shown(row['status'])}", " or ".join(sorted(statuses)))
        of_letter = {one.where in ("letter", "prose") and row["record_id"] in enclosing for one in own}
        enclosed = documents.get(row["document_id"]) is not None
        if own and enclosed not in of_letter and ("events", row["event_id"], "document_id") not in known:
            expected = "the enclosed document" if True in of_letter else "the record's own document"
            yield sheet.finding(index, f"document_id {shown(row['document_id'])}", expected)


@check("identifier-issuers", "whose number it is follows from what number it is")
def identifier_issuers(package: Package) -> Iterator[Finding]:
    known = {
        (one.identifier_scheme, one.identifier_issuer or "unknown")
        for one in package.words.fields.values()
        if one.identifier_scheme
    }
    sheet = package.sheet("identifiers")
    cells = decided(package)
    for index, row in enumerate(sheet.rows):
        if (row["scheme"], row["issuer"]) not in known and (
            "identifiers",
            row["identifier_id"],
            "issuer",
        ) not in cells:
            expected = " or ".join(sorted(issuer for scheme, issuer in known if scheme == row["scheme"]))
            yield sheet.finding(
                index, f"issuer {shown(row['issuer'])} of a {row['scheme']}", expected or "a known scheme"
            )


@check(
    "senders",
    "a sender is of the document under which the name stands: signed, or named in its closing formula",
)
def senders(package: Package) -> Iterator[Finding]:
    places = Places(package)
    known = decided(package)
    sheet = package.sheet("senders")
    for index, row in enumerate(sheet.rows):
        own = list(places.of("senders", row["sender_id"], "name_original", "name_translation"))
        documents = {one["document_id"] for one in own}
        if (
            own
            and row["document_id"] not in documents
            and ("senders", row["sender_id"], "document_id") not in known
        ):
            expected = " or ".join(sorted(documents))
            yield sheet.finding(index, f"document_id {shown(row['document_id'])}", expected)
        signed = any(one["zone"] == Zone.SIGNATURE and not _has_closing(one, package.words) for one in own)
        if (
            own
            and (row["capacity"] == "signatory") is not signed
            and ("senders", row["sender_id"], "capacity") not in known
        ):
            yield sheet.finding(
                index, f"capacity {shown(row['capacity'])}", "signatory when the name is a signature"
            )


def _has_closing(paragraph: Row, words: Vocabulary) -> bool:
    return any(cue.field.name == "closing" for cue in cues_in(paragraph, words))


@check(
    "form-documents",
    "what the form says is said of the record's own document, and of a letter who is addressed in it",
)
def form_documents(package: Package) -> Iterator[Finding]:
    known = decided(package)
    places = Places(package)
    for name, key in (("recipients", "recipient_id"), ("identifiers", "identifier_id")):
        sheet = package.sheet(name)
        for index, row in enumerate(sheet.rows):
            own = places.of(name, row[key], "role") if row.get("role") == "addressee" else ()
            expected = {one["document_id"] for one in own} or {f"r{row['record_id']}-document"}
            if row["document_id"] not in expected and (name, row[key], "document_id") not in known:
                found = f"document_id {shown(row['document_id'])}"
                yield sheet.finding(index, found, shown(" or ".join(sorted(expected))))


@check(
    "document-types", "a type that was read of the title is one that the vocabulary gives to the words there"
)
def document_types(package: Package) -> Iterator[Finding]:
    known = cells_read(package)
    sheet = package.sheet("documents")
    for index, row in enumerate(sheet.rows):
        own = known.get(("documents", row["document_id"], "type"), [])
        if own and own[0]["basis"] == Basis.READ:
            written = fold(" ".join(one["as_written"] or "" for one in own)).text
            codes = {code for pattern, code in package.words.document_types if pattern.search(written)}
            if row["type"] not in codes:
                yield sheet.finding(
                    index, f"type {shown(row['type'])}", " or ".join(sorted(codes)) or "another"
                )
        elif own and own[0]["basis"] == Basis.INFERRED:
            expected = {"letter"} if row["parent_document_id"] and own[0]["line_number"] else {"document"}
            if row["type"] not in expected:
                yield sheet.finding(index, f"type {shown(row['type'])}", " or ".join(sorted(expected)))


@check("transmission-modes", "a mode that is known was read; an unknown one has no words")
def transmission_modes(package: Package) -> Iterator[Finding]:
    known = cells_read(package)
    sheet = package.sheet("transmissions")
    for index, row in enumerate(sheet.rows):
        own = known.get(("transmissions", row["transmission_id"], "mode"), [])
        if own and (row["mode"] == "unknown") is (own[0]["basis"] == Basis.READ):
            yield sheet.finding(index, f"mode {shown(row['mode'])}", "unknown unless it was read")


@check("mark-kinds", "the kind of a bracket is the one that the vocabulary gives to its words")
def mark_kinds(package: Package) -> Iterator[Finding]:
    patterns = package.words.marks
    sheet = package.sheet("editorial_marks")
    for index, row in enumerate(sheet.rows):
        written = row["as_written"] or ""
        kind = next((kind for pattern, kind in patterns if pattern.search(written)), "supplied")
        if row["kind"] not in (kind, "unclosed"):
            yield sheet.finding(index, f"kind {shown(row['kind'])}", shown(kind))


@check(
    "shelfmarks",
    "a shelfmark is stated by the catalogue when it was read there, and has a source when outside",
)
def shelfmarks(package: Package) -> Iterator[Finding]:
    known = cells_read(package)
    sheet = package.sheet("archival_references")
    for index, row in enumerate(sheet.rows):
        own = known.get(("archival_references", row["archival_reference_id"], "as_written"), [])
        expected = "outside" if own and own[0]["basis"] == Basis.CURATED else "catalogue"
        if own and row["stated_by"] != expected:
            yield sheet.finding(index, f"stated_by {shown(row['stated_by'])}", shown(expected))
        if row["source"] is not None and row["stated_by"] != "outside":
            yield sheet.finding(index, f"source {shown(row['source'])}", "none but from outside")


LINES = re.compile(r"[0-9]+")


@check("derivations", "what a witness was made from has a basis when it is known, and then only")
def derivations(package: Package) -> Iterator[Finding]:
    sheet = package.sheet("witnesses")
    for index, row in enumerate(sheet.rows):
        if (row["derived_from"] is None) is not (row["derived_from_basis"] == "unknown"):
            found = f"derived_from {shown(row['derived_from'])}, basis {row['derived_from_basis']}"
            yield sheet.finding(index, found, "unknown when nothing is said to be its source")


@check(
    "witnesses",
    "a witness is of the record's own document, or of the enclosed one when that was written in it, and its "
    "evidence names lines that it was read from",
)
def witnesses(package: Package) -> Iterator[Finding]:
    known = decided(package)
    read: dict[str, set[int | None]] = {}
    for one in package.rows("readings"):
        if one["table"] == "witnesses":
            read.setdefault(one["row_id"], set()).add(one["line_number"])
    sheet = package.sheet("witnesses")
    for index, row in enumerate(sheet.rows):
        document = f"r{row['record_id']}-" + ("enclosure" if row["kind"] == "original" else "document")
        key = ("witnesses", row["witness_id"])
        if row["document_id"] != document and (*key, "document_id") not in known:
            yield sheet.finding(index, f"document_id {shown(row['document_id'])}", shown(document))
        if (*key, "evidence") in known:
            continue
        said = [int(one) for one in LINES.findall(row["evidence"] or "")]
        if row["first_line"] is not None and said != [row["first_line"], row["last_line"]]:
            yield sheet.finding(index, f"evidence {shown(row['evidence'])}", "its first and last line")
        if row["first_line"] is None and not set(said) <= read.get(row["witness_id"], set()):
            yield sheet.finding(index, f"evidence {shown(row['evidence'])}", "a line that it was read from")
