"""Bytes and names brought to the disk, and one builder at a time. Linux and macOS."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cables.files.errors import LEFT, WriteError, at, printable, told

LOCK = ".build-lock"
FILE_MODE = 0o644
FOLDER_MODE = 0o755


def write_file(path: Path, data: bytes) -> None:
    """Write a file that belongs to no package, such as a report: whole or not at all. Raises WriteError."""
    if os.path.lexists(path) and not path.is_file():
        with told(path, "nothing was written"):
            path.write_bytes(data)  # /dev/stdout, a pipe: nothing to rename onto
        return
    beside = path.with_name(f".{path.name}.part")
    with told(path, "nothing was written"):
        try:
            beside.unlink(missing_ok=True)
            write_new(beside, data, path)
            os.replace(beside, path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise


def write_new(path: Path, data: bytes, meant: Path) -> None:
    """Write a new file to the disk; an error speaks of `meant`, the path that the file is for."""
    with at(meant):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fchmod(descriptor, FILE_MODE)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def remove_if_there(path: Path) -> None:
    """Remove a file or a link, which an earlier try may have done."""
    if os.path.lexists(path):
        os.unlink(path)


def sync_folder(path: Path) -> None:
    """Bring the names in a folder to the disk."""
    with at(path):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            # Some mounted file systems know no sync of a folder; nothing more can be asked of them.
            if error.errno != errno.EINVAL:
                raise
        finally:
            os.close(descriptor)


@contextmanager
def standing(target: Path) -> Iterator[None]:
    """Make the target if it is not there, and take it away again if nothing came to stand in it."""
    missing = [path for path in (target, *target.parents) if not os.path.lexists(path)]
    try:
        for path in reversed(missing):
            path.mkdir(exist_ok=True)
            os.chmod(path, FOLDER_MODE)
            sync_folder(path.parent)
        yield
    finally:
        for path in missing:
            if path.is_dir() and not os.listdir(path):
                os.rmdir(path)


@contextmanager
def alone(target: Path) -> Iterator[None]:
    """Hold the target's lock. Raises WriteError, which names the holder, when another process has it."""
    path = target / LOCK
    descriptor = _take(path, target)
    try:
        with at(path):
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}".encode())
        yield
    finally:
        with told(path, LEFT):
            os.unlink(path)
            os.close(descriptor)


def _take(path: Path, target: Path) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The last holder may have removed the file between its opening here and the lock on it.
            if os.path.lexists(path) and os.path.samestat(os.fstat(descriptor), os.lstat(path)):
                return descriptor
        except BlockingIOError as error:
            holder = printable(os.read(descriptor, 200).decode(errors="replace")) or "another process"
            os.close(descriptor)
            raise WriteError(target, f"{holder} is building here", "expected one build at a time") from error
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
