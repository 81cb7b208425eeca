"""Streams that were deleted leave the files of the archive at the next run (GDPR art. 17), not when their term ends.

From the moment of the deletion nobody can ask for their readings. The run that is asked for at once rewrites the files without
them; the old files are deleted an hour later (``running.GRACE``), so that within three hours, where the storage answers,
nothing is left (``TERM`` is what we promise). A series stays in ``observations_forgotten`` until it is in no present file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from django.db import connection, transaction

from miasto.kernel.core import clock
from miasto.kernel.observations.archive.models import ArchiveFile, Forgotten

TERM = timedelta(days=1)


@transaction.atomic
def forget(series: Sequence[int]) -> None:
    """Have series taken out of the archive; a run is asked for at the commit.

    Each is noted, be there a file of it or not: a day that is just being copied may hold it without a file yet.
    """
    from miasto.kernel.observations.archive import jobs

    if not series:
        return
    Forgotten.objects.bulk_create([Forgotten(series=one, asked_at=clock.now()) for one in series], ignore_conflicts=True)
    jobs.archive.defer(once="observations.archive")


def carry_out(told: Callable[[date, int, int], None]) -> int:
    """Rewrite the files that hold forgotten series; returns how many were. Days moved by this run are among them.

    A series that is noted while this goes on waits for the next run.
    """
    gone = list(Forgotten.objects.values_list("series", flat=True))
    if not gone:
        return 0
    rewritten = 0
    for file in _holding(gone):
        told(file.day, 0, file.rows)
        rewritten += _without(file, set(gone))
    Forgotten.objects.filter(series__in=gone).delete()
    return rewritten


def _holding(series: list[int]) -> list[ArchiveFile]:
    """Present files whose range holds one of the series."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id FROM observations_archivefile WHERE replaced_at IS NULL
               AND EXISTS (SELECT FROM unnest(%s::int[]) one WHERE one BETWEEN least_series AND most_series) ORDER BY day""",
            [series],
        )
        found = [row[0] for row in cursor.fetchall()]
    return list(ArchiveFile.objects.filter(pk__in=found).order_by("day", "least_series"))


def _without(file: ArchiveFile, gone: set[int]) -> bool:
    import numpy as np

    from miasto.kernel.observations.archive import duck, retention

    columns = duck.whole([file.name])
    stay = ~np.isin(columns.series, np.array(sorted(gone), dtype=np.int32))
    if stay.all():
        return False
    retention.rewrite(file, columns, stay, kept_days=file.kept_days)
    return True
