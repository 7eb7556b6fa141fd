"""SHA256SUMS, of a folder or within an archive, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from cables.checks.fair.files_of_release import SUMS
from cables.checks.fair.rules import missing
from cables.checks.fair.values import sha256
from cables.checks.loaded import Finding, shown

LINE = re.compile(r"([0-9a-f]{64})  (.+)")


def wrong_sums(content: Mapping[str, bytes], apart: Collection[str]) -> Iterator[Finding]:
    """Where SHA256SUMS and files are not of each other; files `apart` are not to be listed."""
    listed: set[str] = set()
    text = content.get(SUMS, b"").decode("utf-8", "replace")
    if "\r\n" in text:
        yield missing(SUMS, "line ends CR LF", "LF, as sha256sum writes them")
        text = text.replace("\r\n", "\n")
    if not text.endswith("\n"):
        yield missing(SUMS, "no line feed at its end", "one, as sha256sum writes it")
    # Not by every sign that Python takes for the end of a line: sha256sum knows one.
    for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
        match = LINE.fullmatch(line)
        name = match[2] if match else line
        if match is None or name in listed or name in apart:
            yield Finding(SUMS, number, shown(name), "a hash, two spaces and a file not yet listed")
        elif name not in content:
            yield Finding(SUMS, number, f"{name}, which is not there", "a file of the release")
        elif sha256(content[name]) != match[1]:
            yield missing(name, f"SHA-256 {sha256(content[name])}", match[1])
        listed.add(name)
    for name in sorted(content.keys() - listed - {SUMS, *apart}):
        yield missing(name, f"not in {SUMS}", "every file in it")
