"""RELEASING.md says what works: its commands, as they stand there, take two versions to their DOI."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import building
from building import REPOSITORY
from cables.deposit.packagefile import Doi, with_doi
from invenio.server import InvenioServer, World, running
from releasing import DAY, VERSION, commit, git, kept

PAGE = (REPOSITORY / "RELEASING.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
WRITE, ACT = "write-token", "publish-token"
SECOND = "1.0.0"

# In place of run.py: the sessions in the Python of these tests, and those as given that are long or have an
# environment of their own.
PYTHON = f"""#!{sys.executable}
import subprocess, sys
python, words = sys.executable, sys.argv[1:]
if words[:1] != ["run.py"]:
    sys.exit(subprocess.run([python, "-I", *words] if words[0] != "-c" else [python, *words]).returncode)
at = words.index("--") if "--" in words else len(words)
for session in words[1:at]:
    given = [python, f"scripts/{{session}}.py", *words[at + 1:]]
    if session not in ("tests", "standards") and (status := subprocess.run(given).returncode):
        sys.exit(status)
"""


@dataclass(frozen=True, slots=True)
class Walk:
    """Two versions released: the repository, what the server holds, what was said each time."""

    repository: Path
    tools: Path
    world: World
    said: tuple[str, str]
    first: dict[str, bytes]
    second: dict[str, bytes]


def by_hand(repository: Path, version: str, previous: str = VERSION) -> None:
    """What step 1 has a person write."""
    package = repository / "package.toml"
    text = package.read_text("utf-8")
    package.write_text(text.replace(f'version = "{previous}"', f'version = "{version}"', 1), "utf-8")
    changelog = repository / "CHANGELOG.md"
    heading = "## [Unreleased]\n"
    new = f"{heading}\n## [{version}] - {DAY}\n\nOther words.\n"
    changelog.write_text(changelog.read_text("utf-8").replace(heading, new, 1), "utf-8")


def correct_a_cell(repository: Path) -> None:
    """Other words in the table of codes."""
    codes = repository / "data" / "vocabulary" / "codes.csv"
    header, first, rest = codes.read_text("utf-8").split("\n", 2)
    label = first.split(",")[2]
    codes.write_text("\n".join([header, first.replace(label, f"{label} indeed", 1), rest]), "utf-8")


def given(repository: Path, tools: Path, server: InvenioServer, blocks: list[str], previous: str) -> str:
    """Give the commands to a shell that stops at the first one that fails; what they said."""
    person = {"GIT_AUTHOR_NAME": "test", "GIT_COMMITTER_NAME": "test"}
    done = subprocess.run(
        ["bash", "-eu", "-c", "\n".join(blocks)],
        cwd=repository,
        input=f"{WRITE}\n{ACT}\n",
        capture_output=True,
        text=True,
        env={
            **os.environ,
            **person,
            "GIT_AUTHOR_EMAIL": "test@test.invalid",
            "GIT_COMMITTER_EMAIL": "test@test.invalid",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "CABLES_DEPOSIT_URL": server.url,
            "PREVIOUS": previous,
        },
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def content(folder: Path) -> dict[str, bytes]:
    """The files of a release by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """Every step of RELEASING.md, twice."""
    folder = tmp_path_factory.mktemp("releasing")
    tools = folder / "tools"
    tools.mkdir()
    (tools / "python3").write_text(PYTHON, "utf-8")
    (tools / "python3").chmod(0o755)
    repository = building.copied(folder / "repository", kept())
    built = building.build(repository=repository)
    assert built.status == 0, built.said
    git(folder, "init", "--quiet", "--bare", "origin.git")
    git(repository, "init", "--quiet", "--initial-branch", "main")
    git(repository, "remote", "add", "origin", str(folder / "origin.git"))
    commit(repository)
    with running() as server:
        server.world.prefix = "10.5281"
        server.world.tokens = {WRITE: {"deposit:write"}, ACT: {"deposit:actions"}}
        by_hand(repository, VERSION)
        first = given(repository, tools, server, [one for one in BLOCKS if " diff " not in one], "")
        released = content(repository / "dist")
        previous = repository.parent / "previous.zip"
        previous.write_bytes(next(data for name, data in released.items() if name.endswith(".zip")))
        by_hand(repository, SECOND)
        correct_a_cell(repository)
        second = given(repository, tools, server, BLOCKS, str(previous))
        yield Walk(repository, tools, server.world, (first, second), released, content(repository / "dist"))


def published(walk: Walk, index: int) -> dict[str, bytes | None]:
    """The files of a version as the server holds them."""
    (record,) = [one for one in walk.world.records.values() if one.index == index and one.published]
    return {name: file.content for name, file in record.files.items()}


def doi(walk: Walk) -> dict[str, str]:
    """The table [doi] as the last version has it."""
    table: dict[str, str] = tomllib.loads((walk.repository / "package.toml").read_text("utf-8"))["doi"]
    return table


def test_there_is_a_command_for_every_step() -> None:
    for session in ("diff", "deposit", "release", "validate"):
        assert any(f"run.py {session}" in block for block in BLOCKS)
    assert "dist/verify.py" in "".join(BLOCKS)


def test_both_versions_are_published_with_the_very_bytes_of_dist(walk: Walk) -> None:
    for index, made in ((1, walk.first), (2, walk.second)):
        assert published(walk, index) == {n: d for n, d in made.items() if n != "inveniordm.json"}
    assert len(walk.world.records) == 2
    assert walk.world.sent_twice() == []


def test_both_versions_are_of_one_concept_which_the_second_names(walk: Walk) -> None:
    assert len({one.parent for one in walk.world.records.values()}) == 1
    (concept,) = walk.world.concepts.values()
    assert doi(walk)["concept"] == concept


@pytest.mark.parametrize("name", ["CITATION.cff", "datacite.xml", "datapackage.json", "citation.ris"])
def test_the_reserved_doi_stands_in_the_files(walk: Walk, name: str) -> None:
    assert doi(walk)["version"].encode() in walk.second[name]
    assert doi(walk)["version"].encode() not in walk.first[name]


def test_the_tags_are_pushed_with_the_commits_that_were_released(walk: Walk) -> None:
    origin = walk.repository.parent / "origin.git"
    assert git(origin, "tag").split() == [f"v{VERSION}", f"v{SECOND}"]
    released = git(origin, "rev-parse", f"v{SECOND}^{{commit}}").encode()
    assert released in walk.second["release.json"]
    assert git(walk.repository, "status", "--porcelain") == ""


def test_the_changes_and_what_they_demand_are_told(walk: Walk) -> None:
    assert f"1 change: a major step; the version after {VERSION} is {SECOND} or higher" in walk.said[1]
    (row,) = csv.DictReader(walk.second["changes.csv"].decode().splitlines())
    assert (row["change"], row["step"]) == ("cell_changed", "major")
    assert row["new"] == f"{row['old']} indeed"


def test_a_stranger_can_prove_the_archive(walk: Walk, tmp_path: Path) -> None:
    with zipfile.ZipFile(walk.repository / "dist" / f"cable-600308-{SECOND}.zip") as archive:
        archive.extractall(tmp_path)
    (folder,) = tmp_path.iterdir()
    proved = building.python("-I", "-S", folder / "verify.py", cwd=tmp_path)
    assert proved.status == 0, proved.said


def of_the_sandbox(blocks: list[str]) -> list[str]:
    """The commands of a rehearsal: none that pushes or compares, and none with the word for production."""
    kept = [block for block in blocks if "git push" not in block and " diff " not in block]
    words = {
        " --production": "",
        "CABLES_DEPOSIT": "CABLES_SANDBOX_DEPOSIT",
        "CABLES_PUBLISH": "CABLES_SANDBOX_PUBLISH",
    }
    for word, other in words.items():
        kept = [block.replace(word, other) for block in kept]
    return kept


REFUSED = "if python3 run.py deposit -- --reserve; then exit 9; fi\n"


def test_a_later_version_is_rehearsed_in_a_clone_whose_doi_is_emptied(walk: Walk, tmp_path: Path) -> None:
    assert "empty its four values in `package.toml` first" in PAGE
    git(tmp_path, "clone", "--quiet", str(walk.repository), "clone")
    clone = tmp_path / "clone"
    by_hand(clone, "1.0.1", SECOND)
    token = "read -rs CABLES_SANDBOX_DEPOSIT_TOKEN; export CABLES_SANDBOX_DEPOSIT_TOKEN\n"
    with running() as server:
        server.world.tokens = {WRITE: {"deposit:write"}, ACT: {"deposit:actions"}}
        given(clone, walk.tools, server, [token + REFUSED], "")
        assert server.world.seen == []
        package = clone / "package.toml"
        package.write_text(with_doi(package.read_text("utf-8"), Doi()), "utf-8")
        given(clone, walk.tools, server, of_the_sandbox(BLOCKS), "")
        (record,) = server.world.records.values()
    assert record.published and record.metadata["version"] == "1.0.1"
    held = {name: file.content for name, file in record.files.items()}
    assert held == {name: data for name, data in content(clone / "dist").items() if name != "inveniordm.json"}
    assert git(walk.repository, "status", "--porcelain") == ""
