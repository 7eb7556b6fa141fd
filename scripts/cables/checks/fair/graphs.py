"""Rules of the descriptions in JSON-LD: Croissant, RO-Crate, schema.org."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from cables.checks.fair.archive import name_of
from cables.checks.fair.files_of_release import (
    ABOUT,
    BODY,
    CHANGES,
    CRATE,
    CROISSANT,
    DATA_ENDINGS,
    SCHEMA_ORG,
    SUMS,
)
from cables.checks.fair.rules import missing, rule
from cables.checks.fair.values import (
    all_said,
    dig,
    each,
    entities,
    graph_of,
    json_of,
    record_ids,
    root_of,
    said,
    sha256,
)
from cables.checks.loaded import Finding, Package, shown
from cables.schemas import Json

CROISSANT_VERSION = "http://mlcommons.org/croissant/1.0"
CRATE_VERSION = "https://w3id.org/ro/crate/1.2"
# What RO-Crate asks of the root.
ROOT = ("name", "description", "datePublished", "license", "hasPart")


@rule("croissant")
def croissant(package: Package) -> Iterator[Finding]:
    value = json_of(package, CROISSANT)
    if dig(value, "conformsTo") != CROISSANT_VERSION:
        yield missing(CROISSANT, f"conformsTo {shown(dig(value, 'conformsTo'))}", CROISSANT_VERSION)
    sets = {said(one, "name"): one for one in each(value, "recordSet")}
    expected = {table.name: list(table.columns) for table in package.repository.tables}
    for name in sorted(expected.keys() | sets.keys()):
        columns = all_said(each(sets.get(name), "field"), "name")
        if columns != expected.get(name):
            yield missing(CROISSANT, f"record set {name}: {shown(columns)}", shown(expected.get(name)))
        yield from _sourced(name, each(sets.get(name), "field"))
    for file in (CROISSANT, SCHEMA_ORG):
        yield from _distributed(package, file, each(json_of(package, file), "distribution"))


def _sourced(table: str, fields: list[Any]) -> Iterator[Finding]:
    """Every field is read from its own column of its table's Parquet file."""
    for one in fields:
        source = (said(one, "source", "fileObject", "@id"), said(one, "source", "extract", "column"))
        expected = (f"{table}-parquet", said(one, "name"))
        if source != expected:
            yield missing(CROISSANT, f"{table}: a field from {shown(source)}", shown(expected))


def _distributed(package: Package, file: str, found: list[Any]) -> Iterator[Finding]:
    """Every file of data, by its name, with its hash and size."""
    records = record_ids(package)
    wanted = {f"{one}{ending}" for one in records for ending in (".json", ".txt")} & package.files.keys()
    wanted |= {name for name in package.files if name.endswith(DATA_ENDINGS) and name != CHANGES}
    times = Counter(all_said(found, "contentUrl"))
    for name in sorted(wanted - times.keys()):
        yield missing(file, f"no file {name}", "every file of the data")
    for one in found:
        name = said(one, "contentUrl")
        data = package.files.get(name)
        if data is None or times[name] > 1:
            yield missing(file, f"the file {shown(name)}, once or more", "every file of the release once")
        elif (dig(one, "sha256"), dig(one, "contentSize")) != (sha256(data), f"{len(data)} B"):
            yield missing(file, f"{name} with SHA-256 {shown(dig(one, 'sha256'))}", sha256(data))


@rule("ro-crate")
def ro_crate(package: Package) -> Iterator[Finding]:
    own, root = entities(package), root_of(package)
    for key in ROOT:
        if not dig(root, key):
            yield missing(CRATE, f"the root has no {key}", "what RO-Crate asks for")
    about = dig(own, CRATE)
    if (dig(about, "about", "@id"), dig(about, "conformsTo", "@id")) != ("./", CRATE_VERSION):
        yield missing(CRATE, "no descriptor of the crate", f"one about ./ that conforms to {CRATE_VERSION}")
    context = dig(json_of(package, CRATE), "@context")
    if context != f"{CRATE_VERSION}/context":
        yield missing(CRATE, f"@context {shown(context)}", f"{CRATE_VERSION}/context")
    for name, times in Counter(all_said(graph_of(package), "@id")).items():
        if times > 1 or not name:
            yield missing(CRATE, f"{shown(name)} {times} times", "every entity once, with an @id")
    yield from _parts(package, own, all_said(each(root, "hasPart"), "@id"))
    yield from _nowhere(own)


def _parts(package: Package, own: dict[str, Json], parts: list[str]) -> Iterator[Finding]:
    """Every file but those that tell of the crate is a part of it, with its hash and size."""
    apart = {CRATE, SUMS, ABOUT, BODY, name_of(package)}
    for name, data in package.files.items():
        if name in apart:
            continue
        entity = own.get(name)
        said_ = (dig(entity, "@type"), dig(entity, "sha256"), dig(entity, "contentSize"))
        if name not in parts or said_ != ("File", sha256(data), str(len(data))):
            yield missing(CRATE, f"{name} is no part, or has another sha256", sha256(data))
    for name in parts:
        if name not in package.files:
            yield missing(CRATE, f"the part {shown(name)}", "a file of the release")


def _nowhere(own: dict[str, Json]) -> Iterator[Finding]:
    """What points to an entity of the crate that is not there, or to a page of the web without a scheme."""
    for entity in own.values():
        for value in entity.values():
            for where in all_said(value if isinstance(value, list) else [value], "@id"):
                if where and where not in own and not where.startswith(("http://", "https://")):
                    yield missing(CRATE, f"{entity['@id']} points to {where}", "an entity of the crate")
