"""The four keys of `[doi]` in package.toml: read with the rest, written alone.

The table is edited as text, so that whatever else the file holds, comments and all, keeps its bytes.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cables.deposit.errors import DepositError
from cables.deposit.servers import Server

EMPTY_TABLE = '[doi]\nversion = ""\nconcept = ""\nrecord = ""\nserver = ""'
_DOI = re.compile(r"10\.\d{4,9}/[0-9A-Za-z][^\s\"'<>\\`]*")
_SLASH = re.compile(r"\\/|%2f|\\u002f|&#0*47;|&#x0*2f;|&sol;", re.IGNORECASE)
_RECORD = re.compile(r"[0-9A-Za-z]+(-[0-9A-Za-z]+)*")
_HEADER = re.compile(r"[ \t]*\[[ \t]*doi[ \t]*\][ \t]*(#[^\n]*)?\r?\n?")
_ANY_HEADER = re.compile(r"[ \t]*\[")
_VALUE = r"(?P<value>\"[^\"\\\r\n]*\"|'[^'\r\n]*')"


def dois_in(text: str) -> list[str]:
    """Every DOI written in `text`, without the punctuation of the sentence around it.

    Its slash may be written as in a part of an address (`%2F`), in a string of JSON (`\\/`) or in a page.
    """
    return [found.rstrip(".,;:)]}") for found in _DOI.findall(_SLASH.sub("/", text))]


def same_doi(one: str, other: str) -> bool:
    """Whether the two are one DOI: letter case does not count."""
    return one.lower() == other.lower()


@dataclass(frozen=True, slots=True)
class Doi:
    """`[doi]`: the DOI of this version, of all versions, the record's id, and the server that gave them."""

    version: str = ""
    concept: str = ""
    record: str = ""
    server: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """What a deposit takes from package.toml."""

    name: str
    title: str
    version: str
    homepage: str
    doi: Doi


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise DepositError(f"{path}: {error}, expected TOML") from None


def _text(table: Mapping[str, Any], key: str, path: Path, where: str = "") -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise DepositError(f"{path}: {where}{key} is {value!r}, expected a string")
    return value


def _doi(document: Mapping[str, Any], path: Path) -> Doi:
    table = document.get("doi")
    if not isinstance(table, dict):
        raise DepositError(f"{path}: no [doi] table, expected these lines:\n{EMPTY_TABLE}")
    doi = Doi(**{key: _text(table, key, path, "doi.") for key in ("version", "concept", "record", "server")})
    if doi.server not in ("", *Server):
        raise DepositError(
            f"{path}: doi.server is {doi.server!r}, expected one of {', '.join(Server)}, or ''"
        )
    for key, value in (("version", doi.version), ("concept", doi.concept)):
        if value and not _DOI.fullmatch(value):
            raise DepositError(f"{path}: doi.{key} is {value!r}, expected a DOI, or ''")
    if doi.record and not _RECORD.fullmatch(doi.record):
        raise DepositError(f"{path}: doi.record is {doi.record!r}, expected the id of a record, or ''")
    if bool(doi.record) != bool(doi.server) or bool(doi.version) != bool(doi.record):
        raise DepositError(f"{path}: [doi] has one of version, record and server without the others")
    return doi


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise DepositError(f"{path}: {error.strerror}, expected the description of the package") from None
    except UnicodeDecodeError as error:
        raise DepositError(f"{path}: byte {error.start} is not UTF-8") from None


def read_package(path: Path) -> Package:
    """package.toml; DepositError names the file and the key that is missing or not a string."""
    document = _parsed(_read(path), path)
    required = {key: _text(document, key, path) for key in ("name", "title", "version")}
    for key, value in required.items():
        if not value.strip():
            raise DepositError(f"{path}: no {key}, expected a string at the top level")
    return Package(**required, homepage=_text(document, "homepage", path), doi=_doi(document, path))


def _edited(lines: list[str], header: int, doi: Doi) -> str:
    end = next((at for at in range(header + 1, len(lines)) if _ANY_HEADER.match(lines[at])), len(lines))
    table = lines[header + 1 : end]
    newline = "\r\n" if any(line.endswith("\r\n") for line in lines) else "\n"
    head = lines[header] if lines[header].endswith("\n") else lines[header] + newline
    missing = []
    for key, value in asdict(doi).items():
        pattern = re.compile(rf"([ \t]*{key}[ \t]*=[ \t]*){_VALUE}")
        found = next(((at, match) for at, line in enumerate(table) if (match := pattern.match(line))), None)
        if found is None:
            missing.append(f'{key} = "{value}"{newline}')
            continue
        at, match = found
        if match["value"][1:-1] != value:
            table[at] = f'{match[1]}"{value}"{table[at][match.end() :]}'
    return "".join([*lines[:header], head, *missing, *table, *lines[end:]])


def with_doi(text: str, doi: Doi, path: Path = Path("package.toml")) -> str:
    """`text` with the values of `[doi]` set and every other byte as it was.

    What looks like the table may stand inside a string, so each candidate is tried, and the result is taken
    only when it parses to the same document with the new table.
    """
    wanted = _parsed(text, path)
    wanted["doi"] = {**wanted.get("doi", {}), **asdict(doi)}
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    for at, line in enumerate(lines):
        if not _HEADER.fullmatch(line):
            continue
        edited = _edited(lines, at, doi)
        try:
            if tomllib.loads(edited) == wanted:
                return edited
        except tomllib.TOMLDecodeError:
            continue
    raise DepositError(f"{path}: [doi] cannot be edited, expected these lines:\n{EMPTY_TABLE}")


def write_doi(path: Path, doi: Doi) -> bool:
    """Set `[doi]` in the file, whole or not at all; False where it says so already."""
    text = _read(path)
    edited = with_doi(text, doi, path)
    if edited == text:
        return False
    # Where the file is a link, what it leads to is replaced, and not the link.
    place = path.resolve()
    beside = place.with_name(f".{place.name}.part")
    try:
        mode = place.stat().st_mode & 0o777
        with beside.open("wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(edited.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, place)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise DepositError(f"{path}: {error.strerror}; [doi] should read {asdict(doi)}") from None
    return True
