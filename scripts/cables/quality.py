"""How well the machine's links agree with the reviewed ones.

A link is right only as a whole: the same members on both sides. Two counts are kept. *Strict* knows the
reviewed links alone; *lax* also takes the division that a reviewer noted as arguable. Beside the machine
stands the plain aligner of Gale and Church: lengths alone, on the same units in the order of the text.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from cables.curation import Members, Pair
from cables.model import Link, Zone
from cables.reading import Reading
from cables.schemas import Json

Alternatives = Mapping[Members, Collection[Members]]


def members(link: Link) -> Members:
    """What a link joins, without how it was found."""
    return link.original, link.translation


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of links, and what follows from them.

    Of `machine` links `right` are right; of `reviewed` links `found` were found. The two differ where one
    link answers to several, as an alternative may, and where the machine puts a link into another zone.
    """

    machine: int
    right: int
    reviewed: int
    found: int

    @property
    def precision(self) -> float | None:
        """The share of the machine's links that are right; None where it made none."""
        return self.right / self.machine if self.machine else None

    @property
    def recall(self) -> float | None:
        """The share of the reviewed links that the machine found; None where there are none."""
        return self.found / self.reviewed if self.reviewed else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall; None where either is."""
        if self.precision is None or self.recall is None:
            return None
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True)
class Compared:
    """The figures of one set of links, strict and lax."""

    strict: Figures
    lax: Figures


@dataclass(frozen=True, slots=True)
class Score:
    """The comparison of one level: all its links, and those of each zone that has any, in zone order."""

    total: Compared
    zones: tuple[tuple[Zone, Compared], ...]


def score(machine: Sequence[Link], reviewed: Sequence[Link], alternatives: Alternatives) -> Score:
    """Compares the machine's links of one level with the reviewed ones of the same texts.

    `alternatives` lead from a reviewed link's members to the links that may stand in its stead. A machine
    link is laxly right when it is reviewed or such an alternative; a reviewed link is laxly found when it,
    or every one of its alternatives, is among the machine's.
    """
    judged = _Judged(
        made=frozenset(map(members, machine)),
        asked=frozenset(map(members, reviewed)),
        alternatives=alternatives,
    )
    zones = {link.zone for link in (*machine, *reviewed)}
    return Score(
        total=judged.compared(machine, reviewed),
        zones=tuple(
            (zone, judged.compared(_in(zone, machine), _in(zone, reviewed))) for zone in Zone if zone in zones
        ),
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    made: frozenset[Members]
    asked: frozenset[Members]
    alternatives: Alternatives

    def compared(self, machine: Sequence[Link], reviewed: Sequence[Link]) -> Compared:
        arguable = {one for link in self.asked for one in self.alternatives.get(link, ())}
        return Compared(
            strict=Figures(
                machine=len(machine),
                right=sum(members(link) in self.asked for link in machine),
                reviewed=len(reviewed),
                found=sum(members(link) in self.made for link in reviewed),
            ),
            lax=Figures(
                machine=len(machine),
                right=sum(members(link) in self.asked | arguable for link in machine),
                reviewed=len(reviewed),
                found=sum(self._found(members(link)) for link in reviewed),
            ),
        )

    def _found(self, link: Members) -> bool:
        alternatives = self.alternatives.get(link, ())
        return link in self.made or (bool(alternatives) and self.made.issuperset(alternatives))


def _in(zone: Zone, links: Sequence[Link]) -> list[Link]:
    return [link for link in links if link.zone is zone]


def alternatives(pairs: Iterable[Pair]) -> dict[Members, frozenset[Members]]:
    """The alternatives that reviewers noted, by the pair that they argue with."""
    return {members(pair.link): pair.alternative.links for pair in pairs if pair.alternative}


# --- a plain aligner to compare with -----------------------------------------------------------------

# What Gale and Church (1993) found in their texts: how usual a bead is, and the scatter of lengths around a
# ratio of one.
PRIORS = {(1, 1): 0.89, (1, 0): 0.0099, (0, 1): 0.0099, (2, 1): 0.089, (1, 2): 0.089, (2, 2): 0.011}
VARIANCE = 6.8
# It looks at every cell of the one text by the other, so it is only asked about texts of some hundred units.
MOST_CELLS = 200_000


def gale_church(original: Sequence[int], translation: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """The beads, first to last, that lengths in characters alone find likeliest, in the published manner."""
    best: dict[tuple[int, int], tuple[float, tuple[int, int]]] = {(0, 0): (0.0, (0, 0))}
    for i in range(len(original) + 1):
        for j in range(len(translation) + 1):
            if i or j:
                best[i, j] = min(
                    (best[i - m, j - n][0] + _cost(original[i - m : i], translation[j - n : j]), (m, n))
                    for m, n in PRIORS
                    if m <= i and n <= j
                )
    beads = []
    at = (len(original), len(translation))
    while at != (0, 0):
        beads.append(best[at][1])
        at = (at[0] - beads[-1][0], at[1] - beads[-1][1])
    return tuple(reversed(beads))


def _cost(original: Sequence[int], translation: Sequence[int]) -> float:
    """A bead's cost: the negative logarithm of how usual it is, and so great a difference of lengths."""
    mean = (sum(original) + sum(translation)) / 2
    deviation = abs(sum(original) - sum(translation)) / math.sqrt(mean * VARIANCE) if mean else 0.0
    as_great = math.erfc(deviation / math.sqrt(2))
    # Beyond some 38 deviations the chance is too small for a float; its logarithm is not.
    chance = math.log(as_great) if as_great else -(deviation**2) / 2 - math.log(deviation)
    return -chance - math.log(PRIORS[len(original), len(translation)])


def by_length_alone(
    original: Mapping[str, str], translation: Mapping[str, str], zone_of: Mapping[str, Zone]
) -> tuple[Link, ...] | None:
    """The links of units (text by id) by `gale_church`; None where the texts are too long to ask it."""
    if len(original) * len(translation) > MOST_CELLS:
        return None
    ids = [list(original), list(translation)]
    links = []
    i = j = 0
    beads = gale_church([len(one) for one in original.values()], [len(one) for one in translation.values()])
    for m, n in beads:
        own, other = tuple(ids[0][i : i + m]), tuple(ids[1][j : j + n])
        links.append(Link(own, other, zone_of[(own or other)[0]], "length"))
        i, j = i + m, j + n
    return tuple(links)


# --- what is measured of a record --------------------------------------------------------------------


def report(readings: Sequence[Reading], frames: Mapping[str, pl.DataFrame]) -> Json:
    """What metadata/quality.json holds: for each record the scores of both levels, counts of doubts and
    the lines of the form that were not, or not wholly, read."""
    return {"records": [_of_record(reading, frames) for reading in readings]}


def _of_record(reading: Reading, frames: Mapping[str, pl.DataFrame]) -> Json:
    record_id = reading.record.record_id
    found = frames["discrepancies"].filter(pl.col("record_id") == record_id)
    return {
        "record_id": record_id,
        "levels": [
            _of_level(reading, "unit", reading.machine_units, reading.units),
            _of_level(reading, "sentence", reading.machine_sentences, reading.sentence_pairs),
        ],
        "discrepancies": {
            "total": found.height,
            **{column: _counts(found, column) for column in ("class", "severity", "locus", "certainty")},
        },
        "doubts": {"total": len(reading.doubts), "explained": len(reading.explained)},
        "unread_lines": list(reading.facts.unread),
    }


def _counts(frame: pl.DataFrame, column: str) -> dict[str, int]:
    return dict(frame.group_by(column).len().sort("len", column, descending=[True, False]).iter_rows())


def _of_level(reading: Reading, level: str, machine: Sequence[Link], pairs: Sequence[Pair]) -> Json:
    reviewed = [pair.link for pair in pairs if pair.reviewed]
    judged = {one for link in reviewed for one in (*link.original, *link.translation)}
    accepted = alternatives(pairs)
    others = {
        "machine": machine,
        "gale_church": by_length_alone(*_asked(reading, machine)) if reviewed else None,
    }
    return {
        "level": level,
        "pairs": len(pairs),
        "reviewed": len(reviewed),
        "arguable": len(accepted),
        **{
            name: _scored(links, reviewed, accepted, judged) if links is not None and reviewed else None
            for name, links in others.items()
        },
    }


def _asked(reading: Reading, links: Sequence[Link]) -> tuple[dict[str, str], dict[str, str], dict[str, Zone]]:
    """The units that were linked, in the order of the text: text by id for either side, zone by id."""
    paragraph_of = {one.paragraph_id: one for one in reading.paragraphs}
    texts = {one.paragraph_id: one.text for one in reading.paragraphs}
    texts |= {one.sentence_id: one.text for one in reading.sentences}
    zones = {one.paragraph_id: one.zone for one in reading.paragraphs}
    zones |= {one.sentence_id: paragraph_of[one.paragraph_id].zone for one in reading.sentences}
    original = {one for link in links for one in link.original}
    translation = {one for link in links for one in link.translation}
    return (
        {one: text for one, text in texts.items() if one in original},
        {one: text for one, text in texts.items() if one in translation},
        zones,
    )


def _scored(
    links: Sequence[Link], reviewed: Sequence[Link], accepted: Alternatives, judged: Collection[str]
) -> Json:
    """A score as JSON has it. Links of which nobody reviewed a member are not judged."""
    own = [link for link in links if any(one in judged for one in (*link.original, *link.translation))]
    found = score(own, reviewed, accepted)
    asked = set(map(members, reviewed))
    return {
        **_compared(found.total),
        "zones": [{"zone": zone.value, **_compared(compared)} for zone, compared in found.zones],
        "not_reviewed_so": [
            {"original": list(link.original), "translation": list(link.translation)}
            for link in own
            if members(link) not in asked
        ],
    }


def _compared(compared: Compared) -> Json:
    return {"strict": _figures(compared.strict), "lax": _figures(compared.lax)}


def _figures(figures: Figures) -> Json:
    shares = {"precision": figures.precision, "recall": figures.recall, "f1": figures.f1}
    return {
        "links": figures.machine,
        "right": figures.right,
        "reviewed": figures.reviewed,
        "found": figures.found,
        **{name: None if share is None else round(share, 4) for name, share in shares.items()},
    }
