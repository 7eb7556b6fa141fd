"""Make the locked environment if it is missing or stale, then run nox sessions in it.

    python run.py build validate           build the package and prove it
    python run.py tests                    run the tests
    python run.py tests -- -k joining      hand on what follows `--`
    python run.py -l                       list the sessions
    python run.py                          make the environment, nothing more

Needs Python 3.11 or newer with venv and pip, on Linux or macOS; uses uv where it is installed. What it
installs goes to `.nox/shared`, from `requirements.lock`, each file held to its hash. Exit status: 0 fine,
1 a session failed or the environment could not be made, 2 the wrong Python or system.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOCK = HERE / "requirements.lock"
ENVIRONMENT = HERE / ".nox" / "shared"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMP = ENVIRONMENT / "made-from"
OLDEST = (3, 11)


def tell(sentence: str) -> None:
    """Say something to the person at the terminal, apart from what a command prints."""
    print(f"run.py: {sentence}", file=sys.stderr)


def fingerprint() -> str:
    """What the environment is made from: the lock and the folder (an environment cannot be moved)."""
    return hashlib.sha256(LOCK.read_bytes() + os.fsencode(ENVIRONMENT)).hexdigest()


def runs_inside() -> bool:
    """Whether the Python that runs this belongs to the environment."""
    return Path(sys.prefix).resolve() == ENVIRONMENT.resolve()


def is_current() -> bool:
    """Whether the environment was made, wholly, from the lock as it now stands, and still runs."""
    if not (STAMP.is_file() and STAMP.read_text("ascii").strip() == fingerprint() and PYTHON.exists()):
        return False
    # An upgrade of the system's Python can leave an environment that has all its files and does not start.
    return subprocess.run([str(PYTHON), "-c", "import nox"], stderr=subprocess.DEVNULL).returncode == 0


@contextmanager
def alone() -> Iterator[None]:
    """Hold back a second run until the first has made the environment."""
    import fcntl  # not at the top, so that a system without it gets a sentence and not a traceback

    ENVIRONMENT.parent.mkdir(exist_ok=True)
    with (ENVIRONMENT.parent / "shared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def succeeds(*command: str | Path) -> bool:
    """Run a command and say whether it ended well; what it prints, it prints itself."""
    return subprocess.run([str(part) for part in command], cwd=HERE).returncode == 0


def installed_by_uv() -> bool:
    """Make and fill the environment with uv, where there is one."""
    uv = shutil.which("uv")
    if uv is None:
        return False
    made = runs_inside() or succeeds(uv, "venv", "--quiet", "--python", sys.executable, ENVIRONMENT)
    into = ("--quiet", "--python", PYTHON)
    if made and succeeds(uv, "pip", "install", *into, "--require-hashes", "-r", LOCK):
        return True
    tell("uv could not do it; trying venv and pip")
    return False


def installed_by_pip() -> bool:
    """Make and fill the environment with venv and pip, which come with Python."""
    if not (runs_inside() or succeeds(sys.executable, "-m", "venv", "--clear", ENVIRONMENT)):
        tell("venv failed; on Debian and Ubuntu: apt install python3-venv")
        return False
    pip = (PYTHON, "-m", "pip", "--disable-pip-version-check", "--quiet")
    return succeeds(*pip, "install", "--require-hashes", "-r", LOCK)


def make_environment() -> bool:
    """Bring `.nox/shared` to what the lock says; return whether it is there."""
    with alone():
        if is_current():
            return True
        tell(f"making {ENVIRONMENT.relative_to(HERE)} from {LOCK.name} (once; about a minute)")
        STAMP.unlink(missing_ok=True)
        if not runs_inside() and ENVIRONMENT.exists():
            shutil.rmtree(ENVIRONMENT)
        if not (installed_by_uv() or installed_by_pip()):
            tell("the environment could not be made; see above")
            return False
        STAMP.write_text(fingerprint() + "\n", "ascii")
        return True


def nox_arguments(words: Sequence[str]) -> list[str]:
    """Put `-s` before the names of sessions, which may then stand bare; hand the rest on as it is."""
    bare = bool(words) and not words[0].startswith("-")
    return ["-s", *words] if bare else list(words)


def main(words: Sequence[str]) -> int:
    """Do what the module's docstring says and return the exit status."""
    if sys.version_info < OLDEST:
        wanted, here = ".".join(map(str, OLDEST)), sys.version.split()[0]
        tell(f"this is Python {here}; expected {wanted} or newer")
        return 2
    if os.name != "posix":
        tell("this is not Linux or macOS; expected one of them, or WSL on Windows")
        return 2
    if words and words[0] in {"-h", "--help"}:
        print(__doc__.strip() if __doc__ else "")
        return 0
    if not LOCK.is_file():
        tell(f"{LOCK} is not there; expected a whole copy of the repository")
        return 1
    if not make_environment():
        return 1
    if not words:
        print(f"{ENVIRONMENT.relative_to(HERE)} is what {LOCK.name} says")
        return 0
    return subprocess.run([str(PYTHON), "-m", "nox", *nox_arguments(words)], cwd=HERE).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
