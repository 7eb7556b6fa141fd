"""The pages of a package, with the paths and links of a release."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")
ELSEWHERE = re.compile(r"[a-z]+:|#")
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


def flat_page(path: str, data: bytes, places: Mapping[str, str], archive: str) -> bytes:
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
