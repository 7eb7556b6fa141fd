"""The plan: what is known here, without a socket."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from cables.protocol.steps import (
    STATES,
    Step,
)
from depositing.bench import (
    SCRIPTS,
    Bench,
    all_steps,
    published_before,
)

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
