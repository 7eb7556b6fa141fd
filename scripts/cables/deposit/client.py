"""One conversation with one server: what is sent, what comes back, and how long to wait in between."""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO
from urllib.parse import quote

import requests
import urllib3

from cables.deposit.errors import DepositError
from cables.deposit.servers import Target
from cables.deposit.token import Token
from cables.protocol.steps import FACTS, Gives, Step, StepFacts

Json = dict[str, Any]

# Zenodo answers `application/json` in its former shape, which cannot be sent back; the reference names no
# other form for lists of files, and none for their bytes.
ACCEPT = "application/vnd.inveniordm.v1+json, application/json;q=0.5, */*;q=0.1"
# To connect, and between two parts of an answer.
TIMEOUTS = (10.0, 120.0)
BLOCK = 1 << 16
# The one code of a refusal that leaves open whether the request was carried out.
TIMED_OUT = 408
MOST_JSON = 32 << 20
# The links that lead to a further request; others (the DOI, a licence) may point where they like.
OWN_LINKS = frozenset(
    {"self", "draft", "files", "publish", "reserve_doi", "versions", "latest", "content", "commit", "next"}
)
_SPACE = re.compile(r"[\x00-\x20\x7f-\x9f]+")
_SECONDS = re.compile(r"[0-9]{1,9}")
_NOT_FOR_HEADERS = re.compile(r"[^ -~]+")


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long a run is patient. Seconds; `jitter` spreads the waits of runs that began together.

    A wait doubles from `first` up to `longest`. With a 429 the server may ask for a longer one; where it is
    longer than `longest_asked` the run stops and says so. What a server that failed asks for is kept to up to
    `longest`. An answer that is not whole after `longest_answer` is none. `tell` is told of every wait, since
    a run that waits looks like one that hangs.
    """

    sleep: Callable[[float], None]
    jitter: random.Random
    tries: int = 6
    first: float = 1.0
    longest: float = 60.0
    longest_asked: float = 300.0
    longest_answer: float = 600.0
    clock: Callable[[], float] = monotonic
    tell: Callable[[str], None] = lambda line: None

    def after(self, tried: int) -> float:
        """The wait after `tried` tries, of which there was at least one."""
        return min(self.first * 2.0 ** (tried - 1), self.longest) * (1 + self.jitter.random() / 2)


@dataclass(frozen=True, slots=True)
class Call:
    """One request to be made. At most one of `send` (as JSON) and `body` (a file, opened for every try).

    Of a download no more than `most` bytes are read.
    """

    step: Step
    record: str = ""
    key: str = ""
    send: object = None
    body: Path | None = None
    query: str = ""
    most: int = 0

    @property
    def facts(self) -> StepFacts:
        """How this kind of request is made."""
        return FACTS[self.step]

    @property
    def path(self) -> str:
        """The path on the server, the record's id and the file's name percent-encoded."""
        path = self.facts.path.format(id=quote(self.record, safe=""), key=quote(self.key, safe=""))
        return path + self.query

    def __str__(self) -> str:
        return f"{self.step}: {self.facts.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer, or one whose code the caller said it can deal with.

    A download has no `content` but `sha256` (lower-case hex) and `size` (bytes), a redirection nothing but
    the `place` on this server that it leads to.
    """

    status: int
    content: Json
    sha256: str = ""
    size: int = 0
    place: str = ""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """No good answer; `undone` where the request was certainly not carried out. `asked` in seconds."""

    why: str
    undone: bool
    asked: float | None = None


class OutOfPatience(DepositError):
    """There was no good answer in as many tries as were allowed."""


class Refused(DepositError):
    """The server says that it did not carry the request out, and why."""


class _TokenAuth(requests.auth.AuthBase):
    """Puts the token into the header of a request, and nowhere that an error would print."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._token.header()
        return request


@contextmanager
def _bytes_of(call: Call) -> Iterator[bytes | BinaryIO | None]:
    """The body from its first byte."""
    if call.body is None:
        yield None if call.send is None else json.dumps(call.send, ensure_ascii=False).encode()
        return
    try:
        size = call.body.stat().st_size
        file = call.body.open("rb")
    except OSError as error:
        raise DepositError(f"{call.body}: {error.strerror}") from None
    with file:
        # The library would send an empty file in chunks, without a length.
        yield file if size else b""


def seconds_asked(response: requests.Response) -> float | None:
    """The seconds of `Retry-After`, which may be a date; counted by the server's own clock."""
    value = response.headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    try:
        then = parsedate_to_datetime(value)
        now = parsedate_to_datetime(response.headers["Date"])
        return max(0.0, (_aware(then) - _aware(now)).total_seconds())
    except (KeyError, ValueError, OverflowError):
        return None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _links(content: object) -> Iterator[str]:
    """Every link in an answer that leads to a further request."""
    if isinstance(content, list):
        for item in content:
            yield from _links(item)
    elif isinstance(content, dict):
        links = content.get("links")
        if isinstance(links, dict):
            yield from (link for name, link in links.items() if name in OWN_LINKS and isinstance(link, str))
        for name in ("entries", "hits"):
            yield from _links(content.get(name))


def complaints(content: Mapping[str, Any]) -> list[str]:
    """What the server finds wrong, field by field; `errors` has three forms."""
    return list(_complaints(content.get("errors")))


def _complaints(errors: object) -> Iterator[str]:
    if isinstance(errors, str) and errors:
        yield errors
    for error in errors if isinstance(errors, list) else []:
        if isinstance(error, dict) and error.get("severity") != "info":
            messages = error.get("messages", error.get("message", ""))
            said = messages if isinstance(messages, list) else [messages]
            yield f"{error.get('field', '?')}: {'; '.join(str(one) for one in said)}"


def _downloaded(response: requests.Response, most: int) -> Answer:
    """The bytes of the answer, hashed; an answer of more bytes than `most` is left after that many."""
    sha256 = hashlib.sha256()
    size = 0
    for block in response.iter_content(BLOCK):
        sha256.update(block)
        size += len(block)
        if size > most:
            break
    return Answer(response.status_code, {}, sha256.hexdigest(), size)


def _ascii(text: str) -> str:
    """`text` as a header can carry it."""
    return _NOT_FOR_HEADERS.sub("?", text)


class Client:
    """Makes requests of one server with one token, and settles each before the next."""

    def __init__(self, target: Target, token: Token, agent: str, waiting: Waiting) -> None:
        self._target = target
        self._token = token
        self._waiting = waiting
        self._session = requests.Session()
        # Neither a proxy nor a .netrc of the machine may take or replace the token.
        self._session.trust_env = False
        self._session.auth = _TokenAuth(token)
        self._session.headers.update(
            {"User-Agent": _ascii(agent), "Accept": ACCEPT, "Accept-Encoding": "identity"}
        )

    def ask(
        self,
        call: Call,
        *,
        also: frozenset[int] = frozenset(),
        look: Callable[[], Answer | None] | None = None,
        tries: int | None = None,
    ) -> Answer:
        """Make the request until there is an answer; `also` are codes that the caller deals with.

        `look` finds out, when no good answer came, whether the request was carried out, and gives the answer
        that stands for it. Raises Refused on a refusal, DepositError on a link elsewhere, OutOfPatience when
        there was no answer in `tries`, or in as many as this client makes, or to what is sent but once.
        """
        tries, why = tries or self._waiting.tries, ""
        for tried in range(1, tries + 1):
            outcome = self._once(call, also)
            if isinstance(outcome, Answer):
                return outcome
            why = outcome.why
            looks = look if not outcome.undone else None
            if looks or tried < tries:
                self._wait(call, tried, outcome)
            if looks and (found := looks()) is not None:
                return found
            if call.facts.once and not outcome.undone:
                raise OutOfPatience(
                    f"{call}: {why}, and what it may have made does not show yet; run the same command again "
                    "later: it looks first, and makes nothing that is there"
                )
        raise OutOfPatience(
            f"{call}: no good answer in {tries} tries, at last {why}; what was done stays done: "
            "run the same command again later"
        )

    def pause(self, tried: int, what: str) -> None:
        """Wait before the next try at `what`, which may not show yet, or which did not succeed."""
        wait = self._waiting.after(tried)
        self._waiting.tell(f"{what}: waiting {wait:.0f} s")
        self._waiting.sleep(wait)

    def plain(self, text: str) -> str:
        """Text of the server's, fit to print: one line, bounded, without the token."""
        return _SPACE.sub(" ", self._token.scrub(text))[:400].strip()

    def refusal(self, call: Call, answer: Answer) -> str:
        """What the server said when it refused, with each field it named."""
        said = [str(answer.content.get("message", "no reason given")), *complaints(answer.content)]
        hint = f"; {self._token.advice}" if answer.status in (401, 403) else ""
        return f"{call}: {answer.status}, {self.plain('; '.join(each.rstrip('. ') for each in said))}{hint}"

    def _wait(self, call: Call, tried: int, outcome: NoAnswer) -> None:
        wait = self._waiting.after(tried)
        if outcome.asked is not None:
            if outcome.asked > self._waiting.longest_asked:
                raise DepositError(
                    f"{call}: {outcome.why}, and the server asks to wait {outcome.asked:.0f} seconds; "
                    "run the same command again then"
                )
            wait = max(wait, outcome.asked + self._waiting.jitter.random())
        self._waiting.tell(f"{call.step}: {outcome.why}; waiting {wait:.0f} s")
        self._waiting.sleep(wait)

    def _once(self, call: Call, also: frozenset[int]) -> Answer | NoAnswer:
        headers = {} if call.send is None else {"Content-Type": "application/json"}
        if call.body is not None:
            headers["Content-Type"] = "application/octet-stream"
        try:
            with _bytes_of(call) as body:
                response = self._session.request(
                    call.facts.method,
                    self._target.at(call.path),
                    data=body,
                    headers=headers,
                    timeout=TIMEOUTS,
                    allow_redirects=False,
                    stream=True,
                )
            with response:
                return self._judged(call, response, also)
        except requests.exceptions.SSLError:
            why, trusted = "the server's certificate is not trusted", False
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            # The library's own error holds the request, and the request the token: its kind is enough.
            why, trusted = f"the connection failed ({type(error).__name__})", True
        if not trusted:
            raise DepositError(f"{call}: {why}")
        return NoAnswer(why, undone=False)

    def _judged(self, call: Call, response: requests.Response, also: frozenset[int]) -> Answer | NoAnswer:
        status = response.status_code
        if 300 <= status < 400:
            return self._moved(call, response)
        if status == 429:
            return NoAnswer(str(status), undone=True, asked=seconds_asked(response))
        if status >= 500:
            asked = min(seconds_asked(response) or 0.0, self._waiting.longest)
            return NoAnswer(str(status), undone=False, asked=asked)
        good = status in call.facts.good
        if good and call.facts.gives is Gives.BYTES:
            return _downloaded(response, call.most)
        if good and call.facts.gives is Gives.NOTHING:
            return Answer(status, {})
        content = self._object(response)
        if good or status in also:
            if content is None:
                return NoAnswer(f"{status} with something else than a JSON object", undone=False)
            self._refuse_links_elsewhere(call, content)
            return Answer(status, content)
        said = self.refusal(call, Answer(status, content or {}))
        raise Refused(said) if 400 <= status < 500 and status != TIMED_OUT else DepositError(said)

    def _moved(self, call: Call, response: requests.Response) -> Answer:
        """Where a redirection leads, if the request may be answered by one and it stays on this server."""
        named = response.headers.get("Location", "")
        place = self._target.own(named)
        if response.status_code not in call.facts.good or not place:
            raise DepositError(
                f"{call}: {response.status_code}, sent on to {self.plain(named) or 'nowhere'}; "
                "a redirection is not followed"
            )
        return Answer(response.status_code, {}, place=place)

    def _object(self, response: requests.Response) -> Json | None:
        """The JSON object that the answer is; None for a page, a list, or half of an object."""
        if "json" not in response.headers.get("Content-Type", ""):
            return None
        try:
            found = json.loads(self._content(response))
        except (ValueError, RecursionError):
            return None
        # A server that repeats the token, as in a complaint about a header, is not to spread it.
        return self._scrubbed(found) if isinstance(found, dict) else None

    def _content(self, response: requests.Response) -> bytes:
        """The answer, or as much of it as is read in time; what is cut off is no JSON any more."""
        content = bytearray()
        end = self._waiting.clock() + self._waiting.longest_answer
        while len(content) < MOST_JSON and (block := response.raw.read1(BLOCK, decode_content=True)):
            content += block
            if self._waiting.clock() > end:
                break
        return bytes(content)

    def _scrubbed(self, found: Any) -> Any:
        if isinstance(found, str):
            return self._token.scrub(found)
        if isinstance(found, list):
            return [self._scrubbed(each) for each in found]
        if isinstance(found, dict):
            return {self._token.scrub(key): self._scrubbed(value) for key, value in found.items()}
        return found

    def _refuse_links_elsewhere(self, call: Call, content: Json) -> None:
        for link in _links(content):
            if not self._target.own(link):
                raise DepositError(
                    f"{call}: the answer links to {self.plain(link)}, expected {self._target.url}; stopped "
                    "before anything more was sent"
                )
