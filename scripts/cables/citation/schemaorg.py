"""The package as a schema.org Dataset in JSON-LD 1.1: metadata/schemaorg.jsonld.

schema.org is named without a version, as its context is: what it adds changes nothing that is used here.
"""

from __future__ import annotations

from collections.abc import Iterator

from cables.citation.common import (
    ORCID,
    ROLES,
    SCHEMA_ORG,
    Described,
    data_files,
    doi_address,
    known,
    one_or_all,
    sha256,
)
from cables.descriptor import Agent, Package, Work
from cables.holdings import media_type
from cables.schemas import Json


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
        "creator": [schema_agent(agent) for agent in package.creators],
        **_roles(package),
        "publisher": {"@type": "Organization", "name": package.publisher},
        "license": [
            {"@type": "CreativeWork", "name": package.license(kind).title, "url": package.license(kind).path}
            for kind in ("data", "text")
        ],
        "keywords": list(package.keywords),
        "inLanguage": given.languages,
        "temporalCoverage": package.coverage,
        "isBasedOn": [
            {"@type": "CreativeWork", "name": one.title, "url": one.path, **_roles(package, one)}
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
                "sha256": sha256(data),
            }
            for name, path, data in data_files(given)
        ],
    }


def _identity(package: Package) -> Json:
    address = doi_address(package)
    return {"@id": address, "identifier": address, "url": address} if address else {}


def schema_agent(agent: Agent, prefix: str = "") -> Json:
    """A person or organisation as schema.org has it; `prefix` stands before the type."""
    kind = "Person" if agent.kind == "person" else "Organization"
    names = known(givenName=agent.given_name, familyName=agent.family_name) if kind == "Person" else {}
    address = agent_address(agent)
    return {"@type": prefix + kind, **({"@id": address} if address else {}), "name": agent.name, **names}


def agent_address(agent: Agent) -> str | None:
    """The address by which a person (ORCID) or organisation (ROR) is known; None without one."""
    return ORCID + agent.orcid if agent.orcid else agent.ror


def by_role(package: Package, source: Work | None) -> Iterator[tuple[str, Agent]]:
    """Who took part in a source, or without one in the data themselves, by what schema.org calls the role."""
    for agent in package.contributors:
        role = ROLES[agent.role]
        if agent.played_for(source) and role.of_source if source else not role.of_source:
            yield role.schema_org, agent


def _roles(package: Package, source: Work | None = None) -> Json:
    found: dict[str, list[Json]] = {}
    for name, agent in by_role(package, source):
        found.setdefault(name, []).append(schema_agent(agent))
    return {name: one_or_all(agents) for name, agents in found.items()}
