"""What makes a function the rule of a promise, and the findings that rules share."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from cables.checks.loaded import Finding, Sheet, shown
from cables.checks.registry import Rule

RULES: dict[str, Rule] = {}


def rule(identifier: str) -> Callable[[Rule], Rule]:
    """Makes a function the rule of a promise."""

    def keep(function: Rule) -> Rule:
        RULES[f"fair-{identifier}"] = function
        return function

    return keep


def missing(file: str, found: str, expected: str) -> Finding:
    """A finding about a file as a whole."""
    return Finding(file, 1, found, expected)


def of_row(sheet: Sheet, index: int, found: str, expected: str) -> Finding:
    """A finding about a row of a CSV file, which lies flat in a release."""
    finding = sheet.finding(index, found, expected)
    return replace(finding, file=posixpath.basename(finding.file))


def other_line(file: str, found: bytes, expected: bytes, why: str) -> Finding:
    """A finding about the first line of a file that is another than expected; there must be one."""
    pairs = zip_longest(found.split(b"\n"), expected.split(b"\n"))
    at, lines = next((at, pair) for at, pair in enumerate(pairs, 1) if pair[0] != pair[1])
    stands, wanted = (
        "no such line" if one is None else shown(one.decode("utf-8", "replace")) for one in lines
    )
    return Finding(file, at, stands, f"{wanted}, {why}")


def same(values: Mapping[str, Any], expected: Any, what: str) -> Iterator[Finding]:
    """A finding for every file that says something else."""
    for file, value in values.items():
        if value != expected:
            yield missing(file, f"{what} {shown(value)}", shown(expected))
