"""Every line has its zone, and every sheet its beginning."""

from __future__ import annotations

import pytest

from cables.model import Basis, Zone
from cables.reading import Reading
from conftest import Read
from exports import BOTH, ORIGINAL, TRANSLATION, WITH_LETTER, changed, export, pdf_export, without


def zone_of(reading: Reading, words: str) -> Zone:
    """The zone of the one line on which these words stand."""
    (number,) = (line.number for line in reading.record.source.lines if words in line.text)
    return reading.zones.lines[number - 1].zone


def sheets(reading: Reading) -> list[tuple[int, Basis]]:
    """Number and basis of every sheet."""
    return [(page.number, page.boundary) for page in reading.zones.pages]


@pytest.mark.parametrize(
    ("words", "zone"),
    [
        ("**Summary:**", Zone.CATALOGUE),
        ("ШИФРОВКА", Zone.FORM),
        ("Срочная", Zone.FORM),
        ("товарищу ДУБРОВИНУ", Zone.FORM),
        ("ездов начнется", Zone.MESSAGE),
        ("ОРЛОВ.", Zone.SIGNATURE),
        ("№ 77.", Zone.FORM),
        ("Отпечатано", Zone.DISTRIBUTION),
        ("КЛЕНОВОЙ", Zone.DISTRIBUTION),
        ("отп. Рябинина", Zone.FORM),
        ("weeks. Please", Zone.MESSAGE),
        ("Copy N° 3", Zone.DISTRIBUTION),
    ],
)
def test_form_message_and_distribution_are_told_apart(read: Read, words: str, zone: Zone) -> None:
    assert zone_of(read(BOTH), words) is zone


def test_every_line_has_one_zone_in_order(read: Read) -> None:
    reading = read(BOTH)
    assert [line.number for line in reading.zones.lines] == [
        line.number for line in reading.record.source.lines
    ]


@pytest.mark.parametrize(
    ("words", "zone"),
    [
        ("Передаю текст", Zone.MESSAGE),
        ("Лист № 2", Zone.PAGE_HEADER),
        ("Продолжение", Zone.PAGE_HEADER),
        ("МНОГОУВАЖАЕМОМУ", Zone.LETTER_OPENER),
        ("Ивану Ильичу", Zone.LETTER_OPENER),
        ("Мост через реку", Zone.LETTER_BODY),
        ("С уважением", Zone.LETTER_CLOSER),
        ("КЛЕНОВА, ЛИПИН", Zone.SIGNATURE),
        ("2 февраля", Zone.LETTER_CLOSER),
        ("Расшифровал", Zone.FORM),
    ],
)
def test_an_announced_letter_is_told_from_the_message_around_it(read: Read, words: str, zone: Zone) -> None:
    assert zone_of(read(export(WITH_LETTER)), words) is zone


@pytest.mark.parametrize("name", ["Орлов.", "Орлов", "А. Орлов", "Иван Ильич Орлов"])
def test_a_name_alone_after_the_message_signs_it_in_whatever_case(read: Read, name: str) -> None:
    reading = read(export(changed(ORIGINAL, "ОРЛОВ.", name), changed(TRANSLATION, "ORLOV", "Orlov\n")))
    (sender,) = reading.facts.of("senders")
    assert sender.cells["name_original"].value == name.rstrip(".")
    assert sender.cells["name_translation"].value == "Orlov"
    copies = [one for one in reading.facts.of("recipients") if "copy_number" in one.cells]
    assert len(copies) == 4


@pytest.mark.parametrize("line", ["Положение:", "Внимание!", "Верно: Кленова", "Раздел 2"])
def test_a_heading_in_the_message_signs_nothing(read: Read, line: str) -> None:
    reading = read(export(changed(ORIGINAL, "Ответ прошу дать", f"{line}\n\nОтвет прошу дать")))
    assert zone_of(reading, line) is Zone.MESSAGE


def test_a_single_word_amid_the_message_signs_nothing(read: Read) -> None:
    reading = read(export(changed(ORIGINAL, "Ответ прошу дать", "Согласен.\n\nОтвет прошу дать")))
    assert zone_of(reading, "Согласен.") is Zone.MESSAGE
    assert zone_of(reading, "ОРЛОВ.") is Zone.SIGNATURE


def test_the_number_stamped_on_a_copy_is_no_holder_of_one(read: Read) -> None:
    reading = read(export("Экз. № 3\n\n" + ORIGINAL, "Copy No. 3\n\n" + TRANSLATION))
    assert len([one for one in reading.facts.of("recipients") if "copy_number" in one.cells]) == 4
    (stamp,) = (one for one in reading.facts.of("identifiers") if one.cells["scheme"].value == "copy_stamp")
    assert [stamp.cells[f"as_written_{side}"].value for side in ("original", "translation")] == ["3", "3"]
    assert "copy_repeated" not in {doubt.kind for doubt in reading.doubts}


def test_a_distribution_list_needs_no_heading_where_its_copies_have_names(read: Read) -> None:
    reading = read(export(without(ORIGINAL, "Отпечатано в 4 экземплярах\n\n")))
    assert len([one for one in reading.facts.of("recipients") if "copy_number" in one.cells]) == 4


SECOND = """\
Второе письмо:

Дорогой товарищ Липин!

Просим Вас прислать десять мешков муки для рабочих, которые строят у нас этот мост.

С уважением
РЯБИНИНА

3 февраля 1951 г.

ОРЛОВ.
"""


def test_of_a_second_letter_no_facts_are_made_up_and_a_doubt_tells_of_it(read: Read) -> None:
    first = without(
        WITH_LETTER, "ОРЛОВ.\n\nЛист № 2\n\nПродолжение ШИФРОВКИ № 5512/к\n\n", '"МНОГОУВАЖАЕМОМУ\n'
    )
    first = changed(first, "Ивану Ильичу ДУБРОВИНУ.", "Дорогой товарищ Дубровин!")
    first = changed(first, "текст полученного мною письма", "текст двух писем")
    reading = read(export(changed(first, '2 февраля 1951 г."\n', f"2 февраля 1951 г.\n\n{SECOND}")))
    assert zone_of(reading, "Просим Вас прислать") is Zone.LETTER_BODY
    senders = [one.cells["name_original"].value for one in reading.facts.of("senders")]
    assert senders == ["ОРЛОВ", "правление артели", "КЛЕНОВА", "ЛИПИН"]
    written = [one for one in reading.facts.of("events") if one.cells["event_type"].value == "written"]
    assert [one.cells["date_edtf"].value for one in written] == ["1951-02-02"]
    told = [one.quote for one in reading.doubts if one.kind == "enclosure_unread"]
    assert told == ["Дорогой товарищ Липин!"]


def test_an_announced_letter_may_begin_without_a_salutation(read: Read) -> None:
    bare = without(WITH_LETTER, '"МНОГОУВАЖАЕМОМУ\nИвану Ильичу ДУБРОВИНУ.\n\n')
    assert zone_of(read(export(bare)), "Мост через реку") is Zone.LETTER_BODY


def test_a_text_without_a_form_is_all_message(read: Read) -> None:
    reading = read(pdf_export("Notes on the bridge.\n\nIt was built in two years.\n\nIt is long."))
    zones = {line.zone for line in reading.zones.lines if line.side is not None}
    assert zones == {Zone.MESSAGE}
    assert {fact.table for fact in reading.facts.rows} == {"documents", "witnesses", "archival_references"}


def test_what_precedes_the_second_sheet_is_the_first(read: Read) -> None:
    reading = read(export(WITH_LETTER))
    assert sheets(reading) == [(1, Basis.INFERRED), (2, Basis.READ)]
    first, second = reading.zones.pages
    assert first.first_line == reading.record.texts[0].first_line
    assert [place.as_written for place in second.header] == ["Лист № 2", "Продолжение ШИФРОВКИ № 5512/к"]


def test_a_missing_sheet_begins_where_the_setting_of_the_lines_changes(read: Read) -> None:
    short = "Первая строка листа короткая,\nвторая строка тоже короткая, и\nтретья не длиннее ее ничуть.\n\n"
    long = (
        "Эта строка намного длиннее прочих, потому что ее не разбили при наборе, как разбили строки до нее."
    )
    text = f"{short}{long}\n\nЛист № 4"
    reading = read(export(changed(WITH_LETTER, "Мост через реку", f"{text}\n\nМост через реку")))
    assert sheets(reading)[1:] == [(2, Basis.READ), (3, Basis.INFERRED), (4, Basis.READ)]
    assert [doubt.kind for doubt in reading.doubts if "sheet" in doubt.kind] == ["sheet_missing"]
    assert zone_of(reading, long) is Zone.LETTER_BODY


def test_a_sheet_that_nothing_shows_is_not_made_up(read: Read) -> None:
    reading = read(export(changed(WITH_LETTER, "Мост через реку", "Лист № 4\n\nМост через реку")))
    assert [number for number, _ in sheets(reading)] == [1, 2, 4]
    assert [doubt.kind for doubt in reading.doubts if "sheet" in doubt.kind] == ["sheet_missing"]


def test_a_text_that_begins_with_the_header_of_a_later_sheet_has_no_sheet_before_it(read: Read) -> None:
    assert sheets(read(export("Лист № 3\n\n" + ORIGINAL))) == [(3, Basis.READ)]


def test_a_text_without_sheet_headers_has_no_sheets(read: Read) -> None:
    assert read(BOTH).zones.pages == ()


def test_a_note_whose_bracket_is_never_closed_ends_at_the_head_of_the_form(read: Read) -> None:
    note = "[handwritten above the form:\nsent to Cde. via [illegible]\n\nto the archive\n\n"
    reading = read(export(ORIGINAL, note + TRANSLATION))
    assert zone_of(reading, "to the archive") is Zone.NOTE
    assert zone_of(reading, "[handwritten") is Zone.NOTE
    assert zone_of(reading, "sent to Cde. via") is Zone.NOTE
    assert zone_of(reading, "CABLE N°") is Zone.FORM
