"""Checks of what a build makes of the inputs: pages, exports, the whole package again."""

from __future__ import annotations

import functools
import hashlib
import html
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import polars as pl

from cables import descriptor, exports, files, ids, inputs, package
from cables.checks.described import OF_BYTES, described, without
from cables.checks.loaded import Finding, Package, Unreadable, shown
from cables.checks.registry import Level, check
from cables.checks.written import as_line, first_difference
from cables.model import InputError, InputErrors
from cables.schemas import Json

# Who wrote an export, and with which version, no table says.
WRITER = re.compile(rb'creationtool="([^"]*)" creationtoolversion="([^"]*)"')
EXPORTED = (
    "records",
    "paragraphs",
    "sentences",
    "translation_pairs",
    "translation_pair_members",
    "parallel",
)
REJECTED = "rejected.csv"


@check("generated-pages", "every page and description that a build writes is there", on_values=False)
def generated_pages(package_: Package) -> Iterator[Finding]:
    for path in generated(package_.repository.places):
        if not package_.files.get(path, b"").strip():
            yield Finding(path, 1, "no such file, or nothing in it", "what a build writes there")


@functools.cache
def generated(places: inputs.Places) -> tuple[str, ...]:
    """What is written of every package beside its data. A build alone knows, so this repository is built.

    Raises Unreadable where it cannot be.
    """
    try:
        made = package.build(inputs.read(places))
    except (InputError, InputErrors) as refused:
        reason = str(refused).splitlines()[0]
        raise Unreadable(f"this repository's own inputs are refused: {reason}") from refused
    return tuple(sorted(path for path in made.files if not path.startswith("data/")))


@check("exports", "the exports hold the pairs and words of the tables", on_values=False)
def exported(package_: Package) -> Iterator[Finding]:
    frames = {name: package_.frame(name) for name in EXPORTED}
    there = {path: data for path, data in package_.files.items() if path.startswith(exports.FOLDER)}
    written = next((found for data in there.values() if (found := WRITER.search(data))), None)
    tool, version = (
        (html.unescape(one.decode(errors="replace")) for one in written.groups()) if written else ("", "")
    )
    expected = dict(exports.files(frames, tool, version))
    for path in sorted(expected.keys() | there.keys()):
        if path not in there:
            yield Finding(path, 1, "no such file", "an export of every record with two texts")
        elif path not in expected:
            yield Finding(path, 1, "an export of nothing in the tables", "none but of records with two texts")
        elif there[path] != expected[path]:
            yield first_difference(path, there[path], expected[path])


@check(
    "rejected-sources", "no source was rejected when the package was built", Level.WARNING, on_values=False
)
def rejected_sources(package_: Package) -> Iterator[Finding]:
    for number, line in enumerate(package_.files.get(REJECTED, b"").splitlines()[1:], start=2):
        yield Finding(REJECTED, number, as_line(line), "every source accepted")


@check("rebuild", "a build from the inputs that the package carries gives the same package", on_values=False)
def rebuild(package_: Package) -> Iterator[Finding]:
    made = built_again(package_)
    compare = first_difference if is_locked(package_) else functools.partial(_by_value, package_, made)
    for path, data in made.files.items():
        if path not in package_.files:
            yield Finding(path, 1, "no such file", "what a build writes there")
        elif package_.files[path] != data and (finding := compare(path, package_.files[path], data)):
            yield finding
    for path in sorted(package_.files):
        if path not in made.files and path.startswith(BUILT) and path != REJECTED:
            yield Finding(path, 1, "a file that a build does not write", "what a build writes, no more")


BUILT = tuple(files.BUILT_PATHS)


def built_again(package_: Package) -> package.Build:
    """The package as its own inputs give it. Raises Unreadable where it cannot be built."""
    if not package_.carries_inputs:
        raise Unreadable("the package does not carry its inputs")
    try:
        given = inputs.read(inputs.of_package(package_.folder))
        return package.build(given, keep_going=REJECTED in package_.files)
    except (InputError, InputErrors) as refused:
        raise Unreadable(f"the inputs are refused: {str(refused).splitlines()[0]}") from refused


def is_locked(package_: Package) -> bool:
    """Whether this is the environment of requirements.lock, in which the same bytes are written."""
    return package_.repository.locked == pl.__version__


def _by_value(
    package_: Package, made: package.Build, path: str, data: bytes, expected: bytes
) -> Finding | None:
    name = Path(path).stem
    if path in (descriptor.csv_path(name), descriptor.parquet_path(name)) and name in made.frames:
        own = package_.frame(name) if path.endswith(".csv") else package_.parquet.get(name)
        return (
            None
            if own is not None and own.equals(made.frames[name])
            else first_difference(path, data, expected)
        )
    if path == files.DESCRIPTOR and _unstamped(described(package_)) == _unstamped(json.loads(expected)):
        return None
    return first_difference(path, data, expected)


def _unstamped(value: Json) -> Json:
    own: Iterable[Any] = value.get("resources", [])
    return {**value, "resources": [without(one, *OF_BYTES) if isinstance(one, dict) else one for one in own]}


@check("rebuild-environment", "the rebuild was compared byte for byte", Level.NOTICE, on_values=False)
def rebuild_environment(package_: Package) -> Iterator[Finding]:
    if package_.carries_inputs and not is_locked(package_):
        found = f"polars {pl.__version__} is not the one of requirements.lock"
        yield Finding("requirements.lock", 1, found, "the locked one; compared by value instead")


@check("record-files", "every record's source is there, with the size and hash that the record gives")
def record_files(package_: Package) -> Iterator[Finding]:
    sheet = package_.sheet("records")
    for index, row in enumerate(sheet.rows):
        path = ids.raw_path(row["record_id"])
        if row["source_path"] != path:
            yield sheet.finding(index, f"source_path {shown(row['source_path'])}", shown(path))
        data = package_.files.get(path)
        if data is None:
            yield sheet.finding(index, f"no file {path}", "the source of the record")
            continue
        if row["bytes"] != len(data):
            yield sheet.finding(index, f"bytes {row['bytes']}", str(len(data)))
        if row["sha256"] != hashlib.sha256(data).hexdigest():
            yield sheet.finding(index, f"sha256 {row['sha256']}", hashlib.sha256(data).hexdigest())
    known = {ids.raw_path(row["record_id"]) for row in sheet.rows}
    extra = {path for path in package_.files if path.startswith("data/raw/")} - known
    if REJECTED not in package_.files:
        yield from (Finding(path, 1, "a source without a record", "a record of it") for path in sorted(extra))
