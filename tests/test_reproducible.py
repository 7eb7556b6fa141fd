"""The same bytes from the same input, whatever the surroundings; nothing built tells of them."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

import building
from building import REPOSITORY
from cables import files
from interrupting import tree

SURROUNDINGS: Mapping[str, tuple[dict[str, str], int]] = {
    "another clock and hash seed": ({"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1"}, 0o022),
    "another locale": (
        {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "LANGUAGE": "tr", "PYTHONHASHSEED": "2"},
        0o000,
    ),
    "no locale, one thread": (
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "POLARS_MAX_THREADS": "1"},
        0o077,
    ),
    "many threads, a narrow mask": (
        {"POLARS_MAX_THREADS": "7", "TZ": "America/St_Johns", "HOME": "/", "COLUMNS": "20"},
        0o177,
    ),
}


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package built here and now."""
    out = tmp_path_factory.mktemp("usual") / "out"
    assert building.build("--out", out).status == 0
    return out


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_a_build_in_other_surroundings_is_the_same_in_bytes_and_modes(
    tmp_path: Path, usual: Path, name: str
) -> None:
    environment, umask = SURROUNDINGS[name]
    repository = building.copied(tmp_path / "deux mots, größe")
    elsewhere = tmp_path / "somewhere else"
    elsewhere.mkdir()
    command = (repository / "scripts" / "build.py", "--out", "ш")
    done = building.python(*command, cwd=elsewhere, environment=environment, umask=umask)
    assert (done.status, done.errors) == (0, "")
    assert tree(elsewhere / "ш") == tree(usual)
    assert building.modes(elsewhere / "ш") == building.modes(usual)


def test_a_build_over_another_package_is_the_same_as_one_into_nothing(tmp_path: Path, usual: Path) -> None:
    out = tmp_path / "out"
    raw = building.sources(tmp_path / "raw", small=building.SMALL)
    assert building.build("--raw", raw, "--out", out).status == 0
    assert building.build("--out", out).status == 0
    assert tree(out) == tree(usual)
    assert building.modes(out) == building.modes(usual)


def test_the_order_in_which_a_folder_lists_its_sources_does_not_matter(tmp_path: Path) -> None:
    packages = []
    for number, names in enumerate((("one", "two", "three"), ("three", "one", "two"))):
        raw = tmp_path / f"raw-{number}"
        building.sources(raw, **dict.fromkeys(names, building.SMALL))
        out = tmp_path / f"out-{number}"
        assert building.build("--raw", raw, "--out", out).status == 0
        packages.append(tree(out))
    assert packages[0] == packages[1]


def test_nothing_built_tells_where_it_was_built_or_by_whom(usual: Path) -> None:
    names = {
        str(usual),
        str(REPOSITORY),
        str(Path.home()) + "/",
        socket.gethostname(),
        getpass.getuser() + "@",
    }
    for path, data in tree(usual).items():
        for name in names:
            assert len(name) < 4 or name.encode() not in data, f"{path} holds {name}"


def test_the_repository_and_a_package_elsewhere_hold_the_same_built_files(usual: Path) -> None:
    assert building.built(REPOSITORY) == building.built(usual)


def test_a_build_on_a_clean_checkout_leaves_no_difference(tmp_path: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("there is no git here")
    place = tmp_path / "checkout"
    own = (".gitattributes", ".gitignore", "README.md")
    origin = building.copied(tmp_path / "origin", (*own, *files.BUILT_PATHS))

    def git(*words: str, cwd: Path) -> str:
        identity = (
            "-c",
            "user.name=nobody",
            "-c",
            "user.email=nobody@example.org",
            "-c",
            "commit.gpgsign=false",
        )
        command = ["git", *identity, "-c", "core.autocrlf=false", *words]
        return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout

    git("init", "--quiet", cwd=origin)
    git("add", "--all", cwd=origin)
    git("commit", "--quiet", "--message", "as it is", cwd=origin)
    git("clone", "--quiet", str(origin), str(place), cwd=tmp_path)
    done = building.build(repository=place)
    assert (done.status, done.errors) == (0, "")
    assert git("status", "--porcelain", cwd=place) == ""
    assert (place / "data/raw/119402.txt").read_bytes() == (REPOSITORY / "data/raw/119402.txt").read_bytes()
