"""Reads of the store by series: the latest value, raw readings, hours, days. Who may see is settled before (``visible_to``)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import connection


class Reading(NamedTuple):
    """One reading: series (``Datastream.id``), instant, value in the unit of its stream, ``flags``."""

    series: int
    time: datetime
    value: float
    flags: int = 0


class RollUp(NamedTuple):
    """What an hour (``start`` aware) or a civil day (``start`` a date) of one series held: ``n`` readings."""

    series: int
    start: datetime | date
    n: int
    least: float
    most: float
    mean: float
    last: float


def latest(series: Iterable[int]) -> dict[int, Reading]:
    """The newest reading of each series that has one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT series, time, value, flags FROM observations_latest WHERE series = ANY(%s)", [list(series)])
        return {row[0]: Reading(*row) for row in cursor.fetchall()}


def hot(series: Iterable[int], start: datetime, end: datetime, *, most: int = 100_000) -> list[Reading]:
    """Readings with ``start`` <= time < ``end`` that are still hot, by series and time; at most ``most``."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT series, time, value, flags FROM observations_reading
               WHERE series = ANY(%s) AND time >= %s AND time < %s ORDER BY series, time LIMIT %s""",
            [list(series), start, end, most],
        )
        return [Reading(*row) for row in cursor.fetchall()]


def hours(series: Iterable[int], start: datetime, end: datetime) -> list[RollUp]:
    """UTC hours that begin in ``start`` <= hour < ``end``, by series and time."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT series, start, n, least, most, total / n, last FROM observations_hour
               WHERE series = ANY(%s) AND start >= %s AND start < %s ORDER BY series, start""",
            [list(series), start, end],
        )
        return [RollUp(*row) for row in cursor.fetchall()]


def days(series: Iterable[int], first: date, last: date) -> list[RollUp]:
    """Civil days of the city, both ends included, by series and day."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT series, day, n, least, most, total / n, last FROM observations_day
               WHERE series = ANY(%s) AND day BETWEEN %s AND %s ORDER BY series, day""",
            [list(series), first, last],
        )
        return [RollUp(*row) for row in cursor.fetchall()]


def fixed_days(series: Iterable[int], start: datetime, end: datetime, *, ahead: timedelta) -> list[RollUp]:
    """Days of a fixed offset ``ahead`` of UTC made of the hours in ``start`` <= hour < ``end``, by series and day.

    Air quality is counted so, in UTC+1 the whole year. Here ``n`` is the number of **hours**, and ``mean``, ``least`` and
    ``most`` are those of the hourly means; ``last`` is the mean of the last hour.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT series, ((start + %s) AT TIME ZONE 'UTC')::date AS day, count(*), min(total / n), max(total / n),
                      avg(total / n), (array_agg(total / n ORDER BY start DESC))[1]
               FROM observations_hour WHERE series = ANY(%s) AND start >= %s AND start < %s
               GROUP BY series, day ORDER BY series, day""",
            [ahead, list(series), start, end],
        )
        return [RollUp(*row) for row in cursor.fetchall()]
