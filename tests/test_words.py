"""Words that must not stand in a release are found, and this repository has none of them."""

from __future__ import annotations

import pytest

from cables.checks.fair import words
from releasing import REPOSITORY, kept


def test_nothing_in_this_repository_looks_like_a_secret() -> None:
    found = [
        (path, number, said)
        for path in kept()
        if not path.endswith((".parquet", ".zip"))
        for number, said in words.secrets(path, (REPOSITORY / path).read_bytes())
    ]
    assert found == []


@pytest.mark.parametrize(("word", "is_found"), [("secret", False), ("secrets", True), ("tr0ub4dor", True)])
def test_an_address_with_a_password_is_found_unless_it_is_the_word_for_one(word: str, is_found: bool) -> None:
    address = f"https://me:{word}@zenodo.org/".encode()
    assert bool(list(words.secrets("scripts/one.py", address))) is is_found
