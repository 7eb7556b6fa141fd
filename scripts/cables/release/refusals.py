"""Why a release is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cables import changelog, diff
from cables.checks.registry import Outcome, Verdict
from cables.diff import Difference
from cables.model import InputError

# Of many files or entries, an error names so many.
SHOWN = 5
CREATED = re.compile(r"created\s*=")


def refused_changelog(data: bytes, version: str, created: str) -> list[InputError]:
    """What is wrong with what a changelog says of the version, which was created on a day."""
    return [
        InputError("CHANGELOG.md", line, found, expected)
        for line, found, expected in changelog.faults(data.decode(errors="replace"), version, created)
    ]


def refused_day(data: bytes, difference: Difference | None) -> list[InputError]:
    """What is wrong with the day in package.toml: the release before is of a later one."""
    if difference is None or difference.new.created >= difference.old.created:
        return []
    lines = data.decode(errors="replace").splitlines()
    at = next((number for number, line in enumerate(lines, start=1) if CREATED.match(line)), 1)
    expected = f"{difference.old.created}, the day of {difference.old.version}, or a later one"
    return [InputError("package.toml", at, f"created {difference.new.created}", expected)]


def refused_first(data: bytes, version: str, previous: str | None) -> list[InputError]:
    """What is wrong with the tag of the release before: there is none of a version that the changelog has.

    So it is in a clone without tags, where a release would otherwise pass for the first one.
    """
    last = _last_told(data, version)
    if last is None or _ordered(last) <= _ordered(previous):
        return []
    expected = "its tag (git fetch --tags), or --previous FILE, or no heading of what was not released"
    return [InputError("git tag", 1, f"no v{last}, which CHANGELOG.md tells of", expected)]


def refused_named(data: bytes, version: str, previous: str | None, named: diff.Release) -> list[InputError]:
    """What is wrong with a release that was named as the one before: another came after it.

    Compared with an older one, what changed since the last one would pass for what changed before it.
    """
    known = {_last_told(data, version): "which CHANGELOG.md tells of", previous: "which is tagged"}
    last = max(known, key=_ordered)
    if last is None or _ordered(last) <= _ordered(named.version):
        return []
    expected = f"{last.removeprefix('v')} or higher, {known[last]}"
    return [InputError(named.where, 1, f"the version {named.version} as the one before", expected)]


def _last_told(data: bytes, version: str) -> str | None:
    """The highest version lower than another that a changelog has a heading of."""
    return changelog.last_before(version, changelog.sections(data.decode(errors="replace")))


def _ordered(version: str | None) -> tuple[int, int, int]:
    """A version, or the tag of one, to be compared; none comes before all."""
    return diff.ordered(version.removeprefix("v")) if version else (-1, -1, -1)


def refused_step(difference: Difference | None) -> list[InputError]:
    """What is wrong with the version of the new release: its step is smaller than the changes demand."""
    if difference is None or diff.ordered(difference.new.version) >= diff.ordered(difference.least_version):
        return []
    old, new = difference.old.version, difference.new.version
    found = f"the version {new} after {old}"
    largest = [one for one in difference.changes if one.step is difference.step]
    if largest:
        demand = "1 change demands" if len(largest) == 1 else f"{len(largest)} changes demand"
        found += f", but {demand} a {difference.step.word} step, first {largest[0].told}"
    return [InputError("package.toml", 1, found, f"{difference.least_version} or higher")]


def refused_checks(verdicts: Sequence[Verdict]) -> list[InputError]:
    """What failed, as errors."""
    return [
        InputError(finding.file, finding.line, f"{one.check.id}: {finding.found}", finding.expected)
        for one in verdicts
        if one.outcome is Outcome.FAILED
        for finding in one.findings
    ]
