"""Rules of the words that stand in a release, and of those that must not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cables import files
from cables.checks.fair.archive import inputs_of, name_of
from cables.checks.fair.files_of_release import DATA_ENDINGS, LOCK, PACKAGE, SUMS
from cables.checks.fair.rules import missing, rule
from cables.checks.fair.values import dig, numbered, record_ids, toml_of
from cables.checks.loaded import Finding, Package, Unreadable, shown
from cables.model import InputError

# The DOIs of Zenodo's sandbox lead nowhere.
SANDBOX_DOI = re.compile(r"\b10\.5072/\w[^\s\"'<>)`]*")
SANDBOX = "sandbox"
# Nobody but who makes a template writes these.
BLANK = re.compile(
    r"(?i:\breplace[-_](?:with|me)\b|\bchange[-_]me\b|\bchangeme\b|\blorem ipsum\b|\b10\.x+/|\bxx\.x+/|"
    r"<your[ -]|<(?:year|name|owner|doi|copyright holders?)>|"
    r"\[(?:year|yyyy|fullname|name of copyright owner)\]|\byour name\b|"
    r"\binsert\b[^.,;:]{1,40}\bhere\b|[\"'\[<{]placeholder(?: text)?[\"'\]>}])|"
    # A page may speak of placeholders; the table [doi] has its name, and a link may be called DOI.
    r"\bREPLACE(?:WITH|ME)\b|\bPLACEHOLDERS?\b|\[DOI\](?!\()|\b0000-0000-0000-0000\b|"
    # BibTeX has an organisation in two braces.
    r"\{\{ |\{% |(?<!= )\{\{\w+\}\}|\$\{\w+\}"
)
# These may stand in an old telegram, in capitals as it is.
BLANK_WORDS = re.compile(
    r"\bREPLACE (?:WITH|ME)\b|\bCHANGE ME\b|\bTO(?:DO)\b|\bFIX(?:ME)\b|\bX{3,}\b(?! [A-Z])|\?{3}|"
    r"(?i:\bTB[DCA]\b|\bto be (?:determined|announced|confirmed)\b|\bto(?:do):|\bfix(?:me)\b)|"
    r"\bexample\.(?:com|net|org)\b|\bYYYY-MM-DD\b"
)
# The columns of authored tables in which a person speaks; the others hold patterns, ids and quotations.
SPOKEN = ("definition", "evidence", "label", "meaning", "note", "reason", "source")
TABLES = re.compile(r"data/(?:curation|vocabulary)/[^/]+\.csv")
# Generated pages that quote the archive's text.
QUOTING_PAGES = frozenset({"alignment.md", "discrepancies.md"})
# The word for a secret in its place gives none away, as where an address with one is refused.
STAND_IN = r"(?!(?:secret|password|token)\b)"
KEY = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\bPuTTY-User-Key-File|"
    r"\b(?:access_token|api_key|apikey|auth_token|private_token|client_secret)=[\w.~+/-]{8,}|"
    r"\bBearer [\w.~+/-]{16,}|\bBasic [A-Za-z0-9+/]{16,}={0,2}|"
    rf"://[^/\s:@\"'<>]+:{STAND_IN}[^/\s:@\"'<>{{}}]{{3,}}@|"
    rf"(?i:\b(?:\w*password|passwd|aws_secret_access_key)[\"']?\s*(?:=|:\s*[\"'])\s*[\"']?"
    rf"{STAND_IN}[^\s\"'<>{{}}()\[\],;$]{{6,}}(?=[\s\"'<,;]|$))|"
    r"\bgh[pousr]_\w{30,}|\bgithub_pat_\w{30,}|\bglpat-[\w-]{20,}|\bAKIA[0-9A-Z]{16}\b|\bAIza[\w-]{35}\b|"
    r"\bxox[abprs]-[\w-]{10,}|\bsk-[\w-]{20,}|\bhf_[A-Za-z]{30,}|\bpypi-[\w-]{50,}|\bnpm_\w{36}\b|"
    r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.|"
    # A token of Zenodo has no mark but its length.
    r"(?<![\w/+.-])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{60}(?![\w/+.-])"
)
MACHINE = re.compile(
    r"(?<![\w.:/~*-])/(?:home|Users|root|tmp|var|private|mnt|media|opt|srv|work|workspaces?|builds|Volumes)"
    r"/[\w.-]+|\b[A-Za-z]:\\\\?\w|\\\\\\\\[\w-]+\\|\bfile://|"
    r"\blocalhost\b|\b127\.0\.0\.1\b|\b0\.0\.0\.0\b|\b10(?:\.\d{1,3}){3}\b|\b192\.168(?:\.\d{1,3}){2}\b|"
    r"\b172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}\b|\b[a-z0-9-]+\.(?:local|localdomain|internal|lan)\b|"
    # A user at a machine has no domain, unlike an address to write to.
    r"(?<![\w.@/-])[a-z_][a-z0-9_-]*@[a-z][a-z0-9-]*\b(?![\w.@-])"
)

# Of the inputs, what is no code.
OF_PEOPLE = ("data/", "schemas/", "templates/", PACKAGE)


def describing(package: Package) -> Iterator[tuple[str, bytes]]:
    """The files that describe: all but the tables, the files of records, and lists for machines."""
    records = tuple(f"{one}." for one in record_ids(package))
    for name, data in package.files.items():
        is_data = name.endswith((*DATA_ENDINGS, ".zip")) or name.startswith(records)
        if not is_data and name not in (LOCK, SUMS):
            yield name, data


def _matches(data: bytes, *patterns: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    """Line and words of the first match in every line."""
    for number, line in numbered(data):
        match = next(filter(None, (pattern.search(line) for pattern in patterns)), None)
        if match:
            yield number, match[0]


@rule("doi-real")
def doi_real(package: Package) -> Iterator[Finding]:
    if dig(toml_of(package), "doi", "server") == SANDBOX:
        return
    for name, data in describing(package):
        for number, words in _matches(data, SANDBOX_DOI):
            yield Finding(name, number, shown(words), "no DOI of the sandbox")


@rule("no-rehearsal")
def no_rehearsal(package: Package) -> Iterator[Finding]:
    if dig(toml_of(package), "doi", "server") == SANDBOX:
        yield missing(PACKAGE, "[doi] of the sandbox", "one that leads to the release, or none yet")


@rule("readme")
def readme(package: Package) -> Iterator[Finding]:
    text = package.files.get("README.md", b"").decode("utf-8", "replace").lower()
    for what, words in {
        "how to cite it": "## cite",
        "the file to cite it by": "(citation.cff)",
        "what may be done with it": "(rights.md)",
        "how to verify it": "verify.py",
        "what changed": "changelog.md",
        "what the columns mean": "(codebook.md)",
    }.items():
        if words not in text:
            yield missing("README.md", f"nothing on {what}", f"the words {words!r}")


@rule("no-placeholder")
def no_placeholder(package: Package) -> Iterator[Finding]:
    for name, data in describing(package):
        patterns = (BLANK,) if name in QUOTING_PAGES else (BLANK, BLANK_WORDS)
        for number, words in _matches(data, *patterns):
            yield Finding(name, number, shown(words), "the words that belong there")
    for path, data in _carried(package).items():
        if TABLES.fullmatch(path):
            for number, words in _spoken(path, data):
                where = f"{name_of(package)}/inputs/{path}"
                yield Finding(where, number, shown(words), "the words that belong there")


def _spoken(path: str, data: bytes) -> Iterator[tuple[int, str]]:
    """Line and words of what is still to be filled in where a person speaks in an authored table."""
    try:
        (_, header), *rows = files.csv_records(path, data.decode("utf-8", "replace"))
    except (InputError, ValueError):  # no table, or nothing in it, which the rebuild tells
        return
    for number, cells in rows:
        for column, cell in zip(header, cells, strict=False):
            if column in SPOKEN and (words := unfilled(cell)):
                yield number, words


def unfilled(text: str) -> str | None:
    """The first words of a text that stand for something still to be filled in."""
    match = BLANK.search(text) or BLANK_WORDS.search(text)
    return match[0] if match else None


def _carried(package: Package) -> dict[str, bytes]:
    """The inputs in the archive; none where there is no archive, which a check of it tells."""
    try:
        return inputs_of(package)
    except Unreadable:
        return {}


@rule("no-secret")
def no_secret(package: Package) -> Iterator[Finding]:
    for name, data in package.files.items():
        if not name.endswith((".parquet", ".zip")):
            for number, words in _matches(data, KEY, MACHINE):
                yield _untold(name, number, words)
    for path, data in _carried(package).items():
        for number, words in secrets(path, data):
            yield _untold(f"{name_of(package)}/inputs/{path}", number, words)


def secrets(path: str, data: bytes) -> Iterator[tuple[int, str]]:
    """Line and words of what looks like a secret in an input, by its path in a repository."""
    # Code may speak of machines, as of the one that it runs on.
    patterns = (KEY, MACHINE) if path.startswith(OF_PEOPLE) or path.endswith(".md") else (KEY,)
    yield from _matches(data, *patterns)


def _untold(name: str, number: int, words: str) -> Finding:
    """A finding that does not tell the words again."""
    return Finding(name, number, f"{len(words)} characters like a key, a path or a machine's name", "none")
