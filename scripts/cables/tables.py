"""Records → frames in schema order.

Every table is made here and nowhere else: first rows from the frozen values of a reading, then, by
expressions, what follows from other tables.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from cables import facts, ids
from cables.curation import Pair
from cables.folding import search_text
from cables.model import Cell, Doubt, Page, Side
from cables.reading import Reading
from cables.schemas import INSIDE, NESTED, NOT_IN_JSON, Json, Table
from cables.sentences import words
from cables.vocabulary import Row, Vocabulary

Frames = dict[str, pl.DataFrame]
Rows = Iterator[dict[str, Any]]

# The tables of facts, and the column that is their key.
FACTS = {
    "documents": "document_id",
    "witnesses": "witness_id",
    "archival_references": "archival_reference_id",
    "transmissions": "transmission_id",
    "events": "event_id",
    "senders": "sender_id",
    "recipients": "recipient_id",
    "identifiers": "identifier_id",
}


def frames(
    readings: Sequence[Reading], tables: Sequence[Table], codes: Sequence[Row], vocabulary: Vocabulary
) -> Frames:
    """All tables of a package: every published table, in schema order, with the types of its schema."""
    by_name = {table.name: table for table in tables}
    made: Frames = {}
    for table in tables:
        maker = MAKERS.get(table.name)
        rows = [row for reading in readings for row in maker(reading, vocabulary)] if maker else []
        made[table.name] = _frame(table, rows)
    made["readings"] = _by_column(made["readings"], tables)
    made["codes"] = _frame(by_name["codes"], (dict(row.cells) for row in codes))
    made["parallel"] = parallel(made, by_name["parallel"])
    return made


def _frame(table: Table, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    full = ({column: row.get(column) for column in table.columns} for row in rows)
    return pl.DataFrame(list(full), schema=table.polars, orient="row")


# --- rows from a reading -----------------------------------------------------------------------------


def record_cells(reading: Reading, vocabulary: Vocabulary) -> dict[str, Cell]:
    """The cells of a record that were read from its catalogue entry."""
    date = facts.catalogue_date(reading.record, vocabulary)
    return {**reading.record.catalogue.cells, **({"date_edtf": date} if date else {})}


def _records(reading: Reading, vocabulary: Vocabulary) -> Rows:
    source = reading.record.source
    read = {column: cell.value for column, cell in record_cells(reading, vocabulary).items()}
    yield {
        **read,
        "record_id": reading.record.record_id,
        "source_path": ids.raw_path(reading.record.record_id),
        "bytes": len(source.data),
        "sha256": hashlib.sha256(source.data).hexdigest(),
        "layout": reading.record.catalogue.layout.value,
        "line_count": len(source.lines),
        "byte_order_mark": source.byte_order_mark,
    }


def _facts_of(table: str, key: str) -> Callable[[Reading, Vocabulary], Rows]:
    def rows(reading: Reading, vocabulary: Vocabulary) -> Rows:
        for fact in reading.facts.of(table):
            values = {column: cell.value for column, cell in fact.cells.items()}
            yield {**values, key: fact.row_id, "record_id": reading.record.record_id}

    return rows


def _pages(reading: Reading, vocabulary: Vocabulary) -> Rows:
    for page in reading.zones.pages:
        yield {
            "page_id": page_id(reading, page),
            "record_id": reading.record.record_id,
            "document_id": _document(reading, letter=False),
            "page_number": page.number,
            "header": " / ".join(place.as_written for place in page.header) or None,
            "first_line": page.first_line,
            "last_line": page.last_line,
            "boundary": page.boundary.value,
            "evidence": page.evidence,
        }


def page_id(reading: Reading, page: Page) -> str:
    """The id of a sheet, by the number it bears; one that bears a number again also has its first line."""
    first = next(one for one in reading.zones.pages if one.number == page.number)
    return ids.page(reading.record.record_id, page.number, None if first is page else page.first_line)


def _document(reading: Reading, letter: bool) -> str:
    return (ids.enclosure if letter else ids.document)(reading.record.record_id)


def _lines(reading: Reading, vocabulary: Vocabulary) -> Rows:
    for line, zoned in zip(reading.record.source.lines, reading.zones.lines, strict=True):
        yield {
            "record_id": reading.record.record_id,
            "line_number": line.number,
            "text": line.text or None,
            "line_end": line.end.value,
            "zone": zoned.zone.value,
        }


def _spans(reading: Reading, vocabulary: Vocabulary) -> Rows:
    for paragraph in reading.paragraphs:
        for position, span in enumerate(paragraph.spans, start=1):
            yield {
                "paragraph_id": paragraph.paragraph_id,
                "record_id": reading.record.record_id,
                "position": position,
                "line_number": span.line,
                "start": span.start,
                "end": span.end,
                "join": span.join.value,
            }


def _paragraphs(reading: Reading, vocabulary: Vocabulary) -> Rows:
    orders = dict.fromkeys(Side, 0)
    for paragraph in reading.paragraphs:
        orders[paragraph.side] += 1
        text = reading.record.text(paragraph.side)
        yield {
            "paragraph_id": paragraph.paragraph_id,
            "record_id": reading.record.record_id,
            "document_id": _document(reading, paragraph.letter),
            "witness_id": ids.text(reading.record.record_id, paragraph.side),
            "side": paragraph.side.value,
            "language": text.language if text else None,
            "zone": paragraph.zone.value,
            "order": orders[paragraph.side],
            "first_page": _page_of(reading, paragraph.first_line),
            "last_page": _page_of(reading, paragraph.last_line),
            "first_line": paragraph.first_line,
            "last_line": paragraph.last_line,
            "text": paragraph.text,
            "text_search": search_text(paragraph.text),
            "text_proposed": reading.proposed.get(paragraph.paragraph_id),
        }


def _page_of(reading: Reading, line: int) -> str | None:
    for page in reading.zones.pages:
        if page.first_line <= line <= page.last_line:
            return page_id(reading, page)
    return None


def _sentences(reading: Reading, vocabulary: Vocabulary) -> Rows:
    side_of = {one.paragraph_id: one.side for one in reading.paragraphs}
    for sentence in reading.sentences:
        text = reading.record.text(side_of[sentence.paragraph_id])
        yield {
            "sentence_id": sentence.sentence_id,
            "record_id": reading.record.record_id,
            "paragraph_id": sentence.paragraph_id,
            "start": sentence.start,
            "end": sentence.end,
            "text": sentence.text,
            "language": text.language if text else None,
            "words": words(sentence.text),
        }


def _levels(reading: Reading) -> Iterator[tuple[str, Sequence[Pair]]]:
    yield "unit", reading.units
    yield "sentence", reading.sentence_pairs


def _pair_id(reading: Reading, level: str, pair: Pair) -> str:
    return ids.pair(reading.record.record_id, level, (pair.link.original or pair.link.translation)[0])


def _translation_pairs(reading: Reading, vocabulary: Vocabulary) -> Rows:
    for level, pairs in _levels(reading):
        for pair in pairs:
            yield {
                "pair_id": _pair_id(reading, level, pair),
                "record_id": reading.record.record_id,
                "level": level,
                "type": pair.link.type,
                "zone": pair.link.zone.value,
                "method": pair.link.method,
                "score": pair.link.score,
                "reviewed": pair.reviewed,
                "note": pair.note,
                "alternative": pair.alternative.written if pair.alternative else None,
            }


def _translation_pair_members(reading: Reading, vocabulary: Vocabulary) -> Rows:
    paragraph_of = {one.sentence_id: one.paragraph_id for one in reading.sentences}
    for level, pairs in _levels(reading):
        for pair in pairs:
            for side, members in (
                (Side.ORIGINAL, pair.link.original),
                (Side.TRANSLATION, pair.link.translation),
            ):
                for position, member in enumerate(members, start=1):
                    yield {
                        "pair_id": _pair_id(reading, level, pair),
                        "record_id": reading.record.record_id,
                        "side": side.value,
                        "position": position,
                        "paragraph_id": paragraph_of.get(member, member),
                        "sentence_id": member if level == "sentence" else None,
                    }


def _entities(reading: Reading, vocabulary: Vocabulary) -> Rows:
    for row in reading.decisions.rows("entities"):
        yield {column: value or None for column, value in row.cells.items()}


def _mentions(reading: Reading, vocabulary: Vocabulary) -> Rows:
    for one in reading.mentions:
        yield {
            "mention_id": one.mention_id,
            "record_id": reading.record.record_id,
            "entity_id": one.entity_id,
            "paragraph_id": one.paragraph_id,
            "start": one.start,
            "end": one.end,
            "as_written": one.as_written,
        }


def _editorial_marks(reading: Reading, vocabulary: Vocabulary) -> Rows:
    for one in reading.marks:
        yield {
            "mark_id": one.mark_id,
            "record_id": reading.record.record_id,
            "paragraph_id": one.paragraph_id,
            "kind": one.kind,
            "start": one.start,
            "end": one.end,
            "as_written": one.as_written,
        }


def _machine_discrepancy(reading: Reading, doubt_id: str) -> str:
    """The discrepancy that stands for a doubt about which no person has decided."""
    return reading.explained.get(doubt_id) or ids.machine_discrepancy(doubt_id)


def _doubts(reading: Reading, vocabulary: Vocabulary) -> Rows:
    for doubt_id, doubt in zip(reading.doubt_ids, reading.doubts, strict=True):
        yield {
            "doubt_id": doubt_id,
            "record_id": reading.record.record_id,
            "kind": doubt.kind,
            "side": doubt.side,
            "first_line": doubt.first_line,
            "last_line": doubt.last_line,
            "quote": doubt.quote or None,
            "message": doubt.message,
            "discrepancy_id": _machine_discrepancy(reading, doubt_id),
        }


def _unexplained(reading: Reading) -> Iterator[tuple[str, Doubt]]:
    for doubt_id, doubt in zip(reading.doubt_ids, reading.doubts, strict=True):
        if doubt_id not in reading.explained:
            yield _machine_discrepancy(reading, doubt_id), doubt


def _discrepancies(reading: Reading, vocabulary: Vocabulary) -> Rows:
    for row in reading.decisions.rows("discrepancies"):
        kept = {column: value for column, value in row.cells.items() if column != "doubts"}
        yield {**kept, "origin": "curated"}
    for discrepancy_id, doubt in _unexplained(reading):
        yield {
            "discrepancy_id": discrepancy_id,
            "record_id": reading.record.record_id,
            "class": "machine_doubt",
            "locus": "undetermined",
            "severity": "form",
            "certainty": "possible",
            "evidence": doubt.message,
            "status": "open",
            "origin": "machine",
        }


def _discrepancy_readings(reading: Reading, vocabulary: Vocabulary) -> Rows:
    for one in reading.discrepancy_readings:
        row = one.row
        yield {
            "discrepancy_reading_id": row["reading_id"],
            "record_id": row["record_id"],
            "discrepancy_id": row["discrepancy_id"],
            "witness_id": row["witness_id"] or None,
            "side": row["side"],
            "first_line": int(row["first_line"]) if row["first_line"] else None,
            "last_line": int(row["last_line"]) if row["last_line"] else None,
            "reading": row["reading"] or None,
            "proposed": row["proposed"] or None,
            "apply": one.applies,
            "source": row["source"] or None,
        }
    texts = {text.side.value: ids.text(reading.record.record_id, text.side) for text in reading.record.texts}
    for discrepancy_id, doubt in _unexplained(reading):
        yield {
            "discrepancy_reading_id": f"{discrepancy_id}-a",
            "record_id": reading.record.record_id,
            "discrepancy_id": discrepancy_id,
            "witness_id": texts.get(doubt.side),
            "side": doubt.side,
            "first_line": doubt.first_line,
            "last_line": doubt.last_line,
            "reading": doubt.quote or None,
            "apply": False,
        }


def _readings(reading: Reading, vocabulary: Vocabulary) -> Rows:
    record_id = reading.record.record_id
    for column, cell in record_cells(reading, vocabulary).items():
        yield from _cell_rows(record_id, "records", record_id, column, cell)
    for table in FACTS:
        for fact in reading.facts.of(table):
            for column, cell in fact.cells.items():
                yield from _cell_rows(record_id, fact.table, fact.row_id, column, cell)


def _cell_rows(record_id: str, table: str, row_id: str, column: str, cell: Cell) -> Rows:
    common = {
        "table": table,
        "row_id": row_id,
        "column": column,
        "record_id": record_id,
        "basis": cell.basis.value,
        "reason": cell.reason,
    }
    if not cell.places:
        yield {**common, "position": 1}
    for position, place in enumerate(cell.places, start=1):
        yield {
            **common,
            "position": position,
            "line_number": place.line,
            "start": place.start,
            "end": place.end,
            "as_written": place.as_written,
        }


MAKERS: Mapping[str, Callable[[Reading, Vocabulary], Rows]] = {
    "records": _records,
    **{table: _facts_of(table, key) for table, key in FACTS.items()},
    "pages": _pages,
    "lines": _lines,
    "spans": _spans,
    "paragraphs": _paragraphs,
    "sentences": _sentences,
    "translation_pairs": _translation_pairs,
    "translation_pair_members": _translation_pair_members,
    "entities": _entities,
    "mentions": _mentions,
    "editorial_marks": _editorial_marks,
    "doubts": _doubts,
    "discrepancies": _discrepancies,
    "discrepancy_readings": _discrepancy_readings,
    "readings": _readings,
}


# --- what follows from other tables ------------------------------------------------------------------


def _by_column(readings: pl.DataFrame, tables: Sequence[Table]) -> pl.DataFrame:
    """The readings of every row in the order of its table's columns."""
    columns = {f"{table.name}.{name}": at for table in tables for at, name in enumerate(table.columns)}
    row = pl.struct("record_id", "table", "row_id").rle_id()
    column = pl.concat_str("table", pl.lit("."), "column").replace_strict(columns, default=None)
    return readings.sort(row, column, maintain_order=True)


def parallel(made: Frames, table: Table) -> pl.DataFrame:
    """The pairs in order with the lines and text of both sides, and how many discrepancies touch them."""
    sides = {side: _side_of_pairs(made, side) for side in ("original", "translation")}
    pairs = made["translation_pairs"]
    for side, own in sides.items():
        pairs = pairs.join(
            own.rename(_for_side(side)), on=["record_id", "pair_id"], how="left", maintain_order="left"
        )
    return pairs.with_columns(
        order=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("record_id", "level"),
        discrepancies=_quoting(pairs, made, sides),
        **{f"{side}_lines": _line_range(side) for side in sides},
    ).select(table.columns)


def _for_side(side: str) -> dict[str, str]:
    return {name: f"{side}_{name}" for name in ("text", "first_line", "last_line")}


def _side_of_pairs(made: Frames, side: str) -> pl.DataFrame:
    paragraphs = made["paragraphs"].select("paragraph_id", "first_line", "last_line", "text")
    sentences = made["sentences"].select("sentence_id", sentence_text="text")
    return (
        made["translation_pair_members"]
        .filter(pl.col("side") == side)
        .join(paragraphs, on="paragraph_id", how="left", maintain_order="left")
        .join(sentences, on="sentence_id", how="left", maintain_order="left")
        .with_columns(text=pl.coalesce("sentence_text", "text"))
        .group_by("record_id", "pair_id", maintain_order=True)
        .agg(
            pl.col("text").str.join("\n"),
            pl.col("first_line").min(),
            pl.col("last_line").max(),
        )
    )


def _line_range(side: str) -> pl.Expr:
    first, last = pl.col(f"{side}_first_line"), pl.col(f"{side}_last_line")
    return pl.when(first == last).then(first.cast(pl.String)).otherwise(pl.format("{}–{}", first, last))


def _quoting(pairs: pl.DataFrame, made: Frames, sides: Iterable[str]) -> pl.Series:
    """For every pair, the number of discrepancies that quote its lines, in whichever text."""
    quoted = pl.concat(_quoted_on(pairs, made, side) for side in sides)
    counted = quoted.group_by("pair_id").agg(pl.col("discrepancy_id").n_unique().alias("count"))
    of_pairs = pairs.select("pair_id").join(counted, on="pair_id", how="left", maintain_order="left")
    return of_pairs.get_column("count").fill_null(0).cast(pl.Int32)


def _quoted_on(pairs: pl.DataFrame, made: Frames, side: str) -> pl.DataFrame:
    """Pairs and the discrepancies that quote their lines of one side.

    A reading that only says where something is missing quotes nothing.
    """
    readings = (
        made["discrepancy_readings"]
        .filter(pl.col("side") == side, pl.col("reading").is_not_null())
        .select("record_id", "discrepancy_id", reading_first="first_line", reading_last="last_line")
    )
    return (
        pairs.select("record_id", "pair_id", first=f"{side}_first_line", last=f"{side}_last_line")
        .join(readings, on="record_id")
        .filter(pl.col("reading_first") <= pl.col("last"), pl.col("first") <= pl.col("reading_last"))
        .select("pair_id", "discrepancy_id")
    )


# --- a record as one value ---------------------------------------------------------------------------


def nested(made: Frames, record_id: str) -> Json:
    """A record and everything read from it, as its JSON holds it."""
    own = {name: _of_record(frame, record_id) for name, frame in made.items() if "record_id" in frame.columns}
    record: Json = own["records"].to_dicts()[0]
    for name, frame in own.items():
        if name not in INSIDE | NOT_IN_JSON:
            record[name] = _with_inner(name, frame.drop("record_id"), own)
    return record


def _of_record(frame: pl.DataFrame, record_id: str) -> pl.DataFrame:
    return frame.filter(pl.col("record_id") == record_id)


def _with_inner(name: str, frame: pl.DataFrame, own: Frames) -> list[Json]:
    rows: list[Json] = frame.to_dicts()
    for inner, column in NESTED.get(name, {}).items():
        groups: dict[str, list[Json]] = {}
        for row in own[inner].drop("record_id").to_dicts():
            groups.setdefault(row.pop(column), []).append(row)
        for row in rows:
            row[inner] = groups.get(row[column], [])
    return rows


def flattened(record: Json) -> dict[str, list[Json]]:
    """The rows of every table that a record's JSON holds: what `nested` puts together, taken apart."""
    record_id = record["record_id"]
    found: dict[str, list[Json]] = {
        "records": [{name: value for name, value in record.items() if not isinstance(value, list)}]
    }
    for name in (name for name, value in record.items() if isinstance(value, list)):
        for row in record[name]:
            plain = {column: value for column, value in row.items() if not isinstance(value, list)}
            found.setdefault(name, []).append({"record_id": record_id, **plain})
            for inner, column in NESTED.get(name, {}).items():
                for one in row[inner]:
                    found.setdefault(inner, []).append({"record_id": record_id, column: row[column], **one})
    return found
