"""A release of this repository, from the commit to the folder."""

from __future__ import annotations

import os
from pathlib import Path

from cables import checks, diff, inputs, package
from cables.checks import loaded
from cables.checks.registry import judge
from cables.diff import Difference
from cables.inputs import Places
from cables.model import InputError, InputErrors
from cables.package import Build
from cables.release.commits import Commit, prepare, tagged
from cables.release.compared import as_released, comparable
from cables.release.contents import Release, make
from cables.release.folder import check_out, put_in_place, standing_aside
from cables.release.names import FLAT_AUTHORED
from cables.release.refusals import (
    refused_changelog,
    refused_checks,
    refused_day,
    refused_first,
    refused_named,
    refused_step,
)


def release(repository: Path, out: Path, previous: Path | None) -> Release:
    """Makes a release of this repository in a folder.

    Raises InputErrors with every reason for which it is refused, and WriteError where it cannot be written.
    """
    out = Path(os.path.abspath(out))
    check_out(out)
    with standing_aside(out) as beside:
        made, known = _made(repository, previous)
        put_in_place(made, out, beside, known)
    return made


def _made(repository: Path, previous: Path | None) -> tuple[Release, loaded.Repository]:
    """A release of this repository, not yet written, and what its promises are held to."""
    given = inputs.read(Places())
    version = given.package.version
    commit = prepare(repository, version)
    changelog = commit.files.get("CHANGELOG.md", b"")
    refused = refused_changelog(changelog, version, given.package.created)
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
    refused += refused_step(difference) + refused_day(commit.files["package.toml"], difference)
    if previous and difference:
        refused += refused_named(changelog, version, commit.previous, difference.old)
    if refused:
        raise InputErrors(refused)
    return make(given, built, commit, difference), known


def _difference(built: Build, repository: Path, commit: Commit, previous: Path | None) -> Difference | None:
    if previous is None and commit.previous is None:
        return None
    old = comparable(previous) if previous else tagged(repository, str(commit.previous))
    new = as_released(diff.of_files("this repository", {**commit.files, **built.files}), built.files)
    return diff.compare(old, new)
