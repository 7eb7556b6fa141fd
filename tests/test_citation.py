"""The citation and discovery files: each right by the rules of its field, all saying the same."""

from __future__ import annotations

import hashlib
import html
import json
import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest
import yaml  # type: ignore[import-untyped]
from hypothesis import given as drawn
from hypothesis import strategies as st
from lxml import etree

from cables import citation, inputs
from cables.citation import Provenance, cff, datacite, inveniordm, references, rocrate
from cables.descriptor import Agent, Doi, Package, Work
from cables.inputs import Inputs, Places
from cables.model import InputErrors
from cables.package import Build
from cables.schemas import Json

STANDARDS = Path(__file__).parent / "standards"
REPOSITORY = Path(__file__).resolve().parent.parent
RESERVED = Doi("10.5072/zenodo.12", "10.5072/zenodo.11", "12", "sandbox")
PEOPLE = (
    Agent("Ada Example", "person", "creator", "Ada", "Example", orcid="0000-0002-1825-0097"),
    Agent("Example Archive & Sons", "organisation", "creator", ror="https://ror.org/012345678"),
)
DATACITE = {"d": datacite.SCHEMA}
# What a person may type into package.toml: no control characters, and not only blanks.
words = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" "), min_size=1).filter(
    lambda text: text.strip() == text and "  " not in text
)

Make = Callable[[Package], dict[str, bytes]]


@pytest.fixture(scope="module")
def make(given: Inputs, build: Build) -> Make:
    """The citation files of this package, were it described otherwise."""
    others = {**build.files, **given.carried}
    sources = {path: data for path, data in others.items() if path.startswith("data/raw/")}
    record_ids = [one.record.record_id for one in build.readings]

    def made(package: Package) -> dict[str, bytes]:
        provenance = replace(given.provenance, inputs={**sources, **given.provenance.inputs})
        return citation.citation_files(package, given.tables, build.frames, others, record_ids, provenance)

    return made


@pytest.fixture(scope="module", params=["no DOI", "a DOI", "people and a DOI"])
def package(request: pytest.FixtureRequest, given: Inputs) -> Package:
    """The package as it is described, once it has a DOI, and once people have signed."""
    described = replace(given.package, doi=Doi(None, None, None, None))
    if request.param == "no DOI":
        return described
    with_doi = replace(described, doi=RESERVED)
    return with_doi if request.param == "a DOI" else replace(with_doi, creators=PEOPLE)


@pytest.fixture(scope="module")
def files(make: Make, package: Package) -> dict[str, bytes]:
    """The citation files of that package."""
    return make(package)


# --- readers of each form, written apart from what writes it ------------------------------------------


@dataclass(frozen=True)
class Said:
    """What one file says of the package; None where its form has no place for it."""

    title: str
    version: str
    creators: tuple[str, ...]
    date: str
    doi: str | None
    data_license: str | None
    text_license: str | None


def _json(data: bytes) -> Any:
    return json.loads(data)


def _only(url: str | None) -> str | None:
    return url.removeprefix("https://doi.org/") if url else None


def _text_license(text: str) -> str | None:
    return found[0] if (found := re.findall(r"http://rightsstatements\.org[^\s>&]*", text)) else None


def read_cff(data: bytes) -> Said:
    found = yaml.safe_load(data)
    people = tuple(
        one.get("name") or f"{one['family-names']}, {one['given-names']}" for one in found["authors"]
    )
    return Said(
        found["title"],
        found["version"],
        people,
        found["date-released"],
        found.get("doi"),
        found["license"],
        _text_license(found["message"]),
    )


def read_zenodo(data: bytes) -> Said:
    found = _json(data)
    people = tuple(one["name"] for one in found["creators"])
    text = _text_license(html.unescape(found["notes"]))
    return Said(
        found["title"],
        found["version"],
        people,
        found["publication_date"],
        found.get("doi"),
        found["license"],
        text,
    )


def read_datacite(data: bytes) -> Said:
    found = _json(data)
    rights = {one.get("rightsIdentifier"): one["rightsUri"] for one in found["rightsList"]}
    dates = {one["dateType"]: one["date"] for one in found["dates"]}
    people = tuple(one["name"] for one in found["creators"])
    assert found["publicationYear"] == dates["Issued"][:4]
    return Said(
        found["titles"][0]["title"],
        found["version"],
        people,
        dates["Issued"],
        found.get("doi"),
        next(iter(rights)),
        rights.get(None),
    )


def read_datacite_xml(data: bytes) -> Said:
    root = etree.fromstring(data)

    def texts(path: str) -> tuple[str, ...]:
        return tuple(str(one.text) for one in root.findall(path, DATACITE))

    rights = root.findall("d:rightsList/d:rights", DATACITE)
    doi = texts("d:identifier")[0]
    return Said(
        texts("d:titles/d:title")[0],
        texts("d:version")[0],
        texts("d:creators/d:creator/d:creatorName"),
        texts("d:dates/d:date[@dateType='Issued']")[0],
        None if doi == "(:unas)" else doi,
        rights[0].get("rightsIdentifier"),
        next(one.get("rightsURI") for one in rights if one.get("rightsIdentifier") is None),
    )


def _schema_names(agents: Any) -> tuple[str, ...]:
    listed = agents if isinstance(agents, list) else [agents]
    return tuple(
        f"{one['familyName']}, {one['givenName']}" if "familyName" in one else one["name"] for one in listed
    )


def read_croissant(data: bytes) -> Said:
    found = _json(data)
    return Said(
        found["name"],
        found["version"],
        _schema_names(found["creator"]),
        found["datePublished"],
        _only(found.get("url")),
        *found["license"],
    )


def read_schema_org(data: bytes) -> Said:
    found = _json(data)
    return Said(
        found["name"],
        found["version"],
        _schema_names(found["creator"]),
        found["datePublished"],
        _only(found.get("identifier")),
        *(one["url"] for one in found["license"]),
    )


def read_ro_crate(data: bytes) -> Said:
    entities = {one["@id"]: one for one in _json(data)["@graph"]}
    root = entities["./"]
    creators = root["creator"] if isinstance(root["creator"], list) else [root["creator"]]
    doi = entities[root["identifier"]["@id"]]["url"] if "identifier" in root else None
    return Said(
        root["name"],
        root["version"],
        _schema_names([entities[one["@id"]] for one in creators]),
        root["datePublished"],
        _only(doi),
        *(one["@id"] for one in root["license"]),
    )


def read_invenio(data: bytes) -> Said:
    found = _json(data)["metadata"]
    people = tuple(
        one.get("name") or f"{one['family_name']}, {one['given_name']}"
        for one in (creator["person_or_org"] for creator in found["creators"])
    )
    notes = html.unescape(found["additional_descriptions"][0]["description"])
    doi = re.search(r"https://doi\.org/(\S+)", notes)
    text = next(one["link"] for one in found["rights"] if "link" in one)
    return Said(
        found["title"],
        found["version"],
        people,
        found["publication_date"],
        doi[1] if doi else None,
        found["rights"][0]["id"],
        text,
    )


def read_csl(data: bytes) -> Said:
    (found,) = _json(data)
    assert found["type"] == "dataset"
    people = tuple(one.get("literal") or f"{one['family']}, {one['given']}" for one in found["author"])
    year, month, day = found["issued"]["date-parts"][0]
    return Said(
        found["title"],
        found["version"],
        people,
        f"{year}-{month:02}-{day:02}",
        found.get("DOI"),
        *_in_words(found["note"]),
    )


def _in_words(rights: str) -> tuple[str | None, str | None]:
    return ("CC-BY-4.0" if "/by/4.0/" in rights else None), _text_license(rights)


def read_ris(data: bytes) -> Said:
    found: dict[str, list[str]] = {}
    for line in data.decode().splitlines():
        parts = re.fullmatch(r"([A-Z][A-Z0-9])  - (.*)", line)
        assert parts, line
        found.setdefault(parts[1], []).append(parts[2])
    assert found["TY"] == ["DATA"] and found["ER"] == [""]
    return Said(
        found["TI"][0],
        found["ET"][0],
        tuple(found["AU"]),
        found["DA"][0].replace("/", "-"),
        found.get("DO", [None])[0],
        *_in_words(found["N1"][0]),
    )


def bibtex_fields(text: str) -> dict[str, str]:
    """The fields of an entry as TeX prints them; braces have to pair."""
    assert text.startswith("@dataset{") and text.endswith("\n}\n")
    found = {}
    for name, value in re.findall(r"^  (\w+) = \{(.*)\},$", text, re.MULTILINE):
        bare = re.sub(r"\\text\w+\{\}|\\.", "", value)
        assert bare.count("{") == bare.count("}")
        found[name] = _printed(value)
    return found


def _printed(tex: str) -> str:
    named = {"textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^"}
    return re.sub(r"\\(text\w+)\{\}|\\(.)|[{}]", lambda hit: named[hit[1]] if hit[1] else hit[2] or "", tex)


def read_bibtex(data: bytes) -> Said:
    found = bibtex_fields(data.decode())
    return Said(
        found["title"],
        found["version"],
        tuple(found["author"].split(" and ")),
        found["date"],
        found.get("doi"),
        *_in_words(found["copyright"]),
    )


READERS: Mapping[str, Callable[[bytes], Said]] = {
    citation.CFF: read_cff,
    citation.ZENODO: read_zenodo,
    citation.DATACITE_JSON: read_datacite,
    citation.DATACITE_XML: read_datacite_xml,
    citation.CROISSANT: read_croissant,
    citation.SCHEMA_ORG: read_schema_org,
    citation.RO_CRATE: read_ro_crate,
    citation.INVENIO: read_invenio,
    citation.CSL: read_csl,
    citation.RIS: read_ris,
    citation.BIBTEX: read_bibtex,
}
# The data's licence by each name that a form gives it.
DATA_LICENSE = {"CC-BY-4.0", "cc-by-4.0", "https://creativecommons.org/licenses/by/4.0/"}


# --- one truth ---------------------------------------------------------------------------------------


def test_every_citation_file_is_made_and_has_a_reader_here(files: dict[str, bytes]) -> None:
    assert set(files) == set(READERS) == set(citation.MADE)


@pytest.mark.parametrize("path", sorted(READERS))
def test_every_file_says_what_package_toml_says(path: str, files: dict[str, bytes], package: Package) -> None:
    said = READERS[path](files[path])
    assert said.title == package.title
    assert said.version == package.version
    assert said.date == package.created
    assert said.doi == package.doi.version
    assert said.creators == tuple(
        f"{one.family_name}, {one.given_name}" if one.family_name else one.name for one in package.creators
    )
    assert said.data_license in DATA_LICENSE
    assert said.text_license == package.license("text").path


def test_the_descriptor_says_the_same(build: Build, given: Inputs) -> None:
    described = json.loads(build.files["datapackage.json"])
    assert described["title"] == given.package.title
    assert described["version"] == given.package.version
    assert described["created"][:10] == given.package.created
    assert described["licenses"][0]["path"] in DATA_LICENSE


def test_without_a_doi_none_stands_anywhere(make: Make, given: Inputs) -> None:
    for path, data in make(replace(given.package, doi=Doi(None, None, None, None))).items():
        assert not re.search(rb"doi\.org/|\b10\.\d{4,9}/", data), path


def test_with_a_doi_it_stands_in_every_file(make: Make, given: Inputs) -> None:
    for path, data in make(replace(given.package, doi=RESERVED)).items():
        assert b"10.5072/zenodo.12" in data, path


def test_the_same_package_gives_the_same_bytes(make: Make, package: Package) -> None:
    assert make(package) == make(package)


def test_the_build_writes_these_files(make: Make, build: Build, given: Inputs) -> None:
    made = make(given.package)
    assert {path: build.files[path] for path in made} == made


def test_created_is_the_only_date_of_our_own(make: Make, given: Inputs) -> None:
    moved = make(replace(given.package, created="2031-02-03"))
    assert not any(given.package.created.encode() in data for data in moved.values())


def test_no_creator_is_named_that_package_toml_does_not_name(files: dict[str, bytes]) -> None:
    crate = _json(files[citation.RO_CRATE])["@graph"]
    action = next(one for one in crate if one["@type"] == "CreateAction")
    assert not {"agent", "startTime", "endTime"} & set(action)


def test_every_role_and_relation_of_package_toml_has_a_word_in_each_form() -> None:
    schema = json.loads((REPOSITORY / "schemas/package.schema.json").read_text("utf-8"))["$defs"]
    assert set(citation.ROLES) == set(schema["agent"]["properties"]["role"]["enum"])
    assert set(citation.RELATIONS) == set(schema["work"]["properties"]["relation"]["enum"])


def test_the_translator_is_named_as_translator_wherever_a_form_has_the_role(files: dict[str, bytes]) -> None:
    reference = yaml.safe_load(files[citation.CFF])["references"][0]
    assert reference["translators"] == [{"family-names": "Goldberg", "given-names": "Gary"}]
    roles = {
        one["name"]: one["contributorType"] for one in _json(files[citation.DATACITE_JSON])["contributors"]
    }
    assert roles["Goldberg, Gary"] == "Translator"
    contributors = _json(files[citation.INVENIO])["metadata"]["contributors"]
    assert contributors[0]["role"] == {"id": "translator"}
    assert _json(files[citation.SCHEMA_ORG])["isBasedOn"][0]["translator"]["name"] == "Gary Goldberg"
    assert "translator: Gary Goldberg" in _json(files[citation.ZENODO])["notes"]


def test_each_source_is_credited_to_its_own_translator_and_to_those_of_all(make: Make, given: Inputs) -> None:
    own, *others = given.package.contributors
    assert (own.role, own.record_id) == ("translator", "119402")
    second = Agent("Ada Example", "person", "translator", "Ada", "Example", record_id="two")
    third = Agent("Example Bureau", "organisation", "translator")
    source = Work("Another cable", "https://a.invalid/two", "is_derived_from", "two")
    made = make(
        replace(
            given.package,
            contributors=(own, second, third, *others),
            sources=(*given.package.sources, source),
        )
    )
    expected = [["Gary Goldberg", "Example Bureau"], ["Ada Example", "Example Bureau"]]
    cited = yaml.safe_load(made[citation.CFF])["references"]
    assert [list(map(_full_name, one["translators"])) for one in cited] == expected
    works = _json(made[citation.SCHEMA_ORG])["isBasedOn"]
    assert [[one["name"] for one in work["translator"]] for work in works] == expected
    crate = _crate(made)
    works = [crate[one["@id"]] for one in crate["./"]["isBasedOn"]]
    assert [[crate[one["@id"]]["name"] for one in work["translator"]] for work in works] == expected


def _full_name(person: Json) -> str:
    return str(person.get("name") or f"{person['given-names']} {person['family-names']}")


def test_the_source_is_what_the_package_derives_from(files: dict[str, bytes], package: Package) -> None:
    address = package.sources[0].path
    zenodo = _json(files[citation.ZENODO])["related_identifiers"]
    assert {"identifier": address, "relation": "isDerivedFrom"} in zenodo
    related = _json(files[citation.INVENIO])["metadata"]["related_identifiers"]
    assert related[0]["identifier"] == address and related[0]["relation_type"] == {"id": "isderivedfrom"}
    relations = _json(files[citation.DATACITE_JSON])["relatedIdentifiers"]
    assert (relations[0]["relatedIdentifier"], relations[0]["relationType"]) == (address, "IsDerivedFrom")


def test_the_code_licence_stands_where_a_form_has_room_for_it(files: dict[str, bytes]) -> None:
    assert {"id": "mit"} in _json(files[citation.INVENIO])["metadata"]["rights"]
    assert "MIT" in [
        one.get("rightsIdentifier") for one in _json(files[citation.DATACITE_JSON])["rightsList"]
    ]
    for path in (citation.CFF, citation.ZENODO, citation.RIS, citation.BIBTEX, citation.CSL):
        assert "https://opensource.org/license/mit" in html.unescape(files[path].decode()), path


# --- each by its own rules ---------------------------------------------------------------------------


def _held_to(schema: str, value: Any) -> None:
    rules = json.loads((STANDARDS / schema).read_text("utf-8"))
    validator = jsonschema.validators.validator_for(rules)
    assert [error.message for error in validator(rules).iter_errors(value)] == []


def test_the_cff_file_keeps_to_the_schema_of_its_format(files: dict[str, bytes]) -> None:
    _held_to("cff-1.2.0.schema.json", yaml.safe_load(files[citation.CFF]))


def test_the_cable_is_a_reference_and_not_what_is_to_be_cited(files: dict[str, bytes]) -> None:
    found = yaml.safe_load(files[citation.CFF])
    assert found["type"] == "dataset" and "preferred-citation" not in found
    (reference,) = found["references"]
    assert reference["type"] == "historical-work"
    assert (reference["year"], reference["month"]) == (1950, 9)
    assert reference["authors"] == [{"family-names": "Shtykov"}]


def test_a_reference_without_senders_or_record_has_an_anonymous_author(given: Inputs, build: Build) -> None:
    source = replace(given.package.sources[0], record_id=None)
    described = citation.Described(
        replace(given.package, sources=(source,)),
        given.tables,
        build.frames,
        build.files,
        (),
        given.provenance,
        citation.unmoved,
    )
    (reference,) = cff.cff(described)["references"]
    assert reference["authors"] == [{"name": "anonymous"}]
    assert "year" not in reference


def test_a_sender_is_a_person_in_the_reference_only_if_somebody_said_so(
    given: Inputs, build: Build, bare_build: Build
) -> None:
    organised = build.frames["entities"].with_columns(kind=pl.lit("organisation"))
    for frames, name in (
        (build.frames, {"family-names": "Shtykov"}),
        ({**build.frames, "entities": organised}, {"name": "Shtykov"}),
        (bare_build.frames, {"name": "SHTYKOV"}),
    ):
        described = citation.Described(
            given.package, given.tables, frames, build.files, (), given.provenance, citation.unmoved
        )
        assert cff.cff(described)["references"][0]["authors"] == [name]


def test_the_zenodo_file_uses_only_words_that_zenodo_documents(files: dict[str, bytes]) -> None:
    _held_to("zenodo.schema.json", _json(files[citation.ZENODO]))


def test_the_draft_uses_only_fields_and_ids_that_inveniordm_documents(files: dict[str, bytes]) -> None:
    _held_to("inveniordm.schema.json", _json(files[citation.INVENIO]))


def test_the_draft_holds_nothing_but_what_makes_a_record(files: dict[str, bytes]) -> None:
    body = _json(files[citation.INVENIO])
    assert set(body) == {"access", "files", "metadata"}


def test_the_datacite_xml_keeps_to_the_part_of_the_schema_that_it_uses(files: dict[str, bytes]) -> None:
    rules = etree.RelaxNG(etree.parse(str(STANDARDS / "datacite-4.6.rng")))
    assert rules.validate(etree.fromstring(files[citation.DATACITE_XML])), rules.error_log


def test_the_xml_of_datacite_leaves_out_nothing_of_the_json(files: dict[str, bytes]) -> None:
    about = _json(files[citation.DATACITE_JSON])
    root = etree.fromstring(files[citation.DATACITE_XML])
    values = {str(text) for text in root.itertext() if str(text).strip()}
    values |= {str(value) for one in root.iter() for value in one.attrib.values()}
    assert {value for value in _leaves(about) if value != datacite.SCHEMA} <= values


def _leaves(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {leaf for inner in value.values() for leaf in _leaves(inner)}
    if isinstance(value, list):
        return {leaf for inner in value for leaf in _leaves(inner)}
    return {str(value)}


def test_croissant_leads_to_every_table_and_column_with_the_right_hash(
    files: dict[str, bytes], build: Build, given: Inputs
) -> None:
    found = _json(files[citation.CROISSANT])
    objects = {one["@id"]: one for one in found["distribution"]}
    for one in objects.values():
        path = posixpath.normpath(posixpath.join("metadata", one["contentUrl"]))
        assert one["sha256"] == hashlib.sha256(build.files[path]).hexdigest()
    assert [one["@id"] for one in found["recordSet"]] == [table.name for table in given.tables]
    for table, record_set in zip(given.tables, found["recordSet"], strict=True):
        columns = [field["source"]["extract"]["column"] for field in record_set["field"]]
        assert tuple(columns) == table.columns
        assert {field["source"]["fileObject"]["@id"] for field in record_set["field"]} <= set(objects)
    identifiers = [field["@id"] for one in found["recordSet"] for field in one["field"]]
    assert len(set(identifiers)) == len(identifiers)


def test_every_download_of_the_schema_org_page_is_there_with_its_hash(
    files: dict[str, bytes], build: Build
) -> None:
    for one in _json(files[citation.SCHEMA_ORG])["distribution"]:
        path = posixpath.normpath(posixpath.join("metadata", one["contentUrl"]))
        assert one["sha256"] == hashlib.sha256(build.files[path]).hexdigest()
        assert one["contentSize"] == f"{len(build.files[path])} B"


def _crate(files: dict[str, bytes]) -> dict[str, Json]:
    graph = _json(files[citation.RO_CRATE])["@graph"]
    assert len({one["@id"] for one in graph}) == len(graph)
    return {one["@id"]: one for one in graph}


def test_the_crate_points_to_nothing_that_it_does_not_describe(files: dict[str, bytes]) -> None:
    crate = _crate(files)
    pointed = {one for entity in crate.values() for one in _pointers(entity)}
    assert {one for one in pointed if one not in crate} == {rocrate.VERSION}


def _pointers(entity: Json) -> set[str]:
    listed = [one for value in entity.values() for one in (value if isinstance(value, list) else [value])]
    return {one["@id"] for one in listed if isinstance(one, dict)}


def test_the_crate_lists_every_file_with_its_hash(
    files: dict[str, bytes], build: Build, given: Inputs
) -> None:
    crate = _crate(files)
    parts = {one["@id"] for one in crate["./"]["hasPart"]}
    everything = {**build.files, **given.carried, **files}
    assert parts == set(everything) - {citation.RO_CRATE}
    for path in parts:
        assert crate[path]["sha256"] == hashlib.sha256(everything[path]).hexdigest(), path
        assert crate[path]["contentSize"] == str(len(everything[path]))


def test_the_crate_says_with_what_and_from_what_the_package_was_made(
    files: dict[str, bytes], given: Inputs, build: Build
) -> None:
    crate = _crate(files)
    action = crate["#build"]
    tool, lock = (crate[one["@id"]] for one in action["instrument"])
    assert (tool["name"], tool["version"]) == (given.provenance.tool, given.provenance.version)
    locked = (REPOSITORY / "requirements.lock").read_bytes()
    assert lock["sha256"] == hashlib.sha256(locked).hexdigest()
    used = {one["@id"] for one in action["object"]}
    sources = {path for path in build.files if path.startswith("data/raw/")}
    assert used == sources | set(given.carried)
    results = {one["@id"] for one in action["result"]}
    assert not results & used
    assert {"datapackage.json", "data/csv/documents.csv", citation.CROISSANT} <= results


def test_without_the_lock_or_name_or_version_of_the_tool_nothing_is_built(tmp_path: Path) -> None:
    bare = tmp_path / "bare.toml"
    bare.write_text("[tool]\n", "utf-8")
    for places, said in (
        (Places(lock=tmp_path / "none.lock"), r"none\.lock"),
        (Places(project=bare), r"bare\.toml:1: no \[project\]"),
        (Places(tool=bare), r"bare\.toml:1: no version"),
    ):
        with pytest.raises(InputErrors, match=said):
            inputs.read(places)


def test_an_input_that_the_package_does_not_hold_is_named_with_its_hash(given: Inputs, build: Build) -> None:
    provenance = Provenance("tool", "1", "lock", b"exact", {"elsewhere.csv": b"a\n"})
    made = citation.citation_files(given.package, given.tables, build.frames, {}, (), provenance)
    crate = _crate(made)
    assert crate["#elsewhere.csv"]["sha256"] == hashlib.sha256(b"a\n").hexdigest()
    assert "elsewhere.csv" not in crate


def test_a_flat_release_is_described_where_its_files_stand(given: Inputs, build: Build) -> None:
    made = citation.citation_files(
        given.package,
        given.tables,
        build.frames,
        build.files,
        [one.record.record_id for one in build.readings],
        given.provenance,
        place=posixpath.basename,
    )
    addresses = [one["contentUrl"] for one in _json(made[citation.CROISSANT])["distribution"]]
    addresses += [one["contentUrl"] for one in _json(made[citation.SCHEMA_ORG])["distribution"]]
    addresses += [one["@id"] for one in _crate(made)["./"]["hasPart"]]
    assert "documents.csv" in addresses
    assert [one for one in addresses if "/" in one] == []


# --- what people may write ---------------------------------------------------------------------------

# The keys are the format's own; only the values are anyone's.
keys = st.sampled_from(["title", "year", "given-names", "cff-version", "authors", "date-released"])
trees = st.recursive(
    st.text(st.characters(exclude_categories=["Cs"])) | st.integers(),
    lambda inner: st.lists(inner, min_size=1) | st.dictionaries(keys, inner, min_size=1),
    max_leaves=12,
)


@drawn(st.dictionaries(keys, trees, min_size=1))
def test_what_is_written_as_yaml_is_read_as_it_was(tree: dict[str, Any]) -> None:
    assert yaml.safe_load(cff.yaml_bytes(tree)) == tree


@drawn(words)
def test_a_title_with_any_signs_is_read_back_from_every_reference_format(given: Inputs, title: str) -> None:
    package = replace(given.package, title=title)
    assert bibtex_fields(references.bibtex(package))["title"] == title
    assert read_ris(references.ris(package).encode()).title == title
    assert references.csl(package)["title"] == title


@drawn(words)
def test_a_description_with_any_signs_is_text_and_never_markup(given: Inputs, description: str) -> None:
    package = replace(given.package, description=description)
    written = inveniordm.invenio(package)["metadata"]["description"]
    assert re.sub(r"^<p>|</p>$", "", written).count("<") == 0
    assert html.unescape(written) == f"<p>{description}</p>"


def test_an_optional_value_that_is_missing_leaves_no_empty_field(make: Make, given: Inputs) -> None:
    bare = replace(given.package, contributors=(), related=())
    for path, data in make(bare).items():
        assert b'""' not in data, path
        assert b": null" not in data, path
    # The repository drops an empty list, and what it holds would not be what was sent.
    bare = replace(bare, keywords=(), languages=())
    assert "[]" not in json.dumps(inveniordm.invenio(bare))
