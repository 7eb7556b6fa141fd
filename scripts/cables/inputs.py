"""The inputs of a build: sources, vocabulary, curation, schemas, templates and package.toml, read and proved.

Every authored table is held to its schema before anything is built on it; all that is wrong with the inputs
is told at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import jsonschema

from cables import curation, descriptor, files, schemas, vocabulary
from cables.citation import Provenance
from cables.descriptor import Package
from cables.model import InputError, InputErrors, Refused
from cables.schemas import Json, Table
from cables.vocabulary import Row, Vocabulary, whole_number

REPOSITORY = Path(__file__).resolve().parents[2]
Tables = Mapping[str, Sequence[Row]]
# A step on the way to a value within a file.
Key = str | int
# So many characters of what a validator says: it quotes the whole value.
SAID = 200
SOURCE_ENDING = ".txt"
# The columns of a range of lines.
RANGE = ("first_line", "last_line")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the inputs of a build stand."""

    raw: Path = REPOSITORY / "data" / "raw"
    curation: Path = REPOSITORY / "data" / "curation"
    vocabulary: Path = REPOSITORY / "data" / "vocabulary"
    schemas: Path = REPOSITORY / "schemas"
    templates: Path = REPOSITORY / "templates"
    package: Path = REPOSITORY / "package.toml"
    project: Path = REPOSITORY / "pyproject.toml"
    lock: Path = REPOSITORY / "requirements.lock"
    # The tool has no version of its own: it has that of the package that it is released with.
    tool: Path = REPOSITORY / "package.toml"

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
    """Where the inputs stand that a package carries; templates and tool are this repository's."""
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
    provenance: Provenance


def read(places: Places) -> Inputs:
    """All inputs. Raises InputErrors for authored ones that are not right; bad sources are in `refused`."""
    refused = Refused()
    bad_sources: list[InputError] = []
    described = refused.collect(lambda: read_package(places), None)
    no_tables: tuple[Table, ...] = ()
    no_sources: tuple[tuple[str, bytes], ...] = ()
    authored = refused.collect(lambda: _authored(places), no_tables)
    tables = refused.collect(lambda: published(places), no_tables)
    words = _tables(authored, "vocabulary", places.vocabulary, refused)
    decisions = _tables(authored, "curation", places.curation, refused)
    refused.errors += broken_decisions(decisions.get("cells", ()), tables)
    sources = refused.collect(lambda: files.read_sources(places.raw, bad_sources.append), no_sources)
    bad_sources += _no_sources(places.raw)
    refused.raise_all()
    known = refused.collect(lambda: vocabulary.load(words), None)
    carried = _carried(places, authored)
    provenance = refused.collect(lambda: _provenance(places, carried), None)
    refused.raise_all()
    assert described is not None and known is not None and provenance is not None
    return Inputs(
        sources=sources,
        refused=tuple(bad_sources),
        vocabulary=known,
        vocabulary_rows=words,
        curation=decisions,
        tables=tables,
        package=described,
        templates={path.name: files.read_text(path) for path in sorted(places.templates.glob("*.jinja"))},
        carried=carried,
        provenance=provenance,
    )


def read_vocabulary(places: Places) -> Tables:
    """The rows of the vocabulary, held to their schemas. Raises InputError or InputErrors."""
    refused = Refused()
    rows = _tables(_authored(places), "vocabulary", places.vocabulary, refused)
    refused.raise_all()
    return rows


def _names(folder: Path) -> list[str]:
    """What lies in a folder of inputs. One that cannot be read is told of by those who read its files."""
    return sorted(path.name for path in folder.glob("*") if not files.is_leftover(path.name))


def _no_sources(raw: Path) -> Iterator[InputError]:
    """What lies among the exports and is none: passed over, it would be missed by nobody."""
    for name in _names(raw):
        path = files.printable(raw / name)
        if name.endswith(SOURCE_ENDING):
            continue
        if name.casefold().endswith(SOURCE_ENDING):
            ending = name[-len(SOURCE_ENDING) :]
            yield InputError(path, 1, f"the ending {ending!r}", f"{SOURCE_ENDING!r}, in small letters")
        elif (raw / name).is_dir():
            yield InputError(path, 1, "a folder", "exports, NAME.txt, in this folder itself")
        else:
            yield InputError(path, 1, "a file that is no export", "exports alone, each called NAME.txt")


def _provenance(places: Places, carried: Mapping[str, bytes]) -> Provenance:
    """What the package is made with, and from which authored files."""
    project = cast(Json, files.read_toml(places.project)).get("project", {})
    if "name" not in project:
        raise InputError(str(places.project), 1, "no [project] with a name", "that of the workflow")
    version = cast(Json, files.read_toml(places.tool)).get("version")
    if not isinstance(version, str):
        raise InputError(str(places.tool), 1, "no version", "that of the workflow")
    return Provenance(
        tool=project["name"],
        version=version,
        environment_path=places.lock.name,
        environment=files.read_bytes(places.lock),
        inputs=carried,
    )


def read_package(places: Places) -> Package:
    """package.toml, held to its JSON Schema. Raises InputErrors, each with the line of what is wrong."""
    described = files.read_toml(places.package)
    schema = places.schemas / "package.schema.json"
    text = files.read_text(places.package)
    broken = _broken_schema(places.package, described, schema, lambda path: toml_line(text, path))
    if broken:
        raise InputErrors(broken)
    return descriptor.package(described)


def _broken_schema(
    path: Path, value: object, schema: Path, line_of: Callable[[Sequence[Key]], int]
) -> list[InputError]:
    """Every way in which the value of a file breaks a JSON Schema; `line_of` finds a value in the file."""
    checker = jsonschema.FormatChecker()
    validator = jsonschema.Draft202012Validator(cast(Json, files.read_json(schema)), format_checker=checker)
    found = []
    for error in sorted(validator.iter_errors(value), key=lambda one: list(map(str, one.absolute_path))):
        keys = list(error.absolute_path)
        if error.validator == "additionalProperties":
            keys.append(min(set(error.instance) - set(error.schema["properties"])))
        where = ".".join(map(str, keys)) or "the file"
        said = error.message if len(error.message) <= SAID else error.message[:SAID] + " …"
        found.append(InputError(str(path), line_of(keys), f"{where}: {said}", f"what {schema.name} asks for"))
    return found


def toml_line(text: str, path: Sequence[Key]) -> int:
    """The line of a value in a TOML text: of `sources`, 1, `title` that after the second `[[sources]]`.

    Where the last keys have no line of their own, the line of those before them; 1 where none has.
    """
    rows = text.split("\n")
    at = -1
    for key, index in zip(path, (*path[1:], None), strict=False):
        if isinstance(key, int):
            continue
        start = re.compile(rf"\s*(\[\[|\[)?\s*[\"']?{re.escape(key)}\b")
        hits = [number for number, row in enumerate(rows) if number > at and start.match(row)]
        wanted = index if isinstance(index, int) and hits and rows[hits[0]].lstrip().startswith("[[") else 0
        if wanted >= len(hits):
            break
        at = hits[wanted]
    return max(at, 0) + 1


def _authored(places: Places) -> tuple[Table, ...]:
    folder = places.schemas / "authored"
    found = _schemas_in(folder)
    missing = sorted({*vocabulary.TABLES, *curation.TABLES} - {table.name for table in found})
    if missing:
        raise InputError(str(folder), 1, f"no schema for {', '.join(missing)}", "one per authored table")
    homeless = [table.name for table in found if "folder" not in table.schema]
    if homeless:
        path = str(folder / f"{homeless[0]}.json")
        raise InputError(path, 1, "no folder", '"folder": "vocabulary" or "folder": "curation"')
    return found


def published(places: Places) -> tuple[Table, ...]:
    """The schemas of the published tables. Raises InputError when one is missing or unknown."""
    found = {table.name: table.schema for table in _schemas_in(places.schemas / "tables")}
    folder = places.schemas / "tables"
    missing = [
        InputError(str(folder / f"{name}.json"), 1, "no such file", "the schema of a published table")
        for name in schemas.ORDER
        if name not in found
    ]
    unknown = [
        InputError(str(folder / f"{name}.json"), 1, "a table that nobody fills", "one of schemas.ORDER")
        for name in sorted(set(found) - set(schemas.ORDER))
    ]
    if missing or unknown:
        raise InputErrors([*missing, *unknown])
    return schemas.in_order(found)


def _schemas_in(folder: Path) -> tuple[Table, ...]:
    """The Table Schemas of a folder, each held to `table.schema.json` and to the columns that it has."""
    refused = Refused()
    found = [refused.collect(partial(_schema, path), None) for path in sorted(folder.glob("*.json"))]
    refused.raise_all()
    return tuple(table for table in found if table is not None)


def _schema(path: Path) -> Table:
    text, value = files.read_text(path), files.read_json(path)
    broken = _broken_schema(
        path, value, path.parents[1] / "table.schema.json", lambda keys: _field_line(text, value, keys)
    )
    if broken:
        raise InputErrors(broken)
    table = Table(path.stem, cast(Json, value))
    keys = (table.primary_key, *(key.columns for key in table.foreign_keys))
    unknown = sorted({column for columns in keys for column in columns} - set(table.columns))
    if table.schema["name"] != path.stem:
        raise InputError(str(path), 1, f"the name {table.schema['name']!r}", f"{path.stem!r}, as the file")
    if unknown or len(set(table.columns)) < len(table.columns):
        found = f"keys of {', '.join(unknown)}" if unknown else "a column twice"
        raise InputError(str(path), 1, found, "columns of the table, each once")
    return table


def _field_line(text: str, value: object, path: Sequence[Key]) -> int:
    """The line on which the field begins that a path of a Table Schema leads through; else 1."""
    match (value, list(path)):
        case ({"fields": [*fields]}, ["fields", int(index), *_]) if isinstance(fields[index], dict):
            named = re.compile(rf'\s*"name": {re.escape(json.dumps(fields[index].get("name")))}')
            hits = [number for number, row in enumerate(text.split("\n"), start=1) if named.match(row)]
            return hits[-1] if hits else 1
    return 1


def _tables(authored: Sequence[Table], kind: str, folder: Path, refused: Refused) -> dict[str, Sequence[Row]]:
    tables = [table for table in authored if table.schema["folder"] == kind]
    empty: tuple[Row, ...] = ()
    rows: dict[str, Sequence[Row]] = {
        table.name: refused.collect(_reader(table, folder / f"{table.name}.csv"), empty) for table in tables
    }
    for table in tables:
        refused.errors += broken_rules(table, rows[table.name], rows)
    # A misspelt file name would otherwise be decisions that nobody reads.
    known = [f"{table.name}.csv" for table in tables]
    for name in _names(folder) if tables else ():
        if name not in known:
            found = "a table without a schema" if name.endswith(".csv") else "something that no build reads"
            path = files.printable(folder / name)
            refused.errors.append(InputError(path, 1, found, f"one of {', '.join(known)}"))
    return rows


def _reader(table: Table, path: Path) -> Any:
    return lambda: files.read_csv_rows(path, table.columns)


def broken_rules(table: Table, rows: Sequence[Row], others: Tables) -> Iterator[InputError]:
    """Every way in which the rows of an authored table break its schema, with the line of each."""
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        yield from broken_cells(table, row)
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


def broken_decisions(rows: Sequence[Row], tables: Sequence[Table]) -> Iterator[InputError]:
    """Every decided cell for which its published table has no such column, or no such value in it."""
    by_name = {table.name: table for table in tables}
    for row in rows:
        table = by_name.get(row["table"])
        if table is None:
            continue  # the enum of the column `table` has told
        decidable = [column for column in table.columns if column not in (*table.primary_key, "record_id")]
        if row["column"] in decidable:
            yield from _broken_value(row, "value", table.field(row["column"]))
        else:
            yield row.error(f"column {row['column']!r} of {table.name}", "one of " + ", ".join(decidable))


def broken_cells(table: Table, row: Row) -> Iterator[InputError]:
    """Every cell of an authored row that its column cannot hold, and a range of lines that is half given."""
    for field in table.schema["fields"]:
        yield from _broken_value(row, field["name"], field)
    if set(RANGE) <= set(table.columns) and len({row[column] == "" for column in RANGE}) > 1:
        yield row.error(f"one of {' and '.join(RANGE)}", "both or neither")


def _broken_value(row: Row, name: str, field: Json) -> Iterator[InputError]:
    """How the cell `name` of a row breaks the rules of a field."""
    value, rules = row[name], field["constraints"]
    if value == "":
        if rules["required"]:
            yield row.error(f"{name} is empty", field["description"])
        return
    if "enum" in rules and value not in rules["enum"]:
        yield row.error(f"{name} {value!r}", "one of " + ", ".join(rules["enum"]))
    if "pattern" in rules and not re.fullmatch(rules["pattern"], value):
        yield row.error(f"{name} {value!r}", f"the form {rules['pattern']}")
    if field["type"] == "boolean" and value not in ("true", "false"):
        yield row.error(f"{name} {value!r}", "true or false")
    if field["type"] == "integer":
        number, least = whole_number(value), rules.get("minimum", 0)
        if number is None or number < least:
            yield row.error(f"{name} {value!r}", f"a whole number from {least}, of at most nine digits")


def _carried(places: Places, authored: Sequence[Table]) -> dict[str, bytes]:
    """The inputs that a package elsewhere carries, so that it can be built again from itself."""
    folders = {"vocabulary": places.vocabulary, "curation": places.curation}
    paths = [folders[table.schema["folder"]] / f"{table.name}.csv" for table in authored]
    paths += sorted(places.schemas.rglob("*.json"))
    paths.append(places.package)
    return {places.within(path): files.read_bytes(path) for path in paths}
