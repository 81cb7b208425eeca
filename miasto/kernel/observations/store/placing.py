"""What lies in ``fold_chunk`` goes where it belongs: hot or late readings, hours and days, latest values, counters.

Everything is done for the whole chunk at once, in statements ordered by series and time, and in one transaction with the locks
of the shards held (``folding``). What was there already, and the same, is touched by nothing and told to nobody.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.db import connection

from miasto.kernel.core import clock
from miasto.kernel.observations.store import flags, partitions, rolling

STICKY = flags.CORRECTED | flags.RELEASED  # once true of a reading, true for ever
_COLUMNS = "series integer, flags smallint, time timestamptz, value double precision"
_SUMS = "least double precision, most double precision, total double precision, squares double precision, last double precision"
_TABLES = {
    "fold_chunk": f"{_COLUMNS}, lane smallint",
    "fold_changed": f"{_COLUMNS}, start timestamptz",
    "fold_touched": f"series integer, start timestamptz, anew boolean, was integer, {_SUMS}",
    "fold_rolled": f"series integer, start timestamptz, was integer, n integer, {_SUMS}",
    "fold_hour": "series integer, start timestamptz",
    "fold_day": "series integer, day date",
    "fold_count": "series integer, more bigint",
}
_MAKE = "; ".join(f"CREATE TEMP TABLE {name} ({columns}) ON COMMIT DELETE ROWS" for name, columns in _TABLES.items())


def prepare() -> None:
    """Empty the work tables of this connection; made at its first fold and emptied at every commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_temp.fold_chunk')")
        if cursor.fetchone()[0] is None:
            cursor.execute(_MAKE)
        else:
            cursor.execute("TRUNCATE " + ", ".join(_TABLES))


def place() -> None:
    """Put what lies in ``fold_chunk`` (one row for each series and instant) where it belongs. Its shards are held."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT {rolling.UTC_DAY} FROM fold_chunk")
        days = [row[0].astimezone(UTC).date() for row in cursor.fetchall()]
        hot = partitions.hot_among(days)
        if hot:
            cursor.execute(_upsert("observations_reading", "", len(hot) == len(days)), {"days": starts(hot)})
            rolling.roll_on(_start(min(hot)), _start(max(hot)) + timedelta(days=1))
        if len(hot) < len(days):
            rest = [day for day in days if day not in hot]
            cursor.execute(_upsert("observations_late", "id = DEFAULT, ", not hot), {"days": starts(rest)})
            cursor.execute(_DIRTY, {"days": starts(hot)})
        cursor.execute(_LATEST, {"now": clock.now()})
        cursor.execute(_STREAMS)


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def starts(days: list[date]) -> list[datetime]:
    """The beginnings of UTC days."""
    return [_start(day) for day in days]


def _upsert(table: str, more: str, whole: bool) -> str:
    """Into the hot or the late table, the ``whole`` chunk or its rows of ``days``."""
    return f"""
WITH put AS (
    INSERT INTO {table} AS old (series, flags, time, value)
    SELECT series, flags, time, value FROM fold_chunk
    {"" if whole else f"WHERE {rolling.UTC_DAY} = ANY(%(days)s)"}
    ON CONFLICT (series, time) DO UPDATE SET {more}value = excluded.value,
        flags = excluded.flags | (old.flags & {STICKY}::smallint)
                | CASE WHEN old.value <> excluded.value THEN {flags.CORRECTED}::smallint ELSE 0::smallint END
    WHERE old.value <> excluded.value OR (excluded.flags | (old.flags & {STICKY}::smallint)) <> old.flags
    RETURNING series, flags, time, value
)
INSERT INTO fold_changed (series, flags, time, value, start) SELECT put.*, {rolling.UTC_HOUR} FROM put"""


_DIRTY = f"""
INSERT INTO observations_dirty (series, start)
SELECT DISTINCT series, start FROM fold_changed WHERE NOT {rolling.UTC_DAY} = ANY(%(days)s::timestamptz[])
ON CONFLICT DO NOTHING"""
_LATEST = """
INSERT INTO observations_latest AS old (series, flags, time, value, received)
SELECT DISTINCT ON (series) series, flags, time, value, %(now)s FROM fold_changed ORDER BY series, time DESC
ON CONFLICT (series) DO UPDATE
SET flags = excluded.flags, time = excluded.time, value = excluded.value, received = excluded.received
WHERE excluded.time >= old.time"""
_STREAMS = """
UPDATE observations_datastream AS stream
SET count = count + COALESCE(more, 0), first_at = LEAST(first_at, first), last_at = GREATEST(last_at, last)
FROM (SELECT series, min(time) AS first, max(time) AS last FROM fold_changed GROUP BY series) AS seen
LEFT JOIN (SELECT series, sum(more) AS more FROM fold_count GROUP BY series) AS counted USING (series)
WHERE stream.id = seen.series"""
