"""Real builds in folders of their own, by the same command that a person gives."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cables import files
from cables.inputs import Inputs

REPOSITORY = Path(__file__).resolve().parent.parent
AUTHORED = (
    "data/curation",
    "data/raw",
    "data/vocabulary",
    "package.toml",
    "pyproject.toml",
    "requirements.lock",
    "schemas",
    "scripts",
    "templates",
)

# The record that the tests of one cable are about; others may lie beside it in data/raw.
FIRST = "119402"

# An invented record without form, copies or original text.
SMALL = """\


**March 3, 1931**

**Letter from the Harbour Office to the Lighthouse**

**Citation:**

"Letter from the Harbour Office to the Lighthouse", March 3, 1931, an invented archive.

**Original Language:**

English

**Contents:**

Original Scan

The lamp was lit at six. It was put out at seven.

We thank you for the oil.
"""


@dataclass(frozen=True, slots=True)
class Run:
    """How a command ended and what it said, on both channels."""

    status: int
    output: str
    errors: str

    @property
    def said(self) -> str:
        """Everything it said."""
        return self.output + self.errors


def python(
    *words: str | Path,
    cwd: Path = REPOSITORY,
    environment: Mapping[str, str] | None = None,
    umask: int = -1,
) -> Run:
    """Run this Python with these arguments."""
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        umask=umask,
    )
    return Run(done.returncode, done.stdout.decode(), done.stderr.decode())


def build(*words: str | Path, repository: Path = REPOSITORY) -> Run:
    """Give the build command of a repository."""
    return python(repository / "scripts" / "build.py", *words)


def copied(place: Path, extra: tuple[str, ...] = ()) -> Path:
    """A copy of what is authored in this repository, and of what else is asked for."""
    place.mkdir(parents=True)
    for path in (*AUTHORED, *extra):
        here, there = REPOSITORY / path, place / path
        there.parent.mkdir(parents=True, exist_ok=True)
        if here.is_dir():
            shutil.copytree(here, there, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        elif here.exists():
            shutil.copy(here, there)
    return place


def of_the_first(given: Inputs) -> Inputs:
    """These inputs with no export and no decision but those of the first record."""
    curation = {
        name: tuple(row for row in rows if row["record_id"] == FIRST) for name, rows in given.curation.items()
    }
    carried = {
        path: data
        for path, data in given.carried.items()
        if not path.startswith("data/raw/") or path == f"data/raw/{FIRST}.txt"
    }
    sources = tuple(one for one in given.sources if Path(one[0]).stem == FIRST)
    return replace(given, sources=sources, curation=curation, carried=carried)


def header_only(curation: Path) -> Path:
    """Curation files that decide nothing."""
    curation.mkdir(parents=True)
    for path in sorted((REPOSITORY / "data" / "curation").glob("*.csv")):
        (curation / path.name).write_text(path.read_text("utf-8").split("\n")[0] + "\n", "utf-8")
    return curation


def sources(raw: Path, **content: str | bytes) -> Path:
    """A folder of exports, by record id."""
    raw.mkdir(parents=True)
    for name, text in content.items():
        (raw / f"{name}.txt").write_bytes(text.encode() if isinstance(text, str) else text)
    return raw


def modes(folder: Path) -> dict[str, int]:
    """The permissions of everything under a folder."""
    return {str(path.relative_to(folder)): stat.S_IMODE(path.lstat().st_mode) for path in folder.rglob("*")}


def built(folder: Path) -> dict[str, bytes]:
    """The built files of a package or repository."""
    return {
        path: (folder / path).read_bytes()
        for path in files.list_files(folder)
        if any(path == one or (one.endswith("/") and path.startswith(one)) for one in files.BUILT_PATHS)
    }
