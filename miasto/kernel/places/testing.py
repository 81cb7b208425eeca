"""Factories for tests: areas, places, streets and addresses around the middle of the city."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.contrib.gis.geos import LineString, MultiLineString, MultiPolygon, Point, Polygon

from miasto.kernel.core.city import city

_numbers = count(1)


def point(east_m: float = 0.0, north_m: float = 0.0) -> Point:
    """A point so many metres (roughly) east and north of the city's centre, EPSG:4326."""
    lon, lat = city().centre
    return Point(lon + east_m / 70_000, lat + north_m / 111_200, srid=4326)


def square(east_m: float = 0.0, north_m: float = 0.0, side_m: float = 1000.0) -> MultiPolygon:
    """A square MultiPolygon around such a point."""
    half = side_m / 2
    low, high = point(east_m - half, north_m - half), point(east_m + half, north_m + half)
    return MultiPolygon(Polygon.from_bbox((low.x, low.y, high.x, high.y)), srid=4326)


def line(*offsets: tuple[float, float]) -> MultiLineString:
    """A MultiLineString through points given by (metres east, metres north) of the centre."""
    return MultiLineString(LineString([point(*offset).coords for offset in offsets]), srid=4326)


def _save(obj: Any) -> Any:
    from miasto.kernel.accounts.viewer import SYSTEM
    from miasto.kernel.places.services import save_object

    return save_object(obj, by=SYSTEM)


def make_area(**fields: Any) -> Any:
    """A saved district (or another ``area_kind``), 1 km square at the centre by default."""
    from miasto.kernel.places.models import Area

    number = next(_numbers)
    values = {"name": f"Osiedle {number}", "area_kind": "district", "geom": fields.pop("geom", None) or square()}
    return _save(Area(**{**values, **fields}))


def make_city_area(**fields: Any) -> Any:
    """The city's outline: a square of 20 km."""
    return make_area(**{"name": city().name, "area_kind": "city", "geom": square(side_m=20_000), **fields})


def make_place(**fields: Any) -> Any:
    """A saved place, a school at the centre by default."""
    from miasto.kernel.places.models import Place

    values = {"name": f"Szkoła Podstawowa nr {next(_numbers)}", "place_kind": "school", "geom": point()}
    return _save(Place(**{**values, **fields}))


def make_street(**fields: Any) -> Any:
    """A saved street, 1 km from west to east through the centre by default."""
    from miasto.kernel.places.models import Street

    values = {"name": f"Ulica{next(_numbers)}", "prefix": "ul.", "geom": line((-500, 0), (500, 0))}
    return _save(Street(**{**values, **fields}))


def make_address(*, street: Any = None, **fields: Any) -> Any:
    """A saved address at the centre, on a new street by default; ``point=`` is its place."""
    from miasto.kernel.places.models import Address

    values = {"number": str(next(_numbers)), "geom": fields.pop("point", None) or point()}
    return _save(Address(street=street or make_street(), **{**values, **fields}))


def make_waterway(**fields: Any) -> Any:
    """A saved river, 1 km from south to north by default."""
    from miasto.kernel.places.models import Waterway

    values = {"name": f"Rzeka {next(_numbers)}", "geom": line((0, -500), (0, 500))}
    return _save(Waterway(**{**values, **fields}))
