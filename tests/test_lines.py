"""Any text comes back byte for byte; what cannot be read is refused with its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cables import lines
from cables.model import InputError, Join, Line, LineEnd, Span

ENDS = st.sampled_from(["\n", "\r\n", "\r"])
ODD = "\f\v\u0085\u2028\u2029\u200b\ufeff \t*"
CONTENT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0") | st.sampled_from(ODD)
)
FILES = st.lists(st.tuples(CONTENT, ENDS), max_size=20).map(lambda parts: "".join(a + b for a, b in parts))


@given(FILES, CONTENT, st.booleans())
def test_any_text_comes_back_byte_for_byte(text: str, tail: str, mark: bool) -> None:
    data = (lines.BYTE_ORDER_MARK if mark else b"") + (text + tail + "x").encode()
    source = lines.read("a.txt", data)
    assert lines.rebuild(source.lines, source.byte_order_mark) == data
    assert [line.number for line in source.lines] == list(range(1, len(source.lines) + 1))
    assert not any(end in line.text for line in source.lines for end in "\r\n")


@given(FILES)
def test_only_the_last_line_can_lack_an_end(text: str) -> None:
    split = lines.split(text + "x")
    assert all(line.end is not LineEnd.NONE for line in split[:-1])
    assert split[-1].end is LineEnd.NONE


def test_each_kind_of_line_end_is_known() -> None:
    ends = [line.end for line in lines.split("a\nb\r\nc\rd")]
    assert ends == [LineEnd.LF, LineEnd.CRLF, LineEnd.CR, LineEnd.NONE]


def test_form_feeds_and_unicode_separators_end_no_line() -> None:
    assert len(lines.split("a\fb\vc\u2028d\u0085e\n")) == 1


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    source = lines.read("a.txt", lines.BYTE_ORDER_MARK + "Дата".encode())
    assert source.byte_order_mark
    assert source.lines[0].text == "Дата"


@pytest.mark.parametrize("data", [b"", b"  \n\t\n"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match=r"^a\.txt:1: the file is empty"):
        lines.read("a.txt", data)


def test_nul_is_refused_with_its_line() -> None:
    with pytest.raises(InputError, match=r"^a\.txt:3: a NUL"):
        lines.read("a.txt", b"one\ntwo\r\nthr\0ee\n")


def test_bytes_that_are_not_utf_8_are_refused_with_line_and_byte() -> None:
    with pytest.raises(InputError, match=r"^a\.txt:2: byte 5 \(0xff\) is not UTF-8"):
        lines.read("a.txt", b"one\nt\xffwo\n")


def test_a_file_cut_in_the_middle_of_a_letter_is_refused_with_its_line() -> None:
    with pytest.raises(InputError, match=r"^a\.txt:2: byte 6 \(0xd0\)"):
        lines.read("a.txt", b"one\nab\xd0")


def test_windows_1251_is_named_and_not_decoded_by_guess() -> None:
    with pytest.raises(InputError, match="looks like cp1251"):
        lines.read("a.txt", "Сообщаю, что мост через реку готов.".encode("cp1251"))


def test_a_binary_file_is_named_as_such() -> None:
    with pytest.raises(InputError, match="looks like a binary file"):
        lines.read("a.txt", b"\x89PNG\r\n\0\0\0")


def test_content_leaves_out_outer_space_and_the_marks_of_bold_type() -> None:
    line = Line(1, "  **CABLE** N° 5  ", LineEnd.LF)
    assert [line.text[start:end] for start, end in lines.content(line)] == ["CABLE", "N° 5"]


@pytest.mark.parametrize("text", ["see *below*", "***", "* * *"])
def test_other_asterisks_belong_to_the_text(text: str) -> None:
    line = Line(1, f"  {text}", LineEnd.LF)
    assert [line.text[start:end] for start, end in lines.content(line)] == [text]


@pytest.mark.parametrize("text", ["", " \t ", "****", "\f"])
def test_a_line_without_content_is_blank(text: str) -> None:
    assert lines.is_blank(Line(1, text, LineEnd.LF))


def test_blocks_end_at_blank_lines_and_at_form_feeds() -> None:
    found = lines.blocks(lines.split("a\nb\n\n\nc\n\fd\n"))
    assert [[line.text for line in block] for block in found] == [["a", "b"], ["c"], ["\fd"]]


WORDS = st.lists(st.text("абвгде", min_size=2, max_size=9), min_size=1, max_size=8)


@given(WORDS)
def test_a_stretch_of_joined_text_leads_to_the_exact_words_of_the_source(words: list[str]) -> None:
    source = lines.split("\n".join(f"\t{word} " for word in words))
    joins = [Join.SPACE] * (len(words) - 1) + [Join.END]
    spans = [
        Span(line.number, 1, 1 + len(word), join)
        for line, word, join in zip(source, words, joins, strict=True)
    ]
    whole = lines.joined(source, spans)
    assert whole.text == " ".join(words)
    assert [place.as_written for place in whole.places(0, len(whole.text))] == words
    for place in whole.places(0, len(whole.text)):
        assert source[place.line - 1].text[place.start : place.end] == place.as_written


def test_what_stands_between_two_spans_of_a_line_is_quoted_as_it_stands() -> None:
    source = lines.split("Copy 1\tOrlov")
    whole = lines.joined(source, [Span(1, 0, 6, Join.SPACE), Span(1, 7, 12, Join.END)])
    assert whole.text == "Copy 1 Orlov"
    assert [place.as_written for place in whole.places(0, 12)] == ["Copy 1\tOrlov"]
