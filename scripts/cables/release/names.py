"""The name of every file of a release: no folders, so that a repository without folders holds it as it is."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from cables import citation
from cables.flat import PER_RECORD
from cables.model import InputError, InputErrors

SUMS = "SHA256SUMS"
ABOUT = "release.json"
VERIFIER = "verify.py"
CHANGES = "changes.csv"
# Read when a deposit is made and sent as its description, so no file of it.
BODY = "inveniordm.json"
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
# The form in which another service asks for what stands in the body of a deposit.
NOT_FLAT = (citation.ZENODO,)


def flat_names(paths: Iterable[str]) -> dict[str, str]:
    """The flat name of every built path that a release holds outside its archive.

    Raises InputErrors for names that cannot be flat, and for too many files.
    """
    wanted = [path for path in sorted(paths) if path not in NOT_FLAT]
    # Besides them: the authored files, the changes, the verifier, the archive, and what tells of all of them.
    others = len(FLAT_AUTHORED) + len((CHANGES, VERIFIER, "archive", ABOUT, SUMS)) - len((BODY,))
    for folder in PER_RECORD:
        if len(wanted) + others > MOST_FILES:
            wanted = [path for path in wanted if not path.startswith(folder)]
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
