"""A release folder as a deposit needs it: flat, whole, and true to its own list of hashes."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from cables.deposit.errors import DepositError
from cables.deposit.packagefile import Doi, dois_in, same_doi
from cables.deposit.servers import Server

DESCRIPTOR = "datapackage.json"
BODY = "inveniordm.json"
HASHES = "SHA256SUMS"
# Read here and sent as the description of the record, not as a file of it.
EXCLUDED = (BODY,)

# What Zenodo takes in one record: files, and bytes of all of them together.
MOST_FILES = 100
MOST_BYTES = 50 * 10**9
BLOCK = 1 << 20
# How deep archives may be packed in archives.
DEPTH = 4
# They try what the sandbox gives, so they have to name it; nobody takes them for words of the release.
TESTS = re.compile(r"[^/]+/inputs/tests/")
GZIP = b"\x1f\x8b\x08"

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_HASH_LINE = re.compile(r"(?P<hash>[0-9a-f]{64})  (?P<name>.+)")
SANDBOX_PREFIX = "10.5072/"


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """A file to deposit: its key, where it is, its bytes counted, and its hashes in lower-case hex."""

    name: str
    path: Path
    size: int
    md5: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Release:
    """A whole release. `manifest` is the SHA-256 of its SHA256SUMS and so stands for every byte of it.

    `descriptor` is the text of its datapackage.json.
    """

    folder: Path
    name: str
    version: str
    files: tuple[ReleaseFile, ...]
    body: Mapping[str, Any]
    manifest: str
    descriptor: str

    @property
    def size(self) -> int:
        """Bytes to deposit."""
        return sum(file.size for file in self.files)


def _paths(folder: Path) -> list[Path]:
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise DepositError(f"{folder}: {error.strerror}, expected a release folder") from None
    for path in paths:
        if path.is_symlink() or not path.is_file():
            raise DepositError(f"{path}: not a plain file, expected a flat folder of files")
        if not _NAME.fullmatch(path.name):
            raise DepositError(f"{path}: the name has other characters than A-Z a-z 0-9 . _ -")
    names = {path.name.lower(): path for path in paths}
    for path in paths:
        if names[path.name.lower()] is not path:
            raise DepositError(f"{path}: differs from {names[path.name.lower()].name} by letter case alone")
    return paths


def _hashed(path: Path) -> ReleaseFile:
    md5 = hashlib.md5(usedforsecurity=False)
    sha256 = hashlib.sha256()
    size = 0
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                md5.update(block)
                sha256.update(block)
                size += len(block)
    except OSError as error:
        raise DepositError(f"{path}: {error.strerror}") from None
    return ReleaseFile(path.name, path, size, md5.hexdigest(), sha256.hexdigest())


def _listed(path: Path) -> dict[str, str]:
    listed: dict[str, str] = {}
    try:
        lines = path.read_text("ascii").splitlines()
    except OSError as error:
        raise DepositError(f"{path}: {error.strerror}, expected the hashes of the release") from None
    except UnicodeDecodeError:
        raise DepositError(f"{path}: not ASCII, expected lines of hash, two spaces, name") from None
    for number, line in enumerate(lines, 1):
        match = _HASH_LINE.fullmatch(line)
        if match is None or match["name"] in listed or match["name"] == HASHES:
            raise DepositError(
                f"{path}:{number}: {line!r}, expected hash, two spaces and a name not yet listed"
            )
        listed[match["name"]] = match["hash"]
    return listed


def _check_hashes(folder: Path, files: list[ReleaseFile]) -> None:
    listed = _listed(folder / HASHES)
    there = {file.name: file for file in files if file.name != HASHES}
    wrong = [
        f"{folder / name}: sha256 {there[name].sha256}, expected {listed[name]} as {HASHES} says"
        for name in sorted(there.keys() & listed.keys())
        if there[name].sha256 != listed[name]
    ]
    wrong += [
        f"{folder / name}: in {HASHES}, not in the folder" for name in sorted(listed.keys() - there.keys())
    ]
    wrong += [
        f"{folder / name}: not in {HASHES}" for name in sorted(there.keys() - listed.keys() - set(EXCLUDED))
    ]
    if wrong:
        raise DepositError("\n".join(wrong))


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise DepositError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise DepositError(f"{path}: byte {error.start} is not UTF-8, expected JSON in UTF-8") from None


def _json_object(text: str, path: Path) -> dict[str, Any]:
    try:
        found = json.loads(text)
        # An escape may stand for half a character, which no server is sent.
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = error.object[error.start : error.end]
        raise DepositError(f"{path}: {half!a} is half a character, expected whole ones") from None
    except (ValueError, RecursionError) as error:
        raise DepositError(f"{path}: {error}, expected JSON") from None
    if not isinstance(found, dict):
        raise DepositError(f"{path}: a JSON {type(found).__name__}, expected an object")
    return found


def _string(table: Mapping[str, Any], key: str, path: Path) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise DepositError(f"{path}: {key} is {value!r}, expected a string")
    return value


def _check_body(path: Path, body: Mapping[str, Any], version: str) -> None:
    """The least that the repository asks for, so that it is not found out half-way."""
    if set(body) != {"access", "files", "metadata"}:
        raise DepositError(f"{path}: keys {sorted(body)}, expected access, files and metadata alone")
    access, files, metadata = body["access"], body["files"], body["metadata"]
    if not isinstance(access, dict) or not {"record", "files"} <= set(access):
        raise DepositError(f"{path}: access is {access!r}, expected record and files in it")
    if not isinstance(files, dict) or files.get("enabled") is not True:
        raise DepositError(f"{path}: files is {files!r}, expected enabled: true in it")
    if not isinstance(metadata, dict):
        raise DepositError(f"{path}: metadata is {metadata!r}, expected an object")
    if len(_string(metadata, "title", path)) < 3:
        raise DepositError(
            f"{path}: metadata.title is {metadata['title']!r}, expected three characters or more"
        )
    _string(metadata, "publication_date", path)
    _string(metadata, "publisher", path)
    kind = metadata.get("resource_type")
    if not isinstance(kind, dict) or not isinstance(kind.get("id"), str):
        raise DepositError(f"{path}: metadata.resource_type is {kind!r}, expected an id in it")
    creators = metadata.get("creators")
    if not isinstance(creators, list) or not creators:
        raise DepositError(f"{path}: metadata.creators is {creators!r}, expected one creator or more")
    if metadata.get("version") != version:
        raise DepositError(
            f"{path}: metadata.version is {metadata.get('version')!r}, expected {version!r} as in "
            f"{DESCRIPTOR}"
        )


def read_release(folder: Path) -> Release:
    """The release in `folder`, every file hashed and found to be what SHA256SUMS says.

    Raises DepositError with each file that is wrong, or the first thing that is wrong with its shape.
    """
    paths = _paths(folder)
    hashed = [_hashed(path) for path in paths]
    _check_hashes(folder, hashed)
    for needed in (DESCRIPTOR, BODY):
        if folder / needed not in paths:
            raise DepositError(f"{folder / needed}: not there, expected in a release")
    text = _text(folder / DESCRIPTOR)
    descriptor = _json_object(text, folder / DESCRIPTOR)
    version = _string(descriptor, "version", folder / DESCRIPTOR)
    body = _json_object(_text(folder / BODY), folder / BODY)
    _check_body(folder / BODY, body, version)
    files = tuple(file for file in hashed if file.name not in EXCLUDED)
    manifest = next(file.sha256 for file in hashed if file.name == HASHES)
    name = _string(descriptor, "name", folder / DESCRIPTOR)
    release = Release(folder, name, version, files, body, manifest, text)
    if len(files) > MOST_FILES or release.size > MOST_BYTES:
        raise DepositError(
            f"{folder}: {len(files)} files, {release.size} bytes; a record takes {MOST_FILES} files and "
            f"{MOST_BYTES} bytes"
        )
    return release


def check_names_doi(release: Release, doi: Doi) -> None:
    """The descriptor of the release has to hold the DOI that was reserved for it."""
    path = release.folder / DESCRIPTOR
    if not any(same_doi(found, doi.version) for found in dois_in(release.descriptor)):
        raise DepositError(
            f"{path}: does not name {doi.version}, the DOI reserved in package.toml; "
            "build, commit, tag and release again, then upload"
        )


def _contents(file: IO[bytes], where: str, depth: int = DEPTH) -> Iterator[tuple[str, int, str]]:
    """Each line of the file, or of what is packed in it; a byte is a character here.

    ValueError where archives are packed in archives deeper than `depth`: what is in there may be anything.
    """
    if not _is_packed(file):
        for number, line in enumerate(file, 1):
            yield where, number, line.decode("latin-1")
        return
    for name, member in _packed(file):
        if not depth:
            raise ValueError(f"packed in more than {DEPTH} archives")
        yield from _contents(member, f"{where}({name})", depth - 1)


def _is_gzip(file: IO[bytes]) -> bool:
    file.seek(0)
    found = file.read(len(GZIP)) == GZIP
    file.seek(0)
    return found


def _is_packed(file: IO[bytes]) -> bool:
    """Whether the file is an archive; it is read from its beginning afterwards."""
    packed = _is_gzip(file) or zipfile.is_zipfile(file)
    file.seek(0)
    return packed


def _packed(file: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    """The members of an archive, each by its name, but for the tests among the inputs of a release."""
    if _is_gzip(file):
        with gzip.open(file) as unpacked:
            yield "unpacked", cast(IO[bytes], unpacked)
    else:
        with zipfile.ZipFile(file) as archive:
            for name in filter(lambda one: not TESTS.match(one), archive.namelist()):
                with archive.open(name) as member:
                    yield name, member


def _begins_with(found: str, doi: str) -> bool:
    """Whether `found` is the DOI, in any letter case, or goes on after it as an address or a name may."""
    same = found[: len(doi)].lower() == doi.lower()
    return same and not found[len(doi) : len(doi) + 1].isalnum()


def refuse_sandbox_doi(release: Release, doi: Doi, reserved_on_sandbox: frozenset[str] = frozenset()) -> None:
    """Raise DepositError if anything of the sandbox would enter the production server.

    A sandbox DOI is known by its prefix, by the server that `[doi]` names, and by having been reserved there
    (the sandbox has given DOIs of the other prefix too). The description that goes with the files is looked
    through as they are.
    """
    if doi.server != Server.PRODUCTION:
        raise DepositError(
            f"package.toml: [doi] was reserved on {doi.server or 'no server'}, expected {Server.PRODUCTION}; "
            "run --production --reserve, then build and release again"
        )

    reserved = reserved_on_sandbox - {doi.version, doi.concept}

    def is_sandbox(found: str) -> bool:
        return found.startswith(SANDBOX_PREFIX) or any(_begins_with(found, each) for each in reserved)

    for value in (doi.version, doi.concept):
        if is_sandbox(value):
            raise DepositError(f"package.toml: [doi] holds {value}, a DOI of the sandbox")
    for path in (*(file.path for file in release.files), release.folder / BODY):
        try:
            with path.open("rb") as file:
                for where, number, line in _contents(file, str(path)):
                    if found := next(filter(is_sandbox, dois_in(line)), None):
                        raise DepositError(
                            f"{where}:{number}: {found}, a DOI of the sandbox, in a release for "
                            f"{Server.PRODUCTION}"
                        )
        except (OSError, EOFError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error) as error:
            # An archive that cannot be looked into may hold anything.
            raise DepositError(f"{path}: {error}, expected a file or an archive that can be read") from None
