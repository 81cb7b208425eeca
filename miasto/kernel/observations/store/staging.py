"""Durable before anything else: readings go by binary COPY into a logged table. Committed there means acknowledged."""

from __future__ import annotations

import os

import numpy as np
from django.db import connection

from miasto.kernel.observations.store.batch import Batch

CHANNEL = "observations_staged"
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
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) - min(id) + 1 FROM observations_staging")
        found = cursor.fetchone()[0] or 0
        if found > 1000:  # gaps in the numbering make the difference too large
            cursor.execute("SELECT count(*) FROM (SELECT FROM observations_staging LIMIT %s) AS those", [most_waiting() + 1])
            found = cursor.fetchone()[0]
    return found


def refuse_if_full(more: int) -> None:
    """Raise ``Busy`` where ``more`` readings would not fit. Two at once may both pass: the limit is one of order only."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) - min(id) + 1 FROM observations_staging")
        roughly = cursor.fetchone()[0] or 0
    if roughly + more > most_waiting() and (found := waiting()) + more > most_waiting():
        raise Busy(retry_after=min(60, 1 + found // 20_000))


def stage(batch: Batch, urgent: np.ndarray | bool) -> None:
    """Copy a checked batch into the staging table and wake the folders at the commit. Call inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = on")
        copy_in(cursor, "observations_staging (urgent, series, flags, time, value)", batch, urgent)
        cursor.execute(f"NOTIFY {CHANNEL}")


_ROW = np.dtype(
    [("fields", ">i2"), ("l0", ">i4"), ("urgent", "u1"), ("l1", ">i4"), ("series", ">i4"), ("l2", ">i4"), ("flags", ">i2")]
    + [("l3", ">i4"), ("time", ">i8"), ("l4", ">i4"), ("value", ">f8")]
)


def copy_in(cursor, target: str, batch: Batch, urgent: np.ndarray | bool) -> None:
    """COPY a batch in PostgreSQL's binary format into ``target``, a table and its five columns in the order of ``_ROW``."""
    rows = np.empty(len(batch), dtype=_ROW)
    rows["fields"], rows["l0"], rows["l1"], rows["l2"], rows["l3"], rows["l4"] = 5, 1, 4, 2, 8, 8
    rows["urgent"], rows["series"], rows["flags"] = urgent, batch.series, batch.flags
    rows["time"], rows["value"] = batch.time - PG_EPOCH_US, batch.value
    with cursor.copy(f"COPY {target} FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(_HEADER + rows.tobytes() + _TRAILER)
