"""What a chart of a series shows: raw readings, hours or days, whichever is the finest that fits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from typing import NamedTuple

from django.db import connection

from miasto.kernel.core import clock
from miasto.kernel.observations.store.partitions import first_hot
from miasto.kernel.observations.store.reading import RollUp, days, hours, readings

RAW, HOURS, DAYS = "raw", "hours", "days"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Chart(NamedTuple):
    """``level`` says what the points are made of; a point spans from its ``start`` (aware) to the next.

    ``away``: readings before this instant are archived and out of reach now, so hours stand for them all; a page says so.
    """

    level: str
    points: list[RollUp]
    away: datetime | None = None


def chart(series: Iterable[int], start: datetime, end: datetime, *, points: int = 500) -> Chart:
    """At most about ``points`` points a series for ``start`` <= time < ``end``, from the finest level that is not wasteful.

    Raw readings where there are at most four to a point, else hours where these are so few, else civil days; what is still
    too many is joined, so that a peak is never lost (least and most are kept).
    """
    wanted = sorted(set(series))
    span = end - start
    if _count(wanted, start, end) <= 4 * points * len(wanted):
        return _raw(wanted, start, end, points)
    if span <= 4 * points * HOUR:
        return Chart(HOURS, _joined(hours(wanted, start, end), start, span, points))
    found = days(wanted, clock.local(start).date(), clock.local(end - timedelta(microseconds=1)).date())
    return Chart(DAYS, _joined([one._replace(start=clock.start_of(one.start)) for one in found], start, span, points))


def _raw(wanted: list[int], start: datetime, end: datetime, points: int) -> Chart:
    from miasto.kernel.observations.archive.place import Unreachable

    try:
        found = [
            RollUp(one.series, one.time, 1, one.value, one.value, one.value, one.value)
            for one in readings(wanted, start, end, most=4 * points * len(wanted) + 1)
        ]
    except Unreachable:
        edge = min(end, datetime.combine(first_hot(), time.min, tzinfo=UTC))
        return Chart(HOURS, _joined(hours(wanted, start, end), start, end - start, points), edge)
    return Chart(RAW, _joined(found, start, end - start, points))


def _count(series: list[int], start: datetime, end: datetime) -> int:
    """How many readings there are about: those of the hours; cheap, whatever their number."""
    with connection.cursor() as cursor:
        if end - start > 400 * DAY:
            cursor.execute(
                "SELECT coalesce(sum(n), 0) FROM observations_day WHERE series = ANY(%s) AND day >= %s AND day < %s",
                [series, start.astimezone(UTC).date(), end.astimezone(UTC).date()],
            )
        else:
            cursor.execute(
                "SELECT coalesce(sum(n), 0) FROM observations_hour WHERE series = ANY(%s) AND start >= %s AND start < %s",
                [series, start - HOUR, end],
            )
        return cursor.fetchone()[0]


def _joined(found: list[RollUp], start: datetime, span: timedelta, points: int) -> list[RollUp]:
    """The same with at most ``points`` + 1 for a series, each made of what falls into an equal part of the span."""
    most = max((len(list(rows)) for _series, rows in groupby(found, key=lambda one: one.series)), default=0)
    if most <= points:
        return found
    width = span / points
    return [_one(list(rows)) for _key, rows in groupby(found, key=lambda one: (one.series, (one.start - start) // width))]


def _one(rows: list[RollUp]) -> RollUp:
    count = sum(row.n for row in rows)
    return RollUp(
        series=rows[0].series, start=rows[0].start, n=count, least=min(row.least for row in rows),
        most=max(row.most for row in rows), mean=sum(row.mean * row.n for row in rows) / count, last=rows[-1].last,
    )  # fmt: skip
