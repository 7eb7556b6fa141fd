"""Every kind of fact that a record holds."""

from __future__ import annotations

from collections.abc import Sequence

from cables.facts import enclosed
from cables.facts.documents import documents
from cables.facts.events import events
from cables.facts.findings import find
from cables.facts.form import Form
from cables.facts.identifiers import identifiers
from cables.facts.recipients import recipients
from cables.facts.rows import Facts
from cables.facts.senders import senders
from cables.facts.times import all_dated
from cables.facts.transmissions import transmissions
from cables.facts.unread import unread
from cables.facts.witnesses import archival_references, witnesses
from cables.model import Paragraph
from cables.record import Record
from cables.vocabulary import Vocabulary


def read(record: Record, paragraphs: Sequence[Paragraph], vocabulary: Vocabulary) -> Facts:
    """All facts of a record, table by table, and the dates and times that cannot be.

    Nothing is refused: what the form does not say, or says in words that the vocabulary does not know, has
    no cell; the lines of the form that hold such words are told.
    """
    form = Form(record, paragraphs, vocabulary, tuple(find(record, paragraphs, vocabulary)))
    dated = all_dated(form)
    happened = events(form, dated)
    rows = (
        *documents(form, happened),
        *witnesses(form),
        *archival_references(form),
        *transmissions(form),
        *happened,
        *senders(form),
        *recipients(form),
        *identifiers(form),
    )
    of_times = (doubt for one in dated.values() for doubt in one.doubts())
    return Facts(rows, (*of_times, *enclosed.doubts(form)), unread(form))
