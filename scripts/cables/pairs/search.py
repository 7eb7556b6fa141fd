"""The corridor of a long text: laid through rare anchors, widened where its path gives reason to doubt."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cables.pairs.arrays import Corner, Floats, sums
from cables.pairs.beads import WAY
from cables.pairs.corridor import Corridor, line_through
from cables.pairs.evidence import Evidence
from cables.pairs.programme import Path, Problem, best
from cables.pairs.texts import Text

# A table of no more cells is searched whole.
SMALL = 1 << 18
# Half the width of a corridor, in units of the original: at first, at most, and around a path found.
NARROW, _WIDEST, NEAR = 32.0, 2048.0, 16.0
# An anchor is rare that stands in no more units than this of either text.
_RARE = 4
# Doubt is looked for in stretches of so many antidiagonals; it begins where beads are strained more than this
# on average. Two units left alone, one on either side, count as a bead strained so much.
_STRETCH = 128
_DOUBTFUL, _LONELY = 0.9, 3.0
# Rare anchors are trusted that follow another within so many units, nearly in step with it.
_CLOSE = 64


def likeliest(problem: Problem) -> Path:
    """The likeliest path: exactly in a small table; in a large one through corridors that widen at doubt.

    A stretch is doubtful when the path runs along the corridor's edge, or when its lengths agree no better
    than by chance. What is more than `_WIDEST` units out of the way, with no rare anchor to lead there, is
    not found.
    """
    rooms = problem.rooms
    if rooms.starts[-1] <= SMALL:
        return best(problem, rooms)
    problem = replace(problem, usual=np.where(WAY, problem.usual, -np.inf))
    centre, half = _first_guess(problem)
    while True:
        corridor = rooms.around(centre, half)
        path = best(problem, corridor)
        doubtful = _doubtful(problem, corridor, path) & (half < _WIDEST)
        if not doubtful.any():
            return path
        half = np.where(doubtful, np.minimum(half * 4, _WIDEST), half)


def _first_guess(problem: Problem) -> tuple[Floats, Floats]:
    """A line through rare anchors and all places without a choice, and how far the path may leave it."""
    rooms = problem.rooms
    forced = np.flatnonzero(rooms.low == rooms.high)
    corners = zip(rooms.low[forced].tolist(), (forced - rooms.low[forced]).tolist(), strict=True)
    inside = {(i, j) for i, j in _rare_pairs(problem.evidence) if rooms.low[i + j] <= i <= rooms.high[i + j]}
    line = np.array(sorted(inside | set(corners)), np.int64)
    after = line.sum(axis=1)
    diagonals = np.arange(len(rooms.low))
    steps = np.diff(line, axis=0)
    slack = np.minimum(steps.min(axis=1), np.abs(steps[:, 0] - steps[:, 1]))
    piece = np.clip(np.searchsorted(after, diagonals, side="right") - 1, 0, len(steps) - 1)
    half = np.minimum(NARROW + slack[piece] / 2, _WIDEST)
    return line_through(after, line[:, 0], len(rooms.low)), half


def _rare_pairs(evidence: Evidence) -> list[Corner]:
    """Pairs of units that share what is rare, in the same order in both texts, and support each other."""
    shared: defaultdict[Corner, float] = defaultdict(float)
    where = [_places(text, evidence.weights) for text in (evidence.original, evidence.translation)]
    for anchor, weight in evidence.weights.items():
        originals, translations = where[0][anchor], where[1][anchor]
        if max(len(originals), len(translations)) <= _RARE:
            for i in originals:
                for j in translations:
                    shared[i, j] += weight
    enough = math.log(max(len(evidence.original), len(evidence.translation))) - 1
    chain = _ascending(pair for pair, weight in shared.items() if weight >= enough)
    supported = {pair for step in pairwise(chain) if _in_step(*step) for pair in step}
    return sorted(supported)


def _in_step(one: Corner, other: Corner) -> bool:
    left, right = other[0] - one[0], other[1] - one[1]
    return max(left, right) <= _CLOSE and abs(left - right) <= 4 + max(left, right) / 4


def _places(text: Text, anchors: Mapping[str, float]) -> dict[str, list[int]]:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, shown in enumerate(text.shown):
        for anchor in shown & anchors.keys():
            places[anchor].append(place)
    return places


def _ascending(pairs: Iterable[Corner]) -> list[Corner]:
    """The longest chain of pairs that ascends on both sides."""
    ordered = sorted(pairs, key=lambda pair: (pair[0], -pair[1]))
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for n, (_, j) in enumerate(ordered):
        length = bisect_left(ends, j)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [j]
        last[length : length + 1] = [n]
    chain: list[Corner] = []
    n = last[-1] if last else -1
    while n >= 0:
        chain.append(ordered[n])
        n = before[n]
    return chain[::-1]


def _doubtful(problem: Problem, corridor: Corridor, path: Path) -> NDArray[np.bool_]:
    """Whether each antidiagonal lies in a stretch that gives reason to doubt, or next to one.

    Units alone on one side are no such reason (a page may be left out), on both sides they are.
    """
    rooms = problem.rooms
    after = path.original + path.translation
    touches = (path.original <= corridor.low[after]) & (corridor.low[after] > rooms.low[after])
    touches |= (path.original >= corridor.high[after]) & (corridor.high[after] < rooms.high[after])
    lengths = problem.lengths(path)
    strain = problem.measure.strain(lengths[:, 0], lengths[:, 1])
    stretches = len(rooms.low) // _STRETCH + 1

    def summed(what: Floats | NDArray[np.bool_]) -> Floats:
        return sums(after // _STRETCH, what, stretches)

    paired = lengths.min(axis=1) > 0
    alone = np.minimum(summed(lengths[:, 0] == 0), summed(lengths[:, 1] == 0))
    poor = summed(np.where(paired, strain, 0.0)) + _LONELY * alone > _DOUBTFUL * (summed(paired) + alone)
    poor |= summed(touches) > 0
    poor[1:] |= poor[:-1].copy()
    poor[:-1] |= poor[1:].copy()
    return np.repeat(poor, _STRETCH)[: len(rooms.low)]
