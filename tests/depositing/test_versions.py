"""Versions of one concept: which draft is taken, made, found again, or refused."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from cables.deposit import read_release
from cables.deposit.journal import Entry, Mark, open_journal, read_journal
from cables.deposit.servers import Server
from depositing.bench import (
    FILES,
    PACKAGE,
    Bench,
    Nursery,
    deposited,
    production,
    published_before,
)
from invenio.server import (
    Rule,
    StoredRecord,
)


@pytest.mark.parametrize("told", [True, False])
def test_a_new_version_goes_under_the_same_concept_and_knows_its_doi(bench: Bench, told: bool) -> None:
    bench.world.concept_on_drafts = told
    deposited(bench)
    first = bench.doi()
    assert first["concept"] == ""
    bench.set_version("1.1.0")
    deposited(bench, "1.1.0")
    second = bench.doi()
    assert second["concept"] == bench.world.concepts[bench.record("1.1.0").parent]
    assert second["version"] != first["version"]
    assert bench.record("1.1.0").parent == bench.record("1.0.0").parent
    bench.whole("1.1.0")


def test_the_draft_of_a_next_version_that_is_there_is_taken(bench: Bench) -> None:
    published_before(bench)
    bench.world.records["9"] = StoredRecord("9", "1", 2, {"title": "Letters"})
    bench.good("--reserve")
    assert bench.doi()["record"] == "9"
    assert len(bench.world.records) == 2


def test_the_newest_version_is_found_by_either_answer_that_is_known(bench: Bench) -> None:
    deposited(bench)
    for version, there in (("1.1.0", True), ("1.2.0", False)):
        bench.world.latest_is_there = there
        bench.set_version(version)
        deposited(bench, version)
    assert [each.index for each in bench.world.records.values()] == [1, 2, 3]
    bench.nothing_doubled()


@pytest.mark.parametrize("place", ["/api/records/no-such-1", "/api/records/1/files", "/", "/api/records/.."])
def test_a_redirection_that_leads_to_no_record_is_not_built_upon(bench: Bench, place: str) -> None:
    published_before(bench)
    bench.world.alters["latest"] = lambda status, content: (status, {**content, "location": place})
    run = bench.run("--reserve")
    assert run.code == 1 and "which is no record" in run.err
    assert {each.method for each in bench.world.seen} == {"GET"}


def test_only_the_latest_version_may_be_elsewhere_on_the_server(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    place = {"location": f"{bench.server.url}/api/records/1"}
    bench.world.alters["read-draft"] = lambda status, content: (301, place)
    run = bench.run("--upload")
    assert run.code == 1 and "/api/records/1; a redirection is not followed" in run.err


def test_with_an_emptied_table_the_next_version_stays_under_its_concept(bench: Bench) -> None:
    deposited(bench)
    bench.package.write_text(PACKAGE, "utf-8")
    bench.set_version("1.1.0")
    deposited(bench, "1.1.0")
    assert bench.record("1.1.0").parent == bench.record("1.0.0").parent
    bench.whole("1.1.0")


def test_the_version_and_the_title_may_change_before_a_draft_is_known(bench: Bench) -> None:
    # Killed when the draft was made, and before that could be known here.
    assert bench.killed("after-request", 2, "--reserve") == Nursery.KILLED
    bench.set_version("2.0.0")
    bench.package.write_text(bench.package.read_text("utf-8").replace("Letters of", "Notes of"), "utf-8")
    bench.good("--reserve")
    assert len(bench.world.records) == 1
    deposited(bench, "2.0.0")
    bench.whole("2.0.0")


def test_the_version_may_change_before_the_doi_is_written(bench: Bench) -> None:
    assert bench.killed("before-rename", 1, "--reserve") == Nursery.KILLED
    bench.set_version("2.0.0")
    deposited(bench, "2.0.0")
    bench.whole("2.0.0")


def test_a_journal_that_is_shared_does_not_lend_the_draft_of_another_package(bench: Bench) -> None:
    bench.good("--reserve")
    text = PACKAGE.replace('name = "letters"', 'name = "notes"').replace("Letters of", "Notes of")
    bench.package.write_text(text, "utf-8")
    bench.good("--reserve")
    assert len(bench.world.records) == 2
    assert bench.world.records[bench.doi()["record"]].metadata["title"].startswith("Notes of")


def test_what_the_journal_says_of_one_server_is_not_held_of_the_other(bench: Bench) -> None:
    deposited(bench)
    production(bench)
    bench.world.records.clear()
    bench.world.concepts.clear()
    assert "unreserved" in bench.good("--production").out
    bench.good("--reserve", "--production")
    bench.release()
    refused = bench.run("--publish", "1.0.0", "--production")
    assert refused.code == 1 and "--upload first" in refused.err
    assert {entry.server for entry in read_journal(bench.journal)} == set(Server)


def test_a_next_version_under_another_concept_is_refused(bench: Bench) -> None:
    published_before(bench)
    bench.world.forks = True
    before = bench.package.read_bytes()
    run = bench.run("--reserve")
    assert run.code == 1 and "another concept" in run.err
    assert bench.package.read_bytes() == before


def test_a_version_that_somebody_else_published_is_not_made_again(bench: Bench) -> None:
    published_before(bench)
    pids = {"doi": {"identifier": "10.5072/zenodo.3"}}
    bench.world.records["3"] = StoredRecord("3", "1", 2, {"version": "1.1.0"}, pids=pids, published=True)
    run = bench.good("--reserve")
    assert "published already on the sandbox as 10.5072/zenodo.3" in run.out
    assert bench.doi()["record"] == "2" and len(bench.world.records) == 2


def test_a_version_between_the_first_and_the_newest_is_published_already(bench: Bench) -> None:
    deposited(bench)
    first = bench.package.read_text("utf-8")
    for version in ("1.1.0", "1.2.0"):
        bench.set_version(version)
        deposited(bench, version)
    for version, doi in [
        (each.metadata["version"], each.pids["doi"]) for each in bench.world.records.values()
    ]:
        bench.package.write_text(first, "utf-8")
        bench.set_version(version)
        bench.release({"paragraphs.csv": "id,text\n"})
        before = len(bench.world.seen)
        run = bench.run("--reserve")
        assert run.code == 1 and f"{version} is published as {doi['identifier']} with other bytes" in run.err
        shutil.rmtree(bench.dist)
        assert f"published already on the sandbox as {doi['identifier']}" in bench.good("--reserve").out
        assert {each.method for each in bench.world.seen[before:]} == {"GET"}
    assert len(bench.world.records) == 3


def test_a_version_is_looked_for_among_many(bench: Bench) -> None:
    published_before(bench)
    for number in range(3, 254):
        metadata = {"version": "1.1.0" if number == 3 else f"2.0.{number}"}
        pids = {"doi": {"identifier": f"10.5072/zenodo.{number}"}}
        record = StoredRecord(str(number), "1", number, metadata, pids=pids, published=True)
        bench.world.records[str(number)] = record
    assert "published already on the sandbox as 10.5072/zenodo.3 (" in bench.good("--reserve").out
    assert bench.world.steps() == ["read-record", "latest", "read-record", "versions", "versions", "versions"]


def test_a_draft_renumbered_to_a_version_that_is_out_is_not_published(bench: Bench) -> None:
    deposited(bench)
    first = bench.doi()["version"]
    bench.set_version("1.1.0")
    bench.good("--reserve")
    bench.release()
    bench.good("--upload")
    bench.set_version("1.0.0")
    bench.release()
    said = f"1.0.0 is published already as {first}"
    run = bench.run("--upload")
    assert run.code == 1 and said in run.err and "raise the version" in run.err
    manifest, record = read_release(bench.dist).manifest, bench.doi()["record"]
    with open_journal(bench.journal) as journal:
        journal.write(
            Entry(Mark.VERIFIED, Server.SANDBOX, "letters", "1.0.0", record=record, manifest=manifest)
        )
    run = bench.run("--publish", "1.0.0")
    assert run.code == 1 and said in run.err and "publish" not in bench.world.steps()[-8:]
    shutil.rmtree(bench.dist)
    assert "published already on the sandbox" in bench.good("--reserve").out


def test_a_server_that_lists_no_versions_of_a_draft_has_none(bench: Bench) -> None:
    bench.world.alters["versions"] = lambda status, content: (404, {"status": 404, "message": "Not found."})
    deposited(bench)
    bench.whole()


def test_equal_bytes_make_no_new_version(bench: Bench) -> None:
    deposited(bench)
    before = len(bench.world.records)
    for arguments in (["--reserve"], ["--upload"], ["--publish", "1.0.0"]):
        run = bench.good(*arguments)
        assert "published already" in run.out
    assert len(bench.world.records) == before
    bench.whole()


@pytest.mark.parametrize("arguments", [["--reserve"], ["--upload"], ["--publish", "1.0.0"]])
def test_other_bytes_under_a_published_version_are_refused(bench: Bench, arguments: list[str]) -> None:
    deposited(bench)
    bench.release({**FILES, "paragraphs.csv": "id,text\n"})
    before = len(bench.world.seen)
    run = bench.run(*arguments)
    assert run.code == 1
    assert "raise the version" in run.err or "--upload first" in run.err
    assert {each.method for each in bench.world.seen[before:]} <= {"GET"}


def test_a_version_renumbered_before_it_is_out_keeps_its_draft(bench: Bench) -> None:
    bench.good("--reserve")
    doi = bench.doi()
    bench.set_version("2.0.0")
    bench.good("--reserve")
    assert bench.doi() == doi
    assert len(bench.world.records) == 1


def test_the_index_of_the_server_may_lag(bench: Bench) -> None:
    bench.world.index_lag = 3
    bench.world.rules = [Rule("504-done", step="create")]
    bench.good("--reserve")
    assert len(bench.world.records) == 1


@pytest.mark.parametrize(
    "fault", ["500", "502-html", "504", "504-done", "cut-before", "cut-after", "200-html"]
)
def test_a_creation_that_may_have_succeeded_is_not_repeated_in_the_same_run(bench: Bench, fault: str) -> None:
    bench.world.index_lag = 8
    bench.world.rules = [Rule(fault, step="create")]
    run = bench.run("--reserve")
    assert run.code == 1 and "create: POST /api/records" in run.err
    assert "run the same command again later: it looks first" in run.err
    assert bench.world.steps() == ["find", "create", *["find"] * 6]
    bench.good("--reserve")
    assert bench.world.steps()[8:10] == ["find", "find"]
    assert len(bench.world.records) == 1


@pytest.mark.parametrize(("status", "looks"), [(400, 1), (403, 1), (422, 1), (408, 6)])
def test_a_creation_that_was_refused_is_not_looked_for(bench: Bench, status: int, looks: int) -> None:
    refusal = {"status": status, "message": "No."}

    def refuse(was: int, content: Any) -> tuple[int, Any]:
        bench.world.records.clear()
        return status, refusal

    bench.world.alters["create"] = refuse
    run = bench.run("--reserve")
    assert run.code == 1 and f"{status}, No" in run.err
    bench.world.alters = {}
    before = len(bench.world.seen)
    bench.good("--reserve")
    assert bench.world.steps()[before:] == [*["find"] * looks, "create", "find", "reserve"]


@pytest.mark.parametrize("discarded", ["5", "made"])
def test_a_second_draft_that_shows_late_is_for_a_person_to_sort_out(bench: Bench, discarded: str) -> None:
    metadata = {"title": "Letters of a small archive", "version": "1.0.0"}
    bench.world.records["5"] = StoredRecord("5", "50", 1, metadata, hidden_for=1)
    for _ in range(2):
        run = bench.run("--reserve")
        assert run.code == 1 and "the account has 2 drafts" in run.err and "5)" in run.err
    (made,) = set(bench.world.records) - {"5"}
    assert "reserve" not in bench.world.steps() and bench.doi()["record"] == ""
    del bench.world.records[made if discarded == "made" else "5"]
    bench.good("--reserve")
    assert bench.doi()["record"] in bench.world.records and len(bench.world.minted) == 1


def test_a_draft_is_found_among_many_of_the_account(bench: Bench) -> None:
    metadata = {"title": "Letters of a small archive", "version": "1.0.0"}
    bench.world.records["1"] = StoredRecord("1", "10", 1, metadata)
    for number in range(2, 252):
        bench.world.records[str(number)] = StoredRecord(str(number), "500", number, {"title": "Another"})
    bench.good("--reserve")
    assert bench.doi()["record"] == "1"
    assert bench.world.steps() == ["find", "find", "find", "reserve"]


@pytest.mark.parametrize("provider", [{"provider": "external"}, {}], ids=["external", "none"])
def test_a_draft_with_the_doi_of_another_registrar_is_not_taken(
    bench: Bench, provider: dict[str, str]
) -> None:
    metadata = {"title": "Letters of a small archive", "version": "1.0.0"}
    pids = {"doi": {"identifier": "10.1234/other", **provider}}
    bench.world.records["5"] = StoredRecord("5", "50", 1, metadata, pids=pids)
    before = bench.package.read_bytes()
    run = bench.run("--reserve")
    assert run.code == 1 and "record 5: the draft has the DOI 10.1234/other of another's" in run.err
    assert bench.package.read_bytes() == before


def test_two_drafts_of_the_same_version_are_for_a_person_to_sort_out(bench: Bench) -> None:
    for number in ("5", "7"):
        metadata = {"title": "Letters of a small archive", "version": "1.0.0"}
        bench.world.records[number] = StoredRecord(number, f"{number}0", 1, metadata)
    run = bench.run("--reserve")
    assert run.code == 1 and "7, 5" in run.err
    assert set(bench.world.steps()) == {"find"}
