"""How the lengths of units that correspond compare, and what a difference weighs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cables.pairs.arrays import Floats, Ints
from cables.pairs.texts import Text


@dataclass(frozen=True, slots=True)
class Measure:
    """How the lengths of units that correspond compare, in characters.

    `ratio` is the translation's length over the original's; `scatter` the variance of the difference (at
    equal length) per character; `spread` the standard deviation of the logarithm of units' lengths.
    """

    ratio: float = 1.0
    scatter: float = 3.0
    spread: float = 0.8

    def gain(self, original: Ints, translation: Ints) -> Floats:
        """The log-likelihood ratio that pieces so long correspond."""
        mean, deviation, off = self._compared(original, translation)
        return _gain(self.spread * (mean + 1), deviation, off)

    def strain(self, original: Ints, translation: Ints) -> Floats:
        """What the gain loses by the difference in length; about half for most pieces that correspond."""
        return _strain(self._compared(original, translation)[2])

    def _compared(self, original: Ints, translation: Ints) -> tuple[Floats, Floats, Floats]:
        """The mean length, the deviation to be expected at it, and the difference in such deviations."""
        root = math.sqrt(self.ratio)
        left, right = original * root, translation / root
        mean = (left + right) / 2
        deviation = np.sqrt(self.scatter * (mean + 4))
        return mean, deviation, (right - left) / deviation


def stops_gain(original: Ints, translation: Ints) -> Floats:
    """The log-likelihood ratio that pieces with so many full stops correspond.

    Halved, for what a long piece and its many stops say is partly the same.
    """
    mean = (original + translation) / 2
    deviation = np.sqrt(0.2 + 0.1 * mean)
    return _gain(0.7 * (mean + 0.5), deviation, (translation - original) / deviation) / 2


def _gain(spread: Floats, deviation: Floats, off: Floats) -> Floats:
    """The likelihood of a difference between sides that correspond over that between any two (logarithm).

    The second is that at the middle of a log-normal distribution; the first falls as the strain says.
    """
    gain: Floats = np.log(spread / deviation) - _strain(off)
    return gain


def _strain(off: Floats) -> Floats:
    """Student's t with four degrees of freedom (negative logarithm): a free rendering is not impossible."""
    strain: Floats = 2.5 * np.log1p(off * off / 4)
    return strain


# So many paragraphs' worth of evidence stands behind the default measure.
_DEFAULT_WEIGHT = 6


def first_measure(original: Text, translation: Text) -> Measure:
    """A measure before anything is aligned, from the texts as wholes.

    A stretch left out distorts the ratio of the totals, merging on one side that of the usual units: the one
    nearer to equal lengths is taken.
    """
    fewer = min(len(original), len(translation))
    lengths = [np.log(np.diff(text.sizes) + 1.0) for text in (original, translation)]
    total = math.log((translation.sizes[-1] + 1) / (original.sizes[-1] + 1))
    usual = float(np.median(lengths[1]) - np.median(lengths[0]))
    spread = float(np.std(np.concatenate(lengths)))
    default = Measure()
    share = fewer / (fewer + _DEFAULT_WEIGHT)
    return Measure(
        ratio=math.exp(min(total, usual, key=abs) * share),
        scatter=default.scatter,
        spread=min(max(default.spread * (1 - share) + spread * share, 0.3), 1.5),
    )


def measured(pairs: Ints, first: Measure) -> Measure:
    """The measure that one-to-one pairs of lengths (rows of two) show; few pairs say little."""
    if not len(pairs):
        return first
    share = len(pairs) / (len(pairs) + _DEFAULT_WEIGHT)
    found = float(np.median(np.log((pairs[:, 1] + 1) / (pairs[:, 0] + 1))))
    ratio = math.exp(found * share + math.log(first.ratio) * (1 - share))
    left, right = pairs[:, 0] * math.sqrt(ratio), pairs[:, 1] / math.sqrt(ratio)
    off = np.abs(right - left) / np.sqrt((left + right) / 2 + 4)
    scatter = float(np.median(off) * 1.4826) ** 2
    return Measure(ratio, max(0.5, scatter * share + first.scatter * (1 - share)), first.spread)
