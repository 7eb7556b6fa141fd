"""Tokens that nobody sees, and servers that mean harm."""

from __future__ import annotations

import json
import random
import traceback

import pytest

from cables.deposit import DepositError
from cables.deposit.client import ACCEPT, Call, Client, Waiting
from cables.deposit.servers import Server, Target
from cables.deposit.token import HIDDEN, Token
from cables.protocol.steps import (
    Step,
)
from depositing.bench import (
    ACT,
    WRITE,
    Bench,
    all_steps,
    deposited,
)
from invenio.server import (
    ALWAYS,
    DONE,
    EVIL,
    UNDONE,
    Rule,
)


@pytest.mark.parametrize("fault", [*UNDONE, *DONE, "echo", "echo-escaped"])
def test_the_token_is_nowhere_but_in_its_header(bench: Bench, fault: str) -> None:
    said = []
    # What is refused is not looked for, and this server has done what it says it refuses.
    bench.world.index_lag = 0
    befallen = [Step.SEND] if fault.endswith("-lost") else list(Step)
    bench.world.rules = [Rule(fault, step=step, times=2) for step in befallen]
    for prepare in all_steps(bench):
        arguments = prepare()
        for _ in range(4 * len(Step)):
            run = bench.run(*arguments)
            said += [run.out, run.err]
            if run.code == 0:
                break
        said.append(bench.good().out)
    bench.world.stored = []
    bench.whole()
    said += [each.url for each in bench.world.seen]
    said += [path.read_text("latin-1") for path in bench.folder.rglob("*") if path.is_file()]
    assert any(HIDDEN in each for each in said) == fault.startswith("echo"), "the server did repeat a token"
    for secret in (WRITE, ACT):
        assert not any(secret in each for each in said)
        assert any(each.headers.get("Authorization") == f"Bearer {secret}" for each in bench.world.seen)


@pytest.mark.parametrize("fault", ["endless", "nested"])
def test_an_answer_without_end_or_bottom_is_no_answer(bench: Bench, fault: str) -> None:
    bench.world.rules = [Rule(fault, step="find")]
    bench.good("--reserve")
    bench.nothing_doubled()


def test_nothing_is_sent_that_the_disk_does_not_take_into_the_journal(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    told, seen = bench.journal.read_bytes(), len(bench.world.seen)
    run = bench.limited(len(told) + 20, "--upload")
    assert run.code == 1
    assert "File too large; nothing is sent that is not journalled" in run.err
    assert all(each.method == "GET" for each in bench.world.seen[seen:])
    bench.good("--upload")
    bench.good("--publish", "1.0.0")
    bench.whole()


NOT_OF_CREATE = ("200-lost", "400-lost", "wrong-checksum")


def impatient(bench: Bench, token: str = WRITE) -> Client:
    """A client that gives up at the second try."""
    waiting = Waiting(bench.slept.append, random.Random(1), tries=2)
    return Client(Target(Server.SANDBOX, bench.server.url), Token(token), "letters/1.0.0", waiting)


@pytest.mark.parametrize("fault", [each for each in (*UNDONE, *DONE, *EVIL) if each not in NOT_OF_CREATE])
def test_a_traceback_with_all_its_variables_does_not_hold_the_token(bench: Bench, fault: str) -> None:
    bench.world.rules = [Rule(fault, step="create", times=ALWAYS)]
    with pytest.raises(DepositError) as caught:
        impatient(bench).ask(Call(Step.CREATE, send={}))
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert WRITE not in "".join(told.format())
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "value",
    ["with a space", "with a new\nline", "cyrillic-кириллица", 'with-a-quote"', "semi;colons;", "5up3r"],
)
def test_a_token_with_a_slip_in_it_is_refused_and_not_repeated(bench: Bench, value: str) -> None:
    bench.environ["CABLES_SANDBOX_DEPOSIT_TOKEN"] = value
    run = bench.run("--reserve")
    assert run.code == 1 and "copy it again" in run.err
    assert value not in run.err and bench.world.seen == []


def test_a_token_prints_as_stars() -> None:
    token = Token(WRITE)
    assert {str(token), repr(token), f"{token}", f"{token!r}", repr({"a": token.header()})} == {
        HIDDEN,
        repr({"a": HIDDEN}).replace("'***'", HIDDEN),
    }
    with pytest.raises(TypeError):
        json.dumps({"token": token})
    with pytest.raises(TypeError):
        __import__("pickle").dumps(token)


ZENODO = Target(Server.PRODUCTION, "https://zenodo.org")


@pytest.mark.parametrize(
    "link",
    [
        "https://zenodo.org/api",
        "https://ZENODO.org/api",
        "HTTPS://zenodo.org:443/api",
        "/api/records/1",
        "//zenodo.org/api",
        "api/records/1",
        "https://zenodo.org/a@b",
    ],
)
def test_a_link_to_the_same_server_is_known_however_it_is_written(link: str) -> None:
    assert ZENODO.own(link).lower().startswith("https://zenodo.org")


@pytest.mark.parametrize(
    "link",
    [
        "http://zenodo.org/api",
        "https://zenodo.org:8443/",
        "https://sandbox.zenodo.org/",
        "//evil.example/",
        "https://me:secret@zenodo.org/",
        "https://zenodo.org@evil.example/",
        "https://zenodo.org\\@evil.example",
        "https://zenodo。org/",
        "https://zеnodo.org/",
        "https://xn--znodo-8ve.org/",
        "https://zenodo.org./",
        "https://[::1",
        "https://zenodo.org:port/",
        "ftp://zenodo.org/",
        "javascript:alert(1)",
        "https:///api",
        "https://zenodo.org.evil.example/",
        "https://zenodo.org℀.example/",
        "file:///etc/passwd",
    ],
)
def test_a_link_to_another_server_is_not_taken_for_this_one(bench: Bench, link: str) -> None:
    assert ZENODO.own(link) == ""
    if link.isascii():
        bench.world.alters["create"] = lambda status, content: (status, {**content, "links": {"self": link}})
        run = bench.run("--reserve")
        assert run.code == 1 and "stopped before anything more was sent" in run.err
        assert bench.world.steps() == ["find", "create"]


def test_a_search_without_end_has_an_end(bench: Bench) -> None:
    page = [{"id": str(at), "is_published": False, "parent": {"id": "1"}} for at in range(100)]
    bench.world.alters["find"] = lambda status, content: (status, {"hits": {"hits": page}})
    bench.good("--reserve")
    assert bench.world.steps().count("find") == 200


def test_a_name_that_no_header_can_carry_is_written_otherwise(bench: Bench) -> None:
    text = bench.package.read_text("utf-8").replace('"letters"', '"письма\\n"')
    bench.package.write_text(text, "utf-8")
    bench.good("--reserve")
    assert {each.headers["User-Agent"] for each in bench.world.seen} == {"?/1.0.0 (+https://letters.example)"}


def test_a_token_may_be_set_with_space_around_it(bench: Bench) -> None:
    bench.environ["CABLES_SANDBOX_DEPOSIT_TOKEN"] = f"  {WRITE}\n"
    bench.good("--reserve")
    assert {each.headers["Authorization"] for each in bench.world.seen} == {f"Bearer {WRITE}"}


def test_neither_netrc_nor_a_proxy_takes_the_token(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = bench.folder / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    bench.good("--reserve")
    assert {each.headers["Authorization"] for each in bench.world.seen} == {f"Bearer {WRITE}"}


def test_every_request_says_who_asks_and_for_which_form(bench: Bench) -> None:
    deposited(bench)
    assert {each.headers["User-Agent"] for each in bench.world.seen} == {
        "letters/1.0.0 (+https://letters.example)"
    }
    assert {each.headers["Accept"] for each in bench.world.seen} == {ACCEPT}


def test_an_answer_in_the_former_form_is_not_built_upon(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cables.deposit.client.ACCEPT", "application/json")
    run = bench.run("--reserve")
    assert run.code == 1 and "expected an answer as InvenioRDM documents it" in run.err


def test_nobody_listening_ends_in_a_sentence(bench: Bench) -> None:
    bench.environ["CABLES_DEPOSIT_URL"] = "http://127.0.0.1:9"
    run = bench.run("--reserve")
    assert run.code == 1 and "the connection failed" in run.err and "Traceback" not in run.err
