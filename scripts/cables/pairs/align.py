"""Two sequences of units cut into corresponding pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cables.model import Unit
from cables.pairs.anchors import Aids
from cables.pairs.arrays import Corner, Floats
from cables.pairs.beads import BEADS
from cables.pairs.corridor import rooms
from cables.pairs.evidence import Evidence
from cables.pairs.measure import first_measure, measured
from cables.pairs.programme import Problem, best, probabilities
from cables.pairs.search import NARROW, NEAR, SMALL, likeliest
from cables.pairs.texts import text_of


@dataclass(frozen=True, slots=True)
class Bead:
    """Members of a link by their places in either sequence, and how sure it is."""

    original: slice
    translation: slice
    score: float


def aligned(
    original: Sequence[Unit],
    translation: Sequence[Unit],
    corners: Sequence[Corner],
    usual: Floats,
    aids: Aids,
) -> list[Bead]:
    """Two sequences aligned, the path going through all corners.

    The texts are always taken in one order, so that exact ties fall alike whichever is called the original.
    """
    if [unit.text for unit in original] <= [unit.text for unit in translation]:
        return _in_beads(original, translation, corners, usual, aids)
    swapped = [(j, i) for i, j in corners]
    return [
        Bead(bead.translation, bead.original, bead.score)
        for bead in _in_beads(translation, original, swapped, usual, aids)
    ]


def _in_beads(
    original: Sequence[Unit],
    translation: Sequence[Unit],
    corners: Sequence[Corner],
    usual: Floats,
    aids: Aids,
) -> list[Bead]:
    """The lengths are measured on a first alignment, and the alignment done again by that measure."""
    evidence = Evidence(text_of(original, aids), text_of(translation, aids))
    first = first_measure(evidence.original, evidence.translation)
    problem = Problem(evidence, usual, first, rooms(corners))
    path = likeliest(problem)
    measure = measured(problem.lengths(path)[path.beads == 0], first)
    problem = Problem(evidence, usual, measure, problem.rooms)
    size = len(problem.rooms.low)
    corridor = problem.rooms
    if corridor.starts[-1] > SMALL:
        corridor = corridor.around(path.line(size), np.full(size, NARROW))
    path = best(problem, corridor)
    corridor = problem.rooms.around(path.line(size), np.full(size, NEAR))
    scores = probabilities(problem, corridor, path)
    return [
        Bead(slice(i - BEADS[bead][0], i), slice(j - BEADS[bead][1], j), round(float(score), 4))
        for bead, i, j, score in zip(
            path.beads.tolist(), path.original.tolist(), path.translation.tolist(), scores, strict=True
        )
    ]
