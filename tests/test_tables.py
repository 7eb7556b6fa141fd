"""The frames hold what was read, with the types of their schemas, and lead back to the source."""

from __future__ import annotations

import jsonschema
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cables import schemas, tables
from cables.inputs import Inputs
from cables.tables import Frames
from conftest import Read
from exports import BOTH, ORIGINAL, TRANSLATION, changed, export, pdf_export

SOURCES = {
    "one": BOTH,
    "two": export(TRANSLATION, ORIGINAL),
    "three": pdf_export("Notes on the bridge.\n\nIt was built in two years."),
    "four": export(),
    "five": export(changed(ORIGINAL, "Ответ прошу", "Лист № 2\n\nОтвет прошу"), credits=None, contents=()),
}


@pytest.fixture(scope="module")
def frames(given: Inputs, read: Read) -> Frames:
    """The tables of several invented records."""
    readings = [read(source, record_id) for record_id, source in SOURCES.items()]
    return tables.frames(readings, given.tables, given.vocabulary_rows["codes"], given.vocabulary)


def test_every_table_has_the_columns_and_types_of_its_schema(given: Inputs, frames: Frames) -> None:
    assert list(frames) == [table.name for table in given.tables]
    for table in given.tables:
        assert dict(frames[table.name].schema) == table.polars


def test_keys_are_unique_and_references_lead_somewhere(given: Inputs, frames: Frames) -> None:
    for table in given.tables:
        frame = frames[table.name]
        assert not frame.select(table.primary_key).is_duplicated().any(), table.name
        for key in table.foreign_keys:
            used = frame.select(key.columns).drop_nulls()
            known = frames[key.table].select(key.references).unique()
            assert used.join(known, left_on=key.columns, right_on=key.references, how="anti").is_empty(), key


def test_required_columns_are_filled_and_no_cell_is_an_empty_string(given: Inputs, frames: Frames) -> None:
    for table in given.tables:
        for field in table.schema["fields"]:
            column = frames[table.name].get_column(field["name"])
            if field["constraints"]["required"]:
                assert column.null_count() == 0, (table.name, field["name"])
            if column.dtype == pl.String:
                assert not (column == "").any(), (table.name, field["name"])


def test_lines_rebuild_every_source(frames: Frames) -> None:
    ends = {"lf": "\n", "crlf": "\r\n", "cr": "\r", "none": ""}
    for record_id, source in SOURCES.items():
        own = frames["lines"].filter(pl.col("record_id") == record_id)
        rebuilt = "".join((text or "") + ends[end] for text, end in own.select("text", "line_end").rows())
        assert rebuilt == source


def test_every_reading_is_found_where_it_says(frames: Frames) -> None:
    found = (
        frames["readings"]
        .filter(pl.col("line_number").is_not_null())
        .join(frames["lines"].select("record_id", "line_number", "text"), on=["record_id", "line_number"])
        .with_columns(there=pl.col("text").str.slice(pl.col("start"), pl.col("end") - pl.col("start")))
    )
    assert found.height > 0
    assert found.filter(pl.col("there") != pl.col("as_written")).is_empty()


def test_every_cell_of_the_form_has_a_reading(given: Inputs, frames: Frames) -> None:
    known = set(frames["readings"].select("table", "row_id", "column").rows())
    for name in ("documents", "transmissions", "events", "senders", "recipients", "identifiers"):
        key = tables.FACTS[name]
        for row in frames[name].to_dicts():
            columns = {column for column, value in row.items() if value is not None} - {key, "record_id"}
            assert {(name, row[key], column) for column in columns} <= known


def test_paragraphs_know_their_sheets_and_documents(frames: Frames) -> None:
    own = frames["paragraphs"].filter(pl.col("record_id") == "five")
    pages = own.select("text", "first_page").rows()
    assert pages[0] == ("ШИФРОВКА № 5512/к", "rfive-p1")
    assert ("ОРЛОВ.", "rfive-p2") in pages


def test_a_sheet_number_printed_twice_gives_two_sheets_with_ids_of_their_own(
    given: Inputs, read: Read
) -> None:
    source = changed(changed(BOTH, "Ответ", "Лист № 2\n\nОтвет"), "№ 77.", "Лист № 2\n\n№ 77.")
    made = tables.frames([read(source)], given.tables, given.vocabulary_rows["codes"], given.vocabulary)
    assert made["pages"].get_column("page_number").to_list() == [1, 2, 2]
    assert made["pages"].get_column("page_id").is_unique().all()


def test_the_parallel_view_has_a_row_per_pair_in_order(frames: Frames) -> None:
    parallel = frames["parallel"].filter(pl.col("record_id") == "one", pl.col("level") == "unit")
    assert parallel.height == frames["translation_pairs"].filter(record_id="one", level="unit").height
    assert parallel.get_column("order").to_list() == list(range(1, parallel.height + 1))
    first = parallel.row(0, named=True)
    assert (first["original_text"], first["translation_text"]) == ("ШИФРОВКА № 5512/к", "CABLE N° 5512/k")


def test_a_records_json_holds_its_rows_and_keeps_to_its_schema(given: Inputs, frames: Frames) -> None:
    validator = jsonschema.Draft202012Validator(schemas.record_schema(given.tables))
    for record_id in SOURCES:
        record = tables.nested(frames, record_id)
        validator.validate(record)
        flat = tables.flattened(record)
        for name in frames.keys() - {"codes", "parallel"}:
            own = frames[name].filter(pl.col("record_id") == record_id)
            if own.is_empty():
                assert flat.get(name, []) == []
                continue
            back = pl.DataFrame(flat[name], schema=own.schema)
            assert_frame_equal(back, own, check_row_order=False)


def test_tables_of_no_record_at_all_are_empty_and_typed(given: Inputs) -> None:
    made = tables.frames([], given.tables, given.vocabulary_rows["codes"], given.vocabulary)
    assert all(frame.is_empty() for name, frame in made.items() if name != "codes")
    assert {name: dict(frame.schema) for name, frame in made.items()} == {
        table.name: table.polars for table in given.tables
    }
