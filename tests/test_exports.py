"""The exports: each is read back by a library made for its format and compared with the tables."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from translate.storage import tmx

from building import sources
from cables import exports, inputs, package
from cables.exports import Bitext, Segment
from cables.inputs import Places
from cables.model import PROSE_ZONES
from cables.package import Build

PROSE = [zone.value for zone in PROSE_ZONES]
# An invented record with two texts. Its words hold what the formats have a use for.
TWO_TEXTS = """\


**March 3, 1931**

**Letter from the Harbour Office to the Lighthouse**

**Citation:**

"Letter from the Harbour Office to the Lighthouse", March 3, 1931, an invented archive.

**Original Language:**

Russian

**Contents:**

Original Scan
Translation - English

Лампа была зажжена в шесть & <погашена> в семь. Масло кончилось.

Мы благодарим вас за масло.\u2028И за соль.

The lamp was lit at six & <put out> at seven. The oil is used up.

We thank you for the oil.\u2028And for the salt.
"""


@functools.cache
def cable() -> Build:
    return package.build(inputs.read(Places()))


def invented(place: Path) -> Build:
    return package.build(inputs.read(Places(raw=sources(place / "raw", invented=TWO_TEXTS))))


def moses(build: Build, record_id: str, *extensions: str) -> list[list[str]]:
    """The lines of Moses files as a corpus reader takes them: whatever may end a line ends it."""
    paths = [f"data/exports/{record_id}.{extension}" for extension in extensions]
    return [build.files[path].decode().splitlines() for path in paths]


def units(data: bytes) -> list[tuple[str, str, str]]:
    """The units of a TMX file as the Translate Toolkit reads them: id, source, target."""
    store = tmx.tmxfile.parsestring(data)  # type: ignore[no-untyped-call]
    return [(unit.getid(), str(unit.source), str(unit.target)) for unit in store.units]


def in_one_line(text: str) -> str:
    return re.sub(r"[\n\u2028]", " ", text)


def expected(build: Build, record_id: str) -> dict[str, tuple[str, str]]:
    """What the table `parallel` says that an export has to hold, by pair."""
    return {
        row["pair_id"]: (in_one_line(row["original_text"]), in_one_line(row["translation_text"]))
        for row in build.frames["parallel"].to_dicts()
        if row["record_id"] == record_id
        and row["original_text"] is not None
        and row["translation_text"] is not None
        and (row["level"] == "sentence") == (row["zone"] in PROSE)
    }


def test_tmx_holds_the_pairs_of_the_tables_with_their_ids() -> None:
    found = units(cable().files["data/exports/119402.tmx"])
    assert {one: (source, target) for one, source, target in found} == expected(cable(), "119402")
    assert len(found) == len({one for one, _, _ in found})


def test_moses_files_hold_a_pair_to_a_line_with_the_ids_of_the_tables() -> None:
    ids, source, target = moses(cable(), "119402", "ids", "ru", "en")
    assert dict(zip(ids, zip(source, target, strict=True), strict=True)) == expected(cable(), "119402")


def test_all_formats_have_the_same_pairs_in_the_same_order() -> None:
    ids, source, target = moses(cable(), "119402", "ids", "ru", "en")
    assert units(cable().files["data/exports/119402.tmx"]) == list(zip(ids, source, target, strict=True))


def test_pairs_stand_in_the_order_of_the_original() -> None:
    (ids,) = moses(cable(), "119402", "ids")
    lines = [int(found[1]) for one in ids if (found := re.search(r"-o-L(\d+)", one))]
    assert lines == sorted(lines)


def test_tmx_says_which_language_is_the_original_and_what_a_pair_is() -> None:
    root = etree.fromstring(cable().files["data/exports/119402.tmx"])
    header = root.find("header")
    assert header is not None and root.get("version") == "1.4"
    assert (header.get("srclang"), header.get("segtype")) == ("ru", "sentence")
    kinds = dict(cable().frames["translation_pairs"].select("pair_id", "zone").iter_rows())
    reviewed = dict(cable().frames["translation_pairs"].select("pair_id", "reviewed").iter_rows())
    for unit in root.iter("tu"):
        told = {prop.get("type"): prop.text for prop in unit.findall("prop")}
        pair = unit.get("tuid") or ""
        assert told == {"zone": kinds[pair], "reviewed": str(reviewed[pair]).lower()}


def test_markup_and_odd_line_ends_of_a_source_come_back_as_words(tmp_path: Path) -> None:
    build = invented(tmp_path)
    ids, source, target = moses(build, "invented", "ids", "ru", "en")
    assert dict(zip(ids, zip(source, target, strict=True), strict=True)) == expected(build, "invented")
    assert units(build.files["data/exports/invented.tmx"]) == list(zip(ids, source, target, strict=True))
    assert any("& <погашена>" in text for text in source)


def test_a_record_with_one_text_has_no_export(tmp_path: Path) -> None:
    alone = re.sub(r"\nЛампа.*соль\.\n", "", TWO_TEXTS, flags=re.DOTALL)
    raw = sources(tmp_path / "raw", alone=alone)
    build = package.build(inputs.read(Places(raw=raw)))
    assert build.frames["paragraphs"].height
    assert [path for path in build.files if path.startswith(exports.FOLDER)] == []


def test_every_export_is_a_resource_of_the_package() -> None:
    paths = {path for path in cable().files if path.startswith(exports.FOLDER)}
    described = cable().files["datapackage.json"].decode()
    assert paths and all(f'"path": "{path}"' in described for path in paths)


def bitext(original: str, translation: str = "x", languages: tuple[str, str] = ("ru", "en")) -> Bitext:
    texts = exports.plain(original), exports.plain(translation)
    return Bitext("r", languages, (Segment("r-s-o-L001-s1", "sentence", "message", True, *texts),))


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_survives_both_formats_in_one_piece(text: str) -> None:
    own = bitext(text)
    (lines,) = [data.decode() for name, data in exports.moses(own).items() if name == "ru"]
    assert lines == own.segments[0].original + "\n"
    assert len(lines.splitlines()) <= 1
    root = etree.fromstring(exports.tmx(own, "tool", "1.0.0"))
    assert [seg.text or "" for seg in root.iter("seg")] == [own.segments[0].original, "x"]


@pytest.mark.parametrize("illegal", ["\x00", "\x07", "\x1b", "\ufffe", "\uffff"])
def test_a_character_that_xml_cannot_hold_is_shown_to_be_missing(illegal: str) -> None:
    own = bitext(f"до{illegal}после")
    assert own.segments[0].original == "до\ufffdпосле"
    assert exports.moses(own)["ru"].decode() == "до\ufffdпосле\n"


def test_two_texts_in_one_language_do_not_share_a_file() -> None:
    assert list(exports.moses(bitext("a", "b", ("en", "en")))) == ["original", "translation", "ids"]
