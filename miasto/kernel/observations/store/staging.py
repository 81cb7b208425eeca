"""Durable before anything else: readings go by binary COPY into a logged table. Committed there means acknowledged."""

from __future__ import annotations

import os
from datetime import datetime
from typing import NamedTuple

import numpy as np
from django.db import connection

from miasto.kernel.observations.store.batch import Batch
from miasto.kernel.observations.store.locks import LIFE

CHANNEL = "observations_staged"
CROWD = 100_000
LIFE_WAITING = 100_000  # readings of the lane of dangers to life that may wait where all else is refused
PG_EPOCH_US = 946_684_800_000_000  # 2000-01-01, from which PostgreSQL counts
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"


class Busy(Exception):
    """So much waits to be folded that nothing more is taken in; ``retry_after`` in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many readings wait; try again in {retry_after} s")
        self.retry_after = retry_after


def most_waiting() -> int:
    """How many readings may wait (``MIASTO_READINGS_WAITING``, default two million: about 150 MB)."""
    return int(os.environ.get("MIASTO_READINGS_WAITING", "2000000"))


def waiting() -> int:
    """How many acknowledged readings wait to be folded; never less, cheap, exact when few."""
    found = _roughly()
    if found > 1000:  # gaps in the numbering make the difference too large
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM (SELECT FROM observations_staging LIMIT %s) AS those", [most_waiting() + 1])
            found = cursor.fetchone()[0]
    return found


class Backlog(NamedTuple):
    """How many acknowledged readings wait, and since when the oldest of them does (None: none waits)."""

    count: int
    since: datetime | None


def backlog() -> Backlog:
    """What waits to be folded."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT received FROM observations_staging ORDER BY id LIMIT 1")
        found = cursor.fetchone()
    return Backlog(waiting(), found[0]) if found else Backlog(0, None)


def crowded() -> bool:
    """Whether so much waits that nobody should look for his own among it."""
    return _roughly() > CROWD


def _roughly() -> int:
    """As ``waiting``, with the gaps in the numbering."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) - min(id) + 1 FROM observations_staging")
        return cursor.fetchone()[0] or 0


def full_for(more: int) -> Busy | None:
    """Why ``more`` readings would not fit, or None. Two at once may both fit: the limit is one of order only."""
    if _roughly() + more > most_waiting() and (found := waiting()) + more > most_waiting():
        return Busy(retry_after=min(60, 1 + found // 20_000))
    return None


def room_for_life(more: int) -> bool:
    """Whether readings of series that a rule about a danger to life reads still fit, whatever else waits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT FROM observations_staging WHERE lane = %s LIMIT %s) AS those", [LIFE, LIFE_WAITING]
        )
        return cursor.fetchone()[0] + more <= LIFE_WAITING


def stage(batch: Batch, lane: np.ndarray | int) -> None:
    """Copy a checked batch into lanes of the staging table and wake the folders at the commit.

    Call inside a transaction that kept the lanes (``locks.keep_lanes``) before it read them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = on")
        copy_in(cursor, "observations_staging (lane, series, flags, time, value)", batch, lane)
        cursor.execute(f"NOTIFY {CHANNEL}")


_ROW = np.dtype(
    [("fields", ">i2"), ("l0", ">i4"), ("lane", ">i2"), ("l1", ">i4"), ("series", ">i4"), ("l2", ">i4"), ("flags", ">i2")]
    + [("l3", ">i4"), ("time", ">i8"), ("l4", ">i4"), ("value", ">f8")]
)


def copy_in(cursor, target: str, batch: Batch, lane: np.ndarray | int) -> None:
    """COPY a batch in PostgreSQL's binary format into ``target``, a table and its five columns in the order of ``_ROW``."""
    rows = np.empty(len(batch), dtype=_ROW)
    rows["fields"], rows["l0"], rows["l1"], rows["l2"], rows["l3"], rows["l4"] = 5, 2, 4, 2, 8, 8
    rows["lane"], rows["series"], rows["flags"] = lane, batch.series, batch.flags
    rows["time"], rows["value"] = batch.time - PG_EPOCH_US, batch.value
    with connection.wrap_database_errors, cursor.copy(f"COPY {target} FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(_HEADER + rows.tobytes() + _TRAILER)
