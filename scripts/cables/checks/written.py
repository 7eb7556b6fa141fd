"""Checks of what is written: every file can be read, and all forms of a table hold the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import polars as pl

from cables import descriptor, files, package, schemas, tables
from cables.checks.loaded import Finding, Package, Unreadable, shown
from cables.checks.registry import check
from cables.schemas import Json


def broken(value: Any, schema: Json) -> Iterator[tuple[list[str | int], str]]:
    """Where and how a value breaks a JSON Schema."""
    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    validator = kind(schema, format_checker=jsonschema.FormatChecker())
    for error in validator.iter_errors(value):
        yield list(error.absolute_path), error.message


@check("readable", "every file of the package can be read and is what its name says", on_values=False)
def readable(package_: Package) -> Iterator[Finding]:
    yield from package_.faults_of("readable")
    for path in (files.DESCRIPTOR, *(descriptor.csv_path(one.name) for one in package_.repository.tables)):
        if path not in package_.files and not any(one.finding.file == path for one in package_.faults):
            yield Finding(path, 1, "no such file", "a file of the package")


@check(
    "csv-form",
    "every CSV is UTF-8 with line feeds, in the columns and the spelling of a build",
    on_values=False,
)
def csv_form(package_: Package) -> Iterator[Finding]:
    yield from package_.faults_of("csv-form")
    for name, sheet in package_.sheets.items():
        path = descriptor.csv_path(name)
        data, written = package_.files[path], package.csv_bytes(sheet.frame)
        if data != written:
            yield first_difference(path, data, written)


@check("cell-types", "every cell of a CSV is of its column's type", on_values=False)
def cell_types(package_: Package) -> Iterator[Finding]:
    return package_.faults_of("cell-types")


def first_difference(path: str, data: bytes, expected: bytes) -> Finding:
    """Where a file first differs from what it is to hold."""
    if path.endswith(".parquet"):
        found = f"{len(data)} bytes, {descriptor.sha256(data)}"
        return Finding(path, 1, found, f"{len(expected)} bytes, {descriptor.sha256(expected)}")
    ours, theirs = data.split(b"\n"), expected.split(b"\n")
    for number, (one, other) in enumerate(zip(ours, theirs, strict=False), start=1):
        if one != other:
            return Finding(path, number, as_line(one), as_line(other))
    return Finding(path, min(len(ours), len(theirs)), f"{len(data)} bytes", f"{len(expected)} bytes")


def as_line(data: bytes) -> str:
    """A line of a file for a message."""
    return shown(data.decode(errors="replace"))


@check("parquet-equals-csv", "every Parquet file holds the values of its CSV", on_values=False)
def parquet_equals_csv(package_: Package) -> Iterator[Finding]:
    for name, sheet in package_.sheets.items():
        path = descriptor.parquet_path(name)
        if path not in package_.files:
            yield Finding(path, 1, "no such file", "a Parquet file for every table")
        elif name in package_.parquet:
            yield from _unequal(path, package_.parquet[name], sheet.frame)


def _unequal(path: str, found: pl.DataFrame, expected: pl.DataFrame) -> Iterator[Finding]:
    if dict(found.schema) != dict(expected.schema) or found.columns != expected.columns:
        yield Finding(path, 1, f"columns {_columns(found)}", _columns(expected))
    elif found.height != expected.height:
        yield Finding(path, 1, f"{found.height} rows", f"{expected.height}")
    elif not found.equals(expected):
        for index, (one, other) in enumerate(zip(found.rows(), expected.rows(), strict=True), start=1):
            for column, ours, theirs in zip(found.columns, one, other, strict=True):
                if ours != theirs:
                    yield Finding(path, index, f"row {index}: {column} {shown(ours)}", shown(theirs))


def _columns(frame: pl.DataFrame) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in frame.schema.items())


@check("json-schema", "every record's JSON holds to the schema built from the table schemas", on_values=False)
def json_schema(package_: Package) -> Iterator[Finding]:
    schema = schemas.record_schema(package_.repository.tables)
    for path, record in package_.records.items():
        for where, message in broken(record, schema):
            yield Finding(
                path, 1, f"{'.'.join(map(str, where)) or 'the record'}: {message[:300]}", "the schema"
            )


@check("json-equals-csv", "every record's JSON holds the values of the CSV files", on_values=False)
def json_equals_csv(package_: Package) -> Iterator[Finding]:
    schema = schemas.record_schema(package_.repository.tables)
    for record_id in (row["record_id"] for row in package_.rows("records")):
        path = descriptor.json_path(record_id)
        if path not in package_.files:
            yield Finding(path, 1, "no such file", "one for every record")
            continue
        record = package_.records.get(path)
        if record is None or any(broken(record, schema)):
            raise Unreadable(f"{path} cannot be read or does not hold to its schema")
        if record["record_id"] != record_id:
            yield Finding(path, 1, f"record_id {shown(record['record_id'])}", shown(record_id))
            continue
        flat = tables.flattened(record)
        for table in package_.repository.tables:
            if "record_id" in table.columns and table.name not in {"parallel"}:
                yield from _not_in_json(package_, path, table, record_id, flat.get(table.name, []))


def _not_in_json(
    package_: Package, path: str, table: schemas.Table, record_id: str, flat: list[Json]
) -> Iterator[Finding]:
    own = [row for row in package_.rows(table.name) if row["record_id"] == record_id]
    if table.name in schemas.INSIDE:
        own, flat = sorted(own, key=_sortable), sorted(flat, key=_sortable)
    if len(own) != len(flat):
        yield Finding(path, 1, f"{len(flat)} rows of {table.name}", f"{len(own)}, as in its CSV")
        return
    for one, other in zip(flat, own, strict=True):
        for column, value in other.items():
            if one[column] != value or type(one[column]) is not type(value):
                key = " / ".join(str(other[key]) for key in table.primary_key)
                yield Finding(path, 1, f"{table.name} {key}: {column} {shown(one[column])}", shown(value))


def _sortable(row: Json) -> str:
    return json.dumps(row, sort_keys=True, ensure_ascii=False)
