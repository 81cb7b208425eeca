"""A closed day out of PostgreSQL into Parquet: sealed, copied by parts, and switched in one transaction.

A kill at any moment loses and doubles nothing. Until the switch the day is read from its partition, and what was written of
files is in no manifest; the switch names the files and drops the partition together. From the seal on the partition does not
change: what still comes for that day goes to ``observations_late``, which every read lays over both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

from django.db import connection, transaction
from psycopg import sql

from miasto.kernel.observations.archive import duck, place
from miasto.kernel.observations.archive.duck import Columns
from miasto.kernel.observations.archive.models import ArchiveFile
from miasto.kernel.observations.store import partitions

PART_ROWS = 5_000_000
LOCK_WAIT = "1s"
EPOCH_2000_US = 946_684_800_000_000
HEADER, TRAILER = 19, 2  # of PostgreSQL's binary COPY


def due() -> list[date]:
    """The UTC days that are over and behind the hot window, and still in PostgreSQL; oldest first."""
    first_hot = partitions.first_hot()
    return [day for day in partitions.existing() if day < first_hot]


def move(day: date, told: Callable[[date, int, int], None]) -> int:
    """Move one day to the archive; returns its rows. ``told(day, rows, of)`` hears of the progress and may raise to stop."""
    seal(day)
    ranges = _ranges(day)
    total, rows, parts = sum(count for *_range, count in ranges), 0, []
    told(day, 0, total)
    for least, most, count in ranges:
        parts += write_parts(day, copy_out(day, least, most), revision=1)
        rows += count
        told(day, rows, total)
    _switch(day, parts)
    return rows


def _table(day: date) -> sql.Identifier:
    return sql.Identifier(f"observations_reading_{day:%Y%m%d}")


def seal(day: date) -> None:
    """From here on what is written to the day becomes late: folding by the border, all else by a trigger.

    Waits for the writers at work, not for readers.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_WAIT])
        partitions.close(day)
        cursor.execute(
            sql.SQL(
                """CREATE OR REPLACE TRIGGER observations_sealed BEFORE INSERT OR UPDATE OR DELETE ON {}
                   FOR EACH ROW EXECUTE FUNCTION observations_to_late()"""
            ).format(_table(day))
        )


def _ranges(day: date) -> list[tuple[int, int, int]]:
    """Ranges of series ``(least, most, rows)`` of about ``PART_ROWS`` rows: what is held in memory at a time."""
    found: list[tuple[int, int, int]] = []
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT series, count(*) FROM {} GROUP BY series ORDER BY series").format(_table(day)))
        for series, count in cursor.fetchall():
            if found and found[-1][2] + count <= PART_ROWS:
                found[-1] = (found[-1][0], series, found[-1][2] + count)
            else:
                found.append((series, series, count))
    return found


def copy_out(day: date, least: int, most: int) -> Columns:
    """The readings of a range of series, sorted, by PostgreSQL's binary COPY: 40 bytes a row, parsed at once."""
    import numpy as np

    pieces = bytearray()
    query = sql.SQL(
        "COPY (SELECT series, time, value, flags FROM {} WHERE series BETWEEN {} AND {}) TO STDOUT (FORMAT binary)"
    ).format(_table(day), least, most)
    with connection.cursor() as cursor, cursor.copy(query) as copied:
        for piece in copied:
            pieces += piece
    row = np.dtype(
        [("fields", ">i2"), ("a", ">i4"), ("series", ">i4"), ("b", ">i4"), ("time", ">i8")]
        + [("c", ">i4"), ("value", ">f8"), ("d", ">i4"), ("flags", ">i2")]
    )
    rows = np.frombuffer(pieces, dtype=row, offset=HEADER, count=(len(pieces) - HEADER - TRAILER) // row.itemsize)
    series, time = rows["series"].astype(np.int32), rows["time"].astype(np.int64) + EPOCH_2000_US
    order = np.lexsort((time, series))
    return Columns(series[order], time[order], rows["value"].astype(np.float64)[order], rows["flags"].astype(np.int16)[order])


def write_parts(day: date, columns: Columns, *, revision: int) -> list[ArchiveFile]:
    """Durable files of sorted readings, none much longer than ``PART_ROWS``, as rows that are not saved yet."""
    return [_write_part(day, piece, revision) for piece in _pieces(columns)]


def _pieces(columns: Columns) -> Iterator[Columns]:
    """Cut between series, where a part has become too long."""
    import numpy as np

    total, start = len(columns.series), 0
    while start < total:
        end = min(start + PART_ROWS, total)
        if end < total:
            edge = int(np.searchsorted(columns.series, columns.series[end]))  # where the series at the cut begins
            end = edge if edge > start else int(np.searchsorted(columns.series, columns.series[end], side="right"))
        yield Columns(*(column[start:end] for column in columns))
        start = end


def _write_part(day: date, columns: Columns, revision: int) -> ArchiveFile:
    least, most = int(columns.series[0]), int(columns.series[-1])
    name = place.part_name(day, least, most, revision)
    temporary = place.place().scratch(name)
    try:
        groups = duck.write(columns, str(temporary))
        size, digest = place.settle(temporary, name)
    except BaseException:
        temporary.unlink(missing_ok=True)  # on a full disk what was begun would keep the next try from its place
        raise
    begins, records = groups or (None, None)
    return ArchiveFile(
        day=day, name=name, revision=revision, rows=len(columns.series), bytes=size, sha256=digest,
        least_series=least, most_series=most, begins=begins, groups=records,
    )  # fmt: skip


def _switch(day: date, parts: list[ArchiveFile]) -> None:
    """The files begin to exist and the partition ends. Gives way to readers of it, behind whom everybody else would wait."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_WAIT])
        partitions.drop(day)
        ArchiveFile.objects.bulk_create(parts)


def start_of(day: date) -> datetime:
    """The first instant of a UTC day."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
