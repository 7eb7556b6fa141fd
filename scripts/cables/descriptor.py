"""Frames and package.toml → datapackage.json."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from cables import exports, ids
from cables.holdings import held, media_type
from cables.schemas import Json, Table

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
DOI = "https://doi.org/"
# How package.toml's roles are called by those who read a Data Package.
CREATOR = "creator"


@dataclass(frozen=True, slots=True)
class License:
    """A licence or rights statement and what it covers: `code`, `data` or `text`."""

    covers: str
    title: str
    path: str
    name: str | None = None

    @property
    def described(self) -> Json:
        """As a Data Package names it."""
        name = {"name": self.name} if self.name else {}
        return {**name, "path": self.path, "title": self.title}


@dataclass(frozen=True, slots=True)
class Agent:
    """A person or organisation that took part, and in what role; for one source, if that is named."""

    name: str
    kind: str
    role: str
    given_name: str | None = None
    family_name: str | None = None
    part: str | None = None
    orcid: str | None = None
    ror: str | None = None
    record_id: str | None = None

    def played_for(self, source: Work) -> bool:
        """Whether it played its role for a source: for the one that it names, or else for every one."""
        return self.record_id is None or self.record_id == source.record_id

    @property
    def described(self) -> Json:
        """As a Data Package names it."""
        names = {"givenName": self.given_name, "familyName": self.family_name}
        known = {key: value for key, value in names.items() if value}
        return {"title": self.name, **known, "roles": [self.role]}


@dataclass(frozen=True, slots=True)
class Work:
    """A source or related work."""

    title: str
    path: str
    relation: str
    record_id: str | None = None


@dataclass(frozen=True, slots=True)
class Doi:
    """The DOIs of this version and of all versions; None until reserved."""

    version: str | None
    concept: str | None
    record: str | None
    server: str | None


@dataclass(frozen=True, slots=True)
class Package:
    """What package.toml says: the one description of the package."""

    name: str
    title: str
    version: str
    created: str
    description: str
    keywords: tuple[str, ...]
    languages: tuple[str, ...]
    coverage: str
    publisher: str
    creators: tuple[Agent, ...]
    contributors: tuple[Agent, ...]
    licenses: tuple[License, ...]
    sources: tuple[Work, ...]
    related: tuple[Work, ...]
    doi: Doi

    def license(self, covers: str) -> License:
        """The licence of one kind of content."""
        return next(one for one in self.licenses if one.covers == covers)


def package(described: Mapping[str, Any]) -> Package:
    """The package that a package.toml of the right form (schemas/package.schema.json) describes."""
    return Package(
        name=described["name"],
        title=described["title"],
        version=described["version"],
        created=described["created"],
        description=described["description"].strip(),
        keywords=tuple(described["keywords"]),
        languages=tuple(described["languages"]),
        coverage=described["coverage"],
        publisher=described["publisher"],
        creators=tuple(_agent(one, CREATOR) for one in described["creators"]),
        contributors=tuple(_agent(one, one["role"]) for one in described["contributors"]),
        licenses=tuple(
            License(one["covers"], one["title"], one["path"], one.get("name"))
            for one in described["licenses"]
        ),
        sources=tuple(_work(one) for one in described["sources"]),
        related=tuple(_work(one) for one in described["related"]),
        doi=Doi(
            **{part: described["doi"][part] or None for part in ("version", "concept", "record", "server")}
        ),
    )


def _agent(one: Mapping[str, Any], role: str) -> Agent:
    return Agent(
        name=one["name"],
        kind=one["kind"],
        role=role,
        given_name=one.get("given_name"),
        family_name=one.get("family_name"),
        part=one.get("for"),
        orcid=one.get("orcid"),
        ror=one.get("ror"),
        record_id=one.get("record_id"),
    )


def _work(one: Mapping[str, Any]) -> Work:
    return Work(one["title"], one["path"], one["relation"], one.get("record_id"))


# --- datapackage.json --------------------------------------------------------------------------------


def datapackage(
    described: Package,
    tables: Sequence[Table],
    frames: Mapping[str, pl.DataFrame],
    files: Mapping[str, bytes],
    record_ids: Sequence[str],
) -> Json:
    """The descriptor (Data Package 2.0). `files` are the package's files by path; nothing is read here."""
    doi = {"id": DOI + described.doi.version} if described.doi.version else {}
    return {
        "$schema": PROFILE,
        **doi,
        "name": described.name,
        "title": described.title,
        "description": described.description,
        "version": described.version,
        # The standard wants a date with a time; package.toml knows the day only.
        "created": f"{described.created}T00:00:00Z",
        "keywords": list(described.keywords),
        "licenses": [described.license(kind).described for kind in ("data", "text")],
        "contributors": [one.described for one in (*described.creators, *described.contributors)],
        "sources": [{"title": one.title, "path": one.path} for one in described.sources],
        "resources": [
            *(_csv(described, table, frames[table.name], files) for table in tables),
            *(_parquet(described, table, frames[table.name], files) for table in tables),
            *(_json(described, record_id, files) for record_id in record_ids),
            *(_export(described, path, files) for path in sorted(files) if path.startswith(exports.FOLDER)),
            *(_source(described, record_id, files) for record_id in record_ids),
        ],
    }


def csv_path(table: str) -> str:
    """Where a table's CSV stands in the package."""
    return f"data/csv/{table}.csv"


def parquet_path(table: str) -> str:
    """Where a table's Parquet file stands in the package."""
    return f"data/parquet/{table}.parquet"


def json_path(record_id: str) -> str:
    """Where a record's JSON stands in the package."""
    return f"data/json/{record_id}.json"


def sha256(data: bytes) -> str:
    """The hash of a file as a descriptor gives it."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _of_kind(described: Package, path: str, quotes: bool = False) -> Json:
    """The media type and the licences of a file."""
    return {
        "mediatype": media_type(path),
        "licenses": [described.license(kind).described for kind in held(path, quotes)],
    }


def _csv(described: Package, table: Table, frame: pl.DataFrame, files: Mapping[str, bytes]) -> Json:
    path = csv_path(table.name)
    return {
        "name": table.name,
        "type": "table",
        "title": table.schema["title"],
        "description": table.schema["description"],
        "path": path,
        "scheme": "file",
        "format": "csv",
        "encoding": "utf-8",
        "dialect": {"lineTerminator": "\n"},
        "schema": f"schemas/tables/{table.name}.json",
        "bytes": len(files[path]),
        "hash": sha256(files[path]),
        "rows": frame.height,
        **_of_kind(described, path, quotes=table.quotes),
    }


def _parquet(described: Package, table: Table, frame: pl.DataFrame, files: Mapping[str, bytes]) -> Json:
    path = parquet_path(table.name)
    # No `bytes`: frictionless compares it with nothing for a Parquet table and calls a right one wrong.
    return {
        "name": f"{table.name}-parquet",
        "type": "table",
        "title": f"{table.schema['title']} (Parquet)",
        "description": f"The rows of `{table.name}`, typed.",
        "path": path,
        "scheme": "file",
        "format": "parquet",
        "schema": f"schemas/tables/{table.name}.json",
        "hash": sha256(files[path]),
        "rows": frame.height,
        **_of_kind(described, path, quotes=table.quotes),
    }


def _json(described: Package, record_id: str, files: Mapping[str, bytes]) -> Json:
    path = json_path(record_id)
    return {
        "name": f"record-{record_id.lower()}",
        "title": f"Record {record_id}, nested",
        "description": "One record and everything read from it; see record.schema.json.",
        "path": path,
        "scheme": "file",
        "format": "json",
        "encoding": "utf-8",
        "bytes": len(files[path]),
        "hash": sha256(files[path]),
        **_of_kind(described, path),
    }


def _export(described: Package, path: str, files: Mapping[str, bytes]) -> Json:
    record_id, extension = path.removeprefix(exports.FOLDER).rsplit(".", 1)
    form = "TMX 1.4" if extension == "tmx" else "Moses"
    return {
        "name": f"pairs-{record_id.lower()}-{extension}",
        "title": f"Pairs of record {record_id} ({form}, .{extension})",
        "description": "The sentence pairs of prose and the unit pairs of all else that have both sides.",
        "path": path,
        "scheme": "file",
        "format": extension,
        "encoding": "utf-8",
        "bytes": len(files[path]),
        "hash": sha256(files[path]),
        **_of_kind(described, path),
    }


def _source(described: Package, record_id: str, files: Mapping[str, bytes]) -> Json:
    path = ids.raw_path(record_id)
    return {
        "name": f"source-{record_id.lower()}",
        "title": f"Source of record {record_id}",
        "description": "The archive's export, byte for byte.",
        "path": path,
        "scheme": "file",
        "format": "txt",
        "encoding": "utf-8",
        "bytes": len(files[path]),
        "hash": sha256(files[path]),
        **_of_kind(described, path),
    }


def json_bytes(value: Any) -> bytes:
    """JSON as this package writes it: UTF-8, two spaces, one line feed at the end."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
