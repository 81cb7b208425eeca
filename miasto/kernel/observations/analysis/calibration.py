"""Calibrations in use: fitted against a reference, applied to what comes from then on, undone to the raw value."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from miasto.kernel.core import changes, clock
from miasto.kernel.observations.analysis import calibrating, health
from miasto.kernel.observations.analysis.models import Calibration
from miasto.kernel.observations.models import Datastream, Thing
from miasto.kernel.observations.store import flags
from miasto.kernel.observations.store.reading import Reading, hours

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer
    from miasto.kernel.observations.store.batch import Batch

SPAN = timedelta(days=60)


def common_hours(ours: int, theirs: int, start: datetime, end: datetime) -> list[tuple[float, float]]:
    """``(our mean, theirs)`` of the hours that both streams have, in the order of time; ours as they are stored."""
    means: dict[int, dict[datetime, float]] = {ours: {}, theirs: {}}
    for one in hours([ours, theirs], start, end):
        means[one.series][one.start] = one.mean
    return [(means[ours][start], means[theirs][start]) for start in sorted(means[ours].keys() & means[theirs].keys())]


def proposed(stream: Datastream, reference: Datastream) -> calibrating.Fit | None:
    """A line from the last 60 days of raw hours; None where common hours are too few or the sensor does not move.

    Hours before the present version began are raw (or of an older version) and are left out; those of it are undone.
    """
    last = _latest(stream.pk)
    end = clock.now()
    start = max(end - SPAN, last.valid_from + timedelta(hours=1)) if last else end - SPAN
    pairs = common_hours(stream.pk, reference.pk, start, end)
    if last:
        pairs = [((value - last.offset) / last.gain, wanted) for value, wanted in pairs]
    return calibrating.line(pairs)


def _latest(series: int) -> Calibration | None:
    return Calibration.objects.filter(datastream=series).order_by("-version").first()


@transaction.atomic
def calibrate(*, stream: Datastream, reference: Datastream, by: Viewer) -> Calibration:
    """Use the proposed line for what is measured from now on, as the next version.

    Raises ``ValidationError`` where the streams are not of one property or unit, or where the line would not help.
    """
    Datastream.objects.select_for_update().get(pk=stream.pk)
    if stream.pk == reference.pk or stream.observed_property_id != reference.observed_property_id:
        raise ValidationError(_("Wzorcem może być tylko inna seria tej samej wielkości."))
    if stream.unit_symbol != reference.unit_symbol:
        raise ValidationError(_("Seria i wzorzec mają różne jednostki."))
    fit = proposed(stream, reference)
    if fit is None or not fit.helps:
        raise ValidationError(_("Wspólnych godzin jest za mało albo poprawka nie zbliża odczytów do wzorca."))
    last = _latest(stream.pk)
    made = Calibration.objects.create(
        datastream=stream, version=last.version + 1 if last else 1, gain=fit.gain, offset=fit.offset, valid_from=clock.now(),
        reference=reference, hours=fit.hours, error_before=fit.error_before, error_after=fit.error_after,
    )  # fmt: skip
    _record(made, by)
    return made


@transaction.atomic
def end_calibration(*, stream: Datastream, by: Viewer) -> Calibration:
    """Take readings as they come again: a version that changes nothing. Raises ``ValidationError`` where none is in use."""
    Datastream.objects.select_for_update().get(pk=stream.pk)
    last = _latest(stream.pk)
    if last is None or (last.gain, last.offset) == (1, 0):
        raise ValidationError(_("Ta seria nie ma poprawki."))
    made = Calibration.objects.create(datastream=stream, version=last.version + 1, gain=1, offset=0, valid_from=clock.now())
    _record(made, by)
    return made


def _record(made: Calibration, by: Viewer) -> None:
    thing = made.datastream.thing
    changes.record(
        action="observations.calibrated", kind=Thing.kind, object_id=thing.pk, actor=by.actor, unit_id=thing.unit_id,
        data={"datastream": made.datastream_id, "version": made.version, "gain": made.gain, "offset": made.offset},
    )  # fmt: skip


def applied(batch: Batch) -> Batch:
    """The same readings with the versions that hold at their instants; those that say they are calibrated stay as they are."""
    import numpy as np

    from miasto.kernel.observations.store.batch import Batch, micros

    versions = _versions(np.unique(batch.series).tolist())
    if not versions:
        return batch
    value, bits = batch.value.copy(), batch.flags.copy()
    for series, lines in versions.items():
        raw = (batch.series == series) & (batch.flags & flags.CALIBRATED == 0)
        for place, (valid_from, gain, offset) in enumerate(lines):
            until = micros(lines[place + 1][0]) if place + 1 < len(lines) else None
            here = raw & (batch.time >= micros(valid_from))
            here = here if until is None else here & (batch.time < until)
            if (gain, offset) != (1, 0):
                value[here] = gain * batch.value[here] + offset
                bits[here] |= flags.CALIBRATED
    return Batch(batch.series, batch.time, value, bits)


def _versions(series: list[int]) -> dict[int, list[tuple[datetime, float, float]]]:
    if not series:
        return {}
    found: dict[int, list[tuple[datetime, float, float]]] = defaultdict(list)
    with connection.cursor() as cursor:  # one parameter: a batch names thousands of series
        cursor.execute(
            """SELECT datastream_id, valid_from, gain, "offset" FROM observations_calibration
               WHERE datastream_id = ANY(%s) ORDER BY datastream_id, version""",
            [series],
        )
        for one, valid_from, gain, offset in cursor.fetchall():
            found[one].append((valid_from, gain, offset))
    return dict(found)


def raw_of(readings: list[Reading]) -> list[Reading]:
    """What the sensors said: calibrated readings are undone by the version of their instant; their flag is taken off."""
    versions = _versions(sorted({one.series for one in readings if one.flags & flags.CALIBRATED}))

    def raw(one: Reading) -> Reading:
        lines = [line for line in versions.get(one.series, []) if line[0] <= one.time]
        if not one.flags & flags.CALIBRATED or not lines:
            return one
        _valid_from, gain, offset = lines[-1]
        return one._replace(value=(one.value - offset) / gain, flags=one.flags & ~flags.CALIBRATED)

    return [raw(one) for one in readings]


def drift_of(stream: int, reference: int, now: datetime) -> float | None:
    """How far a stream has moved against its reference in four weeks (``health.drift``)."""
    return health.drift(common_hours(stream, reference, now - timedelta(days=28), now))
