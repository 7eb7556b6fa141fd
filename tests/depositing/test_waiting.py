"""How long a run is patient."""

from __future__ import annotations

import contextlib
import io
import random

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

import deposit
from cables.deposit import DepositError, client
from cables.deposit.client import Call, Client, Waiting
from cables.deposit.servers import Server, Target
from cables.deposit.token import Token
from cables.protocol.steps import (
    Step,
)
from depositing.bench import (
    WRITE,
    Bench,
)
from invenio.server import (
    ALWAYS,
    Rule,
)


def test_waits_double_with_a_seeded_spread_and_have_an_end(bench: Bench) -> None:
    waits = []
    for _ in range(2):
        bench.slept.clear()
        bench.world.rules = [Rule("500", step="find", times=ALWAYS)]
        assert bench.run("--reserve").code == 1
        waits.append(list(bench.slept))
    assert waits[0] == waits[1]
    assert len(waits[0]) == 5
    assert all(2**at <= wait <= 1.5 * 2**at for at, wait in enumerate(waits[0]))


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        ("0", 1, 1.5),
        ("42", 42, 43),
        ("soon", 1, 1.5),
        ("-5", 1, 1.5),
        ("\u00b2", 1, 1.5),
        ("9" * 30, 1, 1.5),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 1, 1.5),
    ],
)
def test_the_wait_that_the_server_asks_for_is_kept(
    bench: Bench, asked: str, least: float, most: float
) -> None:
    bench.world.retry_after = asked
    bench.world.rules = [Rule("429", step="find")]
    bench.good("--reserve")
    assert least <= bench.slept[0] <= most


def test_a_date_to_wait_for_is_counted_by_the_clock_of_the_server(bench: Bench) -> None:
    bench.world.date = "Thu, 01 Jan 1970 00:00:00 GMT"
    bench.world.retry_after = "Thu, 01 Jan 1970 00:00:42 GMT"
    bench.world.rules = [Rule("429", step="find")]
    bench.good("--reserve")
    assert 42 <= bench.slept[0] <= 43


@given(st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"]), max_size=40))
def test_whatever_the_server_asks_to_wait_is_a_number_of_seconds_or_nothing(asked: str) -> None:
    response = requests.Response()
    response.headers.update({"Retry-After": asked, "Date": "Thu, 01 Jan 1970 00:00:00 GMT"})
    seconds = client.seconds_asked(response)
    assert seconds is None or seconds >= 0


def test_too_many_requests_for_ever_has_an_end_and_says_so(bench: Bench) -> None:
    bench.world.retry_after = "60"
    bench.world.rules = [Rule("429", step="find", times=ALWAYS)]
    run = bench.run("--reserve")
    assert run.code == 1 and "find: GET /api/user/records" in run.err
    assert "no good answer in 6 tries, at last 429" in run.err and "run the same command again" in run.err
    assert len(bench.slept) == 5 and run.err.count("find: 429; waiting 6") == 5


def test_a_person_who_stops_it_is_told_how_it_goes_on(bench: Bench) -> None:
    def stopped(seconds: float) -> None:
        raise KeyboardInterrupt

    bench.world.rules = [Rule("429", step="find")]
    err = io.StringIO()
    with contextlib.chdir(bench.folder), contextlib.redirect_stderr(err):
        assert deposit.main(["--reserve"], bench.environ, stopped) == 1
    assert "Stopped; the same command goes on from here." in err.getvalue()


def test_an_answer_that_drips_for_too_long_is_none(bench: Bench) -> None:
    clock = iter(range(0, 10**9, 500))
    waiting = Waiting(bench.slept.append, random.Random(1), tries=2, clock=lambda: next(clock))
    dripped = Client(Target(Server.SANDBOX, bench.server.url), Token(WRITE), "letters/1.0.0", waiting)
    bench.world.rules = [Rule("endless", step="find", times=ALWAYS)]
    with pytest.raises(DepositError, match="200 with something else than a JSON object"):
        dripped.ask(Call(Step.FIND))


def test_a_server_that_asks_for_no_wait_is_waited_for_all_the_same(bench: Bench) -> None:
    bench.world.retry_after = "0"
    bench.world.rules = [Rule("429", step="find", times=ALWAYS)]
    assert bench.run("--reserve").code == 1
    assert all(wait >= 2**at for at, wait in enumerate(bench.slept)) and len(bench.slept) == 5


def test_a_server_that_failed_is_tried_again_long_before_the_hour_it_asks_for(bench: Bench) -> None:
    bench.world.rules = [Rule("503", step="find", times=3)]
    bench.good("--reserve")
    assert [60 <= wait <= 61 for wait in bench.slept] == [True] * 3


@pytest.mark.parametrize("asked", ["3600", "Fri, 31 Dec 9999 23:59:59 GMT", "999999999"])
def test_a_wait_of_an_hour_is_left_to_the_person(bench: Bench, asked: str) -> None:
    bench.world.retry_after = asked
    bench.world.rules = [Rule("429", step="find")]
    run = bench.run("--reserve")
    assert run.code == 1 and "asks to wait" in run.err
    assert bench.slept == []
