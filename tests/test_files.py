"""What is read is read strictly; what is written is there whole or not at all."""

from __future__ import annotations

import csv
import fnmatch
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cables import files
from cables.files import BUILT_PATHS, PACKAGE_PATHS, WORKSPACE, Changes, Recovery, WriteError
from cables.model import InputError, InputErrors
from interrupting import How, tree

HERE = Path(__file__).resolve().parent
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def descriptor(version: int, name: str = "a-package") -> bytes:
    return json.dumps({"name": name, "version": f"{version}.0.0"}).encode()


OLD = {
    "datapackage.json": descriptor(1),
    "CITATION.cff": b"title: old\n",
    "data/csv/lines.csv": b"line\n1\n",
    "data/csv/same.csv": b"the same in both\n",
    "data/raw/1.txt": b"source\n",
    "docs/old/page.md": b"# Gone in the next version\n",
}
NEW = {
    "datapackage.json": descriptor(2),
    "CITATION.cff": b"title: new\n",
    "data/csv/lines.csv": b"line\n1\n2\n",
    "data/csv/same.csv": b"the same in both\n",
    "data/json/deep/1.json": b"{}\n",
    "data/raw/1.txt": b"source\n",
}


def put(content: Mapping[str, bytes], target: Path) -> Changes:
    """Install a whole package, as `--out` does."""
    return files.install(content, target, owned=PACKAGE_PATHS)


def folders(target: Path) -> set[str]:
    return {str(path.relative_to(target)) for path in target.rglob("*") if path.is_dir()}


def parents(content: Mapping[str, bytes]) -> set[str]:
    return {str(parent) for path in content for parent in Path(path).parents if str(parent) != "."}


def is_whole(target: Path, content: Mapping[str, bytes]) -> bool:
    """Whether the target holds the content and nothing else, no folder and no hidden file either."""
    return tree(target) == dict(content) and folders(target) == parents(content)


def written(path: Path) -> tuple[int, int, int]:
    """What changes when a file is written or replaced, and not when it is read."""
    found = os.lstat(path)
    return found.st_ino, found.st_mtime_ns, found.st_ctime_ns


def refusals(raw: Path) -> list[str]:
    refused: list[InputError] = []
    files.read_sources(raw, refused.append)
    return [str(error) for error in refused]


# Reading


def test_a_row_knows_the_line_on_which_it_begins(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_bytes(b'a,b\n1,"two\nlines"\n\n3,"4,5"\n')
    rows = files.read_csv_rows(table, ("a", "b"))
    assert [(row.line, row["a"], row["b"]) for row in rows] == [(2, "1", "two\nlines"), (5, "3", "4,5")]
    assert str(rows[1].error("3", "a letter")) == f"{table}:5: 3; expected a letter"


def test_a_table_saved_by_a_spreadsheet_reads_the_same(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_bytes(b"\xef\xbb\xbfa,b\r\n1,2\r\n")
    assert [dict(row.cells) for row in files.read_csv_rows(table, ("a", "b"))] == [{"a": "1", "b": "2"}]


def test_a_cell_may_be_longer_than_python_reads_unasked(tmp_path: Path) -> None:
    csv.field_size_limit(131_072)  # as in a process that has read no table yet
    table = tmp_path / "t.csv"
    table.write_text(f"a\n{'x' * 200_000}\n", "utf-8")
    assert [len(row["a"]) for row in files.read_csv_rows(table, ("a",))] == [200_000]


def test_another_header_is_refused_with_both_headers(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("a,c\n1,2\n")
    with pytest.raises(InputError, match=r"t\.csv:1: the header a,c; expected the header a,b"):
        files.read_csv_rows(table, ("a", "b"))


def test_every_row_of_another_width_is_reported(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("a,b\n1\n1,2\n1,2,3\n")
    with pytest.raises(InputErrors) as caught:
        files.read_csv_rows(table, ("a", "b"))
    assert [str(error) for error in caught.value.errors] == [
        f"{table}:2: 1 cells; expected 2, as in the header",
        f"{table}:4: 3 cells; expected 2, as in the header",
    ]


@pytest.mark.parametrize(
    ("data", "line", "found"),
    [
        (b"a,b\n1,\xff\n", 2, "not UTF-8"),
        (b"a,b\n1,2\n\x00,2\n", 3, "NUL"),
        (b'a,b\n"1,2\n', 2, "unexpected end of data"),
        (b'a,b\n"1"x,2\n', 2, "expected after"),
        (b"", 1, "empty"),
    ],
)
def test_a_table_that_is_not_clean_csv_is_refused_with_its_line(
    tmp_path: Path, data: bytes, line: int, found: str
) -> None:
    table = tmp_path / "t.csv"
    table.write_bytes(data)
    with pytest.raises(InputError, match=found) as caught:
        files.read_csv_rows(table, ("a", "b"))
    assert (caught.value.file, caught.value.line) == (str(table), line)


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ('{"a": 1,\n "b": }', 2, "Expecting value"),
        ('{"a": 1, "a": 2}', 1, "repeated in one object: 'a'"),
        ('{"a": NaN}', 1, "NaN is not a number"),
        ("[" * 100_000, 1, "recursion"),
        ("9" * 5_000, 1, "integer"),
    ],
)
def test_json_that_others_might_read_in_another_way_is_refused(
    tmp_path: Path, text: str, line: int, found: str
) -> None:
    path = tmp_path / "d.json"
    path.write_text(text)
    with pytest.raises(InputError, match=found) as caught:
        files.read_json(path)
    assert caught.value.line == line


def test_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text('title = "a"\n\ntitle = "b"\n')
    with pytest.raises(InputError) as caught:
        files.read_toml(path)
    assert caught.value.line == 3
    path.write_text('title = "a"\nname = "open')
    with pytest.raises(InputError) as caught:
        files.read_toml(path)
    assert caught.value.line == 2


def test_json_and_toml_give_their_values(tmp_path: Path) -> None:
    (tmp_path / "d.json").write_text('{"a": [1, null, "ш"]}')
    (tmp_path / "p.toml").write_text('[a]\nb = "ш"\n')
    assert files.read_json(tmp_path / "d.json") == {"a": [1, None, "ш"]}
    assert files.read_toml(tmp_path / "p.toml") == {"a": {"b": "ш"}}


def test_what_is_no_file_is_refused_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("missing", "pipe", ".", "with\0nul", "long" * 100):
        with pytest.raises(InputError, match="expected a file that can be read"):
            files.read_bytes(tmp_path / name)


def test_sources_come_sorted_with_their_bytes_untouched(tmp_path: Path) -> None:
    content = {"b.txt": b"\xff\r\n", "A-1_x.y.txt": b"", ".hidden.txt": b"passed over", "notes.md": b"too"}
    for name, data in content.items():
        (tmp_path / name).write_bytes(data)
    assert refusals(tmp_path) == []
    found = files.read_sources(tmp_path, lambda error: pytest.fail(str(error)))
    assert found == (("A-1_x.y.txt", b""), ("b.txt", b"\xff\r\n"))
    assert [files.record_id(name) for name, _ in found] == ["A-1_x.y", "b"]


def test_every_source_that_cannot_be_a_record_is_reported_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_bytes(b"text")
    for name in ("два.txt", "a b.txt", "esc\x1b[31m.txt"):
        (tmp_path / name).write_bytes(b"text")
    (tmp_path / "folder.txt").mkdir()
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "nowhere.txt").symlink_to(tmp_path / "missing")
    refused: list[InputError] = []
    assert files.read_sources(tmp_path, refused.append) == (("good.txt", b"text"),)
    assert {Path(error.file).name for error in refused} == {
        "два.txt",
        "a b.txt",
        r"esc\x1b[31m.txt",
        "folder.txt",
        "pipe.txt",
        "nowhere.txt",
    }


def test_sources_whose_names_differ_only_in_case_are_both_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"1")
    (tmp_path / "A.txt").write_bytes(b"2")
    if len(os.listdir(tmp_path)) < 2:
        pytest.skip("this file system takes the two names for one")
    assert [line.split("; ")[0] for line in refusals(tmp_path)] == [
        f"{tmp_path}/A.txt:1: the same record id, but for case, as a.txt",
        f"{tmp_path}/a.txt:1: the same record id, but for case, as A.txt",
    ]


def test_a_missing_folder_of_sources_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a folder of exports"):
        refusals(tmp_path / "missing")


@given(st.text())
def test_what_is_printed_never_commands_a_terminal(text: str) -> None:
    assert files.printable(text).isprintable()


def test_files_are_listed_without_following_links(tmp_path: Path) -> None:
    (tmp_path / "in/deep").mkdir(parents=True)
    (tmp_path / "in/deep/file").touch()
    (tmp_path / "in/link").symlink_to(tmp_path)
    assert files.list_files(tmp_path) == ("in/deep/file", "in/link")


# What is owned


def test_git_folds_away_what_is_built_and_nothing_else() -> None:
    """`requirements.lock` is generated too, but not by a build."""
    attributes = [line.split() for line in (HERE.parent / ".gitattributes").read_text().splitlines()]
    generated = {words[0] for words in attributes if "linguist-generated" in words[1:]}
    built = {path + "**" if path.endswith("/") else path for path in BUILT_PATHS}
    assert generated == built | {"requirements.lock"}
    assert ["data/raw/**", "-text"] in attributes
    assert ["*", "text=auto", "eol=lf"] in attributes


def test_what_a_build_leaves_when_cut_off_is_ignored_by_git() -> None:
    ignored = (HERE.parent / ".gitignore").read_text().split()
    assert {f"{WORKSPACE}/", files.LOCK} <= set(ignored)


def test_no_authored_path_is_built() -> None:
    assert not any(fnmatch.fnmatch(path, built + "*") for path in files.INPUT_PATHS for built in BUILT_PATHS)


@pytest.mark.parametrize(
    "path", ["/etc/x", "../x", "data/csv/../x", "data//csv/x", "README.md", "data/csv", ""]
)
def test_a_path_that_is_not_owned_is_never_written(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match="not paths that a build owns"):
        put({path: b""}, tmp_path / "out")
    assert not (tmp_path / "out").exists()


# Installing


def test_a_package_is_installed_and_then_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "a" / "new" / "folder"
    assert put(OLD, target) == Changes(6, 0, 0, Recovery.NOTHING)
    assert is_whole(target, OLD)
    before = {path: written(target / path) for path in OLD}
    assert put(OLD, target) == Changes(0, 6, 0, Recovery.NOTHING)
    assert {path: written(target / path) for path in OLD} == before
    assert is_whole(target, OLD)


def test_a_new_package_replaces_the_old_and_stale_files_go(tmp_path: Path) -> None:
    put(OLD, tmp_path)
    kept = written(tmp_path / "data/csv/same.csv")
    assert put(NEW, tmp_path) == Changes(4, 2, 1, Recovery.NOTHING)
    assert is_whole(tmp_path, NEW)
    assert written(tmp_path / "data/csv/same.csv") == kept


NAMES = st.sampled_from(["a", "b.csv", "c/d", "c/e.f", "g/h/i"])
PACKAGES = st.dictionaries(
    st.builds(str.__add__, st.sampled_from(["data/csv/", "docs/", "data/raw/"]), NAMES), st.binary(max_size=5)
).map(lambda content: {**content, "datapackage.json": descriptor(len(content))})


@settings(max_examples=40, deadline=None)
@given(st.lists(PACKAGES, min_size=1, max_size=4))
def test_whatever_stood_there_the_last_package_stands_whole(packages: list[dict[str, bytes]]) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        for content in packages:
            changes = put(content, Path(folder))
            assert is_whole(Path(folder), content)
            assert changes.written + changes.unchanged == len(content)


@pytest.mark.parametrize("umask", [0o000, 0o027, 0o077])
def test_modes_do_not_depend_on_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        put(OLD, tmp_path / "out")
        put(NEW, tmp_path / "out")
    finally:
        os.umask(before)
    modes = {
        (path.is_dir(), stat.S_IMODE(path.stat().st_mode))
        for path in ((tmp_path / "out"), *(tmp_path / "out").rglob("*"))
    }
    assert modes == {(True, 0o755), (False, 0o644)}


def test_modes_that_a_checkout_made_narrower_are_mended(tmp_path: Path) -> None:
    put(OLD, tmp_path)
    (tmp_path / "CITATION.cff").chmod(0o600)
    (tmp_path / "data/csv").chmod(0o700)
    assert put(OLD, tmp_path).written == 1
    assert stat.S_IMODE((tmp_path / "CITATION.cff").stat().st_mode) == 0o644
    assert stat.S_IMODE((tmp_path / "data/csv").stat().st_mode) == 0o755


def test_beside_authored_files_only_built_ones_are_touched(tmp_path: Path) -> None:
    authored = {
        "README.md": b"# Ours\n",
        "data/raw/1.txt": b"source\n",
        "data/README.md": b"",
        "src/a.py": b"",
    }
    for path, data in authored.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    built = {path: data for path, data in OLD.items() if not path.startswith("data/raw/")}
    files.install(built, tmp_path, shared=True)
    files.install({"datapackage.json": descriptor(2)}, tmp_path, shared=True)
    assert tree(tmp_path) == {**authored, "datapackage.json": descriptor(2)}


# Refusing


@pytest.mark.parametrize("foreign", ["notes.txt", "data/notes.txt", "data/tsv/a.tsv", ".git/config", "src/"])
def test_a_folder_that_holds_anything_else_is_refused_and_left_alone(tmp_path: Path, foreign: str) -> None:
    put(OLD, tmp_path)
    path = tmp_path / foreign
    path.mkdir() if foreign.endswith("/") else path.parent.mkdir(exist_ok=True)
    if not foreign.endswith("/"):
        path.write_bytes(b"mine")
    before = tree(tmp_path)
    with pytest.raises(WriteError, match=r"which no build wrote; expected an empty folder, or a package"):
        put(NEW, tmp_path)
    assert tree(tmp_path) == before


def test_all_foreign_entries_are_counted_and_the_first_are_named(tmp_path: Path) -> None:
    for name in "abcdefg":
        (tmp_path / name).touch()
    with pytest.raises(WriteError, match="holds a, b, c, d, e and 2 more, which no build wrote"):
        files.check_target(tmp_path)


def test_a_folder_with_docs_of_its_own_is_not_taken_for_a_package(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/mine.md").write_bytes(b"mine")
    with pytest.raises(WriteError, match=r"holds files but no datapackage\.json"):
        put(NEW, tmp_path)
    assert tree(tmp_path) == {"docs/mine.md": b"mine"}


def test_a_package_of_another_name_is_not_replaced(tmp_path: Path) -> None:
    theirs = {"datapackage.json": descriptor(1, "theirs"), "data/csv/theirs.csv": b"theirs\n"}
    put(theirs, tmp_path)
    with pytest.raises(WriteError, match="the descriptor of the package theirs; expected a-package"):
        put(NEW, tmp_path)
    assert is_whole(tmp_path, theirs)


def test_a_damaged_package_can_be_built_again(tmp_path: Path) -> None:
    put(OLD, tmp_path)
    (tmp_path / "datapackage.json").write_bytes(b'{"name": ')
    put(NEW, tmp_path)
    assert is_whole(tmp_path, NEW)


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"mine")
    for target in (tmp_path / "out", tmp_path / "out" / "below"):
        with pytest.raises(WriteError, match=r"this is a file|Not a directory \(ENOTDIR\)"):
            put(NEW, target)
    assert tree(tmp_path) == {"out": b"mine"}


@pytest.mark.parametrize("link", ["data", "data/csv", "docs/old"])
def test_a_link_to_a_folder_is_never_followed(tmp_path: Path, link: str) -> None:
    target, outside = tmp_path / "out", tmp_path / "outside"
    put(OLD, target)
    shutil.copytree(target / link, outside)
    shutil.rmtree(target / link)
    (target / link).symlink_to(outside)
    before = tree(outside)
    again = {**OLD, "docs/old/page.md": b"other\n", "data/csv/lines.csv": b"other\n"}
    with pytest.raises(WriteError, match=r"(this is a link or a file|which no build wrote); expected"):
        put(again, target)
    assert tree(outside) == before


def test_beside_authored_files_a_link_on_the_way_is_not_followed_either(tmp_path: Path) -> None:
    target, outside = tmp_path / "repository", tmp_path / "outside"
    (outside / "csv").mkdir(parents=True)
    (outside / "csv/kept.csv").write_bytes(b"kept")
    target.mkdir()
    (target / "data").symlink_to(outside)
    with pytest.raises(WriteError, match=r"data: this is a link or a file; expected a folder"):
        files.install({"datapackage.json": descriptor(1)}, target, shared=True)
    assert tree(outside) == {"csv/kept.csv": b"kept"}
    assert tree(target) == {"data": os.fsencode(outside)}


def test_a_link_to_a_file_is_replaced_and_its_target_kept(tmp_path: Path) -> None:
    target, outside = tmp_path / "out", tmp_path / "outside"
    outside.write_bytes(NEW["CITATION.cff"])
    put(OLD, target)
    for path in ("CITATION.cff", "docs/old/page.md"):
        (target / path).unlink()
        (target / path).symlink_to(outside)
    put(NEW, target)
    assert is_whole(target, NEW)
    assert outside.read_bytes() == NEW["CITATION.cff"]


def test_a_pipe_in_the_place_of_a_file_is_replaced_and_never_waited_for(tmp_path: Path) -> None:
    content = {**OLD, "docs/empty.md": b""}
    target = tmp_path / "out"
    put(content, target)
    (target / "docs/empty.md").unlink()
    os.mkfifo(target / "docs/empty.md", 0o644)
    (target / "docs/empty.md").chmod(0o644)
    assert told(builder(content, target, tmp_path)) == ""
    assert is_whole(target, content)


def test_a_folder_where_a_file_belongs_is_refused(tmp_path: Path) -> None:
    put(OLD, tmp_path)
    (tmp_path / "CITATION.cff").unlink()
    (tmp_path / "CITATION.cff").mkdir()
    with pytest.raises(WriteError, match=r"CITATION\.cff"):
        put(NEW, tmp_path)
    assert (tmp_path / "datapackage.json").read_bytes() == OLD["datapackage.json"]


@pytest.mark.parametrize(
    "mark",
    [
        '{"put": ["../outside"], "remove": []}',
        '{"put": [], "remove": ["README.md"]}',
        '{"put": [], "remove": ["data/csv/../../../outside"]}',
        '{"put": [1], "remove": []}',
        '{"put": "data/csv/a"}',
        "[" * 100_000,
        "not JSON",
    ],
)
def test_a_mark_that_no_build_wrote_is_refused(tmp_path: Path, mark: str) -> None:
    target = tmp_path / "out"
    put(OLD, target)
    (tmp_path / "outside").write_bytes(b"kept")
    (target / WORKSPACE).mkdir()
    (target / WORKSPACE / "0").write_bytes(b"planted")
    (target / WORKSPACE / "mark").write_text(mark)
    before = tree(tmp_path)
    for attempt in (lambda: files.recover(target), lambda: put(NEW, target)):
        with pytest.raises(InputError, match="mark:1: "):
            attempt()
    assert tree(tmp_path) == before


@pytest.mark.parametrize("verb", ["put", "remove"])
def test_a_planted_mark_leads_nowhere_through_a_link(tmp_path: Path, verb: str) -> None:
    target, outside = tmp_path / "out", tmp_path / "outside"
    (outside / "csv").mkdir(parents=True)
    (outside / "csv/kept.csv").write_bytes(b"kept")
    (target / WORKSPACE).mkdir(parents=True)
    (target / WORKSPACE / "0").write_bytes(b"planted")
    (target / WORKSPACE / "mark").write_text(
        json.dumps({"put": [], "remove": [], verb: ["data/csv/kept.csv"]})
    )
    (target / "data").symlink_to(outside)
    with pytest.raises(WriteError, match="data: this is a link or a file"):
        files.recover(target)
    assert tree(outside) == {"csv/kept.csv": b"kept"}


def test_a_planted_link_for_a_lock_is_not_followed(tmp_path: Path) -> None:
    target, outside = tmp_path / "out", tmp_path / "outside"
    put(OLD, target)
    outside.write_bytes(b"kept")
    (target / files.LOCK).symlink_to(outside)
    assert "(ELOOP); the package there is as it was" in told(builder(NEW, target, tmp_path))
    assert outside.read_bytes() == b"kept"


def test_a_planted_link_for_a_workspace_is_removed_and_not_followed(tmp_path: Path) -> None:
    target, outside = tmp_path / "out", tmp_path / "outside"
    put(OLD, target)
    outside.mkdir()
    (outside / "kept").touch()
    (target / WORKSPACE).symlink_to(outside)
    put(NEW, target)
    assert is_whole(target, NEW)
    assert tree(outside) == {"kept": b""}


# Cut off


@dataclass(frozen=True, slots=True)
class Swept:
    """A target whose builder was stopped at one call, and what is known of the builder."""

    target: Path
    status: int
    message: str


@dataclass(frozen=True, slots=True)
class Sweep:
    """Every stopped run, and the calls of the one that came through, in its own target."""

    stopped: list[Swept]
    through: Path
    calls: list[tuple[str, Path]]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: a sweep syncs thousands of times."""
    with tempfile.TemporaryDirectory(dir=MEMORY or tmp_path) as folder:
        yield Path(folder)


def sweep(how: How, old: Mapping[str, bytes] | Path, place: Path) -> Sweep:
    """Install NEW over `old`, stopped at every call in turn."""
    runs = place / "runs"
    runs.mkdir(parents=True)
    put(NEW, place / "new")
    if isinstance(old, Path):
        shutil.copytree(old, place / "old")
    else:
        (place / "old").mkdir()
        if old:
            put(old, place / "old")
    command = [HERE / "interrupting.py", how, place / "old", place / "new", runs]
    subprocess.run([sys.executable, *map(str, command)], check=True)
    results: list[dict[str, Any]] = json.loads((runs / "results.json").read_bytes())
    *stopped, through = results
    assert through["status"] == 0
    assert is_whole(runs / str(through["at"]), NEW)
    return Sweep(
        [Swept(runs / str(run["at"]), run["status"], run.get("message", "")) for run in stopped],
        runs / str(through["at"]),
        [(call[0], Path(call[-1])) for call in through["calls"]],
    )


@pytest.mark.parametrize("old", [OLD, {}], ids=["over a package", "into an empty folder"])
@pytest.mark.parametrize("how", [How.KILL_BEFORE, How.KILL_AFTER])
def test_killed_at_any_call_the_next_run_finds_old_or_new_whole(
    place: Path, how: How, old: dict[str, bytes]
) -> None:
    swept = sweep(how, old, place / "sweep")
    assert len(swept.stopped) == len(swept.calls)
    ends = []
    for run in swept.stopped:
        assert run.status == -9
        if not files.is_unfinished(run.target):
            (run.target / files.LOCK).unlink(missing_ok=True)
            assert is_whole(run.target, old) or is_whole(run.target, NEW)
        recovery = files.recover(run.target)
        assert is_whole(run.target, NEW) or is_whole(run.target, old)
        ends.append((recovery, is_whole(run.target, NEW)))
        assert files.recover(run.target) is Recovery.NOTHING
    # Once the mark stands there is no way back, and the mark is what decides.
    first_new = [new for _, new in ends].index(True)
    assert all(new for _, new in ends[first_new:])
    assert {end for end, new in ends if not new} == {Recovery.NOTHING, Recovery.DISCARDED}
    assert Recovery.FINISHED in {end for end, new in ends if new}


def test_killed_at_any_call_the_next_build_needs_no_other_help(place: Path) -> None:
    third = {
        "datapackage.json": descriptor(3),
        "data/csv/lines.csv": b"line\n3\n",
        "docs/old/page.md": b"back\n",
    }
    for run in sweep(How.KILL_AFTER, OLD, place / "sweep").stopped:
        put(third, run.target)
        assert is_whole(run.target, third)


def test_killed_while_it_finishes_what_was_killed_it_is_finished_all_the_same(place: Path) -> None:
    marked = [
        run.target
        for run in sweep(How.KILL_BEFORE, OLD, place / "first").stopped
        if (run.target / WORKSPACE / "mark").exists()
    ]
    for number, target in enumerate((marked[0], marked[len(marked) // 2], marked[-1])):
        for run in sweep(How.KILL_BEFORE, target, place / f"again-{number}").stopped:
            files.recover(run.target)
            assert is_whole(run.target, NEW)


def test_a_disk_that_fails_at_any_call_leaves_old_or_new_and_says_which(place: Path) -> None:
    outcomes = set()
    for run in sweep(How.FAIL, OLD, place / "sweep").stopped:
        assert run.status == 1
        said, _, outcome = run.message.partition("; ")
        assert "Input/output error (EIO)" in said
        assert str(run.target) in said
        outcomes.add(outcome)
        if outcome == files.AS_IT_WAS:
            assert is_whole(run.target, OLD)
        if outcome == files.HALF:
            assert files.recover(run.target) is Recovery.FINISHED
        if outcome != files.AS_IT_WAS:
            files.recover(run.target)
            assert is_whole(run.target, NEW)
    assert outcomes == {files.AS_IT_WAS, files.HALF, files.WHOLE, files.LEFT}


def test_everything_is_on_the_disk_before_what_counts_on_it(place: Path) -> None:
    """What no kill can show, because the system's memory outlives the process: the order of the syncs."""
    swept = sweep(How.NOTHING, OLD, place / "sweep")
    calls, target = swept.calls, swept.through
    workspace = target / WORKSPACE
    mark = calls.index(("replace", workspace / "mark"))
    unmark = calls.index(("unlink", workspace / "mark"))
    last = calls.index(("replace", target / "datapackage.json"))
    assert mark < last < unmark

    staged = {path for kind, path in calls[:mark] if kind == "write" and path.parent == workspace}
    assert len(staged) == len({"the mark", *(path for path in NEW if NEW[path] != OLD.get(path))})
    for path in staged:
        written = max(at for at, call in enumerate(calls) if call == ("write", path))
        assert ("fsync", path) in calls[written:mark]
    assert ("fsync", workspace) in calls[:mark]
    assert ("fsync", workspace) in calls[mark:last]

    moved = [path for kind, path in calls[mark + 1 : unmark] if kind in {"replace", "unlink"}]
    assert moved[-1] == target / "datapackage.json"
    for folder in {path.parent for path in moved}:
        assert ("fsync", folder) in calls[mark:last]
    assert ("fsync", target) in calls[last:unmark]


# Full, narrow and closed disks

INSTALL = """
import os, resource, sys
from pathlib import Path
sys.path[:0] = sys.argv[3:]
from interrupting import tree
from cables import files
content = tree(Path(sys.argv[1]))
{before}
try:
    files.install(content, Path(sys.argv[2]), owned=files.PACKAGE_PATHS)
except files.WriteError as error:
    sys.exit(str(error))
"""


def builder(
    content: Mapping[str, bytes], target: Path, place: Path, before: str = ""
) -> subprocess.Popen[str]:
    """A process of its own that installs the content, after doing what `before` says."""
    new = place / "new"
    put(content, new)
    code = INSTALL.format(before=before)
    command = [sys.executable, "-c", code, new, target, HERE, HERE.parent / "scripts"]
    pipe = subprocess.PIPE
    return subprocess.Popen(list(map(str, command)), stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def told(process: subprocess.Popen[str]) -> str:
    """What a builder said in the end; empty when all went well."""
    try:
        return process.communicate(timeout=100)[1].strip()
    except subprocess.TimeoutExpired:
        process.kill()
        raise


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Gives a disk of its own, mounted with the options asked for."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = 0

    def mount(options: str) -> Path:
        nonlocal mounted
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True)
        if done.returncode != 0:
            pytest.skip("mounting a small disk is not allowed here")
        mounted += 1
        return place

    try:
        if shutil.which("mount") is None:
            pytest.skip("there is no mount here")
        yield mount
    finally:
        for _ in range(mounted):
            subprocess.run(["umount", place], check=True)


def test_a_file_grown_too_large_leaves_the_old_package(tmp_path: Path) -> None:
    """A real limit on the size of files, smaller by smaller: a write stops half way."""
    target = tmp_path / "out"
    large = {**NEW, "data/csv/lines.csv": b"line\n" * 1000}
    put(OLD, target)
    for limit in (0, 1, 30, 60, 200, 4000):
        message = told(
            builder(large, target, tmp_path, f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit},) * 2)")
        )
        assert message.endswith(f"File too large (EFBIG); {files.AS_IT_WAS}")
        stopped_at = {0: files.LOCK, 1: "CITATION.cff"}.get(limit, "data/csv/lines.csv")
        assert message.startswith(f"{target}/{stopped_at}: ")
        assert is_whole(target, OLD)
    assert told(builder(large, target, tmp_path)) == ""
    assert is_whole(target, large)


@pytest.mark.parametrize("full", ["size={}k", "nr_inodes={}"])
def test_a_full_disk_leaves_the_old_package(
    tmp_path: Path, small_disk: Callable[[str], Path], full: str
) -> None:
    large = {**NEW, "data/csv/lines.csv": b"line\n" * 5000}
    messages = []
    for room in range(8, 120, 4):
        disk = small_disk(full.format(room))
        try:
            put(OLD, disk / "out")
        except WriteError as error:
            assert "No space left on device (ENOSPC)" in str(error)
            assert not (disk / "out").exists()
            continue
        messages.append(told(builder(large, disk / "out", tmp_path)))
        assert is_whole(disk / "out", OLD if messages[-1] else large)
    refused = [message for message in messages if message]
    assert refused
    assert len(refused) < len(messages)
    assert all(message.endswith(f"(ENOSPC); {files.AS_IT_WAS}") for message in refused)


def test_a_disk_that_cannot_be_written_to_is_named(tmp_path: Path, small_disk: Callable[[str], Path]) -> None:
    disk = small_disk("size=1m")
    put(OLD, disk / "out")
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    assert told(builder(NEW, disk / "out", tmp_path)).endswith(
        "Read-only file system (EROFS); " + files.AS_IT_WAS
    )
    assert told(builder(NEW, disk / "other", tmp_path)).endswith("(EROFS); " + files.AS_IT_WAS)
    assert tree(disk) == {f"out/{path}": data for path, data in OLD.items()}


def test_a_built_folder_on_another_disk_is_refused_before_anything_is_replaced(
    tmp_path: Path, small_disk: Callable[[str], Path]
) -> None:
    disk = small_disk("size=1m")
    (disk / "lines.csv").write_bytes(b"other")
    target = tmp_path / "out"
    put(OLD, target)
    subprocess.run(["mount", "--bind", disk, target / "data/csv"], check=True)
    try:
        message = told(builder(NEW, target, tmp_path))
        assert f"data/csv: this folder is on another file system than {target}" in message
        assert (target / "CITATION.cff").read_bytes() == OLD["CITATION.cff"]
        assert (disk / "lines.csv").read_bytes() == b"other"
    finally:
        subprocess.run(["umount", target / "data/csv"], check=True)
    assert is_whole(target, OLD)


@pytest.mark.parametrize("closed", [".", "data/csv"])
def test_a_folder_of_somebody_else_is_refused_before_anything_is_replaced(
    tmp_path: Path, closed: str
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder to somebody else")
    with tempfile.TemporaryDirectory() as open_to_all:
        place = Path(open_to_all)
        place.chmod(0o755)
        target = place / "out"
        put(OLD, target)
        for path in (target, *target.rglob("*")):
            os.chown(path, 65534, 65534)
        os.chown(target / closed, 0, 0)
        message = told(builder(NEW, target, place, "os.setgroups([]); os.setgid(65534); os.setuid(65534)"))
        assert message.endswith(files.AS_IT_WAS)
        assert is_whole(target, OLD)


# Two builders

PAUSED_BEFORE_THE_MARK = """
real = os.replace
def paused(*paths):
    print("ready", flush=True)
    sys.stdin.readline()
    os.replace = real
    return real(*paths)
os.replace = paused
"""


def test_a_second_builder_is_told_who_is_building(tmp_path: Path) -> None:
    target = tmp_path / "out"
    put(OLD, target)
    first = builder(NEW, target, tmp_path, PAUSED_BEFORE_THE_MARK)
    assert first.stdout is not None
    assert first.stdout.readline() == "ready\n"
    assert files.is_unfinished(target)
    for attempt in (lambda: put(OLD, target), lambda: files.recover(target)):
        with pytest.raises(WriteError, match=rf"process {first.pid} on \S+ is building here; expected one"):
            attempt()
    assert first.communicate("\n") == ("", "")
    assert is_whole(target, NEW)


PAUSED_BEFORE_THE_LOCK = """
import fcntl
real = fcntl.flock
def paused(*arguments):
    print("ready", flush=True)
    sys.stdin.readline()
    fcntl.flock = real
    return real(*arguments)
fcntl.flock = paused
"""


def test_a_lock_that_was_given_up_and_taken_anew_is_not_held_twice(tmp_path: Path) -> None:
    """Who opened the lock file of a builder that has since ended must not think that it holds the lock."""
    target = tmp_path / "out"
    put(OLD, target)

    def started(name: str, before: str) -> subprocess.Popen[str]:
        process = builder(NEW, target, tmp_path / name, before)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    first = started("first", PAUSED_BEFORE_THE_MARK)
    waiting = started("waiting", PAUSED_BEFORE_THE_LOCK)
    assert first.communicate("\n") == ("", "")
    put(OLD, target)
    second = started("second", PAUSED_BEFORE_THE_MARK)
    assert f"process {second.pid} on" in waiting.communicate("\n")[1]
    assert second.communicate("\n") == ("", "")
    assert is_whole(target, NEW)


def test_of_many_builders_at_once_each_leaves_a_whole_package(tmp_path: Path) -> None:
    target = tmp_path / "out"
    many = """
real_install, times = files.install, iter(range(30))
def install(*arguments, **options):
    for _ in times:
        try:
            real_install(*arguments, **options)
        except files.WriteError as error:
            if "is building here" not in str(error):
                raise
files.install = install
"""
    packages = [{**NEW, "datapackage.json": descriptor(n), f"data/csv/{n}.csv": b"%d" % n} for n in range(3)]
    put(packages[0], target)
    builders = [builder(content, target, tmp_path / str(n), many) for n, content in enumerate(packages)]
    assert [told(process) for process in builders] == ["", "", ""]
    assert any(is_whole(target, content) for content in packages)


# Single files


def test_a_report_is_written_whole_over_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    for data in (b"one", b"another"):
        files.write_file(path, data)
        assert tree(tmp_path) == {"report.json": data}


def test_a_report_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    for path in (tmp_path / "missing" / "report.json", tmp_path, Path("/dev/full")):
        if path.exists() or path.parent == tmp_path / "missing":
            with pytest.raises(WriteError, match="nothing was written"):
                files.write_file(path, b"{}")
