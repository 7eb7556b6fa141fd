"""The sessions of this project. `python run.py NAME…` makes nox itself first; see README.md.

All sessions share one environment, `.nox/shared`, made from `requirements.lock` with hashes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import nox

HERE = Path(__file__).resolve().parent
PYTHON = str(HERE / ".nox" / "shared" / "bin" / "python")
PYTHON_FILES = ("scripts", "tests", "run.py", "noxfile.py")

nox.options.sessions = ["build", "validate"]
nox.options.default_venv_backend = "none"
# A package that was not built is not worth validating, unless the good part of it was asked for.
nox.options.stop_on_first_error = "--keep-going" not in sys.argv


def python(session: nox.Session, *arguments: str) -> None:
    """Run the shared environment's Python."""
    session.run(PYTHON, *arguments, external=True)


def for_build(words: Sequence[str]) -> list[str]:
    """What follows `--`, without what only validate understands."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--json")
    return parser.parse_known_args(words)[1]


def for_validate(words: Sequence[str]) -> list[str]:
    """What follows `--`, without what only build understands; the folder built is the one to prove."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    for option in ("--raw", "--curation", "--package", "--out"):
        parser.add_argument(option)
    parser.add_argument("--keep-going", action="store_true")
    known, rest = parser.parse_known_args(words)
    return [*([known.out] if known.out else []), *rest]


@nox.session
def env(session: nox.Session) -> None:
    """Make the shared environment from requirements.lock (nothing to do when it is current)."""
    session.run(sys.executable, "run.py", external=True)


@nox.session(requires=["env"])
def build(session: nox.Session) -> None:
    """Build the package. After --: --raw DIR, --curation DIR, --package FILE, --out DIR, --keep-going."""
    python(session, "scripts/build.py", *for_build(session.posargs))


@nox.session(requires=["env"])
def validate(session: nox.Session) -> None:
    """Prove the package. After --: DIR, --json FILE; after build, the folder that --out names."""
    python(session, "scripts/validate.py", *for_validate(session.posargs))


@nox.session(requires=["env"])
def tests(session: nox.Session) -> None:
    """Run the tests. After --: what pytest takes, such as -k joining."""
    python(session, "-m", "pytest", *session.posargs)


@nox.session(requires=["env"])
def lint(session: nox.Session) -> None:
    """Check style and layout with ruff. After --: --fix."""
    python(session, "-m", "ruff", "check", *session.posargs, *PYTHON_FILES)
    if "--fix" in session.posargs:
        python(session, "-m", "ruff", "format", *PYTHON_FILES)
    python(session, "-m", "ruff", "format", "--check", *PYTHON_FILES)


@nox.session(requires=["env"])
def types(session: nox.Session) -> None:
    """Check types with mypy --strict. After --: the files to look at, instead of all."""
    python(session, "-m", "mypy", *session.posargs)


@nox.session(requires=["env"])
def mutants(session: nox.Session) -> None:
    """Damage the package in every table and every way; show what finds it. Long. After --: see --help."""
    python(session, "scripts/mutants.py", *session.posargs)


@nox.session(requires=["env"])
def bench(session: nox.Session) -> None:
    """Measure the aligner against others and against itself on longer texts. After --: see --help."""
    python(session, "scripts/bench.py", *session.posargs)
