"""Files of every kind that is read here, each error with its file and line."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from cables import lines
from cables.files.errors import printable, reason
from cables.model import InputError, InputErrors
from cables.vocabulary import Row

# Python's own limit is a safeguard against endless quotes, at a length that cells here may have.
LONGEST_CELL = 2**31 - 1
# What systems and programs leave beside the files of people: hidden files, backups, locks, folder views.
LEFTOVER = re.compile(r"\..*|.*~|~\$.*|#.*#|thumbs\.db|desktop\.ini", re.DOTALL | re.IGNORECASE)
SOURCE_NAME = re.compile(r"[A-Za-z0-9._-]+\.txt")


def read_bytes(path: Path) -> bytes:
    """All bytes of a regular file. Raises InputError if it cannot be read."""
    try:
        if path.exists() and not path.is_file():
            raise InputError(printable(path), 1, "this is not a regular file", "a file that can be read")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        found = reason(error) if isinstance(error, OSError) else printable(str(error))
        raise InputError(printable(path), 1, found, "a file that can be read") from error


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, its line ends as they are, without a byte order mark.

    Raises InputError, with the line, for a file that is empty, is not UTF-8 or holds NUL.
    """
    data = read_bytes(path)
    if not data.strip():
        raise InputError(printable(path), 1, "the file is empty", "text in UTF-8")
    return lines.join(lines.read(printable(path), data).lines)


def read_json(path: Path) -> object:
    """The value of a JSON file. Raises InputError for what is not JSON, NaN and repeated keys included."""
    text = read_text(path)
    try:
        return json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise InputError(printable(path), error.lineno, error.msg, "JSON") from error
    except (ValueError, RecursionError) as error:
        raise InputError(printable(path), 1, printable(str(error)), "JSON") from error


def read_toml(path: Path) -> dict[str, object]:
    """The table of a TOML file. Raises InputError for what is not TOML."""
    text = read_text(path)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        at = re.search(r"at line (\d+)", str(error))
        line = int(at[1]) if at else max(1, len(lines.split(text)))
        raise InputError(printable(path), line, printable(str(error)), "TOML 1.0") from error


def csv_records(file: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record of a CSV text with the line on which it begins; an empty line is one without cells.

    Raises InputError, with the line, for quotes that are not closed or not doubled.
    """
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise InputError(file, reader.line_num, str(error), "CSV, quotes closed and doubled") from error
        if cells is None:
            return
        yield line, cells
        line = reader.line_num + 1


def read_csv_rows(path: Path, columns: Sequence[str]) -> tuple[Row, ...]:
    """The rows of an authored CSV file whose header is `columns`, in that order.

    Empty lines are passed over. Raises InputError for a file that cannot be read or has another header,
    and InputErrors for all rows with too few or too many cells.
    """
    file = printable(path)
    records = (one for one in csv_records(file, read_text(path)) if one[1])
    line, header = next(records, (1, []))
    if header != list(columns):
        raise InputError(file, line, f"the header {_listed(header)}", f"the header {_listed(columns)}")
    rows, wrong = [], []
    for line, cells in records:
        if len(cells) == len(columns):
            rows.append(Row(file, line, dict(zip(columns, cells, strict=True))))
        else:
            wrong.append(InputError(file, line, f"{len(cells)} cells", f"{len(columns)}, as in the header"))
    if wrong:
        raise InputErrors(wrong)
    return tuple(rows)


def read_sources(raw: Path, refuse: Callable[[InputError], None]) -> tuple[tuple[str, bytes], ...]:
    """The exports in a folder as (file name, bytes), sorted by name; `record_id` gives their record ids.

    `refuse` is called for each entry that cannot be one: a name that cannot be a record id, a name that
    differs from another one only in case, a folder, a file that cannot be read. Entries that do not end in
    `.txt`, and leftovers, are passed over. Raises InputError when there is no such folder.
    """
    try:
        names = sorted(name for name in os.listdir(raw) if name.endswith(".txt") and not is_leftover(name))
    except OSError as error:
        raise InputError(printable(raw), 1, reason(error), "a folder of exports") from error
    sources = []
    for name in names:
        try:
            _check_source_name(raw, name, names)
            sources.append((name, read_bytes(raw / name)))
        except InputError as error:
            refuse(error)
    return tuple(sources)


def is_leftover(name: str) -> bool:
    """Whether a file is passed over as left by a system or program, by its name: `.DS_Store`, `a.csv~`."""
    return LEFTOVER.fullmatch(name) is not None


def record_id(name: str) -> str:
    """The id of the record that a source file of this name holds: its stem."""
    return name.removesuffix(".txt")


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) < len(pairs):
        repeated = sorted(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise ValueError(f"repeated in one object: {', '.join(map(repr, repeated))}")
    return table


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number of JSON")


def _listed(words: Sequence[str]) -> str:
    return printable(",".join(words)) or "of nothing"


def _check_source_name(raw: Path, name: str, names: Sequence[str]) -> None:
    shown = printable(raw / name)
    if SOURCE_NAME.fullmatch(name) is None:
        raise InputError(shown, 1, "the name of this file", "letters A-Z a-z, digits, . _ - and then .txt")
    twins = [other for other in names if other != name and other.casefold() == name.casefold()]
    if twins:
        found = f"the same record id, but for case, as {', '.join(map(printable, twins))}"
        raise InputError(shown, 1, found, "one file for a record id")
