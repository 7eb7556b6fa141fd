"""Checks of the discrepancies, of what a machine doubts, and of what persons decided."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from cables.checks.loaded import Finding, Package, Sheet, decisions, shown
from cables.checks.read import DECIDED, says_date
from cables.checks.registry import Level, check
from cables.checks.texts import in_package, lines_of, witness_id
from cables.curation import IDENTIFIED
from cables.folding import fold
from cables.lines import content
from cables.model import Basis, Line
from cables.names import whole_words
from cables.vocabulary import Vocabulary, whole_number

Row = dict[str, Any]
MACHINE, CURATED = "machine", "curated"
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
        if not in_texts and row["reading"] not in _whole(own[first - 1 : last]):
            expected = f"words that stand on lines {first} to {last}"
            yield sheet.finding(index, f"reading {shown(row['reading'])}", expected)


def _whole(lines: list[Line]) -> str:
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
    text = fold(_whole(own)).text
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


# --- what persons decided ------------------------------------------------------------------------------

# Published table, the table of decisions, its key there, and the columns that are called otherwise there.
KEPT: tuple[tuple[str, str, str, dict[str, str | None]], ...] = (
    ("entities", "entities", "entity_id", {}),
    ("discrepancies", "discrepancies", "discrepancy_id", {"origin": None}),
    (
        "discrepancy_readings",
        "discrepancy_readings",
        "reading_id",
        {"discrepancy_reading_id": "reading_id"},
    ),
    ("archival_references", "archival_references", "archival_reference_id", {"stated_by": None}),
    (
        "witnesses",
        "witnesses",
        "witness_id",
        dict.fromkeys(("first_line", "last_line", "derived_from", "derived_from_basis")),
    ),
)


@check(
    "decisions-kept", "what persons decided, where the package carries it, stands in the tables as decided"
)
def decisions_kept(package: Package) -> Iterator[Finding]:
    for name, authored, key, renamed in KEPT:
        sheet = package.sheet(name)
        decided = {row[key]: row for row in decisions(package, authored)}
        own_key = next((ours for ours, theirs in renamed.items() if theirs == key), key)
        lost = set(decided) - {row[own_key] for row in sheet.rows}
        for one in sorted(lost):
            yield sheet.finding(0, f"no row {one}", "every row that a person decided")
        for index, row in enumerate(sheet.rows):
            expected = decided.get(row[own_key], {})
            for column, value in row.items():
                theirs = renamed.get(column, column)
                if expected and theirs is not None and _written(value) != expected[theirs]:
                    yield sheet.finding(index, f"{column} {shown(value)}", shown(expected[theirs]))


def _written(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


# Tables of whole rows that persons add, with their keys; `cells` has single cells.
ADDED = {"witnesses": "witness_id", "archival_references": "archival_reference_id"}


@check(
    "readings-decided",
    "a value is said to be decided by a person exactly where one decided it, for the reason that was given",
)
def readings_decided(package: Package) -> Iterator[Finding]:
    cells = {
        (row["table"], row["row_id"], row["column"]): row["reason"] for row in decisions(package, "cells")
    }
    rows = {(name, row[key]) for name, key in ADDED.items() for row in decisions(package, name)}
    sheet = package.sheet("readings")
    for index, row in enumerate(sheet.rows):
        cell = (row["table"], row["row_id"], row["column"])
        said = f"basis {row['basis']}, reason {shown(row['reason'])}"
        if cell in cells:
            if (row["basis"], row["reason"]) != (Basis.CURATED, cells[cell]):
                yield sheet.finding(index, said, f"curated, {shown(cells[cell])}")
        elif cell[:2] in rows:
            if (row["basis"], PATH.findall(row["reason"] or "")) != (Basis.CURATED, ["data/curation"]):
                yield sheet.finding(index, said, "curated, as recorded in data/curation")
        elif (row["table"], row["column"]) in DECIDED:
            if (row["basis"], row["reason"]) != (Basis.CURATED, IDENTIFIED):
                yield sheet.finding(index, said, f"curated, {shown(IDENTIFIED)}")
        elif row["basis"] == Basis.CURATED:
            yield sheet.finding(index, said, "read or inferred, as nobody decided it")


PATH = re.compile(r"data/curation(?:/[a-z_]+\.csv)?")


@check("entities-listed", "every entity is one that a person decided on", on_values=True)
def entities_listed(package: Package) -> Iterator[Finding]:
    listed = [row["entity_id"] for row in decisions(package, "entities")]
    sheet = package.sheet("entities")
    found = [row["entity_id"] for row in sheet.rows]
    for index, (one, other) in enumerate(zip(found, listed, strict=False)):
        if one != other:
            yield sheet.finding(index, f"entity_id {shown(one)}", shown(other))
    if len(found) != len(listed):
        yield sheet.finding(0, f"{len(found)} entities", f"{len(listed)}, as decided")


@check(
    "discrepancies-listed", "every discrepancy but a machine's is one that a person decided on, in that order"
)
def discrepancies_listed(package: Package) -> Iterator[Finding]:
    for name, key, mine in (
        ("discrepancies", "discrepancy_id", "discrepancy_id"),
        ("discrepancy_readings", "reading_id", "discrepancy_reading_id"),
    ):
        listed = [row[key] for row in decisions(package, name)]
        sheet = package.sheet(name)
        found = [row[mine] for row in sheet.rows if "-d-machine-" not in row[mine]]
        if found != listed:
            at = next((i for i, (a, b) in enumerate(zip(found, listed, strict=False)) if a != b), 0)
            expected = f"{listed[at] if listed else 'none'} of {len(listed)}"
            yield sheet.finding(at, f"{found[at] if found else 'none'} of {len(found)}", expected)


@check("names-decided", "every mention is a form of the entity's name that a person decided on")
def names_decided(package: Package) -> Iterator[Finding]:
    forms = {(row["entity_id"], row["side"], row["as_written"]) for row in decisions(package, "entity_forms")}
    sides = {row["paragraph_id"]: row["side"] for row in package.rows("paragraphs")}
    sheet = package.sheet("mentions")
    for index, row in enumerate(sheet.rows):
        if (row["entity_id"], sides.get(row["paragraph_id"]), row["as_written"]) not in forms:
            found = f"{shown(row['as_written'])} for {row['entity_id']}"
            yield sheet.finding(index, found, "a form of entity_forms.csv")


@check("pairs-decided", "every pair that a person reviewed stands in the tables as reviewed, and no other is")
def pairs_decided(package: Package) -> Iterator[Finding]:
    members: dict[str, dict[str, list[str]]] = {}
    for row in package.rows("translation_pair_members"):
        own = members.setdefault(row["pair_id"], {side: [] for side in TEXTS})
        own.setdefault(row["side"], []).append(row["sentence_id"] or row["paragraph_id"])
    reviewed = {
        (row["level"], *(tuple(row[side].split()) for side in TEXTS)): row
        for row in decisions(package, "pairs")
    }
    sheet = package.sheet("translation_pairs")
    for index, row in enumerate(sheet.rows):
        own = members.get(row["pair_id"], {})
        key = (row["level"], *(tuple(own.get(side, ())) for side in TEXTS))
        decided = reviewed.pop(key, None)
        ours = (row["reviewed"], row["note"] or "", row["alternative"] or "")
        theirs = (True, decided["note"], decided["alternative"]) if decided else (False, "", "")
        if ours != theirs:
            yield sheet.finding(index, f"reviewed, note, alternative {shown(ours)}", shown(theirs))
    for key in reviewed:
        yield sheet.finding(0, f"no pair {key}", "every pair that was reviewed")


@check("doubts-decided", "a doubt that a person explained is there, and leads to what explains it")
def doubts_decided(package: Package) -> Iterator[Finding]:
    explained = {
        doubt: row["discrepancy_id"]
        for row in decisions(package, "discrepancies")
        for doubt in row["doubts"].split()
    }
    sheet = package.sheet("doubts")
    for index, row in enumerate(sheet.rows):
        own = row["doubt_id"].replace("-x-", "-d-machine-", 1)
        expected = explained.pop(row["doubt_id"], own)
        if row["discrepancy_id"] != expected:
            yield sheet.finding(index, f"discrepancy_id {shown(row['discrepancy_id'])}", shown(expected))
    for doubt in sorted(explained):
        yield sheet.finding(0, f"no doubt {doubt}", f"it, as {explained[doubt]} explains it")


# What is missing, unseen or out of order is in no words.
WITHOUT_WORDS = frozenset(
    {
        "bidi_control",
        "copy_missing",
        "copy_repeated",
        "heading_missing",
        "invisible_character",
        "sheet_missing",
        "sheets_differ",
        "text_missing",
        "times_out_of_order",
    }
)


@check(
    "doubts-quote",
    "a doubt about words quotes them; what a doubt quotes stands on its lines, which are those of its side",
)
def doubts_quote(package: Package) -> Iterator[Finding]:
    lines = lines_of(package)
    ranges = in_package(package)
    sheet = package.sheet("doubts")
    for index, row in enumerate(sheet.rows):
        first, last = row["first_line"], row["last_line"]
        own = lines.get(row["record_id"], [])[first - 1 : last]
        if (row["quote"] is None) is not (row["kind"] in WITHOUT_WORDS):
            expected = "no words" if row["kind"] in WITHOUT_WORDS else "the words that are doubtful"
            yield sheet.finding(index, f"quote {shown(row['quote'])} of {row['kind']}", expected)
        if row["quote"] is not None and _squeezed(row["quote"]) not in _squeezed(_whole(own)):
            yield sheet.finding(index, f"quote {shown(row['quote'])}", f"words of lines {first} to {last}")
        reach = ranges.get((row["record_id"], row["side"]))
        if row["side"] == OUTSIDE:
            yield sheet.finding(index, f"side {OUTSIDE}", "a text or the catalogue: a machine reads no more")
        if reach and not reach[0] <= first <= last <= reach[1]:
            found = f"lines {first} to {last} of the {row['side']}"
            yield sheet.finding(index, found, f"lines from {reach[0]} to {reach[1]}")


def _squeezed(text: str) -> str:
    return "".join(fold(text).text.replace("*", "").split())


@check("names-all-marked", "every whole word that is a decided form of a name is within a mention")
def names_all_marked(package: Package) -> Iterator[Finding]:
    marked: dict[str, list[tuple[int, int]]] = {}
    for row in package.rows("mentions"):
        marked.setdefault(row["paragraph_id"], []).append((row["start"], row["end"]))
    forms = [(row, whole_words(row["as_written"])) for row in decisions(package, "entity_forms")]
    sheet = package.sheet("paragraphs")
    for index, row in enumerate(sheet.rows):
        own = marked.get(row["paragraph_id"], [])
        for form, pattern in forms:
            if (
                form["record_id"] != row["record_id"]
                or form["side"] != row["side"]
                or not _reaches(form, row)
            ):
                continue
            for match in pattern.finditer(row["text"] or ""):
                if not any(start < match.end() and match.start() < end for start, end in own):
                    found = f"{shown(match.group())} of {row['paragraph_id']} in no mention"
                    yield sheet.finding(index, found, f"a mention of {form['entity_id']}")


def _reaches(form: Row, paragraph: Row) -> bool:
    if not form["first_line"]:
        return True
    first, last = paragraph["first_line"], paragraph["last_line"]
    return bool(int(form["first_line"]) <= last and first <= int(form["last_line"]))
