"""A package written whole or not at all, and recovery of a build that was cut off.

A build is completed in `.build-unfinished/` inside its target, on the same file system: every file is
written and synced under a number, then a mark says which path each number is for and which paths go. Only
then are they renamed into place, `datapackage.json` last. Whoever comes to the target next discards what
has no mark and finishes what has one, so that a reader finds the old package or the new one. One builder at
a time holds `.build-lock`.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile
from pathlib import Path

from cables.files.disk import FOLDER_MODE, LOCK, alone, remove_if_there, standing, sync_folder, write_new
from cables.files.errors import AS_IT_WAS, HALF, WHOLE, WriteError, at, printable, reason, told
from cables.files.folders import is_real_folder, walk
from cables.files.owned import BUILT_PATHS, DESCRIPTOR, PACKAGE_PATHS, is_owned, is_plain, parents
from cables.files.reading import read_json
from cables.files.target import (
    MARK,
    WORKSPACE,
    Plan,
    check_names,
    check_same_package,
    check_target,
    check_way,
    compare,
    is_unfinished,
)
from cables.model import InputError


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


def recover(target: Path, *, owned: Sequence[str] = PACKAGE_PATHS) -> Recovery:
    """Discard what a build cut off before its mark has left; finish one that was cut off after.

    To be called before anything in the target is read. Raises WriteError, also while another build is at
    work there, and InputError for a mark that no build wrote.
    """
    if not (is_unfinished(target) or os.path.lexists(target / LOCK)):
        return Recovery.NOTHING
    with told(target, AS_IT_WAS), alone(target):
        return _recover(target, owned)


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
    check_names(files, owned)
    check_target(target, owned=owned, shared=shared)
    with told(target, AS_IT_WAS), standing(target), alone(target):
        recovery = _recover(target, owned)
        check_target(target, owned=owned, shared=shared)
        if not shared:
            check_same_package(files, target)
        plan = compare(files, target, owned)
        if plan.put or plan.remove:
            _stage(files, plan, target, owned)
            _finish(plan, target, owned)
        else:
            _make_folders(files, target, owned)
    return Changes(len(plan.put), len(files) - len(plan.put), len(plan.remove), recovery)


def _recover(target: Path, owned: Sequence[str]) -> Recovery:
    workspace = target / WORKSPACE
    if not os.path.lexists(workspace):
        return Recovery.NOTHING
    if is_real_folder(workspace) and os.path.lexists(workspace / MARK):
        _finish(_read_mark(workspace, owned), target, owned)
        return Recovery.FINISHED
    _discard(target, owned)
    return Recovery.DISCARDED


def _stage(files: Mapping[str, bytes], plan: Plan, target: Path, owned: Sequence[str]) -> None:
    """Complete the build in the workspace and mark it complete; on any failure, leave nothing of it."""
    workspace = target / WORKSPACE
    try:
        os.mkdir(workspace, 0o700)
        for number, path in enumerate(plan.put):
            write_new(workspace / str(number), files[path], target / path)
        # Now, so that nothing after the mark needs room on the disk.
        _make_folders(files, target, owned)
        _check_folders(plan, target)
        _write_mark(plan, workspace)
        sync_folder(target)
    except BaseException as error:
        try:
            _discard(target, owned)
        except OSError as second:
            error.add_note(f"what was begun could not be removed: {reason(second)}; the next build will")
        raise


def _write_mark(plan: Plan, workspace: Path) -> None:
    text = json.dumps({"put": plan.put, "remove": plan.remove}, ensure_ascii=True, indent=1)
    part = workspace / f"{MARK}.part"
    write_new(part, text.encode(), part)
    # The staged files' names must be on the disk before the mark that counts on them.
    sync_folder(workspace)
    os.replace(part, workspace / MARK)
    sync_folder(workspace)


def _read_mark(workspace: Path, owned: Sequence[str]) -> Plan:
    """The plan that a mark holds. Raises InputError unless a build of this package can have written it."""
    value = read_json(workspace / MARK)
    match value:
        case {"put": [*put], "remove": [*remove]}:
            paths = [*put, *remove]
            if all(isinstance(path, str) and is_plain(path) and is_owned(path, owned) for path in paths):
                return Plan(tuple(put), tuple(remove))
    expected = f"the paths of a build that was cut off; if there was none, remove {printable(workspace)}"
    raise InputError(printable(workspace / MARK), 1, "other things than paths of this package", expected)


def _finish(plan: Plan, target: Path, owned: Sequence[str]) -> None:
    """Do what the mark says, or the rest of it: every step may have been done before."""
    with told(target, HALF):
        for path in plan.remove:
            check_way(target, path, HALF)
            remove_if_there(target / path)
        before = [(number, path) for number, path in enumerate(plan.put) if path != DESCRIPTOR]
        after = [(number, path) for number, path in enumerate(plan.put) if path == DESCRIPTOR]
        for number, path in before:
            _put(target, number, path)
        for folder in plan.folders():
            if os.path.lexists(target / folder):
                sync_folder(target / folder)
        for number, path in after:
            _put(target, number, path)
            sync_folder(target)
    with told(target, WHOLE):
        _discard(target, owned)


def _put(target: Path, number: int, path: str) -> None:
    """Rename a staged file into place, unless that was done."""
    check_way(target, path, HALF)
    staged = target / WORKSPACE / str(number)
    if os.path.lexists(staged):
        with at(target / path):
            os.replace(staged, target / path)
    elif not os.path.lexists(target / path):
        raise WriteError(target / path, "neither there nor among the staged files", HALF)


def _discard(target: Path, owned: Sequence[str]) -> None:
    """Remove the mark, folders in which nothing stands, and the workspace last: it calls for all this."""
    workspace = target / WORKSPACE
    if is_real_folder(workspace):
        remove_if_there(workspace / MARK)
    _prune(target, owned)
    if is_real_folder(workspace):
        shutil.rmtree(workspace)
    else:
        remove_if_there(workspace)
    sync_folder(target)


def _prune(target: Path, owned: Sequence[str]) -> None:
    """Remove empty folders among the owned ones, and those above them."""
    empty: set[str] = set()
    for entry in owned:
        folders = parents(entry + "x")  # of `data/csv/`: data, data/csv
        there = list(takewhile(lambda folder: is_real_folder(target / folder), folders))
        empty.update(there)
        if entry.endswith("/") and there == folders:
            empty.update(path for path, is_folder in walk(target, folders[-1]) if is_folder)
    for folder in sorted(empty, reverse=True):
        if not os.listdir(target / folder):
            os.rmdir(target / folder)


def _make_folders(files: Iterable[str], target: Path, owned: Sequence[str]) -> None:
    """Make the folders that the files need, with their mode whatever the umask."""
    for folder in sorted({parent for path in files for parent in parents(path)}):
        path = target / folder
        is_new = not os.path.lexists(path)
        if is_new:
            os.mkdir(path)
        if is_new or (is_owned(folder + "/", owned) and stat.S_IMODE(os.lstat(path).st_mode) != FOLDER_MODE):
            os.chmod(path, FOLDER_MODE)
        if is_new:
            sync_folder(path.parent)


def _check_folders(plan: Plan, target: Path) -> None:
    """Refuse folders in which a rename would fail after the mark."""
    for folder in plan.folders():
        path = target / folder
        if not os.access(path, os.W_OK | os.X_OK):
            raise WriteError(path, "this folder cannot be written to", AS_IT_WAS)
        if path.stat().st_dev != target.stat().st_dev:
            raise WriteError(path, f"this folder is on another file system than {target}", AS_IT_WAS)
