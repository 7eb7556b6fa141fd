"""Two releases → what changed between them, by key, and the least step of the version that it demands.

A release is read from a folder, flat or as this repository has it, or from an archive of one. Of the content
only the tables in CSV are compared: every other form of the data follows from them. Of every file of the data
it is compared how it is called, written and licensed. The order of rows, of columns and of keys is no part of
the data, and neither are the folders.

A step is MAJOR when something that was there changed or went, MINOR when something was added, PATCH when the
same data were written again. This holds from the first version on. Semantic Versioning lets a version that
begins with 0 change anything; here, where a version may have been quoted, it may not: what follows 0.1.0 with
a changed cell is 1.0.0.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from pathlib import Path, PurePosixPath
from typing import cast

from cables import changelog, fair, files
from cables.model import InputError
from cables.schemas import Json

# A resource of a release that tells of the others.
CHANGES = "changes"
BETWEEN_PARTS = " / "
LARGEST = 2 * 1024**3
# A day without the time that a descriptor adds.
LENGTH_OF_DAY = len("1950-09-30")

Key = tuple[str, ...]
Row = Mapping[str, str]


class Step(IntEnum):
    """A step of the version: the same data written again, something added, something there changed."""

    PATCH = 1
    MINOR = 2
    MAJOR = 3

    @property
    def word(self) -> str:
        """Its name as files have it."""
        return self.name.lower()


class Kind(StrEnum):
    """What became of a part of the data."""

    FILE_ADDED = "file_added"
    FILE_REMOVED = "file_removed"
    FILE_CHANGED = "file_changed"
    TABLE_ADDED = "table_added"
    TABLE_REMOVED = "table_removed"
    KEY_CHANGED = "key_changed"
    COLUMN_ADDED = "column_added"
    COLUMN_REMOVED = "column_removed"
    COLUMN_CHANGED = "column_changed"
    VALUES_EXTENDED = "values_extended"
    DESCRIPTION_CHANGED = "description_changed"
    ROW_ADDED = "row_added"
    ROW_REMOVED = "row_removed"
    CELL_CHANGED = "cell_changed"


DEMANDED = {
    Kind.FILE_ADDED: Step.MINOR,
    Kind.FILE_REMOVED: Step.MAJOR,
    Kind.FILE_CHANGED: Step.MAJOR,
    Kind.TABLE_ADDED: Step.MINOR,
    Kind.TABLE_REMOVED: Step.MAJOR,
    Kind.KEY_CHANGED: Step.MAJOR,
    Kind.COLUMN_ADDED: Step.MINOR,
    Kind.COLUMN_REMOVED: Step.MAJOR,
    Kind.COLUMN_CHANGED: Step.MAJOR,
    Kind.VALUES_EXTENDED: Step.MINOR,
    Kind.DESCRIPTION_CHANGED: Step.PATCH,
    Kind.ROW_ADDED: Step.MINOR,
    Kind.ROW_REMOVED: Step.MAJOR,
    Kind.CELL_CHANGED: Step.MAJOR,
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `old` and `new` are cells as CSV has them, null where there is nothing."""

    table: str
    kind: Kind
    key: str | None = None
    column: str | None = None
    old: str | None = None
    new: str | None = None

    @property
    def step(self) -> Step:
        """The least step that it demands."""
        return DEMANDED[self.kind]

    @property
    def told(self) -> str:
        """Where it is and what became of it, in words."""
        where = " ".join(part for part in (self.table, self.key, self.column) if part)
        return f"{where}: {self.kind.value.replace('_', ' ')}"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a release: its title and description, fields by name, keys, and rows by primary key.

    `keys` are the unique and foreign ones, in words.
    """

    described: Mapping[str, str]
    fields: Mapping[str, Json]
    primary_key: Key
    keys: frozenset[str]
    rows: Mapping[Key, Row]


@dataclass(frozen=True, slots=True)
class File:
    """A file of the data: its path, and what whoever reads it relies on, by name."""

    path: str
    told: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Release:
    """What is compared of a release; `where` is what a person calls it, files go by their resource.

    `created` is its day, empty where it gives none.
    """

    where: str
    name: str
    version: str
    created: str
    tables: Mapping[str, Table]
    files: Mapping[str, File]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two releases and what changed from the one to the other."""

    old: Release
    new: Release
    changes: tuple[Change, ...]

    @property
    def step(self) -> Step:
        """The least step that they demand together."""
        return max((one.step for one in self.changes), default=Step.PATCH)

    @property
    def least_version(self) -> str:
        """The lowest version that the new release may have."""
        return stepped(self.old.version, self.step)


def compare(old: Release, new: Release) -> Difference:
    """What changed, file by file and table by table. Raises InputError for releases of two packages."""
    if old.name != new.name:
        raise InputError(new.where, 1, f"the package {new.name}", f"{old.name}, as in {old.where}")
    changes = [change for name in _all(old.files, new.files) for change in _file_changes(name, old, new)]
    changes += [
        change
        for name in _all(old.tables, new.tables)
        for change in _table_changes(name, old.tables.get(name), new.tables.get(name))
    ]
    return Difference(old, new, tuple(changes))


def stepped(version: str, step: Step) -> str:
    """The version that follows another by a step."""
    major, minor, patch = ordered(version)
    following = {
        Step.MAJOR: (major + 1, 0, 0),
        Step.MINOR: (major, minor + 1, 0),
        Step.PATCH: (major, minor, patch + 1),
    }
    return ".".join(map(str, following[step]))


def ordered(version: str) -> tuple[int, int, int]:
    """A version as numbers that compare as versions do. Raises InputError for any other form."""
    match = changelog.VERSION.fullmatch(version)
    if match is None:
        raise InputError("version", 1, repr(version), "three numbers, MAJOR.MINOR.PATCH")
    return int(match[1]), int(match[2]), int(match[3])


def as_rows(changes: tuple[Change, ...]) -> Iterator[Json]:
    """The changes as rows of changes.csv."""
    for number, one in enumerate(changes, start=1):
        yield {
            "change_number": number,
            "table": one.table,
            "change": one.kind.value,
            "step": one.step.word,
            "key": one.key,
            "column": one.column,
            "old": one.old,
            "new": one.new,
        }


def as_json(found: Difference) -> Json:
    """The comparison for a machine."""
    return {
        "old": {"where": found.old.where, "version": found.old.version},
        "new": {"where": found.new.where, "version": found.new.version},
        "step": found.step.word,
        "least_version": found.least_version,
        "counts": counts(found),
        "changes": list(as_rows(found.changes)),
    }


def counts(found: Difference) -> dict[str, dict[str, int]]:
    """How many changes of each kind each table has; tables without any are left out."""
    counted: dict[str, dict[str, int]] = {}
    for one in found.changes:
        own = counted.setdefault(one.table, {})
        own[one.kind.value] = own.get(one.kind.value, 0) + 1
    return counted


# --- comparing ---------------------------------------------------------------------------------------


def _all(old: Iterable[str], new: Iterable[str]) -> list[str]:
    """The names of both, each once, those of the old one first."""
    return list(dict.fromkeys((*old, *new)))


def _file_changes(name: str, old: Release, new: Release) -> Iterator[Change]:
    """What became of a file; one that came or went with its table is told of as the table."""
    before, after = old.files.get(name), new.files.get(name)
    if before and after:
        for what, value in before.told.items():
            if value != after.told[what]:
                yield Change(name, Kind.FILE_CHANGED, None, what, value or None, after.told[what] or None)
    elif name not in old.tables.keys() | new.tables.keys():
        yield Change(name, Kind.FILE_REMOVED if before else Kind.FILE_ADDED)


def _table_changes(name: str, old: Table | None, new: Table | None) -> Iterator[Change]:
    if old is None:
        yield Change(name, Kind.TABLE_ADDED)
    elif new is None:
        yield Change(name, Kind.TABLE_REMOVED)
    else:
        for what, before in old.described.items():
            if before != new.described[what]:
                yield Change(
                    name, Kind.DESCRIPTION_CHANGED, None, None, before or None, new.described[what] or None
                )
        yield from _column_changes(name, old, new)
        for gone in sorted(old.keys - new.keys):
            yield Change(name, Kind.KEY_CHANGED, old=gone)
        for came in sorted(new.keys - old.keys):
            yield Change(name, Kind.KEY_CHANGED, new=came)
        if old.primary_key == new.primary_key:
            yield from _row_changes(name, old, new)
        else:
            before, after = ", ".join(old.primary_key), ", ".join(new.primary_key)
            yield Change(name, Kind.KEY_CHANGED, old=before, new=after)


def _column_changes(name: str, old: Table, new: Table) -> Iterator[Change]:
    for column, field in old.fields.items():
        if column not in new.fields:
            yield Change(name, Kind.COLUMN_REMOVED, column=column)
        elif field != new.fields[column]:
            other = new.fields[column]
            old_part, new_part = _unlike(field, other), _unlike(other, field)
            yield Change(name, _kind(field, other), column=column, old=old_part, new=new_part)
    for column in new.fields:
        if column not in old.fields:
            yield Change(name, Kind.COLUMN_ADDED, column=column)


def _kind(old: Json, new: Json) -> Kind:
    """What became of a column whose description is not the same."""
    before, after = _rules(old), _rules(new)
    were, are = _enum(old), _enum(new)
    for rules in (before, after):
        rules["constraints"].pop("enum", None)
    if before != after:
        return Kind.COLUMN_CHANGED
    if were == are:
        return Kind.DESCRIPTION_CHANGED
    return Kind.VALUES_EXTENDED if were and were < are else Kind.COLUMN_CHANGED


def _rules(field: Json) -> Json:
    """What a column's description holds its cells to."""
    return {
        "type": field.get("type"),
        "format": field.get("format", "default"),
        "missingValues": field.get("missingValues"),
        "constraints": {**field.get("constraints", {})},
    }


def _enum(field: Json) -> frozenset[str]:
    """The values of a closed list; none where any value may stand."""
    return frozenset(field.get("constraints", {}).get("enum", ()))


def _unlike(field: Json, other: Json) -> str:
    """What a column's description says otherwise than another."""
    part = {name: value for name, value in field.items() if name not in other or other[name] != value}
    return json.dumps(part, ensure_ascii=False, sort_keys=True)


def _row_changes(name: str, old: Table, new: Table) -> Iterator[Change]:
    shared = [column for column in old.fields if column in new.fields]
    for key, row in old.rows.items():
        joined = BETWEEN_PARTS.join(key)
        if key not in new.rows:
            yield Change(name, Kind.ROW_REMOVED, joined)
            continue
        for column in shared:
            before, after = row[column], new.rows[key][column]
            if before != after:
                yield Change(name, Kind.CELL_CHANGED, joined, column, before or None, after or None)
    for key in new.rows:
        if key not in old.rows:
            yield Change(name, Kind.ROW_ADDED, BETWEEN_PARTS.join(key))


# --- reading -----------------------------------------------------------------------------------------


def read(path: Path) -> Release:
    """A release from a folder or a zip archive. Raises InputError for what is none."""
    where, expected = files.printable(path), "the folder or zip of a release"
    if path.is_dir():
        if not (path / files.DESCRIPTOR).is_file():
            raise InputError(where, 1, f"no {files.DESCRIPTOR}", expected)
        return _Reader(where, lambda name: files.read_bytes(path / name)).release()
    try:
        with zipfile.ZipFile(io.BytesIO(files.read_bytes(path))) as archive:
            if sum(one.file_size for one in archive.infolist()) > LARGEST:
                raise InputError(where, 1, f"more than {LARGEST} bytes when unpacked", "a release")
            return _within(where, archive.namelist(), archive.read)
    except (zipfile.BadZipFile, RuntimeError, EOFError, ValueError, zlib.error) as error:
        raise InputError(where, 1, files.printable(str(error)), expected) from error


def of_files(where: str, content: Mapping[str, bytes]) -> Release:
    """A release from its files by path. Raises InputError for what is none."""
    return _within(where, content, content.__getitem__)


def _within(where: str, names: Iterable[str], read_one: Callable[[str], bytes]) -> Release:
    """A release from its files; it begins where the descriptor stands that lies least deep."""
    there = frozenset(names)
    found = [name for name in there if PurePosixPath(name).name == files.DESCRIPTOR]
    if not found:
        raise InputError(where, 1, f"no {files.DESCRIPTOR}", "the files of a release")
    folder = PurePosixPath(min(found, key=lambda name: (name.count("/"), name))).parent

    def get(name: str) -> bytes:
        path = str(folder / name)
        if path not in there:
            raise InputError(f"{where}/{path}", 1, "no such file", "a file that the descriptor names")
        return read_one(path)

    return _Reader(where, get).release()


class _Reader:
    """Reads a release by the paths of its descriptor."""

    def __init__(self, where: str, get: Callable[[str], bytes]) -> None:
        self.where = where
        self.get = get

    def bytes(self, name: str) -> bytes:
        if not files.is_plain(name):
            raise InputError(self.at(files.DESCRIPTOR), 1, f"the path {name!r}", "a path within the release")
        return self.get(name)

    def at(self, name: str) -> str:
        return files.printable(f"{self.where}/{name}")

    def json(self, name: str) -> Json:
        try:
            value = json.loads(self.bytes(name))
        except (ValueError, RecursionError) as error:
            raise InputError(self.at(name), 1, files.printable(str(error)), "JSON") from error
        if not isinstance(value, dict):
            raise InputError(self.at(name), 1, f"a JSON {type(value).__name__}", "an object")
        return cast(Json, value)

    def release(self) -> Release:
        described = self.json(files.DESCRIPTOR)
        try:
            version = str(described["version"])
            ordered(version)
            tables = {
                str(one["name"]): self.table(one)
                for one in described["resources"]
                if one.get("format") == "csv" and one["name"] != CHANGES
            }
            own = {str(one["name"]): _file(one) for one in described["resources"] if one["name"] != CHANGES}
            created = str(described.get("created", ""))[:LENGTH_OF_DAY]
            return Release(self.where, str(described["name"]), version, created, tables, own)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            found = f"{type(error).__name__}: {files.printable(str(error))}"
            raise InputError(self.at(files.DESCRIPTOR), 1, found, "a descriptor of this project") from error

    def table(self, resource: Json) -> Table:
        schema = resource["schema"]
        # A release carries its schemas inline, with examples as text; a package keeps them in files.
        schema = fair.inline(self.json(schema) if isinstance(schema, str) else schema)
        nulls = {"missingValues": schema.get("missingValues", [""])}
        fields = {str(field["name"]): cast(Json, {**nulls, **field}) for field in schema["fields"]}
        for field in fields.values():  # what cannot be compared is refused here, where its file is known
            _rules(field), _enum(field)
        key = tuple(schema["primaryKey"])
        keys = [f"unique key: {', '.join(sorted(one))}" for one in schema.get("uniqueKeys", [])]
        keys += [_foreign_key(one) for one in schema.get("foreignKeys", [])]
        described = {what: str(schema.get(what, "")) for what in ("title", "description")}
        rows = self.rows(resource["path"], tuple(fields), key)
        return Table(described, fields, key, frozenset(keys), rows)

    def rows(self, path: str, columns: Key, key: Key) -> dict[Key, Row]:
        try:
            text = self.bytes(path).decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(self.at(path), 1, files.printable(str(error)), "CSV in UTF-8") from error
        records = files.csv_records(self.at(path), text)
        header = tuple(next(records, (1, []))[1])
        if header != columns:
            raise InputError(self.at(path), 1, f"the header {','.join(header)}", ",".join(columns))
        rows: dict[Key, Row] = {}
        for number, cells in records:
            if len(cells) != len(columns):
                raise InputError(self.at(path), number, f"{len(cells)} cells", str(len(columns)))
            row = dict(zip(columns, cells, strict=True))
            own = tuple(row[column] for column in key)
            if own in rows:
                found = f"the key {BETWEEN_PARTS.join(own)} again"
                raise InputError(self.at(path), number, files.printable(found), "a key of its own")
            rows[own] = row
        return rows


def _file(resource: Json) -> File:
    """What is compared of a resource, whatever its content is."""
    path = str(resource["path"])
    licences = sorted(str(one.get("name", one.get("path"))) for one in resource.get("licenses", []))
    told = {what: str(resource.get(what, "")) for what in ("format", "mediatype", "encoding")}
    dialect = resource.get("dialect")
    return File(
        path,
        {
            "path": PurePosixPath(path).name,
            **told,
            "dialect": json.dumps(dialect, ensure_ascii=False, sort_keys=True) if dialect else "",
            "licenses": ", ".join(licences),
        },
    )


def _foreign_key(key: Json) -> str:
    """A foreign key in words: its columns, and the table and columns that they lead to."""
    reference = key["reference"]
    there = reference.get("resource") or "the same table"
    return f"foreign key: {_listed(key['fields'])} → {there} ({_listed(reference['fields'])})"


def _listed(columns: str | list[str]) -> str:
    """A column or several, as the schema names them, in words."""
    return columns if isinstance(columns, str) else ", ".join(columns)
