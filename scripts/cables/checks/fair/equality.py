"""Rules of what every file that describes the release is to say alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from cables.checks.fair.files_of_release import (
    ABOUT,
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
    bibtex,
    body_of,
    cff_of,
    described,
    dig,
    each,
    json_of,
    only,
    ris,
    root_of,
    said,
    there,
    toml_of,
)
from cables.checks.loaded import Finding, Package, shown
from cables.descriptor import DOI

SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(T00:00:00Z)?")
# A year, a month or a day.
TIME = re.compile(r"(\d{4})(-\d{2})?(-\d{2})?")
SHORTEST, LONGEST = 50, 5000
FEWEST_KEYWORDS = 3
DOI_FORM = re.compile(r"10\.\d{4,9}/[^\s\"'<>{}\\]+")


def is_day(text: str) -> bool:
    """Whether a text is a day of the calendar, YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


@rule("described")
def is_described(package: Package) -> Iterator[Finding]:
    about = described(package)
    text = said(about, "description").strip()
    keywords = {word.strip().casefold() for word in all_said(each(about, "keywords"))} - {""}
    created = DAY.fullmatch(said(about, "created"))
    if not said(about, "title").strip():
        yield missing(DESCRIPTOR, f"title {shown(dig(about, 'title'))}", "a title")
    if not SHORTEST <= len(text) <= LONGEST:
        yield missing(DESCRIPTOR, f"a description of {len(text)} characters", f"{SHORTEST} to {LONGEST}")
    if len(keywords) < FEWEST_KEYWORDS:
        yield missing(DESCRIPTOR, f"{len(keywords)} different keywords", f"{FEWEST_KEYWORDS} or more")
    if len(keywords) != len(each(about, "keywords")):
        yield missing(DESCRIPTOR, "a keyword twice, or an empty one", "each once")
    if not SEMVER.fullmatch(said(about, "version")):
        yield missing(DESCRIPTOR, f"version {shown(dig(about, 'version'))}", "MAJOR.MINOR.PATCH")
    if created is None or not is_day(created[1]):
        yield missing(DESCRIPTOR, f"created {shown(dig(about, 'created'))}", "a day of the calendar")


@rule("title-same")
def title_same(package: Package) -> Iterator[Finding]:
    titles = {
        PACKAGE: dig(toml_of(package), "title"),
        CFF: dig(cff_of(package), "title"),
        DATACITE: only(all_said(each(json_of(package, DATACITE), "titles"), "title")),
        CROISSANT: dig(json_of(package, CROISSANT), "name"),
        SCHEMA_ORG: dig(json_of(package, SCHEMA_ORG), "name"),
        CRATE: dig(root_of(package), "name"),
        CSL: only(all_said(each(json_of(package, CSL)), "title")),
        RIS: only(ris(package, "TI")),
        BIBTEX: bibtex(package, "title"),
        BODY: dig(body_of(package), "metadata", "title"),
    }
    yield from same(there(package, titles), dig(described(package), "title"), "title")


@rule("version-same")
def version_same(package: Package) -> Iterator[Finding]:
    versions = {
        PACKAGE: dig(toml_of(package), "version"),
        CFF: dig(cff_of(package), "version"),
        DATACITE: dig(json_of(package, DATACITE), "version"),
        CROISSANT: dig(json_of(package, CROISSANT), "version"),
        SCHEMA_ORG: dig(json_of(package, SCHEMA_ORG), "version"),
        CRATE: dig(root_of(package), "version"),
        CSL: dig(json_of(package, CSL), 0, "version"),
        RIS: only(ris(package, "ET")),
        BIBTEX: bibtex(package, "version"),
        ABOUT: dig(json_of(package, ABOUT), "version"),
        BODY: dig(body_of(package), "metadata", "version"),
    }
    yield from same(there(package, versions), dig(described(package), "version"), "version")


@rule("date-same")
def date_same(package: Package) -> Iterator[Finding]:
    day = said(described(package), "created")[:10]
    about = json_of(package, DATACITE)
    issued = [one for one in each(about, "dates") if dig(one, "dateType") == "Issued"]
    parts = each(json_of(package, CSL), 0, "issued", "date-parts", 0)
    dates = {
        PACKAGE: dig(toml_of(package), "created"),
        CFF: dig(cff_of(package), "date-released"),
        DATACITE: only(all_said(issued, "date")),
        CROISSANT: dig(json_of(package, CROISSANT), "datePublished"),
        SCHEMA_ORG: dig(json_of(package, SCHEMA_ORG), "datePublished"),
        CRATE: dig(root_of(package), "datePublished"),
        CSL: "-".join(f"{one:02}" if isinstance(one, int) else "?" for one in parts),
        RIS: only([one.replace("/", "-") for one in ris(package, "DA")]),
        BIBTEX: bibtex(package, "date"),
        BODY: dig(body_of(package), "metadata", "publication_date"),
    }
    yield from same(there(package, dates), day, "date")
    years = {
        DATACITE: dig(about, "publicationYear"),
        RIS: only(ris(package, "PY")),
        BIBTEX: bibtex(package, "year"),
    }
    yield from same(years, day[:4], "year")


@rule("type-same")
def type_same(package: Package) -> Iterator[Finding]:
    values = {
        CFF: dig(cff_of(package), "type"),
        DATACITE: dig(json_of(package, DATACITE), "types", "resourceTypeGeneral"),
        CROISSANT: said(json_of(package, CROISSANT), "@type").removeprefix("sc:"),
        SCHEMA_ORG: dig(json_of(package, SCHEMA_ORG), "@type"),
        CRATE: dig(root_of(package), "@type"),
        CSL: dig(json_of(package, CSL), 0, "type"),
        BODY: dig(body_of(package), "metadata", "resource_type", "id"),
    }
    lower = {file: str(value).lower() for file, value in values.items()}
    yield from same(there(package, lower), "dataset", "type")
    yield from same({RIS: ris(package, "TY")}, ["DATA"], "TY")


@rule("doi")
def doi(package: Package) -> Iterator[Finding]:
    if not said(described(package), "id"):
        yield missing(
            DESCRIPTOR, "no id", "the address of a DOI of this version: without one none can cite it"
        )


@rule("doi-same")
def doi_same(package: Package) -> Iterator[Finding]:
    address = dig(described(package), "id")
    doi = str(address).removeprefix(DOI) if address is not None else None
    if doi is not None and (address != f"{DOI}{doi}" or not DOI_FORM.fullmatch(doi)):
        yield missing(DESCRIPTOR, f"id {shown(address)}", f"{DOI} and a DOI")
    listed = each(cff_of(package), "identifiers")
    dois = {
        PACKAGE: dig(toml_of(package), "doi", "version") or None,
        CFF: dig(cff_of(package), "doi"),
        DATACITE: dig(json_of(package, DATACITE), "doi"),
        CSL: dig(json_of(package, CSL), 0, "DOI"),
        RIS: only(ris(package, "DO")),
        BIBTEX: bibtex(package, "doi"),
    }
    yield from same(dois, doi, "DOI")
    if doi != (dig(listed, 0, "value") if listed else None):
        yield missing(CFF, f"identifiers {shown(listed)}", f"{shown(doi)} first")
    addresses = {
        CROISSANT: dig(json_of(package, CROISSANT), "url"),
        SCHEMA_ORG: dig(json_of(package, SCHEMA_ORG), "@id"),
        CRATE: dig(root_of(package), "identifier", "@id"),
        CSL: dig(json_of(package, CSL), 0, "URL"),
        RIS: only(ris(package, "UR")),
        BIBTEX: bibtex(package, "url"),
    }
    yield from same(addresses, address, "address")


@rule("source-linked")
def source_linked(package: Package) -> Iterator[Finding]:
    sources = each(described(package), "sources")
    if not sources or not all(said(one, "path") and said(one, "title") for one in sources):
        yield missing(DESCRIPTOR, f"sources {shown(sources)}", "one or more, with title and address")
    values = {
        PACKAGE: [dig(one, "path") for one in each(toml_of(package), "sources")],
        CFF: [dig(one, "url") for one in each(cff_of(package), "references")],
        DATACITE: _related(package, "IsDerivedFrom"),
        SCHEMA_ORG: [dig(one, "url") for one in each(json_of(package, SCHEMA_ORG), "isBasedOn")],
        CRATE: [dig(one, "@id") for one in each(root_of(package), "isBasedOn")],
        BODY: _linked(package, "isderivedfrom"),
    }
    yield from same(there(package, values), [dig(one, "path") for one in sources], "sources")
    related = {
        DATACITE: _related(package, "References"),
        SCHEMA_ORG: [dig(one, "url") for one in each(json_of(package, SCHEMA_ORG), "citation")],
        CRATE: [dig(one, "@id") for one in each(root_of(package), "citation")],
        BODY: _linked(package, "references"),
    }
    expected = [dig(one, "path") for one in each(toml_of(package), "related")]
    yield from same(there(package, related), expected, "related works")


def _related(package: Package, relation: str) -> list[Any]:
    works = each(json_of(package, DATACITE), "relatedIdentifiers")
    return [dig(one, "relatedIdentifier") for one in works if dig(one, "relationType") == relation]


def _linked(package: Package, relation: str) -> list[Any]:
    works = each(body_of(package), "metadata", "related_identifiers")
    return [dig(one, "identifier") for one in works if dig(one, "relation_type", "id") == relation]


@rule("languages")
def languages(package: Package) -> Iterator[Finding]:
    spoken = package.frame("paragraphs")["language"].drop_nulls().unique(maintain_order=True).to_list()
    values = {
        CROISSANT: each(json_of(package, CROISSANT), "inLanguage"),
        SCHEMA_ORG: each(json_of(package, SCHEMA_ORG), "inLanguage"),
        CRATE: each(root_of(package), "inLanguage"),
        DATACITE: each(json_of(package, DATACITE), "language") + spoken[1:],
    }
    yield from same(values, spoken, "languages")
    coded = {BODY: [dig(one, "id") for one in each(body_of(package), "metadata", "languages")]}
    works = each(cff_of(package), "references")
    expected = each(toml_of(package), "languages")
    yield from same(there(package, coded), expected, "languages")
    for work in works:
        yield from same({CFF: each(work, "languages")}, expected, "languages")


@rule("coverage")
def coverage(package: Package) -> Iterator[Finding]:
    expected = dig(json_of(package, SCHEMA_ORG), "temporalCoverage")
    dates = each(json_of(package, DATACITE), "dates")
    own = each(body_of(package), "metadata", "dates")
    values = {
        PACKAGE: dig(toml_of(package), "coverage"),
        DATACITE: only([dig(one, "date") for one in dates if dig(one, "dateType") == "Coverage"]),
        CRATE: dig(root_of(package), "temporalCoverage"),
        BODY: only([dig(one, "date") for one in own if dig(one, "type", "id") == "coverage"]),
    }
    if not is_interval(str(expected)):
        yield missing(SCHEMA_ORG, f"temporalCoverage {shown(expected)}", "a date, or two in order")
    yield from same(there(package, values), expected, "coverage")


def is_interval(text: str) -> bool:
    """Whether a text is a year, month or day of the calendar, or two of them in order with `/`."""
    ends = [TIME.fullmatch(one) for one in text.split("/")]
    days = [f"{one[1]}{one[2] or '-01'}{one[3] or '-01'}" for one in ends if one]
    return len(days) == len(ends) <= 2 and all(map(is_day, days)) and days == sorted(days)
