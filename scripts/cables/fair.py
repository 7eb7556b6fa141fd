"""What a release promises to those who find, fetch and reuse it, by the principle that each promise serves.

The rules that hold a release to it are in `checks/fair/`. The indicators are those of the RDA FAIR Data
Maturity Model (https://doi.org/10.15497/rda00050).
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from cables.pages import render
from cables.schemas import Json

PRINCIPLES = {
    "F": "Findable",
    "A": "Accessible",
    "I": "Interoperable",
    "R": "Reusable",
}


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise of a release; its indicators are of one principle. Only an error makes a release invalid."""

    id: str
    promise: str
    indicators: tuple[str, ...]
    level: str

    @property
    def principle(self) -> str:
        """The letter of the principle."""
        return self.indicators[0].removeprefix("RDA-")[0]


def _promise(identifier: str, promise: str, *indicators: str, level: str = "error") -> Promise:
    return Promise(f"fair-{identifier}", promise, tuple(f"RDA-{one}" for one in indicators), level)


PROMISES = (
    _promise(
        "described",
        "title, description of 50 to 5000 characters, three keywords, none twice, version and day are given",
        "F2-01M",
    ),
    _promise("title-same", "every citation file gives the same title", "F2-01M"),
    _promise(
        "creators-same",
        "every citation file names the same creators in the same order, at least one",
        "F2-01M",
    ),
    _promise("version-same", "every file that gives a version gives the same", "F2-01M"),
    _promise("date-same", "every citation file gives the same day of publication, and its year", "F2-01M"),
    _promise("type-same", "every citation file calls it a dataset", "F2-01M"),
    _promise(
        "doi-same",
        "one DOI for the version, spelt alike, stands in every citation file, or none in any",
        "F1-01M",
        "F1-02M",
    ),
    _promise(
        "doi",
        "the release names a DOI of its version, by which it can be cited",
        "F1-01M",
        "F1-01D",
        level="warning",
    ),
    _promise(
        "doi-real",
        "no DOI is of the sandbox, but in a rehearsal, which package.toml then says it is",
        "F1-01M",
        "F1-01D",
    ),
    _promise("no-rehearsal", "the release is no rehearsal on the sandbox", "F1-01M", level="warning"),
    _promise(
        "agent-ids",
        "every ORCID and ROR has the right form and check digits, and is the same in every citation file",
        "F1-02M",
    ),
    _promise(
        "resources",
        "every resource of the descriptor is there once, with its SHA-256, rows, and size but of Parquet",
        "F3-01M",
    ),
    _promise(
        "data-listed",
        "every table, record and source that is there is a resource of the descriptor, and so is every table",
        "F3-01M",
        "F4-01M",
    ),
    _promise("flat", "names are flat and ASCII, differ in more than case, and are no more than 99", "A1-04D"),
    _promise(
        "manifest",
        "SHA256SUMS lists every file but itself and the body of a deposit, each with its hash, and no other",
        "A1-03D",
    ),
    _promise(
        "archive",
        "the archive holds the flat files and the inputs, no other files, and no clock or user",
        "A1-03D",
    ),
    _promise("verifier", "verify.py is there and is the one of this repository", "A1-05D"),
    _promise(
        "deposit-body",
        "the body of a deposit is public and has all that InvenioRDM asks for, in the terms that it knows",
        "A1-01M",
        "A2-01M",
    ),
    _promise(
        "profile",
        "the descriptor holds to Data Package 2.0, the schemas of this repository inline",
        "I1-01M",
        "I1-02M",
    ),
    _promise(
        "tables",
        "every CSV is UTF-8 with LF, in this repository's columns and types, and as a build writes it",
        "I1-01D",
    ),
    _promise(
        "parquet-same",
        "every Parquet file holds the values and types of its CSV, in snappy, without notes of its writer",
        "I1-01D",
        "I1-02D",
    ),
    _promise(
        "columns-described",
        "every column is described, and every value of a closed list of the vocabulary is defined in codes",
        "I2-01D",
    ),
    _promise("keys", "primary keys are unique, foreign keys lead to a row", "I3-01D", "I3-02D"),
    _promise(
        "source-linked",
        "the source and the related works are linked by the same relation everywhere",
        "I3-01M",
        "I3-03M",
    ),
    _promise(
        "cff", "CITATION.cff holds to Citation File Format 1.2.0, and cites nothing in its place", "I1-01M"
    ),
    _promise("datacite", "datacite.xml holds to DataCite 4.6 and says what datacite.json says", "I1-02M"),
    _promise("bibliography", "RIS, BibTeX and CSL-JSON are one item each, and the same", "I1-01M"),
    _promise(
        "croissant",
        "Croissant has every table with its columns, and like schema.org every file of data with its hash",
        "I1-02M",
    ),
    _promise(
        "ro-crate",
        "the crate of RO-Crate 1.2 has its root, every file with its hash, and nothing that leads nowhere",
        "I1-02M",
        "I3-01M",
    ),
    _promise(
        "sources-told",
        "every record is the source of package.toml that names it, and whoever names one names one of them",
        "I3-01M",
        "R1.2-01M",
    ),
    _promise("languages", "the languages are the same in every citation file that gives them", "R1-01M"),
    _promise(
        "coverage", "the time that the data cover is the same in every citation file that gives it", "R1-01M"
    ),
    _promise(
        "coverage-told",
        "the time that the data cover encloses the date of every document and event",
        "R1-01M",
    ),
    _promise(
        "licence",
        "the descriptor and every resource have a licence with an address, a resource one of the whole",
        "R1.1-01M",
    ),
    _promise(
        "licence-same",
        "the licence of the data is the same SPDX licence in every citation file",
        "R1.1-02M",
        "R1.1-03M",
    ),
    _promise(
        "licence-by-file",
        "the crate has every resource under the licences and of the type of the descriptor, and code as code",
        "R1.1-01M",
    ),
    _promise(
        "licence-texts",
        "the texts of the licences are those of this repository, and the account of the rights is there",
        "R1.1-01M",
    ),
    _promise(
        "text-rights",
        "the rights statement of the quoted text stands in every citation file, and on all that quotes",
        "R1.1-01M",
    ),
    _promise(
        "credits",
        "every contributor stands, in the same role, in every citation file that names contributors",
        "R1.2-01M",
    ),
    _promise(
        "provenance",
        "the crate names tool, lock and inputs by their SHA-256 in the archive; a known commit has the same",
        "R1.2-01M",
        "R1.2-02M",
    ),
    _promise(
        "source-rebuilt",
        "every source is its lines, byte for byte, and has the hash of its record",
        "R1.2-01M",
    ),
    _promise(
        "rebuilt",
        "a build from the inputs in the archive gives the tables, records and exports of the release",
        "R1.2-01M",
    ),
    _promise(
        "as-described",
        "every citation file says what a build from the inputs in the archive says",
        "R1.2-01M",
    ),
    _promise(
        "pages-authored",
        "README, RIGHTS and CHANGELOG are those of the inputs, with the paths and links of the release",
        "R1-01M",
        "R1.2-01M",
    ),
    _promise(
        "pages-built",
        "every page made from the data is what a build from the inputs in the archive makes of them",
        "R1-01M",
        "R1.2-01M",
    ),
    _promise(
        "changelog",
        "the changelog says under the version and its day what changed, and no lower one is of a later day",
        "R1.2-01M",
    ),
    _promise(
        "changes",
        "changes.csv is numbered, true of the data, and fits the step from the last version of the changelog",
        "R1.2-01M",
    ),
    _promise(
        "readme",
        "the README says how to cite, reuse and verify it, what changed, and what the columns mean",
        "R1-01M",
    ),
    _promise(
        "no-placeholder",
        "where the release is described, no words stand for something still to be filled in",
        "R1-01M",
    ),
    _promise(
        "no-secret",
        "nothing looks like a key or token, the path of someone's machine or its name",
        "R1-01M",
    ),
)


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def inline(schema: Json) -> Json:
    """A Table Schema as a descriptor carries it: the official profile takes examples as text only."""
    fields = [
        {**field, "example": _as_text(field["example"])} if "example" in field else field
        for field in schema["fields"]
    ]
    return {**schema, "fields": fields}


def page(template: str) -> bytes:
    """docs/fair.md: every promise, by principle."""
    return render(
        template,
        principles={
            name: [one for one in PROMISES if one.principle == letter] for letter, name in PRINCIPLES.items()
        },
        total=len(PROMISES),
        warnings=[f"`{one.id}`" for one in PROMISES if one.level == "warning"],
    )
