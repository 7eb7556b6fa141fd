"""The inputs of a build: sources, vocabulary, curation, schemas, templates and package.toml, read and proved.

Every authored table is held to its schema before anything is built on it; all that is wrong with the inputs
is told at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import jsonschema

from cables import descriptor, files, schemas, vocabulary
from cables.descriptor import Package
from cables.model import InputError, Refused
from cables.schemas import Json, Table
from cables.vocabulary import Row, Vocabulary

REPOSITORY = Path(__file__).resolve().parents[2]
Tables = Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the inputs of a build stand."""

    raw: Path = REPOSITORY / "data" / "raw"
    curation: Path = REPOSITORY / "data" / "curation"
    vocabulary: Path = REPOSITORY / "data" / "vocabulary"
    schemas: Path = REPOSITORY / "schemas"
    templates: Path = REPOSITORY / "templates"
    package: Path = REPOSITORY / "package.toml"

    def within(self, path: Path) -> str:
        """Where a file of the inputs stands in a package."""
        for folder, prefix in (
            (self.raw, "data/raw"),
            (self.curation, "data/curation"),
            (self.vocabulary, "data/vocabulary"),
            (self.schemas, "schemas"),
        ):
            if path.is_relative_to(folder):
                return f"{prefix}/{path.relative_to(folder).as_posix()}"
        return "package.toml"


def of_package(folder: Path) -> Places:
    """Where the inputs stand that a package carries; the templates are always this repository's."""
    return Places(
        raw=folder / "data" / "raw",
        curation=folder / "data" / "curation",
        vocabulary=folder / "data" / "vocabulary",
        schemas=folder / "schemas",
        package=folder / "package.toml",
    )


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that a build is made from; `carried` are the input files, by path in a package."""

    sources: tuple[tuple[str, bytes], ...]
    refused: tuple[InputError, ...]
    vocabulary: Vocabulary
    vocabulary_rows: Tables
    curation: Tables
    tables: tuple[Table, ...]
    package: Package
    templates: Mapping[str, str]
    carried: Mapping[str, bytes]


def read(places: Places) -> Inputs:
    """All inputs. Raises InputErrors for authored ones that are not right; bad sources are in `refused`."""
    refused = Refused()
    bad_sources: list[InputError] = []
    described = refused.collect(lambda: read_package(places), None)
    no_tables: tuple[Table, ...] = ()
    no_sources: tuple[tuple[str, bytes], ...] = ()
    authored = refused.collect(lambda: _authored(places), no_tables)
    published = refused.collect(lambda: _published(places), no_tables)
    words = _tables(authored, "vocabulary", places.vocabulary, refused)
    decisions = _tables(authored, "curation", places.curation, refused)
    sources = refused.collect(lambda: files.read_sources(places.raw, bad_sources.append), no_sources)
    refused.raise_all()
    known = refused.collect(lambda: vocabulary.load(words), None)
    refused.raise_all()
    assert described is not None and known is not None
    return Inputs(
        sources=sources,
        refused=tuple(bad_sources),
        vocabulary=known,
        vocabulary_rows=words,
        curation=decisions,
        tables=published,
        package=described,
        templates={path.name: files.read_text(path) for path in sorted(places.templates.glob("*.jinja"))},
        carried=_carried(places, authored),
    )


def read_package(places: Places) -> Package:
    """package.toml, held to its JSON Schema. Raises InputError with the line of what is wrong."""
    described = files.read_toml(places.package)
    schema = cast(Json, files.read_json(places.schemas / "package.schema.json"))
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    refused = Refused()
    for error in sorted(validator.iter_errors(described), key=lambda one: list(map(str, one.absolute_path))):
        refused.errors.append(_package_error(places.package, error))
    refused.raise_all()
    return descriptor.package(described)


def _package_error(path: Path, error: jsonschema.ValidationError) -> InputError:
    keys = [str(key) for key in error.absolute_path if isinstance(key, str)]
    line = next(
        (
            number
            for number, text in enumerate(files.read_text(path).splitlines(), start=1)
            if keys and re.match(rf"\s*\[*{re.escape(keys[-1])}\b", text)
        ),
        1,
    )
    where = ".".join(map(str, error.absolute_path)) or "the file"
    return InputError(
        str(path), line, f"{where}: {error.message}", "what schemas/package.schema.json asks for"
    )


def _authored(places: Places) -> tuple[Table, ...]:
    return _schemas_in(places.schemas / "authored")


def _published(places: Places) -> tuple[Table, ...]:
    found = {table.name: table.schema for table in _schemas_in(places.schemas / "tables")}
    missing = sorted(set(schemas.ORDER) ^ set(found))
    if missing:
        folder = str(places.schemas / "tables")
        raise InputError(
            folder, 1, f"{', '.join(missing)} missing or unknown", "one schema per published table"
        )
    return schemas.in_order(found)


def _schemas_in(folder: Path) -> tuple[Table, ...]:
    return tuple(
        Table(path.stem, cast(Json, files.read_json(path))) for path in sorted(folder.glob("*.json"))
    )


def _tables(authored: Sequence[Table], kind: str, folder: Path, refused: Refused) -> dict[str, Sequence[Row]]:
    tables = [table for table in authored if table.schema["folder"] == kind]
    empty: tuple[Row, ...] = ()
    rows: dict[str, Sequence[Row]] = {
        table.name: refused.collect(_reader(table, folder / f"{table.name}.csv"), empty) for table in tables
    }
    for table in tables:
        refused.errors += broken_rules(table, rows[table.name], rows)
    return rows


def _reader(table: Table, path: Path) -> Any:
    return lambda: files.read_csv_rows(path, table.columns)


def broken_rules(table: Table, rows: Sequence[Row], others: Tables) -> Iterator[InputError]:
    """Every way in which the rows of an authored table break its schema, with the line of each."""
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        yield from (error for field in table.schema["fields"] for error in _broken_cell(row, field))
        key = tuple(row[column] for column in table.primary_key)
        if key in seen:
            found = f"{', '.join(table.primary_key)} {' / '.join(key)!r} again"
            yield row.error(found, f"what line {seen[key]} does not have already")
        seen.setdefault(key, row.line)
    for key_ in table.foreign_keys:
        known = {tuple(one[column] for column in key_.references) for one in others.get(key_.table, ())}
        for row in rows:
            value = tuple(row[column] for column in key_.columns)
            if all(value) and value not in known:
                yield row.error(f"{key_.columns[-1]} {value[-1]!r}", f"one of {key_.table}.csv")


def _broken_cell(row: Row, field: Json) -> Iterator[InputError]:
    name, value, rules = field["name"], row[field["name"]], field["constraints"]
    if value == "":
        if rules["required"]:
            yield row.error(f"{name} is empty", field["description"])
        return
    if "enum" in rules and value not in rules["enum"]:
        yield row.error(f"{name} {value!r}", "one of " + ", ".join(rules["enum"]))
    if "pattern" in rules and not re.fullmatch(rules["pattern"], value):
        yield row.error(f"{name} {value!r}", f"the form {rules['pattern']}")
    if field["type"] == "integer" and not (value.isdecimal() and int(value) >= rules.get("minimum", 0)):
        yield row.error(f"{name} {value!r}", f"a whole number from {rules.get('minimum', 0)}")


def _carried(places: Places, authored: Sequence[Table]) -> dict[str, bytes]:
    """The inputs that a package elsewhere carries, so that it can be built again from itself."""
    folders = {"vocabulary": places.vocabulary, "curation": places.curation}
    paths = [folders[table.schema["folder"]] / f"{table.name}.csv" for table in authored]
    paths += sorted(places.schemas.rglob("*.json"))
    paths.append(places.package)
    return {places.within(path): files.read_bytes(path) for path in paths}
