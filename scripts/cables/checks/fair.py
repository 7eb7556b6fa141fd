"""Checks of a release, as it lies flat in a folder: the rules behind the promises of `cables.fair`."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import dplib
import jsonschema
import polars as pl
import yaml  # type: ignore[import-untyped]
from lxml import etree

from cables import descriptor, fair, files, inputs, lines
from cables.checks.loaded import Fault, Finding, Package, Repository, Sheet, Unreadable, shown
from cables.checks.registry import Check, Level, Rule, Verdict, judge
from cables.model import InputError
from cables.schemas import Json, Table

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

PROFILE = Path(dplib.__file__).parent / "profiles" / "2.0" / "datapackage.json"
MOST_FILES = 99
FLAT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
SUM_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
DOI = re.compile(r"10\.\d{4,9}/[^\s\"'<>}\\,;]*[^\s\"'<>}\\,;.)\]]")
SANDBOX = "10.5072/"
DATA_ENDINGS = (".csv", ".parquet")
PLACEHOLDER = re.compile(
    r"REPLACE[-_ ]?(?:WITH|ME)|CHANGE[-_ ]?ME|\bTO(?:DO)\b|\bFIX(?:ME)\b|\bTBD\b|\bX{3}\b|[Ll]orem ipsum|"
    r"\bexample\.(?:com|net|org)\b|10\.x+/|\bxx\.x+/|0000-0000-0000-0000|<your[ -]|\bYYYY-MM-DD\b"
)
SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|access_token=|\bBearer [A-Za-z0-9._~+/-]{16,}|\bgh[pousr]_\w{30,}|"
    r"\bgithub_pat_[A-Za-z0-9_]{30,}|\bAKIA[0-9A-Z]{16}\b|://[^/\s:@]+:[^/\s:@]+@|"
    r"(?<![\w.])/(?:home|Users|root|tmp|var|private)/[\w.-]+|\b[A-Z]:\\Users\\"
)
# What is somebody's own words, by its ending: not tables, records and sources, which quote.
PROSE = (".md", ".cff", ".bib", ".ris", ".xml", ".jsonld", ".toml", ".py")
ALSO_PROSE = (BODY, CRATE, DATACITE, CROISSANT, CSL, "LICENSE", "LICENSE-DATA", ABOUT)
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
# How the formats call the parts of a person's name.
NAME_PARTS = ("family-names", "given-names", "family_name", "given_name", "family", "given")
INPUTS = (
    "package.toml",
    "requirements.lock",
    "data/raw/",
    "data/vocabulary/",
    "data/curation/",
    "schemas/",
    "scripts/",
)


# --- reading -----------------------------------------------------------------------------------------


def is_release(folder: Path) -> bool:
    """Whether a folder holds a release and not a package."""
    return (folder / SUMS).is_file() and (folder / ABOUT).is_file()


def load(folder: Path, known: Repository) -> Package:
    """Reads a release. Raises InputError only where the folder itself cannot be read."""
    faults: list[Fault] = []
    found: dict[str, bytes] = {}
    for name in files.list_files(folder):
        try:
            if (folder / name).is_symlink():
                raise InputError(name, 1, "a symbolic link", "a file")
            found[name] = files.read_bytes(folder / name)
        except InputError as error:
            faults.append(Fault("fair-flat", Finding(name, 1, error.found, error.expected)))
    return of_files(folder, known, found, faults)


def of_files(
    folder: Path, known: Repository, content: Mapping[str, bytes], before: Iterable[Fault] = ()
) -> Package:
    """A release from its files by name; `before` was met on reading them."""
    faults = list(before)
    sheets, parquet = {}, {}
    for table in known.tables:
        frame = _csv(table, content, faults)
        if frame is not None:
            sheets[table.name] = Sheet(table, frame)
        other = _parquet(f"{table.name}.parquet", content, faults)
        if other is not None:
            parquet[table.name] = other
    described = _value(content.get(DESCRIPTOR, b""))
    own = described if isinstance(described, dict) else None
    return Package(folder, known, content, sheets, parquet, {}, own, tuple(faults))


def _value(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _csv(table: Table, found: Mapping[str, bytes], faults: list[Fault]) -> pl.DataFrame | None:
    name = f"{table.name}.csv"
    try:
        if name not in found:
            raise ValueError("no such file")
        text = found[name].decode("utf-8")
        if "\r" in text or text.startswith("\ufeff"):
            raise ValueError("a carriage return or a byte order mark")
        header = next(csv.reader(io.StringIO(text)), [])
        if header != list(table.columns):
            raise ValueError(f"the header {','.join(header)}")
        frame = pl.read_csv(io.BytesIO(found[name]), schema=table.polars)
    except (ValueError, csv.Error, pl.exceptions.PolarsError) as error:
        said = files.printable(str(error).split("\n")[0])
        faults.append(Fault("fair-tables", Finding(name, 1, said, "CSV as the schema of the table has it")))
        return None
    return frame


def _parquet(name: str, found: Mapping[str, bytes], faults: list[Fault]) -> pl.DataFrame | None:
    try:
        if name not in found:
            raise ValueError("no such file")
        return pl.read_parquet(io.BytesIO(found[name]), use_pyarrow=True)
    except Exception as error:  # a damaged file makes the reader raise almost anything
        said = files.printable(str(error).split("\n")[0])
        faults.append(Fault("fair-parquet-same", Finding(name, 1, said, "a Parquet file")))
        return None


def prove(package: Package, others: Iterable[Check] = ()) -> tuple[Verdict, ...]:
    """The verdicts on a release: its promises, then other checks that look at tables alone."""
    values = _placed(package)
    return (
        *(judge(one, package) for one in CHECKS),
        *(_flat(judge(one, values)) for one in others if one.on_values),
    )


def _placed(package: Package) -> Package:
    """The release with its sources where a package has them."""
    names = [(descriptor.raw_path(one), f"{one}.txt") for one in _record_ids(package)]
    return replace(
        package, files={path: package.files[name] for path, name in names if name in package.files}
    )


def _record_ids(package: Package) -> list[str]:
    return [row["record_id"] for row in package.sheets["records"].rows] if "records" in package.sheets else []


def _flat(verdict: Verdict) -> Verdict:
    """A verdict whose findings name the files of a release."""
    found = tuple(replace(one, file=one.file.rpartition("/")[2]) for one in verdict.findings)
    return replace(verdict, findings=found)


def data_of(package: Package, name: str) -> bytes:
    """A file's bytes. Raises Unreadable where there is none."""
    if name not in package.files:
        raise Unreadable(f"{name} is missing or cannot be read")
    return package.files[name]


def json_of(package: Package, name: str) -> Any:
    """A file's JSON value; null where it is no JSON, so that whatever should stand in it does not."""
    return _value(data_of(package, name))


def cff_of(package: Package) -> Any:
    """The value of CITATION.cff; null where it is no YAML."""
    try:
        return yaml.safe_load(data_of(package, CFF))
    except (yaml.YAMLError, ValueError):
        return None


def described(package: Package) -> Json:
    """The descriptor. Raises Unreadable where there is none."""
    if package.descriptor is None:
        raise Unreadable(f"{DESCRIPTOR} is missing or no JSON object")
    return package.descriptor


def dig(value: Any, *path: str | int) -> Any:
    """What a path leads to in a JSON value; null where it leads nowhere."""
    for key in path:
        match value, key:
            case dict(), _:
                value = value.get(key)
            case list(), int() if key < len(value):
                value = value[key]
            case _:
                return None
    return value


def each(value: Any, *path: str | int) -> list[Any]:
    """The items of a list that a path leads to; one value that is no list counts as a list of it."""
    found = dig(value, *path)
    return found if isinstance(found, list) else [] if found is None else [found]


def ris(package: Package, tag: str) -> list[str]:
    """The values of a tag of RIS."""
    text = data_of(package, RIS).decode("utf-8", "replace")
    return re.findall(rf"^{tag}  - (.*)$", text, re.MULTILINE)


def bibtex(package: Package, field: str) -> str | None:
    """A field of BibTeX, its signs as they are read."""
    text = data_of(package, BIBTEX).decode("utf-8", "replace")
    match = re.search(rf"^\s*{field} = \{{(.*)\}},?$", text, re.MULTILINE)
    return re.sub(r"\\([&%$#_{}])", r"\1", match[1]) if match else None


def root_of(package: Package) -> Any:
    """The root of the crate."""
    graph = each(json_of(package, CRATE), "@graph")
    return next((one for one in graph if dig(one, "@id") == "./"), None)


def entities(package: Package) -> dict[str, Json]:
    """The entities of the crate by id."""
    graph = each(json_of(package, CRATE), "@graph")
    return {one["@id"]: one for one in graph if isinstance(one, dict) and isinstance(one.get("@id"), str)}


RULES: dict[str, Rule] = {}


def rule(identifier: str) -> Callable[[Rule], Rule]:
    """Makes a function the rule of a promise."""

    def keep(function: Rule) -> Rule:
        RULES[f"fair-{identifier}"] = function
        return function

    return keep


def missing(file: str, found: str, expected: str) -> Finding:
    """A finding about a file as a whole."""
    return Finding(file, 1, found, expected)


def same(values: Mapping[str, Any], expected: Any, what: str) -> Iterator[Finding]:
    """A finding for every file that says something else."""
    for file, value in values.items():
        if value != expected:
            yield missing(file, f"{what} {shown(value)}", shown(expected))


# --- findable ----------------------------------------------------------------------------------------


@rule("described")
def is_described(package: Package) -> Iterator[Finding]:
    about = described(package)
    text = dig(about, "description") or ""
    if not dig(about, "title"):
        yield missing(DESCRIPTOR, "no title", "a title")
    if not 50 <= len(text) <= 5000:
        yield missing(DESCRIPTOR, f"a description of {len(text)} characters", "50 to 5000")
    if len(each(about, "keywords")) < 3:
        yield missing(DESCRIPTOR, f"{len(each(about, 'keywords'))} keywords", "three or more")
    if not SEMVER.fullmatch(str(dig(about, "version"))):
        yield missing(DESCRIPTOR, f"version {shown(dig(about, 'version'))}", "MAJOR.MINOR.PATCH")
    if not DAY.match(str(dig(about, "created"))):
        yield missing(DESCRIPTOR, f"created {shown(dig(about, 'created'))}", "a day")


@rule("title-same")
def title_same(package: Package) -> Iterator[Finding]:
    titles = {
        CFF: dig(cff_of(package), "title"),
        DATACITE: dig(json_of(package, DATACITE), "titles", 0, "title"),
        CROISSANT: dig(json_of(package, CROISSANT), "name"),
        SCHEMA_ORG: dig(json_of(package, SCHEMA_ORG), "name"),
        CRATE: dig(root_of(package), "name"),
        CSL: dig(json_of(package, CSL), 0, "title"),
        RIS: next(iter(ris(package, "TI")), None),
        BIBTEX: bibtex(package, "title"),
        BODY: dig(_body(package), "metadata", "title"),
    }
    yield from same(_there(package, titles), dig(described(package), "title"), "title")


def _body(package: Package) -> Any:
    """The body of a deposit, which a release that was downloaded has no more."""
    return _value(package.files.get(BODY, b""))


def _there(package: Package, values: Mapping[str, Any]) -> dict[str, Any]:
    return {file: value for file, value in values.items() if file != BODY or BODY in package.files}


def _words(name: Any) -> tuple[str, ...]:
    """A name, however its parts are ordered."""
    return tuple(sorted(re.findall(r"\w+", str(name).lower())))


def _names(agents: Iterable[Any], *parts: str) -> list[tuple[str, ...]]:
    """The names of agents, from the first part that each has."""
    found = []
    for one in agents:
        name = next((dig(one, part) for part in parts if dig(one, part)), None)
        found.append(_words(name or " ".join(str(dig(one, part)) for part in NAME_PARTS if dig(one, part))))
    return found


def _agents(package: Package) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Creators and contributors, as the descriptor names them."""
    people = each(described(package), "contributors")
    creators = [one for one in people if "creator" in each(one, "roles")]
    others = [one for one in people if "creator" not in each(one, "roles")]
    return _names(creators, "title"), _names(others, "title")


def _in_crate(package: Package, references: Iterable[Any]) -> list[Json]:
    own = entities(package)
    return [own[str(dig(one, "@id"))] for one in references if str(dig(one, "@id")) in own]


@rule("creators-same")
def creators_same(package: Package) -> Iterator[Finding]:
    creators = _agents(package)[0]
    if not creators:
        yield missing(DESCRIPTOR, "no creator", "one or more")
    body = each(_body(package), "metadata", "creators")
    values = {
        CFF: _names(each(cff_of(package), "authors"), "name"),
        DATACITE: _names(each(json_of(package, DATACITE), "creators"), "name"),
        CROISSANT: _names(each(json_of(package, CROISSANT), "creator"), "name"),
        SCHEMA_ORG: _names(each(json_of(package, SCHEMA_ORG), "creator"), "name"),
        CRATE: _names(_in_crate(package, each(root_of(package), "creator")), "name"),
        CSL: _names(each(json_of(package, CSL), 0, "author"), "literal"),
        RIS: [_words(one) for one in ris(package, "AU")],
        BODY: _names([dig(one, "person_or_org") for one in body], "name"),
    }
    yield from same(_there(package, values), creators, "creators")


@rule("version-same")
def version_same(package: Package) -> Iterator[Finding]:
    versions = {
        CFF: dig(cff_of(package), "version"),
        DATACITE: dig(json_of(package, DATACITE), "version"),
        CROISSANT: dig(json_of(package, CROISSANT), "version"),
        SCHEMA_ORG: dig(json_of(package, SCHEMA_ORG), "version"),
        CRATE: dig(root_of(package), "version"),
        CSL: dig(json_of(package, CSL), 0, "version"),
        RIS: next(iter(ris(package, "ET")), None),
        BIBTEX: bibtex(package, "version"),
        ABOUT: dig(json_of(package, ABOUT), "version"),
        BODY: dig(_body(package), "metadata", "version"),
    }
    yield from same(_there(package, versions), dig(described(package), "version"), "version")


@rule("date-same")
def date_same(package: Package) -> Iterator[Finding]:
    issued = [one for one in each(json_of(package, DATACITE), "dates") if dig(one, "dateType") == "Issued"]
    parts = each(json_of(package, CSL), 0, "issued", "date-parts", 0)
    numbers = [one for one in parts if isinstance(one, int)]
    dates = {
        CFF: dig(cff_of(package), "date-released"),
        DATACITE: dig(issued, 0, "date"),
        CROISSANT: dig(json_of(package, CROISSANT), "datePublished"),
        SCHEMA_ORG: dig(json_of(package, SCHEMA_ORG), "datePublished"),
        CRATE: dig(root_of(package), "datePublished"),
        CSL: "-".join(f"{one:02}" for one in numbers),
        RIS: next(iter(ris(package, "DA")), "").replace("/", "-"),
        BIBTEX: bibtex(package, "date"),
        BODY: dig(_body(package), "metadata", "publication_date"),
    }
    yield from same(_there(package, dates), str(dig(described(package), "created"))[:10], "date")


@rule("type-same")
def type_same(package: Package) -> Iterator[Finding]:
    values = {
        CFF: dig(cff_of(package), "type"),
        DATACITE: dig(json_of(package, DATACITE), "types", "resourceTypeGeneral"),
        CROISSANT: str(dig(json_of(package, CROISSANT), "@type")).removeprefix("sc:"),
        SCHEMA_ORG: dig(json_of(package, SCHEMA_ORG), "@type"),
        CRATE: dig(root_of(package), "@type"),
        CSL: dig(json_of(package, CSL), 0, "type"),
        BODY: dig(_body(package), "metadata", "resource_type", "id"),
    }
    lower = {file: str(value).lower() for file, value in values.items()}
    yield from same(_there(package, lower), "dataset", "type")
    yield from same({RIS: ris(package, "TY")}, ["DATA"], "TY")


def _own_doi(text: Any) -> str | None:
    match = DOI.search(str(text))
    return match[0].lower() if match else None


@rule("doi-same")
def doi_same(package: Package) -> Iterator[Finding]:
    values = {
        CFF: dig(cff_of(package), "doi"),
        DATACITE: dig(json_of(package, DATACITE), "doi") or dig(json_of(package, DATACITE), "identifiers"),
        CROISSANT: dig(json_of(package, CROISSANT), "url"),
        SCHEMA_ORG: dig(json_of(package, SCHEMA_ORG), "@id"),
        CRATE: dig(root_of(package), "identifier", "@id"),
        CSL: dig(json_of(package, CSL), 0, "DOI"),
        RIS: next(iter(ris(package, "DO")), None),
        BIBTEX: bibtex(package, "doi"),
    }
    expected = _own_doi(dig(described(package), "id"))
    yield from same({file: _own_doi(value) for file, value in values.items()}, expected, "DOI")


@rule("doi-real")
def doi_real(package: Package) -> Iterator[Finding]:
    for name, data in _prose(package):
        for number, line in _lines(data):
            if SANDBOX in line and name != VERIFIER:
                yield Finding(name, number, f"a DOI of {SANDBOX}", "no DOI of a sandbox")


@rule("agent-ids")
def agent_ids(package: Package) -> Iterator[Finding]:
    for name, data in _prose(package):
        for number, line in _lines(data):
            for found in re.findall(r"orcid\.org/([0-9A-Za-z-]*)", line):
                if not is_orcid(found):
                    yield Finding(name, number, f"the ORCID {shown(found)}", "16 digits, the last a check")
            for found in re.findall(r"https?://ror\.org/([0-9A-Za-z]*)", line):
                if not is_ror(found):
                    yield Finding(
                        name, number, f"the ROR {shown(found)}", "0, six signs and two check digits"
                    )


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


@rule("resources")
def resources(package: Package) -> Iterator[Finding]:
    for one in each(described(package), "resources"):
        path = dig(one, "path")
        data = package.files.get(path) if isinstance(path, str) else None
        if data is None:
            yield missing(DESCRIPTOR, f"the resource {shown(path)}", "a file of the release")
            continue
        if dig(one, "hash") != descriptor.sha256(data):
            yield missing(path, descriptor.sha256(data), shown(dig(one, "hash")))
        if dig(one, "bytes") not in (None, len(data)):
            yield missing(path, f"{len(data)} bytes", shown(dig(one, "bytes")))


@rule("data-listed")
def data_listed(package: Package) -> Iterator[Finding]:
    listed = {dig(one, "path") for one in each(described(package), "resources")}
    records = [str(row["record_id"]) for row in package.rows("records")]
    for name in package.files:
        own = any(name in (f"{one}.json", f"{one}.txt") for one in records)
        if (name.endswith(DATA_ENDINGS) or own) and name not in listed:
            yield missing(name, "no resource", f"a resource of {DESCRIPTOR}")
    for table in package.repository.tables:
        for ending in DATA_ENDINGS:
            if table.name + ending not in listed:
                yield missing(
                    DESCRIPTOR, f"no resource {table.name + ending}", "one for every table and form"
                )


# --- accessible --------------------------------------------------------------------------------------


@rule("flat")
def flat(package: Package) -> Iterator[Finding]:
    yield from package.faults_of("fair-flat")
    lower = Counter(name.lower() for name in package.files)
    for name in package.files:
        if not FLAT.fullmatch(name):
            yield missing(name, f"the name {shown(name)}", "letters A-Z a-z, digits, . _ -, and no folder")
        if lower[name.lower()] > 1:
            yield missing(name, "a name that another has but for case", "a name of its own")
    uploaded = len(package.files.keys() - {BODY})
    if uploaded > MOST_FILES:
        yield missing(SUMS, f"{uploaded} files", f"no more than {MOST_FILES}")


def _sums(data: bytes) -> Iterator[tuple[int, str, str | None]]:
    """Line, name and hash of every line; no hash where it has another form."""
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), start=1):
        match = SUM_LINE.fullmatch(line)
        yield (number, match[2], match[1]) if match else (number, line, None)


@rule("manifest")
def manifest(package: Package) -> Iterator[Finding]:
    listed = set()
    for number, name, expected in _sums(data_of(package, SUMS)):
        if expected is None or name in listed:
            yield Finding(SUMS, number, shown(name), "a hash, two spaces and a name not yet listed")
        elif name not in package.files:
            yield Finding(SUMS, number, f"{name}, which is not there", "a file of the release")
        elif _hash(package.files[name]) != expected:
            yield missing(name, f"SHA-256 {_hash(package.files[name])}", expected)
        listed.add(name)
    for name in sorted(package.files.keys() - listed - {SUMS, BODY}):
        yield missing(name, f"not in {SUMS}", "every file in it")


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@rule("archive")
def archive(package: Package) -> Iterator[Finding]:
    name = f"{dig(described(package), 'name')}-{dig(described(package), 'version')}.zip"
    data = package.files.get(name)
    if data is None:
        yield missing(name, "no such file", "the archive of the release")
        return
    folder = name.removesuffix(".zip") + "/"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as zipped:
            held = {one.filename: (one, zipped.read(one)) for one in zipped.infolist()}
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError) as error:
        yield missing(name, str(error), "a zip archive")
        return
    apart = {name, SUMS, ABOUT}
    for own, content in package.files.items():
        if own not in apart and held.get(folder + own, (None, None))[1] != content:
            yield missing(name, f"no {own}, or another", f"{own} as it stands beside it")
    for path in INPUTS:
        if not any(one.startswith(f"{folder}inputs/{path}") for one in held):
            yield missing(name, f"no inputs/{path}", "everything that a build needs")
    for path, (entry, _) in held.items():
        if entry.date_time != FIRST_DAY or entry.create_system != 3 or entry.external_attr != 0o100644 << 16:
            yield missing(name, f"{path} with a date, mode or system of its own", "1980-01-01, 0644, Unix")
    about = dig(json_of(package, ABOUT), "archive")
    expected = {"path": name, "bytes": len(data), "sha256": _hash(data)}
    if about != expected:
        yield missing(ABOUT, f"archive {shown(about)}", shown(expected))


@rule("verifier")
def verifier(package: Package) -> Iterator[Finding]:
    own = (inputs.REPOSITORY / "templates" / VERIFIER).read_bytes()
    if package.files.get(VERIFIER) != own:
        yield missing(VERIFIER, "another file, or none", "the verifier of this repository")


@rule("deposit-body")
def deposit_body(package: Package) -> Iterator[Finding]:
    if BODY not in package.files:
        raise Unreadable(f"{BODY} is not there: it is not among the files of a deposit")
    body = _body(package)
    for path in (
        ("metadata", "title"),
        ("metadata", "publication_date"),
        ("metadata", "resource_type", "id"),
        ("metadata", "creators", 0, "person_or_org", "type"),
        ("metadata", "rights", 0),
        ("metadata", "description"),
        ("metadata", "publisher"),
    ):
        if not dig(body, *path):
            yield missing(BODY, f"no {'.'.join(map(str, path))}", "what a repository asks for")
    if dig(body, "files", "enabled") is not True:
        yield missing(BODY, "files.enabled is not true", "true")
    if dig(body, "access") != {"record": "public", "files": "public"}:
        yield missing(BODY, f"access {shown(dig(body, 'access'))}", "public")


# --- interoperable -----------------------------------------------------------------------------------


@rule("profile")
def profile(package: Package) -> Iterator[Finding]:
    schema = cast(Json, files.read_json(PROFILE))
    for error in jsonschema.validators.validator_for(schema)(schema).iter_errors(described(package)):
        where = "/".join(map(str, error.absolute_path)) or "the whole"
        yield missing(
            DESCRIPTOR, f"{where}: {files.printable(error.message[:200])}", "what the profile asks for"
        )
    if dig(described(package), "$schema") != descriptor.PROFILE:
        yield missing(DESCRIPTOR, f"$schema {shown(dig(described(package), '$schema'))}", descriptor.PROFILE)
    own = {table.name: fair.inline(table.schema) for table in package.repository.tables}
    for one in each(described(package), "resources"):
        name = str(dig(one, "name")).removesuffix("-parquet")
        if name in own and dig(one, "schema") != own[name]:
            yield missing(
                DESCRIPTOR, f"another schema of {dig(one, 'name')}", "that of this repository, inline"
            )


@rule("tables")
def tables(package: Package) -> Iterator[Finding]:
    yield from package.faults_of("fair-tables")


@rule("parquet-same")
def parquet_same(package: Package) -> Iterator[Finding]:
    yield from package.faults_of("fair-parquet-same")
    for name, frame in package.parquet.items():
        if name in package.sheets and not (
            frame.schema == package.frame(name).schema and frame.equals(package.frame(name))
        ):
            yield missing(f"{name}.parquet", "other values or types", f"those of {name}.csv")


@rule("columns-described")
def columns_described(package: Package) -> Iterator[Finding]:
    known = {(row["vocabulary"], row["code"]) for row in package.rows("codes") if row["definition"]}
    for one in each(described(package), "resources"):
        for field in each(one, "schema", "fields"):
            if not dig(field, "description"):
                yield missing(DESCRIPTOR, f"no description of {dig(one, 'name')}.{dig(field, 'name')}", "one")
            if "vocabulary" not in field:
                continue
            for code in each(field, "constraints", "enum"):
                if (field["vocabulary"], code) not in known:
                    yield missing("codes.csv", f"no definition of {field['vocabulary']} {code}", "one")


@rule("keys")
def keys(package: Package) -> Iterator[Finding]:
    for name, sheet in package.sheets.items():
        own = [tuple(row[column] for column in sheet.table.primary_key) for row in sheet.rows]
        repeated = {key for key, number in Counter(own).items() if number > 1 or None in key}
        for index, key in enumerate(own):
            if key in repeated:
                yield Finding(
                    f"{name}.csv", index + 2, f"the key {shown(key)}", "a key of its own, all of it"
                )
        for foreign in sheet.table.foreign_keys:
            rows = package.rows(foreign.table)
            known = {tuple(row[column] for column in foreign.references) for row in rows}
            for index, row in enumerate(sheet.rows):
                value = tuple(row[column] for column in foreign.columns)
                if None not in value and value not in known:
                    yield Finding(f"{name}.csv", index + 2, f"{shown(value)}", f"a row of {foreign.table}")


@rule("source-linked")
def source_linked(package: Package) -> Iterator[Finding]:
    datacite = json_of(package, DATACITE)
    derived = [
        dig(one, "relatedIdentifier")
        for one in each(datacite, "relatedIdentifiers")
        if dig(one, "relationType") == "IsDerivedFrom"
    ]
    links = [
        (dig(one, "identifier"), dig(one, "relation_type", "id"))
        for one in each(_body(package), "metadata", "related_identifiers")
    ]
    expected = [dig(one, "path") for one in each(described(package), "sources")]
    values = {
        DATACITE: derived,
        CFF: [dig(one, "url") for one in each(cff_of(package), "references")],
        SCHEMA_ORG: [dig(one, "url") for one in each(json_of(package, SCHEMA_ORG), "isBasedOn")],
        CRATE: [dig(one, "@id") for one in each(root_of(package), "isBasedOn")],
        BODY: [where for where, relation in links if relation == "isderivedfrom"],
    }
    yield from same(_there(package, values), expected, "sources")
    if not expected:
        yield missing(DESCRIPTOR, "no source", "the source that the data are read from")
    all_of_them = {
        (dig(one, "relatedIdentifier"), str(dig(one, "relationType")).lower())
        for one in each(datacite, "relatedIdentifiers")
    }
    if BODY in package.files and set(links) != all_of_them:
        yield missing(BODY, f"related works {shown(sorted(map(str, links)))}", f"those of {DATACITE}")


@rule("cff")
def cff(package: Package) -> Iterator[Finding]:
    value = cff_of(package)
    if not isinstance(value, dict):
        yield missing(CFF, "no YAML mapping", "YAML 1.2")
    for key in ("cff-version", "message", "title", "authors"):
        if not dig(value, key):
            yield missing(CFF, f"no {key}", "what the format asks for")
    if dig(value, "cff-version") not in (None, "1.2.0"):
        yield missing(CFF, f"cff-version {shown(dig(value, 'cff-version'))}", "'1.2.0'")
    if dig(value, "preferred-citation") is not None:
        yield missing(CFF, "a preferred-citation", "none: the dataset itself is to be cited")


@rule("datacite")
def datacite(package: Package) -> Iterator[Finding]:
    about = json_of(package, DATACITE)
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        tree = etree.fromstring(data_of(package, DATACITE_XML), parser)
    except etree.XMLSyntaxError as error:
        yield missing(DATACITE_XML, str(error), "XML")
        return

    def texts(name: str) -> list[str | None]:
        return [one.text for one in tree.iter(f"{{http://datacite.org/schema/kernel-4}}{name}")]

    for name, values in {
        "creatorName": [dig(one, "name") for one in each(about, "creators")],
        "contributorName": [dig(one, "name") for one in each(about, "contributors")],
        "title": [dig(one, "title") for one in each(about, "titles")],
        "subject": [dig(one, "subject") for one in each(about, "subjects")],
        "date": [dig(one, "date") for one in each(about, "dates")],
        "rights": [dig(one, "rights") for one in each(about, "rightsList")],
        "relatedIdentifier": [dig(one, "relatedIdentifier") for one in each(about, "relatedIdentifiers")],
        "version": [dig(about, "version")],
        "publicationYear": [dig(about, "publicationYear")],
        "publisher": [dig(about, "publisher", "name")],
    }.items():
        if texts(name) != values:
            yield missing(DATACITE_XML, f"{name} {shown(texts(name))}", shown(values))


@rule("bibliography")
def bibliography(package: Package) -> Iterator[Finding]:
    item = dig(json_of(package, CSL), 0)
    if dig(item, "title") is None:
        yield missing(CSL, "no title", "an item of CSL-JSON")
    if not data_of(package, BIBTEX).startswith(b"@dataset{"):
        yield missing(BIBTEX, "another entry", "an entry @dataset")
    if ris(package, "ER") == [] or ris(package, "TY") == []:
        yield missing(RIS, "no TY or no ER", "a record from TY to ER")
    publisher, title = dig(item, "publisher"), dig(item, "title")
    yield from same({RIS: next(iter(ris(package, "PB")), None)}, publisher, "publisher")
    yield from same({BIBTEX: bibtex(package, "publisher")}, publisher, "publisher")
    yield from same(
        {RIS: next(iter(ris(package, "TI")), None), BIBTEX: bibtex(package, "title")}, title, "title"
    )
    year = str(dig(item, "issued", "date-parts", 0, 0))
    yield from same(
        {RIS: next(iter(ris(package, "PY")), None), BIBTEX: bibtex(package, "year")}, year, "year"
    )


@rule("croissant")
def croissant(package: Package) -> Iterator[Finding]:
    value = json_of(package, CROISSANT)
    columns = {
        str(dig(one, "name")): [dig(field, "name") for field in each(one, "field")]
        for one in each(value, "recordSet")
    }
    expected = {table.name: list(table.columns) for table in package.repository.tables}
    for name in expected.keys() | columns.keys():
        if columns.get(name) != expected.get(name):
            yield missing(
                CROISSANT, f"record set {name}: {shown(columns.get(name))}", shown(expected.get(name))
            )
    yield from _distributed(package, CROISSANT, each(value, "distribution"))
    yield from _distributed(package, SCHEMA_ORG, each(json_of(package, SCHEMA_ORG), "distribution"))


def _distributed(package: Package, file: str, found: list[Any]) -> Iterator[Finding]:
    given = {str(dig(one, "contentUrl")): dig(one, "sha256") for one in found}
    for name, data in package.files.items():
        is_table = name.endswith(DATA_ENDINGS) and name != CHANGES
        if (name in given or is_table) and given.get(name) != _hash(data):
            yield missing(file, f"{name} with SHA-256 {shown(given.get(name))}", _hash(data))
    for name in given.keys() - package.files.keys():
        yield missing(file, f"the file {shown(name)}", "a file of the release")


@rule("ro-crate")
def ro_crate(package: Package) -> Iterator[Finding]:
    own, root = entities(package), root_of(package)
    for key in ("name", "description", "datePublished", "license", "hasPart"):
        if not dig(root, key):
            yield missing(CRATE, f"the root has no {key}", "what RO-Crate asks for")
    if dig(own, CRATE, "about", "@id") != "./":
        yield missing(CRATE, "no descriptor of the crate", "one about ./")
    parts = {dig(one, "@id") for one in each(root, "hasPart")}
    for name, data in package.files.items():
        apart = name in {CRATE, SUMS, ABOUT, BODY} or name.endswith(".zip")
        if not apart and (name not in parts or dig(own, name, "sha256") != _hash(data)):
            yield missing(CRATE, f"{name} is no part, or has another sha256", _hash(data))
    for name in sorted(map(str, parts - package.files.keys())):
        yield missing(CRATE, f"the part {shown(name)}", "a file of the release")
    for entity in own.values():
        for value in entity.values():
            for one in value if isinstance(value, list) else [value]:
                where = dig(one, "@id")
                if isinstance(where, str) and where not in own and not where.startswith("http"):
                    yield missing(CRATE, f"{entity['@id']} points to {where}", "an entity of the crate")


# --- reusable ----------------------------------------------------------------------------------------


@rule("languages")
def languages(package: Package) -> Iterator[Finding]:
    spoken = package.frame("paragraphs")["language"].drop_nulls().unique(maintain_order=True).to_list()
    values = {
        CROISSANT: each(json_of(package, CROISSANT), "inLanguage"),
        SCHEMA_ORG: each(json_of(package, SCHEMA_ORG), "inLanguage"),
        CRATE: each(root_of(package), "inLanguage"),
    }
    yield from same(values, spoken, "languages")
    coded = [dig(one, "id") for one in each(_body(package), "metadata", "languages")]
    references = each(cff_of(package), "references", 0, "languages")
    if BODY in package.files and (coded != references or not coded):
        yield missing(BODY, f"languages {shown(coded)}", f"{shown(references)}, as in {CFF}")


@rule("coverage")
def coverage(package: Package) -> Iterator[Finding]:
    def of(items: list[Any], key: str, value: str) -> Any:
        return next((dig(one, "date") for one in items if str(_kind(one, key)).lower() == value), None)

    expected = dig(json_of(package, SCHEMA_ORG), "temporalCoverage")
    values = {
        DATACITE: of(each(json_of(package, DATACITE), "dates"), "dateType", "coverage"),
        CRATE: dig(root_of(package), "temporalCoverage"),
        BODY: of(each(_body(package), "metadata", "dates"), "type", "coverage"),
    }
    if not re.fullmatch(r"\d{4}(-\d\d){0,2}(/\d{4}(-\d\d){0,2})?", str(expected)):
        yield missing(SCHEMA_ORG, f"temporalCoverage {shown(expected)}", "a date or two")
    yield from same(_there(package, values), expected, "coverage")


def _kind(one: Any, key: str) -> Any:
    found = dig(one, key)
    return dig(found, "id") if isinstance(found, dict) else found


def _licenses(package: Package) -> list[Json]:
    """The licence of the data and the statement on the text, as the descriptor has them."""
    found = [one for one in each(described(package), "licenses") if isinstance(one, dict)]
    if len(found) < 2:
        raise Unreadable(f"{DESCRIPTOR} has not two licences")
    return found


@rule("licence")
def licence(package: Package) -> Iterator[Finding]:
    whole = described(package)
    for one in (whole, *each(whole, "resources")):
        own = each(one, "licenses")
        if not own or any(not str(dig(each_, "path")).startswith("http") for each_ in own):
            yield missing(
                DESCRIPTOR, f"{dig(one, 'name')} without a licence, or one without a path", "an address"
            )
    if len(each(whole, "licenses")) < 2 or not dig(whole, "licenses", 0, "name"):
        yield missing(
            DESCRIPTOR, "one licence, or one without an SPDX name", "that of the data, that of the text"
        )


@rule("licence-same")
def licence_same(package: Package) -> Iterator[Finding]:
    own = _licenses(package)[0]
    name, path = str(own.get("name")), own.get("path")
    datacite = each(json_of(package, DATACITE), "rightsList")
    links = {
        CROISSANT: each(json_of(package, CROISSANT), "license"),
        SCHEMA_ORG: [dig(one, "url") for one in each(json_of(package, SCHEMA_ORG), "license")],
        CRATE: [dig(one, "@id") for one in each(root_of(package), "license")],
    }
    yield from same({CFF: dig(cff_of(package), "license")}, name, "licence")
    yield from same({DATACITE: dig(datacite, 0, "rightsIdentifier")}, name, "licence")
    yield from same({file: dig(found, 0) for file, found in links.items()}, path, "licence")
    if BODY in package.files:
        yield from same({BODY: dig(_body(package), "metadata", "rights", 0, "id")}, name.lower(), "licence")


@rule("licence-texts")
def licence_texts(package: Package) -> Iterator[Finding]:
    for name, words in {"LICENSE": b"MIT", "LICENSE-DATA": b"Attribution", "RIGHTS.md": b"rights"}.items():
        if words not in package.files.get(name, b""):
            yield missing(name, "no such text", f"a text with {words.decode()!r}")


@rule("text-rights")
def text_rights(package: Package) -> Iterator[Finding]:
    path = _licenses(package)[1]["path"]
    for name in (
        CFF,
        DATACITE,
        DATACITE_XML,
        CROISSANT,
        SCHEMA_ORG,
        CRATE,
        CSL,
        RIS,
        BIBTEX,
        BODY,
        "RIGHTS.md",
    ):
        if name != BODY or BODY in package.files:
            data = data_of(package, name).replace(b"\\_", b"_")
            if str(path).encode() not in data:
                yield missing(name, "no rights statement of the quoted text", shown(path))
    quoting = {f"{name}{ending}" for name in descriptor.QUOTING for ending in DATA_ENDINGS}
    for one in each(described(package), "resources"):
        if dig(one, "path") in quoting and path not in [dig(own, "path") for own in each(one, "licenses")]:
            yield missing(DESCRIPTOR, f"{dig(one, 'name')} quotes without the statement", shown(path))


@rule("credits")
def credits(package: Package) -> Iterator[Finding]:
    expected = sorted(_agents(package)[1])
    body = [dig(one, "person_or_org") for one in each(_body(package), "metadata", "contributors")]
    values = {
        DATACITE: sorted(_names(each(json_of(package, DATACITE), "contributors"), "name")),
        BODY: sorted(_names(body, "name")),
    }
    yield from same(_there(package, values), expected, "contributors")
    for file in (SCHEMA_ORG, CRATE):
        named = set(_named(json_of(package, file)))
        for name in expected:
            if name not in named:
                yield missing(file, f"no {' '.join(name)}", "every contributor")
    translators = [
        _words(dig(one, "title"))
        for one in each(described(package), "contributors")
        if "translator" in each(one, "roles")
    ]
    cited = [one for work in each(cff_of(package), "references") for one in each(work, "translators")]
    for name in translators:
        if name not in _names(cited, "name"):
            yield missing(CFF, f"no translator {' '.join(name)}", "every translator with the work")


def _named(value: Any) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        if isinstance(value.get("name"), str):
            yield _words(value["name"])
        for inner in value.values():
            yield from _named(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner)


@rule("provenance")
def provenance(package: Package) -> Iterator[Finding]:
    own = entities(package)
    actions = [one for one in own.values() if dig(one, "@type") == "CreateAction"]
    if not actions:
        yield missing(CRATE, "no CreateAction", "the build")
    for action in actions:
        tools = _in_crate(package, each(action, "instrument"))
        if not any(dig(one, "version") for one in tools):
            yield missing(CRATE, "no tool with a version", "the tool of the build")
        locks = [dig(one, "sha256") for one in tools if "lock" in str(dig(one, "@id"))]
        if locks != [_hash(data_of(package, "requirements.lock"))]:
            yield missing(CRATE, f"the environment {shown(locks)}", "requirements.lock with its sha256")
        used = _in_crate(package, each(action, "object"))
        if not used or any(not dig(one, "sha256") for one in used):
            yield missing(CRATE, "no inputs, or one without its sha256", "every input with its sha256")
    commit = dig(json_of(package, ABOUT), "commit")
    if not re.fullmatch(r"[0-9a-f]{40}([0-9a-f]{24})?", str(commit)):
        yield missing(ABOUT, f"commit {shown(commit)}", "the commit that was released")


@rule("source-rebuilt")
def source_rebuilt(package: Package) -> Iterator[Finding]:
    ends = {"lf": "\n", "crlf": "\r\n", "cr": "\r", "none": ""}
    own = package.by("lines", "record_id")
    for row in package.rows("records"):
        name = f"{row['record_id']}.txt"
        if name not in package.files:
            continue  # with very many records the sources are in the archive
        held = sorted(own.get((row["record_id"],), []), key=lambda one: int(one["line_number"]))
        text = "".join((one["text"] or "") + ends.get(one["line_end"], "?") for one in held)
        mark = lines.BYTE_ORDER_MARK if row["byte_order_mark"] else b""
        if mark + text.encode() != package.files[name]:
            yield missing(name, "another text", "the lines of lines.csv, byte for byte")
        if _hash(package.files[name]) != row["sha256"]:
            yield missing(
                name, f"SHA-256 {_hash(package.files[name])}", f"{row['sha256']}, as records.csv says"
            )


@rule("changelog")
def changelog(package: Package) -> Iterator[Finding]:
    version = str(dig(described(package), "version"))
    text = package.files.get("CHANGELOG.md", b"").decode("utf-8", "replace")
    if not re.search(rf"^## \[?{re.escape(version)}\]?( |$)", text, re.MULTILINE):
        yield missing("CHANGELOG.md", f"nothing on {version}", "a heading of the version")


STEPS = ("patch", "minor", "major")


@rule("changes")
def changes(package: Package) -> Iterator[Finding]:
    text = data_of(package, CHANGES).decode("utf-8", "replace")
    rows = list(csv.DictReader(io.StringIO(text)))
    found = max((STEPS.index(one["step"]) for one in rows if one.get("step") in STEPS), default=0)
    before = dig(json_of(package, ABOUT), "previous")
    if before is None:
        if rows:
            yield missing(CHANGES, f"{len(rows)} changes", f"none, since {ABOUT} names no release before")
        return
    if dig(before, "changes") != len(rows) or dig(before, "step") != STEPS[found]:
        yield missing(ABOUT, f"previous {shown(before)}", f"{len(rows)} changes, a {STEPS[found]} step")
    old, new = (_numbers(dig(one, "version")) for one in (before, described(package)))
    reached = 2 if new[0] > old[0] else 1 if new[:2] > old[:2] else 0 if new > old else -1
    if reached < found:
        yield missing(DESCRIPTOR, f"version {dig(described(package), 'version')}", f"a {STEPS[found]} step")


def _numbers(version: Any) -> tuple[int, ...]:
    return tuple(int(part) for part in str(version).split(".") if part.isdecimal())


@rule("readme")
def readme(package: Package) -> Iterator[Finding]:
    text = package.files.get("README.md", b"").decode("utf-8", "replace").lower()
    for what, words in {
        "how to cite it": "## cite",
        "what may be done with it": "rights.md",
        "how to verify it": "verify.py",
        "what changed": "changelog.md",
        "a codebook": "codebook.md",
    }.items():
        if words not in text:
            yield missing("README.md", f"nothing on {what}", f"the words {words!r}")


def _prose(package: Package) -> Iterator[tuple[str, bytes]]:
    """The files that are in somebody's own words, and describe."""
    for name, data in package.files.items():
        if name.endswith(PROSE) or name in ALSO_PROSE or name == DESCRIPTOR:
            yield name, data


def _lines(data: bytes) -> Iterator[tuple[int, str]]:
    yield from enumerate(data.decode("utf-8", "replace").splitlines(), start=1)


@rule("no-placeholder")
def no_placeholder(package: Package) -> Iterator[Finding]:
    for name, data in _prose(package):
        for number, line in _lines(data):
            match = PLACEHOLDER.search(line)
            if match:
                yield Finding(name, number, shown(match[0]), "the words that belong there")


@rule("no-secret")
def no_secret(package: Package) -> Iterator[Finding]:
    for name, data in package.files.items():
        if name.endswith((".parquet", ".zip")):
            continue
        for number, line in _lines(data):
            match = SECRET.search(line)
            if match:
                # The words themselves are not told again.
                yield Finding(name, number, f"{len(match[0])} characters like a key or a path", "none")


CHECKS: tuple[Check, ...] = tuple(
    Check(one.id, Level.ERROR, one.promise, RULES[one.id], on_values=False) for one in fair.PROMISES
)
