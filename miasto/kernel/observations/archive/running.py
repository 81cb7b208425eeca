"""One run of the archive: days that are over go cold, late readings are taken in, terms of retention end, old files go.

Only one run at a time, whoever starts it. A run that dies leaves nothing half done, and the next one goes on where it stood.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from django.db import OperationalError, connection
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

from miasto.kernel.core import clock
from miasto.kernel.observations.archive import late, moving, place
from miasto.kernel.observations.archive.models import ArchiveFile, ArchiveRun

LOCK = 5_270_001
GRACE = timedelta(hours=1)
TRIES, PAUSE_S = 20, 0.5
KEPT_RUNS = timedelta(days=90)
OURS = re.compile(r"(day|month)=[0-9-]+/\d+-\d+-r\d+-[0-9a-f]{8}\.parquet(\.tmp)?")  # a bucket may hold what others keep


class Stopped(Exception):
    """Somebody asked the run to stop."""


@contextmanager
def alone(lock: int = LOCK) -> Iterator[bool]:
    """Whether nobody else runs; nobody does until the block ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [lock])
        mine = cursor.fetchone()[0]
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [lock])


def run() -> ArchiveRun | None:
    """Do all that is due; None where another run is at work. A failure is kept in the run's row and raised."""
    with alone() as mine:
        if not mine:
            return None
        ArchiveRun.objects.filter(state=ArchiveRun.State.RUNNING).update(state=ArchiveRun.State.FAILED, ended_at=clock.now())
        made = ArchiveRun.objects.create()
        try:
            with place.waiting(None):
                _all(made)
        except Stopped:
            made.state = ArchiveRun.State.CANCELLED
        except Exception as error:
            made.trouble = _trouble(error)
            _end(made, ArchiveRun.State.FAILED)
            raise
        else:
            made.state = ArchiveRun.State.DONE
        _end(made, made.state)
        return made


def _trouble(error: Exception) -> str:
    """What of an error the page may say."""
    if isinstance(error, place.Unreachable):
        return str(error)
    return _("Na dysku archiwum skończyło się miejsce.") if "No space left" in str(error) else ""


def _end(made: ArchiveRun, state: str) -> None:
    ArchiveRun.objects.filter(pk=made.pk).update(state=state, ended_at=clock.now(), days=made.days, trouble=made.trouble[:300])


def _all(made: ArchiveRun) -> None:
    from miasto.kernel.observations.archive import forgetting, retention

    def told(day: date, rows: int, total: int) -> None:
        _tell(made, day, rows, total)

    for day in moving.due():
        _patiently(lambda day=day: moving.move(day, told))
        made.days += 1
    for day in late.days():
        _tell(made, day, 0, 0)
        while late.merge(day):
            _tell(made, day, 0, 0)
        made.days += 1
    forgetting.carry_out(told)
    retention.carry_out(told)
    sweep()


def _tell(made: ArchiveRun, day: date, rows: int, total: int) -> None:
    """Keep the progress where the page sees it. Raises ``Stopped`` where somebody asked for it."""
    ArchiveRun.objects.filter(pk=made.pk).update(day=day, rows=rows, total=total, days=made.days, seen_at=clock.now())
    if ArchiveRun.objects.filter(pk=made.pk, asked_to_stop=True).exists():
        raise Stopped


def _patiently(act: Callable[[], object]) -> None:
    """A long read may hold the partition: the switch gives way (everybody else would queue behind it) and tries again."""
    for left in reversed(range(TRIES)):
        try:
            act()
            return
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable) or not left:
                raise
            time.sleep(PAUSE_S)


def ask_to_stop() -> bool:
    """The running run ends at its next step, with nothing half done; False where none runs."""
    return bool(ArchiveRun.objects.filter(state=ArchiveRun.State.RUNNING).update(asked_to_stop=True))


def sweep() -> int:
    """Delete files replaced an hour ago, and files no manifest knows that are as old; returns how many."""
    before, where, gone = clock.now() - GRACE, place.place(), 0
    for old in ArchiveFile.objects.filter(replaced_at__lt=before):
        where.remove(old.name)
        old.delete()
        gone += 1
    known = set(ArchiveFile.objects.values_list("name", flat=True))
    for name, written in where.listed():
        if OURS.fullmatch(name) and name not in known and written < before.timestamp():
            where.remove(name)
            gone += 1
    ArchiveRun.objects.filter(started_at__lt=clock.now() - KEPT_RUNS).delete()
    return gone


def damaged() -> list[str]:
    """Names of the manifest's present files that are missing or are not what was written."""
    from miasto.kernel.observations.archive import checking

    return [file.name for file, _found in checking.spoiled()]
