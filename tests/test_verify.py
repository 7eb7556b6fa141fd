"""verify.py proves a release with nothing but Python, and names the file in which a byte was changed."""

from __future__ import annotations

import importlib.util
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


def test_the_unpacked_archive_proves_itself(tmp_path: Path, verified: Said) -> None:
    with zipfile.ZipFile(releasing.released() / ARCHIVE) as archive:
        archive.extractall(tmp_path)
    assert verified(tmp_path / ARCHIVE.removesuffix(".zip")) == (0, [])


def test_a_changed_byte_is_found_in_every_file(copy: Path, verified: Said) -> None:
    for path in sorted(copy.iterdir()):
        data = path.read_bytes()
        if not data or path.name == "SHA256SUMS":
            continue
        at = random.Random(path.name).randrange(len(data))
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        status, wrong = verified(copy)
        path.write_bytes(data)
        if path.name == "inveniordm.json":
            assert (status, wrong) == (1, [f"{ARCHIVE}: holds another {path.name} than stands beside it"])
        else:
            assert status == 1
            assert wrong[0].startswith((f"{path.name}: ", f"{ARCHIVE}: cannot")), path.name
            # Another file is blamed only for what follows from this one.
            assert path.name in " ".join(wrong)


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
    for at in random.Random(0).sample(range(len(data)), 8):
        sums.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert verified(copy)[0] == 1, at


def test_a_file_too_many_and_a_file_too_few_are_named(copy: Path, verified: Said) -> None:
    (copy / "more.txt").write_text("more")
    (copy / "LICENSE").unlink()
    status, wrong = verified(copy)
    assert status == 1
    assert {line.partition(":")[0] for line in wrong} == {"more.txt", "LICENSE"}


# What stays wrong when whoever changed a file has written all hashes anew


def rehashed(copy: Path, name: str, data: bytes) -> None:
    """Change a file, and every hash of it but the archive's."""
    from cables import descriptor, release

    (copy / name).write_bytes(data)
    import json

    described = json.loads((copy / "datapackage.json").read_bytes())
    for one in described["resources"]:
        if one["path"] == name:
            one |= {"hash": descriptor.sha256(data), "bytes": len(data)}
    (copy / "datapackage.json").write_bytes(descriptor.json_bytes(described))
    (copy / ARCHIVE).unlink()
    content = releasing.content(copy)
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
    "damage", [b"", b"null", b"{}", b'{"resources": 1}', b'{"resources": [1, {"name": "a"}]}']
)
def test_a_descriptor_beyond_use_is_told_without_a_traceback(
    copy: Path, verified: Said, damage: bytes
) -> None:
    (copy / "datapackage.json").write_bytes(damage)
    status, wrong = verified(copy)
    assert status == 1
    assert wrong[0].startswith("datapackage.json: ")


def test_a_path_out_of_the_folder_is_not_followed(copy: Path, verified: Said) -> None:
    sums = copy / "SHA256SUMS"
    sums.write_text(sums.read_text("ascii") + f"{'0' * 64}  ../secret\n", "ascii")
    status, wrong = verified(copy)
    assert status == 1
    assert [line.partition(":")[0] for line in wrong] == ["SHA256SUMS"]


def test_control_characters_of_a_name_do_not_reach_the_terminal(copy: Path, verified: Said) -> None:
    (copy / "a\x1b[31m").write_text("x")
    assert verified(copy) == (1, ["a\\u001b[31m: is there and not listed in SHA256SUMS"])


@pytest.mark.parametrize(
    ("words", "status"), [(["--help"], 0), (["-x"], 2), (["a", "b"], 2), (["nowhere"], 2)]
)
def test_usage(words: list[str], status: int) -> None:
    assert building.python(VERIFIER, *words).status == status
