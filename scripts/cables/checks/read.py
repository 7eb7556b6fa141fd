"""Checks of where every value comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cables import dates, facts, tables
from cables.checks.loaded import Finding, Package, Sheet, shown
from cables.checks.registry import check
from cables.curation import NAME_COLUMNS
from cables.folding import search_text
from cables.model import Basis
from cables.vocabulary import Vocabulary

Row = dict[str, Any]
# Cells that no reading leads to: keys, and what is counted or made rather than read.
WITHOUT_READING = {
    "records": {"source_path", "bytes", "sha256", "layout", "line_count", "byte_order_mark"},
}
LAYOUT = re.compile(r"[\s*;]+")
DATES = frozenset({"date_edtf", "date_original", "date_translation"})
TIMES = frozenset({"time", "time_original", "time_translation"})
NOT_DIGITS = re.compile(r"\D")
LINE = re.compile(r"\bline (\d+)")
DECISIONS = "data/curation"
# Cells that no machine fills.
DECIDED = frozenset((table, column) for table, (_, column) in NAME_COLUMNS.items())


def cells_read(package: Package) -> dict[tuple[str, str, str], list[Row]]:
    """The readings of every cell, by table, row and column."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in package.rows("readings"):
        found.setdefault((row["table"], row["row_id"], row["column"]), []).append(row)
    return found


def with_readings(package: Package) -> Iterator[tuple[Sheet, str, set[str]]]:
    """The tables whose cells have readings, with their key and the columns that have none."""
    for name, key in {"records": "record_id", **tables.FACTS}.items():
        yield package.sheet(name), key, {key, "record_id"} | WITHOUT_READING.get(name, set())


@check("readings-found", "every reading stands on its line where it says")
def readings_found(package: Package) -> Iterator[Finding]:
    sheet = package.sheet("readings")
    for index, row in enumerate(sheet.rows):
        place = (row["line_number"], row["start"], row["end"])
        if all(one is None for one in (*place, row["as_written"])):
            continue
        if None in place:
            yield sheet.finding(index, f"line, start and end {place}", "all of them or none")
            continue
        there = package.stretch(row["record_id"], *place)
        if not there or row["as_written"] != there:
            yield sheet.finding(
                index, f"as_written {shown(row['as_written'])}", f"{shown(there)}, as line {place[0]} says"
            )


@check("readings-refer", "every reading leads to a cell that is there and holds something")
def readings_refer(package: Package) -> Iterator[Finding]:
    cells: dict[tuple[str, str, str], str] = {}
    for sheet, key, without in with_readings(package):
        for row in sheet.rows:
            for column, value in row.items():
                if column not in without and value is not None:
                    cells[sheet.table.name, row[key], column] = row["record_id"]
    readings = package.sheet("readings")
    for index, row in enumerate(readings.rows):
        record_id = cells.get((row["table"], row["row_id"], row["column"]))
        where = f"{row['table']} / {row['row_id']} / {row['column']}"
        if record_id is None:
            yield readings.finding(index, f"a reading of {where}", "a cell with a value")
        elif record_id != row["record_id"]:
            yield readings.finding(index, f"record_id {shown(row['record_id'])} of {where}", shown(record_id))


@check("readings-complete", "every value that was read, inferred or decided has a reading that says so")
def readings_complete(package: Package) -> Iterator[Finding]:
    known = cells_read(package)
    for sheet, key, without in with_readings(package):
        for index, row in enumerate(sheet.rows):
            for column, value in row.items():
                if (
                    column not in without
                    and value is not None
                    and (sheet.table.name, row[key], column) not in known
                ):
                    yield sheet.finding(
                        index, f"{column} {shown(value)} of {row[key]} without a reading", "one at least"
                    )


@check("readings-basis", "what is read has a place and no reason; what is inferred or decided has a reason")
def readings_basis(package: Package) -> Iterator[Finding]:
    sheet = package.sheet("readings")
    first: dict[tuple[str, str, str], Row] = {}
    cells = cells_read(package)
    for index, row in enumerate(sheet.rows):
        read = row["basis"] == Basis.READ
        if read and row["line_number"] is None:
            yield sheet.finding(index, "a value that was read, without a place", "the line it was read from")
        if read is (row["reason"] is not None):
            yield sheet.finding(
                index, f"basis {row['basis']}, reason {shown(row['reason'])}", "a reason unless it was read"
            )
        cell = (row["table"], row["row_id"], row["column"])
        if cell not in first:
            yield from _unfounded(sheet, index, cell, cells[cell])
        one = first.setdefault(cell, row)
        if (one["basis"], one["reason"]) != (row["basis"], row["reason"]):
            yield sheet.finding(
                index,
                f"basis {row['basis']}, reason {shown(row['reason'])}",
                "those of the cell's first reading",
            )


def _unfounded(sheet: Sheet, index: int, cell: tuple[str, str, str], own: list[Row]) -> Iterator[Finding]:
    """Who somebody is, only persons decide, who say so; a reason names no line but those that were read."""
    basis, reason = own[0]["basis"], own[0]["reason"] or ""
    if (cell[0], cell[2]) in DECIDED and basis != Basis.CURATED:
        yield sheet.finding(index, f"basis {basis} of {cell[2]}", "curated, as persons alone decide it")
    if basis == Basis.INFERRED and DECISIONS in reason:
        yield sheet.finding(index, f"basis {basis}, reason {shown(reason)}", "curated, as the reason says")
    lines = {one["line_number"] for one in own}
    said = {int(one) for one in LINE.findall(reason)} if basis == Basis.INFERRED else set()
    if not said <= lines:
        named = ", ".join(map(str, sorted(filter(None, lines))))
        yield sheet.finding(index, f"reason {shown(reason)}", f"line {named}, from which it was read")


@check("readings-order", "the readings stand in the order of the records, the tables, their rows and columns")
def readings_order(package: Package) -> Iterator[Finding]:
    records = {row["record_id"]: index for index, row in enumerate(package.rows("records"))}
    places: dict[tuple[str, str, str], tuple[int, ...]] = {}
    for number, (sheet, key, _) in enumerate(with_readings(package)):
        for index, row in enumerate(sheet.rows):
            for at, column in enumerate(sheet.table.columns):
                places[sheet.table.name, row[key], column] = (number, index, at)
    readings = package.sheet("readings")
    before: tuple[int, ...] = ()
    for index, row in enumerate(readings.rows):
        cell = (row["table"], row["row_id"], row["column"])
        place = (records.get(row["record_id"], -1), *places.get(cell, ()), row["position"])
        if place < before:
            found = f"{' / '.join(cell)} after what follows it"
            yield readings.finding(index, found, "the order of its table")
        before = place


@check("readings-say", "a value that was read is what the words say that it was read from")
def readings_say(package: Package) -> Iterator[Finding]:
    known = cells_read(package)
    for sheet, key, without in with_readings(package):
        coded = {
            one["name"]
            for one in sheet.table.schema["fields"]
            if "enum" in one["constraints"] or one["type"] == "boolean" or one["name"].endswith("_id")
        }
        for index, row in enumerate(sheet.rows):
            for column, value in row.items():
                own = known.get((sheet.table.name, row[key], column), [])
                if column in without | coded or value is None or not own or own[0]["basis"] == Basis.CURATED:
                    continue
                written = [search_text(one["as_written"]) for one in own if one["as_written"]]
                if written and not _says(column, value, written, package.words):
                    yield sheet.finding(
                        index, f"{column} {shown(value)}", f"what {shown(' | '.join(written))} says"
                    )


def _says(column: str, value: object, written: list[str], words: Vocabulary) -> bool:
    if column in DATES:
        return says_date(str(value), written, words)
    if column in TIMES:
        return _says_time(str(value), " ".join(written), words)
    if column == "language":
        return _says_language(str(value), " ".join(written), words)
    if isinstance(value, int):
        return facts.number_of(" ".join(written), words) == value
    if column == "evidence":
        return True
    return LAYOUT.sub("", search_text(str(value))) == LAYOUT.sub("", "".join(written))


def says_date(value: str, written: list[str], words: Vocabulary) -> bool:
    """Whether the words give a day; where it is an interval, whether its ends are among them."""
    days = [one for one in re.split(r"\.\.|[\[\]]", value) if one]
    found = {one for day in days for one in _dates(day, written, words)}
    return all(any(one.startswith(day) or day.startswith(one) for one in found) for day in days)


def _dates(day: str, written: list[str], known: Vocabulary) -> Iterator[str]:
    year = int(day[:4]) if day[:4].isdecimal() else None
    # A date may stand on two lines, and its year may be taken over from another place.
    years = {one.year for words in written if (one := dates.when(words, known, year).date) and one.year}
    for words in (*written, " ".join(written)):
        # A day and month without a year are told from other numbers by the time that follows them.
        printed = dates.when(f"{words} 0", known, year).date
        own = printed.edtf(year if year in years else None) if printed else None
        if own:
            yield own


def _says_time(value: str, written: str, known: Vocabulary) -> bool:
    time = dates.when(written, known).time
    return (time is not None and time.hhmm() == value) or NOT_DIGITS.sub("", written).zfill(
        4
    ) == value.replace(":", "")


def _says_language(value: str, written: str, known: Vocabulary) -> bool:
    named = known.language_named(written)
    return (named is not None and named.code == value) or any(
        word == written and code == value for (_, word), code in known.language_words.items()
    )
