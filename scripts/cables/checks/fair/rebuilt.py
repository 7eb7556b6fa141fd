"""Rules that build the release again from the inputs in its archive, by the code of this repository."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from cables import exports, files, inputs
from cables import package as packages
from cables.checks.fair.archive import archive_of, inputs_of, unpacked
from cables.checks.fair.files_of_release import (
    AUTHORED,
    BODY,
    LOCK,
    PACKAGE,
    PROJECT,
)
from cables.checks.fair.rules import missing, rule
from cables.checks.fair.versions import of_this_version
from cables.checks.loaded import Finding, Package, Unreadable
from cables.inputs import Inputs
from cables.model import InputError, InputErrors
from cables.package import Build

# Templates and code are always this repository's.
NEEDED = ("data/", "schemas/", PACKAGE, LOCK, PROJECT)
# What is written as it is, besides the tables.
WHOLE = ("data/json/", exports.FOLDER, "metadata/quality.json", "metadata/record.schema.json")


@dataclass(frozen=True, slots=True)
class Again:
    """A package made again, and the inputs that it was made from."""

    given: Inputs
    built: Build


@lru_cache(maxsize=1)
def _made(name: str, carried: tuple[tuple[str, bytes], ...]) -> Again:
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
            given = inputs.read(places)
            return Again(given, packages.build(given))
        except (InputError, InputErrors) as error:
            told = str(error).splitlines()[0].replace(files.printable(folder), f"{name}/inputs")
            raise Unreadable(f"the inputs are refused: {told}") from error


def made_again(package: Package) -> Again:
    """The package as the inputs in the archive give it. Raises Unreadable where they cannot."""
    needed = {path: data for path, data in inputs_of(package).items() if path.startswith(NEEDED)}
    return _made(archive_of(package).name, tuple(needed.items()))


def places_of(package: Package, built: Build) -> dict[str, str]:
    """Where the release has the files of a build; of very many records not all are in it."""
    there = {*package.files, BODY}
    flat = {path: posixpath.basename(path) for path in (*built.files, *AUTHORED)}
    return {path: name for path, name in flat.items() if name in there}


@rule("rebuilt")
@of_this_version
def rebuilt(package: Package) -> Iterator[Finding]:
    try:
        made = made_again(package).built
    except Unreadable as error:
        yield missing(archive_of(package).name, str(error), "inputs that a build takes")
        return
    for name, frame in made.frames.items():
        if name in package.sheets and not package.sheets[name].frame.equals(frame):
            yield missing(f"{name}.csv", "other rows", "what a build from the inputs gives")
    yield from unequal(package, made.files, WHOLE)


def unequal(package: Package, made: Mapping[str, bytes], paths: tuple[str, ...]) -> Iterator[Finding]:
    """The files of a release that are not what was made; some it does not hold when there are very many."""
    for path, data in made.items():
        name = posixpath.basename(path)
        if path.startswith(paths) and package.files.get(name, data) != data:
            yield missing(name, "another content", "what a build from the inputs gives")
