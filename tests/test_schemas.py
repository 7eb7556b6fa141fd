"""The schemas say what the tables hold, and JSON Schemas follow from them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import jsonschema
import polars as pl
import pytest

from cables import inputs, schemas
from cables.inputs import Inputs
from cables.package import Build
from cables.schemas import Json, Table


def fields(given: Inputs) -> Iterator[tuple[Table, Json]]:
    """Every field of every published table."""
    return ((table, field) for table in given.tables for field in table.schema["fields"])


@pytest.fixture(scope="module")
def by_name(given: Inputs) -> dict[str, Table]:
    """The published tables by name."""
    return {table.name: table for table in given.tables}


def test_every_published_table_has_one_schema_in_the_order_of_the_list(given: Inputs) -> None:
    assert tuple(table.name for table in given.tables) == schemas.ORDER


def test_every_field_is_described_and_typed(given: Inputs) -> None:
    for table, field in fields(given):
        assert field["description"].endswith((".", "`")), (table.name, field["name"])
        assert field["type"] in schemas.POLARS
        assert "required" in field["constraints"]


def test_every_table_with_words_of_the_archive_says_that_it_quotes(given: Inputs) -> None:
    words = re.compile(
        r"as_written.*|.*_(original|translation)|(.*_)?text|quote|reading|header|title|citation"
    )
    quoting = {table.name for table, field in fields(given) if words.fullmatch(field["name"])}
    assert {table.name for table in given.tables if table.quotes} == quoting


def test_what_quotes_has_the_rights_statement_of_the_text_everywhere(given: Inputs, build: Build) -> None:
    statement = given.package.license("text").path
    described = json.loads(build.files["datapackage.json"])["resources"]
    crate = {one["@id"]: one for one in json.loads(build.files["ro-crate-metadata.json"])["@graph"]}
    whole = {one["@id"] for one in crate["./"]["license"]}
    for table in given.tables:
        for path in (f"data/csv/{table.name}.csv", f"data/parquet/{table.name}.parquet"):
            (resource,) = [one for one in described if one["path"] == path]
            own = crate[path].get("license", {})
            assert (statement in [one["path"] for one in resource["licenses"]]) is table.quotes, path
            assert (statement in (whole if not own else {own["@id"]})) is table.quotes, path


def test_every_table_has_a_record_id_but_the_codes(given: Inputs) -> None:
    assert [table.name for table in given.tables if "record_id" not in table.columns] == ["codes"]


def test_keys_name_columns_that_are_there_and_never_null(by_name: dict[str, Table]) -> None:
    for table in by_name.values():
        for column in table.primary_key:
            assert table.field(column)["constraints"]["required"], (table.name, column)
        for key in table.foreign_keys:
            assert set(key.columns) <= set(table.columns)
            assert set(key.references) <= set(by_name[key.table].columns)


def test_no_foreign_key_of_several_columns_can_be_partly_null(by_name: dict[str, Table]) -> None:
    for table in by_name.values():
        for key in table.foreign_keys:
            required = {table.field(column)["constraints"]["required"] for column in key.columns}
            assert len(key.columns) == 1 or required == {True}, (table.name, key)


def test_the_enums_of_the_schemas_are_the_codes_of_the_vocabulary(given: Inputs) -> None:
    codes: dict[str, list[str]] = {}
    for row in given.vocabulary_rows["codes"]:
        codes.setdefault(row["vocabulary"], []).append(row["code"])
    used = set()
    for table, field in fields(given):
        if "enum" in field["constraints"]:
            used.add(field["vocabulary"])
            assert sorted(field["constraints"]["enum"]) == sorted(codes[field["vocabulary"]]), (
                table.name,
                field["name"],
            )
        else:
            assert "vocabulary" not in field or field["vocabulary"] in codes
    assert set(codes) - used <= {"vocabulary"}


def test_types_are_those_of_polars(by_name: dict[str, Table]) -> None:
    assert by_name["pages"].polars["page_number"] == pl.Int32
    assert by_name["translation_pairs"].polars["score"] == pl.Float64
    assert by_name["witnesses"].polars["maker"] == pl.String


@pytest.mark.parametrize(
    ("change", "accepted"),
    [
        ({}, True),
        ({"header": None}, True),
        ({"page_number": None}, False),
        ({"page_number": "2"}, False),
        ({"boundary": "guessed"}, False),
        ({"header": ""}, False),
        ({"colour": "red"}, False),
        ({"page_id": "2-r"}, False),
    ],
)
def test_the_json_schema_of_a_row_holds_what_the_table_schema_says(
    by_name: dict[str, Table], change: Json, accepted: bool
) -> None:
    row = {
        "page_id": "r1-p2",
        "record_id": "1",
        "document_id": "r1-document",
        "page_number": 2,
        "header": "Sheet 2",
        "first_line": 5,
        "last_line": 9,
        "boundary": "read",
        "evidence": "header on line 5",
    }
    validator = jsonschema.Draft202012Validator(by_name["pages"].json_row)
    assert validator.is_valid({**row, **change}) is accepted


def test_the_schema_of_a_record_is_itself_right(given: Inputs) -> None:
    jsonschema.Draft202012Validator.check_schema(schemas.record_schema(given.tables))


def test_every_authored_table_has_a_schema_with_its_columns(given: Inputs) -> None:
    places = inputs.Places()
    for folder in (places.vocabulary, places.curation):
        for path in sorted(folder.glob("*.csv")):
            schema = places.schemas / "authored" / f"{path.stem}.json"
            assert schema.exists(), path.name


def test_every_example_is_a_value_of_its_column_or_the_beginning_of_one(given: Inputs, build: Build) -> None:
    for table, field in fields(given):
        values = build.frames[table.name].get_column(field["name"]).drop_nulls().to_list()
        where = f"schemas/tables/{table.name}.json: {field['name']}"
        assert ("example" in field) == bool(values), where
        assert not values or stands_in(field["example"], values), where


def stands_in(example: object, values: list[object]) -> bool:
    """Whether a value is the example, or begins as an example does that ends in an ellipsis."""
    beginning = str(example).removesuffix("…").rstrip()
    cut = beginning != str(example)
    return example in values or (cut and any(str(one).startswith(beginning) for one in values))
