"""Geometry of GeoJSON, checked: numbers, rings, coordinate system, the city's region, validity."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from struct import pack
from typing import Any

from django.contrib.gis.gdal import CoordTransform, SpatialReference
from django.contrib.gis.gdal.error import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry, MultiLineString, MultiPolygon
from django.utils.translation import gettext as _

from miasto.kernel.core.city import city
from miasto.kernel.places.fields import WGS84
from miasto.kernel.places.problems import Fault

REGION_MARGIN_DEG = 0.5
POLAND_2180 = (100_000, 100_000, 950_000, 950_000)
_EPSG = re.compile(r"EPSG:+(?:[\d.]*:)?(\d+)$", re.IGNORECASE)
POLYGONAL = ("Polygon", "MultiPolygon")
LINEAR = ("LineString", "MultiLineString")


class BadGeometry(Fault):
    """A geometry that cannot be taken."""


class Outside(BadGeometry):
    """A sound geometry that lies far from the city."""


class Axes:
    """Reads positions, and remembers the box around them (west, south, east, north)."""

    def __init__(self, swap: bool, repair: bool) -> None:
        self.swap, self.repair = swap, repair
        self.extent = (math.inf, math.inf, -math.inf, -math.inf)

    def numbers(self, positions: Any, least: int) -> list[float]:
        """Flat x, y of a list of positions."""
        if not isinstance(positions, list) or len(positions) < least:
            raise BadGeometry(_("linia albo pierścień ma za mało punktów (potrzeba co najmniej %(least)s)") % {"least": least})
        flat: list[float] = []
        for position in positions:
            flat += self.position(position)
        return flat

    def position(self, position: Any) -> tuple[float, float]:
        if not isinstance(position, list) or len(position) < 2:
            raise BadGeometry(_("punkt nie jest parą liczb"))
        x, y = position[0], position[1]
        if type(x) not in (int, float) or type(y) not in (int, float):
            raise BadGeometry(_("współrzędna nie jest liczbą: %(position)s") % {"position": str(position)[:60]})
        try:
            x, y = (float(y), float(x)) if self.swap else (float(x), float(y))
        except OverflowError as error:
            raise BadGeometry(_("współrzędna jest zbyt duża")) from error
        west, south, east, north = self.extent
        self.extent = (x if x < west else west, y if y < south else south, x if x > east else east, y if y > north else north)
        return x, y


@dataclass(frozen=True)
class Reading:
    """How geometry is read: the source's system, swapped axes, repair of faults, and whether any place on Earth will do."""

    srid: int = WGS84
    swap: bool = False
    repair: bool = False
    anywhere: bool = False

    def read(self, value: Any, *, accept: tuple[str, ...]) -> GEOSGeometry:
        """A valid EPSG:4326 geometry of one of the accepted types; raises ``BadGeometry``."""
        axes = Axes(self.swap, self.repair)
        geom = self._located(build(value, axes), axes)
        if geom.geom_type not in accept:
            raise BadGeometry(
                _("geometria to %(found)s, a potrzebna jest: %(accept)s")
                % {"found": geom.geom_type, "accept": ", ".join(accept)}
            )
        return self._sound(geom)

    def _located(self, geom: GEOSGeometry, axes: Axes) -> GEOSGeometry:
        extent = axes.extent
        if self.srid != WGS84:
            geom.srid = self.srid
            try:
                geom.transform(_transform(self.srid))
            except (GDALException, GEOSException) as error:
                raise BadGeometry(_("współrzędnych nie da się przeliczyć z EPSG:%(srid)s") % {"srid": self.srid}) from error
            extent = geom.extent
        check_place(extent, anywhere=self.anywhere, transformed=self.srid != WGS84)
        geom.srid = WGS84
        return geom

    def _sound(self, geom: GEOSGeometry) -> GEOSGeometry:
        if geom.geom_type not in POLYGONAL or is_valid(geom):
            return geom
        if not self.repair:
            raise BadGeometry(_("niepoprawny wielokąt: %(why)s") % {"why": _reason(geom.valid_reason)}, _repair())
        return _polygons(geom.make_valid())


def build(value: Any, axes: Axes) -> GEOSGeometry:
    """The geometry of a GeoJSON value, as its numbers stand; further dimensions are dropped."""
    if value is None:
        raise BadGeometry(_("brakuje geometrii"))
    if not isinstance(value, dict) or "type" not in value:
        raise BadGeometry(_("geometria nie ma pola „type”"))
    kind = value["type"]
    encode = _ENCODERS.get(kind) if isinstance(kind, str) else None
    if encode is None:
        raise BadGeometry(_("geometrii typu „%(type)s” nie da się wczytać") % {"type": kind})
    coordinates = value.get("coordinates")
    if not isinstance(coordinates, list):
        raise BadGeometry(_("geometria nie ma listy „coordinates”"))
    if not coordinates:
        raise BadGeometry(_("geometria jest pusta"))
    return GEOSGeometry(memoryview(encode(coordinates, axes)), srid=None)


def check_place(extent: tuple[float, float, float, float], *, anywhere: bool, transformed: bool) -> None:
    """Raise ``BadGeometry`` unless a box (west, south, east, north) is on Earth and, by default, near the city."""
    west, south, east, north = extent
    if not all(map(math.isfinite, extent)):
        raise BadGeometry(_("współrzędne nie są liczbami skończonymi"))
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise BadGeometry(*_system_fault(extent, transformed))
    if anywhere or _meets(extent, _region()):
        return
    if _meets((south, west, north, east), _region()):
        raise BadGeometry(
            _("współrzędne są zamienione: szerokość stoi przed długością"), _("Aby je odwrócić, użyj --swap-axes.")
        )
    where = {"lon": (west + east) / 2, "lat": (south + north) / 2}
    raise Outside(
        _("miejsce %(lon).4f, %(lat).4f leży daleko od miasta") % where,
        _("Aby wczytać miejsca daleko od miasta, użyj --anywhere; aby je pominąć – --skip-outside."),
    )


def srid_of(name: str) -> int | None:
    """The EPSG number of a ``crs`` name (``"urn:ogc:def:crs:OGC:1.3:CRS84"`` is 4326); None for an unknown one."""
    if name.upper().endswith("CRS84"):
        return WGS84
    found = _EPSG.search(name.strip())
    return int(found.group(1)) if found else None


def is_known_srid(srid: int) -> bool:
    """Whether coordinates can be transformed from this system."""
    try:
        _transform(srid)
    except (GDALException, OverflowError):
        return False
    return True


def as_multi(geom: GEOSGeometry) -> GEOSGeometry:
    """A polygon as a MultiPolygon, a line as a MultiLineString; others as they are."""
    wrap = {"Polygon": MultiPolygon, "LineString": MultiLineString}.get(geom.geom_type)
    return wrap(geom, srid=geom.srid) if wrap else geom


def _point(value: Any, axes: Axes) -> bytes:
    return pack("<BI2d", 1, 1, *axes.position(value))


def _line(value: Any, axes: Axes) -> bytes:
    flat = axes.numbers(value, 2)
    return pack(f"<BII{len(flat)}d", 1, 2, len(flat) // 2, *flat)


def _polygon(value: Any, axes: Axes) -> bytes:
    if not isinstance(value, list) or not value:
        raise BadGeometry(_("wielokąt nie ma pierścienia"))
    rings = b"".join(_ring(ring, axes) for ring in value)
    return pack("<BII", 1, 3, len(value)) + rings


def _ring(value: Any, axes: Axes) -> bytes:
    flat = axes.numbers(value, 3)
    if flat[:2] != flat[-2:]:
        if not axes.repair:
            raise BadGeometry(_("pierścień wielokąta nie jest zamknięty"), _repair())
        flat += flat[:2]
    if len(flat) < 8:
        raise BadGeometry(_("pierścień wielokąta ma mniej niż cztery punkty"))
    return pack(f"<I{len(flat)}d", len(flat) // 2, *flat)


def is_valid(geom: GEOSGeometry) -> bool:
    """Validity, without the notice that GEOS would write to the log for every fault."""
    log = logging.getLogger("django.contrib.gis")
    before = log.disabled
    log.disabled = True
    try:
        return bool(geom.valid)
    finally:
        log.disabled = before


def _many(code: int, encode: Callable[[Any, Axes], bytes]) -> Callable[[Any, Axes], bytes]:
    def encode_all(value: Any, axes: Axes) -> bytes:
        return pack("<BII", 1, code, len(value)) + b"".join(encode(part, axes) for part in value)

    return encode_all


_ENCODERS: dict[str, Callable[[Any, Axes], bytes]] = {
    "Point": _point,
    "LineString": _line,
    "Polygon": _polygon,
    "MultiPoint": _many(4, _point),
    "MultiLineString": _many(5, _line),
    "MultiPolygon": _many(6, _polygon),
}


@lru_cache(maxsize=8)
def _transform(srid: int) -> CoordTransform:
    return CoordTransform(SpatialReference(srid), SpatialReference(WGS84))


def _region() -> tuple[float, float, float, float]:
    west, south, east, north = city().bbox
    margin = REGION_MARGIN_DEG
    return (west - margin, south - margin, east + margin, north + margin)


def _meets(box: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return box[0] <= other[2] and box[2] >= other[0] and box[1] <= other[3] and box[3] >= other[1]


def _repair() -> str:
    return _("Popraw wielokąty w pliku albo użyj --repair.")


def _system_fault(extent: tuple[float, float, float, float], transformed: bool) -> tuple[str, str]:
    """What to say of coordinates that are no degrees, and the mend."""
    if transformed:
        return _("po przeliczeniu współrzędne leżą poza Ziemią"), _("Sprawdź numer podany po --srid.")
    west, south, east, north = extent
    low_x, low_y, high_x, high_y = POLAND_2180
    metres = _("współrzędne %(x).0f, %(y).0f to metry, a nie stopnie") % {"x": west, "y": south}
    if low_x <= west and east <= high_x and low_y <= south and north <= high_y:
        return metres, _("To zapewne układ PL-1992: użyj --srid 2180.")
    if max(map(abs, extent)) <= 20_037_509:
        return metres, _("Podaj układ współrzędnych pliku, na przykład --srid 3857 albo --srid 2178.")
    return _("współrzędne %(x)s, %(y)s leżą poza Ziemią") % {"x": west, "y": south}, ""


def _reason(reason: str) -> str:
    said = {
        "Self-intersection": _("brzeg przecina sam siebie"),
        "Ring Self-intersection": _("pierścień dotyka sam siebie"),
        "Hole lies outside shell": _("dziura leży poza obrysem"),
        "Holes are nested": _("dziury leżą jedna w drugiej"),
        "Interior is disconnected": _("wnętrze nie jest spójne"),
        "Nested shells": _("części leżą jedna w drugiej"),
        "Duplicate Rings": _("pierścień się powtarza"),
        "Too few points in geometry component": _("za mało różnych punktów"),
    }
    what, bracket, where = reason.partition("[")
    place = ", ".join(where.rstrip("]").split()) if bracket else ""
    text = said.get(what.strip(), what.strip())
    return _("%(what)s w punkcie %(place)s") % {"what": text, "place": place} if place else text


def _polygons(geom: GEOSGeometry) -> GEOSGeometry:
    """The polygonal part of a repaired geometry."""
    parts = [geom] if geom.geom_type in POLYGONAL else [part for part in geom if part.geom_type in POLYGONAL]
    polygons = [piece for part in parts for piece in ([part] if part.geom_type == "Polygon" else part)]
    if not polygons:
        raise BadGeometry(_("po naprawie z wielokąta nic nie zostaje"))
    return polygons[0] if len(polygons) == 1 else MultiPolygon(polygons, srid=WGS84)
