"""The pairs in the formats that translators and their programs read: TMX 1.4 and Moses.

An export holds what has both sides: the sentence pairs of prose, and the unit pairs of everything else. Every
format has the same pairs in the same order under the ids of `translation_pairs`, and the same words: members
of one side are joined by a space, a line break inside a text becomes a space, and a character that XML cannot
hold becomes U+FFFD, so that no two formats differ.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from cables.model import PROSE_ZONES, Side

FOLDER = "data/exports/"
# ISO 639-2, as BCP 47 takes it over: a language that nobody could tell.
UNKNOWN = "und"
DOCTYPE = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n'
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
SEGMENTS = {"sentence": "sentence", "unit": "block"}

# Everything that some reader of text takes for the end of a line.
LINE_BREAKS = re.compile(r"[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Segment:
    """A pair with both sides, as every export holds it."""

    pair_id: str
    level: str
    zone: str
    reviewed: bool
    original: str
    translation: str


@dataclass(frozen=True, slots=True)
class Bitext:
    """All segments of one record, and the languages of its texts (BCP 47)."""

    record_id: str
    languages: tuple[str, str]
    segments: tuple[Segment, ...]


def plain(text: str) -> str:
    """A text on one line, in characters that XML can hold."""
    return NOT_XML.sub("\ufffd", LINE_BREAKS.sub(" ", text))


def bitexts(frames: Mapping[str, pl.DataFrame]) -> Iterator[Bitext]:
    """The bitext of every record that has two texts with a pair between them."""
    segments = _segments(frames)
    for record_id in frames["records"].get_column("record_id"):
        own = segments.filter(pl.col("record_id") == record_id)
        if own.height:
            rows = own.select("pair_id", "level", "zone", "reviewed", "original", "translation")
            yield Bitext(
                record_id,
                (_language(frames, record_id, Side.ORIGINAL), _language(frames, record_id, Side.TRANSLATION)),
                tuple(Segment(*row) for row in rows.iter_rows()),
            )


def _segments(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The pairs of all records that are exported, in the order of the units, with the words of both sides."""
    prose = [zone.value for zone in PROSE_ZONES]
    members = frames["translation_pair_members"]
    order = frames["parallel"].select("pair_id", "order")
    unit = (
        members.filter(pl.col("sentence_id").is_null())
        .join(order, on="pair_id")
        .select("paragraph_id", unit_order="order")
        .unique("paragraph_id")
    )
    first = members.join(unit, on="paragraph_id").group_by("pair_id").agg(pl.col("unit_order").min())
    texts = frames["translation_pairs"].filter(
        (pl.col("level") == "sentence") == pl.col("zone").is_in(prose),
    )
    for side in Side:
        texts = texts.join(_words(frames, side), on="pair_id")
    return texts.join(order, on="pair_id").join(first, on="pair_id").sort("record_id", "unit_order", "order")


def _words(frames: Mapping[str, pl.DataFrame], side: Side) -> pl.DataFrame:
    paragraphs = frames["paragraphs"].select("paragraph_id", paragraph="text")
    sentences = frames["sentences"].select("sentence_id", sentence="text")
    words = pl.coalesce("sentence", "paragraph").map_elements(plain, return_dtype=pl.String)
    return (
        frames["translation_pair_members"]
        .filter(pl.col("side") == side.value)
        .join(paragraphs, on="paragraph_id", how="left")
        .join(sentences, on="sentence_id", how="left")
        .sort("pair_id", "position")
        .group_by("pair_id", maintain_order=True)
        .agg(words.str.join(" ").alias(side.value))
    )


def _language(frames: Mapping[str, pl.DataFrame], record_id: str, side: Side) -> str:
    own = frames["paragraphs"].filter(pl.col("record_id") == record_id, pl.col("side") == side.value)
    known = own.get_column("language").drop_nulls()
    return str(known[0]) if known.len() else UNKNOWN


def files(frames: Mapping[str, pl.DataFrame], tool: str, version: str) -> Iterator[tuple[str, bytes]]:
    """Every export of every record, by its path in the package; `version` is that of the tool."""
    for bitext in bitexts(frames):
        stem = FOLDER + bitext.record_id
        yield f"{stem}.tmx", tmx(bitext, tool, version)
        for extension, data in moses(bitext).items():
            yield f"{stem}.{extension}", data


def tmx(bitext: Bitext, tool: str, version: str) -> bytes:
    """The bitext as TMX 1.4; the header names the tool and its version."""
    source, target = bitext.languages
    root = ET.Element("tmx", version="1.4")
    ET.SubElement(
        root,
        "header",
        {
            "creationtool": tool,
            "creationtoolversion": version,
            "segtype": "sentence",
            "o-tmf": "translation_pairs",
            "adminlang": "en",
            "srclang": source,
            "datatype": "plaintext",
        },
    )
    body = ET.SubElement(root, "body")
    for one in bitext.segments:
        unit = ET.SubElement(body, "tu", {"tuid": one.pair_id, "segtype": SEGMENTS[one.level]})
        for kind, value in (("zone", one.zone), ("reviewed", str(one.reviewed).lower())):
            ET.SubElement(unit, "prop", type=kind).text = value
        for language, text in ((source, one.original), (target, one.translation)):
            variant = ET.SubElement(unit, "tuv", {XML_LANG: language})
            ET.SubElement(variant, "seg").text = text
    ET.indent(root)
    return (DOCTYPE + ET.tostring(root, encoding="unicode") + "\n").encode()


def moses(bitext: Bitext) -> dict[str, bytes]:
    """The bitext as Moses has it, by extension: a file a language and one of ids, a pair to a line.

    The extensions are the languages, or the names of the sides where both texts are in the same one.
    """
    source, target = bitext.languages
    if source == target:
        source, target = Side.ORIGINAL.value, Side.TRANSLATION.value
    return {
        source: _to_lines(one.original for one in bitext.segments),
        target: _to_lines(one.translation for one in bitext.segments),
        "ids": _to_lines(one.pair_id for one in bitext.segments),
    }


def _to_lines(texts: Iterator[str]) -> bytes:
    return "".join(f"{text}\n" for text in texts).encode()
