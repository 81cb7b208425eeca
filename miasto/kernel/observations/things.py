"""Writes of things and their data streams: the row, its place in the city, audit and event together."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import override

from miasto.kernel.core import changes, clock, events
from miasto.kernel.core.polish import fold
from miasto.kernel.core.registry import registry
from miasto.kernel.observations.events import ThingSaved
from miasto.kernel.observations.models import (
    Datastream,
    FeatureOfInterest,
    HistoricalLocation,
    Location,
    ObservedProperty,
    Sensor,
    Thing,
)
from miasto.kernel.places.services import save_object
from miasto.kernel.spec.observations import Property, ThingKind

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer


@transaction.atomic
def save_thing(thing: Thing, *, by: Viewer, locations: list[Location] | None = None) -> Thing:
    """Make or change a thing. ``locations`` (saved rows) become its present ones, and its history is appended.

    Where none are given and its ``geom`` changed, a location is made of that. Raises ``ValidationError`` for an unknown kind.
    """
    if not registry().has(ThingKind, thing.thing_kind):
        raise ValidationError({"thing_kind": _("Nieznany rodzaj punktu pomiarowego: %(kind)s.") % {"kind": thing.thing_kind}})
    _name_page(thing)
    before = None if thing._state.adding else Thing.objects.filter(pk=thing.pk).values_list("geom", flat=True).first()
    created = thing._state.adding
    if locations:
        thing.geom = next((one.geom for one in locations if one.geom), None) or thing.geom
    if thing.geom:
        save_object(thing, by=by)
    else:
        thing.updated_at = clock.now()
        thing.save()
    if created:
        thing.refresh_from_db(fields=["number"])
    if locations is None and thing.geom and thing.geom != before:
        locations = [_location_of(thing)]
    if locations is not None:
        _move(thing, locations)
    changes.record(
        action="observations.thing_saved",
        kind=Thing.kind,
        object_id=thing.pk,
        actor=by.actor,
        unit_id=thing.unit_id,
        data={"created": created},
    )
    events.publish(ThingSaved(thing_id=thing.pk, thing_kind=thing.thing_kind))
    return thing


def _name_page(thing: Thing) -> None:
    """A thing whose kind has pages gets the name in the address of its own, if it has none."""
    if thing.slug or "{slug}" not in registry().get(ThingKind, thing.thing_kind).url:
        return
    made = slugify(fold(thing.name))[:60] or "punkt"
    taken = Thing.objects.filter(slug=made).exclude(pk=thing.pk).exists()
    thing.slug = f"{made}-{thing.pk.hex[-8:]}" if taken else made


def _location_of(thing: Thing) -> Location:
    return Location.objects.create(
        name=thing.address_text[:200] or thing.name, location=json.loads(thing.geom.geojson), geom=thing.geom
    )


def _move(thing: Thing, locations: list[Location]) -> None:
    thing.locations.set(locations)
    entry = HistoricalLocation.objects.create(thing=thing, time=clock.now())
    entry.locations.set(locations)


def property_of(code: str) -> ObservedProperty:
    """The observed property of a declared code, made at its first use. Raises ``KeyError`` for a code nobody declared."""
    declared = declared_property(code)
    with override("en"):
        values = {"name": str(declared.name), "definition": declared.definition}
    return ObservedProperty.objects.get_or_create(code=code, defaults=values)[0]


def declared_property(code: str) -> Property:
    """The declaration of a code. Raises ``KeyError``."""
    for one in registry().all(Property):
        if one.code == code:
            return one
    raise KeyError(code)


def cyclic_codes() -> list[str]:
    """The codes of declared directions: what is made of means leaves them out."""
    return [one.code for one in registry().all(Property) if one.cyclic]


@transaction.atomic
def save_datastream(
    *, thing: Thing, code: str, sensor: Sensor, name: str, by: Viewer, source: str | None = None, **values: Any
) -> Datastream:
    """Make the data stream of a declared property, or change the one with this ``source``; its unit is that of the declaration.

    ``values`` are further columns (grade, period, least, most, jump, audience, unit, owner ...). Raises ``KeyError`` for an
    undeclared code.
    """
    declared = declared_property(code)
    stream = (Datastream.objects.filter(source=source).first() if source else None) or Datastream(source=source)
    created = stream._state.adding
    stream.thing, stream.sensor, stream.name = thing, sensor, name
    stream.observed_property = property_of(code)
    stream.unit_name, stream.unit_symbol, stream.unit_definition = declared.unit, declared.symbol, declared.unit_definition
    for column, value in values.items():
        setattr(stream, column, value)
    _give_features([stream])
    stream.save()
    changes.record(
        action="observations.datastream_saved",
        kind=Thing.kind,
        object_id=thing.pk,
        actor=by.actor,
        unit_id=thing.unit_id,
        data={"datastream": stream.pk, "created": created},
    )
    events.publish(ThingSaved(thing_id=thing.pk, thing_kind=thing.thing_kind))
    return stream


@transaction.atomic
def import_datastreams(*, code_of: Iterable[tuple[Datastream, str]], by: Viewer) -> list[Datastream]:
    """Make many new data streams of saved things at once; one audit row and one event for each thing.

    Raises ``KeyError`` for an undeclared code, ``IntegrityError`` for a ``source`` that is there already.
    """
    made, known = [], {}
    for stream, code in code_of:
        if code not in known:
            known[code] = (declared_property(code), property_of(code))
        declared, stream.observed_property = known[code]
        stream.unit_name, stream.unit_symbol, stream.unit_definition = declared.unit, declared.symbol, declared.unit_definition
        made.append(stream)
    _give_features(made)
    Datastream.objects.bulk_create(made)
    for thing in {stream.thing_id: stream.thing for stream in made}.values():
        data = {"datastreams": sum(stream.thing_id == thing.pk for stream in made)}
        changes.record(
            action="observations.datastream_saved",
            kind=Thing.kind,
            object_id=thing.pk,
            actor=by.actor,
            unit_id=thing.unit_id,
            data=data,
        )
        events.publish(ThingSaved(thing_id=thing.pk, thing_kind=thing.thing_kind))
    return made


def feature_of(stream: Datastream) -> FeatureOfInterest | None:
    """What the readings of a stream are about unless they say otherwise (18-088 § 8.2.8): the thing's location, made once."""
    if stream.feature_id:
        return stream.feature
    _give_features([stream])
    if stream.feature_id:
        stream.save(update_fields=["feature"])
    return stream.feature


def _give_features(streams: list[Datastream]) -> None:
    """Streams without a feature get that of their thing's location, one for a thing; not saved. Three queries, however many."""
    bare = [one for one in streams if not one.feature_id]
    things = {one.thing_id for one in bare}
    if not things:
        return
    rows = Thing.locations.through.objects.filter(thing_id__in=things).select_related("location")
    homes = {row.thing_id: row.location for row in rows.order_by("-location_id")}
    found: dict[Any, FeatureOfInterest] = {}
    shared = Datastream.objects.filter(thing_id__in=homes, feature__isnull=False).select_related("feature").order_by("id")
    for one in shared:
        if one.feature.geom == homes[one.thing_id].geom:
            found.setdefault(one.thing_id, one.feature)
    made = {
        thing: FeatureOfInterest(
            name=where.name,
            description=where.description,
            encoding_type=where.encoding_type,
            feature=where.location,
            geom=where.geom,
        )
        for thing, where in homes.items()
        if thing not in found
    }
    FeatureOfInterest.objects.bulk_create(made.values())
    for one in bare:
        one.feature = found.get(one.thing_id) or made.get(one.thing_id)
