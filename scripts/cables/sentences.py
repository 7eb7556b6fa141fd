"""Paragraphs → sentences with offsets.

Russian is split by razdel, English by pysbd one paragraph at a time, its slips at known abbreviations
mended. Lines of the form are one sentence each: they have no prose to split.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

import pysbd
import razdel

from cables import ids
from cables.folding import search_text
from cables.model import PROSE_ZONES, WITHOUT_SENTENCES, Paragraph, Sentence
from cables.record import Record
from cables.vocabulary import Vocabulary

WORD = re.compile(r"\w+(?:[-'’]\w+)*")
# pysbd is quadratic in the length of what it is given.
LONGEST_PIECE = 4000
ROUGH_END = re.compile(r"[.!?][\"”’)\]]*\s+(?=[\"“(\[]?[A-Z])")


def read(record: Record, paragraphs: Sequence[Paragraph], vocabulary: Vocabulary) -> tuple[Sentence, ...]:
    """The sentences of all paragraphs that have any, in order."""
    found: list[Sentence] = []
    for paragraph in paragraphs:
        if paragraph.zone in WITHOUT_SENTENCES:
            continue
        text = record.text(paragraph.side)
        bounds = _bounds(paragraph, text.language if text else None, vocabulary)
        for number, (start, end) in enumerate(bounds, start=1):
            identifier = ids.sentence(paragraph.paragraph_id, number)
            sentence = paragraph.text[start:end]
            found.append(Sentence(identifier, paragraph.paragraph_id, start, end, sentence))
    return tuple(found)


def words(text: str) -> int:
    """How many words: runs of letters and digits, with the hyphens and apostrophes inside them.

    Letter-spacing is closed first: a word set with spaces between its letters is one word.
    """
    return len(WORD.findall(search_text(text)))


def _bounds(paragraph: Paragraph, language: str | None, vocabulary: Vocabulary) -> list[tuple[int, int]]:
    text = paragraph.text
    known = vocabulary.languages.get(language or "")
    if paragraph.zone not in PROSE_ZONES or known is None or known.sentences == "paragraph":
        return [(0, len(text))]
    split = list(_razdel(text) if known.sentences == "razdel" else _pysbd(text, known.code))
    return _mended(text, split, vocabulary.abbreviations.get(known.code, frozenset()))


def _razdel(text: str) -> Iterator[tuple[int, int]]:
    for one in razdel.sentenize(text):
        yield one.start, one.stop


@cache
def _segmenter(language: str) -> pysbd.Segmenter:
    return pysbd.Segmenter(language=language, clean=False, char_span=True)


def _pysbd(text: str, language: str) -> Iterator[tuple[int, int]]:
    for start, end in _pieces(text):
        position = start
        for one in _segmenter(language).segment(text[start:end]):
            sentence = one.sent.strip()
            # pysbd's own spans go astray where a sentence is repeated; its text does not.
            found = text.find(sentence, position, end)
            if sentence and found >= 0:
                yield found, found + len(sentence)
                position = found + len(sentence)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Stretches short enough for pysbd, cut where a sentence surely ends."""
    start = 0
    while len(text) - start > LONGEST_PIECE:
        cuts = [one.end() for one in ROUGH_END.finditer(text, start, start + LONGEST_PIECE)]
        end = cuts[-1] if cuts else start + LONGEST_PIECE
        yield start, end
        start = end
    yield start, len(text)


def _mended(
    text: str, split: Sequence[tuple[int, int]], abbreviations: frozenset[str]
) -> list[tuple[int, int]]:
    """Sentences put together again where the first only ends with an abbreviation; gaps closed."""
    mended: list[tuple[int, int]] = []
    for start, end in split or [(0, len(text))]:
        if mended and _only_abbreviated(text[mended[-1][0] : mended[-1][1]], abbreviations):
            mended[-1] = (mended[-1][0], end)
        elif mended and text[mended[-1][1] : start].strip():
            # What a splitter passed over belongs to the sentence before.
            mended[-1] = (mended[-1][0], mended[-1][1] + len(text[mended[-1][1] : start].rstrip()))
            mended.append((start, end))
        else:
            mended.append((start, end))
    first, last = mended[0], mended[-1]
    mended[0] = (len(text) - len(text.lstrip()), first[1])
    mended[-1] = (mended[-1][0], max(last[1], len(text.rstrip())))
    return mended


def _only_abbreviated(sentence: str, abbreviations: frozenset[str]) -> bool:
    last = sentence.split()[-1] if sentence.split() else ""
    return last.lstrip('("“[') in abbreviations
