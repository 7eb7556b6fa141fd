"""One record, read through all stages: what the machine makes of it, and the decisions laid over that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cables import curation, doubts, facts, lines, names, pairs, paragraphs, record, sentences, zones
from cables.curation import Decisions, DiscrepancyReading, Pair
from cables.facts import Facts
from cables.model import Doubt, Link, Paragraph, Refused, Sentence, Unit
from cables.names import EditorialMark, Mention
from cables.record import Record
from cables.vocabulary import Vocabulary
from cables.zones import Zones


@dataclass(frozen=True, slots=True)
class Reading:
    """A record with everything that was read, inferred and decided of it.

    `machine_units` and `machine_sentences` are the aligner's own links; `units` and `sentence_pairs` those
    that are published. `proposed` leads from a paragraph to its text with slips of transcription replaced,
    `explained` from a doubt to the discrepancy that explains it.
    """

    record: Record
    zones: Zones
    paragraphs: tuple[Paragraph, ...]
    sentences: tuple[Sentence, ...]
    facts: Facts
    marks: tuple[EditorialMark, ...]
    mentions: tuple[Mention, ...]
    machine_units: tuple[Link, ...]
    machine_sentences: tuple[Link, ...]
    units: tuple[Pair, ...]
    sentence_pairs: tuple[Pair, ...]
    doubts: tuple[Doubt, ...]
    doubt_ids: tuple[str, ...]
    explained: Mapping[str, str]
    discrepancy_readings: tuple[DiscrepancyReading, ...]
    proposed: Mapping[str, str]
    decisions: Decisions


def read(name: str, data: bytes, record_id: str, vocabulary: Vocabulary, decisions: Decisions) -> Reading:
    """Reads one source file. Raises InputError for what is no record, InputErrors for bad decisions."""
    own = record.read(record_id, lines.read(name, data), vocabulary)
    zoned = zones.read(own, vocabulary)
    found = paragraphs.read(own, zoned, vocabulary)
    split = sentences.read(own, found, vocabulary)
    read_facts = facts.read(own, found, vocabulary)
    units, linked = aligned(own, found, split, vocabulary)
    doubtful = doubts.find_all(doubts.Read(own, zoned, found, read_facts, units, vocabulary))
    machine = _Machine(own, zoned, found, split, read_facts, units, linked, doubtful)
    return _decided(machine, vocabulary, decisions)


@dataclass(frozen=True, slots=True)
class _Machine:
    record: Record
    zones: Zones
    paragraphs: tuple[Paragraph, ...]
    sentences: tuple[Sentence, ...]
    facts: Facts
    units: tuple[Link, ...]
    sentence_links: tuple[Link, ...]
    doubts: tuple[Doubt, ...]


def aligned(
    own: Record, found: Sequence[Paragraph], split: Sequence[Sentence], vocabulary: Vocabulary
) -> tuple[tuple[Link, ...], tuple[Link, ...]]:
    """The aligner's links of both levels; none where there is one text only."""
    if len(own.texts) < 2:
        return (), ()
    aids = pairs.Aids(vocabulary.transliteration, vocabulary.months, vocabulary.numerals)
    keys = unit_keys(own, found, vocabulary)
    sides = [[one for one in found if one.side is text.side] for text in own.texts]
    units = [
        [Unit(one.paragraph_id, one.zone, one.text, keys[one.paragraph_id]) for one in side] for side in sides
    ]
    links = pairs.pair_units(units[0], units[1], aids)
    paragraph_of = {one.paragraph_id: one for one in found}
    ids = [{one.paragraph_id for one in side} for side in sides]
    of_side = [
        [
            Unit(one.sentence_id, paragraph_of[one.paragraph_id].zone, one.text)
            for one in split
            if one.paragraph_id in own_ids
        ]
        for own_ids in ids
    ]
    holder_of = {one.sentence_id: one.paragraph_id for one in split}
    return links, pairs.pair_sentences(of_side[0], of_side[1], links, holder_of, aids)


def unit_keys(own: Record, found: Sequence[Paragraph], vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    """What every paragraph is, the same in both texts: its form fields, or the number of its copy."""
    keys: dict[str, list[str]] = {one.paragraph_id: [] for one in found}
    for finding in facts.find(own, found, vocabulary):
        if finding.field.where == "prose":
            continue
        number = finding.match.groupdict().get("copy")
        key = f"copy:{int(number)}" if number else finding.field.name
        keys[finding.paragraph.paragraph_id].append(key)
    return {one: tuple(dict.fromkeys(of_one)) for one, of_one in keys.items()}


def _pairs(
    machine: _Machine, decisions: Decisions, errors: Refused
) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
    """The links between units and those between sentences, as far as they are not refused."""
    units = {one.paragraph_id: one for one in machine.paragraphs}
    sentences = {one.sentence_id: one for one in machine.sentences}
    paragraph_of = units | {one.sentence_id: units[one.paragraph_id] for one in machine.sentences}
    nothing: tuple[Pair, ...] = ()
    return (
        errors.collect(
            lambda: curation.reviewed_pairs(decisions, "unit", machine.units, units, paragraph_of), nothing
        ),
        errors.collect(
            lambda: curation.reviewed_pairs(
                decisions, "sentence", machine.sentence_links, sentences, paragraph_of
            ),
            nothing,
        ),
    )


def _decided(machine: _Machine, vocabulary: Vocabulary, decisions: Decisions) -> Reading:
    ids = doubts.doubt_ids(machine.record.record_id, machine.doubts)
    errors = Refused()
    forms: tuple[names.NameForm, ...] = errors.collect(
        lambda: curation.name_forms(decisions, machine.paragraphs), ()
    )
    quoted: tuple[DiscrepancyReading, ...] = errors.collect(
        lambda: curation.discrepancy_readings(decisions, machine.paragraphs, machine.record), ()
    )
    nothing: dict[str, str] = {}
    explained = errors.collect(lambda: curation.explained(decisions, ids), nothing)
    units, linked = _pairs(machine, decisions, errors)
    found = names.mentions(machine.paragraphs, forms)
    known = curation.identified(machine.facts, found, machine.paragraphs, machine.record)
    with_witnesses = errors.collect(lambda: curation.with_witnesses(known, decisions, machine.record), known)
    final = errors.collect(lambda: curation.with_cells(with_witnesses, decisions), with_witnesses)
    errors.raise_all()
    return Reading(
        record=machine.record,
        zones=machine.zones,
        paragraphs=machine.paragraphs,
        sentences=machine.sentences,
        facts=final,
        marks=names.editorial_marks(machine.paragraphs, vocabulary),
        mentions=found,
        machine_units=machine.units,
        machine_sentences=machine.sentence_links,
        units=units,
        sentence_pairs=linked,
        doubts=machine.doubts,
        doubt_ids=ids,
        explained=explained,
        discrepancy_readings=quoted,
        proposed=curation.proposed_texts(quoted, machine.paragraphs),
        decisions=decisions,
    )
