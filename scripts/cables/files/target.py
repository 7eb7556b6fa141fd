"""What stands in the folder of a package, what may be written there, and what has to come and go."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cables.files.disk import FILE_MODE, LOCK
from cables.files.errors import AS_IT_WAS, WriteError, printable, told
from cables.files.folders import is_real_folder, listing, walk
from cables.files.owned import BUILT_PATHS, DESCRIPTOR, is_owned, is_plain, is_way, parents

WORKSPACE = ".build-unfinished"
MARK = "mark"
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """What an installation does: the n-th path of `put` comes from the file named n in the workspace."""

    put: tuple[str, ...]
    remove: tuple[str, ...]

    def folders(self) -> list[str]:
        """The folders in which names come or go."""
        return sorted({str(PurePosixPath(path).parent) for path in (*self.put, *self.remove)})


@dataclass(frozen=True, slots=True)
class _Present:
    """The owned files and folders that a target holds; a symbolic link is a file, never followed."""

    files: frozenset[str]
    folders: frozenset[str]


def check_target(target: Path, *, owned: Sequence[str] = BUILT_PATHS, shared: bool = False) -> None:
    """Refuse, before any work, a target to which a package cannot be written.

    `shared` says that the target rightly holds other things too, as this repository does. Anywhere else,
    everything there must be owned, and come from a build: a folder that happens to have a `docs/` is not a
    package. Raises WriteError.
    """
    with told(target, AS_IT_WAS):
        if not os.path.lexists(target):
            return
        if not target.is_dir():
            raise WriteError(target, "this is a file", "expected a folder, or nothing")
        foreign = [] if shared else sorted(_foreign(target, "", owned))
    if foreign:
        more = f" and {len(foreign) - SHOWN} more" if len(foreign) > SHOWN else ""
        found = f"holds {', '.join(map(printable, foreign[:SHOWN]))}{more}, which no build wrote"
        raise WriteError(target, found, "expected an empty folder, or a package and nothing else")
    if not shared and not _is_package(target) and _present(target, owned).files:
        raise WriteError(target, f"holds files but no {DESCRIPTOR}", "expected an empty folder or a package")


def is_unfinished(target: Path) -> bool:
    """Whether a build is at work in the target or was cut off there."""
    return os.path.lexists(target / WORKSPACE)


def check_names(files: Mapping[str, bytes], owned: Sequence[str]) -> None:
    """Raise ValueError for a path that no build owns, or that leads through another file."""
    wrong = sorted(path for path in files if not (is_plain(path) and is_owned(path, owned)))
    inside = sorted(path for path in files if any(parent in files for parent in parents(path)))
    if wrong or inside:
        raise ValueError(f"not paths that a build owns: {', '.join(wrong + inside)}")


def check_same_package(files: Mapping[str, bytes], target: Path) -> None:
    """Refuse the folder of a package of another name."""
    path = target / DESCRIPTOR
    if not path.is_file() or DESCRIPTOR not in files:
        return
    there, ours = _package_name(path.read_bytes()), _package_name(files[DESCRIPTOR])
    if there is not None and there != ours:
        expected = f"expected {printable(str(ours))}, or an empty folder"
        raise WriteError(path, f"the descriptor of the package {printable(there)}", expected)


def _package_name(descriptor: bytes) -> str | None:
    """The name in a descriptor; None when it is too damaged to have one, and then a build mends it."""
    try:
        value = json.loads(descriptor)
    except (ValueError, RecursionError):
        return None
    name = value.get("name") if isinstance(value, dict) else None
    return name if isinstance(name, str) else None


def compare(files: Mapping[str, bytes], target: Path, owned: Sequence[str]) -> Plan:
    """What has to come and to go."""
    there = _present(target, owned)
    needed = {parent for path in files for parent in parents(path)}
    for path in sorted(there.files & needed):
        raise WriteError(target / path, "this is a link or a file", f"expected a folder; {AS_IT_WAS}")
    for path in sorted(there.folders & files.keys()):
        raise WriteError(target / path, "this is a folder", f"expected a file; {AS_IT_WAS}")
    put = [
        path for path in sorted(files) if not (path in there.files and _is_same(target / path, files[path]))
    ]
    return Plan(tuple(put), tuple(sorted(there.files - files.keys())))


def _is_same(path: Path, data: bytes) -> bool:
    """Whether a regular file holds these bytes, with the mode that it ought to have."""
    found = os.lstat(path)
    if not stat.S_ISREG(found.st_mode) or stat.S_IMODE(found.st_mode) != FILE_MODE:
        return False
    return found.st_size == len(data) and path.read_bytes() == data


def _present(target: Path, owned: Sequence[str]) -> _Present:
    """The owned files and folders. Raises WriteError for a link or a file where a folder should lead on."""
    files: set[str] = set()
    folders: set[str] = set()
    for entry in owned:
        path = entry.rstrip("/")
        check_way(target, path, AS_IT_WAS)
        if not os.path.lexists(target / path):
            continue
        if not entry.endswith("/"):
            (folders if is_real_folder(target / path) else files).add(path)
        elif is_real_folder(target / path):
            folders.add(path)
            for inner, is_folder in walk(target, path):
                (folders if is_folder else files).add(inner)
        else:
            files.add(path)
    return _Present(frozenset(files), frozenset(folders))


def check_way(target: Path, path: str, outcome: str) -> None:
    """Refuse to write through a symbolic link, which may lead out of the target."""
    for parent in parents(path):
        if os.path.lexists(target / parent) and not is_real_folder(target / parent):
            raise WriteError(target / parent, "this is a link or a file", f"expected a folder; {outcome}")


def _is_package(target: Path) -> bool:
    return (target / DESCRIPTOR).is_file() or os.path.lexists(target / WORKSPACE / MARK)


def _foreign(target: Path, folder: str, owned: Sequence[str]) -> Iterator[str]:
    """The entries that no build writes."""
    for path, is_folder in listing(target, folder):
        if path in {WORKSPACE, LOCK} or is_owned(path + "/" if is_folder else path, owned):
            continue
        if is_folder and is_way(path, owned):
            yield from _foreign(target, path, owned)
        else:
            yield path + "/" if is_folder else path
