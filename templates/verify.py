#!/usr/bin/env python3
"""Prove a downloaded release, with nothing but Python 3.7 or newer.

    python3 verify.py [FOLDER]        FOLDER is where the release is; default: where this file is

It checks that every file is there and has the SHA-256 of SHA256SUMS, and that none is there besides; that
size, hash, rows, types and keys of the tables are as datapackage.json says; that the archive is the one of
release.json and holds the same files; and it rebuilds every source file, byte for byte, from lines.csv. What
is damaged is told once, and nothing is concluded from it. The archive, unpacked, is proved in the same way.
Exit status: 0 all is well, 1 something is not, 2 wrong usage. It writes nothing and reads nothing outside the
folder.
"""

import csv
import hashlib
import io
import json
import os
import re
import struct
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
HASH = re.compile(r"[0-9a-f]{64}")
NUMBER = re.compile(r"[0-9]{1,9}")
TYPES = {
    "string": lambda text: True,
    "integer": lambda text: re.fullmatch(r"-?[0-9]+", text) is not None,
    "number": lambda text: re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?", text) is not None,
    "boolean": lambda text: text in ("true", "false"),
}
SHOWN = 5
SHOWN_FILES = 20


class Report:
    """What was found wrong, and what was checked."""

    def __init__(self):
        self.wrong = []
        self.done = []
        self.blamed = set()

    def fault(self, file, found):
        """Something that is not as it should be."""
        self.wrong.append(f"{plain(file)}: {plain(found)}")
        self.blamed.add(file)

    def checked(self, number, what):
        """So many things that were looked at."""
        if number:
            self.done.append(what.format(number))


def plain(text):
    """Text that is safe to print: no control characters."""
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in str(text))


def say(line):
    """Print a line, whatever the terminal can show."""
    encoding = sys.stdout.encoding or "ascii"
    print(line.encode(encoding, "backslashreplace").decode(encoding))


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def is_plain(name):
    """Whether a name leads to a file of the release and nowhere else."""
    return NAME.fullmatch(name) is not None and not {".", ".."} & set(name.split("/"))


def read(folder, name):
    """The bytes of a file of the release. Raises OSError, for links too, which may lead out of the folder."""
    path = os.path.join(str(folder), *name.split("/"))
    if os.path.realpath(path) != os.path.join(os.path.realpath(str(folder)), *name.split("/")):
        raise OSError(0, "it is a link, or in a folder that is one")
    if os.path.lexists(path) and not os.path.isfile(path):
        raise OSError(0, "it is no file")
    with open(path, "rb") as stream:
        return stream.read()


def files_of(folder):
    """The names of all files under a folder, relative to it."""
    found = []
    for place, folders, names in os.walk(str(folder)):
        links = [name for name in folders if os.path.islink(os.path.join(place, name))]
        for name in names + links:
            found.append(Path(place, name).relative_to(folder).as_posix())
    return sorted(found)


def read_sums(folder, report):
    """The hash of every file that SHA256SUMS lists, and the words of the lines that list none.

    Nothing and no words where there is no list.
    """
    try:
        text = read(folder, SUMS).decode("ascii")
    except OSError as error:
        report.fault(SUMS, f"cannot be read ({error.strerror})")
        return None, set()
    except UnicodeDecodeError as error:
        report.fault(SUMS, f"is no list of hashes ({error})")
        return None, set()
    if "\r\n" in text:
        report.fault(SUMS, "its line ends were rewritten, from LF to CRLF")
        text = text.replace("\r\n", "\n")
    listed, strange = {}, set()
    lines = text[:-1] if text.endswith("\n") else text
    for number, line in enumerate(lines.split("\n"), start=1):
        match = re.fullmatch(r"([0-9a-f]{64})  (.+)", line)
        if match is None or not is_plain(match.group(2)) or match.group(2) in listed:
            report.fault(SUMS, f"line {number} is not `hash  name`, or names a file again")
            strange.update(HASH.findall(line), line.split(), [line[66:]])
        else:
            listed[match.group(2)] = match.group(1)
    if not text.endswith("\n") and SUMS not in report.blamed:
        report.fault(SUMS, "its last line does not end")
    return listed, strange


def read_copies(folder, listed, report):
    """What the archive holds: the bytes of every file by its name in the release, and the archive it is in.

    An archive that is not the one of SHA256SUMS or release.json is no second word on any file.
    """
    copies = {}
    told, own_hash = archive_told(folder)
    for name in sorted({name for name in listed if name.endswith(".zip")} | {told} - {None}):
        try:
            if sha256(read(folder, name)) not in (listed.get(name), own_hash):
                continue
            with zipfile.ZipFile(str(folder / name)) as archive:
                members = archive.infolist()
                # Ours are stored as they are: what unpacks to more than it is was made by someone else.
                if sum(one.file_size for one in members) > os.path.getsize(str(folder / name)):
                    raise ValueError("it unpacks to more than it is")
                for one in members:
                    own = one.filename.partition("/")[2]
                    if own:
                        copies[own] = (name, archive.read(one))
        except OSError:
            continue  # check_sums says of every listed file whether it can be read
        except (ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error, struct.error) as error:
            report.fault(name, f"cannot be read as an archive ({error})")
    return copies


def check_sums(folder, listed, strange, copies, report):
    """Every file of SHA256SUMS has its hash, no other file is there; the names of those that are whole."""
    whole, lost = [], {}
    for name, expected in sorted(listed.items()):
        try:
            data = read(folder, name)
        except FileNotFoundError:
            lost[name] = expected
        except OSError as error:
            report.fault(name, f"cannot be read ({error.strerror})")
        else:
            if sha256(data) == expected:
                whole.append(name)
            else:
                blame(folder, name, data, expected, copies, report)
    others = []
    for name in files_of(folder):
        if name in listed or name == SUMS or name in APART:
            continue
        own = hash_of(folder, name) if lost or strange else None
        meant = next((one for one, expected in lost.items() if expected == own), None)
        if meant is not None:
            # The file or the list was changed; the archive knows the right name.
            del lost[meant]
            report.blamed.add(meant)
            if name in copies:
                report.fault(SUMS, f"lists {name} as {meant}")
            else:
                report.fault(name, f"is listed in SHA256SUMS as {meant}")
        elif name not in strange and own not in strange:
            others.append(name)
    for name in lost:
        report.fault(name, "is listed in SHA256SUMS and not there")
    tell_unlisted(folder, others, copies, report)
    report.checked(len(listed), "{} files against SHA256SUMS")
    return whole


def tell_unlisted(folder, names, copies, report):
    """Files that SHA256SUMS does not list; what the archive or release.json has belongs there nonetheless."""
    told, own_hash = archive_told(folder)
    known = [name for name in names if name in copies or name in (ABOUT, told)]
    for name in known[:SHOWN_FILES]:
        archive, copy = copies.get(name, (None, None))
        if copy is not None and hash_of(folder, name) != sha256(copy):
            report.fault(name, f"is not listed in SHA256SUMS, and not as {archive} has it")
        elif name == told and hash_of(folder, name) != own_hash:
            report.fault(name, f"is not listed in SHA256SUMS, and not as {ABOUT} has it")
        else:
            report.fault(SUMS, f"does not list {name}, which belongs to the release")
    if len(known) > SHOWN_FILES:
        report.fault(SUMS, f"does not list {len(known) - SHOWN_FILES} more that belong to the release")
    strangers = [name for name in names if name not in known]
    for name in strangers[:SHOWN_FILES]:
        report.fault(name, "is there and not listed in SHA256SUMS")
    if len(strangers) > SHOWN_FILES:
        report.fault("the folder", f"holds {len(strangers) - SHOWN_FILES} more that are not listed")


def hash_of(folder, name):
    """The hash of a file; nothing where it cannot be read."""
    try:
        return sha256(read(folder, name))
    except OSError:
        return None


def blame(folder, name, data, expected, copies, report):
    """A hash is not as listed: say which of the two was changed, where there is a second word on the file."""
    archive, copy = copies.get(name, (None, None))
    if copy == data:
        report.fault(SUMS, f"says {expected} of {name}, which has {sha256(data)} here and in {archive}")
    elif archive_told(folder) == (name, sha256(data)):
        report.fault(SUMS, f"says {expected} of {name}, which has {sha256(data)}, as {ABOUT} says")
    elif sha256(data.replace(b"\r\n", b"\n")) == expected:
        report.fault(name, "its line ends were rewritten, from LF to CRLF")
    elif copy is None:
        said = f"has SHA-256 {sha256(data)}, SHA256SUMS says {expected}"
        report.fault(name, f"{said}: one of the two was changed")
    else:
        report.fault(name, f"has SHA-256 {sha256(data)}, SHA256SUMS says {expected}")


def archive_told(folder):
    """The name and hash that release.json gives of the archive; nothing where it gives none."""
    try:
        archive = json.loads(read(folder, ABOUT).decode("utf-8"))["archive"]
        is_archive = is_plain(archive["path"]) and archive["path"].endswith(".zip")
        return (archive["path"], archive["sha256"]) if is_archive else (None, None)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None, None


def check_archive(folder, whole, copies, report):
    """The archive is the one of release.json, and holds what lies beside it."""
    damaged = set(report.blamed)
    for archive in [name for name in whole if name.endswith(".zip") and name not in report.blamed]:
        own = hash_of(folder, archive)
        if ABOUT not in report.blamed and archive_told(folder) != (archive, own):
            report.fault(ABOUT, f"does not give the SHA-256 of {archive}, {own}")
        missing = [name for name in whole if name not in copies and name not in (archive, ABOUT)]
        for name in missing[:SHOWN]:
            report.fault(archive, f"holds no {name}")
    for name, (archive, data) in sorted(copies.items()):
        # The list within is of the files within; a file that is damaged is not the archive's fault.
        if name == SUMS or damaged & {name, archive} or not is_plain(name):
            continue
        own = hash_of(folder, name)
        if own not in (None, sha256(data)):
            if name in APART:
                report.fault(name, f"is not as {archive} has it")
            else:
                report.fault(archive, f"holds another {name} than stands beside it")
    report.checked(len(copies), "{} files of the archive")


def read_descriptor(folder, report):
    """The resources of the descriptor that can be held to it."""
    if DESCRIPTOR in report.blamed:
        return []
    try:
        resources = json.loads(read(folder, DESCRIPTOR).decode("utf-8"))["resources"]
    except OSError as error:
        report.fault(DESCRIPTOR, f"cannot be read ({error.strerror})")
        return []
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        report.fault(DESCRIPTOR, f"is no descriptor ({type(error).__name__}: {error})")
        return []
    if not isinstance(resources, list):
        report.fault(DESCRIPTOR, "its resources are no list")
        return []
    good = [one for one in resources if is_resource(one)]
    if len(good) < len(resources):
        report.fault(DESCRIPTOR, f"{len(resources) - len(good)} of its resources are damaged")
    elif not {"records", "lines"} <= {one["name"] for one in good}:
        report.fault(DESCRIPTOR, "does not name the tables records and lines")
    return good


def is_resource(one):
    """Whether a resource has a name, a path, and, if it is a table, a schema whose keys are columns."""
    try:
        if not (isinstance(one["name"], str) and is_plain(one["path"])):
            return False
        if one.get("format") != "csv":
            return True
        schema = one["schema"]
        columns = set(strings([field["name"] for field in schema["fields"]]))
        strings([field.get("type", "string") for field in schema["fields"]])
        keys = [strings(schema.get("primaryKey", []))]
        for foreign in schema.get("foreignKeys", []):
            keys.append(strings(foreign["fields"]))
            reference = foreign["reference"]
            if not isinstance(reference.get("resource", ""), str):
                return False
            if len(strings(reference["fields"])) != len(keys[-1]):
                return False
        rules = [field.get("constraints", {}).get("required", False) for field in schema["fields"]]
        return all(set(key) <= columns for key in keys) and set(rules) <= {True, False}
    except (AttributeError, KeyError, TypeError):
        return False


def strings(value):
    """A string, or a list of strings, as a list. Raises TypeError for anything else."""
    found = [value] if isinstance(value, str) else list(value)
    if not all(isinstance(one, str) for one in found):
        raise TypeError("no string")
    return found


def check_resources(folder, resources, report):
    """Size and hash of every resource."""
    for resource in resources:
        path = resource["path"]
        if path in report.blamed:
            continue
        try:
            data = read(folder, path)
        except OSError as error:
            report.fault(path, f"is a resource and cannot be read ({error.strerror})")
            continue
        if resource.get("bytes", len(data)) != len(data):
            report.fault(path, f"has {len(data)} bytes, the descriptor says {resource['bytes']}")
        if resource.get("hash") != "sha256:" + sha256(data):
            report.fault(path, "has another hash than the descriptor says")
    report.checked(len(resources), "size and hash of {} resources")


def read_tables(folder, resources, report):
    """The rows of every CSV resource that is not damaged, by its name."""
    tables = {}
    for resource in resources:
        if resource.get("format") != "csv" or resource["path"] in report.blamed:
            continue
        rows = read_table(folder, resource, report)
        if rows is not None:
            tables[resource["name"]] = rows
    return tables


def read_table(folder, resource, report):
    """The rows of a CSV file as its schema has them, or nothing where it cannot be read."""
    schema, name = resource["schema"], resource["path"]
    fields = [field["name"] for field in schema["fields"]]
    try:
        text = read(folder, name).decode("utf-8")
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        report.fault(name, f"cannot be read as CSV ({error})")
        return None
    if not records or records[0] != fields:
        report.fault(name, "has another header than its schema")
        return None
    rows = []
    for number, record in enumerate(records[1:], start=2):
        if len(record) != len(fields):
            report.fault(name, f"record {number} has {len(record)} cells, not {len(fields)}")
        else:
            rows.append(dict(zip(fields, record)))
    if resource.get("rows", len(rows)) != len(rows):
        report.fault(name, f"has {len(rows)} rows, the descriptor says {resource['rows']}")
    check_cells(name, schema, rows, report)
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
            report.fault(name, f"record {number}: {column} is no {field.get('type')}")


def check_keys(resources, tables, report):
    """Primary keys are unique and filled, foreign keys lead to a row."""
    checked = 0
    paths = {resource["name"]: resource["path"] for resource in resources}
    for resource in resources:
        rows = tables.get(resource["name"])
        if rows is None:
            continue
        schema = resource["schema"]
        name = resource["path"]
        columns = strings(schema.get("primaryKey", []))
        keys = [tuple(row[column] for column in columns) for row in rows]
        if columns and (len(set(keys)) != len(keys) or any("" in key for key in keys)):
            report.fault(name, f"the primary key {', '.join(columns)} is not unique, or empty")
        for foreign in schema.get("foreignKeys", []):
            target = foreign["reference"].get("resource") or resource["name"]
            # Keys that lead into a damaged table may be right.
            if paths.get(target) not in report.blamed - {name}:
                checked += 1
                check_foreign_key(name, target, foreign, rows, tables, report)
    if checked:
        report.checked(len(tables), "types and keys of {} tables")


def check_foreign_key(name, target, foreign, rows, tables, report):
    columns = strings(foreign["fields"])
    columns_there = strings(foreign["reference"]["fields"])
    if target not in tables:
        report.fault(DESCRIPTOR, f"{name} refers to {target}, which is no table of it")
        return
    if tables[target] and not set(columns_there) <= set(tables[target][0]):
        report.fault(DESCRIPTOR, f"{name} refers to columns that {target} has not")
        return
    known = {tuple(row[column] for column in columns_there) for row in tables[target]}
    keys = {tuple(row[column] for column in columns) for row in rows}
    missing = sorted(key for key in keys - known if "" not in key)
    for key in missing[:SHOWN]:
        report.fault(name, f"{', '.join(columns)} {' / '.join(key)} leads nowhere")


def check_sources(folder, tables, copies, report):
    """Every source file is its lines, byte for byte. With very many records they are in the archive only."""
    if not {"records", "lines"} <= set(tables):
        return  # what is wrong with them was told
    records = tables["records"]
    for record in records:
        name = record.get("record_id", "") + ".txt"
        if name in report.blamed:
            continue
        source = read_source(folder, name, copies)
        if source is None:
            report.fault(name, "is the source of a record and not there")
            continue
        rows = [row for row in tables["lines"] if row.get("record_id") == record.get("record_id")]
        compare_source(name, source, rebuilt(record, rows), record.get("sha256"), report)
    if not records:
        report.fault("records.csv", "names no source")
    report.checked(len(records), "{} source file(s) rebuilt from lines.csv")


def read_source(folder, name, copies):
    """The bytes of a source file, from beside or from the archive; nothing where it is in neither."""
    if is_plain(name) and "/" not in name:
        try:
            return read(folder, name)
        except OSError:
            pass  # then it is in the archive or nowhere
    return copies.get("inputs/data/raw/" + name, (None, None))[1]


def rebuilt(record, rows):
    """The bytes of a source file, from the rows of its lines."""
    number = [row.get("line_number", "") for row in rows]
    order = sorted(range(len(rows)), key=lambda at: int(number[at]) if NUMBER.fullmatch(number[at]) else 0)
    text = "".join(rows[at].get("text", "") + LINE_ENDS.get(rows[at].get("line_end"), "?") for at in order)
    mark = b"\xef\xbb\xbf" if record.get("byte_order_mark") == "true" else b""
    return mark + text.encode("utf-8")


def compare_source(name, source, lines, expected, report):
    if lines != source:
        pairs = enumerate(zip(lines, source))
        at = next((n for n, (a, b) in pairs if a != b), min(len(lines), len(source)))
        report.fault(name, f"differs from lines.csv at byte {at}")
    if sha256(source) != expected:
        report.fault(name, "has another SHA-256 than records.csv says")


def prove(folder):
    """What is wrong with a release, and what was checked."""
    report = Report()
    listed, strange = read_sums(folder, report)
    copies = {}
    if listed is not None:
        copies = read_copies(folder, listed, report)
        whole = check_sums(folder, listed, strange, copies, report)
        check_archive(folder, whole, copies, report)
    resources = read_descriptor(folder, report)
    check_resources(folder, resources, report)
    tables = read_tables(folder, resources, report)
    check_keys(resources, tables, report)
    check_sources(folder, tables, copies, report)
    return report


def main(arguments):
    if len(arguments) > 1 or (arguments and arguments[0].startswith("-")):
        say(__doc__)
        return 0 if arguments in (["-h"], ["--help"]) else 2
    folder = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    if not folder.is_dir():
        say(f"{plain(folder)} is no folder; an archive is unpacked first")
        return 2
    csv.field_size_limit(2**31 - 1)
    try:
        os.listdir(str(folder))
    except OSError as error:
        say(f"{plain(folder)} cannot be read ({error.strerror})")
        return 1
    report = prove(folder)
    for what in report.done:
        say(f"checked  {what}")
    for fault in report.wrong:
        say(f"WRONG    {fault}")
    number = len(report.wrong)
    if not number:
        say("the release is whole")
        return 0
    what = "1 fault" if number == 1 else f"{number} faults"
    say(f"{what}: download again what is damaged or not there, and take away what does not belong there")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
