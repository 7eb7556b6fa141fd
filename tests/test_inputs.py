"""What lies among the inputs and is none: told to whoever put it there, or left behind by a program."""

from __future__ import annotations

from pathlib import Path

import pytest

import building
from building import SMALL
from cables import inputs, package
from cables.inputs import Places
from cables.model import InputErrors

LEFTOVERS = (
    ".DS_Store",
    ".one.txt.swp",
    "one.txt~",
    "~$pairs.csv",
    "~$one.txt",
    "#cues.csv#",
    "Thumbs.db",
    "desktop.ini",
)


@pytest.fixture
def workshop(tmp_path: Path) -> Path:
    """A copy of the repository, to be spoilt."""
    return building.copied(tmp_path / "workshop")


def places(place: Path) -> Places:
    return Places(
        raw=place / "data" / "raw",
        curation=place / "data" / "curation",
        vocabulary=place / "data" / "vocabulary",
    )


def refused(place: Path) -> list[str]:
    """What a build refuses, the place left out; nothing where it succeeds."""
    try:
        package.build(inputs.read(places(place)))
    except InputErrors as errors:
        return [str(error).replace(f"{place}/", "") for error in errors.errors]
    return []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("two.TXT", "the ending '.TXT'; expected '.txt', in small letters"),
        ("two.Txt", "the ending '.Txt'; expected '.txt', in small letters"),
        ("two.pdf", "a file that is no export; expected exports alone, each called NAME.txt"),
        ("two", "a file that is no export; expected exports alone, each called NAME.txt"),
        ("two.txt.bak", "a file that is no export; expected exports alone, each called NAME.txt"),
        ("e\x1b[31m.md", "a file that is no export; expected exports alone, each called NAME.txt"),
    ],
)
def test_what_is_no_export_is_not_passed_over_among_the_exports(workshop: Path, name: str, told: str) -> None:
    (workshop / "data/raw" / name).write_text(SMALL, "utf-8")
    shown = name.replace("\x1b", r"\x1b")
    assert refused(workshop) == [f"data/raw/{shown}:1: {told}"]


def test_exports_in_a_folder_of_their_own_are_not_passed_over(workshop: Path) -> None:
    building.sources(workshop / "data/raw/1950", two=SMALL)
    assert refused(workshop) == [
        "data/raw/1950:1: a folder; expected exports, NAME.txt, in this folder itself"
    ]


def test_the_good_exports_can_be_built_beside_what_is_none(workshop: Path) -> None:
    (workshop / "data/raw/two.TXT").write_text(SMALL, "utf-8")
    made = package.build(inputs.read(places(workshop)), keep_going=True)
    good = sorted(path.stem for path in (workshop / "data/raw").glob("*.txt"))
    assert [one.record.record_id for one in made.readings] == good
    assert b"two.TXT,two.TXT,1,the ending '.TXT'" in made.files["rejected.csv"]


@pytest.mark.parametrize("folder", ["curation", "vocabulary"])
@pytest.mark.parametrize("name", ["pears.csv", "pairs.CSV", "cues.tsv", "cues.xlsx", "notes.md", "old"])
def test_a_table_that_nobody_reads_is_not_passed_over(workshop: Path, folder: str, name: str) -> None:
    place = workshop / "data" / folder / name
    if name == "old":
        place.mkdir()
    else:
        place.write_text("record_id\n", "utf-8")
    (told,) = refused(workshop)
    found = "a table without a schema" if name.endswith(".csv") else "something that no build reads"
    assert told.startswith(f"data/{folder}/{name}:1: {found}; expected one of ")
    assert ("pairs.csv" if folder == "curation" else "cues.csv") in told


def test_what_systems_and_editors_leave_behind_is_passed_over(workshop: Path) -> None:
    for folder in ("raw", "curation", "vocabulary"):
        for name in LEFTOVERS:
            (workshop / "data" / folder / name).write_bytes(b"\x00\xff")
    assert refused(workshop) == []


def test_the_command_says_which_file_is_no_export(tmp_path: Path) -> None:
    raw = building.sources(tmp_path / "raw", one=SMALL)
    (raw / "two.TXT").write_text(SMALL, "utf-8")
    done = building.build("--raw", raw, "--out", tmp_path / "out")
    assert (done.status, done.errors) == (1, "")
    assert "two.TXT:1: the ending '.TXT'; expected '.txt'" in done.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("entity_forms", "119402,r119402-e-shtykov,original,{},ШТЫКОВ"),
        ("discrepancy_readings", "119402,r119402-d-x,r119402-d-x-z,original,,{},,,false,"),
    ],
)
@pytest.mark.parametrize("lines", ["5,", ",5"])
def test_a_range_of_lines_has_both_ends_or_none(workshop: Path, table: str, row: str, lines: str) -> None:
    path = workshop / "data" / "curation" / f"{table}.csv"
    text = path.read_text("utf-8")
    path.write_text(f"{text}{row.format(lines)}\n", "utf-8")
    told = "one of first_line and last_line; expected both or neither"
    assert f"data/curation/{table}.csv:{text.count(chr(10)) + 1}: {told}" in refused(workshop)


LONG = "9" * 5000


@pytest.mark.parametrize(
    ("table", "cells", "told"),
    [
        ("cells", "119402,transmissions,r119402-wire,copies_printed,12,abc,a slip", "value 'abc'"),
        ("cells", f"119402,transmissions,r119402-wire,copies_printed,12,{LONG},a slip", "value '999"),
        ("entity_forms", f"119402,r119402-e-x,original,{LONG},{LONG},x", "first_line '999"),
        ("entity_forms", "119402,r119402-e-x,original,²,٣,x", "first_line '²'"),
        ("numerals", f"en,myriad,{LONG}", "value '999"),
    ],
)
def test_a_number_that_is_none_is_told_with_its_line(
    workshop: Path, table: str, cells: str, told: str
) -> None:
    (path,) = (workshop / "data").glob(f"*/{table}.csv")
    text = path.read_text("utf-8")
    path.write_text(f"{text.rstrip()}\n{cells}\n", "utf-8")
    file = f"{path.relative_to(workshop)}:{text.count(chr(10)) + 1}: "
    assert any(one.startswith(file + told) for one in refused(workshop))
