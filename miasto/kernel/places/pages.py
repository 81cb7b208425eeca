"""What the page of a city object shows, for whichever kind: read in a few queries."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.utils.translation import gettext as _

from miasto.kernel.core import clock
from miasto.kernel.core.registry import registry
from miasto.kernel.places.fields import Audience, CityObject
from miasto.kernel.places.models import ObjectIndex
from miasto.kernel.places.reverse import Position, positions
from miasto.kernel.spec.maps import Layer
from miasto.kernel.spec.places import ObjectKind

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer

SIMPLIFY_DEG = 0.00001
ZOOM = {"Point": 16, "MultiPoint": 15}


@dataclass(frozen=True)
class ObjectPage:
    """An object as its page needs it. ``layer`` and ``collection`` are keys of layers that hold it, or empty."""

    id: UUID
    title: str
    kind: str
    icon: str
    url: str
    address: str
    rows: list[tuple[Any, Any]]
    retired: bool
    restricted: bool
    lon: float
    lat: float
    zoom: int
    layer: str
    collection: str


def object_page(object_id: UUID, viewer: Viewer) -> ObjectPage | None:
    """The page of an object; None where there is none that this viewer may see. Five queries and the kind's own."""
    entry = ObjectIndex.objects.visible_to(viewer).filter(pk=object_id).values_list("kind", flat=True).first()
    if entry is None or not registry().has(ObjectKind, entry):
        return None
    kind = registry().get(ObjectKind, entry)
    obj = apps.get_model(kind.model).objects.visible_to(viewer).select_related("unit").filter(pk=object_id).first()
    return _page(obj, kind) if obj else None


def object_geojson(object_id: UUID, viewer: Viewer) -> dict[str, Any] | None:
    """The object's geometry as a GeoJSON FeatureCollection, simplified to about a metre; None where it may not be seen."""
    entry = ObjectIndex.objects.visible_to(viewer).filter(pk=object_id).only("kind", "geom", "label").first()
    if entry is None or not registry().has(ObjectKind, entry.kind):
        return None
    model = apps.get_model(registry().get(ObjectKind, entry.kind).model)
    if not model.objects.visible_to(viewer).filter(pk=object_id).exists():
        return None
    geometry = json.loads(entry.geom.simplify(SIMPLIFY_DEG, preserve_topology=True).geojson)
    properties = {"name": entry.label, "url": entry.get_absolute_url()}
    feature = {"type": "Feature", "id": str(object_id), "geometry": geometry, "properties": properties}
    return {"type": "FeatureCollection", "features": [feature]}


def _page(obj: CityObject, kind: ObjectKind) -> ObjectPage:
    middle = obj.geom if obj.geom.geom_type == "Point" else obj.geom.point_on_surface
    where = positions([(middle.x, middle.y)])[0] if obj.geom.geom_type == "Point" else None
    holding = _layers_of(obj, kind)
    today = clock.today()
    return ObjectPage(
        id=obj.pk,
        title=obj.label,
        kind=obj.kind_label or str(kind.name),
        icon=kind.icon,
        url=kind.url(obj) if kind.url else obj.get_absolute_url(),
        address=_address(obj, where),
        rows=[*(kind.details(obj) if kind.details else []), *_common_rows(obj, where)],
        retired=bool(obj.valid_to and obj.valid_to < today),
        restricted=obj.audience != Audience.PUBLIC,
        lon=round(middle.x, 6),
        lat=round(middle.y, 6),
        zoom=ZOOM.get(obj.geom.geom_type, 14),
        layer=next((layer.key for layer in holding if not layer.basemap), ""),
        collection=next((layer.key for layer in holding if layer.collection), ""),
    )


def _address(obj: CityObject, where: Position | None) -> str:
    """The object's own address, else the nearest one."""
    if obj.address_text:
        return obj.address_text if obj.address_text != obj.label else ""
    return _("w pobliżu: %(address)s") % {"address": where.address_text} if where and where.address_text else ""


def _common_rows(obj: CityObject, where: Position | None) -> list[tuple[Any, Any]]:
    rows: list[tuple[Any, Any]] = []
    if where and where.district_name:
        rows.append((_("Osiedle"), where.district_name))
    if obj.unit_id:
        rows.append((_("Zajmuje się tym"), obj.unit.name))
    if obj.valid_from:
        rows.append((_("Od"), obj.valid_from))
    if obj.valid_to:
        rows.append((_("Do"), obj.valid_to))
    return rows


def _layers_of(obj: CityObject, kind: ObjectKind) -> list[Layer]:
    return [layer for layer in registry().all(Layer) if layer.model == kind.model and _holds(obj, layer.where)]


def _holds(obj: CityObject, where: Mapping[str, Any]) -> bool:
    """Whether a layer's look-ups hold of an object in memory; what cannot be told here is asked of the database."""
    told = {name: _told(obj, name, value) for name, value in where.items()}
    asked = {name: where[name] for name, answer in told.items() if answer is None}
    if False in told.values():
        return False
    return not asked or type(obj).objects.filter(pk=obj.pk, **asked).exists()


def _told(obj: CityObject, look_up: str, value: Any) -> bool | None:
    name, _sign, how = look_up.partition("__")
    if how == "":
        return bool(getattr(obj, name) == value)
    if how == "in":
        return getattr(obj, name) in value
    if how == "regex":
        return bool(re.search(value, str(getattr(obj, name))))
    return None
