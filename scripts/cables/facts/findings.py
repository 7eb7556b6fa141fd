"""A form field found in one of the texts, and the same thing found in both."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Generic, Protocol, TypeVar

from cables import ids
from cables.facts.rows import quoted
from cables.lines import Joined
from cables.model import Cell, Paragraph, Place, Side, Zone
from cables.paragraphs import text_of
from cables.record import Record
from cables.vocabulary import FormField, Vocabulary

SIDES = (Side.ORIGINAL, Side.TRANSLATION)
# What may stand after a name without belonging to it.
AFTER_NAMES = ' ."»”'
INITIAL = re.compile(r"(?<![^\W\d_])[^\W\d_]\.$")


# Two findings are never the same one, however alike; so each may be the key of what is known of it.
@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """A form field found in a paragraph of one of the texts.

    `match` is of the folded text, `value` the code that the vocabulary gives these words (None: no code).
    """

    field: FormField
    value: str | None
    paragraph: Paragraph
    text: Joined
    match: re.Match[str]

    @property
    def side(self) -> Side:
        """The text it was found in."""
        return self.paragraph.side

    @property
    def line(self) -> int:
        """The line on which it begins."""
        places = self.places
        return places[0].line if places else self.paragraph.first_line

    @property
    def key(self) -> str:
        """Side letter and first line, as ids carry them."""
        return ids.line_key(self.side, self.line)

    def own_key(self, record: Record) -> str:
        """As its paragraph's id carries it: in a line of several cells, with the number of the cell."""
        return ids.key_of(self.paragraph.paragraph_id, record.record_id)

    @property
    def places(self) -> tuple[Place, ...]:
        """Where all of it stands."""
        return self.text.matched(*trimmed(self.match.string, *self.match.span()))

    def has(self, group: str) -> bool:
        """Whether the pattern has this group and words were found for it."""
        return bool(self.match.groupdict().get(group))

    def cell(
        self, group: str | int = 0, *, before: re.Pattern[str] | None = None, after: str = ""
    ) -> Cell | None:
        """The words of a group of the pattern, without outer space; None where there are none.

        `before` is what does not belong to them at their beginning, `after` the characters that do not at
        their end.
        """
        if isinstance(group, str) and not self.has(group):
            return None
        words = self.match.string
        start, end = trimmed(words, *self.match.span(group))
        if before and (prefix := before.match(words[start:end])):
            start += prefix.end()
        start, end = trimmed(words, start, end, after)
        return quoted(self.text, start, end) if start < end else None

    def name(self, group: str) -> Cell | None:
        """The words of a group that are a name, without the stop or quotation mark that follows it."""
        return self.cell(group, after=AFTER_NAMES)

    def coded(self, code: str | int, group: str | int = 0) -> Cell:
        """A code or number that the words of a group stand for."""
        words = self.cell(group)
        return Cell(code, words.places if words else ())


def trimmed(text: str, start: int, end: int, after: str = "") -> tuple[int, int]:
    """A stretch without outer space and without the characters in `after` at its end.

    The stop of an initial stays. Start and end as they are given, in code points; where nothing is left, both
    are the same.
    """
    whole = text[start:end].rstrip()
    words = whole.rstrip(after).rstrip()
    words = whole if INITIAL.search(whole) else words
    return start + len(words) - len(words.lstrip()), start + len(words)


def language_of(record: Record, side: Side) -> str | None:
    """The language of a text; None where it is not known."""
    text = record.text(side)
    return text.language if text else None


def find(record: Record, paragraphs: Sequence[Paragraph], vocabulary: Vocabulary) -> Iterator[Finding]:
    """Every form field of every paragraph, in order, where its cue stands in the joined text.

    Of several cues of one field the first that is there counts.
    """
    for paragraph in paragraphs:
        text = text_of(paragraph, record)
        found: set[str] = set()
        for cue in vocabulary.cues_for(language_of(record, paragraph.side)):
            field = cue.field
            if field.name in found or not _may_carry(paragraph, field):
                continue
            for match in islice(cue.pattern.finditer(text.folded.text), None if cue.repeats else 1):
                found.add(field.name)
                yield Finding(field, cue.value, paragraph, text, match)


def _may_carry(paragraph: Paragraph, field: FormField) -> bool:
    in_prose = field.where == "prose" and paragraph.zone is Zone.MESSAGE
    return in_prose or field.name in paragraph.fields


class OfSide(Protocol):
    """What stands in one of the two texts."""

    @property
    def side(self) -> Side:
        """The text that it stands in."""


One = TypeVar("One")
Sided = TypeVar("Sided", bound=OfSide)
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Said(Generic[One]):
    """What the two texts say of one thing; None where one of them is silent, never both."""

    original: One | None
    translation: One | None

    @property
    def first(self) -> One:
        """What the original says, or else the translation."""
        first = self.translation if self.original is None else self.original
        assert first is not None
        return first

    @property
    def sides(self) -> dict[Side, One]:
        """What is said, by the text that says it; the original first."""
        both = zip(SIDES, (self.original, self.translation), strict=True)
        return {side: one for side, one in both if one is not None}

    def columns(self, name: str, cell: Callable[[One], Cell | None]) -> dict[str, Cell | None]:
        """The columns `name_original` and `name_translation`, each with what its text says."""
        return {f"{name}_{side.value}": cell(one) for side, one in self.sides.items()}


def in_order(ones: Iterable[Sided]) -> Iterator[Said[Sided]]:
    """The first of the original with the first of the translation, and so on."""
    by_side = grouped(ones, lambda one: one.side)
    for original, translation in zip_longest(*(by_side.get(side, ()) for side in SIDES)):
        yield Said(original, translation)


def original_first(ones: Iterable[Sided]) -> list[Sided]:
    """Those of the original before those of the translation."""
    return sorted(ones, key=lambda one: SIDES.index(one.side))


def grouped(ones: Iterable[One], key: Callable[[One], Key]) -> dict[Key, list[One]]:
    """Those that share a key, in their order; the keys in the order in which they first come."""
    groups: dict[Key, list[One]] = {}
    for one in ones:
        groups.setdefault(key(one), []).append(one)
    return groups
