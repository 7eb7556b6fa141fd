"""Why a release is refused."""

from __future__ import annotations

from collections.abc import Sequence

from cables import changelog, diff
from cables.checks.registry import Outcome, Verdict
from cables.diff import Difference
from cables.model import InputError

# Of many files or entries, an error names so many.
SHOWN = 5


def refused_changelog(data: bytes, version: str) -> list[InputError]:
    """What is wrong with a changelog: it has no heading of the version."""
    if version in _told(data):
        return []
    return [InputError("CHANGELOG.md", 1, f"nothing on {version}", f"a heading `## [{version}] - DAY`")]


def refused_first(data: bytes, version: str, previous: str | None) -> list[InputError]:
    """What is wrong with the tag of the release before: there is none of a version that the changelog has.

    So it is in a clone without tags, where a release would otherwise pass for the first one.
    """
    known = diff.ordered(previous.removeprefix("v")) if previous else (-1, -1, -1)
    lower = (one for one in _told(data) if diff.ordered(one) < diff.ordered(version))
    last = max(lower, key=diff.ordered, default=None)
    if last is None or diff.ordered(last) <= known:
        return []
    expected = "its tag (git fetch --tags), or --previous FILE, or no heading of what was not released"
    return [InputError("git tag", 1, f"no v{last}, which CHANGELOG.md tells of", expected)]


def _told(data: bytes) -> list[str]:
    """The versions that a changelog has headings of."""
    return list(changelog.sections(data.decode(errors="replace")))


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
