"""What a release promises to those who find, fetch and reuse it, by the principle that each promise serves.

The rules that hold a release to it are in `checks/fair.py`. The indicators are those of the RDA FAIR Data
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
    """A promise of a release; its indicators are of one principle."""

    id: str
    promise: str
    indicators: tuple[str, ...]

    @property
    def principle(self) -> str:
        """The letter of the principle."""
        return self.indicators[0].removeprefix("RDA-")[0]


def _promise(identifier: str, promise: str, *indicators: str) -> Promise:
    return Promise(f"fair-{identifier}", promise, tuple(f"RDA-{one}" for one in indicators))


PROMISES = (
    _promise(
        "described",
        "title, description of 50 to 5000 characters, three keywords, version and day are given",
        "F2-01M",
    ),
    _promise("title-same", "every citation file gives the same title", "F2-01M"),
    _promise("creators-same", "every citation file names the same creators, at least one", "F2-01M"),
    _promise("version-same", "every file that gives a version gives the same", "F2-01M"),
    _promise("date-same", "every citation file gives the same day of publication", "F2-01M"),
    _promise("type-same", "every citation file calls it a dataset", "F2-01M"),
    _promise(
        "doi-same",
        "one DOI for the version stands in every citation file, or none in any",
        "F1-01M",
        "F1-02M",
    ),
    _promise("doi-real", "no DOI is of the sandbox", "F1-01M", "F1-01D"),
    _promise("agent-ids", "every ORCID and ROR has the right form and check digits", "F1-02M"),
    _promise("resources", "every resource of the descriptor is there, with its size and SHA-256", "F3-01M"),
    _promise("data-listed", "every file of data is a resource of the descriptor", "F3-01M", "F4-01M"),
    _promise("flat", "names are flat and ASCII, differ in more than case, and are no more than 99", "A1-04D"),
    _promise(
        "manifest", "SHA256SUMS lists every file but itself, each with its hash, and no other", "A1-03D"
    ),
    _promise(
        "archive",
        "the archive holds the flat files and the inputs, without a clock or a user in it",
        "A1-03D",
    ),
    _promise("verifier", "verify.py is there and is the one of this repository", "A1-05D"),
    _promise(
        "deposit-body", "the body of a deposit has all that the repository asks for", "A1-01M", "A2-01M"
    ),
    _promise("profile", "the descriptor holds to Data Package 2.0, its schemas inline", "I1-01M", "I1-02M"),
    _promise(
        "tables", "every CSV is UTF-8 with LF, in the columns and types of this repository's schema", "I1-01D"
    ),
    _promise("parquet-same", "every Parquet file holds the values of its CSV", "I1-01D", "I1-02D"),
    _promise(
        "columns-described",
        "every column is described, and every value of a closed list is in codes",
        "I2-01D",
    ),
    _promise("keys", "primary keys are unique, foreign keys lead to a row", "I3-01D", "I3-02D"),
    _promise(
        "source-linked",
        "the source and the related works are linked by the same relation everywhere",
        "I3-01M",
        "I3-03M",
    ),
    _promise("cff", "CITATION.cff is YAML with what the format 1.2.0 asks for", "I1-01M"),
    _promise("datacite", "datacite.xml says what datacite.json says", "I1-02M"),
    _promise("bibliography", "RIS, BibTeX and CSL-JSON are the same item", "I1-01M"),
    _promise("croissant", "Croissant has every table with its columns, every file with its hash", "I1-02M"),
    _promise(
        "ro-crate",
        "the crate has its root, every file with its hash, and nothing that leads nowhere",
        "I1-02M",
        "I3-01M",
    ),
    _promise("languages", "the languages are the same in every citation file that gives them", "R1-01M"),
    _promise(
        "coverage", "the time that the data cover is the same in every citation file that gives it", "R1-01M"
    ),
    _promise("licence", "the descriptor and every resource have a licence with an address", "R1.1-01M"),
    _promise(
        "licence-same",
        "the licence of the data is the same SPDX licence in every citation file",
        "R1.1-02M",
        "R1.1-03M",
    ),
    _promise(
        "licence-texts", "the texts of the licences and the account of the rights are there", "R1.1-01M"
    ),
    _promise(
        "text-rights", "the rights statement of the quoted text stands in every citation file", "R1.1-01M"
    ),
    _promise(
        "credits", "every contributor stands in every citation file that names contributors", "R1.2-01M"
    ),
    _promise(
        "provenance",
        "the crate names tool, locked environment and inputs with their SHA-256",
        "R1.2-01M",
        "R1.2-02M",
    ),
    _promise(
        "source-rebuilt",
        "every source is its lines, byte for byte, and has the hash of its record",
        "R1.2-01M",
    ),
    _promise("changelog", "the changelog has the version", "R1.2-01M"),
    _promise("changes", "changes.csv fits the step of the version", "R1.2-01M"),
    _promise(
        "readme", "the README says how to cite, what may be done with it, and how to verify it", "R1-01M"
    ),
    _promise("no-placeholder", "no words stand where something is still to be filled in", "R1-01M"),
    _promise("no-secret", "nothing looks like a key, a token or the path of someone's machine", "R1-01M"),
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
    )
