"""What stands in a folder, however deep; a symbolic link is listed and never followed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from cables.files.errors import printable, reason
from cables.model import InputError


def walk(root: Path, folder: str) -> Iterator[tuple[str, bool]]:
    """Every entry under a folder of `root`, however deep: its path, and whether it is a folder."""
    waiting = [folder]
    while waiting:
        folder = waiting.pop()
        for path, is_folder in listing(root, folder):
            if is_folder:
                waiting.append(path)
            yield path, is_folder


def listing(root: Path, folder: str) -> list[tuple[str, bool]]:
    """What a folder of `root` holds; a symbolic link is never a folder."""
    with os.scandir(root / folder) as entries:
        found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    return [(f"{folder}/{name}" if folder else name, is_folder) for name, is_folder in found]


def list_files(folder: Path) -> tuple[str, ...]:
    """The paths of all files under a folder, relative to it, with `/`, sorted.

    Symbolic links are listed as files and not followed. Raises InputError when the folder cannot be read.
    """
    try:
        return tuple(sorted(path for path, is_folder in walk(folder, "") if not is_folder))
    except OSError as error:
        raise InputError(printable(folder), 1, reason(error), "a folder that can be read") from error


def is_real_folder(path: Path) -> bool:
    """Whether this is a folder and no link to one."""
    return path.is_dir() and not path.is_symlink()
