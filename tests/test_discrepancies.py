"""What was recorded of this cable by reading it, and the page that shows it."""

from __future__ import annotations

import functools
import shutil
from pathlib import Path

import polars as pl
import pytest

from building import REPOSITORY, of_the_first
from cables import inputs, package, pages
from cables.inputs import Inputs, Places
from cables.model import InputErrors
from cables.package import Build

CURATION = REPOSITORY / "data" / "curation"


@functools.cache
def given() -> Inputs:
    return of_the_first(inputs.read(Places()))


@functools.cache
def cable() -> Build:
    return package.build(given())


def table(name: str) -> pl.DataFrame:
    return cable().frames[name]


def changed(place: Path, table_: str, old: str, new: str) -> Places:
    """The curation of this repository with one change."""
    shutil.copytree(CURATION, place / "curation")
    path = place / "curation" / f"{table_}.csv"
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
    return Places(curation=place / "curation")


def test_every_doubt_of_the_machine_is_explained_by_a_discrepancy_that_a_person_recorded() -> None:
    found = table("doubts").join(table("discrepancies"), on=["record_id", "discrepancy_id"], how="left")
    assert found.height
    unexplained = found.filter(pl.col("origin").ne_missing("curated"))
    assert unexplained.get_column("doubt_id").to_list() == []


def test_what_explains_a_doubt_has_a_reading_where_the_doubt_is() -> None:
    readings = table("discrepancy_readings").select(
        "discrepancy_id", reading_first="first_line", reading_last="last_line"
    )
    touching = (
        table("doubts")
        .join(readings, on="discrepancy_id")
        .filter(pl.col("reading_first") <= pl.col("last_line"))
        .filter(pl.col("first_line") <= pl.col("reading_last"))
    )
    assert set(touching.get_column("doubt_id")) == set(table("doubts").get_column("doubt_id"))


def test_a_doubt_that_the_machine_does_not_have_cannot_be_explained(tmp_path: Path) -> None:
    doubt = table("doubts").item(0, "doubt_id")
    places = changed(tmp_path, "discrepancies", doubt, f"{doubt}-9")
    with pytest.raises(InputErrors, match=rf"discrepancies\.csv:\d+: doubt '{doubt}-9'"):
        package.build(of_the_first(inputs.read(places)))


def test_a_difference_between_the_texts_quotes_or_locates_both() -> None:
    between = ["meaning", "degree", "only_in_original", "only_in_translation"]
    sides = (
        table("discrepancies")
        .filter(pl.col("class").is_in(between))
        .join(table("discrepancy_readings"), on="discrepancy_id")
        .group_by("discrepancy_id")
        .agg(pl.col("side").unique())
    )
    lacking = [name for name, own in sides.iter_rows() if not {"original", "translation"} <= set(own)]
    assert sides.height and lacking == []


def test_what_stands_in_one_text_only_is_absent_from_the_other() -> None:
    for kind, other in (("only_in_original", "translation"), ("only_in_translation", "original")):
        ids = table("discrepancies").filter(pl.col("class") == kind).get_column("discrepancy_id").to_list()
        readings = table("discrepancy_readings").filter(pl.col("side") == other)
        for one in ids:
            own = readings.filter(pl.col("discrepancy_id") == one).get_column("reading").to_list()
            assert None in own, one


def test_only_slips_of_transcription_are_replaced_in_the_proposed_text() -> None:
    applied = (
        table("discrepancy_readings")
        .filter(pl.col("apply"))
        .join(table("discrepancies"), on="discrepancy_id")
        .select("side", "class", "locus", "certainty")
        .unique()
    )
    assert applied.height
    for side, kind, locus, certainty in applied.iter_rows():
        assert (side, kind, locus) == ("original", "transcription", "transcription")
        assert certainty in ("certain", "probable")


def test_the_proposed_text_differs_from_the_text_in_the_marked_readings_alone() -> None:
    applied = table("discrepancy_readings").filter(pl.col("apply")).to_dicts()
    proposed = table("paragraphs").filter(pl.col("text_proposed").is_not_null()).to_dicts()
    for row in proposed:
        text = row["text"]
        for one in applied:
            if row["first_line"] <= one["first_line"] <= row["last_line"]:
                text = text.replace(one["reading"], one["proposed"])
        assert text == row["text_proposed"] != row["text"]
    assert {row["first_line"] for row in proposed} == {one["first_line"] for one in applied}


def test_the_page_shows_every_discrepancy_and_every_reading() -> None:
    page = cable().files["docs/discrepancies.md"].decode()
    for (one,) in table("discrepancies").select("discrepancy_id").iter_rows():
        assert f"#### {one}\n" in page
    for (reading,) in table("discrepancy_readings").select("reading").drop_nulls().iter_rows():
        assert f"“{pages.literal(reading)}”" in page


def test_the_page_counts_what_the_table_holds() -> None:
    page = cable().files["docs/discrepancies.md"].decode()
    labels = pages.labels(given().vocabulary_rows["codes"])["discrepancy_class"]
    for kind, number in table("discrepancies").group_by("class").len().iter_rows():
        assert f"| {labels[kind]['label']} | {number} |" in page


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<b>a</b> & c", "&lt;b&gt;a&lt;/b&gt; &amp; c"),
        ("[a](b) | *c* _d_ `e` \\f", "\\[a\\](b) \\| \\*c\\* \\_d\\_ \\`e\\` \\\\f"),
        ("a\nb", "a b"),
        ("a\u202eb\x1b", "a\ufffdb\ufffd"),
        (None, ""),
    ],
)
def test_nothing_in_a_reading_is_markup_or_hidden_on_a_page(written: str | None, shown: str) -> None:
    assert pages.literal(written) == shown
