"""Taking an import back: the readings it brought go, what they had overwritten comes back, what is newer stays.

Piece after piece, each in a transaction that also deletes the piece: a kill leaves whole pieces, and the job goes on with the
rest. A reading of a hot day leaves its table; one of a day that is late or archived gets a mark over it, with which the archive
rewrites its file. Hours, days, counters and latest values follow in the same transaction.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from miasto.kernel.core import changes, clock, events
from miasto.kernel.observations.archive.place import Unreachable
from miasto.kernel.observations.events import FileUndone
from miasto.kernel.observations.importing import journal, running
from miasto.kernel.observations.importing.faults import Unreadable
from miasto.kernel.observations.importing.journal import HELD, NONE, Written
from miasto.kernel.observations.importing.models import FileImport, ImportPiece
from miasto.kernel.observations.models import Datastream, Quarantined
from miasto.kernel.observations.store import flags, locks, removing
from miasto.kernel.observations.store.batch import Batch, micros

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer

State = FileImport.State
PATIENCE_S = 2.0
ENDED = (State.DONE, State.FAILED, State.CANCELLED)


@dataclass
class Foreseen:
    """What taking an import back would do; where ``whole`` is false, ``stay`` is at least so many.

    ``away``: the archive is out of reach, so nothing was compared with it.
    """

    readings: int
    restore: int
    stay: int
    held: int
    whole: bool
    away: bool = False


def possible(one: FileImport) -> bool:
    """Whether it ended and it is still known what it changed."""
    return one.state in ENDED and one.pieces.exists()


def foreseen(one: FileImport) -> Foreseen:
    """How many readings would go, come back, stay. What is newer is looked for during two seconds at most."""
    sums = one.pieces.aggregate(rows=Sum("rows"), replaced=Sum("replaced"))
    found = Foreseen(sums["rows"] or 0, sums["replaced"] or 0, 0, 0, True)
    until = time.monotonic() + PATIENCE_S
    for piece in one.pieces.order_by("id").iterator():
        if time.monotonic() > until:
            found.whole = False
            break
        try:
            _foresee(one, journal.unpacked(bytes(piece.data)), found)
        except Unreachable:
            found.whole, found.away = False, True
            break
    found.readings -= found.restore
    return found


def _foresee(one: FileImport, written: Written, found: Foreseen) -> None:
    found.held += _waiting(one, written).count()
    written = written.take(written.flags != HELD)
    with transaction.atomic():
        _load(written)
        ours = _ours(written)
    found.stay += int((~ours).sum())
    found.restore -= int((~ours & written.over).sum())
    found.readings -= int((~ours).sum())


def ask(*, one: FileImport, by: Viewer) -> bool:
    """Begin to take it back, now where that is short, else as a job. False where it is not its turn."""
    from miasto.kernel.observations.importing import jobs

    with transaction.atomic():
        if _begun(one, by) is None:
            return False
        short = (one.pieces.aggregate(n=Sum("rows"))["n"] or 0) <= running.HERE_ROWS
        if not short:
            jobs.undo_file.defer(import_id=str(one.pk), once=f"observations.import.{one.pk}")
    if short:
        jobs.undo_file(import_id=str(one.pk))
    return True


def _begun(one: FileImport, by: Viewer) -> FileImport | None:
    """The import as being undone; None where it is not its turn. Of two at once one begins."""
    running.refuse_foreign(by, one.unit_id)
    row = FileImport.objects.select_for_update().get(pk=one.pk)
    if not possible(row):
        return None
    row.state, row.asked_to_stop, row.seen_at, row.problem, row.person_id = State.UNDOING, False, clock.now(), "", by.person_id
    row.save()
    return row


def undo_import(*, one: FileImport, by: Viewer) -> FileImport:
    """Take a whole import back, here: what a command or a module does. Repeating it changes nothing.

    Raises ``PermissionDenied``, and ``Unreadable`` where it is not (or no longer) known what the import changed.
    """
    with transaction.atomic():
        row = _begun(one, by)
    if row is None:
        one.refresh_from_db()
        if one.state == State.UNDONE:
            return one
        raise Unreadable(_("Tego pliku nie można już wycofać."))
    carry_out(row)
    row.refresh_from_db()
    if row.problem:
        raise Unreadable(row.problem)
    return row


def carry_out(one: FileImport) -> None:
    """Take back what is left of an import that is being undone; a failure and a stop stand in its row."""
    by = running.who(one)

    def work() -> dict:
        running.refuse_foreign(by, one.unit_id)
        for piece_id in list(one.pieces.order_by("-id").values_list("id", flat=True)):
            _piece(one, piece_id, by)
            running.alive(one)
        return {"state": State.UNDONE}

    running.guarded(one, State.UNDOING, work, lambda columns: _record(one, by))


def _record(one: FileImport, by: Viewer) -> None:
    row = FileImport.objects.get(pk=one.pk)
    data = {"removed": row.removed, "restored": row.restored, "stayed": row.stayed}
    changes.record(
        action="observations.file_undone", kind=running.KIND, object_id=one.pk, actor=by.actor, unit_id=one.unit_id, data=data
    )
    events.publish(FileUndone(import_id=one.pk, readings=row.removed + row.restored))


@transaction.atomic
def _piece(one: FileImport, piece_id: int, by: Viewer) -> None:
    """Take one piece back. Two at once do it once."""
    piece = ImportPiece.objects.select_for_update().filter(pk=piece_id).first()
    if piece is None:
        return
    written = journal.unpacked(bytes(piece.data))
    there = Datastream.objects.filter(pk__in=piece.series).values_list("pk", flat=True)
    written = written.take(np.isin(written.series, np.array(list(there), dtype=np.int32)))
    _demand_writable(written, by)
    _release(one, written)
    written = written.take(written.flags != HELD)
    locks.lock(piece.series)
    _load(written)
    ours = _ours(written)
    mine, newer = written.take(ours), written.take(~ours)
    _take_back(mine)
    if len(newer):
        others = ImportPiece.objects.exclude(file=one).filter(series__overlap=np.unique(newer.series).tolist())
        journal.undone_below(others.select_for_update().order_by("id"), newer)
    restored = int(mine.over.sum())
    FileImport.objects.filter(pk=one.pk).update(
        removed=F("removed") + len(mine) - restored,
        restored=F("restored") + restored,
        stayed=F("stayed") + len(newer),
        seen_at=clock.now(),
    )
    piece.delete()


def _demand_writable(written: Written, by: Viewer) -> None:
    from miasto.kernel.observations.store.checking import streams_of

    series = np.unique(written.series)
    if len(series) and not streams_of(series, by).writable.all():
        raise PermissionDenied


def _waiting(one: FileImport, written: Written):
    """What of the file still waits in quarantine: rows of this import, not older ones of the same instant."""
    held = written.take(written.flags == HELD)
    series = np.unique(held.series).tolist()
    wait = Quarantined.objects.filter(datastream__in=series, state=Quarantined.State.WAITING, received_at__gte=one.started_at)
    if not len(held):
        return wait.none()
    keys = set(zip(held.series.tolist(), held.time.tolist(), strict=True))
    rows = wait.values_list("pk", "datastream_id", "time")
    return wait.filter(pk__in=[pk for pk, stream, at in rows if (stream, micros(at)) in keys])


def _release(one: FileImport, written: Written) -> None:
    """What waits in quarantine goes; what a person has decided about stays decided."""
    held = int((written.flags == HELD).sum())
    if not held:
        return
    gone, _rows = _waiting(one, written).delete()
    FileImport.objects.filter(pk=one.pk).update(quarantined=F("quarantined") - gone)


def _load(written: Written) -> None:
    removing.load(
        Batch(written.series, written.time, np.where(written.over, written.before, 0.0), written.flags), back=written.over
    )


def _ours(written: Written) -> np.ndarray:
    """Which readings are still as the import wrote them; what has more beside it now has been touched since."""
    values, bits = journal.standing(written.series, written.time)
    return (bits != NONE) & (values == written.value) & (bits & (flags.EXTRA | flags.RELEASED) == 0)


def _take_back(mine: Written) -> None:
    """Undo these readings in the store. Their series are held."""
    if len(mine):
        _load(mine)
        removing.take_back(np.unique(mine.series).tolist())
