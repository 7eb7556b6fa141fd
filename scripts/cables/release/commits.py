"""The commit that is released.

What goes into the archive is read from the commit, and the files at work are held to it: no setting of git
lets a release hold anything else.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cables import changelog, diff, files
from cables.model import InputError, InputErrors
from cables.release.compared import as_released
from cables.release.refusals import SHOWN

TAG = re.compile(rf"v({changelog.VERSION.pattern})")
# With these git would look at another repository than the one it is asked about, as in a hook.
GIT_PLACES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")


@dataclass(frozen=True, slots=True)
class Commit:
    """The commit that is released, the files that it holds, and the tags that it comes after."""

    id: str
    files: Mapping[str, bytes]
    previous: str | None


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
    own = {path: data for path, data in content.items() if not files.is_owned(path, files.BUILT_PATHS)}
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
    """The package as it was at a tag, to be compared. Raises InputError where there was none."""
    content = _content(repository, tag)
    return as_released(diff.of_files(tag, content), content)


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
