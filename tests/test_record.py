"""A record is taken apart into its catalogue entry and its texts, in either layout."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from building import REPOSITORY
from cables.model import InputError, Layout, Side
from cables.record import Record
from conftest import Read
from exports import (
    BOTH,
    CONTENTS,
    CREDITS,
    DATE,
    ORIGINAL,
    SOURCE_URL,
    SUMMARY,
    TITLE,
    TRANSLATION,
    changed,
    export,
    pdf_export,
)


def said(record: Record) -> dict[str, object]:
    """What the catalogue entry says, by column."""
    return {column: cell.value for column, cell in record.catalogue.cells.items()}


def sides(record: Record) -> dict[str, str | None]:
    """The texts and their languages."""
    return {text.side.value: text.language for text in record.texts}


def doubted(record: Record) -> list[str]:
    """What is doubtful about the record."""
    return [doubt.message for doubt in record.doubts]


def test_the_catalogue_entry_is_read_whole(read: Read) -> None:
    record = read(BOTH).record
    assert said(record) == {
        "date_as_written": DATE,
        "title": TITLE[0],
        "citation": f'"{TITLE[0]}", {DATE}, CWIHP Archive. Translated by Anna Klenova.',
        "source_url": SOURCE_URL,
        "translator": "Anna Klenova",
        "collection": "CWIHP Archive",
        "summary": SUMMARY,
        "credits": CREDITS,
        "original_language": "Russian",
        "contents": "Original Scan; Translation - English",
    }
    assert record.catalogue.layout is Layout.MARKDOWN
    assert sides(record) == {"original": "ru", "translation": "en"}
    assert doubted(record) == []


def test_every_cell_of_the_catalogue_leads_to_the_words_of_the_source(read: Read) -> None:
    record = read(BOTH).record
    for cell in record.catalogue.cells.values():
        assert cell.places
        for place in cell.places:
            assert record.source.lines[place.line - 1].text[place.start : place.end] == place.as_written


def test_a_title_over_several_lines_is_one(read: Read) -> None:
    record = read(export(ORIGINAL, title=("Cable No. 5512,", "Orlov to Dubrovin"))).record
    assert said(record)["title"] == "Cable No. 5512, Orlov to Dubrovin"


def test_the_pdf_layout_is_read_with_centred_titles_and_running_head(read: Read) -> None:
    record = read(pdf_export(TRANSLATION, title=("Cable No. 5512,", "Orlov to Dubrovin"))).record
    assert record.catalogue.layout is Layout.PDF_TEXT
    assert said(record)["title"] == "Cable No. 5512, Orlov to Dubrovin"
    assert said(record)["date_as_written"] == DATE
    assert said(record)["translator"] == "Anna Klenova"
    assert said(record)["contents"] == "English Translation"
    assert sides(record) == {"translation": "en"}


def test_a_shelfmark_in_the_citation_becomes_an_archival_reference(read: Read) -> None:
    (reference,) = read(pdf_export(TRANSLATION)).facts.of("archival_references")
    shelfmark = {column: reference.cells[column].value for column in ("fond", "opis", "delo", "folios")}
    assert shelfmark == {"fond": "9", "opis": "2", "delo": "31", "folios": "5-7"}


def test_a_record_without_credits_and_summary_is_normal(read: Read) -> None:
    record = read(export(ORIGINAL, TRANSLATION, credits=None, summary=None)).record
    assert not {"credits", "summary"} & said(record).keys()
    assert doubted(record) == []


def test_headings_need_not_be_bold(read: Read) -> None:
    plain = BOTH.replace("**", "")
    assert said(read(plain).record) == said(read(BOTH).record)


def test_a_missing_title_is_taken_from_the_citation_with_a_warning(read: Read) -> None:
    reading = read(export(ORIGINAL, TRANSLATION, title=()))
    assert said(reading.record)["title"] == TITLE[0].rstrip(",")
    assert doubted(reading.record) == ["the catalogue entry has no title"]
    assert reading.facts.of("documents")[0].cells["type"].value == "cable"


def test_a_missing_citation_is_a_warning_and_the_summary_is_not_taken_for_it(read: Read) -> None:
    source = changed(
        BOTH, "**Citation:**\n\n" + BOTH.split("**Citation:**\n\n")[1].split("\n\n")[0] + "\n\n", ""
    )
    record = read(source).record
    assert "citation" not in said(record) and "source_url" not in said(record)
    assert said(record)["summary"] == SUMMARY
    assert doubted(record) == ["the catalogue entry has no citation"]


def test_a_file_without_any_heading_is_refused_with_its_last_line(read: Read) -> None:
    with pytest.raises(InputError, match=r"^one\.txt:3: the file ends; expected a catalogue heading"):
        read("\n\n**May 2, 1950**\n")


def test_two_records_in_one_file_are_refused_with_the_line_of_the_second(read: Read) -> None:
    line = (BOTH + "\n").count("\n") + BOTH[: BOTH.index("**Citation")].count("\n") + 1
    with pytest.raises(InputError, match=rf"^one\.txt:{line}: a second '\*\*Citation:\*\*'"):
        read(BOTH + "\n" + BOTH)


def test_a_line_like_a_heading_inside_the_text_stays_text(read: Read) -> None:
    source = changed(BOTH, "Please answer no later", "**Summary:**\n\nPlease answer no later")
    reading = read(source)
    assert said(reading.record)["summary"] == SUMMARY
    assert "Summary:" in [paragraph.text for paragraph in reading.paragraphs]
    assert any("heading" in message for message in doubted(reading.record))


def test_the_translation_may_stand_before_the_original(read: Read) -> None:
    reading = read(export(TRANSLATION, ORIGINAL))
    original, translation = (reading.record.text(side) for side in Side)
    assert original is not None and translation is not None
    assert (original.language, translation.language) == ("ru", "en")
    assert translation.last_line < original.first_line
    assert all(pair.link.original[0].startswith("rone-o") for pair in reading.units if pair.link.original)


def test_a_promised_translation_that_is_not_there_is_a_warning(read: Read) -> None:
    reading = read(export(ORIGINAL))
    assert sides(reading.record) == {"original": "ru"}
    assert reading.units == ()
    assert doubted(reading.record) == ["the contents promise a translation, no text in its language follows"]


def test_an_original_that_is_not_there_is_a_warning(read: Read) -> None:
    reading = read(export(TRANSLATION))
    assert sides(reading.record) == {"translation": "en"}
    assert reading.units == ()
    assert doubted(reading.record) == ["no text in the original language (Russian) follows"]


def test_a_record_without_any_text_is_read(read: Read) -> None:
    reading = read(export())
    assert reading.record.texts == () and reading.paragraphs == ()


def test_where_scripts_do_not_tell_the_languages_decide(read: Read) -> None:
    german = """\
Sehr geehrter Herr Direktor, die Brücke über den Fluss ist fertig, und der Verkehr der Züge beginnt in
zwei Wochen. Bitte schicken Sie uns einen Meister und zwei Arbeiter für die letzten Arbeiten."""
    english = """\
Dear Director, the bridge across the river is ready, and the traffic of trains will begin in two weeks.
Please send us a foreman and two workers for the last works that remain to be done here."""
    record = read(export(german, english, language="German")).record
    assert sides(record) == {"original": "de", "translation": "en"}


@pytest.mark.parametrize(
    ("contents", "basis", "words"),
    [
        (("Original Scan", "Translation - English"), "read", ["English"]),
        (("English Translation",), "read", ["English"]),
        (("Translation - Klingon",), "inferred", []),
        (("Translation - Korean",), "inferred", []),
        (("Translation - English", "Translation - French"), "inferred", []),
    ],
)
def test_the_language_of_a_translation_is_read_where_the_catalogue_names_one_of_its_script(
    read: Read, contents: tuple[str, ...], basis: str, words: list[str]
) -> None:
    reading = read(export(ORIGINAL, TRANSLATION, contents=contents))
    (cell,) = (
        fact.cells["language"]
        for fact in reading.facts.of("witnesses")
        if fact.row_id == "rone-w-translation"
    )
    assert (cell.value, cell.basis, [place.as_written for place in cell.places]) == ("en", basis, words)


LOADED = """
import sys
from cables import inputs, reading
from cables.curation import Decisions
given = inputs.read(inputs.Places())
reading.read("one.txt", sys.stdin.buffer.read(), "one", given.vocabulary, Decisions({}))
print("py3langid" in sys.modules)
"""


@pytest.mark.parametrize(("contents", "loaded"), [(CONTENTS, "False"), (("Original Scan",), "True")])
def test_the_model_of_languages_is_loaded_only_where_it_is_asked(
    contents: tuple[str, ...], loaded: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        input=export(ORIGINAL, TRANSLATION, contents=contents).encode(),
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "scripts")},
        capture_output=True,
    )
    assert (done.stdout.decode().strip(), done.stderr) == (loaded, b"")


def test_an_english_original_is_the_original(read: Read) -> None:
    record = read(export(TRANSLATION, language="English", contents=("Original Scan",))).record
    assert sides(record) == {"original": "en"}
    assert doubted(record) == []


def test_the_catalogue_date_that_no_calendar_has_stays_empty(read: Read) -> None:
    reading = read(export(ORIGINAL, TRANSLATION, date="September 31, 1950", cited=["Invented."]))
    assert said(reading.record)["date_as_written"] == "September 31, 1950"
    assert [doubt.kind for doubt in reading.doubts if doubt.side == "catalogue"] == ["date_impossible"]
