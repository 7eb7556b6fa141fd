"""What a machine can find doubtful is a warning with its line, and never a correction."""

from __future__ import annotations

import pytest

from cables.doubts import doubt_ids
from cables.model import Doubt
from cables.reading import Reading
from conftest import Read
from exports import BOTH, ORIGINAL, TRANSLATION, changed, export

ALONE = "stands in this text only"
LIMIT = "Copy N° 3 to Cde. Lipin"


def doubts(reading: Reading, kind: str) -> list[str]:
    """The words of the doubts of a kind, each with the line it concerns."""
    return [f"{one.side} {one.message}" for one in reading.doubts if one.kind == kind]


def line_of(source: str, words: str) -> int:
    """The number of the line on which these words stand."""
    (number,) = (n for n, text in enumerate(source.split("\n"), start=1) if words in text)
    return number


def test_a_plain_record_raises_only_the_copy_that_nobody_holds(read: Read) -> None:
    reading = read(BOTH)
    assert {doubt.kind for doubt in reading.doubts} == {"copy_missing"}
    assert doubts(reading, "copy_missing") == [
        "original 4 copies printed, 3 with a holder (4 listed)",
        "translation 4 copies printed, 3 with a holder (3 listed)",
    ]


def test_a_copy_beyond_the_total_is_told(read: Read) -> None:
    source = changed(BOTH, LIMIT, "Copy N° 9 to Cde. Lipin")
    assert doubts(read(source), "copy_beyond_total") == ["translation copy 9, but 4 copies were printed"]


def test_a_repeated_copy_is_told_with_both_lines(read: Read) -> None:
    source = changed(BOTH, "Copy N° 2 to", "Copy N° 3 to")
    second = line_of(source, "Lipin")
    assert doubts(read(source), "copy_repeated") == [
        f"translation copy 3 stands on line {second - 1} and again on line {second}"
    ]


def test_steps_out_of_order_that_a_translation_alone_times_are_told_of_it(read: Read) -> None:
    source = export(changed(TRANSLATION, "8th Directorate at 2230", "8th Directorate at 2200"))
    line = line_of(source, "8th Directorate at 2200")
    (found,) = [one for one in read(source).doubts if one.kind == "times_out_of_order"]
    assert (found.side, found.first_line, found.last_line) == ("translation", line - 1, line)


def test_holders_who_disagree_are_told(read: Read) -> None:
    source = changed(BOTH, LIMIT, "Copy N° 3 to Cde. Ryabinina")
    assert doubts(read(source), "copies_disagree") == [
        "translation the original names ЛИПИНУ, the translation Ryabinina"
    ]


def test_an_office_with_the_same_number_in_both_texts_agrees(read: Read) -> None:
    source = changed(changed(BOTH, LIMIT, "Copy N° 3 to the 4th department"), "ТОВ. ЛИПИНУ", "4 отдел")
    assert doubts(read(source), "copies_disagree") == []


def test_a_copy_for_the_file_is_the_same_in_both_texts(read: Read) -> None:
    source = changed(changed(BOTH, LIMIT, "Copy N° 3 to the file"), "ТОВ. ЛИПИНУ", "В дело")
    assert doubts(read(source), "copies_disagree") == []


@pytest.mark.parametrize(
    ("russian", "english", "told"),
    [
        ("20.00", "8:00 p.m.", []),
        ("20.30", "8:30 p.m.", []),
        ("20.00", "8 p.m.", []),
        (
            "20.00",
            "9:00 p.m.",
            ["original 20 stands in this text only", "translation 9 stands in this text only"],
        ),
    ],
)
def test_a_time_is_the_same_on_either_clock(read: Read, russian: str, english: str, told: list[str]) -> None:
    source = changed(BOTH, "Ответ прошу дать", f"Сообщаю обстановку на {russian} часов. Ответ прошу дать")
    source = changed(source, "Please answer", f"I report the situation as of {english} today. Please answer")
    assert doubts(read(source), "number_one_sided") == told


def test_steps_out_of_order_are_told(read: Read) -> None:
    source = changed(export(ORIGINAL), "Управление 3.2 22.30", "Управление 3.2 22.10")
    assert doubts(read(source), "times_out_of_order") == [
        "original arrived at 1951-02-03 22:10 is earlier than received at 1951-02-03 22:15"
    ]


@pytest.mark.parametrize(("day", "is_told"), [("2/2 1951 г.", True), ("3/2 1951 г.", False)])
def test_a_register_before_the_day_of_sending_is_told(read: Read, day: str, is_told: bool) -> None:
    source = changed(export(ORIGINAL), "№ 77.", f"№ 77.\n\nВх. № 81/ш {day}")
    told = ["original registered on 1951-02-02 is earlier than submitted on 1951-02-03"]
    assert doubts(read(source), "times_out_of_order") == (told if is_told else [])


def test_an_outgoing_cable_may_be_received_before_it_is_sent(read: Read) -> None:
    source = changed(export(ORIGINAL), "Принята 3.2 22.15", "Исх. № 41\n\nПринята 3.2 21.15")
    assert doubts(read(source), "times_out_of_order") == []


def test_a_running_number_that_differs_is_told(read: Read) -> None:
    head = "Лист № 2\n\nПродолжение ШИФРОВКИ № 5512/н\n\nОтвет прошу"
    assert doubts(read(changed(BOTH, "Ответ прошу", head)), "running_number_differs") == [
        "original the running head has 5512/н, the head of the form 5512/к"
    ]


def test_a_number_of_the_title_that_is_no_number_is_told(read: Read) -> None:
    reading = read(export(ORIGINAL, title=("Cable No. ../../etc/passwd, Orlov to Dubrovin",)))
    assert len(doubts(reading, "number_invalid")) == 1


@pytest.mark.parametrize(
    ("old", "new", "kind", "message"),
    [
        ("two workers", "15 workers", "number_one_sided", "translation 15 stands in this text only"),
        (
            "a foreman",
            "a foreman by 5 March 1951",
            "date_one_sided",
            "translation 1951-03-05 stands in this text only",
        ),
    ],
)
def test_figures_of_one_text_only_are_told(read: Read, old: str, new: str, kind: str, message: str) -> None:
    assert doubts(read(changed(BOTH, old, new)), kind) == [message]


def test_a_number_that_the_other_text_spells_out_is_none_of_one_text(read: Read) -> None:
    assert doubts(read(changed(BOTH, "two workers", "2 workers")), "number_one_sided") == []


@pytest.mark.parametrize(
    ("character", "kind", "name"),
    [
        ("\u202e", "bidi_control", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("\u2066", "bidi_control", "U+2066 LEFT-TO-RIGHT ISOLATE"),
        ("\u200b", "invisible_character", "U+200B ZERO WIDTH SPACE"),
        ("\u00ad", "invisible_character", "U+00AD SOFT HYPHEN"),
    ],
)
def test_characters_that_cannot_be_seen_are_named(read: Read, character: str, kind: str, name: str) -> None:
    source = changed(BOTH, "Cde. Lipin", f"Cde. Li{character}pin")
    reading = read(source)
    assert doubts(reading, kind) == [f"translation {name} stands in the line"]
    (doubt,) = (one for one in reading.doubts if one.kind == kind)
    assert doubt.first_line == line_of(source, character)


def test_words_of_mixed_script_are_told(read: Read) -> None:
    assert doubts(read(changed(BOTH, "ШИФРОВКА", "ШИФPOBKA")), "mixed_script") == [
        "original one word mixes Latin and Cyrillic letters"
    ]


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("the bridge", "[the bridge", "unbalanced_bracket"),
        ("the bridge", "the bridge)", "unbalanced_bracket"),
        ("the bridge", '"the bridge', "unbalanced_quote"),
        ("the bridge", "«the bridge", "unbalanced_quote"),
    ],
)
def test_brackets_and_quotes_that_do_not_close_are_told(read: Read, old: str, new: str, kind: str) -> None:
    assert len(doubts(read(export(changed(TRANSLATION, old, new))), kind)) == 1


def test_several_doubts_of_a_kind_on_one_line_have_ids_of_their_own() -> None:
    doubt = Doubt("mixed_script", 5, 5, "original", None, "x")
    assert doubt_ids("7", [doubt, doubt]) == ("r7-x-mixed_script-o-L005", "r7-x-mixed_script-o-L005-2")
