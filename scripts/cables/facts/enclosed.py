"""What is doubtful about an enclosed document."""

from __future__ import annotations

from collections.abc import Iterator

from cables.facts.findings import grouped
from cables.facts.form import Form
from cables.model import Doubt

# Where a field stands that tells of something enclosed.
OF_AN_ENCLOSURE = "prose"


def doubts(form: Form) -> Iterator[Doubt]:
    """A text that tells of an enclosure, where none is found: the first place in each text."""
    if form.enclosure is not None:
        return
    telling = form.where(lambda field: field.where == OF_AN_ENCLOSURE)
    for side, same in grouped(telling, lambda one: one.side).items():
        first, reach = same[0], same[0].paragraph
        words = first.cell()
        quote = str(words.value) if words else None
        message = f"{first.field.label}: nothing enclosed is found, so nothing is recorded of it"
        yield Doubt("enclosure_missing", reach.first_line, reach.last_line, side.value, quote, message)
