"""What happened to a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cables.facts.findings import Finding, Said, grouped, in_order
from cables.facts.form import Form
from cables.facts.rows import Fact, cells, inferred
from cables.facts.times import Dated, agreement
from cables.facts.transmissions import transmission_cell
from cables.model import Basis, Cell

# Where a field stands that speaks of the letter, and not of the document which encloses it.
OF_THE_LETTER = ("letter", "prose")


def events(form: Form, dated: Mapping[Finding, Dated]) -> list[Fact]:
    """A row an event; those of one type are matched by their order."""
    found = [one for one in form.where(lambda field: field.event_type) if _concerns(form, one)]
    happened = [
        (said.first.field, _event(form, f"{event_type}-{number}", said, dated))
        for event_type, same in grouped(found, lambda one: one.field.event_type).items()
        for number, said in enumerate(in_order(same), start=1)
    ]
    told = [event for _, event in happened]
    return [_with_interval(event, field.between, told) for field, event in happened]


def _concerns(form: Form, finding: Finding) -> bool:
    """Whether what happened is of a document that is here: what is said of an enclosure needs one."""
    return form.enclosure is not None or finding.field.where not in OF_THE_LETTER


def date_of(events: Sequence[Fact], event_type: str) -> Cell | None:
    """The date of the first event of a type; None where it has none or did not happen."""
    dates = (one.cells.get("date_edtf") for one in events if one.cells["event_type"].value == event_type)
    return next(dates, None)


def _event(form: Form, suffix: str, said: Said[Finding], dated: Mapping[Finding, Dated]) -> Fact:
    first = said.first
    times = {side: dated[one] for side, one in said.sides.items() if one in dated}
    columns = cells(
        document_id=form.document_cell(first.field.where in OF_THE_LETTER),
        transmission_id=transmission_cell(form, first.field),
        event_type=first.coded(first.field.event_type or ""),
        status=_status(first),
        **said.columns("as_written", Finding.cell),
        **said.columns("actor", lambda one: one.name("actor")),
        **said.columns("place", lambda one: one.cell("place")),
        texts_agree=agreement(*times.values()) if len(times) == 2 else None,
    )
    columns |= _date_and_time(list(times.values()))
    for side, one in times.items():
        columns |= cells(
            **{
                f"date_{side.value}": one.date_cells().get("date_edtf"),
                f"time_{side.value}": one.time_cells().get("time"),
            }
        )
    return Fact("events", form.row_id(suffix), columns)


def _status(first: Finding) -> Cell:
    status = first.field.event_status or "stated"
    return inferred(status, "a marking says no more") if status == "inferred" else first.coded(status)


def _date_and_time(times: Sequence[Dated]) -> dict[str, Cell]:
    """The text that says more counts: a day more than a month, a month more than a year."""
    date = max(times, key=lambda one: len(one.date or ""), default=None)
    time = next((one for one in times if one.time), None)
    return (date.date_cells() if date else {}) | (time.time_cells() if time else {})


def _with_interval(event: Fact, bounds: Sequence[str], events: Sequence[Fact]) -> Fact:
    """An undated event that must lie between two dated ones happened some day in the interval."""
    if "date_edtf" in event.cells or len(bounds) != 2:
        return event
    first, last = (date_of(events, bound) for bound in bounds)
    if not (first and last) or str(first.value) > str(last.value):
        return event
    reason = f"no text gives the day; it lies between the events {bounds[0]} and {bounds[1]}"
    same_day = first.value == last.value
    columns = {
        "date_edtf": str(first.value) if same_day else f"[{first.value}..{last.value}]",
        "date_basis": Basis.INFERRED.value,
        "year_basis": Basis.INFERRED.value,
    }
    places = (*first.places, *last.places)
    added = {column: inferred(value, reason, *places) for column, value in columns.items()}
    return replace(event, cells={**event.cells, **added})
