"""The rules of the house that the code itself must keep."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from cables.files import BUILT_PATHS, DESCRIPTOR
from cables.inputs import Inputs

REPOSITORY = Path(__file__).resolve().parent.parent
SCRIPTS = REPOSITORY / "scripts"
LIBRARY = SCRIPTS / "cables"

# Each imports only those before it.
ORDER = [
    "model",
    "ids",
    "changelog",
    "folding",
    "vocabulary",
    "lines",
    "record",
    "zones",
    "dates",
    "paragraphs",
    "sentences",
    "facts",
    "names",
    "pairs",
    "doubts",
    "curation",
    "reading",
    "schemas",
    "tables",
    "quality",
    "exports",
    "holdings",
    "descriptor",
    "pages",
    "citation",
    "fair",
    "flat",
    "protocol",
    "files",
    "history",
    "verbs",
    "inputs",
    "package",
    "diff",
    "checks",
    "release",
    "deposit",
]
PURE = ORDER[: ORDER.index("doubts") + 1]
MODULES = sorted(LIBRARY.rglob("*.py"))
PROGRAMS = [*MODULES, *sorted(SCRIPTS.glob("*.py"))]
# What opens, lists, writes, moves or removes files.
TOUCHES_FILES = frozenset(
    [
        "open",
        "write_text",
        "write_bytes",
        "mkdir",
        "unlink",
        "rename",
        "rmdir",
        "touch",
        "remove",
        "rmtree",
        "iterdir",
        "glob",
        "rglob",
        "listdir",
        "copyfile",
        "copytree",
        "copy2",
        "scan_csv",
        "read_csv",
        "read_parquet",
        "scan_parquet",
    ]
)


def name_of(path: Path) -> str:
    """The module's place in the order: `lines`, or the folder of `checks/…`."""
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


def tree(path: Path) -> ast.Module:
    """The module as it is parsed."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[str]:
    """The full names of the modules that a module imports."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            assert node.module
            own = node.module == "cables"
            yield from (f"cables.{alias.name}" for alias in node.names) if own else (node.module,)


def dotted(path: Path) -> str:
    """The full name of a module, as others import it."""
    return ".".join(path.relative_to(SCRIPTS).with_suffix("").parts)


def within(path: Path) -> str:
    """The path as a test's id."""
    return path.relative_to(SCRIPTS).as_posix()


def test_every_module_has_its_place_in_the_order() -> None:
    assert {name_of(path) for path in MODULES} - {"__init__"} <= set(ORDER)


@pytest.mark.parametrize("path", MODULES, ids=within)
def test_a_module_imports_only_those_above_it(path: Path) -> None:
    own = name_of(path)
    for module in imported(path):
        if module.startswith("cables."):
            other = module.split(".")[1]
            inside = other == own and path.parent != LIBRARY
            assert inside or ORDER.index(other) < ORDER.index(own), f"{own} imports {module}"


@pytest.mark.parametrize("room", sorted({name_of(path) for path in MODULES if path.parent != LIBRARY}))
def test_within_a_room_imports_go_one_way(room: str) -> None:
    own = [path for path in MODULES if name_of(path) == room]
    graph = {dotted(path): set(imported(path)) for path in own}
    assert list(TopologicalSorter(graph).static_order()), "a CycleError names the circle"


@pytest.mark.parametrize("path", [path for path in MODULES if name_of(path) in PURE], ids=within)
def test_the_stages_know_neither_frames_nor_paths(path: Path) -> None:
    roots = {module.split(".")[0] for module in imported(path)}
    assert not roots & {"polars", "pathlib", "os", "io", "shutil", "tempfile", "csv", "json"}


def called(path: Path) -> Iterator[tuple[int, str]]:
    """Line and name of everything that a module calls."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.lineno, node.func.attr
            elif isinstance(node.func, ast.Name):
                yield node.lineno, node.func.id


# What proves, compares or deposits a finished package, or asks git for it, reads with tools of its own.
BUILDERS = [
    path
    for path in MODULES
    if name_of(path) not in ("files", "history", "checks", "release", "diff", "deposit")
]


@pytest.mark.parametrize("path", BUILDERS, ids=within)
def test_only_files_reads_and_writes_files(path: Path) -> None:
    # The inputs list the schemas and templates that files then reads; polars renames columns.
    own = {"glob", "rglob"} if name_of(path) == "inputs" else set()
    if "polars" in imported(path):
        own |= {"rename"}
    found = [(line, name) for line, name in called(path) if name in TOUCHES_FILES - own]
    assert found == []


def names_of_this_cable(given: Inputs) -> set[str]:
    """Record, people and places of the curated record, and its numbers."""
    forms = {row["as_written"] for row in given.curation["entity_forms"]}
    labels = {row["label"] for row in given.curation["entities"]}
    words = {word for one in forms | labels for word in re.findall(r"[^\W\d_]{5,}", one)}
    return {word for word in words if word[0].isupper()} | {"119402", "600308", "1351", "3561"}


# Parts of names that are words of their own.
COMMON = {
    "Central",
    "Committee",
    "Ministry",
    "Foreign",
    "Affairs",
    "General",
    "Department",
    "Union",
    "States",
}
# The project is called after its first cable; that is not the cable's number.
PROJECT = "cable-600308"


def code_without_docstrings(path: Path) -> str:
    """The program's text; its prose may give an example."""
    parsed = tree(path)
    for node in ast.walk(parsed):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(parsed).replace(PROJECT, "")


@pytest.mark.parametrize("path", PROGRAMS, ids=within)
def test_no_program_names_this_cable_or_its_people(path: Path, given: Inputs) -> None:
    words = set(re.findall(r"\w+", code_without_docstrings(path)))
    assert not words & (names_of_this_cable(given) - COMMON)


@pytest.mark.parametrize("path", [path for path in MODULES if name_of(path) != "folding"], ids=within)
def test_what_documents_may_say_stands_in_the_vocabulary(path: Path) -> None:
    """Folding alone knows letters, since it tells the scripts apart."""
    assert re.findall(r"[\u0400-\u04ff]+", code_without_docstrings(path)) == []


def says_what_it_is(node: ast.ClassDef | ast.FunctionDef) -> bool:
    """By a docstring; a check by the words with which it is registered."""
    promises = [one for one in node.decorator_list if isinstance(one, ast.Call) and one.args]
    return ast.get_docstring(node) is not None or bool(promises)


@pytest.mark.parametrize("path", PROGRAMS, ids=within)
def test_everything_public_says_what_it_is(path: Path) -> None:
    parsed = tree(path)
    assert ast.get_docstring(parsed), "the module"
    for node in parsed.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            assert says_what_it_is(node), node.name
            for inner in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_"):
                    assert says_what_it_is(inner), f"{node.name}.{inner.name}"


@pytest.mark.parametrize("path", PROGRAMS, ids=within)
def test_annotations_are_never_evaluated(path: Path) -> None:
    if path.name == "__init__.py":
        return
    futures = [
        alias.name
        for node in tree(path).body
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
        for alias in node.names
    ]
    assert futures == ["annotations"]


def git_attributes() -> dict[str, list[str]]:
    """The attributes of every pattern in .gitattributes."""
    lines = (REPOSITORY / ".gitattributes").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return {pattern: attributes for pattern, *attributes in rows}


def test_git_knows_what_is_built() -> None:
    marked = {
        pattern for pattern, attributes in git_attributes().items() if "linguist-generated" in attributes
    }
    built = {f"{path}**" if path.endswith("/") else path for path in BUILT_PATHS}
    assert marked - {"requirements.lock"} == built
    assert DESCRIPTOR in built


def test_git_leaves_the_source_byte_for_byte() -> None:
    attributes = git_attributes()
    assert attributes["data/raw/**"] == ["-text"]
    assert attributes["*"] == ["text=auto", "eol=lf"]
    assert attributes["*.parquet"] == ["binary"]
