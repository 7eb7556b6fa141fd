"""Two servers, and nothing of the one on the other."""

from __future__ import annotations

import gzip
import io
import zipfile
from contextlib import nullcontext

import pytest

from cables.deposit import DepositError, read_release, refuse_sandbox_doi
from cables.deposit.packagefile import Doi
from cables.deposit.servers import Server, target
from depositing.bench import (
    Bench,
    body_with,
    production,
    spoil,
    zipped,
)


def test_after_a_trial_production_begins_a_record_of_its_own(bench: Bench) -> None:
    bench.good("--reserve")
    trial = bench.doi()
    bench.world.records.clear()
    production(bench)
    bench.good("--reserve", "--production")
    assert bench.doi()["server"] == "production"
    assert bench.doi()["version"].startswith("10.5281/") and bench.doi()["record"] != trial["record"]


def test_a_release_of_the_sandbox_does_not_enter_production(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    production(bench)
    run = bench.run("--upload", "--production")
    assert run.code == 1 and "--production first" in run.err
    bench.good("--reserve", "--production")
    run = bench.run("--upload", "--production")
    assert run.code == 1 and "10.5072/zenodo." in run.err and "a DOI of the sandbox" in run.err
    assert not bench.record_of_doi().files


@pytest.mark.parametrize(
    "written",
    [
        "{0}",
        "https://badge.example/10.5281%2Fzenodo.77.svg",
        r'"10.5281\/zenodo.77"',
        r'"10.5281\u002Fzenodo.77"',
        "10.5281&#47;zenodo.77",
        "10.5281&#x2F;zenodo.77",
        "doi:{0}).",
    ],
)
@pytest.mark.parametrize("where", ["README.md", "letters.csv", "packed.zip"])
def test_a_sandbox_doi_anywhere_in_a_release_is_found(bench: Bench, where: str, written: str) -> None:
    trial = "10.5281/zenodo.77"
    content: str | bytes = f"cite\n{written.format(trial)}\n"
    if where.endswith(".zip"):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("README.md", content)
        content = packed.getvalue()
    doi = Doi(version="10.5281/zenodo.778", record="778", server=Server.PRODUCTION)
    bench.release({where: content})
    release = read_release(bench.dist)
    refuse_sandbox_doi(release, doi)
    with pytest.raises(DepositError, match=rf"{where}.*:2: {trial}.*, a DOI of the sandbox"):
        refuse_sandbox_doi(release, doi, frozenset({trial}))


@pytest.mark.parametrize("pack", ["zip", "gz", "zip in zip", "gz in zip", "zip in gz"])
def test_a_sandbox_doi_in_whatever_is_packed_is_found(bench: Bench, pack: str) -> None:
    content = b"cite\n10.5072/zenodo.9\n" * 60
    for kind in pack.split(" in "):
        content = gzip.compress(content) if kind == "gz" else zipped(content)
    bench.release({"archive.bin": content})
    doi = Doi(version="10.5281/zenodo.778", record="778", server=Server.PRODUCTION)
    with pytest.raises(DepositError, match=r"archive.bin\(.*\):2: 10.5072/zenodo.9, a DOI of the sandbox"):
        refuse_sandbox_doi(read_release(bench.dist), doi)


@pytest.mark.parametrize(
    ("member", "is_found"),
    [
        ("cable-1.0.0/inputs/tests/test_it.py", False),
        ("cable-1.0.0/inputs/README.md", True),
        ("tests/a", True),
    ],
)
def test_of_a_release_the_tests_alone_may_name_the_sandbox(bench: Bench, member: str, is_found: bool) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(member, "cite 10.5072/zenodo.9\n")
    bench.release({"archive.zip": packed.getvalue()})
    doi = Doi("10.5281/zenodo.1", "", "1", Server.PRODUCTION)
    with pytest.raises(DepositError, match="a DOI of the sandbox") if is_found else nullcontext():
        refuse_sandbox_doi(read_release(bench.dist), doi)


def test_archives_packed_without_end_do_not_enter_production(bench: Bench) -> None:
    content = b"nothing"
    for _ in range(9):
        content = gzip.compress(content)
    bench.release({"archive.gz": content})
    with pytest.raises(DepositError, match=r"archive.gz: packed in more than 4 archives"):
        refuse_sandbox_doi(read_release(bench.dist), Doi("10.5281/zenodo.1", "", "1", Server.PRODUCTION))


def test_a_sandbox_doi_in_the_description_that_goes_with_the_files_is_found(bench: Bench) -> None:
    bench.release(doi="10.5281/zenodo.778")
    doi = Doi(version="10.5281/zenodo.778", record="778", server=Server.PRODUCTION)
    refuse_sandbox_doi(read_release(bench.dist), doi)
    spoil(bench, "inveniordm.json", body_with(bench, description="Cite https://doi.org/10.5072/zenodo.9."))
    with pytest.raises(DepositError, match=r"inveniordm.json:1: 10.5072/zenodo.9, a DOI of the sandbox"):
        refuse_sandbox_doi(read_release(bench.dist), doi)


def test_an_archive_that_cannot_be_looked_into_does_not_enter_production(bench: Bench) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.md", "cite 10.5072/zenodo.9 " * 100)
    broken = bytearray(packed.getvalue())
    broken[40:60] = bytes(20)
    bench.release({"archive.zip": bytes(broken)})
    with pytest.raises(DepositError, match=r"archive.zip: .*expected a file or an archive that can be read"):
        refuse_sandbox_doi(read_release(bench.dist), Doi("10.5281/zenodo.1", "", "1", Server.PRODUCTION))


@pytest.mark.parametrize("key", ["version", "concept"])
def test_a_table_edited_by_hand_takes_no_sandbox_doi_to_production(bench: Bench, key: str) -> None:
    bench.good("--reserve")
    production(bench)
    bench.good("--reserve", "--production")
    held = bench.doi()[key] or 'concept = ""'
    wrong = "10.5072/zenodo.5" if key == "version" else 'concept = "10.5072/zenodo.5"'
    bench.package.write_text(bench.package.read_text("utf-8").replace(held, wrong), "utf-8")
    bench.release()
    before = len(bench.world.seen)
    run = bench.run("--upload", "--production")
    assert run.code == 1 and "[doi] holds 10.5072/zenodo.5, a DOI of the sandbox" in run.err
    assert len(bench.world.seen) == before


def test_the_bare_prefix_of_the_sandbox_may_stand_in_prose(bench: Bench) -> None:
    bench.release({"README.md": "The sandbox gives DOIs that begin with 10.5072, or with `10.5072/`.\n"})
    refuse_sandbox_doi(read_release(bench.dist), Doi("10.5281/zenodo.1", "", "1", Server.PRODUCTION))


def test_a_trial_does_not_overwrite_the_doi_of_production(bench: Bench) -> None:
    production(bench)
    bench.good("--reserve", "--production")
    before, requests = bench.package.read_bytes(), len(bench.world.seen)
    run = bench.run("--reserve")
    assert run.code == 1 and "overwrite" in run.err
    assert (bench.package.read_bytes(), len(bench.world.seen)) == (before, requests)


@pytest.mark.parametrize(
    "url",
    [
        "https://zenodo.org",
        "http://10.0.0.1",
        "ftp://127.0.0.1",
        "http://localhost.example",
        "127.0.0.1",
        "http://[::1",
        "http://me@127.0.0.1",
        "http://127.0.0.1?a",
        "http://127.0.0.1#a",
        "http://a@b@[::1]",
        "http://127.0.0.1:port",
        "http://127.0.0.1.example",
        "http://127。0。0。1.example",
        "http://",
    ],
)
def test_the_address_for_trials_is_this_machine_alone(bench: Bench, url: str) -> None:
    bench.environ["CABLES_DEPOSIT_URL"] = url
    run = bench.run("--reserve")
    assert run.code == 1 and "CABLES_DEPOSIT_URL" in run.err
    assert target(Server.SANDBOX, {}).url == "https://sandbox.zenodo.org"
    assert target(Server.PRODUCTION, {}).url == "https://zenodo.org"
