"""Rules of where the data come from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cables import files, history, ids, inputs, lines
from cables.checks.fair.archive import inputs_of, name_of
from cables.checks.fair.files_of_release import ABOUT, CRATE, LOCK, PACKAGE
from cables.checks.fair.rules import missing, rule
from cables.checks.fair.values import (
    data_of,
    dig,
    each,
    entities,
    in_crate,
    json_of,
    record_ids,
    said,
    sha256,
)
from cables.checks.loaded import Finding, Package, Unreadable, shown
from cables.checks.texts import lines_of
from cables.schemas import Json

COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
# What a build is made from; the code is told by the tool and its version.
MADE_FROM = ("data/", "schemas/", PACKAGE)
# Words on the data for those who keep them, and no input.
NO_INPUT = (".md",)


@rule("provenance")
def provenance(package: Package) -> Iterator[Finding]:
    actions = [one for one in entities(package).values() if dig(one, "@type") == "CreateAction"]
    if len(actions) != 1:
        yield missing(CRATE, f"{len(actions)} entities CreateAction", "one, the build")
    about = json_of(package, ABOUT)
    for action in actions:
        yield from _tools(package, in_crate(package, each(action, "instrument")), about)
        yield from _inputs(package, in_crate(package, each(action, "object")))
        results = set(_ids(each(action, "result")))
        for name in sorted(_ids(each(entities(package).get("./"), "hasPart"))):
            if name not in results | set(_ids(each(action, "object"))):
                yield missing(CRATE, f"{name} is no result of the build", "every file but the inputs")
    commit = said(about, "commit")
    if not COMMIT.fullmatch(commit):
        yield missing(ABOUT, f"commit {shown(dig(about, 'commit'))}", "the commit that was released")
    elif history.knows(inputs.REPOSITORY, commit):
        yield from _committed(package, history.content(inputs.REPOSITORY, commit))


def _ids(references: list[Any]) -> list[str]:
    return [said(one, "@id") for one in references]


def _tools(package: Package, tools: list[Json], about: Any) -> Iterator[Finding]:
    """The tool by its name and version, and the lock of its environment by its hash."""
    lock = sha256(data_of(package, LOCK))
    named = [{"name": one["name"], "version": one["version"]} for one in tools if said(one, "version")]
    if len(named) != 1 or not said(named, 0, "name") or dig(about, "tool") != named[0]:
        expected = f"one with name and version, {shown(dig(about, 'tool'))} as in {ABOUT}"
        yield missing(CRATE, f"the tools {shown(named)}", expected)
    if [dig(one, "sha256") for one in tools if said(one, "@id") == LOCK] != [lock]:
        yield missing(CRATE, "another environment", f"{LOCK} with SHA-256 {lock}")
    if dig(about, "environment") != {"path": LOCK, "sha256": lock}:
        yield missing(ABOUT, f"environment {shown(dig(about, 'environment'))}", f"{LOCK}, SHA-256 {lock}")


def _committed(package: Package, held: Mapping[str, bytes]) -> Iterator[Finding]:
    """The inputs in the archive are the files of the commit, but for what is built from them."""
    committed = {path: data for path, data in held.items() if not files.is_owned(path, files.BUILT_PATHS)}
    carried = inputs_of(package)
    for path in sorted(committed.keys() | carried.keys()):
        if carried.get(path) != committed.get(path):
            yield missing(f"{name_of(package)}/inputs/{path}", "not as committed", "the file of the commit")


def _inputs(package: Package, used: list[Json]) -> Iterator[Finding]:
    """Every input by its hash, and that the hash of the file in the archive."""
    flat = {f"{one}.txt": ids.raw_path(one) for one in record_ids(package)}
    told = {
        flat.get(where, where.removeprefix("#")): dig(one, "sha256")
        for one in used
        if (where := said(one, "@id"))
    }
    there = {
        path: sha256(data)
        for path, data in inputs_of(package).items()
        if path.startswith(MADE_FROM) and not path.endswith(NO_INPUT)
    }
    for path in sorted(told.keys() | there.keys()):
        if told.get(path) != there.get(path):
            found = f"the input {path} with SHA-256 {shown(told.get(path))}"
            yield missing(CRATE, found, f"{shown(there.get(path))}, as in the archive")


@rule("source-rebuilt")
def source_rebuilt(package: Package) -> Iterator[Finding]:
    own = lines_of(package)
    for row in package.rows("records"):
        name, data = f"{row['record_id']}.txt", _source(package, row["record_id"])
        if data is None:
            yield missing(name, "no such file", "every source, here or in the archive")
            continue
        if lines.rebuild(own.get(row["record_id"], []), bool(row["byte_order_mark"])) != data:
            yield missing(name, "another text", "the lines of lines.csv, byte for byte")
        if sha256(data) != row["sha256"]:
            yield missing(name, f"SHA-256 {sha256(data)}", f"{row['sha256']}, as records.csv says")


def _source(package: Package, record_id: str) -> bytes | None:
    """A source: with very many records it is in the archive only."""
    if f"{record_id}.txt" in package.files:
        return package.files[f"{record_id}.txt"]
    try:
        return inputs_of(package).get(ids.raw_path(record_id))
    except Unreadable:  # which a check of the archive tells
        return None
