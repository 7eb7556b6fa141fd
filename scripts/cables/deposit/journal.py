"""The journal: what was begun and what was done, on disk before the next request leaves.

One JSON object a line, each fsynced. A line that a kill cut short was never acted upon, so it is dropped. The
server is asked for what it can tell; the journal keeps what it cannot: that a draft was wanted though its id
never arrived, and that the bytes of this very release were read back.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path

from cables.deposit.errors import DepositError
from cables.deposit.servers import Server
from cables.protocol.steps import Step


class Mark(StrEnum):
    """What a line of the journal says of its step."""

    BEGUN = "begun"
    DONE = "done"
    REFUSED = "refused"
    VERIFIED = "verified"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal. `manifest` is the SHA-256 of the release's SHA256SUMS.

    `title` is that of a draft that is being made: the words by which it is found again.
    """

    mark: Mark
    server: Server
    package: str
    version: str
    step: Step | None = None
    record: str = ""
    file: str = ""
    doi: str = ""
    manifest: str = ""
    title: str = ""


_KEYS = {field.name for field in fields(Entry)}


def _line(entry: Entry) -> bytes:
    kept = {key: value for key, value in asdict(entry).items() if value}
    return json.dumps(kept, ensure_ascii=True).encode() + b"\n"


def _entry(line: bytes, path: Path, number: int) -> Entry:
    try:
        found = json.loads(line)
        if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
            raise ValueError("not an object of strings")
        if foreign := set(found) - _KEYS:
            raise ValueError(f"unknown key {sorted(foreign)[0]!r}")
        step = found.pop("step", None)
        return Entry(
            mark=Mark(found.pop("mark")),
            server=Server(found.pop("server")),
            package=found.pop("package"),
            version=found.pop("version"),
            step=Step(step) if step else None,
            **found,
        )
    except (ValueError, KeyError, RecursionError) as error:
        raise DepositError(
            f"{path}:{number}: {line[:80]!r} ({error}), expected a line of the deposit journal; if the file "
            "is beyond mending move it away: the server is asked for everything but the read-back"
        ) from None


def _whole_lines(content: bytes) -> list[bytes]:
    return content[: content.rfind(b"\n") + 1].splitlines()


def read_journal(path: Path) -> tuple[Entry, ...]:
    """Every whole line of the journal; none where there is no file. Takes no lock and writes nothing."""
    try:
        if path.exists() and not path.is_file():
            raise DepositError(f"{path}: no file, expected the deposit journal")
        content = path.read_bytes()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise DepositError(f"{path}: {error.strerror}, expected the deposit journal") from None
    return tuple(_entry(line, path, number) for number, line in enumerate(_whole_lines(content), 1))


def of_package(entries: tuple[Entry, ...], package: str) -> tuple[Entry, ...]:
    """The lines that are about `package`: a journal may be shared."""
    return tuple(entry for entry in entries if entry.package == package)


def drafts_of(entries: tuple[Entry, ...], server: Server) -> tuple[str, ...]:
    """The records that were made on `server`, the last one first; they may have been published since."""
    made = [
        entry.record
        for entry in entries
        if (entry.server, entry.mark) == (server, Mark.DONE) and entry.step in (Step.CREATE, Step.NEW_VERSION)
    ]
    return tuple(dict.fromkeys(reversed(made)))


def wanted_draft(entries: tuple[Entry, ...], server: Server) -> Entry | None:
    """The line of a first draft that was asked for and of which no answer is on record."""
    asked = [entry for entry in entries if (entry.server, entry.step) == (server, Step.CREATE)]
    return asked[-1] if asked and asked[-1].mark is Mark.BEGUN else None


def was_verified(entries: tuple[Entry, ...], server: Server, record: str, manifest: str) -> bool:
    """Whether every byte of the release with this manifest was read back from this record."""
    return any(
        (entry.mark, entry.server, entry.record, entry.manifest) == (Mark.VERIFIED, server, record, manifest)
        for entry in entries
    )


def dois_of(entries: tuple[Entry, ...], server: Server) -> frozenset[str]:
    """Every DOI that was ever reserved on `server`."""
    return frozenset(entry.doi for entry in entries if entry.server is server and entry.doi)


class Journal:
    """An open journal, this process's alone until it is closed."""

    def __init__(self, handle: int, path: Path) -> None:
        self._handle = handle
        self._path = path

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What stands in the journal now."""
        return read_journal(self._path)

    def write(self, entry: Entry) -> None:
        """Append `entry`; on disk when this returns. DepositError where the disk refuses."""
        line = _line(entry)
        try:
            while line:
                line = line[os.write(self._handle, line) :]
            os.fsync(self._handle)
        except OSError as error:
            raise DepositError(
                f"{self._path}: {error.strerror}; nothing is sent that is not journalled"
            ) from None


def _lock(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise DepositError(f"{path}: another deposit is running with this journal; wait for it") from None


def _drop_cut_line(handle: int, path: Path) -> None:
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.truncate(handle, whole)
        os.fsync(handle)


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _opened(path: Path) -> int:
    """The journal for this process alone, ending in a whole line."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
    except OSError as error:
        raise DepositError(f"{path}: {error.strerror}, expected a place for the deposit journal") from None
    try:
        _lock(handle, path)
        read_journal(path)
        _drop_cut_line(handle, path)
        _fsync_folder(path.resolve().parent)
    except OSError as error:
        os.close(handle)
        raise DepositError(f"{path}: {error.strerror}, expected a file for the deposit journal") from None
    except DepositError:
        os.close(handle)
        raise
    return handle


@contextmanager
def open_journal(path: Path) -> Iterator[Journal]:
    """The journal at `path`, made where there is none; a second run at the same time is refused."""
    handle = _opened(path)
    try:
        yield Journal(handle, path)
    finally:
        os.close(handle)
