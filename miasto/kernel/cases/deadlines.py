"""Terms as KPA art. 57 counts them, on local dates, with a clock that can be held.

The day of the event is not counted (§ 1); a term in months ends on the day of the last month that has the number of the first
day, or on that month's last day (§ 3); an end on a Saturday, a Sunday or a day free by law moves to the next working day
(§ 4). While the city waits for the resident the clock is held, and the held days are added to the term.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta

from miasto.kernel.core.free_days import is_free, is_working, next_working

__all__ = ["Term", "end_of_term", "is_free", "is_working", "next_working", "working_between"]
DAY = timedelta(days=1)


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


def months_after(start: date, months: int) -> date:
    """The same day some months later, or the last day of a month that has no such day (KPA art. 57 § 3)."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Term:
    """The clock of one case. ``held_on`` is the local day on which the clock was held, None while it runs.

    ``paused`` counts the days held so far: calendar days, or working days where ``working``. A term of ``months`` has no days.
    """

    start: date
    days: int
    working: bool = False
    paused: int = 0
    held_on: date | None = None
    months: int = 0

    @property
    def due_on(self) -> date:
        """The last day of the term, as far as is known: while the clock is held it does not yet hold that time."""
        if self.months:
            return next_working(months_after(self.start, self.months) + DAY * self.paused)
        return end_of_term(self.start, self.days + self.paused, working=self.working)

    def hold(self, day: date) -> Term:
        """The clock held from a day on; a clock that is held stays so."""
        return self if self.held_on is not None else replace(self, held_on=day)

    def resume(self, day: date) -> Term:
        """The clock running again; the days since it was held are added to the term."""
        if self.held_on is None:
            return self
        held = working_between(self.held_on, day) if self.working else max((day - self.held_on).days, 0)
        return replace(self, paused=self.paused + held, held_on=None)

    def anew(self, start: date) -> Term:
        """A clock that runs from another day; what was held before is forgotten."""
        return replace(self, start=start, paused=0, held_on=None)

    def of(self, days: int, working: bool, months: int = 0) -> Term:
        """The same clock for another length of term (another category, an extension)."""
        return replace(self, days=0 if months else days, working=working and not months, months=months)
