"""verify.py proves a release with nothing but Python, and names the file in which a byte was changed."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import random
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import building
import releasing
from building import REPOSITORY
from cables import descriptor, release

VERIFIER = REPOSITORY / "templates" / "verify.py"
ARCHIVE = f"cable-600308-{releasing.VERSION}.zip"
Said = Callable[[Path], tuple[int, list[str]]]


@pytest.fixture(scope="module")
def verifier() -> Any:
    """The verifier as a module."""
    spec = importlib.util.spec_from_file_location("verifier", VERIFIER)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def verified(verifier: Any, capsys: pytest.CaptureFixture[str]) -> Said:
    """Verifies a folder: the exit status, and what is wrong."""

    def verify(folder: Path) -> tuple[int, list[str]]:
        capsys.readouterr()
        status = verifier.main([str(folder)])
        lines = capsys.readouterr().out.splitlines()
        return status, [line.removeprefix("WRONG").strip() for line in lines if line.startswith("WRONG")]

    return verify


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A release to be damaged."""
    return Path(shutil.copytree(releasing.released(), tmp_path / "release"))


def test_a_release_proves_itself_with_nothing_but_python() -> None:
    # -I and -S: no site packages, no folder of this project.
    script = releasing.released() / "verify.py"
    done = building.python("-I", "-S", "-B", script, environment={"LC_ALL": "C"})
    assert (done.status, done.errors) == (0, "")
    assert done.output.endswith("the release is whole\n")


def test_it_uses_the_standard_library_alone(verifier: Any) -> None:
    imported = {
        line.split()[1] for line in VERIFIER.read_text("utf-8").splitlines() if line.startswith("import ")
    }
    assert imported <= sys.stdlib_module_names


def test_it_is_written_in_the_python_that_it_asks_for() -> None:
    text = VERIFIER.read_text("utf-8")
    assert "nothing but Python 3.7 or newer" in text
    ast.parse(text, feature_version=(3, 7))


def test_the_unpacked_archive_proves_itself(tmp_path: Path, verified: Said) -> None:
    with zipfile.ZipFile(releasing.released() / ARCHIVE) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / ARCHIVE.removesuffix(".zip")
    assert verified(folder) == (0, [])
    for name in ("inveniordm.json", "inputs/README.md"):
        with (folder / name).open("ab") as stream:
            stream.write(b" ")
    status, wrong = verified(folder)
    assert status == 1
    assert [line.partition(":")[0] for line in wrong] == ["inputs/README.md", "inveniordm.json"]


def changed(data: bytes, at: int) -> bytes:
    """The bytes, one of them another."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_a_changed_byte_is_blamed_on_its_file_and_on_no_other(copy: Path, verified: Said) -> None:
    for path in sorted(copy.iterdir()):
        data = path.read_bytes()
        chance = random.Random(path.name)
        path.write_bytes(changed(data, chance.choice([0, len(data) - 1, chance.randrange(len(data))])))
        status, wrong = verified(copy)
        path.write_bytes(data)
        assert status == 1
        assert [line.partition(":")[0] for line in wrong] == [path.name]


@pytest.mark.parametrize("name", ["documents.csv", "LICENSE", "datapackage.json", ARCHIVE])
def test_a_changed_hash_is_blamed_on_the_list_of_hashes(copy: Path, verified: Said, name: str) -> None:
    sums = copy / "SHA256SUMS"
    lines = sums.read_text("ascii").splitlines()
    at = next(number for number, line in enumerate(lines) if line.endswith(f"  {name}"))
    lines[at] = ("0" if lines[at][0] != "0" else "1") + lines[at][1:]
    sums.write_text("\n".join(lines) + "\n", "ascii")
    status, wrong = verified(copy)
    assert status == 1
    assert [line.partition(":")[0] for line in wrong] == ["SHA256SUMS"]


def test_every_changed_byte_of_the_list_of_hashes_is_found(copy: Path, verified: Said) -> None:
    sums = copy / "SHA256SUMS"
    data = sums.read_bytes()
    end = data.index(b"\n")
    for at in [0, 64, 66, end, len(data) - 1, *random.Random(0).sample(range(len(data)), 8)]:
        sums.write_bytes(changed(data, at))
        status, wrong = verified(copy)
        assert status == 1
        assert len(wrong) == 1, at
        # Of release.json there is no copy, so that either of the two may have been changed.
        assert wrong[0].startswith("SHA256SUMS: ") or (
            wrong[0].startswith("release.json: ") and wrong[0].endswith("one of the two was changed")
        )


@pytest.mark.parametrize("by", [b"\n", b" ", b"\0", b"\r\n"])
def test_what_is_added_to_the_list_of_hashes_is_found(copy: Path, verified: Said, by: bytes) -> None:
    sums = copy / "SHA256SUMS"
    sums.write_bytes(sums.read_bytes() + by)
    status, wrong = verified(copy)
    assert status == 1
    assert {line.partition(":")[0] for line in wrong} == {"SHA256SUMS"}


@pytest.mark.parametrize("kept", [1, 20, -2])
def test_what_a_list_that_was_cut_off_lacks_is_not_to_be_taken_away(
    copy: Path, verified: Said, kept: int
) -> None:
    sums = copy / "SHA256SUMS"
    lines = sums.read_text("ascii").splitlines(keepends=True)
    sums.write_text("".join(lines[:kept]), "ascii")
    lost = [line.split()[1] for line in lines[kept:]]
    status, wrong = verified(copy)
    assert status == 1
    assert wrong[:20] == [
        f"SHA256SUMS: does not list {name}, which belongs to the release" for name in lost[:20]
    ]
    more = f"SHA256SUMS: does not list {len(lost) - 20} more that belong to the release"
    assert wrong[20:] == ([more] if len(lost) > 20 else [])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("documents.csv", f"not as {ARCHIVE} has it"),
        (ARCHIVE, "not as release.json has it"),
    ],
)
def test_a_file_that_is_neither_listed_nor_as_it_was_is_told(
    copy: Path, verified: Said, name: str, said: str
) -> None:
    sums = copy / "SHA256SUMS"
    lines = sums.read_text("ascii").splitlines(keepends=True)
    sums.write_text("".join(line for line in lines if line.split()[1] != name), "ascii")
    (copy / name).write_bytes((copy / name).read_bytes() + b" ")
    assert verified(copy) == (1, [f"{name}: is not listed in SHA256SUMS, and {said}"])


def test_a_file_too_many_and_a_file_too_few_are_named(copy: Path, verified: Said) -> None:
    (copy / "more.txt").write_text("more")
    (copy / "LICENSE").unlink()
    status, wrong = verified(copy)
    assert status == 1
    assert {line.partition(":")[0] for line in wrong} == {"more.txt", "LICENSE"}


def test_of_very_many_files_too_many_some_are_named_and_the_rest_counted(copy: Path, verified: Said) -> None:
    for number in range(30):
        (copy / f"more-{number:02}").touch()
    _, wrong = verified(copy)
    assert len(wrong) == 21
    assert wrong[-1] == "the folder: holds 10 more that are not listed"


@pytest.mark.parametrize("name", ["codes.csv", "datapackage.json", "lines.csv", "records.csv", ARCHIVE])
def test_a_file_that_is_not_there_is_told_once(copy: Path, verified: Said, name: str) -> None:
    (copy / name).unlink()
    assert verified(copy) == (1, [f"{name}: is listed in SHA256SUMS and not there"])


def test_a_file_under_another_name_is_known_by_its_hash(copy: Path, verified: Said) -> None:
    (copy / "codes.csv").rename(copy / "codes (1).csv")
    assert verified(copy) == (1, ["codes (1).csv: is listed in SHA256SUMS as codes.csv"])


def test_rewritten_line_ends_are_called_so(copy: Path, verified: Said) -> None:
    for name in ("codes.csv", "SHA256SUMS"):
        (copy / name).write_bytes((copy / name).read_bytes().replace(b"\n", b"\r\n"))
    said = "its line ends were rewritten, from LF to CRLF"
    assert verified(copy) == (1, [f"SHA256SUMS: {said}", f"codes.csv: {said}"])


def test_a_link_is_not_followed(copy: Path, verified: Said, tmp_path: Path) -> None:
    (copy / "codes.csv").rename(tmp_path / "codes.csv")
    (copy / "codes.csv").symlink_to(tmp_path / "codes.csv")
    status, wrong = verified(copy)
    assert status == 1
    assert wrong == ["codes.csv: cannot be read (it is a link, or in a folder that is one)"]


def test_what_is_no_file_is_not_read(copy: Path, verified: Said) -> None:
    (copy / "codes.csv").unlink()
    os.mkfifo(copy / "codes.csv")  # whoever opened it would wait for ever
    assert verified(copy) == (1, ["codes.csv: cannot be read (it is no file)"])


@pytest.mark.parametrize("name", ["SHA256SUMS", "datapackage.json", "release.json"])
def test_a_file_that_tells_of_others_is_missed_without_a_traceback(
    copy: Path, verified: Said, name: str
) -> None:
    (copy / name).unlink()
    (copy / name).mkdir()
    status, wrong = verified(copy)
    assert status == 1
    assert [line.partition(":")[0] for line in wrong] == [name]


# What stays wrong when whoever changed a file has written all hashes anew


def rehashed(copy: Path, name: str, data: bytes) -> None:
    """Change a file, and every hash of it but the archive's."""
    (copy / name).write_bytes(data)
    described = json.loads((copy / "datapackage.json").read_bytes())
    for one in described["resources"]:
        if one["path"] == name:
            one |= {"hash": descriptor.sha256(data), "bytes": len(data)}
    (copy / "datapackage.json").write_bytes(descriptor.json_bytes(described))
    listed_anew(copy)


def listed_anew(copy: Path, *kept: str) -> None:
    """Write the list of hashes anew, and take away the archive, which has the files as they were."""
    if ARCHIVE not in kept:
        (copy / ARCHIVE).unlink()
    content = releasing.content(copy)
    del content[release.BODY]
    (copy / "SHA256SUMS").write_bytes(release.sums(content))


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("codes.csv", b"zone,catalogue,", b"zone,letter_body,", "codes.csv: the primary key"),
        ("recipients.csv", b",r119402-document,", b",r119402-nothing,", "recipients.csv: "),
        ("lines.csv", b",lf,", b",crlf,", "119402.txt: differs from lines.csv at byte"),
        ("sentences.csv", b"\n", b",x\n", "sentences.csv: has another header than its schema"),
    ],
)
def test_what_the_hashes_do_not_show_is_found(
    copy: Path, verified: Said, name: str, old: bytes, new: bytes, said: str
) -> None:
    data = (copy / name).read_bytes()
    assert old in data
    rehashed(copy, name, data.replace(old, new, 1))
    status, wrong = verified(copy)
    assert status == 1
    assert any(line.startswith(said) for line in wrong), wrong


def test_a_lost_row_is_found(copy: Path, verified: Said) -> None:
    data = (copy / "codes.csv").read_bytes()
    rehashed(copy, "codes.csv", b"\n".join(data.split(b"\n")[:-2]) + b"\n")
    status, wrong = verified(copy)
    assert status == 1
    assert any("the descriptor says" in line for line in wrong)


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"null",
        b"{}",
        b'{"resources": 1}',
        b'{"resources": [1, {"name": "a"}]}',
        b'{"resources": []}',
        b"[" * 100_000,
    ],
)
def test_a_descriptor_beyond_use_is_told_without_a_traceback(
    copy: Path, verified: Said, damage: bytes
) -> None:
    (copy / "datapackage.json").write_bytes(damage)
    listed_anew(copy)
    status, wrong = verified(copy)
    assert status == 1
    assert [line.partition(":")[0] for line in wrong] == ["datapackage.json"]


@pytest.mark.parametrize(
    "damage",
    [
        {"name": ["codes"]},
        {"path": "../codes.csv"},
        {"path": ["codes.csv"]},
        {"schema": {"fields": [{"name": ["vocabulary"]}]}},
        {"schema": {"fields": [{"name": "vocabulary", "type": ["string"]}]}},
        {"schema": {"fields": [{"name": "vocabulary", "constraints": None}]}},
        {"schema": {"fields": [{"name": "vocabulary"}], "primaryKey": 1}},
        {"schema": {"fields": [], "primaryKey": ["vocabulary"]}},
        {"schema": {"fields": [], "foreignKeys": None}},
        {"schema": {"fields": [], "foreignKeys": [{"fields": [], "reference": {"fields": [{}]}}]}},
        {
            "schema": {
                "fields": [],
                "foreignKeys": [{"fields": [], "reference": {"resource": [], "fields": []}}],
            }
        },
    ],
)
def test_a_resource_beyond_use_is_told_without_a_traceback(
    copy: Path, verified: Said, damage: dict[str, object]
) -> None:
    described = json.loads((copy / "datapackage.json").read_bytes())
    for one in described["resources"]:
        if one["name"] == "codes":
            one |= damage
    (copy / "datapackage.json").write_text(json.dumps(described), "utf-8")
    listed_anew(copy)
    assert verified(copy) == (1, ["datapackage.json: 1 of its resources are damaged"])


def test_a_line_number_that_is_none_is_told_without_a_traceback(copy: Path, verified: Said) -> None:
    rehashed(
        copy, "lines.csv", (copy / "lines.csv").read_bytes().replace(b"119402,2,", "119402,²,".encode(), 1)
    )
    status, wrong = verified(copy)
    assert status == 1
    assert wrong == ["lines.csv: record 3: line_number is no integer"]


def test_an_archive_of_other_files_is_found_though_it_is_listed(copy: Path, verified: Said) -> None:
    with zipfile.ZipFile(copy / ARCHIVE, "w") as archive:
        archive.writestr("folder/codes.csv", "other")
        archive.writestr("../../out", "elsewhere")
    listed_anew(copy, ARCHIVE)
    status, wrong = verified(copy)
    assert status == 1
    assert wrong[0].startswith(f"release.json: does not give the SHA-256 of {ARCHIVE}")
    assert f"{ARCHIVE}: holds no 119402.json" in wrong
    assert f"{ARCHIVE}: holds another codes.csv than stands beside it" in wrong
    assert not (copy.parent.parent / "out").exists()


def test_an_archive_that_unpacks_to_more_than_it_is_is_not_unpacked(copy: Path, verified: Said) -> None:
    with zipfile.ZipFile(copy / ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/codes.csv", bytes(10**6))
    listed_anew(copy, ARCHIVE)
    said = f"{ARCHIVE}: cannot be read as an archive (it unpacks to more than it is)"
    assert verified(copy) == (1, [said])


def test_a_path_out_of_the_folder_is_not_followed(copy: Path, verified: Said) -> None:
    sums = copy / "SHA256SUMS"
    sums.write_text(sums.read_text("ascii") + f"{'0' * 64}  ../secret\n", "ascii")
    status, wrong = verified(copy)
    assert status == 1
    assert [line.partition(":")[0] for line in wrong] == ["SHA256SUMS"]


def test_control_characters_of_a_name_do_not_reach_the_terminal(copy: Path, verified: Said) -> None:
    (copy / "a\x1b[31m").write_text("x")
    assert verified(copy) == (1, ["a\\u001b[31m: is there and not listed in SHA256SUMS"])


def test_a_terminal_that_knows_ascii_alone_is_told_all_the_same(copy: Path) -> None:
    (copy / "ж.txt").touch()
    done = building.python(copy / "verify.py", environment={"PYTHONIOENCODING": "ascii"})
    assert (done.status, done.errors) == (1, "")
    assert "WRONG    \\u0436.txt: is there and not listed" in done.output
    assert "take away what does not belong there" in done.output


@pytest.mark.parametrize(
    ("words", "status"), [(["--help"], 0), (["-x"], 2), (["a", "b"], 2), (["nowhere"], 2)]
)
def test_usage(words: list[str], status: int) -> None:
    done = building.python(VERIFIER, *words)
    assert (done.status, done.errors) == (status, "")
