"""The package as an RO-Crate 1.2: ro-crate-metadata.json, in JSON-LD 1.1."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from urllib.parse import quote

from cables import descriptor
from cables.citation.common import (
    COVERED,
    RO_CRATE,
    Described,
    doi_address,
    one_or_all,
    sha256,
)
from cables.citation.schemaorg import agent_address, by_role, schema_agent
from cables.descriptor import Agent, License, Work
from cables.holdings import DATA_AND_TEXT, held, media_type
from cables.schemas import Json, Table

VERSION = "https://w3id.org/ro/crate/1.2"
# What the files are that are no tables, by where they stand; the first that fits.
PURPOSES = {
    "data/curation/": "Decisions of a person about records, an authored table.",
    "data/exports/": "The texts and their links, for other tools.",
    "data/json/": "A record and everything read from it, nested.",
    "data/raw/": "The archive's export, byte for byte.",
    "data/vocabulary/": "What any such document may say, an authored table.",
    "docs/": "A page made from the data.",
    "metadata/": "A description of the package.",
    "schemas/authored/": "The Table Schema of an authored table.",
    "schemas/tables/": "The Table Schema of a published table.",
    "schemas/": "The JSON Schema of an authored file.",
    "": "A description of the package.",
}


def ro_crate(given: Described, files: Mapping[str, bytes]) -> Json:
    """The package as an RO-Crate 1.2: every file with its hash, and the action that made it.

    The action names the tool, the locked environment and the inputs, but no time, place or person.
    """
    package = given.package
    crate = _Crate(given, files)
    root = {
        "@id": "./",
        "@type": "Dataset",
        **crate.identifier(),
        "name": package.title,
        "description": package.description,
        "version": package.version,
        "datePublished": package.created,
        "license": [crate.license(package.license(kind)) for kind in ("data", "text")],
        "creator": [crate.agent(agent) for agent in package.creators],
        **crate.roles(),
        "publisher": crate.agent(Agent(package.publisher, "organisation", "publisher")),
        "keywords": list(package.keywords),
        "inLanguage": given.languages,
        "temporalCoverage": package.coverage,
        "isBasedOn": [crate.work(one, **crate.roles(one)) for one in package.sources],
        "citation": [crate.work(one) for one in package.related],
        "hasPart": [crate.file(path) for path in files],
        "mentions": [crate.action()],
    }
    about = {
        "@id": RO_CRATE,
        "@type": "CreativeWork",
        "name": "RO-Crate metadata",
        "about": {"@id": "./"},
        "conformsTo": {"@id": VERSION},
    }
    return {
        "@context": f"{VERSION}/context",
        "@graph": [about, _compact(root), *crate.entities.values()],
    }


def _compact(entity: Json) -> Json:
    """An entity as RO-Crate wants it: one value without a list, and no list of none."""
    return {
        name: one_or_all(value) if isinstance(value, list) else value
        for name, value in entity.items()
        if value != []
    }


class _Crate:
    """The entities of a crate, each made when something first points to it."""

    def __init__(self, given: Described, files: Mapping[str, bytes]) -> None:
        self.given = given
        self.files = files
        self.entities: dict[str, Json] = {}
        self.tables = {path: one for one in given.tables for path in _paths_of(one)}

    def add(self, entity: Json) -> Json:
        """Keeps an entity and gives what points to it."""
        self.entities.setdefault(entity["@id"], _compact(entity))
        return {"@id": entity["@id"]}

    def identifier(self) -> Json:
        address = doi_address(self.given.package)
        if address is None:
            return {}
        value = {
            "propertyID": "https://registry.identifiers.org/registry/doi",
            "value": address,
            "url": address,
        }
        name = f"DOI of version {self.given.package.version}"
        return {"identifier": self.add({"@id": address, "@type": "PropertyValue", "name": name, **value})}

    def license(self, one: License) -> Json:
        description = {"description": f"For the {COVERED[one.covers]}."}
        return self.add({"@id": one.path, "@type": "CreativeWork", "name": one.title, **description})

    def agent(self, agent: Agent) -> Json:
        own = re.sub(r"[^a-z0-9]+", "-", agent.name.lower()).strip("-")
        return self.add({**schema_agent(agent), "@id": agent_address(agent) or f"#{own}"})

    def roles(self, source: Work | None = None) -> Json:
        found: dict[str, list[Json]] = {}
        for name, agent in by_role(self.given.package, source):
            found.setdefault(name, []).append(self.agent(agent))
        return found

    def work(self, one: Work, **roles: Json) -> Json:
        return self.add({"@id": one.path, "@type": "CreativeWork", "name": one.title, **roles})

    def file(self, path: str) -> Json:
        data, table = self.files[path], self.tables.get(path)
        place = self.given.place(path)
        name, purpose = place, next(words for start, words in PURPOSES.items() if path.startswith(start))
        if table:
            form = posixpath.splitext(path)[1][1:]
            name, purpose = f"{table.schema['title']} ({form})", table.schema["description"]
        return self.add(
            {
                "@id": quote(place),
                "@type": "File",
                "name": name,
                "description": purpose,
                "encodingFormat": media_type(path),
                "contentSize": str(len(data)),
                "sha256": sha256(data),
                **self.file_license(path),
            }
        )

    def file_license(self, path: str) -> Json:
        """The licence of a file that does not hold both kinds of content, as the whole package does."""
        table = self.tables.get(path)
        kinds = held(path, quotes=table is not None and table.quotes)
        if kinds == DATA_AND_TEXT:
            return {}
        return {"license": [self.license(self.given.package.license(kind)) for kind in kinds]}

    def input(self, path: str, data: bytes, name: str) -> Json:
        """An input: the file itself where the package holds it, else its name and hash."""
        if path in self.files:
            return self.file(path)
        known = {"encodingFormat": media_type(path), "sha256": sha256(data)}
        return self.add({"@id": f"#{quote(path)}", "@type": "CreativeWork", "name": name, **known})

    def action(self) -> Json:
        given, made = self.given, self.given.provenance
        tool = {
            "@id": "#tool",
            # RO-Crate takes no source code that is not a file; one with a `#` need not be in the crate.
            "@type": ["File", "SoftwareSourceCode"],
            "name": made.tool,
            "description": "The workflow that makes the package.",
            "version": made.version,
            "encodingFormat": "text/x-python",
            "license": self.license(given.package.license("code")),
        }
        lock = self.input(made.environment_path, made.environment, "The locked environment of the workflow")
        return self.add(
            {
                "@id": "#build",
                "@type": "CreateAction",
                "name": "The build of the package",
                "instrument": [self.add(tool), lock],
                "object": [self.input(path, data, path) for path, data in made.inputs.items()],
                "result": [self.file(path) for path in self.files if path not in made.inputs],
            }
        )


def _paths_of(table: Table) -> tuple[str, str]:
    return descriptor.csv_path(table.name), descriptor.parquet_path(table.name)
