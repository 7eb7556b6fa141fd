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
from typing import Any, BinaryIO
from urllib.parse import quote, urlsplit

import requests
import urllib3

from cables.deposit.errors import DepositError
from cables.deposit.servers import Target
from cables.deposit.token import Token
from cables.protocol.steps import FACTS, Gives, Step, StepFacts

Json = dict[str, Any]

# Zenodo answers `application/json` in its former shape, which cannot be sent back.
ACCEPT = "application/vnd.inveniordm.v1+json"
TIMEOUTS = (10.0, 120.0)
BLOCK = 1 << 16
MOST_JSON = 32 << 20
# The links that lead to a further request; others (the DOI, a licence) may point where they like.
OWN_LINKS = frozenset(
    {"self", "draft", "files", "publish", "reserve_doi", "versions", "latest", "content", "commit", "next"}
)
_SPACE = re.compile(r"[\x00-\x20\x7f-\x9f]+")


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long a run is patient. Seconds; `jitter` spreads the waits of runs that began together.

    A wait doubles from `first` up to `longest`; one that the server asks for is kept to unless it is longer
    than `longest_asked`, when the run stops and says so.
    """

    sleep: Callable[[float], None]
    jitter: random.Random
    tries: int = 6
    first: float = 1.0
    longest: float = 60.0
    longest_asked: float = 300.0

    def after(self, tried: int) -> float:
        """The wait after `tried` tries, of which there was at least one."""
        return min(self.first * 2.0 ** (tried - 1), self.longest) * (1 + self.jitter.random() / 2)


@dataclass(frozen=True, slots=True)
class Call:
    """One request to be made. At most one of `send` (as JSON) and `body` (a file, opened for every try)."""

    step: Step
    record: str = ""
    key: str = ""
    send: object = None
    body: Path | None = None
    query: str = ""

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

    A download has no `content` but `sha256` (lower-case hex) and `size` (bytes).
    """

    status: int
    content: Json
    sha256: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """No good answer; `undone` where the request was certainly not carried out. `asked` in seconds."""

    why: str
    undone: bool
    asked: float | None = None


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


def _asked(response: requests.Response) -> float | None:
    """The seconds of `Retry-After`, which may be a date; counted by the server's own clock."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value)
    try:
        then = parsedate_to_datetime(value)
        now = parsedate_to_datetime(response.headers["Date"])
    except (KeyError, ValueError):
        return None
    return max(0.0, (_aware(then) - _aware(now)).total_seconds())


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
    """What the server finds wrong, field by field; error bodies have two forms (`message`, `messages`)."""
    return list(_complaints(content.get("errors")))


def _complaints(errors: object) -> Iterator[str]:
    for error in errors if isinstance(errors, list) else []:
        if isinstance(error, dict):
            messages = error.get("messages", error.get("message", ""))
            said = messages if isinstance(messages, list) else [messages]
            yield f"{error.get('field', '?')}: {'; '.join(str(one) for one in said)}"


def _downloaded(response: requests.Response) -> Answer:
    sha256 = hashlib.sha256()
    size = 0
    for block in response.iter_content(BLOCK):
        sha256.update(block)
        size += len(block)
    return Answer(response.status_code, {}, sha256.hexdigest(), size)


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
        self._session.headers.update({"User-Agent": agent, "Accept": ACCEPT, "Accept-Encoding": "identity"})

    def ask(
        self,
        call: Call,
        *,
        also: frozenset[int] = frozenset(),
        look: Callable[[], Answer | None] | None = None,
    ) -> Answer:
        """Make the request until there is an answer; `also` are codes that the caller deals with.

        `look` finds out, when no good answer came, whether the request was carried out, and gives the answer
        that stands for it. Raises DepositError on a refusal, on a link elsewhere, and when patience ends.
        """
        why = ""
        for tried in range(1, self._waiting.tries + 1):
            outcome = self._once(call, also)
            if isinstance(outcome, Answer):
                return outcome
            why = outcome.why
            self._wait(call, tried, outcome)
            if look is not None and not outcome.undone and (found := look()) is not None:
                return found
        raise DepositError(
            f"{call}: no good answer in {self._waiting.tries} tries, at last {why}; what was done stays "
            "done: run the same command again later"
        )

    def pause(self, tried: int) -> None:
        """Wait before looking again for what may not show yet."""
        self._waiting.sleep(self._waiting.after(tried))

    def plain(self, text: str) -> str:
        """Text of the server's, fit to print: one line, bounded, without the token."""
        return _SPACE.sub(" ", self._token.scrub(text))[:400].strip()

    def refusal(self, call: Call, answer: Answer) -> str:
        """What the server said when it refused, with each field it named."""
        said = [str(answer.content.get("message", "no reason given")), *complaints(answer.content)]
        hint = "; is it the right token, with the right scope?" if answer.status in (401, 403) else ""
        return f"{call}: {answer.status}, {self.plain('; '.join(said))}{hint}"

    def _wait(self, call: Call, tried: int, outcome: NoAnswer) -> None:
        wait = self._waiting.after(tried)
        if outcome.asked is not None:
            if outcome.asked > self._waiting.longest_asked:
                raise DepositError(
                    f"{call}: {outcome.why}, and the server asks to wait {outcome.asked:.0f} seconds; "
                    "run the same command again then"
                )
            wait = outcome.asked + self._waiting.jitter.random()
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
            place = urlsplit(response.headers.get("Location", "")).netloc or "elsewhere"
            raise DepositError(
                f"{call}: {status}, sent on to {self.plain(place)}; a redirection is not followed"
            )
        if status == 429 or status >= 500:
            return NoAnswer(str(status), undone=status == 429, asked=_asked(response))
        good = status in call.facts.good
        if good and call.facts.gives is Gives.BYTES:
            return _downloaded(response)
        if good and call.facts.gives is Gives.NOTHING:
            return Answer(status, {})
        content = self._object(response)
        if good or status in also:
            if content is None:
                return NoAnswer(f"{status} with something else than a JSON object", undone=False)
            self._refuse_links_elsewhere(call, content)
            return Answer(status, content)
        raise DepositError(self.refusal(call, Answer(status, content or {})))

    def _object(self, response: requests.Response) -> Json | None:
        """The JSON object that the answer is; None for a page, a list, or half of an object."""
        content = response.raw.read(MOST_JSON, decode_content=True)
        if "json" not in response.headers.get("Content-Type", ""):
            return None
        try:
            # A server that repeats the token, as in a complaint about a header, is not to spread it.
            found = json.loads(self._token.scrub(content.decode("utf-8")))
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    def _refuse_links_elsewhere(self, call: Call, content: Json) -> None:
        for link in _links(content):
            if not self._target.owns(link):
                raise DepositError(
                    f"{call}: the answer links to {self.plain(link)}, expected {self._target.url}; stopped "
                    "before anything more was sent"
                )
