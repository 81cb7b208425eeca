"""An hour and a day of a property in one number. Of most it is the mean; of three the mean of numbers would be wrong.

Decibels are averaged by their energy. The mean of 350° and 10° is no south: of an hour the last direction stands for it, of a
day the direction of the mean vector. Rain is told in millimetres an hour, so an hour is a mean and a day the sum of its hours.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta

from miasto.kernel.core import clock
from miasto.kernel.observations import selectors
from miasto.kernel.observations.selectors import Datastream
from miasto.modules.environment.law.noise import energetic_mean
from miasto.modules.environment.noise.judging import hours_of

LEVEL, DIRECTION, RAIN = "laeq", "wind_direction", "rain"
Hours = dict[int, list[tuple[datetime, float]]]
Days = dict[int, list[tuple[date, float]]]


def is_plain(code: str) -> bool:
    """Whether hours are means of numbers, so that forecasts, filled gaps and means of days may stand beside them."""
    return code not in (LEVEL, DIRECTION, RAIN)


def hours(streams: Iterable[Datastream], start: datetime, end: datetime) -> Hours:
    """(beginning of the hour, value) by series, oldest first; one query, two more where levels of sound are asked."""
    codes = {one.pk: one.observed_property.code for one in streams}
    found: Hours = {series: [] for series in codes}
    levels = [series for series, code in codes.items() if code == LEVEL]
    if levels:
        found |= {series: [tuple(hour) for hour in rows] for series, rows in hours_of(levels, start, end).items()}
    others = [series for series, code in codes.items() if code != LEVEL]
    for row in selectors.hours(others, start, end) if others else ():
        found[row.series].append((row.start, row.last if codes[row.series] == DIRECTION else row.mean))
    return found


def days(streams: Sequence[Datastream], first: date, last: date) -> Days:
    """(civil day, value) by series, oldest first, both ends included; one query, or those of ``hours`` where it needs them."""
    plain = [one.pk for one in streams if is_plain(one.observed_property.code)]
    found: Days = {one.pk: [] for one in streams}
    for row in selectors.days(plain, first, last) if plain else ():
        found[row.series].append((row.start, row.mean))
    others = {one.pk: one for one in streams if not is_plain(one.observed_property.code)}
    if others:
        whole = hours(others.values(), clock.start_of(first), clock.start_of(last + timedelta(days=1)))
        for series, rows in whole.items():
            found[series] = _by_day(rows, _OF_A_DAY[others[series].observed_property.code])
    return found


def _by_day(rows: Iterable[tuple[datetime, float]], made: Callable[[list[float]], float | None]) -> list[tuple[date, float]]:
    held: dict[date, list[float]] = defaultdict(list)
    for at, value in rows:
        held[clock.local(at).date()].append(value)
    return [(day, value) for day, values in sorted(held.items()) if (value := made(values)) is not None]


def mean_direction(degrees: Sequence[float]) -> float | None:
    """The direction (0 to 360°) of the sum of unit vectors; None where they cancel each other out."""
    east, north = (sum(part(math.radians(one)) for one in degrees) for part in (math.sin, math.cos))
    if math.hypot(east, north) < 1e-9 * max(len(degrees), 1):
        return None
    return math.degrees(math.atan2(east, north)) % 360


_OF_A_DAY: dict[str, Callable[[list[float]], float | None]] = {LEVEL: energetic_mean, DIRECTION: mean_direction, RAIN: sum}
