"""Rules of the people and organisations that a release names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cables import citation
from cables.checks.fair.files_of_release import (
    BIBTEX,
    BODY,
    CFF,
    CRATE,
    CROISSANT,
    CSL,
    DATACITE,
    DESCRIPTOR,
    PACKAGE,
    RIS,
    SCHEMA_ORG,
)
from cables.checks.fair.rules import missing, rule, same
from cables.checks.fair.values import (
    all_said,
    bibtex_authors,
    body_of,
    cff_of,
    described,
    dig,
    each,
    entities,
    in_crate,
    json_of,
    numbered,
    ris,
    root_of,
    said,
    there,
    toml_of,
)
from cables.checks.fair.words import describing
from cables.checks.loaded import Finding, Package, shown
from cables.schemas import Json

# How the formats call the parts of a person's name.
NAME_PARTS = ("family-names", "given-names", "family_name", "given_name", "family", "given")
# An address that names no one, as a scheme is named, is none of these.
ORCID = re.compile(r"orcid\.org/([0-9A-Za-z-]+)|(?<![\w-])(\d{4}-\d{4}-\d{4}-\d{3}[\dXx])(?![\w-])")
ROR = re.compile(r"\bror\.org/([0-9A-Za-z]+)")
SCHEMES = ("ORCID", "ROR")
CREATOR = "creator"

Name = tuple[str, ...]


def _words(name: str) -> Name:
    """A name, in whatever order its parts stand."""
    return tuple(sorted(re.findall(r"\w+", name)))


def _name(agent: Any, *keys: str) -> Name:
    """The name of an agent by the first key that it has, or else from its parts."""
    whole = next((said(agent, key) for key in keys if said(agent, key)), "")
    return _words(whole or " ".join(said(agent, part) for part in NAME_PARTS))


def _names(agents: Iterable[Any], *keys: str) -> list[Name]:
    return [_name(one, *keys) for one in agents]


def _agents(package: Package, is_creator: bool) -> list[Any]:
    """Creators, or else those who took part in other roles, as the descriptor has them."""
    people = each(described(package), "contributors")
    return [one for one in people if (CREATOR in each(one, "roles")) is is_creator]


def _creators(package: Package) -> dict[str, list[Any]]:
    """The creators as the files that can also name their ids have them."""
    body = each(body_of(package), "metadata", "creators")
    creators = {
        PACKAGE: each(toml_of(package), "creators"),
        CFF: each(cff_of(package), "authors"),
        DATACITE: each(json_of(package, DATACITE), "creators"),
        CROISSANT: each(json_of(package, CROISSANT), "creator"),
        SCHEMA_ORG: each(json_of(package, SCHEMA_ORG), "creator"),
        CRATE: in_crate(package, each(root_of(package), "creator")),
        BODY: [dig(one, "person_or_org") for one in body],
    }
    return there(package, creators)


@rule("creators-same")
def creators_same(package: Package) -> Iterator[Finding]:
    creators = _names(_agents(package, is_creator=True), "title")
    if not creators or not all(creators):
        yield missing(DESCRIPTOR, f"creators {shown(creators)}", "one or more, with names")
    values = {file: _names(agents, "name") for file, agents in _creators(package).items()}
    values |= {
        CSL: _names(each(json_of(package, CSL), 0, "author"), "literal"),
        RIS: [_words(one) for one in ris(package, "AU")],
        BIBTEX: [_words(one) for one in bibtex_authors(package)],
    }
    yield from same(values, creators, "creators")


@rule("agent-ids")
def agent_ids(package: Package) -> Iterator[Finding]:
    for name, data in describing(package):
        for number, line in numbered(data):
            for address, bare in ORCID.findall(line):
                if not is_orcid(address or bare):
                    found = f"the ORCID {shown(address or bare)}"
                    yield Finding(name, number, found, "16 digits, the last a check")
            for found in ROR.findall(line):
                if not is_ror(found):
                    expected = "0, six signs and two check digits"
                    yield Finding(name, number, f"the ROR {shown(found)}", expected)
    creators = {file: [_id(one, file) for one in agents] for file, agents in _creators(package).items()}
    yield from same(creators, creators[PACKAGE], "ids of the creators")
    others = there(
        package,
        {
            DATACITE: each(json_of(package, DATACITE), "contributors"),
            BODY: [dig(one, "person_or_org") for one in each(body_of(package), "metadata", "contributors")],
        },
    )
    expected_ = [_id(one, PACKAGE) for one in each(toml_of(package), "contributors")]
    ids = {file: [_id(one, file) for one in agents] for file, agents in others.items()}
    yield from same(ids, expected_, "ids of the contributors")


def _id(agent: Any, file: str) -> str | None:
    """The ORCID or else the ROR that a file gives for an agent, without the address before it."""
    given: Mapping[str, list[Any]] = {
        PACKAGE: [dig(agent, "orcid"), dig(agent, "ror")],
        CFF: [dig(agent, "orcid"), dig(agent, "website")],
        DATACITE: [
            dig(one, "nameIdentifier")
            for scheme in SCHEMES
            for one in each(agent, "nameIdentifiers")
            if dig(one, "nameIdentifierScheme") == scheme
        ],
        BODY: [
            dig(one, "identifier")
            for scheme in SCHEMES
            for one in each(agent, "identifiers")
            if said(one, "scheme").upper() == scheme
        ],
    }
    found = [one for one in given.get(file, [dig(agent, "@id")]) if isinstance(one, str)]
    return next((one.rpartition("/")[2] for one in found if not one.startswith("#")), None)


def is_orcid(text: str) -> bool:
    """ISO 7064 MOD 11-2."""
    if not re.fullmatch(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]", text):
        return False
    total = 0
    for digit in text.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11] == text[-1]


def is_ror(text: str) -> bool:
    """Crockford's base 32 with ISO 7064 MOD 97-10."""
    if not re.fullmatch(r"0[0-9a-hjkmnp-tv-z]{6}\d{2}", text):
        return False
    number = 0
    for sign in text[:7]:
        number = number * 32 + "0123456789abcdefghjkmnpqrstvwxyz".index(sign)
    return 98 - number * 100 % 97 == int(text[7:])


# --- what others than the creators did ---------------------------------------------------------------


@rule("credits")
def credits(package: Package) -> Iterator[Finding]:
    own = [
        (_name(one, "title"), role)
        for one in _agents(package, is_creator=False)
        for role in all_said(each(one, "roles"))
    ]
    for name, role in own:
        if role not in citation.ROLES:
            yield missing(DESCRIPTOR, f"role {shown(role)} of {' '.join(name)}", "a role of this project")
    known = [(name, citation.ROLES[role]) for name, role in own if role in citation.ROLES]
    listed = {
        PACKAGE: [(_name(one, "name"), said(one, "role")) for one in each(toml_of(package), "contributors")],
    }
    yield from same(listed, own, "contributors")
    yield from same(_in_datacite(package), [(name, role.datacite) for name, role in known], "contributors")
    yield from same(_in_body(package), [(name, role.invenio) for name, role in known], "contributors")
    for file in (SCHEMA_ORG, CRATE):
        crate = entities(package) if file == CRATE else {}
        told = Counter(_played(json_of(package, file), crate))
        for name, called in known:
            if not told[called.schema_org, name]:
                yield missing(file, f"no {called.schema_org} {' '.join(name)}", "every contributor, by role")
    yield from _with_works(package)


def _in_datacite(package: Package) -> dict[str, Any]:
    people = each(json_of(package, DATACITE), "contributors")
    return {DATACITE: [(_name(one, "name"), said(one, "contributorType")) for one in people]}


def _in_body(package: Package) -> dict[str, Any]:
    people = each(body_of(package), "metadata", "contributors")
    played = [(_name(dig(one, "person_or_org"), "name"), said(one, "role", "id")) for one in people]
    return there(package, {BODY: played})


def _played(value: Any, known: Mapping[str, Json]) -> Iterator[tuple[str, Name]]:
    """Every property and the name of what it holds or, by `known`, leads to."""
    if isinstance(value, dict):
        for key, inner in value.items():
            for one in inner if isinstance(inner, list) else [inner]:
                named = known.get(said(one, "@id"), one)
                yield key, _words(said(named, "name"))
                yield from _played(one, known)
    elif isinstance(value, list):
        for one in value:
            yield from _played(one, known)


def _with_works(package: Package) -> Iterator[Finding]:
    """Every source with its own translators: those that name it, and those that name none."""
    about = toml_of(package)
    people = [one for one in each(about, "contributors") if dig(one, "role") == "translator"]
    crate = in_crate(package, each(root_of(package), "isBasedOn"))
    cited = {
        CFF: _by_address(each(cff_of(package), "references"), "url", "translators"),
        SCHEMA_ORG: _by_address(each(json_of(package, SCHEMA_ORG), "isBasedOn"), "url", "translator"),
        CRATE: {
            said(one, "@id"): _names(in_crate(package, each(one, "translator")), "name") for one in crate
        },
    }
    for source in each(about, "sources"):
        record_id, address = dig(source, "record_id"), said(source, "path")
        own = _names([one for one in people if dig(one, "record_id") in (None, record_id)], "name")
        values = {file: works.get(address, []) for file, works in cited.items()}
        yield from same(values, own, f"translators of {address}")


def _by_address(works: list[Any], address: str, people: str) -> dict[str, list[Name]]:
    return {said(one, address): _names(each(one, people), "name") for one in works}
