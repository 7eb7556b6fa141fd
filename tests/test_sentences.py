"""Sentences tile the paragraphs of prose."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cables.model import Side, Zone
from cables.reading import Reading
from cables.sentences import words
from conftest import Read
from exports import BOTH, ORIGINAL, TRANSLATION, changed, export

ENGLISH = "Please answer no later than the next Friday of this month."
RUSSIAN = "Ответ прошу дать не позднее ближайшей пятницы этого месяца."


def of_paragraph(reading: Reading, beginning: str) -> list[str]:
    """The sentences of the paragraph that begins so."""
    (paragraph,) = (one for one in reading.paragraphs if one.text.startswith(beginning))
    return [one.text for one in reading.sentences if one.paragraph_id == paragraph.paragraph_id]


def assert_tiled(reading: Reading) -> None:
    """Every paragraph of prose is its sentences and the spaces between them."""
    for paragraph in reading.paragraphs:
        own = [one for one in reading.sentences if one.paragraph_id == paragraph.paragraph_id]
        if paragraph.zone in (Zone.DISTRIBUTION, Zone.PAGE_HEADER, Zone.MARKING):
            assert own == []
            continue
        position = 0
        for sentence in own:
            assert (
                paragraph.text[sentence.start : sentence.end] == sentence.text == sentence.text.strip() != ""
            )
            assert paragraph.text[position : sentence.start].strip() == ""
            position = sentence.end
        assert paragraph.text[position:].strip() == ""


def test_sentences_tile_every_paragraph_that_has_any(read: Read) -> None:
    assert_tiled(read(BOTH))


PIECES = st.sampled_from(
    [
        "Cde.",
        "N°",
        "the",
        "bridge",
        "was",
        "Built",
        "1.",
        "a)",
        "U.S.",
        '"',
        "!",
        "?",
        "...",
        "op.",
        "(see",
        "p. 5)",
    ]
)


@settings(max_examples=50)
@given(pieces=st.lists(PIECES, min_size=1, max_size=25))
def test_sentences_tile_odd_english(read: Read, pieces: list[str]) -> None:
    assert_tiled(read(export(changed(TRANSLATION, ENGLISH, "We saw that " + " ".join(pieces)))))


RUSSIAN_PIECES = st.sampled_from(
    ["тов.", "г.", "мост", "Готов", "1.", "а)", "т. е.", '"', "!", "?", "...", "№", "(см.", "стр. 5)", "США"]
)


@settings(max_examples=50)
@given(pieces=st.lists(RUSSIAN_PIECES, min_size=1, max_size=25))
def test_sentences_tile_odd_russian(read: Read, pieces: list[str]) -> None:
    assert_tiled(read(export(changed(ORIGINAL, RUSSIAN, "Мы видели, что " + " ".join(pieces)))))


def test_an_abbreviation_ends_no_sentence(read: Read) -> None:
    text = "We told Cde. Lipin about the bridge of Ladogorsk. He was glad of it."
    reading = read(export(ORIGINAL, changed(TRANSLATION, ENGLISH, text)))
    assert of_paragraph(reading, "We told") == [
        "We told Cde. Lipin about the bridge of Ladogorsk.",
        "He was glad of it.",
    ]


def test_russian_sentences_are_split(read: Read) -> None:
    assert of_paragraph(read(BOTH), "Сообщаю") == [
        "Сообщаю, что мост через реку готов и движение поездов начнется через две недели.",
        "Прошу прислать мастера и двух рабочих.",
    ]


def test_a_repeated_sentence_is_found_twice(read: Read) -> None:
    text = "The bridge of Ladogorsk is ready. The bridge of Ladogorsk is ready."
    reading = read(export(ORIGINAL, changed(TRANSLATION, ENGLISH, text)))
    assert of_paragraph(reading, "The bridge") == ["The bridge of Ladogorsk is ready."] * 2


def test_a_line_of_the_form_is_one_sentence(read: Read) -> None:
    assert of_paragraph(read(BOTH), "отп.") == ["отп. Рябинина 4.2.51 г. 1.05 /14/"]


def test_a_very_long_paragraph_is_split_in_pieces_that_tile_it(read: Read) -> None:
    sentence = "The bridge over the river of Ladogorsk was inspected by Cde. Lipin on that day."
    reading = read(export(ORIGINAL, changed(TRANSLATION, ENGLISH, " ".join([sentence] * 120))))
    assert of_paragraph(reading, "The bridge") == [sentence] * 120


def test_ids_count_the_sentences_of_a_paragraph(read: Read) -> None:
    reading = read(BOTH)
    paragraph = next(
        one for one in reading.paragraphs if one.side is Side.ORIGINAL and one.zone is Zone.MESSAGE
    )
    own = [one.sentence_id for one in reading.sentences if one.paragraph_id == paragraph.paragraph_id]
    assert own == [f"{paragraph.paragraph_id}-s1", f"{paragraph.paragraph_id}-s2"]


@pytest.mark.parametrize(
    ("text", "number"),
    [("", 0), ("The bridge is ready.", 4), ("Pak Heon-yeong's letter", 3), ("38-ю параллель — 5", 3)],
)
def test_words_keep_their_hyphens_and_apostrophes(text: str, number: int) -> None:
    assert words(text) == number


def test_a_word_set_with_spaces_between_its_letters_is_one() -> None:
    assert words('" Л а д о г о р с к - П р и с т а н ь .') == 2
