"""Files and descriptions on their way to the draft, and back."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cables.deposit.client import Call, Client
from cables.deposit.journal import Mark, read_journal
from cables.deposit.likeness import cleaned, differences
from cables.deposit.releasefolder import EXCLUDED
from cables.deposit.token import HIDDEN
from cables.protocol.steps import (
    Step,
)
from depositing.bench import (
    FILES,
    PACKAGE,
    Bench,
    body_with,
    deposited,
    spoil,
)
from invenio.server import (
    ALWAYS,
    Rule,
    StoredFile,
    fixed,
)


def test_a_second_upload_sends_nothing(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    bench.good("--upload")
    before = len(bench.world.seen)
    bench.good("--upload")
    assert {each.method for each in bench.world.seen[before:]} == {"GET"}
    assert "download" in bench.world.steps()[before:]


def test_a_release_made_again_sends_what_changed(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    bench.good("--upload")
    bench.release({**FILES, "paragraphs.csv": "id,text\n"})
    before = len(bench.world.seen)
    refused = bench.run("--publish", "1.0.0")
    assert refused.code == 1 and "--upload first" in refused.err
    bench.good("--upload")
    sent = {each.key for each in bench.world.seen[before:] if each.step == "send"}
    assert sent == {"paragraphs.csv", "letters.zip", "SHA256SUMS"}
    bench.good("--publish", "1.0.0")
    bench.whole()


def test_a_foreign_file_in_the_draft_stops_it_before_anything_is_changed(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    bench.record_of_doi().files["notes.txt"] = StoredFile(b"somebody's", True)
    before = len(bench.world.seen)
    run = bench.run("--upload")
    assert run.code == 1 and "notes.txt" in run.err
    assert {each.method for each in bench.world.seen[before:]} == {"GET"}


def test_the_description_is_no_file_of_the_record(bench: Bench) -> None:
    deposited(bench)
    assert EXCLUDED == ("inveniordm.json",)
    assert "inveniordm.json" not in bench.record().files
    assert "letters.zip" in bench.record().files


def test_an_empty_file_is_sent_with_its_length(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release({**FILES, "rejected.csv": ""})
    bench.good("--upload")
    (sent,) = [each for each in bench.world.seen if each.step == "send" and each.key == "rejected.csv"]
    assert sent.headers["Content-Length"] == "0"
    assert "Transfer-Encoding" not in sent.headers


def test_a_large_file_is_sent_again_from_its_first_byte(bench: Bench) -> None:
    large = random.Random(4).randbytes(3_000_000)
    bench.good("--reserve")
    bench.release({"large.bin": large})
    bench.world.rules = [Rule("500", step="send", first=first) for first in (1, 2, 3)]
    bench.good("--upload")
    assert bench.record().files["large.bin"].content == large


def test_bytes_that_the_server_loses_are_sent_again(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    bench.world.loses_next_content = True
    # What a server that has no bytes says of a file that is closed is what a broken server says.
    stopped = bench.run("--upload")
    assert stopped.code == 1 and "commit: POST" in stopped.err and "at last 500" in stopped.err
    bench.good("--upload")
    bench.good("--publish", "1.0.0")
    bench.whole()


def test_bytes_that_the_server_refuses_stop_it_with_the_reason(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    bench.world.rules = [Rule("echo", step="send")]
    run = bench.run("--upload")
    assert run.code == 1 and "send: PUT" in run.err and f"400, Bad header: Bearer {HIDDEN}" in run.err
    bench.good("--upload")


@pytest.mark.parametrize("keeps", [False, True], ids=["dropped", "kept"])
@pytest.mark.parametrize("fault", ["500", "502-html", "504", "cut-before"])
def test_a_file_whose_bytes_did_not_arrive_is_sent_again_whatever_became_of_it(
    bench: Bench, fault: str, keeps: bool
) -> None:
    bench.good("--reserve")
    bench.release()
    bench.world.keeps_failed = keeps
    bench.world.rules = [Rule(fault, step="send")]
    bench.good("--upload")
    assert bench.world.steps().count("register") == (4 if keeps else 5)
    bench.good("--publish", "1.0.0")
    bench.whole()


def test_a_file_that_the_server_never_keeps_is_sent_a_bounded_number_of_times(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    bench.world.rules = [Rule("400-lost", step="send", times=ALWAYS)]
    run = bench.run("--upload")
    assert run.code == 1 and "SHA256SUMS: sent 3 times, and the server does not hold it" in run.err
    assert "400, The file upload transfer failed, please try again" in run.err
    assert bench.world.steps().count("send") == 3 and len(bench.slept) == 2


def test_a_file_that_changes_while_it_is_sent_is_not_taken_for_the_release(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.good("--reserve")
    bench.release()
    real = Client.ask

    def ask(client: Client, call: Call, **more: Any) -> Any:
        if call.step is Step.REGISTER:
            (bench.dist / "paragraphs.csv").write_text("id,text\n")
        return real(client, call, **more)

    monkeypatch.setattr(Client, "ask", ask)
    run = bench.run("--upload")
    assert run.code == 1 and "paragraphs.csv still the file that was released?" in run.err
    assert "publish" not in bench.world.steps()


@pytest.mark.parametrize("checksum", ["sha256:00", "0cc175b9c0f1b6a831c399e269772661", "md5:", None, 5])
def test_a_checksum_of_another_kind_stops_it_before_a_file_is_taken_away(
    bench: Bench, checksum: object
) -> None:
    bench.good("--reserve")
    bench.release()
    bench.good("--upload")

    def alter(status: int, content: Any) -> tuple[int, Any]:
        return 200, {"entries": [{**each, "checksum": checksum} for each in content["entries"]]}

    bench.world.alters["list"] = alter
    before = len(bench.world.seen)
    run = bench.run("--upload")
    assert run.code == 1 and "with checksum" in run.err
    assert {each.method for each in bench.world.seen[before:]} == {"GET"}


@pytest.mark.parametrize("size", [float("inf"), float("nan"), "12", None, 1.5, True])
def test_a_size_that_is_none_is_not_built_upon(bench: Bench, size: object) -> None:
    bench.good("--reserve")
    bench.release()
    bench.world.alters["commit"] = lambda status, content: (status, {**content, "size": size})
    run = bench.run("--upload")
    assert run.code == 1 and "Traceback" not in run.err
    assert ("with size" in run.err) or ("does not hold it" in run.err)


def test_a_download_without_end_is_left_and_is_an_error(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    bench.world.rules = [Rule("endless", step="download", times=ALWAYS)]
    run = bench.run("--upload")
    assert run.code == 1 and "read back with sha256" in run.err


def test_half_a_file_that_the_server_took_for_whole_is_taken_away_and_sent_again(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    bench.world.halves_next_content = True
    bench.world.rules = [Rule("cut-after", step="send")]
    bench.good("--upload")
    assert bench.world.steps().count("remove") == 1
    bench.good("--publish", "1.0.0")
    bench.whole()


def test_bytes_that_come_back_other_than_sent_are_never_verified(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    bench.world.rules = [Rule("wrong-checksum", step="download", times=ALWAYS)]
    run = bench.run("--upload")
    assert run.code == 1 and "SHA256SUMS: read back with sha256" in run.err
    assert Mark.VERIFIED not in {entry.mark for entry in read_journal(bench.journal)}
    assert "--upload first" in bench.run("--publish", "1.0.0").err


def test_a_description_with_errors_is_refused_field_by_field(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    bench.world.drops = "creators"
    run = bench.run("--upload")
    assert run.code == 1
    assert "metadata.creators: Missing data for required field." in run.err


def test_a_description_that_comes_back_shorter_is_an_error(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    bench.world.drops = "rights"
    run = bench.run("--upload")
    assert run.code == 1 and "metadata.rights: nothing, expected a list of 1" in run.err
    assert bench.run("--publish", "1.0.0").code == 1


CURLED = "“Letters”, of a small archive’s\u00a0ﬁles\u200b &amp; Ｎｏｔｅｓ "


@pytest.mark.parametrize("fault", ["", "504-done"])
def test_a_title_that_the_server_cleans_is_the_same_title(bench: Bench, fault: str) -> None:
    text = bench.package.read_text("utf-8").replace("Letters of a small archive", CURLED)
    bench.package.write_text(text, "utf-8")
    bench.world.rules = [Rule(fault, step="create")]
    deposited(bench)
    assert bench.record().metadata["title"] == '"Letters", of a small archive\'s\u00a0files & Notes'
    bench.nothing_doubled()


@given(st.text() | st.text(st.sampled_from("a ‘’“”ﬁﬅŉＡ　\u200b&amp;lt;#39<>\r\n\x85\u2028e\u0301")))
def test_what_the_server_makes_of_a_text_is_no_difference(text: str) -> None:
    assert cleaned(fixed(text)) == cleaned(text)
    assert differences({"metadata": {"a": text}}, {"metadata": {"a": fixed(text)}, **FILES_ON}) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("Letters", "letters"), ("x²", "x2"), ("a b", "ab"), ("е", "e"), ("1 < 2 > 1", "1 > 1")],
)
def test_another_text_is_a_difference_however_alike_it_looks(one: str, other: str) -> None:
    assert cleaned(one) != cleaned(other)
    assert differences({"metadata": {"a": one}}, {"metadata": {"a": other}, **FILES_ON})


FILES_ON = {"files": {"enabled": True}}
PERSON = {"type": "personal", "family_name": "Ivanova", "given_name": "Anna"}
ORCID = {"scheme": "orcid", "identifier": "0000-0002-1825-0097"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"contributors": [{"person_or_org": PERSON, "role": {"id": "sponsor"}}]}, {}),
        (
            {"creators": [{"person_or_org": {**PERSON, "identifiers": [ORCID]}}]},
            {"creators": [{"person_or_org": PERSON}]},
        ),
    ],
    ids=["a field", "an identifier"],
)
def test_what_an_earlier_description_said_and_this_one_does_not_goes(
    bench: Bench, before: dict[str, Any], after: dict[str, Any]
) -> None:
    bench.good("--reserve")
    bench.release()
    plain = (bench.dist / "inveniordm.json").read_text()
    for metadata in (before, after):
        spoil(bench, "inveniordm.json", plain)
        spoil(bench, "inveniordm.json", body_with(bench, **metadata))
        assert "description: sent" in bench.good("--upload").out
    bench.good("--publish", "1.0.0")
    bench.whole()


@pytest.mark.parametrize(
    ("part", "added", "said"),
    [
        (
            "metadata",
            {"funding": [{"funder": {"id": "x"}}]},
            "metadata.funding: a list of 1, expected nothing",
        ),
        ("metadata", {"copyright": "Foo"}, "metadata.copyright: 'Foo', expected nothing"),
        (
            "access",
            {"embargo": {"active": True, "until": "2030-01-01"}},
            "access.embargo.active: True, expected nothing",
        ),
    ],
    ids=["funding", "copyright", "embargo"],
)
def test_what_was_added_on_the_servers_pages_is_not_published_and_a_further_upload_takes_it_away(
    bench: Bench, part: str, added: dict[str, Any], said: str
) -> None:
    bench.good("--reserve")
    bench.release()
    bench.good("--upload")
    vars(bench.record_of_doi())[part].update(added)
    run = bench.run("--publish", "1.0.0")
    assert run.code == 1 and said in run.err
    assert "publish" not in bench.world.steps()
    bench.good("--upload")
    bench.good("--publish", "1.0.0")
    bench.whole()


def test_what_the_server_does_not_take_away_is_an_error(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()

    def alter(status: int, content: Any) -> tuple[int, Any]:
        return status, {**content, "metadata": {**content["metadata"], "copyright": "Foo"}}

    bench.world.alters["read-draft"] = alter
    run = bench.run("--upload")
    assert run.code == 1 and "metadata.copyright: 'Foo', expected nothing" in run.err


@pytest.mark.parametrize("empty", [[], {}, None, [{}], {"a": None}], ids=repr)
def test_what_is_empty_is_as_good_as_absent(bench: Bench, empty: object) -> None:
    bench.good("--reserve")
    bench.release()
    spoil(bench, "inveniordm.json", body_with(bench, contributors=empty))
    bench.good("--upload")
    assert "description: there already" in bench.good("--upload").out
    bench.good("--publish", "1.0.0")


BODY: dict[str, Any] = {
    "access": {"record": "public", "files": "public"},
    "files": {"enabled": True},
    "metadata": {
        "title": "Letters",
        "rights": [{"id": "cc-by-4.0"}],
        "creators": [{"person_or_org": PERSON}],
    },
}


@pytest.mark.parametrize(
    "added",
    [
        {"files": {"enabled": True, "count": 3, "total_bytes": 9, "order": []}},
        {"access": {**BODY["access"], "status": "open", "embargo": {"active": False, "reason": None}}},
        {"custom_fields": {}},
        {
            "metadata": {
                **BODY["metadata"],
                "rights": [{"id": "cc-by-4.0", "title": {"en": "x"}, "icon": "i"}],
            }
        },
        {
            "metadata": {
                **BODY["metadata"],
                "creators": [{"person_or_org": {**PERSON, "name": "Ivanova, Anna"}}],
            }
        },
        {"metadata": {**BODY["metadata"], "funding": [], "sizes": None}},
    ],
    ids=["files", "access", "custom fields", "a term", "a name", "nothing"],
)
def test_what_the_server_adds_of_its_own_is_no_difference(added: dict[str, Any]) -> None:
    assert differences(BODY, {**BODY, **added}) == []


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"files": {"enabled": False}}, "files.enabled: False, expected True"),
        (
            {"access": {"record": "restricted", "files": "public"}},
            "access.record: 'restricted', expected 'public'",
        ),
        ({"custom_fields": {"journal": "x"}}, "custom_fields.journal: 'x', expected nothing"),
        (
            {"metadata": {**BODY["metadata"], "rights": [{"title": {"en": "x"}}]}},
            "metadata.rights[0].id: nothing",
        ),
        ({"metadata": {**BODY["metadata"], "name": "x"}}, "metadata.name: 'x', expected nothing"),
        ({"metadata": {**BODY["metadata"], "icon": "x"}}, "metadata.icon: 'x', expected nothing"),
        (
            {"metadata": {**BODY["metadata"], "title": ["Letters"]}},
            "metadata.title: a list of 1, expected 'Letters'",
        ),
        ({"metadata": []}, "metadata.title: nothing, expected 'Letters'"),
        ({"metadata": "x"}, "metadata: 'x', expected {"),
    ],
)
def test_whatever_else_the_server_holds_is_a_difference(other: dict[str, Any], said: str) -> None:
    assert any(found.startswith(said) for found in differences(BODY, {**BODY, **other}))


def test_what_the_server_remarks_on_a_description_is_no_refusal(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    remark = {"field": "metadata.description", "messages": ["Consider to add more."], "severity": "info"}
    bench.world.alters["describe"] = lambda status, content: (status, {**content, "errors": [remark]})
    bench.good("--upload")
    error = {**remark, "severity": "error"}
    bench.world.alters["describe"] = lambda status, content: (status, {**content, "errors": [error]})
    spoil(bench, "inveniordm.json", body_with(bench, description="<p>Other</p>"))
    assert "metadata.description: Consider" in bench.run("--upload").err


def test_the_doi_outlives_the_description(bench: Bench) -> None:
    bench.good("--reserve")
    reserved = bench.doi()["version"]
    bench.release()
    bench.good("--upload")
    assert bench.record_of_doi().pids["doi"]["identifier"] == reserved


def test_a_record_that_the_server_does_not_know_is_named(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    bench.world.records.clear()
    for arguments in (["--reserve"], ["--upload"]):
        run = bench.run(*arguments)
        assert run.code == 1 and "record 1000003" in run.err and "empty the four values of [doi]" in run.err
    assert not bench.world.records


def test_a_draft_deleted_on_the_server_can_be_begun_anew(bench: Bench) -> None:
    bench.good("--reserve")
    bench.world.records.clear()
    bench.package.write_text(PACKAGE, "utf-8")
    deposited(bench)
    assert len(bench.world.records) == 1 and bench.record().published


def test_a_version_published_by_hand_is_compared_and_left_alone(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    bench.good("--upload")
    record = bench.record_of_doi()
    record.published = True
    for edited in (False, True):
        record.edited = edited
        before = len(bench.world.seen)
        for arguments in (["--upload"], ["--publish", "1.0.0"], ["--reserve"]):
            assert "is published already" in bench.good(*arguments).out
        assert {each.method for each in bench.world.seen[before:]} == {"GET"}
    record.pids["doi"]["identifier"] = "10.5072/by.hand"
    for arguments in (["--upload"], ["--publish", "1.0.0"]):
        run = bench.run(*arguments)
        assert run.code == 1 and "published as 10.5072/by.hand, expected 10.5072/zenodo." in run.err


def test_the_letter_case_of_a_doi_does_not_count(bench: Bench) -> None:
    bench.good("--reserve")
    doi = bench.doi()["version"]
    bench.package.write_text(bench.package.read_text("utf-8").replace(doi, doi.upper()), "utf-8")
    bench.release(doi=doi.title())
    bench.good("--upload")
    bench.good("--publish", "1.0.0")
    assert "is published already" in bench.good("--publish", "1.0.0").out


def test_a_release_built_without_the_reserved_doi_is_refused(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release(doi="10.5072/zenodo.10000029")
    run = bench.run("--upload")
    assert run.code == 1 and "build, commit, tag and release again" in run.err
