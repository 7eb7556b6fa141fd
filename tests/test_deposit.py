"""The deposit against a real server on loopback: every request with every fault, killed at every request."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tomllib
import traceback
import zipfile
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

import deposit
from cables.deposit import DepositError, client, plan, read_release, refuse_sandbox_doi
from cables.deposit.client import ACCEPT, Call, Client, Waiting
from cables.deposit.journal import Entry, Journal, Mark, open_journal, read_journal
from cables.deposit.likeness import cleaned, differences
from cables.deposit.packagefile import Doi, read_package, with_doi
from cables.deposit.releasefolder import EXCLUDED
from cables.deposit.servers import Server, Target, target
from cables.deposit.token import HIDDEN, Token
from cables.protocol import deposit_table
from cables.protocol.steps import (
    FACTS,
    FAULTS,
    STATES,
    STEPS,
    Fault,
    FaultFacts,
    Gives,
    Outcome,
    State,
    Step,
    StepFacts,
    outcome,
)
from invenio.server import (
    ALWAYS,
    DONE,
    EVIL,
    ROUTES,
    UNDONE,
    InvenioServer,
    Rule,
    StoredFile,
    StoredRecord,
    World,
    fixed,
    running,
)

HERE = Path(__file__).resolve().parent
SCRIPTS = HERE.parent / "scripts"
PACKAGE_FILE, JOURNAL = "package.toml", ".deposit.jsonl"
WRITE, ACT = "write-5up3r5ecret", "publish-5up3r5ecret"

PACKAGE = """\
# What the package is.
name = "letters"
title = "Letters of a small archive"  # as printed
version = "1.0.0"
homepage = "https://letters.example"

[doi]
version = "" # of this version
concept = ""
record  = ''
server = ""

[[creator]]
name = "letters contributors"
"""

FILES = {"paragraphs.csv": 'id,text\nr1-o-L001,Первая строка\nr1-t-L009,"One, and more"\n'}


@dataclass
class Run:
    """How a run of the verb ended."""

    code: int
    out: str
    err: str


class Nursery:
    """Processes that run the verb and may be killed: see `killed`."""

    KILLED = -signal.SIGKILL

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "invenio" / "killed.py")],
            env={**os.environ, "PYTHONPATH": str(SCRIPTS)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, order: dict[str, object]) -> tuple[int, str]:
        """How the process ended, and what it said."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return answer["code"], answer["said"]

    def close(self) -> None:
        """End the process that waits for orders."""
        self._process.communicate()


@dataclass
class Bench:
    """A package, its releases, and the repository it goes to."""

    folder: Path
    server: InvenioServer
    nursery: Nursery
    slept: list[float] = field(default_factory=list)
    environ: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def world(self) -> World:
        return self.server.world

    @property
    def package(self) -> Path:
        return self.folder / PACKAGE_FILE

    @property
    def journal(self) -> Path:
        return self.folder / JOURNAL

    @property
    def dist(self) -> Path:
        return self.folder / "dist"

    def doi(self) -> dict[str, str]:
        table: dict[str, str] = tomllib.loads(self.package.read_text("utf-8"))["doi"]
        return table

    def set_version(self, version: str) -> None:
        text = self.package.read_text("utf-8")
        self.package.write_text(
            re.sub(r'(?m)^version = "\d.*"$', f'version = "{version}"', text, count=1), "utf-8"
        )

    def release(self, files: dict[str, str | bytes] | None = None, doi: str | None = None) -> None:
        """Make a release of what package.toml says, as the contract with the release has it."""
        package = tomllib.loads(self.package.read_text("utf-8"))
        named = package["doi"]["version"] if doi is None else doi
        descriptor = {
            "name": package["name"],
            "version": package["version"],
            "id": f"https://doi.org/{named}",
        }
        body = {
            "access": {"record": "public", "files": "public"},
            "files": {"enabled": True},
            "metadata": {
                "title": package["title"],
                "version": package["version"],
                "publication_date": "2026-11-23",
                "resource_type": {"id": "dataset"},
                "publisher": "Letters Archive",
                "creators": [{"person_or_org": {"type": "organizational", "name": "letters contributors"}}],
                "description": "<p>Letters, <b>read</b> &amp; aligned.</p>",
                "languages": [{"id": "rus"}, {"id": "eng"}],
                "rights": [{"id": "cc-by-4.0"}],
            },
        }
        write_release(self.dist, descriptor, body, FILES if files is None else files)

    def run(self, *arguments: str) -> Run:
        """The verb, in this process; waits are counted and take no time."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = deposit.main(arguments, self.environ, self.slept.append)
        return Run(code, out.getvalue(), err.getvalue())

    def good(self, *arguments: str) -> Run:
        """A run that has to end well."""
        run = self.run(*arguments)
        assert run.code == 0, run.err
        return run

    def killed(self, when: str, number: int, *arguments: str) -> int:
        """The verb in a process of its own that is killed at a moment; how it ended."""
        return self._apart(arguments, when=when, number=number)[0]

    def limited(self, limit: int, *arguments: str) -> Run:
        """The verb in a process of its own that may write no file longer than `limit` bytes."""
        code, said = self._apart(arguments, limit=limit)
        return Run(code, "", said)

    def _apart(
        self, arguments: Sequence[str], when: str = "", number: int = 0, limit: int = 0
    ) -> tuple[int, str]:
        order = {"folder": str(self.folder), "environ": {**os.environ, **self.environ}, "limit": limit}
        code, said = self.nursery.run({**order, "arguments": arguments, "when": when, "number": number})
        assert code in (0, 1, Nursery.KILLED), said
        return code, said

    def record_of_doi(self) -> StoredRecord:
        """The record that package.toml names."""
        return self.world.records[self.doi()["record"]]

    def record(self, version: str = "1.0.0") -> StoredRecord:
        """The one record or draft of a version."""
        (found,) = [each for each in self.world.records.values() if each.metadata.get("version") == version]
        return found

    def whole(self, version: str = "1.0.0") -> None:
        """Assert that everything is there, once."""
        record = self.record(version)
        release = read_release(self.dist)
        assert record.published
        assert {key: held.content for key, held in record.files.items()} == {
            file.name: file.path.read_bytes() for file in release.files
        }
        assert record.metadata == release.body["metadata"]
        assert record.pids["doi"]["identifier"] == self.doi()["version"]
        assert self.doi()["concept"] == (self.world.concepts[record.parent] if record.index > 1 else "")
        self.nothing_doubled()

    def nothing_doubled(self) -> None:
        """Assert that nothing was made or sent twice."""
        versions = {(each.parent, each.index) for each in self.world.records.values()}
        assert len(versions) == len(self.world.records)
        assert len({each.parent for each in self.world.records.values()}) <= 1, "a second concept was begun"
        assert len(self.world.minted) == len(set(self.world.minted)) == len(self.world.records)
        assert self.world.sent_twice() == []
        assert self.world.ruined == [], "a closed file was sent"


def write_release(folder: Path, descriptor: object, body: object, files: dict[str, Any]) -> None:
    """A flat release folder with its hashes and an archive of it, in place of the one before."""
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    contents = {name: text if isinstance(text, bytes) else text.encode() for name, text in files.items()}
    contents["datapackage.json"] = json.dumps(descriptor, indent=1).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    contents["letters.zip"] = packed.getvalue()
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(contents.items())]
    contents["SHA256SUMS"] = "".join(lines).encode()
    contents["inveniordm.json"] = json.dumps(body).encode()
    for name, content in contents.items():
        (folder / name).write_bytes(content)


def zipped(content: bytes) -> bytes:
    """An archive with one member."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.md", content)
    return packed.getvalue()


@pytest.fixture(scope="module")
def invenio() -> Iterator[InvenioServer]:
    with running() as server:
        yield server


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no disk: only a machine that goes down could tell. A test of its own waits for one."""
    monkeypatch.setattr("os.fsync", os.fstat)


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


def new_bench(folder: Path, server: InvenioServer, nursery: Nursery) -> Bench:
    """A package that was never deposited, and an empty repository."""
    server.world = World(tokens={WRITE: {"deposit:write"}, ACT: {"deposit:actions"}})
    bench = Bench(folder, server, nursery)
    bench.environ = {
        "CABLES_DEPOSIT_URL": server.url,
        "CABLES_SANDBOX_DEPOSIT_TOKEN": WRITE,
        "CABLES_SANDBOX_PUBLISH_TOKEN": ACT,
    }
    bench.package.write_text(PACKAGE, "utf-8")
    return bench


@pytest.fixture
def bench(tmp_path: Path, invenio: InvenioServer, nursery: Nursery) -> Bench:
    return new_bench(tmp_path, invenio, nursery)


def all_steps(bench: Bench, version: str = "1.0.0") -> list[Callable[[], list[str]]]:
    """The whole way, as commands; each says what to run once its own preparations are made."""

    def reserve() -> list[str]:
        return ["--reserve"]

    def upload() -> list[str]:
        if not bench.dist.exists() or read_release(bench.dist).version != version:
            bench.release()
            # An earlier try with other bytes, so that there is something to take away.
            bench.record_of_doi().files["paragraphs.csv"] = StoredFile(b"of an earlier try", True)
        return ["--upload"]

    def publish() -> list[str]:
        return ["--publish", version]

    return [reserve, upload, publish]


def published_before(bench: Bench) -> None:
    """A first version that is out already, so that the next one is the second of its concept."""
    metadata = {"title": "Letters of a small archive", "version": "1.0.0", "publication_date": "2026-01-01"}
    doi = f"{bench.world.prefix}/zenodo.2"
    pids = {"doi": {"identifier": doi, "provider": "datacite", "client": "datacite"}}
    files = {"paragraphs.csv": StoredFile(b"first", True)}
    bench.world.records["2"] = StoredRecord("2", "1", 1, metadata, pids=pids, files=files, published=True)
    bench.world.concepts["1"] = f"{bench.world.prefix}/zenodo.1"
    bench.world.minted.append(doi)
    bench.package.write_text(
        with_doi(PACKAGE, Doi(version=doi, record="2", server=Server.SANDBOX)).replace('"1.0.0"', '"1.1.0"'),
        "utf-8",
    )


@dataclass
class Scene:
    """How things stand before a command: what the package's folder and the repository hold."""

    files: dict[str, bytes]
    world: World

    @classmethod
    def of(cls, bench: Bench) -> Scene:
        """How things stand now."""
        paths = [path for path in bench.folder.rglob("*") if path.is_file()]
        files = {str(path.relative_to(bench.folder)): path.read_bytes() for path in paths}
        return cls(files, deepcopy(bench.world))

    def set_on(self, bench: Bench) -> None:
        """Have the bench stand so."""
        there = {path: path.read_bytes() for path in bench.folder.rglob("*") if path.is_file()}
        wanted = {bench.folder / name: content for name, content in self.files.items()}
        for path in there.keys() - wanted.keys():
            path.unlink()
        if not any(path.parent == bench.dist for path in wanted) and bench.dist.exists():
            bench.dist.rmdir()
        for path, content in wanted.items():
            if there.get(path) != content:
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(content)
        bench.server.world = deepcopy(self.world)


@dataclass(frozen=True)
class Ending:
    """How things stand after a command, as far as the next one asks: the same, whatever befell this one."""

    records: tuple[StoredRecord, ...]
    package: bytes
    verified: frozenset[Entry]

    @classmethod
    def of(cls, bench: Bench) -> Ending:
        """How things stand now; when a draft shows in the index is the server's affair."""
        bench.nothing_doubled()
        records = tuple(replace(each, hidden_for=0) for each in deepcopy(bench.world.records).values())
        verified = {entry for entry in read_journal(bench.journal) if entry.mark is Mark.VERIFIED}
        return cls(records, bench.package.read_bytes(), frozenset(verified))


# Every state with every request and every fault


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


# Killed and resumed


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


# Versions


def deposited(bench: Bench, version: str = "1.0.0") -> None:
    """Take a version all the way."""
    bench.good("--reserve")
    bench.release()
    bench.good("--upload")
    bench.good("--publish", version)


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


# Uploading


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


# Publishing


def test_publishing_wants_the_version_spelt_out(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    bench.good("--upload")
    before = len(bench.world.seen)
    for wrong in ("1.0", "1.0.1", ""):
        run = bench.run("--publish", wrong)
        assert run.code == 1 and "'1.0.0'" in run.err
    assert len(bench.world.seen) == before
    bench.good("--publish", "1.0.0")


def test_publishing_wants_an_upload_read_back(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    run = bench.run("--publish", "1.0.0")
    assert run.code == 1 and "--upload first" in run.err
    assert "publish" not in bench.world.steps()


def test_a_draft_changed_after_the_read_back_is_not_published(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    bench.good("--upload")
    bench.record_of_doi().files["paragraphs.csv"].content = b"changed on the server's pages"
    run = bench.run("--publish", "1.0.0")
    assert run.code == 1 and "paragraphs.csv" in run.err
    assert "publish" not in bench.world.steps()


@pytest.mark.parametrize("status", [400, 404, 409])
def test_a_refusal_after_an_unanswered_publication_is_looked_up(bench: Bench, status: int) -> None:
    bench.good("--reserve")
    bench.release()
    bench.good("--upload")
    refusal = {"status": status, "message": "The record is being published."}
    bench.world.alters["publish"] = lambda was, content: (status, refusal) if was == 404 else (was, content)
    bench.world.rules = [Rule("504-done", step="publish")]
    bench.world.stale_after = "publish"
    assert "is published on the sandbox" in bench.good("--publish", "1.0.0").out
    assert bench.world.steps().count("publish") == 2
    bench.whole()


@pytest.mark.parametrize("status", [400, 404, 409])
def test_a_publication_that_is_refused_says_why_and_that_nothing_is_published(
    bench: Bench, status: int
) -> None:
    bench.good("--reserve")
    bench.release()
    bench.good("--upload")
    errors = [{"field": "metadata.creators", "messages": ["Missing data for required field."]}]
    refusal = {"status": status, "message": "A validation error occurred.", "errors": errors}

    def refuse(was: int, content: Any) -> tuple[int, Any]:
        bench.record().published = False
        return status, refusal

    bench.world.alters["publish"] = refuse
    run = bench.run("--publish", "1.0.0")
    assert run.code == 1 and f"{status}, A validation error occurred; metadata.creators: Missing" in run.err
    assert "nothing is published under this id" in run.err
    assert bench.world.steps().count("publish") == 1


def test_the_uploading_token_cannot_publish(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    bench.good("--upload")
    bench.environ["CABLES_SANDBOX_PUBLISH_TOKEN"] = WRITE
    same = bench.run("--publish", "1.0.0")
    assert same.code == 1 and "has a token of its own" in same.err
    del bench.environ["CABLES_SANDBOX_DEPOSIT_TOKEN"]
    refused = bench.run("--publish", "1.0.0")
    assert refused.code == 1 and "403, Permission denied; CABLES_SANDBOX_PUBLISH_TOKEN" in refused.err
    assert "the scope deposit:actions" in refused.err
    del bench.environ["CABLES_SANDBOX_PUBLISH_TOKEN"]
    absent = bench.run("--publish", "1.0.0")
    assert absent.code == 1 and "CABLES_SANDBOX_PUBLISH_TOKEN is not set" in absent.err
    assert not bench.record().published


# The table [doi]


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


# Sandbox and production


def production(bench: Bench) -> None:
    """The same server again, as the other one, which knows nothing of this one's records."""
    bench.world.records.clear()
    bench.world.concepts.clear()
    bench.world.prefix = "10.5281"
    bench.environ |= {"CABLES_DEPOSIT_TOKEN": WRITE, "CABLES_PUBLISH_TOKEN": ACT}


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


# The plan

NO_SOCKETS = """
import sys
def watch(event, arguments):
    if event.startswith("socket."):
        print("SOCKET", event, file=sys.stderr)
        sys.stderr.flush()
        import os
        os._exit(9)
sys.addaudithook(watch)
import deposit
sys.exit(deposit.main())
"""


def without_sockets(bench: Bench, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", NO_SOCKETS, *arguments],
        cwd=bench.folder,
        env={**os.environ, **bench.environ, "PYTHONPATH": str(SCRIPTS)},
        capture_output=True,
        text=True,
    )


def test_the_plan_opens_no_socket_and_writes_nothing(bench: Bench) -> None:
    bench.release()
    before = {path: path.read_bytes() for path in bench.folder.rglob("*") if path.is_file()}
    told = without_sockets(bench)
    assert (told.returncode, told.stderr) == (0, "")
    assert (
        "Nothing was sent." in told.stdout and "next     python scripts/deposit.py --reserve" in told.stdout
    )
    assert "CABLES_SANDBOX_DEPOSIT_TOKEN (set)" in told.stdout
    assert {path: path.read_bytes() for path in bench.folder.rglob("*") if path.is_file()} == before
    # The same watch sees a run that does open one.
    assert "SOCKET" in without_sockets(bench, "--reserve").stderr


def test_the_plan_follows_the_version_from_state_to_state(bench: Bench) -> None:
    def state() -> str:
        return str(re.findall(r"state +(\S+):", bench.good().out)[0])

    seen = [state()]
    bench.good("--reserve")
    seen.append(state())
    bench.release()
    seen.append(state())
    bench.good("--upload")
    seen.append(state())
    bench.good("--publish", "1.0.0")
    seen.append(state())
    assert seen == [facts.state for facts in STATES]
    bench.set_version("1.1.0")
    assert state() == "unreserved"


def test_the_plan_of_a_broken_release_says_what_is_broken(bench: Bench) -> None:
    bench.release()
    (bench.dist / "paragraphs.csv").write_text("id,text\n")
    run = bench.run()
    assert run.code == 1 and "paragraphs.csv: sha256" in run.err


def test_states_name_only_requests_that_they_make(bench: Bench) -> None:
    published_before(bench)
    made: dict[str, set[str]] = {}
    for command, prepare in zip(("unreserved", "built", "verified"), all_steps(bench, "1.1.0"), strict=True):
        arguments = prepare()
        before = len(bench.world.seen)
        bench.good(*arguments)
        made[command] = set(bench.world.steps()[before:])
    for facts in STATES:
        assert made.get(facts.state, set()) <= set(facts.steps)
    named = {step for facts in STATES for step in facts.steps}
    assert named == set(Step)


# Secrets and strangers


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


# Waiting


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


# The journal

EVENTS = st.lists(
    st.builds(
        Entry,
        mark=st.sampled_from(Mark),
        server=st.sampled_from(Server),
        package=st.text(min_size=1, max_size=8),
        version=st.text(min_size=1, max_size=8),
        step=st.none() | st.sampled_from(Step),
        record=st.text(max_size=8),
        file=st.text(max_size=8),
    ),
    max_size=6,
)


@given(EVENTS, st.data())
@settings(deadline=None)
def test_a_journal_cut_at_any_byte_keeps_every_whole_line(
    tmp_path_factory: pytest.TempPathFactory, entries: list[Entry], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("journal") / "deposit.jsonl"
    with open_journal(path) as journal:
        for entry in entries:
            journal.write(entry)
    assert read_journal(path) == tuple(entries)
    content = path.read_bytes()
    cut = data.draw(st.integers(0, len(content)))
    path.write_bytes(content[:cut])
    kept = tuple(entries[: content[:cut].count(b"\n")])
    assert read_journal(path) == kept
    last = Entry(Mark.BEGUN, Server.SANDBOX, "letters", "9")
    with open_journal(path) as journal:
        journal.write(last)
    assert read_journal(path) == (*kept, last)


def test_every_change_is_journalled_before_it_is_asked_for(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Journal.write
    order: list[str] = []

    def write(journal: Journal, entry: Entry) -> None:
        real(journal, entry)
        order.append(f"{entry.mark} {entry.step} {len(bench.world.seen)}")

    monkeypatch.setattr(Journal, "write", write)
    for prepare in all_steps(bench):
        bench.good(*prepare())
    for seen in bench.world.seen:
        if seen.method != "GET":
            assert f"begun {seen.step} {seen.number - 1}" in order


def test_every_line_is_on_disk_before_the_next_request_leaves(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[int, int]] = []
    monkeypatch.undo()
    real = os.fsync

    def fsync(handle: int) -> None:
        real(handle)
        synced.append((len(bench.world.seen), os.fstat(handle).st_size))

    monkeypatch.setattr("os.fsync", fsync)
    bench.good("--reserve")
    ends = [end for _, end in synced]
    whole = bench.journal.read_bytes()
    for seen in bench.world.seen:
        if seen.method != "GET":
            assert any(before == seen.number - 1 for before, _ in synced)
    lines = whole.splitlines(keepends=True)
    assert {sum(map(len, lines[:at])) for at in range(1, len(lines) + 1)} <= set(ends)


@pytest.mark.parametrize("place", ["/dev/full", "/dev/null", "."])
def test_a_journal_has_to_be_a_file(bench: Bench, place: str) -> None:
    for arguments in ([], ["--reserve"]):
        run = bench.run("--journal", place, *arguments)
        assert run.code == 1 and f"{place}: " in run.err and "journal" in run.err
    assert bench.world.seen == []


def test_a_second_run_at_the_same_time_is_refused(bench: Bench) -> None:
    with open_journal(bench.journal):
        run = bench.run("--reserve")
    assert run.code == 1 and "another deposit is running" in run.err
    assert bench.world.seen == []


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"mark": "done"}', '{"mark": "x", "server": "sandbox", "version": "1"}', '{"a": 1}']
)
def test_a_line_that_is_none_of_the_journals_is_named(bench: Bench, line: str) -> None:
    good = '{"mark": "begun", "server": "sandbox", "package": "letters", "version": "1"}'
    bench.journal.write_text(f"{good}\n{line}\n")
    run = bench.run("--reserve")
    assert run.code == 1 and ".deposit.jsonl:2:" in run.err
    assert bench.world.seen == []


# The release folder


def spoil(bench: Bench, name: str, content: str | bytes | None) -> None:
    """Put other content under a name, or take the file away."""
    path = bench.dist / name
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def relist(bench: Bench, name: str, content: bytes) -> None:
    """Put other content under a name, and into the list of hashes."""
    spoil(bench, name, content)
    hashes = bench.dist / "SHA256SUMS"
    line = f"{hashlib.sha256(content).hexdigest()}  {name}"
    hashes.write_text(re.sub(rf"(?m)^.{{64}}  {re.escape(name)}$", line, hashes.read_text()))


def body_with(bench: Bench, **metadata: object) -> str:
    body = json.loads((bench.dist / "inveniordm.json").read_text())
    return json.dumps({**body, "metadata": {**body["metadata"], **metadata}})


SPOILT: list[tuple[str, Callable[[Bench], None], str]] = [
    ("a byte changed", lambda b: spoil(b, "paragraphs.csv", "id,text"), "paragraphs.csv: sha256"),
    ("a file missing", lambda b: spoil(b, "paragraphs.csv", None), "paragraphs.csv: in SHA256SUMS, not in"),
    ("a file too many", lambda b: spoil(b, "more.csv", "a\n"), "more.csv: not in SHA256SUMS"),
    ("no hashes", lambda b: spoil(b, "SHA256SUMS", None), "SHA256SUMS: No such file"),
    ("a hash line", lambda b: spoil(b, "SHA256SUMS", "abc  paragraphs.csv\n"), "SHA256SUMS:1:"),
    ("a name", lambda b: spoil(b, "абзацы.csv", "a\n"), "other characters"),
    ("letter case", lambda b: spoil(b, "Paragraphs.csv", "a\n"), "letter case alone"),
    ("a folder", lambda b: (b.dist / "csv").mkdir(), "not a plain file"),
    ("a link", lambda b: (b.dist / "link.csv").symlink_to(b.package), "not a plain file"),
    ("no description", lambda b: spoil(b, "inveniordm.json", None), "inveniordm.json: not there"),
    ("no object", lambda b: spoil(b, "inveniordm.json", "[]"), "a JSON list, expected an object"),
    (
        "another encoding",
        lambda b: relist(b, "datapackage.json", "{}".encode("utf-16")),
        "byte 0 is not UTF-8",
    ),
    ("no bottom", lambda b: spoil(b, "inveniordm.json", "[" * 100_000), "expected JSON"),
    ("half a character", lambda b: spoil(b, "inveniordm.json", r'{"a": "\ud800"}'), r"'\ud800' is half a"),
    ("no JSON", lambda b: spoil(b, "inveniordm.json", "{"), "expected JSON"),
    (
        "other keys",
        lambda b: spoil(b, "inveniordm.json", '{"metadata": {}}'),
        "expected access, files and metadata",
    ),
    (
        "no creator",
        lambda b: spoil(b, "inveniordm.json", body_with(b, creators=[])),
        "metadata.creators is []",
    ),
    ("no publisher", lambda b: spoil(b, "inveniordm.json", body_with(b, publisher="")), "publisher is ''"),
    ("a short title", lambda b: spoil(b, "inveniordm.json", body_with(b, title="ab")), "three characters"),
    ("no date", lambda b: spoil(b, "inveniordm.json", body_with(b, publication_date="")), "publication_date"),
    ("no type", lambda b: spoil(b, "inveniordm.json", body_with(b, resource_type=None)), "resource_type"),
    (
        "a version",
        lambda b: spoil(b, "inveniordm.json", body_with(b, version="9")),
        "metadata.version is '9'",
    ),
]


@pytest.mark.parametrize(
    ("spoiling", "said"), [case[1:] for case in SPOILT], ids=[case[0] for case in SPOILT]
)
def test_a_release_that_will_not_do_is_refused_before_anything_is_sent(
    bench: Bench, spoiling: Callable[[Bench], None], said: str
) -> None:
    bench.good("--reserve")
    bench.release()
    before = len(bench.world.seen)
    spoiling(bench)
    run = bench.run("--upload")
    assert run.code == 1 and said in run.err
    assert len(bench.world.seen) == before


def test_a_release_of_more_files_than_a_record_takes_is_refused(bench: Bench) -> None:
    bench.release({f"table-{at:03}.csv": "a\n" for at in range(98)})
    with pytest.raises(DepositError, match="101 files"):
        read_release(bench.dist)


def test_a_release_of_another_version_is_refused(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    bench.set_version("1.0.1")
    run = bench.run("--upload")
    assert run.code == 1 and "holds letters 1.0.0, expected letters 1.0.1" in run.err


# The tables themselves


def test_the_server_of_the_tests_and_the_client_mean_the_same_requests_and_faults() -> None:
    for name, method, pattern in ROUTES:
        facts = FACTS[Step(name)]
        assert facts.method == method
        path = facts.path.split("?")[0].format(id="12", key="a.csv")
        assert re.fullmatch(pattern, path), path
    assert {name for name, _, _ in ROUTES} == set(Step) == set(FACTS)
    assert {fault.fault for fault in FAULTS} == set(Fault) == {*UNDONE, *DONE}


def test_the_page_has_a_row_for_every_request_fault_and_state() -> None:
    page = deposit_table()
    for step in STEPS:
        assert page.count(f"\n| `{step.step}` |") == 1
    for fault in FAULTS:
        assert f"\n| `{fault.fault}` |" in page
    for state in STATES:
        assert f"\n| `{state.state}` |" in page
    matrix = page.split("## Every state with every request and every fault")[1]
    answers = [(facts.state, *answer) for facts in STATES for answer in facts.answers]
    for state_of, asked, absent in answers:
        assert matrix.count(f"\n| `{state_of}` | `{asked}`{' → 404' * absent} |") == 1
    letters = re.findall(r"\| ([WLFNAS–]) (?=\|)", matrix)
    assert len(letters) == len(answers) * len(FAULTS)
    befalls = [
        outcome(FACTS[asked], fault, absent=absent) for _, asked, absent in answers for fault in FAULTS
    ]
    assert sum(letter != "–" for letter in letters) == sum(does is not None for does in befalls)
    tables = [line.count("|") for line in matrix.splitlines() if line.startswith("|")]
    assert set(tables) == {len(FAULTS) + 3}


def test_a_plan_is_a_value_of_what_is_known_here(bench: Bench) -> None:
    bench.release()
    package = read_package(bench.package)
    made = plan(package, target(Server.PRODUCTION, {}), read_release(bench.dist), (), {})
    assert "deposit.py --reserve --production" in str(made) and "https://zenodo.org" in str(made)


def test_wrong_use_ends_with_two(bench: Bench) -> None:
    for arguments in (["--reserve", "--upload"], ["--publish"], ["--nonsense"]):
        with pytest.raises(SystemExit) as ended:
            bench.run(*arguments)
        assert ended.value.code == 2
