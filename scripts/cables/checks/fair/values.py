"""The values that the files of a release give, read as the form of each asks.

Whatever cannot be read is null, so that everything that should stand in it is missed where it is looked for.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import yaml  # type: ignore[import-untyped]

from cables.checks.fair.files_of_release import BIBTEX, BODY, CFF, CRATE, DESCRIPTOR, PACKAGE, RIS
from cables.checks.loaded import Package, Unreadable
from cables.schemas import Json

# How BibTeX writes the signs that it has for itself.
TEX = {r"\textbackslash{}": "\\", r"\textasciitilde{}": "~", r"\textasciicircum{}": "^"}
TEX_SIGN = re.compile(r"\\text[a-z]+\{\}|\\[&%$#_{}]")


def parsed(data: bytes) -> Any:
    """A JSON value; null where it is none, or has a name twice."""
    try:
        return json.loads(data, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None


def _once(pairs: list[tuple[str, Any]]) -> Json:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a name twice")
    return value


def data_of(package: Package, name: str) -> bytes:
    """A file's bytes. Raises Unreadable where there is none."""
    if name not in package.files:
        raise Unreadable(f"{name} is missing or cannot be read")
    return package.files[name]


def text_of(package: Package, name: str) -> str:
    """A file's text; what is no UTF-8 in it is replaced. Raises Unreadable where there is no file."""
    return data_of(package, name).decode("utf-8", "replace")


def sha256(data: bytes) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def json_of(package: Package, name: str) -> Any:
    """A file's JSON value. Raises Unreadable where there is no file."""
    return parsed(data_of(package, name))


class _Yaml(yaml.SafeLoader):  # type: ignore[misc]
    """YAML as Citation File Format reads it: a day is text, and no name stands twice."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        sign: [(tag, form) for tag, form in known if tag != "tag:yaml.org,2002:timestamp"]
        for sign, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        """A mapping. Raises YAMLError for a name that stands twice."""
        value: dict[Hashable, Any] = super().construct_mapping(node, deep)
        if len(value) < len(node.value):
            raise yaml.YAMLError("a name twice")
        return value


def cff_of(package: Package) -> Any:
    """The value of CITATION.cff. Raises Unreadable where there is no file."""
    try:
        return yaml.load(data_of(package, CFF), _Yaml)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def toml_of(package: Package) -> Any:
    """The value of package.toml. Raises Unreadable where there is no file."""
    return parsed_toml(data_of(package, PACKAGE))


def parsed_toml(data: bytes) -> Any:
    """A TOML value; null where it is none."""
    try:
        return tomllib.loads(data.decode("utf-8", "replace"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def described(package: Package) -> Json:
    """The descriptor. Raises Unreadable where there is none."""
    if package.descriptor is None:
        raise Unreadable(f"{DESCRIPTOR} is missing or no JSON object")
    return package.descriptor


def resources_of(package: Package) -> list[Any]:
    """The resources of the descriptor, whatever they are."""
    return each(described(package), "resources")


def dig(value: Any, *path: str | int) -> Any:
    """What a path leads to in a JSON value; null where it leads nowhere."""
    for key in path:
        match value, key:
            case dict(), _:
                value = value.get(key)
            case list(), int() if key < len(value):
                value = value[key]
            case _:
                return None
    return value


def each(value: Any, *path: str | int) -> list[Any]:
    """The items of a list that a path leads to; one value that is no list counts as a list of it."""
    found = dig(value, *path)
    return found if isinstance(found, list) else [] if found is None else [found]


def said(value: Any, *path: str | int) -> str:
    """The text that a path leads to; empty where it leads to none."""
    found = dig(value, *path)
    return found if isinstance(found, str) else ""


def all_said(values: Iterable[Any], *path: str | int) -> list[str]:
    """The text that a path leads to in every value."""
    return [said(one, *path) for one in values]


def only(values: Sequence[Any]) -> Any:
    """The one value; null where there is none, and all of them where there are more."""
    return values[0] if len(values) == 1 else list(values) or None


def ris(package: Package, tag: str) -> list[str]:
    """The values of a tag of RIS."""
    return re.findall(rf"^{tag}  - (.*)$", text_of(package, RIS), re.MULTILINE)


def bibtex(package: Package, field: str) -> Any:
    """A field of BibTeX, its signs as they are read."""
    found = _bibtex_fields(package, field)
    return only([untex(one) for one in found])


def bibtex_authors(package: Package) -> list[str]:
    """The authors of the entry of BibTeX; `and` within braces is part of a name."""
    authors = []
    for field in _bibtex_fields(package, "author"):
        depth, name = 0, ""
        for sign in re.split(r"(\\.|[{}]| and )", field):
            depth += {"{": 1, "}": -1}.get(sign, 0)
            if sign == " and " and depth == 0:
                authors.append(name)
                name = ""
            elif sign not in ("{", "}"):
                name += sign
        authors.append(name)
    return [untex(one) for one in authors]


def _bibtex_fields(package: Package, field: str) -> list[str]:
    return re.findall(rf"^\s*{field} = \{{(.*)\}},?$", text_of(package, BIBTEX), re.MULTILINE)


def untex(text: str) -> str:
    """Text as BibTeX means it."""
    return TEX_SIGN.sub(lambda match: TEX.get(match[0], match[0][-1]), text)


def graph_of(package: Package) -> list[Any]:
    """Everything that the crate speaks of."""
    return each(json_of(package, CRATE), "@graph")


def root_of(package: Package) -> Any:
    """The root of the crate."""
    return next((one for one in graph_of(package) if dig(one, "@id") == "./"), None)


def entities(package: Package) -> dict[str, Json]:
    """The entities of the crate by id."""
    return {one["@id"]: one for one in graph_of(package) if said(one, "@id")}


def in_crate(package: Package, references: Iterable[Any]) -> list[Json]:
    """The entities of the crate that some references lead to."""
    own = entities(package)
    return [own[where] for where in all_said(references, "@id") if where in own]


def body_of(package: Package) -> Any:
    """The body of a deposit, which a release that was downloaded has no more."""
    return parsed(package.files.get(BODY, b""))


def there(package: Package, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values but that of the body, where there is no body."""
    return {file: value for file, value in values.items() if file != BODY or BODY in package.files}


def record_ids(package: Package) -> list[str]:
    """The records of the release; none where their table cannot be read."""
    rows = package.sheets["records"].rows if "records" in package.sheets else []
    return [row["record_id"] for row in rows if row["record_id"]]


def numbered(data: bytes) -> Iterator[tuple[int, str]]:
    """The lines of a text with their numbers."""
    yield from enumerate(data.decode("utf-8", "replace").splitlines(), start=1)
