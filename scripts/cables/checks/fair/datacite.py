"""The rule of DataCite's two forms, JSON and XML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree

from cables import files
from cables.checks.fair.files_of_release import DATACITE, DATACITE_XML
from cables.checks.fair.formats import STANDARDS
from cables.checks.fair.rules import missing, rule
from cables.checks.fair.values import all_said, data_of, dig, each, json_of, said
from cables.checks.loaded import SHOWN, Finding, Package, shown

NAMESPACE = "{http://datacite.org/schema/kernel-4}"
# The lists of the JSON: the element of each item, which has for text what is called so in the item.
LISTS = {
    "titles": "title",
    "subjects": "subject",
    "dates": "date",
    "relatedIdentifiers": "relatedIdentifier",
    "rightsList": "rights",
    "descriptions": "description",
}
# What DataCite writes where no DOI was assigned.
UNASSIGNED = "(:unas)"

# An element: its name, its text, its attributes in small letters.
Told = tuple[str, str, frozenset[tuple[str, str]]]


@rule("datacite")
def datacite(package: Package) -> Iterator[Finding]:
    about = json_of(package, DATACITE)
    try:
        tree = etree.fromstring(data_of(package, DATACITE_XML), _parser())
    except etree.XMLSyntaxError as error:
        yield missing(DATACITE_XML, str(error), "XML")
        return
    rules = etree.RelaxNG(etree.fromstring(files.read_bytes(STANDARDS / "datacite-4.6.rng")))
    if not rules.validate(tree):
        for problem in rules.error_log:
            yield Finding(DATACITE_XML, problem.line, problem.message[:SHOWN], "DataCite 4.6")
    found, expected = Counter(_in_xml(tree)), Counter(_in_json(about))
    for one in found - expected:
        yield missing(DATACITE_XML, _words(one), f"what {DATACITE} says")
    for one in expected - found:
        yield missing(DATACITE_XML, f"no {_words(one)}", f"what {DATACITE} says")
    names = [one.text for one in tree.iter(f"{NAMESPACE}creatorName")]
    if names != [dig(one, "name") for one in each(about, "creators")]:
        yield missing(DATACITE_XML, f"creators {shown(names)}", f"those of {DATACITE}, in order")


def _parser() -> Any:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def _words(one: Told) -> str:
    attributes = ", ".join(f"{name} {value}" for name, value in sorted(one[2]))
    return f"{one[0]} {shown(one[1])}" + (f" ({attributes})" if attributes else "")


def _in_xml(tree: Any) -> Iterator[Told]:
    """Every element that holds text or attributes; the two forms differ in the letters of some attributes."""
    for one in tree.iter(f"{NAMESPACE}*"):
        text = (one.text or "").strip()
        kinds = ((etree.QName(name).localname.lower(), value) for name, value in one.attrib.items())
        if one is not tree and (text or one.attrib):
            yield etree.QName(one).localname, text, frozenset(kinds)


def _in_json(about: Any) -> Iterator[Told]:
    yield _told("identifier", said(about, "doi") or UNASSIGNED, {"identifierType": "DOI"})
    kind = {"resourceTypeGeneral": said(about, "types", "resourceTypeGeneral")}
    yield _told("resourceType", said(about, "types", "resourceType"), kind)
    yield _told("publisher", said(about, "publisher", "name"), {})
    for name in ("publicationYear", "language", "version"):
        if dig(about, name) is not None:
            yield _told(name, said(about, name), {})
    for form in all_said(each(about, "formats")):
        yield _told("format", form, {})
    for key, element in LISTS.items():
        for one in each(about, key):
            yield _told(element, said(one, element), _others(one, {element}))
    yield from _agents(each(about, "creators"), "creator")
    yield from _agents(each(about, "contributors"), "contributor")


def _agents(agents: Iterable[Any], kind: str) -> Iterator[Told]:
    for one in agents:
        if said(one, "contributorType"):
            yield _told(kind, "", {"contributorType": said(one, "contributorType")})
        yield _told(f"{kind}Name", said(one, "name"), {"nameType": said(one, "nameType")})
        for part in ("givenName", "familyName"):
            if said(one, part):
                yield _told(part, said(one, part), {})
        for each_ in each(one, "nameIdentifiers"):
            yield _told("nameIdentifier", said(each_, "nameIdentifier"), _others(each_, {"nameIdentifier"}))


def _others(one: Any, but: set[str]) -> dict[str, str]:
    named = one if isinstance(one, dict) else {}
    return {name: str(value) for name, value in named.items() if name not in but}


def _told(name: str, text: str, attributes: dict[str, str]) -> Told:
    return (
        name,
        " ".join(text.split()) if "\n" in text else text.strip(),
        frozenset((key.lower(), value) for key, value in attributes.items()),
    )
