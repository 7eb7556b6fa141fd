"""The package in the DataCite Metadata Schema 4.6: metadata/datacite.json and metadata/datacite.xml.

The XML is made from the JSON, so the two say the same.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator
from typing import Any

from cables.citation.common import (
    ORCID,
    RELATIONS,
    ROLES,
    Described,
    inverted,
    known,
    licenses,
    rights,
    works,
)
from cables.descriptor import Agent, License
from cables.holdings import FORMATS
from cables.schemas import Json

SCHEMA = "http://datacite.org/schema/kernel-4"
XSD = "https://schema.datacite.org/meta/kernel-4.6/metadata.xsd"
XML_SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
# What DataCite writes where a value was not assigned (Metadata Schema 4.6, appendix 3).
UNASSIGNED = "(:unas)"
SPDX = "https://spdx.org/licenses/"


def datacite(given: Described) -> Json:
    """The package in the JSON form of the DataCite Metadata Schema 4.6."""
    package = given.package
    return {
        **known(doi=package.doi.version),
        "schemaVersion": SCHEMA,
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Data package"},
        "creators": [_agent(agent) for agent in package.creators],
        "titles": [{"title": package.title, "lang": "en"}],
        "publisher": {"name": package.publisher},
        "publicationYear": package.created[:4],
        "subjects": [{"subject": keyword, "lang": "en"} for keyword in package.keywords],
        "contributors": [
            {**_agent(agent), "contributorType": ROLES[agent.role].datacite} for agent in package.contributors
        ],
        "dates": [
            {"date": package.created, "dateType": "Issued"},
            {"date": package.coverage, "dateType": "Coverage"},
        ],
        **known(language=next(iter(given.languages), None)),
        "relatedIdentifiers": [
            {
                "relatedIdentifier": work.path,
                "relatedIdentifierType": "URL",
                "relationType": RELATIONS[work.relation].datacite,
            }
            for work in works(package)
        ],
        "formats": sorted({FORMATS[ending] for ending in (".csv", ".json", ".parquet", ".txt")}),
        "version": package.version,
        "rightsList": [_right(one) for one in licenses(package)],
        "descriptions": [
            {"description": package.description, "descriptionType": "Abstract", "lang": "en"},
            {"description": rights(package), "descriptionType": "Other", "lang": "en"},
        ],
    }


def _agent(agent: Agent) -> Json:
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
    names = known(givenName=agent.given_name, familyName=agent.family_name)
    return {"name": inverted(agent), "nameType": kind, **names, **known(nameIdentifiers=identifiers)}


def _right(one: License) -> Json:
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
            "xmlns": SCHEMA,
            "xmlns:xsi": XML_SCHEMA_INSTANCE,
            "xsi:schemaLocation": f"{SCHEMA} {XSD}",
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
