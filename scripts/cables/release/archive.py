"""Hashes of files, and one archive of them, the same bytes everywhere."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping

from cables.release.names import SUMS

FIRST_DAY = (1980, 1, 1, 0, 0, 0)
UNIX = 3
FILE_MODE = 0o100644


def zipped(folder: str, content: Mapping[str, bytes]) -> bytes:
    """An archive of the files under one folder: stored, sorted, of one date and mode, the same everywhere."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(content):
            entry = zipfile.ZipInfo(folder + name, FIRST_DAY)
            entry.create_system = UNIX
            entry.external_attr = FILE_MODE << 16
            archive.writestr(entry, content[name])
    return buffer.getvalue()


def sums(content: Mapping[str, bytes]) -> bytes:
    """SHA256SUMS, as sha256sum reads it: a line a file, by name, but for itself."""
    return "".join(f"{sha256(content[name])}  {name}\n" for name in sorted(content) if name != SUMS).encode()


def sha256(data: bytes) -> str:
    """The hash in hexadecimal digits, as sha256sum prints it."""
    return hashlib.sha256(data).hexdigest()
