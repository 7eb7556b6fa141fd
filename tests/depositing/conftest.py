"""One server, and one process that waits for orders, for all tests of the deposit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from depositing.bench import (
    Bench,
    Nursery,
    new_bench,
)
from invenio.server import (
    InvenioServer,
    running,
)


@pytest.fixture(scope="session")
def invenio() -> Iterator[InvenioServer]:
    with running() as server:
        yield server


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no disk: only a machine that goes down could tell. A test of its own waits for one."""
    monkeypatch.setattr("os.fsync", os.fstat)


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture
def bench(tmp_path: Path, invenio: InvenioServer, nursery: Nursery) -> Bench:
    return new_bench(tmp_path, invenio, nursery)
