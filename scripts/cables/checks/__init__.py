"""What a package promises, and the checks that hold it to that."""

from __future__ import annotations

from cables.checks import (
    cells,
    coded,
    decisions,
    described,
    discrepancies,
    doubts,
    form,
    linked,
    quoted,
    read,
    rebuilt,
    texts,
    told,
    written,
)
from cables.checks.registry import Check

MODULES = (
    written,
    described,
    rebuilt,
    cells,
    texts,
    linked,
    read,
    form,
    coded,
    discrepancies,
    doubts,
    decisions,
    quoted,
    told,
)
CHECKS: tuple[Check, ...] = tuple(
    one for module in MODULES for one in vars(module).values() if isinstance(one, Check)
)
