"""Checks of a release, as it lies flat in a folder: the rules behind the promises of `cables.fair`.

The rooms, by what they read: manifest (the files themselves), archive, tabular (the tables), equality (what
all files that describe say alike), agents, rights, words, formats, datacite and graphs (each description by
its own form), provenance, changed, rebuilt, pages, descriptions, records. Below them: files_of_release,
values, versions, rules, sums, folder. What others use is named here.
"""

from __future__ import annotations

from collections.abc import Iterable

from cables import fair
from cables.checks.fair import (
    agents,
    archive,
    changed,
    datacite,
    descriptions,
    equality,
    formats,
    graphs,
    manifest,
    pages,
    provenance,
    rebuilt,
    records,
    rights,
    tabular,
    words,
)
from cables.checks.fair.agents import is_orcid, is_ror
from cables.checks.fair.folder import flat_findings, flat_reason, is_release, load, of_files, placed
from cables.checks.fair.rules import RULES
from cables.checks.loaded import Package
from cables.checks.registry import Check, Level, Verdict, judge

__all__ = ["CHECKS", "RULES", "is_orcid", "is_release", "is_ror", "load", "of_files", "prove"]

# To import a room is to make its rules known.
ROOMS = (
    agents,
    archive,
    changed,
    datacite,
    descriptions,
    equality,
    formats,
    graphs,
    manifest,
    pages,
    provenance,
    rebuilt,
    records,
    rights,
    tabular,
    words,
)
CHECKS: tuple[Check, ...] = tuple(
    Check(one.id, Level(one.level), one.promise, RULES[one.id], on_values=False) for one in fair.PROMISES
)


def prove(package: Package, others: Iterable[Check] = ()) -> tuple[Verdict, ...]:
    """The verdicts on a release: its promises, then other checks that look at tables alone."""
    own = [judge(one, package) for one in CHECKS]
    with placed(package) as values:
        found = [flat_findings(judge(one, values)) for one in others if one.on_values]
    return tuple(flat_reason(one) for one in (*own, *found))
