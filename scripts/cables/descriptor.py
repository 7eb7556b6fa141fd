"""Frames and package.toml → datapackage.json and the generated pages that describe the tables."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jinja2
import polars as pl

from cables import exports
from cables.schemas import Json, Table
from cables.vocabulary import Row

# The rows of one vocabulary of codes, by code.
Labels = dict[str, Row]

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
DOI = "https://doi.org/"
# Tables that quote the archive's text; the rights statement of the text stands on their resources.
QUOTING = frozenset(
    {
        "records",
        "lines",
        "paragraphs",
        "sentences",
        "parallel",
        "events",
        "pages",
        "mentions",
        "editorial_marks",
        "doubts",
        "discrepancy_readings",
        "readings",
    }
)
# How package.toml's roles are called by those who read a Data Package.
CREATOR = "creator"


@dataclass(frozen=True, slots=True)
class License:
    """A licence or rights statement and what it covers: `code`, `data` or `text`."""

    covers: str
    title: str
    path: str
    name: str | None = None

    @property
    def described(self) -> Json:
        """As a Data Package names it."""
        name = {"name": self.name} if self.name else {}
        return {**name, "path": self.path, "title": self.title}


@dataclass(frozen=True, slots=True)
class Agent:
    """A person or organisation that took part, and in what role."""

    name: str
    kind: str
    role: str
    given_name: str | None = None
    family_name: str | None = None
    part: str | None = None
    orcid: str | None = None
    ror: str | None = None

    @property
    def described(self) -> Json:
        """As a Data Package names it."""
        names = {"givenName": self.given_name, "familyName": self.family_name}
        known = {key: value for key, value in names.items() if value}
        return {"title": self.name, **known, "roles": [self.role]}


@dataclass(frozen=True, slots=True)
class Work:
    """A source or related work."""

    title: str
    path: str
    relation: str
    record_id: str | None = None


@dataclass(frozen=True, slots=True)
class Doi:
    """The DOIs of this version and of all versions; None until reserved."""

    version: str | None
    concept: str | None
    record: str | None
    server: str | None


@dataclass(frozen=True, slots=True)
class Package:
    """What package.toml says: the one description of the package."""

    name: str
    title: str
    version: str
    created: str
    description: str
    keywords: tuple[str, ...]
    languages: tuple[str, ...]
    coverage: str
    publisher: str
    creators: tuple[Agent, ...]
    contributors: tuple[Agent, ...]
    licenses: tuple[License, ...]
    sources: tuple[Work, ...]
    related: tuple[Work, ...]
    doi: Doi

    def license(self, covers: str) -> License:
        """The licence of one kind of content."""
        return next(one for one in self.licenses if one.covers == covers)


def package(described: Mapping[str, Any]) -> Package:
    """The package that a package.toml of the right form (schemas/package.schema.json) describes."""
    return Package(
        name=described["name"],
        title=described["title"],
        version=described["version"],
        created=described["created"],
        description=described["description"].strip(),
        keywords=tuple(described["keywords"]),
        languages=tuple(described["languages"]),
        coverage=described["coverage"],
        publisher=described["publisher"],
        creators=tuple(_agent(one, CREATOR) for one in described["creators"]),
        contributors=tuple(_agent(one, one["role"]) for one in described["contributors"]),
        licenses=tuple(
            License(one["covers"], one["title"], one["path"], one.get("name"))
            for one in described["licenses"]
        ),
        sources=tuple(_work(one) for one in described["sources"]),
        related=tuple(_work(one) for one in described["related"]),
        doi=Doi(
            **{part: described["doi"][part] or None for part in ("version", "concept", "record", "server")}
        ),
    )


def _agent(one: Mapping[str, Any], role: str) -> Agent:
    return Agent(
        name=one["name"],
        kind=one["kind"],
        role=role,
        given_name=one.get("given_name"),
        family_name=one.get("family_name"),
        part=one.get("for"),
        orcid=one.get("orcid"),
        ror=one.get("ror"),
    )


def _work(one: Mapping[str, Any]) -> Work:
    return Work(one["title"], one["path"], one["relation"], one.get("record_id"))


# --- datapackage.json --------------------------------------------------------------------------------


def datapackage(
    described: Package,
    tables: Sequence[Table],
    frames: Mapping[str, pl.DataFrame],
    files: Mapping[str, bytes],
    record_ids: Sequence[str],
) -> Json:
    """The descriptor (Data Package 2.0). `files` are the package's files by path; nothing is read here."""
    doi = {"id": DOI + described.doi.version} if described.doi.version else {}
    return {
        "$schema": PROFILE,
        **doi,
        "name": described.name,
        "title": described.title,
        "description": described.description,
        "version": described.version,
        # The standard wants a date with a time; package.toml knows the day only.
        "created": f"{described.created}T00:00:00Z",
        "keywords": list(described.keywords),
        "licenses": [described.license(kind).described for kind in ("data", "text")],
        "contributors": [one.described for one in (*described.creators, *described.contributors)],
        "sources": [{"title": one.title, "path": one.path} for one in described.sources],
        "resources": [
            *(_csv(described, table, frames[table.name], files) for table in tables),
            *(_parquet(described, table, frames[table.name], files) for table in tables),
            *(_json(described, record_id, files) for record_id in record_ids),
            *(_export(described, path, files) for path in sorted(files) if path.startswith(exports.FOLDER)),
            *(_source(described, record_id, files) for record_id in record_ids),
        ],
    }


def csv_path(table: str) -> str:
    """Where a table's CSV stands in the package."""
    return f"data/csv/{table}.csv"


def parquet_path(table: str) -> str:
    """Where a table's Parquet file stands in the package."""
    return f"data/parquet/{table}.parquet"


def json_path(record_id: str) -> str:
    """Where a record's JSON stands in the package."""
    return f"data/json/{record_id}.json"


def raw_path(record_id: str) -> str:
    """Where a record's source stands in the package."""
    return f"data/raw/{record_id}.txt"


def sha256(data: bytes) -> str:
    """The hash of a file as a descriptor gives it."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _licenses(described: Package, kinds: Sequence[str]) -> list[Json]:
    return [described.license(kind).described for kind in kinds]


def _of_table(described: Package, table: Table) -> list[Json]:
    return _licenses(described, ("data", "text") if table.name in QUOTING else ("data",))


def _csv(described: Package, table: Table, frame: pl.DataFrame, files: Mapping[str, bytes]) -> Json:
    path = csv_path(table.name)
    return {
        "name": table.name,
        "type": "table",
        "title": table.schema["title"],
        "description": table.schema["description"],
        "path": path,
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"lineTerminator": "\n"},
        "schema": f"schemas/tables/{table.name}.json",
        "bytes": len(files[path]),
        "hash": sha256(files[path]),
        "rows": frame.height,
        "licenses": _of_table(described, table),
    }


def _parquet(described: Package, table: Table, frame: pl.DataFrame, files: Mapping[str, bytes]) -> Json:
    path = parquet_path(table.name)
    # No `bytes`: frictionless compares it with nothing for a Parquet table and calls a right one wrong.
    return {
        "name": f"{table.name}-parquet",
        "type": "table",
        "title": f"{table.schema['title']} (Parquet)",
        "description": f"The rows of `{table.name}`, typed.",
        "path": path,
        "scheme": "file",
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "schema": f"schemas/tables/{table.name}.json",
        "hash": sha256(files[path]),
        "rows": frame.height,
        "licenses": _of_table(described, table),
    }


def _json(described: Package, record_id: str, files: Mapping[str, bytes]) -> Json:
    path = json_path(record_id)
    return {
        "name": f"record-{record_id.lower()}",
        "title": f"Record {record_id}, nested",
        "description": "One record and everything read from it; see metadata/record.schema.json.",
        "path": path,
        "scheme": "file",
        "format": "json",
        "mediatype": "application/json",
        "encoding": "utf-8",
        "bytes": len(files[path]),
        "hash": sha256(files[path]),
        "licenses": _licenses(described, ("data", "text")),
    }


def _export(described: Package, path: str, files: Mapping[str, bytes]) -> Json:
    record_id, extension = path.removeprefix(exports.FOLDER).rsplit(".", 1)
    form = "TMX 1.4" if extension == "tmx" else "Moses"
    return {
        "name": f"pairs-{record_id.lower()}-{extension}",
        "title": f"Pairs of record {record_id} ({form}, .{extension})",
        "description": "The sentence pairs of prose and the unit pairs of all else that have both sides.",
        "path": path,
        "scheme": "file",
        "format": extension,
        "mediatype": "application/xml" if extension == "tmx" else "text/plain",
        "encoding": "utf-8",
        "bytes": len(files[path]),
        "hash": sha256(files[path]),
        "licenses": _licenses(described, ("data",) if extension == "ids" else ("data", "text")),
    }


def _source(described: Package, record_id: str, files: Mapping[str, bytes]) -> Json:
    path = raw_path(record_id)
    return {
        "name": f"source-{record_id.lower()}",
        "title": f"Source of record {record_id}",
        "description": "The archive's export, byte for byte.",
        "path": path,
        "scheme": "file",
        "format": "txt",
        "mediatype": "text/plain",
        "encoding": "utf-8",
        "bytes": len(files[path]),
        "hash": sha256(files[path]),
        "licenses": _licenses(described, ("text",)),
    }


def json_bytes(value: Any) -> bytes:
    """JSON as this package writes it: UTF-8, two spaces, one line feed at the end."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


# --- generated pages ---------------------------------------------------------------------------------


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
        vocabularies=vocabularies,
    )


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
