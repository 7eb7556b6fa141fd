"""Checks of what package.toml tells of the records that are there.

Whoever only tries an export need not tell of it, so a package is warned; a release is refused.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from typing import cast

import jsonschema
from edtf import parse_edtf
from edtf.parser.edtf_exceptions import EDTFParseException

from cables import descriptor, files, inputs
from cables.checks.loaded import Finding, Package, Unreadable, shown
from cables.checks.registry import Level, check
from cables.inputs import Key
from cables.schemas import Json

PACKAGE = "package.toml"
DATED = ("documents", "events")
# Year, month, day.
Day = tuple[int, ...]


@check(
    "sources-told",
    "every record is the source of package.toml that names it, and whoever names one names one of them",
    Level.WARNING,
    on_values=False,
)
def sources_told(package: Package) -> Iterator[Finding]:
    about = _described(package)
    told = [one.record_id for one in about.sources if one.record_id]
    for row in package.rows("records"):
        if row["record_id"] not in told:
            found = f"no source with record_id {shown(row['record_id'])}"
            yield _finding(package, ["sources"], found, "one for every record")
    known = {row["record_id"] for row in package.rows("records")}
    for index, source in enumerate(about.sources):
        if source.record_id and source.record_id not in known:
            found = f"the source {shown(source.record_id)}"
            yield _finding(package, ["sources", index, "record_id"], found, "the record_id of a record")
        if source.record_id and source.record_id in [one.record_id for one in about.sources[:index]]:
            yield _finding(package, ["sources", index, "record_id"], "it again", "every record once")
    for index, one in enumerate(about.contributors):
        if one.record_id and one.record_id not in told:
            found = f"{one.name}, {one.role} of {shown(one.record_id)}"
            yield _finding(package, ["contributors", index, "record_id"], found, "the record_id of a source")


@check(
    "coverage-told",
    "coverage of package.toml encloses the date of every document and event",
    Level.WARNING,
    on_values=False,
)
def coverage_told(package: Package) -> Iterator[Finding]:
    coverage = _described(package).coverage
    dated = [(text, ends) for text in _dates(package) if (ends := bounds(text))]
    covered = bounds(coverage)
    if covered is None or not dated:
        return
    first, last = min(ends[0] for _, ends in dated), max(ends[1] for _, ends in dated)
    outside = [text for text, ends in dated if ends[0] < covered[0] or ends[1] > covered[1]]
    if outside:
        found = f"coverage {shown(coverage)}, but a document or event of {outside[0]}"
        expected = f"{_written(first)}/{_written(last)}, or more"
        yield _finding(package, ["coverage"], found, expected)


def bounds(text: str) -> tuple[Day, Day] | None:
    """The first and the last day that a date of EDTF may mean; an open end is its other end.

    None for what is no date, which another check tells.
    """
    try:
        read = parse_edtf(text)
        ends = [one for one in (read.lower_strict(), read.upper_strict()) if not isinstance(one, float)]
    except (EDTFParseException, ValueError):
        return None
    return ((*ends[0][:3],), (*ends[-1][:3],)) if ends else None


def _written(day: Day) -> str:
    return "{:04}-{:02}-{:02}".format(*day)


def _dates(package: Package) -> Iterator[str]:
    return (row["date_edtf"] for name in DATED for row in package.rows(name) if row["date_edtf"])


def _described(package: Package) -> descriptor.Package:
    """What package.toml says. Raises Unreadable where it is not of its form, which others tell."""
    schema = cast(Json, files.read_json(package.repository.places.schemas / "package.schema.json"))
    try:
        value = tomllib.loads(_text(package))
    except tomllib.TOMLDecodeError as error:
        raise Unreadable(f"{PACKAGE}: {error}") from error
    if not jsonschema.Draft202012Validator(schema).is_valid(value):
        raise Unreadable(f"{PACKAGE} is not of its form")
    return descriptor.package(value)


def _text(package: Package) -> str:
    if PACKAGE not in package.files:
        raise Unreadable(f"{PACKAGE} is missing or cannot be read")
    return package.files[PACKAGE].decode("utf-8", "replace")


def _finding(package: Package, where: Sequence[Key], found: str, expected: str) -> Finding:
    return Finding(PACKAGE, inputs.toml_line(_text(package), where), found, expected)
