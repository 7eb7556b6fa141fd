"""What speaks for two pieces of the texts corresponding: shape, lengths, full stops and common anchors."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cables.pairs.anchors import KEPT
from cables.pairs.arrays import Floats, Ints, sums
from cables.pairs.beads import BEADS
from cables.pairs.corridor import Corridor
from cables.pairs.measure import Measure, stops_gain
from cables.pairs.texts import Text


@dataclass(frozen=True, slots=True)
class _Postings:
    """Which anchors stand in runs of so many units: end and anchor in the order of ends, keys of both."""

    ends: Ints
    anchors: Ints
    keys: Ints


@dataclass(frozen=True)
class Evidence:
    """All that is weighed between two sequences of units."""

    original: Text
    translation: Text

    @cached_property
    def weights(self) -> dict[str, float]:
        """What it weighs that both sides of a bead show an anchor: positive, more for rarer ones."""
        first, second = self.original.counts(), self.translation.counts()
        return {
            anchor: _weight(
                anchor.split(":")[0],
                max(first[anchor] / len(self.original), second[anchor] / len(self.translation)),
            )
            for anchor in sorted(first.keys() & second.keys())
        }

    @cached_property
    def _weight_of(self) -> Floats:
        return np.array(list(self.weights.values()))

    @cached_property
    def _stride(self) -> int:
        return max(len(self.original), len(self.translation)) + 2

    @cached_property
    def _postings(self) -> dict[tuple[bool, int], _Postings]:
        number = {anchor: n for n, anchor in enumerate(self.weights)}
        sides = {True: self.original, False: self.translation}
        runs = range(1, max(map(max, BEADS)) + 1)
        return {(side, run): self._posted(text, number, run) for side, text in sides.items() for run in runs}

    def _posted(self, text: Text, number: Mapping[str, int], run: int) -> _Postings:
        stands = [
            (n, number[anchor]) for n, shown in enumerate(text.shown) for anchor in shown if anchor in number
        ]
        places, anchors = np.array(stands, np.int64).reshape(-1, 2).T
        ends = np.concatenate([places + 1 + later for later in range(run)])
        keys = np.unique(np.tile(anchors, run) * self._stride + ends)
        keys = keys[keys % self._stride <= len(text)]
        order = np.argsort(keys % self._stride, kind="stable")
        return _Postings(keys[order] % self._stride, keys[order] // self._stride, keys)

    def gains(self, measure: Measure, usual: Floats, corridor: Corridor, first: int, last: int) -> Floats:
        """What each bead (rows) gains in each cell of the antidiagonals from first to last, exclusive."""
        cells = corridor.cells(first, last)
        gains = np.full((len(BEADS), len(cells.original)), -np.inf)
        for bead, (m, n) in enumerate(BEADS):
            if usual[bead] == -np.inf:
                continue
            before_original, before_translation = cells.original - m, cells.translation - n
            fits = cells.diagonal - m - n >= corridor.wall[cells.diagonal]
            fits &= (before_original >= 0) & (before_translation >= 0)
            gain = np.full(len(fits), usual[bead])
            if m and n:
                left = self.original.between(np.maximum(before_original, 0), cells.original)
                right = self.translation.between(np.maximum(before_translation, 0), cells.translation)
                gain += measure.gain(left.size, right.size)
                gain += stops_gain(left.stops, right.stops)
                gain += self._in_common(m, n, corridor, first, last, len(fits))
            gains[bead, fits] = gain[fits]
        return gains

    def _in_common(self, m: int, n: int, corridor: Corridor, first: int, last: int, size: int) -> Floats:
        """For each cell, the weight of all anchors that m units and n units ending there share."""
        left, right = self._postings[True, m], self._postings[False, n]
        begin = np.searchsorted(left.ends, corridor.low[first])
        end = np.searchsorted(left.ends, corridor.high[last - 1], side="right")
        ends, anchors = left.ends[begin:end], left.anchors[begin:end]
        bottom = np.maximum(first - ends, 0)
        top = np.minimum(last - ends, self._stride)
        start = np.searchsorted(right.keys, anchors * self._stride + bottom)
        stop = np.searchsorted(right.keys, anchors * self._stride + np.maximum(top, bottom))
        counts = stop - start
        which = np.repeat(np.arange(len(ends)), counts)
        within = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        diagonal = ends[which] + right.keys[start[which] + within] % self._stride
        inside = (ends[which] >= corridor.low[diagonal]) & (ends[which] <= corridor.high[diagonal])
        which, diagonal = which[inside], diagonal[inside]
        cell = corridor.starts[diagonal] - corridor.starts[first] + ends[which] - corridor.low[diagonal]
        return sums(cell, self._weight_of[anchors[which]], size)


def _weight(kind: str, share: float) -> float:
    kept = KEPT[kind]
    return math.log(1 - kept + kept / share)
