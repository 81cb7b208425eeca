"""Roll-ups by UTC hour and civil day, made anew for exactly the hours that readings touched.

An hour is always computed from all of its raw readings, a day from all of its hours: repeating it changes nothing, and the
order in which readings came leaves no trace. An hour of a hot day has its readings in the hot table. One of an older day is
marked in ``observations_dirty`` and computed a moment later from the late table and the archive together (``cold``), the late
one winning.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from miasto.kernel.observations.store import cold, flags, partitions

LATE_HOURS = 20_000

# Squares so small that they vanish would be an error of PostgreSQL's.
_OF = """count(*)::integer AS n, min(value) AS least, max(value) AS most, sum(value) AS total,
       sum(CASE WHEN abs(value) < 1e-150 THEN 0 ELSE value * value END) AS squares,
       (array_agg(value ORDER BY time DESC))[1] AS last"""
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


_DAYS = """
WITH touched AS (SELECT DISTINCT series, (start AT TIME ZONE %(zone)s)::date AS day FROM fold_hour),
fresh AS MATERIALIZED (
    SELECT touched.series, touched.day, of.* FROM touched CROSS JOIN LATERAL (
        SELECT sum(n)::integer AS n, min(least) AS least, max(most) AS most, sum(total) AS total, sum(squares) AS squares,
               (array_agg(last ORDER BY start DESC))[1] AS last
        FROM (
            SELECT * FROM observations_hour AS hour
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
INSERT INTO observations_day (series, n, day, least, most, total, squares, last)
SELECT series, n, day, least, most, total, squares, last FROM fresh WHERE n IS NOT NULL
ON CONFLICT (series, day) DO UPDATE SET n = excluded.n, least = excluded.least, most = excluded.most,
    total = excluded.total, squares = excluded.squares, last = excluded.last"""


def roll_hot(start: datetime, end: datetime) -> None:
    """Make the hours in ``fold_hour`` (all in ``start`` <= hour < ``end``, on hot days) and their civil days anew."""
    _roll(_HOT, start, end)


def _roll(source: str, start: datetime, end: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT date_trunc('month', start, 'UTC') FROM fold_hour")
        partitions.make_hours(row[0] for row in cursor.fetchall())
        values = {"start": start, "end": end, "zone": settings.TIME_ZONE}
        cursor.execute(_hours(source), values)
        cursor.execute(_DAYS, values)


@transaction.atomic
def roll_late(*, shards: Sequence[int], most: int = LATE_HOURS) -> int:
    """Make the roll-ups of up to ``most`` hours of older days anew that late readings touched; returns how many.

    The late table is read before the archive: what the archive takes over meanwhile is then seen twice, never not at all.
    """
    from miasto.kernel.observations.store import folding

    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM observations_dirty)")
        if not cursor.fetchone()[0] or not (held := folding.try_lock(shards)):
            return 0
        folding.prepare()
        cursor.execute(
            """WITH taken AS (
                   DELETE FROM observations_dirty WHERE (series, start) IN (
                       SELECT series, start FROM observations_dirty WHERE series %% %(of)s = ANY(%(held)s)
                       ORDER BY start, series LIMIT %(most)s
                   ) RETURNING series, start
               ) INSERT INTO fold_hour SELECT series, start FROM taken""",
            {"of": folding.SHARDS, "held": held, "most": most},
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
