"""Offices with their timetables, for one page or for many units at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import get_language

from miasto.kernel.accounts.models import Unit
from miasto.kernel.accounts.selectors import current_units
from miasto.kernel.content.hours import DAY, LOOK_AHEAD, Hours, Span, Timetable, parse_spans
from miasto.kernel.content.models import Office, SpecialDay
from miasto.kernel.core import clock


@dataclass(frozen=True)
class Desk:
    """Where and when a unit receives people; ``unit`` is the one asked for, ``office`` may be that of a unit above it."""

    unit: Unit
    office: Office
    timetable: Timetable

    @property
    def sentence(self) -> str:
        """What to tell somebody who wants to come now."""
        return self.timetable.sentence(clock.now())

    @property
    def directions(self) -> str:
        """How to find it, in the reader's language where it is known."""
        return in_language(self.office, "directions")

    @property
    def week(self) -> list[Hours]:
        """The next seven days, today first."""
        return [self.timetable.on(clock.today() + DAY * number) for number in range(7)]

    @property
    def unusual(self) -> list[Hours]:
        """The unusual days of the next two months on which it is normally open, or is open although the day is free."""
        days = (self.timetable.on(clock.today() + DAY * number) for number in range(LOOK_AHEAD))
        return [day for day in days if day.reason and (self.timetable.weekly.get(day.day.weekday()) or day.is_open)]


def in_language(row: object, field: str) -> str:
    """A text of a row in the reader's language; Polish where there is no other."""
    english = (get_language() or "pl").startswith("en")
    return (getattr(row, f"{field}_en") if english else "") or getattr(row, field)


def desks(unit_ids: Iterable[UUID | None] | None = None) -> dict[UUID, Desk]:
    """The desks of units (None: of all present ones), by unit; units of which nothing is known are left out. 4 queries."""
    units = {unit.id: unit for unit in current_units().select_related("organisation")}
    wanted = set(units) if unit_ids is None else {one for one in unit_ids if one in units}
    if not wanted:
        return {}
    offices = {office.unit_id: office for office in Office.objects.prefetch_related("spans")}
    special = _special_days(clock.today())
    found = {}
    for unit_id in wanted:
        chain = list(_upwards(unit_id, units))
        owner = next((one for one in chain if one in offices), None)
        if owner is not None:
            days = special.get(None, {}) | special.get(owner, {}) | special.get(unit_id, {})
            found[unit_id] = Desk(units[unit_id], offices[owner], _timetable(offices[owner], days))
    return found


def _upwards(unit_id: UUID, units: dict[UUID, Unit]) -> Iterable[UUID]:
    seen: set[UUID] = set()
    step: UUID | None = unit_id
    while step in units and step not in seen:
        seen.add(step)
        yield step
        step = units[step].parent_id


def _timetable(office: Office, special: dict[date, tuple[tuple[Span, ...], str]]) -> Timetable:
    weekly: dict[int, tuple[Span, ...]] = {}
    for span in office.spans.all():
        weekly[span.weekday] = (*weekly.get(span.weekday, ()), (span.opens, span.closes))
    return Timetable(weekly, special, office.open_on_holidays)


def _special_days(since: date) -> dict[UUID | None, dict[date, tuple[tuple[Span, ...], str]]]:
    found: dict[UUID | None, dict[date, tuple[tuple[Span, ...], str]]] = {}
    for row in SpecialDay.objects.filter(day__gte=since - DAY):
        found.setdefault(row.unit_id, {})[row.day] = (parse_spans(row.hours), in_language(row, "reason"))
    return found


def opening(unit_id: UUID, on: date) -> Hours | None:
    """The hours of a unit on a local date (today or later); None where nothing is known of the unit."""
    desk = desks([unit_id]).get(unit_id)
    return desk.timetable.on(on) if desk else None


def next_opening(unit_id: UUID) -> datetime | None:
    """When a unit opens next, on the city's clock; None where that is unknown or more than 60 days away."""
    desk = desks([unit_id]).get(unit_id)
    return desk.timetable.next_opening(clock.now()) if desk else None
