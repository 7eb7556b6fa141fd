"""How the files of a release are called."""

from __future__ import annotations

from cables import files

SUMS = "SHA256SUMS"
ABOUT = "release.json"
VERIFIER = "verify.py"
CHANGES = "changes.csv"
BODY = "inveniordm.json"
CFF = "CITATION.cff"
DATACITE = "datacite.json"
DATACITE_XML = "datacite.xml"
CROISSANT = "croissant.json"
SCHEMA_ORG = "schemaorg.jsonld"
CRATE = "ro-crate-metadata.json"
CSL = "citation.csl.json"
RIS = "citation.ris"
BIBTEX = "citation.bib"
DESCRIPTOR = files.DESCRIPTOR
PACKAGE = "package.toml"
PROJECT = "pyproject.toml"
LOCK = "requirements.lock"
README = "README.md"
RIGHTS = "RIGHTS.md"
# The texts of the licences, by what they are for.
LICENCES = {"code": "LICENSE", "data": "LICENSE-DATA"}
# All that a person wrote and a release has beside its archive.
AUTHORED = ("CHANGELOG.md", *LICENCES.values(), README, RIGHTS, PACKAGE, LOCK)
DATA_ENDINGS = (".csv", ".parquet")
