"""Lines are joined into paragraphs as a reader would join them, and nothing of them is lost."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cables.lines import content, split
from cables.model import Join, Side, Zone
from cables.paragraphs import line_join
from cables.reading import Reading
from cables.vocabulary import Vocabulary
from conftest import Read
from exports import BOTH, ORIGINAL, TRANSLATION, changed, export, pdf_export

MESSAGE = ORIGINAL[ORIGINAL.index("Сообщаю") : ORIGINAL.index("\n\nОтвет")]


def with_message(text: str) -> str:
    """An export whose message is this text."""
    return export(changed(ORIGINAL, MESSAGE, text))


def texts(reading: Reading, *zones: Zone, side: Side = Side.ORIGINAL) -> list[str]:
    """The paragraphs of one side in these zones."""
    return [one.text for one in reading.paragraphs if one.side is side and one.zone in zones]


def messages(reading: Reading) -> list[str]:
    """The paragraphs of the original's message, without its last one."""
    return texts(reading, Zone.MESSAGE)[:-1]


WORD = st.text("абвгдежзиклмнопрстуфхцчшыьэюя", min_size=2, max_size=12)


@st.composite
def broken_texts(draw: st.DrawFn) -> tuple[str, str]:
    """A text, and the same broken into lines: between words, or within one after a hyphen."""
    words = draw(st.lists(WORD, min_size=10, max_size=30))
    plain = "Прошу " + " ".join(words) + "."
    broken = ["Прошу"]
    for word in words:
        cut = draw(st.integers(0, len(word)))
        how = draw(st.sampled_from(["space", "space", "line", "line with spaces", "syllable"]))
        if how == "syllable" and 2 <= cut <= len(word) - 2:
            broken[-1] += f" {word[:cut]}-"
            broken.append(word[cut:])
        elif how.startswith("line"):
            broken[-1] += "  " * (how != "line")
            broken.append(word)
        else:
            broken[-1] += f" {word}"
    return plain, "\n".join(broken) + "."


def test_a_hyphen_at_a_line_end_is_a_syllable_break(vocabulary: Vocabulary) -> None:
    assert line_join("движение по-", "ездов начнется", "ru", vocabulary) is Join.SOFT_HYPHEN


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("в свой военно-", "стратегический план"),
        ("по каким-", "либо причинам"),
        ("товарища КИМ-", "ИР-СЕНА"),
        ("город Южно-", "Сахалинск"),
        ("в 1950-", "1951 годах"),
    ],
)
def test_a_hyphen_that_belongs_to_the_word_stays(vocabulary: Vocabulary, before: str, after: str) -> None:
    assert line_join(before, after, "ru", vocabulary) is Join.HARD_HYPHEN


def test_in_a_language_that_does_not_break_words_every_hyphen_stays(vocabulary: Vocabulary) -> None:
    assert line_join("the PAK HEON-", "YEONG letter", "en", vocabulary) is Join.HARD_HYPHEN
    assert line_join("the well-", "known letter", "en", vocabulary) is Join.HARD_HYPHEN


@settings(max_examples=60)
@given(broken=broken_texts())
def test_words_wrapped_anywhere_come_back(
    read: Read, vocabulary: Vocabulary, broken: tuple[str, str]
) -> None:
    plain, wrapped = broken
    hyphenated = {word for _, word in vocabulary.hyphens_before | vocabulary.hyphens_after}
    if any(part in hyphenated for line in wrapped.split("\n") for part in line.replace("-", " ").split()):
        return
    assert messages(read(with_message(wrapped))) == [plain]


def test_two_spaces_at_a_line_end_mean_nothing(read: Read) -> None:
    assert messages(read(BOTH.replace("\n", "  \n"))) == messages(read(BOTH))


def test_lines_of_the_form_are_kept_apart(read: Read) -> None:
    assert {"Проводом", "Срочная"} <= set(texts(read(BOTH), Zone.FORM))
    english = texts(read(BOTH), Zone.FORM, side=Side.TRANSLATION)
    assert english[1:3] == ["from LADOGORSK sent at 2140 3 February 1951", "received at 2215 3 February"]


def test_a_line_that_continues_a_form_field_is_joined_to_it(read: Read) -> None:
    broken = changed(
        BOTH, "arrived in the 8th Directorate at 2230 3", "arrived in the 8th\nDirectorate at 2230 3"
    )
    assert texts(read(broken), Zone.FORM, side=Side.TRANSLATION) == texts(
        read(BOTH), Zone.FORM, side=Side.TRANSLATION
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Проводом\nСрочная", "Проводом\nВне всякой очереди"),
        ("товарищу ДУБРОВИНУ.", "товарищу ДУБРОВИНУ.\nв собственные руки"),
        ("Принята 3.2 22.15", "Принята 3.2 22.15\nСдана 3.2 22.20"),
        ("received at 2215 3 February\n", "taken down on 3 February, 22:15\n"),
    ],
)
def test_a_line_that_no_cue_takes_stays_apart_from_the_field_above_it(read: Read, old: str, new: str) -> None:
    reading = read(changed(BOTH, old, new))
    unknown = new.strip().split("\n")[-1]
    assert unknown in [one.text for one in reading.paragraphs if not one.fields]
    assert steps(reading) == steps(read(BOTH))


def steps(reading: Reading) -> dict[str, list[object]]:
    """What the original tells of every event, by its id."""
    columns = ("as_written_original", "date_original", "time_original")
    events = reading.facts.of("events")
    return {
        one.row_id: [one.cells[column].value for column in columns if column in one.cells] for one in events
    }


@pytest.mark.parametrize(
    ("words", "broken"),
    [
        ("Подана 3.2.51 21.40", "Подана 3.2.51\n21.40"),
        (
            "arrived in the 8th Directorate at 2230 3 February 1951",
            "arrived in the 8th Directorate at 2230 3\nFebruary 1951",
        ),
        ("ШИФРОВКА № 5512/к", "ШИФРОВКА\n№ 5512/к"),
    ],
)
def test_a_field_takes_the_line_that_tells_it_more(read: Read, words: str, broken: str) -> None:
    assert words in [one.text for one in read(changed(BOTH, words, broken)).paragraphs]


HEADER = "Лист № 2\n\nПродолжение ШИФРОВКИ № 5512/к"


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("Прошу прислать", "мастера и двух рабочих.", "Прошу прислать мастера"),
        ("Прошу прис-", "лать мастера и двух рабочих.", "Прошу прислать мастера"),
    ],
)
def test_a_sheet_header_does_not_cut_a_paragraph_in_two(
    read: Read, before: str, after: str, joined: str
) -> None:
    text = f"Сообщаю, что мост через реку готов. {before}\n\n{HEADER}\n\n{after}"
    reading = read(with_message(text))
    (message,) = messages(reading)
    assert joined in message
    assert texts(reading, Zone.PAGE_HEADER) == ["Лист № 2", "Продолжение ШИФРОВКИ № 5512/к"]


def test_a_sheet_header_after_a_full_stop_keeps_paragraphs_apart(read: Read) -> None:
    text = f"Сообщаю, что мост через реку готов.\n\n{HEADER}\n\nПрошу прислать мастера и двух рабочих."
    assert len(messages(read(with_message(text)))) == 2


@pytest.mark.parametrize("gap", ["\t", "     "])
def test_cells_of_the_distribution_list_are_found_between_tabs_or_spaces(read: Read, gap: str) -> None:
    cells = texts(read(BOTH.replace("\t", gap)), Zone.DISTRIBUTION)
    assert cells == [
        "Отпечатано в 4 экземплярах",
        "Экз. № 1 ТОВ. ДУБРОВИНУ",
        "Экз. № 3 ТОВ. ЛИПИНУ",
        "Экз. № 2 ТОВ. КЛЕНОВОЙ",
        "Экз. № 4",
    ]


def test_words_between_the_cells_of_a_distribution_list_are_not_lost(read: Read) -> None:
    reading = read(changed(BOTH, "Экз. № 1\tТОВ. ДУБРОВИНУ", "Разослано: Экз. № 1\tТОВ. ДУБРОВИНУ"))
    assert "Разослано: Экз. № 1 ТОВ. ДУБРОВИНУ" in texts(reading, Zone.DISTRIBUTION)


def test_numbered_items_are_paragraphs_of_their_own(read: Read) -> None:
    text = "Please answer these questions about the bridge:\n1. When will it be ready.\n2. How long is it."
    reading = read(pdf_export(text))
    assert texts(reading, Zone.MESSAGE, side=Side.TRANSLATION) == text.split("\n")


def test_a_form_feed_in_mid_sentence_does_not_cut_a_paragraph(read: Read) -> None:
    reading = read(
        pdf_export("The bridge that was begun in spring\n\n\fis ready and long.\n\nIt is also wide.")
    )
    assert texts(reading, Zone.MESSAGE, side=Side.TRANSLATION) == [
        "The bridge that was begun in spring is ready and long.",
        "It is also wide.",
    ]


def test_where_blank_lines_were_dropped_short_lines_end_paragraphs(read: Read) -> None:
    long = (
        "This is a line of the usual width of the page on which the report about the bridge was set in type"
    )
    block = "\n".join(
        [long] * 4 + ["and here the paragraph ends."] + [long] * 4 + ["and here the second one ends."]
    )
    block += "\n" + "\n".join([long] * 3 + ["and that is all."])
    reading = read(pdf_export(block))
    endings = [text.rsplit(" ", 2)[-2:] for text in texts(reading, Zone.MESSAGE, side=Side.TRANSLATION)]
    assert endings == [["paragraph", "ends."], ["one", "ends."], ["is", "all."]]


@pytest.mark.parametrize(
    "source",
    [
        BOTH,
        export(ORIGINAL),
        export(TRANSLATION),
        pdf_export(TRANSLATION),
        BOTH.replace("\n", "\r\n"),
        BOTH.replace("\n\n", "\n\n\n\n\n"),
        "\ufeff" + BOTH,
    ],
)
def test_spans_cover_every_word_of_both_texts_once_and_none_of_the_catalogue(read: Read, source: str) -> None:
    reading = read(source)
    covered: Counter[tuple[int, int]] = Counter(
        (span.line, offset)
        for paragraph in reading.paragraphs
        for span in paragraph.spans
        for offset in range(span.start, span.end)
    )
    assert set(covered.values()) == {1}
    soft = {
        (span.line, span.end)
        for paragraph in reading.paragraphs
        for span in paragraph.spans
        if span.join is Join.SOFT_HYPHEN
    }
    for line, zoned in zip(reading.record.source.lines, reading.zones.lines, strict=True):
        stretches = content(line) if zoned.side else ()
        expected = {
            (line.number, offset)
            for start, end in stretches
            for offset in range(start, end)
            if not line.text[offset].isspace()
        }
        own = {
            (number, offset)
            for number, offset in covered
            if number == line.number and not line.text[offset].isspace()
        }
        assert own == expected - soft


def test_line_ends_and_blank_lines_change_no_paragraph(read: Read) -> None:
    plain = [paragraph.text for paragraph in read(BOTH).paragraphs]
    for source in (BOTH.replace("\n", "\r\n"), BOTH.replace("\n", "\r"), BOTH.replace("\n\n", "\n" * 50)):
        assert [paragraph.text for paragraph in read(source).paragraphs] == plain


def test_ids_rest_on_record_side_line_and_cell(read: Read) -> None:
    reading = read(BOTH, "r.5-x")
    first = split(BOTH).index(next(line for line in split(BOTH) if line.text.startswith("ШИФРОВКА"))) + 1
    assert reading.paragraphs[0].paragraph_id == f"rr.5-x-o-L{first:03d}"
    cells = [one.paragraph_id for one in reading.paragraphs if one.text.startswith("Экз.")]
    assert [one.rsplit("-", 1)[1] for one in cells] == ["1", "2", "1", "2"]
