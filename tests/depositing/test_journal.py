"""The journal: on disk before the next request leaves."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cables.deposit.journal import Entry, Journal, Mark, open_journal, read_journal
from cables.deposit.servers import Server
from cables.protocol.steps import (
    Step,
)
from depositing.bench import (
    Bench,
    all_steps,
)

EVENTS = st.lists(
    st.builds(
        Entry,
        mark=st.sampled_from(Mark),
        server=st.sampled_from(Server),
        package=st.text(min_size=1, max_size=8),
        version=st.text(min_size=1, max_size=8),
        step=st.none() | st.sampled_from(Step),
        record=st.text(max_size=8),
        file=st.text(max_size=8),
    ),
    max_size=6,
)


@given(EVENTS, st.data())
@settings(deadline=None)
def test_a_journal_cut_at_any_byte_keeps_every_whole_line(
    tmp_path_factory: pytest.TempPathFactory, entries: list[Entry], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("journal") / "deposit.jsonl"
    with open_journal(path) as journal:
        for entry in entries:
            journal.write(entry)
    assert read_journal(path) == tuple(entries)
    content = path.read_bytes()
    cut = data.draw(st.integers(0, len(content)))
    path.write_bytes(content[:cut])
    kept = tuple(entries[: content[:cut].count(b"\n")])
    assert read_journal(path) == kept
    last = Entry(Mark.BEGUN, Server.SANDBOX, "letters", "9")
    with open_journal(path) as journal:
        journal.write(last)
    assert read_journal(path) == (*kept, last)


def test_every_change_is_journalled_before_it_is_asked_for(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Journal.write
    order: list[str] = []

    def write(journal: Journal, entry: Entry) -> None:
        real(journal, entry)
        order.append(f"{entry.mark} {entry.step} {len(bench.world.seen)}")

    monkeypatch.setattr(Journal, "write", write)
    for prepare in all_steps(bench):
        bench.good(*prepare())
    for seen in bench.world.seen:
        if seen.method != "GET":
            assert f"begun {seen.step} {seen.number - 1}" in order


def test_every_line_is_on_disk_before_the_next_request_leaves(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[int, int]] = []
    monkeypatch.undo()
    real = os.fsync

    def fsync(handle: int) -> None:
        real(handle)
        synced.append((len(bench.world.seen), os.fstat(handle).st_size))

    monkeypatch.setattr("os.fsync", fsync)
    bench.good("--reserve")
    ends = [end for _, end in synced]
    whole = bench.journal.read_bytes()
    for seen in bench.world.seen:
        if seen.method != "GET":
            assert any(before == seen.number - 1 for before, _ in synced)
    lines = whole.splitlines(keepends=True)
    assert {sum(map(len, lines[:at])) for at in range(1, len(lines) + 1)} <= set(ends)


@pytest.mark.parametrize("place", ["/dev/full", "/dev/null", "."])
def test_a_journal_has_to_be_a_file(bench: Bench, place: str) -> None:
    for arguments in ([], ["--reserve"]):
        run = bench.run("--journal", place, *arguments)
        assert run.code == 1 and f"{place}: " in run.err and "journal" in run.err
    assert bench.world.seen == []


def test_a_second_run_at_the_same_time_is_refused(bench: Bench) -> None:
    with open_journal(bench.journal):
        run = bench.run("--reserve")
    assert run.code == 1 and "another deposit is running" in run.err
    assert bench.world.seen == []


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"mark": "done"}', '{"mark": "x", "server": "sandbox", "version": "1"}', '{"a": 1}']
)
def test_a_line_that_is_none_of_the_journals_is_named(bench: Bench, line: str) -> None:
    good = '{"mark": "begun", "server": "sandbox", "package": "letters", "version": "1"}'
    bench.journal.write_text(f"{good}\n{line}\n")
    run = bench.run("--reserve")
    assert run.code == 1 and ".deposit.jsonl:2:" in run.err
    assert bench.world.seen == []
