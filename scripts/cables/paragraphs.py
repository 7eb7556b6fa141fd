"""Page-aware joining of lines into paragraphs, as spans.

Form labels and zones decide what belongs together, not letter case or line ends. A paragraph of prose
that a sheet's header cuts in two is one paragraph, and the header one of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cables import dates, ids
from cables.folding import script
from cables.lines import Joined, content, is_blank, joined
from cables.model import PROSE_ZONES, Join, Layout, Line, Paragraph, Side, Span, Zone
from cables.record import Record
from cables.vocabulary import Cue, Vocabulary
from cables.zones import ZonedLine, Zones

# Verse-like: every line is a thing of its own.
KEPT_APART = frozenset({Zone.LETTER_OPENER, Zone.LETTER_CLOSER, Zone.DISTRIBUTION})
JOINED_ONLY_AFTER_A_CUE = frozenset({Zone.SIGNATURE})
TERMINAL = re.compile(r"(?:[.!?:…][\"»”’)\]]*|;|[\"»”])\s*$")
ITEM = re.compile(r"\s*(?P<item>\d{1,2}|[^\W\d_])[.)]\s")
HYPHENATED = re.compile(r"([^\W\d_]+)-$")
WHEN = "when"
UNSEPARATED = 12
SHORT_LINE = 0.8


def text_of(paragraph: Paragraph, record: Record) -> Joined:
    """A paragraph's text with the place of every character."""
    return joined(record.source.lines, paragraph.spans)


def read(record: Record, zones: Zones, vocabulary: Vocabulary) -> tuple[Paragraph, ...]:
    """The paragraphs of both texts in the order of their first lines."""
    found = [
        paragraph for text in record.texts for paragraph in _of_side(record, zones, text.side, vocabulary)
    ]
    return tuple(sorted(found, key=lambda one: (one.first_line, one.spans[0].start)))


def _of_side(record: Record, zones: Zones, side: Side, vocabulary: Vocabulary) -> Iterator[Paragraph]:
    text = record.text(side)
    language = text.language if text else None
    own = [one for one in zones.lines if one.side is side and one.zone is not Zone.BLANK]
    joining = _Joining(record, language, vocabulary)
    repeating = [one for one in joining.cues if one.repeats]
    for group in _groups(own, joining):
        if group[0].zone is Zone.DISTRIBUTION and len(group) == 1:
            cells = _cells(group[0], record, repeating)
            if cells:
                yield from (_cell(record, group[0], number, cell) for number, cell in cells)
                continue
        yield _paragraph(record, group, language, vocabulary)


@dataclass(frozen=True, slots=True)
class _Joining:
    """What it takes to tell whether lines of one text belong together."""

    record: Record
    language: str | None
    vocabulary: Vocabulary

    @property
    def cues(self) -> tuple[Cue, ...]:
        """The cues of the text's language."""
        return self.vocabulary.cues_for(self.language)

    def folded(self, group: Sequence[ZonedLine]) -> str:
        """Lines joined to one text, as it is matched against cues."""
        lines = self.record.source.lines
        spans = _spans([lines[one.number - 1] for one in group], self.language, self.vocabulary)
        return joined(lines, spans).folded.text


def _groups(zoned: Sequence[ZonedLine], joining: _Joining) -> Iterator[list[ZonedLine]]:
    """Lines that make one paragraph. Headers of sheets do not interrupt the prose around them."""
    headers = [one for one in zoned if one.zone is Zone.PAGE_HEADER]
    yield from ([one] for one in headers)
    group: list[ZonedLine] = []
    for one in (line for line in zoned if line.zone is not Zone.PAGE_HEADER):
        if group and not _continues(group, one, joining):
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def _continues(group: Sequence[ZonedLine], one: ZonedLine, joining: _Joining) -> bool:
    last = group[-1]
    if one.zone is not last.zone or one.letter is not last.letter:
        return False
    if one.zone in PROSE_ZONES:
        return _prose_continues(group, one, joining.record, joining.vocabulary)
    if one.fields or one.number != last.number + 1 or one.zone in KEPT_APART:
        return one.zone is Zone.NOTE and one.number == last.number + 1
    if one.zone in JOINED_ONLY_AFTER_A_CUE:
        return bool(group[0].fields)
    return not group[0].fields or one.zone is Zone.NOTE or _says_more(group, one, joining)


def _says_more(group: Sequence[ZonedLine], one: ZonedLine, joining: _Joining) -> bool:
    """Whether the fields of a line of the form say more with the next line, and none of them says less."""
    texts = joining.folded(group), joining.folded([*group, one])
    gained = False
    for name in group[0].fields:
        cues = [cue for cue in joining.cues if cue.field.name == name]
        before, after = (_said(cues, text, joining.vocabulary) for text in texts)
        if not before <= after:
            return False
        gained |= before < after
    return gained


def _said(cues: Sequence[Cue], text: str, vocabulary: Vocabulary) -> frozenset[str]:
    """What the first of a field's cues that stands in a text reads there: groups, day, time, all figures."""
    match = next((found for cue in cues if (found := cue.pattern.search(text))), None)
    if match is None:
        return frozenset()
    said = {name for name, words in match.groupdict().items() if words}
    if WHEN in said:
        when = dates.when(match[WHEN], vocabulary)
        told = {"day": when.date, "time": when.time, "all figures": not when.figures_left}
        said |= {name for name, there in told.items() if there}
    return frozenset({"field", *said})


def _prose_continues(
    group: Sequence[ZonedLine], one: ZonedLine, record: Record, vocabulary: Vocabulary
) -> bool:
    last = record.source.lines[group[-1].number - 1]
    line = record.source.lines[one.number - 1]
    between = record.source.lines[last.number : line.number - 1]
    ended = _ends(last.text, vocabulary)
    if not between and not line.text.startswith("\f"):
        item = _is_item(line.text) and (ended or _is_item(last.text))
        return not (item or (ended and _ends_unseparated(group, line, record)))
    page_turns = line.text.startswith("\f") or any(not is_blank(each) for each in between)
    if page_turns:
        return not ended
    return record.catalogue.layout is Layout.PDF_TEXT and not ended and _begins_lower(line)


def _ends(text: str, vocabulary: Vocabulary) -> bool:
    """Whether a paragraph may end here: with a full stop, or a list item's semicolon and its conjunction."""
    _, semicolon, after = text.rpartition(";")
    last = after.strip()
    goes_on = semicolon and any(one.fullmatch(last) for one in vocabulary.markers.conjunction)
    return TERMINAL.search(text) is not None or bool(goes_on)


def _is_item(text: str) -> bool:
    """Whether an item of a list begins here: a number, or a small letter; a capital is an initial."""
    found = ITEM.match(text)
    return found is not None and not found["item"].isupper()


def _begins_lower(line: Line) -> bool:
    return line.text.strip()[:1].islower()


def _ends_unseparated(group: Sequence[ZonedLine], line: Line, record: Record) -> bool:
    """Where an extractor dropped the blank lines, a short line ends a paragraph."""
    block = _block_around(line.number, record)
    if len(block) < UNSEPARATED:
        return False
    lengths = sorted(len(each.text) for each in block)
    width = lengths[int(len(lengths) * 0.9)]
    return len(record.source.lines[group[-1].number - 1].text) < SHORT_LINE * width


def _block_around(number: int, record: Record) -> list[Line]:
    lines = record.source.lines
    first = number
    while first > 1 and not is_blank(lines[first - 2]):
        first -= 1
    last = number
    while last < len(lines) and not is_blank(lines[last]):
        last += 1
    return list(lines[first - 1 : last])


def _cells(one: ZonedLine, record: Record, cues: Sequence[Cue]) -> list[tuple[int, tuple[Span, ...]]]:
    """The cells of a line of the distribution list: a number and a name each, as spans."""
    line = record.source.lines[one.number - 1]
    pieces = content(line)
    if not pieces:
        return []
    whole = joined(record.source.lines, [Span(line.number, pieces[0][0], pieces[-1][1], Join.END)])
    for cue in cues:
        if cue.field.name not in one.fields:
            continue
        # What stands between two cells belongs to the first of them: nothing of a line is lost.
        text = whole.folded.text
        starts = [0, *[match.start() for match in cue.pattern.finditer(text)][1:], len(text)]
        cells = [_cell_spans(whole, start, end, line) for start, end in pairwise(starts)]
        if cue.field.name == "copy" or len(cells) > 1:
            return list(enumerate(cells, start=1))
    return []


def _cell_spans(whole: Joined, start: int, end: int, line: Line) -> tuple[Span, ...]:
    """What stands in a cell; a tab or a run of spaces inside it is a gap, not text."""
    first, last = whole.folded.origin(start, end)
    offset = whole.origins[0][1] if whole.origins[0] else 0
    text = whole.text[first:last]
    pieces = [match.span() for match in re.finditer(r"\S(?:(?!\t|  )[\s\S])*", text)]
    trimmed = [_without_separators(text, *piece) for piece in pieces if text[slice(*piece)].strip(" ,;")]
    joins = [Join.SPACE] * (len(trimmed) - 1) + [Join.END]
    return tuple(
        Span(line.number, offset + first + a, offset + first + b, join)
        for (a, b), join in zip(trimmed, joins, strict=True)
    )


def _without_separators(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip(" ,;")), start + len(piece.rstrip(" ,;"))


def _cell(record: Record, one: ZonedLine, number: int, spans: tuple[Span, ...]) -> Paragraph:
    assert one.side is not None
    identifier = ids.paragraph(record.record_id, one.side, one.number, number)
    text = joined(record.source.lines, spans).text
    return Paragraph(identifier, one.side, one.zone, one.letter, text, spans, one.fields)


def _paragraph(
    record: Record, group: Sequence[ZonedLine], language: str | None, vocabulary: Vocabulary
) -> Paragraph:
    first = group[0]
    assert first.side is not None
    spans = _spans([record.source.lines[one.number - 1] for one in group], language, vocabulary)
    identifier = ids.paragraph(record.record_id, first.side, first.number)
    text = joined(record.source.lines, spans).text
    fields = tuple(dict.fromkeys(name for one in group for name in one.fields))
    return Paragraph(identifier, first.side, first.zone, first.letter, text, spans, fields)


def _spans(lines: Sequence[Line], language: str | None, vocabulary: Vocabulary) -> tuple[Span, ...]:
    spans: list[Span] = []
    for index, line in enumerate(lines):
        pieces = content(line)
        for position, (start, end) in enumerate(pieces):
            if position + 1 < len(pieces):
                gap = line.text[end : pieces[position + 1][0]]
                join = Join.SPACE if any(character.isspace() for character in gap) else Join.NOTHING
                spans.append(Span(line.number, start, end, join))
            elif index + 1 < len(lines):
                join = line_join(line.text[start:end], lines[index + 1].text.strip(), language, vocabulary)
                spans.append(Span(line.number, start, end - (join is Join.SOFT_HYPHEN), join))
            else:
                spans.append(Span(line.number, start, end, Join.END))
    return tuple(spans)


def line_join(before: str, after: str, language: str | None, vocabulary: Vocabulary) -> Join:
    """How a line joins the next of its paragraph: whether a hyphen at its end belongs to the word."""
    if before.endswith("—"):
        return Join.NOTHING
    broken = HYPHENATED.search(before)
    if broken is None:
        return Join.HARD_HYPHEN if re.search(r"\d-$", before) else Join.SPACE
    code = language if language in vocabulary.languages else _by_script(broken[1], vocabulary)
    if not (code and vocabulary.languages[code].soft_hyphen):
        return Join.HARD_HYPHEN
    following = re.match(r"[^\W\d_]*", after)
    word = following.group() if following else ""
    belongs = (
        not word
        or word[0].isupper()
        or (code, broken[1].casefold()) in vocabulary.hyphens_before
        or (code, word.casefold()) in vocabulary.hyphens_after
    )
    return Join.HARD_HYPHEN if belongs else Join.SOFT_HYPHEN


def _by_script(word: str, vocabulary: Vocabulary) -> str | None:
    main = script(word[0])
    return next((one.code for one in vocabulary.languages.values() if one.script == main), None)
