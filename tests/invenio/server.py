"""A repository on loopback that answers as InvenioRDM and Zenodo do.

It knows nothing of the client: routes, states, codes and error bodies are written down here a second time,
from the REST reference of InvenioRDM. Where the program does otherwise than its reference says, this does as
the program: `latest` answers with a 301, a file that takes no bytes vanishes, an empty file is closed with a
500, every answer carries `Retry-After`. A script of faults can befall any request, by its step or by its
number, and a log keeps every request that came. Nothing is kept on disk; a client that dies half-way harms
nobody.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import socket
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Json = dict[str, Any]

V1 = "application/vnd.inveniordm.v1+json"
# The reference names no other form for the requests that deal with files.
PLAIN = "application/json"
OF_FILES = ("list", "register", "send", "commit", "list-published")
TRANSFER_FAILED = "File upload transfer failed."
PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
ELSEWHERE = "https://elsewhere.example"

# What each fault does: answer in place of the repository, or spoil its answer.
UNDONE = ("429", "500", "502-html", "503", "504", "cut-before", "200-lost", "400-lost", "redirect", "403")
DONE = ("504-done", "cut-after", "cut-short", "200-html", "wrong-checksum", "foreign-link")
# Answers of a server that means harm, or is beyond help.
EVIL = ("echo", "echo-escaped", "endless", "nested")

_ID = r"/api/records/(?P<id>[^/]+)"
_FILE = _ID + r"/draft/files/(?P<key>[^/]+)"
ROUTES = [
    ("find", "GET", r"/api/user/records"),
    ("create", "POST", r"/api/records"),
    ("read-record", "GET", _ID),
    ("read-draft", "GET", _ID + r"/draft"),
    ("latest", "GET", _ID + r"/versions/latest"),
    ("versions", "GET", _ID + r"/versions"),
    ("new-version", "POST", _ID + r"/versions"),
    ("reserve", "POST", _ID + r"/draft/pids/doi"),
    ("list", "GET", _ID + r"/draft/files"),
    ("register", "POST", _ID + r"/draft/files"),
    ("send", "PUT", _FILE + r"/content"),
    ("commit", "POST", _FILE + r"/commit"),
    ("remove", "DELETE", _FILE),
    ("describe", "PUT", _ID + r"/draft"),
    ("download", "GET", _FILE + r"/content"),
    ("publish", "POST", _ID + r"/draft/actions/publish"),
    ("list-published", "GET", _ID + r"/files"),
]


class Refused(Exception):
    """An answer other than the good one; `place` is where another answer is to be had."""

    def __init__(self, status: int, message: str, errors: list[Json] | None = None, place: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {"status": status, "message": message}
        if errors:
            self.body["errors"] = errors
        if place:
            self.body["location"] = place


@dataclass
class StoredFile:
    """A file of a record; `content` may be there before the file is closed."""

    content: bytes | None = None
    completed: bool = False


@dataclass
class StoredRecord:
    """A draft, or once published a record."""

    id: str
    parent: str
    index: int
    metadata: Json
    access: Json = field(default_factory=lambda: {"record": "public", "files": "public"})
    pids: Json = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    published: bool = False
    edited: bool = False
    hidden_for: int = 0


@dataclass(frozen=True)
class Seen:
    """One request that came in."""

    number: int
    step: str
    method: str
    url: str
    headers: dict[str, str]
    size: int
    record: str = ""
    key: str = ""


@dataclass
class Rule:
    """A fault, and the requests it befalls: those of a step from the `first` on, or the one with a number."""

    fault: str
    step: str = ""
    first: int = 1
    number: int = 0
    times: int = 1
    came: int = 0

    def befalls(self, seen: Seen) -> bool:
        """Whether this is the request; counts it."""
        if self.number:
            return seen.number == self.number
        if seen.step != self.step:
            return False
        self.came += 1
        return self.first <= self.came < self.first + self.times


ALWAYS = 10**6


@dataclass
class World:
    """Everything the repository holds, and everything a test may look at."""

    tokens: dict[str, set[str]] = field(default_factory=dict)
    prefix: str = "10.5072"
    index_lag: int = 1
    retry_after: str = "7"
    records: dict[str, StoredRecord] = field(default_factory=dict)
    concepts: dict[str, str] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    stored: list[tuple[str, str, str]] = field(default_factory=list)
    minted: list[str] = field(default_factory=list)
    drops: str = ""
    loses_next_content: bool = False
    halves_next_content: bool = False
    keeps_failed: bool = False
    latest_is_there: bool = False
    alters: dict[str, Callable[[int, Any], tuple[int, Any]]] = field(default_factory=dict)
    ruined: list[str] = field(default_factory=list)
    date: str = ""
    stale_after: str = ""
    forks: bool = False
    concept_on_drafts: bool = False
    next_id: int = 1000001

    def steps(self) -> list[str]:
        """The steps of the requests that came, in order."""
        return [each.step for each in self.seen]

    def new_id(self) -> str:
        """The next number, as Zenodo counts."""
        self.next_id += 1
        return str(self.next_id)

    def sent_twice(self) -> list[tuple[str, str, str]]:
        """Files whose very bytes arrived more than once."""
        return [each for each, times in Counter(self.stored).items() if times > 1]


BROKEN = (
    "The server encountered an internal error and was unable to complete your request. Either the server is "
    "overloaded or there is an error in the application."
)


def _md5(content: bytes) -> str:
    return f"md5:{hashlib.md5(content, usedforsecurity=False).hexdigest()}"


def _person(creator: Json) -> Json:
    creator = deepcopy(creator)
    person = creator.get("person_or_org", {})
    if person.get("type") == "personal" and "name" not in person:
        person["name"] = ", ".join(filter(None, (person.get("family_name"), person.get("given_name"))))
    return creator


LIGATURES = "[\u0132\u0133\u0149\u01c4-\u01cc\u01f1-\u01f3\ufb00-\ufb06]"
WIDE = "[\u3000\uff01-\uffef]"
UNSEEN = "[\\0-\\x08\\x0b\\x0e-\\x1f\\x7f\u200b\u206a-\u206f\ufeff\ufff9-\ufffc\ufffe\uffff]"


def fixed(text: str) -> str:
    """`text` as the repository keeps it: trimmed, and read as what was probably meant."""
    text = text.strip()
    if "<" not in text:
        text = html.unescape(text)
    for pattern in (LIGATURES, WIDE):
        text = re.sub(
            pattern, lambda found: "ſt" if found[0] == "ﬅ" else unicodedata.normalize("NFKC", found[0]), text
        )
    text = re.sub("[\u02bc\u2018-\u201b]", "'", text)
    text = re.sub("[\u201c-\u201f]", '"', text)
    text = re.sub("\r\n?|[\u2028\u2029\x85]", "\n", text)
    return unicodedata.normalize("NFC", re.sub(UNSEEN, "", text))


def _kept(value: Any) -> Any:
    """What is kept of a description: nothing that is empty, and every text cleaned."""
    if isinstance(value, str):
        return fixed(value)
    if isinstance(value, dict):
        kept = {key: _kept(each) for key, each in value.items()}
        return {key: each for key, each in kept.items() if each not in (None, [], {})}
    if isinstance(value, list):
        return [kept for each in value if (kept := _kept(each)) not in (None, [], {})]
    return value


def _enriched(metadata: Json) -> Json:
    """Metadata as read back: terms with their titles, people with their full names, HTML cleaned."""
    found = deepcopy(metadata)
    if kind := found.get("resource_type"):
        kind["title"] = {"en": kind["id"].capitalize()}
    for key in ("languages", "rights"):
        for term in found.get(key, []):
            if "id" in term:
                term["title"] = {"en": f"Title of {term['id']}"}
    for term in found.get("rights", []):
        if "id" in term:
            term |= {"description": {"en": "In short."}, "icon": "an-icon", "props": {"scheme": "spdx"}}
    for key in ("creators", "contributors"):
        if key in found:
            found[key] = [_person(each) for each in found[key]]
    if "description" in found:
        found["description"] = re.sub(r"<(/?)b>", r"<\1strong>", found["description"])
    return found


def _missing(record: StoredRecord) -> list[Json]:
    metadata = record.metadata
    errors = []
    for key in ("title", "publication_date", "resource_type", "creators"):
        if not metadata.get(key):
            errors.append({"field": f"metadata.{key}", "messages": ["Missing data for required field."]})
    if metadata.get("title") and len(metadata["title"]) < 3:
        errors.append({"field": "metadata.title", "messages": ["Shorter than minimum length 3."]})
    if not metadata.get("publisher"):
        said = "Missing publisher field required for DOI registration."
        errors.append({"field": "metadata.publisher", "messages": [said]})
    if not record.files:
        errors.append({"field": "files.enabled", "messages": ["Missing uploaded files."]})
    return errors


class Repository:
    """The states and their changes; every method is one request, carried out whole."""

    def __init__(self, world: World, url: str) -> None:
        self.world = world
        self.url = url

    def answer(
        self, step: str, names: dict[str, str], query: dict[str, list[str]], body: bytes
    ) -> tuple[int, Json | bytes]:
        """The answer to a request; Refused for every other one."""
        method = getattr(self, "_" + step.replace("-", "_"))
        result: tuple[int, Json | bytes] = method(names, query, body)
        return result

    # Records

    def _find(self, names: dict[str, str], query: dict[str, list[str]], body: bytes) -> tuple[int, Json]:
        newest: dict[str, StoredRecord] = {}
        for record in self.world.records.values():
            if record.hidden_for:
                record.hidden_for -= 1
            elif query.get("q") != ["is_published:false"] or not record.published:
                newest[record.id if query.get("allversions") == ["true"] else record.parent] = record
        return 200, self._page(list(reversed(newest.values())), query, "/api/user/records")

    def _create(self, names: dict[str, str], query: dict[str, list[str]], body: bytes) -> tuple[int, Json]:
        sent = _json(body) if body else {}
        parent = self.world.new_id()
        record = StoredRecord(self.world.new_id(), parent, 1, {}, hidden_for=self.world.index_lag)
        self._take(record, sent)
        self.world.records[record.id] = record
        return 201, self._shown(record)

    def _read_record(
        self, names: dict[str, str], query: dict[str, list[str]], body: bytes
    ) -> tuple[int, Json]:
        record = self._published(names["id"])
        if self._stale("publish"):
            raise Refused(404, "The persistent identifier is not registered.")
        return 200, self._shown(record)

    def _read_draft(
        self, names: dict[str, str], query: dict[str, list[str]], body: bytes
    ) -> tuple[int, Json]:
        record = self._draft(names["id"])
        shown = self._shown(record)
        if record.pids and self._stale("reserve"):
            shown["pids"] = {}
        return 200, shown

    def _latest(self, names: dict[str, str], query: dict[str, list[str]], body: bytes) -> tuple[int, Json]:
        parent = self._published(names["id"]).parent
        latest = max(self._out(parent), key=lambda each: each.index)
        if self.world.latest_is_there:
            return 200, self._shown(latest)
        raise Refused(301, "Redirecting...", place=f"{self.url}/api/records/{latest.id}")

    def _versions(self, names: dict[str, str], query: dict[str, list[str]], body: bytes) -> tuple[int, Json]:
        record = self._known(names["id"])
        found = sorted(self._out(record.parent), key=lambda each: -each.index)
        return 200, self._page(found, query, f"/api/records/{record.id}/versions")

    def _new_version(
        self, names: dict[str, str], query: dict[str, list[str]], body: bytes
    ) -> tuple[int, Json]:
        parent = self._published(names["id"]).parent
        for record in self.world.records.values():
            if record.parent == parent and not record.published:
                return 201, self._shown(record)
        latest = max(self._out(parent), key=lambda each: each.index)
        metadata = {k: v for k, v in latest.metadata.items() if k not in ("version", "publication_date")}
        record = StoredRecord(
            self.world.new_id(), parent, latest.index + 1, metadata, hidden_for=self.world.index_lag
        )
        if self.world.forks:
            record.parent = self.world.new_id()
        self.world.records[record.id] = record
        return 201, self._shown(record)

    def _describe(self, names: dict[str, str], query: dict[str, list[str]], body: bytes) -> tuple[int, Json]:
        record = self._draft(names["id"])
        sent = _json(body)
        self._take(record, sent)
        pids = sent.get("pids", {})
        if pids not in ({}, record.pids):
            raise Refused(
                400, "A validation error occurred.", [{"field": "pids.doi", "messages": ["Invalid DOI."]}]
            )
        record.pids = pids
        shown = self._shown(record)
        if errors := _missing(record):
            shown["errors"] = errors
        return 200, shown

    def _reserve(self, names: dict[str, str], query: dict[str, list[str]], body: bytes) -> tuple[int, Json]:
        record = self._draft(names["id"])
        if "doi" in record.pids:
            there = [{"field": "pids.doi", "messages": ["A PID already exists for type doi"]}]
            raise Refused(400, "A validation error occurred.", there)
        self._mint(record)
        return 201, self._shown(record)

    def _publish(self, names: dict[str, str], query: dict[str, list[str]], body: bytes) -> tuple[int, Json]:
        record = self._draft(names["id"], "Not found.")
        errors = _missing(record)
        if any(not file.completed for file in record.files.values()):
            said = "One or more files have not completed their transfer, please wait."
            errors.append({"field": "files", "messages": [said]})
        if errors:
            raise Refused(400, "A validation error occurred.", errors)
        if "doi" not in record.pids:
            self._mint(record)
        self.world.concepts.setdefault(record.parent, f"{self.world.prefix}/zenodo.{record.parent}")
        record.published = True
        return 202, self._shown(record)

    # Files

    def _list(self, names: dict[str, str], query: dict[str, list[str]], body: bytes) -> tuple[int, Json]:
        return 200, self._listing(self._draft(names["id"]), "draft/files")

    def _list_published(
        self, names: dict[str, str], query: dict[str, list[str]], body: bytes
    ) -> tuple[int, Json]:
        return 200, self._listing(self._published(names["id"]), "files")

    def _register(self, names: dict[str, str], query: dict[str, list[str]], body: bytes) -> tuple[int, Json]:
        record = self._draft(names["id"])
        keys = [each["key"] for each in json.loads(body)]
        for key in keys:
            if key in record.files:
                raise Refused(400, f"File with key {key} already exists.")
        if len(record.files) + len(keys) > 100:
            said = "Uploading selected files will result in exceeding the max amount per record."
            raise Refused(400, said)
        record.files.update({key: StoredFile() for key in keys})
        return 201, self._listing(record, "draft/files")

    def _send(self, names: dict[str, str], query: dict[str, list[str]], body: bytes) -> tuple[int, Json]:
        record, key, file = self._file(names)
        if file.completed:
            self.world.ruined.append(key)
            return 200, self.failed(record, key)
        if self.world.halves_next_content:
            self.world.halves_next_content = False
            body = body[: len(body) // 2]
        if self.world.loses_next_content:
            self.world.loses_next_content = False
        else:
            file.content = body
            self.world.stored.append((record.id, key, _md5(body)))
        return 200, self._entry(record, key, "draft/files")

    def _commit(self, names: dict[str, str], query: dict[str, list[str]], body: bytes) -> tuple[int, Json]:
        record, key, file = self._file(names)
        if file.content is None:
            raise Refused(500, BROKEN)
        file.completed = True
        # The documentation prints the size of a closed file as a float.
        return 200, {**self._entry(record, key, "draft/files"), "size": float(len(file.content))}

    def _remove(self, names: dict[str, str], query: dict[str, list[str]], body: bytes) -> tuple[int, bytes]:
        record, key, _ = self._file(names)
        del record.files[key]
        return 204, b""

    def _download(self, names: dict[str, str], query: dict[str, list[str]], body: bytes) -> tuple[int, bytes]:
        _, key, file = self._file(names)
        if not file.completed or file.content is None:
            raise Refused(404, f'File with key "{key}" has not been uploaded.')
        return 200, file.content

    # Parts

    def _page(self, found: list[StoredRecord], query: dict[str, list[str]], own: str) -> Json:
        """One page of a search."""
        size, page = int(query.get("size", ["10"])[0]), int(query.get("page", ["1"])[0])
        if size > 100:
            said = [{"field": "size", "messages": ["Page size cannot be greater than 100."]}]
            raise Refused(400, "A validation error occurred.", said)
        hits = [self._shown(record) for record in found[(page - 1) * size : page * size]]
        return {"hits": {"hits": hits, "total": len(found)}, "links": {"self": f"{self.url}{own}"}}

    def failed(self, record: StoredRecord, key: str) -> Json:
        """The transfer of the file fails: the answer looks good, and the file is no longer announced."""
        entry = self._entry(record, key, "draft/files")
        del record.files[key]
        return {**entry, "status": "completed", "size": 0, "checksum": None, "errors": TRANSFER_FAILED}

    def _stale(self, step: str) -> bool:
        """Whether this read, once, tells how things were before `step`, as a read behind its writer may."""
        stale = self.world.stale_after == step
        if stale:
            self.world.stale_after = ""
        return stale

    def _out(self, parent: str) -> list[StoredRecord]:
        return [each for each in self.world.records.values() if each.parent == parent and each.published]

    def _known(self, record: str) -> StoredRecord:
        if record not in self.world.records:
            raise Refused(404, "The persistent identifier does not exist.")
        return self.world.records[record]

    def _published(self, record: str) -> StoredRecord:
        found = self._known(record)
        if not found.published:
            raise Refused(404, "The persistent identifier is not registered.")
        return found

    def _draft(self, record: str, absent: str = "The persistent identifier does not exist.") -> StoredRecord:
        found = self._known(record)
        if found.published and not found.edited:
            raise Refused(404, absent)
        return found

    def _file(self, names: dict[str, str]) -> tuple[StoredRecord, str, StoredFile]:
        record = self._draft(names["id"])
        key = names["key"]
        if key not in record.files:
            raise Refused(404, f"Record '{record.id}' has no file '{key}'.")
        return record, key, record.files[key]

    def _mint(self, record: StoredRecord) -> None:
        doi = f"{self.world.prefix}/zenodo.{record.id}"
        self.world.minted.append(doi)
        record.pids = {"doi": {"identifier": doi, "provider": "datacite", "client": "datacite"}}

    def _take(self, record: StoredRecord, sent: Json) -> None:
        kept = {k: v for k, v in sent.get("metadata", {}).items() if k != self.world.drops}
        record.metadata = _kept(kept)
        record.access = sent.get("access", record.access)

    def _shown(self, record: StoredRecord) -> Json:
        own = f"{self.url}/api/records/{record.id}"
        draft = own if record.published else f"{own}/draft"
        shown: Json = {
            "id": record.id,
            "is_published": record.published,
            "is_draft": not record.published or record.edited,
            "status": "published" if record.published else "draft",
            "metadata": _enriched(record.metadata),
            "access": {"embargo": {"active": False, "reason": None}, "status": "open", **record.access},
            "custom_fields": {},
            "files": {"enabled": True, "order": [], "count": len(record.files)},
            "pids": deepcopy(record.pids),
            "parent": {"id": record.parent, "access": {"owned_by": {"user": "1"}}},
            "versions": {"index": record.index, "is_latest": record.published, "is_latest_draft": True},
            "links": {
                "self": draft,
                "self_html": f"{self.url}/{'records' if record.published else 'uploads'}/{record.id}",
                "files": f"{draft}/files",
                "latest": f"{own}/versions/latest",
                "versions": f"{own}/versions",
                "publish": f"{own}/draft/actions/publish",
                "reserve_doi": f"{own}/draft/pids/doi",
                "self_doi": f"https://doi.org/{record.pids.get('doi', {}).get('identifier', '')}",
            },
        }
        concept = self.world.concepts.get(record.parent)
        if concept and (record.published or self.world.concept_on_drafts):
            shown["parent"]["pids"] = {
                "doi": {"identifier": concept, "provider": "datacite", "client": "datacite"}
            }
        return shown

    def _listing(self, record: StoredRecord, where: str) -> Json:
        return {
            "enabled": True,
            "default_preview": None,
            "order": [],
            "entries": [self._entry(record, key, where) for key in record.files],
            "links": {"self": f"/api/records/{record.id}/{where}"},
        }

    def _entry(self, record: StoredRecord, key: str, where: str) -> Json:
        file = record.files[key]
        # The documentation gives the links of files without scheme and host.
        own = f"/api/records/{record.id}/{where}/{key}"
        entry: Json = {
            "key": key,
            "status": "completed" if file.completed else "pending",
            "metadata": None,
            "links": {"self": own, "content": f"{own}/content", "commit": f"{own}/commit"},
        }
        if file.completed and file.content is not None:
            entry |= {"checksum": _md5(file.content), "size": len(file.content), "storage_class": "L"}
        return entry


def _json(body: bytes) -> Json:
    try:
        found: Json = json.loads(body)
    except ValueError:
        raise Refused(400, "Unable to decode JSON data in request body.") from None
    return found


def _legacy(shown: Json) -> Json:
    """A record in the shape Zenodo gives to whoever does not ask for the newer one."""
    if "metadata" not in shown:
        return shown
    kept = {key: shown[key] for key in ("id", "links")}
    return {
        **kept,
        "conceptrecid": shown["parent"]["id"],
        "metadata": {"title": shown["metadata"].get("title", "")},
    }


def _elsewhere(content: object) -> None:
    if isinstance(content, dict):
        for name, value in content.items():
            if name == "links" and isinstance(value, dict):
                content[name] = {key: ELSEWHERE + urlsplit(link).path for key, link in value.items()}
            elif name == "location":
                content[name] = ELSEWHERE + urlsplit(value).path
            else:
                _elsewhere(value)
    elif isinstance(content, list):
        for each in content:
            _elsewhere(each)


def _other_checksums(content: object) -> None:
    if isinstance(content, dict):
        if "checksum" in content:
            content["checksum"] = _md5(b"something else")
        for value in content.values():
            _other_checksums(value)
    elif isinstance(content, list):
        for each in content:
            _other_checksums(each)


class Handler(BaseHTTPRequestHandler):
    """Reads a request whole, logs it, lets the script have its way, and answers."""

    protocol_version = "HTTP/1.1"
    # Head and body are two writes, and the client waits for both.
    disable_nagle_algorithm = True
    # A client that dies while it sends leaves the server waiting no longer than this, in seconds.
    timeout = 20
    server: InvenioServer

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the log is in the world."""

    def handle(self) -> None:
        """Serve until the client is gone, however it goes."""
        try:
            super().handle()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_DELETE = do_GET

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
            with self.server.lock:
                self._drop_failed(*self._routed())
            return
        with self.server.lock:
            seen, names = self._log(len(body))
            rule = next((each for each in self.server.world.rules if each.befalls(seen)), None)
            self._befall(rule.fault if rule else "", seen, names, body)

    def _routed(self) -> tuple[str, dict[str, str]]:
        path = urlsplit(self.path).path
        for name, method, pattern in ROUTES:
            match = re.fullmatch(pattern, path)
            if match and method == self.command:
                return name, {key: unquote(value) for key, value in match.groupdict().items()}
        return "", {}

    def _drop_failed(self, step: str, names: dict[str, str]) -> None:
        """A file whose bytes did not all arrive is no longer announced."""
        record = self.server.world.records.get(names.get("id", ""))
        if step == "send" and record and not self.server.world.keeps_failed:
            file = record.files.get(names["key"])
            if file and not file.completed:
                del record.files[names["key"]]

    def _log(self, size: int) -> tuple[Seen, dict[str, str]]:
        step, names = self._routed()
        world = self.server.world
        seen = Seen(
            len(world.seen) + 1,
            step,
            self.command,
            self.path,
            dict(self.headers.items()),
            size,
            names.get("id", ""),
            names.get("key", ""),
        )
        world.seen.append(seen)
        return seen, names

    def _befall(self, fault: str, seen: Seen, names: dict[str, str], body: bytes) -> None:
        if fault in UNDONE:
            if fault not in ("429", "redirect", "403"):
                self._drop_failed(seen.step, names)
            self._answer_instead(fault, names)
            return
        status, content = self._processed(seen, names, body)
        if fault == "504-done":
            self._send(504, PAGE, "text/html")
        elif fault == "cut-after":
            self._cut()
        elif fault == "200-html":
            self._send(status, PAGE, "text/html; charset=utf-8")
        elif fault in EVIL:
            self._harm(fault)
        else:
            if fault == "foreign-link":
                _elsewhere(content)
            if fault == "wrong-checksum":
                _other_checksums(content)
                content = b"something else" if isinstance(content, bytes) else content
            self._give(status, content, cut=fault == "cut-short")

    def _harm(self, fault: str) -> None:
        told = f"Bad header: {self.headers.get('Authorization')}"
        match fault:
            case "echo":
                self._send_json(400, {"status": 400, "message": told})
            case "echo-escaped":
                escaped = "".join(f"\\u{ord(each):04x}" for each in told)
                self._send(400, f'{{"message": "{escaped}"}}'.encode(), "application/json")
            case "nested":
                self._send(200, b"[" * 100_000, "application/json")
            case _:
                self.send_response(201 if self.command == "POST" else 200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.close_connection = True
                with suppress(OSError):
                    while True:
                        self.wfile.write(b" " * 65536)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The time of this server, which may be another than that of the client."""
        return self.server.world.date or super().date_time_string(timestamp)

    def _processed(self, seen: Seen, names: dict[str, str], body: bytes) -> tuple[int, Json | bytes]:
        repository = Repository(self.server.world, self.server.url)
        try:
            self._check_token(seen)
            if not seen.step:
                raise Refused(404, "The requested URL was not found on the server.")
            query = parse_qs(urlsplit(self.path).query)
            self._check_accept(seen.step)
            status, content = repository.answer(seen.step, names, query, body)
        except Refused as refusal:
            status, content = refusal.status, refusal.body
        if isinstance(content, dict) and V1 not in self.headers.get("Accept", ""):
            content = _legacy(content)
        if seen.step in self.server.world.alters:
            status, content = self.server.world.alters[seen.step](status, content)
        return status, content

    def _check_accept(self, step: str) -> None:
        known = (PLAIN,) if step in OF_FILES else (PLAIN, V1)
        asked = [each.split(";")[0].strip() for each in self.headers.get("Accept", "*/*").split(",")]
        if "*/*" not in asked and not set(asked) & set(known):
            raise Refused(406, "Unsupported 'Accept' header.")

    def _check_token(self, seen: Seen) -> None:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        scopes = self.server.world.tokens.get(token)
        needed = "deposit:actions" if seen.step == "publish" else "deposit:write"
        if scopes is None or (self.command != "GET" and needed not in scopes):
            raise Refused(403, "Permission denied.")

    def _answer_instead(self, fault: str, names: dict[str, str]) -> None:
        match fault:
            case "200-lost":
                self._send_json(200, {"key": names["key"], "size": 0, "errors": TRANSFER_FAILED})
            case "400-lost":
                said = "The file upload transfer failed, please try again."
                self._send_json(400, {"status": 400, "message": said})
            case "429":
                refusal = {"status": 429, "message": "30 per 1 minute"}
                self._send_json(429, refusal, {"Retry-After": self.server.world.retry_after})
            case "500":
                self._send_json(500, {"status": 500, "message": BROKEN})
            case "502-html":
                self._send(502, PAGE, "text/html")
            case "503":
                self._send(503, PAGE, "text/html", {"Retry-After": "3600"})
            case "504":
                self._send(504, PAGE, "text/html")
            case "redirect":
                self._send(302, b"", "text/html", {"Location": f"{ELSEWHERE}{self.path}"})
            case "403":
                self._send_json(403, {"status": 403, "message": "Permission denied."})
            case _:
                self._cut()

    def _give(self, status: int, content: Json | bytes, *, cut: bool) -> None:
        if isinstance(content, dict):
            place = {"Location": content["location"]} if "location" in content else None
            self._send_json(status, content, place, cut=cut)
        else:
            self._send(status, content, "application/octet-stream", cut=cut)

    def _send_json(
        self, status: int, content: Json, more: dict[str, str] | None = None, *, cut: bool = False
    ) -> None:
        self._send(status, json.dumps(content).encode(), "application/json", more, cut=cut)

    def _send(
        self, status: int, content: bytes, kind: str, more: dict[str, str] | None = None, *, cut: bool = False
    ) -> None:
        self.send_response(status)
        more = more or {}
        if status < 500:
            # Zenodo tells with every answer when the limit is lifted, not only when it was reached.
            more = {"Retry-After": "9", "X-RateLimit-Remaining": "99", **more}
        self.send_header("Content-Length", str(len(content)))
        if content:
            self.send_header("Content-Type", kind)
        for name, value in more.items():
            self.send_header(name, value)
        self.end_headers()
        if cut:
            self.wfile.write(content[: len(content) // 2])
            self.wfile.flush()
            self._cut()
        else:
            self.wfile.write(content)

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


class InvenioServer(ThreadingHTTPServer):
    """The server; `world` may be put in place anew between two tests."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.world = World()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def running() -> Iterator[InvenioServer]:
    """A server that answers until the block is left."""
    with InvenioServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
