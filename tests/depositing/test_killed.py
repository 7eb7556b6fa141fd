"""The deposit killed at every moment, and given again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from cables.deposit.journal import read_journal
from cables.protocol.steps import (
    FACTS,
    STEPS,
    Step,
)
from depositing.bench import (
    Bench,
    Ending,
    Nursery,
    Scene,
    all_steps,
    published_before,
)
from invenio.server import (
    Rule,
)

Moment = tuple[str, int]


def moments(steps: list[str], lines: int) -> list[Moment]:
    """Every moment of a run of these requests, and of as many lines of the journal."""
    found = [("before-request", at) for at in range(1, len(steps) + 1)]
    # After a request that only reads is before the next one: nothing is written in between.
    found += [
        ("after-request", at)
        for at, step in enumerate(steps, 1)
        if FACTS[Step(step)].writes or at == len(steps)
    ]
    found += [("during-request", at) for at, step in enumerate(steps, 1) if step == Step.SEND]
    found += [("during-line", at) for at in range(1, lines + 1)]
    return found + [(f"{when}-rename", 1) for when in ("before", "after") if Step.RESERVE in steps]


@dataclass
class Act:
    """One command of the whole way: how things stand before it and after it, and its moments."""

    scene: Scene
    arguments: list[str]
    moments: list[Moment]
    ending: Ending

    def killed(self, bench: Bench, moment: Moment, fault: str = "") -> None:
        """Kill the command at a moment, after a fault at every change, and give it again."""
        self.scene.set_on(bench)
        bench.world.rules = [Rule(fault, step=facts.step) for facts in STEPS if fault and facts.writes]
        assert bench.killed(*moment, *self.arguments) == Nursery.KILLED
        bench.good(*self.arguments)
        assert Ending.of(bench) == self.ending


def acts(bench: Bench, version: str) -> Iterator[Act]:
    """Each command of the whole way."""
    for prepare in all_steps(bench, version):
        arguments = prepare()
        before = Scene.of(bench)
        made, lines = len(bench.world.seen), len(read_journal(bench.journal))
        bench.good(*arguments)
        after = Scene.of(bench)
        found = moments(bench.world.steps()[made:], len(read_journal(bench.journal)) - lines)
        yield Act(before, arguments, found, Ending.of(bench))
        after.set_on(bench)


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
def test_killed_at_any_moment_the_next_run_finishes(bench: Bench, version: str) -> None:
    if version != "1.0.0":
        published_before(bench)
    for act in acts(bench, version):
        for moment in act.moments:
            act.killed(bench, moment)
    bench.whole(version)


@pytest.mark.parametrize("fault", ["500", "504-done", "cut-after", "200-html"])
def test_killed_after_a_fault_at_every_change_the_next_run_finishes(bench: Bench, fault: str) -> None:
    published_before(bench)
    drawn = random.Random(fault)
    for act in acts(bench, "1.1.0"):
        # A fault moves the moments that come after it: what is certain to come is a request, or a line.
        certain = [moment for moment in act.moments if moment[0] in ("before-request", "during-line")]
        for moment in drawn.sample(certain, 4):
            act.killed(bench, moment, fault)
    bench.whole("1.1.0")


def test_killed_while_a_file_is_sent_a_server_that_keeps_its_entry_is_sent_it_again(bench: Bench) -> None:
    bench.world.keeps_failed = True
    for act in acts(bench, "1.0.0"):
        for moment in act.moments:
            if moment[0] == "during-request":
                act.killed(bench, moment)
    bench.whole()


def test_killed_again_and_again_it_comes_to_the_end(bench: Bench) -> None:
    for prepare in all_steps(bench):
        arguments = prepare()
        runs = 1
        while bench.killed("after-change", 2, *arguments) == Nursery.KILLED:
            runs += 1
            assert runs < 40
    bench.whole()


def test_without_its_journal_it_finds_the_draft_again(bench: Bench) -> None:
    bench.world.index_lag = 0
    assert bench.killed("after-request", 3, "--reserve") == Nursery.KILLED
    bench.journal.unlink()
    for prepare in all_steps(bench):
        bench.good(*prepare())
    bench.whole()


@pytest.mark.parametrize("step", ["reserve", "publish"])
def test_a_change_that_does_not_show_at_once_is_not_made_twice(bench: Bench, step: str) -> None:
    for prepare in all_steps(bench):
        arguments = prepare()
        if arguments[0] == f"--{step}":
            bench.world.rules = [Rule("504-done", step=step)]
            bench.world.stale_after = step
        bench.good(*arguments)
    assert bench.world.steps().count(step) == 2
    bench.whole()


def test_a_lost_journal_asks_for_another_read_back_before_publishing(bench: Bench) -> None:
    reserve, upload, publish = all_steps(bench)
    bench.good(*reserve())
    bench.good(*upload())
    bench.journal.unlink()
    refused = bench.run(*publish())
    assert refused.code == 1 and "--upload first" in refused.err
    bench.good(*upload())
    bench.good(*publish())
    bench.whole()
