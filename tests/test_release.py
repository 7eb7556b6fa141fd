"""A release is flat, whole and the same bytes each time; what may not be released is refused."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import frictionless
import pytest

import building
import releasing
from cables import deposit, diff, release
from cables.files import WriteError
from cables.flat import PER_RECORD
from cables.inputs import Inputs
from cables.model import InputError, InputErrors
from cables.package import Build
from cables.release.archive import zipped
from cables.release.commits import Commit, prepare, tagged
from cables.release.compared import as_released
from cables.release.contents import make
from cables.release.names import CHANGES, FLAT_AUTHORED, MOST_FILES
from cables.release.refusals import SHOWN, refused_day, refused_first, refused_named, refused_step
from releasing import VERSION

ARCHIVE = f"cable-600308-{VERSION}.zip"


def test_the_files_are_what_a_deposit_takes() -> None:
    found = deposit.read_release(releasing.released())
    names = [file.name for file in found.files]
    assert found.version == VERSION
    assert len(names) <= MOST_FILES
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name) for name in names)
    assert {"documents.csv", "documents.parquet", "119402.txt", "119402.json", "verify.py", ARCHIVE} <= set(
        names
    )
    assert release.BODY not in names


def test_frictionless_calls_the_folder_valid() -> None:
    report = frictionless.Package(str(releasing.released() / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "message"])[:5]


def test_the_same_commit_gives_the_same_bytes_everywhere(tmp_path: Path) -> None:
    out = tmp_path / "again"
    elsewhere = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "7", "POLARS_MAX_THREADS": "1"}
    done = releasing.release(releasing.repository(), "--out", out, environment=elsewhere)
    assert done.status == 0, done.said
    assert releasing.content(out) == releasing.content(releasing.released())


def test_the_commit_stands_in_one_file_alone() -> None:
    head = releasing.git(releasing.repository(), "rev-parse", "HEAD").encode()
    holding = [name for name, data in releasing.content(releasing.released()).items() if head in data]
    assert holding == [release.ABOUT]


def test_pages_point_to_what_the_release_holds() -> None:
    content = releasing.content(releasing.released())
    pages = {name: data.decode() for name, data in content.items() if name.endswith(".md")}
    for name, text in pages.items():
        for target in re.findall(r"\]\(([^)\s#]+)[^)]*\)", text):
            assert re.match(r"[a-z]+:", target) or target in content, f"{name}: {target}"
    assert 'pl.read_parquet("events.parquet")' in pages["README.md"]


def test_recipes_and_prose_name_files_where_they_are() -> None:
    content = releasing.content(releasing.released())
    readme = content["README.md"].decode()
    recipes = "".join(re.findall(r"```(?:python|sql|r)\n(.*?)```", readme, re.DOTALL))
    named = re.findall(r"""["']([^"'\s]+\.(?:csv|parquet|txt|json))["']""", recipes)
    assert len(named) >= 5
    assert set(named) <= content.keys()
    prose = re.sub(r"```.*?```", "", readme, flags=re.DOTALL).partition(ARCHIVE)[2]
    assert not re.search(r"`data/(csv|parquet|json)", prose)
    assert ARCHIVE in content["RIGHTS.md"].decode()


def test_descriptions_name_files_where_they_are() -> None:
    content = releasing.content(releasing.released())
    texts = [one["description"] for one in json.loads(content["datapackage.json"])["resources"]]
    texts += [
        one.get("name", "")
        for one in json.loads(content["ro-crate-metadata.json"])["@graph"]
        if "#" not in one["@id"]
    ]
    assert [text for text in texts if re.search(r"\b(data|metadata|docs)/", text)] == []


def test_an_address_that_holds_a_path_is_left_alone(given: Inputs, build: Build) -> None:
    commit = commit_of(given)
    readme = b"# A\n\nhttps://a.invalid/data/csv/codes.csv and data/csv/codes.csv, data/csv/codes.csv2\n"
    made = make(given, build, replace(commit, files={**commit.files, "README.md": readme}), None)
    assert (
        b"https://a.invalid/data/csv/codes.csv and codes.csv, data/csv/codes.csv2" in made.files["README.md"]
    )


def test_the_archive_lists_everything_that_it_holds() -> None:
    with zipfile.ZipFile(releasing.released() / ARCHIVE) as archive:
        folder = ARCHIVE.removesuffix(".zip") + "/"
        held = {name.removeprefix(folder): archive.read(name) for name in archive.namelist()}
    assert held[release.SUMS] == release.sums(held)
    assert {release.BODY, "inputs/README.md", "inputs/data/raw/119402.txt"} <= held.keys()


def test_the_archive_builds_the_same_data_from_its_own_inputs(tmp_path: Path) -> None:
    with zipfile.ZipFile(releasing.released() / ARCHIVE) as archive:
        archive.extractall(tmp_path)
    inputs = tmp_path / ARCHIVE.removesuffix(".zip") / "inputs"
    done = building.build(repository=inputs)
    assert done.status == 0, done.said
    for form in ("csv", "parquet", "json"):
        for path in sorted((inputs / "data" / form).iterdir()):
            assert path.read_bytes() == (releasing.released() / path.name).read_bytes(), path.name


def test_the_first_release_has_no_changes() -> None:
    text = (releasing.released() / CHANGES).read_text("utf-8")
    assert text == "change_number,table,change,step,key,column,old,new\n"
    assert json.loads((releasing.released() / release.ABOUT).read_bytes())["previous"] is None


# Against the release before


def earlier(folder: Path, table: str, row: list[str] | None, **more: str) -> Path:
    """The release as 0.0.1, with one row of a table that is another, or without its last row.

    `more` is what its descriptor says besides.
    """
    shutil.copytree(releasing.released(), folder)
    described = json.loads((folder / "datapackage.json").read_bytes())
    (folder / "datapackage.json").write_text(json.dumps({**described, "version": "0.0.1", **more}), "utf-8")
    path = folder / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    rows = [*rows[:-1], row] if row else rows[:-1]
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)
    return folder


def test_what_was_added_since_is_listed_and_may_be_a_minor_step(clone: Path, tmp_path: Path) -> None:
    previous = earlier(tmp_path / "previous", "codes", None)
    (clone / "CHANGELOG.md").write_text(f"{releasing.CHANGELOG}\n## [0.0.1] - {releasing.DAY}\n", "utf-8")
    releasing.commit(clone)
    out = tmp_path / "out"
    done = releasing.release(clone, "--out", out, "--previous", previous)
    assert done.status == 0, done.said
    assert "1 change since 0.0.1, a minor step" in done.output
    with (out / CHANGES).open(encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["table"], row["change"], row["step"]) == ("codes", "row_added", "minor")
    about = json.loads((out / release.ABOUT).read_bytes())["previous"]
    assert about == {"version": "0.0.1", "step": "minor", "changes": 1}


def test_the_highest_lower_tag_is_the_release_before() -> None:
    place = releasing.repository()
    tags = ("v0.0.9", "v0.0.10", f"v{VERSION}", "v99.0.0", "vault", "other")
    for tag in tags:
        releasing.git(place, "tag", tag)
    # Of another branch, as it is when an old version is mended.
    elsewhere = releasing.git(place, "commit-tree", "HEAD^{tree}", "-m", "elsewhere")
    releasing.git(place, "tag", "--force", "v99.0.0", elsewhere)
    try:
        assert prepare(place, VERSION).previous == "v0.0.10"
        before = tagged(place, "v0.0.10")
        assert (before.where, before.version) == ("v0.0.10", VERSION)
        assert "documents" in before.tables
    finally:
        releasing.git(place, "tag", "--delete", *tags)


def changelog_of(versions: list[str]) -> bytes:
    """A changelog with headings of some versions."""
    return "".join(f"## [{one}] - 2026-11-23\n" for one in versions).encode()


@pytest.mark.parametrize(
    ("headings", "previous", "is_refused"),
    [
        (["0.2.0"], None, False),
        (["0.2.0", "0.1.0"], None, True),
        (["0.2.0", "0.1.0"], "v0.1.0", False),
        (["0.2.0", "0.1.10", "0.1.9"], "v0.1.9", True),
        (["1.0.0", "0.2.0"], None, False),
    ],
)
def test_a_release_is_the_first_only_if_the_changelog_tells_of_none_before(
    headings: list[str], previous: str | None, is_refused: bool
) -> None:
    refused = refused_first(changelog_of(headings), "0.2.0", previous)
    assert bool(refused) is is_refused
    assert all("git fetch --tags" in str(one) for one in refused)


@pytest.mark.parametrize(
    ("headings", "tag", "named", "expected"),
    [
        (["0.3.0"], None, "0.1.0", None),
        (["0.3.0", "0.2.0"], "v0.2.0", "0.2.0", None),
        (["0.3.0"], "v0.1.0", "0.2.0", None),
        (["0.3.0", "0.2.0"], None, "0.1.0", "0.2.0 or higher, which CHANGELOG.md tells of"),
        (["0.3.0"], "v0.2.0", "0.1.0", "0.2.0 or higher, which is tagged"),
        (["0.3.0", "0.2.0"], "v0.2.1", "0.2.0", "0.2.1 or higher, which is tagged"),
        (["0.4.0", "0.3.0"], None, "0.1.0", None),
    ],
)
def test_a_release_that_is_named_as_the_one_before_has_none_after_it(
    headings: list[str], tag: str | None, named: str, expected: str | None
) -> None:
    told = changelog_of(headings)
    refused = refused_named(told, "0.3.0", tag, diff.Release("old.zip", "invented", named, "", {}, {}))
    assert [one.expected for one in refused] == ([expected] if expected else [])
    assert all(one.file == "old.zip" for one in refused)


# What is refused


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of the committed repository, to be spoilt."""
    releasing.git(tmp_path, "clone", "--quiet", "--local", str(releasing.repository()), "clone")
    return tmp_path / "clone"


def refusals(clone: Path) -> str:
    """Why its commit is not released."""
    with pytest.raises((InputErrors, InputError)) as refused:
        prepare(clone, VERSION)
    return str(refused.value)


def test_uncommitted_changes_are_refused(clone: Path) -> None:
    (clone / "new.txt").write_text("new")
    (clone / "LICENSE").write_text("changed")
    done = releasing.release(clone)
    assert done.status == 1
    assert "new.txt:1: not as committed" in done.output
    assert "LICENSE:1: not as committed" in done.output
    assert not (clone / "dist").exists()


def test_a_version_that_is_tagged_elsewhere_is_refused(clone: Path) -> None:
    releasing.git(clone, "tag", f"v{VERSION}")
    (clone / "new.txt").write_text("new")
    releasing.commit(clone)
    assert f"v{VERSION} on" in refusals(clone)


def test_a_version_lower_than_a_tagged_one_before_it_is_refused(clone: Path) -> None:
    releasing.git(clone, "tag", "v99.0.0")
    assert f"the version {VERSION} after 99.0.0" in refusals(clone)


def test_a_file_that_git_was_told_not_to_look_at_is_refused(clone: Path) -> None:
    (clone / "LICENSE").write_text("changed")
    releasing.git(clone, "update-index", "--assume-unchanged", "LICENSE")
    assert "LICENSE:1: not as committed" in refusals(clone)


def test_a_source_that_git_was_told_to_ignore_is_refused(clone: Path) -> None:
    (clone / "data" / "raw" / "more.txt").write_text(building.SMALL)
    releasing.git(clone, "config", "status.showUntrackedFiles", "no")
    assert "data/raw/more.txt:1: not as committed" in refusals(clone)
    (clone / ".git" / "info" / "exclude").write_text("*.txt\n")
    assert "data/raw/more.txt:1: not committed, and ignored by git" in refusals(clone)


def test_of_very_many_changed_files_some_are_named_and_all_are_counted(clone: Path) -> None:
    for number in range(7):
        (clone / f"{number}.md").write_text("new")
    said = refusals(clone)
    assert said.count("not as committed") == SHOWN
    assert "7 files in all" in said


def test_another_repository_in_the_environment_is_not_the_one_asked_about(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = releasing.git(clone, "rev-parse", "HEAD")
    releasing.git(tmp_path, "init", "--quiet", "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    assert prepare(clone, VERSION).id == head


def test_a_folder_within_another_repository_is_refused(clone: Path) -> None:
    with pytest.raises(InputError, match="a folder of the repository"):
        prepare(clone / "data", VERSION)


def test_without_a_commit_there_is_no_release(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a repository with a commit"):
        prepare(tmp_path, VERSION)


def test_everything_that_is_wrong_is_told_at_once(clone: Path, tmp_path: Path) -> None:
    gone = ["zone", "no_more", "No more", "A zone that is gone."]
    previous = earlier(tmp_path / "previous", "codes", gone, created="9999-12-31T00:00:00Z")
    (clone / "CHANGELOG.md").write_text("# Changelog\n", "utf-8")
    (clone / "RIGHTS.md").unlink()
    with (clone / "data" / "csv" / "codes.csv").open("a", encoding="utf-8") as stream:
        stream.write("zone,made_up,Made up,Never built.\n")
    releasing.commit(clone)
    releasing.git(clone, "tag", "v0.0.2")
    done = releasing.release(clone, "--previous", previous)
    assert done.status == 1
    assert "the version 0.0.1 as the one before; expected 0.0.2 or higher, which is tagged" in done.output
    assert f"the version {VERSION} after 0.0.1, but 1 change demands a major step" in done.output
    assert "first codes zone / no_more: row removed; expected 1.0.0 or higher" in done.output
    assert f"CHANGELOG.md:1: nothing on {VERSION}" in done.output
    assert "expected 9999-12-31, the day of 0.0.1, or a later one" in done.output
    assert "RIGHTS.md:1: no such file" in done.output
    assert "data/csv/codes.csv" in done.output
    assert done.output.startswith("not released ")
    assert "Traceback" not in done.said
    assert not (clone / "dist").exists()


def test_a_placeholder_is_refused(clone: Path) -> None:
    with (clone / "README.md").open("a", encoding="utf-8") as readme:
        readme.write("\nWrite to REPLACE-WITH-ADDRESS.\n")
    releasing.commit(clone)
    done = releasing.release(clone)
    assert done.status == 1
    assert "fair-no-placeholder: 'REPLACE-WITH'" in done.output
    assert [path.name for path in clone.glob("*dist*")] == []


def test_a_second_cable_that_package_toml_does_not_tell_of_is_refused(clone: Path) -> None:
    (clone / "data" / "raw" / "harbour.txt").write_text(building.SMALL, "utf-8")
    assert building.build(repository=clone).status == 0
    releasing.commit(clone)
    done = releasing.release(clone)
    assert done.status == 1
    assert "fair-sources-told: no source with record_id 'harbour'; expected one for every" in done.output
    assert "package.toml:23: fair-coverage-told: coverage '1950-09-29/1950-10-01'" in done.output
    assert "a document or event of 1931-03-03; expected 1931-03-03/1950-10-01, or more" in done.output


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("mine")
    done = releasing.release(releasing.repository(), "--out", tmp_path)
    assert done.status == 1
    assert "this is no release" in done.output
    assert (tmp_path / "letters").read_text() == "mine"


def test_a_release_with_something_else_among_it_is_left_alone(tmp_path: Path) -> None:
    out = Path(shutil.copytree(releasing.released(), tmp_path / "out"))
    (out / "letters").write_text("mine")
    with pytest.raises(WriteError, match="holds letters, which no release lists"):
        release.release(releasing.repository(), out, None)
    (tmp_path / "link").symlink_to(out)
    with pytest.raises(WriteError, match="this is no folder"):
        release.release(releasing.repository(), tmp_path / "link", None)
    assert (out / "letters").read_text() == "mine"


# A release that is cut off

# The command, stopped by the person just when the old release has left its place.
STOPPED = """
import os, runpy, signal, sys
script, sys.argv = sys.argv[1], sys.argv[1:]
signal.signal(signal.SIGINT, signal.default_int_handler)
put = os.replace
def stopping(source, target):
    put(source, target)
    if str(target).endswith(".old"):
        os.kill(os.getpid(), signal.SIGINT)
os.replace = stopping
sys.path.insert(0, os.path.dirname(script))
runpy.run_path(script, run_name="__main__")
"""


def test_a_release_that_is_stopped_leaves_the_one_that_was_there(tmp_path: Path) -> None:
    out = Path(shutil.copytree(releasing.released(), tmp_path / "out"))
    script = releasing.repository() / "scripts" / "release.py"
    done = building.python("-c", STOPPED, script, "--out", out)
    assert (done.status, done.output, done.errors) == (130, "stopped    nothing was released\n", "")
    assert releasing.content(out) == releasing.content(releasing.released())
    assert list(tmp_path.iterdir()) == [out]


def test_what_a_killed_release_left_is_cleared_up_by_the_next_one_even_if_it_is_refused(clone: Path) -> None:
    shutil.copytree(releasing.released(), clone / ".dist.old")
    (clone / ".dist.part").mkdir()
    (clone / ".dist.part" / "README.md").write_text("half")
    (clone / "new.txt").write_text("new")
    with pytest.raises(InputErrors) as refused:
        release.release(clone, clone / "dist", None)
    assert [one.file for one in refused.value.errors] == ["new.txt"]
    assert releasing.content(clone / "dist") == releasing.content(releasing.released())
    assert [path.name for path in clone.glob(".dist*")] == []


# Names and numbers of files


def commit_of(given: Inputs) -> Commit:
    """A commit with what every release takes from one."""
    held = dict.fromkeys(FLAT_AUTHORED, b"words\n")
    return Commit("0" * 40, {**held, **given.carried}, None)


def test_a_record_with_the_name_of_another_file_is_refused(given: Inputs, build: Build) -> None:
    spoilt = replace(build, files={**build.files, "data/json/quality.json": b"{}"})
    with pytest.raises(InputErrors, match=r"data/json/quality\.json"):
        make(given, spoilt, commit_of(given), None)


def with_more(build: Build, *folders: str) -> Build:
    """The build with a hundred more files in some folders."""
    more = {f"{folder}{number}.more": b"x" for folder in folders for number in range(100)}
    return replace(build, files={**build.files, **more})


@pytest.mark.parametrize(
    ("many", "gone"),
    [
        ((), ()),
        (("data/exports/",), ("data/exports/",)),
        (("data/exports/", "data/json/"), ("data/exports/", "data/json/")),
        (("data/json/",), ("data/exports/", "data/json/")),
        (PER_RECORD, PER_RECORD),
    ],
)
def test_of_very_many_records_the_source_is_the_last_that_is_left_out(
    given: Inputs, build: Build, many: tuple[str, ...], gone: tuple[str, ...]
) -> None:
    made = make(given, with_more(build, *many), commit_of(given), None)
    assert len(made.files) - 1 <= MOST_FILES
    own = {"data/exports/": "119402.tmx", "data/json/": "119402.json", "data/raw/": "119402.txt"}
    assert [folder for folder, name in own.items() if name not in made.files] == list(gone)
    paths = {one["path"] for one in json.loads(made.files["datapackage.json"])["resources"]}
    assert paths <= made.files.keys()
    assert "documents.csv" in paths


def test_a_readme_speaks_of_no_file_that_was_left_out(given: Inputs, build: Build) -> None:
    readme = b"# A\n\n`data/json` holds records, `data/json/119402.json` one, data/csv/codes.csv is here.\n"
    commit = commit_of(given)
    commit = replace(commit, files={**commit.files, "README.md": readme})
    here = make(given, build, commit, None).files["README.md"].decode()
    assert "is not here" not in here
    assert "or in `data/json/`, `metadata/` or `docs/`" in here
    assert "`RECORD.json` holds records, `119402.json` one, codes.csv is here." in here
    gone = make(given, with_more(build, "data/json/"), commit, None).files["README.md"].decode()
    assert "what the repository has in `data/exports/` and `data/json/` is not here" in gone
    assert "or in `metadata/` or `docs/`" in gone
    assert "`data/json` holds records, `data/json/119402.json` one, codes.csv is here." in gone


def test_a_file_that_the_release_has_no_room_for_any_more_went(given: Inputs, build: Build) -> None:
    content = {**given.carried, **build.files}
    before, now = (
        as_released(diff.of_files(where, content), paths)
        for where, paths in (("before", build.files), ("now", with_more(build, "data/exports/").files))
    )
    found = diff.compare(before, now)
    assert {(one.table, one.kind) for one in found.changes} == {
        (f"pairs-119402-{form}", diff.Kind.FILE_REMOVED) for form in ("en", "ids", "ru", "tmx")
    }
    assert found.step is diff.Step.MAJOR


def test_a_package_is_compared_as_its_release_will_be(tmp_path: Path) -> None:
    place = building.copied(tmp_path / "place", releasing.kept())
    for number in range(100):
        (place / "data" / "exports" / f"{number}.more").touch()
    assert "pairs-119402-tmx" not in release.comparable(place).files
    assert "pairs-119402-tmx" in release.comparable(releasing.released()).files


def test_the_archive_has_no_clock_and_no_user(tmp_path: Path) -> None:
    data = zipped("folder/", {"b": b"2", "a": b"1"})
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    with zipfile.ZipFile(path) as archive:
        told = [(one.filename, one.date_time, one.external_attr >> 16) for one in archive.infolist()]
    assert told == [
        ("folder/a", (1980, 1, 1, 0, 0, 0), 0o100644),
        ("folder/b", (1980, 1, 1, 0, 0, 0), 0o100644),
    ]


def test_the_list_of_hashes_is_the_one_of_sha256sum() -> None:
    listed = release.sums({"b": b"2", "a": b"1", release.SUMS: b""}).decode()
    hashes = [hashlib.sha256(data).hexdigest() for data in (b"1", b"2")]
    assert listed == f"{hashes[0]}  a\n{hashes[1]}  b\n"


@pytest.mark.parametrize(("version", "is_after"), [("0.0.2", False), ("0.1.0", True), ("1.0.0", True)])
def test_a_version_reaches_at_least_what_the_changes_demand(version: str, is_after: bool) -> None:
    old = diff.Release("old", "invented", "0.0.1", "", {}, {})
    new = diff.Release("new", "invented", version, "", {}, {})
    found = diff.Difference(old, new, (diff.Change("people", diff.Kind.ROW_ADDED, "1"),))
    assert (refused_step(found) == []) is is_after


@pytest.mark.parametrize(
    ("before", "now", "is_refused"),
    [("2026-01-02", "2026-01-02", False), ("2026-01-02", "2026-01-01", True), ("", "2026-01-01", False)],
)
def test_a_release_is_of_no_day_before_that_of_the_one_before(
    before: str, now: str, is_refused: bool
) -> None:
    old = diff.Release("old", "invented", "0.0.1", before, {}, {})
    new = diff.Release("new", "invented", "0.0.2", now, {}, {})
    told = b'name = "invented"\ncreated = "2026-01-01"\n'
    refused = refused_day(told, diff.Difference(old, new, ()))
    assert [(one.file, one.line) for one in refused] == ([("package.toml", 2)] if is_refused else [])
