"""The lines of the form of which no cue took every word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cables.facts.findings import Finding, grouped
from cables.facts.form import Form
from cables.facts.transmissions import number_of
from cables.model import Paragraph, Zone
from cables.paragraphs import text_of

FORM_ZONES = frozenset({Zone.FORM, Zone.MARKING, Zone.DISTRIBUTION})
WORD = re.compile(r"\w+")


def unread(form: Form) -> tuple[int, ...]:
    """The numbers of the lines of the form, the markings and the distribution list with a word unread."""
    found = grouped(form.findings, lambda one: one.paragraph.paragraph_id)
    numbers = {
        line
        for paragraph in form.paragraphs
        if paragraph.zone in FORM_ZONES
        for line in _unread_lines(form, paragraph, found.get(paragraph.paragraph_id, ()))
    }
    return tuple(sorted(numbers))


def _unread_lines(form: Form, paragraph: Paragraph, findings: Sequence[Finding]) -> Iterator[int]:
    text = text_of(paragraph, form.record)
    taken = [one.match.span() for one in findings if not _counts_nothing(form, one)]
    for word in WORD.finditer(text.folded.text):
        if not any(start <= word.start() and word.end() <= end for start, end in taken):
            yield from (place.line for place in text.matched(*word.span()))


def _counts_nothing(form: Form, finding: Finding) -> bool:
    """Whether a count stands there in a word that is no number known."""
    return finding.has("count") and number_of(finding.match["count"], form.vocabulary) is None
