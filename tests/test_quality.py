"""The comparison of the machine's links with the reviewed ones."""

from __future__ import annotations

import pytest

from cables.curation import Alternative, Pair, alternative_of
from cables.model import InputError, Link, Zone
from cables.quality import Alternatives, Figures, alternatives, score
from cables.vocabulary import Row


def link(original: str, translation: str, zone: Zone = Zone.MESSAGE) -> Link:
    return Link(tuple(original.split()), tuple(translation.split()), zone, "reviewed")


def noted(written: str) -> Alternative:
    """An alternative, as a row of pairs.csv notes it."""
    found = alternative_of(Row("pairs.csv", 2, {"alternative": written}))
    assert found
    return found


def test_a_link_is_right_only_as_a_whole() -> None:
    reviewed = [link("o1", "t1"), link("o2", "t2 t3"), link("o3", "")]
    machine = [link("o1", "t1"), link("o2", "t2"), link("", "t3"), link("o3", "")]
    found = score(machine, reviewed, {}).total.strict
    assert found == Figures(machine=4, right=2, reviewed=3, found=2)
    assert (found.precision, found.recall) == (0.5, 2 / 3)
    assert found.f1 == pytest.approx(4 / 7)


def test_an_arguable_link_counts_laxly_only() -> None:
    reviewed = [link("o1 o2", "t1")]
    machine = [link("o1", "t1"), link("o2", "")]
    accepted: Alternatives = {(("o1", "o2"), ("t1",)): noted("o1 = t1; o2 =").links}
    total = score(machine, reviewed, accepted).total
    assert total.strict == Figures(machine=2, right=0, reviewed=1, found=0)
    assert total.lax == Figures(machine=2, right=2, reviewed=1, found=1)


def test_half_of_an_alternative_does_not_find_the_link() -> None:
    reviewed = [link("o1 o2", "t1")]
    accepted: Alternatives = {(("o1", "o2"), ("t1",)): noted("o1 = t1; o2 = t2").links}
    assert score([link("o1", "t1")], reviewed, accepted).total.lax.found == 0


def test_zones_are_told_apart_in_their_order() -> None:
    reviewed = [link("o2", "t2", Zone.LETTER_BODY), link("o1", "t1", Zone.FORM)]
    machine = [link("o2", "t2", Zone.LETTER_BODY), link("o1", "", Zone.FORM)]
    by_zone = score(machine, reviewed, {}).zones
    assert [(zone, compared.strict.right) for zone, compared in by_zone] == [
        (Zone.FORM, 0),
        (Zone.LETTER_BODY, 1),
    ]


def test_nothing_made_or_asked_has_no_figure_and_nothing_right_has_nought() -> None:
    nothing = score([], [], {}).total.strict
    assert (nothing.precision, nothing.recall, nothing.f1) == (None, None, None)
    assert score([link("o1", "t1")], [link("o1", "t2")], {}).total.strict.f1 == 0


def test_links_are_compared_by_members_not_by_method_or_score() -> None:
    machine = [Link(("o1",), ("t1",), Zone.MESSAGE, "length_anchor", 0.4)]
    assert score(machine, [link("o1", "t1")], {}).total.strict.f1 == 1


@pytest.mark.parametrize("written", ["o1 t1", "o1 = t1 = t2", " = ", "o1 = t1; =", "o1 = t1;"])
def test_what_is_no_alternative_is_refused_with_what_stands_there(written: str) -> None:
    with pytest.raises(
        InputError, match=r"pairs.csv:2: alternative .*; expected `original ids = translation"
    ):
        noted(written)


def test_alternatives_are_taken_from_the_pairs_that_have_one() -> None:
    argued, plain = link("o1 o2", "t1"), link("o3", "t3")
    pairs = [Pair(argued, True, "arguable", noted("o1 = t1; o2 =")), Pair(plain, True)]
    assert alternatives(pairs) == {(("o1", "o2"), ("t1",)): frozenset({(("o1",), ("t1",)), (("o2",), ())})}
