"""The package in Croissant 1.0, of MLCommons: metadata/croissant.json, in JSON-LD 1.1."""

from __future__ import annotations

from cables.citation.common import (
    CROISSANT,
    Described,
    data_files,
    doi_address,
    known,
    one_or_all,
    sha256,
)
from cables.citation.references import bibtex
from cables.citation.schemaorg import schema_agent
from cables.holdings import media_type
from cables.schemas import Json, Table

# The context of Croissant 1.0, which its readers want to find in the file.
CONTEXT: Json = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
TYPES = {
    "string": "sc:Text",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "boolean": "sc:Boolean",
}
# Its readers know Parquet by this name only.
PARQUET = "application/x-parquet"


def croissant(given: Described) -> Json:
    """The package in Croissant 1.0: a file object per data file, a record set per table (from Parquet)."""
    package = given.package
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        **known(url=doi_address(package)),
        "name": package.title,
        "description": package.description,
        "version": package.version,
        "datePublished": package.created,
        "creator": [schema_agent(agent, "sc:") for agent in package.creators],
        "publisher": {"@type": "sc:Organization", "name": package.publisher},
        "license": [package.license(kind).path for kind in ("data", "text")],
        "keywords": list(package.keywords),
        "inLanguage": given.languages,
        "citeAs": bibtex(package).strip(),
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": name,
                "name": name,
                "contentUrl": given.beside(path, CROISSANT),
                "contentSize": f"{len(data)} B",
                "encodingFormat": PARQUET if path.endswith(".parquet") else media_type(path),
                "sha256": sha256(data),
            }
            for name, path, data in data_files(given)
        ],
        "recordSet": [_record_set(table) for table in given.tables],
    }


def _record_set(table: Table) -> Json:
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.schema["description"],
        "key": one_or_all([{"@id": f"{table.name}/{column}"} for column in table.primary_key]),
        "field": [_field(table, field) for field in table.schema["fields"]],
    }


def _field(table: Table, field: Json) -> Json:
    return {
        "@type": "cr:Field",
        "@id": f"{table.name}/{field['name']}",
        "name": field["name"],
        "description": field["description"],
        "dataType": TYPES[field["type"]],
        "source": {
            "fileObject": {"@id": f"{table.name}-parquet"},
            "extract": {"column": field["name"]},
        },
    }
