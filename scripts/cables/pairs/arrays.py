"""What the aligner counts with: arrays of whole numbers and of weights, and their sums."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Corner = tuple[int, int]


def running(values: Iterable[int]) -> Ints:
    """Nought, and the sum of the values up to each."""
    return np.concatenate([[0], np.cumsum(np.fromiter(values, np.int64))]).astype(np.int64)


def sums(where: Ints, what: Floats | NDArray[np.bool_], size: int) -> Floats:
    """The sums of values by place."""
    return np.bincount(where, what, minlength=size).astype(np.float64, copy=False)
