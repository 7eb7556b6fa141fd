"""Damage to a package, as a careless or malicious hand might do it: in every table and column, consistently.

A mutant differs from the package in one table. It is first shown, in memory, to the checks of tables, which
see the same whether they are read from CSV, Parquet or JSON. What none of them finds is written as files,
with CSV, Parquet, JSON and every hash made to agree, and shown to the rebuild.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

import polars as pl

from cables import checks, descriptor, files, tables
from cables.checks.loaded import Package, Repository, Sheet, load, of_frames
from cables.checks.registry import Check, Level, judge
from cables.package import Build, csv_bytes, parquet_bytes
from cables.schemas import Json, Table

REBUILD = next(check for check in checks.CHECKS if check.id == "rebuild")
SHIFT = str.maketrans("0123456789", "1234567890")


class Kind(StrEnum):
    """What was done to a table."""

    CHANGED = "changed"
    NULLED = "nulled"
    EXCHANGED = "exchanged"
    DROPPED = "dropped"
    REPEATED = "repeated"
    ROWS_SWAPPED = "rows swapped"
    IDS_SWAPPED = "ids swapped"


class Found(StrEnum):
    """What finds a mutant."""

    BY_CHECKS = "by a check"
    BY_REBUILD = "by the rebuild alone"
    NOT = "by nothing"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A damaged table; `column` is None where whole rows were."""

    table: str
    kind: Kind
    column: str | None
    row: int
    frame: pl.DataFrame

    @property
    def name(self) -> str:
        """Table and column."""
        return self.table if self.column is None else f"{self.table}.{self.column}"


@dataclass(frozen=True, slots=True)
class Judged:
    """A mutant and what finds it; `check` is the first check that does."""

    mutant: Mutant
    found: Found
    check: str | None


# --- making mutants ----------------------------------------------------------------------------------


def mutants(
    known: Repository, frames: Mapping[str, pl.DataFrame], rows: int, chance: random.Random
) -> Iterator[Mutant]:
    """Mutants of every kind in every table and column, at up to `rows` rows each; none changes nothing."""
    for table in known.tables:
        frame = frames[table.name]
        for mutant in _of_table(table, frame, rows, chance):
            if not mutant.frame.equals(frame):
                yield mutant


def _of_table(table: Table, frame: pl.DataFrame, rows: int, chance: random.Random) -> Iterator[Mutant]:
    height = frame.height
    for row in _some(range(height), rows, chance):
        kept = [index for index in range(height) if index != row]
        yield Mutant(table.name, Kind.DROPPED, None, row, frame[kept])
        repeated = [*range(row + 1), *range(row, height)]
        yield Mutant(table.name, Kind.REPEATED, None, row, frame[repeated])
    for row in _some(range(height - 1), rows, chance):
        order = [*range(row), row + 1, row, *range(row + 2, height)]
        yield Mutant(table.name, Kind.ROWS_SWAPPED, None, row, frame[order])
        key = table.primary_key[-1]
        yield Mutant(table.name, Kind.IDS_SWAPPED, key, row, _exchanged(frame, key, row, row + 1))
    for field in table.schema["fields"]:
        yield from _of_column(table, field, frame, rows, chance)


def _of_column(
    table: Table, field: Json, frame: pl.DataFrame, rows: int, chance: random.Random
) -> Iterator[Mutant]:
    column = field["name"]
    filled = frame.get_column(column).is_not_null().arg_true().to_list()
    for row in _some(filled, rows, chance):
        yield Mutant(table.name, Kind.NULLED, column, row, with_cell(frame, row, column, None))
    # Where a column says little, an empty cell is filled too.
    for row in _some(filled, rows, chance) or _some(range(frame.height), 1, chance):
        value = other_value(field, frame.item(row, column), frame.get_column(column), chance)
        yield Mutant(table.name, Kind.CHANGED, column, row, with_cell(frame, row, column, value))
    for row in _some(filled, rows, chance):
        others = [one for one in filled if frame.item(one, column) != frame.item(row, column)]
        if others:
            exchanged = _exchanged(frame, column, row, chance.choice(others))
            yield Mutant(table.name, Kind.EXCHANGED, column, row, exchanged)


def _some(rows: Sequence[int], count: int, chance: random.Random) -> list[int]:
    return sorted(chance.sample(rows, min(count, len(rows))))


def with_cell(frame: pl.DataFrame, row: int, column: str, value: object) -> pl.DataFrame:
    """The frame with one cell changed."""
    values = frame.get_column(column).to_list()
    values[row] = value
    return frame.with_columns(pl.Series(column, values, dtype=frame.schema[column]))


def _exchanged(frame: pl.DataFrame, column: str, row: int, other: int) -> pl.DataFrame:
    one, two = frame.item(row, column), frame.item(other, column)
    return with_cell(with_cell(frame, row, column, two), other, column, one)


def other_value(field: Json, value: Any, column: pl.Series, chance: random.Random) -> object:
    """A value that the column may well hold, and that is not the one it holds."""
    listed = [one for one in field["constraints"].get("enum", ()) if one != value]
    if listed:
        return chance.choice(listed)
    if field["type"] == "boolean":
        return not value
    if field["type"] == "number":
        return round((value or 0.5) * 0.9, 4)
    if field["type"] == "integer":
        return (value or 0) + 1
    others = [one for one in column.unique().sort().to_list() if one not in (value, None)]
    if others and (field["name"].endswith("_id") or "pattern" in field["constraints"]):
        return chance.choice(others)
    return _misspelt(value or "word", chance)


def _misspelt(text: str, chance: random.Random) -> str:
    """The text with one digit or letter changed."""
    digits = [index for index, one in enumerate(text) if one.isdecimal() and one.isascii()]
    letters = [index for index, one in enumerate(text) if one.isalpha()]
    if not digits and not letters:
        return text + "x"
    at = chance.choice(digits or letters)
    swapped = text[at].translate(SHIFT) if text[at].isdecimal() else "q" if text[at] != "q" else "w"
    return text[:at] + swapped + text[at + 1 :]


# --- judging them ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bench:
    """A package in memory, and for every table the checks that look at it."""

    package: Package
    made: Build
    checks: Mapping[str, tuple[Check, ...]]

    def judged(self, mutant: Mutant) -> Judged:
        """What finds a mutant."""
        table = self.package.repository.by_name[mutant.table]
        damaged = self.package.with_sheet(Sheet(table, mutant.frame))
        for check in self.checks[mutant.table]:
            if judge(check, damaged).findings:
                return Judged(mutant, Found.BY_CHECKS, check.id)
        return Judged(mutant, Found.BY_REBUILD if self._rebuild_finds(mutant) else Found.NOT, None)

    def _rebuild_finds(self, mutant: Mutant) -> bool:
        """Whether the rebuild itself finds a mutant that lies in a folder as files, every hash agreeing."""
        damaged = rewritten(self.package.files, {**self.made.frames, mutant.table: mutant.frame})
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "package"
            files.install(damaged, folder, owned=files.PACKAGE_PATHS)
            return bool(judge(REBUILD, load(folder, self.package.repository)).findings)


def bench(known: Repository, made: Build, carried: Mapping[str, bytes]) -> Bench:
    """Everything that mutants are judged with. `carried` are the inputs that the package was built from."""
    whole = of_frames(known, made.frames, known.places.package.parent, {**carried, **made.files})
    own: dict[str, list[Check]] = {table.name: [] for table in known.tables}
    for check in checks.CHECKS:
        if check.level is Level.ERROR and check.on_values:
            fresh = of_frames(known, made.frames, whole.folder, whole.files)
            verdict = judge(check, fresh)
            if verdict.findings or verdict.reason:
                raise ValueError(f"{check.id}: {verdict.reason or verdict.findings[0]}")
            for name in fresh.used:
                own[name].append(check)
    return Bench(whole, made, {name: tuple(found) for name, found in own.items()})


def survey(
    own: Bench, drawn: Iterable[Mutant], progress: Callable[[], None] = lambda: None
) -> Iterator[Judged]:
    """Every mutant with what finds it."""
    for mutant in drawn:
        yield own.judged(mutant)
        progress()


# --- writing damage, consistently --------------------------------------------------------------------


def rewritten(made: Mapping[str, bytes], frames: Mapping[str, pl.DataFrame]) -> dict[str, bytes]:
    """The files of a package whose tables are these: CSV, Parquet, JSON, and the hashes of all."""
    found = dict(made)
    for name, frame in frames.items():
        found[descriptor.csv_path(name)] = csv_bytes(frame)
        found[descriptor.parquet_path(name)] = parquet_bytes(frame)
    for path in [path for path in found if path.startswith("data/json/")]:
        record_id = path.removeprefix("data/json/").removesuffix(".json")
        if record_id in frames["records"].get_column("record_id"):
            found[path] = descriptor.json_bytes(tables.nested(dict(frames), record_id))
    return restamped(found, frames)


def restamped(made: Mapping[str, bytes], frames: Mapping[str, pl.DataFrame]) -> dict[str, bytes]:
    """The files with a descriptor that gives their sizes, hashes and rows."""
    described = cast(Json, json.loads(made[files.DESCRIPTOR]))
    for resource in described["resources"]:
        data = made.get(resource["path"])
        name = resource["name"].removesuffix("-parquet")
        if data is not None:
            resource["hash"] = descriptor.sha256(data)
            if "bytes" in resource:
                resource["bytes"] = len(data)
            if "rows" in resource and name in frames:
                resource["rows"] = frames[name].height
    return {**made, files.DESCRIPTOR: descriptor.json_bytes(described)}
