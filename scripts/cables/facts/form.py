"""What every kind of fact needs to know of its record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cables import ids
from cables.facts.findings import Finding, language_of
from cables.facts.rows import inferred
from cables.model import Cell, Paragraph, Side
from cables.record import Record
from cables.vocabulary import FormField, Vocabulary


@dataclass(frozen=True, slots=True)
class Form:
    """A record with its paragraphs and the form fields found in them."""

    record: Record
    paragraphs: Sequence[Paragraph]
    vocabulary: Vocabulary
    findings: Sequence[Finding]

    def row_id(self, suffix: str) -> str:
        """An id of this record."""
        return ids.of_record(self.record.record_id, suffix)

    def where(self, wanted: Callable[[FormField], object]) -> list[Finding]:
        """The findings whose field is wanted, in the order of their lines."""
        return [one for one in self.findings if wanted(one.field)]

    def named(self, *names: str) -> list[Finding]:
        """The findings of the fields with these names, in the order of their lines."""
        return self.where(lambda field: field.name in names)

    def language(self, side: Side) -> str | None:
        """The language of a text; None where it is not known."""
        return language_of(self.record, side)

    @property
    def document(self) -> str:
        """The id of the record's own document."""
        return ids.document(self.record.record_id)

    @property
    def enclosure(self) -> str | None:
        """The id of the enclosed document, where there is one."""
        return ids.enclosure(self.record.record_id) if any(one.letter for one in self.paragraphs) else None

    def document_cell(self, letter: bool = False) -> Cell:
        """Which document a fact belongs to: what is said of the letter, to the enclosed one."""
        enclosure = self.enclosure
        if letter and enclosure:
            return inferred(enclosure, "said of the enclosed document")
        return inferred(self.document, "stands on the form of the document")
