"""What the form says becomes rows, each cell with the place it was read from."""

from __future__ import annotations

import pytest

from cables.facts import Fact, Facts
from cables.model import Basis
from cables.reading import Reading
from conftest import Read
from exports import BOTH, ORIGINAL, TRANSLATION, WITH_LETTER, changed, export, pdf_export, without


def values(fact: Fact, *columns: str) -> tuple[object, ...]:
    """The values of these columns; None where there is no cell."""
    return tuple(fact.cells[column].value if column in fact.cells else None for column in columns)


def event(facts: Facts, event_type: str) -> Fact:
    """The one event of this type."""
    (found,) = (one for one in facts.of("events") if one.cells["event_type"].value == event_type)
    return found


def copies(facts: Facts) -> list[tuple[object, ...]]:
    """Number, count and holders of every copy."""
    return [
        values(one, "copy_number", "copies", "name_original", "name_translation", "status")
        for one in facts.of("recipients")
        if one.cells["role"].value == "copy"
    ]


@pytest.fixture(scope="module")
def facts(read: Read) -> Facts:
    """The facts of the plain invented export."""
    return read(BOTH).facts


@pytest.mark.parametrize(
    ("event_type", "date", "time", "year_basis", "agree"),
    [
        ("submitted", "1951-02-03", "21:40", "read", True),
        ("received", "1951-02-03", "22:15", "inferred", True),
        ("arrived", "1951-02-03", "22:30", "inferred", True),
        ("deciphered", "1951-02-04", "00:20", "read", None),
        ("typed", "1951-02-04", "01:05", "read", True),
    ],
)
def test_every_step_of_the_form_is_an_event(
    facts: Facts, event_type: str, date: str, time: str, year_basis: str, agree: bool | None
) -> None:
    found = values(event(facts, event_type), "date_edtf", "time", "year_basis", "texts_agree")
    assert found == (date, time, year_basis, agree)


def test_an_inherited_year_says_from_which_line(facts: Facts) -> None:
    date = event(facts, "received").cells["date_edtf"]
    assert date.basis is Basis.INFERRED
    assert date.reason == f"the year is taken over from line {date.places[-1].line}"
    assert [place.as_written for place in date.places] == ["3.2", "3.2.51"]


def test_the_words_of_both_texts_are_kept(facts: Facts) -> None:
    assert values(event(facts, "typed"), "as_written_original", "as_written_translation") == (
        "отп. Рябинина 4.2.51 г. 1.05 /14/",
        "Typed by Ryabinina at 0105 4 February 1951 (14)",
    )
    assert values(event(facts, "typed"), "actor_original", "actor_translation") == ("Рябинина", "Ryabinina")


def test_the_transmission_gathers_what_the_form_says_of_the_sending(facts: Facts) -> None:
    (wire,) = facts.of("transmissions")
    assert values(wire, "mode", "precedence", "place_from_original", "place_from_translation") == (
        "wire",
        "urgent",
        "ЛАДОГОРСКА",
        "LADOGORSK",
    )
    assert values(wire, "cable_number", "sender_number", "copies_printed") == ("5512/к", "77", 4)


def test_addressees_and_copies_are_recipients(facts: Facts) -> None:
    addressees = [
        values(one, "name_original", "name_translation")
        for one in facts.of("recipients")
        if one.cells["role"].value == "addressee"
    ]
    assert addressees == [
        ("МИНИСТЕРСТВО ПУТЕЙ СООБЩЕНИЯ", "MINISTRY OF RAILWAYS"),
        ("ДУБРОВИНУ", "DUBROVIN"),
    ]
    assert copies(facts) == [
        (1, 1, "ДУБРОВИНУ", "Dubrovin", "named"),
        (2, 1, "КЛЕНОВОЙ", "Klenova", "named"),
        (3, 1, "ЛИПИНУ", "Lipin", "named"),
        (4, 1, None, None, "blank"),
    ]


def test_identifiers_have_a_scheme(facts: Facts) -> None:
    assert [
        values(one, "scheme", "as_written_original", "as_written_translation")
        for one in facts.of("identifiers")
    ] == [
        ("cable_number", "5512/к", "5512/k"),
        ("sender_number", "77", "77"),
        ("typist_number", "14", "14"),
    ]


@pytest.mark.parametrize(
    "source",
    [BOTH, BOTH.replace("\t", "     "), BOTH.replace("ШИФРОВКА", "**ШИФРОВКА**"), pdf_export(TRANSLATION)],
)
def test_every_cell_leads_to_the_words_of_the_source(read: Read, source: str) -> None:
    reading = read(source)
    for fact in reading.facts.rows:
        for column, cell in fact.cells.items():
            assert cell.places if cell.basis is Basis.READ else cell.reason, (fact.row_id, column)
            for place in cell.places:
                line = reading.record.source.lines[place.line - 1].text
                assert line[place.start : place.end] == place.as_written != ""


def test_form_fields_are_matched_by_what_they_are_not_by_their_order(read: Read, facts: Facts) -> None:
    moved = without(TRANSLATION, "by wire\nurgent\n\n") + "\n\nby wire\nurgent"
    (wire,) = read(export(ORIGINAL, moved)).facts.of("transmissions")
    assert values(wire, "channel_original", "channel_translation") == ("Проводом", "by wire")


def test_a_channel_that_is_printed_again_hides_nothing_of_the_other_text(read: Read) -> None:
    again = changed(TRANSLATION, "by wire\nurgent\n", "by wire\nurgent\n\nby wire\n")
    (wire,) = read(export(ORIGINAL, again)).facts.of("transmissions")
    assert values(wire, "channel_original", "channel_translation") == ("Проводом", "by wire")
    assert wire.cells["mode"].places[0].as_written == "Проводом"


def test_a_text_without_form_gives_no_facts_of_one(read: Read) -> None:
    reading = read(pdf_export("Notes on the bridge.\n\nIt was built in two years."))
    empty = ("events", "transmissions", "senders", "recipients", "identifiers")
    assert [reading.facts.of(table) for table in empty] == [()] * 5
    (document,) = reading.facts.of("documents")
    assert values(document, "type", "date_edtf", "language") == ("cable", "1951-02-03", "ru")


LIST = "Copy N° 1 to Cde. Dubrovin\nCopy N° 2 to Cde. Klenova\nCopy N° 3 to Cde. Lipin"
TABLE = "Экз. № 1\tТОВ. ДУБРОВИНУ\tЭкз. № 3\tТОВ. ЛИПИНУ\nЭкз. № 2\tТОВ. КЛЕНОВОЙ\tЭкз. № 4\t"


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_list_of_counts_gives_each_holder_the_copies_it_got(read: Read, gap: str) -> None:
    original = changed(ORIGINAL, "экземплярах\n\n" + TABLE, f"экземплярах{gap}Дубровину – 3, Липину – 1")
    translation = changed(TRANSLATION, "printed\n\n" + LIST, f"printed{gap}Dubrovin – 3, Lipin – 1.")
    reading = read(export(original, translation))
    assert copies(reading.facts) == [
        (None, 3, "Дубровину", "Dubrovin", "named"),
        (None, 1, "Липину", "Lipin", "named"),
    ]
    assert "copy_missing" not in {doubt.kind for doubt in reading.doubts}


def test_a_numbered_list_after_the_number_of_copies_is_a_distribution_list(read: Read) -> None:
    original = changed(ORIGINAL, TABLE, "1. т. Дубровину\n2. т. Кленовой\n3. 2 отдел\n4. Дело")
    translation = changed(
        TRANSLATION, LIST, "1. Comr. Dubrovin\n2. Comr. Klenova\n3. 2nd department\n4. File"
    )
    reading = read(export(original, translation))
    assert copies(reading.facts) == [
        (1, 1, "Дубровину", "Dubrovin", "named"),
        (2, 1, "Кленовой", "Klenova", "named"),
        (3, 1, "2 отдел", "2nd department", "named"),
        (4, 1, "Дело", "File", "named"),
    ]


def test_a_number_printed_twice_keeps_both_rows(read: Read) -> None:
    reading = read(changed(BOTH, "Copy N° 2 to Cde. Klenova", "Copy N° 3 to Cde. Klenova"))
    assert copies(reading.facts)[2:4] == [
        (3, 1, "ЛИПИНУ", "Klenova", "named"),
        (3, 1, None, "Lipin", "named"),
    ]


def test_a_number_printed_three_times_in_one_line_keeps_all_rows(read: Read) -> None:
    table = "Экз. № 1\tТОВ. ДУБРОВИНУ\tЭкз. № 1\tТОВ. ЛИПИНУ\tЭкз. № 1\tТОВ. КЛЕНОВОЙ"
    facts = read(export(changed(ORIGINAL, TABLE, table))).facts
    assert [row[2] for row in copies(facts)] == ["ДУБРОВИНУ", "ЛИПИНУ", "КЛЕНОВОЙ"]
    assert len({fact.row_id for fact in facts.of("recipients")}) == len(facts.of("recipients"))


def test_a_record_without_copies_has_none(read: Read) -> None:
    original = without(ORIGINAL, "Отпечатано в 4 экземплярах\n\n", TABLE + "\n\n")
    translation = without(TRANSLATION, "4 copies printed\n\n", LIST + "\n\n")
    reading = read(export(original, translation))
    assert copies(reading.facts) == []
    assert reading.doubts == ()


def test_roman_months_are_read(read: Read) -> None:
    submitted = event(read(changed(BOTH, "Подана 3.2.51", "Подана 3.II.51")).facts, "submitted")
    assert values(submitted, "date_original", "time_original") == ("1951-02-03", "21:40")


def test_an_impossible_day_stays_empty_and_as_printed(read: Read) -> None:
    reading = read(export(changed(ORIGINAL, "Подана 3.2.51", "Подана 31.2.51")))
    submitted = event(reading.facts, "submitted")
    assert values(submitted, "date_edtf", "time", "as_written_original") == (
        None,
        "21:40",
        "Подана 31.2.51 21.40",
    )
    assert "date_impossible" in {doubt.kind for doubt in reading.doubts}


def test_a_day_that_the_inherited_year_does_not_have_is_doubted(read: Read) -> None:
    reading = read(export(changed(ORIGINAL, "Принята 3.2 ", "Принята 29.2 ")))
    assert values(event(reading.facts, "received"), "date_edtf", "time") == (None, "22:15")
    assert "date_impossible" in {doubt.kind for doubt in reading.doubts}


def test_an_impossible_time_stays_empty_and_as_printed(read: Read) -> None:
    reading = read(export(changed(ORIGINAL, "21.40", "25.77")))
    submitted = event(reading.facts, "submitted")
    assert values(submitted, "date_edtf", "time", "as_written_original") == (
        "1951-02-03",
        None,
        "Подана 3.2.51 25.77",
    )
    assert "time_impossible" in {doubt.kind for doubt in reading.doubts}


def test_the_text_that_says_more_gives_the_date(read: Read) -> None:
    stamp = "Вх. № 31/7 1951 г.\n\nРасшифровал"
    original = changed(ORIGINAL, "Расшифровал", stamp)
    translation = changed(TRANSLATION, "4 copies", "[stamp: Incoming N° 31/7 of 4 February 1951]\n\n4 copies")
    registered = event(read(export(original, translation)).facts, "registered")
    assert values(registered, "date_edtf", "date_original", "date_translation", "texts_agree") == (
        "1951-02-04",
        "1951",
        "1951-02-04",
        True,
    )


def test_texts_that_give_different_years_are_both_kept(read: Read) -> None:
    reading = read(changed(BOTH, "at 0105 4 February 1951", "at 0105 4 February 1941"))
    typed = event(reading.facts, "typed")
    assert values(typed, "date_edtf", "date_translation", "texts_agree") == (
        "1951-02-04",
        "1941-02-04",
        False,
    )
    assert "years_disagree" in {doubt.kind for doubt in reading.doubts}


@pytest.mark.parametrize("form", ["NFD", "invisible", "lookalike"])
def test_labels_are_matched_however_their_letters_are_encoded(read: Read, facts: Facts, form: str) -> None:
    import unicodedata

    source = {
        "NFD": unicodedata.normalize("NFD", BOTH),
        "invisible": BOTH.replace("Отпечатано", "Отпе\u200bчатано").replace("4 copies", "4\u2060 copies"),
        "lookalike": BOTH.replace("ШИФРОВКА", "ШИФPOBKA").replace("Экз. № 3", "Eкз. № 3"),
    }[form]
    found = read(source).facts
    assert [fact.row_id for fact in found.rows] == [fact.row_id for fact in facts.rows]
    assert copies(found)[2][0] == 3
    (wire,) = found.of("transmissions")
    assert wire.cells["copies_printed"].value == 4


def test_an_honorific_is_known_however_its_letters_are_encoded(read: Read) -> None:
    reading = read(changed(BOTH, "ТОВ. ЛИПИНУ", "TОВ. ЛИПИНУ").replace("Cde. Lipin", "Cdе. Lipin"))
    assert copies(reading.facts)[2] == (3, 1, "ЛИПИНУ", "Lipin", "named")


def test_a_number_with_letters_for_figures_is_kept_as_printed(read: Read) -> None:
    reading = read(changed(BOTH, "ШИФРОВКА № 5512/к", "ШИФРОВКА № 55О2/к"))
    (wire,) = reading.facts.of("transmissions")
    assert wire.cells["cable_number"].value == "55О2/к"
    assert "number_invalid" in {doubt.kind for doubt in reading.doubts}


@pytest.mark.parametrize("number", ["99999999999", "9" * 5000])
def test_a_number_too_large_to_count_anything_is_text(read: Read, number: str) -> None:
    source = BOTH.replace("4 copies printed", f"{number} copies printed").replace(
        "Copy N° 3", f"Copy N° {number}"
    )
    source = changed(source, "two\nweeks", f"{number}\nweeks")
    reading = read(source)
    assert [row[0] for row in copies(reading.facts)] == [1, 2, 3, 4]
    assert any(number in paragraph.text for paragraph in reading.paragraphs)


@pytest.mark.parametrize(
    ("russian", "english", "mode"),
    [
        ("Проводом", "by wire", "wire"),
        ("По радио", "by radio", "radio"),
        ("Курьером", "by courier", "unknown"),
    ],
)
def test_the_mode_of_sending_is_what_the_channel_says(
    read: Read, russian: str, english: str, mode: str
) -> None:
    source = changed(changed(BOTH, "Проводом\n", f"{russian}\n"), "by wire\n", f"{english}\n")
    (sent,) = read(source).facts.of("transmissions")
    assert values(sent, "mode") == (mode,)


def test_a_letter_is_addressed_to_the_full_name_at_its_head(read: Read) -> None:
    reading = read(export(WITH_LETTER))
    addressees = [one for one in reading.facts.of("recipients") if one.cells["role"].value == "addressee"]
    assert [values(one, "document_id", "name_original") for one in addressees] == [
        ("rone-document", "МИНИСТЕРСТВО ПУТЕЙ СООБЩЕНИЯ"),
        ("rone-document", "ДУБРОВИНУ"),
        ("rone-enclosure", "Ивану Ильичу ДУБРОВИНУ"),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Ивану Ильичу ДУБРОВИНУ.", "Правлению Артели ДУБРОВИНА."),
        ("Ивану Ильичу ДУБРОВИНУ.", "Ивану Ильичу."),
        ("Ивану Ильичу ДУБРОВИНУ.", "Ивану Ильичу ДУБРОВИНУ с братьями."),
    ],
)
def test_no_other_line_at_the_head_of_a_letter_is_an_addressee(read: Read, old: str, new: str) -> None:
    reading = read(export(changed(WITH_LETTER, old, new)))
    assert {"rone-document"} == {one.cells["document_id"].value for one in reading.facts.of("recipients")}


def test_a_full_name_on_the_form_opens_no_letter(read: Read) -> None:
    reading = read(export(changed(ORIGINAL, "№ 77.", "Иван Ильич ДУБРОВИН\n\n№ 77.")))
    assert len(reading.facts.of("documents")) == 1
    assert "Иван Ильич ДУБРОВИН" in [
        reading.record.source.lines[number - 1].text for number in reading.facts.unread
    ]


TOLD = "Передаю текст письма, полученного мною сегодня в городском управлении /перевод с корейского/."
HANDED = "Настоящее письмо вручено мне лично КЛЕНОВОЙ."


def test_what_is_said_of_a_letter_that_is_not_there_is_doubted_and_not_said_of_the_cable(read: Read) -> None:
    told = changed(ORIGINAL, "Ответ прошу", f"{TOLD}\n\n{HANDED}\n\nОтвет прошу")
    reading = read(export(told))
    assert [values(one, "mode") for one in reading.facts.of("transmissions")] == [("wire",)]
    assert {"handed_over", "translated"}.isdisjoint(
        one.cells["event_type"].value for one in reading.facts.of("events")
    )
    assert [one.quote for one in reading.doubts if one.kind == "enclosure_missing"] == [
        "Передаю текст письма"
    ]


def unread(source: str, read: Read) -> list[str]:
    """The lines of the form of which something was left over."""
    reading = read(source)
    return [reading.record.source.lines[number - 1].text for number in reading.facts.unread]


def test_a_form_that_is_read_to_its_last_word_leaves_nothing_over(read: Read) -> None:
    assert unread(BOTH, read) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Проводом\n", "Голубем\n"),
        ("Принята 3.2 22.15", "Запринята 3.2 22.15"),
        ("товарищу ДУБРОВИНУ.", "товарищу ДУБРОВИНУ. Экспресс"),
        ("4 copies printed\n", "4 copies printed on blue paper\n"),
        ("Отпечатано в 4 экземплярах\n", "Отпечатано в 4 экземплярах\n\nХранить вечно\n"),
    ],
)
def test_a_line_of_the_form_that_no_cue_takes_wholly_is_told(read: Read, old: str, new: str) -> None:
    expected = new.strip().split("\n")[-1]
    assert unread(changed(BOTH, old, new), read) == [expected]


@pytest.mark.parametrize(
    ("old", "new", "table", "column", "value"),
    [
        ("товарищу ДУБРОВИНУ.", "товарищу ДУБРОВИНУ И.И.", "recipients", "name_original", "ДУБРОВИНУ И.И."),
        ("товарищу ДУБРОВИНУ.", "тов. И. И. ДУБРОВИНУ.", "recipients", "name_original", "И. И. ДУБРОВИНУ"),
        ("ОРЛОВ.", "Орлов И.И.", "senders", "name_original", "Орлов И.И."),
        (
            "Из ЛАДОГОРСКА",
            "Из НОВОГО ЛАДОГОРСКА",
            "transmissions",
            "place_from_original",
            "НОВОГО ЛАДОГОРСКА",
        ),
        (
            "Из ЛАДОГОРСКА",
            "Из ЛАДОГОРСКА /НА РЕКЕ/",
            "transmissions",
            "place_from_original",
            "ЛАДОГОРСКА /НА РЕКЕ/",
        ),
        ("from LADOGORSK", "from NEW LADOGORSK", "transmissions", "place_from_translation", "NEW LADOGORSK"),
        (
            "Отпечатано в 4 экземплярах",
            "Отпечатано в четырех экземплярах",
            "transmissions",
            "copies_printed",
            4,
        ),
        ("Отпечатано в 4 экземплярах", "Отп. в 4 экз.", "transmissions", "copies_printed", 4),
        ("№ 77.", "№ 77.\n\nПриложение: на 2 л.", "transmissions", "sheets_attached", 2),
        ("№ 77.", "№ 77/к.", "transmissions", "sender_number", "77/к"),
        ("№ 77.", "№ 77.\n\nВх. № 31/ш 5.II.51 г.", "identifiers", "as_written_original", "31/ш"),
        ("№ 77.", "№ 77.\n\nВх. № 31/ш 5.II.51 г.", "events", "date_original", "1951-02-05"),
        (
            "Расшифровал 4.2.51 г. 0.20 Соколов",
            "Расшифровала Соколова 4.2.51 г. 0.20",
            "events",
            "actor_original",
            "Соколова",
        ),
        (
            "Расшифровал 4.2.51 г. 0.20 Соколов",
            "Расшифровала Соколова 4.2.51 г. 0.20",
            "events",
            "time_original",
            "00:20",
        ),
        ("Поступила в 8-е Управление 3.2 22.30", "Поступила 3.2 22.31", "events", "time_original", "22:31"),
        (
            "sent at 2140 3 February 1951",
            "sent February 3, 1951, at 9:41 p.m.",
            "events",
            "time_translation",
            "21:41",
        ),
        (
            "sent at 2140 3 February 1951",
            "sent 3 February 1951, 9:41 p.m.",
            "events",
            "time_translation",
            "21:41",
        ),
        (
            "received at 2215 3 February",
            "received 3 February, 10:16 p.m.",
            "events",
            "time_translation",
            "22:16",
        ),
        (
            "arrived in the 8th Directorate at 2230 3 February 1951",
            "arrived at the 8th Directorate, Rivers, 3 February, 10:31 p.m.",
            "events",
            "place_translation",
            "8th Directorate, Rivers",
        ),
        (
            "arrived in the 8th Directorate at 2230 3 February 1951",
            "arrived by night, 3 February, 10:31 p.m.",
            "events",
            "as_written_translation",
            "arrived by night, 3 February, 10:31 p.m.",
        ),
    ],
)
def test_a_field_is_read_in_every_form_in_which_such_documents_write_it(
    read: Read, old: str, new: str, table: str, column: str, value: object
) -> None:
    reading = read(changed(BOTH, old, new))
    assert value in [one.cells[column].value for one in reading.facts.of(table) if column in one.cells]
    assert reading.facts.unread == ()
    assert not [doubt for doubt in reading.doubts if doubt.kind.endswith("_unread")]


def test_a_count_in_a_word_that_is_no_number_is_not_taken_for_read(read: Read) -> None:
    words = "Отпечатано в нескольких экземплярах"
    assert unread(changed(BOTH, "Отпечатано в 4 экземплярах", words), read) == [words]


@pytest.mark.parametrize(
    ("printed", "kind", "date"),
    [
        ("Подана 3.2.51 ок. 21", "time_unread", "1951-02-03"),
        ("Подана 3-го числа", "date_unread", None),
        ("Подана 3.2.51 21.40, 3 кл.", "date_unread", "1951-02-03"),
    ],
)
def test_figures_left_over_beside_a_date_are_doubted(
    read: Read, printed: str, kind: str, date: str | None
) -> None:
    reading = read(export(changed(ORIGINAL, "Подана 3.2.51 21.40", printed)))
    (doubt,) = (one for one in reading.doubts if one.kind.endswith("_unread"))
    assert (doubt.kind, doubt.quote) == (kind, printed.removeprefix("Подана "))
    assert values(event(reading.facts, "submitted"), "date_edtf") == (date,)


def witnesses(reading: Reading) -> list[tuple[object, ...]]:
    """Kind, language and availability of every witness."""
    return [values(one, "kind", "language", "availability") for one in reading.facts.of("witnesses")]


def test_a_scan_that_is_only_listed_is_a_witness_elsewhere(read: Read) -> None:
    assert witnesses(read(BOTH)) == [
        ("transcription", "ru", "in_package"),
        ("translation", "en", "in_package"),
        ("scan", None, "elsewhere"),
    ]


def test_evidence_that_names_a_line_leads_to_it(read: Read) -> None:
    told = changed(WITH_LETTER, "следующего содержания.", "следующего содержания /перевод с корейского/.")
    found = read(export(told, TRANSLATION)).facts.of("witnesses")
    named = [one.cells["evidence"] for one in found if "(line " in str(one.cells["evidence"].value)]
    assert len(named) == 2
    assert all(f"(line {one.places[0].line})" in str(one.value) for one in named)


def test_the_translator_made_the_translation_and_nobody_is_made_up_for_the_rest(read: Read) -> None:
    makers = [values(one, "maker") for one in read(BOTH).facts.of("witnesses")]
    assert makers == [(None,), ("Anna Klenova",), (None,)]


@pytest.mark.parametrize("words", ["Привет.", "Привет", "Подробности Почтой.", "Первое.\n\nЖду."])
def test_of_short_lines_in_capitals_the_last_one_is_the_signature(read: Read, words: str) -> None:
    found = read(changed(export(ORIGINAL), "ОРЛОВ.", f"{words}\n\nОРЛОВ.")).facts.of("senders")
    assert [one.cells["name_original"].value for one in found] == ["ОРЛОВ"]
