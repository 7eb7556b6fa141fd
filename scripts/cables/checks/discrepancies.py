"""Checks of the discrepancies, and of the readings that they rest on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cables.checks.loaded import Finding, Package, Sheet, shown
from cables.checks.registry import check
from cables.checks.texts import in_package, lines_of, witness_id
from cables.lines import content
from cables.model import Line

Row = dict[str, Any]
MACHINE = "machine"
TEXTS = ("original", "translation")
OUTSIDE = "outside"


@check(
    "discrepancies-read",
    "every discrepancy has a reading; a machine's stands for one doubt, and says what it says",
)
def discrepancies_read(package: Package) -> Iterator[Finding]:
    readings = package.by("discrepancy_readings", "discrepancy_id")
    doubts = package.by("doubts", "discrepancy_id")
    sheet = package.sheet("discrepancies")
    for index, row in enumerate(sheet.rows):
        key = (row["discrepancy_id"],)
        if key not in readings:
            yield sheet.finding(index, f"{row['discrepancy_id']} without a reading", "one at least")
        if (row["origin"] == MACHINE) is not (row["class"] == "machine_doubt"):
            found = f"origin {row['origin']}, class {row['class']}"
            yield sheet.finding(index, found, "class machine_doubt when a machine found it, and then only")
        if row["origin"] == MACHINE:
            yield from _machine(sheet, index, row, doubts.get(key, []), readings.get(key, []))


OF_A_MACHINE = {"locus": "undetermined", "severity": "form", "certainty": "possible", "status": "open"}


def _machine(sheet: Sheet, index: int, row: Row, doubts: list[Row], readings: list[Row]) -> Iterator[Finding]:
    for column, value in OF_A_MACHINE.items():
        if row[column] != value:
            yield sheet.finding(
                index, f"{column} {shown(row[column])}", f"{shown(value)}, as nobody has decided"
            )
    if len(doubts) != 1 or len(readings) != 1:
        yield sheet.finding(index, f"{len(doubts)} doubts and {len(readings)} readings", "one of each")
        return
    doubt, reading = doubts[0], readings[0]
    if row["evidence"] != doubt["message"]:
        yield sheet.finding(index, f"evidence {shown(row['evidence'])}", shown(doubt["message"]))
    ours = (reading["side"], reading["first_line"], reading["last_line"], reading["reading"])
    theirs = (doubt["side"], doubt["first_line"], doubt["last_line"], doubt["quote"])
    if ours != theirs:
        yield sheet.finding(index, f"a reading {shown(ours)}", f"{shown(theirs)}, as the doubt says")
    if reading["proposed"] is not None or reading["source"] is not None:
        yield sheet.finding(index, "a machine that proposes", "nothing proposed, no source")


@check("quotations-found", "every reading of a discrepancy stands on its lines as quoted")
def quotations_found(package: Package) -> Iterator[Finding]:
    lines = lines_of(package)
    paragraphs = package.by("paragraphs", "record_id", "side")
    spans = package.by("spans", "paragraph_id")
    ranges = in_package(package)
    sheet = package.sheet("discrepancy_readings")
    for index, row in enumerate(sheet.rows):
        first, last, side = row["first_line"], row["last_line"], row["side"]
        if first is None or last is None:
            if side != "outside" or first is not last:
                yield sheet.finding(index, f"lines {first} to {last}", "lines, except of a witness outside")
            continue
        own = lines.get(row["record_id"], [])
        if not first <= last <= len(own):
            yield sheet.finding(index, f"lines {first} to {last}", f"ascending, and no more than {len(own)}")
            continue
        reach = ranges.get((row["record_id"], side))
        if side in TEXTS and reach and not reach[0] <= first <= last <= reach[1]:
            yield sheet.finding(
                index, f"lines {first} to {last}", f"lines of the {side}, {reach[0]} to {reach[1]}"
            )
        if row["reading"] is None or row["discrepancy_reading_id"].find("-d-machine-") >= 0:
            continue
        in_texts = _spots(row, paragraphs.get((row["record_id"], side), []), spans)
        if not in_texts and row["reading"] not in whole_text(own[first - 1 : last]):
            expected = f"words that stand on lines {first} to {last}"
            yield sheet.finding(index, f"reading {shown(row['reading'])}", expected)


def whole_text(lines: list[Line]) -> str:
    """What stands on some lines, joined by spaces, without outer space and the export's `**`."""
    return " ".join(line.text[start:end] for line in lines for start, end in content(line))


def _spots(row: Row, paragraphs: list[Row], spans: dict[tuple[Any, ...], list[Row]]) -> list[tuple[str, int]]:
    """Where the words of a reading stand in paragraphs, wholly on its lines."""
    found = []
    for paragraph in paragraphs:
        if paragraph["last_line"] < row["first_line"] or row["last_line"] < paragraph["first_line"]:
            continue
        text, quote = paragraph["text"] or "", row["reading"]
        at = text.find(quote)
        while at >= 0:
            own = spans.get((paragraph["paragraph_id"],), [])
            ends = [_line_at(own, at), _line_at(own, at + len(quote) - 1)]
            if all(one and row["first_line"] <= one <= row["last_line"] for one in ends):
                found.append((paragraph["paragraph_id"], at))
            at = text.find(quote, at + 1)
    return found


def _line_at(spans: list[Row], offset: int) -> int | None:
    """The line on which a character of a paragraph stands."""
    position = 0
    for span in spans:
        position += span["end"] - span["start"] + (span["join"] == "space")
        if offset < position:
            line: int = span["line_number"]
            return line
    return None


@check("sides-of-readings", "a reading of a text names the witness that the text is, the catalogue's none")
def sides_of_readings(package: Package) -> Iterator[Finding]:
    ranges = in_package(package)
    sheet = package.sheet("discrepancy_readings")
    for index, row in enumerate(sheet.rows):
        here = (row["record_id"], row["side"]) in ranges
        expected = witness_id(row["record_id"], row["side"]) if here else None
        if row["side"] != "outside" and row["witness_id"] != expected:
            yield sheet.finding(index, f"witness_id {shown(row['witness_id'])}", shown(expected))
        if (row["source"] is not None) and row["side"] != "outside":
            yield sheet.finding(index, f"source {shown(row['source'])}", "none but of a witness outside")


@check("only-slips-applied", "only proposals for the transcription that stand in one place are taken over")
def only_slips_applied(package: Package) -> Iterator[Finding]:
    paragraphs = package.by("paragraphs", "record_id", "side")
    spans = package.by("spans", "paragraph_id")
    sheet = package.sheet("discrepancy_readings")
    for index, row in enumerate(sheet.rows):
        if not row["apply"]:
            continue
        found = f"apply true, side {row['side']}, proposed {shown(row['proposed'])}"
        if (
            row["side"] != "original"
            or row["proposed"] is None
            or row["reading"] is None
            or not row["first_line"]
        ):
            yield sheet.finding(index, found, "a reading of the original, and what is proposed for it")
        elif len(_spots(row, paragraphs.get((row["record_id"], "original"), []), spans)) != 1:
            yield sheet.finding(index, found, "a reading that stands in one place")


@check(
    "text-proposed", "the proposed text is the text with the proposals that apply, and null where it is equal"
)
def text_proposed(package: Package) -> Iterator[Finding]:
    paragraphs = package.by("paragraphs", "record_id", "side")
    spans = package.by("spans", "paragraph_id")
    spots: dict[str, list[tuple[int, Row]]] = {}
    for row in package.rows("discrepancy_readings"):
        if row["apply"] and row["reading"] and row["proposed"] is not None and row["first_line"]:
            for paragraph_id, at in _spots(row, paragraphs.get((row["record_id"], row["side"]), []), spans)[
                :1
            ]:
                spots.setdefault(paragraph_id, []).append((at, row))
    sheet = package.sheet("paragraphs")
    for index, row in enumerate(sheet.rows):
        text = row["text"] or ""
        for at, one in sorted(spots.get(row["paragraph_id"], []), key=lambda spot: -spot[0]):
            text = text[:at] + one["proposed"] + text[at + len(one["reading"]) :]
        expected = text if text != row["text"] else None
        if row["text_proposed"] != expected:
            yield sheet.finding(index, f"text_proposed {shown(row['text_proposed'])}", shown(expected))
