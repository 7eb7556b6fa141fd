"""Vocabulary rows become lookups, and a row that cannot be used says where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from cables import dates
from cables import vocabulary as vocabularies
from cables.inputs import Inputs
from cables.model import InputError
from cables.vocabulary import Row, Vocabulary


def with_row(given: Inputs, table: str, **cells: str) -> Mapping[str, Sequence[Row]]:
    """The vocabulary's tables with one row more, its other cells empty."""
    rows = given.vocabulary_rows[table]
    empty = dict.fromkeys(rows[0].cells, "")
    return {**given.vocabulary_rows, table: [*rows, Row(f"{table}.csv", 99, {**empty, **cells})]}


def test_a_pattern_that_is_no_regular_expression_is_refused_with_its_line(given: Inputs) -> None:
    tables = with_row(given, "cues", field="submitted", pattern="(open")
    with pytest.raises(InputError, match=r"^cues\.csv:99: .*regular expression"):
        vocabularies.load(tables)


def test_a_cue_of_an_unknown_field_is_refused(given: Inputs) -> None:
    with pytest.raises(InputError, match=r"^cues\.csv:99: field 'colour'; expected a field of fields\.csv"):
        vocabularies.load(with_row(given, "cues", field="colour", pattern="x"))


def test_a_zone_outside_the_closed_list_is_refused(given: Inputs) -> None:
    with pytest.raises(InputError, match=r"^fields\.csv:99: zone 'margin'"):
        vocabularies.load(with_row(given, "fields", field="margin", zone="margin"))


def test_a_month_that_is_no_number_is_refused(given: Inputs) -> None:
    with pytest.raises(InputError, match=r"^months\.csv:99: month 'ninth'"):
        vocabularies.load(with_row(given, "months", word="Septembre", month="ninth"))


@pytest.mark.parametrize("kept", ["translation_language", "year"])
def test_a_default_that_is_missing_is_refused(given: Inputs, kept: str) -> None:
    rows = [row for row in given.vocabulary_rows["defaults"] if row["default"] == kept]
    with pytest.raises(InputError, match=r"^defaults\.csv:1: no row "):
        vocabularies.load({**given.vocabulary_rows, "defaults": rows})


def test_translations_into_an_unknown_language_are_refused(given: Inputs) -> None:
    with pytest.raises(InputError, match=r"^defaults\.csv:99: language 'tlh'; expected a code of languages"):
        vocabularies.load(with_row(given, "defaults", default="translation_language", value="tlh"))


def test_a_marker_of_another_language_is_a_row_and_no_change_of_code(given: Inputs) -> None:
    words = vocabularies.load(with_row(given, "markers", marker="after_noon", pattern="(?i)nachmittags"))
    found = dates.when("3.2.1951 um 9 Nachmittags", words)
    assert (found.time and found.time.hhmm()) == "21:00"
    assert dates.when("3.2.1951 um 9 Nachmittags", given.vocabulary).time is None


def test_a_text_of_known_language_is_matched_with_its_own_cues_only(vocabulary: Vocabulary) -> None:
    assert {cue.language for cue in vocabulary.cues_for("ru")} == {"ru", ""}
    assert {"ru", "en"} <= {cue.language for cue in vocabulary.cues_for(None)}


def test_languages_are_found_by_their_english_name(vocabulary: Vocabulary) -> None:
    russian = vocabulary.language_named(" russian ")
    assert russian is not None and russian.code == "ru"
    assert vocabulary.language_named("Volapük") is None


def test_every_form_field_can_be_recognised(vocabulary: Vocabulary) -> None:
    assert {cue.field.name for cue in vocabulary.cues} == set(vocabulary.fields)


def test_months_of_every_language_are_all_there(vocabulary: Vocabulary, given: Inputs) -> None:
    languages = {row["language"] for row in given.vocabulary_rows["months"]}
    for language in languages:
        own = [row for row in given.vocabulary_rows["months"] if row["language"] == language]
        assert {int(row["month"]) for row in own} == set(range(1, 13)), language
