"""From the staging table into the hot table, the latest values and the roll-ups; one transaction for each chunk.

The rows leave the staging table in the transaction that puts them where they belong, so a kill at any moment neither loses nor
doubles one. Several folders work side by side: a series belongs to one of 16 shards, and who folds a shard holds its lock until
the commit. So what came later for one instant always wins, and the roll-ups of a series have one writer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from django.db import DataError, IntegrityError, connection, transaction

from miasto.kernel.core import clock
from miasto.kernel.observations.store import flags, partitions, rolling
from miasto.kernel.observations.store.reading import Reading

SHARDS = 16
CHUNK = 20_000
STICKY = flags.CORRECTED | flags.RELEASED  # once true of a reading, true for ever
Hook = Callable[[list[Reading]], None]

_log = logging.getLogger(__name__)
_hooks: list[tuple[Hook, bool]] = []


def after_fold(hook: Hook, *, every: bool = False) -> Hook:
    """Have ``hook`` called with the readings of each folded chunk that are new or changed, ordered by series and time.

    It gets those of watched series, with ``every`` all. It runs inside the transaction of the fold, so what it writes exists
    exactly if the readings are folded, once; what leaves the database belongs into ``transaction.on_commit``. Its failure is
    logged and does not stop the fold. Readings of ``import_history`` are not told. May be used as a decorator.
    """
    if (hook, every) not in _hooks:
        _hooks.append((hook, every))
    return hook


def forget_hook(hook: Hook) -> None:
    """Call it no more."""
    _hooks[:] = [one for one in _hooks if one[0] != hook]


def shard_of(series: int) -> int:
    """The shard of a series."""
    return series % SHARDS


def lock(shards: Iterable[int]) -> None:
    """Wait for shards and hold them until the end of the transaction; in order, so that two never wait for each other."""
    with connection.cursor() as cursor:
        for shard in sorted(set(shards)):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [partitions.LOCKS, shard])


def try_lock(shards: Sequence[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shard FROM unnest(%s::int[]) AS shard WHERE pg_try_advisory_xact_lock(%s, shard)",
            [list(shards), partitions.LOCKS],
        )
        return [row[0] for row in cursor.fetchall()]


def fold(*, shards: Sequence[int] = range(SHARDS), most: int = CHUNK) -> int:
    """Fold one chunk of the shards that nobody else holds, watched series first; returns how many rows left the staging table.

    A row that the database refuses is found by halving the chunk and set aside in quarantine, so it stops nothing.
    """
    while True:
        try:
            with transaction.atomic():
                held = try_lock(shards)
                return _fold(_next_rows(held, most)) if held else 0
        except (DataError, IntegrityError):
            _log.exception("a chunk of %s readings was refused", most)
            if most == 1:
                return _set_aside(shards)
            most = max(1, most // 8)


def fold_series(series: Iterable[int]) -> None:
    """Fold all that waits of these series, for those who want to read what they have just written."""
    wanted = sorted(set(series))
    with transaction.atomic():
        lock(shard_of(one) for one in wanted)
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM observations_staging WHERE series = ANY(%s)", [wanted])
            rows = [row[0] for row in cursor.fetchall()]
        if rows:
            _fold(rows)


def fold_all(*, shards: Sequence[int] = range(SHARDS), most: int = CHUNK) -> int:
    """Fold until nothing is left that is free, late roll-ups too; returns how many rows left the staging table."""
    total = 0
    while done := fold(shards=shards, most=most):
        total += done
    while rolling.roll_late(shards=shards):
        pass
    return total


def _next_rows(shards: list[int], most: int) -> list[int]:
    ours = "" if len(shards) == SHARDS else f"AND series %% {SHARDS} = ANY(%(shards)s)"
    with connection.cursor() as cursor:
        for urgent in ("urgent", "NOT urgent"):
            cursor.execute(
                f"SELECT id FROM observations_staging WHERE {urgent} {ours} ORDER BY id LIMIT %(most)s",
                {"shards": shards, "most": most},
            )
            if rows := cursor.fetchall():
                return [row[0] for row in rows]
    return []


# What was sent twice within the chunk is one row: the last; two values for one instant are a correction.
_TAKE = f"""
WITH taken AS (
    DELETE FROM observations_staging WHERE id = ANY(%s) RETURNING id, urgent, series, flags, time, value
)
INSERT INTO fold_chunk (urgent, series, flags, time, value)
SELECT DISTINCT ON (series, time) urgent, series,
       flags | (bit_or(flags) OVER same & {STICKY}::smallint)
       | CASE WHEN min(value) OVER same <> max(value) OVER same THEN {flags.CORRECTED}::smallint ELSE 0::smallint END,
       time, value
FROM taken WINDOW same AS (PARTITION BY series, time) ORDER BY series, time, id DESC"""


def _fold(rows: list[int]) -> int:
    if not rows:
        return 0
    prepare()
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [rows])
    place()
    _tell()
    return len(rows)


def prepare() -> None:
    """Empty the work tables of this connection; made at its first fold and emptied at every commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_temp.fold_chunk')")
        if cursor.fetchone()[0] is None:
            cursor.execute(_WORK)
        else:
            cursor.execute("TRUNCATE fold_chunk, fold_changed, fold_hour, fold_count")


_COLUMNS = "series integer, flags smallint, time timestamptz, value double precision, urgent boolean"
_WORK = f"""
CREATE TEMP TABLE fold_chunk ({_COLUMNS}) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE fold_changed ({_COLUMNS}) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE fold_hour (series integer, start timestamptz) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE fold_count (series integer, more bigint) ON COMMIT DELETE ROWS;
"""


def place() -> None:
    """Put what lies in ``fold_chunk`` (one row for each series and instant) where it belongs. Its shards are held."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT (time AT TIME ZONE 'UTC')::date FROM fold_chunk")
        days = [row[0] for row in cursor.fetchall()]
        hot = partitions.hot_among(days)
        if hot:
            cursor.execute(_upsert("observations_reading", ""), {"days": hot})
            cursor.execute(_TOUCHED)
            rolling.roll_hot(_start(min(hot)), _start(max(hot)) + timedelta(days=1))
        if len(hot) < len(days):
            cursor.execute(_upsert("observations_late", "id = DEFAULT, "), {"days": [day for day in days if day not in hot]})
            cursor.execute(_DIRTY, {"days": hot})
        cursor.execute(_LATEST, {"now": clock.now()})
        cursor.execute(_STREAMS)


def _start(day) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _upsert(table: str, more: str) -> str:
    """Into the hot or the late table; what was there already, and the same, is not touched and not told."""
    return f"""
WITH put AS (
    INSERT INTO {table} AS old (series, flags, time, value)
    SELECT series, flags, time, value FROM fold_chunk WHERE (time AT TIME ZONE 'UTC')::date = ANY(%(days)s)
    ON CONFLICT (series, time) DO UPDATE SET {more}value = excluded.value,
        flags = excluded.flags | (old.flags & {STICKY}::smallint)
                | CASE WHEN old.value <> excluded.value THEN {flags.CORRECTED}::smallint ELSE 0::smallint END
    WHERE old.value <> excluded.value OR (excluded.flags | (old.flags & {STICKY}::smallint)) <> old.flags
    RETURNING series, flags, time, value
)
INSERT INTO fold_changed (series, flags, time, value) SELECT * FROM put"""


_TOUCHED = "INSERT INTO fold_hour SELECT DISTINCT series, date_trunc('hour', time, 'UTC') FROM fold_changed"
_DIRTY = """
INSERT INTO observations_dirty (series, start)
SELECT DISTINCT series, date_trunc('hour', time, 'UTC') FROM fold_changed
WHERE NOT (time AT TIME ZONE 'UTC')::date = ANY(%(days)s::date[])
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


def _all_hooks() -> list[tuple[Hook, bool]]:
    """The registered ones and first the alerts, which every process that folds must know."""
    from miasto.kernel.observations.alerts.judging import judge

    return [(judge, False), *(one for one in _hooks if one[0] is not judge)]


# Whose readings are new, for the pages that show them (``live``); a notice holds at most 8,000 bytes.
MOVED = "observations_moved"
_RING = f"""
SELECT pg_notify('{MOVED}', string_agg(series::text, ',')) FROM (
    SELECT series, (row_number() OVER (ORDER BY series) - 1) / 700 AS page
    FROM (SELECT DISTINCT series FROM fold_changed) AS moved
) AS pages GROUP BY page"""


def _tell() -> None:
    hooks = _all_hooks()
    everything = any(every for _hook, every in hooks)
    urgent = "series IN (SELECT series FROM fold_chunk WHERE urgent)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT series, time, value, flags, {urgent} FROM fold_changed {'' if everything else f'WHERE {urgent}'} "
            "ORDER BY series, time"
        )
        rows = cursor.fetchall()
        cursor.execute(_RING)
    told = [Reading(*row[:4]) for row in rows]
    watched = [one for one, row in zip(told, rows, strict=True) if row[4]]
    for hook, every in hooks:
        if given := told if every else watched:
            _call(hook, given)


def _call(hook: Hook, readings: list[Reading]) -> None:
    try:
        with transaction.atomic():
            hook(readings)
    except Exception:
        _log.exception("%s failed on %s readings", hook.__qualname__, len(readings))


def _set_aside(shards: Sequence[int]) -> int:
    """Move the first row of the shards, which the database refuses to fold, into quarantine."""
    with transaction.atomic(), connection.cursor() as cursor:
        rows = _next_rows(try_lock(shards), 1)
        cursor.execute(
            """WITH gone AS (DELETE FROM observations_staging WHERE id = ANY(%s) RETURNING series, time, value)
               INSERT INTO observations_quarantined (datastream_id, time, value, raw, reason, state, received_at)
               SELECT series, time, value, value::text, 'range', 'waiting', %s FROM gone
               JOIN observations_datastream ON id = series ON CONFLICT DO NOTHING""",
            [rows, clock.now()],
        )
    return len(rows)
