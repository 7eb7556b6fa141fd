"""What the citation files have in common: where they stand, what they are made from, and the words for it.

Of no one standard: each of the modules beside this one writes its own and says which.
"""

from __future__ import annotations

import hashlib
import html
import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import polars as pl

from cables import descriptor, ids
from cables.descriptor import DOI, Agent, License, Package, Work
from cables.schemas import Json, Table

CFF = "CITATION.cff"
ZENODO = ".zenodo.json"
RO_CRATE = "ro-crate-metadata.json"
DATACITE_JSON = "metadata/datacite.json"
DATACITE_XML = "metadata/datacite.xml"
CROISSANT = "metadata/croissant.json"
SCHEMA_ORG = "metadata/schemaorg.jsonld"
RIS = "metadata/citation.ris"
BIBTEX = "metadata/citation.bib"
CSL = "metadata/citation.csl.json"
INVENIO = "metadata/inveniordm.json"
# All of them, by built path.
MADE = (
    CFF,
    ZENODO,
    RO_CRATE,
    DATACITE_JSON,
    DATACITE_XML,
    CROISSANT,
    SCHEMA_ORG,
    RIS,
    BIBTEX,
    CSL,
    INVENIO,
)
ORCID = "https://orcid.org/"
# What each licence is for, as a sentence names it.
COVERED = {
    "data": "structure, annotation and alignment",
    "text": "quoted text",
    "code": "code that makes the package",
}


@dataclass(frozen=True, slots=True)
class Role:
    """How the fields call a role of package.toml; `of_source`: played for the source, not for the data."""

    datacite: str
    invenio: str
    zenodo: str
    schema_org: str
    of_source: bool


# The legacy form of Zenodo knows no translator.
ROLES = {
    "translator": Role("Translator", "translator", "Other", "translator", True),
    "distributor": Role("Distributor", "distributor", "Distributor", "provider", True),
    "sponsor": Role("Sponsor", "sponsor", "Sponsor", "sponsor", True),
    "editor": Role("Editor", "editor", "Editor", "editor", False),
    "data curator": Role("DataCurator", "datacurator", "DataCurator", "contributor", False),
    "contact": Role("ContactPerson", "contactperson", "ContactPerson", "contributor", False),
}


@dataclass(frozen=True, slots=True)
class Relation:
    """How the fields call a relation to another work."""

    datacite: str
    invenio: str
    zenodo: str


RELATIONS = {
    "is_derived_from": Relation("IsDerivedFrom", "isderivedfrom", "isDerivedFrom"),
    "references": Relation("References", "references", "references"),
}


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a package is made with and from: the tool, the lock of its environment, the input files."""

    tool: str
    version: str
    environment_path: str
    environment: bytes
    inputs: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Described:
    """All that the files of this module are made from; `place` says where a built path stands."""

    package: Package
    tables: Sequence[Table]
    frames: Mapping[str, pl.DataFrame]
    files: Mapping[str, bytes]
    record_ids: Sequence[str]
    provenance: Provenance
    place: Callable[[str], str]

    @property
    def languages(self) -> list[str]:
        """The languages of the texts (BCP 47), in the order in which the texts come."""
        found: list[str | None] = self.frames["paragraphs"]["language"].unique(maintain_order=True).to_list()
        return [language for language in found if language]

    def beside(self, path: str, reader: str) -> str:
        """The address of a file as another file of the package writes it."""
        folder = posixpath.dirname(self.place(reader)) or "."
        return quote(posixpath.relpath(self.place(path), folder))


def doi_address(package: Package) -> str | None:
    """The address of this version's DOI; None while there is none."""
    return DOI + package.doi.version if package.doi.version else None


def inverted(agent: Agent) -> str:
    """A name as catalogues sort it: `Family, Given` for a person of whom both are known."""
    if agent.kind == "person" and agent.family_name and agent.given_name:
        return f"{agent.family_name}, {agent.given_name}"
    return agent.name


def rights(package: Package) -> str:
    """What may be done with the parts of the package, in one paragraph."""
    return " ".join(
        f"{COVERED[one.covers].capitalize()}: {one.title} <{one.path}>." for one in licenses(package)
    )


def cite_as(package: Package) -> str:
    """The package as a list of references has it."""
    who = "; ".join(inverted(agent) for agent in package.creators)
    year = package.created[:4]
    where = doi_address(package)
    cited = f"{who} ({year}). {package.title} (Version {package.version}) [Data set]. {package.publisher}."
    return f"{cited} {where}" if where else cited


def paragraph(text: str) -> str:
    """Text as the HTML that a repository takes."""
    return f"<p>{html.escape(' '.join(text.split()), quote=False)}</p>"


def licenses(package: Package) -> list[License]:
    """Every licence of the package: of its data, its text and its code."""
    return [package.license(kind) for kind in ("data", "text", "code")]


def works(package: Package) -> list[Work]:
    """Every work that the package has to do with, its sources first."""
    return [*package.sources, *package.related]


def license_id(one: License) -> str | None:
    """A licence as Zenodo's vocabulary has it: the SPDX identifier in small letters."""
    return one.name.lower() if one.name else None


def data_files(given: Described) -> Iterator[tuple[str, str, bytes]]:
    """The files that hold the data, each with a name of its own: tables twice, then records and sources."""
    paths = [
        *((f"{table.name}-csv", descriptor.csv_path(table.name)) for table in given.tables),
        *((f"{table.name}-parquet", descriptor.parquet_path(table.name)) for table in given.tables),
        *((f"record-{one.lower()}", descriptor.json_path(one)) for one in given.record_ids),
        *((f"source-{one.lower()}", ids.raw_path(one)) for one in given.record_ids),
    ]
    return ((name, path, given.files[path]) for name, path in paths if path in given.files)


def sha256(data: bytes) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def known(**values: Any) -> Json:
    """The values that there are."""
    return {name: value for name, value in values.items() if value not in (None, [], "")}


def one_or_all(values: Sequence[Any]) -> Any:
    """One value without a list, or else the list."""
    return values[0] if len(values) == 1 else list(values)
