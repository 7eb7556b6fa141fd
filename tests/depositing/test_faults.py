"""Every state of a version, with every request that is made in it and every fault that may befall that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cables.protocol.steps import (
    FACTS,
    FAULTS,
    STATES,
    Fault,
    FaultFacts,
    Gives,
    Outcome,
    State,
    Step,
    StepFacts,
    outcome,
)
from depositing.bench import (
    PACKAGE,
    PACKAGE_FILE,
    Bench,
    Ending,
    Nursery,
    Scene,
    all_steps,
    new_bench,
    published_before,
)
from invenio.server import (
    ALWAYS,
    DONE,
    InvenioServer,
    Rule,
)


def as_it_is(bench: Bench) -> None:
    """A package that was never deposited."""


def is_reserved(bench: Bench) -> None:
    bench.good("--reserve")


def is_built(bench: Bench) -> None:
    reserve, upload, _ = all_steps(bench)
    bench.good(*reserve())
    upload()


def is_verified(bench: Bench) -> None:
    is_built(bench)
    bench.good("--upload")


def is_out(bench: Bench) -> None:
    is_verified(bench)
    bench.good("--publish", "1.0.0")


@dataclass(frozen=True)
class Situation:
    """A state of a version: what brings it about, the requests made in it, and those that a 404 answers."""

    state: State
    comes_by: Callable[[Bench], None]
    steps: tuple[Step, ...]
    absent: tuple[Step, ...] = ()
    version: str = "1.0.0"

    @property
    def answers(self) -> list[tuple[Step, bool]]:
        """Each request, and whether its answer is a 404."""
        return [*((step, False) for step in self.steps), *((step, True) for step in self.absent)]

    def set_on(self, bench: Bench, kept: Kept) -> tuple[list[str], Ending]:
        """Bring it about, once for all tests; the command that is given in it, and how that ends."""
        arguments = all_steps(bench, self.version)[COMMANDS.index(self.state)]
        if self not in kept:
            Scene({PACKAGE_FILE: PACKAGE.encode()}, bench.world).set_on(bench)
            self.comes_by(bench)
            # As the reference has it; that the program answers otherwise has tests of its own.
            bench.world.latest_is_there = True
            scene = Scene.of(bench)
            bench.good(*arguments())
            kept[self] = scene, Ending.of(bench)
        scene, ending = kept[self]
        scene.set_on(bench)
        bench.slept.clear()
        return arguments(), ending


Kept = dict[Situation, tuple[Scene, Ending]]
COMMANDS = [facts.state for facts in STATES if facts.steps]
SITUATIONS = (
    Situation(State.UNRESERVED, as_it_is, (Step.FIND, Step.CREATE, Step.RESERVE)),
    Situation(
        State.UNRESERVED,
        published_before,
        (Step.READ_RECORD, Step.LATEST, Step.VERSIONS, Step.NEW_VERSION, Step.RESERVE),
        version="1.1.0",
    ),
    Situation(State.UNRESERVED, is_reserved, (Step.READ_DRAFT, Step.VERSIONS), (Step.READ_RECORD,)),
    Situation(State.UNRESERVED, is_out, (Step.READ_RECORD, Step.LATEST, Step.LIST_PUBLISHED)),
    Situation(
        State.BUILT,
        is_built,
        (
            Step.READ_DRAFT,
            Step.VERSIONS,
            Step.LIST,
            Step.REMOVE,
            Step.REGISTER,
            Step.SEND,
            Step.COMMIT,
            Step.DESCRIBE,
            Step.DOWNLOAD,
        ),
    ),
    Situation(State.BUILT, is_out, (Step.READ_RECORD, Step.LIST_PUBLISHED), (Step.READ_DRAFT,)),
    Situation(
        State.VERIFIED,
        is_verified,
        (Step.READ_DRAFT, Step.VERSIONS, Step.LIST, Step.PUBLISH, Step.LIST_PUBLISHED),
        (Step.READ_RECORD,),
    ),
    Situation(State.VERIFIED, is_out, (Step.READ_RECORD, Step.LIST_PUBLISHED)),
)

TRIPLES = [
    pytest.param(
        situation,
        FACTS[step],
        fault,
        outcome(FACTS[step], fault, absent=absent),
        id=f"{situation.state}-{situation.comes_by.__name__}-{step}{'-404' * absent}-{fault.fault}",
    )
    for situation in SITUATIONS
    for step, absent in situation.answers
    for fault in FAULTS
    if outcome(FACTS[step], fault, absent=absent) is not None
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all: a disk takes longer to give and take away a thousand than the tests themselves."""
    return tmp_path_factory.mktemp("stage")


@pytest.fixture
def stage(folder: Path, invenio: InvenioServer, nursery: Nursery) -> Bench:
    return new_bench(folder, invenio, nursery)


@pytest.fixture(scope="module")
def kept() -> Kept:
    """The situations that were brought about already, and how they end."""
    return {}


def test_there_is_a_situation_for_every_request_of_every_state() -> None:
    played = {(each.state, *answer) for each in SITUATIONS for answer in each.answers}
    assert played == {(facts.state, *answer) for facts in STATES for answer in facts.answers}


@pytest.mark.parametrize(("situation", "step", "fault", "does"), TRIPLES)
def test_a_fault_at_a_request_does_what_the_table_says(
    stage: Bench,
    kept: Kept,
    situation: Situation,
    step: StepFacts,
    fault: FaultFacts,
    does: Outcome,
) -> None:
    arguments, ending = situation.set_on(stage, kept)
    before = len(stage.world.seen)
    stage.world.rules = [Rule(fault.fault, step=step.step)]
    run = stage.run(*arguments)
    assert "Traceback" not in run.err
    stops = does is Outcome.STOPS or (does is Outcome.FINDS and fault.fault not in DONE)
    assert run.code == stops, run.err
    steps = stage.world.steps()[before:]
    at = steps.index(step.step)
    if does is Outcome.WAITS:
        assert steps[at + 1] == step.step and stage.slept
    if does in (Outcome.LOOKS, Outcome.FINDS):
        assert steps[at + 1] == step.settled_by and stage.slept
    if does is Outcome.ANEW:
        assert steps[at + 1 : at + 4] == ["list", "register", "send"] and stage.slept
    if does is Outcome.ASKS:
        assert steps[at + 1] in (step.step, step.settled_by)
    if does is Outcome.STOPS:
        assert len(steps) == at + 1
    if fault.fault is Fault.TOO_MANY:
        assert 7 <= stage.slept[0] <= 8
    if stops:
        stage.good(*arguments)
    assert Ending.of(stage) == ending


@pytest.mark.parametrize(("situation", "step", "fault", "does"), TRIPLES)
def test_a_fault_that_stays_ends_the_run_and_the_next_one_finishes(
    stage: Bench,
    kept: Kept,
    situation: Situation,
    step: StepFacts,
    fault: FaultFacts,
    does: Outcome,
) -> None:
    arguments, ending = situation.set_on(stage, kept)
    before = len(stage.world.seen)
    stage.world.rules = [Rule(fault.fault, step=step.step, times=ALWAYS)]
    run = stage.run(*arguments)
    assert len(stage.world.seen) - before < 150, "the run has to have an end"
    assert "Traceback" not in run.err
    assert (run.code == 1 and run.err.strip()) or fault.fault in DONE
    stage.world.rules = []
    stage.good(*arguments)
    if fault.fault is Fault.WRONG_CHECKSUM:
        # A server that always names other bytes is sent them again, a bounded number of times.
        stage.world.stored = []
    assert Ending.of(stage) == ending


def through(bench: Bench, version: str, stops: bool) -> list[int]:
    """Go the whole way, running a command once more where it may stop; the exit codes of the first tries."""
    codes = []
    for prepare in all_steps(bench, version):
        arguments = prepare()
        run = bench.run(*arguments)
        assert "Traceback" not in run.err
        codes.append(run.code)
        if run.code and stops:
            run = bench.run(*arguments)
        assert run.code == 0, run.err
    return codes


@pytest.mark.parametrize(
    "fault", [each for each in FAULTS if Gives.NOTHING in each.befalls or each.fault is Fault.FOREIGN_LINK]
)
def test_a_redirection_to_the_latest_version_is_settled_as_well(bench: Bench, fault: FaultFacts) -> None:
    published_before(bench)
    bench.world.rules = [Rule(fault.fault, step="latest")]
    does = outcome(FACTS[Step.LATEST], fault)
    codes = through(bench, "1.1.0", stops=does is Outcome.STOPS)
    assert codes == ([1, 0, 0] if does is Outcome.STOPS else [0, 0, 0])
    steps = bench.world.steps()
    assert steps[steps.index("versions") - 1] == "read-record", "the place is asked for, not followed"
    bench.whole("1.1.0")


REPEATED = (Step.READ_DRAFT, Step.LIST, Step.REGISTER, Step.SEND, Step.COMMIT, Step.DOWNLOAD)
LATER = [FACTS[step] for step in REPEATED]


@pytest.mark.parametrize(("step", "fault"), [(step, f) for step in LATER for f in FAULTS if outcome(step, f)])
def test_a_fault_at_a_later_request_of_its_kind_is_settled_as_well(
    bench: Bench, step: StepFacts, fault: FaultFacts
) -> None:
    rule = Rule(fault.fault, step=step.step, first=4)
    bench.world.rules = [rule]
    codes = through(bench, "1.0.0", stops=outcome(step, fault) is Outcome.STOPS)
    assert rule.came >= 4
    assert any(codes) == (outcome(step, fault) is Outcome.STOPS)
    bench.whole()
