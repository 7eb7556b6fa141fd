"""What the aligner promises, whatever it is given."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from cables.model import Link, Unit, Zone
from cables.pairs import Aids, pair_sentences, pair_units
from corpus import MONTHS, Changes, corpus, members

ROOT = Path(__file__).resolve().parents[1]
NOTHING = Aids()


def letters() -> dict[str, str]:
    with (ROOT / "data/vocabulary/transliteration.csv").open(encoding="utf-8", newline="") as table:
        return {row["source"]: row["target"] for row in csv.DictReader(table)}


AIDS = Aids(letters(), MONTHS)


def texts(letter: str, *written: str, zone: Zone = Zone.MESSAGE) -> tuple[Unit, ...]:
    return tuple(Unit(f"{letter}{n}", zone, text) for n, text in enumerate(written))


def lines(letter: str, *keys: str, zone: Zone = Zone.FORM) -> tuple[Unit, ...]:
    """Form lines, each with its keys apart by blanks."""
    return tuple(Unit(f"{letter}{n}", zone, f"line {n}", tuple(of.split())) for n, of in enumerate(keys))


def joined(links: Sequence[Link]) -> list[str]:
    return ["+".join(link.original) + "=" + "+".join(link.translation) for link in links]


KEYS = st.sampled_from(["sent", "received", "channel", "copy:1", "copy:2"])
ZONES = st.sampled_from([Zone.MESSAGE, Zone.LETTER_BODY, Zone.FORM, Zone.SIGNATURE])
WRITTEN = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(["Сеул", "Seoul", "1950", "слово", "word", "(so)", "why?"]), max_size=30).map(
        " ".join
    ),
)


@st.composite
def side(draw: st.DrawFn, letter: str) -> tuple[Unit, ...]:
    drawn = draw(st.lists(st.tuples(ZONES, WRITTEN, st.lists(KEYS, max_size=2)), max_size=12))
    return tuple(Unit(f"{letter}{n}", zone, text, tuple(keys)) for n, (zone, text, keys) in enumerate(drawn))


# --- Whatever the texts


@settings(deadline=None)
@given(side("o"), side("t"))
def test_every_unit_is_in_exactly_one_link(original: tuple[Unit, ...], translation: tuple[Unit, ...]) -> None:
    links = pair_units(original, translation, AIDS)
    assert Counter(one for link in links for one in link.original) == Counter(u.unit_id for u in original)
    assert Counter(one for link in links for one in link.translation) == Counter(
        u.unit_id for u in translation
    )
    assert all(link.original or link.translation for link in links)


@settings(deadline=None)
@given(side("o"), side("t"))
def test_units_without_keys_keep_their_order_and_their_kind_of_zone(
    original: tuple[Unit, ...], translation: tuple[Unit, ...]
) -> None:
    units = {unit.unit_id: unit for unit in (*original, *translation)}
    crossing: dict[frozenset[Zone], list[tuple[int, int]]] = {}
    prose = frozenset({Zone.MESSAGE, Zone.LETTER_BODY})
    for link in pair_units(original, translation, AIDS):
        if link.method in ("length_anchor", "single"):
            kinds = {
                prose if units[one].zone in prose else frozenset({units[one].zone})
                for one in (*link.original, *link.translation)
            }
            assert len(kinds) == 1
            place = int(link.original[0][1:]), int(link.translation[0][1:])
            crossing.setdefault(frozenset({units[link.original[0]].zone}), []).append(place)
    for places in crossing.values():
        assert all(one[1] < other[1] for one, other in pairwise(sorted(places)))


@settings(deadline=None)
@given(side("o"), side("t"))
def test_swapping_the_texts_gives_the_same_links_the_other_way_round(
    original: tuple[Unit, ...], translation: tuple[Unit, ...]
) -> None:
    there = pair_units(original, translation, AIDS)
    back = pair_units(translation, original, AIDS)
    assert {(x.original, x.translation, x.method, x.score) for x in there} == {
        (x.translation, x.original, x.method, x.score) for x in back
    }


@settings(deadline=None)
@given(side("o"), side("t"))
def test_links_stand_in_the_order_of_the_original_and_scores_lie_between_nought_and_one(
    original: tuple[Unit, ...], translation: tuple[Unit, ...]
) -> None:
    links = pair_units(original, translation, AIDS)
    firsts = [int(link.original[0][1:]) for link in links if link.original]
    assert firsts == sorted(firsts)
    assert all(
        link.score is None or 0 <= link.score <= 1 == (link.score == round(link.score, 4)) for link in links
    )


def test_the_result_does_not_depend_on_the_hash_seed() -> None:
    program = (
        "from corpus import *; from cables.pairs import *; c = corpus(3, 40, Changes(0.1, 0.1, 0.1))\n"
        "print(pair_units(c.original, c.translation, Aids(months=MONTHS)))"
    )
    path = os.pathsep.join([str(ROOT / "scripts"), str(ROOT / "tests")])
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONPATH": path, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1


# --- Units that say what they are


def test_fields_pair_by_what_they_are_when_they_change_places() -> None:
    links = pair_units(
        lines("o", "sent", "received", "channel"), lines("t", "channel", "sent", "received"), NOTHING
    )
    assert joined(links) == ["o0=t1", "o1=t2", "o2=t0"]
    assert {(link.method, link.score) for link in links} == {("field", None)}


def test_a_line_with_two_fields_pairs_with_the_two_lines_that_carry_them() -> None:
    links = pair_units(lines("o", "place", "sent", "channel"), lines("t", "place sent", "channel"), NOTHING)
    assert joined(links) == ["o0+o1=t0", "o2=t1"]
    assert links[0].type == "2-1"


def test_a_field_that_recurs_pairs_in_order() -> None:
    links = pair_units(lines("o", "stamp", "stamp", "stamp"), lines("t", "stamp", "stamp"), NOTHING)
    assert joined(links) == ["o0=t0", "o1=t1", "o2="]


def test_copies_pair_by_number_and_one_without_partner_stays_alone() -> None:
    links = pair_units(
        lines("o", "copy:1", "copy:5", "copy:2", "copy:10", zone=Zone.DISTRIBUTION),
        lines("t", "copy:1", "copy:2", "copy:5", zone=Zone.DISTRIBUTION),
        NOTHING,
    )
    assert joined(links) == ["o0=t0", "o1=t2", "o2=t1", "o3="]
    assert [link.method for link in links] == ["copy", "copy", "copy", "one_sided"]


# --- Units that are weighed


def test_a_sentence_left_out_of_the_translation_stays_alone() -> None:
    original = texts("o", "а" * 120 + ".", "б" * 40 + ".", "в" * 200 + ".", "г" * 90 + ".")
    translation = texts("t", "a" * 118 + ".", "b" * 203 + ".", "c" * 88 + ".")
    assert joined(pair_units(original, translation, NOTHING)) == ["o0=t0", "o1=", "o2=t1", "o3=t2"]


def test_a_paragraph_printed_as_two_pairs_with_both() -> None:
    original = texts("o", "а" * 150 + ".", "б" * 300 + ".", "в" * 60 + ".")
    translation = texts("t", "a" * 148 + ".", "b" * 180 + ".", "c" * 119 + ".", "d" * 61 + ".")
    assert joined(pair_units(original, translation, NOTHING)) == ["o0=t0", "o1=t1+t2", "o2=t3"]


def test_names_in_two_alphabets_decide_where_lengths_cannot() -> None:
    original = texts(
        "o", "Мы были в Сеуле и ждали.", "Мы были в Чемульпо и ждали.", "Виссарионович ждал нас."
    )
    translation = texts("t", "We were in Chemulpo and waited.", "Vissarionovich waited.")
    assert joined(pair_units(original, translation, AIDS)) == ["o0=", "o1=t0", "o2=t1"]


def test_a_month_is_the_same_in_words_and_in_figures() -> None:
    original = texts("o", "Это было сказано нам 5.7. всем.", "Это было сказано нам 9.10. всем.")
    translation = texts("t", "This was told all of us on 9 October.")
    assert joined(pair_units(original, translation, AIDS)) == ["o0=", "o1=t0"]


def test_a_text_against_none_is_alone_and_unscored() -> None:
    links = pair_units(texts("o", "один", "два"), (), AIDS)
    assert joined(links) == ["o0=", "o1="]
    assert {(link.method, link.score) for link in links} == {("one_sided", None)}


def test_a_unit_without_rivals_in_its_zone_says_so() -> None:
    links = pair_units(
        texts("o", "ИВАНОВ", zone=Zone.SIGNATURE), texts("t", "IVANOV", zone=Zone.SIGNATURE), AIDS
    )
    assert [link.method for link in links] == ["single"]


def test_an_equal_rival_halves_the_score() -> None:
    same = "Some words."
    links = pair_units(texts("o", same), texts("t", same, same), NOTHING)
    sure = pair_units(texts("o", same), texts("t", same), NOTHING)
    assert max(link.score or 0 for link in links) < 0.6 < (sure[0].score or 0)


def test_prose_zones_are_one_where_a_text_has_but_one_of_them() -> None:
    original = texts("o", "Передаю письмо из Сеула.", "Письмо написано 5 июля 1950 года.")
    translation = (
        Unit("t0", Zone.MESSAGE, "I pass on a letter from Seoul."),
        Unit("t1", Zone.LETTER_BODY, "The letter was written on 5 July 1950."),
    )
    assert joined(pair_units(original, translation, AIDS)) == ["o0=t0", "o1=t1"]


def test_a_translation_s_own_unit_stands_after_its_neighbour() -> None:
    original = texts("o", "а" * 90 + ".", "б" * 300 + ".")
    translation = texts("t", "a" * 91 + ".", "b" * 1200 + "!", "c" * 299 + ".")
    assert joined(pair_units(original, translation, NOTHING)) == ["o0=t0", "=t1", "o1=t2"]


def test_digits_without_end_and_bare_marks_are_taken_as_they_come() -> None:
    hostile = ("9" * 10_000, "." * 5_000, ". " * 5_000, "", "\u0301" * 50, "ﬁ½²٣")
    links = pair_units(texts("o", *hostile), texts("t", *hostile), AIDS)
    assert joined(links) == [f"o{n}=t{n}" for n in range(len(hostile))]


# --- Sentences


def test_sentences_pair_within_their_paragraphs_only() -> None:
    original = texts("os", "Пришли в Сеул.", "Ушли.", "Пришли в Инчон.")
    translation = texts("ts", "They came to Seoul.", "They left.", "They came to Incheon.")
    paragraph_of = {"os0": "o0", "os1": "o0", "os2": "o1", "ts0": "t0", "ts1": "t1", "ts2": "t1"}
    links = [
        Link(("o0",), ("t0",), Zone.MESSAGE, "reviewed"),
        Link(("o1",), ("t1",), Zone.MESSAGE, "reviewed"),
    ]
    for link in pair_sentences(original, translation, links, paragraph_of, AIDS):
        paragraphs = {paragraph_of[one] for one in (*link.original, *link.translation)}
        assert paragraphs <= {"o0", "t0"} or paragraphs <= {"o1", "t1"}


def test_sentences_of_a_paragraph_left_alone_are_alone() -> None:
    links = pair_sentences(
        texts("os", "Одно.", "Другое."),
        texts("ts", "One."),
        [Link(("o0",), (), Zone.MESSAGE, "one_sided"), Link((), ("t0",), Zone.MESSAGE, "one_sided")],
        {"os0": "o0", "os1": "o0", "ts0": "t0"},
        AIDS,
    )
    assert sorted(joined(links)) == ["=ts0", "os0=", "os1="]


def test_sentences_follow_unit_links_that_cross() -> None:
    original = texts("os", "Раз.", "Два.", "Три.", "Четыре.")
    translation = texts("ts", "Three.", "Four.", "One.", "Two.")
    paragraph_of = {"os0": "o0", "os1": "o0", "os2": "o1", "os3": "o1"} | {
        "ts0": "t0", "ts1": "t0", "ts2": "t1", "ts3": "t1"
    }  # fmt: skip
    units = [
        Link(("o0",), ("t1",), Zone.MESSAGE, "reviewed"),
        Link(("o1",), ("t0",), Zone.MESSAGE, "reviewed"),
    ]
    links = pair_sentences(original, translation, units, paragraph_of, AIDS)
    assert joined(links) == ["os0=ts2", "os1=ts3", "os2=ts0", "os3=ts1"]


def test_sentences_outside_prose_are_in_no_link() -> None:
    links = pair_sentences(
        texts("os", "Принята.", zone=Zone.FORM),
        texts("ts", "Received.", zone=Zone.FORM),
        [Link(("o0",), ("t0",), Zone.FORM, "field")],
        {"os0": "o0", "ts0": "t0"},
        AIDS,
    )
    assert links == ()


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_every_sentence_of_prose_is_in_exactly_one_link(seed: int) -> None:
    made = corpus(seed, 12, Changes(0.15, 0.15, 0.1, 0.1))
    units = pair_units(made.original, made.translation, AIDS)
    links = pair_sentences(
        made.original_sentences, made.translation_sentences, units, made.paragraph_of, AIDS
    )
    assert sorted(one for link in links for one in link.original) == sorted(
        unit.unit_id for unit in made.original_sentences
    )
    assert sorted(one for link in links for one in link.translation) == sorted(
        unit.unit_id for unit in made.translation_sentences
    )


# --- Long texts, which are searched along a corridor


def found(seed: int, paragraphs: int, changes: Changes) -> float:
    """The share of the true links of a corpus that are found."""
    made = corpus(seed, paragraphs, changes)
    links = members(pair_units(made.original, made.translation, AIDS))
    return len(links & made.links) / len(made.links)


def test_a_long_text_is_aligned_as_well_as_a_short_one() -> None:
    changes = Changes(merged=0.04, split=0.04, dropped=0.02)
    short = sum(found(seed, 60, changes) for seed in range(10)) / 10
    assert found(20, 1_200, changes) > short - 0.03


def test_a_long_stretch_left_out_is_found_without_a_name_or_number_to_lead_there() -> None:
    assert found(21, 1_500, Changes(merged=0.02, split=0.02, gap=0.2, anchors=False)) > 0.93


def test_paragraphs_of_many_sentences_are_searched_along_a_corridor_too() -> None:
    made = corpus(22, 400, Changes())
    half = len(made.original_sentences) // 2, len(made.translation_sentences) // 2
    truth = sorted(made.sentence_links, key=lambda one: int((*one[0], *one[1])[0][2:]))
    middle = next(one for one in truth if one[0] and one[1] and int(one[0][0][2:]) >= half[0])
    first_original, first_translation = int(middle[0][0][2:]), int(middle[1][0][2:])
    paragraph_of = {
        unit.unit_id: f"o{int(unit.unit_id[2:]) >= first_original:d}" for unit in made.original_sentences
    } | {
        unit.unit_id: f"t{int(unit.unit_id[2:]) >= first_translation:d}"
        for unit in made.translation_sentences
    }
    units = [Link((f"o{n}",), (f"t{n}",), Zone.MESSAGE, "reviewed") for n in range(2)]
    links = members(
        pair_sentences(made.original_sentences, made.translation_sentences, units, paragraph_of, AIDS)
    )
    assert len(links & made.sentence_links) > 0.93 * len(made.sentence_links)
