"""Writes of city objects: the object, its row in the index, the audit and the event, always together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import transaction

from miasto.kernel.core import changes, clock, events
from miasto.kernel.core.ids import uuid7
from miasto.kernel.places import loading, writing
from miasto.kernel.places.events import ObjectRetired, ObjectSaved, ObjectsImported
from miasto.kernel.places.fields import CityObject
from miasto.kernel.places.loading import ImportOptions, Source
from miasto.kernel.places.problems import ImportRefused, ImportReport, Problem

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer

__all__ = [
    "ImportOptions",
    "ImportRefused",
    "ImportReport",
    "Problem",
    "import_features",
    "retire_object",
    "save_object",
    "save_objects",
]
Object = TypeVar("Object", bound=CityObject)


@transaction.atomic
def save_object(obj: Object, *, by: Viewer) -> Object:
    """Make or change one object. Raises ``ValidationError`` for a geometry or an audience that cannot be."""
    created = writing.write_one(obj)
    changes.record(
        action="places.saved", kind=obj.kind, object_id=obj.pk, actor=by.actor, unit_id=obj.unit_id, data={"created": created}
    )
    events.publish(ObjectSaved(object_id=obj.pk, kind=obj.kind, created=created))
    return obj


@transaction.atomic
def retire_object(obj: Object, *, by: Viewer, on: date | None = None) -> Object:
    """End an object: from the local date ``on`` (default today) it is no longer valid. Its row stays as history."""
    obj.valid_to = (on or clock.today()) - timedelta(days=1)
    writing.write_one(obj)
    changes.record(action="places.retired", kind=obj.kind, object_id=obj.pk, actor=by.actor, unit_id=obj.unit_id)
    events.publish(ObjectRetired(object_id=obj.pk, kind=obj.kind))
    return obj


@transaction.atomic
def save_objects(objs: Iterable[CityObject], *, by: Viewer) -> int:
    """Make or change many objects, of any classes; returns how many were new or different.

    Two statements, one change and one ``ObjectsImported`` for each class; no event for each object. All or nothing.
    """
    by_class: dict[type[CityObject], list[CityObject]] = defaultdict(list)
    for obj in objs:
        by_class[type(obj)].append(obj)
    total = 0
    for kind, group in sorted((model.kind, group) for model, group in by_class.items()):
        written = writing.write_many(group)
        import_id = uuid7()
        data = {"read": len(group), "changed": written}
        changes.record(action="places.imported", kind=kind, object_id=import_id, actor=by.actor, data=data)
        events.publish(ObjectsImported(import_id=import_id, kind=kind, count=written))
        total += written
    return total


def import_features(
    *,
    source: Source,
    target: str,
    by: Viewer,
    defaults: Mapping[str, Any] | None = None,
    key: str = "",
    options: ImportOptions | None = None,
) -> ImportReport:
    """Load GeoJSON features, or the stops of a GTFS feed: all or nothing.

    ``source`` is a path or an iterable of GeoJSON features (EPSG:4326 unless ``options.srid`` says otherwise). ``target`` is
    areas, places, streets, addresses or waterways. ``defaults`` are values of the model's fields for every object, ``key``
    the property that holds the key (default: the feature's ``id`` or a usual name). A known key is updated, not doubled.
    Raises ``ImportRefused`` with all faults, each with its line and feature.
    """
    return loading.load(
        source=source, target=target, by=by, defaults=defaults or {}, key=key, options=options or ImportOptions()
    )
