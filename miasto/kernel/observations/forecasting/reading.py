"""Reads of forecasts. Who may see the series is settled before (``visible_to``)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import Avg, Count

from miasto.kernel.core import clock
from miasto.kernel.observations.forecasting.models import ForecastRun, ForecastSkill, Foretold, Method

HOUR = timedelta(hours=1)
FRESH = timedelta(hours=6)  # an older forecast is not shown
JUDGED = timedelta(days=30)
SHARE = 0.8


class Ahead(NamedTuple):
    """One hour: the mean value expected in it, and the interval in which it lies 8 times of 10."""

    at: datetime
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """``points`` begin with the present hour; ``past`` are the last hours as they had been foretold.

    ``error`` is the mean absolute error of the method in trials of the last 30 days, ``baseline_error`` that of the best
    baseline (both in the unit of the series), ``covered`` the share of hours that lay within the interval; ``trials`` counts
    the days with trials. ``method_name`` is for people.
    """

    series: int
    made_at: datetime
    method: str
    points: list[Ahead]
    past: list[Ahead]
    error: float | None
    baseline_error: float | None
    covered: float | None
    trials: int

    @property
    def by_model(self) -> bool:
        return self.method in (Method.MODEL, Method.DRIVEN)

    @property
    def method_name(self) -> str:
        return str(Method(self.method).label)


@dataclass(frozen=True, slots=True)
class Expected:
    """What was expected of a series, hour by hour from ``start`` on."""

    start: datetime
    values: list[float]
    halves: list[float]
    method: str = Method.MODEL

    @property
    def by_model(self) -> bool:
        return self.method in (Method.MODEL, Method.DRIVEN)

    def between(self, start: datetime, end: datetime) -> list[float]:
        """The values of the hours that begin in ``start`` < hour <= ``end``."""
        first, last = ((moment - self.start) // HOUR + 1 for moment in (start, end))
        return self.values[max(first, 0) : max(last, 0)]

    def at(self, moment: datetime) -> tuple[float, float] | None:
        """``(value, half-width of its interval)`` of the hour of an instant; None where nothing was foretold of it."""
        place = (moment - self.start) // HOUR
        return (self.values[place], self.halves[place]) if 0 <= place < len(self.values) else None


def expected(series: Iterable[int]) -> dict[int, Expected]:
    """What was expected of those series that have a forecast, from up to three days ago on."""
    rows = Foretold.objects.filter(datastream__in=list(series)).values_list(
        "datastream_id", "start", "values", "halves", "method"
    )
    return {row[0]: Expected(*row[1:]) for row in rows}


def forecast(series: int) -> Forecast | None:
    """The newest forecast of a series; None where nothing is claimed of it or what there is is over 6 hours old."""
    return forecasts([series]).get(series)


def forecasts(series: Iterable[int]) -> dict[int, Forecast]:
    """The newest forecasts of those series that have one; two queries, whatever their number."""
    now = clock.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    found = list(Foretold.objects.filter(datastream__in=list(series), made_at__gte=now - FRESH))
    tried = _tried([one.datastream_id for one in found], now) if found else {}
    made = {}
    for one in found:
        rows = [_ahead(one, place) for place in range(len(one.values))]
        mean = tried.get((one.datastream_id, one.method), {})
        model = one.method in (Method.MODEL, Method.DRIVEN)
        made[one.datastream_id] = Forecast(
            series=one.datastream_id,
            made_at=one.made_at,
            method=one.method,
            points=[row for row in rows if row.at >= hour],
            past=[row for row in rows if row.at < hour],
            error=mean.get("model" if model else "baseline"),
            baseline_error=mean.get("baseline"),
            covered=mean.get("covered"),
            trials=mean.get("trials", 0),
        )
    return made


def _tried(series: list[int], now: datetime) -> dict[tuple[int, str], dict[str, Any]]:
    """The means of the trials of the last 30 days, by series and method."""
    rows = ForecastSkill.objects.filter(datastream_id__in=series, at__gte=now - JUDGED).values("datastream_id", "method")
    means = rows.annotate(
        model=Avg("model_error"), baseline=Avg("baseline_error"), covered=Avg("covered"), trials=Count("id")
    ).order_by()
    return {(row["datastream_id"], row["method"]): row for row in means}


class Silence(StrEnum):
    """Why no forecast of a series is shown."""

    WAITING = "waiting"  # no run has ended yet
    SHORT = "short"  # too few hours are known, or it is silent
    NO_BETTER = "no better"  # nothing foretold it better than a plain rule


def silence(series: int) -> Silence:
    """Why ``forecast`` answers None; one or two queries."""
    if ForecastSkill.objects.filter(datastream_id=series, at__gte=clock.now() - timedelta(days=2)).exists():
        return Silence.NO_BETTER
    ended = ForecastRun.objects.filter(state__in=(ForecastRun.State.DONE, ForecastRun.State.FAILED)).exists()
    return Silence.SHORT if ended else Silence.WAITING


def _ahead(found: Foretold, place: int) -> Ahead:
    value, half = found.values[place], found.halves[place]
    low = value - half if found.floor is None else max(value - half, found.floor)
    return Ahead(found.start + place * HOUR, value, low, value + half)
