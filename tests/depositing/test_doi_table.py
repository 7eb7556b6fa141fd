"""The table [doi] of package.toml, and the bytes around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cables.deposit.packagefile import Doi, with_doi
from depositing.bench import (
    JOURNAL,
    PACKAGE,
    PACKAGE_FILE,
    Bench,
)


def test_reserving_touches_nothing_but_the_table(bench: Bench) -> None:
    before = bench.package.read_bytes()
    bench.release(doi="")
    files = {path: path.read_bytes() for path in bench.dist.iterdir()}
    bench.good("--reserve")
    doi = bench.doi()
    assert doi["version"] == bench.world.minted[0] and doi["server"] == "sandbox"
    expected = before.decode()
    expected = expected.replace('version = "" # of', f'version = "{doi["version"]}" # of')
    expected = expected.replace("record  = ''", f'record  = "{doi["record"]}"')
    expected = expected.replace('server = ""', 'server = "sandbox"')
    assert bench.package.read_text("utf-8") == expected
    assert {path.name for path in bench.folder.iterdir()} == {"package.toml", "dist", ".deposit.jsonl"}
    assert {path: path.read_bytes() for path in bench.dist.iterdir()} == files
    assert set(bench.world.steps()) == {"find", "create", "reserve"}


NOISE = st.lists(
    st.sampled_from(
        [
            "# [doi]",
            "",
            'a = "x"  # é',
            "b = '''\n[doi]\nversion = \"1\"\n'''",
            "c = [1,\n  2]",
            'version2 = "9"',
        ]
    ),
    unique_by=lambda line: line[:1] if line[:1] in "abcv" else object(),
    max_size=6,
)


@given(
    NOISE, NOISE, st.permutations(["version", "concept", "record", "server"]), st.sampled_from(["\n", "\r\n"])
)
def test_whatever_stands_around_the_table_keeps_its_bytes(
    above: list[str], below: list[str], keys: list[str], newline: str
) -> None:
    def text(values: dict[str, str]) -> str:
        table = ["[ doi ]  # kept", *(f'  {key}="{values[key]}"# {key}' for key in keys)]
        return (
            newline.join([*above, *table, "", "[other]", *below, ""])
            .replace("\n", newline)
            .replace("\r\r", "\r")
        )

    empty = dict.fromkeys(keys, "")
    full = {"version": "10.5072/zenodo.3", "concept": "", "record": "3", "server": "sandbox"}
    assert with_doi(text(empty), Doi(**full)) == text(full)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("table", "wanted"),
    [
        (["[doi]"], ["[doi]", 'version = "1"', 'concept = ""', 'record = "3"', 'server = "sandbox"']),
        (
            ["[doi]", "# none yet", 'record = ""', ""],
            [
                "[doi]",
                'version = "1"',
                'concept = ""',
                'server = "sandbox"',
                "# none yet",
                'record = "3"',
                "",
            ],
        ),
    ],
    ids=["bare", "in part"],
)
def test_keys_that_are_not_there_come_with_the_line_ends_of_the_file(
    table: list[str], wanted: list[str], newline: str
) -> None:
    full = Doi(version="1", record="3", server="sandbox")
    for end in ("", newline):
        text = newline.join(['a = "é"', *table]) + end
        edited = with_doi(text, full)
        assert edited.rstrip() == newline.join(['a = "é"', *wanted]).rstrip()
        assert edited.count("\n") == edited.count(newline)


def test_where_the_package_file_is_a_link_what_it_leads_to_is_written(bench: Bench) -> None:
    place = bench.folder / "kept" / "package.toml"
    place.parent.mkdir()
    bench.package.rename(place)
    bench.package.symlink_to(place)
    bench.good("--reserve")
    assert bench.package.is_symlink() and bench.doi()["server"] == "sandbox"


def test_a_disk_that_takes_no_table_leaves_the_one_that_is_there(bench: Bench) -> None:
    bench.package.write_text(PACKAGE + "# " + "long " * 1000, "utf-8")
    before = bench.package.read_bytes()
    run = bench.limited(4000, "--reserve")
    assert run.code == 1 and "package.toml: File too large; [doi] should read" in run.err
    assert bench.package.read_bytes() == before
    assert {path.name for path in bench.folder.iterdir()} == {PACKAGE_FILE, JOURNAL}
    bench.good("--reserve")
    bench.nothing_doubled()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[doi]", "[doy]", "no [doi] table"),
        ('version = "" #', 'version = "x" #', "doi.version is 'x', expected a DOI"),
        ("record  = ''", "record = '../1'", "doi.record is '../1', expected the id of a record"),
        ('server = ""', "server = 3", "doi.server is 3"),
        ('server = ""', 'server = "zenodo"', "expected one of sandbox, production"),
        ('server = ""', 'server = "sandbox"', "has one of version, record and server without the others"),
        ('version = "1.0.0"', "", "no version"),
        ("[doi]", "[doi", "expected TOML"),
        ("[doi]", f"a = {'[' * 5000}\n[doi]", "expected TOML"),
    ],
)
def test_a_package_file_that_will_not_do_is_named_with_its_key(
    bench: Bench, old: str, new: str, said: str
) -> None:
    bench.package.write_text(PACKAGE.replace(old, new), "utf-8")
    for arguments in ([], ["--reserve"]):
        run = bench.run(*arguments)
        assert run.code == 1 and "package.toml" in run.err and said in run.err
    assert bench.world.seen == []
