"""Printed dates and times → EDTF and HH:MM.

Nothing is rolled over or completed: a day that is none of the calendar, and an hour that is none of the
clock, stay as printed and have no value. No time zone is known.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from cables.vocabulary import Vocabulary

MONTH = r"(?P<month>\d{1,2}|[IVX]{1,4})"
NUMERIC = re.compile(rf"\b(?P<day>\d{{1,2}})[./-]{MONTH}[./-](?P<year>\d{{4}}|\d{{2}})(?!\d)(?:\s*г\.)?")
# As registers have it: 24/IX 1950 г.
REGISTER = re.compile(rf"\b(?P<day>\d{{1,2}})/{MONTH}\s+(?P<year>1[89]\d\d|20\d\d)(?!\d)(?:\s*г\.)?")
DAY_MONTH = re.compile(rf"\b(?P<day>\d{{1,2}})[./]{MONTH}(?=\s+\d)")
WORDED = re.compile(
    r"(?<!\d[.:])\b(?P<day>\d{1,2})\s+(?P<month>[^\W\d_]{3,})\.?(?:,?\s+(?P<year>\d{4}))?(?:\s*г\.)?"
)
AMERICAN = re.compile(r"\b(?P<month>[^\W\d_]{3,})\.?\s+(?P<day>\d{1,2})(?:,\s*(?P<year>\d{4}))")
MONTH_YEAR = re.compile(r"\b(?P<month>[^\W\d_]{3,})\.?,?\s+(?P<year>1[89]\d\d|20\d\d)\b(?:\s*г\.)?")
YEAR = re.compile(r"\b(?P<year>1[89]\d\d|20\d\d)\b(?:\s*г\.)?")
CLOCK = re.compile(
    r"\b(?P<hour>\d{1,2})[.:](?P<minute>\d{2})\b(?:\s*(?P<half>[ap])\.?m\b\.?)?", re.IGNORECASE
)
HOUR = re.compile(r"\b(?P<hour>\d{1,2})\s*(?P<half>[ap])\.?m\b\.?", re.IGNORECASE)
COMPACT = re.compile(r"\b(?P<hour>\d{2})(?P<minute>\d{2})\b")


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date as printed, from `start` to `end` of the text searched; `year` None where none is printed."""

    start: int
    end: int
    year: int | None
    month: int | None
    day: int | None

    def edtf(self, year: int | None = None) -> str | None:
        """The day (or month, or year) in EDTF; None where no year is known or no calendar has such a day.

        `year` is the one to take where none is printed.
        """
        known = self.year if self.year is not None else year
        if known is None:
            return None
        if self.month is None:
            return f"{known:04d}"
        if self.day is None:
            return f"{known:04d}-{self.month:02d}"
        try:
            return datetime.date(known, self.month, self.day).isoformat()
        except ValueError:
            return None

    @property
    def impossible(self) -> bool:
        """Whether the calendar has no such day, in whatever year."""
        return self.month is not None and self.edtf(2000) is None


@dataclass(frozen=True, slots=True)
class PrintedTime:
    """A time of day as printed, from `start` to `end` of the text searched."""

    start: int
    end: int
    hour: int
    minute: int

    @property
    def impossible(self) -> bool:
        """Whether no clock shows it."""
        return self.hour > 23 or self.minute > 59

    def hhmm(self) -> str | None:
        """The time as HH:MM; None where no clock shows it."""
        return None if self.impossible else f"{self.hour:02d}:{self.minute:02d}"


@dataclass(frozen=True, slots=True)
class When:
    """The date and the time of day that a stretch of text gives."""

    date: PrintedDate | None
    time: PrintedTime | None


def dates(text: str, vocabulary: Vocabulary, century_of: int | None = None) -> Iterator[PrintedDate]:
    """All complete dates of a running text, in order: those with a day, a month and a year.

    A year of two digits is read in the century that brings it nearest to `century_of`.
    """
    found: dict[int, PrintedDate] = {}
    for pattern in (NUMERIC, REGISTER, WORDED, AMERICAN):
        for match in pattern.finditer(text):
            date = _date(match, vocabulary, century_of)
            if (
                date
                and date.year is not None
                and not any(one.start < date.end and date.start < one.end for one in found.values())
            ):
                found[date.start] = date
    yield from (found[start] for start in sorted(found))


def when(text: str, vocabulary: Vocabulary, century_of: int | None = None) -> When:
    """Date and time in what a form field prints; either may come first or be missing."""
    date = _first_date(text, vocabulary, century_of)
    rest = text if date is None else _without(text, date.start, date.end)
    return When(date, _time(rest))


def _first_date(text: str, vocabulary: Vocabulary, century_of: int | None) -> PrintedDate | None:
    for pattern in (NUMERIC, REGISTER, WORDED, AMERICAN, DAY_MONTH, MONTH_YEAR, YEAR):
        for match in pattern.finditer(text):
            if date := _date(match, vocabulary, century_of):
                return date
    return None


def _date(match: re.Match[str], vocabulary: Vocabulary, century_of: int | None) -> PrintedDate | None:
    groups = match.groupdict()
    month = _month(groups["month"], vocabulary) if groups.get("month") else None
    if groups.get("month") and month is None:
        return None
    day = int(groups["day"]) if groups.get("day") else None
    printed = groups.get("year")
    short = printed is not None and len(printed) == 2
    year = None if printed is None else _year(int(printed), short, century_of)
    return PrintedDate(match.start(), match.end(), year, month, day)


def _month(word: str, vocabulary: Vocabulary) -> int | None:
    return int(word) if word.isdecimal() else vocabulary.months.get(word.casefold())


def _year(printed: int, short: bool, century_of: int | None) -> int:
    if not short:
        return printed
    near = century_of if century_of is not None else 1950
    candidates = [printed + century for century in (1800, 1900, 2000)]
    return min(candidates, key=lambda year: abs(year - near))


def _without(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]


def _time(text: str) -> PrintedTime | None:
    for pattern in (CLOCK, HOUR, COMPACT):
        if match := pattern.search(text):
            groups = match.groupdict()
            hour = _hour(int(groups["hour"]), groups.get("half"))
            return PrintedTime(match.start(), match.end(), hour, int(groups.get("minute") or 0))
    return None


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    return hour % 12 + (12 if half.casefold() == "p" else 0)
