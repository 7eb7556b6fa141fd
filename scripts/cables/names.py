"""Mentions: names where they stand in the text; and the brackets that translators put in.

Which written forms are whose name is decided by curation; where they stand is found here. Of forms that
overlap the longest counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cables import ids
from cables.model import Paragraph, Side
from cables.vocabulary import Vocabulary

BRACKETS = re.compile(r"\[+|\]+")


@dataclass(frozen=True, slots=True)
class NameForm:
    """A written form of an entity's name in one of the texts; lines None: wherever it stands."""

    entity_id: str
    side: Side
    as_written: str
    first_line: int | None = None
    last_line: int | None = None

    def reaches(self, paragraph: Paragraph) -> bool:
        """Whether the form may stand in a paragraph."""
        if self.side is not paragraph.side:
            return False
        if self.first_line is None or self.last_line is None:
            return True
        return self.first_line <= paragraph.last_line and paragraph.first_line <= self.last_line


@dataclass(frozen=True, slots=True)
class Mention:
    """A name where it stands: from `start` to `end` of its paragraph's text."""

    mention_id: str
    entity_id: str
    paragraph_id: str
    start: int
    end: int
    as_written: str


@dataclass(frozen=True, slots=True)
class EditorialMark:
    """A bracket where it stands; an unclosed one reaches to the end of its paragraph."""

    mark_id: str
    paragraph_id: str
    kind: str
    start: int
    end: int
    as_written: str


def mentions(paragraphs: Sequence[Paragraph], forms: Sequence[NameForm]) -> tuple[Mention, ...]:
    """All mentions, in order."""
    return tuple(one for paragraph in paragraphs for one in _in_paragraph(paragraph, forms))


def _in_paragraph(paragraph: Paragraph, forms: Sequence[NameForm]) -> Iterator[Mention]:
    found = [
        (match.start(), match.end(), form.entity_id)
        for form in forms
        if form.reaches(paragraph)
        for match in whole_words(form.as_written).finditer(paragraph.text)
    ]
    taken: list[tuple[int, int]] = []
    kept = []
    for start, end, entity in sorted(found, key=lambda one: (one[0] - one[1], one)):
        if all(end <= first or last <= start for first, last in taken):
            taken.append((start, end))
            kept.append((start, end, entity))
    for start, end, entity in sorted(kept):
        identifier = ids.mention(paragraph.paragraph_id, start)
        yield Mention(identifier, entity, paragraph.paragraph_id, start, end, paragraph.text[start:end])


def whole_words(written: str) -> re.Pattern[str]:
    """What finds a written form of a name where it is no part of a longer word."""
    return re.compile(r"(?<!\w)" + re.escape(written) + r"(?!\w)")


def editorial_marks(paragraphs: Sequence[Paragraph], vocabulary: Vocabulary) -> tuple[EditorialMark, ...]:
    """All brackets, in order."""
    return tuple(
        EditorialMark(
            ids.mark(paragraph.paragraph_id, start),
            paragraph.paragraph_id,
            kind,
            start,
            end,
            paragraph.text[start:end],
        )
        for paragraph in paragraphs
        for start, end, kind in sorted(_brackets(paragraph.text, vocabulary))
    )


def _brackets(text: str, vocabulary: Vocabulary) -> Iterator[tuple[int, int, str]]:
    """Brackets from their opening to their closing; `[[ … ]]` is one."""
    opened: list[tuple[int, int]] = []
    for match in BRACKETS.finditer(text):
        width = match.end() - match.start()
        if match.group()[0] == "[":
            opened.append((match.start(), width))
            continue
        while opened and width > 0:
            start, opening = opened.pop()
            closed = min(opening, width)
            width -= closed
            if closed < opening:
                opened.append((start, opening - closed))
                start += opening - closed
            end = match.end() - width
            yield start, end, _kind(text[start:end], vocabulary)
    for start, _ in opened:
        yield start, len(text), "unclosed"


def _kind(text: str, vocabulary: Vocabulary) -> str:
    return next((kind for pattern, kind in vocabulary.marks if pattern.search(text)), "supplied")
