"""Checks of what a machine doubts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from cables.checks.discrepancies import Row, whole_text
from cables.checks.loaded import Finding, Package, Sheet, decisions, shown
from cables.checks.read import says_date
from cables.checks.registry import Level, check
from cables.checks.texts import lines_of
from cables.folding import fold
from cables.model import Line
from cables.vocabulary import Vocabulary, whole_number

CURATED = "curated"


@check(
    "doubts-refer", "every doubt is on lines that are there, and leads to what explains it or stands for it"
)
def doubts_refer(package: Package) -> Iterator[Finding]:
    origins = {row["discrepancy_id"]: row["origin"] for row in package.rows("discrepancies")}
    counts = {row["record_id"]: row["line_count"] for row in package.rows("records")}
    sheet = package.sheet("doubts")
    for index, row in enumerate(sheet.rows):
        first, last = row["first_line"], row["last_line"]
        if not first <= last <= counts.get(row["record_id"], 0):
            yield sheet.finding(index, f"lines {first} to {last}", "ascending lines of the source")
        own = row["doubt_id"].replace("-x-", "-d-machine-", 1)
        if origins.get(row["discrepancy_id"]) != CURATED and row["discrepancy_id"] != own:
            found = f"discrepancy_id {shown(row['discrepancy_id'])}"
            yield sheet.finding(index, found, f"{own}, or one that a person recorded")


@check(
    "doubts-reach",
    "a doubt about several lines begins and ends where a paragraph, or what was read, begins or ends",
)
def doubts_reach(package: Package) -> Iterator[Finding]:
    ends = {
        (row["record_id"], row[column])
        for name, columns in (("paragraphs", ("first_line", "last_line")), ("readings", ("line_number",)))
        for row in package.rows(name)
        for column in columns
    }
    sheet = package.sheet("doubts")
    for index, row in enumerate(sheet.rows):
        first, last = row["first_line"], row["last_line"]
        if first != last and not {(row["record_id"], first), (row["record_id"], last)} <= ends:
            yield sheet.finding(index, f"lines {first} to {last}", "whole paragraphs, or lines read from")


CHARACTER = re.compile(r"U\+(10[0-9A-F]{4}|[0-9A-F]{4,5})")
FIGURE = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d|\d+")
DAY = len("1950-09-30")
# The tables of the form, whose figures a doubt may compare.
COMPARED = ("events", "identifiers", "pages", "recipients", "transmissions")


@check("doubts-say", "a figure in what a doubt says stands on its lines, or in what was read of the form")
def doubts_say(package: Package) -> Iterator[Finding]:
    known = _figures_read(package)
    lines = lines_of(package)
    quotes = _straight_quotes(package)
    sheet = package.sheet("doubts")
    for index, row in enumerate(sheet.rows):
        own = lines.get(row["record_id"], [])[row["first_line"] - 1 : row["last_line"]]
        read = known.get(row["record_id"], set()) | {str(quotes[row["record_id"], row["side"]])}
        if not _is_founded(row, own, read, package.words):
            expected = "figures that stand on its lines or in the form"
            yield sheet.finding(index, f"message {shown(row['message'])}", expected)


def _is_founded(doubt: Row, own: list[Line], read: set[str], words: Vocabulary) -> bool:
    """Whether all that a doubt says in figures is known; a day may stand in other words that it quotes."""
    text = fold(whole_text(own)).text
    figures = {*read, *FIGURE.findall(text), *FIGURE.findall(text.replace(",", ""))}
    figures |= {str(doubt["first_line"]), str(doubt["last_line"])}
    said = [one for one in FIGURE.findall(CHARACTER.sub("", doubt["message"])) if one not in figures]
    characters = [chr(int(one, 16)) for one in CHARACTER.findall(doubt["message"])]
    return all(len(one) == DAY and says_date(one, [doubt["quote"] or ""], words) for one in said) and all(
        any(one in line.text for line in own) for one in characters
    )


def _figures_read(package: Package) -> dict[str, set[str]]:
    """All figures of the form by record, with those that are counted from them."""
    found: dict[str, set[str]] = {}
    read = _read_before(package)
    for name in COMPARED:
        for row in (*package.rows(name), *(cell for table, cell in read if table == name)):
            own = found.setdefault(row["record_id"], set())
            for column, value in row.items():
                if value is not None and not column.endswith(("_id", "evidence")):
                    own.update(FIGURE.findall(fold(str(value)).text))
            if name == "transmissions":
                own.update(map(str, range(whole_number(str(row.get("copies_printed"))) or 0)))
            if name == "pages":
                own.add(str(row["page_number"] + 1))
    return found


def _read_before(package: Package) -> list[tuple[str, Row]]:
    """What a machine had read where a person decided otherwise: a doubt says that, and the tables do not."""
    return [
        (row["table"], {"record_id": row["record_id"], row["column"]: row["expect"]})
        for row in decisions(package, "cells")
    ]


def _straight_quotes(package: Package) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for row in package.rows("paragraphs"):
        found[row["record_id"], row["side"]] += (row["text"] or "").count('"')
    return found


def _doubts(package: Package) -> Iterator[tuple[Sheet, int, Row, bool]]:
    origins = {row["discrepancy_id"]: row["origin"] for row in package.rows("discrepancies")}
    sheet = package.sheet("doubts")
    for index, row in enumerate(sheet.rows):
        yield sheet, index, row, origins.get(row["discrepancy_id"]) == CURATED


@check("doubts-open", "nothing is doubtful to a machine that no person has explained", Level.WARNING)
def doubts_open(package: Package) -> Iterator[Finding]:
    for sheet, index, row, explained in _doubts(package):
        if not explained:
            found = f"line {row['first_line']} of the {row['side']}: {row['message']}"
            yield sheet.finding(index, found, "a discrepancy that explains it")


@check("doubts-explained", "nothing is doubtful to a machine at all", Level.NOTICE)
def doubts_explained(package: Package) -> Iterator[Finding]:
    explained = [(sheet, index) for sheet, index, _, known in _doubts(package) if known]
    if explained:
        sheet, index = explained[0]
        yield sheet.finding(index, f"{len(explained)} doubts that discrepancies explain", "none")
