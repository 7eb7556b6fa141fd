"""The rule of every description of a release: it says what a build from the inputs in the archive says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from cables import citation
from cables.checks.fair.files_of_release import CHANGES, CRATE, CROISSANT, DESCRIPTOR, SCHEMA_ORG, VERIFIER
from cables.checks.fair.rebuilt import Again, made_again, places_of, unequal
from cables.checks.fair.rules import missing, rule
from cables.checks.fair.values import each, json_of, said
from cables.checks.fair.versions import of_this_version
from cables.checks.loaded import Finding, Package, shown
from cables.schemas import Json

# Descriptions that are written alike wherever they are written.
WHOLE = (
    citation.CFF,
    citation.DATACITE_JSON,
    citation.DATACITE_XML,
    citation.RIS,
    citation.BIBTEX,
    citation.CSL,
    citation.INVENIO,
)
RESOURCES = "resources"
# What the descriptor tells of a file where it stands; that it is right is for other rules.
OF_PLACE = frozenset({"path", "schema", "hash", "bytes", "rows"})
# Of these lists of the crate the order means nothing.
UNORDERED = ("hasPart", "object", "result")


@rule("as-described")
@of_this_version
def as_described(package: Package) -> Iterator[Finding]:
    again = made_again(package)
    cited = _cited(package, again)
    yield from unequal(package, cited, WHOLE)
    built = json.loads(again.built.files[DESCRIPTOR])
    yield from _in_descriptor(json_of(package, DESCRIPTOR), built)
    for file, path in ((CROISSANT, citation.CROISSANT), (SCHEMA_ORG, citation.SCHEMA_ORG)):
        yield from _differences(file, json_of(package, file), json.loads(cited[path]))
    yield from _in_crate(json_of(package, CRATE), json.loads(cited[citation.RO_CRATE]))


def _cited(package: Package, again: Again) -> dict[str, bytes]:
    """The citation files as they are made of the files of the release, where they stand."""
    given, built = again.given, again.built
    places = places_of(package, built) | {CHANGES: CHANGES, VERIFIER: VERIFIER}
    sources = {path: data for path, data in built.files.items() if path.startswith("data/raw/")}
    return citation.citation_files(
        given.package,
        given.tables,
        built.frames,
        {path: package.files[name] for path, name in places.items() if name in package.files},
        [one.record.record_id for one in built.readings],
        replace(given.provenance, inputs={**sources, **given.provenance.inputs}),
        place=lambda path: places.get(path, path),
        apart=(citation.ZENODO, citation.INVENIO),
    )


def _in_descriptor(found: Any, expected: Json) -> Iterator[Finding]:
    own = found if isinstance(found, dict) else {}
    ours, theirs = (_by_name(each(one, RESOURCES)) for one in (own, expected))
    # The changes are of a release alone; of very many records not all files are in it.
    for name in sorted(ours.keys() & theirs.keys()):
        yield from _other(DESCRIPTOR, f"{RESOURCES} {name}", ours[name], theirs[name])
    bare, wanted = ({key: value for key, value in one.items() if key != RESOURCES} for one in (own, expected))
    yield from _differences(DESCRIPTOR, bare, wanted)


def _by_name(items: list[Any]) -> dict[str, Json]:
    return {
        said(one, "name"): {key: value for key, value in one.items() if key not in OF_PLACE}
        for one in items
        if isinstance(one, dict)
    }


def _in_crate(found: Any, expected: Json) -> Iterator[Finding]:
    ours, theirs = (
        {said(one, "@id"): _ordered(one) for one in each(graph, "@graph") if isinstance(one, dict)}
        for graph in (found, expected)
    )
    yield from _differences(CRATE, ours, theirs)


def _ordered(entity: Json) -> Json:
    """An entity of the crate, the lists of which the order means nothing in one order."""
    lists = {key: sorted(each(entity, key), key=repr) for key in UNORDERED if key in entity}
    return {**entity, **lists}


def _differences(file: str, found: Any, expected: Json) -> Iterator[Finding]:
    """Where a description says something else, or more or less, than it should."""
    own = found if isinstance(found, dict) else {}
    for key in dict.fromkeys((*expected, *own)):
        yield from _other(file, key, own.get(key), expected.get(key))


def _other(file: str, what: str, found: Any, expected: Any) -> Iterator[Finding]:
    if found != expected:
        yield missing(file, f"{what} {shown(found)}", f"{shown(expected)}, as a build has it")
