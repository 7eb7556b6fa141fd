"""What many tests share: the vocabulary, and a reader that knows no decisions."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import settings

from building import of_the_first
from cables import curation, inputs, package, reading
from cables.curation import Decisions
from cables.inputs import Inputs, Places
from cables.package import Build
from cables.reading import Reading
from cables.vocabulary import Vocabulary

# How long an example takes is no property of the code; on a busy machine it is anything. Before a change is
# taken over every run has the same examples, so that one that fails comes back; a person gets new ones.
settings.register_profile("cables", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("cables")

Read = Callable[..., Reading]

# No person has decided anything.
UNDECIDED = Decisions({})


@pytest.fixture(scope="session")
def given() -> Inputs:
    """The inputs of this repository."""
    return inputs.read(Places())


@pytest.fixture(scope="session")
def vocabulary(given: Inputs) -> Vocabulary:
    """The vocabulary of this repository."""
    return given.vocabulary


@pytest.fixture(scope="session")
def read(vocabulary: Vocabulary) -> Read:
    """Reads an export through all stages, without curation; its record is called `one` unless told."""

    def read_one(source: str | bytes, record_id: str = "one") -> Reading:
        data = source.encode() if isinstance(source, str) else source
        return reading.read(f"{record_id}.txt", data, record_id, vocabulary, UNDECIDED)

    return read_one


@pytest.fixture(scope="session")
def build(given: Inputs) -> Build:
    """This repository's package of its first record, built in memory."""
    return package.build(of_the_first(given))


@pytest.fixture(scope="session")
def bare_build(given: Inputs) -> Build:
    """The same with header-only curation: the machine's reading alone."""
    return package.build(replace(of_the_first(given), curation=dict.fromkeys(curation.TABLES, ())))
