"""Any input of the kind is read through all stages: refused with file and line, or covered whole."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cables.lines import is_blank
from cables.model import InputError
from cables.reading import Reading
from conftest import Read
from exports import BOTH, ORIGINAL, TRANSLATION, export, pdf_export

CABLE = (Path(__file__).parent.parent / "data" / "raw" / "119402.txt").read_text(encoding="utf-8")


def assert_whole(reading: Reading) -> None:
    """Paragraphs cover every non-blank line of the texts once and nothing else; ids are unique."""
    wanted = {
        number
        for text in reading.record.texts
        for number in range(text.first_line, text.last_line + 1)
        if not is_blank(reading.record.source.lines[number - 1])
    }
    assert {span.line for one in reading.paragraphs for span in one.spans} == wanted
    ids = [one.paragraph_id for one in reading.paragraphs]
    ids += [f"{fact.table} {fact.row_id}" for fact in reading.facts.rows]
    ids += [*reading.doubt_ids, *(one.sentence_id for one in reading.sentences)]
    assert [one for one, times in Counter(ids).items() if times > 1] == []
    if len(reading.record.texts) == 2:
        paired = Counter(
            one for pair in reading.units for one in (*pair.link.original, *pair.link.translation)
        )
        assert paired == Counter(one.paragraph_id for one in reading.paragraphs)


def read_or_refuse(read: Read, source: str) -> None:
    """A reading that is whole, or an InputError with a line; anything else fails."""
    try:
        reading = read(source)
    except InputError as refused:
        assert refused.file == "one.txt" and refused.line >= 1
    else:
        assert_whole(reading)


@pytest.mark.parametrize("source", [BOTH, pdf_export(TRANSLATION)], ids=["markdown", "pdf"])
def test_a_file_cut_off_after_any_line_is_refused_or_covered(read: Read, source: str) -> None:
    lines = source.splitlines(keepends=True)
    for end in range(len(lines)):
        read_or_refuse(read, "".join(lines[:end]))


@pytest.mark.parametrize("end", range(1, 277, 23))
def test_the_cable_cut_off_is_refused_or_covered(read: Read, end: int) -> None:
    read_or_refuse(read, "".join(CABLE.splitlines(keepends=True)[:end]))


FRAGMENTS = st.sampled_from(
    [
        "**",
        "*",
        "[",
        "]",
        '"',
        "- ",
        "\t",
        "\f",
        "\u200b",
        "\u202e",
        "№ 5.",
        "Лист № 3",
        "Экз. № 3",
        "1. X",
        "Copy N° 1",
        "Lipin – 2",
        "31.13.50 25.99",
        "[stamp: Incoming",
        "[handwritten",
        "Лист № 99999",
        "Citation:",
    ]
)
CHANGES = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400), FRAGMENTS), min_size=1, max_size=6)


@settings(max_examples=60)
@given(changes=CHANGES)
def test_a_text_out_of_order_is_refused_or_covered(read: Read, changes: list[tuple[int, int, str]]) -> None:
    lines = BOTH.split("\n")
    for first, second, fragment in changes:
        one, other = first % len(lines), second % len(lines)
        lines[one], lines[other] = lines[other], lines[one]
        lines.insert(one, fragment if first % 2 else lines[other] + fragment)
    read_or_refuse(read, "\n".join(lines))


@settings(max_examples=60)
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=300))
def test_any_words_in_place_of_a_text_are_covered(read: Read, text: str) -> None:
    read_or_refuse(read, export("Сообщаю: " + text, "I report: " + text))


def test_reading_twice_gives_the_same(read: Read) -> None:
    assert read(BOTH) == read(BOTH)


@pytest.mark.parametrize(
    "source",
    [BOTH.replace("\n", "\r\n"), BOTH.replace("\n", "\r"), "\ufeff" + BOTH],
    ids=["crlf", "cr", "byte order mark"],
)
def test_how_the_file_was_saved_changes_nothing_that_is_read(read: Read, source: str) -> None:
    plain, other = read(BOTH), read(source)
    assert other.facts == plain.facts
    assert other.paragraphs == plain.paragraphs
    assert other.doubts == plain.doubts
    assert other.units == plain.units


def test_swapped_texts_give_the_same_pairs_of_texts(read: Read) -> None:
    def linked(reading: Reading) -> set[tuple[str, ...]]:
        text = {one.paragraph_id: one.text for one in reading.paragraphs}
        members = (pair.link.original + pair.link.translation for pair in reading.units)
        return {tuple(text[one] for one in ids) for ids in members}

    assert linked(read(export(TRANSLATION, ORIGINAL))) == linked(read(BOTH))
