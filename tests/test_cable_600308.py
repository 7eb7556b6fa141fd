"""The pinned facts of cable No. 600308/ш, the first record: the only tests that know it.

What the machine reads by itself must come out the same with header-only curation; what a person decided is
tested on the package as published.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

from cables.package import Build

RECORD = "r119402"
Frames = dict[str, pl.DataFrame]


@pytest.fixture(scope="module", params=["curated", "bare"])
def frames(request: pytest.FixtureRequest, build: Build, bare_build: Build) -> Frames:
    """The tables as published, and those of the machine alone."""
    return dict((build if request.param == "curated" else bare_build).frames)


@pytest.fixture(scope="module")
def published(build: Build) -> Frames:
    """The tables as published."""
    return dict(build.frames)


def rows(frame: pl.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """These columns of every row, in order."""
    return frame.select(columns).rows()


def one(frame: pl.DataFrame, **cells: object) -> dict[str, Any]:
    """The one row with these cells."""
    return frame.filter(**cells).row(0, named=True) if frame.filter(**cells).height == 1 else {}


# --- the record --------------------------------------------------------------------------------------


def test_the_catalogue_entry(frames: Frames) -> None:
    title = "Cable No. 600308, Shtykov to Stalin, transmitting Letter from Kim Il Sung and Pak Heon-Yeong"
    assert one(frames["records"], record_id="119402") | {"sha256": "", "summary": ""} == {
        "record_id": "119402",
        "title": title,
        "date_edtf": "1950-09-30",
        "date_as_written": "September 30, 1950",
        "citation": f'"{title}", September 30, 1950, Wilson Center Digital Archive, CWIHP Archive. '
        "Translated by Gary Goldberg.",
        "translator": "Gary Goldberg",
        "summary": "",
        "credits": "This document was made possible with support from Leon Levy Foundation",
        "contents": "Original Scan; Translation - English",
        "collection": "CWIHP Archive",
        "original_language": "Russian",
        "source_url": "https://wilson-center.drivingcreative.com/document/119402",
        "canonical_url": None,
        "source_path": "data/raw/119402.txt",
        "bytes": 17583,
        "sha256": "",
        "layout": "markdown",
        "line_count": 277,
        "byte_order_mark": False,
    }


@pytest.mark.parametrize(
    ("table", "height"),
    [
        ("records", 1),
        ("documents", 2),
        ("transmissions", 2),
        ("events", 13),
        ("senders", 4),
        ("recipients", 15),
        ("identifiers", 6),
        ("pages", 5),
        ("lines", 277),
        ("paragraphs", 126),
        ("editorial_marks", 7),
        ("doubts", 9),
    ],
)
def test_how_many_rows(frames: Frames, table: str, height: int) -> None:
    assert frames[table].height == height


def test_line_feeds_and_no_end_of_the_last_line(frames: Frames) -> None:
    ends = frames["lines"].get_column("line_end").to_list()
    assert ends == ["lf"] * 276 + ["none"]


def test_no_heading_separates_the_texts(frames: Frames) -> None:
    held = frames["witnesses"].filter(availability="in_package")
    assert rows(held, "kind", "language", "first_line", "last_line", "maker", "derived_from") == [
        ("transcription", "ru", 31, 177, None, None),
        ("translation", "en", 179, 277, "Gary Goldberg", None),
    ]


def test_the_cable_and_the_letter_that_it_encloses(frames: Frames) -> None:
    columns = ("document_id", "parent_document_id", "type", "date_edtf", "language")
    assert rows(frames["documents"], *columns) == [
        (f"{RECORD}-document", None, "cable", "1950-09-30", "ru"),
        (f"{RECORD}-enclosure", f"{RECORD}-document", "letter", "1950-09-29", "ko"),
    ]


def test_witnesses_that_are_not_held(frames: Frames) -> None:
    elsewhere = one(frames["witnesses"], witness_id=f"{RECORD}-w-scan")
    assert (elsewhere["kind"], elsewhere["availability"]) == ("scan", "elsewhere")
    korean = one(frames["witnesses"], witness_id=f"{RECORD}-w-first-written")
    assert (korean["kind"], korean["language"], korean["availability"]) == ("original", "ko", "not_located")
    assert korean["document_id"] == f"{RECORD}-enclosure"
    assert set(frames["witnesses"].get_column("derived_from_basis")) == {"unknown"}


def test_shelfmarks_come_from_outside(published: Frames) -> None:
    assert rows(
        published["archival_references"], "repository", "fond", "opis", "delo", "folios", "stated_by"
    ) == [
        ("APRF", "45", "1", "347", "41–45", "outside"),
        ("APRF", "3", "65", "828", "5–8", "outside"),
    ]


# --- sending -----------------------------------------------------------------------------------------


def test_both_transmissions(frames: Frames) -> None:
    wire = one(frames["transmissions"], transmission_id=f"{RECORD}-wire")
    assert {column: value for column, value in wire.items() if value is not None and "_id" not in column} == {
        "mode": "wire",
        "channel_original": "Проводом",
        "channel_translation": "by wire",
        "precedence": "extremely_urgent",
        "precedence_original": "Весьма срочная",
        "precedence_translation": "extremely urgent",
        "place_from_original": "ПУХЕНЬНА",
        "place_from_translation": "PYONGYANG",
        "place_to_translation": "Moscow",
        "cable_number": "600308/ш",
        "sender_number": "1351",
        "copies_printed": 12,
        "sheets_attached": 4,
    }
    handed = one(frames["transmissions"], transmission_id=f"{RECORD}-in-person")
    assert (handed["document_id"], handed["mode"]) == (f"{RECORD}-enclosure", "in_person")


EVENTS = {
    "return_due-1": (
        None,
        None,
        "Подлежит возврату через 6 суток в 8-е Управление Генерального Штаба ВС",
        None,
    ),
    "return_due-2": (None, None, "ПОДЛЕЖИТ ВОЗВРАТУ в IV часть ОС ЦК ВКП(б)", None),
    "submitted-1": ("1950-09-30", "20:35", "Подана 30.9.50 20.35", "sent at 2035 30 September 1950"),
    "received-1": ("1950-09-30", "23:32", "Принята 30.9 23.32", "received at 2332 30 September"),
    "arrived-1": (
        "1950-09-30",
        "23:30",
        "Поступила в 8-е Управление Генерального Штаба Вооруженных Сил 30.9 23.30",
        "arrived in the 8th Directorate of the Armed Forces General Staff at 2330 30 September 1950",
    ),
    "declassified-1": (None, None, "НЕ СЕКРЕТНО", None),
    "translated-1": (
        "[1950-09-29..1950-09-30]",
        None,
        "/перевод с корейского/",
        "(translated from the Korean)",
    ),
    "handed_over-1": (
        "[1950-09-29..1950-09-30]",
        None,
        "вручено мне лично ПАК-ХЕН-ЕНОМ.",
        "delivered to me by PAK HEON-YEONG personally",
    ),
    "deciphered-1": ("1950-10-01", "00:35", "Расшифровал 1.10.50 г. 0.35 Михайленко", None),
    "written-1": ("1950-09-29", None, '29 сентября 1950 г."', "29 September 1950"),
    "typed-1": (
        "1950-10-01",
        "01:45",
        "отп. Щербакова 1.10.50 г. 1.45 /26/",
        "Sent by Shcherbakova at 0145 1 October 1940 (26)",
    ),
    "routed-1": (None, None, None, "sent to Cde. via [[several illegible words]]"),
}


def test_the_offices_that_want_the_paper_back(frames: Frames) -> None:
    due = frames["events"].filter(event_type="return_due")
    assert due.get_column("place_original").to_list() == [
        "8-е Управление Генерального Штаба ВС",
        "IV часть ОС ЦК ВКП(б)",
    ]


def test_the_register_has_an_impossible_day_which_a_person_decided_on(
    published: Frames, bare_build: Build
) -> None:
    columns = ("as_written_original", "date_original", "date_translation", "texts_agree")
    for frames in (published, dict(bare_build.frames)):
        own = frames["events"].filter(event_id=f"{RECORD}-registered-1")
        assert rows(own, *columns) == [("Вх. № 3561/42 1/2 1950 г.", "1950-02-01", "1950-10-01", False)]
        assert frames["doubts"].filter(kind="times_disagree").get_column("first_line").to_list() == [209]
    day = {"event_id": f"{RECORD}-registered-1"}
    assert one(bare_build.frames["events"], **day)["date_edtf"] == "1950-02-01"
    assert one(published["events"], **day)["date_edtf"] == "1950-10-01"
    cell = published["readings"].filter(row_id=f"{RECORD}-registered-1", column="date_edtf")
    assert cell.get_column("basis").unique().to_list() == ["curated"]


@pytest.mark.parametrize("event", EVENTS)
def test_what_happened_when_and_in_whose_words(frames: Frames, event: str) -> None:
    found = one(frames["events"], event_id=f"{RECORD}-{event}")
    columns = ("date_edtf", "time", "as_written_original", "as_written_translation")
    assert tuple(found[column] for column in columns) == EVENTS[event]


def test_which_events_are_ordered_or_inferred(frames: Frames) -> None:
    unlike = frames["events"].filter(pl.col("status") != "stated")
    assert rows(unlike, "event_type", "status") == [
        ("return_due", "ordered"),
        ("return_due", "ordered"),
        ("declassified", "inferred"),
    ]


def test_events_of_the_letter_and_of_the_cable(frames: Frames) -> None:
    letter = frames["events"].filter(document_id=f"{RECORD}-enclosure").get_column("event_type")
    assert set(letter) == {"written", "translated", "handed_over"}
    by_wire = frames["events"].filter(transmission_id=f"{RECORD}-wire").get_column("event_type")
    assert set(by_wire) == {"submitted", "received", "arrived", "deciphered"}


def test_the_year_is_inherited_where_the_original_prints_none(frames: Frames) -> None:
    inferred = frames["events"].filter(year_basis="inferred", date_basis="read").get_column("event_type")
    assert inferred.to_list() == ["received", "arrived"]


def test_it_arrived_two_minutes_before_it_was_received(frames: Frames) -> None:
    found = frames["doubts"].filter(kind="times_out_of_order")
    assert rows(found, "first_line", "last_line") == [(50, 52), (79, 79)]
    assert [one(frames["events"], event_type=step)["time"] for step in ("received", "arrived")] == [
        "23:32",
        "23:30",
    ]


def test_the_translation_dates_the_typing_1940(frames: Frames) -> None:
    typed = one(frames["events"], event_type="typed")
    assert (typed["date_original"], typed["date_translation"]) == ("1950-10-01", "1940-10-01")
    assert typed["texts_agree"] is False
    assert frames["doubts"].filter(kind="years_disagree").get_column("first_line").to_list() == [277]


def test_four_senders(frames: Frames) -> None:
    assert rows(frames["senders"], "document_id", "capacity", "name_original", "name_translation") == [
        (f"{RECORD}-document", "signatory", "ШТЯКОВ", "SHTYKOV"),
        (
            f"{RECORD}-enclosure",
            "organisation",
            "ЦК Трудовой партии Кореи",
            "CC of the Korean Worker's Party",
        ),
        (f"{RECORD}-enclosure", "signatory", "КИМ-ИР-СЕН", "KIM IL SUNG"),
        (f"{RECORD}-enclosure", "signatory", "ПАК-ХЕН-ЕН", "PAK HEON-YEONG"),
    ]


def test_the_letter_names_its_addressee(frames: Frames) -> None:
    letter = frames["recipients"].filter(document_id=f"{RECORD}-enclosure")
    assert rows(letter, "recipient_id", "role", "copies", "name_original", "name_translation", "status") == [
        (
            f"{RECORD}-addressee-o-L100",
            "addressee",
            1,
            "Иосифу Виссарионовичу СТАЛИНУ",
            "Iosif Vissarionovich STALIN",
            "named",
        )
    ]


def test_two_addressees_and_twelve_copies_three_of_them_blank(frames: Frames) -> None:
    columns = ("role", "copy_number", "copies", "name_original", "name_translation", "status")
    cable = frames["recipients"].filter(document_id=f"{RECORD}-document")
    assert rows(cable, *columns) == [
        ("addressee", None, 1, "МИНИСТЕРСТВО ИНОСТРАННЫХ ДЕЛ", "MINISTRY OF FOREIGN AFFAIRS", "named"),
        ("addressee", None, 1, "ГРОМЬКО", "GROMYKO", "named"),
        ("copy", 1, 1, "СТАЛИНУ", "Stalin", "named"),
        ("copy", 2, 1, "СТАЛИНУ", "Stalin", "named"),
        ("copy", 3, 1, "МОЛОТОВУ", "Molotov", "named"),
        ("copy", 4, 1, "МАЛЕНКОВУ", "Malenkov", "named"),
        ("copy", 5, 1, "БЕРИЯ", "Beria", "named"),
        ("copy", 6, 1, "МИКОЯНУ", "Mikoyan", "named"),
        ("copy", 7, 1, "КАГАНОВИЧУ", "Kaganovich", "named"),
        ("copy", 8, 1, "БУЛГАНИНУ", "Bulganin", "named"),
        ("copy", 9, 1, "ГРОМЬКО", "Gromyko", "named"),
        ("copy", 10, 1, None, None, "blank"),
        ("copy", 11, 1, None, None, "blank"),
        ("copy", 12, 1, None, None, "blank"),
    ]


def test_the_two_texts_account_for_nine_of_twelve_copies(frames: Frames) -> None:
    assert rows(frames["doubts"].filter(kind="copy_missing"), "side", "message") == [
        ("original", "12 copies printed, 9 with a holder (12 listed)"),
        ("translation", "12 copies printed, 9 with a holder (9 listed)"),
    ]


def test_identifiers(frames: Frames) -> None:
    columns = ("scheme", "as_written_original", "as_written_translation")
    assert rows(frames["identifiers"], *columns) == [
        ("unknown", "363", None),
        ("unknown", "190, I", None),
        ("cable_number", "600308/ш", "600308/sh"),
        ("sender_number", "1351", "1351"),
        ("incoming_number", "3561/42", "3561/shs"),
        ("typist_number", "26", "26"),
    ]


def test_of_the_form_only_the_hand_written_head_is_not_read(build: Build) -> None:
    (record,) = build.quality["records"]
    assert record["unread_lines"] == [31]


def test_people_and_places_are_identified_by_curation_alone(published: Frames, bare_build: Build) -> None:
    assert (
        published["recipients"].filter(pl.col("name_original").is_not_null())["entity_id"].null_count() == 0
    )
    assert published["senders"]["entity_id"].null_count() == 0
    both = one(published["recipients"], copy_number=9)["entity_id"]
    assert one(published["recipients"], role="addressee", name_original="ГРОМЬКО")["entity_id"] == both
    for table in ("entities", "mentions"):
        assert bare_build.frames[table].is_empty()
        assert not published[table].is_empty()


# --- sheets and zones --------------------------------------------------------------------------------


def test_five_sheets_of_which_two_have_no_header(frames: Frames) -> None:
    assert rows(frames["pages"], "page_id", "page_number", "first_line", "last_line", "boundary") == [
        (f"{RECORD}-p1", 1, 31, 91, "inferred"),
        (f"{RECORD}-p2", 2, 93, 132, "read"),
        (f"{RECORD}-p3", 3, 134, 144, "inferred"),
        (f"{RECORD}-p4", 4, 146, 158, "read"),
        (f"{RECORD}-p5", 5, 160, 177, "read"),
    ]


def test_one_running_head_has_another_suffix(frames: Frames) -> None:
    (doubt,) = frames["doubts"].filter(kind="running_number_differs").to_dicts()
    assert (doubt["first_line"], doubt["quote"]) == (148, "600308/в")


ZONES = {
    "catalogue": [*range(3, 30)],
    "form": [
        *(31, 35, 37, 42, 44, 46, 48, 50, 52, 54, 56, 57, 61, 63, 73, 75, 81, 177),
        *(184, 186, 187, 188, 189, 191, 192, 194, 195, 196, 205, 207, 277),
    ],
    "marking": [33, 39, 40, 59, 77, 78, 79, 209],
    "note": [179, 180, 182],
    "distribution": [83, 85, 86, 87, 88, *range(211, 222)],
    "page_header": [93, 95, 146, 148, 160, 162],
    "message": [65, 66, 67, 69, 198, 199, 201],
    "letter_opener": [97, 99, 100, 226, 228, 230],
    "letter_body": [*range(102, 145), *range(150, 159), *range(164, 171), *range(232, 271)],
    "letter_closer": [172, 175, 272, 275],
    "signature": [71, 90, 91, 173, 203, 223, 224, 273],
}


@pytest.mark.parametrize("zone", ZONES)
def test_zones(frames: Frames, zone: str) -> None:
    filled = frames["lines"].filter(pl.col("zone") != "blank")
    wanted = set(ZONES[zone]) & set(filled.get_column("line_number"))
    assert set(filled.filter(zone=zone).get_column("line_number")) == wanted


def test_shtykov_speaks_in_the_message_and_the_letter_in_the_letter(frames: Frames) -> None:
    letter = frames["paragraphs"].filter(document_id=f"{RECORD}-enclosure")
    spoken: dict[str, set[int]] = {"original": set(), "translation": set()}
    for side, first, last in rows(letter, "side", "first_line", "last_line"):
        spoken[side] |= {first, last}
    assert (min(spoken["original"]), max(spoken["original"])) == (97, 175)
    assert (min(spoken["translation"]), max(spoken["translation"])) == (226, 275)
    headers = frames["paragraphs"].filter(zone="page_header")
    assert set(headers.get_column("document_id")) == {f"{RECORD}-document"}


# --- joining -----------------------------------------------------------------------------------------


def groups(frames: Frames) -> Iterator[set[int]]:
    """The lines of every paragraph."""
    spans = frames["spans"].group_by("paragraph_id").agg(pl.col("line_number").unique())
    yield from (set(lines) for lines in spans.get_column("line_number"))


@pytest.mark.parametrize(
    "lines",
    [
        [39, 40],
        [65, 66, 67],
        [77, 78],
        [90, 91],
        [102, 103, 104, 105, 106],
        [108, 109, 110],
        [112, 113, 114],
        [116, 117, 118, 119],
        [*range(123, 131)],
        [144, 150],
        [164, 165, 166, 167],
        [169, 170],
        [179, 180],
        [188, 189],
        [198, 199],
    ],
    ids=str,
)
def test_lines_that_are_one_paragraph(frames: Frames, lines: list[int]) -> None:
    assert set(lines) in list(groups(frames))


@pytest.mark.parametrize(
    "lines",
    [
        [56, 57],
        [78, 79],
        [99, 100],
        [172, 173],
        [186, 187, 188],
        [191, 192],
        [194, 195, 196],
        [*range(213, 222)],
        [223, 224],
        [132, 134],
    ],
    ids=str,
)
def test_lines_that_are_kept_apart(frames: Frames, lines: list[int]) -> None:
    for group in groups(frames):
        assert len(group & set(lines)) <= 1


def test_nine_hyphens_are_syllable_breaks_and_one_belongs_to_its_word(frames: Frames) -> None:
    joins = frames["spans"].filter(pl.col("join").is_in(["soft_hyphen", "hard_hyphen"]))
    assert dict(rows(joins, "line_number", "join")) == {
        66: "soft_hyphen",
        109: "soft_hyphen",
        118: "soft_hyphen",
        123: "soft_hyphen",
        125: "hard_hyphen",
        126: "soft_hyphen",
        128: "soft_hyphen",
        129: "soft_hyphen",
        165: "soft_hyphen",
        169: "soft_hyphen",
    }


@pytest.mark.parametrize(
    ("paragraph", "words"),
    [
        ("o-L065", "на имя товарища СТАЛИНА следующего содержания /перевод с корейского/."),
        ("o-L108", "на фронтах освободительной войны"),
        ("o-L116", "в последних решающих сражениях."),
        ("o-L123", "с целью восстановления своего авторитета"),
        ("o-L123", "в свой военно-стратегический плацдарм"),
        ("o-L123", "сухопутные, морские и воздушные силы"),
        ("o-L123", "значительное количество войск"),
        ("o-L123", "Противник овладев Инчоном, ведет"),
        ("o-L144", "противник, очевидно, предпримет дальнейшее наступление"),
        ("o-L164", "по каким-либо причинам"),
        ("o-L164", "международных добровольных частей"),
        ("o-L169", "вышеизложенного нами предложения."),
        ("t-L188", "General Staff at 2330 30 September 1950"),
        ("t-L198", "KIM IL SUNG and PAK HEON-YEONG to Cde. STALIN"),
    ],
)
def test_words_across_line_ends(frames: Frames, paragraph: str, words: str) -> None:
    assert words in one(frames["paragraphs"], paragraph_id=f"{RECORD}-{paragraph}")["text"]


def test_a_sheet_header_cuts_no_sentence_in_two(frames: Frames) -> None:
    cut = one(frames["paragraphs"], paragraph_id=f"{RECORD}-o-L144")
    assert (cut["first_page"], cut["last_page"]) == (f"{RECORD}-p3", f"{RECORD}-p4")
    first = frames["sentences"].filter(paragraph_id=f"{RECORD}-o-L144").get_column("text")[0]
    assert first.startswith("С полным овладением") and first.endswith("на Северную Корею.")


def test_letter_spacing_is_closed_for_searching_and_kept_in_the_text(frames: Frames) -> None:
    opener = one(frames["paragraphs"], paragraph_id=f"{RECORD}-o-L097")
    assert opener["text"] == '" М о с к в а - К р е м л ь .'
    assert "Москва" in opener["text_search"] and "Кремль" in opener["text_search"]


def test_the_distribution_list_is_read_cell_by_cell(frames: Frames) -> None:
    cells = frames["paragraphs"].filter(first_line=85)
    assert rows(cells, "paragraph_id", "text") == [
        (f"{RECORD}-o-L085-1", "Экз. № 1 ТОВ. СТАЛИНУ"),
        (f"{RECORD}-o-L085-2", "Экз. № 5 ТОВ. БЕРИЯ"),
        (f"{RECORD}-o-L085-3", "Экз. № 9 ТОВ. ГРОМЬКО"),
    ]


def test_editorial_marks(frames: Frames) -> None:
    assert rows(frames["editorial_marks"], "mark_id", "kind") == [
        (f"{RECORD}-t-L179-b0", "unclosed"),
        (f"{RECORD}-t-L179-b46", "illegible"),
        (f"{RECORD}-t-L209-b0", "describes_stamp"),
        (f"{RECORD}-t-L224-b0", "illegible"),
        (f"{RECORD}-t-L262-b321", "supplied"),
        (f"{RECORD}-t-L264-b45", "supplied"),
        (f"{RECORD}-t-L266-b158", "supplied"),
    ]


# --- pairs and readings ------------------------------------------------------------------------------


def partners(frames: Frames, paragraph: str) -> set[str]:
    """The units that are paired with one unit, itself included."""
    members = frames["translation_pair_members"].filter(pl.col("sentence_id").is_null())
    (pair,) = members.filter(paragraph_id=f"{RECORD}-{paragraph}").get_column("pair_id")
    found = members.filter(pair_id=pair).get_column("paragraph_id")
    return {own.removeprefix(f"{RECORD}-") for own in found}


@pytest.mark.parametrize(
    "units",
    [
        "o-L044 t-L184",
        "o-L046 o-L048 t-L186",
        "o-L050 t-L187",
        "o-L052 t-L188",
        "o-L073 t-L207",
        "o-L075 t-L205",
        "o-L079 t-L209",
        "o-L083 t-L211",
        "o-L088-1 t-L216",
        "o-L085-3 t-L221",
        "o-L090 t-L223",
        "o-L097 t-L226",
        "o-L144 t-L258",
        "o-L169 t-L270",
        "o-L177 t-L277",
        "o-L086-3",
        "o-L081",
        "t-L224",
    ],
)
def test_units_that_correspond(frames: Frames, units: str) -> None:
    for unit in units.split():
        assert partners(frames, unit) == set(units.split())


def test_every_prose_paragraph_of_the_letter_has_one_partner(frames: Frames) -> None:
    body = frames["translation_pairs"].filter(level="unit", zone="letter_body")
    assert set(body.get_column("type")) == {"1-1"}
    assert body.height == 19


@pytest.mark.parametrize(
    ("table", "row", "column", "line", "words"),
    [
        ("documents", "document", "date_edtf", 48, "30.9.50"),
        ("documents", "enclosure", "date_edtf", 175, "29 сентября 1950 г."),
        ("documents", "enclosure", "language", 67, "корейского"),
        ("transmissions", "wire", "cable_number", 44, "600308/ш"),
        ("transmissions", "wire", "place_from_original", 46, "ПУХЕНЬНА"),
        ("transmissions", "wire", "sheets_attached", 75, "4"),
        ("events", "arrived-1", "time", 52, "23.30"),
        ("events", "deciphered-1", "actor_original", 81, "Михайленко"),
        ("events", "typed-1", "date_translation", 277, "1 October 1940"),
        ("senders", "sender-o-L173-2", "name_translation", 273, "PAK HEON-YEONG"),
        ("recipients", "copy-05", "name_original", 85, "БЕРИЯ"),
        ("recipients", "copy-12", "copy_number", 88, "12"),
        ("recipients", "addressee-o-L063", "name_original", 63, "ГРОМЬКО"),
        ("identifiers", "id-o-L079", "as_written_original", 79, "3561/42"),
    ],
)
def test_cells_lead_to_their_line(
    frames: Frames, table: str, row: str, column: str, line: int, words: str
) -> None:
    own = frames["readings"].filter(table=table, row_id=f"{RECORD}-{row}", column=column)
    assert (line, words) in rows(own, "line_number", "as_written")


@pytest.mark.parametrize(("pair", "number"), [("o-L050", 1), ("o-L033", 2), ("t-L182", 2)])
def test_a_discrepancy_that_quotes_both_texts_is_counted_once(
    published: Frames, pair: str, number: int
) -> None:
    assert one(published["parallel"], pair_id=f"{RECORD}-u-{pair}")["discrepancies"] == number
