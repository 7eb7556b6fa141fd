"""What a file of the package is, by where it stands: its media type, and whose rights are in it.

The descriptor and every citation file take it from here, so that no two of them differ.
"""

from __future__ import annotations

import posixpath

FORMATS = {
    ".bib": "application/x-bibtex",
    ".cff": "application/yaml",
    ".csv": "text/csv",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".lock": "text/plain",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".py": "text/x-python",
    ".ris": "application/x-research-info-systems",
    ".tmx": "application/x-tmx+xml",
    ".toml": "application/toml",
    ".txt": "text/plain",
    ".xml": "application/xml",
}
# By more than the last part of a name.
LONGER_FORMATS = {".csl.json": "application/vnd.citationstyles.csl+json"}
# The texts by sentence end in the code of their language, of which there is no list.
PLAIN = "text/plain"

# Kinds of content, as package.toml calls what a licence covers.
CODE = ("code",)
DATA = ("data",)
TEXT = ("text",)
DATA_AND_TEXT = ("data", "text")
# What stands where, in the folders of a package or flat in a release; the first that fits.
HELD = {
    "data/raw/": TEXT,
    "data/curation/": DATA_AND_TEXT,
    "data/exports/": DATA_AND_TEXT,
    "data/json/": DATA_AND_TEXT,
    "docs/deposit.md": DATA,
    "docs/fair.md": DATA,
    "docs/": DATA_AND_TEXT,
    "README.md": DATA_AND_TEXT,
    "changes.csv": DATA_AND_TEXT,
    "LICENSE-DATA": DATA,
    "LICENSE": CODE,
    "requirements.lock": CODE,
    "verify.py": CODE,
    "": DATA,
}
# Which texts of an export belong together, and no text.
WITHOUT_TEXT = ".ids"


def media_type(path: str) -> str:
    """The media type of a file of the package, by its ending."""
    longer = (kind for ending, kind in LONGER_FORMATS.items() if path.endswith(ending))
    return next(longer, FORMATS.get(posixpath.splitext(path)[1], PLAIN))


def held(path: str, quotes: bool = False) -> tuple[str, ...]:
    """The kinds of content of a file; `quotes` says that it is a table that quotes the archive's text."""
    if path.endswith(WITHOUT_TEXT):
        return DATA
    return DATA_AND_TEXT if quotes else next(kinds for start, kinds in HELD.items() if path.startswith(start))
