"""The tables of the protocol, and what is written down of them."""

from __future__ import annotations

import re

import pytest

from cables.deposit import plan, read_release
from cables.deposit.packagefile import read_package
from cables.deposit.servers import Server, target
from cables.protocol import deposit_table
from cables.protocol.steps import (
    FACTS,
    FAULTS,
    STATES,
    STEPS,
    Fault,
    Step,
    outcome,
)
from depositing.bench import (
    Bench,
)
from invenio.server import (
    DONE,
    ROUTES,
    UNDONE,
)


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
