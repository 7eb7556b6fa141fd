"""A build and its commit → every file of a release."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from cables import citation, descriptor, diff, fair, files, inputs, package
from cables.diff import Difference
from cables.flat import flat_page, left_out
from cables.holdings import held, media_type
from cables.inputs import Inputs, Places
from cables.model import InputError
from cables.package import Build
from cables.release.archive import sha256, sums, zipped
from cables.release.commits import Commit
from cables.release.names import (
    ABOUT,
    BODY,
    CHANGES,
    FLAT_AUTHORED,
    NOT_FLAT,
    SUMS,
    VERIFIER,
    flat_names,
)
from cables.schemas import Json, Table

INPUTS = "inputs/"


@dataclass(frozen=True, slots=True)
class Release:
    """A release in memory: files by flat name, and how it differs from the one before, if there was one."""

    name: str
    version: str
    files: Mapping[str, bytes]
    difference: Difference | None


def make(given: Inputs, built: Build, commit: Commit, difference: Difference | None) -> Release:
    """Every file of a release. Raises InputErrors for names that cannot be flat."""
    described = given.package
    archive = f"{described.name}-{described.version}.zip"
    named = flat_names(built.files)
    told = {path: data for path, data in built.files.items() if path in named}
    told |= {path: commit.files[path] for path in FLAT_AUTHORED}
    places = {**named, **{path: path for path in FLAT_AUTHORED}}
    # Made anew below, since they tell where the files stand.
    made_anew = {files.DESCRIPTOR, *citation.MADE}
    gone = left_out(built.files, named)
    told = {
        path: flat_page(path, data, places, archive, gone) if path.endswith(".md") else data
        for path, data in told.items()
        if path not in made_anew
    }
    changes = pl.DataFrame(
        list(diff.as_rows(difference.changes)) if difference else [], schema=_changes_table().polars
    )
    told[CHANGES] = package.csv_bytes(changes)
    told[VERIFIER] = files.read_bytes(inputs.REPOSITORY / "templates" / VERIFIER)
    told[files.DESCRIPTOR] = descriptor.json_bytes(_descriptor(built, given, places, told, difference))
    told |= _cited(given, built, told, places)
    flat = {places.get(path, path): data for path, data in told.items()}
    body = {BODY: told[citation.INVENIO]}
    within = {**flat, **{INPUTS + path: data for path, data in commit.files.items()}}
    flat[archive] = zipped(f"{described.name}-{described.version}/", {**within, SUMS: sums(within)})
    flat[ABOUT] = descriptor.json_bytes(_about(given, commit, difference, archive, flat[archive]))
    flat.pop(BODY)
    return Release(described.name, described.version, {**flat, SUMS: sums(flat), **body}, difference)


def _changes_table() -> Table:
    """The schema of changes.csv."""
    path = Places().schemas / "release" / "changes.json"
    value = files.read_json(path)
    if not isinstance(value, dict):
        raise InputError(str(path), 1, "no JSON object", "a Table Schema")
    return Table(diff.CHANGES, value)


def _descriptor(
    built: Build,
    given: Inputs,
    places: Mapping[str, str],
    told: Mapping[str, bytes],
    difference: Difference | None,
) -> Json:
    """The built descriptor with flat paths and its schemas inline, and the changes besides."""
    described: Json = json.loads(built.files[files.DESCRIPTOR])
    own = {table.name: table for table in given.tables}
    resources = []
    for one in described["resources"]:
        if one["path"] not in places:
            continue
        data = told[one["path"]]
        table = own.get(one["name"].removesuffix("-parquet"))
        schema = {"schema": fair.inline(table.schema)} if table else {}
        resources.append({**one, "path": places[one["path"]], **schema, "hash": descriptor.sha256(data)})
    since = f"since {difference.old.version}" if difference else "(the first release has none)"
    changed = _changes_table()
    changes = {
        "name": diff.CHANGES,
        "type": "table",
        "title": changed.schema["title"],
        "description": f"The changes {since}, and the step of the version that each demands.",
        "path": CHANGES,
        "scheme": "file",
        "format": "csv",
        "mediatype": media_type(CHANGES),
        "encoding": "utf-8",
        "schema": fair.inline(changed.schema),
        "bytes": len(told[CHANGES]),
        "hash": descriptor.sha256(told[CHANGES]),
        "rows": len(difference.changes) if difference else 0,
        "licenses": [given.package.license(kind).described for kind in held(CHANGES)],
    }
    return {**described, "resources": [*resources, changes]}


def _cited(
    given: Inputs, built: Build, told: Mapping[str, bytes], places: Mapping[str, str]
) -> dict[str, bytes]:
    """The citation files, which name the files where they stand in the release."""
    sources = {path: data for path, data in built.files.items() if path.startswith("data/raw/")}
    made = citation.citation_files(
        given.package,
        given.tables,
        built.frames,
        told,
        [one.record.record_id for one in built.readings],
        replace(given.provenance, inputs={**sources, **given.provenance.inputs}),
        place=lambda path: places.get(path, path),
        apart=(*NOT_FLAT, citation.INVENIO),
    )
    return {path: data for path, data in made.items() if path not in NOT_FLAT}


def _about(given: Inputs, commit: Commit, difference: Difference | None, archive: str, data: bytes) -> Json:
    """release.json: the commit and the tool, which stand nowhere else, and a second word on the archive."""
    made = given.provenance
    return {
        "name": given.package.name,
        "version": given.package.version,
        "commit": commit.id,
        "tool": {"name": made.tool, "version": made.version},
        "environment": {"path": made.environment_path, "sha256": sha256(made.environment)},
        "archive": {"path": archive, "bytes": len(data), "sha256": sha256(data)},
        "previous": _previous(difference) if difference else None,
    }


def _previous(difference: Difference) -> Json:
    """What release.json says of the release before."""
    return {
        "version": difference.old.version,
        "step": difference.step.word,
        "changes": len(difference.changes),
    }
