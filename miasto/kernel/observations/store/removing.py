"""Readings that go, or that are again what they were: the whole chunk at once, wherever their days lie.

A reading of a hot day leaves its table; one of a day that is late or archived gets a mark over it, with which the archive
rewrites its file. Hours, days, counters, latest values and the times of the streams follow in the same transaction.
"""

from __future__ import annotations

from datetime import UTC, timedelta

import numpy as np
from django.db import connection

from miasto.kernel.observations.store import ends, flags, partitions, placing, rolling, staging
from miasto.kernel.observations.store.batch import Batch

_HOT = f"{rolling.UTC_DAY} = ANY(%(days)s::timestamptz[])"
_GO_HOT = f"""
WITH gone AS (
    DELETE FROM observations_reading AS old USING fold_chunk AS chunk
    WHERE lane = 0 AND old.series = chunk.series AND old.time = chunk.time AND old.time >= %(start)s AND old.time < %(end)s
), back AS (
    UPDATE observations_reading AS old SET value = chunk.value, flags = chunk.flags FROM fold_chunk AS chunk
    WHERE lane = 1 AND old.series = chunk.series AND old.time = chunk.time AND old.time >= %(start)s AND old.time < %(end)s
)
INSERT INTO fold_hour SELECT DISTINCT series, {rolling.UTC_HOUR} FROM fold_chunk WHERE {_HOT}"""
_COUNT = """
UPDATE observations_datastream SET count = count + more
FROM (SELECT series, sum(more) AS more FROM fold_count GROUP BY series) AS grown WHERE id = series"""
_GO_LATE = f"""
INSERT INTO observations_late (series, flags, time, value)
SELECT series, flags, time, value FROM fold_chunk WHERE NOT {_HOT} ORDER BY series, time
ON CONFLICT (series, time) DO UPDATE SET id = DEFAULT, flags = excluded.flags, value = excluded.value"""
_DIRTY = f"""
INSERT INTO observations_dirty (series, start)
SELECT DISTINCT series, {rolling.UTC_HOUR} FROM fold_chunk WHERE NOT {_HOT} ON CONFLICT DO NOTHING"""


def load(batch: Batch, *, back: np.ndarray) -> None:
    """Into ``fold_chunk``: what comes ``back`` with its former value and flags (lane 1), the others only to go (lane 0)."""
    placing.prepare()
    bits = np.where(back, batch.flags, np.int16(flags.DELETED)).astype(np.int16)
    rows = Batch(batch.series, batch.time, batch.value, bits)
    with connection.cursor() as cursor:
        staging.copy_in(cursor, "fold_chunk (lane, series, flags, time, value)", rows, back.astype(np.int16))


def take_back(series: list[int]) -> None:
    """Do what ``load`` brought, all of it of these ``series``, which are held."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT {rolling.UTC_DAY} FROM fold_chunk")
        days = [row[0].astimezone(UTC).date() for row in cursor.fetchall()]
        hot = partitions.hot_among(days)
        values = {"days": placing.starts(hot)}
        if len(hot) < len(days):
            cursor.execute(_GO_LATE, values)
            cursor.execute(_DIRTY, values)
        if hot:
            start, end = placing.starts([min(hot)])[0], placing.starts([max(hot)])[0] + timedelta(days=1)
            cursor.execute(_GO_HOT, {**values, "start": start, "end": end})
            rolling.roll_hot(start, end)
            cursor.execute(_COUNT)
    rolling.roll_late_of(series)
    ends.find(series)
