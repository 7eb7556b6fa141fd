"""From a reserved DOI to a published version, each state a type that only the state before it makes.

Every function begins by asking the server how far things are, and does what is left: run once or run again
after a kill, it ends in the same place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cables.deposit.errors import DepositError
from cables.deposit.journal import Entry, dois_of, drafts_of, wanted_draft, was_verified
from cables.deposit.likeness import differences
from cables.deposit.packagefile import Doi, Package, same_doi, write_doi
from cables.deposit.releasefolder import Release, ReleaseFile, check_names_doi, refuse_sandbox_doi
from cables.deposit.repository import LOOKS, REGISTRAR, Record, RemoteFile, Repository, foreign_to
from cables.deposit.servers import Server, Target

# How often one file is sent before the server is held to be at fault.
SENDS = 3
VERB = "python scripts/deposit.py"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Reserved:
    """The draft of a version, and the DOI it will have."""

    draft: Record
    doi: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A reserved draft that the server says holds the files and the description of the release."""

    reserved: Reserved
    release: Release


@dataclass(frozen=True, slots=True)
class Verified:
    """A filled draft of which every byte was read back."""

    filled: Filled


@dataclass(frozen=True, slots=True)
class Published:
    """A version that anyone can read; `already` where it was so before this run."""

    record: Record
    already: bool


def _check_fresh(package: Package, server: Server) -> None:
    if package.doi.server == Server.PRODUCTION and server is Server.SANDBOX:
        raise DepositError(
            f"package.toml: [doi] holds {package.doi.version} of {Server.PRODUCTION}; a trial on the "
            f"{server} would overwrite it, and with it the concept of the next version: try it on a copy "
            "with an empty [doi], or add --production if this is none"
        )


def _standing(repository: Repository, package: Package, known: str) -> Record | None:
    """What the version is to be reserved on, from a record that is known: its draft, or the next one."""
    published = repository.record(known)
    if published is None:
        draft = repository.draft(known)
        # Its version may have been lowered to one that is out.
        return draft and (repository.published_as(package.version, draft) or draft)
    latest = repository.latest(published.id)
    for near in (published, latest):
        if near.is_version(package.version):
            return near
    if earlier := repository.published_as(package.version, latest):
        return earlier
    made = repository.new_version(latest)
    return replace(made, concept=made.concept or latest.concept)


def _draft_to_reserve(
    repository: Repository, package: Package, server: Server, journalled: tuple[Entry, ...]
) -> Record:
    """The draft of this version, made only if there is none; or the published record of this very version."""
    if package.doi.server == server:
        named = _standing(repository, package, package.doi.record)
        if named is None:
            raise DepositError(
                f"package.toml: [doi] names record {package.doi.record} on the {server}, which is not there "
                "(discarded, or of another account); to begin anew, empty the four values of [doi] and move "
                "the journal away"
            )
        return named
    # [doi] may have been emptied, or the version and the title changed, since the draft was made.
    for made in drafts_of(journalled, server):
        if found := _standing(repository, package, made):
            return _alone(repository, package, found)
    wanted = wanted_draft(journalled, server)
    if wanted and (found := repository.look_for_draft(wanted.title, wanted.version, LOOKS)):
        return found
    if not wanted or (wanted.title, wanted.version) != (package.title, package.version):
        found = repository.look_for_draft(package.title, package.version, 1)
    return found or _alone(repository, package, repository.create(package.title, package.version))


def _alone(repository: Repository, package: Package, draft: Record) -> Record:
    """`draft`, if no other one is that of this version: two would each get a DOI."""
    if not draft.published:
        repository.check_alone(draft, package.title, package.version)
    return draft


def reserve(
    repository: Repository,
    package: Package,
    package_file: Path,
    server: Server,
    journalled: tuple[Entry, ...],
    release_there: Callable[[], Release | None],
    say: Say,
) -> Reserved | Published:
    """Make the draft, reserve its DOI, and write `[doi]` of the package file.

    `release_there` reads the release folder, if there is one: where this very version is published already,
    its bytes are either the same and there is nothing to reserve, or the version has to be raised.
    """
    _check_fresh(package, server)
    draft = _draft_to_reserve(repository, package, server, journalled)
    if draft.published:
        release = release_there()
        if release is not None and release.version == package.version:
            _check_published(repository, draft, release, "raise the version in package.toml")
        return Published(draft, already=True)
    held = draft if draft.doi else repository.reserve(draft.id)
    if held.registrar != REGISTRAR:
        raise DepositError(
            f"record {held.id}: the draft has the DOI {held.doi} of another's "
            f"({held.registrar or 'no provider'}), expected one that the {server} gave; take it away on the "
            "server's own pages, then run this again"
        )
    known = draft.concept or (package.doi.concept if package.doi.server == server else "")
    doi = Doi(version=held.doi, concept=held.concept or known, record=held.id, server=server)
    if write_doi(package_file, doi):
        say(f"{package_file}: [doi] now names {held.doi}")
    return Reserved(held, held.doi)


def _check_release(package: Package, release: Release, server: Server, journalled: tuple[Entry, ...]) -> None:
    if package.doi.server != server:
        raise DepositError(
            f"package.toml: [doi] names no DOI reserved on the {server}; run --reserve"
            f"{' --production' if server is Server.PRODUCTION else ''} first, then build and release"
        )
    if (release.name, release.version) != (package.name, package.version):
        raise DepositError(
            f"{release.folder}: holds {release.name} {release.version}, expected {package.name} "
            f"{package.version} as in package.toml; make the release again"
        )
    if server is Server.PRODUCTION:
        refuse_sandbox_doi(release, package.doi, dois_of(journalled, Server.SANDBOX))
    check_names_doi(release, package.doi)


def _published_as(record: Record, doi: Doi) -> Published:
    """The record of `[doi]`, which somebody has published; under its DOI, or it is none of ours."""
    if not same_doi(record.doi, doi.version):
        raise DepositError(
            f"record {record.id}: published as {record.doi or '(no DOI)'}, expected {doi.version} as in "
            "package.toml; its files name a DOI that it does not have: tell the repository's support"
        )
    return Published(record, already=True)


def _check_published(repository: Repository, record: Record, release: Release, advice: str) -> None:
    """The published record has to hold the bytes of the release, and nothing else: names, sizes and MD5."""
    wrong = _unequal(repository.published_files(record.id), release)
    if wrong:
        wrong = _unequal(repository.published_files(record.id), release)
    if wrong:
        raise DepositError(
            f"{release.version} is published as {record.doi} with other bytes than {release.folder} holds; "
            f"{advice}:\n" + "\n".join(wrong)
        )


def _unequal(remote: Mapping[str, RemoteFile], release: Release) -> list[str]:
    wrong = [f"{key}: on the server, not in the release" for key in foreign_to(remote, release.files)]
    for file in release.files:
        held = remote.get(file.name)
        if held is None or not held.holds(file):
            seen = "missing" if held is None else f"md5 {held.md5 or 'pending'}, {held.size} bytes"
            wrong.append(f"{file.name}: {seen}, expected md5 {file.md5}, {file.size} bytes")
    return wrong


def _check_doi(draft: Record, doi: Doi) -> Reserved:
    if not same_doi(draft.doi, doi.version):
        raise DepositError(
            f"record {draft.id}: the server holds the DOI {draft.doi or '(none)'}, expected {doi.version} "
            "as in package.toml; run --reserve, then build and release again"
        )
    return Reserved(draft, draft.doi)


def upload(
    repository: Repository,
    package: Package,
    server: Server,
    journalled: tuple[Entry, ...],
    release: Release,
    say: Say,
) -> Verified | Published:
    """Bring the draft to hold the release and nothing else, then read every byte of it back."""
    _check_release(package, release, server, journalled)
    draft = repository.draft(package.doi.record)
    if draft is None or draft.published:
        record = repository.record(package.doi.record)
        if record is None:
            raise DepositError(
                f"package.toml: record {package.doi.record} is neither a draft nor published on the "
                f"{server}; empty the four values of [doi] and run --reserve"
            )
        _check_published(repository, record, release, "raise the version and run --reserve")
        return _published_as(record, package.doi)
    reserved = _check_doi(draft, package.doi)
    _check_not_out(repository, reserved, release)
    return _verify(repository, _fill(repository, reserved, release, say), say)


def _check_not_out(repository: Repository, reserved: Reserved, release: Release) -> None:
    """No two records of a concept may have one version: whoever cites it would mean either."""
    if out := repository.published_as(release.version, reserved.draft):
        raise DepositError(
            f"{release.version} is published already as {out.doi} (record {out.id}), and [doi] names record "
            f"{reserved.draft.id}; raise the version in package.toml, then build and release again"
        )


def _files_or_stop(repository: Repository, record: str, release: Release) -> dict[str, RemoteFile]:
    remote = repository.files(record)
    if foreign := foreign_to(remote, release.files):
        raise DepositError(
            f"record {record}: holds files that the release does not have: {', '.join(foreign)}; "
            "nothing was changed: take them away on the server's own pages, then run --upload again"
        )
    return remote


def _fill(repository: Repository, reserved: Reserved, release: Release, say: Say) -> Filled:
    record = reserved.draft.id
    remote = _files_or_stop(repository, record, release)
    if any(file.name in remote and _differs(remote[file.name], file) for file in release.files):
        # What is held to be other bytes will be taken away, so it is asked for twice.
        remote = _files_or_stop(repository, record, release)
    for number, file in enumerate(release.files, 1):
        done = _put(repository, record, file, remote.get(file.name))
        how = f"sent, {file.size} bytes" if done else "there already"
        say(f"[{number}/{len(release.files)}] {file.name}: {how}")
    if differences(release.body, reserved.draft.content):
        repository.describe(reserved.draft, release.body)
        say("description: sent")
    else:
        say("description: there already")
    return Filled(reserved, release)


def _differs(held: RemoteFile, file: ReleaseFile) -> bool:
    return held.completed and not held.holds(file)


def _put(repository: Repository, record: str, file: ReleaseFile, held: RemoteFile | None) -> bool:
    """Bring one file to the server; False where nothing had to be sent."""
    if held is not None and not held.completed and repository.may_have_been_sent(record, file):
        # A run that was cut off may have sent the bytes and not closed the file.
        held = repository.settle(record, file)
    if held is not None and held.holds(file):
        return False
    said = ""
    for tried in range(SENDS):
        if tried:
            repository.pause(tried, f"{file.name}: the server does not hold it")
        if held is not None and held.completed:
            repository.remove(record, file)
            held = None
        if held is None:
            repository.register(record, file)
        answer = repository.send(record, file)
        held, said = answer.held, answer.said or said
        if held is not None and held.holds(file):
            return True
    raise DepositError(
        f"{file.name}: sent {SENDS} times, and the server does not hold it"
        f"{f' (it said: {said})' if said else ''}; is {file.path} still the file that was released? "
        "If so, run --upload again later"
    )


def _check_held(repository: Repository, reserved: Reserved, release: Release) -> None:
    """Files by size and MD5, description and DOI, all as the server tells them now."""
    record = reserved.draft.id
    wrong = _unequal(repository.files(record), release)
    if wrong:
        wrong = _unequal(repository.files(record), release)
    draft = repository.draft(record)
    if draft is None:
        raise DepositError(f"record {record}: the draft is gone")
    wrong += differences(release.body, draft.content)
    if not same_doi(draft.doi, reserved.doi):
        wrong.append(f"pids.doi.identifier: {draft.doi or 'nothing'}, expected {reserved.doi}")
    if wrong:
        raise DepositError(f"record {record}: not what was sent:\n" + "\n".join(wrong))


def _verify(repository: Repository, filled: Filled, say: Say) -> Verified:
    reserved, release = filled.reserved, filled.release
    record = reserved.draft.id
    _check_held(repository, reserved, release)
    say(f"reading {len(release.files)} files back")
    for file in release.files:
        read = repository.download(record, file)
        if read.sha256 != file.sha256:
            read = repository.download(record, file)
        if read.sha256 != file.sha256:
            raise DepositError(
                f"{file.name}: read back with sha256 {read.sha256} ({read.size} bytes), expected "
                f"{file.sha256} ({file.size} bytes); nothing is published"
            )
    repository.verified(record, reserved.doi, release.manifest)
    say(f"{len(release.files)} files, {release.size} bytes: read back and equal")
    return Verified(filled)


def recall(
    repository: Repository,
    package: Package,
    server: Server,
    journalled: tuple[Entry, ...],
    release: Release,
) -> Verified | Published:
    """The state that an earlier `upload` reached, if the journal and the server both still say so."""
    _check_release(package, release, server, journalled)
    record = package.doi.record
    if not was_verified(journalled, server, record, release.manifest):
        raise DepositError(
            f"{release.folder}: the journal does not say that this release was read back from record "
            f"{record} on the {server}; run --upload first"
        )
    published = repository.record(record)
    if published is not None:
        _check_published(repository, published, release, "raise the version and run --reserve")
        return _published_as(published, package.doi)
    draft = repository.draft(record)
    if draft is None:
        raise DepositError(f"record {record}: neither a draft nor published on the {server}; run --reserve")
    reserved = _check_doi(draft, package.doi)
    _check_not_out(repository, reserved, release)
    _check_held(repository, reserved, release)
    return Verified(Filled(reserved, release))


def publish(repository: Repository, verified: Verified) -> Published:
    """Publish what was read back, and see that it is what anyone now gets."""
    reserved, release = verified.filled.reserved, verified.filled.release
    record = repository.publish(reserved.draft.id)
    if not same_doi(record.doi, reserved.doi):
        raise DepositError(
            f"record {record.id}: published as {record.doi or '(no DOI)'}, expected {reserved.doi}"
        )
    _check_published(repository, record, release, "tell the repository's support")
    return Published(record, already=False)


def told(end: Reserved | Verified | Published, package: Package, where: Target) -> str:
    """The end of a run in words, and what comes next."""
    server = where.server
    production = " --production" if server is Server.PRODUCTION else ""
    what = f"{package.name} {package.version}"
    match end:
        case Reserved():
            return (
                f"{what}: {end.doi} is reserved on the {server} (draft {end.draft.id}).\n"
                "Next: build, commit, tag and release, so that every file names it; then "
                f"{VERB} --upload{production}"
            )
        case Verified():
            draft = end.filled.reserved.draft.id
            return (
                f"{what}: the draft {draft} on the {server} holds the release.\n"
                f"Next: look at {where.at(f'/uploads/{draft}')}, then {VERB} --publish "
                f"{package.version}{production}"
            )
        case Published():
            already = "is published already" if end.already else "is published"
            everything = f" (all versions: {end.record.concept})" if end.record.concept else ""
            return (
                f"{what} {already} on the {server} as {end.record.doi}{everything}.\n"
                f"Next: look at {where.at(f'/records/{end.record.id}')}; nothing is left to do"
            )
