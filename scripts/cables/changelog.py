"""A changelog: what it says of each version, and what is wrong with that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# Nine digits are more than any version has, and no more than every reader takes.
VERSION = re.compile(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})")
HEADING = re.compile(rf"## \[?(?P<version>{VERSION.pattern})\]?(?P<rest> .*)?")
BEFORE_DAY = " - "
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a changelog says of a version: the line and the day of its heading, and the words below."""

    line: int
    day: str
    text: str


def sections(changelog: str) -> dict[str, Entry]:
    """What is said of each version; of two headings of one version the first counts."""
    found: dict[str, tuple[int, str, list[str]]] = {}
    own: list[str] = []
    for number, line in enumerate(changelog.splitlines(), start=1):
        if heading := HEADING.fullmatch(line):
            day = (heading["rest"] or "").removeprefix(BEFORE_DAY)
            _, _, own = found.setdefault(heading["version"], (number, day, []))
        elif line.startswith("## "):
            own = []  # a heading of something else, such as what is not released yet
        else:
            own.append(line)
    return {
        version: Entry(line, day, "\n".join(lines).strip()) for version, (line, day, lines) in found.items()
    }


def numbers(version: str) -> tuple[int, ...]:
    """A version as numbers that compare as versions do."""
    return tuple(map(int, version.split(".")))


def last_before(version: str, told: Iterable[str]) -> str | None:
    """The highest of some versions that is lower than another."""
    return max((one for one in told if numbers(one) < numbers(version)), key=numbers, default=None)


def faults(changelog: str, version: str, created: str) -> Iterator[tuple[int, str, str]]:
    """Where a version is not told of under its day: line, what stands there, what was expected."""
    told = sections(changelog)
    if version not in told:
        yield 1, f"nothing on {version}", f"a heading `## [{version}] - DAY`"
        return
    own = told[version]
    if own.day != created:
        yield own.line, f"the day {own.day!r} of {version}", f"{created!r}, as package.toml has it"
    if not own.text:
        yield own.line, f"no word on {version} below its heading", "what changed"
    for lower, one in told.items():
        if numbers(lower) < numbers(version) and DAY.fullmatch(one.day) and created < one.day:
            found = f"the day {one.day} of {lower}, after the {created} of {version}"
            yield one.line, found, "versions in the order of their days"
