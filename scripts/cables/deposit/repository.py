"""The repository as typed values: a method per step, each writing step journalled before and after.

What a lost answer stood for is looked up here, with the step that `steps` names for it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cables.deposit.client import Answer, Call, Client, Json, OutOfPatience, Refused, complaints
from cables.deposit.errors import DepositError
from cables.deposit.journal import Entry, Journal, Mark
from cables.deposit.likeness import cleaned
from cables.deposit.releasefolder import ReleaseFile
from cables.deposit.servers import Server
from cables.protocol.steps import Step

# How often a draft is looked for after its creation went unanswered: the server's index lags a little.
LOOKS = 6
# How often a file is tried to be closed only to find out whether its bytes had arrived: where they had not,
# the server fails each time.
CLOSES = 3
PAGE = 100
# What a server says of a DOI that it gave itself; one that a person brought has another provider.
REGISTRAR = "datacite"
# The server's search goes no further than ten thousand.
MOST_PAGES = 100
_ID = re.compile(r"[0-9A-Za-z]+(-[0-9A-Za-z]+)*")
_RECORD_PATH = re.compile(r"/api/records/([^/]+)")
_DOI = re.compile(r"10\.\d{4,9}/[!-~]+")
_MD5 = re.compile(r"md5:[0-9A-Fa-f]{32}")
_ABSENT = frozenset({404, 410})
_IN_THE_WAY = frozenset({400, 409})


@dataclass(frozen=True, slots=True)
class Record:
    """A draft or a published record, as the server tells it; '' for a DOI or a version it does not have.

    `registrar` is through whom it has its DOI.
    """

    id: str
    parent: str
    published: bool
    title: str
    version: str
    doi: str
    registrar: str
    concept: str
    content: Mapping[str, Any]

    def is_version(self, version: str) -> bool:
        """Whether it is this version, as the server writes it."""
        return cleaned(self.version) == cleaned(version)

    def is_called(self, title: str, version: str) -> bool:
        """Whether it has this title and version, as the server writes them."""
        return cleaned(self.title) == cleaned(title) and self.is_version(version)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a record, as the server tells it; `md5` is lower-case hex, '' while it is pending."""

    key: str
    completed: bool
    size: int
    md5: str

    def holds(self, file: ReleaseFile) -> bool:
        """Whether the server has these very bytes, as far as size and MD5 can say."""
        return self.completed and (self.size, self.md5) == (file.size, file.md5)


@dataclass(frozen=True, slots=True)
class Sent:
    """What the server holds of a file after its bytes were sent, None where it is no longer announced.

    `said` is what the server said when it refused them, '' where it did not.
    """

    held: RemoteFile | None
    said: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What every line of the journal says: which version of which package, on which server."""

    server: Server
    package: str
    version: str


def _unlike(call: Call, what: str) -> DepositError:
    return DepositError(
        f"{call}: {what}, expected an answer as InvenioRDM documents it; nothing is built on this"
    )


def _at(content: object, *keys: str) -> object:
    for key in keys:
        content = content.get(key) if isinstance(content, dict) else None
    return content


def _string_at(content: object, *keys: str) -> str:
    value = _at(content, *keys)
    return value if isinstance(value, str) else ""


def _record(call: Call, content: Json) -> Record:
    found = content.get("id")
    if not isinstance(found, str) or not _ID.fullmatch(found):
        raise _unlike(call, f"id {str(found)[:40]!r}")
    if not isinstance(content.get("is_published"), bool) or not _string_at(content, "parent", "id"):
        raise _unlike(call, "no is_published, or no parent.id")
    dois = [
        _string_at(content, "pids", "doi", "identifier"),
        _string_at(content, "parent", "pids", "doi", "identifier"),
    ]
    for doi in filter(None, dois):
        if not _DOI.fullmatch(doi):
            raise _unlike(call, f"DOI {doi[:40]!r}")
    return Record(
        id=found,
        parent=_string_at(content, "parent", "id"),
        published=content["is_published"],
        title=_string_at(content, "metadata", "title"),
        version=_string_at(content, "metadata", "version"),
        doi=dois[0],
        registrar=_string_at(content, "pids", "doi", "provider"),
        concept=dois[1],
        content=content,
    )


def _remote_file(call: Call, entry: object) -> RemoteFile:
    key = _string_at(entry, "key")
    if not key:
        raise _unlike(call, "a file without a key")
    completed = _string_at(entry, "status") == "completed"
    size, checksum = _at(entry, "size"), _string_at(entry, "checksum")
    if not completed:
        return RemoteFile(key, completed, 0, "")
    if not _MD5.fullmatch(checksum):
        # Taken for other bytes than were sent, the file would be taken away and sent again for nothing.
        raise _unlike(call, f"{key} with checksum {checksum[:80]!r}")
    if (counted := _count(size)) is None:
        raise _unlike(call, f"{key} with size {size!r}")
    return RemoteFile(key, completed, counted, checksum.removeprefix("md5:").lower())


def _count(size: object) -> int | None:
    """A whole number; the reference prints the size of a file that was just closed as a float."""
    if isinstance(size, bool) or not isinstance(size, int | float) or not math.isfinite(size):
        return None
    return int(size) if size == int(size) else None


def _files(call: Call, content: Json) -> dict[str, RemoteFile]:
    entries = content.get("entries")
    if not isinstance(entries, list):
        raise _unlike(call, "no entries")
    return {file.key: file for file in (_remote_file(call, entry) for entry in entries)}


def _check_one(found: Sequence[Record], title: str, version: str) -> None:
    if len(found) > 1:
        ids = ", ".join(each.id for each in found)
        raise DepositError(
            f"the account has {len(found)} drafts of {title!r} {version} ({ids}); "
            "discard all but one on the server's own pages, then run this again"
        )


class Repository:
    """The steps of the protocol, for one version on one server."""

    def __init__(self, client: Client, journal: Journal, subject: Subject) -> None:
        self._client = client
        self._journal = journal
        self._subject = subject

    # Reading

    def drafts(self, title: str, version: str) -> list[Record]:
        """The account's unpublished drafts of this title and version."""
        found = self._hits(Step.FIND)
        return [each for each in found if not each.published and each.is_called(title, version)]

    def published_as(self, version: str, record: Record) -> Record | None:
        """What is published as this version under the concept of `record`; None where nothing is.

        Of what was published a moment ago the server's index may not know yet.
        """
        found = self._hits(Step.VERSIONS, record.id)
        return next((each for each in found if each.published and each.is_version(version)), None)

    def _hits(self, step: Step, record: str = "") -> list[Record]:
        """Every record that a search finds, page by page; none where there is nothing to search in."""
        found: list[Record] = []
        for page in range(1, MOST_PAGES + 1):
            call = Call(step, record, query=f"&page={page}" if page > 1 else "")
            answer = self._client.ask(call, also=_ABSENT if record else frozenset())
            hits = _at(answer.content, "hits", "hits") if answer.status in call.facts.good else []
            if not isinstance(hits, list):
                raise _unlike(call, "no hits")
            found += [_record(call, hit) for hit in hits if isinstance(hit, dict)]
            if len(hits) < PAGE:
                break
        return found

    def record(self, record: str) -> Record | None:
        """The published record; None where nothing is published under this id."""
        return self._read(Call(Step.READ_RECORD, record))

    def draft(self, record: str) -> Record | None:
        """The draft; None where there is none under this id."""
        return self._read(Call(Step.READ_DRAFT, record))

    def latest(self, record: str) -> Record:
        """The newest published version of the concept that `record` belongs to.

        The reference has it in the answer; the program answers with the address of it.
        """
        call = Call(Step.LATEST, record)
        answer = self._client.ask(call)
        if not answer.place:
            return _record(call, answer.content)
        named = _RECORD_PATH.fullmatch(urlsplit(answer.place).path)
        latest = self.record(named[1]) if named and _ID.fullmatch(named[1]) else None
        if latest is None:
            raise _unlike(call, f"sent on to {self._client.plain(answer.place)}, which is no record")
        return latest

    def files(self, record: str) -> dict[str, RemoteFile]:
        """The files of the draft by key."""
        call = Call(Step.LIST, record)
        return _files(call, self._client.ask(call).content)

    def published_files(self, record: str) -> dict[str, RemoteFile]:
        """The files of the published record by key."""
        call = Call(Step.LIST_PUBLISHED, record)
        return _files(call, self._client.ask(call).content)

    def download(self, record: str, file: ReleaseFile) -> Answer:
        """The SHA-256 and the size of what the server gives out under the file's name."""
        return self._client.ask(Call(Step.DOWNLOAD, record, file.name, most=file.size))

    # Writing

    def create(self, title: str, version: str) -> Record:
        """The first draft, with as little in it as finds it again; asked for once in a run.

        A refusal is journalled, so that the next run does not look for what was never made.
        """
        send = {
            "access": {"record": "public", "files": "public"},
            "files": {"enabled": True},
            "metadata": {"title": title, "version": version, "resource_type": {"id": "dataset"}},
        }
        call = Call(Step.CREATE, send=send)
        self._write(Mark.BEGUN, call, title=title)

        def look() -> Answer | None:
            found = self.look_for_draft(title, version, LOOKS)
            return Answer(201, dict(found.content)) if found else None

        try:
            made = _record(call, self._client.ask(call, look=look).content)
        except Refused:
            self._write(Mark.REFUSED, call, title=title)
            raise
        self._done(call, made)
        return made

    def check_alone(self, draft: Record, title: str, version: str) -> None:
        """Look once more whether another draft has this title and version: one that was slow to show."""
        _check_one(
            [draft, *(each for each in self.drafts(title, version) if each.id != draft.id)], title, version
        )

    def look_for_draft(self, title: str, version: str, looks: int) -> Record | None:
        """The one draft of this title and version, looked for `looks` times; more than one is an error."""
        for tried in range(1, looks + 1):
            found = self.drafts(title, version)
            _check_one(found, title, version)
            if found:
                return found[0]
            if tried < looks:
                self._client.pause(tried, f"no draft of {title!r} {version} yet")
        return None

    def pause(self, tried: int, what: str) -> None:
        """Wait before another try at `what`."""
        self._client.pause(tried, what)

    def new_version(self, latest: Record) -> Record:
        """The draft of the next version, of the same concept."""
        call = Call(Step.NEW_VERSION, latest.id)
        self._begun(call)
        made = _record(call, self._client.ask(call).content)
        if made.parent != latest.parent:
            raise _unlike(call, f"a draft of another concept ({made.parent}, not {latest.parent})")
        self._done(call, made)
        return made

    def reserve(self, record: str) -> Record:
        """The draft with its DOI. One that is there already is taken as it is."""
        call = Call(Step.RESERVE, record)
        self._begun(call)

        def look() -> Answer | None:
            held = self.draft(record)
            return Answer(201, dict(held.content)) if held and held.doi else None

        answer = self._client.ask(call, also=frozenset({400}), look=look)
        settled = look() if answer.status == 400 else answer
        if settled is None:
            raise DepositError(self._client.refusal(call, answer))
        held = _record(call, settled.content)
        if not held.doi:
            raise _unlike(call, "no DOI")
        self._done(call, held)
        return held

    def register(self, record: str, file: ReleaseFile) -> None:
        """Announce the file."""
        call = Call(Step.REGISTER, record, send=[{"key": file.name}])
        self._begun(call, file.name)

        def look() -> Answer | None:
            return Answer(201, {}) if file.name in self.files(record) else None

        self._client.ask(call, look=look)
        self._done(call, None, file.name)

    def send(self, record: str, file: ReleaseFile) -> Sent:
        """Send the bytes and close the file. A file that is closed already must not be sent: it is lost."""
        call = Call(Step.SEND, record, file.name, body=file.path)
        closed: list[RemoteFile] = []
        self._begun(call, file.name)

        def look() -> Answer | None:
            held = self.settle(record, file)
            if held is None:
                return Answer(404, {})
            if not held.completed:
                return None
            closed.append(held)
            return Answer(200, {})

        answer = self._client.ask(call, also=_ABSENT | {400}, look=look)
        if closed:
            self._done(call, None, file.name)
            return Sent(closed[0])
        if answer.status in call.facts.good and not complaints(answer.content):
            self._done(call, None, file.name)
            return Sent(self.commit(record, file))
        # A transfer that failed takes the file off the draft, under a good code or under a 400.
        held = self.files(record).get(file.name)
        refusal = self._client.refusal(call, answer)
        if held is not None and answer.status not in call.facts.good:
            raise DepositError(refusal)
        return Sent(held, refusal if answer.content else "")

    def settle(self, record: str, file: ReleaseFile) -> RemoteFile | None:
        """As `commit`, for a file whose bytes may have arrived: still pending where they had not."""
        try:
            return self.commit(record, file, CLOSES)
        except OutOfPatience:
            return self.files(record).get(file.name)

    def may_have_been_sent(self, record: str, file: ReleaseFile) -> bool:
        """Whether bytes of a pending file may have come; yes where nothing tells of its announcement."""
        about = [e.step for e in self._journal.entries if (e.record, e.file) == (record, file.name)]
        announced = [at for at, step in enumerate(about) if step is Step.REGISTER]
        return not announced or Step.SEND in about[announced[-1] :]

    def commit(self, record: str, file: ReleaseFile, tries: int | None = None) -> RemoteFile | None:
        """Close the file; what the server then holds, None where it is no longer announced."""
        call = Call(Step.COMMIT, record, file.name)
        self._begun(call, file.name)

        def look() -> Answer | None:
            held = self.files(record).get(file.name)
            return None if held and not held.completed else Answer(404, {})

        answer = self._client.ask(call, also=_ABSENT | {400}, look=look, tries=tries)
        if answer.status in call.facts.good:
            held = _remote_file(call, answer.content)
            if held.holds(file):
                self._done(call, None, file.name)
                return held
        # Closed unseen, closed before, gone, or with other bytes than were sent: the list says which.
        held_now = self.files(record).get(file.name)
        if held_now is not None and held_now.completed:
            self._done(call, None, file.name)
        return held_now

    def remove(self, record: str, file: ReleaseFile) -> None:
        """Take the file away; that it is away already is as good."""
        call = Call(Step.REMOVE, record, file.name)
        self._begun(call, file.name)
        self._client.ask(call, also=_ABSENT)
        self._done(call, None, file.name)

    def describe(self, draft: Record, body: Mapping[str, Any]) -> Record:
        """Replace the description; DepositError with everything that the server finds wrong with it."""
        call = Call(Step.DESCRIBE, draft.id, send={**body, "pids": draft.content.get("pids", {})})
        self._begun(call)
        answer = self._client.ask(call)
        if wrong := complaints(answer.content):
            raise DepositError(
                f"{call}: the server refuses the description: {self._client.plain('; '.join(wrong))}"
            )
        held = _record(call, answer.content)
        self._done(call, held)
        return held

    def publish(self, record: str) -> Record:
        """Publish. Whether an unanswered request did it is asked before another one is made."""
        call = Call(Step.PUBLISH, record)
        self._begun(call)

        def look() -> Answer | None:
            found = self.record(record)
            return Answer(202, dict(found.content)) if found and found.published else None

        # A request that went unanswered may still be carried out while the next one is refused for it.
        answer = self._client.ask(call, also=_ABSENT | _IN_THE_WAY, look=look)
        settled = answer if answer.status in call.facts.good else look()
        if settled is None:
            raise DepositError(f"{self._client.refusal(call, answer)}; nothing is published under this id")
        held = _record(call, settled.content)
        if not held.published:
            raise _unlike(call, "is_published is false")
        self._done(call, held)
        return held

    def verified(self, record: str, doi: str, manifest: str) -> None:
        """Write down that every byte of the release was read back."""
        self._journal.write(self._entry(Mark.VERIFIED, record=record, doi=doi, manifest=manifest))

    def _read(self, call: Call) -> Record | None:
        answer = self._client.ask(call, also=_ABSENT)
        return _record(call, answer.content) if answer.status in call.facts.good else None

    def _begun(self, call: Call, file: str = "") -> None:
        self._write(Mark.BEGUN, call, file)

    def _done(self, call: Call, held: Record | None, file: str = "") -> None:
        self._write(Mark.DONE, call, file, held)

    def _write(
        self, mark: Mark, call: Call, file: str = "", held: Record | None = None, title: str = ""
    ) -> None:
        record, doi = (held.id, held.doi) if held else (call.record, "")
        self._journal.write(self._entry(mark, step=call.step, record=record, file=file, doi=doi, title=title))

    def _entry(self, mark: Mark, **rest: Any) -> Entry:
        subject = self._subject
        return Entry(mark, subject.server, subject.package, subject.version, **rest)


def foreign_to(remote: Iterable[str], files: Iterable[ReleaseFile]) -> list[str]:
    """The keys that the release does not have."""
    return sorted(set(remote) - {file.name for file in files})
