"""Releasing and rejecting: one call, whatever the number; each reading is decided about once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Abs, Coalesce

from miasto.kernel.core import changes, clock
from miasto.kernel.observations.access import MANAGE
from miasto.kernel.observations.models import Quarantined, Thing
from miasto.kernel.observations.store import flags, locks
from miasto.kernel.observations.store.reading import Reading

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer

MOST_AT_ONCE = 10_000


def held_for(viewer: Viewer) -> QuerySet[Quarantined]:
    """What the viewer may decide about: readings of things of the units in which they manage things."""
    units = viewer.units_with(MANAGE)
    found = Quarantined.objects.all()
    if units is None:
        return found
    unit = Coalesce("datastream__unit_id", "datastream__thing__unit_id")
    return found.alias(of_unit=unit).filter(of_unit__in=units)


def possible() -> Q:
    """What can be released at all: a number the store can hold, of a time that has come."""
    from miasto.kernel.observations.store.checking import AHEAD, EARLIEST

    return Q(value__isnull=False, size__lte=1e100, time__lte=clock.now() + AHEAD, time__gte=EARLIEST)


@transaction.atomic
def decide(held: QuerySet[Quarantined], *, release: bool, by: Viewer) -> int:
    """Release or reject those of ``held`` that still wait and that ``by`` may decide about; returns how many, at most 10,000.

    A released reading carries the flag RELEASED and goes through the fold like any other; what cannot be released stays. Two
    people at once, or a form sent twice, decide once.
    """
    locks.keep_lanes()
    chosen = held_for(by).filter(pk__in=held.values("pk"), state=Quarantined.State.WAITING).annotate(size=Abs(F("value")))
    if release:
        chosen = chosen.filter(possible())
    rows = list(chosen.select_related("datastream__thing").select_for_update(of=("self",)).order_by("pk")[:MOST_AT_ONCE])
    state = Quarantined.State.RELEASED if release else Quarantined.State.REJECTED
    Quarantined.objects.filter(pk__in=[one.pk for one in rows]).update(state=state, decided_at=clock.now())
    if release and rows:
        _stage(rows)
    things: dict = {one.datastream.thing_id: one.datastream.thing for one in rows}
    counts = Counter(one.datastream.thing_id for one in rows)
    for thing_id, thing in things.items():
        changes.record(
            action="observations.quarantine_decided",
            kind=Thing.kind,
            object_id=thing_id,
            actor=by.actor,
            unit_id=thing.unit_id,
            data={"released" if release else "rejected": counts[thing_id]},
        )
    return len(rows)


def _stage(rows: list[Quarantined]) -> None:
    import numpy as np

    from miasto.kernel.observations.store import staging
    from miasto.kernel.observations.store.batch import Batch

    batch = Batch.of(Reading(one.datastream_id, one.time, one.value, flags.RELEASED) for one in rows)
    staging.stage(batch, np.array([one.datastream.lane for one in rows], dtype=np.int16))
