"""What the hours of a place say: indicators, days and nights above the limit, working days beside weekends, hour by day."""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from miasto.kernel.core import clock
from miasto.kernel.observations import selectors
from miasto.modules.environment.law.noise import (
    AreaClass,
    Levels,
    energetic_mean,
    exceeds,
    indicators,
    one_day,
    part_of_day,
)
from miasto.modules.environment.models import NoiseEvent, NoiseHour

HOUR = timedelta(hours=1)
PARTS = ("day", "evening", "night")


class Hour(NamedTuple):
    """LAeq of one hour."""

    start: datetime
    laeq: float


@dataclass(frozen=True)
class Excess:
    """How many days and nights of those measured were above the limit for one day."""

    days: int = 0
    nights: int = 0
    days_over: int = 0
    nights_over: int = 0


@dataclass(frozen=True)
class Judged:
    """All that the hours of ``days`` whole days say of a place; the hours are packed, for all is kept in the cache."""

    first: datetime | None
    packed: array[float]
    levels: Levels
    excess: Excess
    working: dict[str, float | None] = field(default_factory=dict)
    weekend: dict[str, float | None] = field(default_factory=dict)

    @property
    def hours(self) -> list[Hour]:
        """The hours that were measured."""
        if self.first is None:
            return []
        return [Hour(self.first + HOUR * at, level) for at, level in enumerate(self.packed) if not math.isnan(level)]


def hours_of(series: Iterable[int], start: datetime, end: datetime) -> dict[int, list[Hour]]:
    """LAeq by series and hour, made of the energy of minutes where these were measured; two queries."""
    wanted = list(series)
    kept = NoiseHour.objects.filter(datastream__in=wanted, start__gte=start, start__lt=end)
    exact = {(one, at): level for one, at, level in kept.values_list("datastream_id", "start", "laeq")}
    found: dict[int, list[Hour]] = defaultdict(list)
    for row in selectors.hours(wanted, start, end):
        found[row.series].append(Hour(row.start, exact.get((row.series, row.start), row.mean)))
    return found


def judged(hours: Sequence[Hour], days: int, area: AreaClass | None) -> Judged:
    """Everything at once; ``area`` None: nothing is exceeded, because nobody knows what is allowed."""
    local = [(clock.local(one.start), one.laeq) for one in hours]
    return Judged(
        hours[0].start if hours else None,
        _packed(hours),
        indicators(((here.hour, level) for here, level in local), days),
        _excess(local, area),
        _parts(local, weekend=False),
        _parts(local, weekend=True),
    )


def _packed(hours: Sequence[Hour]) -> array[float]:
    """The levels of all hours from the first to the last; not a number where nothing was measured."""
    if not hours:
        return array("f")
    made = array("f", [math.nan]) * ((hours[-1].start - hours[0].start) // HOUR + 1)
    for one in hours:
        made[(one.start - hours[0].start) // HOUR] = one.laeq
    return made


def _day_of(here: datetime) -> date:
    """Days begin at 6: the hours after midnight belong to the night of the day before."""
    return here.date() - timedelta(days=1) if here.hour < 6 else here.date()


def _excess(local: list[tuple[datetime, float]], area: AreaClass | None) -> Excess:
    by_day: dict[date, list[tuple[int, float]]] = defaultdict(list)
    for here, level in local:
        by_day[_day_of(here)].append((here.hour, level))
    pairs = [one_day(rows) for rows in by_day.values()]
    days, nights = ([pair[at] for pair in pairs if pair[at] is not None] for at in (0, 1))
    if area is None:
        return Excess(len(days), len(nights))
    over = sum(exceeds(one, area.laeq_d) for one in days), sum(exceeds(one, area.laeq_n) for one in nights)
    return Excess(len(days), len(nights), *over)


def _parts(local: list[tuple[datetime, float]], *, weekend: bool) -> dict[str, float | None]:
    """Levels of day, evening and night; the night belongs to the day on whose evening it begins (Friday's is no weekend)."""
    held: dict[str, list[float]] = {part: [] for part in PARTS}
    for here, level in local:
        if (_day_of(here).weekday() >= 5) == weekend:
            held[part_of_day(here.hour)].append(level)
    return {part: energetic_mean(levels) for part, levels in held.items()}


def by_hour(hours: Sequence[Hour], *, weekend: bool) -> list[float | None]:
    """Energetic means of the 24 local hours of working days, or of Saturdays and Sundays."""
    held: list[list[float]] = [[] for _hour in range(24)]
    for one in hours:
        here = clock.local(one.start)
        if (here.weekday() >= 5) == weekend:
            held[here.hour].append(one.laeq)
    return [energetic_mean(levels) for levels in held]


def nights(series: Iterable[int], first: date) -> dict[int, list[NoiseEvent]]:
    """The loud events of the nights from ``first`` on, by series, newest first; one query."""
    found: dict[int, list[NoiseEvent]] = defaultdict(list)
    for one in NoiseEvent.objects.filter(datastream__in=list(series), night__gte=first).order_by("-start"):
        found[one.datastream_id].append(one)
    return found
