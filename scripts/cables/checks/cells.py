"""Checks of tables as tables: constraints, keys, ids, codes, order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jsonschema
import polars as pl

from cables.checks.loaded import Finding, Package, Sheet, authored_rows, shown
from cables.checks.registry import check
from cables.schemas import ForeignKey, Json, Table

Row = dict[str, Any]
INDEX = "__index"


def sheets(package: Package) -> Iterator[Sheet]:
    """The tables that could be read, in the order in which they are listed."""
    for table in package.repository.tables:
        if table.name in package.sheets:
            yield package.as_read(table.name)


@check(
    "constraints", "every cell keeps to its column: not null, form, least value, closed list, no empty text"
)
def constraints(package: Package) -> Iterator[Finding]:
    for sheet in sheets(package):
        for field in sheet.table.schema["fields"]:
            for broken, expected in _rules(field):
                for index in sheet.frame.select(broken.arg_true()).to_series():
                    value = sheet.frame.item(index, field["name"])
                    yield sheet.finding(index, f"{field['name']} {shown(value)}", expected)


def _rules(field: Json) -> Iterator[tuple[pl.Expr, str]]:
    column, rules = pl.col(field["name"]), field["constraints"]
    if rules["required"]:
        yield column.is_null(), "a value"
    if field["type"] == "string":
        yield column == "", "nothing rather than an empty text"
    if "pattern" in rules:
        yield ~column.str.contains(f"^(?:{rules['pattern']})$"), f"the form {rules['pattern']}"
    if "enum" in rules:
        yield ~column.is_in(rules["enum"]), "one of " + ", ".join(rules["enum"])
    if "minimum" in rules:
        yield column < rules["minimum"], f"no less than {rules['minimum']}"


@check("row-schema", "every row holds to the JSON Schema of its table", on_values=False)
def row_schema(package: Package) -> Iterator[Finding]:
    for sheet in sheets(package):
        validator = jsonschema.Draft202012Validator(sheet.table.json_row)
        for index, row in enumerate(sheet.rows):
            for error in validator.iter_errors(row):
                where = ".".join(map(str, error.absolute_path)) or "the row"
                yield sheet.finding(index, f"{where}: {error.message[:300]}", "the schema of the row")


@check("primary-keys", "no two rows have the same primary key, and none has a null in it")
def primary_keys(package: Package) -> Iterator[Finding]:
    for sheet in sheets(package):
        key = list(sheet.table.primary_key)
        twice = sheet.frame.select(pl.struct(key).is_duplicated() | pl.any_horizontal(pl.col(key).is_null()))
        for index in twice.to_series().arg_true():
            values = ", ".join(shown(sheet.rows[index][column]) for column in key)
            yield sheet.finding(index, f"{', '.join(key)} {values}", "a key that no other row has")


@check("foreign-keys", "every reference leads to a row that is there, and of the same record")
def foreign_keys(package: Package) -> Iterator[Finding]:
    for sheet in sheets(package):
        for key in sheet.table.foreign_keys:
            yield from _dangling(package, sheet, key)


def _dangling(package: Package, sheet: Sheet, key: ForeignKey) -> Iterator[Finding]:
    # A reference within a record stays in it, although the schema names the id alone.
    target = package.as_read(key.table).frame
    within = "record_id" in target.columns and "record_id" not in key.columns
    own = [*key.columns, *(["record_id"] if within else [])]
    others = [*key.references, *(["record_id"] if within else [])]
    known = target.select(pl.col(one).alias(name) for one, name in zip(others, own, strict=True)).unique()
    lost = (
        sheet.frame.with_row_index(INDEX)
        .filter(pl.all_horizontal(pl.col(list(key.columns)).is_not_null()))
        .join(known, on=own, how="anti")
    )
    for index in sorted(lost.get_column(INDEX)):
        values = ", ".join(shown(sheet.rows[index][column]) for column in key.columns)
        expected = f"one of {key.table}" + (", of the same record" if within else "")
        yield sheet.finding(index, f"{', '.join(key.columns)} {values}", expected)


@check("codes", "the table of codes is the vocabulary's, and the closed lists of the schemas are its terms")
def codes(package: Package) -> Iterator[Finding]:
    sheet = package.sheet("codes")
    terms: dict[str, set[str]] = {}
    for row in sheet.rows:
        terms.setdefault(row["vocabulary"], set()).add(row["code"])
    for table in package.repository.tables:
        for field in table.schema["fields"]:
            listed = set(field["constraints"].get("enum", ()))
            for code in sorted(listed - terms.get(field.get("vocabulary", ""), set())):
                found = f"no code {shown(code)} of {field.get('vocabulary')}"
                yield sheet.finding(0, found, f"every term that {table.name}.{field['name']} may hold")


@check("codes-as-authored", "the table of codes is the authored one, row by row")
def codes_as_authored(package: Package) -> Iterator[Finding]:
    sheet = package.sheet("codes")
    authored = authored_rows(package, "data/vocabulary/codes.csv", sheet.table.columns)
    if len(authored) != len(sheet.rows):
        yield sheet.finding(0, f"{len(sheet.rows)} codes", f"{len(authored)}, as in the vocabulary")
    for index, (row, own) in enumerate(zip(sheet.rows, authored, strict=False)):
        for column, value in row.items():
            if (value or "") != own[column]:
                yield sheet.finding(index, f"{column} {shown(value)}", shown(own[column]))


# --- ids ---------------------------------------------------------------------------------------------

KEY = r"[ot]-L[0-9]{3,}"
# That of a cell in a line of several has its number besides.
OWN_KEY = rf"{KEY}(-[1-9][0-9]*)?"


def _own(row: Row, rest: str) -> str:
    return re.escape(f"r{row['record_id']}-") + rest


def _line(number: int | None) -> str:
    return f"L{number or 0:03d}"


def _letter(word: str) -> str:
    """The letter that stands for a side or level."""
    return re.escape(word[:1])


def _after(row: Row, column: str, rest: str) -> str:
    return re.escape(str(row[column])) + rest


# The form of the ids of each table, from the other cells of the row.
IDS: Mapping[str, tuple[str, Callable[[Row], str]]] = {
    "documents": (
        "document_id",
        lambda row: _own(row, "enclosure" if row["parent_document_id"] else "document"),
    ),
    "witnesses": ("witness_id", lambda row: _own(row, "w-.+")),
    "archival_references": ("archival_reference_id", lambda row: _own(row, "ref-.+")),
    "transmissions": (
        "transmission_id",
        lambda row: _own(row, "in-person" if row["mode"] == "in_person" else "wire"),
    ),
    "events": ("event_id", lambda row: _own(row, re.escape(row["event_type"]) + "-[1-9][0-9]*")),
    "senders": ("sender_id", lambda row: _own(row, f"sender-{_side(row)}-L[0-9]{{3,}}(-[1-9][0-9]*)?")),
    "recipients": ("recipient_id", lambda row: _own(row, _recipient(row))),
    "identifiers": (
        "identifier_id",
        lambda row: _own(row, f"id-{'o' if row['as_written_original'] else 't'}-L[0-9]{{3,}}"),
    ),
    # A number that is printed again is told apart by its line.
    "pages": ("page_id", lambda row: _own(row, f"p{row['page_number']}(-{_line(row['first_line'])})?")),
    "paragraphs": (
        "paragraph_id",
        lambda row: _own(row, f"{_letter(row['side'])}-{_line(row['first_line'])}(-[1-9][0-9]*)?"),
    ),
    "sentences": ("sentence_id", lambda row: _after(row, "paragraph_id", "-s[1-9][0-9]*")),
    "mentions": ("mention_id", lambda row: _after(row, "paragraph_id", f"-m{row['start']}")),
    "editorial_marks": ("mark_id", lambda row: _after(row, "paragraph_id", f"-b{row['start']}")),
    "translation_pairs": ("pair_id", lambda row: _own(row, f"{_letter(row['level'])}-{KEY}.*")),
    "entities": ("entity_id", lambda row: _own(row, "e-.+")),
    "doubts": (
        "doubt_id",
        lambda row: _own(
            row,
            f"x-{re.escape(row['kind'])}-{_letter(row['side'])}-{_line(row['first_line'])}(-[1-9][0-9]*)?",
        ),
    ),
    "discrepancies": (
        "discrepancy_id",
        lambda row: _own(row, "d-machine-.+" if row["origin"] == "machine" else "d-(?!machine-).+"),
    ),
    "discrepancy_readings": (
        "discrepancy_reading_id",
        lambda row: _after(row, "discrepancy_id", "-[a-z0-9]+"),
    ),
}


def _side(row: Row) -> str:
    return "o" if row["name_original"] else "t"


def _recipient(row: Row) -> str:
    if row["role"] == "addressee":
        return f"addressee-{_side(row)}-L[0-9]{{3,}}"
    if row["copy_number"] is None:
        return f"copies-{OWN_KEY}"
    return f"copy-{row['copy_number']:02d}(-{OWN_KEY})?"


@check("ids", "every id is made of the record, the line and the other cells that it is to be made of")
def ids(package: Package) -> Iterator[Finding]:
    for sheet in sheets(package):
        if sheet.table.name not in IDS:
            continue
        column, form = IDS[sheet.table.name]
        for index, row in enumerate(sheet.rows):
            if None in (row[column], *(row[one] for one in _needed(sheet.table))):
                continue
            expected = form(row)
            if not re.fullmatch(expected, row[column]):
                plain = expected.replace("\\", "")
                yield sheet.finding(index, f"{column} {shown(row[column])}", f"the form {plain}")


def _needed(table: Table) -> list[str]:
    """The columns that the form of an id may need: those that are never null."""
    return [one["name"] for one in table.schema["fields"] if one["constraints"]["required"]]


# --- order -------------------------------------------------------------------------------------------


@check("row-order", "the rows stand in the order of the source wherever that order is plain")
def row_order(package: Package) -> Iterator[Finding]:
    ranks = _ranks(package)
    for table in package.repository.tables:
        sheet = package.sheet(table.name)
        if "record_id" not in table.columns:
            continue
        rule = ORDERS.get(sheet.table.name, _anywhere)
        before: tuple[Any, ...] | None = None
        for index, row in enumerate(sheet.rows):
            place = (ranks["records"].get(row["record_id"], -1), *rule(row, ranks))
            if before is not None and place < before:
                key = " / ".join(str(row[one]) for one in sheet.table.primary_key)
                yield sheet.finding(index, f"{key} after what follows it", "rows in the order of the source")
            before = place


def _anywhere(row: Row, ranks: Ranks) -> tuple[Any, ...]:
    """The order of a table whose rows stand in no plain order, but for their records."""
    return ()


Ranks = Mapping[str, Mapping[str, int]]
Place = Callable[[Row, Ranks], tuple[Any, ...]]


def _ranks(package: Package) -> Ranks:
    """The place of every row that others are ordered by."""
    keys = {
        "records": "record_id",
        "paragraphs": "paragraph_id",
        "sentences": "sentence_id",
        "translation_pairs": "pair_id",
        "doubts": "discrepancy_id",
    }
    return {
        name: {row[key]: index for index, row in enumerate(package.rows(name))} for name, key in keys.items()
    }


def _in_paragraph(row: Row, ranks: Ranks) -> tuple[Any, ...]:
    return ranks["paragraphs"].get(row["paragraph_id"], -1), row["start"], row["end"]


ROLES = {"addressee": 0, "copy": 1}
SIDES = {"original": 0, "translation": 1}
LEVELS = {"unit": 0, "sentence": 1}
ORIGINS = {"curated": 0, "machine": 1}

ORDERS: Mapping[str, Place] = {
    "documents": lambda row, ranks: (row["parent_document_id"] is not None,),
    "pages": lambda row, ranks: (row["first_line"],),
    "lines": lambda row, ranks: (row["line_number"],),
    "paragraphs": lambda row, ranks: (row["first_line"],),
    "spans": lambda row, ranks: (ranks["paragraphs"].get(row["paragraph_id"], -1), row["position"]),
    "sentences": _in_paragraph,
    "mentions": _in_paragraph,
    "editorial_marks": _in_paragraph,
    "recipients": lambda row, ranks: (
        ROLES.get(row["role"], -1),
        row["copy_number"] is None,
        row["copy_number"] or 0,
    ),
    "translation_pairs": lambda row, ranks: (LEVELS.get(row["level"], -1),),
    "translation_pair_members": lambda row, ranks: (
        ranks["translation_pairs"].get(row["pair_id"], -1),
        SIDES.get(row["side"], -1),
        row["position"],
    ),
    "doubts": lambda row, ranks: (
        row["first_line"],
        row["last_line"],
        row["kind"],
        row["side"],
        row["message"],
    ),
    "discrepancies": lambda row, ranks: (ORIGINS.get(row["origin"], -1), _of_doubt(row, ranks)),
    "discrepancy_readings": lambda row, ranks: (_is_machine(row), _of_doubt(row, ranks)),
}


def _is_machine(row: Row) -> bool:
    """Whether a discrepancy, or a reading of one, stands for a doubt about which nobody has decided."""
    return "-d-machine-" in row["discrepancy_id"]


def _of_doubt(row: Row, ranks: Ranks) -> int:
    """The place of the doubt that a machine's discrepancy stands for; those of persons come as decided."""
    return ranks["doubts"].get(row["discrepancy_id"], -1) if _is_machine(row) else -1


@check("counted", "what is counted in order (lines, spans, events of a type, sentences, places) has no gap")
def counted(package: Package) -> Iterator[Finding]:
    for name, columns, number in COUNTED:
        sheet = package.sheet(name)
        seen: dict[tuple[Any, ...], int] = {}
        for index, row in enumerate(sheet.rows):
            group = tuple(row[column] for column in columns)
            seen[group] = seen.get(group, 0) + 1
            if _number(row, number) != seen[group]:
                found = f"{number} {shown(row[number])}"
                yield sheet.finding(index, found, f"number {seen[group]} of {' / '.join(map(str, group))}")


def _number(row: Row, column: str) -> int | None:
    """The number in a column, or the one with which an id ends."""
    value = row[column]
    if isinstance(value, str):
        found = re.search(r"[0-9]+$", value)
        return int(found[0]) if found else None
    return value if isinstance(value, int) else None


COUNTED = (
    ("lines", ("record_id",), "line_number"),
    ("spans", ("paragraph_id",), "position"),
    ("paragraphs", ("record_id", "side"), "order"),
    ("sentences", ("paragraph_id",), "sentence_id"),
    ("events", ("record_id", "event_type"), "event_id"),
    ("translation_pair_members", ("pair_id", "side"), "position"),
    ("readings", ("table", "row_id", "column"), "position"),
)
