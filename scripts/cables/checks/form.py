"""Checks of what the form says: documents, transmissions, events, senders, recipients."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from edtf import parse_edtf
from edtf.parser.edtf_exceptions import EDTFParseException

from cables.checks.loaded import Finding, Package, Sheet, Unreadable, decisions, shown
from cables.checks.read import cells_read
from cables.checks.registry import Level, check
from cables.model import Basis

Row = dict[str, Any]
DATES = (
    ("records", "date_edtf"),
    ("documents", "date_edtf"),
    ("events", "date_edtf"),
    ("events", "date_original"),
    ("events", "date_translation"),
)
YEAR_ONLY = len("1950")


@check("dates-valid", "every date is EDTF (ISO 8601-2) and a day of the calendar")
def dates_valid(package: Package) -> Iterator[Finding]:
    for name, column in DATES:
        sheet = package.sheet(name)
        for index, row in enumerate(sheet.rows):
            if row[column] is not None and not _is_edtf(row[column]):
                yield sheet.finding(index, f"{column} {shown(row[column])}", "a date in EDTF")


@cache
def _is_edtf(text: str) -> bool:
    try:
        parse_edtf(text).lower_strict()
    except (EDTFParseException, ValueError):
        return False
    return True


def decided(package: Package) -> set[tuple[str, str, str]]:
    """The cells that a person decided, which need not follow from others.

    Of a cell that a person emptied nothing is left but the decision, where the package carries it.
    """
    found = {cell for cell, own in cells_read(package).items() if own[0]["basis"] == Basis.CURATED}
    try:
        rows = decisions(package, "cells")
    except Unreadable:
        rows = []
    return found | {(row["table"], row["row_id"], row["column"]) for row in rows if not row["value"]}


def _unless_decided(
    package: Package, sheet: Sheet, index: int, key: str, expected: dict[str, Any]
) -> Iterator[Finding]:
    row = sheet.rows[index]
    known = decided(package) if any(row[column] != value for column, value in expected.items()) else set()
    for column, value in expected.items():
        if row[column] != value and (sheet.table.name, row[key], column) not in known:
            yield sheet.finding(index, f"{column} {shown(row[column])}", shown(value))


@check("event-dates", "an event's date and time are those of the original, or else of the translation")
def event_dates(package: Package) -> Iterator[Finding]:
    sheet = package.sheet("events")
    for index, row in enumerate(sheet.rows):
        given = [row["date_original"], row["date_translation"]]
        full = [one for one in given if one and len(one) > YEAR_ONLY]
        dates = full or [one for one in given if one]
        times = [one for one in (row["time_original"], row["time_translation"]) if one]
        expected = {"time": times[0] if times else None, "texts_agree": _agree(row)}
        if dates:
            expected["date_edtf"] = dates[0]
        yield from _unless_decided(package, sheet, index, "event_id", expected)


def _agree(row: Row) -> bool | None:
    pairs = [
        (row["date_original"], row["date_translation"]),
        (row["time_original"], row["time_translation"]),
    ]
    given = [(one, other) for one, other in pairs if one and other]
    return all(one.startswith(other) or other.startswith(one) for one, other in given) if given else None


GIVEN = ("date_original", "date_translation", "time_original", "time_translation")
WRITTEN = ("as_written_original", "as_written_translation")


@check("event-agreement", "whether the texts agree on a time was read where they give it, and nowhere else")
def event_agreement(package: Package) -> Iterator[Finding]:
    read = cells_read(package)
    sheet = package.sheet("events")
    for index, row in enumerate(sheet.rows):
        agree, *others = (
            [one for column in columns for one in read.get(("events", row["event_id"], column), [])]
            for columns in (("texts_agree",), GIVEN, WRITTEN)
        )
        if row["texts_agree"] is None or any(one["basis"] == Basis.CURATED for one in (*agree, *others[0])):
            continue
        given, written = others
        # A year that was taken over from another place is no part of what is compared.
        printed = {_place(one) for one in given if one["basis"] == Basis.READ}
        lost = printed - {_place(one) for one in agree}
        elsewhere = {one["line_number"] for one in agree} - {one["line_number"] for one in written}
        if lost or elsewhere:
            lines = ", ".join(str(one["line_number"]) for one in agree)
            found = f"texts_agree of {row['event_id']}, read on line {lines}"
            yield sheet.finding(index, found, "all the places where the two texts give day and time")


def _place(reading: Row) -> tuple[int | None, ...]:
    return reading["line_number"], reading["start"], reading["end"]


@check(
    "event-intervals", "a date that no text gives lies between the dates of two other events, and is inferred"
)
def event_intervals(package: Package) -> Iterator[Finding]:
    sheet = package.sheet("events")
    known = {(row["record_id"], row["date_edtf"]) for row in sheet.rows}
    for index, row in enumerate(sheet.rows):
        date = row["date_edtf"]
        if date is None or row["date_original"] or row["date_translation"]:
            continue
        ends = date.strip("[]").split("..")
        if row["date_basis"] == Basis.CURATED:
            continue
        if row["date_basis"] != Basis.INFERRED or ends != sorted(ends):
            yield sheet.finding(index, f"date_edtf {shown(date)}", "an inferred date, its earlier end first")
        for end in ends:
            others = [one for one in sheet.rows if one is not row and one["date_edtf"] == end]
            if (row["record_id"], end) not in known or not others:
                yield sheet.finding(index, f"date_edtf {shown(date)}", f"{end} the date of another event")


BASES = (("date_basis", "date_edtf"), ("year_basis", "date_edtf"), ("clock_basis", "time"))
# Whose readings must say the same as a basis, besides those of the basis itself.
RESTS_ON = (("date_basis", "date_edtf"), ("clock_basis", "time"))


@check(
    "event-bases",
    "a date, year or time has a basis exactly when it is there, and the one that its readings give",
)
def event_bases(package: Package) -> Iterator[Finding]:
    read = cells_read(package)
    sheet = package.sheet("events")
    for index, row in enumerate(sheet.rows):
        for basis, value in BASES:
            if (row[basis] is None) is not (row[value] is None):
                yield sheet.finding(
                    index, f"{basis} {shown(row[basis])}, {value} {shown(row[value])}", "both or neither"
                )
        inferred = Basis.INFERRED in (row["date_basis"], row["year_basis"])
        day = Basis.INFERRED if inferred else row["date_basis"]
        rests = {**row, "date_edtf": day, "time": row["clock_basis"]}
        for basis, column in (*((basis, basis) for basis, _ in BASES), *RESTS_ON):
            own = read.get(("events", row["event_id"], column), [])
            if own and own[0]["basis"] != rests[column]:
                said = f"{shown(own[0]['basis'])}, as the readings of {column} say"
                yield sheet.finding(index, f"{basis} {shown(row[basis])}", said)


DATED_BY = {True: "written", False: "submitted"}


@check("document-dates", "a document is dated by its own sending or writing, or else by the catalogue")
def document_dates(package: Package) -> Iterator[Finding]:
    events = package.by("events", "record_id", "event_type")
    catalogue = {row["record_id"]: row["date_edtf"] for row in package.rows("records")}
    sheet = package.sheet("documents")
    for index, row in enumerate(sheet.rows):
        enclosed = row["parent_document_id"] is not None
        own = events.get((row["record_id"], DATED_BY[enclosed]), [])
        date = own[0]["date_edtf"] if own else None
        date = date or (None if enclosed else catalogue.get(row["record_id"]))
        yield from _unless_decided(package, sheet, index, "document_id", {"date_edtf": date})


@check("documents-nested", "a record has one document of its own; every other is enclosed in it")
def documents_nested(package: Package) -> Iterator[Finding]:
    sheet = package.sheet("documents")
    own = package.by("documents", "record_id")
    records = package.sheet("records")
    for index, record in enumerate(records.rows):
        found = [row for row in own.get((record["record_id"],), []) if row["parent_document_id"] is None]
        if len(found) != 1:
            yield records.finding(index, f"{len(found)} documents that none encloses", "one")
    for index, row in enumerate(sheet.rows):
        if row["parent_document_id"] not in (None, f"r{row['record_id']}-document"):
            found_ = f"parent_document_id {shown(row['parent_document_id'])}"
            yield sheet.finding(index, found_, shown(f"r{row['record_id']}-document"))


@check("same-document", "an event and the transmission it belongs to are of one document")
def same_document(package: Package) -> Iterator[Finding]:
    documents = {row["transmission_id"]: row["document_id"] for row in package.rows("transmissions")}
    sheet = package.sheet("events")
    for index, row in enumerate(sheet.rows):
        expected = documents.get(row["transmission_id"], row["document_id"])
        yield from _unless_decided(package, sheet, index, "event_id", {"document_id": expected})


@check(
    "recipients", "a copy is numbered or counted, an addressee neither; it is blank when no name is printed"
)
def recipients(package: Package) -> Iterator[Finding]:
    sheet = package.sheet("recipients")
    for index, row in enumerate(sheet.rows):
        named = row["name_original"] or row["name_translation"]
        expected: dict[str, Any] = {"status": "named" if named else "blank"}
        if row["role"] == "addressee" or row["copy_number"] is not None:
            expected["copies"] = 1
        if row["role"] == "addressee":
            expected["copy_number"] = None
        yield from _unless_decided(package, sheet, index, "recipient_id", expected)


@check("id-lines", "the line in an id of a sender, recipient or number is one that its readings stand on")
def id_lines(package: Package) -> Iterator[Finding]:
    read = cells_read(package)
    spans = _paragraph_lines(package)
    for name, key, columns in NAMED_BY_LINES:
        sheet = package.sheet(name)
        for index, row in enumerate(sheet.rows):
            line = _line_of_id(row[key])
            if line is None:
                continue
            near = spans.get((row["record_id"], line), {line})
            places = {
                one["line_number"] for column in columns for one in read.get((name, row[key], column), [])
            }
            if places and not places & near:
                found = f"{key} {shown(row[key])}"
                yield sheet.finding(index, found, f"line {', '.join(map(str, sorted(filter(None, places))))}")


NAMED_BY_LINES = (
    ("senders", "sender_id", ("name_original", "name_translation")),
    ("recipients", "recipient_id", ("name_original", "name_translation", "role")),
    ("identifiers", "identifier_id", ("as_written_original", "as_written_translation")),
)


def _line_of_id(identifier: str) -> int | None:
    after = identifier.rpartition("-L")[2].split("-")[0] if "-L" in identifier else ""
    return int(after) if after.isdecimal() else None


def _paragraph_lines(package: Package) -> dict[tuple[str, int], set[int]]:
    """The lines of the paragraph that a line is of."""
    found: dict[tuple[str, int], set[int]] = {}
    for own in package.by("spans", "paragraph_id").values():
        numbers = {row["line_number"] for row in own}
        for row in own:
            found[row["record_id"], row["line_number"]] = numbers
    return found


@check("sides-read", "what a text is said to write was read in that text")
def sides_read(package: Package) -> Iterator[Finding]:
    reach = {
        (row["record_id"], row["witness_id"].rpartition("-w-")[2]): (row["first_line"], row["last_line"])
        for row in package.rows("witnesses")
        if row["first_line"] and row["last_line"]
    }
    sheet = package.sheet("readings")
    for index, row in enumerate(sheet.rows):
        side = SIDE_OF_COLUMN.get(row["column"].rpartition("_")[2])
        own = reach.get((row["record_id"], side)) if side else None
        if own and row["line_number"] is not None and not own[0] <= row["line_number"] <= own[1]:
            found = f"{row['column']} of {row['row_id']} read on line {row['line_number']}"
            yield sheet.finding(index, found, f"lines {own[0]} to {own[1]}, the {side}")


SIDE_OF_COLUMN = {"original": "transcription", "translation": "translation"}


@check(
    "entities-named",
    "who is identified in a cell is the one whose name is marked at the place it was read from",
)
def entities_named(package: Package) -> Iterator[Finding]:
    spots = _spots(package)
    for name, key, column in (
        ("senders", "sender_id", "entity_id"),
        ("recipients", "recipient_id", "entity_id"),
        ("events", "event_id", "actor_entity_id"),
    ):
        read = cells_read(package)
        sheet = package.sheet(name)
        for index, row in enumerate(sheet.rows):
            own = [one for one in read.get((name, row[key], column), []) if one["line_number"] is not None]
            if own and row[column] is not None:
                marked = spots.get((row["record_id"], own[0]["line_number"], own[0]["start"]))
                if marked != row[column]:
                    yield sheet.finding(index, f"{column} {shown(row[column])}", shown(marked))


def _spots(package: Package) -> dict[tuple[str, int, int], str]:
    """The entity that is named at every line and offset."""
    spans = package.by("spans", "paragraph_id")
    lengths = {row["paragraph_id"]: len(row["text"]) for row in package.rows("paragraphs")}
    found: dict[tuple[str, int, int], str] = {}
    for row in package.rows("mentions"):
        offset, last = 0, min(row["end"], lengths.get(row["paragraph_id"], 0))
        for span in spans.get((row["paragraph_id"],), []):
            length = span["end"] - span["start"]
            for at in range(max(row["start"], offset, 0), min(last, offset + length)):
                place = (row["record_id"], span["line_number"], span["start"] + at - offset)
                found[place] = row["entity_id"]
            offset += length + (span["join"] == "space")
    return found


# --- copies: what history wrote is told, never rejected ------------------------------------------------


@check("copies", "the copies listed are numbered once each, and as many as were printed", Level.WARNING)
def copies(package: Package) -> Iterator[Finding]:
    sheet = package.sheet("recipients")
    printed = {
        row["document_id"]: row["copies_printed"]
        for row in package.rows("transmissions")
        if row["copies_printed"]
    }
    for (document,), own in package.by("recipients", "document_id").items():
        listed = [row for row in own if row["role"] == "copy"]
        total = printed.get(document)
        numbers = [row["copy_number"] for row in listed if row["copy_number"] is not None]
        for row in listed:
            number = row["copy_number"]
            index = sheet.rows.index(row)
            if number is not None and numbers.count(number) > 1:
                yield sheet.finding(index, f"copy {number} {numbers.count(number)} times", "once")
            if number is not None and total is not None and not 1 <= number <= total:
                yield sheet.finding(index, f"copy {number}", f"no more than the {total} that were printed")
        held = sum(row["copies"] for row in listed if row["status"] == "named")
        if listed and total is not None and held != total:
            found = f"{held} copies with a holder, {len(listed)} listed"
            yield sheet.finding(sheet.rows.index(listed[0]), found, f"{total}, as many as were printed")
