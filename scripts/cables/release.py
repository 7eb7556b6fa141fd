"""A build → a release: flat files for a deposit, their hashes, and one archive of them with all inputs.

Nothing here is given a name with a folder, so that a repository without folders holds the release as it is.
The same commit and the same previous release give the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import posixpath
import re
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from cables import checks, citation, descriptor, diff, fair, files, inputs, package
from cables.checks import fair as promises
from cables.checks import loaded
from cables.checks.registry import Outcome, Verdict, judge
from cables.diff import Difference
from cables.files import WriteError
from cables.inputs import Inputs, Places
from cables.model import InputError, InputErrors
from cables.package import Build
from cables.schemas import Json, Table

SUMS = "SHA256SUMS"
ABOUT = "release.json"
VERIFIER = "verify.py"
CHANGES = "changes.csv"
# Read when a deposit is made and sent as its description, so no file of it.
BODY = "inveniordm.json"
INPUTS = "inputs/"
# A repository takes 100; one is left over.
MOST_FILES = 99
FLAT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
FLAT_AUTHORED = (
    "CHANGELOG.md",
    "LICENSE",
    "LICENSE-DATA",
    "README.md",
    "RIGHTS.md",
    "package.toml",
    "requirements.lock",
)
# Of every record there is one or more of each, so with many records they are in the archive only.
PER_RECORD = ("data/exports/", "data/json/", "data/raw/")
# The form in which another service asks for what stands in the body of a deposit.
NOT_FLAT = (citation.ZENODO,)
TAG = re.compile(r"v(.+)")
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")
ELSEWHERE = re.compile(r"[a-z]+:|#")
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
UNIX = 3
FILE_MODE = 0o100644
SHOWN = 5

NOTE = """\
> This is the release as flat files. What the repository has as `data/csv/NAME.csv`, `data/json/` or `docs/`
> stands here beside this file, under the last part of its path; the inputs, the code and the tests are in
> `{archive}`, in the folder `inputs`. To prove the files: `python3 verify.py`.
"""


@dataclass(frozen=True, slots=True)
class Commit:
    """The commit that is released, the files that it holds, and the tags that it comes after."""

    id: str
    files: Mapping[str, bytes]
    previous: str | None


@dataclass(frozen=True, slots=True)
class Release:
    """A release in memory: files by flat name, and how it differs from the one before, if there was one."""

    name: str
    version: str
    files: Mapping[str, bytes]
    difference: Difference | None


# --- what is released --------------------------------------------------------------------------------


def make(given: Inputs, built: Build, commit: Commit, difference: Difference | None) -> Release:
    """Every file of a release. Raises InputErrors for names that cannot be flat."""
    described = given.package
    archive = f"{described.name}-{described.version}.zip"
    named = _flat_names(built.files, given)
    told = {path: data for path, data in built.files.items() if path in named}
    told |= {path: commit.files[path] for path in FLAT_AUTHORED}
    places = {**named, **{path: path for path in FLAT_AUTHORED}}
    # Made anew below, since they tell where the files stand.
    made_anew = {files.DESCRIPTOR, *_citation_paths(built.files)}
    told = {
        path: _page(path, data, places, archive) if path.endswith(".md") else data
        for path, data in told.items()
        if path not in made_anew
    }
    changes = pl.DataFrame(
        list(diff.as_rows(difference.changes)) if difference else [], schema=_changes_table().polars
    )
    told[CHANGES] = package.csv_bytes(changes)
    told[VERIFIER] = files.read_bytes(inputs.REPOSITORY / "templates" / VERIFIER)
    told[files.DESCRIPTOR] = descriptor.json_bytes(_descriptor(built, given, places, told, difference))
    told |= _cited(given, built, told, places)
    flat = {places.get(path, path): data for path, data in told.items()}
    body = {BODY: told[citation.INVENIO]}
    within = {**flat, **{INPUTS + path: data for path, data in commit.files.items()}}
    flat[archive] = zipped(f"{described.name}-{described.version}/", {**within, SUMS: sums(within), **body})
    flat[ABOUT] = descriptor.json_bytes(_about(given, commit, difference, archive, flat[archive]))
    flat.pop(BODY)
    return Release(described.name, described.version, {**flat, SUMS: sums(flat), **body}, difference)


def _flat_names(paths: Iterable[str], given: Inputs) -> dict[str, str]:
    """The flat name of every built path that a release holds outside its archive."""
    wanted = [path for path in sorted(paths) if path not in NOT_FLAT]
    # Besides them: the authored files, the changes, the verifier, the archive, and what tells of all of them.
    others = len(FLAT_AUTHORED) + len((CHANGES, VERIFIER, "archive", ABOUT, SUMS)) - len((BODY,))
    if len(wanted) + others > MOST_FILES:
        wanted = [path for path in wanted if not path.startswith(PER_RECORD)]
    if len(wanted) + others > MOST_FILES:
        found = f"{len(wanted) + others} files, those of each record left out"
        raise InputErrors([InputError("release", 1, found, f"no more than {MOST_FILES}")])
    names: dict[str, str] = {}
    taken = {name.lower(): name for name in (*FLAT_AUTHORED, CHANGES, VERIFIER, ABOUT, SUMS)}
    refused = []
    for path in wanted:
        name = posixpath.basename(path)
        if not FLAT_NAME.fullmatch(name):
            refused.append(InputError(path, 1, f"the name {name!r}", "letters A-Z a-z, digits, . _ -"))
        elif name.lower() in taken:
            refused.append(InputError(path, 1, f"the name of {taken[name.lower()]}", "a name of its own"))
        taken[name.lower()] = path
        names[path] = name
    if refused:
        raise InputErrors(refused)
    return names


def _citation_paths(paths: Iterable[str]) -> set[str]:
    own = {
        citation.CFF,
        citation.ZENODO,
        citation.RO_CRATE,
        citation.DATACITE_JSON,
        citation.DATACITE_XML,
        citation.CROISSANT,
        citation.SCHEMA_ORG,
        citation.RIS,
        citation.BIBTEX,
        citation.CSL,
        citation.INVENIO,
    }
    return own.intersection(paths)


def _page(path: str, data: bytes, places: Mapping[str, str], archive: str) -> bytes:
    """A page with the paths and links of the release; a link to what it does not hold is words only."""
    folder = posixpath.dirname(path)

    def link(match: re.Match[str]) -> str:
        words, target = match[1], match[2]
        if ELSEWHERE.match(target):
            return match[0]
        page, mark, anchor = target.partition("#")
        there = places.get(posixpath.normpath(posixpath.join(folder, page)))
        return f"[{words}]({there}{mark}{anchor})" if there else words

    text = LINK.sub(link, data.decode())
    for built in sorted(places, key=len, reverse=True):
        text = text.replace(built, places[built])
    if path == "README.md":
        title, _, rest = text.partition("\n")
        text = f"{title}\n\n{NOTE.format(archive=archive)}{rest}"
    return text.encode()


def _changes_table() -> Table:
    """The schema of changes.csv."""
    path = Places().schemas / "release" / "changes.json"
    value = files.read_json(path)
    if not isinstance(value, dict):
        raise InputError(str(path), 1, "no JSON object", "a Table Schema")
    return Table(diff.CHANGES, value)


def _descriptor(
    built: Build,
    given: Inputs,
    places: Mapping[str, str],
    told: Mapping[str, bytes],
    difference: Difference | None,
) -> Json:
    """The built descriptor with flat paths and its schemas inline, and the changes besides."""
    described: Json = json.loads(built.files[files.DESCRIPTOR])
    own = {table.name: table for table in given.tables}
    resources = []
    for one in described["resources"]:
        if one["path"] not in places:
            continue
        data = told[one["path"]]
        table = own.get(one["name"].removesuffix("-parquet"))
        schema = {"schema": fair.inline(table.schema)} if table else {}
        resources.append({**one, "path": places[one["path"]], **schema, "hash": descriptor.sha256(data)})
    since = f"since {difference.old.version}" if difference else "(the first release has none)"
    changed = _changes_table()
    changes = {
        "name": diff.CHANGES,
        "type": "table",
        "title": changed.schema["title"],
        "description": f"The changes {since}, and the step of the version that each demands.",
        "path": CHANGES,
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": fair.inline(changed.schema),
        "bytes": len(told[CHANGES]),
        "hash": descriptor.sha256(told[CHANGES]),
        "rows": len(difference.changes) if difference else 0,
        "licenses": [given.package.license(kind).described for kind in ("data", "text")],
    }
    return {**described, "resources": [*resources, changes]}


def _cited(
    given: Inputs, built: Build, told: Mapping[str, bytes], places: Mapping[str, str]
) -> dict[str, bytes]:
    """The citation files, which name the files where they stand in the release."""
    sources = {path: data for path, data in built.files.items() if path.startswith("data/raw/")}
    made = citation.citation_files(
        given.package,
        given.tables,
        built.frames,
        told,
        [one.record.record_id for one in built.readings],
        replace(given.provenance, inputs={**sources, **given.provenance.inputs}),
        place=lambda path: places.get(path, path),
    )
    crate: Json = json.loads(made[citation.RO_CRATE])
    gone = {citation.ZENODO, BODY}
    crate["@graph"] = [_without(one, gone) for one in crate["@graph"] if one["@id"] not in gone]
    kept = {path: data for path, data in made.items() if path not in NOT_FLAT}
    return {**kept, citation.RO_CRATE: descriptor.json_bytes(crate)}


def _without(entity: Json, gone: set[str]) -> Json:
    """An entity that points to none of the entities that are gone."""
    return {
        name: [one for one in value if not (isinstance(one, dict) and one.get("@id") in gone)]
        if isinstance(value, list)
        else value
        for name, value in entity.items()
    }


def _about(given: Inputs, commit: Commit, difference: Difference | None, archive: str, data: bytes) -> Json:
    """release.json: the commit and the tool, which stand nowhere else, and a second word on the archive."""
    made = given.provenance
    return {
        "name": given.package.name,
        "version": given.package.version,
        "commit": commit.id,
        "tool": {"name": made.tool, "version": made.version},
        "environment": {"path": made.environment_path, "sha256": _sha256(made.environment)},
        "archive": {"path": archive, "bytes": len(data), "sha256": _sha256(data)},
        "previous": _previous(difference) if difference else None,
    }


def _previous(difference: Difference) -> Json:
    """What release.json says of the release before."""
    return {
        "version": difference.old.version,
        "step": difference.step.word,
        "changes": len(difference.changes),
    }


def sums(content: Mapping[str, bytes]) -> bytes:
    """SHA256SUMS, as sha256sum reads it: a line a file, by name, but for itself and a deposit's body."""
    return "".join(
        f"{_sha256(content[name])}  {name}\n" for name in sorted(content) if name not in {SUMS, BODY}
    ).encode()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def zipped(folder: str, content: Mapping[str, bytes]) -> bytes:
    """An archive of the files under one folder: stored, sorted, of one date and mode, the same everywhere."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(content):
            entry = zipfile.ZipInfo(folder + name, FIRST_DAY)
            entry.create_system = UNIX
            entry.external_attr = FILE_MODE << 16
            archive.writestr(entry, content[name])
    return buffer.getvalue()


# --- whether it may be released ----------------------------------------------------------------------


def prepare(repository: Path, version: str) -> Commit:
    """The commit at HEAD. Raises InputErrors for changes that it does not hold, or a tag elsewhere."""
    changed = _git(repository, "status", "--porcelain").decode(errors="replace").splitlines()
    refused = [
        InputError(files.printable(line[3:]), 1, "not as committed", "nothing uncommitted")
        for line in changed[:SHOWN]
    ]
    if len(changed) > SHOWN:
        refused.append(InputError("git status", 1, f"{len(changed)} files in all", "nothing uncommitted"))
    head = _git(repository, "rev-parse", "HEAD").decode().strip()
    tags = {}
    for tag in _git(repository, "tag", "--list", "v*").decode().split():
        match = TAG.fullmatch(tag)
        if match and diff.VERSION.fullmatch(match[1]):
            tags[match[1]] = tag
    if version in tags:
        tagged = _git(repository, "rev-parse", f"{tags[version]}^{{commit}}").decode().strip()
        if tagged != head:
            refused.append(
                InputError("git tag", 1, f"{tags[version]} on {tagged}", f"HEAD, {head}, or a new version")
            )
    if refused:
        raise InputErrors(refused)
    lower = [one for one in tags if diff.ordered(one) < diff.ordered(version)]
    before = max(lower, key=diff.ordered, default=None)
    return Commit(head, _tracked(repository), tags[before] if before else None)


def _tracked(repository: Path) -> dict[str, bytes]:
    """The files of the commit that no build writes."""
    paths = _git(repository, "ls-files", "-z").decode().split("\0")
    return {
        path: files.read_bytes(repository / path)
        for path in sorted(filter(None, paths))
        if not any(path.startswith(one) if one.endswith("/") else path == one for one in files.BUILT_PATHS)
    }


def tagged(repository: Path, tag: str) -> diff.Release:
    """The package as it was at a tag. Raises InputError where there was none."""
    content = {}
    with tarfile.open(fileobj=io.BytesIO(_git(repository, "archive", "--format=tar", tag))) as archive:
        for member in archive.getmembers():
            stream = archive.extractfile(member) if member.isfile() else None
            if stream is not None:
                content[member.name] = stream.read()
    return diff.of_files(tag, content)


def _git(repository: Path, *words: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(repository), *words], capture_output=True)
    except OSError as error:
        raise InputError("git", 1, str(error.strerror), "git, which knows what is committed") from error
    if done.returncode:
        said = files.printable(done.stderr.decode(errors="replace").strip())
        raise InputError(str(repository), 1, f"git {words[0]}: {said}", "a repository with a commit")
    return done.stdout


def refused_changelog(data: bytes, version: str) -> list[InputError]:
    """What is wrong with a changelog: it has no heading of the version."""
    heading = re.compile(rf"## \[?{re.escape(version)}\]?( .*)?")
    if any(heading.fullmatch(line) for line in data.decode(errors="replace").splitlines()):
        return []
    return [InputError("CHANGELOG.md", 1, f"nothing on {version}", f"a heading `## [{version}] - DAY`")]


def refused_step(difference: Difference | None) -> list[InputError]:
    """What is wrong with the version of the new release: its step is smaller than the changes demand."""
    if difference is None or diff.ordered(difference.new.version) >= diff.ordered(difference.least_version):
        return []
    old, new = difference.old.version, difference.new.version
    found = f"the version {new} after {old}, with a change that demands a {difference.step.word} step"
    return [InputError("package.toml", 1, found, f"{difference.least_version} or higher")]


def refused_checks(verdicts: Sequence[Verdict]) -> list[InputError]:
    """What failed, as errors."""
    return [
        InputError(finding.file, finding.line, f"{one.check.id}: {finding.found}", finding.expected)
        for one in verdicts
        if one.outcome is Outcome.FAILED
        for finding in one.findings
    ]


def release(repository: Path, out: Path, previous: Path | None) -> Release:
    """Makes a release of this repository in a folder.

    Raises InputErrors with every reason for which it is refused, and WriteError where it cannot be written.
    """
    given = inputs.read(Places())
    version = given.package.version
    _check_out(out)
    commit = prepare(repository, version)
    refused = refused_changelog(commit.files.get("CHANGELOG.md", b""), version)
    refused += [
        InputError(path, 1, "no such file", "a file of every release")
        for path in FLAT_AUTHORED
        if path not in commit.files
    ]
    built = package.build(given)
    # The build is compared with what is committed by the check of the rebuild, among the others.
    known = loaded.repository()
    here = loaded.load(repository, known)
    refused += refused_checks([judge(one, here) for one in checks.CHECKS])
    difference = _difference(built, repository, commit, previous)
    refused += refused_step(difference)
    if refused:
        raise InputErrors(refused)
    made = make(given, built, commit, difference)
    _put(made, out, known)
    return made


def _difference(built: Build, repository: Path, commit: Commit, previous: Path | None) -> Difference | None:
    if previous is None and commit.previous is None:
        return None
    old = diff.read(previous) if previous else tagged(repository, str(commit.previous))
    return diff.compare(old, diff.of_files("this repository", {**commit.files, **built.files}))


def _check_out(out: Path) -> None:
    """Refuse a folder that holds anything but a release."""
    if os.path.lexists(out) and not (out.is_dir() and (not any(out.iterdir()) or (out / ABOUT).is_file())):
        raise WriteError(out, "this is no release", "expected a folder that is empty, or holds one")


def _put(made: Release, out: Path, known: loaded.Repository) -> None:
    """Write a release beside its place, hold it to its promises, and only then let it take the place."""
    beside = out.with_name(f".{out.name}.part")
    try:
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        for name, data in made.files.items():
            files.write_file(beside / name, data)
        broken = refused_checks(promises.prove(promises.load(beside, known), checks.CHECKS))
        if broken:
            raise InputErrors(broken)
        if out.exists():
            shutil.rmtree(out)
        os.replace(beside, out)
    except OSError as error:
        raise WriteError(error.filename or out, str(error.strerror), "no release was made") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
