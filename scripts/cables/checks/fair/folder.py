"""A release as it lies flat in a folder, read once."""

from __future__ import annotations

import io
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import polars as pl

from cables import files, ids
from cables.checks.fair.archive import inputs_of, unpacked
from cables.checks.fair.files_of_release import ABOUT, DESCRIPTOR, SUMS
from cables.checks.fair.values import parsed, record_ids
from cables.checks.loaded import Fault, Finding, Package, Repository, Sheet, Unreadable, sheet_of
from cables.checks.registry import Verdict
from cables.model import InputError
from cables.schemas import Table


def is_release(folder: Path) -> bool:
    """Whether a folder holds a release and not a package: one of two files that only a release has."""
    return any((folder / name).is_file() for name in (SUMS, ABOUT))


def load(folder: Path, known: Repository) -> Package:
    """Reads a release. Raises InputError only where the folder itself cannot be read."""
    faults: list[Fault] = []
    found: dict[str, bytes] = {}
    for name in files.list_files(folder):
        try:
            if (folder / name).is_symlink():
                raise InputError(name, 1, "a symbolic link", "a file")
            found[name] = files.read_bytes(folder / name)
        except InputError as error:
            faults.append(Fault("fair-flat", Finding(name, 1, error.found, error.expected)))
    return of_files(folder, known, found, faults)


def of_files(
    folder: Path, known: Repository, content: Mapping[str, bytes], before: Iterable[Fault] = ()
) -> Package:
    """A release from its files by name; `before` was met on reading them."""
    faults = list(before)
    sheets, parquet = {}, {}
    for table in known.tables:
        sheet = read_sheet(table, content, faults)
        if sheet is not None:
            sheets[table.name] = sheet
        frame = _parquet(f"{table.name}.parquet", content, faults)
        if frame is not None:
            parquet[table.name] = frame
    value = parsed(content.get(DESCRIPTOR, b""))
    own = value if isinstance(value, dict) else None
    return Package(folder, known, content, sheets, parquet, {}, own, tuple(faults))


def read_sheet(table: Table, content: Mapping[str, bytes], faults: list[Fault]) -> Sheet | None:
    """A table from the CSV of a release; None where there is none that can be read."""
    name = f"{table.name}.csv"
    if name not in content:
        faults.append(Fault("fair-tables", Finding(name, 1, "no such file", "the CSV of a table")))
        return None
    met: list[Fault] = []
    sheet = sheet_of(table, content[name], met)
    faults += [Fault("fair-tables", replace(one.finding, file=name)) for one in met]
    return sheet


def _parquet(name: str, content: Mapping[str, bytes], faults: list[Fault]) -> pl.DataFrame | None:
    try:
        if name not in content:
            raise ValueError("no such file")
        return pl.read_parquet(io.BytesIO(content[name]), use_pyarrow=True)
    except Exception as error:  # a damaged file makes the reader raise almost anything
        said = files.printable(str(error).split("\n")[0])
        faults.append(Fault("fair-parquet-same", Finding(name, 1, said, "a Parquet file")))
        return None


@contextmanager
def placed(package: Package) -> Iterator[Package]:
    """The release as a package has it: its sources, and from its archive the vocabulary and decisions."""
    own = {ids.raw_path(one): f"{one}.txt" for one in record_ids(package)}
    sources = {path: package.files[name] for path, name in own.items() if name in package.files}
    try:
        carried = inputs_of(package)
    except Unreadable:  # which a check of the archive tells
        yield replace(package, files=sources)
        return
    known = {path: data for path, data in carried.items() if path.startswith("data/")}
    with unpacked(known) as folder:
        yield replace(package, folder=folder, files={**known, **sources})


def flat_findings(verdict: Verdict) -> Verdict:
    """A verdict on a package, its findings on files as a release calls them."""
    found = tuple(replace(one, file=posixpath.basename(one.file)) for one in verdict.findings)
    return replace(verdict, findings=found)


def flat_reason(verdict: Verdict) -> Verdict:
    """A verdict that calls tables as a release does where it says why it was not run."""
    reason = verdict.reason.replace("data/csv/", "") if verdict.reason is not None else None
    return replace(verdict, reason=reason)
