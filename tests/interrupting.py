"""Stops a process at any of its system calls that change files, as a power cut or a bad disk would.

    python tests/interrupting.py HOW OLD NEW PLACE

copies the folder OLD to PLACE/1, PLACE/2 …, installs the files of NEW in each, every time in a process of
its own that is stopped one call later than the last, and ends with the first that comes through. What
happened stands in PLACE/results.json.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

CALLS = ("open", "write", "ftruncate", "fchmod", "chmod", "fsync", "mkdir", "replace", "unlink", "rmdir")


class How(StrEnum):
    """What befalls the process."""

    NOTHING = "nothing"
    KILL_BEFORE = "kill-before"
    KILL_AFTER = "kill-after"
    FAIL = "fail"


class Meddler:
    """Counts the calls of a process, and stops it at one of them."""

    def __init__(self, how: How, at: int) -> None:
        self.how = how
        self.at = at
        self.calls: list[list[str]] = []
        for name in CALLS:
            setattr(os, name, self._wrapped(name, getattr(os, name)))

    def _wrapped(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            paths = arguments[:2] if name == "replace" else arguments[:1]
            self.calls.append([name, *map(self._described, paths)])
            if len(self.calls) != self.at or self.how is How.NOTHING:
                return real(*arguments, **options)
            if self.how is How.FAIL:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            if self.how is How.KILL_AFTER:
                # Of a write, half: it is the one call that can be half done.
                half = (
                    (arguments[0], arguments[1][: len(arguments[1]) // 2]) if name == "write" else arguments
                )
                real(*half, **options)
            os.kill(os.getpid(), signal.SIGKILL)
            raise AssertionError("a killed process went on")

        return call

    @staticmethod
    def _described(argument: object) -> str:
        """A file by its path, also where the call has only its descriptor."""
        if isinstance(argument, int):
            return os.readlink(f"/proc/self/fd/{argument}") if Path("/proc/self/fd").exists() else ""
        return os.fspath(argument) if isinstance(argument, (str, os.PathLike)) else ""


def tree(folder: Path) -> dict[str, bytes]:
    """The files of a folder by path, links as what they say."""
    return {
        str(path.relative_to(folder)): os.readlink(path).encode() if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or not path.is_dir()
    }


def _install(how: How, at: int, new: Path, target: Path, told: int) -> int:
    """Install in this process; write what was called and what was said to the descriptor `told`."""
    from cables import files

    content, say = tree(new), os.write
    meddler = Meddler(how, at)
    message = ""
    try:
        files.install(content, target, owned=files.PACKAGE_PATHS)
    except files.WriteError as error:
        message = str(error)
    say(told, json.dumps({"calls": meddler.calls, "message": message}).encode())
    return 1 if message else 0


def sweep(how: How, old: Path, new: Path, place: Path) -> list[dict[str, Any]]:
    """Do what the module's docstring says."""
    import cables.files  # noqa: F401  # once, before the forks

    results: list[dict[str, Any]] = []
    while True:
        at = len(results) + 1
        target = place / str(at)
        shutil.copytree(old, target, symlinks=True)
        report = place / f"{at}.json"
        child = os.fork()
        if child == 0:
            told = os.open(report, os.O_WRONLY | os.O_CREAT)
            os._exit(_install(how, at, new, target, told))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said = json.loads(report.read_bytes() or b"{}")
        results.append({"at": at, "status": status, **said})
        if how is How.NOTHING or (status >= 0 and len(said["calls"]) < at):
            return results


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))
    _, how_word, *places = sys.argv
    old_folder, new_folder, place_folder = map(Path, places)
    found = sweep(How(how_word), old_folder, new_folder, place_folder)
    (place_folder / "results.json").write_text(json.dumps(found), "utf-8")
