"""Frames, codes and templates → the generated pages: codebook, glossary, alignment, discrepancies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jinja2
import polars as pl

from cables.schemas import Json, Table
from cables.vocabulary import Row

# The rows of one vocabulary of codes, by code.
Labels = dict[str, Row]


def render(template: str, **values: Any) -> bytes:
    """A page from its template; a name that the template wants and does not get is an error."""
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters |= {
        "cell": table_cell,
        "literal": literal,
        "share": share,
        "side_cell": _side_cell,
        "side_label": _side_label,
    }
    return environment.from_string(template).render(**values).encode()


def table_cell(value: object) -> str:
    """A value as a cell of a Markdown table: no pipe, line break or markup of its own."""
    text = "" if value is None else str(value)
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("|", "\\|").replace("\r", " ").replace("\n", " ").replace("*", "\\*")


MARKUP = re.compile(r"[\\`*_\[\]|~#]")
# Control characters, line ends of any kind, and marks that turn the direction of what follows.
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def literal(value: object) -> str:
    """Words of the source as words of a page: nothing in them is markup, and none of them is hidden."""
    text = UNSEEN.sub("\ufffd", "" if value is None else str(value).replace("\n", " "))
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return MARKUP.sub(r"\\\g<0>", escaped)


def share(value: float | None) -> str:
    """A share with four decimals; a dash where there is none."""
    return "–" if value is None else f"{value:.4f}"


def codebook(
    template: str, tables: Sequence[Table], frames: Mapping[str, pl.DataFrame], codes: Sequence[Row]
) -> bytes:
    """docs/codebook.md: every table and column, from the schemas."""
    vocabularies: dict[str, list[Row]] = {}
    for row in codes:
        vocabularies.setdefault(row["vocabulary"], []).append(row)
    return render(
        template,
        tables=[
            {
                "table": table,
                "rows": frames[table.name].height,
                "columns": list(_columns(table)),
            }
            for table in tables
        ],
        links=sorted(_links(tables), key=lambda one: one["order"]),
        vocabularies=vocabularies,
    )


def _links(tables: Sequence[Table]) -> Iterator[Json]:
    """The foreign keys, as lines of a diagram from the table that is pointed at to the one that points.

    That every table belongs to a record is drawn only where a table points to no other.
    """
    order = {table.name: at for at, table in enumerate(tables)}
    for table in tables:
        others = [key for key in table.foreign_keys if key.table not in ("records", table.name)]
        for key in table.foreign_keys:
            if key.table == "records" and others:
                continue
            column = key.columns[-1]
            always = table.field(column)["constraints"]["required"]
            yield {
                "order": (order[table.name], order[key.table], column),
                "there": key.table,
                "one": "||" if always else "|o",
                "many": "||" if table.primary_key == key.columns else "o{",
                "here": table.name,
                "column": column,
            }


def _columns(table: Table) -> Iterator[Json]:
    references = {
        column: f"{key.table}.{other}"
        for key in table.foreign_keys
        for column, other in zip(key.columns, key.references, strict=True)
    }
    for field in table.schema["fields"]:
        notes = [
            "key" if field["name"] in table.primary_key else "",
            f"→ `{references[field['name']]}`" if field["name"] in references else "",
            f"[codes](#vocabulary-{field['vocabulary']})" if "vocabulary" in field else "",
        ]
        yield {**field, "notes": ", ".join(filter(None, notes)), "example": field.get("example", "")}


def glossary(template: str, terms: Sequence[Row], languages: Mapping[str, str]) -> bytes:
    """docs/glossary.md: abbreviations and words of the form, from the vocabulary."""
    by_language = {
        name: [row for row in terms if row["language"] == code] for code, name in languages.items()
    }
    return render(template, languages={name: rows for name, rows in by_language.items() if rows})


TITLES = {"unit": "Units (paragraphs, form lines and cells)", "sentence": "Sentences of the prose"}
SIDES = ("original", "translation", "catalogue", "outside")
# What is counted on the page of discrepancies, and the vocabulary of its codes.
COUNTED = (
    ("class", "discrepancy_class"),
    ("severity", "severity"),
    ("locus", "discrepancy_locus"),
    ("certainty", "certainty"),
)


def alignment(
    template: str, report: Json, frames: Mapping[str, pl.DataFrame], codes: Mapping[str, Labels]
) -> bytes:
    """docs/alignment.md: what the pairs say and how well the machine does, by metadata/quality.json."""
    lines = frames["parallel"].select("pair_id", "original_lines", "translation_lines")
    noted = frames["translation_pairs"].filter(pl.col("note").is_not_null())
    rows = noted.join(lines, on="pair_id", maintain_order="left").to_dicts()
    return render(
        template,
        titles=TITLES,
        zones={code: row["label"] for code, row in codes["zone"].items()},
        records=[
            {**record, "notes": [row for row in rows if row["record_id"] == record["record_id"]]}
            for record in report["records"]
        ],
    )


def labels(codes: Sequence[Row]) -> dict[str, Labels]:
    """The codes of every vocabulary, by vocabulary and code."""
    found: dict[str, Labels] = {}
    for row in codes:
        found.setdefault(row["vocabulary"], {})[row["code"]] = row
    return found


def discrepancies(
    template: str,
    report: Json,
    frames: Mapping[str, pl.DataFrame],
    codes: Mapping[str, Labels],
    languages: Mapping[str, str],
) -> bytes:
    """docs/discrepancies.md: every discrepancy with its readings side by side."""
    titles = dict(frames["records"].select("record_id", "title").iter_rows())
    return render(
        template,
        labels=codes,
        counted=COUNTED,
        records=[
            {
                "record_id": one["record_id"],
                "title": titles[one["record_id"]],
                "counts": one["discrepancies"],
                "doubts": one["doubts"],
                "texts": _texts(one["record_id"], frames, languages),
                "translated": list(_translated(one["record_id"], frames, codes, languages)),
                "classes": list(_classes(one["record_id"], frames, codes["discrepancy_class"])),
            }
            for one in report["records"]
        ],
    )


def _texts(record_id: str, frames: Mapping[str, pl.DataFrame], languages: Mapping[str, str]) -> Json:
    """The texts that the package holds, by kind of witness, each with a name for it."""
    own = frames["witnesses"].filter(pl.col("record_id") == record_id, pl.col("availability") == "in_package")
    return {
        row["kind"]: {**row, "name": f"{languages.get(row['language'] or '', '')} text".strip()}
        for row in own.to_dicts()
    }


def _translated(
    record_id: str,
    frames: Mapping[str, pl.DataFrame],
    codes: Mapping[str, Labels],
    languages: Mapping[str, str],
) -> Iterator[Json]:
    """The documents whose first text, in a language of its own, is not in the package."""
    types = dict(frames["documents"].select("document_id", "type").iter_rows())
    own = frames["witnesses"].filter(pl.col("record_id") == record_id)
    held = own.filter(pl.col("kind") == "transcription").get_column("language").drop_nulls().to_list()
    for row in own.filter(pl.col("kind") == "original", pl.col("language").is_not_null()).to_dicts():
        if held and row["language"] not in held:
            yield {
                "document": codes["document_type"][types[row["document_id"]]]["label"].lower(),
                "language": languages.get(row["language"], row["language"]),
                "held": languages.get(held[0], held[0]),
                "evidence": row["evidence"],
            }


def _classes(record_id: str, frames: Mapping[str, pl.DataFrame], classes: Labels) -> Iterator[Json]:
    own = {
        name: frames[name].filter(pl.col("record_id") == record_id).to_dicts()
        for name in ("discrepancies", "discrepancy_readings", "doubts")
    }
    for code, row in classes.items():
        found = [
            {
                **one,
                "doubts": [doubt["doubt_id"] for doubt in _about(one, own["doubts"])],
                "sides": _by_side(
                    [{**row, "origin": one["origin"]} for row in _about(one, own["discrepancy_readings"])]
                ),
            }
            for one in own["discrepancies"]
            if one["class"] == code
        ]
        if found:
            yield {"label": row["label"], "discrepancies": found}


def _about(discrepancy: Json, rows: Sequence[Json]) -> list[Json]:
    return [row for row in rows if row["discrepancy_id"] == discrepancy["discrepancy_id"]]


def _by_side(readings: Sequence[Json]) -> dict[str, list[Json]]:
    found = {side: [one for one in readings if one["side"] == side] for side in SIDES}
    return {side: own for side, own in found.items() if own}


def _side_label(side: str) -> str:
    return "elsewhere" if side == "outside" else side


def _side_cell(readings: Sequence[Json]) -> str:
    return "<br>".join(map(_reading, readings))


def _reading(one: Json) -> str:
    """A reading in a cell: where, what stands there, what is proposed."""
    # A person who quotes nothing says that nothing stands there; a machine only names the lines.
    nothing = "(absent)" if one["origin"] == "curated" else "(not quoted)"
    said = f"“{literal(one['reading'])}”" if one["reading"] else nothing
    where = one["source"] or _lines_of(one)
    proposed = f" → “{literal(one['proposed'])}”" if one["proposed"] else ""
    taken = " (in `text_proposed`)" if one["apply"] else ""
    return f"{literal(where)}: {said}{proposed}{taken}"


def _lines_of(one: Json) -> str:
    first, last = one["first_line"], one["last_line"]
    return str(first) if first == last else f"{first}–{last}"
