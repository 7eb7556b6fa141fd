"""Dynamic programming through a corridor: the likeliest path, and how sure each of its beads is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cables.pairs.arrays import Floats, Ints
from cables.pairs.beads import BEADS, LANE_AFTER, LANE_BEFORE, LANES, REACH
from cables.pairs.corridor import Corridor, line_through
from cables.pairs.evidence import Evidence
from cables.pairs.measure import Measure


@dataclass(frozen=True, slots=True)
class Path:
    """Beads in order: which of `BEADS`, and the place in both texts after each."""

    beads: Ints
    original: Ints
    translation: Ints

    def line(self, diagonals: int) -> Floats:
        """The path's place in the original on each antidiagonal."""
        after = np.concatenate([[0], self.original + self.translation])
        return line_through(after, np.concatenate([[0], self.original]), diagonals)


@dataclass(frozen=True, slots=True)
class Problem:
    """What to align: the evidence, its measure, how usual beads are, and where the path may go."""

    evidence: Evidence
    usual: Floats
    measure: Measure
    rooms: Corridor

    def lengths(self, path: Path) -> Ints:
        """Characters on both sides of every bead of a path, rows of two."""
        original, translation = self.evidence.original.sizes, self.evidence.translation.sizes
        return np.stack(
            [np.diff(original[path.original], prepend=0), np.diff(translation[path.translation], prepend=0)],
            axis=1,
        )


_AT_ONCE = 256


def _swept(problem: Problem, corridor: Corridor) -> Iterator[tuple[int, Floats]]:
    """Every antidiagonal after the first, with what its beads (rows) gain in its cells."""
    size = len(corridor.low)
    for first in range(1, size, _AT_ONCE):
        last = min(first + _AT_ONCE, size)
        gains = problem.evidence.gains(problem.measure, problem.usual, corridor, first, last)
        begins = corridor.starts[first : last + 1] - corridor.starts[first]
        for n, (begin, end) in enumerate(pairwise(begins.tolist())):
            yield first + n, gains[:, begin:end]


def _padded(width: int) -> Floats:
    """Values of cells by lane, with room at both ends for the beads' reach."""
    return np.full((len(LANES), width + 2 * REACH), -np.inf)


def _origin() -> Floats:
    origin = _padded(1)
    origin[0, REACH] = 0.0
    return origin


def _before(corridor: Corridor, bead: int, diagonal: int) -> tuple[int, slice]:
    """The antidiagonal on which a bead begins that ends on this one, and where in its padded values."""
    m, n = BEADS[bead]
    earlier = diagonal - m - n
    begin = int(corridor.low[diagonal] - m - corridor.low[earlier]) + REACH
    return earlier, slice(begin, begin + int(corridor.high[diagonal] - corridor.low[diagonal]) + 1)


def _allowed(corridor: Corridor, diagonal: int) -> list[int]:
    """The beads that may end on an antidiagonal without having begun before its wall."""
    longest = diagonal - int(corridor.wall[diagonal])
    return [bead for bead, (m, n) in enumerate(BEADS) if m + n <= longest]


def _reached(values: Sequence[Floats], corridor: Corridor, diagonal: int, gains: Floats) -> Floats:
    """The value of reaching each cell of an antidiagonal by each bead."""
    reached = np.full_like(gains, -np.inf)
    for bead in _allowed(corridor, diagonal):
        earlier, where = _before(corridor, bead, diagonal)
        np.add(values[earlier][LANE_BEFORE[bead], where], gains[bead], out=reached[bead])
    return reached


def best(problem: Problem, corridor: Corridor) -> Path:
    """The likeliest path through a corridor."""
    values = [_origin()]
    choices = [np.zeros(1, np.int8)]
    nothing = _padded(0)
    for diagonal, gains in _swept(problem, corridor):
        reached = _reached(values, corridor, diagonal, gains)
        value = _padded(gains.shape[1])
        for lane, beads in enumerate(LANES):
            value[lane, REACH:-REACH] = reached[beads].max(axis=0)
        values.append(value)
        choices.append(_packed(reached))
        if diagonal >= REACH:
            values[diagonal - REACH] = nothing
    return _traced(choices, corridor)


def _packed(reached: Floats) -> NDArray[np.int8]:
    """The best bead into each cell, and whether the best into either other lane goes on with the like."""
    goes_on = 16 * (reached[3] > reached[1]) + 32 * (reached[4] > reached[2])
    packed: NDArray[np.int8] = (reached.argmax(axis=0) + goes_on).astype(np.int8)
    return packed


def _unpacked(choice: int, lane: int) -> int:
    return choice % 16 if lane == 0 else LANES[lane][choice >> (3 + lane) & 1]


def _traced(choices: Sequence[NDArray[np.int8]], corridor: Corridor) -> Path:
    i = int(corridor.high[-1])
    j = len(choices) - 1 - i
    lane = 0
    beads: list[tuple[int, int, int]] = []
    while i or j:
        bead = _unpacked(int(choices[i + j][i - corridor.low[i + j]]), lane)
        beads.append((bead, i, j))
        i, j = i - BEADS[bead][0], j - BEADS[bead][1]
        lane = LANE_BEFORE[bead]
    found = np.array(beads[::-1], np.int64).reshape(-1, 3).T
    return Path(*found)


def probabilities(problem: Problem, corridor: Corridor, path: Path) -> Floats:
    """The share of each bead of a path in the likelihood of all paths through the corridor."""
    forward = [_origin()]
    gained = [np.empty((len(BEADS), 1))]
    for diagonal, gains in _swept(problem, corridor):
        reached = _reached(forward, corridor, diagonal, gains)
        value = _padded(gains.shape[1])
        for lane, beads in enumerate(LANES):
            value[lane, REACH:-REACH] = np.logaddexp.reduce(reached[beads], axis=0)
        forward.append(value)
        gained.append(gains)
    backward = _backward(forward, gained, corridor)
    shares = [
        _share(forward, gained, backward, corridor, place)
        for place in zip(path.beads.tolist(), path.original.tolist(), path.translation.tolist(), strict=True)
    ]
    probabilities: Floats = np.exp(np.minimum(np.array(shares) - forward[-1][0, REACH], 0.0))
    return probabilities


def _backward(forward: Sequence[Floats], gained: Sequence[Floats], corridor: Corridor) -> list[Floats]:
    """The likelihood of all that may follow each cell when reached by each lane."""
    backward = [np.full_like(value, -np.inf) for value in forward]
    backward[-1][0, REACH] = 0.0
    for diagonal in range(len(forward) - 1, -1, -1):
        after = backward[diagonal]
        np.logaddexp(after[1:], after[0], out=after[1:])
        for bead in _allowed(corridor, diagonal):
            earlier, where = _before(corridor, bead, diagonal)
            place = backward[earlier][LANE_BEFORE[bead], where]
            np.logaddexp(place, after[LANE_AFTER[bead], REACH:-REACH] + gained[diagonal][bead], out=place)
    return backward


def _share(
    forward: Sequence[Floats],
    gained: Sequence[Floats],
    backward: Sequence[Floats],
    corridor: Corridor,
    place: tuple[int, int, int],
) -> float:
    """The likelihood (logarithm) of all paths with a bead at this place, begun or gone on with."""
    bead, i, j = place
    lane = LANE_AFTER[bead]
    cell = i - int(corridor.low[i + j])
    total = -np.inf
    for way in LANES[lane] if lane else [bead]:
        earlier, where = _before(corridor, way, i + j)
        total = np.logaddexp(
            total, forward[earlier][LANE_BEFORE[way], where.start + cell] + gained[i + j][way, cell]
        )
    return float(total + backward[i + j][lane, REACH + cell])
