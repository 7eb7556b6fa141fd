"""Which units of one text correspond to which of the other.

Units that say what they are (form fields, numbered copies) pair by that, in whatever order they stand. All
others keep their order within their zone and are aligned in the manner of Gale and Church (1993): of all ways
to cut both texts into corresponding pieces ("beads": 1-1, 1-0, 2-1 …) the likeliest is found by dynamic
programming. A bead weighs the log-likelihood ratio of its two sides corresponding against their standing
together by chance, made of

- how usual beads of its shape are (`PROSE`, `LABELS`);
- how well the lengths agree, in characters, given the ratio of the two texts and the scatter around it, both
  taken from the texts themselves (`Measure`), and how well the numbers of full stops do;
- what the sides have in common: numbers and dates, names and cognates by their consonants after
  transliteration, brackets, the closing mark. The rarer it is in the texts, the more it weighs.

A long text is searched along a corridor only, laid through anchors that are rare in both texts and widened
where the result gives reason to doubt it (`_likeliest`), so the cost grows with the length of the text.

W. A. Gale and K. W. Church, "A Program for Aligning Sentences in Bilingual Corpora", Computational
Linguistics 19(1), 1993.
"""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from cables.folding import LETTER_SPACED
from cables.model import PROSE_ZONES, Link, Unit, Zone

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Corner = tuple[int, int]

FIELD, COPY, WEIGHED, SINGLE, ONE_SIDED = "field", "copy", "length_anchor", "single", "one_sided"


@dataclass(frozen=True, slots=True)
class Aids:
    """What the aligner may know of the two languages; it works, less well, with nothing.

    `letters` lead from a letter to its Latin transliteration, `months` from a month's name in either language
    (any of its forms, in lower case) to its number, `numbers` from a number written out to that number.
    """

    letters: Mapping[str, str] = field(default_factory=dict)
    months: Mapping[str, int] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)


# --- What a unit shows of itself besides its length

_TOKEN = re.compile(r"\d{1,3}(?:[, \u00a0]\d{3})+(?!\d)|\d+|[^\W\d_]+")
_GROUPING = re.compile(r"[, \u00a0]")
_CLOSING = re.compile(r"""([.!?:;,…])[\s"'»”’)\]/]*$""")
_STOP = re.compile(r"""[.!?…]["'»”’)\]]*(?=\s\W{0,4}[^\W\d_a-zа-яё]|\s*$)""")
_BRACKET = re.compile(r"[(\[]|(?<!\w)/(?=\w)")
_QUOTE = re.compile(r"""["«“„]""")

# What spellings of one name in two alphabets keep, in Latin letters. Voice, aspiration and the difference of
# r and l are often lost on the way through a third language; vowels may always be.
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"shch|sch|sh|tch|ch|dzh|zh|j", "C"),
        (r"c(?=[eiy])|ts|tz|z", "s"),
        (r"kh|gh|ck|[cxqgh]", "k"),
        (r"ph|[wf]", "v"),
        (r"th|d", "t"),
        (r"ng\b", "n"),
        (r"b", "p"),
        (r"l", "r"),
        (r"[^Cskvtnprm]", ""),
    )
)
_REPEATED = re.compile(r"(.)\1+")
_LONGEST_SKELETON = 4
_SHORTEST_NAME = 2

# How often a unit's number, name … stands in its counterpart too: the share of linked units, for its kind.
_KEPT = {"number": 0.9, "mark": 0.5, "2": 0.3, "3": 0.5, "4": 0.7}


@dataclass(frozen=True, slots=True)
class _Anchors:
    """What a unit shows, as `kind:value`, and its full stops (one at least)."""

    shown: frozenset[str]
    stops: int


def _anchors(text: str, aids: Aids) -> _Anchors:
    text = LETTER_SPACED.sub(lambda spaced: spaced[0].replace(" ", ""), unicodedata.normalize("NFC", text))
    shown = _marks(text)
    for token in _TOKEN.findall(text):
        number = _number(token, aids)
        shown.update(_skeletons(token, aids.letters) if number is None else [f"number:{number}"])
    return _Anchors(frozenset(shown), max(1, len(_STOP.findall(text))))


def _number(token: str, aids: Aids) -> str | None:
    if token[0].isdecimal():
        return _GROUPING.sub("", token).lstrip("0")
    word = token.casefold()
    number = aids.months.get(word, aids.numbers.get(word))
    return None if number is None else str(number)


def _skeletons(word: str, letters: Mapping[str, str]) -> Iterator[str]:
    """The word's consonants, with and without the last, which may belong to an ending."""
    latin = "".join(letters.get(letter, letter) for letter in word.casefold())
    sounds = "".join(mark for mark in unicodedata.normalize("NFD", latin) if not unicodedata.combining(mark))
    for pattern, sound in _SOUNDS:
        sounds = pattern.sub(sound, sounds)
    sounds = _REPEATED.sub(r"\1", sounds)
    shortest = _SHORTEST_NAME if word[0].isupper() else _LONGEST_SKELETON
    for part in {sounds[:_LONGEST_SKELETON], sounds[:-1][:_LONGEST_SKELETON]}:
        if len(part) >= shortest:
            yield f"{len(part)}:{part}"


def _marks(text: str) -> set[str]:
    closing = _CLOSING.search(text)
    shown = (
        (_BRACKET.search(text), "bracket"),
        (_QUOTE.search(text), "quote"),
        (closing, "closing" + (closing[1] if closing else "")),
    )
    return {f"mark:{name}" for found, name in shown if found}


# --- Beads

# Members on either side. What is left out is often left out in one stretch, so 1-0 and 0-1 stand here twice:
# the second of each goes on with the like, and costs less than to begin.
BEADS: tuple[Corner, ...] = (
    (1, 1), (1, 0), (0, 1), (1, 0), (0, 1), (2, 1), (1, 2), (2, 2), (3, 1), (1, 3),
)  # fmt: skip
_REACH = 4

# A place may be reached by any bead, or by one that leaves a unit of the original (of the translation) alone.
# For each of these lanes, the beads that lead into it; for each bead, the lane it is taken from, and its own.
_LANES: tuple[list[int], ...] = (list(range(len(BEADS))), [1, 3], [2, 4])
_LANE_BEFORE = (0, 0, 0, 1, 2, 0, 0, 0, 0, 0)
_LANE_AFTER = (0, 1, 2, 1, 2, 0, 0, 0, 0, 0)

# How usual each bead is (natural logarithm), in running prose and among the short lines of a form.
PROSE: Floats = np.log(np.array([0.84, 0.04, 0.04, 0.3, 0.3, 0.03, 0.03, 0.004, 0.004, 0.004]))
LABELS: Floats = np.log(np.array([0.60, 0.10, 0.10, 0.3, 0.3, 0.09, 0.09, 0.004, 0.004, 0.004]))
# The beads that finding the way through a long text needs.
_WAY = np.arange(len(BEADS)) < 7


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


def _stops_gain(original: Ints, translation: Ints) -> Floats:
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


def _first_measure(original: _Text, translation: _Text) -> Measure:
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


def _measured(pairs: Ints, first: Measure) -> Measure:
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


# --- Evidence


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Characters and full stops of many stretches of a text."""

    size: Ints
    stops: Ints


@dataclass(frozen=True)
class _Text:
    """One side: characters and full stops before each unit, and what each unit shows."""

    sizes: Ints
    stops: Ints
    shown: tuple[frozenset[str], ...]

    def __len__(self) -> int:
        return len(self.shown)

    def between(self, start: Ints, end: Ints) -> _Pieces:
        """What the stretches from each start to its end hold."""
        return _Pieces(self.sizes[end] - self.sizes[start], self.stops[end] - self.stops[start])

    def counts(self) -> Counter[str]:
        """In how many units each anchor stands."""
        return Counter(anchor for shown in self.shown for anchor in shown)


def _text(units: Sequence[Unit], aids: Aids) -> _Text:
    anchors = [_anchors(unit.text, aids) for unit in units]
    return _Text(
        sizes=_running([len(unit.text) for unit in units]),
        stops=_running([anchor.stops for anchor in anchors]),
        shown=tuple(anchor.shown for anchor in anchors),
    )


def _running(values: Iterable[int]) -> Ints:
    return np.concatenate([[0], np.cumsum(np.fromiter(values, np.int64))]).astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Postings:
    """Which anchors stand in runs of so many units: end and anchor in the order of ends, keys of both."""

    ends: Ints
    anchors: Ints
    keys: Ints


@dataclass(frozen=True)
class _Evidence:
    """All that is weighed between two sequences of units."""

    original: _Text
    translation: _Text

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

    def _posted(self, text: _Text, number: Mapping[str, int], run: int) -> _Postings:
        stands = [
            (n, number[anchor]) for n, shown in enumerate(text.shown) for anchor in shown if anchor in number
        ]
        places, anchors = np.array(stands, np.int64).reshape(-1, 2).T
        ends = np.concatenate([places + 1 + later for later in range(run)])
        keys = np.unique(np.tile(anchors, run) * self._stride + ends)
        keys = keys[keys % self._stride <= len(text)]
        order = np.argsort(keys % self._stride, kind="stable")
        return _Postings(keys[order] % self._stride, keys[order] // self._stride, keys)

    def gains(self, measure: Measure, usual: Floats, corridor: _Corridor, first: int, last: int) -> Floats:
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
                gain += _stops_gain(left.stops, right.stops)
                gain += self._in_common(m, n, corridor, first, last, len(fits))
            gains[bead, fits] = gain[fits]
        return gains

    def _in_common(self, m: int, n: int, corridor: _Corridor, first: int, last: int, size: int) -> Floats:
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
        return _summed(cell, self._weight_of[anchors[which]], size)


def _summed(where: Ints, what: Floats | NDArray[np.bool_], size: int) -> Floats:
    """The sums of values by place."""
    return np.bincount(where, what, minlength=size).astype(np.float64, copy=False)


def _weight(kind: str, share: float) -> float:
    kept = _KEPT[kind]
    return math.log(1 - kept + kept / share)


# --- The search


@dataclass(frozen=True, slots=True)
class _Cells:
    diagonal: Ints
    original: Ints
    translation: Ints


@dataclass(frozen=True)
class _Corridor:
    """The part of the table that is searched, by antidiagonal: places i + j = d with i from low to high.

    Both bounds rise by nought or one from each antidiagonal to the next. No bead may begin before `wall`.
    """

    low: Ints
    high: Ints
    wall: Ints

    @cached_property
    def starts(self) -> Ints:
        """How many cells lie on the antidiagonals before each."""
        return _running(self.high - self.low + 1)

    def cells(self, first: int, last: int) -> _Cells:
        """The cells on the antidiagonals from first to last, exclusive, in order."""
        widths = (self.high - self.low + 1)[first:last]
        diagonal = np.repeat(np.arange(first, last), widths)
        nth = np.arange(self.starts[first], self.starts[last]) - self.starts[diagonal]
        original = self.low[diagonal] + nth
        return _Cells(diagonal, original, diagonal - original)

    def around(self, centre: Floats, half: Floats) -> _Corridor:
        """The part of this corridor that lies so near to a line of places."""
        low = np.maximum(self.low, np.ceil(centre - half).astype(np.int64))
        high = np.minimum(self.high, np.floor(centre + half).astype(np.int64))
        step = np.arange(len(low))
        low = np.minimum.accumulate(low[::-1])[::-1]
        low = np.minimum.accumulate(low - step) + step
        high = np.maximum.accumulate(high)
        high = np.maximum.accumulate((high - step)[::-1])[::-1] + step
        return _Corridor(low, high, self.wall)


def _rooms(corners: Sequence[Corner]) -> _Corridor:
    """The whole table between each corner and the next; every path goes through all corners."""
    last = sum(corners[-1])
    low, high, wall = (np.zeros(last + 1, np.int64) for _ in range(3))
    for (i, j), (end_i, end_j) in pairwise(corners):
        diagonal = np.arange(i + j + 1, end_i + end_j + 1)
        low[diagonal] = np.maximum(i, diagonal - end_j)
        high[diagonal] = np.minimum(end_i, diagonal - j)
        wall[diagonal] = i + j
    return _Corridor(low, high, wall)


def _line(after: Ints, original: Ints, diagonals: int) -> Floats:
    """Places in the original on every antidiagonal, on a line through those on some."""
    line: Floats = np.interp(np.arange(diagonals), after, original)
    return line


@dataclass(frozen=True, slots=True)
class _Path:
    """Beads in order: which of `BEADS`, and the place in both texts after each."""

    beads: Ints
    original: Ints
    translation: Ints

    def line(self, diagonals: int) -> Floats:
        """The path's place in the original on each antidiagonal."""
        after = np.concatenate([[0], self.original + self.translation])
        return _line(after, np.concatenate([[0], self.original]), diagonals)


@dataclass(frozen=True, slots=True)
class _Problem:
    """What to align: the evidence, its measure, how usual beads are, and where the path may go."""

    evidence: _Evidence
    usual: Floats
    measure: Measure
    rooms: _Corridor

    def lengths(self, path: _Path) -> Ints:
        """Characters on both sides of every bead of a path, rows of two."""
        original, translation = self.evidence.original.sizes, self.evidence.translation.sizes
        return np.stack(
            [np.diff(original[path.original], prepend=0), np.diff(translation[path.translation], prepend=0)],
            axis=1,
        )


_AT_ONCE = 256


def _swept(problem: _Problem, corridor: _Corridor) -> Iterator[tuple[int, Floats]]:
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
    return np.full((len(_LANES), width + 2 * _REACH), -np.inf)


def _origin() -> Floats:
    origin = _padded(1)
    origin[0, _REACH] = 0.0
    return origin


def _before(corridor: _Corridor, bead: int, diagonal: int) -> tuple[int, slice]:
    """The antidiagonal on which a bead begins that ends on this one, and where in its padded values."""
    m, n = BEADS[bead]
    earlier = diagonal - m - n
    begin = int(corridor.low[diagonal] - m - corridor.low[earlier]) + _REACH
    return earlier, slice(begin, begin + int(corridor.high[diagonal] - corridor.low[diagonal]) + 1)


def _allowed(corridor: _Corridor, diagonal: int) -> list[int]:
    """The beads that may end on an antidiagonal without having begun before its wall."""
    longest = diagonal - int(corridor.wall[diagonal])
    return [bead for bead, (m, n) in enumerate(BEADS) if m + n <= longest]


def _reached(values: Sequence[Floats], corridor: _Corridor, diagonal: int, gains: Floats) -> Floats:
    """The value of reaching each cell of an antidiagonal by each bead."""
    reached = np.full_like(gains, -np.inf)
    for bead in _allowed(corridor, diagonal):
        earlier, where = _before(corridor, bead, diagonal)
        np.add(values[earlier][_LANE_BEFORE[bead], where], gains[bead], out=reached[bead])
    return reached


def _best(problem: _Problem, corridor: _Corridor) -> _Path:
    """The likeliest path through a corridor."""
    values = [_origin()]
    choices = [np.zeros(1, np.int8)]
    nothing = _padded(0)
    for diagonal, gains in _swept(problem, corridor):
        reached = _reached(values, corridor, diagonal, gains)
        value = _padded(gains.shape[1])
        for lane, beads in enumerate(_LANES):
            value[lane, _REACH:-_REACH] = reached[beads].max(axis=0)
        values.append(value)
        choices.append(_packed(reached))
        if diagonal >= _REACH:
            values[diagonal - _REACH] = nothing
    return _traced(choices, corridor)


def _packed(reached: Floats) -> NDArray[np.int8]:
    """The best bead into each cell, and whether the best into either other lane goes on with the like."""
    goes_on = 16 * (reached[3] > reached[1]) + 32 * (reached[4] > reached[2])
    packed: NDArray[np.int8] = (reached.argmax(axis=0) + goes_on).astype(np.int8)
    return packed


def _unpacked(choice: int, lane: int) -> int:
    return choice % 16 if lane == 0 else _LANES[lane][choice >> (3 + lane) & 1]


def _traced(choices: Sequence[NDArray[np.int8]], corridor: _Corridor) -> _Path:
    i = int(corridor.high[-1])
    j = len(choices) - 1 - i
    lane = 0
    beads: list[tuple[int, int, int]] = []
    while i or j:
        bead = _unpacked(int(choices[i + j][i - corridor.low[i + j]]), lane)
        beads.append((bead, i, j))
        i, j = i - BEADS[bead][0], j - BEADS[bead][1]
        lane = _LANE_BEFORE[bead]
    found = np.array(beads[::-1], np.int64).reshape(-1, 3).T
    return _Path(*found)


def _probabilities(problem: _Problem, corridor: _Corridor, path: _Path) -> Floats:
    """The share of each bead of a path in the likelihood of all paths through the corridor."""
    forward = [_origin()]
    gained = [np.empty((len(BEADS), 1))]
    for diagonal, gains in _swept(problem, corridor):
        reached = _reached(forward, corridor, diagonal, gains)
        value = _padded(gains.shape[1])
        for lane, beads in enumerate(_LANES):
            value[lane, _REACH:-_REACH] = np.logaddexp.reduce(reached[beads], axis=0)
        forward.append(value)
        gained.append(gains)
    backward = _backward(forward, gained, corridor)
    shares = [
        _share(forward, gained, backward, corridor, place)
        for place in zip(path.beads.tolist(), path.original.tolist(), path.translation.tolist(), strict=True)
    ]
    probabilities: Floats = np.exp(np.minimum(np.array(shares) - forward[-1][0, _REACH], 0.0))
    return probabilities


def _backward(forward: Sequence[Floats], gained: Sequence[Floats], corridor: _Corridor) -> list[Floats]:
    """The likelihood of all that may follow each cell when reached by each lane."""
    backward = [np.full_like(value, -np.inf) for value in forward]
    backward[-1][0, _REACH] = 0.0
    for diagonal in range(len(forward) - 1, -1, -1):
        after = backward[diagonal]
        np.logaddexp(after[1:], after[0], out=after[1:])
        for bead in _allowed(corridor, diagonal):
            earlier, where = _before(corridor, bead, diagonal)
            place = backward[earlier][_LANE_BEFORE[bead], where]
            np.logaddexp(place, after[_LANE_AFTER[bead], _REACH:-_REACH] + gained[diagonal][bead], out=place)
    return backward


def _share(
    forward: Sequence[Floats],
    gained: Sequence[Floats],
    backward: Sequence[Floats],
    corridor: _Corridor,
    place: tuple[int, int, int],
) -> float:
    """The likelihood (logarithm) of all paths with a bead at this place, begun or gone on with."""
    bead, i, j = place
    lane = _LANE_AFTER[bead]
    cell = i - int(corridor.low[i + j])
    total = -np.inf
    for way in _LANES[lane] if lane else [bead]:
        earlier, where = _before(corridor, way, i + j)
        total = np.logaddexp(
            total, forward[earlier][_LANE_BEFORE[way], where.start + cell] + gained[i + j][way, cell]
        )
    return float(total + backward[i + j][lane, _REACH + cell])


# --- The corridor of a long text

# A table of no more cells is searched whole.
_SMALL = 1 << 18
# Half the width of a corridor, in units of the original: at first, at most, and around a path found.
_NARROW, _WIDEST, _NEAR = 32.0, 2048.0, 16.0
# An anchor is rare that stands in no more units than this of either text.
_RARE = 4
# Doubt is looked for in stretches of so many antidiagonals; it begins where beads are strained more than this
# on average. Two units left alone, one on either side, count as a bead strained so much.
_STRETCH = 128
_DOUBTFUL, _LONELY = 0.9, 3.0
# Rare anchors are trusted that follow another within so many units, nearly in step with it.
_CLOSE = 64


def _likeliest(problem: _Problem) -> _Path:
    """The likeliest path: exactly in a small table; in a large one through corridors that widen at doubt.

    A stretch is doubtful when the path runs along the corridor's edge, or when its lengths agree no better
    than by chance. What is more than `_WIDEST` units out of the way, with no rare anchor to lead there, is
    not found.
    """
    rooms = problem.rooms
    if rooms.starts[-1] <= _SMALL:
        return _best(problem, rooms)
    problem = replace(problem, usual=np.where(_WAY, problem.usual, -np.inf))
    centre, half = _first_guess(problem)
    while True:
        corridor = rooms.around(centre, half)
        path = _best(problem, corridor)
        doubtful = _doubtful(problem, corridor, path) & (half < _WIDEST)
        if not doubtful.any():
            return path
        half = np.where(doubtful, np.minimum(half * 4, _WIDEST), half)


def _first_guess(problem: _Problem) -> tuple[Floats, Floats]:
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
    half = np.minimum(_NARROW + slack[piece] / 2, _WIDEST)
    return _line(after, line[:, 0], len(rooms.low)), half


def _rare_pairs(evidence: _Evidence) -> list[Corner]:
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


def _places(text: _Text, anchors: Mapping[str, float]) -> dict[str, list[int]]:
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


def _doubtful(problem: _Problem, corridor: _Corridor, path: _Path) -> NDArray[np.bool_]:
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
        return _summed(after // _STRETCH, what, stretches)

    paired = lengths.min(axis=1) > 0
    alone = np.minimum(summed(lengths[:, 0] == 0), summed(lengths[:, 1] == 0))
    poor = summed(np.where(paired, strain, 0.0)) + _LONELY * alone > _DOUBTFUL * (summed(paired) + alone)
    poor |= summed(touches) > 0
    poor[1:] |= poor[:-1].copy()
    poor[:-1] |= poor[1:].copy()
    return np.repeat(poor, _STRETCH)[: len(rooms.low)]


# --- From units to links


@dataclass(frozen=True, slots=True)
class _Bead:
    """Members of a link by their places in either sequence, and how sure it is."""

    original: slice
    translation: slice
    score: float


def _aligned(
    original: Sequence[Unit],
    translation: Sequence[Unit],
    corners: Sequence[Corner],
    usual: Floats,
    aids: Aids,
) -> list[_Bead]:
    """Two sequences aligned, the path going through all corners.

    The texts are always taken in one order, so that exact ties fall alike whichever is called the original.
    """
    if [unit.text for unit in original] <= [unit.text for unit in translation]:
        return _in_beads(original, translation, corners, usual, aids)
    swapped = [(j, i) for i, j in corners]
    return [
        _Bead(bead.translation, bead.original, bead.score)
        for bead in _in_beads(translation, original, swapped, usual, aids)
    ]


def _in_beads(
    original: Sequence[Unit],
    translation: Sequence[Unit],
    corners: Sequence[Corner],
    usual: Floats,
    aids: Aids,
) -> list[_Bead]:
    """The lengths are measured on a first alignment, and the alignment done again by that measure."""
    evidence = _Evidence(_text(original, aids), _text(translation, aids))
    first = _first_measure(evidence.original, evidence.translation)
    problem = _Problem(evidence, usual, first, _rooms(corners))
    path = _likeliest(problem)
    measure = _measured(problem.lengths(path)[path.beads == 0], first)
    problem = _Problem(evidence, usual, measure, problem.rooms)
    size = len(problem.rooms.low)
    corridor = problem.rooms
    if corridor.starts[-1] > _SMALL:
        corridor = corridor.around(path.line(size), np.full(size, _NARROW))
    path = _best(problem, corridor)
    corridor = problem.rooms.around(path.line(size), np.full(size, _NEAR))
    scores = _probabilities(problem, corridor, path)
    return [
        _Bead(slice(i - BEADS[bead][0], i), slice(j - BEADS[bead][1], j), round(float(score), 4))
        for bead, i, j, score in zip(
            path.beads.tolist(), path.original.tolist(), path.translation.tolist(), scores, strict=True
        )
    ]


def _links(
    original: Sequence[Unit],
    translation: Sequence[Unit],
    usual: Floats,
    aids: Aids,
    corners: Sequence[Corner] | None = None,
) -> Iterator[Link]:
    if not original or not translation:
        yield from _alone(original, translation)
        return
    whole = ((0, 0), (len(original), len(translation)))
    for bead in _aligned(original, translation, corners or whole, usual, aids):
        one, other = original[bead.original], translation[bead.translation]
        method = WEIGHED if one and other else ONE_SIDED
        yield _link(one, other, method, bead.score)


def _link(
    original: Sequence[Unit], translation: Sequence[Unit], method: str, score: float | None = None
) -> Link:
    return Link(
        original=tuple(unit.unit_id for unit in original),
        translation=tuple(unit.unit_id for unit in translation),
        zone=(*original, *translation)[0].zone,
        method=method,
        score=score,
    )


def _alone(original: Sequence[Unit], translation: Sequence[Unit]) -> Iterator[Link]:
    yield from (_link((unit,), (), ONE_SIDED) for unit in original)
    yield from (_link((), (unit,), ONE_SIDED) for unit in translation)


def pair_units(original: Sequence[Unit], translation: Sequence[Unit], aids: Aids) -> tuple[Link, ...]:
    """The links between the units of a record's two texts; every unit is in exactly one.

    Methods: `field` and `copy` for units that share a key, `length_anchor` for units that were weighed,
    `single` for those that had no rival in their zone, `one_sided` for units without partner.

    The score is the share that a link has in the likelihood of all alignments of its zone near the best one
    (within `_NEAR` units): 1.0 means that no other is thinkable under the model, 0.5 that others together are
    as likely. It says how sure the model is, not how often it is right. None where nothing was weighed.

    The links stand in the order of their first original unit; one without original stands after the link of
    the translation's unit before it.
    """
    links = list(_keyed_links(original, translation))
    plain = [tuple(unit for unit in units if not unit.keys) for units in (original, translation)]
    for zones in _zones_apart(plain[0], plain[1]):
        ours, theirs = ([unit for unit in units if unit.zone in zones] for units in plain)
        usual = PROSE if zones <= PROSE_ZONES else LABELS
        found = _links(ours, theirs, usual, aids)
        only = len(ours) == len(theirs) == 1
        links += [_as_single(link) if only and link.method == WEIGHED else link for link in found]
    return _in_order(links, original, translation)


def pair_sentences(
    original: Sequence[Unit],
    translation: Sequence[Unit],
    unit_links: Sequence[Link],
    paragraph_of: Mapping[str, str],
    aids: Aids,
) -> tuple[Link, ...]:
    """The links between sentences, each within one of the unit links of prose.

    `paragraph_of` leads from a sentence to its paragraph. Every sentence whose paragraph a prose link holds
    is in exactly one link; others are in none. Methods, scores and order are those of `pair_units`; `single`,
    with no score, are sentences that had no rival in their unit link. The unit links may cross.
    """
    within = [_by_paragraph(units, paragraph_of) for units in (original, translation)]
    links: list[Link] = []
    ours: list[Unit] = []
    theirs: list[Unit] = []
    corners: list[Corner] = [(0, 0)]
    for link in unit_links:
        if link.zone not in PROSE_ZONES:
            continue
        one = [unit for member in link.original for unit in within[0].get(member, ())]
        other = [unit for member in link.translation for unit in within[1].get(member, ())]
        if not one or not other:
            links += _alone(one, other)
        elif len(one) == len(other) == 1:
            links.append(_link(one, other, SINGLE))
        else:
            ours += one
            theirs += other
            corners.append((len(ours), len(theirs)))
    links += _links(ours, theirs, PROSE, aids, corners)
    return _in_order(links, original, translation)


def _by_paragraph(units: Sequence[Unit], paragraph_of: Mapping[str, str]) -> dict[str, list[Unit]]:
    sentences: defaultdict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        sentences[paragraph_of[unit.unit_id]].append(unit)
    return sentences


def _as_single(link: Link) -> Link:
    return Link(link.original, link.translation, link.zone, SINGLE, link.score)


def _zones_apart(original: Sequence[Unit], translation: Sequence[Unit]) -> list[frozenset[Zone]]:
    """The zones to align, each by itself.

    Prose zones are one when the texts differ in which of them they have: then the boundary between them was
    not seen on one side, and says nothing of what corresponds.
    """
    found = [{unit.zone for unit in units} for units in (original, translation)]
    prose = [zones & PROSE_ZONES for zones in found]
    together = [frozenset(prose[0] | prose[1])] if prose[0] != prose[1] else []
    apart = [frozenset({zone}) for zone in Zone if zone in found[0] | found[1]]
    return together + [zones for zones in apart if not (together and zones <= PROSE_ZONES)]


def _keyed_links(original: Sequence[Unit], translation: Sequence[Unit]) -> Iterator[Link]:
    """Connected components of units that share a key; a key that recurs counts anew each time."""
    sides = (_by_key(original), _by_key(translation))
    original_by_id, translation_by_id = (
        {unit.unit_id: (n, unit) for n, unit in enumerate(units)} for units in (original, translation)
    )
    group = {unit.unit_id: {unit.unit_id} for unit in (*original, *translation) if unit.keys}
    for key in sides[0].keys() & sides[1].keys():
        joined = group[sides[0][key]] | group[sides[1][key]]
        for unit_id in joined:
            group[unit_id] = joined
    done: set[str] = set()
    for unit in (*original, *translation):
        if unit.keys and unit.unit_id not in done:
            component = group[unit.unit_id]
            done |= component
            one, other = _of(component, original_by_id), _of(component, translation_by_id)
            yield _link(one, other, _keyed_method(one, other))


def _of(component: set[str], units: Mapping[str, tuple[int, Unit]]) -> list[Unit]:
    """The members of a component that are among these units, in the order of the text."""
    return [unit for _, unit in sorted((units[one] for one in component if one in units), key=itemgetter(0))]


def _by_key(units: Sequence[Unit]) -> dict[tuple[str, int], str]:
    """The unit that carries a key for the first time, the second time …"""
    seen: Counter[str] = Counter()
    carriers: dict[tuple[str, int], str] = {}
    for unit in units:
        for key in dict.fromkeys(unit.keys):
            carriers[key, seen[key]] = unit.unit_id
            seen[key] += 1
    return carriers


def _keyed_method(original: Sequence[Unit], translation: Sequence[Unit]) -> str:
    if not original or not translation:
        return ONE_SIDED
    keys = (key for unit in (*original, *translation) for key in unit.keys)
    return COPY if any(key.startswith("copy:") for key in keys) else FIELD


def _in_order(
    links: Iterable[Link], original: Sequence[Unit], translation: Sequence[Unit]
) -> tuple[Link, ...]:
    place = {unit.unit_id: n for n, unit in enumerate(original)}
    found = list(links)
    holder = {unit_id: link for link in found for unit_id in link.translation}
    after: dict[str, int] = {}
    latest = -1
    for unit in translation:
        link = holder.get(unit.unit_id)
        if link and link.original:
            latest = place[link.original[0]]
        after[unit.unit_id] = latest

    order = {unit.unit_id: n for n, unit in enumerate(translation)}

    def key(link: Link) -> tuple[int, int, int]:
        if link.original:
            return place[link.original[0]], 0, 0
        return after[link.translation[0]], 1, order[link.translation[0]]

    return tuple(sorted(found, key=key))
