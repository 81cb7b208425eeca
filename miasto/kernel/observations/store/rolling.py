"""Roll-ups by UTC hour and civil day, made anew for exactly the hours that readings touched.

An hour is the sum of all of its raw readings, a day that of all of its hours, in the order of time: repeating it changes
nothing, and the order in which readings came leaves no trace. What comes in order is added; all else is computed anew. An hour
of a hot day has its readings in the hot table. One of an older day is marked in ``observations_dirty`` and computed a moment
later from the late table and the archive together (``cold``), the late one winning.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from miasto.kernel.observations.store import cold, flags, locks, partitions

LATE_HOURS = 20_000
# By plain division from before the oldest reading: several times faster than date_trunc, which asks the calendar.
UTC_HOUR = "date_bin('1 hour', time, '1800-01-01 00:00:00+00')"
UTC_DAY = "date_bin('1 day', time, '1800-01-01 00:00:00+00')"

# Squares so small that they vanish would be an error of PostgreSQL's.
_OF = """count(*)::integer AS n, min(value) AS least, max(value) AS most, sum(value) AS total,
       sum(CASE WHEN abs(value) < 1e-150 THEN 0 ELSE value * value END) AS squares,
       (array_agg(value))[count(*)] AS last"""  # of rows in the order of time
_HOT = f"""
SELECT touched.series, touched.start, of.*
FROM fold_hour AS touched CROSS JOIN LATERAL (
    SELECT {_OF} FROM (
        SELECT time, value FROM observations_reading AS reading
        WHERE reading.series = touched.series AND reading.time >= touched.start
          AND reading.time < touched.start + interval '1 hour' AND reading.time >= %(start)s AND reading.time < %(end)s
        ORDER BY time
    ) AS readings
) AS of"""
_COLD = f"""
SELECT touched.series, touched.start, of.*
FROM fold_hour AS touched CROSS JOIN LATERAL (
    SELECT {_OF} FROM (
        SELECT time, value FROM observations_late AS late
        WHERE late.series = touched.series AND late.time >= touched.start AND late.time < touched.start + interval '1 hour'
          AND late.flags & {flags.DELETED} = 0
        UNION ALL
        SELECT time, value FROM fold_cold AS cold
        WHERE cold.series = touched.series AND cold.time >= touched.start AND cold.time < touched.start + interval '1 hour'
          AND NOT EXISTS (SELECT FROM observations_late AS late WHERE late.series = cold.series AND late.time = cold.time)
        ORDER BY time
    ) AS readings
) AS of"""


def _hours(source: str) -> str:
    """Put the touched hours from ``source``, forget those that hold nothing now, note by how many readings each series grew."""
    return f"""
WITH fresh AS MATERIALIZED ({source}),
former AS MATERIALIZED (
    SELECT hour.series, hour.start, hour.n FROM fold_hour AS touched
    JOIN observations_hour AS hour ON hour.series = touched.series AND hour.start = touched.start
    WHERE hour.start >= %(start)s AND hour.start < %(end)s
),
put AS (
    INSERT INTO observations_hour (series, n, start, least, most, total, squares, last)
    SELECT series, n, start, least, most, total, squares, last FROM fresh WHERE n > 0
    ON CONFLICT (series, start) DO UPDATE SET n = excluded.n, least = excluded.least, most = excluded.most,
        total = excluded.total, squares = excluded.squares, last = excluded.last
),
emptied AS (
    DELETE FROM observations_hour AS hour USING fresh
    WHERE fresh.n = 0 AND hour.series = fresh.series AND hour.start = fresh.start
      AND hour.start >= %(start)s AND hour.start < %(end)s
)
INSERT INTO fold_count SELECT fresh.series, sum(fresh.n - COALESCE(former.n, 0))
FROM fresh LEFT JOIN former USING (series, start) GROUP BY fresh.series"""


_NEW_DAYS = """
INSERT INTO fold_day
SELECT DISTINCT series, (start AT TIME ZONE %(zone)s)::date FROM fold_hour
EXCEPT SELECT series, day FROM fold_day"""
_DAYS = """
WITH fresh AS MATERIALIZED (
    SELECT touched.series, touched.day, of.* FROM fold_day AS touched CROSS JOIN LATERAL (
        SELECT sum(n)::integer AS n, min(least) AS least, max(most) AS most, sum(total) AS total, sum(squares) AS squares,
               (array_agg(last))[count(*)] AS last, max(start) AS open,
               sum(total) FILTER (WHERE start < newest) AS open_total,
               sum(squares) FILTER (WHERE start < newest) AS open_squares
        FROM (
            SELECT *, max(start) OVER () AS newest FROM observations_hour AS hour
            WHERE hour.series = touched.series AND hour.start >= touched.day::timestamp AT TIME ZONE %(zone)s
              AND hour.start < (touched.day + 1)::timestamp AT TIME ZONE %(zone)s
              AND hour.start >= %(start)s::timestamptz - interval '25 hours'
              AND hour.start < %(end)s::timestamptz + interval '25 hours'
            ORDER BY start
        ) AS hours
    ) AS of
),
emptied AS (
    DELETE FROM observations_day AS old USING fresh WHERE fresh.n IS NULL AND old.series = fresh.series AND old.day = fresh.day
)
INSERT INTO observations_day (series, n, day, least, most, total, squares, last, open, open_total, open_squares)
SELECT series, n, day, least, most, total, squares, last, open, open_total, open_squares FROM fresh WHERE n IS NOT NULL
ON CONFLICT (series, day) DO UPDATE SET n = excluded.n, least = excluded.least, most = excluded.most,
    total = excluded.total, squares = excluded.squares, last = excluded.last, open = excluded.open,
    open_total = excluded.open_total, open_squares = excluded.open_squares"""


# What came after everything that its series had is added to its hour, one by one in the order of time: the sum is to the last
# bit the one that counting anew would give. What came before something else, or corrects it, has its hour counted anew.
_TOUCHED = """
INSERT INTO fold_touched
SELECT came.series, came.start,
       CASE WHEN latest.time IS NULL THEN hour.n IS NOT NULL ELSE latest.time >= came.first END,
       hour.n, hour.least, hour.most, hour.total, hour.squares, hour.last
FROM (SELECT series, start, min(time) AS first FROM fold_changed GROUP BY series, start) AS came
LEFT JOIN observations_latest AS latest ON latest.series = came.series
LEFT JOIN observations_hour AS hour ON hour.series = came.series AND hour.start = came.start
    AND hour.start >= %(start)s AND hour.start < %(end)s"""
_ANEW = "INSERT INTO fold_hour SELECT series, start FROM fold_touched WHERE anew"
_GROWN = """
INSERT INTO fold_rolled
SELECT series, start, max(was), sum(n), min(least), max(most), sum(total), sum(squares), (array_agg(last))[count(*)]
FROM (
    SELECT series, start, '-infinity'::timestamptz AS time, was, was AS n, least, most, total, squares, last
    FROM fold_touched WHERE NOT anew AND was IS NOT NULL
    UNION ALL
    SELECT series, start, time, NULL, 1, value, value, value,
           CASE WHEN abs(value) < 1e-150 THEN 0 ELSE value * value END, value
    FROM fold_changed AS changed
    WHERE NOT EXISTS (SELECT FROM fold_hour AS hour WHERE hour.series = changed.series AND hour.start = changed.start)
    ORDER BY series, start, time
) AS parts GROUP BY series, start"""
_PUT_GROWN = """
INSERT INTO observations_hour (series, n, start, least, most, total, squares, last)
SELECT series, n, start, least, most, total, squares, last FROM fold_rolled
ON CONFLICT (series, start) DO UPDATE SET n = excluded.n, least = excluded.least, most = excluded.most,
    total = excluded.total, squares = excluded.squares, last = excluded.last"""
_COUNT_GROWN = "INSERT INTO fold_count SELECT series, n - COALESCE(was, 0) FROM fold_rolled"
# A day of which one hour grew, its newest or a newer one, grows with it; all others are summed anew from their hours. A day
# that holds fewer readings than that hour cannot be right.
_GROWN_DAYS = """
WITH days AS MATERIALIZED (
    SELECT series, (start AT TIME ZONE %(zone)s)::date AS day, start, count(*) OVER (PARTITION BY series, (start AT TIME ZONE
           %(zone)s)::date) AS hours, anew FROM fold_touched
),
put AS (
    INSERT INTO observations_day AS old (series, n, day, least, most, total, squares, last, open)
    SELECT series, n - COALESCE(was, 0), day, least, most, total, squares, last, start
    FROM days JOIN fold_rolled USING (series, start) WHERE hours = 1 ORDER BY series
    ON CONFLICT (series, day) DO UPDATE SET n = old.n + excluded.n,
        least = LEAST(old.least, excluded.least), most = GREATEST(old.most, excluded.most), last = excluded.last,
        total = COALESCE(
            CASE WHEN old.open < excluded.open THEN old.total ELSE old.open_total END + excluded.total, excluded.total
        ),
        squares = COALESCE(
            CASE WHEN old.open < excluded.open THEN old.squares ELSE old.open_squares END + excluded.squares, excluded.squares
        ),
        open_total = CASE WHEN old.open < excluded.open THEN old.total ELSE old.open_total END,
        open_squares = CASE WHEN old.open < excluded.open THEN old.squares ELSE old.open_squares END,
        open = excluded.open
    WHERE old.open <= excluded.open
    RETURNING series, day, n, open
),
right_now AS (SELECT put.series, put.day FROM put JOIN fold_rolled AS hour ON hour.series = put.series AND hour.start = put.open
              WHERE put.n >= hour.n)
INSERT INTO fold_day SELECT series, day FROM days EXCEPT SELECT series, day FROM right_now"""


def roll_on(start: datetime, end: datetime) -> None:
    """Roll what lies in ``fold_changed`` (all in ``start`` <= time < ``end``, on hot days) up into hours and civil days.

    Called before the latest values move, because these say what came in order.
    """
    with connection.cursor() as cursor:
        values = {"start": start, "end": end, "zone": settings.TIME_ZONE}
        cursor.execute(_TOUCHED, values)
        cursor.execute("SELECT DISTINCT date_trunc('month', start, 'UTC') FROM fold_touched")
        partitions.make_hours(row[0] for row in cursor.fetchall())
        cursor.execute(_ANEW)
        cursor.execute(_GROWN)
        cursor.execute(_PUT_GROWN)
        cursor.execute(_COUNT_GROWN)
        cursor.execute(_GROWN_DAYS, values)
    roll_hot(start, end)


def roll_hot(start: datetime, end: datetime) -> None:
    """Make the hours in ``fold_hour`` (all in ``start`` <= hour < ``end``, on hot days) and their civil days anew."""
    _roll(_HOT, start, end)


def _roll(source: str, start: datetime, end: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT date_trunc('month', start, 'UTC') FROM fold_hour")
        if months := [row[0] for row in cursor.fetchall()]:
            partitions.make_hours(months)
            cursor.execute(_hours(source), {"start": start, "end": end})
        values = {"start": start, "end": end, "zone": settings.TIME_ZONE}
        cursor.execute(_NEW_DAYS, values)
        cursor.execute(_DAYS, values)


@transaction.atomic
def roll_late(*, shards: Sequence[int], most: int = LATE_HOURS) -> int:
    """Make the roll-ups of up to ``most`` hours of older days anew that late readings touched, of what of the shards is free.

    Returns how many.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM observations_dirty)")
        return _roll_late(_free(cursor, shards), most) if cursor.fetchone()[0] else 0


@transaction.atomic
def roll_late_of(series: Iterable[int]) -> None:
    """The same for all that waits of series that the caller holds."""
    while _roll_late(_among(series), LATE_HOURS):
        pass


def _free(cursor, shards: Sequence[int]) -> str:
    """The condition for dirty hours of series that this transaction holds from now on."""
    held = locks.try_shards(shards)
    cursor.execute("SELECT DISTINCT series FROM observations_dirty JOIN observations_datastream ON id = series WHERE life")
    lives = [series for (series,) in cursor.fetchall() if locks.shard_of(series) in shards]
    common = f"series % {locks.SHARDS} = ANY('{{{_listed(held)}}}'::int[]) AND NOT {_among(lives)}"
    return f"({common} OR {_among(locks.try_lives(lives))})"


def _among(series: Iterable[int]) -> str:
    return f"series = ANY('{{{_listed(series)}}}'::int[])"


def _listed(numbers: Iterable[int]) -> str:
    return ",".join(str(int(one)) for one in numbers)


def _roll_late(those: str, most: int) -> int:
    """Of dirty hours that fulfil a condition. The late table is read before the archive: what the archive takes over meanwhile
    is then seen twice, never not at all.
    """
    from miasto.kernel.observations.store import placing

    with connection.cursor() as cursor:
        placing.prepare()
        cursor.execute(
            f"""WITH taken AS (
                   DELETE FROM observations_dirty WHERE (series, start) IN (
                       SELECT series, start FROM observations_dirty WHERE {those} ORDER BY start, series LIMIT {most:d}
                   ) RETURNING series, start
               ) INSERT INTO fold_hour SELECT series, start FROM taken"""
        )
        cursor.execute("SELECT series, start FROM fold_hour ORDER BY start, series")
        hours = cursor.fetchall()
        if not hours:
            return 0
        cursor.execute("CREATE TEMP TABLE fold_cold (series integer, time timestamptz, value double precision) ON COMMIT DROP")
        _fill_cold(cursor, hours)
        _roll(_COLD, hours[0][1], hours[-1][1] + timedelta(hours=1))
        cursor.execute("DROP TABLE fold_cold")
        cursor.execute(
            """UPDATE observations_datastream SET count = count + more
               FROM (SELECT series, sum(more) AS more FROM fold_count GROUP BY series) AS grown WHERE id = series"""
        )
    return len(hours)


def _fill_cold(cursor, hours: list[tuple[int, datetime]]) -> None:
    found = cold.readings(hours)
    if found:
        with cursor.copy("COPY fold_cold FROM STDIN") as copy:
            for one in found:
                copy.write_row((one.series, one.time, one.value))
        cursor.execute("CREATE INDEX ON fold_cold (series, time)")
