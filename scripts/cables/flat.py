"""The pages of a package, with the paths and links of a release, whose files lie flat."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Container, Iterable, Mapping, Sequence

# Of every record there is one or more of each, so that with many records they are too many for a deposit.
# They are left out in this order: what is made from the tables first, last the sources.
PER_RECORD = ("data/exports/", "data/json/", "data/raw/")
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")
ELSEWHERE = re.compile(r"[a-z]+:|#")
# Folders that pages speak of, where a release has their files under one name or another.
FLAT_FOLDERS = {
    "data/csv": "`*.csv`",
    "data/json": "`RECORD.json`",
    "data/parquet": "`*.parquet`",
}
NOTES = {
    "README.md": """\
> This is the release as flat files. What the repository has as `data/csv/NAME.csv`, or in {folders},
> stands here beside this file, under the last part of its path. The inputs, the code
> and the tests are in `{archive}`, in the folder `inputs`; what this page says of building,
> of adding a cable and of releasing is to be done there. To prove the files: `python3 verify.py`.
{gone}""",
    "RIGHTS.md": """\
> The folders that are named here are in `{archive}`, in the folder `inputs`.
""",
}
# What the note names of the folders whose files lie flat.
FOLDERS = ("data/json/", "metadata/", "docs/")
GONE = """\
>
> Of so many records a deposit cannot hold every file: what the repository has in {folders} is not here.
> The sources are among the inputs, in `data/raw/`, and a build there makes all else again.
"""


def left_out(paths: Iterable[str], named: Container[str]) -> list[str]:
    """The folders whose files a release does not hold by a name of their own, in the order of names."""
    gone = [path for path in paths if path not in named]
    return [folder for folder in PER_RECORD if any(path.startswith(folder) for path in gone)]


def flat_page(
    path: str, data: bytes, places: Mapping[str, str], archive: str, gone: Sequence[str] = ()
) -> bytes:
    """A page with the paths and links of the release; a link to what it does not hold is words only.

    Of the folders that are `gone` the release holds no files.
    """
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
    for name, files_of_it in FLAT_FOLDERS.items():
        if f"{name}/" not in gone:
            text = text.replace(f"`{name}`", files_of_it)
    if path in NOTES:
        title, _, rest = text.partition("\n")
        told = GONE.format(folders=_named(gone, "and")) if gone else ""
        folders = _named([one for one in FOLDERS if one not in gone], "or")
        note = NOTES[path].format(archive=archive, folders=folders, gone=told)
        text = f"{title}\n\n{note}{rest}"
    return text.encode()


def _named(folders: Sequence[str], word: str) -> str:
    """Folders in a sentence."""
    *others, last = [f"`{one}`" for one in folders]
    return f"{', '.join(others)} {word} {last}" if others else last
