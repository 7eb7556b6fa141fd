"""Vocabulary rows → lookups: what any such document may say.

Each table under `data/vocabulary/` arrives as rows (column → text) with the line it stands on; nothing
here reads a file. A row that cannot be used is an InputError with its file and line.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cables.model import InputError, Zone

TABLES = (
    "catalogue_cues",
    "clock_words",
    "codes",
    "cues",
    "defaults",
    "document_types",
    "fields",
    "headings",
    "holder_words",
    "honorifics",
    "hyphens",
    "language_words",
    "languages",
    "markers",
    "marks",
    "months",
    "numerals",
    "terms",
    "transliteration",
)

WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")

# The groups that a pattern must have because the stages ask for them; of a number, its digits.
CATALOGUE_GROUPS: Mapping[str, tuple[str, ...]] = {
    "address": ("source_url",),
    "translator": ("translator",),
    "collection": ("collection",),
    "quoted_title": ("title",),
    "child_title": ("title",),
    "archival_reference": ("reference", "repository", "fond", "opis", "delo", "folios"),
    "contents_translation": ("language",),
    "title_number": ("number",),
}
# All groups of a cue of which something is made; another name would be matched and lost.
CUE_GROUPS = frozenset(
    {
        "actor",
        "channel",
        "copies",
        "copy",
        "count",
        "language",
        "name",
        "number",
        "place",
        "precedence",
        "sender",
        "when",
    }
)
FIELD_GROUPS: Mapping[str, tuple[str, ...]] = {
    "copy": (r"copy>\d", "name"),
    "copy_numbered": (r"copy>\d", "name"),
    "copy_counted": (r"copies>\d", "name"),
    "sheet": (r"number>\d",),
    "continuation": ("number",),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of an authored table: its file, its line there (from 1) and its cells ('' where empty)."""

    file: str
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def error(self, found: str, expected: str) -> InputError:
        """What to say of this row when it cannot be used."""
        return InputError(self.file, self.line, found, expected)


Rows = Mapping[str, Sequence[Row]]
Patterns = tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of the form: where it stands and what it makes of its groups."""

    name: str
    label: str
    zone: Zone
    where: str
    event_type: str | None
    event_status: str | None
    identifier_scheme: str | None
    identifier_issuer: str | None
    transmission_column: str | None
    transmission: str | None
    between: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cue:
    """Words by which a form field is known, in one language ('' = any)."""

    field: FormField
    language: str
    pattern: re.Pattern[str]
    value: str | None

    @property
    def repeats(self) -> bool:
        """Whether one line may carry several of it (cells of a distribution list)."""
        return self.field.zone is Zone.DISTRIBUTION and not self.pattern.pattern.startswith("^")


@dataclass(frozen=True, slots=True)
class Language:
    """A language, the script it is written in and how its lines break."""

    code: str
    name: str
    script: str
    soft_hyphen: bool
    sentences: str


@dataclass(frozen=True, slots=True)
class CatalogueCue:
    """Words by which a part of the catalogue entry is known."""

    name: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Markers:
    """Words that say what the figures before them are, or that a list goes on after them."""

    year: Patterns
    before_noon: Patterns
    after_noon: Patterns
    conjunction: Patterns


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds where nothing says otherwise: the language of translations, a year of the time."""

    translation: Language
    year: int


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything that the stages look up."""

    headings: Mapping[str, str]
    catalogue_cues: tuple[CatalogueCue, ...]
    languages: Mapping[str, Language]
    language_words: Mapping[tuple[str, str], str]
    months: Mapping[str, int]
    clock_words: Mapping[str, str]
    holder_words: Mapping[str, str]
    numerals: Mapping[str, int]
    fields: Mapping[str, FormField]
    cues: tuple[Cue, ...]
    hyphens_before: frozenset[tuple[str, str]]
    hyphens_after: frozenset[tuple[str, str]]
    abbreviations: Mapping[str, frozenset[str]]
    honorifics: Mapping[str, re.Pattern[str]]
    document_types: tuple[tuple[re.Pattern[str], str], ...]
    transliteration: Mapping[str, str]
    marks: tuple[tuple[re.Pattern[str], str], ...]
    markers: Markers
    defaults: Defaults

    def cues_for(self, language: str | None) -> tuple[Cue, ...]:
        """The cues of one language and those of any; all of them where the language is unknown."""
        return tuple(cue for cue in self.cues if language is None or cue.language in ("", language))

    def language_named(self, name: str) -> Language | None:
        """The language with this English name, however capitalised."""
        folded = name.strip().casefold()
        return next((one for one in self.languages.values() if one.name.casefold() == folded), None)

    def catalogue(self, name: str) -> tuple[re.Pattern[str], ...]:
        """The patterns of one part of the catalogue entry."""
        return tuple(cue.pattern for cue in self.catalogue_cues if cue.name == name)


def load(tables: Rows) -> Vocabulary:
    """The lookups of the vocabulary tables. Raises InputError for a row that cannot be used."""
    fields = {row["field"]: _field(row) for row in tables["fields"]}
    languages = {row["code"]: _language(row) for row in tables["languages"]}
    return Vocabulary(
        headings={row["heading"].casefold(): row["column"] for row in tables["headings"]},
        catalogue_cues=tuple(
            CatalogueCue(row["cue"], _pattern(row, CATALOGUE_GROUPS.get(row["cue"], ())))
            for row in tables["catalogue_cues"]
        ),
        languages=languages,
        language_words={(row["language"], row["word"]): row["code"] for row in tables["language_words"]},
        months={row["word"].casefold(): _integer(row, "month") for row in tables["months"]},
        clock_words={row["word"].casefold(): row["unit"] for row in tables["clock_words"]},
        holder_words={row["words"].casefold(): row["holder"] for row in tables["holder_words"]},
        numerals={row["word"].casefold(): _integer(row, "value") for row in tables["numerals"]},
        fields=fields,
        cues=tuple(_cue(row, fields) for row in tables["cues"]),
        hyphens_before=_hyphens(tables["hyphens"], "before"),
        hyphens_after=_hyphens(tables["hyphens"], "after"),
        abbreviations=_abbreviations(tables["terms"]),
        honorifics={row["language"]: _pattern(row) for row in tables["honorifics"]},
        document_types=tuple((_pattern(row), row["type"]) for row in tables["document_types"]),
        transliteration={row["source"]: row["target"] for row in tables["transliteration"]},
        marks=tuple((_pattern(row), row["kind"]) for row in tables["marks"]),
        markers=_markers(tables["markers"]),
        defaults=_defaults(tables["defaults"], languages),
    )


def _markers(rows: Sequence[Row]) -> Markers:
    """The words of every kind, in whatever language."""
    kinds = [one.name for one in dataclasses.fields(Markers)]
    return Markers(**{kind: tuple(_pattern(row) for row in rows if row["marker"] == kind) for kind in kinds})


def _defaults(rows: Sequence[Row], languages: Mapping[str, Language]) -> Defaults:
    known = {row["default"]: row for row in rows}
    for name in ("translation_language", "year"):
        if name not in known:
            raise InputError("defaults.csv", 1, f"no row {name}", "one row of every default")
    named = known["translation_language"]
    if named["value"] not in languages:
        raise named.error(f"language {named['value']!r}", "a code of languages.csv")
    return Defaults(languages[named["value"]], _integer(known["year"], "value"))


def _field(row: Row) -> FormField:
    if row["zone"] not in set(Zone):
        raise row.error(f"zone {row['zone']!r}", "one of " + ", ".join(Zone))
    return FormField(
        name=row["field"],
        label=row["label"],
        zone=Zone(row["zone"]),
        where=row["where"],
        event_type=row["event_type"] or None,
        event_status=row["event_status"] or None,
        identifier_scheme=row["identifier_scheme"] or None,
        identifier_issuer=row["identifier_issuer"] or None,
        transmission_column=row["transmission_column"] or None,
        transmission=row["transmission"] or None,
        between=tuple(row["between"].split()),
    )


def _cue(row: Row, fields: Mapping[str, FormField]) -> Cue:
    if row["field"] not in fields:
        raise row.error(f"field {row['field']!r}", "a field of fields.csv")
    pattern = _pattern(row, FIELD_GROUPS.get(row["field"], ()))
    for group in pattern.groupindex:
        if group not in CUE_GROUPS:
            raise row.error(f"group {group!r}", "one of " + ", ".join(sorted(CUE_GROUPS)))
    return Cue(fields[row["field"]], row["language"], pattern, row["value"] or None)


def _language(row: Row) -> Language:
    return Language(
        row["code"], row["name"], row["script"], row["line_end_hyphen"] == "soft", row["sentences"]
    )


def _pattern(row: Row, groups: Iterable[str] = ()) -> re.Pattern[str]:
    written = row["pattern"]
    try:
        pattern = re.compile(written)
    except re.error as error:
        raise row.error(f"pattern {written!r} ({error})", "a regular expression") from None
    for group in groups:
        if f"(?P<{group}" not in written or group.partition(">")[0] not in pattern.groupindex:
            raise row.error(f"pattern {written!r}", f"a group (?P<{group}…)")
    return pattern


def whole_number(text: str) -> int | None:
    """The number that a cell of an authored table holds: digits of ASCII, at most nine; None for all else."""
    return int(text) if WHOLE_NUMBER.fullmatch(text) else None


def _integer(row: Row, column: str) -> int:
    number = whole_number(row[column])
    if number is None:
        raise row.error(f"{column} {row[column]!r}", "a whole number of at most nine digits")
    return number


def _hyphens(rows: Iterable[Row], position: str) -> frozenset[tuple[str, str]]:
    return frozenset((row["language"], row["form"]) for row in rows if row["position"] == position)


def _abbreviations(rows: Iterable[Row]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in rows:
        if row["term"].endswith((".", "°")):
            found.setdefault(row["language"], set()).add(row["term"])
    return {language: frozenset(terms) for language, terms in found.items()}
