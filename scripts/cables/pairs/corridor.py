"""The part of the table of all places in both texts that is searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from cables.pairs.arrays import Corner, Floats, Ints, running


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of the table: their antidiagonals, and their places in both texts."""

    diagonal: Ints
    original: Ints
    translation: Ints


@dataclass(frozen=True)
class Corridor:
    """The part of the table that is searched, by antidiagonal: places i + j = d with i from low to high.

    Both bounds rise by nought or one from each antidiagonal to the next. No bead may begin before `wall`.
    """

    low: Ints
    high: Ints
    wall: Ints

    @cached_property
    def starts(self) -> Ints:
        """How many cells lie on the antidiagonals before each."""
        return running(self.high - self.low + 1)

    def cells(self, first: int, last: int) -> Cells:
        """The cells on the antidiagonals from first to last, exclusive, in order."""
        widths = (self.high - self.low + 1)[first:last]
        diagonal = np.repeat(np.arange(first, last), widths)
        nth = np.arange(self.starts[first], self.starts[last]) - self.starts[diagonal]
        original = self.low[diagonal] + nth
        return Cells(diagonal, original, diagonal - original)

    def around(self, centre: Floats, half: Floats) -> Corridor:
        """The part of this corridor that lies so near to a line of places."""
        low = np.maximum(self.low, np.ceil(centre - half).astype(np.int64))
        high = np.minimum(self.high, np.floor(centre + half).astype(np.int64))
        step = np.arange(len(low))
        low = np.minimum.accumulate(low[::-1])[::-1]
        low = np.minimum.accumulate(low - step) + step
        high = np.maximum.accumulate(high)
        high = np.maximum.accumulate((high - step)[::-1])[::-1] + step
        return Corridor(low, high, self.wall)


def rooms(corners: Sequence[Corner]) -> Corridor:
    """The whole table between each corner and the next; every path goes through all corners."""
    last = sum(corners[-1])
    low, high, wall = (np.zeros(last + 1, np.int64) for _ in range(3))
    for (i, j), (end_i, end_j) in pairwise(corners):
        diagonal = np.arange(i + j + 1, end_i + end_j + 1)
        low[diagonal] = np.maximum(i, diagonal - end_j)
        high[diagonal] = np.minimum(end_i, diagonal - j)
        wall[diagonal] = i + j
    return Corridor(low, high, wall)


def line_through(after: Ints, original: Ints, diagonals: int) -> Floats:
    """Places in the original on every antidiagonal, on a line through those on some."""
    line: Floats = np.interp(np.arange(diagonals), after, original)
    return line
