"""The tables of the documentation's page on deposits, from the data that the client and the tests use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cables.pages import render
from cables.protocol.steps import (
    FACTS,
    FAULTS,
    STATES,
    STEPS,
    FaultFacts,
    Outcome,
    StateFacts,
    Step,
    StepFacts,
    outcome,
)

_LETTERS = {
    Outcome.WAITS: "W",
    Outcome.LOOKS: "L",
    Outcome.FINDS: "F",
    Outcome.ANEW: "N",
    Outcome.ASKS: "A",
    Outcome.STOPS: "S",
    None: "–",
}
_MEANINGS = {
    Outcome.WAITS: "waits (twice as long each time; as long as `Retry-After` asks where that is more, but "
    "of a server that failed no more than a minute) and sends the request again, from its first byte; a 429 "
    "that asks for more than five minutes stops the run",
    Outcome.LOOKS: "waits, finds out with the step named under *settled by* whether it was carried out, "
    "and sends it again only if it was not",
    Outcome.FINDS: "waits, looks for it with the step named under *settled by*, six times; where it does not "
    "show the run stops, since it may show later, and the next run looks before it sends anything",
    Outcome.ANEW: "waits, lists the files of the draft, announces the file anew and sends it; three times "
    "at most",
    Outcome.ASKS: "asks again; what a second answer confirms to be other bytes is taken away and sent "
    "again while the draft is being filled, and an error afterwards",
    Outcome.STOPS: "stops with an error, and sends nothing more; the next run goes on from there",
}


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines] + [""]


def _steps(steps: tuple[Step, ...]) -> str:
    return ", ".join(f"`{step}`" for step in steps) or "none"


def _request(facts: StepFacts) -> list[str]:
    return [
        f"`{facts.step}`",
        f"`{facts.method} {facts.path.split('?')[0]}`",
        " ".join(str(code) for code in sorted(facts.good)),
        facts.does,
        f"`{facts.settled_by}`" if facts.settled_by else "itself",
        facts.resumed or "asks again",
    ]


def _letters(state: StateFacts) -> list[list[str]]:
    """A row for each request of the state, and for each 404 that may answer it."""
    return [
        [
            f"`{state.state}`",
            f"`{step}`{' → 404' if absent else ''}",
            *(_LETTERS[outcome(FACTS[step], fault, absent=absent)] for fault in FAULTS),
        ]
        for step, absent in state.answers
    ]


def _fault(facts: FaultFacts) -> list[str]:
    return [f"`{facts.fault}`", facts.seen, facts.leaves]


def deposit_table() -> str:
    """Markdown: a version's states, the requests, the faults, and what the client does about each pair."""
    lines = ["## States", ""]
    lines += _table(
        ["State", "Known by", "Next", "Requests it may make"],
        [[f"`{facts.state}`", facts.known_by, facts.next, _steps(facts.steps)] for facts in STATES],
    )
    lines += ["## Requests", ""]
    lines += _table(
        ["Step", "Request", "Good", "Does", "Settled by", "Killed at it, the next run"],
        [_request(facts) for facts in STEPS],
    )
    lines += ["## Faults", ""]
    lines += _table(
        ["Fault", "What the client sees", "What it then knows"], [_fault(facts) for facts in FAULTS]
    )
    lines += ["## Every state with every request and every fault", ""]
    lines += [f"- **{_LETTERS[each]}**: {_MEANINGS[each]}." for each in Outcome]
    lines += ["- **–**: cannot befall this request, or this answer: a 404 has no links.", ""]
    lines += _table(
        ["State", "Step", *(f"`{facts.fault}`" for facts in FAULTS)],
        [row for state in STATES for row in _letters(state)],
    )
    return "\n".join(lines)


def page(template: str) -> bytes:
    """docs/deposit.md: how a release is deposited, and every request with every fault."""
    return render(template, deposit_table=deposit_table())
