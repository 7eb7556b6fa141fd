"""A build → a release: flat files for a deposit, their hashes, and one archive of them with all inputs.

Nothing here is given a name with a folder, so that a repository without folders holds the release as it is.
The same commit and the same previous release give the same bytes. What goes into the archive is read from the
commit, and the files at work are held to it: no setting of git lets a release hold anything else.
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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
TAG = re.compile(rf"v({diff.VERSION.pattern})")
HEADING = re.compile(rf"## \[?(?P<version>{diff.VERSION.pattern})\]?( .*)?")
# With these git would look at another repository than the one it is asked about, as in a hook.
GIT_PLACES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")
ELSEWHERE = re.compile(r"[a-z]+:|#")
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
UNIX = 3
FILE_MODE = 0o100644
SHOWN = 5

# Folders that pages speak of, where a release has their files under one name or another.
FLAT_FOLDERS = {
    "`data/csv`": "`*.csv`",
    "`data/json`": "`RECORD.json`",
    "`data/parquet`": "`*.parquet`",
}
NOTES = {
    "README.md": """\
> This is the release as flat files. What the repository has as `data/csv/NAME.csv`, or in `data/json/`,
> `metadata/` or `docs/`, stands here beside this file, under the last part of its path. The inputs, the code
> and the tests are in `{archive}`, in the folder `inputs`; what this page says of building,
> of adding a cable and of releasing is to be done there. To prove the files: `python3 verify.py`.
""",
    "RIGHTS.md": """\
> The folders that are named here are in `{archive}`, in the folder `inputs`.
""",
}


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
    flat[archive] = zipped(f"{described.name}-{described.version}/", {**within, SUMS: sums(within)})
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
    longest_first = "|".join(re.escape(one) for one in sorted(places, key=len, reverse=True))
    text = re.sub(rf"(?<![\w./-])({longest_first})(?![\w/-])", lambda match: places[match[1]], text)
    for folder, files_of_it in FLAT_FOLDERS.items():
        text = text.replace(folder, files_of_it)
    if path in NOTES:
        title, _, rest = text.partition("\n")
        text = f"{title}\n\n{NOTES[path].format(archive=archive)}{rest}"
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
    """SHA256SUMS, as sha256sum reads it: a line a file, by name, but for itself."""
    return "".join(f"{_sha256(content[name])}  {name}\n" for name in sorted(content) if name != SUMS).encode()


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
    """The commit at HEAD.

    Raises InputErrors for changes that it does not hold, a tag of the version elsewhere, and a tag of a
    higher version before it.
    """
    _check_top(repository)
    content = _content(repository, "HEAD")
    refused = _uncommitted(repository)
    refused += _unlike(repository, content, {one.file for one in refused})
    if len(refused) > SHOWN:
        total = f"{len(refused)} files in all"
        refused = [*refused[:SHOWN], InputError("git status", 1, total, "nothing uncommitted")]
    head = _git(repository, "rev-parse", "HEAD").decode().strip()
    tags = _tags(repository)
    if version in tags:
        tagged = _git(repository, "rev-parse", f"{tags[version]}^{{commit}}").decode().strip()
        if tagged != head:
            refused.append(
                InputError("git tag", 1, f"{tags[version]} on {tagged}", f"HEAD, {head}, or a new version")
            )
    before = max(_tags(repository, "--merged", "HEAD"), key=diff.ordered, default=version)
    if diff.ordered(before) > diff.ordered(version):
        found = f"the version {version} after {before}, whose tag this commit follows"
        refused.append(InputError("package.toml", 1, found, "a higher one"))
    if refused:
        raise InputErrors(refused)
    lower = [one for one in tags if diff.ordered(one) < diff.ordered(version)]
    previous = max(lower, key=diff.ordered, default=None)
    own = {path: data for path, data in content.items() if not _is_built(path)}
    return Commit(head, own, tags[previous] if previous else None)


def _check_top(repository: Path) -> None:
    """Refuse a folder within another repository, whose commits are not of the package."""
    top = Path(os.fsdecode(_git(repository, "rev-parse", "--show-toplevel").rstrip(b"\n")))
    if top.resolve() != repository.resolve():
        raise InputError(str(repository), 1, f"a folder of the repository {top}", "a repository of its own")


def _uncommitted(repository: Path) -> list[InputError]:
    """What git knows to be changed or new, whatever the settings of the person are."""
    words = ("status", "--porcelain", "--untracked-files=normal", "--no-renames")
    told = _git(repository, "-c", "core.quotePath=false", *words).decode(errors="replace").splitlines()
    return [
        InputError(files.printable(one[3:]), 1, "not as committed", "nothing uncommitted") for one in told
    ]


def _unlike(repository: Path, content: Mapping[str, bytes], changed: set[str]) -> Iterator[InputError]:
    """Files that are not those of the commit, besides those known to be changed.

    Of a file, git may have been told not to look; of a source, to ignore it: the build would be made from it,
    and it would stand in no commit.
    """
    for path, data in content.items():
        if path not in changed and (repository / path).is_file() and (repository / path).read_bytes() != data:
            yield InputError(path, 1, "not as committed (git was told not to look)", "nothing uncommitted")
    for source in sorted((repository / "data" / "raw").glob("*.txt")):
        name = source.relative_to(repository).as_posix()
        if name not in content and name not in changed:
            yield InputError(name, 1, "not committed, and ignored by git", "every source committed")


def _tags(repository: Path, *words: str) -> dict[str, str]:
    """The tags of versions, by version."""
    names = _git(repository, "tag", "--list", "v*", *words).decode(errors="replace").split()
    return {match[1]: name for name in names if (match := TAG.fullmatch(name))}


def _is_built(path: str) -> bool:
    return any(path.startswith(one) if one.endswith("/") else path == one for one in files.BUILT_PATHS)


def _content(repository: Path, name: str) -> dict[str, bytes]:
    """The files of a commit by path."""
    content = {}
    with tarfile.open(fileobj=io.BytesIO(_git(repository, "archive", "--format=tar", name))) as archive:
        for member in archive.getmembers():
            stream = archive.extractfile(member) if member.isfile() else None
            if stream is not None:
                content[member.name] = stream.read()
    return dict(sorted(content.items()))


def tagged(repository: Path, tag: str) -> diff.Release:
    """The package as it was at a tag. Raises InputError where there was none."""
    return diff.of_files(tag, _content(repository, tag))


def _git(repository: Path, *words: str) -> bytes:
    environment = {name: value for name, value in os.environ.items() if name not in GIT_PLACES}
    try:
        done = subprocess.run(["git", "-C", str(repository), *words], capture_output=True, env=environment)
    except OSError as error:
        raise InputError("git", 1, str(error.strerror), "git, which knows what is committed") from error
    if done.returncode:
        said = files.printable(done.stderr.decode(errors="replace").strip())
        raise InputError(str(repository), 1, f"git: {said}", "a repository with a commit")
    return done.stdout


def refused_changelog(data: bytes, version: str) -> list[InputError]:
    """What is wrong with a changelog: it has no heading of the version."""
    if version in _told(data):
        return []
    return [InputError("CHANGELOG.md", 1, f"nothing on {version}", f"a heading `## [{version}] - DAY`")]


def refused_first(data: bytes, version: str, previous: str | None) -> list[InputError]:
    """What is wrong with the tag of the release before: there is none of a version that the changelog has.

    So it is in a clone without tags, where a release would otherwise pass for the first one.
    """
    known = diff.ordered(previous.removeprefix("v")) if previous else (-1, -1, -1)
    lower = (one for one in _told(data) if diff.ordered(one) < diff.ordered(version))
    last = max(lower, key=diff.ordered, default=None)
    if last is None or diff.ordered(last) <= known:
        return []
    expected = "its tag (git fetch --tags), or --previous FILE, or no heading of what was not released"
    return [InputError("git tag", 1, f"no v{last}, which CHANGELOG.md tells of", expected)]


def _told(changelog: bytes) -> list[str]:
    """The versions that a changelog has headings of."""
    lines = changelog.decode(errors="replace").splitlines()
    return [match["version"] for line in lines if (match := HEADING.fullmatch(line))]


def refused_step(difference: Difference | None) -> list[InputError]:
    """What is wrong with the version of the new release: its step is smaller than the changes demand."""
    if difference is None or diff.ordered(difference.new.version) >= diff.ordered(difference.least_version):
        return []
    old, new = difference.old.version, difference.new.version
    found = f"the version {new} after {old}"
    largest = [one for one in difference.changes if one.step is difference.step]
    if largest:
        demand = "1 change demands" if len(largest) == 1 else f"{len(largest)} changes demand"
        found += f", but {demand} a {difference.step.word} step, first {largest[0].told}"
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
    out = Path(os.path.abspath(out))
    _check_out(out)
    with _aside(out) as beside:
        made, known = _made(repository, previous)
        _put(made, out, beside, known)
    return made


def _made(repository: Path, previous: Path | None) -> tuple[Release, loaded.Repository]:
    """A release of this repository, not yet written, and what its promises are held to."""
    given = inputs.read(Places())
    version = given.package.version
    commit = prepare(repository, version)
    changelog = commit.files.get("CHANGELOG.md", b"")
    refused = refused_changelog(changelog, version)
    refused += [] if previous else refused_first(changelog, version, commit.previous)
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
    return make(given, built, commit, difference), known


def _difference(built: Build, repository: Path, commit: Commit, previous: Path | None) -> Difference | None:
    if previous is None and commit.previous is None:
        return None
    old = diff.read(previous) if previous else tagged(repository, str(commit.previous))
    return diff.compare(old, diff.of_files("this repository", {**commit.files, **built.files}))


def _check_out(out: Path) -> None:
    """Refuse a place that holds anything but a release, which is about to be replaced."""
    if not os.path.lexists(out):
        return
    expected = "expected a folder that is empty, or holds a release and nothing else"
    if out.is_symlink() or not out.is_dir():
        raise WriteError(out, "this is no folder", expected)
    there = set(os.listdir(out))
    if there and not {ABOUT, SUMS} <= there:
        raise WriteError(out, "this is no release", expected)
    listed = files.read_bytes(out / SUMS).decode(errors="replace").splitlines() if there else []
    foreign = sorted(there - {line.partition("  ")[2] for line in listed} - {SUMS, BODY})
    if foreign:
        more = f" and {len(foreign) - SHOWN} more" if len(foreign) > SHOWN else ""
        found = f"holds {', '.join(foreign[:SHOWN])}{more}, which no release lists"
        raise WriteError(out, files.printable(found), expected)


@contextmanager
def _aside(out: Path) -> Iterator[Path]:
    """Where to complete a release beside its place; in the end nothing is left there.

    What was replaced stands beside too until its successor is in place, so that a command that was cut off
    anywhere leaves the one or the other, and the next one clears up before it looks for uncommitted files.
    """
    beside, before = (out.with_name(f".{out.name}.{what}") for what in ("part", "old"))
    try:
        try:
            _clear(out, beside, before)
            yield beside
        finally:
            _clear(out, beside, before)
    except OSError as error:
        raise WriteError(error.filename or out, str(error.strerror), "no release was made") from error


def _clear(out: Path, beside: Path, before: Path) -> None:
    """Put a release back that has no successor; remove what stands beside."""
    if os.path.lexists(before) and not os.path.lexists(out):
        os.replace(before, out)
    for left in (beside, before):
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)


def _put(made: Release, out: Path, beside: Path, known: loaded.Repository) -> None:
    """Write a release beside its place, hold it to its promises, and only then let it take the place."""
    beside.mkdir(parents=True)
    for name, data in made.files.items():
        files.write_file(beside / name, data)
    broken = refused_checks(promises.prove(promises.load(beside, known), checks.CHECKS))
    if broken:
        raise InputErrors(broken)
    if out.exists():
        os.replace(out, out.with_name(f".{out.name}.old"))
    os.replace(beside, out)
