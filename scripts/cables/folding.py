"""Text as it is matched: composed, without invisible characters, look-alike letters in one script.

Nothing folded is ever published as a reading; every folded character knows where it stood.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

LATIN_LOOKALIKES = "ABCEHKMOPTXYaceopxy"
CYRILLIC_LOOKALIKES = "АВСЕНКМОРТХУасеорху"
TO_CYRILLIC = dict(zip(LATIN_LOOKALIKES, CYRILLIC_LOOKALIKES, strict=True))
TO_LATIN = {cyrillic: latin for latin, cyrillic in TO_CYRILLIC.items()}

LETTER_SPACED = re.compile(r"(?<![^\W_])(?:[^\W\d_] ){3,}[^\W\d_](?![^\W_])")
WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text; `offsets[i]` is where its character `i` began in the text it was made from."""

    text: str
    offsets: tuple[int, ...]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original text from which `text[start:end]` was made (end exclusive)."""
        if start == end:
            return self.offsets[start], self.offsets[start]
        return self.offsets[start], self.offsets[end - 1] + self._width(end - 1)

    def _width(self, index: int) -> int:
        return max(1, self.offsets[index + 1] - self.offsets[index]) if self._composed(index) else 1

    def _composed(self, index: int) -> bool:
        return len(unicodedata.normalize("NFD", self.text[index])) > 1


def is_invisible(character: str) -> bool:
    """Whether a character has no width of its own: joiners, direction controls, soft hyphens."""
    return unicodedata.category(character) == "Cf"


def script(character: str) -> str | None:
    """`Cyrillic`, `Latin`, `Han`, `Hangul` … of a letter; None of anything else."""
    if not character.isalpha():
        return None
    name = unicodedata.name(character, "")
    first = name.split(" ", 1)[0].capitalize()
    return {"Cjk": "Han"}.get(first, first)


def search_text(text: str) -> str:
    """The text for searching: NFC, invisible characters left out, letter-spacing closed."""
    return _close_spacing(_compose(text)).text


def fold(text: str) -> Folded:
    """The text for matching: as for searching, with words of mixed script in their main script."""
    closed = _close_spacing(_compose(text))
    return Folded(WORD.sub(_one_script, closed.text), closed.offsets)


def mixed_script_words(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of the words that mix Latin with Cyrillic letters."""
    for word in WORD.finditer(unicodedata.normalize("NFC", text)):
        if {"Latin", "Cyrillic"} <= {script(character) for character in word.group()}:
            yield word.span()


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    """A visible base character with all that composes with it, and where it begins."""
    start, cluster = 0, ""
    for index, character in enumerate(text):
        if is_invisible(character):
            continue
        if cluster and _composes(character):
            cluster += character
            continue
        if cluster:
            yield start, cluster
        start, cluster = index, character
    if cluster:
        yield start, cluster


def _composes(character: str) -> bool:
    """Whether a character may become one with what stands before it: marks, and the later Hangul jamo."""
    return unicodedata.category(character) in ("Mn", "Mc") or "\u1160" <= character <= "\u11ff"


def _compose(text: str) -> Folded:
    characters: list[str] = []
    offsets: list[int] = []
    for start, cluster in _clusters(text):
        composed = unicodedata.normalize("NFC", cluster)
        is_space = unicodedata.category(composed[0]) == "Zs"
        characters.append(" " + composed[1:] if is_space else composed)
        offsets.extend([start] * len(composed))
    return Folded("".join(characters), (*offsets, len(text)))


def _close_spacing(folded: Folded) -> Folded:
    drop = {
        index
        for match in LETTER_SPACED.finditer(folded.text)
        for index in range(*match.span())
        if folded.text[index] == " "
    }
    kept = [index for index in range(len(folded.text)) if index not in drop]
    text = "".join(folded.text[index] for index in kept)
    return Folded(text, (*(folded.offsets[index] for index in kept), folded.offsets[-1]))


def _one_script(match: re.Match[str]) -> str:
    word = match.group()
    latin = [one for one in word if script(one) == "Latin"]
    cyrillic = [one for one in word if script(one) == "Cyrillic"]
    if not cyrillic or not latin:
        return word
    # A letter that looks like none of the other script gives the word's script away.
    only_cyrillic = any(one not in TO_LATIN for one in cyrillic)
    only_latin = any(one not in TO_CYRILLIC for one in latin)
    if only_cyrillic is only_latin:
        only_cyrillic = len(cyrillic) >= len(latin)
    table = TO_CYRILLIC if only_cyrillic else TO_LATIN
    return "".join(table.get(character, character) for character in word)
