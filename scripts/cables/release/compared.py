"""Packages as their releases have them, so that they can be compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from cables import diff, files
from cables.checks.loaded import package_files
from cables.release.names import SUMS, flat_names

RAW = "data/raw/"


def comparable(path: Path) -> diff.Release:
    """The release in a folder or archive; the package in a folder, as its release will be.

    Raises InputError for what is neither.
    """
    found = diff.read(path)
    if path.is_dir() and not (path / SUMS).is_file():
        return as_released(found, package_files(path))
    return found


def as_released(package: diff.Release, paths: Iterable[str]) -> diff.Release:
    """A package of some paths as its release has it: of very many records some files are left out."""
    named = flat_names(path for path in paths if _is_released(path))
    return replace(package, files={name: one for name, one in package.files.items() if one.path in named})


def _is_released(path: str) -> bool:
    return files.is_owned(path, files.BUILT_PATHS) or (path.startswith(RAW) and path.endswith(".txt"))
