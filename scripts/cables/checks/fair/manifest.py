"""Rules of the files themselves: their names, and the lists of them with their hashes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from cables import descriptor, inputs
from cables.checks.fair.files_of_release import BODY, CHANGES, DATA_ENDINGS, DESCRIPTOR, SUMS, VERIFIER
from cables.checks.fair.rules import missing, rule
from cables.checks.fair.sums import wrong_sums
from cables.checks.fair.values import all_said, dig, record_ids, resources_of, said
from cables.checks.fair.versions import of_this_version
from cables.checks.loaded import Finding, Package, shown

MOST_FILES = 99
FLAT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@rule("resources")
def resources(package: Package) -> Iterator[Finding]:
    listed = resources_of(package)
    times = Counter(all_said(listed, "path"))
    for one in listed:
        path = said(one, "path")
        if path not in package.files:
            yield missing(DESCRIPTOR, f"the resource {shown(dig(one, 'path'))}", "a file of the release")
            continue
        if times[path] > 1:
            yield missing(DESCRIPTOR, f"two resources of {path}", "one")
        yield from _measured(package, one, path)


def _measured(package: Package, resource: Any, path: str) -> Iterator[Finding]:
    """Hash, size and rows of a resource."""
    data = package.files[path]
    if dig(resource, "hash") != descriptor.sha256(data):
        yield missing(path, descriptor.sha256(data), shown(dig(resource, "hash")))
    # A Parquet resource has no size: frictionless calls a right one wrong.
    size = None if path.endswith(".parquet") else len(data)
    if dig(resource, "bytes") != size:
        yield missing(path, f"{len(data)} bytes", f"{shown(dig(resource, 'bytes'))}, as {DESCRIPTOR} says")
    table = path.rpartition(".")[0]
    if path.endswith(DATA_ENDINGS) and table in package.sheets:
        rows = package.sheets[table].frame.height
        if dig(resource, "rows") != rows:
            yield missing(path, f"{rows} rows", f"{shown(dig(resource, 'rows'))}, as {DESCRIPTOR} says")


@rule("data-listed")
def data_listed(package: Package) -> Iterator[Finding]:
    listed = set(all_said(resources_of(package), "path"))
    records = tuple(f"{one}." for one in record_ids(package))
    for name in package.files:
        if (name.endswith(DATA_ENDINGS) or name.startswith(records)) and name not in listed:
            yield missing(name, "no resource", f"a resource of {DESCRIPTOR}")
    wanted = [table.name + ending for table in package.repository.tables for ending in DATA_ENDINGS]
    for name in (*wanted, CHANGES):
        if name not in listed:
            yield missing(DESCRIPTOR, f"no resource {name}", "one for every table and form")


@rule("flat")
def flat(package: Package) -> Iterator[Finding]:
    yield from package.faults_of("fair-flat")
    lower = Counter(name.lower() for name in package.files)
    for name in package.files:
        if not FLAT.fullmatch(name):
            yield missing(name, f"the name {shown(name)}", "letters A-Z a-z, digits, . _ -, and no folder")
        if lower[name.lower()] > 1:
            yield missing(name, "a name that another has but for case", "a name of its own")
    uploaded = len(package.files.keys() - {BODY})
    if uploaded > MOST_FILES:
        yield missing(SUMS, f"{uploaded} files", f"no more than {MOST_FILES}")


@rule("manifest")
def manifest(package: Package) -> Iterator[Finding]:
    if SUMS not in package.files:
        yield missing(SUMS, "no such file", "the hashes of all files")
    else:
        yield from wrong_sums(package.files, apart={BODY})


@rule("verifier")
@of_this_version
def verifier(package: Package) -> Iterator[Finding]:
    own = (inputs.REPOSITORY / "templates" / VERIFIER).read_bytes()
    if package.files.get(VERIFIER) != own:
        yield missing(VERIFIER, "another file, or none", "the verifier of this repository")
