"""Checks of the texts: lines, spans, paragraphs, sentences, names, brackets, sheets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise, takewhile
from typing import Any

from cables import ids, lines
from cables.checks.loaded import Finding, Package, Sheet, shown
from cables.checks.registry import check
from cables.folding import fold, search_text
from cables.model import WITHOUT_SENTENCES, Join, Layout, Line, LineEnd, Zone
from cables.sentences import words
from cables.vocabulary import Vocabulary

Row = dict[str, Any]
# First and last line of a text by record and side.
Ranges = dict[tuple[str, str], tuple[int, int]]
WITNESSES = {"original": "transcription", "translation": "translation"}
LETTER = frozenset({Zone.LETTER_OPENER, Zone.LETTER_BODY, Zone.LETTER_CLOSER})
GLUE = {Join.SPACE: " "}
UNCOVERED = frozenset(" *\t\f\v\u00a0")
# Between the copies of a list stand separators that belong to none of them.
UNCOVERED_IN_LISTS = UNCOVERED | frozenset(",;")


def lines_of(package: Package) -> dict[str, list[Line]]:
    """The lines of every record, in the order of the table."""
    found: dict[str, list[Line]] = {}
    for row in package.rows("lines"):
        end = LineEnd(row["line_end"]) if row["line_end"] in set(LineEnd) else LineEnd.NONE
        found.setdefault(row["record_id"], []).append(Line(row["line_number"] or 0, row["text"] or "", end))
    return found


def witness_id(record_id: str, side: str) -> str:
    """The id of a text of this package."""
    return f"r{record_id}-w-{WITNESSES.get(side, side)}"


@check("source-rebuilt", "the lines give the source file back, byte for byte")
def source_rebuilt(package: Package) -> Iterator[Finding]:
    own = lines_of(package)
    sheet = package.sheet("records")
    for index, row in enumerate(sheet.rows):
        found = own.get(row["record_id"], [])
        if row["line_count"] != len(found):
            yield sheet.finding(index, f"line_count {row['line_count']}", f"{len(found)}, as in lines.csv")
        data = package.files.get(ids.raw_path(row["record_id"]))
        rebuilt = lines.rebuild(found, bool(row["byte_order_mark"]))
        if data is not None and rebuilt != data:
            yield _first_other_line(row["record_id"], rebuilt, data)


def _first_other_line(record_id: str, rebuilt: bytes, data: bytes) -> Finding:
    at = next(
        (i for i, (a, b) in enumerate(zip(rebuilt, data, strict=False)) if a != b),
        min(len(rebuilt), len(data)),
    )
    line = data.count(b"\n", 0, at) + 1
    found = f"byte {at} of {len(rebuilt)} that the lines give"
    return Finding(ids.raw_path(record_id), line, found, f"the {len(data)} bytes of the source")


@check(
    "witness-lines",
    "the texts of this package reach from their first paragraph to their last, and no other do",
)
def witness_lines(package: Package) -> Iterator[Finding]:
    own = package.by("paragraphs", "witness_id")
    sheet = package.sheet("witnesses")
    for index, row in enumerate(sheet.rows):
        found = own.get((row["witness_id"],), [])
        reach = (
            (min(one["first_line"] for one in found), max(one["last_line"] for one in found))
            if found and all(one["first_line"] and one["last_line"] for one in found)
            else (None, None)
        )
        if (row["first_line"], row["last_line"]) != reach:
            said = f"lines {row['first_line']} to {row['last_line']}"
            yield sheet.finding(index, said, f"{reach[0]} to {reach[1]}, the lines of its paragraphs")
        if (row["availability"] == "in_package") is not bool(found):
            expected = "in_package" if found else "elsewhere or not_located, as no paragraph is of it"
            yield sheet.finding(index, f"availability {shown(row['availability'])}", expected)
        if found and row["witness_id"] != f"r{row['record_id']}-w-{row['kind']}":
            yield sheet.finding(index, f"kind {shown(row['kind'])}", f"that of {row['witness_id']}")


def in_package(package: Package) -> Ranges:
    """First and last line of the texts of this package by record and side."""
    found = {}
    rows = {row["witness_id"]: row for row in package.rows("witnesses")}
    for record_id in (row["record_id"] for row in package.rows("records")):
        for side in WITNESSES:
            row = rows.get(witness_id(record_id, side))
            if row and row["first_line"] and row["last_line"]:
                found[record_id, side] = (row["first_line"], row["last_line"])
    return found


def side_of(ranges: Ranges, record_id: str, line: int) -> str | None:
    """The side of the text that reaches over a line of a record; None where no text does."""
    over = (
        side for (own, side), (first, last) in ranges.items() if own == record_id and first <= line <= last
    )
    return next(over, None)


@check(
    "line-zones", "blank lines, and only they, are blank; the catalogue is outside the texts, all else inside"
)
def line_zones(package: Package) -> Iterator[Finding]:
    ranges = in_package(package)
    sheet = package.sheet("lines")
    for index, row in enumerate(sheet.rows):
        blank = lines.is_blank(Line(row["line_number"], row["text"] or "", LineEnd.LF))
        inside = any(
            first <= row["line_number"] <= last
            for (one, _), (first, last) in ranges.items()
            if one == row["record_id"]
        )
        expected = (
            {Zone.BLANK}
            if blank
            else set(Zone) - {Zone.BLANK, Zone.CATALOGUE}
            if inside
            else {Zone.CATALOGUE}
        )
        if row["zone"] not in expected:
            what = "blank" if blank else "a zone of the text" if inside else "catalogue"
            yield sheet.finding(index, f"zone {shown(row['zone'])} of line {row['line_number']}", what)


@check(
    "layouts",
    "a record is in the layout of the PDF's text when its running head stands above the catalogue entry",
)
def layouts(package: Package) -> Iterator[Finding]:
    own = lines_of(package)
    sheet = package.sheet("records")
    for index, row in enumerate(sheet.rows):
        above = takewhile(lambda line: not _is_heading(line, package.words), own.get(row["record_id"], []))
        heads = package.words.catalogue("masthead")
        printed = any(one.fullmatch(line.text.strip()) for line in above for one in heads)
        expected = Layout.PDF_TEXT if printed else Layout.MARKDOWN
        if row["layout"] != expected:
            yield sheet.finding(index, f"layout {shown(row['layout'])}", shown(expected.value))


def _is_heading(line: Line, words: Vocabulary) -> bool:
    text = fold(line.text).text.replace("**", "").strip()
    return text.endswith(":") and text[:-1].casefold() in words.headings


@check("spans-tile", "spans cover every line of the texts, each character once, and leave out layout only")
def spans_tile(package: Package) -> Iterator[Finding]:
    covered: dict[tuple[str, int], list[tuple[int, int, str]]] = {}
    sheet = package.sheet("spans")
    for index, row in enumerate(sheet.rows):
        words_ = package.stretch(row["record_id"], row["line_number"], row["start"], row["end"])
        if not words_ or words_ != words_.strip():
            found = f"line {row['line_number']}, {row['start']} to {row['end']}: {shown(words_)}"
            yield sheet.finding(index, found, "words that stand there, without outer space")
        own = covered.setdefault((row["record_id"], row["line_number"]), [])
        own.append((row["start"], row["end"], row["join"]))
    zones = {(row["record_id"], row["line_number"]): row["zone"] for row in package.rows("lines")}
    lines_sheet = package.sheet("lines")
    for index, ((record_id, number), text) in enumerate(package.line_texts.items()):
        zone = zones.get((record_id, number))
        own = sorted(covered.get((record_id, number), []))
        if zone in (Zone.CATALOGUE, Zone.BLANK):
            if own:
                yield lines_sheet.finding(index, f"line {number} ({zone}) has spans", "none")
            continue
        for left in _left_out(text, own, zone == Zone.DISTRIBUTION):
            yield lines_sheet.finding(
                index, f"line {number}: {shown(left)} is in no span or in two", "in one span"
            )


def _left_out(text: str, spans: list[tuple[int, int, str]], listed: bool) -> Iterator[str]:
    layout = UNCOVERED_IN_LISTS if listed else UNCOVERED
    position = 0
    for start, end, join in spans:
        if start < position:
            yield text[start:position]
        elif set(text[position:start]) - layout:
            yield text[position:start]
        position = end + (join == Join.SOFT_HYPHEN and text[end : end + 1] == "-")
    if set(text[position:]) - layout:
        yield text[position:]


@check("joins", "every span joins the next as the source shows: a space, nothing, or a hyphen that is there")
def joins(package: Package) -> Iterator[Finding]:
    texts = package.texts_of_lines()
    sheet = package.sheet("spans")
    for index, row in enumerate(sheet.rows):
        following = sheet.rows[index + 1] if index + 1 < len(sheet.rows) else None
        last = following is None or following["paragraph_id"] != row["paragraph_id"]
        text = texts.get((row["record_id"], row["line_number"]), "")
        wanted = _joins(row, None if last else following, text)
        if row["join"] not in wanted:
            said = f"join {shown(row['join'])} of {row['paragraph_id']} / {row['position']}"
            yield sheet.finding(index, said, " or ".join(sorted(wanted)))


def _joins(row: Row, following: Row | None, text: str) -> set[str]:
    start, end = row["start"], row["end"]
    if following is None:
        return {Join.END.value}
    if following["line_number"] == row["line_number"]:
        gap = text[end : following["start"]]
        return {Join.SPACE.value if any(one.isspace() for one in gap) else Join.NOTHING.value}
    if text[end : end + 1] == "-":
        return {Join.SOFT_HYPHEN.value}
    if text[start:end].endswith("-"):
        return {Join.HARD_HYPHEN.value, Join.SPACE.value}
    return {Join.NOTHING.value if text[start:end].endswith("—") else Join.SPACE.value}


@check("paragraph-text", "every paragraph is its spans, joined; its first and last line are theirs")
def paragraph_text(package: Package) -> Iterator[Finding]:
    spans = package.by("spans", "paragraph_id")
    sheet = package.sheet("paragraphs")
    for index, row in enumerate(sheet.rows):
        own = spans.get((row["paragraph_id"],), [])
        text = "".join(
            (package.stretch(one["record_id"], one["line_number"], one["start"], one["end"]) or "")
            + GLUE.get(one["join"], "")
            for one in own
        )
        reach = (own[0]["line_number"], own[-1]["line_number"]) if own else (None, None)
        expected = {
            "text": text,
            "first_line": reach[0],
            "last_line": reach[1],
            "text_search": search_text(row["text"] or ""),
        }
        yield from _unlike(sheet, index, row, expected)
        order = [(one["line_number"], one["start"]) for one in own]
        if order != sorted(order):
            yield sheet.finding(index, f"the spans of {row['paragraph_id']}", "in the order of the source")


def _unlike(sheet: Sheet, index: int, row: Row, expected: Mapping[str, Any]) -> Iterator[Finding]:
    for column, value in expected.items():
        if row[column] != value:
            yield sheet.finding(index, f"{column} {shown(row[column])}", shown(value))


@check(
    "paragraph-facts",
    "zone, side, witness, language, document and sheets of a paragraph are those of its lines",
)
def paragraph_facts(package: Package) -> Iterator[Finding]:
    zones = {(row["record_id"], row["line_number"]): row["zone"] for row in package.rows("lines")}
    ranges = in_package(package)
    witnesses = {row["witness_id"]: row for row in package.rows("witnesses")}
    enclosed = {row["record_id"] for row in package.rows("documents") if row["parent_document_id"]}
    sheet_of = _sheets(package)
    sheet = package.sheet("paragraphs")
    numbers = package.by("spans", "paragraph_id")
    for index, row in enumerate(sheet.rows):
        record_id, first, last = row["record_id"], row["first_line"], row["last_line"]
        for span in numbers.get((row["paragraph_id"],), []):
            zone = zones.get((record_id, span["line_number"]))
            if zone != row["zone"]:
                yield sheet.finding(
                    index, f"zone {shown(row['zone'])}", f"{zone}, as of line {span['line_number']}"
                )
                break
        side = side_of(ranges, record_id, first)
        witness = witness_id(record_id, row["side"])
        expected = {
            "side": side,
            "witness_id": witness,
            "language": witnesses[witness]["language"] if witness in witnesses else None,
            "first_page": sheet_of.get((record_id, first)),
            "last_page": sheet_of.get((record_id, last)),
        }
        if row["zone"] in LETTER and record_id in enclosed:
            expected["document_id"] = f"r{record_id}-enclosure"
        elif row["zone"] != Zone.SIGNATURE and row["zone"] not in LETTER:
            expected["document_id"] = f"r{record_id}-document"
        yield from _unlike(sheet, index, row, expected)


@check(
    "signatures",
    "a signature belongs to the letter when it follows it, else to the document; below the date of a signed "
    "letter it may be the document's",
)
def signatures(package: Package) -> Iterator[Finding]:
    sheet = package.sheet("paragraphs")
    before: dict[tuple[str, str], Row] = {}
    signed: set[str] = set()
    for index, row in enumerate(sheet.rows):
        key = (row["record_id"], row["side"])
        above = before.get(key)
        if row["zone"] == Zone.SIGNATURE and above and row["document_id"] != above["document_id"]:
            closed = above["zone"] == Zone.LETTER_CLOSER and above["document_id"] in signed
            if not closed or row["document_id"] != f"r{row['record_id']}-document":
                found = f"document_id {shown(row['document_id'])}"
                yield sheet.finding(index, found, shown(above["document_id"]))
        if row["zone"] == Zone.SIGNATURE:
            signed.add(row["document_id"])
        if row["zone"] != Zone.PAGE_HEADER:
            before[key] = row


def _sheets(package: Package) -> dict[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    last = package.sheet("lines").frame.height
    for row in package.rows("pages"):
        for number in range(max(row["first_line"], 1), min(row["last_line"], last) + 1):
            found.setdefault((row["record_id"], number), row["page_id"])
    return found


@check(
    "pages",
    "sheets follow one another without overlap, cover the text they stand in, and bear the headers it prints",
)
def pages(package: Package) -> Iterator[Finding]:
    sheet = package.sheet("pages")
    texts = package.texts_of_lines()
    ranges = in_package(package)
    sides = _sides_of_sheets(package)
    headers = _headers(package, sides)
    by_record = package.by("pages", "record_id")
    for index, row in enumerate(sheet.rows):
        record_id, first, last = row["record_id"], row["first_line"], row["last_line"]
        for number in (first, last):
            if not texts.get((record_id, number), "").strip(" *"):
                yield sheet.finding(index, f"line {number} is blank", "a line with words on it")
        if first > last:
            yield sheet.finding(index, f"lines {first} to {last}", "the first no later than the last")
        printed = [text for number, text in headers.get(record_id, []) if first <= number <= last]
        said = " / ".join(printed) or None
        if row["header"] != said:
            yield sheet.finding(index, f"header {shown(row['header'])}", shown(said))
        if row["boundary"] != ("read" if printed else "inferred"):
            expected = "read where a header is printed, else inferred"
            yield sheet.finding(index, f"boundary {shown(row['boundary'])}", expected)
        if printed and not any(row["page_number"] in _figures(one) for one in printed):
            yield sheet.finding(index, f"page_number {row['page_number']}", f"the one in {shown(said)}")
        if row["document_id"] != f"r{record_id}-document":
            yield sheet.finding(
                index, f"document_id {shown(row['document_id'])}", shown(f"r{record_id}-document")
            )
    for (record_id,), own in by_record.items():
        yield from _uncovered(sheet, own, sides[record_id], ranges, texts)
        yield from _unfounded(sheet, own)


FIGURE = re.compile(r"\d+")


def _figures(text: str) -> set[int]:
    return {int(one) for one in FIGURE.findall(fold(text).text)}


def _unfounded(sheet: Sheet, own: list[Row]) -> Iterator[Finding]:
    """The evidence of a sheet names its line, and the sheets between which one without a header was found."""
    for before, row, after in zip([None, *own], own, [*own[1:], None], strict=False):
        numbers = [one["page_number"] for one in (before, after) if one is not None]
        if row["boundary"] == "read":
            expected = {row["first_line"]}
        elif before is None:
            expected = {*numbers, *(one["first_line"] for one in (after,) if one is not None)}
        else:
            expected = {*numbers, row["first_line"]}
        if _figures(row["evidence"]) != expected:
            named = ", ".join(map(str, sorted(expected)))
            found = f"evidence {shown(row['evidence'])}"
            yield sheet.finding(sheet.rows.index(row), found, f"the figures {named} and no others")


def _sides_of_sheets(package: Package) -> dict[str, str]:
    """Which text of each record its sheets stand in, by the first of them; the original where none does."""
    ranges = in_package(package)
    found: dict[str, str] = {}
    for row in package.rows("pages"):
        side = side_of(ranges, row["record_id"], row["first_line"])
        found.setdefault(row["record_id"], side or "original")
    return found


def _headers(package: Package, sides: Mapping[str, str]) -> dict[str, list[tuple[int, str]]]:
    """The paragraphs that are headers of sheets, with their lines, by record; `sides` say in which text."""
    found: dict[str, list[tuple[int, str]]] = {}
    for row in package.rows("paragraphs"):
        if row["zone"] == Zone.PAGE_HEADER and row["side"] == sides.get(row["record_id"]):
            found.setdefault(row["record_id"], []).append((row["first_line"], row["text"]))
    return found


def _uncovered(
    sheet: Sheet,
    own: list[Row],
    side: str,
    ranges: Ranges,
    texts: Mapping[tuple[str, int], str],
) -> Iterator[Finding]:
    record_id = own[0]["record_id"]
    reach = ranges.get((record_id, side))
    index = sheet.rows.index(own[0])
    for one, other in pairwise(own):
        between = range(one["last_line"] + 1, other["first_line"])
        lost = [number for number in between if texts.get((record_id, number), "").strip(" *")]
        if other["first_line"] <= one["last_line"] or lost:
            ends, begins = one["last_line"], other["first_line"]
            found = f"sheet {one['page_number']} ends on line {ends}, the next begins on {begins}"
            yield sheet.finding(sheet.rows.index(other), found, "no line on two sheets, and none between")
        # What is printed may be out of order; what was inferred may not.
        if other["boundary"] == "inferred" and other["page_number"] <= one["page_number"]:
            yield sheet.finding(sheet.rows.index(other), f"sheet {other['page_number']}", "ascending numbers")
    if reach and (own[0]["first_line"], own[-1]["last_line"]) != reach:
        found = f"sheets from line {own[0]['first_line']} to {own[-1]['last_line']}"
        yield sheet.finding(index, found, f"{reach[0]} to {reach[1]}, as the {side}")


# --- stretches of paragraphs -------------------------------------------------------------------------


def _texts(package: Package) -> dict[str, str]:
    return {row["paragraph_id"]: row["text"] or "" for row in package.rows("paragraphs")}


def _stands(sheet: Sheet, index: int, row: Row, column: str, texts: Mapping[str, str]) -> Iterator[Finding]:
    text = texts.get(row["paragraph_id"], "")
    start, end = row["start"], row["end"]
    there = text[start:end] if 0 <= start < end <= len(text) else None
    if row[column] != there:
        yield sheet.finding(index, f"{column} {shown(row[column])}", f"{shown(there)}, from {start} to {end}")


@check(
    "sentences-found",
    "every sentence stands where it says, in its paragraph's language, with its words counted",
)
def sentences_found(package: Package) -> Iterator[Finding]:
    texts = _texts(package)
    languages = {row["paragraph_id"]: row["language"] for row in package.rows("paragraphs")}
    sheet = package.sheet("sentences")
    for index, row in enumerate(sheet.rows):
        yield from _stands(sheet, index, row, "text", texts)
        expected = {"language": languages.get(row["paragraph_id"]), "words": words(row["text"] or "")}
        yield from _unlike(sheet, index, row, expected)


@check("sentences-cover", "the sentences of a paragraph cover it in order, without overlap")
def sentences_cover(package: Package) -> Iterator[Finding]:
    own = package.by("sentences", "paragraph_id")
    sheet = package.sheet("paragraphs")
    for index, row in enumerate(sheet.rows):
        found = own.get((row["paragraph_id"],), [])
        if row["zone"] in WITHOUT_SENTENCES:
            if found:
                yield sheet.finding(index, f"{len(found)} sentences in zone {row['zone']}", "none there")
            continue
        text, position = row["text"] or "", 0
        for one in found:
            if one["start"] < position or text[position : one["start"]].strip():
                said = f"sentence {one['sentence_id']} from {one['start']}"
                yield sheet.finding(index, said, f"one that begins where the last ends, at {position}")
            position = one["end"]
        if text[position:].strip():
            yield sheet.finding(index, f"{shown(text[position:])} is in no sentence", "sentences to the end")


@check("mentions-found", "every mention stands where it says, a whole word, overlapping no other")
def mentions_found(package: Package) -> Iterator[Finding]:
    texts = _texts(package)
    sheet = package.sheet("mentions")
    last: dict[str, int] = {}
    for index, row in enumerate(sheet.rows):
        yield from _stands(sheet, index, row, "as_written", texts)
        text, start, end = texts.get(row["paragraph_id"], ""), row["start"], row["end"]
        if start > 0 and text[start - 1 : start].isalnum():
            yield sheet.finding(index, f"the middle of a word: {shown(text[:end][-30:])}", "whole words")
        if text[end : end + 1].isalnum():
            yield sheet.finding(index, f"a part of a word: {shown(text[start:][:30])}", "whole words")
        if start < last.get(row["paragraph_id"], 0):
            yield sheet.finding(index, f"start {start}", "a mention after the end of the one before")
        last[row["paragraph_id"]] = end


@check("marks-found", "every bracket stands where it says, and every bracket of the texts is listed")
def marks_found(package: Package) -> Iterator[Finding]:
    texts = _texts(package)
    sheet = package.sheet("editorial_marks")
    opened: dict[str, int] = {}
    for index, row in enumerate(sheet.rows):
        yield from _stands(sheet, index, row, "as_written", texts)
        written = row["as_written"] or ""
        opened[row["paragraph_id"]] = (
            opened.get(row["paragraph_id"], 0) + len(written) - len(written.lstrip("["))
        )
        closed = written.count("[") <= written.count("]")
        if not written.startswith("[") or (row["kind"] == "unclosed") is closed:
            yield sheet.finding(
                index, f"{row['kind']} {shown(written)}", "a bracket, unclosed or not as its kind says"
            )
    paragraphs = package.sheet("paragraphs")
    for index, row in enumerate(paragraphs.rows):
        count = (row["text"] or "").count("[")
        if opened.get(row["paragraph_id"], 0) != count:
            found = f"{opened.get(row['paragraph_id'], 0)} opening brackets listed"
            yield paragraphs.finding(index, found, f"{count}, as in the text of {row['paragraph_id']}")
