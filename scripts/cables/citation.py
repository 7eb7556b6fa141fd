"""Package → the files by which others cite and find it, each in the form of its own field.

Everything here follows from package.toml, the tables and the files themselves; nothing is looked up and no
clock is read: `created` is the only date. No DOI stands anywhere while package.toml has none.
"""

from __future__ import annotations

import hashlib
import html
import json
import posixpath
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import polars as pl

from cables import descriptor
from cables.descriptor import DOI, Agent, License, Package, Work, json_bytes
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
SPDX = "https://spdx.org/licenses/"
RO_CRATE_VERSION = "https://w3id.org/ro/crate/1.2"
DATACITE_SCHEMA = "http://datacite.org/schema/kernel-4"
DATACITE_XSD = "https://schema.datacite.org/meta/kernel-4.6/metadata.xsd"
XML_SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
# What DataCite writes where a value was not assigned (Metadata Schema 4.6, appendix 3).
UNASSIGNED = "(:unas)"
# What CFF writes for a work without a known author.
ANONYMOUS = "anonymous"

# What each licence is for, as a sentence names it.
COVERED = {
    "data": "structure, annotation and alignment",
    "text": "quoted text",
    "code": "code that makes the package",
}
FORMATS = {
    ".bib": "application/x-bibtex",
    ".cff": "application/yaml",
    ".csv": "text/csv",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".lock": "text/plain",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".ris": "application/x-research-info-systems",
    ".tmx": "application/x-tmx+xml",
    ".toml": "application/toml",
    ".txt": "text/plain",
    ".xml": "application/xml",
}
# The texts by sentence end in the code of their language, of which there is no list.
PLAIN = "text/plain"
# Folders whose files quote the archive's text, besides the tables that do.
QUOTING_FOLDERS = ("data/curation/", "data/exports/", "data/json/", "docs/")
SOURCE_FOLDER = "data/raw/"
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


def unmoved(path: str) -> str:
    """Where a file stands in a package that has the folders of the build."""
    return path


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


def citation_files(
    package: Package,
    tables: Sequence[Table],
    frames: Mapping[str, pl.DataFrame],
    files: Mapping[str, bytes],
    record_ids: Sequence[str],
    provenance: Provenance,
    place: Callable[[str], str] = unmoved,
) -> dict[str, bytes]:
    """The citation and discovery files by built path.

    `files` are the files of the package by built path, older ones of these passed over; `place` says where each stands, which is
    elsewhere in a flat release. Of `provenance.inputs` those that are among `files` are pointed to, the
    others named with their hash.
    """
    others = {path: data for path, data in files.items() if path not in MADE}
    given = Described(package, tables, frames, others, record_ids, provenance, place)
    about = datacite(given)
    made = {
        CFF: yaml_bytes(cff(given)),
        ZENODO: json_bytes(zenodo(package)),
        DATACITE_JSON: json_bytes(about),
        DATACITE_XML: datacite_xml(about),
        CROISSANT: json_bytes(croissant(given)),
        SCHEMA_ORG: json_bytes(schema_org(given)),
        RIS: ris(package).encode(),
        BIBTEX: bibtex(package).encode(),
        CSL: json_bytes([csl(package)]),
        INVENIO: json_bytes(invenio(package)),
    }
    return {**made, RO_CRATE: json_bytes(ro_crate(given, {**others, **made}))}


# --- what the fields have in common ------------------------------------------------------------------


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
    kinds = ("data", "text", "code")
    return " ".join(
        f"{COVERED[kind].capitalize()}: {package.license(kind).title} <{package.license(kind).path}>."
        for kind in kinds
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


def _licenses(package: Package) -> list[License]:
    return [package.license(kind) for kind in ("data", "text", "code")]


def _works(package: Package) -> list[Work]:
    return [*package.sources, *package.related]


def _known(**values: Any) -> Json:
    """The values that there are."""
    return {name: value for name, value in values.items() if value not in (None, [], "")}


def _one_or_all(values: Sequence[Any]) -> Any:
    return values[0] if len(values) == 1 else list(values)


# --- CITATION.cff ------------------------------------------------------------------------------------


def cff(given: Described) -> Json:
    """The package in Citation File Format 1.2.0; the sources are among its references.

    `license` is that of the data: the format takes a list for a choice, so the others stand in `message`.
    """
    package = given.package
    contacts = [_cff_agent(agent) for agent in package.contributors if agent.role == "contact"]
    return {
        "cff-version": "1.2.0",
        "message": f"Please cite the version that you used. {rights(package)}",
        "type": "dataset",
        "title": package.title,
        "version": package.version,
        "date-released": package.created,
        "authors": [_cff_agent(agent) for agent in package.creators],
        **_known(contact=contacts),
        "abstract": package.description,
        "keywords": list(package.keywords),
        "license": package.license("data").name,
        **_cff_identifiers(package),
        "references": [_cff_source(given, source) for source in package.sources],
    }


def _cff_agent(agent: Agent) -> Json:
    if agent.kind == "person" and agent.family_name and agent.given_name:
        names = {"family-names": agent.family_name, "given-names": agent.given_name}
        return {**names, **_known(orcid=ORCID + agent.orcid if agent.orcid else None)}
    return {"name": agent.name, **_known(website=agent.ror)}


def _cff_identifiers(package: Package) -> Json:
    if not package.doi.version:
        return {}
    named = [("This version", package.doi.version), ("All versions", package.doi.concept)]
    listed = [
        {"type": "doi", "value": value, "description": description} for description, value in named if value
    ]
    return {"doi": package.doi.version, "identifiers": listed}


def _cff_source(given: Described, source: Work) -> Json:
    record = _row(given.frames["records"], record_id=source.record_id) or {}
    people = {role: [a for a in given.package.contributors if a.role == role] for role in ROLES}
    statement = given.package.license("text")
    return {
        "type": "historical-work",
        "title": source.title,
        "authors": [{"name": name} for name in _authors(given, source.record_id) or [ANONYMOUS]],
        **_known(translators=[_cff_agent(agent) for agent in people["translator"]]),
        **_year_and_month(record.get("date_edtf")),
        "languages": list(given.package.languages),
        **_known(**{"collection-title": record.get("collection")}),
        **_known(database=", ".join(agent.name for agent in people["distributor"])),
        "url": source.path,
        "copyright": f"{statement.title} <{statement.path}>",
    }


def _row(frame: pl.DataFrame, **values: str | None) -> Json | None:
    found = frame.filter(**values) if all(values.values()) else frame.clear()
    return found.row(0, named=True) if found.height else None


def _authors(given: Described, record_id: str | None) -> list[str]:
    """Who signed the outermost document of a record, as the entities name them or else the texts do."""
    document = _row(
        given.frames["documents"].filter(pl.col("parent_document_id").is_null()), record_id=record_id
    )
    if document is None:
        return []
    signed = given.frames["senders"].filter(
        document_id=document["document_id"], capacity="signatory", record_id=record_id
    )
    return [name for row in signed.iter_rows(named=True) if (name := _name_of(given, row))]


def _name_of(given: Described, sender: Json) -> str | None:
    entity = _row(given.frames["entities"], entity_id=sender["entity_id"]) or {}
    name: str | None = entity.get("label") or sender["name_translation"] or sender["name_original"]
    return name


def _year_and_month(date: str | None) -> Json:
    found = re.match(r"(\d{4})(?:-(\d{2}))?", date or "")
    if found is None:
        return {}
    return {"year": int(found[1]), **_known(month=int(found[2]) if found[2] else None)}


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


# --- Zenodo and InvenioRDM ---------------------------------------------------------------------------


def zenodo(package: Package) -> Json:
    """.zenodo.json, the legacy deposit metadata of Zenodo, which knows one licence and one language."""
    played = "; ".join(f"{agent.role}: {agent.name}" for agent in package.contributors)
    return {
        "upload_type": "dataset",
        "title": package.title,
        "description": paragraph(package.description),
        "publication_date": package.created,
        "version": package.version,
        "creators": [_zenodo_agent(agent) for agent in package.creators],
        "contributors": [
            {**_zenodo_agent(agent), "type": ROLES[agent.role].zenodo} for agent in package.contributors
        ],
        "access_right": "open",
        "license": _license_id(package.license("data")),
        "language": package.languages[0],
        "keywords": list(package.keywords),
        "related_identifiers": [
            {"identifier": work.path, "relation": RELATIONS[work.relation].zenodo} for work in _works(package)
        ],
        "notes": paragraph(f"{rights(package)} Roles: {played}."),
        **_known(doi=package.doi.version),
    }


def _zenodo_agent(agent: Agent) -> Json:
    return {"name": inverted(agent), **_known(orcid=agent.orcid)}


def _license_id(one: License) -> str | None:
    """A licence as Zenodo's vocabulary has it: the SPDX identifier in small letters."""
    return one.name.lower() if one.name else None


def invenio(package: Package) -> Json:
    """The body that makes a draft over the InvenioRDM API (POST /api/records).

    The DOI itself is the server's to give (`pids`); here it stands in the words by which to cite.
    """
    notes = f"Cite as: {cite_as(package)} {rights(package)}"
    return {
        "access": {"record": "public", "files": "public"},
        "files": {"enabled": True},
        "metadata": {
            "resource_type": {"id": "dataset"},
            "title": package.title,
            "publication_date": package.created,
            "version": package.version,
            "publisher": package.publisher,
            "creators": [{"person_or_org": _invenio_agent(agent)} for agent in package.creators],
            "contributors": [
                {"person_or_org": _invenio_agent(agent), "role": {"id": ROLES[agent.role].invenio}}
                for agent in package.contributors
            ],
            "description": paragraph(package.description),
            "additional_descriptions": [{"description": paragraph(notes), "type": {"id": "notes"}}],
            "rights": [_invenio_right(one) for one in _licenses(package)],
            "subjects": [{"subject": keyword} for keyword in package.keywords],
            "languages": [{"id": language} for language in package.languages],
            "dates": [{"date": package.coverage, "type": {"id": "coverage"}}],
            "related_identifiers": [
                {
                    "identifier": work.path,
                    "scheme": "url",
                    "relation_type": {"id": RELATIONS[work.relation].invenio},
                }
                for work in _works(package)
            ],
        },
    }


def _invenio_agent(agent: Agent) -> Json:
    schemes = {"orcid": agent.orcid, "ror": agent.ror.rsplit("/", 1)[-1] if agent.ror else None}
    identifiers = [{"scheme": scheme, "identifier": value} for scheme, value in schemes.items() if value]
    if agent.kind == "person":
        family, first = agent.family_name or agent.name, agent.given_name
        return {
            "type": "personal",
            "family_name": family,
            **_known(given_name=first, identifiers=identifiers),
        }
    return {"type": "organizational", "name": agent.name, **_known(identifiers=identifiers)}


def _invenio_right(one: License) -> Json:
    """A licence by its id, which allows no further word, or else a statement in full."""
    if one.name:
        return {"id": _license_id(one)}
    return {
        "title": {"en": one.title},
        "description": {"en": f"This statement is for the {COVERED[one.covers]}."},
        "link": one.path,
    }


# --- DataCite ----------------------------------------------------------------------------------------


def datacite(given: Described) -> Json:
    """The package in the JSON form of the DataCite Metadata Schema 4.6."""
    package = given.package
    return {
        **_known(doi=package.doi.version),
        "schemaVersion": DATACITE_SCHEMA,
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Data package"},
        "creators": [_datacite_agent(agent) for agent in package.creators],
        "titles": [{"title": package.title, "lang": "en"}],
        "publisher": {"name": package.publisher},
        "publicationYear": package.created[:4],
        "subjects": [{"subject": keyword, "lang": "en"} for keyword in package.keywords],
        "contributors": [
            {**_datacite_agent(agent), "contributorType": ROLES[agent.role].datacite}
            for agent in package.contributors
        ],
        "dates": [
            {"date": package.created, "dateType": "Issued"},
            {"date": package.coverage, "dateType": "Coverage"},
        ],
        **_known(language=next(iter(given.languages), None)),
        "relatedIdentifiers": [
            {
                "relatedIdentifier": work.path,
                "relatedIdentifierType": "URL",
                "relationType": RELATIONS[work.relation].datacite,
            }
            for work in _works(package)
        ],
        "formats": sorted({FORMATS[ending] for ending in (".csv", ".json", ".parquet", ".txt")}),
        "version": package.version,
        "rightsList": [_datacite_right(one) for one in _licenses(package)],
        "descriptions": [
            {"description": package.description, "descriptionType": "Abstract", "lang": "en"},
            {"description": rights(package), "descriptionType": "Other", "lang": "en"},
        ],
    }


def _datacite_agent(agent: Agent) -> Json:
    orcid, ror = agent.orcid, agent.ror
    identifiers = [
        {"nameIdentifier": value, "nameIdentifierScheme": scheme, "schemeUri": address}
        for value, scheme, address in (
            (ORCID + orcid if orcid else None, "ORCID", ORCID),
            (ror, "ROR", "https://ror.org/"),
        )
        if value
    ]
    kind = "Personal" if agent.kind == "person" else "Organizational"
    names = _known(givenName=agent.given_name, familyName=agent.family_name)
    return {"name": inverted(agent), "nameType": kind, **names, **_known(nameIdentifiers=identifiers)}


def _datacite_right(one: License) -> Json:
    scheme = (
        {"rightsIdentifier": one.name, "rightsIdentifierScheme": "SPDX", "schemeUri": SPDX}
        if one.name
        else {}
    )
    return {"rights": one.title, "rightsUri": one.path, **scheme, "lang": "en"}


def datacite_xml(about: Json) -> bytes:
    """The XML form of what `datacite` gives. Without a DOI the identifier says that none was assigned."""
    root = ElementTree.Element(
        "resource",
        {
            "xmlns": DATACITE_SCHEMA,
            "xmlns:xsi": XML_SCHEMA_INSTANCE,
            "xsi:schemaLocation": f"{DATACITE_SCHEMA} {DATACITE_XSD}",
        },
    )
    _element(root, "identifier", about.get("doi", UNASSIGNED), identifierType="DOI")
    for creator in _inside(root, "creators", about["creators"]):
        _xml_agent(*creator, "creator")
    for parent, title in _inside(root, "titles", about["titles"]):
        _element(parent, "title", title["title"], **_attributes(title, "title"))
    _element(root, "publisher", about["publisher"]["name"])
    _element(root, "publicationYear", about["publicationYear"])
    kind = about["types"]
    _element(root, "resourceType", kind["resourceType"], resourceTypeGeneral=kind["resourceTypeGeneral"])
    for parent, subject in _inside(root, "subjects", about["subjects"]):
        _element(parent, "subject", subject["subject"], **_attributes(subject, "subject"))
    for contributor in _inside(root, "contributors", about["contributors"]):
        _xml_agent(*contributor, "contributor")
    for parent, date in _inside(root, "dates", about["dates"]):
        _element(parent, "date", date["date"], **_attributes(date, "date"))
    if "language" in about:
        _element(root, "language", about["language"])
    for parent, work in _inside(root, "relatedIdentifiers", about["relatedIdentifiers"]):
        _element(
            parent, "relatedIdentifier", work["relatedIdentifier"], **_attributes(work, "relatedIdentifier")
        )
    for parent, form in _inside(root, "formats", about["formats"]):
        _element(parent, "format", form)
    _element(root, "version", about["version"])
    for parent, right in _inside(root, "rightsList", about["rightsList"]):
        _element(parent, "rights", right["rights"], **_attributes(right, "rights"))
    for parent, text in _inside(root, "descriptions", about["descriptions"]):
        _element(parent, "description", text["description"], **_attributes(text, "description"))
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'.encode()


# Attributes that the two forms write differently.
_XML_NAMES = {"lang": "xml:lang", "schemeUri": "schemeURI", "rightsUri": "rightsURI"}


def _attributes(one: Json, text: str) -> dict[str, str]:
    return {_XML_NAMES.get(name, name): value for name, value in one.items() if name != text}


def _inside(
    root: ElementTree.Element, name: str, values: Iterable[Any]
) -> Iterator[tuple[ElementTree.Element, Any]]:
    """Each value with the element that it goes into, which is made once and only for values."""
    parent = None
    for value in values:
        if parent is None:
            parent = ElementTree.SubElement(root, name)
        yield parent, value


def _element(parent: ElementTree.Element, name: str, text: str, /, **attributes: str) -> None:
    ElementTree.SubElement(parent, name, attributes).text = text


def _xml_agent(parent: ElementTree.Element, agent: Json, kind: str) -> None:
    types = {name: agent[name] for name in ("contributorType",) if name in agent}
    element = ElementTree.SubElement(parent, kind, types)
    _element(element, f"{kind}Name", agent["name"], nameType=agent["nameType"])
    for name in ("givenName", "familyName"):
        if name in agent:
            _element(element, name, agent[name])
    for one in agent.get("nameIdentifiers", ()):
        _element(element, "nameIdentifier", one["nameIdentifier"], **_attributes(one, "nameIdentifier"))


# --- schema.org and Croissant ------------------------------------------------------------------------


def schema_org(given: Described) -> Json:
    """The package as a schema.org Dataset (JSON-LD); the roles of the source stand with the source."""
    package = given.package
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        **_identity(package),
        "name": package.title,
        "alternateName": package.name,
        "description": package.description,
        "version": package.version,
        "datePublished": package.created,
        "creator": [_schema_agent(agent) for agent in package.creators],
        **_by_role(package, of_source=False),
        "publisher": {"@type": "Organization", "name": package.publisher},
        "license": [
            {"@type": "CreativeWork", "name": package.license(kind).title, "url": package.license(kind).path}
            for kind in ("data", "text")
        ],
        "keywords": list(package.keywords),
        "inLanguage": given.languages,
        "temporalCoverage": package.coverage,
        "isBasedOn": [
            {"@type": "CreativeWork", "name": one.title, "url": one.path, **_by_role(package, of_source=True)}
            for one in package.sources
        ],
        "citation": [
            {"@type": "CreativeWork", "name": one.title, "url": one.path} for one in package.related
        ],
        "distribution": [
            {
                "@type": "DataDownload",
                "name": name,
                "contentUrl": given.beside(path, SCHEMA_ORG),
                "encodingFormat": media_type(path),
                "contentSize": f"{len(data)} B",
                "sha256": _sha256(data),
            }
            for name, path, data in _data_files(given)
        ],
    }


def _identity(package: Package) -> Json:
    address = doi_address(package)
    return {"@id": address, "identifier": address, "url": address} if address else {}


def _schema_agent(agent: Agent, prefix: str = "") -> Json:
    kind = "Person" if agent.kind == "person" else "Organization"
    names = _known(givenName=agent.given_name, familyName=agent.family_name) if kind == "Person" else {}
    address = _agent_address(agent)
    return {"@type": prefix + kind, **({"@id": address} if address else {}), "name": agent.name, **names}


def _agent_address(agent: Agent) -> str | None:
    return ORCID + agent.orcid if agent.orcid else agent.ror


def _by_role(package: Package, of_source: bool) -> Json:
    found: dict[str, list[Json]] = {}
    for agent in package.contributors:
        role = ROLES[agent.role]
        if role.of_source is of_source:
            found.setdefault(role.schema_org, []).append(_schema_agent(agent))
    return {name: _one_or_all(agents) for name, agents in found.items()}


def _data_files(given: Described) -> Iterator[tuple[str, str, bytes]]:
    """The files that hold the data, each with a name of its own: tables twice, then records and sources."""
    paths = [
        *((f"{table.name}-csv", descriptor.csv_path(table.name)) for table in given.tables),
        *((f"{table.name}-parquet", descriptor.parquet_path(table.name)) for table in given.tables),
        *((f"record-{one.lower()}", descriptor.json_path(one)) for one in given.record_ids),
        *((f"source-{one.lower()}", descriptor.raw_path(one)) for one in given.record_ids),
    ]
    return ((name, path, given.files[path]) for name, path in paths if path in given.files)


def media_type(path: str) -> str:
    """The media type of a file of the package, by its ending."""
    if path.endswith(".csl.json"):
        return "application/vnd.citationstyles.csl+json"
    return FORMATS.get(posixpath.splitext(path)[1], PLAIN)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# The context of Croissant 1.0, which its readers want to find in the file.
CROISSANT_CONTEXT: Json = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
CROISSANT_TYPES = {
    "string": "sc:Text",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "boolean": "sc:Boolean",
}
# Its readers know Parquet by this name only.
CROISSANT_PARQUET = "application/x-parquet"


def croissant(given: Described) -> Json:
    """The package in Croissant 1.0: a file object per data file, a record set per table (from Parquet)."""
    package = given.package
    return {
        "@context": CROISSANT_CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        **_known(url=doi_address(package)),
        "name": package.title,
        "description": package.description,
        "version": package.version,
        "datePublished": package.created,
        "creator": [_schema_agent(agent, "sc:") for agent in package.creators],
        "publisher": {"@type": "sc:Organization", "name": package.publisher},
        "license": [package.license(kind).path for kind in ("data", "text")],
        "keywords": list(package.keywords),
        "inLanguage": given.languages,
        "citeAs": bibtex(package).strip(),
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": name,
                "name": name,
                "contentUrl": given.beside(path, CROISSANT),
                "contentSize": f"{len(data)} B",
                "encodingFormat": CROISSANT_PARQUET if path.endswith(".parquet") else media_type(path),
                "sha256": _sha256(data),
            }
            for name, path, data in _data_files(given)
        ],
        "recordSet": [_record_set(table) for table in given.tables],
    }


def _record_set(table: Table) -> Json:
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.schema["description"],
        "key": _one_or_all([{"@id": f"{table.name}/{column}"} for column in table.primary_key]),
        "field": [_croissant_field(table, field) for field in table.schema["fields"]],
    }


def _croissant_field(table: Table, field: Json) -> Json:
    return {
        "@type": "cr:Field",
        "@id": f"{table.name}/{field['name']}",
        "name": field["name"],
        "description": field["description"],
        "dataType": CROISSANT_TYPES[field["type"]],
        "source": {
            "fileObject": {"@id": f"{table.name}-parquet"},
            "extract": {"column": field["name"]},
        },
    }


# --- references --------------------------------------------------------------------------------------


def csl(package: Package) -> Json:
    """The package as an item of CSL-JSON."""
    year, month, day = (int(part) for part in package.created.split("-"))
    return {
        "id": package.name,
        "type": "dataset",
        "title": package.title,
        "author": [_csl_agent(agent) for agent in package.creators],
        "issued": {"date-parts": [[year, month, day]]},
        "version": package.version,
        "publisher": package.publisher,
        "abstract": package.description,
        "keyword": ", ".join(package.keywords),
        "note": rights(package),
        **_known(DOI=package.doi.version, URL=doi_address(package)),
    }


def _csl_agent(agent: Agent) -> Json:
    if agent.kind == "person" and agent.family_name and agent.given_name:
        return {"family": agent.family_name, "given": agent.given_name}
    return {"literal": agent.name}


def ris(package: Package) -> str:
    """The package in RIS. Its lines end as all lines of the package do, which every reader takes."""
    fields = [
        ("TY", "DATA"),
        ("ID", package.name),
        ("TI", package.title),
        *(("AU", inverted(agent)) for agent in package.creators),
        ("PY", package.created[:4]),
        ("DA", package.created.replace("-", "/")),
        ("ET", package.version),
        ("PB", package.publisher),
        ("AB", package.description),
        *(("KW", keyword) for keyword in package.keywords),
        ("N1", rights(package)),
        ("DO", package.doi.version),
        ("UR", doi_address(package)),
    ]
    lines = [f"{tag}  - {' '.join(value.split())}" for tag, value in fields if value]
    return "\n".join([*lines, "ER  - "]) + "\n"


_TEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}


def _tex(text: str) -> str:
    return "".join(_TEX.get(sign, sign) for sign in " ".join(text.split()))


def bibtex(package: Package) -> str:
    """The package as an entry of BibLaTeX; `year` is for readers of plain BibTeX."""
    fields = {
        "author": " and ".join(_bibtex_agent(agent) for agent in package.creators),
        "title": _tex(package.title),
        "date": package.created,
        "year": package.created[:4],
        "version": _tex(package.version),
        "publisher": _tex(package.publisher),
        "abstract": _tex(package.description),
        "keywords": _tex(", ".join(package.keywords)),
        "copyright": _tex(rights(package)),
        # These two are read letter by letter.
        "doi": package.doi.version,
        "url": doi_address(package),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@dataset{{{package.name},", *lines, "}"]) + "\n"


def _bibtex_agent(agent: Agent) -> str:
    """A person's name to be sorted by its parts; any other name in braces, as one."""
    name = inverted(agent)
    return _tex(name) if name != agent.name else f"{{{_tex(name)}}}"


# --- RO-Crate ----------------------------------------------------------------------------------------


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
        **crate.roles(of_source=False),
        "publisher": crate.agent(Agent(package.publisher, "organisation", "publisher")),
        "keywords": list(package.keywords),
        "inLanguage": given.languages,
        "temporalCoverage": package.coverage,
        "isBasedOn": [crate.work(one, of_source=True) for one in package.sources],
        "citation": [crate.work(one, of_source=False) for one in package.related],
        "hasPart": [crate.file(path) for path in files],
        "mentions": [crate.action()],
    }
    about = {
        "@id": RO_CRATE,
        "@type": "CreativeWork",
        "name": "RO-Crate metadata",
        "about": {"@id": "./"},
        "conformsTo": {"@id": RO_CRATE_VERSION},
    }
    return {
        "@context": f"{RO_CRATE_VERSION}/context",
        "@graph": [about, _compact(root), *crate.entities.values()],
    }


def _compact(entity: Json) -> Json:
    """An entity as RO-Crate wants it: one value without a list, and no list of none."""
    return {
        name: _one_or_all(value) if isinstance(value, list) else value
        for name, value in entity.items()
        if value != []
    }


class _Crate:
    """The entities of a crate, each made when something first points to it."""

    def __init__(self, given: Described, files: Mapping[str, bytes]) -> None:
        self.given = given
        self.files = files
        self.entities: dict[str, Json] = {}
        self.titles = {path: one for one in given.tables for path in _paths_of(one)}

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
        return self.add({**_schema_agent(agent), "@id": _agent_address(agent) or f"#{own}"})

    def roles(self, of_source: bool) -> Json:
        found: dict[str, list[Json]] = {}
        for agent in self.given.package.contributors:
            role = ROLES[agent.role]
            if role.of_source is of_source:
                found.setdefault(role.schema_org, []).append(self.agent(agent))
        return found

    def work(self, one: Work, of_source: bool) -> Json:
        roles = self.roles(of_source=True) if of_source else {}
        return self.add({"@id": one.path, "@type": "CreativeWork", "name": one.title, **roles})

    def file(self, path: str) -> Json:
        data, table = self.files[path], self.titles.get(path)
        name, purpose = path, next(words for start, words in PURPOSES.items() if path.startswith(start))
        if table:
            form = posixpath.splitext(path)[1][1:]
            name, purpose = f"{table.schema['title']} ({form})", table.schema["description"]
        return self.add(
            {
                "@id": quote(self.given.place(path)),
                "@type": "File",
                "name": name,
                "description": purpose,
                "encodingFormat": media_type(path),
                "contentSize": str(len(data)),
                "sha256": _sha256(data),
                **self.file_license(path),
            }
        )

    def file_license(self, path: str) -> Json:
        """The licence of a file that does not hold both kinds of content, as the whole package does."""
        table = self.titles.get(path)
        quotes = table is not None and table.name in descriptor.QUOTING
        if quotes or path.startswith(QUOTING_FOLDERS):
            return {}
        kind = "text" if path.startswith(SOURCE_FOLDER) else "data"
        return {"license": self.license(self.given.package.license(kind))}

    def input(self, path: str, data: bytes, name: str) -> Json:
        """An input: the file itself where the package holds it, else its name and hash."""
        if path in self.files:
            return self.file(path)
        known = {"encodingFormat": media_type(path), "sha256": _sha256(data)}
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
