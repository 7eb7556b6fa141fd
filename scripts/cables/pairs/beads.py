"""The shapes in which pieces of two texts correspond, and how usual each is."""

from __future__ import annotations

import numpy as np

from cables.pairs.arrays import Corner, Floats

# Members on either side. What is left out is often left out in one stretch, so 1-0 and 0-1 stand here twice:
# the second of each goes on with the like, and costs less than to begin.
BEADS: tuple[Corner, ...] = (
    (1, 1), (1, 0), (0, 1), (1, 0), (0, 1), (2, 1), (1, 2), (2, 2), (3, 1), (1, 3),
)  # fmt: skip
# The most members that a bead has, both sides together.
REACH = 4

# A place may be reached by any bead, or by one that leaves a unit of the original (of the translation) alone.
# For each of these lanes, the beads that lead into it; for each bead, the lane it is taken from, and its own.
LANES: tuple[list[int], ...] = (list(range(len(BEADS))), [1, 3], [2, 4])
LANE_BEFORE = (0, 0, 0, 1, 2, 0, 0, 0, 0, 0)
LANE_AFTER = (0, 1, 2, 1, 2, 0, 0, 0, 0, 0)

# How usual each bead is (natural logarithm), in running prose and among the short lines of a form.
PROSE: Floats = np.log(np.array([0.84, 0.04, 0.04, 0.3, 0.3, 0.03, 0.03, 0.004, 0.004, 0.004]))
LABELS: Floats = np.log(np.array([0.60, 0.10, 0.10, 0.3, 0.3, 0.09, 0.09, 0.004, 0.004, 0.004]))
# The beads that finding the way through a long text needs.
WAY = np.arange(len(BEADS)) < 7
