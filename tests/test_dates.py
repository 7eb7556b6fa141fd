"""Dates and times are read as printed; what no calendar and no clock has stays empty."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cables import dates
from cables.vocabulary import Vocabulary

DAYS = st.dates(datetime.date(1900, 1, 1), datetime.date(1999, 12, 31))
TIMES = st.times()
ROMAN = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]
RUSSIAN = ["января", "февраля", "марта", "апреля", "мая", "июня"]
RUSSIAN += ["июля", "августа", "сентября", "октября", "ноября", "декабря"]
SHORT = ["янв", "февр", "марта", "апр", "мая", "июня", "июля", "авг", "сент", "окт", "нояб", "дек"]
ENGLISH = ["January", "February", "March", "April", "May", "June"]
ENGLISH += ["July", "August", "September", "October", "November", "December"]

FORMS = {
    "30.9.50": lambda d: f"{d.day}.{d.month}.{d:%y}",
    "30.09.1950": lambda d: f"{d:%d.%m}.{d.year}",
    "30.IX.50": lambda d: f"{d.day}.{ROMAN[d.month - 1]}.{d:%y}",
    "30/9/1950": lambda d: f"{d.day}/{d.month}/{d.year}",
    "30/9 1950 г.": lambda d: f"{d.day}/{d.month} {d.year} г.",
    "30/IX 1950": lambda d: f"{d.day}/{ROMAN[d.month - 1]} {d.year}",
    "30 сентября 1950 г.": lambda d: f"{d.day} {RUSSIAN[d.month - 1]} {d.year} г.",
    "30 сент. 1950 г.": lambda d: f"{d.day} {SHORT[d.month - 1]}. {d.year} г.",
    "24/9-50": lambda d: f"{d.day}/{d.month}-{d:%y}",
    "30 September 1950": lambda d: f"{d.day} {ENGLISH[d.month - 1]} {d.year}",
    "September 30, 1950": lambda d: f"{ENGLISH[d.month - 1]} {d.day}, {d.year}",
}
CLOCKS = {
    "20.35": lambda t: f"{t.hour}.{t.minute:02d}",
    "20:35": lambda t: f"{t.hour:02d}:{t.minute:02d}",
    "20-35": lambda t: f"{t.hour}-{t.minute:02d}",
    "20 час. 35 мин.": lambda t: f"{t.hour} час. {t.minute} мин.",
    "20 ч. 35 м.": lambda t: f"{t.hour} ч. {t.minute} м.",
    "20h35": lambda t: f"{t.hour}h{t.minute:02d}",
    "2035": lambda t: f"{t.hour:02d}{t.minute:02d}",
    "8:35 p.m.": lambda t: f"{t.hour % 12 or 12}:{t.minute:02d} {'p' if t.hour > 11 else 'a'}.m.",
}


@pytest.mark.parametrize("form", FORMS)
@given(day=DAYS)
def test_a_printed_day_is_read_again(vocabulary: Vocabulary, form: str, day: datetime.date) -> None:
    printed = dates.when(FORMS[form](day), vocabulary, century_of=1950).date
    assert printed is not None
    assert printed.edtf() == day.isoformat()


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("form", FORMS)
@given(day=DAYS, time=TIMES)
def test_day_and_time_are_read_in_either_order(
    vocabulary: Vocabulary, form: str, clock: str, day: datetime.date, time: datetime.time
) -> None:
    printed_day, printed_time = FORMS[form](day), CLOCKS[clock](time)
    for text in (f"{printed_day} {printed_time}", f"{printed_time} {printed_day}"):
        when = dates.when(text, vocabulary, century_of=1950)
        assert when.date is not None and when.time is not None
        assert when.date.edtf() == day.isoformat()
        assert when.time.hhmm() == f"{time:%H:%M}"
        assert not when.figures_left


@given(year=st.integers(1900, 1999), month=st.integers(1, 99), day=st.integers(0, 99))
def test_an_impossible_day_is_never_rolled_over(
    vocabulary: Vocabulary, year: int, month: int, day: int
) -> None:
    printed = dates.when(f"{day}.{month}.{year}", vocabulary).date
    assert printed is not None
    try:
        expected: str | None = datetime.date(year, month, day).isoformat()
    except ValueError:
        expected = None
    assert printed.edtf() == expected
    assert printed.impossible is (expected is None)


@given(hour=st.integers(0, 99), minute=st.integers(0, 99))
def test_an_impossible_time_is_never_rolled_over(vocabulary: Vocabulary, hour: int, minute: int) -> None:
    printed = dates.when(f"3.2.51 {hour:02d}.{minute:02d}", vocabulary).time
    assert printed is not None
    possible = hour < 24 and minute < 60
    assert printed.hhmm() == (f"{hour:02d}:{minute:02d}" if possible else None)
    assert printed.impossible is not possible


def test_a_day_without_a_year_takes_none_by_itself(vocabulary: Vocabulary) -> None:
    printed = dates.when("3.2 22.15", vocabulary).date
    assert printed is not None
    assert printed.edtf() is None
    assert printed.edtf(1951) == "1951-02-03"


@pytest.mark.parametrize(
    "text", ["30.9. 23.32", "30.IX. 23.32", "at 11:32 p.m. September 30", "September 30 2332"]
)
def test_a_day_and_month_without_a_year_are_read_beside_a_time(vocabulary: Vocabulary, text: str) -> None:
    when = dates.when(text, vocabulary)
    assert when.date is not None and when.time is not None
    assert (when.date.edtf(1950), when.time.hhmm()) == ("1950-09-30", "23:32")


@pytest.mark.parametrize(
    ("text", "left"),
    [("3.2.51 в 14 час.", False), ("2330 30", True), ("3.2.51 10.00 /7/", True), ("yesterday", False)],
)
def test_figures_that_are_neither_date_nor_time_are_noticed(
    vocabulary: Vocabulary, text: str, left: bool
) -> None:
    assert dates.when(text, vocabulary).figures_left is left


def test_the_29th_of_february_depends_on_the_year(vocabulary: Vocabulary) -> None:
    printed = dates.when("29.2 10.00", vocabulary).date
    assert printed is not None
    assert not printed.impossible
    assert (printed.edtf(1952), printed.edtf(1951)) == ("1952-02-29", None)


def test_a_year_of_two_digits_is_read_near_the_year_of_the_record(vocabulary: Vocabulary) -> None:
    years = [dates.when("1.1.50", vocabulary, century_of=near).date for near in (1853, 1949, 2013)]
    assert [one.year for one in years if one] == [1850, 1950, 2050]


@pytest.mark.parametrize(
    ("text", "edtf"),
    [("1951", "1951"), ("September 1950", "1950-09"), ("no date", None), ("5 sheets 1951 г.", "1951")],
)
def test_no_more_is_given_than_is_printed(vocabulary: Vocabulary, text: str, edtf: str | None) -> None:
    printed = dates.when(text, vocabulary).date
    assert (printed.edtf() if printed else None) == edtf


def test_a_word_that_is_no_month_makes_no_date(vocabulary: Vocabulary) -> None:
    assert list(dates.dates("4 листах 1950, 3 copies 1951", vocabulary)) == []


def test_a_running_text_gives_its_dates_in_order_and_once(vocabulary: Vocabulary) -> None:
    text = "Между 16.9.1950г. и 3 февраля 1951 г. прошло время, до March 5, 1951 тоже."
    found = [one.edtf() for one in dates.dates(text, vocabulary)]
    assert found == ["1950-09-16", "1951-02-03", "1951-03-05"]
