"""The whole build: inputs → readings → frames → files, and where they go.

A build never writes what it has not made completely. One bad source stops it, unless it is told to go on
with the good ones; all bad ones are told either way.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import jinja2
import polars as pl

from cables import (
    citation,
    curation,
    descriptor,
    exports,
    fair,
    files,
    ids,
    inputs,
    pages,
    protocol,
    quality,
    reading,
    schemas,
    tables,
)
from cables.files import Changes
from cables.inputs import Inputs
from cables.model import InputError, InputErrors, Refused
from cables.reading import Reading
from cables.schemas import Json

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A source that was left out, by its file name, and one reason for that."""

    source: str
    error: InputError


@dataclass(frozen=True, slots=True)
class Build:
    """A package in memory: files by path, the frames they hold, what was refused, what was measured."""

    files: Mapping[str, bytes]
    frames: Mapping[str, pl.DataFrame]
    readings: tuple[Reading, ...]
    refused: tuple[Rejected, ...]
    decisions_elsewhere: int
    quality: Json


def read_all(
    given: Inputs, progress: Told = lambda record_id: None
) -> tuple[tuple[Reading, ...], tuple[Rejected, ...]]:
    """Reads every source; what is refused is collected, not raised."""
    rejected = [Rejected(Path(error.file).name, error) for error in given.refused]
    readings = []
    types = schemas.types(given.tables)
    for name, data in given.sources:
        record_id = files.record_id(name)
        decisions = curation.of_record(given.curation, record_id, types)
        refused = Refused()
        one = refused.collect(_reader(name, data, record_id, given, decisions), None)
        if one is not None:
            readings.append(one)
        rejected += [Rejected(name, error) for error in refused.errors]
        progress(record_id)
    return tuple(readings), tuple(rejected)


def _reader(
    name: str, data: bytes, record_id: str, given: Inputs, decisions: curation.Decisions
) -> Callable[[], Reading | None]:
    return lambda: reading.read(name, data, record_id, given.vocabulary, decisions)


def build(given: Inputs, keep_going: bool = False, progress: Told = lambda record_id: None) -> Build:
    """Makes every file of a package.

    Raises InputErrors for bad sources, unless it is to keep going and there are good ones.
    """
    readings, rejected = read_all(given, progress)
    if rejected and not (keep_going and readings):
        raise InputErrors([one.error for one in rejected])
    if not readings:
        raise InputErrors([InputError("data/raw", 1, "no source at all", "at least one export, NAME.txt")])
    codes = given.vocabulary_rows["codes"]
    frames = tables.frames(readings, given.tables, codes, given.vocabulary)
    record_ids = [one.record.record_id for one in readings]
    made = dict(_table_files(frames)) | dict(_record_files(frames, record_ids))
    sources = {ids.raw_path(one.record.record_id): one.record.source.data for one in readings}
    made |= dict(exports.files(frames, given.provenance.tool, given.provenance.version))
    measured = quality.report(readings, frames)
    made["metadata/quality.json"] = descriptor.json_bytes(measured)
    made |= _pages(given, frames, measured)
    made["metadata/record.schema.json"] = descriptor.json_bytes(schemas.record_schema(given.tables))
    described = descriptor.datapackage(given.package, given.tables, frames, made | sources, record_ids)
    made["datapackage.json"] = descriptor.json_bytes(described)
    made |= _citation_files(given, frames, made, sources, record_ids)
    # Last: what was rejected is no part of the package, and a build from its own inputs rejects nothing.
    if rejected:
        made["rejected.csv"] = _rejected(rejected)
    elsewhere = curation.of_other_records(
        given.curation, [files.record_id(name) for name, _ in given.sources]
    )
    return Build(made | sources, frames, readings, rejected, elsewhere, measured)


def _citation_files(
    given: Inputs,
    frames: Mapping[str, pl.DataFrame],
    made: Mapping[str, bytes],
    sources: Mapping[str, bytes],
    record_ids: Sequence[str],
) -> dict[str, bytes]:
    return citation.citation_files(
        given.package,
        given.tables,
        frames,
        {**made, **sources, **given.carried},
        record_ids,
        replace(given.provenance, inputs={**sources, **given.provenance.inputs}),
    )


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


def _pages(given: Inputs, frames: Mapping[str, pl.DataFrame], measured: Json) -> dict[str, bytes]:
    languages = {one.code: one.name for one in given.vocabulary.languages.values()}
    codes, terms = given.vocabulary_rows["codes"], given.vocabulary_rows["terms"]
    labels = pages.labels(codes)
    makers: dict[str, Callable[[str], bytes]] = {
        "alignment.md": lambda template: pages.alignment(template, measured, frames, labels),
        "codebook.md": lambda template: pages.codebook(template, given.tables, frames, codes),
        "discrepancies.md": lambda template: pages.discrepancies(
            template, measured, frames, labels, languages
        ),
        "deposit.md": protocol.page,
        "fair.md": fair.page,
        "glossary.md": lambda template: pages.glossary(template, terms, languages),
    }
    return {f"docs/{name}": _page(given, f"{name}.jinja", make) for name, make in makers.items()}


def _page(given: Inputs, template: str, make: Callable[[str], bytes]) -> bytes:
    path = f"templates/{template}"
    if template not in given.templates:
        raise InputErrors([InputError(path, 1, "no such file", "a template of this page")])
    try:
        return make(given.templates[template])
    except jinja2.TemplateError as error:
        line = getattr(error, "lineno", None) or 1
        raise InputErrors([InputError(path, line, str(error), "a template that renders")]) from error


def _rejected(rejected: Sequence[Rejected]) -> bytes:
    rows = [
        (one.source, Path(one.error.file).name, one.error.line, one.error.found, one.error.expected)
        for one in rejected
    ]
    schema = {"source": pl.String, "file": pl.String, "line": pl.Int32}
    texts = {"found": pl.String, "expected": pl.String}
    return csv_bytes(pl.DataFrame(rows, schema={**schema, **texts}, orient="row"))


def is_here(out: Path) -> bool:
    """Whether a package is to stand in this repository, beside its inputs."""
    return out.resolve() == inputs.REPOSITORY


def shared_numbers(identifiers: pl.DataFrame) -> list[tuple[str, list[str]]]:
    """Cable numbers, as the original (or else the translation) writes them, that several records bear."""
    return (
        identifiers.filter(pl.col("scheme") == "cable_number")
        .select("record_id", number=pl.coalesce("as_written_original", "as_written_translation"))
        .group_by("number", maintain_order=True)
        .agg(pl.col("record_id").unique(maintain_order=True))
        .filter(pl.col("record_id").list.len() > 1)
        .rows()
    )


def write(made: Build, given: Inputs, out: Path) -> Changes:
    """Puts a package where it belongs: into this repository beside its inputs, or whole into a folder."""
    if is_here(out):
        own = {path: data for path, data in made.files.items() if not path.startswith("data/raw/")}
        return files.install(own, out, owned=files.BUILT_PATHS, shared=True)
    return files.install({**given.carried, **made.files}, out, owned=files.PACKAGE_PATHS)


def prepare(out: Path) -> files.Recovery:
    """Finishes or discards what an earlier build left, and refuses a folder that holds anything else."""
    here = is_here(out)
    owned = files.BUILT_PATHS if here else files.PACKAGE_PATHS
    recovery = files.recover(out, owned=owned)
    files.check_target(out, owned=owned, shared=here)
    return recovery
