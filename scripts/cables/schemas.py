"""Table Schema ⇄ polars types, and the JSON Schemas that follow from the table schemas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

Json = dict[str, Any]

# The order in which tables are listed: the five that people come for first, then what they stand on.
ORDER = (
    "documents",
    "transmissions",
    "recipients",
    "paragraphs",
    "translation_pairs",
    "parallel",
    "records",
    "witnesses",
    "archival_references",
    "events",
    "senders",
    "identifiers",
    "pages",
    "lines",
    "spans",
    "sentences",
    "translation_pair_members",
    "entities",
    "mentions",
    "editorial_marks",
    "doubts",
    "discrepancies",
    "discrepancy_readings",
    "readings",
    "codes",
)
POLARS = {"string": pl.String, "integer": pl.Int32, "number": pl.Float64, "boolean": pl.Boolean}
JSON_TYPES = {"string": "string", "integer": "integer", "number": "number", "boolean": "boolean"}

# Which tables stand inside which in a record's JSON, and the column by which they do.
NESTED: Mapping[str, Mapping[str, str]] = {
    "paragraphs": {
        "spans": "paragraph_id",
        "sentences": "paragraph_id",
        "mentions": "paragraph_id",
        "editorial_marks": "paragraph_id",
    },
    "translation_pairs": {"translation_pair_members": "pair_id"},
    "discrepancies": {"discrepancy_readings": "discrepancy_id", "doubts": "discrepancy_id"},
}
INSIDE = frozenset(table for tables in NESTED.values() for table in tables)
# The parallel view repeats the pairs, and the codes belong to no record.
NOT_IN_JSON = frozenset({"parallel", "codes", "records"})


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns whose values are those of other columns; `table` may be the table itself."""

    columns: tuple[str, ...]
    table: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A published table as its Table Schema describes it."""

    name: str
    schema: Json

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns in order."""
        return tuple(field["name"] for field in self.schema["fields"])

    @property
    def primary_key(self) -> tuple[str, ...]:
        """The columns that tell its rows apart."""
        return tuple(self.schema["primaryKey"])

    @property
    def foreign_keys(self) -> tuple[ForeignKey, ...]:
        """Its foreign keys."""
        return tuple(
            ForeignKey(
                tuple(key["fields"]),
                key["reference"].get("resource") or self.name,
                tuple(key["reference"]["fields"]),
            )
            for key in self.schema.get("foreignKeys", ())
        )

    @property
    def quotes(self) -> bool:
        """Whether it quotes the archive's text, which has rights of its own."""
        return bool(self.schema.get("quotes", False))

    @property
    def polars(self) -> dict[str, Any]:
        """Its columns with their polars types."""
        return {field["name"]: POLARS[field["type"]] for field in self.schema["fields"]}

    def field(self, column: str) -> Json:
        """The description of a column."""
        found: Json = next(one for one in self.schema["fields"] if one["name"] == column)
        return found

    @property
    def json_row(self) -> Json:
        """The JSON Schema of one row: an object with every column."""
        return {
            "type": "object",
            "properties": {field["name"]: _json_field(field) for field in self.schema["fields"]},
            "required": list(self.columns),
            "additionalProperties": False,
        }


def types(tables: Sequence[Table]) -> dict[tuple[str, str], str]:
    """The type of every column, by table and column."""
    return {
        (table.name, field["name"]): field["type"] for table in tables for field in table.schema["fields"]
    }


def in_order(schemas: Mapping[str, Json]) -> tuple[Table, ...]:
    """The tables in the order in which they are listed."""
    return tuple(Table(name, schemas[name]) for name in ORDER)


def record_schema(tables: Sequence[Table]) -> Json:
    """The JSON Schema (2020-12) of a record's nested JSON, made from the table schemas."""
    by_name = {table.name: table for table in tables}
    top = [table for table in tables if table.name not in INSIDE | NOT_IN_JSON]
    properties = {table.name: _array(table, by_name) for table in top}
    record = _without_record_id(by_name["records"].json_row, keep=True)
    record["properties"] |= properties
    record["required"] = [*record["required"], *properties]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A record and everything read from it",
        **record,
    }


def _array(table: Table, by_name: Mapping[str, Table]) -> Json:
    row = _without_record_id(table.json_row, keep=False)
    for name, column in NESTED.get(table.name, {}).items():
        inner = _without_record_id(by_name[name].json_row, keep=False)
        inner["properties"] = {k: v for k, v in inner["properties"].items() if k != column}
        inner["required"] = [one for one in inner["required"] if one != column]
        row["properties"][name] = {"type": "array", "items": inner}
        row["required"] = [*row["required"], name]
    return {"type": "array", "items": row}


def _without_record_id(row: Json, keep: bool) -> Json:
    if keep:
        return {**row, "properties": dict(row["properties"]), "required": list(row["required"])}
    properties = {name: value for name, value in row["properties"].items() if name != "record_id"}
    return {**row, "properties": properties, "required": [n for n in row["required"] if n != "record_id"]}


def _json_field(field: Json) -> Json:
    constraints = field["constraints"]
    schema: Json = {"type": JSON_TYPES[field["type"]], "description": field["description"]}
    if "pattern" in constraints:
        schema["pattern"] = f"^(?:{constraints['pattern']})$"
    if "minimum" in constraints:
        schema["minimum"] = constraints["minimum"]
    if field["type"] == "string":
        schema["minLength"] = 1
    if "enum" in constraints:
        schema["enum"] = constraints["enum"]
    if not constraints["required"]:
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    return schema
