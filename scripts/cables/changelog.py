"""A changelog: what it says of each version."""

from __future__ import annotations

import re

# Nine digits are more than any version has, and no more than every reader takes.
VERSION = re.compile(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})")
HEADING = re.compile(rf"## \[?(?P<version>{VERSION.pattern})\]?( .*)?")


def sections(changelog: str) -> dict[str, str]:
    """What is said of each version, without its heading."""
    found: dict[str, list[str]] = {}
    own: list[str] = []
    for line in changelog.splitlines():
        if heading := HEADING.fullmatch(line):
            own = found.setdefault(heading["version"], [])
        elif line.startswith("## "):
            own = []  # a heading of something else, such as what is not released yet
        else:
            own.append(line)
    return {version: "\n".join(lines).strip() for version, lines in found.items()}
