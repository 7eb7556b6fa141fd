"""What a check is, what it finds, and how a package comes off it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from cables.checks.loaded import Finding, Package, Unreadable


class Level(StrEnum):
    """How much a finding weighs: only errors make a package invalid."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


class Outcome(StrEnum):
    """How a package came off a check."""

    PASSED = "passed"
    FAILED = "failed"
    WARNED = "warned"
    NOTICED = "noticed"
    NOT_RUN = "not run"


FOUND = {Level.ERROR: Outcome.FAILED, Level.WARNING: Outcome.WARNED, Level.NOTICE: Outcome.NOTICED}
Rule = Callable[[Package], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """A promise about a package, and the rule that finds where it is broken.

    `on_values` says that the rule looks at tables alone, however they are written.
    """

    id: str
    level: Level
    promise: str
    rule: Rule
    on_values: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found; `reason` says why it was not run, where it was not."""

    check: Check
    findings: tuple[Finding, ...] = ()
    reason: str | None = None

    @property
    def outcome(self) -> Outcome:
        """How the package came off."""
        if self.reason is not None:
            return Outcome.NOT_RUN
        return FOUND[self.check.level] if self.findings else Outcome.PASSED


def check(
    identifier: str, promise: str, level: Level = Level.ERROR, on_values: bool = True
) -> Callable[[Rule], Check]:
    """Makes a check of a rule."""
    return lambda rule: Check(identifier, level, promise, rule, on_values)


def judge(one: Check, package: Package) -> Verdict:
    """Holds a package to one check. A table that cannot be read is no finding of the checks that need it."""
    try:
        return Verdict(one, tuple(one.rule(package)))
    except Unreadable as missing:
        return Verdict(one, reason=str(missing))
