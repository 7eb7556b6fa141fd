"""The README says what is so: its recipes run and print what it shows, its diagram and tree are right."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest

import building
from building import REPOSITORY
from cables import files, inputs
from cables.inputs import Places
from exports import BOTH

README = (REPOSITORY / "README.md").read_text("utf-8")
PAGES = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("data/*.md"), *REPOSITORY.glob("docs/*.md")])
FENCE = re.compile(r"^```(\w+)\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[tuple[str, str]]:
    """The code blocks of a language, each with what it is said to print."""
    return [(code, shown) for kind, code, shown in FENCE.findall(README) if kind == language]


def section(heading: str) -> str:
    """What stands under a heading of the README."""
    return README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


@pytest.fixture(scope="module", params=["as it is", "with a record more"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository, and a package of its exports and one more, such as a maintainer may add."""
    if request.param == "as it is":
        return REPOSITORY
    place = tmp_path_factory.mktemp("more")
    shutil.copytree(Places().raw, place / "raw")
    (place / "raw" / "000001.txt").write_text(BOTH, "utf-8")
    done = building.build("--raw", place / "raw", "--out", place / "out")
    assert done.status == 0, done.said
    return place / "out"


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_a_python_recipe_prints_what_the_readme_shows(number: int, folder: Path) -> None:
    code, shown = blocks("python")[number]
    done = building.python("-c", code, cwd=folder)
    assert (done.status, done.output) == (0, shown)


@pytest.mark.parametrize("number", range(len(blocks("sql"))))
def test_a_duckdb_recipe_gives_what_the_readme_shows(number: int, folder: Path) -> None:
    code, shown = blocks("sql")[number]
    with duckdb.connect(config={"file_search_path": str(folder)}) as connection:
        given = connection.execute(code).fetchall()
    assert "".join(" ".join(map(str, row)) + "\n" for row in given) == shown


def test_there_are_recipes_for_polars_pandas_duckdb_and_r() -> None:
    code = "\n".join(code for code, _ in blocks("python"))
    assert "import polars" in code
    assert "import pandas" in code
    assert blocks("sql")
    assert any("library(readr)" in code for code, _ in blocks("r"))


def test_the_r_recipe_names_files_and_columns_that_are_there() -> None:
    """R itself is not among what the tests may ask for."""
    for code, _ in blocks("r"):
        for path, quoted in re.findall(r'"(data/csv/[a-z_]+\.csv)".*?\n.*?c\((.*?)\)', code, re.DOTALL):
            columns = next(csv.reader((REPOSITORY / path).read_text("utf-8").splitlines()))
            assert set(re.findall(r'"(\w+)"', quoted)) <= set(columns)


def test_the_first_look_shows_rows_that_are_there() -> None:
    def cells(line: str) -> list[str]:
        return [cell.strip() for cell in line.strip().strip("|").split("|")]

    tables = re.findall(r"((?:^\|.*\|\n)+)", section("A first look"), re.MULTILINE)
    sources = ("parallel", "recipients")
    for table, name in zip(tables, sources, strict=True):
        header, _, *shown = map(cells, table.splitlines())
        with (REPOSITORY / f"data/csv/{name}.csv").open(encoding="utf-8", newline="") as file:
            there = list(csv.DictReader(file))
        columns = header
        if name == "parallel":
            columns = ["original_lines", "original_text", "translation_lines", "translation_text"]
        for row in shown:
            assert row in [[one[column] for column in columns] for one in there]


Edge = tuple[str, str, str, str]


def drawn(page: str) -> set[Edge]:
    """The lines of a page's diagram: table pointed at, whether always, table that points, column."""
    diagram = next(code for kind, code, _ in FENCE.findall(page) if kind == "mermaid")
    return set(re.findall(r"^ +(\w+) (\|.)--\S+ (\w+) : (\w+)$", diagram, re.MULTILINE))


def keys() -> set[Edge]:
    """The foreign keys of all tables, that to the record only where there is no other."""
    found = set()
    for table in inputs.published(Places()):
        own = {(key.table, table.name, key.columns[-1]) for key in table.foreign_keys}
        others = {key for key in own if key[0] not in ("records", table.name)}
        for there, here, column in own:
            if there != "records" or not others:
                always = table.field(column)["constraints"]["required"]
                found.add((there, "||" if always else "|o", here, column))
    return found


def test_the_diagram_of_the_codebook_draws_all_foreign_keys() -> None:
    assert drawn((REPOSITORY / "docs" / "codebook.md").read_text("utf-8")) == keys()


def test_the_diagram_here_draws_those_of_the_five_tables() -> None:
    five = [table.name for table in inputs.published(Places())[:5]]
    assert drawn(README) == {one for one in keys() if one[2] in five}


def test_the_five_tables_are_those_that_are_listed_first() -> None:
    first = re.findall(r"^\| `(\w+)` \|", section("The tables"), re.MULTILINE)
    assert first == [table.name for table in inputs.published(Places())[:5]]


def test_the_tree_shows_what_is_there_and_leaves_nothing_out() -> None:
    shown = re.findall(r"^(\S+) {2,}\S", section("What is where"), re.MULTILINE)
    assert len(shown) == len(set(shown))
    built = {path for path in files.BUILT_PATHS if path != "rejected.csv"}
    assert built <= set(shown)
    for path in shown:
        assert (REPOSITORY / path).is_dir() if path.endswith("/") else (REPOSITORY / path).is_file(), path
    if shutil.which("git") is None or not (REPOSITORY / ".git").exists():
        return
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
    folders = tuple(path for path in shown if path.endswith("/"))
    for path in filter(None, listed.split("\0")):
        assert path in shown or path.startswith(folders), f"{path} is not in the README's tree"


def test_all_that_is_built_is_marked_so_for_reviewers() -> None:
    attributes = (REPOSITORY / ".gitattributes").read_text("utf-8")
    marked = set(re.findall(r"^(\S+) linguist-generated$", attributes, re.MULTILINE))
    assert {path + "**" if path.endswith("/") else path for path in files.BUILT_PATHS} <= marked
    assert "* text=auto eol=lf" in attributes.splitlines()
    assert "data/raw/** -text" in attributes.splitlines()


def anchor(heading: str) -> str:
    """The anchor that a page viewer gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_link_within_the_repository_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, fragment = target.partition("#")
        aim = (page.parent / path).resolve() if path else page
        assert aim.exists(), f"{page.name} links to {target}"
        if fragment:
            headings = re.findall(r"^#+ +(.+)$", aim.read_text("utf-8"), re.MULTILINE)
            assert fragment in map(anchor, headings), f"{page.name} links to {target}"
