"""Reads of the store by series: the latest value, raw readings, hours, days. Who may see is settled before (``visible_to``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from django.db import connection

from miasto.kernel.observations.store import flags


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


def latest_received(series: Iterable[int], after: datetime | None) -> list[Reading]:
    """The newest reading of each series, of those that came in after a moment, if one is given."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT series, time, value, flags FROM observations_latest
               WHERE series = ANY(%s) AND (%s::timestamptz IS NULL OR received >= %s) ORDER BY series""",
            [list(series), after, after],
        )
        return [Reading(*row) for row in cursor.fetchall()]


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


def fixed_days(series: Mapping[int, int], start: datetime, end: datetime, *, ahead: timedelta) -> list[RollUp]:
    """Days of a fixed offset ``ahead`` of UTC made of the hours in ``start`` <= hour < ``end``, by series and day.

    ``series`` says for each how many readings an hour must hold to count. Air quality is counted so, in UTC+1 the whole year.
    Here ``n`` is the number of **hours**, and ``mean``, ``least`` and ``most`` are those of the hourly means; ``last`` is the
    mean of the last hour.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT series, ((start + %s) AT TIME ZONE 'UTC')::date AS day, count(*), min(total / n), max(total / n),
                      avg(total / n), (array_agg(total / n ORDER BY start DESC))[1]
               FROM observations_hour JOIN unnest(%s::int[], %s::int[]) AS wanted(id, least_n) ON id = series AND n >= least_n
               WHERE start >= %s AND start < %s GROUP BY series, day ORDER BY series, day""",
            [ahead, list(series), list(series.values()), start, end],
        )
        return [RollUp(*row) for row in cursor.fetchall()]


HOUR = timedelta(hours=1)
_ALL = 2**62  # no limit
FEW = 20  # series that are read by their row groups; more are read as files
EVERYTHING = """
    SELECT 0, name, CASE WHEN cardinality(%(series)s::int[]) <= %(few)s AND begins IS NOT NULL THEN
        (SELECT string_agg(substr(groups, (low - 1) * 60 + 1, (high - low + 1) * 60), ''::bytea)
         FROM (SELECT DISTINCT greatest(width_bucket(one - 1, begins), 1) AS low, width_bucket(one, begins) AS high
               FROM unnest(%(series)s::int[]) one WHERE one BETWEEN least_series AND most_series) AS spans) END,
        0, NULL::timestamptz, 0::float8, 0
    FROM (SELECT * FROM observations_archivefile WHERE replaced_at IS NULL
          AND day BETWEEN (%(start)s AT TIME ZONE 'UTC')::date AND (%(end)s AT TIME ZONE 'UTC')::date
          AND EXISTS (SELECT FROM unnest(%(series)s::int[]) one WHERE one BETWEEN least_series AND most_series)
          ORDER BY day, least_series) AS present
    UNION ALL
    (SELECT 1, NULL, NULL, series, time, value, flags FROM observations_reading
     WHERE series = ANY(%(series)s) AND time >= %(start)s AND time < %(end)s ORDER BY series, time
     LIMIT %(most)s + (SELECT count(*) FROM observations_late
                       WHERE series = ANY(%(series)s) AND time >= %(start)s AND time < %(end)s))
    UNION ALL
    (SELECT DISTINCT ON (series, time) 2, NULL, NULL, series, time, value, flags FROM observations_late
     WHERE series = ANY(%(series)s) AND time >= %(start)s AND time < %(end)s ORDER BY series, time, id DESC)"""
Old = tuple[str, bytes | None]  # a file's name, and where in it the row groups of the series are, if that is known


def readings(series: Iterable[int], start: datetime, end: datetime, *, most: int = 100_000) -> list[Reading]:
    """Readings with ``start`` <= time < ``end``, hot, late or archived, by series and time; the first ``most`` of them.

    What is hot and which files there are is asked in one statement, so that a day which is being moved is seen once.
    Raises ``archive.place.Unreachable`` where the storage of the archive fails.
    """
    wanted = sorted(set(series))
    files, hot_rows, late_rows = _everything(wanted, start, end, most)
    if not files and not late_rows:
        return hot_rows
    old = _archived(files, wanted, start, end, most + len(late_rows)) if files else []
    if not late_rows and not (old and hot_rows and max(row.time for row in old) >= min(row.time for row in hot_rows)):
        return sorted([*old, *hot_rows])[:most]
    found = {row[:2]: row for row in (*old, *hot_rows)}
    for row in late_rows:
        _lay_over(found, row)
    return sorted(found.values())[:most]


def settled(series: Iterable[int], start: datetime, end: datetime) -> list[Reading]:
    """All hot and archived readings of an interval, without the late ones laid over them."""
    wanted = sorted(set(series))
    files, hot_rows, _late = _everything(wanted, start, end, _ALL)
    return [*hot_rows, *(_archived(files, wanted, start, end, _ALL) if files else [])]


def _everything(series: list[int], start: datetime, end: datetime, most: int) -> tuple[list[Old], list[Reading], list[Reading]]:
    """``(files, hot readings, late readings)`` of one snapshot."""
    rows: tuple[list, list, list] = ([], [], [])
    with connection.cursor() as cursor:
        cursor.execute(EVERYTHING, {"series": series, "start": start, "end": end, "most": most, "few": FEW})
        for kind, name, groups, *row in cursor.fetchall():
            rows[kind].append(Reading(*row) if kind else (name, groups))
    return rows


def _archived(files: list[Old], series: list[int], start: datetime, end: datetime, most: int) -> list[Reading]:
    from miasto.kernel.observations.archive.series import scan

    found = scan(files, series, start, end, most=most)
    times = [time.replace(tzinfo=UTC) for time in found.time.astype("datetime64[us]").tolist()]
    rows = zip(found.series.tolist(), times, found.value.tolist(), found.flags.tolist(), strict=True)
    return list(map(Reading._make, rows))


def _lay_over(found: dict[tuple, Reading], late: Reading) -> None:
    key = late[:2]
    if late.flags & flags.DELETED:
        found.pop(key, None)
        return
    before = found.get(key)
    if before and (before.value != late.value or before.flags & flags.CORRECTED):
        late = late._replace(flags=late.flags | flags.CORRECTED)
    found[key] = late
