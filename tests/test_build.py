"""The build command: what it writes, what it refuses and says, and what is left when it is stopped."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

import building
from building import REPOSITORY, SMALL
from cables import files, inputs, package
from cables.inputs import Inputs, Places
from cables.model import InputErrors
from cables.package import Build
from exports import BOTH, changed
from interrupting import How, Meddler, tree

SOURCE = REPOSITORY / "data" / "raw" / "119402.txt"


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"), newline="")))


def places(place: Path, *, raw: Path | None = None) -> Places:
    """The inputs in a copy of the repository."""
    return Places(
        raw=raw or place / "data" / "raw",
        curation=place / "data" / "curation",
        vocabulary=place / "data" / "vocabulary",
        schemas=place / "schemas",
        templates=place / "templates",
        package=place / "package.toml",
    )


def refused(place: Path) -> list[str]:
    """What a build of a copy of the repository refuses, its place left out."""
    try:
        package.build(inputs.read(places(place)))
    except InputErrors as errors:
        return [str(error).replace(f"{place}/", "") for error in errors.errors]
    return []


def change(path: Path, old: str, new: str) -> None:
    """Replace what stands exactly once in a file."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
    path.write_text(text.replace(old, new), "utf-8")


def line_of(path: Path, part: str) -> int:
    """The first line of a file that has this part."""
    return next(n for n, line in enumerate(path.read_text("utf-8").split("\n"), start=1) if part in line)


@pytest.fixture
def workshop(tmp_path: Path) -> Path:
    """A copy of the repository, to be spoilt."""
    return building.copied(tmp_path / "workshop")


# Exit status 0


def test_a_build_elsewhere_carries_its_inputs_and_can_be_built_again_from_itself(tmp_path: Path) -> None:
    first = tmp_path / "first"
    done = building.build("--out", first)
    assert (done.status, done.errors) == (0, "")
    assert (first / "data/raw/119402.txt").read_bytes() == SOURCE.read_bytes()
    again = building.build(
        *("--raw", first / "data/raw", "--curation", first / "data/curation"),
        *("--package", first / "package.toml", "--out", tmp_path / "second"),
    )
    assert again.status == 0
    assert tree(tmp_path / "second") == tree(first)


def test_a_build_says_what_it_did_in_eighty_columns(tmp_path: Path) -> None:
    done = building.build("--out", tmp_path / "out")
    lines = done.output.splitlines()
    stages = [line.split()[0] for line in lines if line[0] != " "]
    assert [stages[0], stages[1], stages[-1]] == ["inputs", "read", "files"]
    table = "\n".join(line for line in lines if line[0] == " ")
    said = {name: int(number) for name, number in re.findall(r"([a-z_]+) +(\d+)", table)}
    folder = tmp_path / "out" / "data" / "csv"
    assert said == {path.stem: len(rows(path)) for path in folder.glob("*.csv")}
    assert max(len(line) for line in lines if line[0] == " ") <= 80
    assert not any(line.strip() == "" for line in lines)


def test_a_build_names_the_lines_of_the_form_that_were_not_read(tmp_path: Path) -> None:
    source = changed(BOTH, "Проводом\n", "Голубем\n")
    raw = building.sources(tmp_path / "raw", one=source, two=BOTH)
    done = building.build("--raw", raw, "--out", tmp_path / "out")
    line = source.split("\n").index("Голубем") + 1
    told = [one for one in done.output.splitlines() if one.startswith("unread")]
    assert told == [f"unread     one: line {line} of the form, in whole or in part"]
    kept = json.loads((tmp_path / "out/metadata/quality.json").read_text("utf-8"))["records"]
    assert [record["unread_lines"] for record in kept] == [[line], []]


def test_a_second_build_with_nothing_changed_writes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    building.build("--out", out)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    done = building.build("--out", out)
    assert re.search(r"files +0 written, \d+ unchanged, 0 removed", done.output)
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before


def test_with_header_only_curation_a_build_gives_the_reading_of_the_machine_alone(tmp_path: Path) -> None:
    curation = building.header_only(tmp_path / "curation")
    done = building.build("--curation", curation, "--out", tmp_path / "out")
    assert done.status == 0
    folder = tmp_path / "out" / "data" / "csv"
    for table in ("entities", "mentions", "archival_references"):
        assert rows(folder / f"{table}.csv") == []
    assert {row["class"] for row in rows(folder / "discrepancies.csv")} == {"machine_doubt"}
    assert {row["reviewed"] for row in rows(folder / "translation_pairs.csv")} == {"false"}
    assert {row["basis"] for row in rows(folder / "readings.csv")} == {"read", "inferred"}
    assert len(rows(folder / "recipients.csv")) == 15


def test_decisions_about_records_that_are_not_in_the_build_are_one_notice(tmp_path: Path) -> None:
    raw = building.sources(tmp_path / "raw", small=SMALL)
    done = building.build("--raw", raw, "--out", tmp_path / "out")
    decisions = sum(len(rows(path)) for path in (REPOSITORY / "data" / "curation").glob("*.csv"))
    assert done.status == 0
    notices = [line.split(maxsplit=1)[1] for line in done.output.splitlines() if line.startswith("notice")]
    assert notices == [f"{decisions} decisions about records that are not in this build"]


def test_two_records_make_one_package(tmp_path: Path) -> None:
    raw = building.sources(tmp_path / "raw", small=SMALL)
    shutil.copy(SOURCE, raw)
    assert building.build("--raw", raw, "--out", tmp_path / "out").status == 0
    records = rows(tmp_path / "out" / "data" / "csv" / "records.csv")
    assert [row["record_id"] for row in records] == ["119402", "small"]
    assert sorted(path.name for path in (tmp_path / "out" / "data" / "json").iterdir()) == [
        "119402.json",
        "small.json",
    ]


def test_two_records_with_one_cable_number_keep_their_ids_and_are_told(tmp_path: Path) -> None:
    raw = building.sources(tmp_path / "raw", other=SOURCE.read_bytes())
    shutil.copy(SOURCE, raw)
    done = building.build("--raw", raw, "--out", tmp_path / "out")
    assert done.status == 0
    warnings = [line for line in done.output.splitlines() if line.startswith("warning")]
    assert len(warnings) == 1 and "119402, other bear the same cable number" in warnings[0]
    records = rows(tmp_path / "out" / "data" / "csv" / "records.csv")
    assert [row["record_id"] for row in records] == ["119402", "other"]


# Exit status 2


@pytest.mark.parametrize(
    "words", [["--colour"], ["--raw"], ["extra"], ["--raw", "elsewhere"], ["--out", ".", "--raw", "x"]]
)
def test_wrong_usage_is_told_and_nothing_is_done(words: list[str]) -> None:
    before = tree(REPOSITORY / "data")
    done = building.build(*words)
    assert done.status == 2
    assert done.errors.startswith("usage: build.py")
    assert done.output == ""
    assert tree(REPOSITORY / "data") == before


# Exit status 1: bad sources


BAD = {"bytes": b"\xff\xfe not UTF-8\n", "nul": b"line\nnul \x00 here\n", "blank": b"\n\n"}


def test_all_bad_sources_of_a_run_are_told_and_the_old_package_stays(tmp_path: Path) -> None:
    raw = building.sources(tmp_path / "raw", small=SMALL)
    out = tmp_path / "out"
    assert building.build("--raw", raw, "--out", out).status == 0
    before = tree(out)
    for name, data in BAD.items():
        (raw / f"{name}.txt").write_bytes(data)
    (raw / "a b.txt").write_text(SMALL)
    done = building.build("--raw", raw, "--out", out)
    assert done.status == 1
    told = [line.split(maxsplit=1)[1] for line in done.output.splitlines() if line.startswith("refused")]
    assert {re.sub(r":\d+: .*", "", line).rpartition("/")[2] for line in told} == {
        "a b.txt",
        "blank.txt",
        "bytes.txt",
        "nul.txt",
    }
    assert any(re.search(r"nul\.txt:2: ", line) for line in told)
    assert done.output.splitlines()[-1] == "4 to mend"
    assert tree(out) == before


def test_keep_going_builds_the_good_sources_and_lists_the_bad_ones(tmp_path: Path) -> None:
    raw = building.sources(tmp_path / "raw", small=SMALL, **BAD)
    out = tmp_path / "out"
    done = building.build("--raw", raw, "--out", out, "--keep-going")
    assert done.status == 1
    assert done.output.count("refused") == len(BAD)
    assert [row["record_id"] for row in rows(out / "data" / "csv" / "records.csv")] == ["small"]
    assert {(row["source"], row["file"], row["line"]) for row in rows(out / "rejected.csv")} == {
        ("blank.txt", "blank.txt", "1"),
        ("bytes.txt", "bytes.txt", "1"),
        ("nul.txt", "nul.txt", "2"),
    }
    described = json.loads((out / "datapackage.json").read_text("utf-8"))
    assert "rejected.csv" not in {resource_["path"] for resource_ in described["resources"]}
    for name in BAD:
        (raw / f"{name}.txt").unlink()
    assert building.build("--raw", raw, "--out", out).status == 0
    assert not (out / "rejected.csv").exists()


def test_keep_going_names_the_source_that_a_failed_guard_rejects(workshop: Path) -> None:
    building.sources(workshop / "data" / "more", small=SMALL)
    shutil.copy(workshop / "data" / "more" / "small.txt", workshop / "data" / "raw")
    with (workshop / "data/curation/cells.csv").open("a", encoding="utf-8") as table:
        table.write("119402,documents,r119402-document,title,No such title,Other,A test.\n")
    made = package.build(inputs.read(places(workshop)), keep_going=True)
    assert [one.record.record_id for one in made.readings] == ["small"]
    assert [(one.source, Path(one.error.file).name, one.error.line) for one in made.refused] == [
        ("119402.txt", "cells.csv", line_of(workshop / "data/curation/cells.csv", "No such title"))
    ]


def test_without_any_good_source_there_is_no_package(tmp_path: Path) -> None:
    empty = building.sources(tmp_path / "empty")
    done = building.build("--raw", empty, "--out", tmp_path / "out")
    assert (done.status, "no source at all" in done.output) == (1, True)
    done = building.build(
        "--raw", building.sources(tmp_path / "bad", **BAD), "--out", tmp_path / "out", "--keep-going"
    )
    assert (done.status, done.output.count("refused")) == (1, len(BAD))
    done = building.build("--raw", tmp_path / "nowhere", "--out", tmp_path / "out")
    assert (done.status, "No such file or directory" in done.output) == (1, True)
    assert not (tmp_path / "out").exists()


# Exit status 1: bad authored files


def test_a_failed_guard_is_told_with_the_line_of_the_decision(workshop: Path) -> None:
    table = workshop / "data" / "curation" / "entity_forms.csv"
    change(table, "translation,,,38th parallel\n", "translation,,,39th parallel\n")
    done = building.build(repository=workshop)
    assert done.status == 1
    expected = (
        f"entity_forms.csv:{line_of(table, '39th parallel')}: the form '39th parallel'; expected whole words"
    )
    assert expected in done.output
    assert "1 to mend" in done.output


def test_a_bad_description_is_told_with_its_lines(workshop: Path) -> None:
    described = workshop / "package.toml"
    change(described, 'version = "0.1.0"', 'version = "first"')
    change(described, 'title = "MIT License"', 'titel = "MIT License"')
    change(described, 'covers = "data"', 'covers = "dates"')
    done = building.build(repository=workshop)
    assert done.status == 1
    told = sorted(int(line) for line in re.findall(r"package\.toml:(\d+): ", done.output))
    at = partial(line_of, described)
    assert told == sorted([at('version = "first"'), at('covers = "code"') - 1, at("titel"), at('"dates"')])


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("package.toml", 'name = "cable-600308"', "name = ", r"package\.toml:2: "),
        (
            "package.toml",
            "publisher = ",
            "publishes = ",
            r"package\.toml:1: the file: 'publisher' is a required",
        ),
        (
            "package.toml",
            'role = "translator"',
            "",
            r"package\.toml:\d+: contributors\.0: 'role' is a required",
        ),
        ("data/vocabulary/months.csv", ",9\n", ",nine\n", r"months\.csv:\d+: month 'nine'; expected "),
        ("data/vocabulary/cues.csv", "^Для отметок$", "(", r"cues\.csv:\d+: pattern '\('"),
        ("data/vocabulary/cues.csv", "Лист № (?P<number>", "Лист № (?:", r"a group \(\?P<number>\\d…\)"),
        ("data/vocabulary/codes.csv", "code,label", "code,lable", r"codes\.csv:1: the header"),
        ("schemas/tables/events.json", '"type": "string"', '"typ": "string"', r"events\.json:\d+: fields\.0"),
        ("schemas/authored/months.json", '"primaryKey"', '"primarykey"', r"months\.json:1: "),
        ("templates/glossary.md.jinja", "{% endfor %}", "{% end %}", r"glossary\.md\.jinja:\d+: "),
    ],
)
def test_a_bad_authored_file_is_told_by_name_and_line(
    workshop: Path, file: str, old: str, new: str, told: str
) -> None:
    path = workshop / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    assert any(re.search(told, line) for line in refused(workshop)), refused(workshop)


@pytest.mark.parametrize(
    "missing",
    [
        "data/curation/pairs.csv",
        "data/vocabulary/terms.csv",
        "package.toml",
        "schemas/authored/cues.json",
        "schemas/tables/events.json",
        "schemas/package.schema.json",
        "templates/codebook.md.jinja",
    ],
)
def test_a_missing_authored_file_is_told(workshop: Path, missing: str) -> None:
    (workshop / missing).unlink()
    assert any(Path(missing).stem.partition(".")[0] in line for line in refused(workshop))


def test_a_table_of_decisions_under_a_misspelt_name_is_not_passed_over(workshop: Path) -> None:
    (workshop / "data/curation/pair.csv").write_text("record_id\n")
    assert any(
        line.startswith("data/curation/pair.csv:1: a table without a schema") for line in refused(workshop)
    )


def test_what_is_wrong_in_several_files_is_told_at_once(workshop: Path) -> None:
    for file in ("package.toml", "data/vocabulary/codes.csv", "data/curation/cells.csv"):
        (workshop / file).write_bytes(b"\xff")
    assert {line.partition(":")[0] for line in refused(workshop)} == {
        "package.toml",
        "data/vocabulary/codes.csv",
        "data/curation/cells.csv",
    }


# Any damage


JUNK = (
    "\x00",
    "\x1b[31m",
    "\u202e",
    "\r",
    "\n\n",
    "\t",
    '"',
    ",",
    "|",
    "**",
    "\f",
    "\u2028",
    "9" * 20,
    "(",
    "{",
)


def damaged(data: bytes, chance: random.Random) -> bytes:
    """A file after an accident or two."""
    for _ in range(chance.choice((1, 2, 5))):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.choice((1, 5, 50, 500)))
        rows_ = data.split(b"\n")
        row = chance.randrange(len(rows_))
        number = chance.choice([b"0", b"99", b"2147483648", b"1" * 5000])
        data = chance.choice(
            (
                data[:at] + data[end:],
                data[:at] + chance.choice(JUNK).encode() + data[at:],
                data[:at] + data[at:end] * 2 + data[end:],
                b"\n".join([*rows_[:row], *rows_[row + 1 :]]),
                b"\n".join([*rows_[row:], *rows_[:row]]),
                data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :],
                re.sub(rb"\d+", number, data[:at], count=1) + data[at:],
            )
        )
    return data


def rewritten(data: bytes, chance: random.Random) -> bytes:
    """A CSV file that is well formed and has a wrong cell or two."""
    table = list(csv.reader(io.StringIO(data.decode(), newline="")))
    body = table[1:] or [["x"] * len(table[0])]
    for _ in range(chance.choice((1, 3))):
        row, other = chance.choice(body), chance.choice(body)
        cell = chance.randrange(len(row))
        odd = (
            "",
            "0",
            "-1",
            "²",
            "9" * 5000,
            "(",
            ".*",
            "true",
            "\x1b[31m",
            row[cell][:-1],
            other[cell],
            other[0],
        )
        row[cell] = chance.choice(odd)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([table[0], *body])
    return text.getvalue().encode()


def accidents() -> Iterator[tuple[str, Callable[[bytes, random.Random], bytes], int]]:
    for seed in range(12):
        yield "data/raw/119402.txt", damaged, seed
    authored = sorted(
        path.relative_to(REPOSITORY).as_posix()
        for folder in ("curation", "vocabulary")
        for path in (REPOSITORY / "data" / folder).glob("*.csv")
    )
    for seed, file in enumerate(authored):
        yield file, damaged, seed
        yield file, rewritten, seed
    for seed, file in enumerate(("package.toml", "schemas/tables/events.json", "schemas/authored/cues.json")):
        yield file, damaged, seed


@pytest.mark.parametrize(("file", "accident", "seed"), list(accidents()))
def test_whatever_is_damaged_the_build_succeeds_or_says_what_to_mend(
    workshop: Path, file: str, accident: Callable[[bytes, random.Random], bytes], seed: int
) -> None:
    """Anything but InputErrors would be a traceback before a person."""
    path = workshop / file
    path.write_bytes(accident(path.read_bytes(), random.Random(seed)))
    for line in refused(workshop):
        assert re.match(r"[^:]+:\d+: .+; expected .+", line, re.DOTALL)


def test_no_control_character_of_the_input_reaches_the_terminal(workshop: Path) -> None:
    evil = "\x1b]0;owned\x07\x1b[31m\u202e\x9b2J"
    change(workshop / "data/curation/entity_forms.csv", ",,,38th parallel\n", f",,,{evil}\n")
    change(workshop / "package.toml", 'version = "0.1.0"', 'version = "0.1.0"\n"colour\\u001b[31m" = 1')
    (workshop / "data/raw" / "esc\x1b[31m\x07.txt").write_text(SMALL)
    (workshop / "data/raw" / "odd.txt").write_text(
        SMALL.replace("March 3, 1931", evil).replace("English", evil)
    )
    out = workshop.parent / f"out{evil}"
    told = [building.build("--out", out, repository=workshop)]
    change(workshop / "package.toml", '\n"colour\\u001b[31m" = 1', "")
    told.append(building.build("--out", out, repository=workshop))
    told.append(building.build("--out", out, "--keep-going", repository=workshop))
    for run in told:
        assert run.status == 1
        assert re.findall(r"[^\n -~\u00a0-\u2027\u2030-\uffff]|\u202e", run.said) == []
        assert r"\x1b" in run.said


def test_a_terminal_that_knows_ascii_only_is_no_reason_to_fail(tmp_path: Path) -> None:
    poor = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    script = REPOSITORY / "scripts" / "build.py"
    done = building.python(script, "--out", tmp_path / "größe", environment=poor)
    assert (done.status, done.errors) == (0, "")


# Where it may write


def test_a_folder_that_holds_anything_else_is_refused_untouched(tmp_path: Path) -> None:
    out = tmp_path / "thesis"
    (out / "docs").mkdir(parents=True)
    (out / "docs" / "chapter.md").write_text("years of work")
    (out / "notes.txt").write_text("more")
    done = building.build("--out", out)
    assert done.status == 1
    assert "thesis: holds notes.txt, which no build wrote; expected an empty folder" in done.output
    (out / "notes.txt").unlink()
    done = building.build("--out", out)
    assert (done.status, "holds files but no datapackage.json" in done.output) == (1, True)
    assert tree(out) == {"docs/chapter.md": b"years of work"}


def test_a_build_here_leaves_all_that_is_authored_as_it_is(workshop: Path) -> None:
    (workshop / "notes.txt").write_text("mine")
    before = tree(workshop)
    assert building.build(repository=workshop).status == 0
    after = tree(workshop)
    assert {path: after[path] for path in before} == before
    owned = tuple(files.BUILT_PATHS)
    assert all(path.startswith(owned) for path in after.keys() - before.keys() if "__pycache__" not in path)


def test_a_full_disk_leaves_the_old_package(tmp_path: Path) -> None:
    out = tmp_path / "out"
    raw = building.sources(tmp_path / "raw", small=SMALL)
    assert building.build("--raw", raw, "--out", out).status == 0
    before = tree(out)

    def narrow() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    command = [sys.executable, str(REPOSITORY / "scripts" / "build.py"), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=narrow)
    assert (done.returncode, done.stderr) == (1, "")
    assert "File too large" in done.stdout
    assert done.stdout.endswith(f"; {files.AS_IT_WAS}\n")
    assert tree(out) == before


def test_a_disk_that_fails_while_the_package_is_written_leaves_the_old_one(tmp_path: Path) -> None:
    out = tmp_path / "out"
    raw = building.sources(tmp_path / "raw", small=SMALL)
    assert building.build("--raw", raw, "--out", out).status == 0
    before = tree(out)
    done = stopped(How.FAIL, 100, "--out", out)
    assert (done.status, done.errors) == (1, "")
    assert f"Input/output error (EIO); {files.AS_IT_WAS}" in done.output
    assert tree(out) == before


# Killed


STOPPED = """
import sys
sys.path[:0] = sys.argv[1:3]
from exports import BOTH, changed
from interrupting import How, Meddler
import build
how, at = How(sys.argv[3]), int(sys.argv[4])
sys.argv = ["build.py", *sys.argv[5:]]
Meddler(how, at)
sys.exit(build.main())
"""


def stopped(how: How, at: int, *words: str | Path) -> building.Run:
    """Give the build command, and let something befall it at one of its calls that change files."""
    place = (REPOSITORY / "tests", REPOSITORY / "scripts")
    return building.python("-c", STOPPED, *place, how.value, str(at), *words)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str | Path], Path]:
    """The options that build a small package, and that package."""
    place = tmp_path_factory.mktemp("small")
    raw = building.sources(place / "raw", small=SMALL)
    words: list[str | Path] = ["--raw", raw, "--curation", building.header_only(place / "curation")]
    assert building.build(*words, "--out", place / "whole").status == 0
    return words, place / "whole"


@pytest.mark.parametrize("at", [1, 60, 600])
def test_a_killed_command_is_put_right_by_the_next_one(
    tmp_path: Path, small: tuple[list[str | Path], Path], at: int
) -> None:
    words, whole = small
    out = tmp_path / "out"
    assert stopped(How.KILL_AFTER, at, *words, "--out", out).status == -signal.SIGKILL
    done = building.build(*words, "--out", out)
    assert done.status == 0
    assert ("recovery" in done.output) == (at > 10)
    assert tree(out) == tree(whole)


def in_memory(raw: Path) -> tuple[Build, Inputs]:
    read = inputs.read(Places(raw=raw, curation=raw.parent / "curation"))
    return package.build(read), read


def put(made: tuple[Build, Inputs], out: Path) -> None:
    """What the command does once it has a package in memory, and before."""
    package.prepare(out)
    package.write(*made, out)


def calls_of(made: tuple[Build, Inputs], out: Path, how: How, at: int) -> tuple[int, int]:
    """Put a package there in a process that is killed at a call; its status and the calls it came to."""
    report, say = os.pipe()
    write = os.write
    child = os.fork()
    if child == 0:
        # No polars here: its threads do not outlive a fork. All that is left to do is files.
        meddler = Meddler(how, at)
        put(made, out)
        write(say, b"%d" % len(meddler.calls))
        os._exit(0)
    os.close(say)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with os.fdopen(report, "rb") as heard:
        return status, int(heard.read() or b"0")


# One call in so many; tests of the writer itself stop it at each.
SAMPLED = 23


@pytest.fixture
def versions(tmp_path: Path) -> tuple[tuple[Build, Inputs], tuple[Build, Inputs]]:
    """A small package, and the same after its source has changed and a second one has come."""
    building.header_only(tmp_path / "curation")
    old = in_memory(building.sources(tmp_path / "old", small=SMALL))
    changed = SMALL.replace("put out at seven", "put out at eight")
    new = in_memory(building.sources(tmp_path / "new", small=changed, other=SMALL))
    return old, new


def test_killed_at_any_write_and_rename_of_a_real_package_the_next_run_is_right(
    tmp_path: Path, versions: tuple[tuple[Build, Inputs], tuple[Build, Inputs]]
) -> None:
    old, new = versions
    put(old, tmp_path / "was")
    put(new, tmp_path / "is")
    before, after = tree(tmp_path / "was"), tree(tmp_path / "is")
    out = tmp_path / "out"
    shutil.copytree(tmp_path / "was", out)
    status, calls = calls_of(new, out, How.NOTHING, 0)
    assert (status, tree(out)) == (0, after)
    ends = []
    # A sample of the many files, whose calls are all alike, and every call of the last steps.
    for at in (*range(1, calls - 8, SAMPLED), *range(calls - 8, calls + 1)):
        shutil.rmtree(out)
        shutil.copytree(tmp_path / "was", out)
        assert calls_of(new, out, How.KILL_AFTER, at)[0] == -signal.SIGKILL
        package.prepare(out)
        ends.append(tree(out) == after)
        assert tree(out) in (before, after)
    put(new, out)
    assert tree(out) == after
    assert ends == sorted(ends)
    assert {False, True} == set(ends)


INTERRUPTED = """
import signal, sys
sys.path[:0] = sys.argv[1:3]
import build
from cables import inputs
inputs.read = lambda places: signal.raise_signal(signal.SIGINT)
sys.argv = ["build.py", "--out", sys.argv[3]]
sys.exit(build.main())
"""


def test_interrupted_from_the_keyboard_it_says_so(tmp_path: Path) -> None:
    done = building.python("-c", INTERRUPTED, REPOSITORY / "tests", REPOSITORY / "scripts", tmp_path / "out")
    assert (done.status, done.errors) == (130, "")
    assert done.output.startswith("stopped")
