"""Rules of the tables."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from typing import Any

import polars as pl
import pyarrow.parquet  # type: ignore[import-untyped]

from cables import package as packages
from cables.checks.fair.files_of_release import DESCRIPTOR
from cables.checks.fair.rules import missing, of_row, other_line, rule
from cables.checks.fair.values import all_said, dig, each, resources_of, said
from cables.checks.loaded import Finding, Package, Sheet, shown
from cables.schemas import ForeignKey

# All that the footer of a Parquet file says besides its schema: no writer's notes, no index of pandas.
FOOTER = {b"ARROW:schema"}
# Every reader knows it.
PACKED = "SNAPPY"


@rule("tables")
def tables(package: Package) -> Iterator[Finding]:
    yield from package.faults_of("fair-tables")
    for name, sheet in package.sheets.items():
        data, written = package.files[f"{name}.csv"], packages.csv_bytes(sheet.frame)
        if data != written:
            yield other_line(f"{name}.csv", data, written, "as a build writes it")


@rule("parquet-same")
def parquet_same(package: Package) -> Iterator[Finding]:
    yield from package.faults_of("fair-parquet-same")
    for name, frame in package.parquet.items():
        file = f"{name}.parquet"
        if name in package.sheets and not _equal(frame, package.sheets[name].frame):
            yield missing(file, "other values or types", f"those of {name}.csv")
        footer = pyarrow.parquet.read_metadata(io.BytesIO(package.files[file]))
        notes = set(footer.metadata or {}) - FOOTER
        if notes:
            yield missing(file, f"notes of its writer, {shown(sorted(notes))}", "none")
        packed = _packed(footer) - {PACKED}
        if packed:
            yield missing(file, f"packed as {', '.join(sorted(packed))}", PACKED)


def _equal(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    return one.schema == other.schema and one.equals(other)


def _packed(footer: Any) -> set[str]:
    groups = (footer.row_group(number) for number in range(footer.num_row_groups))
    return {one.column(index).compression for one in groups for index in range(footer.num_columns)}


@rule("columns-described")
def columns_described(package: Package) -> Iterator[Finding]:
    known = {(row["vocabulary"], row["code"]) for row in package.rows("codes") if row["definition"]}
    for one in resources_of(package):
        for field in each(one, "schema", "fields"):
            if not said(field, "description").strip():
                yield missing(DESCRIPTOR, f"no description of {dig(one, 'name')}.{dig(field, 'name')}", "one")
            vocabulary = said(field, "vocabulary")
            for code in all_said(each(field, "constraints", "enum")) if vocabulary else ():
                if (vocabulary, code) not in known:
                    yield missing("codes.csv", f"no definition of {vocabulary} {code}", "one")


@rule("keys")
def keys(package: Package) -> Iterator[Finding]:
    for sheet in package.sheets.values():
        own = [tuple(row[column] for column in sheet.table.primary_key) for row in sheet.rows]
        times = Counter(own)
        for index, key in enumerate(own):
            if times[key] > 1 or None in key:
                yield of_row(sheet, index, f"the key {shown(key)}", "a key of its own, all of it")
        for foreign in sheet.table.foreign_keys:
            yield from _leading_nowhere(package, sheet, foreign)


def _leading_nowhere(package: Package, sheet: Sheet, foreign: ForeignKey) -> Iterator[Finding]:
    rows = package.as_read(foreign.table).rows
    known = {tuple(row[column] for column in foreign.references) for row in rows}
    for index, row in enumerate(sheet.rows):
        value = tuple(row[column] for column in foreign.columns)
        if None not in value and value not in known:
            yield of_row(sheet, index, shown(value), f"a row of {foreign.table}")
