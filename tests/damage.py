"""Damage that a file describes, done to a freshly built package.

`damage.toml` names rows by the values of some columns, so that it does not rot when other rows come or go:

    why = "what is wrong, in a sentence"
    restamp = false             # leave sizes and hashes as they were (default: they are made to agree)
    locked = "0.0.0"            # the version of polars that counts as the locked one
    [[cell]]                    # the first such row; without a value the cell is emptied
    table, row, column, value
    [[drop]] / [[repeat]]       # every such row
    table, row
    [[swap]]                    # the first such row and the one after it
    table, row
    [[replace]]                 # the first place of `old` in a file
    path, old, new
    [[write]] / [[remove]]      # a whole file
    path, text
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from cables import inputs, package
from cables.checks import loaded, mutants
from cables.checks.loaded import Package, Repository
from cables.inputs import Inputs, Places
from cables.package import Build

Frames = dict[str, pl.DataFrame]
Files = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Fresh:
    """A package as it is just built from the project's own source, with the inputs that it carries."""

    known: Repository
    given: Inputs
    made: Build

    @property
    def files(self) -> Files:
        """All its files by path."""
        return {**self.given.carried, **self.made.files}

    def in_memory(self) -> Package:
        """The package as its frames say it."""
        return loaded.of_frames(self.known, self.made.frames, inputs.REPOSITORY, self.files)


def fresh() -> Fresh:
    """Builds the package."""
    given = inputs.read(Places())
    return Fresh(loaded.repository(), given, package.build(given))


@dataclass(frozen=True, slots=True)
class Damage:
    """What is done to a package."""

    said: Mapping[str, Any]

    @property
    def in_files(self) -> bool:
        """Whether it can be seen in the files alone, not in the tables."""
        return any(key in self.said for key in ("replace", "write", "remove"))

    def repository(self, known: Repository) -> Repository:
        """What is known of packages, where the damage is done to that."""
        return dataclasses.replace(known, locked=self.said.get("locked", known.locked))

    def frames(self, whole: Mapping[str, pl.DataFrame]) -> Frames:
        """The tables after the damage; those that are as they were are left out."""
        found: Frames = {}
        for kind, change in self._of("drop", "repeat", "swap", "cell"):
            name = change["table"]
            frame = found.get(name, whole[name])
            found[name] = _changed(kind, frame, change, rows_like(frame, change["row"]))
        return found

    def files(self, whole: Files, frames: Mapping[str, pl.DataFrame]) -> Files:
        """The files after the damage; `frames` are those of the undamaged package."""
        changed = {**frames, **self.frames(frames)}
        found = mutants.rewritten(whole, changed) if self.frames(frames) else dict(whole)
        for kind, change in self._of("replace", "write", "remove"):
            path = change["path"]
            if kind == "write":
                found[path] = change["text"].encode()
            elif kind == "remove":
                del found[path]
            else:
                assert change["old"].encode() in found[path], f"{path} does not hold {change['old']!r}"
                found[path] = found[path].replace(change["old"].encode(), change["new"].encode(), 1)
        return mutants.restamped(found, changed) if self.restamps else found

    @property
    def restamps(self) -> bool:
        """Whether sizes and hashes are made to agree."""
        told = {change["path"] for _, change in self._of("replace", "write")}
        return bool(self.said.get("restamp", "datapackage.json" not in told))

    def _of(self, *kinds: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        return ((kind, change) for kind in kinds for change in self.said.get(kind, ()))


def read(path: Path) -> Damage:
    """The damage that a file describes."""
    return Damage(tomllib.loads(path.read_text(encoding="utf-8")))


def rows_like(frame: pl.DataFrame, row: Mapping[str, Any]) -> list[int]:
    """The rows that hold these values; one at least."""
    found = frame.select(pl.all_horizontal(pl.col(column) == value for column, value in row.items()))
    indexes = found.to_series().arg_true().to_list()
    assert indexes, f"no row {dict(row)}"
    return indexes


def _changed(kind: str, frame: pl.DataFrame, change: Mapping[str, Any], rows: list[int]) -> pl.DataFrame:
    if kind == "cell":
        return mutants.with_cell(frame, rows[0], change["column"], change.get("value"))
    order = list(range(frame.height))
    if kind == "drop":
        return frame[[index for index in order if index not in rows]]
    if kind == "repeat":
        return frame[sorted([*order, *rows])]
    order[rows[0]], order[rows[0] + 1] = order[rows[0] + 1], order[rows[0]]
    return frame[order]


def write(files: Mapping[str, bytes], folder: Path) -> None:
    """Writes a package, however damaged."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
