"""The pairs that a person decided, how they are laid over the machine's, and how the machine is measured."""

from __future__ import annotations

import functools
import json
import shutil
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.translate import gale_church as nltk_gale_church

from building import REPOSITORY, header_only, of_the_first
from cables import inputs, package, quality
from cables.inputs import Places
from cables.model import PROSE_ZONES, InputErrors, Link
from cables.package import Build
from cables.reading import Reading

CURATION = REPOSITORY / "data" / "curation"
PROSE = [zone.value for zone in PROSE_ZONES]


@functools.cache
def cable() -> Build:
    return package.build(of_the_first(inputs.read(Places())))


def changed(place: Path, old: str, new: str) -> Places:
    """This repository's inputs with one change in the reviewed pairs."""
    shutil.copytree(CURATION, place / "curation")
    path = place / "curation" / "pairs.csv"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return Places(curation=place / "curation")


def test_every_published_pair_is_reviewed_and_says_so() -> None:
    pairs = cable().frames["translation_pairs"]
    assert set(pairs.select("reviewed", "method").iter_rows()) == {(True, "reviewed")}


def test_every_paragraph_is_in_one_unit_pair_and_every_sentence_of_prose_in_one_sentence_pair() -> None:
    members = cable().frames["translation_pair_members"]
    units = Counter(members.filter(pl.col("sentence_id").is_null()).get_column("paragraph_id"))
    sentences = Counter(members.get_column("sentence_id").drop_nulls())
    paragraphs = cable().frames["paragraphs"]
    prose = paragraphs.filter(pl.col("zone").is_in(PROSE)).get_column("paragraph_id").to_list()
    expected = cable().frames["sentences"].filter(pl.col("paragraph_id").is_in(prose))
    assert units == Counter(paragraphs.get_column("paragraph_id"))
    assert sentences == Counter(expected.get_column("sentence_id"))


def test_a_pair_with_an_alternative_says_what_is_arguable() -> None:
    arguable = cable().frames["translation_pairs"].filter(pl.col("alternative").is_not_null())
    assert arguable.height and arguable.get_column("note").null_count() == 0


def test_an_alternative_divides_the_same_members_another_way() -> None:
    (reading,) = cable().readings
    for pairs in (reading.units, reading.sentence_pairs):
        published = {quality.members(pair.link) for pair in pairs}
        for link, alternatives in quality.alternatives(pairs).items():
            own = {*link[0], *link[1]}
            assert any(own <= {*other[0], *other[1]} for other in alternatives)
            assert not published & set(alternatives)


@pytest.mark.parametrize(
    ("alternative", "found"),
    [
        ("r119402-o-L031 r119402-t-L179", "alternative 'r119402-o-L031 r119402-t-L179'"),
        ("r119402-o-L031 = r119402-t-L999", "alternative 'r119402-t-L999'"),
        ("=", "alternative '='"),
    ],
)
def test_a_bad_alternative_is_refused_with_its_line(tmp_path: Path, alternative: str, found: str) -> None:
    places = changed(tmp_path, "r119402-o-L031 = r119402-t-L179 r119402-t-L182", alternative)
    with pytest.raises(InputErrors, match=rf"pairs\.csv:2: {found}"):
        package.build(of_the_first(inputs.read(places)))


def test_a_pair_that_expects_other_words_is_refused(tmp_path: Path) -> None:
    places = changed(tmp_path, "Снятие копий воспрещается", "Снятие копий разрешается")
    with pytest.raises(
        InputErrors, match=r"pairs\.csv:\d+: r119402-o-L033 begins 'Снятие копий воспрещается'"
    ):
        package.build(of_the_first(inputs.read(places)))


def test_where_nobody_decided_the_machine_speaks_and_says_so(tmp_path: Path) -> None:
    build = package.build(of_the_first(inputs.read(Places(curation=header_only(tmp_path / "curation")))))
    pairs = build.frames["translation_pairs"]
    assert pairs.get_column("reviewed").sum() == 0 and "reviewed" not in set(pairs.get_column("method"))
    (record,) = json.loads(build.files["metadata/quality.json"])["records"]
    assert [(one["reviewed"], one["machine"], one["gale_church"]) for one in record["levels"]] == [
        (0, None, None),
        (0, None, None),
    ]
    assert "Nobody has reviewed them" in build.files["docs/alignment.md"].decode()


def test_only_what_was_reviewed_is_measured(tmp_path: Path) -> None:
    curation = header_only(tmp_path / "curation")
    header, *rows = (CURATION / "pairs.csv").read_text("utf-8").splitlines()
    kept = [row for row in rows if "r119402-o-L050," in row or "r119402-o-L052," in row]
    (curation / "pairs.csv").write_text("\n".join([header, *kept]) + "\n", "utf-8")
    build = package.build(of_the_first(inputs.read(Places(curation=curation))))
    units, sentences = build.quality["records"][0]["levels"]
    assert (units["reviewed"], units["machine"]["strict"]["links"]) == (2, 2)
    assert sentences["machine"] is None


def test_the_machine_agrees_with_the_reviewer_and_is_not_behind_lengths_alone() -> None:
    for level in cable().quality["records"][0]["levels"]:
        assert level["machine"]["strict"]["f1"] >= 0.98
        assert level["machine"]["strict"]["f1"] >= level["gale_church"]["strict"]["f1"]


def test_a_link_that_the_reviewer_does_not_have_is_named(tmp_path: Path) -> None:
    one = "r119402-o-L077,ПОДЛЕЖИТ ВОЗВРАТУ в IV,,,"
    other = "r119402-o-L079,Вх. № 3561/42 1/2 1950 г.,r119402-t-L209,[stamp: Incoming N° 3561/shs,"
    shutil.copytree(CURATION, tmp_path / "curation")
    path = tmp_path / "curation" / "pairs.csv"
    rows = path.read_text("utf-8").splitlines()
    kept = [row for row in rows if one not in row and other not in row]
    kept.append(
        "119402,unit,r119402-o-L077 r119402-o-L079,ПОДЛЕЖИТ ВОЗВРАТУ,r119402-t-L209,[stamp: Incoming,,"
    )
    assert len(kept) == len(rows) - 1
    path.write_text("\n".join(kept) + "\n", "utf-8")
    build = package.build(of_the_first(inputs.read(Places(curation=tmp_path / "curation"))))
    machine = build.quality["records"][0]["levels"][0]["machine"]
    assert machine["not_reviewed_so"] == [
        {"original": ["r119402-o-L077"], "translation": []},
        {"original": ["r119402-o-L079"], "translation": ["r119402-t-L209"]},
    ]
    assert machine["strict"]["right"] == machine["strict"]["links"] - 2
    assert "r119402-o-L079 = r119402-t-L209" in build.files["docs/alignment.md"].decode()


def by_nltk(original: list[int], translation: list[int]) -> set[tuple[int, int]]:
    return set(nltk_gale_church.align_blocks(original, translation))


def linked(beads: tuple[tuple[int, int], ...]) -> set[tuple[int, int]]:
    """Beads as the pairs of places that they link, as NLTK gives them."""
    found = set()
    i = j = 0
    for m, n in beads:
        found |= {(i + a, j + b) for a in range(m) for b in range(n)}
        i, j = i + m, j + n
    return found


def lengths(reading: Reading, links: tuple[Link, ...]) -> tuple[list[int], list[int]]:
    texts = {one.paragraph_id: one.text for one in reading.paragraphs}
    texts |= {one.sentence_id: one.text for one in reading.sentences}
    sides = [{one for link in links for one in side(link)} for side in (originals, translations)]
    return (
        [len(text) for one, text in texts.items() if one in sides[0]],
        [len(text) for one, text in texts.items() if one in sides[1]],
    )


def originals(link: Link) -> tuple[str, ...]:
    return link.original


def translations(link: Link) -> tuple[str, ...]:
    return link.translation


def test_lengths_alone_link_this_cable_as_nltk_does() -> None:
    (reading,) = cable().readings
    for links in (reading.machine_units, reading.machine_sentences):
        original, translation = lengths(reading, links)
        assert linked(quality.gale_church(original, translation)) == by_nltk(original, translation)


LENGTHS = st.lists(st.integers(20, 200), min_size=1, max_size=12)


@given(LENGTHS, LENGTHS)
def test_beads_cover_both_texts_once(original: list[int], translation: list[int]) -> None:
    beads = quality.gale_church(original, translation)
    assert (sum(m for m, _ in beads), sum(n for _, n in beads)) == (len(original), len(translation))


def test_texts_too_long_for_lengths_alone_are_not_asked() -> None:
    many = {f"o{number}": "x" for number in range(quality.MOST_CELLS)}
    assert quality.by_length_alone(many, {"t1": "x", "t2": "x"}, {}) is None
