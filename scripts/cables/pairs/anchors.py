"""What a unit shows of itself besides its length: numbers, names, marks and full stops."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cables.folding import LETTER_SPACED


@dataclass(frozen=True, slots=True)
class Aids:
    """What the aligner may know of the two languages; it works, less well, with nothing.

    `letters` lead from a letter to its Latin transliteration, `months` from a month's name in either language
    (any of its forms, in lower case) to its number, `numbers` from a number written out to that number.
    """

    letters: Mapping[str, str] = field(default_factory=dict)
    months: Mapping[str, int] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)


_TOKEN = re.compile(r"\d{1,3}(?:[, \u00a0]\d{3})+(?!\d)|\d+|[^\W\d_]+")
_GROUPING = re.compile(r"[, \u00a0]")
_CLOSING = re.compile(r"""([.!?:;,…])[\s"'»”’)\]/]*$""")
# With the letter that follows, which is none at the end.
_STOP = re.compile(r"""[.!?…]["'»”’)\]]*(?=\s\W{0,4}([^\W\d_])|\s*$)""")
_BRACKET = re.compile(r"[(\[]|(?<!\w)/(?=\w)")
_QUOTE = re.compile(r"""["«“„]""")

# What spellings of one name in two alphabets keep, in Latin letters. Voice, aspiration and the difference of
# r and l are often lost on the way through a third language; vowels may always be.
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"shch|sch|sh|tch|ch|dzh|zh|j", "C"),
        (r"c(?=[eiy])|ts|tz|z", "s"),
        (r"kh|gh|ck|[cxqgh]", "k"),
        (r"ph|[wf]", "v"),
        (r"th|d", "t"),
        (r"ng\b", "n"),
        (r"b", "p"),
        (r"l", "r"),
        (r"[^Cskvtnprm]", ""),
    )
)
_REPEATED = re.compile(r"(.)\1+")
_LONGEST_SKELETON = 4
_SHORTEST_NAME = 2

# How often a unit's number, name … stands in its counterpart too: the share of linked units, for its kind.
KEPT = {"number": 0.9, "mark": 0.5, "2": 0.3, "3": 0.5, "4": 0.7}


@dataclass(frozen=True, slots=True)
class Anchors:
    """What a unit shows, as `kind:value`, and its full stops (one at least)."""

    shown: frozenset[str]
    stops: int


def anchors_of(text: str, aids: Aids) -> Anchors:
    """What the words of a unit show."""
    text = LETTER_SPACED.sub(lambda spaced: spaced[0].replace(" ", ""), unicodedata.normalize("NFC", text))
    shown = _marks(text)
    for token in _TOKEN.findall(text):
        number = _number(token, aids)
        shown.update(_skeletons(token, aids.letters) if number is None else [f"number:{number}"])
    stops = sum(not following.islower() for following in _STOP.findall(text))
    return Anchors(frozenset(shown), max(1, stops))


def _number(token: str, aids: Aids) -> str | None:
    if token[0].isdecimal():
        return _GROUPING.sub("", token).lstrip("0")
    word = token.casefold()
    number = aids.months.get(word, aids.numbers.get(word))
    return None if number is None else str(number)


def _skeletons(word: str, letters: Mapping[str, str]) -> Iterator[str]:
    """The word's consonants, with and without the last, which may belong to an ending."""
    latin = "".join(letters.get(letter, letter) for letter in word.casefold())
    sounds = "".join(mark for mark in unicodedata.normalize("NFD", latin) if not unicodedata.combining(mark))
    for pattern, sound in _SOUNDS:
        sounds = pattern.sub(sound, sounds)
    sounds = _REPEATED.sub(r"\1", sounds)
    shortest = _SHORTEST_NAME if word[0].isupper() else _LONGEST_SKELETON
    for part in {sounds[:_LONGEST_SKELETON], sounds[:-1][:_LONGEST_SKELETON]}:
        if len(part) >= shortest:
            yield f"{len(part)}:{part}"


def _marks(text: str) -> set[str]:
    closing = _CLOSING.search(text)
    shown = (
        (_BRACKET.search(text), "bracket"),
        (_QUOTE.search(text), "quote"),
        (closing, "closing" + (closing[1] if closing else "")),
    )
    return {f"mark:{name}" for found, name in shown if found}
