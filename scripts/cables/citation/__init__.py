"""Package → the files by which others cite and find it, each in the form of its own field.

Everything here follows from package.toml, the tables and the files themselves; nothing is looked up and no
clock is read: `created` is the only date. No DOI stands anywhere while package.toml has none.

The rooms, each of which imports only those before it: common, cff, zenodo, inveniordm, datacite, references,
schemaorg, croissant, rocrate. Each says which standard it writes. What others use is named here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import polars as pl

from cables.citation import cff, croissant, datacite, inveniordm, references, rocrate, schemaorg, zenodo
from cables.citation.common import (
    BIBTEX,
    CFF,
    CROISSANT,
    CSL,
    DATACITE_JSON,
    DATACITE_XML,
    INVENIO,
    MADE,
    RELATIONS,
    RIS,
    RO_CRATE,
    ROLES,
    SCHEMA_ORG,
    ZENODO,
    Described,
    Provenance,
    cite_as,
    rights,
)
from cables.descriptor import Package, json_bytes
from cables.schemas import Table

__all__ = [
    "BIBTEX",
    "CFF",
    "CROISSANT",
    "CSL",
    "DATACITE_JSON",
    "DATACITE_XML",
    "INVENIO",
    "MADE",
    "RELATIONS",
    "RIS",
    "ROLES",
    "RO_CRATE",
    "SCHEMA_ORG",
    "ZENODO",
    "Described",
    "Provenance",
    "citation_files",
    "cite_as",
    "rights",
]


def unmoved(path: str) -> str:
    """Where a file stands in a package that has the folders of the build."""
    return path


def citation_files(
    package: Package,
    tables: Sequence[Table],
    frames: Mapping[str, pl.DataFrame],
    files: Mapping[str, bytes],
    record_ids: Sequence[str],
    provenance: Provenance,
    place: Callable[[str], str] = unmoved,
    apart: Collection[str] = (),
) -> dict[str, bytes]:
    """The citation and discovery files by built path.

    `files` are the files of the package by built path, older ones of these passed over; `place` says where
    each stands, which is elsewhere in a flat release. Of `provenance.inputs` those that are among `files`
    are pointed to, the others named with their hash. Of files `apart` the crate does not tell.
    """
    others = {path: data for path, data in files.items() if path not in MADE}
    given = Described(package, tables, frames, others, record_ids, provenance, place)
    about = datacite.datacite(given)
    made = {
        CFF: cff.yaml_bytes(cff.cff(given)),
        ZENODO: json_bytes(zenodo.zenodo(package)),
        DATACITE_JSON: json_bytes(about),
        DATACITE_XML: datacite.datacite_xml(about),
        CROISSANT: json_bytes(croissant.croissant(given)),
        SCHEMA_ORG: json_bytes(schemaorg.schema_org(given)),
        RIS: references.ris(package).encode(),
        BIBTEX: references.bibtex(package).encode(),
        CSL: json_bytes([references.csl(package)]),
        INVENIO: json_bytes(inveniordm.invenio(package)),
    }
    told = {path: data for path, data in {**others, **made}.items() if path not in apart}
    return {**made, RO_CRATE: json_bytes(rocrate.ro_crate(given, told))}
