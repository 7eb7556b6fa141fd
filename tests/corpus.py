"""Bilingual-like texts whose true alignment is known, from a seed.

The words of both languages are invented; names are the same on both sides but for their alphabet and
endings, and numbers are the same but for some that one side spells out. What a translator or a typist
does to paragraphs (merge, split, leave out, move) is done here in given proportions, and recorded.

A moved paragraph counts as left out where it was and added where it went: links that keep the order
cannot say more.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cables.model import Link, Unit, Zone

Members = tuple[tuple[str, ...], tuple[str, ...]]

MONTHS: Mapping[str, int] = {
    "января": 1, "апреля": 4, "июля": 7, "сентября": 9, "октября": 10,
    "january": 1, "april": 4, "july": 7, "september": 9, "october": 10,
}  # fmt: skip

_LETTERS_ORIGINAL = ("бвгджзклмнпрстхцчш", "аоуиеыя")
_LETTERS_TRANSLATION = ("bcdfghklmnprstvw", "aeiou")
_NAME_SYLLABLES = (
    ("ба", "ba"), ("во", "vo"), ("га", "ga"), ("де", "de"), ("жи", "zhi"), ("за", "za"), ("ки", "ki"),
    ("лу", "lu"), ("ма", "ma"), ("но", "no"), ("па", "pa"), ("ре", "re"), ("со", "so"), ("та", "ta"),
    ("фи", "fi"), ("ха", "kha"), ("цо", "tso"), ("чу", "chu"), ("ше", "she"), ("тин", "tin"),
    ("рак", "rak"), ("сон", "son"), ("мел", "mel"), ("лан", "lan"), ("гор", "gor"), ("вич", "vich"),
)  # fmt: skip
_CASE_ENDINGS = ("", "", "а", "у", "ом", "е")
_FUNCTION_WORDS = ("ta", "no", "ke", "a", "of")


@dataclass(frozen=True, slots=True)
class Changes:
    """How often, per paragraph, something is done to it; `gap` is one long stretch left out, as a share."""

    merged: float = 0.0
    split: float = 0.0
    dropped: float = 0.0
    moved: float = 0.0
    gap: float = 0.0
    anchors: bool = True


@dataclass(frozen=True, slots=True)
class Corpus:
    """Two texts as paragraphs and as sentences, and how they truly correspond at either level."""

    original: tuple[Unit, ...]
    translation: tuple[Unit, ...]
    links: frozenset[Members]
    original_sentences: tuple[Unit, ...]
    translation_sentences: tuple[Unit, ...]
    sentence_links: frozenset[Members]
    paragraph_of: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A thing said once, as one or more printed sentences on either side (or none)."""

    original: tuple[str, ...]
    translation: tuple[str, ...]


_Paragraph = tuple[_Sentence, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    """Printed paragraphs that correspond: each side a tuple of paragraphs."""

    original: tuple[_Paragraph, ...]
    translation: tuple[_Paragraph, ...]


def members(links: Iterator[Link] | tuple[Link, ...]) -> frozenset[Members]:
    """The links by their members alone."""
    return frozenset((link.original, link.translation) for link in links)


def corpus(seed: int, paragraphs: int, changes: Changes) -> Corpus:
    """A corpus of about so many paragraphs a side; the same for the same arguments."""
    rng = random.Random(f"{seed}/{paragraphs}/{changes}")
    language = _Language(rng, changes.anchors)
    plain = [language.paragraph() for _ in range(paragraphs)]
    return _printed(_moved(rng, list(_changed(rng, plain, changes)), changes))


class _Language:
    """The words of one corpus, said in both languages."""

    def __init__(self, rng: random.Random, anchors: bool) -> None:
        self.rng = rng
        self.anchors = anchors
        self.words = [
            (self._word(_LETTERS_ORIGINAL, 2, 4), self._word(_LETTERS_TRANSLATION, 1, 4)) for _ in range(900)
        ]
        self.names = [self._name() for _ in range(40)]

    def _word(self, letters: tuple[str, str], fewest: int, most: int) -> str:
        syllables = self.rng.randint(fewest, most)
        return "".join(self.rng.choice(letters[0]) + self.rng.choice(letters[1]) for _ in range(syllables))

    def _name(self) -> tuple[str, str]:
        syllables = self.rng.choices(_NAME_SYLLABLES, k=self.rng.randint(2, 4))
        original, translation = ("".join(side) for side in zip(*syllables, strict=True))
        return original.capitalize(), translation.capitalize()

    def _common(self, things: list[tuple[str, str]]) -> tuple[str, str]:
        return things[min(int(self.rng.paretovariate(0.6)) - 1, len(things) - 1)]

    def paragraph(self) -> _Paragraph:
        """One to seven things said, few more often than many."""
        return tuple(self._said() for _ in range(min(7, 1 + int(self.rng.expovariate(0.5)))))

    def _said(self) -> _Sentence:
        whole = self._sentence()
        kind = self.rng.random()
        if kind < 0.05:
            other = self._sentence()
            return _Sentence((whole[0], other[0]), (whole[1][:-1] + ", " + other[1],))
        if kind < 0.10:
            other = self._sentence()
            return _Sentence((whole[0][:-1] + ", " + other[0],), (whole[1], other[1]))
        if kind < 0.12:
            return _Sentence((whole[0],), ())
        if kind < 0.14:
            return _Sentence((), (whole[1],))
        return _Sentence((whole[0],), (whole[1],))

    def _sentence(self) -> tuple[str, str]:
        original: list[str] = []
        translation: list[str] = []
        for _ in range(max(2, min(40, int(self.rng.lognormvariate(2.4, 0.6))))):
            word = self._common(self.words) if self.rng.random() < 0.3 else self.rng.choice(self.words)
            if self.rng.random() > 0.05:
                original.append(word[0])
            if self.rng.random() < 0.3:
                translation.append(self.rng.choice(_FUNCTION_WORDS))
            if self.rng.random() > 0.05:
                translation.append(word[1])
        if self.anchors:
            self._anchor(original, translation)
        end = self.rng.choices(".?!", weights=(92, 4, 4))[0]
        return _sentence_of(original, end), _sentence_of(translation, end)

    def _anchor(self, original: list[str], translation: list[str]) -> None:
        chance = self.rng.random
        if chance() < 0.35:
            name = self._common(self.names)
            self._insert(original, name[0] + self.rng.choice(_CASE_ENDINGS))
            self._insert(translation, name[1])
        if chance() < 0.10:
            number = str(self.rng.choice((2, 3, 5, 10, 38, 100, self.rng.randint(11, 999))))
            self._insert(original, "немало" if chance() < 0.15 else number)
            self._insert(translation, "several" if chance() < 0.15 else number)
        if chance() < 0.04:
            day, month, year = (
                self.rng.randint(1, 28),
                self.rng.choice((1, 4, 7, 9, 10)),
                self.rng.randint(1945, 1953),
            )
            printed = next(name for name, number in MONTHS.items() if number == month and name.isascii())
            self._insert(original, f"{day}.{month}.{year}г.")
            self._insert(translation, f"{day} {printed.capitalize()} {year}")
        if chance() < 0.05:
            self._insert(original, "/так/")
            self._insert(translation, "(so)")

    def _insert(self, words: list[str], word: str) -> None:
        words.insert(self.rng.randint(0, len(words)), word)


def _sentence_of(words: list[str], end: str) -> str:
    text = " ".join(words or ["a"])
    return text[0].upper() + text[1:] + end


def _changed(rng: random.Random, plain: list[_Paragraph], changes: Changes) -> Iterator[_Group]:
    """The paragraphs as printed, merged, split and dropped on one side or the other."""
    gap_start = rng.randrange(len(plain)) if changes.gap else len(plain)
    gap_end = gap_start + int(changes.gap * len(plain))
    gap_side = rng.random() < 0.5
    position = 0
    while position < len(plain):
        paragraph = plain[position]
        following = plain[position + 1 : position + 2]
        kind = rng.random()
        first = rng.random() < 0.5
        position += 1
        if gap_start < position <= gap_end:
            yield _sided((paragraph,), (), gap_side)
        elif kind < changes.merged and following:
            position += 1
            yield _sided((paragraph, following[0]), (paragraph + following[0],), first)
        elif kind < changes.merged + changes.split and len(paragraph) > 1:
            cut = rng.randint(1, len(paragraph) - 1)
            yield _sided((paragraph[:cut], paragraph[cut:]), (paragraph,), first)
        elif changes.merged + changes.split < kind < changes.merged + changes.split + changes.dropped:
            yield _sided((paragraph,), (), first)
        else:
            yield _Group((paragraph,), (paragraph,))


def _sided(one: tuple[_Paragraph, ...], other: tuple[_Paragraph, ...], first: bool) -> _Group:
    return _Group(one, other) if first else _Group(other, one)


def _moved(rng: random.Random, groups: list[_Group], changes: Changes) -> list[_Group]:
    """Some of the groups of one to one, with the translation printed well before or after its place."""
    result: list[_Group] = []
    waiting: list[tuple[int, _Group]] = []
    for place, group in enumerate(groups):
        result.extend(moved for due, moved in waiting if due == place)
        waiting = [(due, moved) for due, moved in waiting if due > place]
        if len(group.original) == len(group.translation) == 1 and rng.random() < changes.moved:
            stays, goes = _Group(group.original, ()), _Group((), group.translation)
            if rng.random() < 0.5:
                stays, goes = goes, stays
            result.append(stays)
            waiting.append((place + rng.randint(4, 12), goes))
        else:
            result.append(group)
    return result + [moved for _, moved in waiting]


class _Print:
    """One side as it is printed, with ids in the order of printing."""

    def __init__(self, letter: str, original: bool) -> None:
        self.letter = letter
        self.original = original
        self.units: list[Unit] = []
        self.sentences: list[Unit] = []
        self.paragraph_of: dict[str, str] = {}

    def paragraph(self, said: _Paragraph) -> tuple[str | None, list[tuple[str, ...]]]:
        """The paragraph's id (none where it is silent here), and the sentences' ids for each thing said."""
        unit_id = f"{self.letter}{len(self.units)}"
        by_said = [tuple(self._sentence(text, unit_id) for text in self._texts(one)) for one in said]
        text = " ".join(text for one in said for text in self._texts(one))
        if not text:
            return None, by_said
        self.units.append(Unit(unit_id, Zone.MESSAGE, text))
        return unit_id, by_said

    def _texts(self, said: _Sentence) -> tuple[str, ...]:
        return said.original if self.original else said.translation

    def _sentence(self, text: str, unit_id: str) -> str:
        sentence_id = f"{self.letter}s{len(self.sentences)}"
        self.sentences.append(Unit(sentence_id, Zone.MESSAGE, text))
        self.paragraph_of[sentence_id] = unit_id
        return sentence_id


def _printed(groups: list[_Group]) -> Corpus:
    """Ids for what is printed, and the true links between them.

    A paragraph of which the other side says nothing corresponds to nothing, in whatever group it stands.
    """
    prints = _Print("o", True), _Print("t", False)
    links: list[Members] = []
    sentence_links: list[Members] = []
    for group in groups:
        linked: tuple[list[str], list[str]] = ([], [])
        said: tuple[list[tuple[str, ...]], list[tuple[str, ...]]] = ([], [])
        both = bool(group.original and group.translation)
        for side, paragraphs in enumerate((group.original, group.translation)):
            for paragraph in paragraphs:
                unit_id, by_said = prints[side].paragraph(paragraph)
                said[side].extend(by_said)
                if unit_id and both and any(one.original and one.translation for one in paragraph):
                    linked[side].append(unit_id)
                elif unit_id:
                    links.append(((unit_id,), ()) if side == 0 else ((), (unit_id,)))
        if linked[0]:
            links.append((tuple(linked[0]), tuple(linked[1])))
        sentence_links += _sentence_links(*said)
    return Corpus(
        original=tuple(prints[0].units),
        translation=tuple(prints[1].units),
        links=frozenset(links),
        original_sentences=tuple(prints[0].sentences),
        translation_sentences=tuple(prints[1].sentences),
        sentence_links=frozenset(_one_sided_apart(sentence_links)),
        paragraph_of=prints[0].paragraph_of | prints[1].paragraph_of,
    )


def _sentence_links(original: list[tuple[str, ...]], translation: list[tuple[str, ...]]) -> list[Members]:
    if not original or not translation:
        return [(ids, ()) for ids in original] + [((), ids) for ids in translation]
    return list(zip(original, translation, strict=True))


def _one_sided_apart(links: list[Members]) -> Iterator[Members]:
    """Every sentence without partner is a link of its own."""
    for original, translation in links:
        if original and translation:
            yield original, translation
        else:
            yield from (((one,), ()) for one in original)
            yield from (((), (one,)) for one in translation)
