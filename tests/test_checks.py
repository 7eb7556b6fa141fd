"""What the checks promise, each by a broken package; and that no damage makes `validate` break."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import building
import damage
from cables import checks, inputs
from cables import package as builder
from cables.checks import loaded, mutants, told
from cables.checks.registry import Check, Level, Outcome, Verdict, judge
from damage import Damage, Fresh
from exports import BOTH, ORIGINAL, TRANSLATION, changed, export

INVALID = Path(__file__).parent / "invalid"
VALIDATE = inputs.REPOSITORY / "scripts" / "validate.py"
BY_ID = {check.id: check for check in checks.CHECKS}
# These take their time.
SLOW = frozenset({"frictionless", "rebuild"})


@pytest.fixture(scope="module")
def fresh() -> Fresh:
    return damage.fresh()


@pytest.fixture(scope="module")
def whole(fresh: Fresh, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    damage.write(fresh.files, folder)
    return folder


@pytest.fixture(scope="module")
def verdicts(fresh: Fresh, whole: Path) -> dict[str, Verdict]:
    package = loaded.load(whole, fresh.known)
    return {check.id: judge(check, package) for check in checks.CHECKS}


def quick() -> tuple[Check, ...]:
    return tuple(check for check in checks.CHECKS if check.id not in SLOW)


def test_a_package_as_it_is_built_has_no_errors_and_lacks_no_check(verdicts: dict[str, Verdict]) -> None:
    wrong = {name: (one.outcome, one.reason, one.findings) for name, one in verdicts.items()}
    assert {name: one for name, one in wrong.items() if one[0] in (Outcome.FAILED, Outcome.NOT_RUN)} == {}


def test_every_check_has_a_broken_input_and_every_broken_input_a_check() -> None:
    assert {path.parent.name for path in INVALID.glob("*/damage.toml")} == set(BY_ID)
    assert {path.name for path in INVALID.iterdir()} == set(BY_ID)
    assert len(BY_ID) == len(checks.CHECKS)


@pytest.mark.parametrize(
    "path", [path.relative_to(INVALID).as_posix() for path in sorted(INVALID.glob("*/*.toml"))]
)
def test_a_check_finds_its_broken_inputs(
    path: str, fresh: Fresh, verdicts: dict[str, Verdict], tmp_path: Path
) -> None:
    check_id = Path(path).parent.name
    check, harm = BY_ID[check_id], damage.read(INVALID / path)
    found = judge(check, _damaged(check, harm, fresh, tmp_path))
    new = set(found.findings) - set(verdicts[check_id].findings)
    assert found.reason is None
    assert new, harm.said["why"]
    for one in new:
        assert one.line >= 1 and one.found and one.expected


def _damaged(check: Check, harm: Damage, fresh: Fresh, folder: Path) -> loaded.Package:
    """The damaged package: in memory where the check looks at tables, else as files."""
    if check.on_values and not harm.in_files:
        package = fresh.in_memory()
        for name, frame in harm.frames(fresh.made.frames).items():
            package = package.with_sheet(loaded.Sheet(fresh.known.by_name[name], frame))
        return package
    damage.write(harm.files(fresh.files, fresh.made.frames), folder)
    return loaded.load(folder, harm.repository(fresh.known))


def test_every_promise_is_one_sentence_without_its_stop() -> None:
    for check in checks.CHECKS:
        assert check.promise[0].islower() and not check.promise.endswith(".")
        assert ". " not in check.promise


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("1950-09-30", ((1950, 9, 30), (1950, 9, 30))),
        ("1950-02", ((1950, 2, 1), (1950, 2, 28))),
        ("[1950-09-29..1950-09-30]", ((1950, 9, 29), (1950, 9, 30))),
        ("[..1950-09-30]", ((1950, 9, 30), (1950, 9, 30))),
        ("1949/1950-09", ((1949, 1, 1), (1950, 9, 30))),
        ("1950-02-30", None),
        ("in autumn", None),
    ],
)
def test_a_date_is_covered_from_its_first_day_to_its_last(text: str, days: object) -> None:
    assert told.bounds(text) == days


def test_history_is_never_an_error() -> None:
    about_the_source = {"copies", "doubts-open", "doubts-explained", "rejected-sources"}
    assert all(BY_ID[one].level is not Level.ERROR for one in about_the_source)


def test_damage_in_tables_is_the_same_in_files_and_in_memory(fresh: Fresh, tmp_path: Path) -> None:
    harm = damage.read(INVALID / "senders" / "damage.toml")
    damage.write(harm.files(fresh.files, fresh.made.frames), tmp_path)
    package = loaded.load(tmp_path, fresh.known)
    assert judge(BY_ID["senders"], package).findings
    for one in (
        "csv-form",
        "parquet-equals-csv",
        "json-equals-csv",
        "hashes",
        "listed",
        "descriptor-profile",
    ):
        assert judge(BY_ID[one], package).outcome is Outcome.PASSED
    assert {one.file for one in judge(BY_ID["rebuild"], package).findings} >= {"data/csv/senders.csv"}


def test_findings_name_the_physical_line_of_a_row_after_rows_of_several_lines(
    fresh: Fresh, tmp_path: Path
) -> None:
    frame = fresh.made.frames["parallel"]
    last = frame.height - 1
    harm = Damage(
        {
            "cell": [
                {
                    "table": "parallel",
                    "row": {"pair_id": frame.item(last, "pair_id")},
                    "column": "type",
                    "value": "9-9",
                }
            ]
        }
    )
    damage.write(harm.files(fresh.files, fresh.made.frames), tmp_path)
    (finding,) = judge(BY_ID["parallel"], loaded.load(tmp_path, fresh.known)).findings
    line = (tmp_path / "data/csv/parallel.csv").read_text(encoding="utf-8").split("\n")[finding.line - 1]
    assert frame.get_column("original_text").str.contains("\n").any()
    assert line.startswith(frame.item(last, "pair_id")) and finding.found == "type '9-9'"


def test_a_package_without_its_inputs_is_not_said_to_have_been_built_again(
    fresh: Fresh, tmp_path: Path
) -> None:
    own = {
        path: data
        for path, data in fresh.files.items()
        if not path.startswith(("data/vocabulary", "data/curation"))
    }
    damage.write(own, tmp_path)
    package = loaded.load(tmp_path, fresh.known)
    for one in (
        "rebuild",
        "authored-inputs",
        "decisions-kept",
        "readings-decided",
        "codes-as-authored",
        "vocabulary",
    ):
        verdict = judge(BY_ID[one], package)
        assert verdict.outcome is Outcome.NOT_RUN and verdict.reason
    failed = [check.id for check in quick() if judge(check, package).outcome is Outcome.FAILED]
    assert failed == []


def test_every_file_that_is_generated_is_missed_where_it_is_not(fresh: Fresh) -> None:
    whole = fresh.in_memory()
    wanted = [path for path in fresh.made.files if not path.startswith("data/")]
    assert {"docs/alignment.md", "docs/fair.md", "metadata/quality.json", "CITATION.cff"} <= set(wanted)
    for path in wanted:
        without = {one: data for one, data in whole.files.items() if one != path}
        found = judge(BY_ID["generated-pages"], dataclasses.replace(whole, files=without)).findings
        assert [one.file for one in found] == [path]


def test_what_programs_leave_in_a_folder_is_no_part_of_a_package(fresh: Fresh, tmp_path: Path) -> None:
    damage.write(fresh.files, tmp_path)
    for path in (
        "data/raw/.DS_Store",
        "data/curation/pairs.csv~",
        "data/csv/.lines.csv.swp",
        "docs/~$fair.md",
    ):
        (tmp_path / path).write_text("left behind")
    package = loaded.load(tmp_path, fresh.known)
    failed = [check.id for check in checks.CHECKS if judge(check, package).outcome is Outcome.FAILED]
    assert failed == []


# --- other sources, other words ------------------------------------------------------------------------


def made_of(known: loaded.Repository, folder: Path, vocabulary: Path | None = None, **sources: str) -> Fresh:
    """A package of invented exports, by a vocabulary of its own where one is given."""
    raw = building.sources(folder / "raw", **sources)
    places = inputs.Places(raw=raw, **({"vocabulary": vocabulary} if vocabulary else {}))
    given = inputs.read(places)
    return Fresh(known, given, builder.build(given))


# An export says of a cable that it was received in a word that this repository does not know.
UNKNOWN_WORD = changed(changed(BOTH, "Принята 3.2", "Запринята 3.2"), "received at 2215 3 February\n", "")
ROW = r"received,ru,^Запринята\s+(?P<when>.+)$,"


@pytest.fixture(scope="module")
def extended(fresh: Fresh, tmp_path_factory: pytest.TempPathFactory) -> Fresh:
    """A package whose vocabulary has one row more than this repository's, and needs it."""
    folder = tmp_path_factory.mktemp("extended")
    shutil.copytree(inputs.Places().vocabulary, folder / "vocabulary")
    with (folder / "vocabulary" / "cues.csv").open("a", encoding="utf-8") as cues:
        cues.write(f"{ROW}\n")
    return made_of(fresh.known, folder, folder / "vocabulary", one=UNKNOWN_WORD)


def test_a_package_is_judged_by_the_words_that_it_carries_and_told_to_differ(
    extended: Fresh, tmp_path: Path
) -> None:
    damage.write(extended.files, tmp_path)
    package = loaded.load(tmp_path, extended.known)
    failed = [check.id for check in checks.CHECKS if judge(check, package).outcome is Outcome.FAILED]
    (told,) = judge(BY_ID["vocabulary"], package).findings
    assert failed == []
    assert "received" in [row["event_type"] for row in package.rows("events")]
    assert (told.file, "Запринята" in told.found) == ("data/vocabulary/cues.csv", True)
    assert (tmp_path / told.file).read_text(encoding="utf-8").split("\n")[told.line - 1] == ROW


@pytest.mark.parametrize("damaged", ["", "(", None])
def test_without_words_of_its_own_that_can_be_used_this_repositorys_count(
    damaged: str | None, extended: Fresh, tmp_path: Path
) -> None:
    path = "data/vocabulary/cues.csv"
    own = {name: data for name, data in extended.files.items() if damaged is not None or path not in name}
    if damaged is not None:
        own[path] = own[path].replace(
            ROW.encode(), b"" if not damaged else f"received,ru,{damaged},".encode()
        )
    damage.write(own, tmp_path)
    package = loaded.load(tmp_path, extended.known)
    assert judge(BY_ID["codes-by-words"], package).outcome is Outcome.FAILED
    verdict = judge(BY_ID["vocabulary"], package)
    assert verdict.outcome is (Outcome.PASSED if damaged == "" else Outcome.NOT_RUN)


def test_numbers_that_the_source_repeats_are_no_error(fresh: Fresh, tmp_path: Path) -> None:
    again = changed(
        changed(BOTH, "Экз. № 3", "Экз. № 1"), "Ответ прошу", "Лист № 2\n\nПродолжение.\n\nОтвет прошу"
    )
    again = changed(again, "№ 77.", "Лист № 2\n\n№ 77.")
    made = made_of(fresh.known, tmp_path, one=again).in_memory()
    assert [row["page_number"] for row in made.rows("pages")].count(2) == 2
    assert [row["copy_number"] for row in made.rows("recipients")].count(1) == 2
    failed = {check.id: judge(check, made) for check in checks.CHECKS if check.on_values}
    assert {name: one.findings for name, one in failed.items() if one.outcome is Outcome.FAILED} == {}


# Only the translation prints numbers of sheets; the header of one is missing.
SHEETS = changed(changed(TRANSLATION, "by wire", "Sheet N° 2\n\nby wire"), "N° 77", "Sheet N° 5\n\nN° 77")


@pytest.mark.parametrize(
    ("export_", "kinds"),
    [
        (export(ORIGINAL, SHEETS), {"sheet_missing"}),
        (export(SHEETS), {"sheet_missing"}),
        (export(ORIGINAL, changed(SHEETS, "Sheet N° 5", "attachment on two sheets")), {"sheets_differ"}),
    ],
)
def test_sheets_may_stand_in_the_translation_alone(
    export_: str, kinds: set[str], fresh: Fresh, tmp_path: Path
) -> None:
    made = made_of(fresh.known, tmp_path, one=export_).in_memory()
    assert made.rows("pages")
    about = [row for row in made.rows("doubts") if row["kind"].startswith("sheet")]
    assert {(row["kind"], row["side"]) for row in about} == {(kind, "translation") for kind in kinds}
    failed = {check.id: judge(check, made) for check in checks.CHECKS if check.on_values}
    assert {name: one.findings for name, one in failed.items() if one.outcome is Outcome.FAILED} == {}


def test_what_a_person_emptied_need_not_follow_from_other_cells(fresh: Fresh, tmp_path: Path) -> None:
    shutil.copytree(inputs.Places().curation, tmp_path / "curation")
    with (tmp_path / "curation" / "cells.csv").open("a", encoding="utf-8") as cells:
        cells.write("119402,events,r119402-typed-1,texts_agree,false,,The year is a slip.\n")
    given = inputs.read(inputs.Places(curation=tmp_path / "curation"))
    damage.write(Fresh(fresh.known, given, builder.build(given)).files, tmp_path / "out")
    package = loaded.load(tmp_path / "out", fresh.known)
    assert None in [row["texts_agree"] for row in package.rows("events") if row["event_type"] == "typed"]
    assert [one.id for one in quick() if judge(one, package).outcome is Outcome.FAILED] == []


@pytest.mark.parametrize("lines", ["5,", "five,six"])
def test_decisions_that_cannot_be_used_are_told_once_and_break_no_check(
    lines: str, fresh: Fresh, tmp_path: Path
) -> None:
    path = "data/curation/entity_forms.csv"
    form = f"119402,r119402-e-shtykov,original,{lines},ШТЫКОВ\n".encode()
    damage.write({**fresh.files, path: fresh.files[path] + form}, tmp_path)
    package = loaded.load(tmp_path, fresh.known)
    outcomes = {check.id: judge(check, package).outcome for check in quick()}
    assert outcomes["authored-inputs"] is Outcome.FAILED
    assert {outcomes["names-all-marked"], outcomes["names-decided"]} == {Outcome.NOT_RUN}


def test_another_polars_compares_a_rebuild_by_value(fresh: Fresh, whole: Path, tmp_path: Path) -> None:
    known = Damage({"locked": "0.0.0"}).repository(fresh.known)
    recompressed = fresh.made.frames["lines"]
    damage.write(fresh.files, tmp_path)
    recompressed.write_parquet(tmp_path / "data/parquet/lines.parquet", compression="gzip")
    package = loaded.load(tmp_path, known)
    assert judge(BY_ID["rebuild"], package).findings == ()
    assert judge(BY_ID["rebuild"], loaded.load(tmp_path, fresh.known)).findings


GARBAGE: dict[str, Callable[[Path], object]] = {
    "no descriptor": lambda folder: (folder / "datapackage.json").unlink(),
    "a descriptor that is a list": lambda folder: (folder / "datapackage.json").write_text("[1, 2]"),
    "a descriptor of nothing": lambda folder: (folder / "datapackage.json").write_text("{}"),
    "resources that are none": lambda folder: (folder / "datapackage.json").write_text(
        '{"resources": [1, null, {"path": 3}, {"path": ["a"]}, {"path": "x", "schema": {"fields": 1}}]}'
    ),
    "half of a character": lambda folder: (folder / "datapackage.json").write_text(
        '{"name": "\\ud800", "\\ud800": 1, "resources": [{"path": "\\ud800"}]}'
    ),
    "a file with a name in no encoding": lambda folder: Path(
        os.fsdecode(os.fsencode(folder / "data/csv") + b"/\xff.csv")
    ).write_text("a"),
    "a descriptor cut short": lambda folder: _cut(folder / "datapackage.json"),
    "a path that leads out": lambda folder: _leads_out(folder, "../outside.csv"),
    "an absolute path": lambda folder: _leads_out(folder, "/etc/passwd"),
    "a path in the net": lambda folder: _leads_out(folder, "http://localhost:1/lines.csv"),
    "bytes that are not UTF-8": lambda folder: (folder / "data/csv/lines.csv").write_bytes(
        b"\xff\xfe\x00\x01"
    ),
    "a CSV of nothing": lambda folder: (folder / "data/csv/lines.csv").write_bytes(b""),
    "a CSV with an open quote": lambda folder: (folder / "data/csv/lines.csv").write_bytes(b'record_id\n"a'),
    "a CSV with other columns": lambda folder: (folder / "data/csv/lines.csv").write_bytes(b"a,b\n1,2\n"),
    "a number too large": lambda folder: _swap(
        folder / "data/csv/lines.csv", b"119402,1,", b"119402,99999999999,"
    ),
    "no records": lambda folder: (folder / "data/csv/records.csv").unlink(),
    "no tables at all": lambda folder: shutil.rmtree(folder / "data/csv"),
    "a Parquet file of noise": lambda folder: (folder / "data/parquet/lines.parquet").write_bytes(
        bytes(range(256))
    ),
    "a Parquet file cut short": lambda folder: _cut(folder / "data/parquet/lines.parquet"),
    "a Parquet file of another table": lambda folder: (folder / "data/parquet/lines.parquet").write_bytes(
        (folder / "data/parquet/pages.parquet").read_bytes()
    ),
    "JSON that is a number": lambda folder: (folder / "data/json/119402.json").write_text("7"),
    "JSON with deep nesting": lambda folder: (folder / "data/json/119402.json").write_text("[" * 100_000),
    "JSON with other keys": lambda folder: (folder / "data/json/119402.json").write_text(
        '{"spans": [{"a": [1]}]}'
    ),
    "a source that is a folder": lambda folder: _as_folder(folder / "data/raw/119402.txt"),
    "a link out of the package": lambda folder: _as_link(folder / "data/csv/pages.csv"),
    "a folder that is a file": lambda folder: _as_file(folder / "data/parquet"),
    "package.toml that is none": lambda folder: (folder / "package.toml").write_text("= ="),
    "a vocabulary with a bad pattern": lambda folder: _swap(folder / "data/vocabulary/cues.csv", b"(", b"(("),
    "a schema that is none": lambda folder: (folder / "schemas/tables/lines.json").write_text("{"),
}


# What the checks that take their time are shown besides: damage that only they read.
ALSO = {
    "a Parquet file of noise": {"frictionless"},
    "a path in the net": {"frictionless"},
    "resources that are none": {"frictionless"},
    "a vocabulary with a bad pattern": {"rebuild"},
    "package.toml that is none": {"rebuild"},
    "a schema that is none": {"rebuild"},
    "a source that is a folder": {"rebuild"},
}


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _swap(path: Path, old: bytes, new: bytes) -> None:
    path.write_bytes(path.read_bytes().replace(old, new, 1))


def _as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _as_file(path: Path) -> None:
    for one in path.iterdir():
        one.unlink()
    path.rmdir()
    path.write_text("a file")


def _as_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/passwd")


def _leads_out(folder: Path, path: str) -> None:
    described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    described["resources"][0]["path"] = path
    (folder / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")


@pytest.mark.parametrize("what", sorted(GARBAGE))
def test_whatever_lies_in_the_folder_becomes_a_finding_and_breaks_nothing(
    what: str, fresh: Fresh, tmp_path: Path
) -> None:
    damage.write(fresh.files, tmp_path)
    GARBAGE[what](tmp_path)
    package = loaded.load(tmp_path, fresh.known)
    wanted = [check for check in checks.CHECKS if check.id not in SLOW - ALSO.get(what, set())]
    found = [judge(check, package) for check in wanted]
    assert any(one.outcome is Outcome.FAILED for one in found)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_value_of_a_cell_breaks_a_check(fresh: Fresh, data: st.DataObject) -> None:
    table = data.draw(st.sampled_from(fresh.known.tables))
    frame = fresh.made.frames[table.name]
    column = data.draw(st.sampled_from(table.columns))
    row = data.draw(st.integers(0, frame.height - 1))
    values = {
        pl.String: st.text(max_size=20) | st.sampled_from(["", "(", "*", "x" * 300, "1950", "original"]),
        pl.Int32: st.sampled_from([-(2**31), -1, 0, 1, 60, 2**31 - 1]),
        pl.Boolean: st.booleans(),
    }
    value = data.draw(st.none() | values.get(table.polars[column], st.floats(0, 1)))
    changed = mutants.with_cell(frame, row, column, value)
    package = fresh.in_memory().with_sheet(loaded.Sheet(table, changed))
    for check in checks.CHECKS:
        if check.on_values:
            judge(check, package)


# --- the command -------------------------------------------------------------------------------------


def run(arguments: Sequence[str | Path], cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, VALIDATE, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        check=False,
    )


def test_the_command_tells_every_verdict_and_writes_them_as_json(whole: Path, tmp_path: Path) -> None:
    done = run([whole, "--json", tmp_path / "verdicts.json"], tmp_path)
    told = json.loads((tmp_path / "verdicts.json").read_text(encoding="utf-8"))
    failed = {one["check"]: one["findings"][:3] for one in told["checks"] if one["verdict"] == "failed"}
    assert (done.returncode, done.stderr, failed) == (0, "", {})
    assert [one["check"] for one in told["checks"]] == [check.id for check in checks.CHECKS]
    assert all(check.id in done.stdout for check in checks.CHECKS)


def test_the_command_fails_for_errors_without_a_traceback_or_a_control_character(
    fresh: Fresh, tmp_path: Path
) -> None:
    harm = Damage(
        {
            "cell": [
                {
                    "table": "senders",
                    "row": {"name_translation": "SHTYKOV"},
                    "column": "name_translation",
                    "value": "\x1b[2J\x07[bold]",
                }
            ]
        }
    )
    damage.write(harm.files(fresh.files, fresh.made.frames), tmp_path)
    os.rename(tmp_path / "data/json/119402.json", tmp_path / "data/json/\x1b[31m.json")
    done = run([tmp_path], tmp_path)
    assert done.returncode == 1
    assert "data/csv/senders.csv:2: readings-say" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert not {one for one in done.stdout + done.stderr if not one.isprintable() and one != "\n"}


@pytest.mark.parametrize(("arguments", "status"), [(["nowhere"], 1), (["--such"], 2), (["a", "b"], 2)])
def test_the_command_tells_wrong_usage_from_a_bad_package(
    arguments: list[str], status: int, tmp_path: Path
) -> None:
    done = run(arguments, tmp_path)
    assert done.returncode == status
    assert "Traceback" not in done.stdout + done.stderr
