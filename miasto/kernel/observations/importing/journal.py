"""What an import changed, so that it can be taken back: for each of its readings what it wrote and what stood there before.

A piece is kept in the transaction that wrote its readings, so it tells of exactly those that are in the store. It is a packed
block of columns, about five bytes a reading, and is forgotten with the file after a month.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
from django.db import connection

from miasto.kernel.observations.importing.models import FileImport, ImportPiece
from miasto.kernel.observations.store import flags, fresh
from miasto.kernel.observations.store.batch import Batch
from miasto.kernel.observations.store.placing import STICKY

NONE, HELD = -1, -2  # in place of flags: the reading was not there; it went into quarantine instead
DAYS_AT_ONCE = 31
_NAMES = ("series", "time", "value", "before", "flags")


@dataclass(frozen=True, slots=True)
class Written:
    """Columns: ``series``, ``time`` (µs), the ``value`` written, what stood ``before`` it (NaN: nothing) and its ``flags``.

    All are of one order; ``flags`` may be ``NONE`` or ``HELD``.
    """

    series: np.ndarray
    time: np.ndarray
    value: np.ndarray
    before: np.ndarray
    flags: np.ndarray

    def __len__(self) -> int:
        return len(self.series)

    def take(self, which: np.ndarray) -> Written:
        """The rows of a mask."""
        return Written(*(getattr(self, name)[which] for name in _NAMES))

    @property
    def over(self) -> np.ndarray:
        """Which of them took the place of another value."""
        return self.flags >= 0

    def packed(self) -> bytes:
        """As bytes; ``unpacked`` gives it back."""
        held = io.BytesIO()
        np.savez_compressed(held, **{name: getattr(self, name) for name in _NAMES})
        return held.getvalue()


def unpacked(data: bytes) -> Written:
    """What ``packed`` made."""
    with np.load(io.BytesIO(data), allow_pickle=False) as found:
        return Written(*(found[name] for name in _NAMES))


def note(one: FileImport, batch: Batch) -> None:
    """Keep what a batch, which lies in ``fold_chunk`` and is about to be placed, changes. Its shards are held."""
    series = np.unique(batch.series)
    if fresh.all_fresh(series.tolist()):
        before, bits = np.full(len(batch), np.nan), np.full(len(batch), NONE, dtype=np.int16)
    else:
        before, bits = standing(batch.series, batch.time)
    with np.errstate(invalid="ignore"):
        changed = (bits == NONE) | (before != batch.value) | ((batch.flags | (bits & STICKY)) != bits)
    found = Written(batch.series, batch.time, batch.value, before, bits).take(changed)
    keep(one.pk, found)


def note_held(one: FileImport, batch: Batch) -> None:
    """Keep which readings of a batch went into quarantine."""
    held = np.full(len(batch), HELD, dtype=np.int16)
    keep(one.pk, Written(batch.series, batch.time, batch.value, np.full(len(batch), np.nan), held))


def keep(import_id: UUID, found: Written) -> None:
    """Store a piece; none where nothing changed."""
    if len(found):
        ImportPiece.objects.create(
            file_id=import_id,
            series=np.unique(found.series).tolist(),
            rows=int((found.flags != HELD).sum()),
            replaced=int(found.over.sum()),
            data=found.packed(),
        )


def standing(series: np.ndarray, time: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``(values, flags)`` that the store holds for the (series, instant) pairs in ``fold_chunk``; NaN and ``NONE`` for nothing.

    Hot, late and archived readings are asked for in one statement, so that a day which is being moved is seen once.
    """
    values, bits = np.full(len(series), np.nan), np.full(len(series), NONE, dtype=np.int16)
    if not len(series):
        return values, bits
    place = _Places(series, time)
    files, hot, late = _asked(int(series.min()), int(series.max()))
    for names, days in _by_days(files):
        _lay(_archived(names, days, series), place, values, bits)
    for rows in (hot, late):
        if rows:
            columns = [np.array([row[n] for row in rows], dtype=kind) for n, kind in enumerate(("<i4", "<i8", "<f8", "<i2"))]
            _lay(columns, place, values, bits)
    gone = (bits != NONE) & (bits & flags.DELETED != 0)
    values[gone], bits[gone] = np.nan, NONE
    return values, bits


class _Places:
    """Where a (series, instant) pair stands among some; each stands there once."""

    def __init__(self, series: np.ndarray, time: np.ndarray) -> None:
        self.series, self.times = np.unique(series), np.unique(time)
        codes = self._code(series, time)
        self.order = np.argsort(codes)
        self.codes = codes[self.order]

    def _code(self, series: np.ndarray, time: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.series, series) * np.int64(len(self.times)) + np.searchsorted(self.times, time)

    def __call__(self, series: np.ndarray, time: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """``(mask of those that are among them, their places)``."""
        known = np.isin(series, self.series) & np.isin(time, self.times)
        codes = self._code(series[known], time[known])
        at = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        hit = self.codes[at] == codes
        known[known] = hit
        return known, self.order[at[hit]]


def _lay(columns: Sequence[np.ndarray], place: _Places, values: np.ndarray, bits: np.ndarray) -> None:
    known, at = place(np.asarray(columns[0]), np.asarray(columns[1]))
    values[at], bits[at] = columns[2][known], columns[3][known]


def _asked(least: int, most: int) -> tuple[list[tuple], list[tuple], list[tuple]]:
    """``(files of the days in fold_chunk, hot rows, late rows)`` of one snapshot."""
    found: tuple[list, list, list] = ([], [], [])
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(time), max(time) FROM fold_chunk")
        first, last = cursor.fetchone()
        cursor.execute(
            """SELECT 0, name, (day - '1970-01-01'::date)::integer, 0::bigint, 0::float8, 0::smallint
               FROM observations_archivefile WHERE replaced_at IS NULL AND least_series <= %(most)s AND most_series >= %(least)s
                 AND day IN (SELECT DISTINCT (time AT TIME ZONE 'UTC')::date FROM fold_chunk)
               UNION ALL
               SELECT 1, NULL, r.series, (extract(epoch FROM r.time) * 1000000)::bigint, r.value, r.flags
               FROM fold_chunk JOIN observations_reading AS r USING (series, time)
               WHERE r.time BETWEEN %(first)s AND %(last)s
               UNION ALL
               SELECT 2, NULL, l.series, (extract(epoch FROM l.time) * 1000000)::bigint, l.value, l.flags
               FROM fold_chunk JOIN observations_late AS l USING (series, time)""",
            {"least": least, "most": most, "first": first, "last": last},
        )
        for kind, name, *row in cursor.fetchall():
            found[kind].append(tuple(row) if kind else (name, row[0]))
    return found


def _by_days(files: list[tuple[str, int]]) -> Iterator[tuple[list[str], list[int]]]:
    """Files of about a month at a time: of a long span not all readings of the series lie in memory."""
    ordered = sorted(files, key=lambda row: row[1])
    while ordered:
        until = ordered[0][1] + DAYS_AT_ONCE
        part = [row for row in ordered if row[1] < until]
        ordered = ordered[len(part) :]
        yield [name for name, _day in part], [day for _name, day in part]


def _archived(names: list[str], days: list[int], series: np.ndarray) -> Sequence[np.ndarray]:
    from miasto.kernel.observations.archive.duck import scan

    start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=days[0])
    found = scan(names, np.unique(series).tolist(), start, start + timedelta(days=days[-1] - days[0] + 1))
    time = found.time if found.time.dtype.kind == "i" else found.time.astype("datetime64[us]").astype(np.int64)
    return found.series, time, found.value, found.flags


def undone_below(others: Iterable[ImportPiece], gone: Written) -> None:
    """Tell the pieces of other imports that what they overwrote has been taken back: that is no longer what they bring back.

    ``gone`` are readings of an undone import that something else has overwritten.
    """
    place = _Places(gone.series, gone.time)
    for piece in others:
        held = unpacked(bytes(piece.data))
        known, at = place(held.series, held.time)
        before, bits = held.before.copy(), held.flags.copy()
        same = before[known] == gone.value[at]
        spots, told = np.flatnonzero(known)[same], at[same]
        if not len(spots):
            continue
        before[spots], bits[spots] = gone.before[told], gone.flags[told]
        piece.data = Written(held.series, held.time, held.value, before, bits).packed()
        piece.replaced = int((bits >= 0).sum())
        piece.save(update_fields=["data", "replaced"])


def forget_series(series: Sequence[int]) -> None:
    """Nothing of data streams that are deleted stays here either (GDPR art. 17)."""
    for piece in ImportPiece.objects.filter(series__overlap=list(series)).select_for_update():
        held = unpacked(bytes(piece.data))
        rest = held.take(~np.isin(held.series, np.array(list(series))))
        piece.delete()
        keep(piece.file_id, rest)
