"""Checks that the words of a doubt, and the names of entities, are found where they stand."""

from __future__ import annotations

from collections.abc import Iterator

from cables.checks.discrepancies import OUTSIDE, Row, whole_text
from cables.checks.loaded import Finding, Package, decisions, shown
from cables.checks.registry import check
from cables.checks.texts import in_package, lines_of
from cables.folding import fold
from cables.names import whole_words

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
        if row["quote"] is not None and _squeezed(row["quote"]) not in _squeezed(whole_text(own)):
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
