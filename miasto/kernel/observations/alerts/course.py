"""The course of one rule for one thing: from instant to instant it waits, begins, goes on, ends.

An alert that ends and comes back again and again (a level on the brink of its threshold, a loose wire) tires those who are told
until they no longer look. One that came back ``OFTEN`` times, each time ``SOON`` after its end, is restless: it stands until
its condition has not held for as long, and people are told once. (ANSI/ISA-18.2 calls such an alarm chattering.)
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from miasto.kernel.core import clock
from miasto.kernel.observations.alerts.conditions import Condition, Sample
from miasto.kernel.observations.forecasting.reading import Expected
from miasto.kernel.observations.models import Alert

OFTEN, SOON = Alert.OFTEN, timedelta(minutes=10)


@dataclass(slots=True)
class Known:
    """The readings of one thing as a ``View``: samples by code, the oldest first, and what was foretold of them."""

    samples: dict[str, list[Sample]]
    at: datetime
    forecasts: dict[str, Expected] = field(default_factory=dict)

    def latest(self, code: str) -> Sample | None:
        found = self.samples.get(code, [])
        place = bisect_right(found, self.at, key=lambda one: one.time)
        return found[place - 1] if place else None

    def since(self, code: str, start: datetime) -> list[Sample]:
        found = self.samples.get(code, [])
        low = bisect_left(found, start, key=lambda one: one.time)
        return found[low : bisect_right(found, self.at, key=lambda one: one.time)]

    def expected(self, code: str) -> tuple[float, float] | None:
        newest, found = self.latest(code), self.forecasts.get(code)
        return found.at(newest.time) if newest is not None and found is not None else None

    def coming(self, code: str, span: timedelta) -> list[float]:
        found = self.forecasts.get(code)
        return found.between(self.at, self.at + span) if found is not None and found.by_model else []


class Move(Enum):
    """What an instant means for an alert."""

    NOTHING = "nothing"
    WAITS = "waits"
    BEGINS = "begins"
    GOES_ON = "goes on"
    CALMS = "calms"
    ENDS = "ends"


@dataclass(slots=True)
class Course:
    """Where a rule stands with a thing between two instants.

    ``since`` when the condition waits to hold for long enough; ``returns`` how often in a row the alert came back soon after it
    had ``ended``; ``calm_since`` when the condition of a restless alert does not hold.
    """

    active: bool = False
    since: datetime | None = None
    returns: int = 0
    ended: datetime | None = None
    calm_since: datetime | None = None

    def step(self, at: datetime, holds: bool, hold: timedelta) -> Move:
        """Whether the condition holds at the next instant, and what that means."""
        if self.active:
            if not holds:
                return self._quiet(at)
            self.calm_since = None
            return Move.GOES_ON
        if not holds:
            self.since = None
            return Move.NOTHING
        self.since = self.since or at
        if at - self.since < hold:
            return Move.WAITS
        self.returns = self.returns + 1 if self.ended is not None and at - self.ended < SOON else 0
        self.active, self.since, self.calm_since = True, None, None
        return Move.BEGINS

    def _quiet(self, at: datetime) -> Move:
        if self.returns >= OFTEN:
            self.calm_since = self.calm_since or at
            if at - self.calm_since < SOON:
                return Move.CALMS
        self.active, self.ended, self.calm_since = False, at, None
        return Move.ENDS


def moves(
    condition: Condition,
    hold: timedelta,
    samples: dict[str, list[Sample]],
    instants: Iterable[datetime],
    *,
    course: Course | None = None,
    forecasts: dict[str, Expected] | None = None,
) -> Iterator[tuple[datetime, Move]]:
    """``(instant, what it means)`` of one thing's readings; the ``course`` goes along."""
    view, course = Known(samples, clock.now(), forecasts or {}), course or Course()
    for at in instants:
        view.at = at
        yield at, course.step(at, condition.holds(view, active=course.active), hold)
