"""Rules of the files that describe the release, each by the form that it is of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import dplib
import jsonschema

from cables import descriptor, fair, files, inputs
from cables.checks.fair.files_of_release import (
    BIBTEX,
    BODY,
    CFF,
    CHANGES,
    CROISSANT,
    CSL,
    DESCRIPTOR,
    RIS,
)
from cables.checks.fair.rules import missing, rule, same
from cables.checks.fair.values import (
    bibtex,
    body_of,
    cff_of,
    described,
    dig,
    each,
    json_of,
    only,
    resources_of,
    ris,
    said,
    text_of,
)
from cables.checks.loaded import SHOWN, Finding, Package, Unreadable, shown
from cables.schemas import Json

PROFILES = Path(dplib.__file__).parent / "profiles" / "2.0"
# The same that the tests hold a build to.
STANDARDS = inputs.REPOSITORY / "tests" / "standards"


def broken(value: Any, schema: Json) -> Iterator[tuple[str, str]]:
    """Where and how a value breaks a JSON Schema."""
    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    for error in kind(schema, format_checker=jsonschema.FormatChecker()).iter_errors(value):
        where = ".".join(map(str, error.absolute_path)) or "the whole"
        yield where, files.printable(error.message[:SHOWN])


def _by_schema(file: str, value: Any, schema: Path, expected: str) -> Iterator[Finding]:
    for where, words in broken(value, cast(Json, files.read_json(schema))):
        yield missing(file, f"{where}: {words}", expected)


@rule("profile")
def profile(package: Package) -> Iterator[Finding]:
    about = described(package)
    yield from _by_schema(DESCRIPTOR, about, PROFILES / "datapackage.json", "what the profile asks for")
    if dig(about, "$schema") != descriptor.PROFILE:
        yield missing(DESCRIPTOR, f"$schema {shown(dig(about, '$schema'))}", descriptor.PROFILE)
    own = {table.name: table.schema for table in package.repository.tables}
    own[Path(CHANGES).stem] = changes_schema(package)
    for one in resources_of(package):
        name = said(one, "name").removesuffix("-parquet")
        if name in own and dig(one, "schema") != fair.inline(own[name]):
            found = f"another schema of {said(one, 'name')}"
            yield missing(DESCRIPTOR, found, "that of this repository, inline")


def changes_schema(package: Package) -> Json:
    """The schema of changes.csv, which only a release has."""
    return cast(Json, files.read_json(package.repository.places.schemas / "release" / "changes.json"))


@rule("cff")
def cff(package: Package) -> Iterator[Finding]:
    value = cff_of(package)
    schema = STANDARDS / "cff-1.2.0.schema.json"
    yield from _by_schema(CFF, value, schema, "what Citation File Format 1.2.0 asks for")
    if dig(value, "preferred-citation") is not None:
        yield missing(CFF, "a preferred-citation", "none: the dataset itself is to be cited")


@rule("deposit-body")
def deposit_body(package: Package) -> Iterator[Finding]:
    if BODY not in package.files:
        raise Unreadable(f"{BODY} is not there: it is not among the files of a deposit")
    body = body_of(package)
    schema = STANDARDS / "inveniordm.schema.json"
    yield from _by_schema(BODY, body, schema, "what a repository with InvenioRDM asks for")
    # What the repository does without, but its readers do not.
    for name in ("description", "publisher", "version", "rights", "subjects", "languages", "dates"):
        if not dig(body, "metadata", name):
            yield missing(BODY, f"no metadata.{name}", "what makes a record findable")
    if dig(body, "files", "enabled") is not True:
        yield missing(BODY, "files.enabled is not true", "true")
    if dig(body, "access") != {"record": "public", "files": "public"}:
        yield missing(BODY, f"access {shown(dig(body, 'access'))}", "public")


@rule("bibliography")
def bibliography(package: Package) -> Iterator[Finding]:
    items = each(json_of(package, CSL))
    if len(items) != 1 or not said(items, 0, "title"):
        yield missing(CSL, f"{len(items)} items, or no title", "one item of CSL-JSON")
    entry = text_of(package, BIBTEX)
    if not entry.startswith("@dataset{") or entry.count("\n@") or not entry.endswith("\n}\n"):
        yield missing(BIBTEX, "another entry, or more than one", "one entry @dataset")
    record = text_of(package, RIS).splitlines()
    marks = [line[:6] for line in record if line.startswith(("TY  - ", "ER  - "))]
    if marks != ["TY  - ", "ER  - "] or record[0][:6] != marks[0] or record[-1][:6] != marks[1]:
        yield missing(RIS, f"the marks {shown(marks)}", "one record from TY to ER")
    item = dig(items, 0)
    for tag, field, name in (
        ("PB", "publisher", "publisher"),
        ("TI", "title", "title"),
        ("AB", "abstract", "abstract"),
        ("N1", "copyright", "note"),
    ):
        expected = " ".join(said(item, name).split())
        yield from same({RIS: only(ris(package, tag)), BIBTEX: bibtex(package, field)}, expected, name)
    keywords = {RIS: ", ".join(ris(package, "KW")), BIBTEX: bibtex(package, "keywords")}
    yield from same(keywords, dig(item, "keyword"), "keywords")
    yield from same({CROISSANT: dig(json_of(package, CROISSANT), "citeAs")}, entry.strip(), "citeAs")
