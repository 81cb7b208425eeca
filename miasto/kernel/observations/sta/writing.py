"""Writes of entities: each atomic, with its change in the audit and its event; rights are asked of the entity itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import models as db
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.models import Unit
from miasto.kernel.core import changes, events
from miasto.kernel.observations import models
from miasto.kernel.observations.access import MANAGE
from miasto.kernel.observations.events import ThingSaved
from miasto.kernel.observations.sta import observing
from miasto.kernel.observations.sta.inputs import AUDIENCE, UNIT, wrong
from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.things import save_thing
from miasto.kernel.places.fields import Audience
from miasto.kernel.places.models import ObjectIndex
from miasto.kernel.places.services import retire_object, save_object

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer

MODELS: dict[str, type[db.Model]] = {
    "Thing": models.Thing,
    "Location": models.Location,
    "HistoricalLocation": models.HistoricalLocation,
    "Sensor": models.Sensor,
    "ObservedProperty": models.ObservedProperty,
    "FeatureOfInterest": models.FeatureOfInterest,
    "Datastream": models.Datastream,
    "MultiDatastream": models.Datastream,
}


def demand_manager(by: Viewer) -> None:
    """Raise ``Problem`` 403 for who may change nothing here."""
    if not by.holds(MANAGE):
        raise Problem(403, _("Brak prawa do zmiany punktów pomiarowych."))


def demand_over(unit_id: UUID | None, by: Viewer) -> None:
    """Raise ``Problem`` 403 where things of this unit are not the viewer's to change."""
    demand_manager(by)
    units = by.units_with(MANAGE)
    if units is not None and unit_id not in units:
        raise Problem(403, _("Ten punkt pomiarowy należy do innej jednostki."))


def access_of(body: dict[str, Any], by: Viewer, *, created: bool) -> dict[str, Any]:
    """The columns of access that a body gives: ``@miasto.audience`` and ``@miasto.unit`` (a unit's slug)."""
    made: dict[str, Any] = {}
    if AUDIENCE in body:
        if body[AUDIENCE] not in Audience.values:
            raise wrong(AUDIENCE, _("Nieznana widoczność."))
        made["audience"] = body[AUDIENCE]
    if UNIT in body:
        unit = Unit.objects.filter(slug=str(body[UNIT])[:100]).first()
        if unit is None:
            raise wrong(UNIT, _("Nie ma takiej jednostki."))
        demand_over(unit.pk, by)
        made["unit"] = unit
    elif created:
        made["unit"] = _own_unit(by)
    return made


def _own_unit(by: Viewer) -> Unit | None:
    """The unit of who manages things of one only; None for the whole city. Raises ``Problem`` where it must be said."""
    units = by.units_with(MANAGE)
    if units is None:
        return None
    top = list(Unit.objects.filter(pk__in=units).exclude(parent_id__in=units)[:2])
    if len(top) != 1:
        raise wrong(UNIT, _("Podaj jednostkę, do której należy punkt pomiarowy."))
    return top[0]


@transaction.atomic
def put_thing(thing: models.Thing, *, by: Viewer, locations: list[models.Location] | None) -> models.Thing:
    """Make or change a thing by ``save_thing``, whose refusals are problems here."""
    demand_over(thing.unit_id, by)
    try:
        return save_thing(thing, by=by, locations=locations)
    except ValidationError as error:
        raise Problem(400, " ".join(error.messages)) from None


@transaction.atomic
def put_stream(
    stream: models.Datastream, *, by: Viewer, parts: list[models.ObservedProperty] | None = None
) -> models.Datastream:
    """Make or change a data stream; of a MultiDatastream its ``parts`` anew where they are given."""
    demand_over(stream.thing.unit_id, by)
    demand_over(stream.unit_id or stream.thing.unit_id, by)
    created = stream._state.adding
    stream.save()
    if parts is not None:
        stream.parts.all().delete()
        models.DatastreamPart.objects.bulk_create(
            models.DatastreamPart(datastream=stream, place=place, observed_property=one) for place, one in enumerate(parts)
        )
    thing = stream.thing
    changes.record(
        action="observations.datastream_saved",
        kind=models.Thing.kind,
        object_id=thing.pk,
        actor=by.actor,
        unit_id=thing.unit_id,
        data={"datastream": stream.pk, "created": created},
    )
    events.publish(ThingSaved(thing_id=thing.pk, thing_kind=thing.thing_kind))
    return stream


@transaction.atomic
def put_entity(row: Any, *, by: Viewer) -> Any:
    """Make or change a location, a sensor, an observed property, a feature or a historical location."""
    created = row._state.adding
    demand_manager(by)
    if not created:
        _demand_over_users(row, by)
    row.save()
    _record("observations.entity_saved", row, by, created=created)
    if isinstance(row, models.Location) and not created and row.geom:
        for thing in row.things.all():
            thing.geom = row.geom
            save_object(thing, by=by)
    return row


@transaction.atomic
def put_feature(row: models.FeatureOfInterest, *, by: Viewer) -> models.FeatureOfInterest:
    """Make the feature that an observation brings with it; whose the data stream is has been asked before."""
    row.save(force_insert=True)
    _record("observations.entity_saved", row, by, created=True)
    return row


def _record(action: str, row: Any, by: Viewer, **data: Any) -> None:
    """In the audit these entities, which have only numbers, go under a UUID made of kind and number."""
    kind = f"observations.{type(row).__name__.lower()}"
    changes.record(
        action=action,
        kind=kind,
        object_id=uuid5(NAMESPACE_URL, f"{kind}/{row.pk}"),
        actor=by.actor,
        data={"id": row.pk, **data},
    )


def _demand_over_users(row: Any, by: Viewer) -> None:
    """What several use is changed only by who manages all of them."""
    if getattr(row, "code", None):
        raise Problem(403, _("Tę wielkość ustala platforma. Nie można jej zmienić."))
    units = by.units_with(MANAGE)
    if units is None:
        return
    used = {thing.unit_id for thing in _USERS[type(row)](row)}
    if used - units:
        raise Problem(403, _("Korzystają z tego punkty pomiarowe innej jednostki."))


def _things_of(streams: Any) -> Any:
    return models.Thing.objects.filter(pk__in=streams.values("thing_id"))


def _streams_of(row: models.Sensor | models.ObservedProperty) -> Any:
    """The data streams of a sensor or an observed property, MultiDatastreams too."""
    if isinstance(row, models.Sensor):
        return models.Datastream.every.filter(sensor=row)
    with_part = models.DatastreamPart.objects.filter(observed_property=row).values("datastream_id")
    return models.Datastream.every.filter(db.Q(observed_property=row) | db.Q(pk__in=with_part))


_USERS: dict[type, Callable[[Any], Any]] = {
    models.Location: lambda row: models.Thing.objects.filter(
        db.Q(pk__in=row.things.values("pk")) | db.Q(pk__in=row.historical_locations.values("thing_id"))
    ),
    models.HistoricalLocation: lambda row: models.Thing.objects.filter(pk=row.thing_id),
    models.Sensor: lambda row: _things_of(_streams_of(row)),
    models.ObservedProperty: lambda row: _things_of(_streams_of(row)),
    models.FeatureOfInterest: lambda row: _things_of(models.Datastream.every.filter(feature=row)),
}


@transaction.atomic
def remove(row: Any, *, by: Viewer) -> None:
    """Delete an entity and what cannot be without it (18-088 § 10.4, table 25). Raises ``Problem``.

    A data stream takes its observations with it, a thing its data streams and its past, a sensor or an observed property the
    data streams that use it. A feature that observations are about stays (409).
    """
    if isinstance(row, models.Thing):
        return _remove_thing(row, by)
    if isinstance(row, models.Datastream):
        return _remove_streams([row], by)
    demand_manager(by)
    _demand_over_users(row, by)
    if isinstance(row, models.Sensor | models.ObservedProperty):
        _remove_streams(list(_streams_of(row).select_related("thing")), by)
    if isinstance(row, models.FeatureOfInterest) and _is_observed(row):
        raise Problem(409, _("Tego obiektu dotyczą obserwacje. Najpierw usuń je albo ich serie."))
    _record("observations.entity_removed", row, by)
    _delete(row)
    return None


def _is_observed(row: models.FeatureOfInterest) -> bool:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT EXISTS (SELECT FROM observations_extra WHERE feature = %s)
               OR EXISTS (SELECT FROM observations_datastream WHERE feature_id = %s AND count > 0)""",
            [row.pk, row.pk],
        )
        return bool(cursor.fetchone()[0])


def _remove_streams(rows: list[models.Datastream], by: Viewer) -> None:
    for stream in rows:
        demand_over(stream.unit_id or stream.thing.unit_id, by)
        changes.record(
            action="observations.entity_removed",
            kind=models.Thing.kind,
            object_id=stream.thing_id,
            actor=by.actor,
            unit_id=stream.thing.unit_id,
            data={"datastream": stream.pk},
        )
        events.publish(ThingSaved(thing_id=stream.thing_id, thing_kind=stream.thing.thing_kind))
    observing.forget_streams([stream.pk for stream in rows])
    for stream in rows:
        _delete(stream)


def _remove_thing(thing: models.Thing, by: Viewer) -> None:
    demand_over(thing.unit_id, by)
    _remove_streams(list(models.Datastream.every.filter(thing=thing).select_related("thing")), by)
    if thing.geom:
        retire_object(thing, by=by)
    changes.record(
        action="observations.entity_removed",
        kind=models.Thing.kind,
        object_id=thing.pk,
        actor=by.actor,
        unit_id=thing.unit_id,
        data={"number": thing.number},
    )
    _delete(*ObjectIndex.objects.filter(pk=thing.pk), thing)


def _delete(*rows: Any) -> None:
    try:
        for row in rows:
            row.delete()
    except db.ProtectedError:
        raise Problem(409, _("Nie można tego usunąć, bo korzystają z tego inne części platformy.")) from None
