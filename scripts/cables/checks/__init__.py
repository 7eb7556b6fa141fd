"""What a package promises, and the checks that hold it to that."""

from __future__ import annotations

from cables.checks import cells, coded, doubtful, form, forms, linked, read, texts
from cables.checks.registry import Check

MODULES = (forms, cells, texts, linked, read, form, coded, doubtful)
CHECKS: tuple[Check, ...] = tuple(
    one for module in MODULES for one in vars(module).values() if isinstance(one, Check)
)
