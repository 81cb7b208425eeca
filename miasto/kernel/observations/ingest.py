"""Readings in: who may, what can be, durable, and on its way to the hot table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _

from miasto.kernel.core import clock
from miasto.kernel.observations.store.reading import Reading
from miasto.kernel.observations.store.staging import Busy

if TYPE_CHECKING:
    import numpy as np

    from miasto.kernel.accounts.viewer import Viewer
    from miasto.kernel.observations.store.batch import Batch

__all__ = ["Busy", "Ingested", "UnknownSeries", "import_history", "ingest"]
MOST_AT_ONCE = 200_000
LIFE_AT_ONCE = 1_000  # readings of dangers to life come in small numbers, also where nothing else is taken in


class UnknownSeries(LookupError):
    """A reading names a data stream that does not exist; ``series`` are those."""

    def __init__(self, series: list[int]) -> None:
        shown = ", ".join(str(one) for one in series[:5])
        super().__init__(_("Nie ma serii pomiarowej o numerze: %(series)s.") % {"series": shown})
        self.series = series


@dataclass(frozen=True, kw_only=True)
class Ingested:
    """What became of readings: how many are durable, how many in quarantine; ``reasons`` by the place of the latter."""

    accepted: int
    quarantined: int
    reasons: dict[int, str] = field(default_factory=dict)


def ingest(readings: Iterable[Reading] | Batch, *, by: Viewer, wait: bool = False) -> Ingested:
    """Take readings in. When it returns (outside a transaction) they are committed: that is the acknowledgement.

    They are visible within a fraction of a second, with ``wait`` at once unless very much waits before them. Those that a rule
    about a danger to life reads are judged before it returns, unless there are more than a thousand of them. Any order and any
    repetition is harmless; a second value for one series and instant corrects the first. What cannot be goes to quarantine.
    Raises ``UnknownSeries``, ``PermissionDenied`` (all or nothing), ``ValueError`` (a time without a zone, too many at once),
    ``Busy`` (come back later; never for readings of a danger to life alone, unless 100,000 of them wait).
    """
    from miasto.kernel.observations.analysis.calibration import applied
    from miasto.kernel.observations.store import checking, locks, staging
    from miasto.kernel.observations.store.batch import Batch

    batch = Batch.of(readings)
    if len(batch) > MOST_AT_ONCE:
        raise ValueError(f"at most {MOST_AT_ONCE} readings at once")
    if not len(batch):
        return Ingested(accepted=0, quarantined=0)
    with transaction.atomic():
        locks.keep_lanes()
        full = staging.full_for(len(batch))
        if full and len(batch) > LIFE_AT_ONCE:
            raise full
        streams, codes = _checked(batch, by)
        if full and not ((streams.lane == locks.LIFE).all() and staging.room_for_life(len(batch))):
            raise full
        good = codes == 0
        quarantined = checking.quarantine_batch(batch, codes) if not good.all() else 0
        kept = applied(batch.take(good))
        if len(kept):
            lanes = streams.lane[streams.series.searchsorted(kept.series)]
            staging.stage(kept, lanes)
            _fold_now(kept.series, lanes == locks.LIFE, wait)
    return Ingested(accepted=len(kept), quarantined=quarantined, reasons=_reasons(codes))


def _fold_now(series: np.ndarray, lives: np.ndarray, wait: bool) -> None:
    """Fold what may be about a danger to life, and with ``wait`` the rest, unless it would have to be looked for among many."""
    from miasto.kernel.observations.store import folding, staging

    if 0 < lives.sum() <= LIFE_AT_ONCE:
        folding.fold_series(series[lives].tolist(), lives=True)
    if wait and not lives.all() and not staging.crowded():
        folding.fold_series(series[~lives].tolist())


def _checked(batch: Batch, by: Viewer) -> tuple:
    import numpy as np

    from miasto.kernel.observations.store import checking

    series = np.unique(batch.series)
    streams = checking.streams_of(series, by)
    if len(streams.series) < len(series):
        raise UnknownSeries(np.setdiff1d(series, streams.series).tolist())
    if not streams.writable.all():
        raise PermissionDenied(_("Brak prawa do wpisywania odczytów do tej serii pomiarowej."))
    return streams, checking.check(batch, streams, clock.now())


def _reasons(codes: np.ndarray) -> dict[int, str]:
    from miasto.kernel.observations.store.checking import REASONS

    return {int(place): str(REASONS[codes[place]]) for place in codes.nonzero()[0]}


@transaction.atomic
def import_history(
    readings: Iterable[Reading] | Batch, *, by: Viewer, noted: Callable[[Batch], None] | None = None
) -> Ingested:
    """Take old readings in, all or nothing: straight to the hot or the late table and the roll-ups, told to no alert rule.

    The same checks as ``ingest``, whose errors it raises. For millions call it with one series or one month after another.
    ``noted`` is called with what is about to be placed: it lies in ``fold_chunk``, and its series are held.
    """
    import numpy as np

    from miasto.kernel.observations.analysis.calibration import applied
    from miasto.kernel.observations.store import checking, fresh, locks, placing, rolling, staging
    from miasto.kernel.observations.store.batch import Batch

    batch = Batch.of(readings)
    if not len(batch):
        return Ingested(accepted=0, quarantined=0)
    streams, codes = _checked(batch, by)
    good = codes == 0
    quarantined = checking.quarantine_batch(batch, codes) if not good.all() else 0
    kept = _last_of_each(applied(batch.take(good)))
    if len(kept):
        locks.lock(streams.series.tolist())
        placing.prepare()
        with connection.cursor() as cursor:
            staging.copy_in(cursor, "fold_chunk (lane, series, flags, time, value)", kept, 0)
            cursor.execute("ANALYZE fold_chunk")
        if noted is not None:
            noted(kept)
        if fresh.all_fresh(streams.series.tolist()):
            fresh.place()
        else:
            placing.place()
        rolling.roll_late_of(streams.series.tolist())
    return Ingested(accepted=int(np.count_nonzero(good)), quarantined=quarantined, reasons=_reasons(codes))


def _last_of_each(batch: Batch) -> Batch:
    """One reading for each series and instant: the last."""
    import numpy as np

    order = np.lexsort((np.arange(len(batch)), batch.time, batch.series))
    ordered = batch.take(order)
    if not len(ordered):
        return ordered
    last = np.r_[(ordered.series[1:] != ordered.series[:-1]) | (ordered.time[1:] != ordered.time[:-1]), True]
    return ordered.take(last)
