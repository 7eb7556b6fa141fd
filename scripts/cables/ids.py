"""How ids are made: of the record, and of the lines of its source, which never change.

An id begins with a letter, so that it serves XML and HTML unchanged. The checks read ids by patterns of their
own.
"""

from __future__ import annotations

from cables.model import Side

WITNESS_KINDS = {Side.ORIGINAL: "transcription", Side.TRANSLATION: "translation"}


def raw_path(record_id: str) -> str:
    """Where a record's source stands in a package."""
    return f"data/raw/{record_id}.txt"


def of_record(record_id: str, key: str) -> str:
    """The id of something of a record: `r7-w-scan`."""
    return f"r{record_id}-{key}"


def key_of(identifier: str, record_id: str) -> str:
    """An id without its record, as other ids of the record carry it: `o-L065`."""
    return identifier.removeprefix(of_record(record_id, ""))


def line(number: int) -> str:
    """A line, as ids carry it: `L065`."""
    return f"L{number:03d}"


def line_key(side: Side, number: int) -> str:
    """A line of one of the texts, as ids carry it: `o-L065`."""
    return f"{side.letter}-{line(number)}"


def document(record_id: str) -> str:
    """The id of a record's own document."""
    return of_record(record_id, "document")


def enclosure(record_id: str) -> str:
    """The id of the letter that it encloses."""
    return of_record(record_id, "enclosure")


def text(record_id: str, side: Side) -> str:
    """The id of a text of the export, as a witness."""
    return of_record(record_id, f"w-{WITNESS_KINDS[side]}")


def page(record_id: str, number: int, again_on: int | None = None) -> str:
    """The id of a sheet, by the number it bears; one that bears a number again also has its first line."""
    return of_record(record_id, f"p{number}") + ("" if again_on is None else f"-{line(again_on)}")


def paragraph(record_id: str, side: Side, first_line: int, cell: int | None = None) -> str:
    """The id of a paragraph by its first line; a cell also has its number in the line."""
    return of_record(record_id, line_key(side, first_line)) + ("" if cell is None else f"-{cell}")


def sentence(paragraph_id: str, number: int) -> str:
    """The id of a sentence, by its number in the paragraph."""
    return f"{paragraph_id}-s{number}"


def mention(paragraph_id: str, start: int) -> str:
    """The id of a mention, by where it begins."""
    return f"{paragraph_id}-m{start}"


def mark(paragraph_id: str, start: int) -> str:
    """The id of a bracket, by where it begins."""
    return f"{paragraph_id}-b{start}"


def pair(record_id: str, level: str, first_member: str) -> str:
    """The id of a pair, by its level and its first member."""
    return of_record(record_id, f"{level[0]}-{key_of(first_member, record_id)}")


def doubt(record_id: str, kind: str, side: str, first_line: int) -> str:
    """The id of the first doubt of its kind on a line."""
    return of_record(record_id, f"x-{kind}-{side[0]}-{line(first_line)}")


def machine_discrepancy(doubt_id: str) -> str:
    """The id of the discrepancy that stands for a doubt about which no person has decided."""
    return doubt_id.replace("-x-", "-d-machine-", 1)
