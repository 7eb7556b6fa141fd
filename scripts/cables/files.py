"""The only reader and writer of files; recovery of a build that was cut off.

A build is completed in `.build-unfinished/` inside its target, on the same file system: every file is
written and synced under a number, then a mark says which path each number is for and which paths go. Only
then are they renamed into place, `datapackage.json` last. Whoever comes to the target next discards what
has no mark and finishes what has one, so that a reader finds the old package or the new one. One builder at
a time holds `.build-lock`. Linux and macOS.
"""

from __future__ import annotations

import csv
import errno
import fcntl
import io
import json
import os
import re
import shutil
import socket
import stat
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import NoReturn

from cables import lines
from cables.model import InputError, InputErrors
from cables.vocabulary import Row

DESCRIPTOR = "datapackage.json"

# Folders end in a slash and are owned with all that they hold.
BUILT_PATHS = (
    ".zenodo.json",
    "CITATION.cff",
    DESCRIPTOR,
    "ro-crate-metadata.json",
    "rejected.csv",
    "data/csv/",
    "data/exports/",
    "data/json/",
    "data/parquet/",
    "docs/",
    "metadata/",
)
# What a package elsewhere carries besides, so that it can be built again from itself.
INPUT_PATHS = ("data/curation/", "data/raw/", "data/vocabulary/", "package.toml", "schemas/")
PACKAGE_PATHS = BUILT_PATHS + INPUT_PATHS

WORKSPACE = ".build-unfinished"
LOCK = ".build-lock"
MARK = "mark"

FILE_MODE = 0o644
FOLDER_MODE = 0o755
SOURCE_NAME = re.compile(r"[A-Za-z0-9._-]+\.txt")
SHOWN = 5

AS_IT_WAS = "the package there is as it was"
HALF = "the package there is half replaced: build again to finish it"
LEFT = "it is left behind and does no harm"
WHOLE = "the package there is new and whole; the next build removes what is left of this one"


class WriteError(Exception):
    """A package that cannot be written; says where, why, and in what state its folder is."""

    def __init__(self, path: str | Path, found: str, outcome: str) -> None:
        super().__init__(f"{printable(path)}: {found}; {outcome}")
        self.path = Path(path)
        self.found = found
        self.outcome = outcome


class Recovery(StrEnum):
    """What was found of a build that was cut off, and done about it."""

    NOTHING = "nothing"
    DISCARDED = "discarded"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Changes:
    """How many files an installation wrote, left alone and removed, and what it found before."""

    written: int
    unchanged: int
    removed: int
    recovery: Recovery


@dataclass(frozen=True, slots=True)
class _Plan:
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


# Reading


def printable(text: str | Path) -> str:
    """The text with every character that a terminal would obey, or cannot show, written out as `\\x1b`."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in str(text)
    )


def is_plain(path: str) -> bool:
    """Whether a path is relative, written the one way, and leads nowhere but down."""
    parts = path.split("/")
    return not any(part in {"", ".", ".."} for part in parts) and not any(c in path for c in "\\\0")


def read_bytes(path: Path) -> bytes:
    """All bytes of a regular file. Raises InputError if it cannot be read."""
    try:
        if path.exists() and not path.is_file():
            raise InputError(printable(path), 1, "this is not a regular file", "a file that can be read")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        found = _reason(error) if isinstance(error, OSError) else printable(str(error))
        raise InputError(printable(path), 1, found, "a file that can be read") from error


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, its line ends as they are, without a byte order mark.

    Raises InputError, with the line, for a file that is empty, is not UTF-8 or holds NUL.
    """
    data = read_bytes(path)
    if not data.strip():
        raise InputError(printable(path), 1, "the file is empty", "text in UTF-8")
    return lines.join(lines.read(printable(path), data).lines)


def read_json(path: Path) -> object:
    """The value of a JSON file. Raises InputError for what is not JSON, NaN and repeated keys included."""
    text = read_text(path)
    try:
        return json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise InputError(printable(path), error.lineno, error.msg, "JSON") from error
    except (ValueError, RecursionError) as error:
        raise InputError(printable(path), 1, printable(str(error)), "JSON") from error


def read_toml(path: Path) -> dict[str, object]:
    """The table of a TOML file. Raises InputError for what is not TOML."""
    text = read_text(path)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        at = re.search(r"at line (\d+)", str(error))
        line = int(at[1]) if at else max(1, len(lines.split(text)))
        raise InputError(printable(path), line, printable(str(error)), "TOML 1.0") from error


def read_csv_rows(path: Path, columns: Sequence[str]) -> tuple[Row, ...]:
    """The rows of an authored CSV file whose header is `columns`, in that order.

    Empty lines are passed over. Raises InputError for a file that cannot be read or has another header,
    and InputErrors for all rows with too few or too many cells.
    """
    file = printable(path)
    records = _csv_records(file, read_text(path))
    line, header = next(records, (1, []))
    if header != list(columns):
        raise InputError(file, line, f"the header {_listed(header)}", f"the header {_listed(columns)}")
    rows, wrong = [], []
    for line, cells in records:
        if len(cells) == len(columns):
            rows.append(Row(file, line, dict(zip(columns, cells, strict=True))))
        else:
            wrong.append(InputError(file, line, f"{len(cells)} cells", f"{len(columns)}, as in the header"))
    if wrong:
        raise InputErrors(wrong)
    return tuple(rows)


def read_sources(raw: Path, refuse: Callable[[InputError], None]) -> tuple[tuple[str, bytes], ...]:
    """The exports in a folder as (file name, bytes), sorted by name; `record_id` gives their record ids.

    `refuse` is called for each entry that cannot be one: a name that cannot be a record id, a name that
    differs from another one only in case, a folder, a file that cannot be read. Entries that do not end in
    `.txt`, and hidden ones, are passed over. Raises InputError when there is no such folder.
    """
    try:
        names = sorted(n for n in os.listdir(raw) if n.endswith(".txt") and not n.startswith("."))
    except OSError as error:
        raise InputError(printable(raw), 1, _reason(error), "a folder of exports") from error
    sources = []
    for name in names:
        try:
            _check_source_name(raw, name, names)
            sources.append((name, read_bytes(raw / name)))
        except InputError as error:
            refuse(error)
    return tuple(sources)


def record_id(name: str) -> str:
    """The id of the record that a source file of this name holds: its stem."""
    return name.removesuffix(".txt")


def list_files(folder: Path) -> tuple[str, ...]:
    """The paths of all files under a folder, relative to it, with `/`, sorted.

    Symbolic links are listed as files and not followed. Raises InputError when the folder cannot be read.
    """
    try:
        return tuple(sorted(path for path, is_folder in _walk(folder, "") if not is_folder))
    except OSError as error:
        raise InputError(printable(folder), 1, _reason(error), "a folder that can be read") from error


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) < len(pairs):
        repeated = sorted(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise ValueError(f"repeated in one object: {', '.join(map(repr, repeated))}")
    return table


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number of JSON")


def _csv_records(file: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record of a CSV text that is not an empty line, with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise InputError(file, reader.line_num, str(error), "CSV, quotes closed and doubled") from error
        if cells is None:
            return
        if cells:
            yield line, cells
        line = reader.line_num + 1


def _listed(words: Sequence[str]) -> str:
    return printable(",".join(words)) or "of nothing"


def _check_source_name(raw: Path, name: str, names: Sequence[str]) -> None:
    shown = printable(raw / name)
    if SOURCE_NAME.fullmatch(name) is None:
        raise InputError(shown, 1, "the name of this file", "letters A-Z a-z, digits, . _ - and then .txt")
    twins = [other for other in names if other != name and other.casefold() == name.casefold()]
    if twins:
        found = f"the same record id, but for case, as {', '.join(map(printable, twins))}"
        raise InputError(shown, 1, found, "one file for a record id")


# Writing


def check_target(target: Path, *, owned: Sequence[str] = BUILT_PATHS, shared: bool = False) -> None:
    """Refuse, before any work, a target to which a package cannot be written.

    `shared` says that the target rightly holds other things too, as this repository does. Anywhere else,
    everything there must be owned, and come from a build: a folder that happens to have a `docs/` is not a
    package. Raises WriteError.
    """
    with _told(target, AS_IT_WAS):
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


def recover(target: Path, *, owned: Sequence[str] = PACKAGE_PATHS) -> Recovery:
    """Discard what a build cut off before its mark has left; finish one that was cut off after.

    To be called before anything in the target is read. Raises WriteError, also while another build is at
    work there, and InputError for a mark that no build wrote.
    """
    if not (is_unfinished(target) or os.path.lexists(target / LOCK)):
        return Recovery.NOTHING
    with _told(target, AS_IT_WAS), _alone(target):
        return _recover(target, owned)


def is_unfinished(target: Path) -> bool:
    """Whether a build is at work in the target or was cut off there."""
    return os.path.lexists(target / WORKSPACE)


def install(
    files: Mapping[str, bytes],
    target: Path,
    *,
    owned: Sequence[str] = BUILT_PATHS,
    shared: bool = False,
) -> Changes:
    """Make the owned paths of `target` hold exactly `files` (bytes by path, relative, with `/`).

    Files that are equal are left alone, owned files that are not in `files` removed. Until the mark stands,
    any failure leaves the old package as it was; after it, the next call finishes. For `shared` see
    `check_target`. Raises WriteError, and ValueError for a path that is not owned.
    """
    _check_names(files, owned)
    check_target(target, owned=owned, shared=shared)
    with _told(target, AS_IT_WAS), _folder(target), _alone(target):
        recovery = _recover(target, owned)
        check_target(target, owned=owned, shared=shared)
        if not shared:
            _check_same_package(files, target)
        plan = _compare(files, target, owned)
        if plan.put or plan.remove:
            _stage(files, plan, target, owned)
            _finish(plan, target, owned)
        else:
            _make_folders(files, target, owned)
    return Changes(len(plan.put), len(files) - len(plan.put), len(plan.remove), recovery)


def write_file(path: Path, data: bytes) -> None:
    """Write a file that belongs to no package, such as a report: whole or not at all. Raises WriteError."""
    if os.path.lexists(path) and not path.is_file():
        with _told(path, "nothing was written"):
            path.write_bytes(data)  # /dev/stdout, a pipe: nothing to rename onto
        return
    beside = path.with_name(f".{path.name}.part")
    with _told(path, "nothing was written"):
        try:
            beside.unlink(missing_ok=True)
            _write_new(beside, data, path)
            os.replace(beside, path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise


# What stands in the target


def _is_owned(path: str, owned: Iterable[str]) -> bool:
    return any(path.startswith(entry) if entry.endswith("/") else path == entry for entry in owned)


def _is_way(folder: str, owned: Iterable[str]) -> bool:
    """Whether a folder is not owned itself but holds owned paths."""
    return any(entry.startswith(folder + "/") for entry in owned)


def _parents(path: str) -> list[str]:
    """The folders above a path, outermost first, the target itself left out."""
    return [str(parent) for parent in reversed(PurePosixPath(path).parents)][1:]


def _walk(root: Path, folder: str) -> Iterator[tuple[str, bool]]:
    """Every entry under a folder of `root`, however deep: its path, and whether it is a folder."""
    waiting = [folder]
    while waiting:
        folder = waiting.pop()
        for path, is_folder in _entries(root, folder):
            if is_folder:
                waiting.append(path)
            yield path, is_folder


def _entries(root: Path, folder: str) -> list[tuple[str, bool]]:
    """What a folder of `root` holds; a symbolic link is never a folder."""
    with os.scandir(root / folder) as entries:
        found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    return [(f"{folder}/{name}" if folder else name, is_folder) for name, is_folder in found]


def _foreign(target: Path, folder: str, owned: Sequence[str]) -> Iterator[str]:
    """The entries that no build writes."""
    for path, is_folder in _entries(target, folder):
        if path in {WORKSPACE, LOCK} or _is_owned(path + "/" if is_folder else path, owned):
            continue
        if is_folder and _is_way(path, owned):
            yield from _foreign(target, path, owned)
        else:
            yield path + "/" if is_folder else path


def _is_package(target: Path) -> bool:
    return (target / DESCRIPTOR).is_file() or os.path.lexists(target / WORKSPACE / MARK)


def _present(target: Path, owned: Sequence[str]) -> _Present:
    """The owned files and folders. Raises WriteError for a link or a file where a folder should lead on."""
    files: set[str] = set()
    folders: set[str] = set()
    for entry in owned:
        path = entry.rstrip("/")
        _check_way(target, path, AS_IT_WAS)
        if not os.path.lexists(target / path):
            continue
        if not entry.endswith("/"):
            (folders if _is_folder(target / path) else files).add(path)
        elif _is_folder(target / path):
            folders.add(path)
            for inner, is_folder in _walk(target, path):
                (folders if is_folder else files).add(inner)
        else:
            files.add(path)
    return _Present(frozenset(files), frozenset(folders))


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _check_way(target: Path, path: str, outcome: str) -> None:
    """Refuse to write through a symbolic link, which may lead out of the target."""
    for parent in _parents(path):
        if os.path.lexists(target / parent) and not _is_folder(target / parent):
            raise WriteError(target / parent, "this is a link or a file", f"expected a folder; {outcome}")


def _check_names(files: Mapping[str, bytes], owned: Sequence[str]) -> None:
    wrong = sorted(path for path in files if not (is_plain(path) and _is_owned(path, owned)))
    inside = sorted(path for path in files if any(parent in files for parent in _parents(path)))
    if wrong or inside:
        raise ValueError(f"not paths that a build owns: {', '.join(wrong + inside)}")


def _check_same_package(files: Mapping[str, bytes], target: Path) -> None:
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


def _compare(files: Mapping[str, bytes], target: Path, owned: Sequence[str]) -> _Plan:
    """What has to come and to go."""
    there = _present(target, owned)
    needed = {parent for path in files for parent in _parents(path)}
    for path in sorted(there.files & needed):
        raise WriteError(target / path, "this is a link or a file", f"expected a folder; {AS_IT_WAS}")
    for path in sorted(there.folders & files.keys()):
        raise WriteError(target / path, "this is a folder", f"expected a file; {AS_IT_WAS}")
    put = [
        path for path in sorted(files) if not (path in there.files and _is_same(target / path, files[path]))
    ]
    return _Plan(tuple(put), tuple(sorted(there.files - files.keys())))


def _is_same(path: Path, data: bytes) -> bool:
    """Whether a regular file holds these bytes, with the mode that it ought to have."""
    found = os.lstat(path)
    if not stat.S_ISREG(found.st_mode) or stat.S_IMODE(found.st_mode) != FILE_MODE:
        return False
    return found.st_size == len(data) and path.read_bytes() == data


# The steps of an installation


def _stage(files: Mapping[str, bytes], plan: _Plan, target: Path, owned: Sequence[str]) -> None:
    """Complete the build in the workspace and mark it complete; on any failure, leave nothing of it."""
    workspace = target / WORKSPACE
    try:
        os.mkdir(workspace, 0o700)
        for number, path in enumerate(plan.put):
            _write_new(workspace / str(number), files[path], target / path)
        # Now, so that nothing after the mark needs room on the disk.
        _make_folders(files, target, owned)
        _check_folders(plan, target)
        _write_mark(plan, workspace)
        _sync_folder(target)
    except BaseException as error:
        try:
            _discard(target, owned)
        except OSError as second:
            error.add_note(f"what was begun could not be removed: {_reason(second)}; the next build will")
        raise


def _write_mark(plan: _Plan, workspace: Path) -> None:
    text = json.dumps({"put": plan.put, "remove": plan.remove}, ensure_ascii=True, indent=1)
    part = workspace / f"{MARK}.part"
    _write_new(part, text.encode(), part)
    # The staged files' names must be on the disk before the mark that counts on them.
    _sync_folder(workspace)
    os.replace(part, workspace / MARK)
    _sync_folder(workspace)


def _read_mark(workspace: Path, owned: Sequence[str]) -> _Plan:
    """The plan that a mark holds. Raises InputError unless a build of this package can have written it."""
    value = read_json(workspace / MARK)
    match value:
        case {"put": [*put], "remove": [*remove]}:
            paths = [*put, *remove]
            if all(isinstance(path, str) and is_plain(path) and _is_owned(path, owned) for path in paths):
                return _Plan(tuple(put), tuple(remove))
    expected = f"the paths of a build that was cut off; if there was none, remove {printable(workspace)}"
    raise InputError(printable(workspace / MARK), 1, "other things than paths of this package", expected)


def _recover(target: Path, owned: Sequence[str]) -> Recovery:
    workspace = target / WORKSPACE
    if not os.path.lexists(workspace):
        return Recovery.NOTHING
    if _is_folder(workspace) and os.path.lexists(workspace / MARK):
        _finish(_read_mark(workspace, owned), target, owned)
        return Recovery.FINISHED
    _discard(target, owned)
    return Recovery.DISCARDED


def _finish(plan: _Plan, target: Path, owned: Sequence[str]) -> None:
    """Do what the mark says, or the rest of it: every step may have been done before."""
    with _told(target, HALF):
        for path in plan.remove:
            _check_way(target, path, HALF)
            _remove(target / path)
        before = [(number, path) for number, path in enumerate(plan.put) if path != DESCRIPTOR]
        after = [(number, path) for number, path in enumerate(plan.put) if path == DESCRIPTOR]
        for number, path in before:
            _put(target, number, path)
        for folder in plan.folders():
            if os.path.lexists(target / folder):
                _sync_folder(target / folder)
        for number, path in after:
            _put(target, number, path)
            _sync_folder(target)
    with _told(target, WHOLE):
        _discard(target, owned)


def _put(target: Path, number: int, path: str) -> None:
    """Rename a staged file into place, unless that was done."""
    _check_way(target, path, HALF)
    staged = target / WORKSPACE / str(number)
    if os.path.lexists(staged):
        with _at(target / path):
            os.replace(staged, target / path)
    elif not os.path.lexists(target / path):
        raise WriteError(target / path, "neither there nor among the staged files", HALF)


def _discard(target: Path, owned: Sequence[str]) -> None:
    """Remove the mark, folders in which nothing stands, and the workspace last: it calls for all this."""
    workspace = target / WORKSPACE
    if _is_folder(workspace):
        _remove(workspace / MARK)
    _prune(target, owned)
    if _is_folder(workspace):
        shutil.rmtree(workspace)
    else:
        _remove(workspace)
    _sync_folder(target)


def _prune(target: Path, owned: Sequence[str]) -> None:
    """Remove empty folders among the owned ones, and those above them."""
    empty: set[str] = set()
    for entry in owned:
        folders = _parents(entry + "x")  # of `data/csv/`: data, data/csv
        there = list(takewhile(lambda folder: _is_folder(target / folder), folders))
        empty.update(there)
        if entry.endswith("/") and there == folders:
            empty.update(path for path, is_folder in _walk(target, folders[-1]) if is_folder)
    for folder in sorted(empty, reverse=True):
        if not os.listdir(target / folder):
            os.rmdir(target / folder)


def _make_folders(files: Iterable[str], target: Path, owned: Sequence[str]) -> None:
    """Make the folders that the files need, with their mode whatever the umask."""
    for folder in sorted({parent for path in files for parent in _parents(path)}):
        path = target / folder
        is_new = not os.path.lexists(path)
        if is_new:
            os.mkdir(path)
        if is_new or (_is_owned(folder + "/", owned) and stat.S_IMODE(os.lstat(path).st_mode) != FOLDER_MODE):
            os.chmod(path, FOLDER_MODE)
        if is_new:
            _sync_folder(path.parent)


def _check_folders(plan: _Plan, target: Path) -> None:
    """Refuse folders in which a rename would fail after the mark."""
    for folder in plan.folders():
        path = target / folder
        if not os.access(path, os.W_OK | os.X_OK):
            raise WriteError(path, "this folder cannot be written to", AS_IT_WAS)
        if path.stat().st_dev != target.stat().st_dev:
            raise WriteError(path, f"this folder is on another file system than {target}", AS_IT_WAS)


def _write_new(path: Path, data: bytes, told: Path) -> None:
    """Write a new file to the disk; an error speaks of `told`, the path that the file is for."""
    with _at(told):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fchmod(descriptor, FILE_MODE)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _remove(path: Path) -> None:
    if os.path.lexists(path):
        os.unlink(path)


def _sync_folder(path: Path) -> None:
    with _at(path):
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
def _folder(target: Path) -> Iterator[None]:
    """Make the target if it is not there, and take it away again if nothing came to stand in it."""
    missing = [path for path in (target, *target.parents) if not os.path.lexists(path)]
    try:
        for path in reversed(missing):
            path.mkdir(exist_ok=True)
            os.chmod(path, FOLDER_MODE)
            _sync_folder(path.parent)
        yield
    finally:
        for path in missing:
            if path.is_dir() and not os.listdir(path):
                os.rmdir(path)


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Hold the target's lock. Raises WriteError, which names the holder, when another process has it."""
    path = target / LOCK
    descriptor = _take(path, target)
    try:
        with _at(path):
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}".encode())
        yield
    finally:
        with _told(path, LEFT):
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


# Errors


def _reason(error: OSError) -> str:
    """What the system says of an error, and the name by which it can be looked up."""
    if error.errno is None:
        return printable(str(error))
    return f"{os.strerror(error.errno)} ({errno.errorcode.get(error.errno, error.errno)})"


@contextmanager
def _at(path: Path) -> Iterator[None]:
    """Let errors of the system name this path, and not the number under which it is staged."""
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        raise


@contextmanager
def _told(target: Path, outcome: str) -> Iterator[None]:
    """Turn errors of the system into ones that say where they arose and how the package stands."""
    try:
        yield
    except OSError as error:
        notes = "".join(f"; {note}" for note in getattr(error, "__notes__", ()))
        raise WriteError(error.filename or target, _reason(error) + notes, outcome) from error
