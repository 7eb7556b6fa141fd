"""Vocabulary rows become lookups, and a row that cannot be used says where it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

import pytest

from building import REPOSITORY
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


def test_a_group_of_which_nothing_is_made_is_refused(given: Inputs) -> None:
    with pytest.raises(InputError, match=r"^cues\.csv:99: group 'whem'; expected one of actor, "):
        vocabularies.load(
            with_row(given, "cues", field="received", language="ru", pattern="^П (?P<whem>.+)$", value="")
        )


def table_under(heading: str) -> list[str]:
    """The first column of the table of CONTRIBUTING.md whose first heading is this one."""
    text = (REPOSITORY / "CONTRIBUTING.md").read_text("utf-8")
    rows = text.partition(f"\n| {heading} | ")[2].partition("\n\n")[0].split("\n")[2:]
    return [row.split("|")[1].strip(" `") for row in rows]


def test_the_page_for_contributors_lists_the_groups_of_cues_and_the_code_asks_for_each() -> None:
    assert sorted(table_under("group")) == sorted(vocabularies.CUE_GROUPS)
    code = "".join(
        path.read_text("utf-8")
        for path in (REPOSITORY / "scripts" / "cables").rglob("*.py")
        if path.name != "vocabulary.py"
    )
    assert [group for group in sorted(vocabularies.CUE_GROUPS) if f'"{group}"' not in code] == []


def test_the_page_for_contributors_lists_the_places_where_a_field_is_believed() -> None:
    schema = json.loads((REPOSITORY / "schemas/authored/fields.json").read_text("utf-8"))
    (where,) = (field for field in schema["fields"] if field["name"] == "where")
    assert table_under("where") == where["constraints"]["enum"]


def test_the_cue_that_the_page_for_contributors_shows_is_there() -> None:
    text = (REPOSITORY / "CONTRIBUTING.md").read_text("utf-8")
    shown = re.findall(r"^field,language,pattern,value\n(.+)\n", text, re.MULTILINE)
    rows = (REPOSITORY / "data/vocabulary/cues.csv").read_text("utf-8").split("\n")
    assert len(shown) == 1 and shown[0] in rows


def test_the_decision_that_the_page_for_contributors_shows_is_there() -> None:
    text = (REPOSITORY / "CONTRIBUTING.md").read_text("utf-8")
    shown = re.findall(r"^ +(\d+,events,.+)$", text, re.MULTILINE)
    rows = (REPOSITORY / "data/curation/cells.csv").read_text("utf-8").split("\n")
    assert len(shown) == 1 and shown[0] in rows
