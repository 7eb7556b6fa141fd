"""Rules of licences and rights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cables import files, inputs
from cables.checks.fair.files_of_release import (
    BIBTEX,
    BODY,
    CFF,
    CRATE,
    CROISSANT,
    CSL,
    DATA_ENDINGS,
    DATACITE,
    DATACITE_XML,
    DESCRIPTOR,
    LICENCES,
    LOCK,
    PACKAGE,
    RIGHTS,
    RIS,
    SCHEMA_ORG,
    VERIFIER,
)
from cables.checks.fair.rules import missing, other_line, rule, same
from cables.checks.fair.values import (
    all_said,
    body_of,
    cff_of,
    described,
    dig,
    each,
    entities,
    json_of,
    record_ids,
    resources_of,
    root_of,
    said,
    text_of,
    there,
    toml_of,
    untex,
)
from cables.checks.fair.versions import is_of_this_version
from cables.checks.loaded import Finding, Package, Unreadable, shown
from cables.schemas import Json

# Shorter than the text of any licence.
SHORTEST_TEXT = 500
# Of the files of a release, what belongs to the code.
OF_CODE = (VERIFIER, LOCK, LICENCES["code"])
# Which texts of a record's pairs belong together, and no text.
WITHOUT_TEXT = ".ids"


def _licences(package: Package) -> list[Json]:
    """The licence of the data and the statement on the text, as the descriptor has them."""
    found = [one for one in each(described(package), "licenses") if said(one, "path")]
    if len(found) < 2:
        raise Unreadable(f"{DESCRIPTOR} has not two licences with addresses")
    return found


@rule("licence")
def licence(package: Package) -> Iterator[Finding]:
    whole = described(package)
    licences = each(whole, "licenses")
    if len(licences) < 2 or not said(licences, 0, "name"):
        expected = "that of the data, that of the text"
        yield missing(DESCRIPTOR, "one licence, or one without an SPDX name", expected)
    for one in (whole, *resources_of(package)):
        own = each(one, "licenses")
        name = said(one, "name")
        if not own or not all(said(each_, "path").startswith(("http://", "https://")) for each_ in own):
            yield missing(DESCRIPTOR, f"{name} without a licence, or one without a path", "an address")
        for other in own:
            if other not in licences:
                yield missing(DESCRIPTOR, f"{name} under {shown(other)}", "a licence of the whole")


@rule("licence-same")
def licence_same(package: Package) -> Iterator[Finding]:
    own = _licences(package)[0]
    name, path = said(own, "name"), said(own, "path")
    datacite = each(json_of(package, DATACITE), "rightsList")
    names = {
        PACKAGE: dig(_authored(package, "data"), "name"),
        CFF: dig(cff_of(package), "license"),
        DATACITE: dig(datacite, 0, "rightsIdentifier"),
    }
    paths = {
        PACKAGE: dig(_authored(package, "data"), "path"),
        DATACITE: dig(datacite, 0, "rightsUri"),
        CROISSANT: dig(each(json_of(package, CROISSANT), "license"), 0),
        SCHEMA_ORG: dig(each(json_of(package, SCHEMA_ORG), "license"), 0, "url"),
        CRATE: dig(each(root_of(package), "license"), 0, "@id"),
    }
    yield from same(names, name, "licence")
    yield from same(paths, path, "licence")
    # Repositories know licences by their SPDX identifiers in small letters.
    body = {BODY: dig(body_of(package), "metadata", "rights", 0, "id")}
    yield from same(there(package, body), name.lower(), "licence")
    for file in (CFF, CSL, RIS, BIBTEX):
        if path not in untex(text_of(package, file)):
            yield missing(file, "no address of the licence", path)


def _authored(package: Package, kind: str) -> Any:
    """The licence of one kind of content, as package.toml has it."""
    licences = each(toml_of(package), "licenses")
    return next((one for one in licences if dig(one, "covers") == kind), None)


@rule("licence-by-file")
def licence_by_file(package: Package) -> Iterator[Finding]:
    own = entities(package)
    whole = _paths_in_crate(root_of(package))
    for one in resources_of(package):
        name = said(one, "path")
        entity = own.get(name)
        stated = sorted(all_said(each(one, "licenses"), "path"))
        yield from same({CRATE: _paths_in_crate(entity) or whole}, stated, f"licences of {name}")
        kind = {CRATE: dig(entity, "encodingFormat")}
        yield from same(kind, dig(one, "mediatype"), f"encodingFormat of {name}")
    code = [said(_authored(package, "code"), "path")]
    for name in OF_CODE:
        yield from same({CRATE: _paths_in_crate(own.get(name))}, code, f"licences of {name}")


def _paths_in_crate(entity: Any) -> list[str]:
    return sorted(all_said(each(entity, "license"), "@id"))


@rule("licence-texts")
def licence_texts(package: Package) -> Iterator[Finding]:
    for kind, file in LICENCES.items():
        title = said(_authored(package, kind), "title")
        text = " ".join(package.files.get(file, b"").decode("utf-8", "replace").split())
        if not title or title.lower() not in text.lower() or len(text) < SHORTEST_TEXT:
            yield missing(file, f"{len(text)} characters without {shown(title)}", "the text of that licence")
        own = files.read_bytes(inputs.REPOSITORY / file)
        if file in package.files and package.files[file] != own and is_of_this_version(package):
            yield other_line(file, package.files[file], own, "as this repository has it")
    account = package.files.get(RIGHTS, b"").decode("utf-8", "replace")
    for words in (*LICENCES.values(), said(_licences(package), 1, "path")):
        if f"({words})" not in account:
            yield missing(RIGHTS, f"no link to {words}", "an account of all rights")


@rule("text-rights")
def text_rights(package: Package) -> Iterator[Finding]:
    path = said(_licences(package), 1, "path")
    citing = [CFF, DATACITE, DATACITE_XML, CROISSANT, SCHEMA_ORG, CRATE, CSL, RIS, BIBTEX, BODY, PACKAGE]
    for name in citing:
        if (name != BODY or BODY in package.files) and path not in untex(text_of(package, name)):
            yield missing(name, "no rights statement of the quoted text", shown(path))
    for one in resources_of(package):
        stated = all_said(each(one, "licenses"), "path")
        if _quotes(package, said(one, "path")) and path not in stated:
            yield missing(DESCRIPTOR, f"{said(one, 'name')} quotes without the statement", shown(path))


def _quotes(package: Package, name: str) -> bool:
    """Whether a file quotes the archive's text: a table that does, or a file of a record."""
    stem, ending = name.rpartition(".")[0], name[name.rfind(".") :]
    if ending in DATA_ENDINGS:
        own = package.repository.by_name.get(stem)
        return own is not None and own.quotes
    return stem in record_ids(package) and ending != WITHOUT_TEXT
