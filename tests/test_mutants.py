"""Damage in every table: a seeded sample of what scripts/mutants.py does at length."""

from __future__ import annotations

import random
from collections import Counter

import pytest

import damage
from cables.checks import mutants
from cables.checks.mutants import Bench, Found, Kind
from damage import Fresh

SEED = 600308
SAMPLE = 150
# What no check can know, as it follows from nothing in the package: prose, and how much a pair weighs.
KNOWN_TO_THE_REBUILD_ALONE = 0.03


@pytest.fixture(scope="module")
def fresh() -> Fresh:
    return damage.fresh()


@pytest.fixture(scope="module")
def bench(fresh: Fresh) -> Bench:
    return mutants.bench(fresh.known, fresh.made, fresh.given.carried)


def test_mutants_are_of_every_kind_in_every_table_and_column(fresh: Fresh) -> None:
    frames = fresh.made.frames
    drawn = list(mutants.mutants(fresh.known, frames, 1, random.Random(SEED)))
    assert {one.kind for one in drawn} == set(Kind)
    changed = {one.name for one in drawn if one.kind is Kind.CHANGED}
    assert changed == {f"{table.name}.{column}" for table in fresh.known.tables for column in table.columns}
    assert not any(one.frame.equals(frames[one.table]) for one in drawn)


def test_a_sample_of_mutants_is_found_and_nearly_all_by_checks(fresh: Fresh, bench: Bench) -> None:
    chance = random.Random(SEED)
    drawn = chance.sample(list(mutants.mutants(fresh.known, fresh.made.frames, 2, chance)), SAMPLE)
    counts = Counter(one.found for one in mutants.survey(bench, drawn))
    assert counts[Found.NOT] == 0
    assert counts[Found.BY_REBUILD] <= SAMPLE * KNOWN_TO_THE_REBUILD_ALONE
    assert counts.total() == SAMPLE


def test_every_table_is_held_by_checks_of_its_own_values(bench: Bench, fresh: Fresh) -> None:
    # Constraints and keys are held for every table; what is said of one table in particular goes beyond them.
    general = {"constraints", "primary-keys", "foreign-keys", "ids", "row-order"}
    for table in fresh.known.tables:
        assert {check.id for check in bench.checks[table.name]} - general, table.name
