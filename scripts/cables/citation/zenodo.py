"""The package in the legacy deposit metadata of Zenodo: .zenodo.json.

Zenodo gives this form no version; it is the part `metadata` of a deposition in Zenodo's own REST API, which
its reader of GitHub releases still takes.
"""

from __future__ import annotations

from cables.citation.common import RELATIONS, ROLES, inverted, known, license_id, paragraph, rights, works
from cables.descriptor import Agent, Package
from cables.schemas import Json


def zenodo(package: Package) -> Json:
    """.zenodo.json, the legacy deposit metadata of Zenodo, which knows one licence and one language."""
    played = "; ".join(f"{agent.role}: {agent.name}" for agent in package.contributors)
    return {
        "upload_type": "dataset",
        "title": package.title,
        "description": paragraph(package.description),
        "publication_date": package.created,
        "version": package.version,
        "creators": [_agent(agent) for agent in package.creators],
        "contributors": [
            {**_agent(agent), "type": ROLES[agent.role].zenodo} for agent in package.contributors
        ],
        "access_right": "open",
        "license": license_id(package.license("data")),
        "language": package.languages[0],
        "keywords": list(package.keywords),
        "related_identifiers": [
            {"identifier": work.path, "relation": RELATIONS[work.relation].zenodo} for work in works(package)
        ],
        "notes": paragraph(f"{rights(package)} Roles: {played}."),
        **known(doi=package.doi.version),
    }


def _agent(agent: Agent) -> Json:
    return {"name": inverted(agent), **known(orcid=agent.orcid)}
