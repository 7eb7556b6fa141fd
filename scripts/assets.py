"""Attach the files of a release to its tag at GitHub, with GitHub's own command gh.

TAG has to be the tag of the version that dist/ holds. What the changelog says of the version becomes the
text of the release. A release that is there already is left as it is. Exit status: 0 attached, 1 not (the
reason is told), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from cables import changelog, files, inputs, verbs
from cables.files import printable
from cables.model import InputError
from cables.release import ABOUT


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = verbs.parser(__doc__)
    parser.add_argument("tag", metavar="TAG", help="the tag, such as v1.0.0")
    parser.add_argument(
        "--release", type=Path, metavar="DIR", default=inputs.REPOSITORY / "dist", help="default: dist"
    )
    return parser.parse_args()


def main() -> int:
    """Attach, and say what was attached."""
    given = arguments()
    stopped = "GitHub may hold a part of the release"
    return verbs.run(lambda console: run(given, console), "not attached", stopped)


def run(given: argparse.Namespace, console: Console) -> int:
    """The whole of it."""
    names = attach(given.tag, given.release)
    console.print(escape(printable(f"{given.tag}: {len(names)} files attached")))
    return 0


def attach(tag: str, folder: Path) -> Sequence[str]:
    """Make the release of a tag out of a folder; the files it took. Raises InputError where it cannot."""
    about = files.read_json(folder / ABOUT)
    version = about.get("version") if isinstance(about, dict) else None
    if tag != f"v{version}":
        raise InputError(str(folder / ABOUT), 1, f"the version {version}", f"that of the tag {tag}")
    names = [str(folder.resolve() / name) for name in files.list_files(folder)]
    notes = said_of(str(version), folder / "CHANGELOG.md")
    command = ["gh", "release", "create", tag, "--verify-tag", "--title", tag, "--notes", notes, *names]
    try:
        done = subprocess.run(command, cwd=inputs.REPOSITORY)
    except OSError as error:
        raise InputError("gh", 1, str(error.strerror), "GitHub's command, which makes the release") from error
    if done.returncode:
        raise InputError("gh", 1, f"exit status {done.returncode}", "0; what it said stands above")
    return names


def said_of(version: str, path: Path) -> str:
    """What a changelog says of a version. Raises InputError where it says nothing."""
    sections = changelog.sections(files.read_text(path))
    if version not in sections:
        raise InputError(str(path), 1, f"nothing on {version}", f"a heading `## [{version}] - DAY`")
    return sections[version].text


if __name__ == "__main__":
    sys.exit(main())
