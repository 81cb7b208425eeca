"""The values of a stream over the periods that pages offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core import clock
from miasto.kernel.observations import selectors
from miasto.kernel.observations.selectors import Datastream, RollUp
from miasto.modules.environment.law.noise import energetic_mean

SUMS = ("rain",)  # readings that are added up, not averaged
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Period:
    """A stretch of time up to now: ``key`` in the address, whether it is shown by hours or by civil days."""

    key: str
    name: Any
    span: timedelta
    hourly: bool


PERIODS = (
    Period("24h", _("24 godziny"), timedelta(hours=24), True),
    Period("7d", _("7 dni"), timedelta(days=7), True),
    Period("30d", _("30 dni"), timedelta(days=30), False),
    Period("rok", _("rok"), timedelta(days=365), False),
)


def period(key: str | None) -> Period:
    """The period of a key; a day where there is no such key."""
    return next((one for one in PERIODS if one.key == key), PERIODS[0])


def points(streams: Sequence[Datastream], chosen: Period) -> dict[int, list[tuple[datetime | date, float]]]:
    """(beginning of the hour, or day) and value by series, oldest first; one query."""
    now = clock.now()
    series = [one.pk for one in streams]
    if chosen.hourly:
        rolled = selectors.hours(series, now - chosen.span, now + HOUR)
    else:
        rolled = selectors.days(series, clock.today() - chosen.span, clock.today())
    sums = {one.pk for one in streams if one.observed_property.code in SUMS}
    found: dict[int, list[tuple[datetime | date, float]]] = {one: [] for one in series}
    for row in rolled:
        found[row.series].append((row.start, row.mean * row.n if row.series in sums else row.mean))
    return found


def loud_days(hours: Sequence[RollUp]) -> dict[date, float]:
    """Energetic means of local days from hourly levels (decibels are not averaged as numbers)."""
    by_day: dict[date, list[float]] = {}
    for row in hours:
        by_day.setdefault(clock.local(row.start).date(), []).append(row.mean)
    return {day: mean for day, levels in sorted(by_day.items()) if (mean := energetic_mean(levels)) is not None}
