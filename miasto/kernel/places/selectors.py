"""Reads of the area served: the geocoder, what is at a point, districts, and the index of objects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from miasto.kernel.places import reverse as reversed_
from miasto.kernel.places.around import StreetLine, streets_around
from miasto.kernel.places.drawn import DrawnRules, checked_shape, shape_name, size_of, within_city
from miasto.kernel.places.geocoder import Found, geocode
from miasto.kernel.places.kinds import PLACE_KINDS, ROAD_OWNERS, STREET_CLASSES, kind_name
from miasto.kernel.places.models import Area, ObjectIndex, Place, Street
from miasto.kernel.places.named import Named, shapes_named
from miasto.kernel.places.reverse import Position

if TYPE_CHECKING:
    from django.contrib.gis.geos import GEOSGeometry
    from django.db.models import QuerySet

    from miasto.kernel.accounts.viewer import Viewer

__all__ = [
    "PLACE_KINDS",
    "ROAD_OWNERS",
    "STREET_CLASSES",
    "DrawnRules",
    "Found",
    "Named",
    "Position",
    "StreetLine",
    "areas",
    "areas_of",
    "checked_shape",
    "districts",
    "geocode",
    "inside_city",
    "kind_name",
    "object_index",
    "outline",
    "public_names",
    "reverse",
    "reverse_many",
    "shape_name",
    "shapes_named",
    "size_of",
    "streets_around",
    "within_city",
]


def reverse(lon: float, lat: float) -> Position:
    """What is at a point (degrees): nearest address or street, district, whether the city contains it.

    Raises ``ValueError`` for numbers that are no longitude and latitude.
    """
    return reversed_.positions([(lon, lat)])[0]


def reverse_many(points: Sequence[tuple[float, float]]) -> list[Position]:
    """``reverse`` of many (longitude, latitude) at once, in their order."""
    return reversed_.positions(points)


def areas_of(points: Sequence[tuple[float, float]], ids: Sequence[UUID]) -> list[frozenset[UUID]]:
    """Which of some areas contain each (longitude, latitude), in the points' order; one query."""
    return reversed_.areas_of(points, ids)


def inside_city(lon: float, lat: float) -> bool:
    """Whether the city's outline contains the point; where none is loaded, the profile's box."""
    return reverse(lon, lat).inside


def outline() -> GEOSGeometry | None:
    """The outline of the city (EPSG:4326) that is valid today; None where none is loaded."""
    found = Area.objects.current().filter(area_kind=Area.Kind.CITY, audience="public")
    return found.values_list("geom", flat=True).first()


def districts() -> QuerySet[Area]:
    """The districts that are valid today, by name, without their geometry."""
    return (
        Area.objects.current()
        .filter(area_kind=Area.Kind.DISTRICT, audience="public")
        .defer("geom", "geom_3857")
        .order_by("name")
    )


def public_names() -> list[str]:
    """The names of streets, places and areas that are valid today, each once: what is no person's name in this city."""
    found: set[str] = set()
    for model in (Street, Place, Area):
        found |= set(model.objects.current().filter(audience="public").exclude(name="").values_list("name", flat=True))
    return sorted(found)


def areas() -> QuerySet[Area]:
    """The areas within the city that are valid today (districts, parks, forests), by kind and name, without geometry."""
    wide = (Area.Kind.CITY, Area.Kind.COMMUNE, Area.Kind.COUNTY, Area.Kind.VOIVODESHIP, Area.Kind.COUNTRY)
    found = Area.objects.current().filter(audience="public").exclude(area_kind__in=wide)
    return found.defer("geom", "geom_3857").order_by("area_kind", "name")


def object_index(ids: Iterable[UUID], viewer: Viewer) -> dict[UUID, ObjectIndex]:
    """The index rows of those of the objects that the viewer may see, by identifier."""
    return ObjectIndex.objects.visible_to(viewer).in_bulk(list(ids))
