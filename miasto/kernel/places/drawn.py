"""What somebody draws on the map of a page, checked: kind of shape, size, crossings, the city with a margin.

The errors are for the one who drew. What is loaded from files is checked in ``geometry``, for those who make files.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.places.fields import WGS84
from miasto.kernel.places.geometry import Axes, BadGeometry, build, is_valid
from miasto.kernel.places.reverse import CURRENT

SHAPES = {
    "point": ("Point",),
    "line": ("LineString", "MultiLineString"),
    "area": ("Polygon", "MultiPolygon"),
}
LONGEST_TEXT = 60_000


@dataclass(frozen=True, kw_only=True)
class DrawnRules:
    """Bounds of a drawn shape: metres of a line, square metres of an area, corners, metres around the city that still count."""

    least_length_m: float = 5
    most_length_m: float = 50_000
    least_area_m2: float = 25
    most_area_m2: float = 200_000_000
    most_vertices: int = 500
    margin_m: float = 500


DEFAULT_RULES = DrawnRules()


def checked_shape(value: Any, *, shapes: tuple[str, ...], rules: DrawnRules = DEFAULT_RULES) -> GEOSGeometry:
    """The geometry (EPSG:4326) of GeoJSON, a text or an object, that is one of ``shapes`` ("point", "line", "area").

    Raises ``ValidationError`` in words for whoever drew it. One query: whether it lies in the city or within the margin.
    """
    geom = _read(value)
    shape = shape_name(geom)
    if shape not in shapes:
        raise ValidationError(_("Tu trzeba zaznaczyć coś innego: %(wanted)s.") % {"wanted": _wanted(shapes)}, code="shape")
    if geom.num_coords > rules.most_vertices:
        raise ValidationError(
            _("Kształt ma za dużo punktów. Narysuj go prościej: najwyżej %(most)d punktów.") % {"most": rules.most_vertices},
            code="vertices",
        )
    if shape == "area" and not is_valid(geom):
        raise ValidationError(_("Granica obszaru przecina sama siebie. Popraw ją na mapie."), code="crosses")
    if not within_city(geom, margin_m=rules.margin_m):
        raise ValidationError(_("To miejsce leży poza miastem."), code="outside")
    _check_size(geom, shape, rules)
    return geom


def shape_name(geom: GEOSGeometry) -> str:
    """ "point", "line" or "area"; empty for anything else."""
    return next((name for name, types in SHAPES.items() if geom.geom_type in types), "")


def size_of(geom: GEOSGeometry) -> float:
    """Metres of a line, square metres of an area, in the city's metric system; 0 for a point."""
    flat = geom.transform(city().srid, clone=True)
    return {"line": flat.length, "area": flat.area}.get(shape_name(geom), 0.0)


def within_city(geom: GEOSGeometry, *, margin_m: float = 0) -> bool:
    """Whether the whole geometry lies in the city's outline widened by a margin; without an outline, in the profile's box."""
    west, south, east, north = city().bbox
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT ST_CoveredBy(ST_Transform(ST_GeomFromEWKB(%(geom)s), %(srid)s),
                       ST_Buffer(ST_Transform(COALESCE(
                           (SELECT geom FROM places_area WHERE area_kind = 'city' AND {CURRENT} LIMIT 1),
                           ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)), %(srid)s), %(margin)s))""",  # noqa: S608
            {
                "geom": bytes(geom.ewkb),
                "srid": city().srid,
                "margin": margin_m,
                "day": clock.today(),
                "west": west,
                "south": south,
                "east": east,
                "north": north,
            },
        )
        return bool(cursor.fetchone()[0])


def _read(value: Any) -> GEOSGeometry:
    try:
        if isinstance(value, str):
            if len(value) > LONGEST_TEXT:
                raise ValidationError(_("Kształt ma za dużo punktów. Narysuj go prościej."), code="vertices")
            value = json.loads(value)
        axes = Axes(swap=False, repair=False)
        geom = build(value, axes)
        west, south, east, north = axes.extent
        if not all(map(math.isfinite, axes.extent)):
            raise BadGeometry("not finite")
    except (BadGeometry, ValueError, RecursionError) as error:
        raise ValidationError(_("Tego kształtu nie da się zapisać. Zaznacz go jeszcze raz."), code="broken") from error
    if west < -180 or east > 180 or south < -85 or north > 85:
        raise ValidationError(_("To miejsce leży poza miastem."), code="outside")
    geom.srid = WGS84
    return geom


def _wanted(shapes: tuple[str, ...]) -> str:
    names = {"point": _("punkt"), "line": _("linię"), "area": _("obszar")}
    return _(" albo ").join(names[shape] for shape in shapes)


def _check_size(geom: GEOSGeometry, shape: str, rules: DrawnRules) -> None:
    size = size_of(geom)
    if shape == "line" and size < rules.least_length_m:
        raise ValidationError(
            _("Linia jest za krótka: musi mieć co najmniej %(least)d m.") % {"least": rules.least_length_m}, code="small"
        )
    if shape == "line" and size > rules.most_length_m:
        raise ValidationError(
            _("Linia jest za długa: może mieć najwyżej %(most)d km.") % {"most": rules.most_length_m // 1000}, code="big"
        )
    if shape == "area" and size < rules.least_area_m2:
        raise ValidationError(
            _("Obszar jest za mały: musi mieć co najmniej %(least)d m².") % {"least": rules.least_area_m2}, code="small"
        )
    if shape == "area" and size > rules.most_area_m2:
        raise ValidationError(
            _("Obszar jest za duży: może mieć najwyżej %(most)d km².") % {"most": rules.most_area_m2 // 1_000_000}, code="big"
        )
