"""A package as it lies in a folder, read once: files, tables, records, and what could not be read.

Nothing that lies there is believed: the tables are those of this repository's schemas, and whatever cannot be
read becomes a finding. What systems and editors leave beside the files (`files.is_leftover`) is no part of a
package, as it is none of the inputs of a build.

The words of a document are judged by the vocabulary that the package carries, for it is one of the inputs
that the package was made from: a document may need rows that are not here. Only a vocabulary that holds to
this repository's schemas counts, and a notice says where it differs from this repository's.
"""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, cast

import polars as pl

from cables import descriptor, files, inputs, vocabulary
from cables.inputs import Places, Tables
from cables.lines import BYTE_ORDER_MARK
from cables.model import InputError, InputErrors
from cables.schemas import Json, Table
from cables.vocabulary import Row, Vocabulary

VOCABULARY = "data/vocabulary/"
LARGEST = 512 * 1024 * 1024
SHOWN = 160
INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,9})")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")
INT32 = range(-(2**31), 2**31)
LOCKED = re.compile(r"^polars==(\S+)", re.MULTILINE)


class Unreadable(Exception):
    """Something that a check needs is not there, or cannot be read; another check says so."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What stands at a line of a file of the package, and what was expected there."""

    file: str
    line: int
    found: str
    expected: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Something met on reading, and the check that speaks of it."""

    check: str
    finding: Finding


def shown(value: object) -> str:
    """A value for a message: quoted, and not longer than a line or two."""
    text = "nothing" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


@dataclass(frozen=True)
class Sheet:
    """A table of the package; `lines` are the physical lines of its CSV on which its rows begin."""

    table: Table
    frame: pl.DataFrame
    lines: tuple[int, ...] = ()

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """Its rows in order."""
        return self.frame.to_dicts()

    @cached_property
    def lacking(self) -> str | None:
        """The first column that must have a value in every row and has not."""
        required = (one["name"] for one in self.table.schema["fields"] if one["constraints"]["required"])
        return next((name for name in required if self.frame.get_column(name).null_count()), None)

    def finding(self, index: int, found: str, expected: str) -> Finding:
        """A finding about a row."""
        line = self.lines[index] if index < len(self.lines) else index + 2
        return Finding(descriptor.csv_path(self.table.name), line, found, expected)


@dataclass(frozen=True, slots=True)
class Words:
    """A vocabulary: its rows by table, and what can be looked up in them."""

    rows: Tables
    known: Vocabulary


@lru_cache(maxsize=8)
def _words_in(places: Places, content: tuple[tuple[str, bytes], ...] = ()) -> Words:
    """The vocabulary of a place; its `content` tells one that was read from what stands there later."""
    rows = inputs.read_vocabulary(places)
    return Words(rows, vocabulary.load(rows))


@dataclass(frozen=True)
class Repository:
    """What this repository knows of packages: the schemas that bind, where the rest stands, and with which
    version of polars the bytes are the same on every build."""

    places: Places
    tables: tuple[Table, ...]
    locked: str | None

    @cached_property
    def by_name(self) -> dict[str, Table]:
        """The published tables by name."""
        return {table.name: table for table in self.tables}

    @cached_property
    def words(self) -> Words:
        """Its vocabulary. Raises InputError or InputErrors for one that cannot be read."""
        return _words_in(self.places)


def repository(places: Places | None = None) -> Repository:
    """This repository. Raises InputErrors for schemas that cannot be read."""
    own = places or Places()
    locked = LOCKED.search(files.read_text(inputs.REPOSITORY / "requirements.lock"))
    return Repository(own, inputs.published(own), locked[1] if locked else None)


@dataclass(frozen=True)
class Package:
    """A package that was read. Tables and records that could not be read are missing here."""

    folder: Path
    repository: Repository
    files: Mapping[str, bytes]
    sheets: Mapping[str, Sheet]
    parquet: Mapping[str, pl.DataFrame]
    records: Mapping[str, Json]
    descriptor: Json | None
    faults: tuple[Fault, ...] = ()
    used: set[str] = field(default_factory=set)

    def sheet(self, name: str) -> Sheet:
        """A table with a value wherever there must be one. Raises Unreadable where there is none."""
        sheet = self.as_read(name)
        if sheet.lacking is not None:
            raise Unreadable(f"{descriptor.csv_path(name)} has rows without {sheet.lacking}")
        return sheet

    def as_read(self, name: str) -> Sheet:
        """A table, whatever its cells hold. Raises Unreadable where it could not be read."""
        self.used.add(name)
        if name not in self.sheets:
            raise Unreadable(f"{descriptor.csv_path(name)} is missing or cannot be read")
        return self.sheets[name]

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows of a table."""
        return self.sheet(name).rows

    def frame(self, name: str) -> pl.DataFrame:
        """A table as a frame."""
        return self.sheet(name).frame

    def by(self, name: str, *columns: str) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
        """The rows of a table, in order, by the values of some columns."""
        groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        for row in self.rows(name):
            groups.setdefault(tuple(row[column] for column in columns), []).append(row)
        return groups

    @cached_property
    def line_texts(self) -> dict[tuple[str, int], str]:
        """The text of every line by record and number. Does not count as a use of the table."""
        return {
            (row["record_id"], row["line_number"]): row["text"] or "" for row in self.sheets["lines"].rows
        }

    def texts_of_lines(self) -> Mapping[tuple[str, int], str]:
        """The text of every line by record and number. Raises Unreadable where lines.csv cannot be used."""
        self.sheet("lines")
        return self.line_texts

    def stretch(self, record_id: str, line: int, start: int, end: int) -> str | None:
        """What stands on a line from `start` to `end`; None where the line has no such stretch."""
        text = self.texts_of_lines().get((record_id, line))
        return text[start:end] if text is not None and 0 <= start <= end <= len(text) else None

    def faults_of(self, check: str) -> Iterator[Finding]:
        """What was met on reading that a check speaks of."""
        return (fault.finding for fault in self.faults if fault.check == check)

    def with_sheet(self, sheet: Sheet) -> Package:
        """The package with another content of one table (tables only: files and other forms stay)."""
        return replace(self, sheets={**self.sheets, sheet.table.name: sheet}, used=set())

    @cached_property
    def words(self) -> Vocabulary:
        """The vocabulary by which its documents are judged: its own, or else this repository's."""
        try:
            return self.own_words().known
        except Unreadable:
            return self.repository.words.known

    def own_words(self) -> Words:
        """The vocabulary that it carries. Raises Unreadable where there is none, or none that can be used."""
        content = tuple((path, data) for path, data in self.files.items() if path.startswith(VOCABULARY))
        if not content:
            raise Unreadable("the package does not carry its vocabulary")
        try:
            return _words_in(replace(self.repository.places, vocabulary=self.folder / VOCABULARY), content)
        except (InputError, InputErrors) as error:
            raise Unreadable(f"its vocabulary cannot be used: {str(error).splitlines()[0]}") from error

    @property
    def carries_inputs(self) -> bool:
        """Whether it can be built again from itself."""
        return "package.toml" in self.files and any(
            path.startswith("data/vocabulary/") for path in self.files
        )


# --- reading -----------------------------------------------------------------------------------------


def load(folder: Path, known: Repository) -> Package:
    """Reads a package. Raises InputError only where the folder itself cannot be read."""
    faults: list[Fault] = []
    found = dict(_files(folder, faults))
    sheets, parquet, records = {}, {}, {}
    for table in known.tables:
        data = found.get(descriptor.csv_path(table.name))
        sheet = sheet_of(table, data, faults) if data is not None else None
        if sheet is not None:
            sheets[table.name] = sheet
        data = found.get(descriptor.parquet_path(table.name))
        frame = _parquet(table, data, faults) if data is not None else None
        if frame is not None:
            parquet[table.name] = frame
    for path in found:
        if path.startswith("data/json/"):
            value = _json(folder, path, faults)
            if isinstance(value, dict):
                records[path] = cast(Json, value)
            elif value is not None:
                _add(faults, "readable", path, 1, "this is no JSON object", "a record")
    described = _json(folder, files.DESCRIPTOR, faults) if files.DESCRIPTOR in found else None
    if described is not None and not isinstance(described, dict):
        _add(faults, "readable", files.DESCRIPTOR, 1, "this is no JSON object", "a Data Package descriptor")
        described = None
    return Package(
        folder, known, found, sheets, parquet, records, cast("Json | None", described), tuple(faults)
    )


def _add(faults: list[Fault], check: str, path: str, line: int, found: str, expected: str) -> None:
    faults.append(Fault(check, Finding(path, line, found, expected)))


def package_files(folder: Path) -> Iterator[str]:
    """The paths of a folder's files that belong to a package, sorted; leftovers of programs do not."""
    for path in sorted(files.PACKAGE_PATHS):
        if not path.endswith("/"):
            if os.path.lexists(folder / path):
                yield path
        elif os.path.lexists(folder / path):
            yield from (path + below for below in _below(folder / path))


def _below(folder: Path) -> Iterator[str]:
    if not folder.is_dir() or folder.is_symlink():
        yield ""
        return
    for path in files.list_files(folder):
        if not any(map(files.is_leftover, path.split("/"))):
            yield path


def _files(folder: Path, faults: list[Fault]) -> Iterator[tuple[str, bytes]]:
    if not folder.is_dir():
        raise InputError(files.printable(folder), 1, "no such folder", "the folder of a package")
    for path in package_files(folder):
        place = folder / path
        if place.is_symlink() or any(one.is_symlink() for one in place.parents if folder in one.parents):
            _add(faults, "readable", path, 1, "this is a symbolic link", "a file of the package itself")
        elif place.is_file() and place.stat().st_size > LARGEST:
            _add(faults, "readable", path, 1, f"{place.stat().st_size} bytes", f"no more than {LARGEST}")
        else:
            try:
                yield path, files.read_bytes(place)
            except InputError as error:
                _add(faults, "readable", path, 1, error.found, error.expected)


def _json(folder: Path, path: str, faults: list[Fault]) -> object:
    try:
        return files.read_json(folder / path)
    except InputError as error:
        _add(faults, "readable", path, error.line, error.found, error.expected)
        return None


def _parquet(table: Table, data: bytes, faults: list[Fault]) -> pl.DataFrame | None:
    path = descriptor.parquet_path(table.name)
    try:
        return pl.read_parquet(io.BytesIO(data), use_pyarrow=True)
    except Exception as error:  # a damaged file makes the reader raise almost anything
        _add(faults, "readable", path, 1, str(error).split("\n")[0][:SHOWN], "a Parquet file")
        return None


def sheet_of(table: Table, data: bytes, faults: list[Fault]) -> Sheet | None:
    """A table from its CSV; None where it cannot be read, and then `faults` says why."""
    path = descriptor.csv_path(table.name)
    if data.startswith(BYTE_ORDER_MARK):
        _add(faults, "csv-form", path, 1, "a byte order mark", "UTF-8 without one")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        _add(faults, "csv-form", path, line, f"byte {error.start} is not UTF-8", "text in UTF-8")
        return None
    try:
        records = list(files.csv_records(path, text))
    except InputError as error:
        _add(faults, "csv-form", path, error.line, error.found, error.expected)
        return None
    return _typed(table, records, faults)


def _typed(table: Table, records: Sequence[tuple[int, list[str]]], faults: list[Fault]) -> Sheet | None:
    path = descriptor.csv_path(table.name)
    header = records[0][1] if records else []
    if header != list(table.columns):
        _add(faults, "csv-form", path, 1, f"the header {','.join(header)}", ",".join(table.columns))
        return None
    types = [one["type"] for one in table.schema["fields"]]
    before, rows = len(faults), []
    for line, cells in records[1:]:
        if len(cells) != len(types):
            _add(faults, "csv-form", path, line, f"{len(cells)} cells", f"{len(types)}, as in the header")
            continue
        values = [_value(cell, kind) for cell, kind in zip(cells, types, strict=True)]
        for column, kind, cell, value in zip(table.columns, types, cells, values, strict=True):
            if isinstance(value, _NotOfType):
                _add(faults, "cell-types", path, line, f"{column} {shown(cell)}", f"a value of type {kind}")
        rows.append(values)
    if len(faults) > before:
        return None
    lines = tuple(line for line, _ in records[1:])
    return Sheet(table, pl.DataFrame(rows, schema=table.polars, orient="row"), lines)


class _NotOfType:
    """Stands for a cell that its column's type does not know."""


def _value(cell: str, kind: str) -> object:
    if cell == "":
        return None
    if kind == "integer":
        return int(cell) if INTEGER.fullmatch(cell) and int(cell) in INT32 else _NotOfType()
    if kind == "number":
        return float(cell) if NUMBER.fullmatch(cell) else _NotOfType()
    if kind == "boolean":
        return {"true": True, "false": False}.get(cell, _NotOfType())
    return cell


def of_frames(
    known: Repository, frames: Mapping[str, pl.DataFrame], folder: Path, made: Mapping[str, bytes]
) -> Package:
    """A package in memory, whose CSV, Parquet and JSON are taken to say what its frames say."""
    sheets = {name: Sheet(known.by_name[name], frame) for name, frame in frames.items()}
    records = {
        path: cast(Json, json.loads(data)) for path, data in made.items() if path.startswith("data/json/")
    }
    return Package(
        folder, known, made, sheets, frames, records, cast(Json, json.loads(made[files.DESCRIPTOR]))
    )


def authored_rows(package: Package, path: str, columns: Iterable[str]) -> tuple[Row, ...]:
    """The rows of an authored table that a package carries. Raises Unreadable where it does not."""
    if path not in package.files:
        raise Unreadable(f"the package does not carry {path}")
    try:
        return files.read_csv_rows(package.folder / path, tuple(columns))
    except (InputError, InputErrors) as error:
        raise Unreadable(str(error)) from error


def decisions(package: Package, name: str) -> list[dict[str, Any]]:
    """The decisions of one kind about the package's records.

    Raises Unreadable where it carries none, or none that can be used.
    """
    path = package.repository.places.schemas / "authored" / f"{name}.json"
    table = Table(name, cast(Json, files.read_json(path)))
    records = {row["record_id"] for row in package.rows("records")}
    rows = authored_rows(package, f"data/curation/{name}.csv", table.columns)
    for error in (error for row in rows for error in inputs.broken_cells(table, row)):
        raise Unreadable(str(error))
    own = [dict(row.cells) for row in rows if row["record_id"] in records]
    if name == "witnesses":
        return [{**row, "document_id": f"r{row['record_id']}-{row['document']}"} for row in own]
    return own
