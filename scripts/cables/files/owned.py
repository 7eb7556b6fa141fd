"""The paths that a build writes and may remove, and how a path is written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

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


def is_plain(path: str) -> bool:
    """Whether a path is relative, written the one way, and leads nowhere but down."""
    parts = path.split("/")
    return not any(part in {"", ".", ".."} for part in parts) and not any(c in path for c in "\\\0")


def is_owned(path: str, owned: Iterable[str]) -> bool:
    """Whether one of the owned paths is this one, or a folder around it."""
    return any(path.startswith(entry) if entry.endswith("/") else path == entry for entry in owned)


def is_way(folder: str, owned: Iterable[str]) -> bool:
    """Whether a folder is not owned itself but holds owned paths."""
    return any(entry.startswith(folder + "/") for entry in owned)


def parents(path: str) -> list[str]:
    """The folders above a path, outermost first, the target itself left out."""
    return [str(parent) for parent in reversed(PurePosixPath(path).parents)][1:]
