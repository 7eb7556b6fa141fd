"""The only reader and writer of files: authored and built ones, and the folder of a package as a whole.

The rooms, each of which imports only those before it: errors, owned, folders, reading, disk, target,
installing. What others use is named here.
"""

from cables.files.disk import LOCK, write_file
from cables.files.errors import AS_IT_WAS, HALF, LEFT, WHOLE, WriteError, printable
from cables.files.folders import list_files
from cables.files.installing import Changes, Recovery, install, recover
from cables.files.owned import BUILT_PATHS, DESCRIPTOR, INPUT_PATHS, PACKAGE_PATHS, is_owned, is_plain
from cables.files.reading import (
    csv_records,
    is_leftover,
    read_bytes,
    read_csv_rows,
    read_json,
    read_sources,
    read_text,
    read_toml,
    record_id,
)
from cables.files.target import WORKSPACE, check_target, is_unfinished

__all__ = [
    "AS_IT_WAS",
    "BUILT_PATHS",
    "DESCRIPTOR",
    "HALF",
    "INPUT_PATHS",
    "LEFT",
    "LOCK",
    "PACKAGE_PATHS",
    "WHOLE",
    "WORKSPACE",
    "Changes",
    "Recovery",
    "WriteError",
    "check_target",
    "csv_records",
    "install",
    "is_leftover",
    "is_owned",
    "is_plain",
    "is_unfinished",
    "list_files",
    "printable",
    "read_bytes",
    "read_csv_rows",
    "read_json",
    "read_sources",
    "read_text",
    "read_toml",
    "record_id",
    "recover",
    "write_file",
]
