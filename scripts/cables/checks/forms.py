"""Checks of the files: the descriptor, hashes, and one truth in many forms."""

from __future__ import annotations

import functools
import hashlib
import html
import json
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import dplib
import frictionless
import jsonschema
import polars as pl

from cables import descriptor, exports, files, ids, inputs, package, schemas, tables
from cables.checks.loaded import Finding, Package, Unreadable, shown
from cables.checks.registry import Level, check
from cables.model import InputError, InputErrors
from cables.schemas import Json

PROFILE = Path(dplib.__file__).parent / "profiles" / "2.0" / "datapackage.json"
# What a resource says of its bytes; the other checks hold it to the package's description.
OF_BYTES = frozenset({"bytes", "hash", "rows"})
LISTED_FOLDERS = ("data/csv/", "data/parquet/", "data/json/", "data/raw/", exports.FOLDER)
RECORD_SCHEMA = "metadata/record.schema.json"
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


def line_of(package_: Package, path: str, words: str) -> int:
    """The line of a text file on which some words first stand; 1 where they do not."""
    data = package_.files.get(path, b"")
    at = data.find(words.encode(errors="backslashreplace"))
    return data.count(b"\n", 0, at) + 1 if at >= 0 else 1


def described(package_: Package) -> Json:
    """The descriptor. Raises Unreadable."""
    if package_.descriptor is None:
        raise Unreadable(f"{files.DESCRIPTOR} is missing or cannot be read")
    return package_.descriptor


def resources(package_: Package) -> list[Json]:
    """The resources that are objects with one path; what else stands there the profile speaks of."""
    listed = described(package_).get("resources")
    found = listed if isinstance(listed, list) else []
    return [one for one in found if isinstance(one, dict) and isinstance(one.get("path"), str)]


def _at(package_: Package, resource: Json, found: str, expected: str) -> Finding:
    line = line_of(package_, files.DESCRIPTOR, f'"path": "{resource["path"]}"')
    return Finding(files.DESCRIPTOR, line, found, expected)


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
            yield _first_difference(path, data, written)


@check("cell-types", "every cell of a CSV is of its column's type", on_values=False)
def cell_types(package_: Package) -> Iterator[Finding]:
    return package_.faults_of("cell-types")


def _first_difference(path: str, data: bytes, expected: bytes) -> Finding:
    if path.endswith(".parquet"):
        found = f"{len(data)} bytes, {descriptor.sha256(data)}"
        return Finding(path, 1, found, f"{len(expected)} bytes, {descriptor.sha256(expected)}")
    ours, theirs = data.split(b"\n"), expected.split(b"\n")
    for number, (one, other) in enumerate(zip(ours, theirs, strict=False), start=1):
        if one != other:
            return Finding(path, number, _line(one), _line(other))
    return Finding(path, min(len(ours), len(theirs)), f"{len(data)} bytes", f"{len(expected)} bytes")


def _line(data: bytes) -> str:
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


@check(
    "listed", "the descriptor lists every data file, and every file that it lists is there", on_values=False
)
def listed(package_: Package) -> Iterator[Finding]:
    own = resources(package_)
    for resource in own:
        for path in _paths(resource):
            if not files.is_plain(path):
                yield _at(package_, resource, f"path {shown(path)}", "a path within the package")
            elif path not in package_.files:
                yield _at(package_, resource, f"path {shown(path)}", "a file that is there")
    paths = [resource["path"] for resource in own]
    for resource in own:
        if paths.count(resource["path"]) > 1:
            yield _at(package_, resource, f"path {shown(resource['path'])} again", "one resource for a file")
    there = [path for path in package_.files if path.startswith(LISTED_FOLDERS)]
    for path in sorted(set(there) - set(paths)):
        yield Finding(path, 1, "a file that the descriptor does not list", "every data file listed")
    names = {resource.get("name") for resource in own}
    for table in package_.repository.tables:
        for name in sorted({table.name, f"{table.name}-parquet"} - names):
            yield Finding(
                files.DESCRIPTOR, 1, f"no resource {name}", "a CSV and a Parquet file for every table"
            )


def _paths(resource: Json) -> list[str]:
    return [one for one in (resource["path"], resource.get("schema")) if isinstance(one, str)]


@check("hashes", "size, hash and number of rows of every resource are those of its file", on_values=False)
def hashes(package_: Package) -> Iterator[Finding]:
    for resource in resources(package_):
        data = package_.files.get(resource["path"])
        if data is None:
            continue
        digest = descriptor.sha256(data)
        if resource.get("hash") != digest:
            yield _at(package_, resource, f"{resource['path']}: hash {shown(resource.get('hash'))}", digest)
        is_parquet = resource["path"].startswith("data/parquet/")
        if not is_parquet and resource.get("bytes") != len(data):
            found = f"{resource['path']}: {shown(resource.get('bytes'))} bytes"
            yield _at(package_, resource, found, str(len(data)))
        height = _height(package_, resource["path"])
        if height is not None and resource.get("rows") != height:
            found = f"{resource['path']}: {shown(resource.get('rows'))} rows"
            yield _at(package_, resource, found, str(height))


def _height(package_: Package, path: str) -> int | None:
    name = Path(path).stem
    if path == descriptor.csv_path(name):
        return package_.sheets[name].frame.height if name in package_.sheets else None
    if path == descriptor.parquet_path(name):
        return package_.parquet[name].height if name in package_.parquet else None
    return None


@check(
    "descriptor-profile",
    "datapackage.json holds to the official profile of Data Package 2.0",
    on_values=False,
)
def descriptor_profile(package_: Package) -> Iterator[Finding]:
    return _against(package_, json.loads(PROFILE.read_bytes()))


@check("descriptor-schema", "datapackage.json holds to this project's stricter profile", on_values=False)
def descriptor_schema(package_: Package) -> Iterator[Finding]:
    path = package_.repository.places.schemas / "datapackage.schema.json"
    return _against(package_, cast(Json, files.read_json(path)))


def _against(package_: Package, schema: Json) -> Iterator[Finding]:
    for where, message in broken(described(package_), schema):
        words = next((f'"{one}"' for one in reversed(where) if isinstance(one, str)), "{")
        line = line_of(package_, files.DESCRIPTOR, words)
        name = ".".join(map(str, where)) or "the descriptor"
        yield Finding(files.DESCRIPTOR, line, f"{name}: {message[:300]}", "what the profile asks for")


@check(
    "descriptor-says-package", "the descriptor says what package.toml and the schemas say", on_values=False
)
def descriptor_says_package(package_: Package) -> Iterator[Finding]:
    own = inputs.of_package(package_.folder) if "package.toml" in package_.files else inputs.Places()
    try:
        said = inputs.read_package(inputs.Places(package=own.package))
    except (InputError, InputErrors) as error:
        raise Unreadable(f"package.toml: {error}") from error
    whole = [one for one in package_.repository.tables if _is_whole(package_, one.name)]
    frames = {table.name: package_.frame(table.name) for table in whole}
    record_ids = [
        row["record_id"]
        for row in package_.rows("records")
        if descriptor.json_path(row["record_id"]) in package_.files
        and ids.raw_path(row["record_id"]) in package_.files
    ]
    expected = descriptor.datapackage(said, whole, frames, package_.files, record_ids)
    found = described(package_)
    yield from _differences(package_, "", _without(found, "resources"), _without(expected, "resources"))
    by_path = {resource["path"]: resource for resource in resources(package_)}
    for resource in expected["resources"]:
        if resource["path"] in by_path:
            ours, theirs = _without(by_path[resource["path"]], *OF_BYTES), _without(resource, *OF_BYTES)
            yield from _differences(package_, f"{resource['path']}: ", ours, theirs)
    order = [resource["path"] for resource in expected["resources"]]
    if [path for path in by_path if path in order] != order:
        yield Finding(files.DESCRIPTOR, 1, "resources in another order", ", ".join(order)[:300])


def _is_whole(package_: Package, name: str) -> bool:
    paths = (descriptor.csv_path(name), descriptor.parquet_path(name))
    return name in package_.sheets and all(path in package_.files for path in paths)


def _without(value: Mapping[str, Any], *keys: str) -> Json:
    return {key: one for key, one in value.items() if key not in keys}


def _differences(package_: Package, where: str, found: Json, expected: Json) -> Iterator[Finding]:
    for key in dict.fromkeys((*expected, *found)):
        if found.get(key) != expected.get(key):
            line = line_of(package_, files.DESCRIPTOR, f'"{key}"')
            yield Finding(
                files.DESCRIPTOR, line, f"{where}{key} {shown(found.get(key))}", shown(expected.get(key))
            )


@check("frictionless", "frictionless calls the whole package valid", on_values=False)
def by_frictionless(package_: Package) -> Iterator[Finding]:
    for resource in resources(package_):
        wrong = [path for path in _paths(resource) if not files.is_plain(path) or path not in package_.files]
        if wrong:
            raise Unreadable(f"the descriptor lists {shown(wrong[0])}, which is no file of the package")
    try:
        with warnings.catch_warnings(action="ignore"):
            report = frictionless.Package.from_descriptor(
                json.loads(json.dumps(described(package_))), basepath=str(package_.folder)
            ).validate()
    except Exception as error:  # frictionless raises whatever a strange descriptor makes it meet
        yield Finding(
            files.DESCRIPTOR, 1, f"frictionless breaks off: {error}"[:300], "a descriptor it can read"
        )
        return
    for problem in report.errors:
        yield Finding(files.DESCRIPTOR, 1, problem.message, "what frictionless asks for")
    for task in report.tasks:
        for problem in task.errors:
            line = getattr(problem, "row_number", 1)
            yield Finding(task.place, line, problem.message, "what frictionless asks for")


@check("schemas", "the schemas that the package carries are this repository's", on_values=False)
def own_schemas(package_: Package) -> Iterator[Finding]:
    of_record = descriptor.json_bytes(schemas.record_schema(package_.repository.tables))
    if package_.files.get(RECORD_SCHEMA, of_record) != of_record:
        yield _first_difference(RECORD_SCHEMA, package_.files[RECORD_SCHEMA], of_record)
    ours = package_.repository.places.schemas
    carried = {path for path in package_.files if path.startswith("schemas/")}
    known = {f"schemas/{path}" for path in files.list_files(ours) if path.endswith(".json")}
    for path in sorted(carried - known):
        yield Finding(path, 1, "a schema that this repository does not have", "its schemas and no others")
    for path in sorted(known - carried):
        yield Finding(path, 1, "no such file", "every schema of this repository")
    for path in sorted(known & carried):
        try:
            found = files.read_json(package_.folder / path)
        except InputError as error:
            yield Finding(path, error.line, error.found, error.expected)
            continue
        if found != files.read_json(ours / path.removeprefix("schemas/")):
            own = files.read_bytes(ours / path.removeprefix("schemas/"))
            yield _first_difference(path, package_.files[path], own)


@check(
    "authored-inputs",
    "the inputs that the package carries hold to the schemas of authored files",
    on_values=False,
)
def authored_inputs(package_: Package) -> Iterator[Finding]:
    if not package_.carries_inputs:
        raise Unreadable("the package does not carry its inputs")
    try:
        inputs.read(inputs.of_package(package_.folder))
    except (InputError, InputErrors) as refused:
        for error in refused.errors if isinstance(refused, InputErrors) else [refused]:
            path = error.file.removeprefix(f"{files.printable(package_.folder)}/")
            yield Finding(path, error.line, error.found, error.expected)


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
            yield _first_difference(path, there[path], expected[path])


@check(
    "rejected-sources", "no source was rejected when the package was built", Level.WARNING, on_values=False
)
def rejected_sources(package_: Package) -> Iterator[Finding]:
    for number, line in enumerate(package_.files.get(REJECTED, b"").splitlines()[1:], start=2):
        yield Finding(REJECTED, number, _line(line), "every source accepted")


@check("rebuild", "a build from the inputs that the package carries gives the same package", on_values=False)
def rebuild(package_: Package) -> Iterator[Finding]:
    made = built_again(package_)
    compare = _first_difference if is_locked(package_) else functools.partial(_by_value, package_, made)
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
            else _first_difference(path, data, expected)
        )
    if path == files.DESCRIPTOR and _unstamped(described(package_)) == _unstamped(json.loads(expected)):
        return None
    return _first_difference(path, data, expected)


def _unstamped(value: Json) -> Json:
    own: Iterable[Any] = value.get("resources", [])
    return {**value, "resources": [_without(one, *OF_BYTES) if isinstance(one, dict) else one for one in own]}


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
