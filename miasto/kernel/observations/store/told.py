"""What a process folded or stored that does not publish by itself: it lies here until the one that publishes takes it.

A row is written in the transaction that stores the observations, so nothing is told before the commit and nothing of what was
rolled back; who takes a row deletes it, so everything is told once. The table is not logged: after a crash of the database
subscribers ask the API for what they missed.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection

from miasto.kernel.core import clock
from miasto.kernel.observations.store.reading import Reading

CHANNEL = "observations_told"
CHUNKS_MOST = 20  # taken at once
LISTENED = timedelta(minutes=5)


class Told(NamedTuple):
    """An observation to be told of; ``value`` None and ``n`` above 0 where the result is no number."""

    series: int
    time: datetime
    value: float | None
    flags: int = 0
    n: int = 0


def wanted() -> bool:
    """Whether there is a broker that the platform publishes to."""
    return bool(os.environ.get("MIASTO_MQTT_OUT"))


def note(readings: Sequence[Reading]) -> None:
    """Have folded readings told; a hook of the fold (``every=True``)."""
    if wanted():
        _keep([Told(*one) for one in readings])


def note_others(keys: Sequence[tuple[int, datetime, int]]) -> None:
    """Have results told that are no numbers: (series, time, number among those of the instant)."""
    if keys and wanted():
        _keep([Told(series, time, None, 0, n) for series, time, n in keys])


def _keep(rows: Sequence[Told]) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO observations_told (series, time, value, flags, n)
               VALUES (%s::int[], %s::timestamptz[], %s::float8[], %s::int2[], %s::int2[])""",
            columns,
        )
        cursor.execute(f"NOTIFY {CHANNEL}")


def listen(series: int) -> None:
    """Have observations of a stream told though not everybody may see it, for ``LISTENED``; ask again to hear longer."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO observations_listened (series, until) VALUES (%s, %s)
               ON CONFLICT (series) DO UPDATE SET until = excluded.until""",
            [series, clock.now() + LISTENED],
        )
        cursor.execute("DELETE FROM observations_listened WHERE until < %s", [clock.now()])


def take() -> list[list[Told]]:
    """Take some of what waits, oldest first, and forget it. Two never take the same."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH next AS (SELECT id FROM observations_told ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED),
                    gone AS (DELETE FROM observations_told USING next WHERE observations_told.id = next.id
                             RETURNING observations_told.*)
               SELECT series, time, value, flags, n FROM gone ORDER BY id""",
            [CHUNKS_MOST],
        )
        return [[Told(*one) for one in zip(*row, strict=True)] for row in cursor.fetchall()]
