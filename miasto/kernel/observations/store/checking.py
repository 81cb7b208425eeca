"""Which readings cannot be: from the future, no number, outside the sensor's range, a jump that nature does not make.

The check runs before a reading is accepted, so an impossible one never reaches a roll-up or an alert rule; it goes to
quarantine with its reason. It looks at columns, not at rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db import connection

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core import clock
from miasto.kernel.observations.access import WRITE
from miasto.kernel.observations.models import Quarantined
from miasto.kernel.observations.store.batch import EPOCH, Batch, micros

Reason = Quarantined.Reason
AHEAD = timedelta(minutes=5)  # how far a sensor's clock may run ahead of ours
EARLIEST = datetime(1900, 1, 1, tzinfo=EPOCH.tzinfo)  # roll-ups have one partition for each old year
GREATEST = 1e100  # the square of a value must stay a number
HOUR_US = 3_600_000_000
REASONS = (None, Reason.NOT_NUMBER, Reason.FUTURE, Reason.PAST, Reason.RANGE, Reason.JUMP)
_CODE = {reason: code for code, reason in enumerate(REASONS)}


@dataclass(frozen=True)
class Streams:
    """What the check needs of data streams, as columns ordered by ``series``; NaN where there is no limit."""

    series: np.ndarray
    least: np.ndarray
    most: np.ndarray
    jump: np.ndarray
    lane: np.ndarray
    writable: np.ndarray


_STREAMS = """
COPY (
    SELECT stream.id, COALESCE(stream.least, 'NaN'), COALESCE(stream.most, 'NaN'), COALESCE(stream.jump, 'NaN'),
           (CASE WHEN stream.life THEN 2 WHEN stream.watched THEN 1 ELSE 0 END)::smallint,
           COALESCE(%(all)s OR COALESCE(stream.unit_id, thing.unit_id) = ANY(%(units)s::uuid[])
                    OR %(person)s::uuid IN (stream.owner_id, thing.owner_id)
                    OR %(organisation)s::uuid IN (stream.owner_organisation_id, thing.owner_organisation_id), false)
    FROM observations_datastream AS stream JOIN observations_thing AS thing ON thing.id = stream.thing_id
    WHERE stream.id = ANY(%(series)s::int[]) ORDER BY stream.id
) TO STDOUT (FORMAT BINARY)"""
_STREAM = np.dtype(
    [("fields", ">i2"), ("l0", ">i4"), ("series", ">i4"), ("l1", ">i4"), ("least", ">f8"), ("l2", ">i4"), ("most", ">f8")]
    + [("l3", ">i4"), ("jump", ">f8"), ("l4", ">i4"), ("lane", ">i2"), ("l5", ">i4"), ("writable", "?")]
)
_HEADER, _TRAILER = 19, 2  # bytes of PostgreSQL's binary COPY before the first row and after the last


def streams_of(series: np.ndarray, by: Viewer) -> Streams:
    """The streams among ``series`` (distinct), with the right of ``by`` to write into each; one query.

    The right: ``observations.write`` in the unit of the stream or, where it has none, of its thing; or being the owner of
    either. A program needs that scope in its key besides.
    """
    units = by.units_with(WRITE)
    values = {
        "all": units is None,
        "units": list(units or ()),
        "person": by.person_id,
        "organisation": by.organisation_id,
        "series": series.tolist(),
    }
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.cursor.copy(_STREAMS, values) as copy:
        found = np.frombuffer(b"".join(copy)[_HEADER:-_TRAILER], dtype=_STREAM)
    sleeping = by.api_key is not None and WRITE not in by.scopes and not by.system
    return Streams(
        found["series"].astype(np.int32),
        *(found[name].astype(np.float64) for name in ("least", "most", "jump")),
        found["lane"].astype(np.int16),
        found["writable"] & (not sleeping),
    )


def check(batch: Batch, streams: Streams, now: datetime) -> np.ndarray:
    """For each reading the place of its reason in ``REASONS``; 0 where it can be. Every series must be among ``streams``."""
    at = np.searchsorted(streams.series, batch.series)
    found = np.zeros(len(batch), dtype=np.int8)
    jump = streams.jump[at]
    with np.errstate(invalid="ignore"):
        found[(batch.value < streams.least[at]) | (batch.value > streams.most[at])] = _CODE[Reason.RANGE]
        found[np.abs(batch.value) > GREATEST] = _CODE[Reason.RANGE]
    found[batch.time < micros(EARLIEST)] = _CODE[Reason.PAST]
    found[batch.time > micros(now + AHEAD)] = _CODE[Reason.FUTURE]
    found[~np.isfinite(batch.value)] = _CODE[Reason.NOT_NUMBER]
    moving = np.flatnonzero((found == 0) & ~np.isnan(jump))
    if len(moving):
        moving = moving[np.lexsort((batch.time[moving], batch.series[moving]))]
        found[moving[_jumps(batch.take(moving), jump[moving])]] = _CODE[Reason.JUMP]
    return found


def _jumps(batch: Batch, jump: np.ndarray) -> np.ndarray:
    """Indices, in a batch ordered by series and time, of readings too far from the last possible one, an hour back at most.

    What is too far itself is no measure for the next: after one spike the good readings go on. What has been acknowledged
    but not yet folded is not seen here; the reading before it is.
    """
    first = np.r_[True, batch.series[1:] != batch.series[:-1]]
    starts = np.flatnonzero(first)
    before = _before(batch.take(starts))
    previous_time = np.r_[0, batch.time[:-1]]
    previous_value = np.r_[np.nan, batch.value[:-1]]
    for start in starts.tolist():
        previous_time[start], previous_value[start] = before.get(int(batch.series[start]), (0, np.nan))
    near = batch.time - previous_time <= HOUR_US
    suspects = near & (np.abs(batch.value - previous_value) > jump)
    ends = np.r_[starts[1:], len(batch)]
    found: list[int] = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        if suspects[start:end].any():
            last = (int(previous_time[start]), float(previous_value[start]))
            found += _walk(batch, jump[start], range(start, end), last)
    return np.array(found, dtype=np.intp)


def _walk(batch: Batch, jump: float, rows: range, last: tuple[int, float]) -> list[int]:
    found = []
    for row in rows:
        time, value = int(batch.time[row]), float(batch.value[row])
        if time - last[0] <= HOUR_US and abs(value - last[1]) > jump:
            found.append(row)
        else:
            last = (time, value)
    return found


_BEFORE = """
SELECT first.series, found.time, found.value, found.flags
FROM unnest(%(series)s::int[], %(times)s::timestamptz[]) AS first (series, time)
CROSS JOIN LATERAL (
    SELECT time, value, flags FROM observations_reading AS reading
    WHERE reading.series = first.series AND reading.time < first.time AND reading.time >= first.time - interval '1 hour'
      AND reading.time >= %(least)s AND reading.time < %(most)s
    ORDER BY time DESC LIMIT 1
) AS found"""


def _before(batch: Batch) -> dict[int, tuple[int, float]]:
    """The reading before each of the batch (one a series), an hour back at most, as its sensor said it; one query.

    One more where some are calibrated.
    """
    from miasto.kernel.observations.analysis.calibration import raw_of
    from miasto.kernel.observations.store.reading import Reading

    times = [EPOCH + timedelta(microseconds=time) for time in batch.time.tolist()]
    with connection.cursor() as cursor:
        cursor.execute(
            _BEFORE,
            {
                "series": batch.series.tolist(),
                "times": times,
                "least": min(times) - timedelta(hours=1),
                "most": max(times),
            },
        )
        found = raw_of([Reading(*row) for row in cursor.fetchall()])
    return {one.series: (micros(one.time), one.value) for one in found}


def quarantine(rows: Iterable[tuple[int, datetime, float | None, str, str]]) -> int:
    """Keep what cannot be as (series, time, value or None, raw text, reason); returns how many. Repeating it is harmless.

    One that still waits takes the newer value; one that a person has decided about stays as decided.
    """
    latest = {(series, time, reason): (value, raw[:200]) for series, time, value, raw, reason in rows}
    if not latest:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO observations_quarantined AS held (datastream_id, time, value, raw, reason, state, received_at)
               SELECT series, time, value, raw, reason, 'waiting', %s
               FROM unnest(%s::int[], %s::timestamptz[], %s::float8[], %s::text[], %s::text[])
                   AS new (series, time, value, raw, reason)
               ON CONFLICT (datastream_id, time, reason) DO UPDATE
               SET value = excluded.value, raw = excluded.raw
               WHERE held.state = 'waiting' AND held.raw <> excluded.raw""",
            [
                clock.now(),
                [key[0] for key in latest],
                [key[1] for key in latest],
                [value for value, _raw in latest.values()],
                [raw for _value, raw in latest.values()],
                [str(key[2]) for key in latest],
            ],
        )
    return len(latest)


def quarantine_batch(batch: Batch, codes: np.ndarray) -> int:
    """As ``quarantine``, of the readings whose code is not 0."""
    bad = np.flatnonzero(codes)
    rows = zip(batch.take(bad), codes[bad].tolist(), strict=True)
    return quarantine(
        (one.series, one.time, one.value if np.isfinite(one.value) else None, repr(one.value), REASONS[code])
        for one, code in rows
    )
