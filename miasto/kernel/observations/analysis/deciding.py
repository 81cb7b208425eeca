"""A keeper's judgement of unusual hours: a real event, a fault of the sensor, nothing unusual. Readings stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from miasto.kernel.core import changes, clock
from miasto.kernel.observations.analysis.models import Anomaly, ShapeWatch
from miasto.kernel.observations.analysis.watching import kept_by
from miasto.kernel.observations.models import Datastream, Thing

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer


def anomalies_for(viewer: Viewer) -> QuerySet[Anomaly]:
    """The unusual stretches of the streams that the viewer looks after, the newest first."""
    found = Anomaly.objects.filter(datastream__in=kept_by(viewer).values("id"))
    return found.select_related("datastream__thing", "datastream__observed_property").order_by("-start", "-id")


def counts(viewer: Viewer) -> dict[str, int]:
    """How many are in each state."""
    return dict(anomalies_for(viewer).order_by().values_list("state").annotate(count=Count("id")))


@transaction.atomic
def judge(*, anomaly: int, state: str, by: Viewer) -> Anomaly:
    """Say what a stretch was; saying it again changes nothing. Raises ``DoesNotExist`` for one that is not the viewer's."""
    if state not in Anomaly.State.values:
        raise ValidationError(_("Wybierz, co to było."))
    anomalies_for(by).get(pk=anomaly)
    found = Anomaly.objects.select_for_update().select_related("datastream__thing").get(pk=anomaly)
    if found.state == state:
        return found
    found.state, found.judged_at = state, None if state == Anomaly.State.FOUND else clock.now()
    found.save(update_fields=["state", "judged_at"])
    thing = found.datastream.thing
    changes.record(
        action="observations.anomaly_judged", kind=Thing.kind, object_id=thing.pk, actor=by.actor, unit_id=thing.unit_id,
        data={"datastream": found.datastream_id, "anomaly": found.pk, "state": state},
    )  # fmt: skip
    return found


@transaction.atomic
def watch_shape(*, stream: Datastream, on: bool, by: Viewer) -> None:
    """Compare the days of a stream with its former days too, or no longer."""
    if on:
        changed = ShapeWatch.objects.get_or_create(datastream=stream)[1]
    else:
        changed = bool(ShapeWatch.objects.filter(datastream=stream).delete()[0])
    if changed:
        thing = stream.thing
        changes.record(
            action="observations.shape_watched", kind=Thing.kind, object_id=thing.pk, actor=by.actor, unit_id=thing.unit_id,
            data={"datastream": stream.pk, "on": on},
        )  # fmt: skip
