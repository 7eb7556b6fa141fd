"""Checks of the translation pairs and of the view that follows from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from cables import tables
from cables.checks.loaded import Finding, Package, Sheet, shown
from cables.checks.registry import check
from cables.model import PROSE_ZONES

Row = dict[str, Any]
SIDES = ("original", "translation")
REVIEWED, ONE_SIDED = "reviewed", "one_sided"
# Whether a method weighs, and so gives a score, at the level of units and of sentences. What is one-sided may
# have been weighed or be left over; of what was reviewed a machine may have thought the same, or not.
SCORED = {
    ("length_anchor", "unit"): True,
    ("length_anchor", "sentence"): True,
    ("single", "unit"): True,
    ("single", "sentence"): False,
    ("field", "unit"): False,
    ("copy", "unit"): False,
}


def members_of(package: Package) -> dict[str, dict[str, list[Row]]]:
    """The members of every pair by side, in the order of the table."""
    found: dict[str, dict[str, list[Row]]] = {}
    for row in package.rows("translation_pair_members"):
        found.setdefault(row["pair_id"], {side: [] for side in SIDES}).setdefault(row["side"], []).append(row)
    return found


def _with_both_texts(package: Package) -> set[str]:
    sides: dict[str, set[str]] = {}
    for row in package.rows("paragraphs"):
        sides.setdefault(row["record_id"], set()).add(row["side"])
    return {record_id for record_id, own in sides.items() if own >= set(SIDES)}


def _covered(package: Package, sheet: Sheet, column: str, level: str, wanted: set[str]) -> Iterator[Finding]:
    """Whether each wanted row is a member of exactly one pair of a level, and no other row of any."""
    levels = {row["pair_id"]: row["level"] for row in package.rows("translation_pairs")}
    counts = Counter(
        row[column] for row in package.rows("translation_pair_members") if levels.get(row["pair_id"]) == level
    )
    for index, row in enumerate(sheet.rows):
        expected = int(row[column] in wanted)
        if counts[row[column]] != expected:
            found = f"{row[column]} is in {counts[row[column]]} pairs of {level}s"
            yield sheet.finding(index, found, "in one" if expected else "in none")


@check("units-paired", "where there are two texts, every paragraph is in exactly one pair of units")
def units_paired(package: Package) -> Iterator[Finding]:
    both = _with_both_texts(package)
    sheet = package.sheet("paragraphs")
    wanted = {row["paragraph_id"] for row in sheet.rows if row["record_id"] in both}
    return _covered(package, sheet, "paragraph_id", "unit", wanted)


@check(
    "sentences-paired",
    "where there are two texts, every sentence of prose is in exactly one pair of sentences",
)
def sentences_paired(package: Package) -> Iterator[Finding]:
    both = _with_both_texts(package)
    prose = {row["paragraph_id"] for row in package.rows("paragraphs") if row["zone"] in PROSE_ZONES}
    sheet = package.sheet("sentences")
    wanted = {
        row["sentence_id"] for row in sheet.rows if row["record_id"] in both and row["paragraph_id"] in prose
    }
    return _covered(package, sheet, "sentence_id", "sentence", wanted)


@check("pair-members", "a member of a pair is of the side that it stands on, in the order of its text")
def pair_members(package: Package) -> Iterator[Finding]:
    sides = {row["paragraph_id"]: row["side"] for row in package.rows("paragraphs")}
    paragraph_of = {row["sentence_id"]: row["paragraph_id"] for row in package.rows("sentences")}
    levels = {row["pair_id"]: row["level"] for row in package.rows("translation_pairs")}
    place = {one: index for index, one in enumerate((*sides, *paragraph_of))}
    sheet = package.sheet("translation_pair_members")
    before: dict[tuple[str, str], int] = {}
    for index, row in enumerate(sheet.rows):
        if row["side"] != sides.get(row["paragraph_id"]):
            found = f"side {shown(row['side'])} of {row['paragraph_id']}"
            yield sheet.finding(index, found, shown(sides.get(row["paragraph_id"])))
        if (row["sentence_id"] is not None) is not (levels.get(row["pair_id"]) == "sentence"):
            found = f"sentence_id {shown(row['sentence_id'])}"
            yield sheet.finding(index, found, "a sentence at the level of sentences, none at that of units")
        own = paragraph_of.get(row["sentence_id"], row["paragraph_id"])
        if own != row["paragraph_id"]:
            yield sheet.finding(index, f"paragraph_id {shown(row['paragraph_id'])}", shown(own))
        key, at = (row["pair_id"], row["side"]), place.get(row["sentence_id"] or row["paragraph_id"], -1)
        if at <= before.get(key, -1):
            yield sheet.finding(index, f"position {row['position']}", "members in the order of their text")
        before[key] = at


@check(
    "pair-facts",
    "type, id, zone, method and score of a pair are those of its members and of how it was found",
)
def pair_facts(package: Package) -> Iterator[Finding]:
    own = members_of(package)
    zones = {row["paragraph_id"]: row["zone"] for row in package.rows("paragraphs")}
    sheet = package.sheet("translation_pairs")
    for index, row in enumerate(sheet.rows):
        sides = own.get(row["pair_id"], {side: [] for side in SIDES})
        counts = [len(sides[side]) for side in SIDES]
        first = next((sides[side][0] for side in SIDES if sides[side]), None)
        if first is None:
            yield sheet.finding(index, f"pair {row['pair_id']} without members", "one at least")
            continue
        member = first["sentence_id"] or first["paragraph_id"]
        bare = member.removeprefix(f"r{row['record_id']}-")
        expected = {
            "type": "-".join(map(str, counts)),
            "pair_id": f"r{row['record_id']}-{row['level'][:1]}-{bare}",
            "zone": zones.get(first["paragraph_id"]),
        }
        for column, value in expected.items():
            if row[column] != value:
                yield sheet.finding(index, f"{column} {shown(row[column])}", shown(value))
        yield from _method(sheet, index, row, counts)


def _method(sheet: Sheet, index: int, row: Row, counts: list[int]) -> Iterator[Finding]:
    if (row["method"] == REVIEWED) is not row["reviewed"]:
        found = f"method {row['method']}, reviewed {shown(row['reviewed'])}"
        yield sheet.finding(index, found, "method reviewed when reviewed, and then only")
    if row["method"] != REVIEWED and (row["method"] == ONE_SIDED) is not (0 in counts):
        yield sheet.finding(index, f"method {row['method']}", "one_sided when a side is empty, and then only")
    if not row["reviewed"] and (row["note"] or row["alternative"]):
        yield sheet.finding(
            index, f"note {shown(row['note'] or row['alternative'])}", "a reviewed pair, or no note"
        )
    score = row["score"]
    if score is not None and not (0 <= score <= 1 and round(score, 4) == score):
        yield sheet.finding(index, f"score {score}", "from 0 to 1, to four decimals")
    scored = SCORED.get((row["method"], row["level"]))
    if scored is not None and scored is (score is None):
        found = f"score {shown(score)} of the method {row['method']}"
        yield sheet.finding(index, found, "a score" if scored else "none, as nothing was weighed")


@check("pair-order", "pairs stand in the order of the original")
def pair_order(package: Package) -> Iterator[Finding]:
    own = members_of(package)
    place = {row["paragraph_id"]: index for index, row in enumerate(package.rows("paragraphs"))}
    sentences = {row["sentence_id"]: index for index, row in enumerate(package.rows("sentences"))}
    before: dict[tuple[str, str], int] = {}
    sheet = package.sheet("translation_pairs")
    for index, row in enumerate(sheet.rows):
        members = own.get(row["pair_id"], {}).get("original", [])
        if not members:
            continue
        first = members[0]
        at = (
            sentences.get(first["sentence_id"], -1)
            if first["sentence_id"]
            else place.get(first["paragraph_id"], -1)
        )
        key = (row["record_id"], row["level"])
        if at < before.get(key, -1):
            yield sheet.finding(index, f"{row['pair_id']} after what follows it", "the order of the original")
        before[key] = at


@check("parallel", "the parallel view is what follows from pairs, texts and discrepancies")
def parallel(package: Package) -> Iterator[Finding]:
    names = (
        "translation_pairs",
        "translation_pair_members",
        "paragraphs",
        "sentences",
        "discrepancy_readings",
    )
    sheet = package.sheet("parallel")
    expected = tables.parallel({name: package.frame(name) for name in names}, sheet.table)
    if sheet.frame.equals(expected):
        return
    if sheet.frame.height != expected.height:
        yield sheet.finding(0, f"{sheet.frame.height} rows", f"{expected.height}, one for every pair")
    for index, (row, own) in enumerate(zip(sheet.rows, expected.to_dicts(), strict=False)):
        for column, value in row.items():
            if value != own[column]:
                yield sheet.finding(index, f"{column} {shown(value)}", shown(own[column]))
