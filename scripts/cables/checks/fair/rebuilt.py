"""Rules that build the release again from the inputs in its archive, by the code of this repository."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from cables import citation, exports, files, inputs
from cables import package as packages
from cables.checks.fair.archive import archive_of, inputs_of, unpacked
from cables.checks.fair.files_of_release import (
    AUTHORED,
    BODY,
    CRATE,
    CROISSANT,
    DESCRIPTOR,
    LOCK,
    PACKAGE,
    PROJECT,
    SCHEMA_ORG,
)
from cables.checks.fair.rules import missing, rule
from cables.checks.fair.values import dig, each, json_of, said
from cables.checks.loaded import Finding, Package, Unreadable, shown
from cables.model import InputError, InputErrors
from cables.package import Build
from cables.schemas import Json

# Templates and code are always this repository's.
NEEDED = ("data/", "schemas/", PACKAGE, LOCK, PROJECT)
# What is written as it is, besides the tables.
WHOLE = ("data/json/", exports.FOLDER, "metadata/quality.json", "metadata/record.schema.json")
# Descriptions in which nothing tells where a file stands or what hash it has.
PLACELESS = (
    citation.CFF,
    citation.DATACITE_JSON,
    citation.DATACITE_XML,
    citation.RIS,
    citation.BIBTEX,
    citation.CSL,
    citation.INVENIO,
)
# The lists in which descriptions speak of files.
OF_FILES = ("resources", "distribution")
# What tells of a file where it stands; that it is right is for other rules.
OF_PLACE = frozenset({"path", "schema", "hash", "bytes", "rows", "contentUrl", "contentSize", "sha256"})


@lru_cache(maxsize=1)
def _made(name: str, carried: tuple[tuple[str, bytes], ...]) -> Build:
    """The package that inputs give. Raises Unreadable where they are refused."""
    with unpacked(dict(carried)) as folder:
        # The tool too is the one that is carried: what this repository has become since is no matter.
        places = replace(
            inputs.of_package(folder),
            lock=folder / LOCK,
            project=folder / PROJECT,
            tool=folder / PACKAGE,
        )
        try:
            return packages.build(inputs.read(places))
        except (InputError, InputErrors) as error:
            told = str(error).splitlines()[0].replace(files.printable(folder), f"{name}/inputs")
            raise Unreadable(f"the inputs are refused: {told}") from error


def made_again(package: Package) -> Build:
    """The package as the inputs in the archive give it. Raises Unreadable where they cannot."""
    needed = {path: data for path, data in inputs_of(package).items() if path.startswith(NEEDED)}
    return _made(archive_of(package).name, tuple(needed.items()))


def places_of(package: Package, made: Build) -> dict[str, str]:
    """Where the release has the files of a build; of very many records not all are in it."""
    there = {*package.files, BODY}
    built = {path: posixpath.basename(path) for path in made.files if posixpath.basename(path) in there}
    return {**built, **{name: name for name in AUTHORED if name in there}}


@rule("rebuilt")
def rebuilt(package: Package) -> Iterator[Finding]:
    try:
        made = made_again(package)
    except Unreadable as error:
        yield missing(archive_of(package).name, str(error), "inputs that a build takes")
        return
    for name, frame in made.frames.items():
        if name in package.sheets and not package.sheets[name].frame.equals(frame):
            yield missing(f"{name}.csv", "other rows", "what a build from the inputs gives")
    yield from _unequal(package, made.files, WHOLE)


def _unequal(package: Package, made: Mapping[str, bytes], paths: tuple[str, ...]) -> Iterator[Finding]:
    """The files of a release that are not what was made; some it does not hold when there are very many."""
    for path, data in made.items():
        name = posixpath.basename(path)
        if path.startswith(paths) and package.files.get(name, data) != data:
            yield missing(name, "another content", "what a build from the inputs gives")


@rule("as-described")
def as_described(package: Package) -> Iterator[Finding]:
    made = made_again(package).files
    yield from _unequal(package, made, PLACELESS)
    described = {DESCRIPTOR: DESCRIPTOR, CROISSANT: citation.CROISSANT, SCHEMA_ORG: citation.SCHEMA_ORG}
    for file, path in described.items():
        yield from _differences(file, json_of(package, file), json.loads(made[path]))
    yield from _in_crate(json_of(package, CRATE), json.loads(made[citation.RO_CRATE]))


def _differences(file: str, found: Any, expected: Json) -> Iterator[Finding]:
    """Where a description says something else of the release or of a file in it."""
    own = found if isinstance(found, dict) else {}
    for key in dict.fromkeys((*expected, *own)):
        if key in OF_FILES:
            ours, theirs = _by_name(each(own, key)), _by_name(each(expected, key))
            # The changes are of a release alone; of very many records not all files are in it.
            for name in ours.keys() & theirs.keys():
                yield from _other(file, f"{key} {name}", ours[name], theirs[name])
        else:
            yield from _other(file, key, own.get(key), expected.get(key))


def _other(file: str, what: str, found: Any, expected: Any) -> Iterator[Finding]:
    if found != expected:
        yield missing(file, f"{what} {shown(found)}", f"{shown(expected)}, as a build has it")


def _by_name(items: list[Any]) -> dict[str, Json]:
    return {
        said(one, "name"): {key: value for key, value in one.items() if key not in OF_PLACE}
        for one in items
        if isinstance(one, dict)
    }


def _in_crate(found: Any, expected: Json) -> Iterator[Finding]:
    """The root but for its parts, and all that is no file and no list of files."""
    ours, theirs = (
        {said(one, "@id"): one for one in each(graph, "@graph") if isinstance(one, dict)}
        for graph in (found, expected)
    )
    for where, one in theirs.items():
        if dig(one, "sha256") or dig(one, "@type") == "CreateAction":
            continue  # a file, or the list of them; what a release holds as a file differs
        yield from _other(CRATE, where, _without_parts(ours.get(where)), _without_parts(one))


def _without_parts(entity: Any) -> Any:
    return {key: value for key, value in entity.items() if key != "hasPart"} if entity else None
