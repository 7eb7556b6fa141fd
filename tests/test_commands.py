"""Each command explains itself, hands on what it is given, and ends with the status that it promises."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import noxfile
import pytest
import run

import building
from building import REPOSITORY

SCRIPTS = sorted(path for path in (REPOSITORY / "scripts").glob("*.py"))
README = (REPOSITORY / "README.md").read_text("utf-8")
made = pytest.mark.skipif(not run.is_current(), reason="the environment of run.py is not made here")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_the_help_of_a_script_is_its_docstring(script: Path) -> None:
    done = building.python(script, "--help", environment={"COLUMNS": "80"})
    assert (done.status, done.errors) == (0, "")
    docstring = script.read_text("utf-8").split('"""')[1]
    assert " ".join(docstring.split()) in " ".join(done.output.split())
    assert max(map(len, done.output.splitlines())) < 80


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_wrong_usage_of_a_script_ends_with_two_and_prints_no_result(script: Path) -> None:
    done = building.python(script, "--no-such-option")
    assert (done.status, done.output) == (2, "")
    assert "usage" in done.errors
    assert "Traceback" not in done.errors


# Every terminal, and the person at it

POOR = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["diff.py", str(REPOSITORY), str(REPOSITORY)], 0, r"\u2192"),
        (["diff.py", "größe", str(REPOSITORY)], 1, r"fe:1: "),
        (["validate.py", "größe"], 1, r"fe:1: no such folder"),
        (["release.py", "--previous", "größe"], 1, "to mend"),
        (["assets.py", "größe"], 1, "to mend"),
    ],
)
def test_a_terminal_that_knows_ascii_only_is_no_reason_to_fail(
    words: list[str], status: int, told: str, tmp_path: Path
) -> None:
    done = building.python(REPOSITORY / "scripts" / words[0], *words[1:], cwd=tmp_path, environment=POOR)
    assert (done.status, done.errors) == (status, "")
    assert told in done.output


INTERRUPTED = """
import importlib, signal, sys
sys.path[:0] = sys.argv[1:2]
verb = importlib.import_module(sys.argv[2])
verb.run = lambda given, console: signal.raise_signal(signal.SIGINT)
sys.argv = sys.argv[2:]
sys.exit(verb.main())
"""


@pytest.mark.parametrize(
    "words",
    [["assets", "v1"], ["bench"], ["build"], ["diff", "one", "two"], ["mutants"], ["release"], ["validate"]],
    ids=lambda words: words[0],
)
def test_a_verb_that_is_stopped_from_the_keyboard_says_so(words: list[str]) -> None:
    done = building.python("-c", INTERRUPTED, REPOSITORY / "scripts", *words)
    assert (done.status, done.errors) == (130, "")
    assert done.output.startswith("stopped    ")


# The first run on a new machine


def test_the_readme_has_the_two_commands_and_ci_gives_them() -> None:
    lines = README.splitlines()
    ci = (REPOSITORY / ".ci" / "run").read_text("utf-8")
    for words in ("build validate", "tests"):
        assert f"python3 run.py {words}" in lines
        assert re.search(rf'^"\$python" run\.py {words}\b', ci, re.MULTILINE)
    assert os.access(REPOSITORY / ".ci" / "run", os.X_OK)


def test_help_needs_no_environment(tmp_path: Path) -> None:
    shutil.copy(REPOSITORY / "run.py", tmp_path)
    done = building.python("-I", tmp_path / "run.py", "--help")
    assert (done.status, done.errors) == (0, "")
    assert done.output.strip() == (run.__doc__ or "").strip()
    assert [path.name for path in tmp_path.iterdir()] == ["run.py"]


def test_a_copy_without_its_lock_is_told_so(tmp_path: Path) -> None:
    shutil.copy(REPOSITORY / "run.py", tmp_path)
    done = building.python("-I", tmp_path / "run.py", "build")
    assert (done.status, done.output) == (1, "")
    assert "requirements.lock is not there; expected a whole copy of the repository" in done.errors


def test_an_environment_that_cannot_be_made_is_told_and_is_not_taken_for_made(tmp_path: Path) -> None:
    """With hashes that no file has: neither uv nor pip may install anything."""
    shutil.copy(REPOSITORY / "run.py", tmp_path)
    wrong = "0" * 64
    (tmp_path / "requirements.lock").write_text(f"six @ file:///nowhere/six.whl --hash=sha256:{wrong}\n")
    done = building.python("-I", tmp_path / "run.py", "build")
    assert done.status == 1
    assert "run.py: the environment could not be made; see above" in done.errors
    assert "Traceback" not in done.errors
    assert not (tmp_path / ".nox" / "shared" / "made-from").exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["build", "validate"], ["-s", "build", "validate"]),
        (["tests", "--", "-k", "joining"], ["-s", "tests", "--", "-k", "joining"]),
        (["-l"], ["-l"]),
        (["-s", "build"], ["-s", "build"]),
        (["--", "--out", "x"], ["--", "--out", "x"]),
    ],
)
def test_names_of_sessions_may_stand_bare(words: list[str], expected: list[str]) -> None:
    assert run.nox_arguments(words) == expected


def test_every_hash_of_the_lock_is_there_and_no_index_is_named() -> None:
    lock = run.LOCK.read_text("utf-8")
    pinned = re.findall(r"^[a-z0-9][^\s=@]*==[^\s\\]+", lock, re.MULTILINE)
    entries = re.split(r"^(?=[a-z0-9][^\s=@]*==)", lock, flags=re.MULTILINE)[1:]
    assert len(pinned) == len(entries) > 20
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"index-url|find-links|https?://", lock)


def test_what_is_imported_by_the_project_is_in_the_lock_at_its_floor_or_above() -> None:
    project = (REPOSITORY / "pyproject.toml").read_text("utf-8")
    lock = dict(re.findall(r"^([a-z0-9][\w.-]*)==([^\s\\;]+)", run.LOCK.read_text("utf-8"), re.MULTILINE))
    wanted = re.findall(r'^  "([a-z0-9][\w.-]*)(?:\[[^\]]+\])?(?:>=|==)([\d.]+)', project, re.MULTILINE)
    assert len(wanted) > 15
    for name, floor in wanted:
        assert tuple(map(int, re.findall(r"\d+", lock[name])[:3])) >= tuple(map(int, floor.split("."))), name


# The sessions


def test_every_session_is_explained_in_the_list() -> None:
    done = building.python("-m", "nox", "--list", environment={"NO_COLOR": "1"})
    assert done.status == 0
    sessions = re.findall(r"^[*-] (\S+)(.*)$", done.output, re.MULTILINE)
    assert {name for name, _ in sessions} >= {"build", "validate", "tests", "lint", "types", "mutants"}
    assert all(re.fullmatch(r" -> \S.{10,}\.", explained) for _, explained in sessions)


@pytest.mark.parametrize(
    ("words", "build", "validate"),
    [
        ([], [], []),
        (["--out", "x"], ["--out", "x"], ["x"]),
        (["--out=x", "--json", "r.json"], ["--out=x"], ["x", "--json", "r.json"]),
        (
            ["--raw", "a", "--curation", "b", "--package", "c"],
            ["--raw", "a", "--curation", "b", "--package", "c"],
            [],
        ),
        (["--keep-going", "--out", "x"], ["--keep-going", "--out", "x"], ["x"]),
        (["--js", "r.json"], ["--js", "r.json"], ["--js", "r.json"]),
    ],
)
def test_build_and_validate_take_one_line_of_options_together(
    words: list[str], build: list[str], validate: list[str]
) -> None:
    assert noxfile.for_build(words) == build
    assert noxfile.for_validate(words) == validate


@made
def test_the_session_builds_where_it_is_told_and_says_what_it_did(tmp_path: Path) -> None:
    out = tmp_path / "with a blank"
    done = building.python("run.py", "build", "--", "--out", out)
    assert done.status == 0
    assert "files " in done.output
    assert (out / "datapackage.json").is_file()


@made
def test_a_session_that_fails_gives_its_status(tmp_path: Path) -> None:
    done = building.python("run.py", "build", "validate", "--", "--raw", tmp_path, "--out", tmp_path / "out")
    assert done.status == 1
    assert "no source at all" in done.output
    assert "session validate" not in done.said.lower().replace("running session build", "")


def test_output_into_a_closed_pipe_is_no_traceback(tmp_path: Path) -> None:
    command = [sys.executable, str(REPOSITORY / "scripts" / "build.py"), "--out", str(tmp_path / "out")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read().decode()
    process.wait()
    process.stderr.close()
    assert "Traceback" not in errors
