"""Each promise of a release is held by a check, and each check catches the release that breaks it."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import building
import releasing
from cables import descriptor, fair, inputs, release
from cables.checks import CHECKS, loaded
from cables.checks import fair as promises
from cables.checks.fair import archive, versions
from cables.checks.fair.files_of_release import AUTHORED
from cables.checks.registry import Level, Outcome, judge
from cables.release.archive import zipped
from cables.release.names import FLAT_AUTHORED
from releasing import REPOSITORY

BROKEN = REPOSITORY / "tests" / "invalid-release"
KNOWN = loaded.repository()


BY_ID = {one.id: one for one in promises.CHECKS}


def broken_id(path: Path) -> str:
    """A broken release as a test's id: the check, and what is broken where there are several."""
    return f"{path.parent.name}-{path.stem}".removesuffix("-damage")


def damaged(content: dict[str, bytes], damage: dict[str, Any]) -> dict[str, bytes]:
    """A release with a damage done to it, its hashes written anew unless they are to stay."""
    name = damage["file"]
    if damage.get("remove"):
        content = {one: data for one, data in content.items() if one != name}
    elif "copy_of" in damage:
        content[name] = content[damage["copy_of"]]
    elif "content" in damage:
        assert name not in content
        content[name] = damage["content"].encode()
    else:
        times = 0 if damage.get("every") else 1
        text, number = re.subn(damage["pattern"], damage["by"], content[name].decode(), count=times)
        assert number, f"{name} has nothing to damage"
        content[name] = text.encode()
    return restamped(content) if damage.get("restamp", True) else content


def restamped(content: dict[str, bytes]) -> dict[str, bytes]:
    described = json.loads(content["datapackage.json"])
    for one in described["resources"]:
        if one["path"] in content:
            one["hash"] = descriptor.sha256(content[one["path"]])
            if "bytes" in one:
                one["bytes"] = len(content[one["path"]])
    content["datapackage.json"] = descriptor.json_bytes(described)
    own = {name: data for name, data in content.items() if name != release.BODY}
    return {**content, release.SUMS: release.sums(own)}


def test_every_promise_has_a_rule_and_a_broken_release() -> None:
    ids = [one.id for one in fair.PROMISES]
    assert len(set(ids)) == len(ids)
    assert set(promises.RULES) == set(ids)
    assert {path.parent.name for path in BROKEN.glob("*/damage.toml")} == set(ids)


def test_the_checks_know_what_a_release_takes_as_it_was_written() -> None:
    assert set(AUTHORED) == set(FLAT_AUTHORED)


def test_the_release_keeps_every_promise() -> None:
    verdicts = promises.prove(promises.load(releasing.released(), KNOWN), CHECKS)
    assert {one.check.id: one.outcome for one in verdicts if one.check in promises.CHECKS} == dict.fromkeys(
        (one.id for one in fair.PROMISES), Outcome.PASSED
    )
    assert [one.check.id for one in verdicts if one.outcome is Outcome.FAILED] == []


@pytest.mark.parametrize("path", sorted(BROKEN.glob("*/*.toml")), ids=broken_id)
def test_a_check_catches_the_release_that_breaks_its_promise(path: Path) -> None:
    check = BY_ID[path.parent.name]
    damage = tomllib.loads(path.read_text("utf-8"))
    content = damaged(releasing.content(releasing.released()), damage)
    verdict = judge(check, promises.of_files(Path("release"), KNOWN, content))
    assert verdict.outcome is (Outcome.WARNED if check.level is Level.WARNING else Outcome.FAILED)


@pytest.mark.parametrize(
    "name", ["datapackage.json", "CITATION.cff", "ro-crate-metadata.json", "datacite.xml"]
)
@pytest.mark.parametrize("data", [b"\xff\x00", b"null", b'{"@graph": [1], "resources": [1]}'])
def test_no_check_fails_over_a_spoiltfile(name: str, data: bytes) -> None:
    content = {**releasing.content(releasing.released()), name: data}
    verdicts = promises.prove(promises.of_files(Path("release"), KNOWN, content))
    assert any(one.outcome is Outcome.FAILED for one in verdicts)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["data/a", "data/a/b"], "data/a as a file, and 'data/a/b' within it"),
        (["я" * 128], "a name too long for a file, "),
        (["a/" * 600 + "b"], "a name too long for a file, "),
        (["../a"], "an entry '../a'"),
    ],
)
def test_an_archive_that_no_folder_can_hold_is_damaged(names: list[str], found: str) -> None:
    data = zipped("", dict.fromkeys(names, b""))
    with pytest.raises(archive.Damaged, match=f"^{re.escape(found)}"):
        archive.read("one.zip", data)


def test_rewritten_line_ends_of_the_hashes_are_told_once() -> None:
    (check,) = [one for one in promises.CHECKS if one.id == "fair-manifest"]
    content = releasing.content(releasing.released())
    content[release.SUMS] = content[release.SUMS].replace(b"\n", b"\r\n")
    found = judge(check, promises.of_files(Path("release"), KNOWN, content)).findings
    assert [(one.file, one.found) for one in found] == [(release.SUMS, "line ends CR LF")]


def test_the_inputs_are_those_of_the_commit_where_it_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (check,) = [one for one in promises.CHECKS if one.id == "fair-provenance"]
    content = releasing.content(releasing.released())
    releasing.git(tmp_path, "clone", "--quiet", str(releasing.repository()), "clone")
    clone = tmp_path / "clone"
    monkeypatch.setattr(inputs, "REPOSITORY", clone)
    assert judge(check, promises.of_files(Path("release"), KNOWN, content)).findings == ()
    (clone / "RIGHTS.md").write_text("others", "utf-8")
    (clone / "LICENSE").unlink()
    about = json.loads(content[release.ABOUT])
    content[release.ABOUT] = json.dumps({**about, "commit": releasing.commit(clone)}).encode()
    found = judge(check, promises.of_files(Path("release"), KNOWN, content)).findings
    assert [Path(one.file).name for one in found] == ["LICENSE", "RIGHTS.md"]
    assert {one.found for one in found} == {"not as committed"}
    monkeypatch.setattr(inputs, "REPOSITORY", tmp_path)
    assert judge(check, promises.of_files(Path("release"), KNOWN, content)).findings == ()


def test_validate_proves_a_release_folder(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    validate = REPOSITORY / "scripts" / "validate.py"
    done = building.python(validate, releasing.released(), "--json", report)
    assert done.status == 0, done.said
    verdicts = {one["check"]: one["verdict"] for one in json.loads(report.read_bytes())["checks"]}
    assert all(verdicts[one.id] == "passed" for one in fair.PROMISES)


@pytest.mark.parametrize(
    "become", [('version = "', 'version = "9'), ("[[creators]]", "[[creators")], ids=["later", "broken"]
)
def test_a_release_stays_valid_whatever_becomes_of_the_package_toml_that_it_was_made_from(
    tmp_path: Path, become: tuple[str, str]
) -> None:
    place = building.copied(tmp_path / "repository", releasing.kept())
    described = (place / "package.toml").read_text("utf-8")
    (place / "package.toml").write_text(described.replace(*become), "utf-8")
    done = building.python(place / "scripts" / "validate.py", releasing.released())
    assert done.status == 0, done.said


@pytest.mark.parametrize(
    ("check_id", "file"),
    [
        ("fair-pages-built", "glossary.md"),
        ("fair-rebuilt", "119402.tmx"),
        ("fair-as-described", "citation.ris"),
        ("fair-verifier", "verify.py"),
    ],
)
def test_what_another_version_wrote_is_not_judged_by_what_this_one_writes(
    monkeypatch: pytest.MonkeyPatch, check_id: str, file: str
) -> None:
    content = releasing.content(releasing.released())
    content[file] += b"\n"
    spoilt = promises.of_files(Path("release"), KNOWN, content)
    assert judge(BY_ID[check_id], spoilt).outcome is Outcome.FAILED
    monkeypatch.setattr(versions, "_version_here", lambda: "9.0.0")
    verdict = judge(BY_ID[check_id], spoilt)
    assert verdict.outcome is Outcome.NOT_RUN
    said = f"{file} is not as version '9.0.0' would write it; the release is of version '{releasing.VERSION}'"
    assert verdict.reason == said


def test_a_release_without_the_body_of_its_deposit_is_as_good() -> None:
    content = releasing.content(releasing.released())
    del content[release.BODY]
    verdicts = promises.prove(promises.of_files(Path("release"), KNOWN, content))
    assert {one.outcome for one in verdicts} == {Outcome.PASSED, Outcome.NOT_RUN}
    assert [one.check.id for one in verdicts if one.outcome is Outcome.NOT_RUN] == ["fair-deposit-body"]


def test_the_page_has_every_promise() -> None:
    template = (REPOSITORY / "templates" / "fair.md.jinja").read_text("utf-8")
    page = fair.page(template).decode()
    assert all(f"| `{one.id}` |" in page for one in fair.PROMISES)
    only_warn = re.search(r"but for (.*), which only warn", page)
    assert only_warn
    assert re.findall(r"`(.*?)`", only_warn[1]) == [
        one.id for one in fair.PROMISES if one.level != Level.ERROR
    ]


@pytest.mark.parametrize(
    ("text", "is_good"),
    [
        ("0000-0002-1825-0097", True),
        ("0000-0002-1694-233X", True),
        ("0000-0002-1825-0098", False),
        ("1", False),
    ],
)
def test_an_orcid_is_known_by_its_check_digit(text: str, is_good: bool) -> None:
    assert promises.is_orcid(text) is is_good


@pytest.mark.parametrize(
    ("text", "is_good"), [("05dxps055", True), ("05dxps056", False), ("5dxps055", False)]
)
def test_a_ror_is_known_by_its_check_digits(text: str, is_good: bool) -> None:
    assert promises.is_ror(text) is is_good
