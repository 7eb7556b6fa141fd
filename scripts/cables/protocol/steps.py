"""The facts of the protocol: each request, each fault, and what follows from the two together.

The client, the tests and the page in the documentation all read these tables, so that none of them can say
something else. Source: the reference of the InvenioRDM REST API (drafts, draft files, versions, user
records), and the program itself where it does otherwise: `latest` answers with a redirection, and a transfer
that failed takes the file off the draft under a code of success.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """One kind of request."""

    FIND = "find"
    CREATE = "create"
    READ_RECORD = "read-record"
    READ_DRAFT = "read-draft"
    LATEST = "latest"
    VERSIONS = "versions"
    NEW_VERSION = "new-version"
    RESERVE = "reserve"
    LIST = "list"
    REGISTER = "register"
    SEND = "send"
    COMMIT = "commit"
    REMOVE = "remove"
    DESCRIBE = "describe"
    DOWNLOAD = "download"
    PUBLISH = "publish"
    LIST_PUBLISHED = "list-published"


class Gives(StrEnum):
    """What a good answer carries."""

    JSON = "json"
    CHECKSUMS = "json with checksums"
    RECEIPT = "json that says that bytes came"
    BYTES = "bytes"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class StepFacts:
    """A request: how it is made, which codes are good, and how it is settled when no good answer comes.

    `settled_by` is None where sending the same request twice does what sending it once does. Otherwise the
    outcome is looked up with that step first, and the request is sent again only if it was not carried out.
    `resumed` says what the next run does when this one was killed at the step; '' where it just asks again.
    `once` says that looking proves nothing at once, so that no run sends it after one that may have been
    carried out.
    """

    step: Step
    method: str
    path: str
    good: frozenset[int]
    gives: Gives
    does: str
    settled_by: Step | None = None
    resumed: str = ""
    once: bool = False

    @property
    def writes(self) -> bool:
        """Whether the request changes anything on the server."""
        return self.method != "GET"


def _facts(
    step: Step,
    request: str,
    good: set[int],
    gives: Gives,
    does: str,
    settled_by: Step | None = None,
    resumed: str = "",
    once: bool = False,
) -> StepFacts:
    method, path = request.split(" ", 1)
    return StepFacts(step, method, path, frozenset(good), gives, does, settled_by, resumed, once)


STEPS: tuple[StepFacts, ...] = (
    _facts(
        Step.FIND,
        "GET /api/user/records?q=is_published:false&sort=newest&size=100&allversions=true",
        {200},
        Gives.JSON,
        "looks for a draft of this title and version among the account's own",
    ),
    _facts(
        Step.CREATE,
        "POST /api/records",
        {201},
        Gives.JSON,
        "makes the first draft",
        Step.FIND,
        "finds the draft by title and version, and takes it; makes one only if there is none",
        once=True,
    ),
    _facts(
        Step.READ_RECORD, "GET /api/records/{id}", {200}, Gives.JSON, "asks whether the record is published"
    ),
    _facts(Step.READ_DRAFT, "GET /api/records/{id}/draft", {200}, Gives.JSON, "reads the draft"),
    _facts(
        Step.LATEST,
        "GET /api/records/{id}/versions/latest",
        {200, 301},
        Gives.JSON,
        "finds the newest published version of the concept",
    ),
    _facts(
        Step.VERSIONS,
        "GET /api/records/{id}/versions?size=100",
        {200},
        Gives.JSON,
        "looks for this version among the published ones of the concept",
    ),
    _facts(
        Step.NEW_VERSION,
        "POST /api/records/{id}/versions",
        {201},
        Gives.JSON,
        "makes the draft of the next version, or gives the one that is there",
        resumed="is given the same draft",
    ),
    _facts(
        Step.RESERVE,
        "POST /api/records/{id}/draft/pids/doi",
        {201},
        Gives.JSON,
        "reserves the DOI",
        Step.READ_DRAFT,
        "reads the DOI off the draft",
    ),
    _facts(
        Step.LIST, "GET /api/records/{id}/draft/files", {200}, Gives.CHECKSUMS, "lists the files of the draft"
    ),
    _facts(
        Step.REGISTER,
        "POST /api/records/{id}/draft/files",
        {201},
        Gives.JSON,
        "announces a file by name",
        Step.LIST,
        "finds the file pending, and sends its bytes",
    ),
    _facts(
        Step.SEND,
        "PUT /api/records/{id}/draft/files/{key}/content",
        {200, 201},
        Gives.RECEIPT,
        "sends the bytes, from the first one each time",
        Step.COMMIT,
        "closes the file first; sends only if no bytes, or other bytes, had arrived",
    ),
    _facts(
        Step.COMMIT,
        "POST /api/records/{id}/draft/files/{key}/commit",
        {200},
        Gives.CHECKSUMS,
        "closes the file and takes its size and MD5 from the server",
        Step.LIST,
        "finds the file complete by its MD5, or closes it",
    ),
    _facts(
        Step.REMOVE,
        "DELETE /api/records/{id}/draft/files/{key}",
        {204},
        Gives.NOTHING,
        "takes away a file of the release that holds other bytes",
        resumed="finds it away, and announces it anew",
    ),
    _facts(
        Step.DESCRIBE,
        "PUT /api/records/{id}/draft",
        {200},
        Gives.JSON,
        "replaces the description, and repeats the DOI in it so that it stays",
        resumed="compares, and sends it only if it differs",
    ),
    _facts(
        Step.DOWNLOAD,
        "GET /api/records/{id}/draft/files/{key}/content",
        {200},
        Gives.BYTES,
        "reads a file back for its SHA-256",
    ),
    _facts(
        Step.PUBLISH,
        "POST /api/records/{id}/draft/actions/publish",
        {202},
        Gives.JSON,
        "publishes",
        Step.READ_RECORD,
        "finds it published, and compares the files",
    ),
    _facts(
        Step.LIST_PUBLISHED,
        "GET /api/records/{id}/files",
        {200},
        Gives.CHECKSUMS,
        "lists the files of the published record",
    ),
)

FACTS = {facts.step: facts for facts in STEPS}


class Fault(StrEnum):
    """One thing that may go wrong between the client and the server."""

    TOO_MANY = "429"
    INTERNAL = "500"
    BAD_GATEWAY = "502-html"
    UNAVAILABLE = "503"
    GATEWAY_TIMEOUT = "504"
    GATEWAY_TIMEOUT_DONE = "504-done"
    CUT_BEFORE = "cut-before"
    CUT_AFTER = "cut-after"
    CUT_SHORT = "cut-short"
    PAGE = "200-html"
    LOST = "200-lost"
    LOST_REFUSED = "400-lost"
    WRONG_CHECKSUM = "wrong-checksum"
    FOREIGN_LINK = "foreign-link"
    REDIRECT = "redirect"
    DENIED = "403"


class Leaves(StrEnum):
    """What a fault leaves the client knowing."""

    NOT_DONE = "the request was certainly not carried out"
    UNKNOWN = "the request may have been carried out"
    GONE = "the bytes were not kept, and the file is no longer announced"
    WRONG = "the answer names other bytes than were sent"
    BARRED = "the answer cannot be trusted or the request is not allowed"


@dataclass(frozen=True, slots=True)
class FaultFacts:
    """A fault: what the client sees, what it leaves known, and the answers that it can befall.

    `absence` says whether it can befall a 404, too, which has neither links nor checksums.
    """

    fault: Fault
    seen: str
    leaves: Leaves
    befalls: frozenset[Gives]
    absence: bool = True


_EVERY = frozenset(Gives)
_JSON = frozenset({Gives.JSON, Gives.CHECKSUMS, Gives.RECEIPT})
_RECEIPT = frozenset({Gives.RECEIPT})

FAULTS: tuple[FaultFacts, ...] = (
    FaultFacts(Fault.TOO_MANY, "429 with `Retry-After`", Leaves.NOT_DONE, _EVERY),
    FaultFacts(Fault.INTERNAL, "500 with a JSON body", Leaves.UNKNOWN, _EVERY),
    FaultFacts(Fault.BAD_GATEWAY, "502 with an HTML page", Leaves.UNKNOWN, _EVERY),
    FaultFacts(Fault.UNAVAILABLE, "503 with a `Retry-After` of an hour", Leaves.UNKNOWN, _EVERY),
    FaultFacts(Fault.GATEWAY_TIMEOUT, "504, the request not carried out", Leaves.UNKNOWN, _EVERY),
    FaultFacts(Fault.GATEWAY_TIMEOUT_DONE, "504, the request carried out", Leaves.UNKNOWN, _EVERY),
    FaultFacts(Fault.CUT_BEFORE, "connection cut before the request was carried out", Leaves.UNKNOWN, _EVERY),
    FaultFacts(Fault.CUT_AFTER, "connection cut after it, before the answer", Leaves.UNKNOWN, _EVERY),
    FaultFacts(
        Fault.CUT_SHORT,
        "connection cut in the middle of the answer",
        Leaves.UNKNOWN,
        _EVERY - {Gives.NOTHING},
    ),
    FaultFacts(Fault.PAGE, "an HTML page under a code of success", Leaves.UNKNOWN, _JSON),
    FaultFacts(Fault.LOST, "200 with `errors` in it: the transfer failed", Leaves.GONE, _RECEIPT),
    FaultFacts(Fault.LOST_REFUSED, "400: the transfer failed", Leaves.GONE, _RECEIPT),
    FaultFacts(
        Fault.WRONG_CHECKSUM,
        "a checksum, or bytes, of something else",
        Leaves.WRONG,
        frozenset({Gives.CHECKSUMS, Gives.BYTES}),
        absence=False,
    ),
    FaultFacts(Fault.FOREIGN_LINK, "links to another host", Leaves.BARRED, _JSON, absence=False),
    FaultFacts(Fault.REDIRECT, "302 to another host", Leaves.BARRED, _EVERY),
    FaultFacts(Fault.DENIED, "403", Leaves.BARRED, _EVERY),
)


class Outcome(StrEnum):
    """What the client does about a fault."""

    WAITS = "waits, sends it again"
    LOOKS = "waits, looks first"
    FINDS = "waits, looks, and stops where it does not show"
    ANEW = "waits, announces it anew and sends it"
    ASKS = "asks again, believes the second answer"
    STOPS = "stops"


_SETTLED_OTHERWISE = {
    Leaves.NOT_DONE: Outcome.WAITS,
    Leaves.GONE: Outcome.ANEW,
    Leaves.WRONG: Outcome.ASKS,
    Leaves.BARRED: Outcome.STOPS,
}


def outcome(step: StepFacts, fault: FaultFacts, *, absent: bool = False) -> Outcome | None:
    """What follows from `fault` at `step`, which a 404 answers where `absent`; None where it cannot be."""
    if step.gives not in fault.befalls or (absent and not fault.absence):
        return None
    if fault.leaves in _SETTLED_OTHERWISE:
        return _SETTLED_OTHERWISE[fault.leaves]
    if step.once:
        return Outcome.FINDS
    return Outcome.LOOKS if step.settled_by else Outcome.WAITS


class State(StrEnum):
    """How far one version has come."""

    UNRESERVED = "unreserved"
    RESERVED = "reserved"
    BUILT = "built"
    VERIFIED = "verified"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class StateFacts:
    """A state: how it is known, what brings the next one, and the requests that this takes.

    `absent` are those that a 404 may answer, and all is well: there is no draft, or nothing published yet.
    """

    state: State
    known_by: str
    next: str
    steps: tuple[Step, ...] = ()
    absent: tuple[Step, ...] = ()

    @property
    def answers(self) -> tuple[tuple[Step, bool], ...]:
        """Each request, and whether its answer is a 404."""
        each = [
            [(step, False), (step, True)] if step in self.absent else [(step, False)] for step in self.steps
        ]
        return tuple(answer for answers in each for answer in answers)


STATES: tuple[StateFacts, ...] = (
    StateFacts(
        State.UNRESERVED,
        "`[doi]` of package.toml names no DOI for this version on this server",
        "`deposit.py --reserve`",
        (
            Step.READ_RECORD,
            Step.LATEST,
            Step.VERSIONS,
            Step.NEW_VERSION,
            Step.READ_DRAFT,
            Step.FIND,
            Step.CREATE,
            Step.RESERVE,
            Step.LIST_PUBLISHED,
        ),
        absent=(Step.READ_RECORD,),
    ),
    StateFacts(
        State.RESERVED,
        "`[doi]` names the DOI; no release holds it yet",
        "build, commit, tag, release",
    ),
    StateFacts(
        State.BUILT,
        "the release folder is whole and names the reserved DOI",
        "`deposit.py --upload`",
        (
            Step.READ_DRAFT,
            Step.VERSIONS,
            Step.LIST,
            Step.REGISTER,
            Step.SEND,
            Step.COMMIT,
            Step.REMOVE,
            Step.DESCRIBE,
            Step.DOWNLOAD,
            Step.READ_RECORD,
            Step.LIST_PUBLISHED,
        ),
        absent=(Step.READ_DRAFT,),
    ),
    StateFacts(
        State.VERIFIED,
        "the journal says that every file of this very release was read back",
        "`deposit.py --publish VERSION`",
        (
            Step.READ_RECORD,
            Step.READ_DRAFT,
            Step.VERSIONS,
            Step.LIST,
            Step.PUBLISH,
            Step.LIST_PUBLISHED,
        ),
        absent=(Step.READ_RECORD,),
    ),
    StateFacts(State.PUBLISHED, "the server says so, and the journal of the run that published", "nothing"),
)

STATE_FACTS = {facts.state: facts for facts in STATES}
