"""Folding matches what looks the same, and knows where every character stood."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cables.folding import fold, mixed_script_words, script, search_text

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
ZERO_WIDTH_SPACE, WORD_JOINER, SOFT_HYPHEN = "\u200b", "\u2060", "\u00ad"


@given(ANY_TEXT)
def test_every_folded_character_leads_to_its_own_place(text: str) -> None:
    folded = fold(text)
    assert len(folded.offsets) == len(folded.text) + 1
    assert list(folded.offsets) == sorted(folded.offsets)
    for index in range(len(folded.text)):
        start, end = folded.origin(index, index + 1)
        assert 0 <= start < end <= len(text)


@given(st.text(st.sampled_from("abcд ёйéЖ.-" + ZERO_WIDTH_SPACE)))
def test_a_folded_stretch_comes_from_words_that_fold_to_it(text: str) -> None:
    whole = unicodedata.normalize("NFD", text)
    folded = fold(whole)
    for index, character in enumerate(folded.text):
        start, end = folded.origin(index, index + 1)
        assert unicodedata.normalize("NFC", whole[start:end]) == character or script(character)


@given(ANY_TEXT)
def test_composed_and_decomposed_texts_fold_alike(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)).text == fold(unicodedata.normalize("NFC", text)).text


@pytest.mark.parametrize("word", ["ещё", "각하", "Pyŏngyang", "ඓ"])
def test_decomposed_words_of_any_script_are_composed(word: str) -> None:
    folded = fold(unicodedata.normalize("NFD", word))
    assert folded.text == unicodedata.normalize("NFC", word)


def test_a_mark_after_a_space_keeps_its_place() -> None:
    folded = fold("a\u00a0\u0308b")
    assert folded.text == "a \u0308b"
    assert folded.origin(3, 4) == (3, 4)


def test_a_mark_is_not_lost_behind_an_invisible_character() -> None:
    assert fold(f"и{ZERO_WIDTH_SPACE}\u0306").text == "й"


@given(st.text(st.characters(categories=["L", "N"])))
def test_nothing_is_folded_away_but_what_cannot_be_seen(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    assert len(search_text(text)) == len(composed)


def test_invisible_characters_are_passed_over() -> None:
    text = f"Отпе{ZERO_WIDTH_SPACE}чатано{WORD_JOINER} в{SOFT_HYPHEN}"
    folded = fold(text)
    assert folded.text == "Отпечатано в"
    assert text[slice(*folded.origin(0, 10))] == f"Отпе{ZERO_WIDTH_SPACE}чатано"


def test_a_letter_spaced_word_is_closed_and_two_of_them_stay_apart() -> None:
    assert search_text("Г а в а н ь - П о р т .") == "Гавань - Порт ."


def test_a_list_of_single_letters_with_commas_is_not_letter_spacing() -> None:
    assert search_text("points A, B, C, D") == "points A, B, C, D"


@pytest.mark.parametrize(
    ("written", "meant"),
    [("ШИФPOBKA", "ШИФРОВКА"), ("Eкз", "Экз".replace("Э", "Е")), ("СТAЛЬ", "СТАЛЬ"), ("СABLЕ", "CABLE")],
)
def test_lookalikes_are_read_in_the_script_of_the_word(written: str, meant: str) -> None:
    assert fold(written).text == meant


@pytest.mark.parametrize("word", ["ВСЕ", "CABLE", "ОС", "COPY"])
def test_a_word_in_one_script_is_left_alone(word: str) -> None:
    assert fold(word).text == word


def test_words_of_mixed_script_are_found_where_they_stand() -> None:
    text = "слово ШИФPOBKA word"
    assert [text[start:end] for start, end in mixed_script_words(text)] == ["ШИФPOBKA"]


@pytest.mark.parametrize(
    ("character", "name"), [("a", "Latin"), ("ж", "Cyrillic"), ("語", "Han"), ("한", "Hangul"), ("5", None)]
)
def test_letters_have_a_script_and_figures_have_none(character: str, name: str | None) -> None:
    assert script(character) == name
