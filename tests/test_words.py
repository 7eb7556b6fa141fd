"""Words that must not stand in a release are found, and this repository has none of them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

import releasing
from cables.checks import fair as promises
from cables.checks import loaded
from cables.checks.fair import words
from cables.checks.registry import judge
from cables.release.archive import zipped
from releasing import REPOSITORY, kept


def test_nothing_in_this_repository_looks_like_a_secret() -> None:
    found = [
        (path, number, said)
        for path in kept()
        if not path.endswith((".parquet", ".zip"))
        for number, said in words.secrets(path, (REPOSITORY / path).read_bytes())
    ]
    assert found == []


@pytest.mark.parametrize(("word", "is_found"), [("secret", False), ("secrets", True), ("tr0ub4dor", True)])
def test_an_address_with_a_password_is_found_unless_it_is_the_word_for_one(word: str, is_found: bool) -> None:
    address = f"https://me:{word}@zenodo.org/".encode()
    assert bool(list(words.secrets("scripts/one.py", address))) is is_found


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("password=" + "hunter22", True),
        ("DB_PASSWORD = " + "correct-horse", True),
        ("'password': " + "'hunter22'", True),
        ("aws_secret_access_key = " + "wJalrXUtnFEMI/K7MDENG", True),
        ("password=secret", False),
        ("password = getpass()", False),
        ("password=${PASSWORD}", False),
        ("a password: one that nobody knows", False),
    ],
)
def test_a_password_is_found_by_its_name(text: str, is_found: bool) -> None:
    assert bool(list(words.secrets("scripts/one.py", text.encode()))) is is_found


@pytest.mark.parametrize(
    "text",
    [
        "PLACEHOLDER",
        "INSERT TITLE HERE",
        "insert the title here",
        "https://doi.org/[DOI]",
        "<DOI>",
        "Version {{version}}",
        "version ${VERSION}",
        "tbd",
        "Date: TBD",
        "to be determined",
        "Author: ???",
        'name = "Your Name"',
        'keywords = ["a", "placeholder"]',
        "changeme",
        "Replace-Me",
        "Todo: describe it",
        "Lorem Ipsum",
    ],
)
def test_words_that_wait_to_be_filled_in_are_found(text: str) -> None:
    assert words.unfilled(text)


@pytest.mark.parametrize(
    "text",
    [
        "A release holds no placeholder, and `release` refuses any.",
        "The check `fair-no-placeholder` looks for words that are still to be filled in.",
        "`--reserve` writes the table `[doi]` of package.toml; the [DOI](https://doi.org/10.1/a) is new.",
        "author = {{UNESCO}},",
        "Whoever put it here? Nobody knows (why?).",
        "Replace with care what you cite.",
        "Ask $PREVIOUS, the archive of the release before.",
    ],
)
def test_words_that_speak_of_such_words_are_none(text: str) -> None:
    assert words.unfilled(text) is None


def test_nothing_that_this_repository_says_of_itself_waits_to_be_filled_in() -> None:
    pages = [path for path in kept() if path.endswith(".md") and "/" not in path]
    found = {
        (path, line): said
        for path in [*pages, "package.toml"]
        for line in (REPOSITORY / path).read_text("utf-8").splitlines()
        if (said := words.unfilled(line))
    }
    assert len(pages) >= 5
    assert found == {}


@pytest.mark.parametrize(
    ("table", "column", "is_found"),
    [
        ("curation/discrepancies", "evidence", True),
        ("curation/pairs", "note", True),
        ("vocabulary/codes", "definition", True),
        # What the source says is quoted as it is.
        ("curation/discrepancy_readings", "reading", False),
        ("curation/entity_forms", "as_written", False),
    ],
)
def test_authored_tables_are_read_where_a_person_speaks(table: str, column: str, is_found: bool) -> None:
    content = releasing.content(releasing.released())
    (name,) = [one for one in content if one.endswith(".zip")]
    with zipfile.ZipFile(io.BytesIO(content[name])) as archive:
        held = {one: archive.read(one) for one in archive.namelist()}
    folder = name.removesuffix(".zip") + "/"
    path = f"{folder}inputs/data/{table}.csv"
    header, *_ = held[path].decode().split("\n")
    row = ["TBD" if one == column else "" for one in header.split(",")]
    held[path] = f"{header}\n{','.join(row)}\n".encode()
    content[name] = zipped("", held)
    (check,) = [one for one in promises.CHECKS if one.id == "fair-no-placeholder"]
    found = judge(check, promises.of_files(Path("release"), loaded.repository(), content)).findings
    assert [(one.file, one.line) for one in found] == [(path.replace("/", ".zip/", 1), 2)] * is_found
