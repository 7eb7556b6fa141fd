"""The package as a draft record of the InvenioRDM REST API: metadata/inveniordm.json.

The API has no version of its own; the fields and ids are those of its reference of drafts and records.
"""

from __future__ import annotations

from cables.citation.common import (
    COVERED,
    RELATIONS,
    ROLES,
    cite_as,
    known,
    license_id,
    licenses,
    paragraph,
    rights,
    works,
)
from cables.descriptor import Agent, License, Package
from cables.schemas import Json


def invenio(package: Package) -> Json:
    """The body that makes a draft over the InvenioRDM API (POST /api/records).

    The DOI itself is the server's to give (`pids`); here it stands in the words by which to cite.
    """
    notes = f"Cite as: {cite_as(package)} {rights(package)}"
    return {
        "access": {"record": "public", "files": "public"},
        "files": {"enabled": True},
        "metadata": known(
            resource_type={"id": "dataset"},
            title=package.title,
            publication_date=package.created,
            version=package.version,
            publisher=package.publisher,
            creators=[{"person_or_org": _agent(agent)} for agent in package.creators],
            contributors=[
                {"person_or_org": _agent(agent), "role": {"id": ROLES[agent.role].invenio}}
                for agent in package.contributors
            ],
            description=paragraph(package.description),
            additional_descriptions=[{"description": paragraph(notes), "type": {"id": "notes"}}],
            rights=[_right(one) for one in licenses(package)],
            subjects=[{"subject": keyword} for keyword in package.keywords],
            languages=[{"id": language} for language in package.languages],
            dates=[{"date": package.coverage, "type": {"id": "coverage"}}],
            related_identifiers=[
                {
                    "identifier": work.path,
                    "scheme": "url",
                    "relation_type": {"id": RELATIONS[work.relation].invenio},
                }
                for work in works(package)
            ],
        ),
    }


def _agent(agent: Agent) -> Json:
    schemes = {"orcid": agent.orcid, "ror": agent.ror.rsplit("/", 1)[-1] if agent.ror else None}
    identifiers = [{"scheme": scheme, "identifier": value} for scheme, value in schemes.items() if value]
    if agent.kind == "person":
        family, first = agent.family_name or agent.name, agent.given_name
        return {
            "type": "personal",
            "family_name": family,
            **known(given_name=first, identifiers=identifiers),
        }
    return {"type": "organizational", "name": agent.name, **known(identifiers=identifiers)}


def _right(one: License) -> Json:
    """A licence by its id, which allows no further word, or else a statement in full."""
    if one.name:
        return {"id": license_id(one)}
    return {
        "title": {"en": one.title},
        "description": {"en": f"This statement is for the {COVERED[one.covers]}."},
        "link": one.path,
    }
