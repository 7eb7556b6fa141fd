"""Printed dates and times → EDTF and HH:MM.

Nothing is rolled over or completed: a day that is none of the calendar, and an hour that is none of the
clock, stay as printed and have no value. No time zone is known.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from cables.vocabulary import Markers, Patterns, Vocabulary

MONTH = r"(?P<month>\d{1,2}|[IVX]{1,4})"
NUMERIC = re.compile(rf"\b(?P<day>\d{{1,2}})[./-]{MONTH}[./-](?P<year>\d{{4}}|\d{{2}})(?!\d)")
# As registers have it: 24/IX 1950 г.
REGISTER = re.compile(rf"\b(?P<day>\d{{1,2}})/{MONTH}\s+(?P<year>1[89]\d\d|20\d\d)(?!\d)")
DAY_MONTH = re.compile(rf"\b(?P<day>\d{{1,2}})[./]{MONTH}(?=\.?\s+\d)")
WORDED = re.compile(r"(?<!\d[.:])\b(?P<day>\d{1,2})\s+(?P<month>[^\W\d_]{3,})\.?(?:,?\s+(?P<year>\d{4}))?")
AMERICAN = re.compile(r"\b(?P<month>[^\W\d_]{3,})\.?\s+(?P<day>\d{1,2})(?:,\s*(?P<year>\d{4}))")
MONTH_DAY = re.compile(r"\b(?P<month>[^\W\d_]{3,})\.?\s+(?P<day>\d{1,2})(?!\d|[.:-]\d)")
MONTH_YEAR = re.compile(r"\b(?P<month>[^\W\d_]{3,})\.?,?\s+(?P<year>1[89]\d\d|20\d\d)\b")
YEAR = re.compile(r"\b(?P<year>1[89]\d\d|20\d\d)\b")
CLOCK = re.compile(r"\b(?P<hour>\d{1,2})[.:](?P<minute>\d{2})\b")
HYPHENED_CLOCK = re.compile(r"\b(?P<hour>\d{1,2})-(?P<minute>\d{2})\b")
# A time only where a half of the day follows.
HOUR = re.compile(r"\b(?P<hour>\d{1,2})(?!\d)")
COMPACT = re.compile(r"\b(?P<hour>\d{2})(?P<minute>\d{2})\b")
# Hours and minutes each with its word; the words are the vocabulary's.
WORDED_CLOCK = re.compile(
    r"\b(?P<hour>\d{1,2})\s*(?P<hours>[^\W\d_]+)\.?"
    r"(?:\s*(?P<minute>\d{1,2})(?!\d)(?:\s*(?P<minutes>[^\W\d_]+)\.?)?)?"
)
FIGURE = re.compile(r"\d")


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
    """The date and the time of day that a stretch of text gives, and whether figures of it are left over."""

    date: PrintedDate | None
    time: PrintedTime | None
    figures_left: bool = False


def dates(text: str, vocabulary: Vocabulary, century_of: int | None = None) -> Iterator[PrintedDate]:
    """All complete dates of a running text, in order: those with a day, a month and a year.

    A year of two digits is read in the century that brings it nearest to `century_of`.
    """
    found: dict[int, PrintedDate] = {}
    for pattern in (NUMERIC, REGISTER, AMERICAN, WORDED):
        for match in pattern.finditer(text):
            date = _date(match, vocabulary, century_of)
            if (
                date
                and date.year is not None
                and not any(one.start < date.end and date.start < one.end for one in found.values())
            ):
                found[date.start] = date
    yield from (found[start] for start in sorted(found))


def times(text: str, vocabulary: Vocabulary) -> Iterator[PrintedTime]:
    """The times of a running text that are surely such: hour with minute, or with a half of the day."""
    for match in CLOCK.finditer(text):
        yield _halved(match, vocabulary.markers) or _printed_time(match)
    for match in HOUR.finditer(text):
        if halved := _halved(match, vocabulary.markers):
            yield halved


def when(text: str, vocabulary: Vocabulary, century_of: int | None = None) -> When:
    """Date and time in what a form field prints; either may come first or be missing."""
    date = _first_date(text, vocabulary, century_of)
    rest = text if date is None else _without(text, date.start, date.end)
    time = _time(rest, vocabulary)
    rest = rest if time is None else _without(rest, time.start, time.end)
    return When(date, time, FIGURE.search(rest) is not None)


def _first_date(text: str, vocabulary: Vocabulary, century_of: int | None) -> PrintedDate | None:
    for pattern in (NUMERIC, REGISTER, AMERICAN, WORDED, DAY_MONTH, MONTH_DAY, MONTH_YEAR, YEAR):
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
    near = century_of if century_of is not None else vocabulary.defaults.year
    year = None if printed is None else _year(int(printed), short, near)
    return PrintedDate(match.start(), _end(match, vocabulary.markers.year), year, month, day)


def _end(match: re.Match[str], markers: Patterns) -> int:
    """Where what was matched ends, a marker after it included."""
    rest = match.string[match.end() :]
    start = len(match.string) - len(rest.lstrip())
    found = (one.match(match.string, start) for one in markers)
    return next((one.end() for one in found if one), match.end())


def _month(word: str, vocabulary: Vocabulary) -> int | None:
    return int(word) if word.isdecimal() else vocabulary.months.get(word.casefold())


def _year(printed: int, short: bool, near: int) -> int:
    if not short:
        return printed
    candidates = [printed + century for century in (1800, 1900, 2000)]
    return min(candidates, key=lambda year: abs(year - near))


def _without(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]


def _time(text: str, vocabulary: Vocabulary) -> PrintedTime | None:
    if match := CLOCK.search(text):
        return _halved(match, vocabulary.markers) or _printed_time(match)
    for match in WORDED_CLOCK.finditer(text):
        if _says(match, "hours", vocabulary):
            return _worded_time(match, vocabulary)
    if match := HYPHENED_CLOCK.search(text):
        return _printed_time(match)
    for match in HOUR.finditer(text):
        if halved := _halved(match, vocabulary.markers):
            return halved
    if match := COMPACT.search(text):
        return _printed_time(match)
    return None


def _printed_time(match: re.Match[str]) -> PrintedTime:
    return PrintedTime(match.start(), match.end(), int(match["hour"]), int(match["minute"]))


def _worded_time(match: re.Match[str], vocabulary: Vocabulary) -> PrintedTime:
    """Hour and minute in words; a word that is none of the minutes belongs to what follows."""
    end = match.end() if _says(match, "minutes", vocabulary) else max(match.end("hours"), match.end("minute"))
    return PrintedTime(match.start(), end, int(match["hour"]), int(match["minute"] or 0))


def _says(match: re.Match[str], unit: str, vocabulary: Vocabulary) -> bool:
    return vocabulary.clock_words.get((match[unit] or "").casefold()) == unit


def _halved(match: re.Match[str], markers: Markers) -> PrintedTime | None:
    """The time of a clock of twelve hours; None where no half of the day follows."""
    hour, minute = int(match["hour"]), int(match.groupdict().get("minute") or 0)
    for half, hours in ((markers.before_noon, 0), (markers.after_noon, 12)):
        end = _end(match, half)
        if end > match.end():
            return PrintedTime(match.start(), end, hour % 12 + hours, minute)
    return None
