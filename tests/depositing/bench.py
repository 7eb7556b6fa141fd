"""A package, its releases, and the repository that they go to."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import deposit
from cables.deposit import read_release
from cables.deposit.journal import Entry, Mark, read_journal
from cables.deposit.packagefile import Doi, with_doi
from cables.deposit.servers import Server
from invenio.server import (
    InvenioServer,
    StoredFile,
    StoredRecord,
    World,
)

TESTS = Path(__file__).resolve().parents[1]
SCRIPTS = TESTS.parent / "scripts"
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
            [sys.executable, str(TESTS / "invenio" / "killed.py")],
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


def deposited(bench: Bench, version: str = "1.0.0") -> None:
    """Take a version all the way."""
    bench.good("--reserve")
    bench.release()
    bench.good("--upload")
    bench.good("--publish", version)


def production(bench: Bench) -> None:
    """The same server again, as the other one, which knows nothing of this one's records."""
    bench.world.records.clear()
    bench.world.concepts.clear()
    bench.world.prefix = "10.5281"
    bench.environ |= {"CABLES_DEPOSIT_TOKEN": WRITE, "CABLES_PUBLISH_TOKEN": ACT}


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
