"""A release of this repository, made by the command that a person gives, in a repository of its own."""

from __future__ import annotations

import atexit
import functools
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import building
from building import REPOSITORY, Run
from cables import inputs
from cables.inputs import Places

DOI = """\
[doi]
version = "10.5281/zenodo.1234567"
concept = "10.5281/zenodo.1234566"
record = "1234567"
server = "production"
"""
VERSION = inputs.read_package(Places()).version
DAY = inputs.read_package(Places()).created
# Of this version alone: a changelog that tells of earlier ones calls for their tags.
CHANGELOG = f"# Changelog\n\n## [{VERSION}] - {DAY}\n\nThe first version.\n"


def git(repository: Path, *words: str) -> str:
    """Give git a command in a repository."""
    who = ("-c", "user.name=test", "-c", "user.email=test@test.invalid", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *who, *words], cwd=repository, capture_output=True, check=True)
    return done.stdout.decode().strip()


def commit(repository: Path) -> str:
    """Commit everything; the id of the commit."""
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "All")
    return git(repository, "rev-parse", "HEAD")


@functools.cache
def kept() -> tuple[str, ...]:
    """The paths of all that git keeps of this repository, also where it was unpacked without its history."""
    with tempfile.TemporaryDirectory(prefix="empty-") as empty:
        git(Path(empty), "init", "--quiet")
        of_nothing = ("--git-dir", f"{empty}/.git", "--work-tree", str(REPOSITORY))
        listed = git(REPOSITORY, *of_nothing, "ls-files", "-z", "--others", "--exclude-standard")
    return tuple(filter(None, listed.split("\0")))


def release(repository: Path, *words: str | Path, environment: Mapping[str, str] | None = None) -> Run:
    """Give the release command of a repository."""
    script = repository / "scripts" / "release.py"
    return building.python(script, *words, cwd=repository, environment=environment)


@functools.cache
def repository() -> Path:
    """A copy of all of this repository, built and committed, its version in the changelog."""
    folder = Path(tempfile.mkdtemp(prefix="release-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    place = building.copied(folder / "repository", kept())
    (place / "CHANGELOG.md").write_text(CHANGELOG, "utf-8")
    # As a reservation writes it: without a DOI a release is warned of.
    described = (place / "package.toml").read_text("utf-8")
    (place / "package.toml").write_text(described.partition("[doi]")[0] + DOI, "utf-8")
    # Only what is given is built: in this repository a build may be older than the code.
    built = building.build(repository=place)
    assert built.status == 0, built.said
    git(place, "init", "--quiet")
    commit(place)
    return place


@functools.cache
def released() -> Path:
    """The folder of a release of it. Not to be changed."""
    out = repository() / "dist"
    done = release(repository())
    assert done.status == 0, done.said
    return out


def content(folder: Path) -> dict[str, bytes]:
    """The files of a release by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


__all__ = [
    "DAY",
    "REPOSITORY",
    "VERSION",
    "commit",
    "content",
    "git",
    "kept",
    "release",
    "released",
    "repository",
]
