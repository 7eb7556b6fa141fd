"""The whole build: inputs → readings → frames → files, and where they go.

A build never writes what it has not made completely. One bad source stops it, unless it is told to go on
with the good ones; all bad ones are told either way.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cables import curation, descriptor, files, inputs, reading, schemas, tables
from cables.files import Changes
from cables.inputs import Inputs
from cables.model import InputError, InputErrors, Refused
from cables.reading import Reading
from cables.schemas import Json

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Build:
    """A package in memory: its files by path, the frames they hold, and what was refused."""

    files: Mapping[str, bytes]
    frames: Mapping[str, pl.DataFrame]
    readings: tuple[Reading, ...]
    refused: tuple[InputError, ...]
    decisions_elsewhere: int


def read_all(given: Inputs, progress: Told = lambda record_id: None) -> tuple[tuple[Reading, ...], Refused]:
    """Reads every source; what is refused is collected, not raised."""
    refused = Refused(list(given.refused))
    readings = []
    for name, data in given.sources:
        record_id = files.record_id(name)
        progress(record_id)
        decisions = curation.of_record(given.curation, record_id)
        one = refused.collect(_reader(name, data, record_id, given, decisions), None)
        if one is not None:
            readings.append(one)
    return tuple(readings), refused


def _reader(
    name: str, data: bytes, record_id: str, given: Inputs, decisions: curation.Decisions
) -> Callable[[], Reading | None]:
    return lambda: reading.read(name, data, record_id, given.vocabulary, decisions)


def build(given: Inputs, keep_going: bool = False, progress: Told = lambda record_id: None) -> Build:
    """Makes every file of a package. Raises InputErrors for bad sources unless it is to keep going."""
    readings, refused = read_all(given, progress)
    if not keep_going:
        refused.raise_all()
    if not given.sources and not refused.errors:
        raise InputErrors([InputError("data/raw", 1, "no source at all", "at least one export, NAME.txt")])
    codes = given.vocabulary_rows["codes"]
    frames = tables.frames(readings, given.tables, codes, given.vocabulary)
    record_ids = [one.record.record_id for one in readings]
    made = dict(_table_files(frames)) | dict(_record_files(frames, record_ids))
    sources = {descriptor.raw_path(one.record.record_id): one.record.source.data for one in readings}
    made |= _pages(given, frames)
    made["metadata/record.schema.json"] = descriptor.json_bytes(schemas.record_schema(given.tables))
    described = descriptor.datapackage(given.package, given.tables, frames, made | sources, record_ids)
    made["datapackage.json"] = descriptor.json_bytes(described)
    if refused.errors:
        made["rejected.csv"] = _rejected(refused.errors)
    elsewhere = curation.of_other_records(
        given.curation, [files.record_id(name) for name, _ in given.sources]
    )
    return Build(made | sources, frames, readings, tuple(refused.errors), elsewhere)


def _table_files(frames: Mapping[str, pl.DataFrame]) -> Iterator[tuple[str, bytes]]:
    for name, frame in frames.items():
        yield descriptor.csv_path(name), csv_bytes(frame)
        yield descriptor.parquet_path(name), parquet_bytes(frame)


def csv_bytes(frame: pl.DataFrame) -> bytes:
    """A frame as this package writes CSV: UTF-8, LF, quotes where needed, null as nothing."""
    return frame.write_csv(line_terminator="\n", quote_style="necessary").encode()


def parquet_bytes(frame: pl.DataFrame) -> bytes:
    """A frame as this package writes Parquet: snappy, which every reader knows."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="snappy", statistics=True)
    return buffer.getvalue()


def _record_files(frames: dict[str, pl.DataFrame], record_ids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    for record_id in record_ids:
        record: Json = tables.nested(frames, record_id)
        yield descriptor.json_path(record_id), descriptor.json_bytes(record)


def _pages(given: Inputs, frames: Mapping[str, pl.DataFrame]) -> dict[str, bytes]:
    languages = {one.code: one.name for one in given.vocabulary.languages.values()}
    codebook = descriptor.codebook(
        given.templates["codebook.md.jinja"], given.tables, frames, given.vocabulary_rows["codes"]
    )
    glossary = descriptor.glossary(
        given.templates["glossary.md.jinja"], given.vocabulary_rows["terms"], languages
    )
    return {"docs/codebook.md": codebook, "docs/glossary.md": glossary}


def _rejected(errors: Sequence[InputError]) -> bytes:
    rows = [
        {"file": Path(one.file).name, "line": one.line, "found": one.found, "expected": one.expected}
        for one in errors
    ]
    return csv_bytes(
        pl.DataFrame(
            rows, schema={"file": pl.String, "line": pl.Int32, "found": pl.String, "expected": pl.String}
        )
    )


def write(made: Build, given: Inputs, out: Path) -> Changes:
    """Puts a package where it belongs: into this repository beside its inputs, or whole into a folder."""
    if out.resolve() == inputs.REPOSITORY:
        own = {path: data for path, data in made.files.items() if not path.startswith("data/raw/")}
        return files.install(own, out, owned=files.BUILT_PATHS, shared=True)
    return files.install({**given.carried, **made.files}, out, owned=files.PACKAGE_PATHS)


def prepare(out: Path) -> files.Recovery:
    """Finishes or discards what an earlier build left, and refuses a folder that holds anything else."""
    here = out.resolve() == inputs.REPOSITORY
    owned = files.BUILT_PATHS if here else files.PACKAGE_PATHS
    recovery = files.recover(out, owned=owned)
    files.check_target(out, owned=owned, shared=here)
    return recovery
