"""One side of an alignment: the lengths of its units and what each of them shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cables.model import Unit
from cables.pairs.anchors import Aids, anchors_of
from cables.pairs.arrays import Ints, running


@dataclass(frozen=True, slots=True)
class Pieces:
    """Characters and full stops of many stretches of a text."""

    size: Ints
    stops: Ints


@dataclass(frozen=True)
class Text:
    """One side: characters and full stops before each unit, and what each unit shows."""

    sizes: Ints
    stops: Ints
    shown: tuple[frozenset[str], ...]

    def __len__(self) -> int:
        return len(self.shown)

    def between(self, start: Ints, end: Ints) -> Pieces:
        """What the stretches from each start to its end hold."""
        return Pieces(self.sizes[end] - self.sizes[start], self.stops[end] - self.stops[start])

    def counts(self) -> Counter[str]:
        """In how many units each anchor stands."""
        return Counter(anchor for shown in self.shown for anchor in shown)


def text_of(units: Sequence[Unit], aids: Aids) -> Text:
    """The text that these units are."""
    anchors = [anchors_of(unit.text, aids) for unit in units]
    return Text(
        sizes=running([len(unit.text) for unit in units]),
        stops=running([anchor.stops for anchor in anchors]),
        shown=tuple(anchor.shown for anchor in anchors),
    )
