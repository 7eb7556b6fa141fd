"""Decisions are laid over the reading, and refused where the text they expect is not there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cables import curation, inputs, reading, schemas
from cables.curation import Decisions
from cables.inputs import Inputs
from cables.model import InputErrors
from cables.reading import Reading
from cables.vocabulary import Row, Rows, Vocabulary
from exports import BOTH

SCHEMAS = Path(__file__).resolve().parent.parent / "schemas" / "authored"


def columns(name: str) -> list[str]:
    """The columns of an authored table."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return [field["name"] for field in schema["fields"]]


Decide = Callable[..., Reading]


def row(name: str, line: int = 2, /, **cells: str) -> Row:
    """A row of a curation table, the cells not given empty."""
    return Row(f"{name}.csv", line, {**dict.fromkeys(columns(name), ""), "record_id": "one", **cells})


def line_of(words: str) -> str:
    """The number of the line of the export on which these words stand."""
    (number,) = (n for n, text in enumerate(BOTH.split("\n"), start=1) if words in text)
    return str(number)


@pytest.fixture(scope="module")
def decide(vocabulary: Vocabulary, given: Inputs) -> Decide:
    """Reads the invented export with these decisions laid over it."""
    types = schemas.types(given.tables)

    def read(*rows: Row) -> Reading:
        tables: dict[str, list[Row]] = {}
        for one in rows:
            tables.setdefault(one.file.removesuffix(".csv"), []).append(one)
        return reading.read("one.txt", BOTH.encode(), "one", vocabulary, Decisions(tables, types))

    return read


def refusals(decide: Decide, *rows: Row) -> list[str]:
    """What is said of decisions that are refused."""
    with pytest.raises(InputErrors) as raised:
        decide(*rows)
    return [str(error) for error in raised.value.errors]


LIPIN = row("entities", entity_id="one-e-lipin", kind="person", label="Lipin")


def test_a_name_is_identified_wherever_its_form_stands(decide: Decide) -> None:
    form = row("entity_forms", entity_id="one-e-lipin", side="original", as_written="ЛИПИНУ")
    found = decide(LIPIN, form)
    assert [one.as_written for one in found.mentions] == ["ЛИПИНУ"]
    (copy,) = (fact for fact in found.facts.rows if fact.row_id == "rone-copy-03")
    assert copy.cells["entity_id"].value == "one-e-lipin"
    assert copy.cells["entity_id"].basis == "curated"
    assert copy.cells["entity_id"].reason


@pytest.mark.parametrize("written", ["ЛИПИН-СКИЙ", "ЛИПИН"])
def test_a_form_that_stands_nowhere_as_a_whole_word_is_refused(decide: Decide, written: str) -> None:
    form = row("entity_forms", 7, entity_id="one-e-lipin", side="original", as_written=written)
    assert refusals(decide, LIPIN, form) == [
        f"entity_forms.csv:7: the form '{written}'; expected whole words that stand in the original"
    ]


def test_a_form_of_an_entity_that_is_not_listed_is_refused(decide: Decide) -> None:
    form = row("entity_forms", 7, entity_id="one-e-nobody", side="original", as_written="ЛИПИНУ")
    assert refusals(decide, form) == [
        "entity_forms.csv:7: entity 'one-e-nobody'; expected an entity of entities.csv"
    ]


CELL = {"table": "transmissions", "row_id": "rone-wire", "column": "copies_printed", "reason": "a slip"}


def test_a_cell_is_decided_with_its_reason_and_keeps_its_type(decide: Decide) -> None:
    found = decide(row("cells", **CELL, expect="4", value="5"))
    (wire,) = found.facts.of("transmissions")
    cell = wire.cells["copies_printed"]
    assert (cell.value, cell.basis, cell.reason) == (5, "curated", "a slip")
    assert [place.as_written for place in cell.places] == ["4"]


def test_a_cell_in_which_the_machine_read_nothing_takes_the_type_of_its_column(decide: Decide) -> None:
    empty = {**CELL, "column": "sheets_attached", "expect": ""}
    (wire,) = decide(row("cells", **empty, value="3")).facts.of("transmissions")
    assert wire.cells["sheets_attached"].value == 3


@pytest.mark.parametrize(
    ("cell", "refusal"),
    [
        (
            {"column": "copies_printed", "value": "abc"},
            "value 'abc'; expected a whole number from 0, of at most nine digits",
        ),
        ({"table": "events", "column": "texts_agree", "value": "yes"}, "value 'yes'; expected true or false"),
        ({"column": "mode", "value": "by pigeon"}, "value 'by pigeon'; expected one of "),
        ({"column": "pigeons", "value": "2"}, "column 'pigeons' of transmissions; expected one of "),
        ({"column": "transmission_id", "value": "x"}, "column 'transmission_id' of transmissions; expected"),
        ({"column": "record_id", "value": "two"}, "column 'record_id' of transmissions; expected one of "),
        ({"column": "document_id", "value": ""}, "value is empty; expected "),
    ],
)
def test_a_decided_cell_that_its_table_cannot_hold_is_refused(
    cell: dict[str, str], refusal: str, given: Inputs
) -> None:
    decided = row("cells", 12, **{**CELL, **cell})
    (error,) = inputs.broken_decisions([decided], given.tables)
    assert str(error).startswith(f"cells.csv:12: {refusal}")


def test_a_cell_may_be_emptied(decide: Decide) -> None:
    (wire,) = decide(row("cells", **CELL, expect="4", value="")).facts.of("transmissions")
    assert "copies_printed" not in wire.cells


def test_a_cell_that_is_not_what_was_expected_is_refused(decide: Decide) -> None:
    assert refusals(decide, row("cells", **CELL, expect="12", value="5")) == [
        "cells.csv:2: copies_printed is '4'; expected '12'"
    ]


def test_a_cell_of_a_row_that_is_not_there_is_refused(decide: Decide) -> None:
    cell = row("cells", **{**CELL, "row_id": "rone-air"}, expect="4", value="5")
    assert refusals(decide, cell) == [
        "cells.csv:2: row 'rone-air' of transmissions; expected a row that is there"
    ]


def test_a_witness_held_elsewhere_is_added(decide: Decide) -> None:
    cells = {
        "document": "document",
        "kind": "translation",
        "availability": "elsewhere",
        "evidence": "a catalogue",
    }
    added = decide(row("witnesses", witness_id="rone-w-other", **cells)).facts.of("witnesses")[-1]
    assert added.row_id == "rone-w-other"
    assert added.cells["document_id"].value == "rone-document"
    assert {cell.basis for cell in added.cells.values()} == {"curated"}


def test_a_witness_with_an_id_that_is_taken_is_refused(decide: Decide) -> None:
    taken = row("witnesses", witness_id="rone-w-scan", document="document")
    assert refusals(decide, taken) == ["witnesses.csv:2: id 'rone-w-scan'; expected an id that is not taken"]


DISCREPANCY = row("discrepancies", discrepancy_id="rone-d-1")


def quotation(reading: str, line: str, **cells: str) -> Row:
    """A reading of the discrepancy that stands on one line of the original."""
    standard = {"side": "original", "apply": "false", "first_line": line, "last_line": line}
    given = {**standard, "discrepancy_id": "rone-d-1", "reading_id": "rone-d-1-a", "reading": reading}
    return row("discrepancy_readings", **{**given, **cells})


def test_a_slip_of_transcription_is_replaced_in_the_proposed_text_only(decide: Decide) -> None:
    slip = quotation("мастера", line_of("мастера"), proposed="мастеров", apply="true")
    found = decide(DISCREPANCY, slip)
    ((paragraph_id, proposed),) = found.proposed.items()
    (paragraph,) = (one for one in found.paragraphs if one.paragraph_id == paragraph_id)
    assert paragraph.text.replace("мастера", "мастеров") == proposed != paragraph.text


def test_a_quotation_across_a_line_end_is_found_as_joined(decide: Decide) -> None:
    first = line_of("движение по-")
    slip = quotation("движение поездов", first, last_line=str(int(first) + 1))
    (found,) = decide(DISCREPANCY, slip).discrepancy_readings
    assert found.paragraph_id == f"rone-o-L{int(first):03d}"


@pytest.mark.parametrize(
    ("reading", "line", "cells", "found"),
    [
        ("мастерство", "31", {}, "the quotation 'мастерство'"),
        ("мастера", "999", {}, "lines 999–999"),
        ("мост", "47", {"apply": "true", "side": "translation", "proposed": "x"}, "apply is true"),
    ],
)
def test_a_reading_that_does_not_stand_where_it_says_is_refused(
    decide: Decide, reading: str, line: str, cells: dict[str, str], found: str
) -> None:
    (refusal,) = refusals(decide, DISCREPANCY, quotation(reading, line, **cells))
    assert refusal.startswith(f"discrepancy_readings.csv:2: {found}")


def test_a_slip_that_stands_twice_is_not_replaced_by_guess(decide: Decide) -> None:
    slip = quotation("а", line_of("мастера"), proposed="о", apply="true")
    assert "a reading that stands" in refusals(decide, DISCREPANCY, slip)[0]


def test_a_reading_of_an_unknown_discrepancy_is_refused(decide: Decide) -> None:
    assert "discrepancy 'rone-d-1'" in refusals(decide, quotation("мастера", line_of("мастера")))[0]


def test_a_discrepancy_explains_a_doubt_of_the_machine(decide: Decide) -> None:
    (doubt_id, _) = decide().doubt_ids
    explaining = row("discrepancies", discrepancy_id="rone-d-1", doubts=doubt_id)
    assert decide(explaining).explained == {doubt_id: "rone-d-1"}


def test_a_doubt_that_the_machine_does_not_have_is_refused(decide: Decide) -> None:
    assert refusals(decide, row("discrepancies", discrepancy_id="rone-d-1", doubts="rone-x-none")) == [
        "discrepancies.csv:2: doubt 'rone-x-none'; expected a doubt that the machine finds"
    ]


def test_a_doubt_has_one_explanation(decide: Decide) -> None:
    (doubt_id, _) = decide().doubt_ids
    rows = [row("discrepancies", line, discrepancy_id=f"rone-d-{line}", doubts=doubt_id) for line in (2, 3)]
    assert refusals(decide, *rows) == [
        f"discrepancies.csv:3: doubt '{doubt_id}' again; "
        "expected a doubt that rone-d-2 does not explain already"
    ]


def pair(original: str, translation: str, original_begins: str, translation_begins: str) -> Row:
    """A reviewed pair of units."""
    cells = {"original_begins": original_begins, "translation_begins": translation_begins}
    return row("pairs", level="unit", original=original, translation=translation, **cells)


def test_a_reviewed_pair_replaces_the_machines_and_frees_its_partners(decide: Decide) -> None:
    machine = decide()
    first = next(one.link for one in machine.units if one.link.type == "1-1")
    reviewed = decide(pair(first.original[0], "", "ШИФРОВКА", "")).units
    links = {(one.link.original, one.link.translation): one.reviewed for one in reviewed}
    assert links[first.original, ()] is True
    assert links[(), first.translation] is False
    assert len(links) == len(machine.units) + 1


def test_a_pair_whose_text_is_another_is_refused(decide: Decide) -> None:
    first = decide().units[0].link
    (refusal,) = refusals(decide, pair(first.original[0], "", "ТЕЛЕГРАММА", ""))
    assert refusal == f"pairs.csv:2: {first.original[0]} begins 'ШИФРОВКА № 5512/к'; expected 'ТЕЛЕГРАММА'"


def test_a_pair_of_nothing_is_refused(decide: Decide) -> None:
    assert refusals(decide, pair("", " ", "", "")) == [
        "pairs.csv:2: a pair of nothing; expected ids of one text at least"
    ]


def test_a_member_of_the_other_text_is_refused(decide: Decide) -> None:
    first = decide().units[0].link
    found = refusals(decide, pair(first.translation[0], "", "CABLE", ""))
    expected = "an id of this level, of the original, that no other pair has"
    assert found == [f"pairs.csv:2: {first.translation[0]!r}; expected {expected}"]


def test_every_bad_decision_is_told_not_the_first(decide: Decide) -> None:
    bad = [
        row("cells", **CELL, expect="12", value="5"),
        row("entity_forms", entity_id="one-e-nobody", side="original", as_written="ЛИПИНУ"),
        pair("rone-o-L001", "", "x", ""),
    ]
    assert len(refusals(decide, *bad)) == 3


def test_decisions_about_other_records_are_counted_and_not_applied(vocabulary: Vocabulary) -> None:
    tables: Rows = {"cells": [row("cells", record_id="two", **CELL, expect="12", value="5")]}
    assert curation.of_other_records(tables, ["one"]) == 1
    assert curation.of_record(tables, "one", {}).rows("cells") == ()
