"""What runs at GitHub is what runs here: nox sessions, by run.py, and nothing else."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

import building
from building import REPOSITORY

WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))
NOXFILE = (REPOSITORY / "noxfile.py").read_text("utf-8")
SESSIONS = set(re.findall(r"^@nox.*\ndef (\w+)\(", NOXFILE, re.MULTILINE))
FAILING = "#!/bin/sh\nexit 4\n"
# In place of GitHub's own command, which needs GitHub: it writes down how it was called.
GH = f"#!{sys.executable}\nimport json, sys\njson.dump(sys.argv[1:], open(__file__ + '.json', 'w'))\n"
ABOUT = {"name": "letters", "version": "1.2.0"}
CHANGELOG = (
    "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 1931-03-03\n\n- A letter.\n\n## [1.1.0]\n\n- Another.\n"
)


def workflow(path: Path) -> dict[str, Any]:
    """A workflow; YAML takes `on` for a truth value."""
    parsed: dict[Any, Any] = yaml.safe_load(path.read_text("utf-8"))
    return {"on" if key is True else key: value for key, value in parsed.items()}


def steps(path: Path) -> Iterator[dict[str, Any]]:
    """The steps of every job."""
    for job in workflow(path)["jobs"].values():
        yield from job["steps"]


def test_one_validates_what_is_pushed_and_one_releases_a_tag() -> None:
    validate, release = workflow(WORKFLOWS[1]), workflow(WORKFLOWS[0])
    assert [path.stem for path in WORKFLOWS] == ["release", "validate"]
    assert set(validate["on"]) == {"push", "pull_request"}
    assert release["on"] == {"push": {"tags": ["v*"]}}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_command_is_sessions_by_run_py(path: Path) -> None:
    commands = [step["run"] for step in steps(path) if "run" in step]
    assert commands
    for command in commands:
        python, script, *words = command.partition(" -- ")[0].split()
        assert (python, script) == ("python", "run.py")
        assert words
        assert set(words) <= SESSIONS


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_nothing_may_write_but_the_job_that_attaches_files(path: Path) -> None:
    assert workflow(path)["permissions"] == {"contents": "read"}
    for job in workflow(path)["jobs"].values():
        attaches = any("assets" in step.get("run", "") for step in job["steps"])
        assert job.get("permissions", {}) == ({"contents": "write"} if attaches else {})
    for step in steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_the_release_sees_the_tags_before_it() -> None:
    (checkout,) = [step for step in steps(WORKFLOWS[0]) if "checkout" in step.get("uses", "")]
    assert checkout["with"]["fetch-depth"] == 0


def test_all_of_validate_is_what_ci_run_does() -> None:
    run = (REPOSITORY / ".ci" / "run").read_text("utf-8")
    done = " ".join(re.findall(r"run\.py (.*?) \|\|", run))
    there = " ".join(step.get("run", "") for step in steps(WORKFLOWS[1]))
    assert set(done.split()) & SESSIONS == set(there.split()) & SESSIONS


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """The few files of a release that the command looks into."""
    folder = tmp_path / "dist"
    folder.mkdir()
    (folder / "release.json").write_text(json.dumps(ABOUT), "utf-8")
    (folder / "CHANGELOG.md").write_text(CHANGELOG, "utf-8")
    return folder


def attach(tag: str, dist: Path, gh: str | None = GH) -> building.Run:
    """Give the command, with a gh that writes down its call beside dist."""
    tools = dist.parent / "tools"
    tools.mkdir()
    if gh is not None:
        (tools / "gh").write_text(gh, "utf-8")
        (tools / "gh").chmod(0o755)
    script = REPOSITORY / "scripts" / "assets.py"
    return building.python(script, tag, "--release", dist, environment={"PATH": str(tools)})


def test_every_file_is_attached_with_the_words_of_the_changelog(dist: Path) -> None:
    done = attach("v1.2.0", dist)
    called = json.loads((dist.parent / "tools" / "gh.json").read_text("utf-8"))
    assert (done.status, done.output) == (0, "v1.2.0: 2 files attached\n")
    assert called[:4] == ["release", "create", "v1.2.0", "--verify-tag"]
    assert called[called.index("--notes") + 1] == "- A letter."
    assert called[-2:] == [str(dist / "CHANGELOG.md"), str(dist / "release.json")]


def test_a_tag_of_another_version_is_refused(dist: Path) -> None:
    done = attach("v1.3.0", dist)
    assert done.status == 1
    assert "release.json:1: the version 1.2.0; expected that of the tag v1.3.0" in done.output
    assert not (dist.parent / "tools" / "gh.json").exists()


@pytest.mark.parametrize(
    ("gh", "told"),
    [
        (None, "gh:1: No such file or directory"),
        (FAILING, "exit status 4"),
    ],
    ids=["no gh", "gh fails"],
)
def test_what_gh_refuses_is_told(dist: Path, gh: str | None, told: str) -> None:
    done = attach("v1.2.0", dist, gh)
    assert done.status == 1
    assert told in done.output
