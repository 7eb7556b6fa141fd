"""The package as an entry of a list of references: metadata/citation.csl.json, .ris and .bib.

- CSL-JSON, the input data of Citation Style Language 1.0.2;
- RIS, the tagged format of Reference Manager, which has no version;
- BibLaTeX, whose entry type `dataset` came with 3.13; plain BibTeX takes it as `misc`.
"""

from __future__ import annotations

from cables.citation.common import doi_address, inverted, known, rights
from cables.descriptor import Agent, Package
from cables.schemas import Json


def csl(package: Package) -> Json:
    """The package as an item of CSL-JSON."""
    year, month, day = (int(part) for part in package.created.split("-"))
    return {
        "id": package.name,
        "type": "dataset",
        "title": package.title,
        "author": [_csl_agent(agent) for agent in package.creators],
        "issued": {"date-parts": [[year, month, day]]},
        "version": package.version,
        "publisher": package.publisher,
        "abstract": package.description,
        "keyword": ", ".join(package.keywords),
        "note": rights(package),
        **known(DOI=package.doi.version, URL=doi_address(package)),
    }


def _csl_agent(agent: Agent) -> Json:
    if agent.kind == "person" and agent.family_name and agent.given_name:
        return {"family": agent.family_name, "given": agent.given_name}
    return {"literal": agent.name}


def ris(package: Package) -> str:
    """The package in RIS. Its lines end as all lines of the package do, which every reader takes."""
    fields = [
        ("TY", "DATA"),
        ("ID", package.name),
        ("TI", package.title),
        *(("AU", inverted(agent)) for agent in package.creators),
        ("PY", package.created[:4]),
        ("DA", package.created.replace("-", "/")),
        ("ET", package.version),
        ("PB", package.publisher),
        ("AB", package.description),
        *(("KW", keyword) for keyword in package.keywords),
        ("N1", rights(package)),
        ("DO", package.doi.version),
        ("UR", doi_address(package)),
    ]
    lines = [f"{tag}  - {' '.join(value.split())}" for tag, value in fields if value]
    return "\n".join([*lines, "ER  - "]) + "\n"


_TEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}


def _tex(text: str) -> str:
    return "".join(_TEX.get(sign, sign) for sign in " ".join(text.split()))


def bibtex(package: Package) -> str:
    """The package as an entry of BibLaTeX; `year` is for readers of plain BibTeX."""
    fields = {
        "author": " and ".join(_bibtex_agent(agent) for agent in package.creators),
        "title": _tex(package.title),
        "date": package.created,
        "year": package.created[:4],
        "version": _tex(package.version),
        "publisher": _tex(package.publisher),
        "abstract": _tex(package.description),
        "keywords": _tex(", ".join(package.keywords)),
        "copyright": _tex(rights(package)),
        # These two are read letter by letter.
        "doi": package.doi.version,
        "url": doi_address(package),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@dataset{{{package.name},", *lines, "}"]) + "\n"


def _bibtex_agent(agent: Agent) -> str:
    """A person's name to be sorted by its parts; any other name in braces, as one."""
    name = inverted(agent)
    return _tex(name) if name != agent.name else f"{{{_tex(name)}}}"
