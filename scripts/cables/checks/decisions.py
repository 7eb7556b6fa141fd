"""Checks of what persons decided: the tables have it as decided, and call nothing else decided."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cables.checks.discrepancies import TEXTS
from cables.checks.loaded import Finding, Package, decisions, shown
from cables.checks.read import DECIDED
from cables.checks.registry import check
from cables.curation import IDENTIFIED
from cables.model import Basis

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
