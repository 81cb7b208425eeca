"""Terms as KPA art. 57 counts them, on local dates, with a clock that can be held.

The day of the event is not counted (§ 1); an end on a Saturday, a Sunday or a day free by law moves to the next working day
(§ 4). While the city waits for the resident the clock is held, and the held days are added to the term.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import holidays

from miasto.kernel.core.city import city

DAY = timedelta(days=1)
SATURDAY = 5


@cache
def _free_days(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=[year]))


@cache
def _extra_days() -> frozenset[date]:
    return frozenset(date.fromisoformat(str(day)) for day in city().section("free_days") or ())


def is_working(day: date) -> bool:
    """Whether offices work: neither a weekend, nor a day free by law, nor one of the profile's ``free_days``."""
    country = str(city().data.get("country", "PL"))
    return day.weekday() < SATURDAY and day not in _free_days(country, day.year) and day not in _extra_days()


def next_working(day: date) -> date:
    """The day itself, or the first working day after it."""
    while not is_working(day):
        day += DAY
    return day


def working_between(start: date, end: date) -> int:
    """Working days after ``start`` up to and with ``end``."""
    return sum(is_working(start + DAY * number) for number in range(1, (end - start).days + 1))


def end_of_term(start: date, days: int, *, working: bool = False) -> date:
    """The last day of a term of ``days`` that begins the day after ``start``; ``working`` counts working days only."""
    if not working:
        return next_working(start + DAY * days)
    day, left = start, days
    while left > 0:
        day += DAY
        left -= is_working(day)
    return next_working(day)


@dataclass(frozen=True, slots=True)
class Term:
    """The clock of one case. ``held_on`` is the local day on which the clock was held, None while it runs.

    ``paused`` counts the days held so far: calendar days, or working days where ``working``.
    """

    start: date
    days: int
    working: bool = False
    paused: int = 0
    held_on: date | None = None

    @property
    def due_on(self) -> date:
        """The last day of the term, as far as is known: while the clock is held it does not yet hold that time."""
        return end_of_term(self.start, self.days + self.paused, working=self.working)

    def hold(self, day: date) -> Term:
        """The clock held from a day on; a clock that is held stays so."""
        return self if self.held_on is not None else Term(self.start, self.days, self.working, self.paused, day)

    def resume(self, day: date) -> Term:
        """The clock running again; the days since it was held are added to the term."""
        if self.held_on is None:
            return self
        held = working_between(self.held_on, day) if self.working else max((day - self.held_on).days, 0)
        return Term(self.start, self.days, self.working, self.paused + held, None)

    def of(self, days: int, working: bool) -> Term:
        """The same clock for another length of term (another category)."""
        return Term(self.start, days, working, self.paused, self.held_on)
