"""From the units of a record's two texts to the links between them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter

from cables.model import PROSE_ZONES, Link, Unit, Zone
from cables.pairs.align import aligned
from cables.pairs.anchors import Aids
from cables.pairs.arrays import Corner, Floats
from cables.pairs.beads import LABELS, PROSE

FIELD, COPY, WEIGHED, SINGLE, ONE_SIDED = "field", "copy", "length_anchor", "single", "one_sided"


def pair_units(original: Sequence[Unit], translation: Sequence[Unit], aids: Aids) -> tuple[Link, ...]:
    """The links between the units of a record's two texts; every unit is in exactly one.

    Methods: `field` and `copy` for units that share a key, `length_anchor` for units that were weighed,
    `single` for those that had no rival in their zone, `one_sided` for units without partner.

    The score is the share that a link has in the likelihood of all alignments of its zone near the best one
    (within `search.NEAR` units): 1.0 means that no other is thinkable under the model, 0.5 that others
    together are as likely. It says how sure the model is, not how often it is right. None where nothing was
    weighed.

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
    for bead in aligned(original, translation, corners or whole, usual, aids):
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
