"""Two releases are compared by key, and the step of the version follows from what changed."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import building
from building import REPOSITORY
from cables import diff
from cables.diff import Kind, Step
from cables.inputs import Places
from cables.model import InputError

_spec = importlib.util.spec_from_file_location("diff_command", REPOSITORY / "scripts" / "diff.py")
assert _spec and _spec.loader
command: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(command)

PEOPLE: dict[str, Any] = {
    "fields": [
        {"name": "id", "type": "string", "description": "The id.", "constraints": {"required": True}},
        {"name": "name", "type": "string", "description": "The name.", "constraints": {}},
        {"name": "kind", "type": "string", "description": "Kind.", "constraints": {"enum": ["a", "b"]}},
    ],
    "primaryKey": ["id"],
}
TO_ITSELF = {"fields": ["kind"], "reference": {"resource": "", "fields": ["id"]}}
ROWS = [["1", "Ann", "a"], ["2", "Bob", "b"]]


def release_files(
    rows: list[list[str]] = ROWS, schema: dict[str, Any] = PEOPLE, version: str = "1.2.3", **more: Any
) -> dict[str, bytes]:
    """An invented release with one table."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow([field["name"] for field in schema["fields"]])
    writer.writerows(rows)
    resource = {"name": "people", "path": "people.csv", "format": "csv", "schema": schema}
    described = {"name": "invented", "version": version, "resources": [resource], **more}
    return {"datapackage.json": json.dumps(described).encode(), "people.csv": text.getvalue().encode()}


def compared(old: dict[str, bytes], new: dict[str, bytes]) -> diff.Difference:
    """What changed between two invented releases."""
    return diff.compare(diff.of_files("old", old), diff.of_files("new", new))


def with_field(index: int, **changes: Any) -> dict[str, Any]:
    """The schema with another description of a column."""
    fields = [dict(one) for one in PEOPLE["fields"]]
    fields[index] |= changes
    return {**PEOPLE, "fields": fields}


def test_a_release_does_not_differ_from_itself() -> None:
    found = compared(release_files(), release_files())
    assert (found.changes, found.step, found.least_version) == ((), Step.PATCH, "1.2.4")


def test_the_order_of_rows_and_of_columns_is_no_change() -> None:
    turned = {**PEOPLE, "fields": PEOPLE["fields"][::-1]}
    other = release_files([row[::-1] for row in ROWS[::-1]], turned)
    assert compared(release_files(), other).changes == ()


def test_the_same_cells_written_otherwise_are_no_change() -> None:
    bare = {**release_files(), "people.csv": b"id,name,kind\r\n1,Ann,a\r\n2,Bob,b\r\n"}
    found = compared(release_files(), bare)
    assert (found.changes, found.least_version) == ((), "1.2.4")


def test_a_cell_may_be_very_long() -> None:
    found = compared(release_files(), release_files([["1", "A" * 200_000, "a"], ROWS[1]]))
    assert [one.kind for one in found.changes] == [Kind.CELL_CHANGED]


@pytest.mark.parametrize(
    ("rows", "line", "found"),
    [
        (b'1,"Ann\nthe elder",a\n1,Bob,b\n', 4, "the key 1 again"),
        (b'1,"Ann\nthe elder",a\n2,Bob\n', 4, "2 cells"),
        (b'1,"Ann\nthe elder",a\n2,"Bob,b\n', 4, "unexpected end of data"),
    ],
)
def test_what_is_wrong_with_a_row_is_told_with_its_physical_line(rows: bytes, line: int, found: str) -> None:
    broken = {**release_files(), "people.csv": b"id,name,kind\n" + rows}
    with pytest.raises(InputError) as raised:
        diff.of_files("new", broken)
    assert (raised.value.file, raised.value.line, raised.value.found) == ("new/people.csv", line, found)


@pytest.mark.parametrize(
    ("rows", "kind", "key", "column", "old", "new", "least"),
    [
        ([*ROWS, ["3", "Cem", "a"]], Kind.ROW_ADDED, "3", None, None, None, "1.3.0"),
        (ROWS[:1], Kind.ROW_REMOVED, "2", None, None, None, "2.0.0"),
        ([ROWS[0], ["2", "Rob", "b"]], Kind.CELL_CHANGED, "2", "name", "Bob", "Rob", "2.0.0"),
        ([ROWS[0], ["2", "", "b"]], Kind.CELL_CHANGED, "2", "name", "Bob", None, "2.0.0"),
    ],
)
def test_a_changed_row_is_named_by_its_key(
    rows: list[list[str]], kind: Kind, key: str, column: str, old: str, new: str, least: str
) -> None:
    found = compared(release_files(), release_files(rows))
    assert found.changes == (diff.Change("people", kind, key, column, old, new),)
    assert found.least_version == least


@pytest.mark.parametrize(
    ("schema", "kind", "step"),
    [
        (with_field(1, description="Another word."), Kind.DESCRIPTION_CHANGED, Step.PATCH),
        (with_field(2, constraints={"enum": ["a", "b", "c"]}), Kind.VALUES_EXTENDED, Step.MINOR),
        (with_field(2, constraints={"enum": ["a", "c"]}), Kind.COLUMN_CHANGED, Step.MAJOR),
        (with_field(2, constraints={}), Kind.COLUMN_CHANGED, Step.MAJOR),
        (with_field(1, type="any"), Kind.COLUMN_CHANGED, Step.MAJOR),
        (with_field(1, format="uri"), Kind.COLUMN_CHANGED, Step.MAJOR),
        (with_field(1, missingValues=["-"]), Kind.COLUMN_CHANGED, Step.MAJOR),
        (with_field(1, constraints={"required": True}), Kind.COLUMN_CHANGED, Step.MAJOR),
        ({**PEOPLE, "title": "Another title"}, Kind.DESCRIPTION_CHANGED, Step.PATCH),
        ({**PEOPLE, "description": "Another word."}, Kind.DESCRIPTION_CHANGED, Step.PATCH),
        ({**PEOPLE, "primaryKey": ["id", "name"]}, Kind.KEY_CHANGED, Step.MAJOR),
        ({**PEOPLE, "foreignKeys": [TO_ITSELF]}, Kind.KEY_CHANGED, Step.MAJOR),
        ({**PEOPLE, "uniqueKeys": [["name"]]}, Kind.KEY_CHANGED, Step.MAJOR),
    ],
)
def test_a_changed_schema_demands_a_step(schema: dict[str, Any], kind: Kind, step: Step) -> None:
    found = compared(release_files(), release_files(schema=schema))
    assert [one.kind for one in found.changes] == [kind]
    assert found.step is step


def test_the_order_of_keys_is_no_change() -> None:
    named = {"fields": "name", "reference": {"resource": "", "fields": "id"}}
    one = {**PEOPLE, "foreignKeys": [TO_ITSELF, named], "uniqueKeys": [["name", "kind"], ["name"]]}
    other = {**PEOPLE, "foreignKeys": [named, TO_ITSELF], "uniqueKeys": [["name"], ["kind", "name"]]}
    assert compared(release_files(schema=one), release_files(schema=other)).changes == ()


LETTER: dict[str, Any] = {
    "name": "letter",
    "path": "data/letter.txt",
    "format": "txt",
    "mediatype": "text/plain",
    "encoding": "utf-8",
    "licenses": [{"name": "CC-BY-4.0"}, {"path": "https://a.invalid/CNE"}],
}


@pytest.mark.parametrize(
    ("new", "changes"),
    [
        (LETTER, []),
        ({**LETTER, "path": "letter.txt", "licenses": LETTER["licenses"][::-1]}, []),
        ({**LETTER, "title": "A letter", "bytes": 3}, []),
        ({**LETTER, "path": "note.txt"}, [("path", "letter.txt", "note.txt")]),
        ({**LETTER, "format": "md"}, [("format", "txt", "md")]),
        ({**LETTER, "mediatype": "text/markdown"}, [("mediatype", "text/plain", "text/markdown")]),
        ({**LETTER, "encoding": "utf-16"}, [("encoding", "utf-8", "utf-16")]),
        ({**LETTER, "dialect": {"delimiter": ";"}}, [("dialect", None, '{"delimiter": ";"}')]),
        (
            {**LETTER, "licenses": [{"name": "CC-BY-4.0"}]},
            [("licenses", "CC-BY-4.0, https://a.invalid/CNE", "CC-BY-4.0")],
        ),
    ],
)
def test_how_a_file_is_called_written_and_licensed_is_compared(
    new: dict[str, Any], changes: list[tuple[str, str | None, str]]
) -> None:
    found = compared(release_files(resources=[LETTER]), release_files(resources=[new]))
    assert [(one.column, one.old, one.new) for one in found.changes] == changes
    assert {(one.kind, one.step) for one in found.changes} <= {(Kind.FILE_CHANGED, Step.MAJOR)}


def test_a_file_that_went_demands_a_major_step_and_one_that_came_a_minor_one() -> None:
    fewer, more = release_files(resources=[]), release_files(resources=[LETTER])
    went, came = compared(more, fewer), compared(fewer, more)
    assert [(one.table, one.kind, one.step) for one in (*went.changes, *came.changes)] == [
        ("letter", Kind.FILE_REMOVED, Step.MAJOR),
        ("letter", Kind.FILE_ADDED, Step.MINOR),
    ]


def test_of_a_changed_column_what_differs_is_told() -> None:
    schema = with_field(2, constraints={"enum": ["a", "b", "c"]})
    (change,) = compared(release_files(), release_files(schema=schema)).changes
    assert (change.old, change.new) == (
        '{"constraints": {"enum": ["a", "b"]}}',
        '{"constraints": {"enum": ["a", "b", "c"]}}',
    )


def test_other_words_for_null_change_every_column() -> None:
    found = compared(release_files(), release_files(schema={**PEOPLE, "missingValues": ["", "-"]}))
    assert [one.kind for one in found.changes] == [Kind.COLUMN_CHANGED] * 3


def test_a_column_that_was_added_changes_no_row() -> None:
    wider = {**PEOPLE, "fields": [*PEOPLE["fields"], {"name": "more", "type": "string"}]}
    found = compared(release_files(), release_files([[*row, "x"] for row in ROWS], wider))
    assert [(one.kind, one.column) for one in found.changes] == [(Kind.COLUMN_ADDED, "more")]
    back = compared(release_files([[*row, "x"] for row in ROWS], wider), release_files())
    assert [(one.kind, one.step) for one in back.changes] == [(Kind.COLUMN_REMOVED, Step.MAJOR)]


def test_a_table_that_came_or_went_is_one_change() -> None:
    empty = release_files(resources=[])
    assert [one.kind for one in compared(empty, release_files()).changes] == [Kind.TABLE_ADDED]
    assert [one.kind for one in compared(release_files(), empty).changes] == [Kind.TABLE_REMOVED]


CELLS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=6)
TABLES = st.dictionaries(st.sampled_from("12345"), CELLS, max_size=5)


@settings(max_examples=60, deadline=None)
@given(TABLES, TABLES)
def test_the_changes_lead_from_the_old_rows_to_the_new_ones(old: dict[str, str], new: dict[str, str]) -> None:
    found = compared(
        release_files([[key, name, "a"] for key, name in old.items()]),
        release_files([[key, name, "a"] for key, name in new.items()]),
    )
    mended = dict(old)
    for one in found.changes:
        assert one.key is not None
        if one.kind is Kind.ROW_REMOVED:
            del mended[one.key]
        elif one.kind is Kind.ROW_ADDED:
            mended[one.key] = new[one.key]
        else:
            assert mended[one.key] == (one.old or "")
            mended[one.key] = one.new or ""
    assert mended == new
    assert (found.step is Step.MAJOR) == any(key not in new or new[key] != name for key, name in old.items())


def test_the_rows_of_changes_have_the_columns_of_their_schema() -> None:
    schema = json.loads((REPOSITORY / "schemas" / "release" / "changes.json").read_bytes())
    rows = list(diff.as_rows(compared(release_files(), release_files(ROWS[:1])).changes))
    assert [list(row) for row in rows] == [[field["name"] for field in schema["fields"]]]
    enums = {field["name"]: field["constraints"].get("enum") for field in schema["fields"]}
    assert enums["change"] == [one.value for one in Kind]
    assert enums["step"] == [one.word for one in Step]


def test_the_schema_of_changes_is_of_the_form_of_all_schemas() -> None:
    import jsonschema

    schemas = Places().schemas
    form = json.loads((schemas / "table.schema.json").read_bytes())
    jsonschema.validate(json.loads((schemas / "release" / "changes.json").read_bytes()), form)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"people.csv": b"id,name\n"}, "the header id,name"),
        ({"people.csv": b"id,name,kind\n1,a\n"}, "2 cells"),
        ({"people.csv": b"id,name,kind\n1,a,a\n1,b,a\n"}, "the key 1 again"),
        ({"people.csv": b"\xff"}, "CSV in UTF-8"),
        ({"datapackage.json": b"{"}, "expected JSON"),
        ({"datapackage.json": b"[]"}, "an object"),
        ({"datapackage.json": b"{}"}, "a descriptor of this project"),
        (release_files(version="1.2"), "MAJOR.MINOR.PATCH"),
        (release_files(version="01.2.3"), "MAJOR.MINOR.PATCH"),
        (release_files(version=f"1.2.{'9' * 5000}"), "MAJOR.MINOR.PATCH"),
        (release_files(schema=with_field(1, constraints=[1])), "a descriptor of this project"),
        (release_files(schema=with_field(1, constraints=None)), "a descriptor of this project"),
        (release_files(schema=with_field(1, constraints={"enum": 3})), "a descriptor of this project"),
        (release_files(schema=with_field(1, constraints={"enum": [{}]})), "a descriptor of this project"),
        (release_files(schema={**PEOPLE, "primaryKey": ["other"]}), "a descriptor of this project"),
        (release_files(schema={**PEOPLE, "foreignKeys": [{"fields": "id"}]}), "a descriptor of this project"),
        (release_files(resources=[{**LETTER, "licenses": None}]), "a descriptor of this project"),
        (
            release_files(resources=[{"name": "a", "format": "csv", "path": "../a", "schema": PEOPLE}]),
            "a path within the release",
        ),
    ],
)
def test_what_is_no_release_is_refused(damage: dict[str, bytes], said: str) -> None:
    with pytest.raises(InputError, match="expected") as refused:
        diff.of_files("broken", {**release_files(), **damage})
    assert said in str(refused.value)


def test_releases_of_two_packages_are_not_compared() -> None:
    with pytest.raises(InputError, match="the package other"):
        compared(release_files(), release_files(name="other"))


def written(folder: Path, content: dict[str, bytes]) -> Path:
    """A release in a folder."""
    folder.mkdir()
    for name, data in content.items():
        (folder / name).write_bytes(data)
    return folder


def test_the_command_compares_folders_and_archives(tmp_path: Path) -> None:
    old = written(tmp_path / "old", release_files())
    new = tmp_path / "new.zip"
    with zipfile.ZipFile(new, "w") as archive:
        for name, data in release_files([ROWS[0], ["2", "\x1b[31mRob", "b"]]).items():
            archive.writestr(f"invented-2.0.0/{name}", data)
    report = tmp_path / "report.json"
    done = building.python(REPOSITORY / "scripts" / "diff.py", old, new, "--json", report)
    assert (done.status, done.errors) == (0, "")
    assert "people 2 name: cell changed, 'Bob' → " in done.output
    assert "\x1b" not in done.output
    assert "the version after 1.2.3 is 2.0.0 or higher, and 1.2.3 is not" in done.output
    found = json.loads(report.read_bytes())
    assert (found["step"], found["least_version"]) == ("major", "2.0.0")
    assert found["counts"] == {"people": {"cell_changed": 1}}


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        (None, "a", "null → 'a'"),
        ("a", "b", "'a' → 'b'"),
        ("a" * 100 + "b", "a" * 100 + "c", f"…'{'a' * 20}b' → …'{'a' * 20}c'"),
        ("a" * 100, "a" * 100 + "c", f"…'{'a' * 20}' → …'{'a' * 20}c'"),
        ("b" + "a" * 100, "c" + "a" * 100, f"'b{'a' * 59}'… → 'c{'a' * 59}'…"),
    ],
)
def test_of_a_long_cell_the_part_that_differs_is_shown(old: str | None, new: str, shown: str) -> None:
    change = diff.Change("people", Kind.CELL_CHANGED, "1", "name", old, new)
    assert command.line(change) == f"people 1 name: cell changed, {shown}"


@pytest.mark.parametrize(
    ("schema", "lines"),
    [
        (
            with_field(1, description="Another name."),
            ["people name: description changed, description: 'The name.' → 'Another name.'"],
        ),
        (
            with_field(2, constraints={"enum": ["a", "c"]}),
            ["people kind: column changed, values: - b, + c"],
        ),
        (
            with_field(2, constraints={"enum": ["a", "b", "c"]}),
            ["people kind: values extended, values: + c"],
        ),
        (with_field(2, constraints={}), ['people kind: column changed, values: \'["a", "b"]\' → null']),
        (
            with_field(0, type="any", constraints={"required": False}),
            ["people id: column changed, type: 'string' → 'any'; required: 'true' → 'false'"],
        ),
        ({**PEOPLE, "foreignKeys": [TO_ITSELF]}, ["people: foreign key added: kind → the same table (id)"]),
        ({**PEOPLE, "uniqueKeys": [["name", "kind"]]}, ["people: unique key added: kind, name"]),
        ({**PEOPLE, "primaryKey": ["name"]}, ["people: key changed, 'id' → 'name'"]),
        ({**PEOPLE, "title": "Folk"}, ["people: description changed, null → 'Folk'"]),
    ],
)
def test_what_a_schema_says_otherwise_is_printed_for_people(schema: dict[str, Any], lines: list[str]) -> None:
    found = compared(release_files(), release_files(schema=schema))
    assert [command.line(one) for one in found.changes] == lines
    back = compared(release_files(schema=schema), release_files())
    assert all("{" not in command.line(one) for one in back.changes)


def test_a_foreign_key_that_went_is_printed_as_removed() -> None:
    keyed = {
        **PEOPLE,
        "foreignKeys": [{"fields": "kind", "reference": {"resource": "kinds", "fields": "id"}}],
    }
    (change,) = compared(release_files(schema=keyed), release_files()).changes
    assert command.line(change) == "people: foreign key removed: kind → kinds (id)"


def test_an_archive_with_damaged_names_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "release.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ж/datapackage.json", b"{}")
    path.write_bytes(path.read_bytes().replace("ж".encode(), b"\xff\xff"))
    with pytest.raises(InputError, match="the folder or zip of a release"):
        diff.read(path)


def test_a_damaged_table_in_an_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "release.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in release_files([[str(number), "Ann", "a"] for number in range(50)]).items():
            archive.writestr(name, data)
    damaged = bytearray(path.read_bytes())
    at = damaged.index(b"people.csv") + len(b"people.csv")
    damaged[at : at + 8] = b"\xff" * 8
    path.write_bytes(damaged)
    with pytest.raises(InputError, match="the folder or zip of a release"):
        diff.read(path)


def test_a_folder_without_a_descriptor_is_no_release(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no datapackage\.json; expected the folder or zip of a release"):
        diff.read(tmp_path)


@pytest.mark.parametrize("content", [None, b"no archive", b"PK\x03\x04"])
def test_the_command_tells_what_is_no_release(tmp_path: Path, content: bytes | None) -> None:
    broken = tmp_path / "broken.zip"
    if content is not None:
        broken.write_bytes(content)
    done = building.python(REPOSITORY / "scripts" / "diff.py", broken, broken)
    assert done.status == 1
    assert "broken.zip" in done.output
    assert "Traceback" not in done.said
