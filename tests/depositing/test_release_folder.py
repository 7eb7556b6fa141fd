"""A release folder that will not do is refused before anything is sent."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cables.deposit import DepositError, read_release
from depositing.bench import (
    Bench,
    body_with,
    relist,
    spoil,
)

SPOILT: list[tuple[str, Callable[[Bench], None], str]] = [
    ("a byte changed", lambda b: spoil(b, "paragraphs.csv", "id,text"), "paragraphs.csv: sha256"),
    ("a file missing", lambda b: spoil(b, "paragraphs.csv", None), "paragraphs.csv: in SHA256SUMS, not in"),
    ("a file too many", lambda b: spoil(b, "more.csv", "a\n"), "more.csv: not in SHA256SUMS"),
    ("no hashes", lambda b: spoil(b, "SHA256SUMS", None), "SHA256SUMS: No such file"),
    ("a hash line", lambda b: spoil(b, "SHA256SUMS", "abc  paragraphs.csv\n"), "SHA256SUMS:1:"),
    ("a name", lambda b: spoil(b, "абзацы.csv", "a\n"), "other characters"),
    ("letter case", lambda b: spoil(b, "Paragraphs.csv", "a\n"), "letter case alone"),
    ("a folder", lambda b: (b.dist / "csv").mkdir(), "not a plain file"),
    ("a link", lambda b: (b.dist / "link.csv").symlink_to(b.package), "not a plain file"),
    ("no description", lambda b: spoil(b, "inveniordm.json", None), "inveniordm.json: not there"),
    ("no object", lambda b: spoil(b, "inveniordm.json", "[]"), "a JSON list, expected an object"),
    (
        "another encoding",
        lambda b: relist(b, "datapackage.json", "{}".encode("utf-16")),
        "byte 0 is not UTF-8",
    ),
    ("no bottom", lambda b: spoil(b, "inveniordm.json", "[" * 100_000), "expected JSON"),
    ("half a character", lambda b: spoil(b, "inveniordm.json", r'{"a": "\ud800"}'), r"'\ud800' is half a"),
    ("no JSON", lambda b: spoil(b, "inveniordm.json", "{"), "expected JSON"),
    (
        "other keys",
        lambda b: spoil(b, "inveniordm.json", '{"metadata": {}}'),
        "expected access, files and metadata",
    ),
    (
        "no creator",
        lambda b: spoil(b, "inveniordm.json", body_with(b, creators=[])),
        "metadata.creators is []",
    ),
    ("no publisher", lambda b: spoil(b, "inveniordm.json", body_with(b, publisher="")), "publisher is ''"),
    ("a short title", lambda b: spoil(b, "inveniordm.json", body_with(b, title="ab")), "three characters"),
    ("no date", lambda b: spoil(b, "inveniordm.json", body_with(b, publication_date="")), "publication_date"),
    ("no type", lambda b: spoil(b, "inveniordm.json", body_with(b, resource_type=None)), "resource_type"),
    (
        "a version",
        lambda b: spoil(b, "inveniordm.json", body_with(b, version="9")),
        "metadata.version is '9'",
    ),
]


@pytest.mark.parametrize(
    ("spoiling", "said"), [case[1:] for case in SPOILT], ids=[case[0] for case in SPOILT]
)
def test_a_release_that_will_not_do_is_refused_before_anything_is_sent(
    bench: Bench, spoiling: Callable[[Bench], None], said: str
) -> None:
    bench.good("--reserve")
    bench.release()
    before = len(bench.world.seen)
    spoiling(bench)
    run = bench.run("--upload")
    assert run.code == 1 and said in run.err
    assert len(bench.world.seen) == before


def test_a_release_of_more_files_than_a_record_takes_is_refused(bench: Bench) -> None:
    bench.release({f"table-{at:03}.csv": "a\n" for at in range(98)})
    with pytest.raises(DepositError, match="101 files"):
        read_release(bench.dist)


def test_a_release_of_another_version_is_refused(bench: Bench) -> None:
    bench.good("--reserve")
    bench.release()
    bench.set_version("1.0.1")
    run = bench.run("--upload")
    assert run.code == 1 and "holds letters 1.0.0, expected letters 1.0.1" in run.err
