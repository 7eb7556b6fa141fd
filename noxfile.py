"""The sessions of this project. `python run.py NAME…` makes nox itself first; see README.md.

All sessions share one environment, `.nox/shared`, made from `requirements.lock` with hashes; only `standards`
has its own, since its tools pin old versions of what the workflow uses.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import nox

HERE = Path(__file__).resolve().parent
PYTHON = str(HERE / ".nox" / "shared" / "bin" / "python")
PYTHON_FILES = ("scripts", "tests", "templates", "run.py", "noxfile.py")

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
    """Run the tests, on all processors. After --: what pytest takes, such as -k joining, or -n 0 for one."""
    python(session, "-m", "pytest", "--numprocesses=auto", "--dist=loadfile", *session.posargs)


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


@nox.session(requires=["env"])
def release(session: nox.Session) -> None:
    """Make a release of what is committed in dist/. After --: --out DIR, --previous FILE."""
    python(session, "scripts/release.py", *session.posargs)


@nox.session(requires=["env"])
def diff(session: nox.Session) -> None:
    """Compare two releases. After --: OLD NEW, --json FILE."""
    python(session, "scripts/diff.py", *session.posargs)


@nox.session(requires=["env"])
def deposit(session: nox.Session) -> None:
    """Print what a deposit would do; nothing is sent without a word more. After --: see --help."""
    python(session, "scripts/deposit.py", *session.posargs)


@nox.session(requires=["env"])
def assets(session: nox.Session) -> None:
    """Attach the files of dist/ to the release of a tag at GitHub. After --: TAG."""
    python(session, "scripts/assets.py", *session.posargs)


@nox.session(venv_backend="uv|virtualenv")
def standards(session: nox.Session) -> None:
    """Hold the citation files to the tools of their fields. After --: the folder of a package or release."""
    package = Path(session.posargs[0] if session.posargs else HERE).resolve()
    here = HERE / "tests" / "standards"
    session.install("--require-hashes", "-r", str(here / "requirements.lock"))
    session.run("python", str(here / "check.py"), str(package))
    if shutil.which("npm") is None:
        session.warn("npm is not here, so citation.js and Zotero's importers were not asked")
        return
    # Node looks for packages beside the script.
    place = session.create_tmp()
    for name in ("package.json", "package-lock.json", "read.mjs", "zotero.cjs"):
        shutil.copy(here / name, place)
    session.run("npm", "ci", "--silent", "--prefix", place, external=True)
    for reader in ("read.mjs", "zotero.cjs"):
        session.run("node", str(Path(place) / reader), str(package), external=True)
