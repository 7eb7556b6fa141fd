"""The archive of a release, and the rule of what is in it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from cables import files, ids
from cables.checks.fair.files_of_release import ABOUT, BODY, LICENCES, LOCK, PACKAGE, SUMS, VERIFIER
from cables.checks.fair.rules import missing, rule
from cables.checks.fair.sums import wrong_sums
from cables.checks.fair.values import described, dig, json_of, record_ids, sha256
from cables.checks.loaded import Finding, Package, Unreadable, shown

INPUTS = "inputs/"
# Everything that a build needs.
NEEDED = (
    "package.toml",
    "pyproject.toml",
    "requirements.lock",
    "data/raw/",
    "data/vocabulary/",
    "data/curation/",
    "schemas/",
    "scripts/",
    "templates/",
)
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
UNIX = 3
FILE_MODE = 0o100644
LARGEST = 2 * 1024**3
# In bytes: what the usual file systems hold, and room for the folder that it is unpacked in.
LONGEST_NAME = 255
LONGEST_PATH = 1024


class Damaged(Exception):
    """What is no archive as a release has it."""


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive: its entries in order, and the bytes of each file by its path."""

    name: str
    entries: tuple[zipfile.ZipInfo, ...]
    comment: bytes
    content: Mapping[str, bytes]


def name_of(package: Package) -> str:
    """What the archive of a release is called."""
    return f"{dig(described(package), 'name')}-{dig(described(package), 'version')}.zip"


@lru_cache(maxsize=2)
def read(name: str, data: bytes) -> Archive:
    """An archive from its bytes. Raises Damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as zipped:
            entries = tuple(zipped.infolist())
            _check_form(entries)
            return Archive(name, entries, zipped.comment, {one.filename: zipped.read(one) for one in entries})
    # What zipfile does not know of the format it calls a RuntimeError.
    except (zipfile.BadZipFile, RuntimeError, ValueError, EOFError) as error:
        raise Damaged(files.printable(str(error))) from error


def _check_form(entries: tuple[zipfile.ZipInfo, ...]) -> None:
    """Refuse what is packed, for no release packs, and packed it may be of any size; and names that no folder
    can hold side by side.
    """
    for one in entries:
        if one.compress_type != zipfile.ZIP_STORED:
            raise Damaged(f"{files.printable(one.filename)} is packed")
        if not files.is_plain(one.filename):
            raise Damaged(f"an entry {shown(one.filename)}")
        if not _fits(one.filename):
            raise Damaged(f"a name too long for a file, {shown(one.filename)}")
    names = {one.filename for one in entries}
    for name in sorted(names):
        if above := names.intersection(map(str, PurePosixPath(name).parents)):
            raise Damaged(f"{files.printable(min(above))} as a file, and {shown(name)} within it")
    if sum(one.file_size for one in entries) > LARGEST:
        raise Damaged(f"more than {LARGEST} bytes")


def _fits(path: str) -> bool:
    return len(path.encode()) <= LONGEST_PATH and all(
        len(part.encode()) <= LONGEST_NAME for part in path.split("/")
    )


def archive_of(package: Package) -> Archive:
    """The archive of a release. Raises Unreadable where there is none that can be read."""
    name = name_of(package)
    try:
        if name not in package.files:
            raise Damaged("no such file")
        return read(name, package.files[name])
    except Damaged as error:
        raise Unreadable(f"{name}: {error}") from error


def inputs_of(package: Package) -> dict[str, bytes]:
    """The inputs by their paths in a repository. Raises Unreadable where there is no archive."""
    found = archive_of(package)
    start = f"{found.name.removesuffix('.zip')}/{INPUTS}"
    return {path.removeprefix(start): data for path, data in found.content.items() if path.startswith(start)}


@contextmanager
def unpacked(content: Mapping[str, bytes]) -> Iterator[Path]:
    """A folder with some files in it, for as long as it is needed."""
    with TemporaryDirectory(prefix="release-") as place:
        folder = Path(place)
        for path, data in content.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        yield folder


# --- the rule ----------------------------------------------------------------------------------------


@rule("archive")
def archive(package: Package) -> Iterator[Finding]:
    name = name_of(package)
    if name not in package.files:
        yield missing(name, "no such file", "the archive of the release")
        return
    try:
        found = read(name, package.files[name])
    except Damaged as error:
        yield missing(name, str(error), "a zip archive of plain files, none of them packed")
        return
    yield from _entries(found)
    yield from _flat_files(package, found)
    yield from _inputs(package, found)
    yield from _about(package, found)


def _entries(found: Archive) -> Iterator[Finding]:
    """Nothing of when, where and by whom the archive was made, and each file once."""
    if found.comment:
        yield missing(found.name, "a comment", "none")
    if len(found.content) < len(found.entries):
        yield missing(found.name, "a file twice", "every file once")
    for one in found.entries:
        made = (one.date_time, one.create_system, one.external_attr)
        if made != (FIRST_DAY, UNIX, FILE_MODE << 16) or one.extra or one.comment:
            found_ = f"{one.filename} with a date, mode, system or words of its own"
            yield missing(found.name, found_, "1980-01-01, 0644, Unix")


def _flat_files(package: Package, found: Archive) -> Iterator[Finding]:
    """Every file of the release but those that tell of the archive, and none besides but the inputs."""
    folder = found.name.removesuffix(".zip") + "/"
    flat = {name: data for name, data in package.files.items() if name not in (found.name, SUMS, ABOUT)}
    for name, data in flat.items():
        if found.content.get(folder + name) != data:
            yield missing(found.name, f"no {name}, or another", f"{name} as it stands beside it")
    for path in found.content:
        name = path.removeprefix(folder)
        if not name.startswith(INPUTS) and (name == path or name not in {*flat, SUMS, BODY}):
            yield missing(found.name, f"the file {shown(path)}", "the files beside it, and the inputs")
    within = {path.removeprefix(folder): data for path, data in found.content.items()}
    for finding in wrong_sums(within, apart=()):
        yield missing(found.name, f"{finding.file}: {finding.found}", finding.expected)


def _inputs(package: Package, found: Archive) -> Iterator[Finding]:
    """All that a build needs, and of what stands beside the archive as it was authored the same."""
    own = inputs_of(package)
    for path in NEEDED:
        if not any(one.startswith(path) for one in own):
            yield missing(found.name, f"no {INPUTS}{path}", "everything that a build needs")
    sources = {f"{one}.txt": ids.raw_path(one) for one in record_ids(package)}
    authored = {VERIFIER: f"templates/{VERIFIER}", **sources}
    for name in (*LICENCES.values(), PACKAGE, LOCK, *authored):
        path = authored.get(name, name)
        if name in package.files and own.get(path) != package.files[name]:
            yield missing(found.name, f"no {INPUTS}{path}, or another", f"{name} as it stands beside it")


def _about(package: Package, found: Archive) -> Iterator[Finding]:
    data = package.files[found.name]
    about = dig(json_of(package, ABOUT), "archive")
    expected = {"path": found.name, "bytes": len(data), "sha256": sha256(data)}
    if about != expected:
        yield missing(ABOUT, f"archive {shown(about)}", shown(expected))
