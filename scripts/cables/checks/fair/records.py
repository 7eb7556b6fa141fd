"""Rules of what package.toml tells of the records: of a release all of it, of a package only a warning."""

from __future__ import annotations

from collections.abc import Iterable

from cables.checks import told
from cables.checks.fair.rules import rule
from cables.checks.loaded import Finding, Package


@rule("sources-told")
def sources_told(package: Package) -> Iterable[Finding]:
    return told.sources_told.rule(package)


@rule("coverage-told")
def coverage_told(package: Package) -> Iterable[Finding]:
    return told.coverage_told.rule(package)
