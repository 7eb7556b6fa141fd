#!/usr/bin/env python3
"""Prove a downloaded release, with nothing but Python 3.8 or newer.

    python3 verify.py [FOLDER]        FOLDER is where the release is; default: where this file is

It checks that every file is there and has the SHA-256 of SHA256SUMS, and that none is there besides; that
size, hash, rows, types and keys of the tables are as datapackage.json says; that the archive holds the same
files; and it rebuilds every source file, byte for byte, from lines.csv. The archive, unpacked, is proved in the
same way. Exit status: 0 all is well, 1 something is not, 2 wrong usage. It writes nothing and reads nothing
outside the folder.
"""

import csv
import hashlib
import json
import os
import re
import sys
import zipfile
import zlib
from pathlib import Path

SUMS = "SHA256SUMS"
DESCRIPTOR = "datapackage.json"
ABOUT = "release.json"
# What a deposit was described with. It is in the archive, and where a release was made, but is no file of it.
APART = ("inveniordm.json",)
LINE_ENDS = {"lf": "\n", "crlf": "\r\n", "cr": "\r", "none": ""}
NAME = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")
TYPES = {
    "string": lambda text: True,
    "integer": lambda text: re.fullmatch(r"-?[0-9]+", text) is not None,
    "number": lambda text: re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?", text) is not None,
    "boolean": lambda text: text in ("true", "false"),
}
SHOWN = 5


class Report:
    """What was found wrong, and what was checked."""

    def __init__(self):
        self.wrong = []
        self.done = []
        self.blamed = set()

    def fault(self, file, found):
        """Something that is not as it should be."""
        self.wrong.append("%s: %s" % (plain(file), plain(found)))
        self.blamed.add(file)

    def checked(self, what):
        """Something that was looked at."""
        self.done.append(what)


def plain(text):
    """Text that is safe to print: no control characters."""
    return "".join(one if one.isprintable() else "\\u%04x" % ord(one) for one in str(text))


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def is_plain(name):
    """Whether a name leads to a file of the release and nowhere else."""
    return NAME.fullmatch(name) is not None and not {".", ".."} & set(name.split("/"))


def files_of(folder):
    """The names of all files under a folder, relative to it."""
    found = []
    for place, folders, names in os.walk(str(folder)):
        links = [name for name in folders if os.path.islink(os.path.join(place, name))]
        for name in names + links:
            found.append(Path(place, name).relative_to(folder).as_posix())
    return sorted(found)


def read_copies(folder, report):
    """What the archives hold: the bytes of every file by its name in the release, and the archive it is in."""
    copies = {}
    for name in sorted(one.name for one in folder.iterdir() if one.name.endswith(".zip")):
        try:
            with zipfile.ZipFile(str(folder / name)) as archive:
                for member in archive.namelist():
                    own = member.partition("/")[2]
                    if own:
                        copies[own] = (name, archive.read(member))
        except (OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
            report.fault(name, "cannot be read as an archive (%s)" % error)
    return copies


def check_sums(folder, copies, report):
    """Every file of SHA256SUMS has its hash; no other file is there."""
    try:
        text = (folder / SUMS).read_bytes().decode("ascii")
    except (OSError, UnicodeDecodeError) as error:
        report.fault(SUMS, "cannot be read (%s)" % error)
        return
    listed = {}
    for number, line in enumerate(text.split("\n")[:-1], start=1):
        match = re.fullmatch(r"([0-9a-f]{64})  (.+)", line)
        if match is None or not is_plain(match.group(2)) or match.group(2) in listed:
            report.fault(SUMS, "line %d is not `hash  name`, or names a file again" % number)
        else:
            listed[match.group(2)] = match.group(1)
    if not text.endswith("\n"):
        report.fault(SUMS, "its last line does not end")
    for name, expected in sorted(listed.items()):
        try:
            data = (folder / name).read_bytes()
        except OSError as error:
            report.fault(name, "is listed in SHA256SUMS and cannot be read (%s)" % error.strerror)
            continue
        if sha256(data) != expected:
            blame(folder, name, data, expected, copies, report)
    for name in files_of(folder):
        if name not in listed and name != SUMS and name not in APART:
            report.fault(name, "is there and not listed in SHA256SUMS")
    report.checked("%d files against SHA256SUMS" % len(listed))


def blame(folder, name, data, expected, copies, report):
    """A hash is not as listed: say which of the two was changed, where there is a second word on the file."""
    archive, copy = copies.get(name, (None, None))
    if copy == data:
        report.fault(SUMS, "says %s of %s, which has %s here and in %s" % (expected, name, sha256(data), archive))
    elif name.endswith(".zip") and hash_of_archive(folder) == sha256(data):
        report.fault(SUMS, "says %s of %s, which has %s, as %s says" % (expected, name, sha256(data), ABOUT))
    else:
        report.fault(name, "has SHA-256 %s, SHA256SUMS says %s" % (sha256(data), expected))


def hash_of_archive(folder):
    """What release.json says of the archive; nothing where it cannot be read."""
    try:
        return json.loads((folder / ABOUT).read_text(encoding="utf-8"))["archive"]["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_descriptor(folder, report):
    """The resources of the descriptor that can be held to it."""
    try:
        resources = json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8"))["resources"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        report.fault(DESCRIPTOR, "is no descriptor (%s: %s)" % (type(error).__name__, error))
        return []
    if not isinstance(resources, list):
        report.fault(DESCRIPTOR, "its resources are no list")
        return []
    good = [one for one in resources if is_resource(one)]
    if len(good) < len(resources):
        report.fault(DESCRIPTOR, "%d of its resources are damaged" % (len(resources) - len(good)))
    return good


def is_resource(one):
    """Whether a resource has a name, a path, and, if it is a table, a schema whose keys are columns."""
    try:
        if not (isinstance(one["name"], str) and is_plain(one["path"])):
            return False
        if one.get("format") != "csv":
            return True
        columns = {field["name"] for field in one["schema"]["fields"]}
        keys = [as_list(one["schema"].get("primaryKey", []))]
        for foreign in one["schema"].get("foreignKeys", []):
            keys.append(as_list(foreign["fields"]))
            if len(as_list(foreign["reference"]["fields"])) != len(keys[-1]):
                return False
        rules = [field.get("constraints", {}).get("required", False) for field in one["schema"]["fields"]]
        return all(set(key) <= columns for key in keys) and set(rules) <= {True, False}
    except (AttributeError, KeyError, TypeError):
        return False


def check_resources(folder, resources, report):
    """Size and hash of every resource."""
    for resource in resources:
        path = resource["path"]
        try:
            data = (folder / path).read_bytes()
        except OSError as error:
            report.fault(path, "is a resource and cannot be read (%s)" % error.strerror)
            continue
        if resource.get("bytes", len(data)) != len(data):
            report.fault(path, "has %d bytes, the descriptor says %s" % (len(data), resource["bytes"]))
        if resource.get("hash") != "sha256:" + sha256(data):
            report.fault(path, "has another hash than the descriptor says")
    report.checked("size and hash of %d resources" % len(resources))


def read_tables(folder, resources, report):
    """The rows of every CSV resource, by its name."""
    tables = {}
    for resource in resources:
        if resource.get("format") != "csv":
            continue
        rows = read_table(folder / resource["path"], resource, report)
        if rows is not None:
            tables[resource["name"]] = rows
    return tables


def read_table(path, resource, report):
    """The rows of a CSV file as its schema has them, or nothing where it cannot be read."""
    schema = resource["schema"]
    fields = [field["name"] for field in schema["fields"]]
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            records = list(csv.reader(stream, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        report.fault(path.name, "cannot be read as CSV (%s)" % error)
        return None
    if not records or records[0] != fields:
        report.fault(path.name, "has another header than its schema")
        return None
    rows = []
    for number, record in enumerate(records[1:], start=2):
        if len(record) != len(fields):
            report.fault(path.name, "record %d has %d cells, not %d" % (number, len(record), len(fields)))
        else:
            rows.append(dict(zip(fields, record)))
    if resource.get("rows", len(rows)) != len(rows):
        report.fault(path.name, "has %d rows, the descriptor says %s" % (len(rows), resource["rows"]))
    check_cells(path.name, schema, rows, report)
    return rows


def check_cells(name, schema, rows, report):
    """Types and required cells."""
    for field in schema["fields"]:
        column = field["name"]
        fits = TYPES.get(field.get("type"), TYPES["string"])
        required = field.get("constraints", {}).get("required", False)
        bad = [
            number
            for number, row in enumerate(rows, start=2)
            if (required if row[column] == "" else not fits(row[column]))
        ]
        for number in bad[:SHOWN]:
            report.fault(name, "record %d: %s is no %s" % (number, column, field.get("type")))


def as_list(value):
    return [value] if isinstance(value, str) else list(value)


def check_keys(resources, tables, report):
    """Primary keys are unique and filled, foreign keys lead to a row."""
    checked = 0
    for resource in resources:
        rows = tables.get(resource["name"])
        if rows is None:
            continue
        schema = resource["schema"]
        name = resource["path"]
        columns = as_list(schema.get("primaryKey", []))
        keys = [tuple(row[column] for column in columns) for row in rows]
        if columns and (len(set(keys)) != len(keys) or any("" in key for key in keys)):
            report.fault(name, "the primary key %s is not unique, or empty" % ", ".join(columns))
        for foreign in schema.get("foreignKeys", []):
            checked += 1
            check_foreign_key(name, resource["name"], foreign, rows, tables, report)
    report.checked("types, primary keys and %d foreign keys of %d tables" % (checked, len(tables)))


def check_foreign_key(name, own, foreign, rows, tables, report):
    columns = as_list(foreign["fields"])
    reference = foreign["reference"]
    target = tables.get(reference.get("resource") or own)
    if target is None:
        report.fault(name, "refers to %s, which is not there" % reference.get("resource"))
        return
    columns_there = as_list(reference["fields"])
    if target and not set(columns_there) <= set(target[0]):
        report.fault(DESCRIPTOR, "%s refers to columns that %s has not" % (name, reference.get("resource")))
        return
    known = {tuple(row[column] for column in columns_there) for row in target}
    missing = sorted(
        {key for key in (tuple(row[c] for c in columns) for row in rows) if "" not in key and key not in known}
    )
    for key in missing[:SHOWN]:
        report.fault(name, "%s %s leads nowhere" % (", ".join(columns), " / ".join(key)))


def check_sources(folder, tables, copies, report):
    """Every source file is its lines, byte for byte. With very many records they are in the archive only."""
    records = tables.get("records", [])
    for record in records:
        name = record.get("record_id", "") + ".txt"
        beside = folder / name
        if is_plain(name) and beside.is_file():
            source = beside.read_bytes()
        elif "inputs/data/raw/" + name in copies:
            source = copies["inputs/data/raw/" + name][1]
        else:
            report.fault(name, "is the source of a record and not there")
            continue
        rows = [row for row in tables.get("lines", []) if row.get("record_id") == record["record_id"]]
        compare_source(name, source, rebuilt(record, rows), record.get("sha256"), report)
    if not records:
        report.fault("records.csv", "names no source")
    report.checked("%d source files rebuilt from lines.csv" % len(records))


def rebuilt(record, rows):
    """The bytes of a source file, from the rows of its lines."""
    number = [row.get("line_number", "") for row in rows]
    order = sorted(range(len(rows)), key=lambda at: int(number[at]) if number[at].isdigit() else 0)
    text = "".join(
        rows[at].get("text", "") + LINE_ENDS.get(rows[at].get("line_end"), "?") for at in order
    )
    mark = b"\xef\xbb\xbf" if record.get("byte_order_mark") == "true" else b""
    return mark + text.encode("utf-8")


def compare_source(name, source, lines, expected, report):
    if lines != source:
        pairs = enumerate(zip(lines, source))
        at = next((n for n, (a, b) in pairs if a != b), min(len(lines), len(source)))
        report.fault(name, "differs from lines.csv at byte %d" % at)
    if sha256(source) != expected:
        report.fault(name, "has another SHA-256 than records.csv says")


def check_copies(folder, copies, report):
    """What an archive holds under the name of a file beside it is that file."""
    for name, (archive, data) in sorted(copies.items()):
        beside = folder / name
        # The list within is of the files within; a file that is damaged is not the archive's fault.
        if name == SUMS or name in report.blamed or not is_plain(name) or not beside.is_file():
            continue
        if beside.read_bytes() != data:
            report.fault(archive, "holds another %s than stands beside it" % name)
    if copies:
        report.checked("%d files of the archive" % len(copies))


def main(arguments):
    if len(arguments) > 1 or (arguments and arguments[0].startswith("-")):
        print(__doc__)
        return 0 if arguments in (["-h"], ["--help"]) else 2
    folder = Path(arguments[0] if arguments else __file__)
    folder = folder if arguments else folder.resolve().parent
    if not folder.is_dir():
        print("%s is no folder" % plain(folder))
        return 2
    report = Report()
    csv.field_size_limit(2**31 - 1)
    copies = read_copies(folder, report)
    check_sums(folder, copies, report)
    resources = read_descriptor(folder, report)
    check_resources(folder, resources, report)
    tables = read_tables(folder, resources, report)
    check_keys(resources, tables, report)
    check_sources(folder, tables, copies, report)
    check_copies(folder, copies, report)
    for what in report.done:
        print("checked  %s" % what)
    for fault in report.wrong:
        print("WRONG    %s" % fault)
    number = len(report.wrong)
    print("the release is whole" if not number else "1 fault" if number == 1 else "%d faults" % number)
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
