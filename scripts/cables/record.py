"""The catalogue header; which lines are the original and which the translation; the layouts.

A record begins with the archive's catalogue entry and goes on with one text or two, without a heading
between them: their scripts (or, where both use one script, their languages) tell them apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

from cables.folding import fold, script
from cables.lines import Joined, blocks, content, is_blank, joined
from cables.model import Cell, Doubt, InputError, Join, Layout, Line, Side, Source, Span
from cables.vocabulary import Language, Vocabulary

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

DATE_LINE = re.compile(r"(?:\S+\s+){0,2}\S*\b\d{4}\b\S*")
LETTERS_TO_JUDGE_BY = 20


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the catalogue says: cells by column of `records`; where it ends.

    `translations` are the names of the languages into which its contents promise a translation.
    """

    layout: Layout
    cells: Mapping[str, Cell]
    contents: tuple[Cell, ...]
    translations: tuple[Cell, ...]
    last_line: int
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """One of the two texts: its first and last non-blank line, and its language (None: not known).

    `named` is where the catalogue names the language; None where script and words tell it.
    """

    side: Side
    language: str | None
    first_line: int
    last_line: int
    named: Cell | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A source file taken apart into catalogue and texts."""

    record_id: str
    source: Source
    catalogue: Catalogue
    texts: tuple[Text, ...]
    doubts: tuple[Doubt, ...]

    def text(self, side: Side) -> Text | None:
        """The text on this side, where there is one."""
        return next((text for text in self.texts if text.side is side), None)


@dataclass(frozen=True, slots=True)
class _Section:
    column: str
    heading: Line
    lines: tuple[Line, ...]


def read(record_id: str, source: Source, vocabulary: Vocabulary) -> Record:
    """The record that a source file holds. Raises InputError for what is no export, or two of them."""
    catalogue = _catalogue(source, vocabulary)
    rest = source.lines[catalogue.last_line :]
    texts = _texts(rest, catalogue, vocabulary)
    doubts = (*catalogue.doubts, *_promised_but_missing(catalogue, texts))
    return Record(record_id, source, catalogue, texts, doubts)


def whole(lines: Sequence[Line], source: Source) -> Joined:
    """Lines joined by spaces, without outer space and the export's `**`."""
    stretches = [(line.number, *piece) for line in lines for piece in content(line)]
    spans = [Span(number, start, end, Join.SPACE) for number, start, end in stretches[:-1]]
    spans += [Span(number, start, end, Join.END) for number, start, end in stretches[-1:]]
    return joined(source.lines, spans)


# --- the catalogue entry -----------------------------------------------------------------------------


def _catalogue(source: Source, vocabulary: Vocabulary) -> Catalogue:
    sections, later = _sections(source, vocabulary)
    if not sections:
        expected = "a catalogue heading on a line of its own: " + _heading_names(vocabulary)
        raise InputError(source.name, len(source.lines), "the file ends", expected)
    before = source.lines[: sections[0].heading.number - 1]
    layout, head = _head(before, vocabulary)
    doubts = [_missing(column, sections) for column in _not_found(sections, vocabulary)]
    doubts += [_repeated(line) for line in later]
    cells = _head_cells(head, source) | _section_cells(sections, source)
    cells |= _citation_cells(sections, source, vocabulary)
    if "title" not in cells:
        cells |= _title_from_citation(sections, source, vocabulary)
        doubts.append(_missing("title", sections))
    items = [whole([line], source) for one in sections if one.column == "contents" for line in one.lines]
    contents = tuple(map(_cell, items))
    translations = tuple(_translations(items, vocabulary))
    last = max(line.number for one in sections for line in (one.heading, *one.lines))
    return Catalogue(layout, cells, contents, translations, last, tuple(doubts))


def _sections(source: Source, vocabulary: Vocabulary) -> tuple[list[_Section], list[Line]]:
    """The sections of the catalogue entry, and lines after it that look like one of its headings."""
    headings = [(line, column) for line in source.lines if (column := _heading(line, vocabulary)) is not None]
    entry: list[tuple[Line, str]] = []
    later: list[Line] = []
    for line, column in headings:
        seen = {one for _, one in entry}
        if column == "citation" and column in seen:
            found = f"a second {line.text.strip()!r}"
            raise InputError(source.name, line.number, found, "one record in a file")
        if "contents" in seen or column in seen:
            later.append(line)
        else:
            entry.append((line, column))
    bounds = [*(line.number for line, _ in entry[1:]), None][: len(entry)]
    return [
        _Section(column, line, _section_lines(source, line, bound))
        for (line, column), bound in zip(entry, bounds, strict=True)
    ], later


def _section_lines(source: Source, heading: Line, next_heading: int | None) -> tuple[Line, ...]:
    """Up to the next heading; the last section is one block, for the document follows it."""
    if next_heading is not None:
        inside = source.lines[heading.number : next_heading - 1]
        return tuple(line for line in inside if not is_blank(line))
    after = list(blocks(source.lines[heading.number :]))
    return after[0] if after else ()


def _heading(line: Line, vocabulary: Vocabulary) -> str | None:
    text = fold(line.text).text.replace("**", "").strip()
    return vocabulary.headings.get(text[:-1].casefold()) if text.endswith(":") else None


def _heading_names(vocabulary: Vocabulary) -> str:
    return ", ".join(f"'{heading.title()}:'" for heading in vocabulary.headings)


def _head(lines: Sequence[Line], vocabulary: Vocabulary) -> tuple[Layout, list[Line]]:
    """The layout, and the lines of date and title: what stands before the first heading."""
    mastheads = vocabulary.catalogue("masthead")
    filled = [line for line in lines if not is_blank(line)]
    head = [line for line in filled if not any(one.fullmatch(line.text.strip()) for one in mastheads)]
    return (Layout.MARKDOWN if len(head) == len(filled) else Layout.PDF_TEXT), head


def _head_cells(head: Sequence[Line], source: Source) -> dict[str, Cell]:
    if not head:
        return {}
    first = whole(head[:1], source)
    if not DATE_LINE.fullmatch(first.folded.text):
        return {"title": _cell(whole(head, source))}
    cells = {"date_as_written": _cell(first)}
    return cells | ({"title": _cell(whole(head[1:], source))} if head[1:] else {})


def _section_cells(sections: Sequence[_Section], source: Source) -> dict[str, Cell]:
    plain = [one for one in sections if one.column not in ("citation", "contents") and one.lines]
    cells = {one.column: _cell(whole(one.lines, source)) for one in plain}
    for one in sections:
        if one.column == "contents" and one.lines:
            items = [whole([line], source) for line in one.lines]
            places = tuple(place for item in items for place in item.places(0, len(item.text)))
            cells["contents"] = Cell("; ".join(item.text for item in items), places)
    return cells


def _citation_cells(sections: Sequence[_Section], source: Source, vocabulary: Vocabulary) -> dict[str, Cell]:
    section = next((one for one in sections if one.column == "citation" and one.lines), None)
    if section is None:
        return {}
    citation = whole(section.lines, source)
    end = len(citation.folded.text)
    cells: dict[str, Cell] = {}
    for pattern in vocabulary.catalogue("address"):
        if address := pattern.search(citation.folded.text):
            cells["source_url"] = _group(citation, address, "source_url")
            end = len(citation.folded.text[: address.start()].rstrip())
    cells["citation"] = Cell(citation.written(0, end), citation.matched(0, end))
    for name in ("translator", "collection"):
        for pattern in vocabulary.catalogue(name):
            if found := pattern.search(citation.folded.text, 0, end):
                cells[name] = _group(citation, found, name)
    return cells


def _translations(items: Sequence[Joined], vocabulary: Vocabulary) -> Iterator[Cell]:
    for item in items:
        for pattern in vocabulary.catalogue("contents_translation"):
            if found := pattern.search(item.folded.text):
                yield _group(item, found, "language")


def _title_from_citation(
    sections: Sequence[_Section], source: Source, vocabulary: Vocabulary
) -> dict[str, Cell]:
    section = next((one for one in sections if one.column == "citation" and one.lines), None)
    if section is None:
        return {}
    citation = whole(section.lines, source)
    for pattern in vocabulary.catalogue("quoted_title"):
        if found := pattern.search(citation.folded.text):
            return {"title": _group(citation, found, "title")}
    return {}


def _cell(text: Joined) -> Cell:
    return Cell(text.text, text.places(0, len(text.text)))


def _group(text: Joined, match: re.Match[str], name: str) -> Cell:
    return Cell(text.written(*match.span(name)), text.matched(*match.span(name)))


def _not_found(sections: Sequence[_Section], vocabulary: Vocabulary) -> list[str]:
    found = {one.column for one in sections}
    # Credits and a summary are often not given; without the others a table stays empty.
    needed = ("citation", "original_language", "contents")
    return [column for column in needed if column in vocabulary.headings.values() and column not in found]


def _missing(column: str, sections: Sequence[_Section]) -> Doubt:
    line = sections[0].heading.number
    name = column.replace("_", " ")
    return Doubt("heading_missing", line, line, "catalogue", None, f"the catalogue entry has no {name}")


def _repeated(line: Line) -> Doubt:
    message = "a heading of the catalogue entry stands again; read as text of the document"
    return Doubt("heading_repeated", line.number, line.number, "catalogue", line.text.strip(), message)


# --- the texts ---------------------------------------------------------------------------------------


def _texts(lines: Sequence[Line], catalogue: Catalogue, vocabulary: Vocabulary) -> tuple[Text, ...]:
    parts = list(blocks(lines))
    if not parts:
        return ()
    declared = _declared_language(catalogue, vocabulary)
    into = vocabulary.defaults.translation
    weights = [_weights(block, declared, into) for block in parts]
    cut, original_first = _best_cut(weights)
    halves = [(parts[:cut], original_first), (parts[cut:], not original_first)]
    if not all(part for part, _ in halves):
        return (_single_text(parts, weights, catalogue, vocabulary),)
    texts = [
        _text(part, Side.ORIGINAL if original else Side.TRANSLATION, catalogue, vocabulary)
        for part, original in halves
    ]
    return tuple(sorted(texts, key=lambda text: text.side))


def _declared_language(catalogue: Catalogue, vocabulary: Vocabulary) -> Language | None:
    cell = catalogue.cells.get("original_language")
    return vocabulary.language_named(str(cell.value)) if cell else None


def _weights(block: Sequence[Line], declared: Language | None, into: Language) -> tuple[int, int]:
    """How many letters of a block speak for the original, and how many for the translation."""
    text = "\n".join(line.text for line in block)
    scripts = [one for one in map(script, text) if one]
    if declared is not None and declared.script == into.script and declared.code != into.code:
        if len(scripts) < LETTERS_TO_JUDGE_BY:
            return 0, 0
        found = _identifier((declared.code, into.code)).classify(text)[0]
        return (len(scripts), 0) if found == declared.code else (0, len(scripts))
    translated = sum(one == into.script for one in scripts)
    return len(scripts) - translated, translated


@cache
def _identifier(languages: tuple[str, ...]) -> LanguageIdentifier:
    # Not at the top: the model takes as long to load as a small build, and few records need it.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(languages))
    return identifier


def _best_cut(weights: Sequence[tuple[int, int]]) -> tuple[int, bool]:
    """Where to cut the blocks in two so that most letters fall on their own side, and which is first.

    A block without letters goes with what stands before it.
    """
    originals = [0, *accumulate(original for original, _ in weights)]
    translations = [0, *accumulate(translation for _, translation in weights)]
    scores = []
    for cut in range(len(weights) + 1):
        original_first = originals[cut] + translations[-1] - translations[cut]
        translation_first = translations[cut] + originals[-1] - originals[cut]
        scores.append((original_first, cut, True))
        scores.append((translation_first, cut, False))
    best = max(scores, key=lambda score: score[:2])
    return best[1], best[2]


def _single_text(
    parts: Sequence[tuple[Line, ...]],
    weights: Sequence[tuple[int, int]],
    catalogue: Catalogue,
    vocabulary: Vocabulary,
) -> Text:
    declared = _declared_language(catalogue, vocabulary)
    into = vocabulary.defaults.translation
    original = sum(one for one, _ in weights)
    translation = sum(one for _, one in weights)
    is_original = original > translation
    if declared is None and not catalogue.translations:
        is_original = True
    if declared is not None and declared.code == into.code and translation >= original:
        is_original = True
    return _text(parts, Side.ORIGINAL if is_original else Side.TRANSLATION, catalogue, vocabulary)


def _text(
    parts: Sequence[tuple[Line, ...]], side: Side, catalogue: Catalogue, vocabulary: Vocabulary
) -> Text:
    lines = [line for part in parts for line in part]
    text = "\n".join(line.text for line in lines)
    scripts = [one for one in map(script, text) if one]
    main = max(sorted(set(scripts)), key=scripts.count) if scripts else None
    named = _named(side, main, catalogue, vocabulary)
    # One language only, so that of two promised translations none is taken by guess.
    if len(named) == 1:
        ((code, cell),) = named.items()
        return Text(side, code, lines[0].number, lines[-1].number, cell)
    return Text(side, _by_words(text, main, vocabulary), lines[0].number, lines[-1].number)


def _named(side: Side, main: str | None, catalogue: Catalogue, vocabulary: Vocabulary) -> dict[str, Cell]:
    """The languages that the catalogue names for a text and that are written in its script."""
    original = catalogue.cells.get("original_language")
    cells = catalogue.translations if side is Side.TRANSLATION else (original,) if original else ()
    known = [(vocabulary.language_named(str(cell.value)), cell) for cell in cells]
    return {language.code: cell for language, cell in known if language and language.script == main}


def _by_words(text: str, main: str | None, vocabulary: Vocabulary) -> str | None:
    """The language of a text whose letters are those of one script, by its words."""
    candidates = tuple(one.code for one in vocabulary.languages.values() if one.script == main)
    if len(candidates) <= 1:
        return candidates[0] if candidates else None
    return str(_identifier(candidates).classify(text)[0])


def _promised_but_missing(catalogue: Catalogue, texts: Sequence[Text]) -> Iterator[Doubt]:
    sides = {text.side for text in texts}
    line = catalogue.last_line
    if Side.TRANSLATION not in sides and catalogue.translations:
        message = "the contents promise a translation, no text in its language follows"
        yield Doubt("text_missing", line, line, "catalogue", None, message)
    if Side.ORIGINAL not in sides:
        language = catalogue.cells.get("original_language")
        name = f" ({language.value})" if language else ""
        message = f"no text in the original language{name} follows"
        yield Doubt("text_missing", line, line, "catalogue", None, message)
