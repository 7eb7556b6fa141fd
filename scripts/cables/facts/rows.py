"""What a fact is: a row of a table in the making."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cables.lines import Joined
from cables.model import Basis, Cell, Doubt, Place


@dataclass(frozen=True, slots=True)
class Fact:
    """A row of a table in the making: its table, its id and its non-null cells by column."""

    table: str
    row_id: str
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a record says of its documents, row by row, what is doubtful in that, and the lines of the form
    that say more than was read."""

    rows: tuple[Fact, ...]
    doubts: tuple[Doubt, ...]
    unread: tuple[int, ...]

    def of(self, table: str) -> tuple[Fact, ...]:
        """The rows of one table."""
        return tuple(row for row in self.rows if row.table == table)


def cells(**columns: Cell | None) -> dict[str, Cell]:
    """The columns that have a cell, in the order given."""
    return {column: cell for column, cell in columns.items() if cell is not None}


def inferred(value: str | int, reason: str, *places: Place) -> Cell:
    """A value that follows from what stands at these places; the reason says how."""
    return Cell(value, places, Basis.INFERRED, reason)


def quoted(text: Joined, start: int, end: int) -> Cell:
    """The words of the source behind a stretch of the folded text, as they are written there."""
    return Cell(text.written(start, end), text.matched(start, end))
