"""The date and the time that a finding prints, with the year that an earlier line gives it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cables import dates
from cables.facts.catalogue import century_of
from cables.facts.findings import SIDES, Finding
from cables.facts.form import Form
from cables.facts.rows import inferred
from cables.model import Basis, Cell, Doubt, Place

WHEN = "when"


@dataclass(frozen=True, slots=True)
class Year:
    """A year that is printed, and the date it is printed in."""

    year: int
    place: Place


@dataclass(frozen=True, slots=True)
class Dated:
    """What one text says of an event's time.

    `before` is the year of the dated line before it in the same text: a date without a year takes it over.
    """

    finding: Finding
    printed: dates.When
    before: Year | None

    @property
    def date(self) -> str | None:
        """The date in EDTF; None where none is printed, no year is known or no calendar has such a day."""
        if self.printed.date is None:
            return None
        return self.printed.date.edtf(self.before.year if self.before else None)

    @property
    def time(self) -> str | None:
        """The time as HH:MM; None where none is printed, or none that a clock shows."""
        return self.printed.time.hhmm() if self.printed.time else None

    @property
    def date_places(self) -> tuple[Place, ...]:
        """Where the date is printed."""
        return self._places(self.printed.date)

    @property
    def time_places(self) -> tuple[Place, ...]:
        """Where the time is printed."""
        return self._places(self.printed.time)

    def _places(self, printed: dates.PrintedDate | dates.PrintedTime | None) -> tuple[Place, ...]:
        if printed is None:
            return ()
        start = self.finding.match.start(WHEN)
        return self.finding.text.matched(start + printed.start, start + printed.end)

    @property
    def year(self) -> Year | None:
        """The year that it prints itself."""
        date, places = self.printed.date, self.date_places
        if date is None or date.year is None or self.date is None or not places:
            return None
        return Year(date.year, places[0])

    def date_cells(self) -> dict[str, Cell]:
        """The columns that hold the date and on what it rests; none where there is no date."""
        if self.date is None or self.printed.date is None:
            return {}
        if self.printed.date.year is None and self.before:
            taken = self.before.place
            reason = f"the year is taken over from line {taken.line}"
            date = inferred(self.date, reason, *self.date_places, taken)
            year = inferred(Basis.INFERRED.value, reason, taken)
        else:
            date = Cell(self.date, self.date_places)
            year = Cell(Basis.READ.value, self.date_places)
        return {
            "date_edtf": date,
            "date_basis": Cell(Basis.READ.value, self.date_places),
            "year_basis": year,
        }

    def time_cells(self) -> dict[str, Cell]:
        """The columns that hold the time and on what it rests; none where there is no time."""
        if self.time is None:
            return {}
        return {
            "time": Cell(self.time, self.time_places),
            "clock_basis": Cell(Basis.READ.value, self.time_places),
        }

    def doubts(self) -> Iterator[Doubt]:
        """A day that is none of the calendar, a time that is none of the clock, figures that are neither."""
        date, time = self.printed.date, self.printed.time
        if date and (date.impossible or (self.before and self.date is None)):
            yield self._doubt("date_impossible", "no such day in the calendar; the date stays empty")
        if time and time.impossible:
            yield self._doubt("time_impossible", "no such time of day; the time stays empty")
        if self.printed.figures_left:
            kind = "time_unread" if date and not time else "date_unread"
            yield self._doubt(kind, "some of the figures could not be read as a date or a time")

    def _doubt(self, kind: str, message: str) -> Doubt:
        one = self.finding
        return Doubt(
            kind, one.line, one.line, one.side.value, one.match[WHEN], f"{one.field.label}: {message}"
        )


def all_dated(form: Form) -> dict[Finding, Dated]:
    """Date and time of every finding that prints any; a missing year from the dated line before it."""
    century = century_of(form.record, form.vocabulary)
    found: dict[Finding, Dated] = {}
    for side in SIDES:
        before: Year | None = None
        for one in form.findings:
            if one.side is side and one.has(WHEN):
                printed = dates.when(one.match[WHEN], form.vocabulary, century)
                found[one] = Dated(one, printed, before)
                before = found[one].year or before
    return found


def agreement(original: Dated, translation: Dated) -> Cell | None:
    """Whether the dates and times that both texts give are the same; None where no two can be compared.

    A month agrees with a day in it.
    """
    both = ((original.date, translation.date), (original.time, translation.time))
    given = [(one, other) for one, other in both if one and other]
    if not given:
        return None
    agree = all(one.startswith(other) or other.startswith(one) for one, other in given)
    places = [place for one in (original, translation) for place in (*one.date_places, *one.time_places)]
    return inferred(agree, "the dates and times that both texts give are compared", *places)
