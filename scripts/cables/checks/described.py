"""Checks of what describes a package: its descriptor, its schemas, the inputs that it carries."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import dplib
import frictionless

from cables import descriptor, exports, files, ids, inputs, schemas
from cables.checks.loaded import Finding, Package, Unreadable, shown
from cables.checks.registry import check
from cables.checks.written import broken, first_difference
from cables.model import InputError, InputErrors
from cables.schemas import Json

PROFILE = Path(dplib.__file__).parent / "profiles" / "2.0" / "datapackage.json"
# What a resource says of its bytes; the other checks hold it to the package's description.
OF_BYTES = frozenset({"bytes", "hash", "rows"})
LISTED_FOLDERS = ("data/csv/", "data/parquet/", "data/json/", "data/raw/", exports.FOLDER)
RECORD_SCHEMA = "metadata/record.schema.json"


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
    yield from _differences(package_, "", without(found, "resources"), without(expected, "resources"))
    by_path = {resource["path"]: resource for resource in resources(package_)}
    for resource in expected["resources"]:
        if resource["path"] in by_path:
            ours, theirs = without(by_path[resource["path"]], *OF_BYTES), without(resource, *OF_BYTES)
            yield from _differences(package_, f"{resource['path']}: ", ours, theirs)
    order = [resource["path"] for resource in expected["resources"]]
    if [path for path in by_path if path in order] != order:
        yield Finding(files.DESCRIPTOR, 1, "resources in another order", ", ".join(order)[:300])


def _is_whole(package_: Package, name: str) -> bool:
    paths = (descriptor.csv_path(name), descriptor.parquet_path(name))
    return name in package_.sheets and all(path in package_.files for path in paths)


def without(value: Mapping[str, Any], *keys: str) -> Json:
    """An object without some of its keys."""
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
        yield first_difference(RECORD_SCHEMA, package_.files[RECORD_SCHEMA], of_record)
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
            yield first_difference(path, package_.files[path], own)


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
