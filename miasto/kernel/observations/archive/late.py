"""Readings that came after their day had gone to the archive: its files are rewritten with them.

Later wins on (series, time); where it changed the value, the reading is flagged as corrected. Until the switch, and again from
the switch on, every read gives the same: before it the late rows are laid over the old file, after it they are in the new one.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection, transaction

from miasto.kernel.core import clock
from miasto.kernel.observations.archive import duck, moving
from miasto.kernel.observations.archive.duck import Columns
from miasto.kernel.observations.archive.models import ArchiveFile
from miasto.kernel.observations.store import flags as bits
from miasto.kernel.observations.store import partitions

if TYPE_CHECKING:
    import numpy as np

AT_ONCE = 1_000_000
TAKEN = """
    WITH taken AS (DELETE FROM observations_late WHERE id = ANY(%s) RETURNING series, time)
    INSERT INTO observations_dirty (series, start) SELECT DISTINCT series, date_trunc('hour', time, 'UTC') FROM taken
    ON CONFLICT DO NOTHING"""


class Late(NamedTuple):
    """Late rows of one day: their ids, and the readings sorted."""

    ids: list[int]
    columns: Columns


def days() -> list[date]:
    """UTC days with late readings that are in no partition any more, oldest first."""
    hot = set(partitions.existing())
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT (time AT TIME ZONE 'UTC')::date FROM observations_late ORDER BY 1")
        return [day for (day,) in cursor.fetchall() if day not in hot]


def merge(day: date) -> int:
    """Rewrite the parts of a day that late readings touch, ``AT_ONCE`` of them; returns how many late rows were taken in.

    Only the rows that were read are deleted: a corrected one has a new id. The hours are marked to be counted anew, because
    who counts them at this moment may have read the old file and find the late rows gone.
    """
    late = _late(day)
    if not late.ids:
        return 0
    present = list(ArchiveFile.objects.filter(day=day, replaced_at=None).order_by("least_series"))
    touched, made = _rewritten(day, present, late.columns)
    with transaction.atomic():
        ArchiveFile.objects.filter(pk__in=[one.pk for one in touched]).update(replaced_at=clock.now())
        ArchiveFile.objects.bulk_create(made)
        with connection.cursor() as cursor:
            cursor.execute(TAKEN, [late.ids])
    return len(late.ids)


def _late(day: date) -> Late:
    import numpy as np

    start = moving.start_of(day)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id, series, (extract(epoch FROM time) * 1000000)::bigint, value, flags FROM observations_late
               WHERE time >= %s AND time < %s ORDER BY series, time LIMIT %s""",
            [start, start + timedelta(days=1), AT_ONCE],
        )
        rows = cursor.fetchall()
    arrays = [
        np.array([row[place] for row in rows], dtype=kind)
        for place, kind in ((1, np.int32), (2, np.int64), (3, np.float64), (4, np.int16))
    ]
    return Late([row[0] for row in rows], Columns(*arrays))


def _rewritten(day: date, present: list[ArchiveFile], late: Columns) -> tuple[list[ArchiveFile], list[ArchiveFile]]:
    """``(present parts that late readings belong to, the unsaved ones in their place)``.

    A series belongs to the last part that does not begin behind it; one before all of them to the first.
    """
    import numpy as np

    if not present:
        return [], moving.write_parts(day, united(None, late), revision=1)
    begins = np.array([one.least_series for one in present])
    belongs = np.maximum(np.searchsorted(begins, late.series, side="right") - 1, 0)
    touched, made = [], []
    for index in np.unique(belongs):
        old = present[int(index)]
        columns = united(duck.whole([old.name]), Columns(*(column[belongs == index] for column in late)))
        touched.append(old)
        made += moving.write_parts(day, columns, revision=old.revision + 1)
    return touched, made


def united(old: Columns | None, late: Columns) -> Columns:
    """Both sorted sets as one, by (series, time): late wins, a changed value is flagged, a deleted reading is gone."""
    import numpy as np

    if old is None:
        return _pick(late, late.flags & bits.DELETED == 0)
    series, time = np.concatenate([old.series, late.series]), np.concatenate([old.time, late.time])
    value, flags = np.concatenate([old.value, late.value]), np.concatenate([old.flags, late.flags])
    order = np.lexsort((np.arange(len(series)), time, series))  # of equal keys the late one is the second
    series, time, value, flags = series[order], time[order], value[order], flags[order]
    same = np.zeros(len(series), dtype=bool)
    same[1:] = (series[1:] == series[:-1]) & (time[1:] == time[:-1])
    second = np.flatnonzero(same)
    first = second - 1
    flags[second] |= flags[first] & bits.CORRECTED
    flags[second[value[second] != value[first]]] |= bits.CORRECTED
    kept = flags & bits.DELETED == 0
    kept[first] = False
    return _pick(Columns(series, time, value, flags), kept)


def _pick(columns: Columns, kept: np.ndarray) -> Columns:
    picked: Any = [column[kept] for column in columns]
    return Columns(*picked)
