"""What git knows of a repository."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from pathlib import Path

from cables import files
from cables.model import InputError

# With these git would look at another repository than the one it is asked about, as in a hook.
GIT_PLACES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")


def git(repository: Path, *words: str) -> bytes:
    """What git says to a command. Raises InputError where there is no git, or it refuses."""
    done = _done(repository, *words)
    if done.returncode:
        said = files.printable(done.stderr.decode(errors="replace").strip())
        raise InputError(str(repository), 1, f"git: {said}", "a repository with a commit")
    return done.stdout


def _done(repository: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    environment = {name: value for name, value in os.environ.items() if name not in GIT_PLACES}
    try:
        return subprocess.run(["git", "-C", str(repository), *words], capture_output=True, env=environment)
    except OSError as error:
        raise InputError("git", 1, str(error.strerror), "git, which knows what is committed") from error


def content(repository: Path, commit: str) -> dict[str, bytes]:
    """The files of a commit by path. Raises InputError where there is none."""
    found = {}
    with tarfile.open(fileobj=io.BytesIO(git(repository, "archive", "--format=tar", commit))) as archive:
        for member in archive.getmembers():
            stream = archive.extractfile(member) if member.isfile() else None
            if stream is not None:
                found[member.name] = stream.read()
    return dict(sorted(found.items()))


def knows(repository: Path, commit: str) -> bool:
    """Whether a commit is in a repository; it is in none where there is no git."""
    try:
        return _done(repository, "cat-file", "-e", f"{commit}^{{commit}}").returncode == 0
    except InputError:
        return False
