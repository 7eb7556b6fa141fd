"""Of which version a release is, and what can be judged of another one's."""

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps

from cables import files, inputs
from cables.checks.fair.files_of_release import PACKAGE
from cables.checks.fair.values import described, dig, parsed_toml
from cables.checks.loaded import Finding, Package, Unreadable, shown
from cables.checks.registry import Rule


def of_this_version(rule: Rule) -> Rule:
    """Makes a rule that compares a release with what this repository writes silent on other versions.

    Another version may have read or written otherwise, and rightly, so that a difference proves nothing: the
    rule is said to be not run then. A file that is not there is told whatever the version is.
    """

    @wraps(rule)
    def judged(package: Package) -> Iterator[Finding]:
        findings = list(rule(package))
        if is_of_this_version(package):
            yield from findings
            return
        gone = [one for one in findings if one.file not in package.files]
        if findings and not gone:
            said = f"{findings[0].file} is not as version {shown(_version_here())} would write it"
            raise Unreadable(f"{said}; the release is of version {shown(_version_of(package))}")
        yield from gone

    return judged


def is_of_this_version(package: Package) -> bool:
    """Whether a release has the version that this repository has now."""
    return _version_of(package) == _version_here()


def _version_of(package: Package) -> object:
    return dig(described(package), "version")


def _version_here() -> object:
    """The version of this repository; null where its package.toml is none."""
    return dig(parsed_toml(files.read_bytes(inputs.REPOSITORY / PACKAGE)), "version")
