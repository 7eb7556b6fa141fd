"""Names are found where they stand, and so are the brackets of translators."""

from __future__ import annotations

import pytest

from cables.model import Join, Paragraph, Side, Span, Zone
from cables.names import NameForm, editorial_marks, mentions
from cables.vocabulary import Vocabulary


def paragraph(text: str, line: int = 7, side: Side = Side.TRANSLATION) -> Paragraph:
    """A paragraph of one line."""
    identifier = f"r1-{side.letter}-L{line:03d}"
    return Paragraph(identifier, side, Zone.MESSAGE, False, text, (Span(line, 0, len(text), Join.END),))


def form(entity: str, written: str, first: int | None = None, last: int | None = None) -> NameForm:
    """A form of a name in the translation."""
    return NameForm(entity, Side.TRANSLATION, written, first, last)


def found(text: str, *forms: NameForm) -> list[tuple[str, str]]:
    """Entity and words of every mention."""
    return [(one.entity_id, one.as_written) for one in mentions([paragraph(text)], forms)]


def test_every_place_of_a_form_is_a_mention() -> None:
    (first, second) = mentions([paragraph("Orlov saw Orlov.")], [form("orlov", "Orlov")])
    assert (first.start, first.end, second.start, second.end) == (0, 5, 10, 15)
    assert (first.mention_id, second.mention_id) == ("r1-t-L007-m0", "r1-t-L007-m10")


def test_a_form_inside_a_longer_word_is_none() -> None:
    assert found("Orlovsky met Orlova.", form("orlov", "Orlov")) == []


def test_of_forms_that_overlap_the_longest_counts() -> None:
    forms = [form("korea", "Korea"), form("north-korea", "North Korea")]
    assert found("North Korea and Korea", *forms) == [("north-korea", "North Korea"), ("korea", "Korea")]


def test_a_form_of_the_other_text_is_none() -> None:
    assert mentions([paragraph("Orlov", side=Side.ORIGINAL)], [form("orlov", "Orlov")]) == ()


def test_a_form_may_be_bound_to_lines() -> None:
    paragraphs = [paragraph("Moscow", 7), paragraph("Moscow", 9)]
    bound = mentions(paragraphs, [form("kremlin", "Moscow", 8, 9)])
    assert [one.paragraph_id for one in bound] == ["r1-t-L009"]


def test_a_form_with_signs_is_taken_literally() -> None:
    assert found("cost 5 (five)", form("five", "(five)")) == [("five", "(five)")]


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("with all [our] energy", [("supplied", "[our]")]),
        ("[stamp: Incoming N° 5]", [("describes_stamp", "[stamp: Incoming N° 5]")]),
        ("[illegible signature]", [("illegible", "[illegible signature]")]),
        ("via [[several illegible words]]", [("illegible", "[[several illegible words]]")]),
        ("[a [b] c]", [("supplied", "[a [b] c]"), ("supplied", "[b]")]),
        ("[handwritten: to Lipin", [("unclosed", "[handwritten: to Lipin")]),
        ("closed] only", []),
        ("/slashes/ (and brackets)", []),
    ],
)
def test_brackets_are_editorial_marks(
    vocabulary: Vocabulary, text: str, marks: list[tuple[str, str]]
) -> None:
    assert [(one.kind, one.as_written) for one in editorial_marks([paragraph(text)], vocabulary)] == marks
