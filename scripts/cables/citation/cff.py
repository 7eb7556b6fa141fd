"""The package in Citation File Format 1.2.0: CITATION.cff, in YAML 1.2."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from cables.citation.common import ORCID, Described, known, rights
from cables.descriptor import Agent, Package, Work
from cables.schemas import Json

# What CFF writes for a work without a known author.
ANONYMOUS = "anonymous"
# Where CFF has the name of an author whose kind is known; of another, it has one `name`.
NAMED_BY = {"person": "family-names"}


def cff(given: Described) -> Json:
    """The package in Citation File Format 1.2.0; the sources are among its references.

    `license` is that of the data: the format takes a list for a choice, so the others stand in `message`.
    """
    package = given.package
    contacts = [_agent(agent) for agent in _playing(package, "contact")]
    return {
        "cff-version": "1.2.0",
        "message": f"Please cite the version that you used. {rights(package)}",
        "type": "dataset",
        "title": package.title,
        "version": package.version,
        "date-released": package.created,
        "authors": [_agent(agent) for agent in package.creators],
        **known(contact=contacts),
        "abstract": package.description,
        "keywords": list(package.keywords),
        "license": package.license("data").name,
        **_identifiers(package),
        "references": [_source(given, source) for source in package.sources],
    }


def _playing(package: Package, role: str) -> list[Agent]:
    return [agent for agent in package.contributors if agent.role == role]


def _agent(agent: Agent) -> Json:
    if agent.kind == "person" and agent.family_name and agent.given_name:
        names = {"family-names": agent.family_name, "given-names": agent.given_name}
        return {**names, **known(orcid=ORCID + agent.orcid if agent.orcid else None)}
    return {"name": agent.name, **known(website=agent.ror)}


def _identifiers(package: Package) -> Json:
    if not package.doi.version:
        return {}
    named = [("This version", package.doi.version), ("All versions", package.doi.concept)]
    listed = [
        {"type": "doi", "value": value, "description": description} for description, value in named if value
    ]
    return {"doi": package.doi.version, "identifiers": listed}


def _source(given: Described, source: Work) -> Json:
    record = _row(given.frames["records"], record_id=source.record_id) or {}
    statement = given.package.license("text")
    translators, distributors = (
        [agent for agent in _playing(given.package, role) if agent.played_for(source)]
        for role in ("translator", "distributor")
    )
    return {
        "type": "historical-work",
        "title": source.title,
        "authors": _authors(given, source.record_id) or [{"name": ANONYMOUS}],
        **known(translators=[_agent(agent) for agent in translators]),
        **_year_and_month(record.get("date_edtf")),
        "languages": list(given.package.languages),
        **known(**{"collection-title": record.get("collection")}),
        **known(database=", ".join(agent.name for agent in distributors)),
        "url": source.path,
        "copyright": f"{statement.title} <{statement.path}>",
    }


def _row(frame: pl.DataFrame, **values: str | None) -> Json | None:
    found = frame.filter(**values) if all(values.values()) else frame.clear()
    return found.row(0, named=True) if found.height else None


def _authors(given: Described, record_id: str | None) -> list[Json]:
    """Who signed the outermost document of a record, as the entities name them or else the texts do."""
    document = _row(
        given.frames["documents"].filter(pl.col("parent_document_id").is_null()), record_id=record_id
    )
    if document is None:
        return []
    signed = given.frames["senders"].filter(
        document_id=document["document_id"], capacity="signatory", record_id=record_id
    )
    return [author for row in signed.iter_rows(named=True) if (author := _author(given, row))]


def _author(given: Described, sender: Json) -> Json | None:
    """A sender; the name of a person is not taken apart, since nobody said which part of it is which."""
    entity = _row(given.frames["entities"], entity_id=sender["entity_id"]) or {}
    name = entity.get("label") or sender["name_translation"] or sender["name_original"]
    return {NAMED_BY.get(entity.get("kind", ""), "name"): name} if name else None


def _year_and_month(date: str | None) -> Json:
    found = re.match(r"(\d{4})(?:-(\d{2}))?", date or "")
    if found is None:
        return {}
    return {"year": int(found[1]), **known(month=int(found[2]) if found[2] else None)}


def yaml_bytes(value: Json) -> bytes:
    """A tree of mappings, lists, strings and integers as YAML, every string quoted."""
    return "".join(f"{line}\n" for line in _yaml(value)).encode()


def _yaml(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(inner, (Mapping, list)):
                yield f"{key}:"
                yield from (f"  {line}" for line in _yaml(inner))
            else:
                yield f"{key}: {_yaml_scalar(inner)}"
    elif isinstance(value, list):
        for inner in value:
            marks = iter(("- ",))
            yield from (f"{next(marks, '  ')}{line}" for line in _yaml(inner))
    else:
        yield _yaml_scalar(value)


def _yaml_scalar(value: str | int) -> str:
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else f"\\U{ord(sign):08x}" for sign in quoted)
