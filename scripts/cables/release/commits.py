"""The commit that is released.

What goes into the archive is read from the commit, and the files at work are held to it: no setting of git
lets a release hold anything else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cables import changelog, diff, files
from cables.history import content, git
from cables.model import InputError, InputErrors
from cables.release.compared import as_released
from cables.release.refusals import SHOWN

TAG = re.compile(rf"v({changelog.VERSION.pattern})")


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
    held = content(repository, "HEAD")
    refused = _uncommitted(repository)
    refused += _unlike(repository, held, {one.file for one in refused})
    if len(refused) > SHOWN:
        total = f"{len(refused)} files in all"
        refused = [*refused[:SHOWN], InputError("git status", 1, total, "nothing uncommitted")]
    head = git(repository, "rev-parse", "HEAD").decode().strip()
    tags = _tags(repository)
    if version in tags:
        tagged = git(repository, "rev-parse", f"{tags[version]}^{{commit}}").decode().strip()
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
    own = {path: data for path, data in held.items() if not files.is_owned(path, files.BUILT_PATHS)}
    return Commit(head, own, tags[previous] if previous else None)


def _check_top(repository: Path) -> None:
    """Refuse a folder within another repository, whose commits are not of the package."""
    top = Path(os.fsdecode(git(repository, "rev-parse", "--show-toplevel").rstrip(b"\n")))
    if top.resolve() != repository.resolve():
        raise InputError(str(repository), 1, f"a folder of the repository {top}", "a repository of its own")


def _uncommitted(repository: Path) -> list[InputError]:
    """What git knows to be changed or new, whatever the settings of the person are."""
    words = ("status", "--porcelain", "--untracked-files=normal", "--no-renames")
    told = git(repository, "-c", "core.quotePath=false", *words).decode(errors="replace").splitlines()
    return [
        InputError(files.printable(one[3:]), 1, "not as committed", "nothing uncommitted") for one in told
    ]


def _unlike(repository: Path, held: Mapping[str, bytes], changed: set[str]) -> Iterator[InputError]:
    """Files that are not those of the commit, besides those known to be changed.

    Of a file, git may have been told not to look; of a source, to ignore it: the build would be made from it,
    and it would stand in no commit.
    """
    for path, data in held.items():
        if path not in changed and (repository / path).is_file() and (repository / path).read_bytes() != data:
            yield InputError(path, 1, "not as committed (git was told not to look)", "nothing uncommitted")
    for source in sorted((repository / "data" / "raw").glob("*.txt")):
        name = source.relative_to(repository).as_posix()
        if name not in held and name not in changed:
            yield InputError(name, 1, "not committed, and ignored by git", "every source committed")


def _tags(repository: Path, *words: str) -> dict[str, str]:
    """The tags of versions, by version."""
    names = git(repository, "tag", "--list", "v*", *words).decode(errors="replace").split()
    return {match[1]: name for name in names if (match := TAG.fullmatch(name))}


def tagged(repository: Path, tag: str) -> diff.Release:
    """The package as it was at a tag, to be compared. Raises InputError where there was none."""
    held = content(repository, tag)
    return as_released(diff.of_files(tag, held), held)
