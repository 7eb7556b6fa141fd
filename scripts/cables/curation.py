"""Guarded decisions laid over the reading: what a person decided of one record.

Every decision names the text it expects. Where that text is not there the decision is refused, with its
file and line, and so is every other bad one of the same run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from cables import ids
from cables.facts import Fact, Facts
from cables.lines import Joined
from cables.model import (
    Basis,
    Cell,
    Link,
    Paragraph,
    Refused,
    Sentence,
    Side,
)
from cables.names import Mention, NameForm, whole_words
from cables.paragraphs import text_of
from cables.record import Record, whole
from cables.vocabulary import Row, Rows

TABLES = (
    "archival_references",
    "cells",
    "discrepancies",
    "discrepancy_readings",
    "entities",
    "entity_forms",
    "pairs",
    "witnesses",
)
IDENTIFIED = "identified by a person (data/curation/entity_forms.csv)"
NAME_COLUMNS = {
    "senders": (("name_original", "name_translation"), "entity_id"),
    "recipients": (("name_original", "name_translation"), "entity_id"),
    "events": (("actor_original", "actor_translation"), "actor_entity_id"),
}


# A link by its members on either side, in the order of the text.
Members = tuple[tuple[str, ...], tuple[str, ...]]
# The type of a column of a published table, by table and column, and how a decided value of it is read.
Types = Mapping[tuple[str, str], str]
VALUES: Mapping[str, Callable[[str], str | int | bool]] = {
    "string": str,
    "integer": int,
    "boolean": lambda written: written == "true",
}


@dataclass(frozen=True, slots=True)
class Decisions:
    """The curation rows of one record, by table; `types` are those of the columns that may be decided."""

    tables: Rows
    types: Types = field(default_factory=dict)

    def rows(self, table: str) -> Sequence[Row]:
        """The rows of a curation table; none where there are none."""
        return self.tables.get(table, ())


@dataclass(frozen=True, slots=True)
class DiscrepancyReading:
    """A reading of a discrepancy, and where it stands: from `start` to `end` of a paragraph, if in one."""

    row: Row
    paragraph_id: str | None
    start: int
    end: int

    @property
    def applies(self) -> bool:
        """Whether `text_proposed` takes its proposal over."""
        return self.row["apply"] == "true"


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another division of a pair that a reader may prefer: as it is written, and the links it consists of."""

    written: str
    links: frozenset[Members]


@dataclass(frozen=True, slots=True)
class Pair:
    """A link, and what a person said of it."""

    link: Link
    reviewed: bool
    note: str | None = None
    alternative: Alternative | None = None


def of_record(tables: Rows, record_id: str, types: Types) -> Decisions:
    """The decisions about one record."""
    return Decisions(
        {name: tuple(row for row in rows if row["record_id"] == record_id) for name, rows in tables.items()},
        types,
    )


def of_other_records(tables: Rows, record_ids: Iterable[str]) -> int:
    """How many rows are about records that are not in this build."""
    known = set(record_ids)
    return sum(row["record_id"] not in known for rows in tables.values() for row in rows)


# --- names -------------------------------------------------------------------------------------------


def name_forms(decisions: Decisions, paragraphs: Sequence[Paragraph]) -> tuple[NameForm, ...]:
    """The written forms of names. Refuses a form that stands nowhere, or an entity that is not listed."""
    entities = {row["entity_id"] for row in decisions.rows("entities")}
    forms: list[NameForm] = []
    refused = Refused()
    for row in decisions.rows("entity_forms"):
        form = NameForm(
            row["entity_id"],
            Side(row["side"]),
            row["as_written"],
            int(row["first_line"]) if row["first_line"] else None,
            int(row["last_line"]) if row["last_line"] else None,
        )
        if form.entity_id not in entities:
            refused.errors.append(row.error(f"entity {form.entity_id!r}", "an entity of entities.csv"))
        words = whole_words(form.as_written)
        if not any(form.reaches(one) and words.search(one.text) for one in paragraphs):
            where = f"in the {form.side.value}" if form.first_line is None else f"on line {form.first_line}"
            refused.errors.append(
                row.error(f"the form {form.as_written!r}", f"whole words that stand {where}")
            )
        forms.append(form)
    refused.raise_all()
    return tuple(forms)


def identified(
    facts: Facts, mentions: Sequence[Mention], paragraphs: Sequence[Paragraph], record: Record
) -> Facts:
    """The facts with the entity of every name that is a mention."""
    spots = _spots(mentions, paragraphs, record)
    return replace(facts, rows=tuple(_identified(fact, spots) for fact in facts.rows))


def _spots(
    mentions: Sequence[Mention], paragraphs: Sequence[Paragraph], record: Record
) -> dict[tuple[int, int], str]:
    """The entity at every line and offset that a mention covers."""
    texts = {one.paragraph_id: text_of(one, record) for one in paragraphs}
    spots: dict[tuple[int, int], str] = {}
    for mention in mentions:
        for place in texts[mention.paragraph_id].places(mention.start, mention.end):
            spots |= {(place.line, offset): mention.entity_id for offset in range(place.start, place.end)}
    return spots


def _identified(fact: Fact, spots: Mapping[tuple[int, int], str]) -> Fact:
    if fact.table not in NAME_COLUMNS:
        return fact
    names, column = NAME_COLUMNS[fact.table]
    for name in names:
        for place in fact.cells[name].places if name in fact.cells else ():
            entity = spots.get((place.line, place.start))
            if entity is not None:
                cell = Cell(entity, (place,), Basis.CURATED, IDENTIFIED)
                return replace(fact, cells={**fact.cells, column: cell})
    return fact


# --- witnesses and single cells ----------------------------------------------------------------------


def with_witnesses(facts: Facts, decisions: Decisions, record: Record) -> Facts:
    """The facts with the witnesses and shelfmarks that a person added."""
    added = [_witness(row, record) for row in decisions.rows("witnesses")]
    added += [_reference(row) for row in decisions.rows("archival_references")]
    known = {fact.row_id for fact in facts.rows}
    refused = Refused()
    refused.errors += [
        row.error(f"id {row[column]!r}", "an id that is not taken")
        for table, column in (("witnesses", "witness_id"), ("archival_references", "archival_reference_id"))
        for row in decisions.rows(table)
        if row[column] in known
    ]
    refused.raise_all()
    return replace(facts, rows=(*facts.rows, *added))


def _decided(value: str) -> Cell:
    return Cell(value, (), Basis.CURATED, "recorded by a person (data/curation)")


def _witness(row: Row, record: Record) -> Fact:
    columns = ("kind", "language", "availability", "maker", "address", "evidence")
    cells = {column: _decided(row[column]) for column in columns if row[column]}
    cells["document_id"] = _decided(ids.of_record(record.record_id, row["document"]))
    cells["derived_from_basis"] = _decided("unknown")
    return Fact("witnesses", row["witness_id"], cells)


def _reference(row: Row) -> Fact:
    columns = ("witness_id", "repository", "fond", "opis", "delo", "folios", "as_written", "source")
    cells = {column: _decided(row[column]) for column in columns if row[column]}
    cells["stated_by"] = _decided("outside")
    return Fact("archival_references", row["archival_reference_id"], cells)


def with_cells(facts: Facts, decisions: Decisions) -> Facts:
    """The facts with the cells that a person decided. Refuses one that is not what the row expects."""
    rows = {(fact.table, fact.row_id): fact for fact in facts.rows}
    refused = Refused()
    for row in decisions.rows("cells"):
        fact = rows.get((row["table"], row["row_id"]))
        if fact is None:
            refused.errors.append(
                row.error(f"row {row['row_id']!r} of {row['table']}", "a row that is there")
            )
            continue
        old = fact.cells.get(row["column"])
        stands = "" if old is None else _as_text(old)
        if stands != row["expect"]:
            refused.errors.append(row.error(f"{row['column']} is {stands!r}", repr(row["expect"])))
            continue
        rows[fact.table, fact.row_id] = replace(fact, cells=_with_cell(fact, row, old, decisions.types))
    refused.raise_all()
    return replace(facts, rows=tuple(rows.values()))


def _as_text(cell: Cell) -> str:
    return str(cell.value).lower() if isinstance(cell.value, bool) else str(cell.value)


def _with_cell(fact: Fact, row: Row, old: Cell | None, types: Types) -> dict[str, Cell]:
    if row["value"] == "":
        return {column: cell for column, cell in fact.cells.items() if column != row["column"]}
    value = VALUES[types[row["table"], row["column"]]](row["value"])
    cell = Cell(value, old.places if old else (), Basis.CURATED, row["reason"])
    return {**fact.cells, row["column"]: cell}


# --- discrepancies -----------------------------------------------------------------------------------


def discrepancy_readings(
    decisions: Decisions, paragraphs: Sequence[Paragraph], record: Record
) -> tuple[DiscrepancyReading, ...]:
    """The readings of discrepancies. Refuses a quotation that does not stand on its lines."""
    known = {row["discrepancy_id"] for row in decisions.rows("discrepancies")}
    texts = {one.paragraph_id: text_of(one, record) for one in paragraphs}
    found: list[DiscrepancyReading | None] = []
    refused = Refused()
    for row in decisions.rows("discrepancy_readings"):
        if row["discrepancy_id"] not in known:
            refused.errors.append(
                row.error(f"discrepancy {row['discrepancy_id']!r}", "one of discrepancies.csv")
            )
        found.append(refused.collect(partial(_located, row, paragraphs, texts, record), None))
    refused.raise_all()
    return tuple(one for one in found if one is not None)


def _located(
    row: Row, paragraphs: Sequence[Paragraph], texts: Mapping[str, Joined], record: Record
) -> DiscrepancyReading:
    if row["side"] == "outside" or not row["first_line"]:
        return DiscrepancyReading(row, None, 0, 0)
    first, last = int(row["first_line"]), int(row["last_line"])
    if not 1 <= first <= last <= len(record.source.lines):
        raise row.error(f"lines {first}–{last}", f"lines between 1 and {len(record.source.lines)}")
    if not row["reading"]:
        return DiscrepancyReading(row, None, 0, 0)
    spots = list(_quoted(row["reading"], row["side"], first, last, paragraphs, texts))
    if row["apply"] == "true" and (row["side"] != Side.ORIGINAL or not row["proposed"] or len(spots) != 1):
        found = f"apply is true for a reading that stands {len(spots)} times"
        raise row.error(found, "one place of the original, and what is proposed for it")
    if spots:
        return DiscrepancyReading(row, *spots[0])
    lines = list(record.source.lines[first - 1 : last])
    if row["reading"] in whole(lines, record.source).text:
        return DiscrepancyReading(row, None, 0, 0)
    raise row.error(f"the quotation {row['reading']!r}", f"words that stand on lines {first}–{last}")


def _quoted(
    quotation: str,
    side: str,
    first: int,
    last: int,
    paragraphs: Sequence[Paragraph],
    texts: Mapping[str, Joined],
) -> Iterator[tuple[str, int, int]]:
    for paragraph in paragraphs:
        if paragraph.side != side or paragraph.last_line < first or last < paragraph.first_line:
            continue
        start = paragraph.text.find(quotation)
        while start >= 0:
            end = start + len(quotation)
            places = texts[paragraph.paragraph_id].places(start, end)
            if all(first <= place.line <= last for place in places):
                yield paragraph.paragraph_id, start, end
            start = paragraph.text.find(quotation, start + 1)


def proposed_texts(readings: Sequence[DiscrepancyReading], paragraphs: Sequence[Paragraph]) -> dict[str, str]:
    """The text of every paragraph in which slips of transcription are marked to be replaced."""
    texts: dict[str, str] = {}
    for paragraph in paragraphs:
        own = [one for one in readings if one.applies and one.paragraph_id == paragraph.paragraph_id]
        text = paragraph.text
        for one in sorted(own, key=lambda each: -each.start):
            text = text[: one.start] + one.row["proposed"] + text[one.end :]
        if own and text != paragraph.text:
            texts[paragraph.paragraph_id] = text
    return texts


def explained(decisions: Decisions, doubt_ids: Sequence[str]) -> dict[str, str]:
    """Which discrepancy explains which doubt. Refuses one that the machine does not have, or that is
    explained already."""
    known = set(doubt_ids)
    found: dict[str, str] = {}
    refused = Refused()
    for row in decisions.rows("discrepancies"):
        for doubt in row["doubts"].split():
            if doubt not in known:
                refused.errors.append(row.error(f"doubt {doubt!r}", "a doubt that the machine finds"))
            if doubt in found:
                expected = f"a doubt that {found[doubt]} does not explain already"
                refused.errors.append(row.error(f"doubt {doubt!r} again", expected))
            found[doubt] = row["discrepancy_id"]
    refused.raise_all()
    return found


# --- pairs -------------------------------------------------------------------------------------------


def reviewed_pairs(
    decisions: Decisions,
    level: str,
    machine: Sequence[Link],
    members: Mapping[str, Paragraph | Sentence],
    paragraph_of: Mapping[str, Paragraph],
) -> tuple[Pair, ...]:
    """The links of one level: those a person decided, and the machine's wherever nobody has."""
    rows = [row for row in decisions.rows("pairs") if row["level"] == level]
    _guard(rows, members, paragraph_of)
    scores = {(link.original, link.translation): link.score for link in machine}
    reviewed = [_reviewed(row, scores, paragraph_of) for row in rows]
    taken = {one for pair in reviewed for one in (*pair.link.original, *pair.link.translation)}
    rest = [Pair(link, False) for link in _left(machine, taken)]
    order = list(members)
    return tuple(sorted((*reviewed, *rest), key=lambda pair: _place(pair.link, order, machine)))


def _guard(
    rows: Sequence[Row],
    members: Mapping[str, Paragraph | Sentence],
    paragraph_of: Mapping[str, Paragraph],
) -> None:
    refused = Refused()
    seen: set[str] = set()
    for row in rows:
        if not any(row[side.value].split() for side in Side):
            refused.errors.append(row.error("a pair of nothing", "ids of one text at least"))
        for side in Side:
            own = row[side.value].split()
            for one in own:
                if one not in members or one in seen or paragraph_of[one].side is not side:
                    expected = f"an id of this level, of the {side.value}, that no other pair has"
                    refused.errors.append(row.error(f"{one!r}", expected))
                seen.add(one)
            begins = row[f"{side.value}_begins"]
            if own and own[0] in members and not (begins and members[own[0]].text.startswith(begins)):
                found = f"{own[0]} begins {members[own[0]].text[:40]!r}"
                refused.errors.append(row.error(found, repr(begins)))
        alternative = refused.collect(partial(alternative_of, row), None)
        for one in _ids(alternative) if alternative else ():
            if one not in members:
                refused.errors.append(row.error(f"alternative {one!r}", "an id of this level"))
    refused.raise_all()


def alternative_of(row: Row) -> Alternative | None:
    """The alternative that a row notes, if any: `original ids = translation ids`, several separated by `;`.

    Ids stand apart by blanks, and one side may be empty. Raises InputError for anything else.
    """
    written = row["alternative"]
    if not written:
        return None
    return Alternative(written, frozenset(_members(row, part) for part in written.split(";")))


def _members(row: Row, written: str) -> Members:
    sides = [tuple(side.split()) for side in written.split("=")]
    if len(sides) != 2 or not any(sides):
        raise row.error(f"alternative {written.strip()!r}", "`original ids = translation ids`")
    return sides[0], sides[1]


def _ids(alternative: Alternative) -> Iterator[str]:
    return (one for link in sorted(alternative.links) for side in link for one in side)


def _reviewed(
    row: Row,
    scores: Mapping[Members, float | None],
    paragraph_of: Mapping[str, Paragraph],
) -> Pair:
    original, translation = (tuple(row[side.value].split()) for side in Side)
    zone = paragraph_of[(original or translation)[0]].zone
    link = Link(original, translation, zone, "reviewed", scores.get((original, translation)))
    return Pair(link, True, row["note"] or None, alternative_of(row))


def _left(machine: Sequence[Link], taken: set[str]) -> Iterator[Link]:
    """The machine's links without the members that a person has placed elsewhere."""
    for link in machine:
        if not taken & {*link.original, *link.translation}:
            yield link
            continue
        for one in link.original:
            if one not in taken:
                yield Link((one,), (), link.zone, "one_sided")
        for one in link.translation:
            if one not in taken:
                yield Link((), (one,), link.zone, "one_sided")


def _place(link: Link, order: Sequence[str], machine: Sequence[Link]) -> tuple[int, int]:
    """Original order; what stands in the translation only comes after what precedes it there."""
    positions = {one: index for index, one in enumerate(order)}
    if link.original:
        return positions[link.original[0]], 0
    before = [
        one.original[-1]
        for one in machine
        if one.original
        and one.translation
        and positions[one.translation[-1]] < positions[link.translation[0]]
    ]
    return max((positions[one] for one in before), default=-1), positions[link.translation[0]] + 1
