"""From a field to a map: bands of concentration as areas in the colours of the index, hatched where nobody can know."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon

from miasto.modules.environment.air_map.kriging import NINE_OF_TEN, Surface
from miasto.modules.environment.law.air_index import BORDERS, air_class
from miasto.modules.environment.near import KM_IN_DEGREE
from miasto.modules.environment.words import COLOURS

Array = Any
STEP_KM = 0.25
FAR_KM = 3.0  # from the nearest sensor: beyond, the map is silent
UNSURE = math.log(2)  # half of the 90 % interval: where the truth may be twice as much or half, the map is silent too
STEPS = (1, 2, 5, 10, 20, 50, 100)
MOST_BANDS = 8
TOP = 1e6
LABEL_KM2 = 0.8  # smaller areas carry no number
Json = dict[str, Any]


@dataclass(frozen=True)
class Grid:
    """Knots over a box: ``lon`` and ``lat`` are the axes, ``lons`` and ``lats`` the same for each knot, row by row."""

    lon: Array
    lat: Array
    lons: Array
    lats: Array


@dataclass(frozen=True)
class Field:
    """Medians and 90 % intervals (µg/m³) at each knot; ``known`` where a sensor is near and the interval narrow enough."""

    median: Array
    low: Array
    high: Array
    known: Array


def grid(west: float, south: float, east: float, north: float) -> Grid:
    """Knots 250 m apart."""
    import numpy as np

    across = KM_IN_DEGREE * math.cos(math.radians((south + north) / 2))
    lon = np.linspace(west, east, max(int((east - west) * across / STEP_KM), 2))
    lat = np.linspace(south, north, max(int((north - south) * KM_IN_DEGREE / STEP_KM), 2))
    lons, lats = np.meshgrid(lon, lat)
    return Grid(lon, lat, lons.ravel(), lats.ravel())


def field(found: Surface, knots: Grid) -> Field:
    """The values of a surface on a grid, and where they may be shown."""
    import numpy as np

    middle, deviation = found.at(knots.lons, knots.lats)
    half = NINE_OF_TEN * deviation
    nearest = np.full(len(knots.lons), np.inf)
    for one in found.samples:
        east = (knots.lons - one.lon) * np.cos(np.radians(one.lat))
        nearest = np.minimum(nearest, KM_IN_DEGREE * np.hypot(east, knots.lats - one.lat))
    known = (nearest <= FAR_KM) & (half <= UNSURE)
    return Field(np.exp(middle), np.exp(middle - half), np.exp(middle + half), known)


def levels(code: str, lowest: float, highest: float) -> list[float]:
    """Borders of the bands: those of the index, and round steps between them where these are too coarse to show anything."""
    step = next((one for one in STEPS if (highest - lowest) / one <= MOST_BANDS), STEPS[-1])
    first, last = math.floor(lowest / step), math.ceil(highest / step)
    round_ones = {float(step * number) for number in range(first, last + 1)}
    borders = {float(one) for one in BORDERS[code] if lowest < one < highest}
    kept = borders | {one for one in round_ones if all(abs(one - border) >= step / 2 for border in borders)}
    return sorted(one for one in kept if one > 0)


def features(code: str, found: Field, knots: Grid, outline: GEOSGeometry) -> list[Json]:
    """GeoJSON features within an outline: bands with their label, class and colour; the area of which nothing is known."""
    import numpy as np

    shown = found.median[found.known]
    if not len(shown):
        return [_unknown(outline)]
    values = np.ma.array(found.median.reshape(len(knots.lat), -1), mask=~found.known.reshape(len(knots.lat), -1))
    inner = levels(code, float(shown.min()), float(shown.max()))
    edges = [-1.0, *inner, TOP]
    made: list[Json] = []
    known: GEOSGeometry | None = None
    for number, (low, high) in enumerate(pairwise(edges)):
        area = _band(values, knots, low, high, outline)
        if area is None:
            continue
        known = area if known is None else known.union(area)
        made += _drawn(code, low, high, area, number / len(inner) if inner else 0.5)
    rest = outline.difference(known.buffer(1e-5)) if known is not None else outline
    return [*made, *([_unknown(rest)] if not rest.empty else [])]


def _band(values: Array, knots: Grid, low: float, high: float, outline: GEOSGeometry) -> GEOSGeometry | None:
    from contourpy import FillType, contour_generator

    made = contour_generator(knots.lon, knots.lat, values, fill_type=FillType.OuterOffset).filled(low, high)
    parts = [
        Polygon(*(_ring(points[start:end]) for start, end in pairwise(offsets)))
        for points, offsets in zip(*made, strict=True)
        if len(points) >= 4
    ]
    if not parts:
        return None
    found = MultiPolygon(parts, srid=4326).buffer(0).intersection(outline)
    return None if found.empty else found


def _ring(points: Array) -> list[tuple[float, float]]:
    return [(round(lon, 5), round(lat, 5)) for lon, lat in points.tolist()]


def name_of(low: float, high: float) -> str:
    """ "20–25", "< 10" or "> 40", in µg/m³."""
    if low < 0:
        return f"< {high:g}"
    return f"> {low:g}" if high == TOP else f"{low:g}–{high:g}"


def _drawn(code: str, low: float, high: float, area: GEOSGeometry, depth: float) -> list[Json]:
    """A band and its label; ``depth`` 0 is the lowest, 1 the highest, and the higher the stronger the colour of its class."""
    found = air_class(code, (max(low, 0) + (high if high < TOP else low + 1)) / 2)
    if found is None:
        return []
    told = {"colour": COLOURS[found], "opacity": round(0.3 + 0.45 * depth, 2), "width": 1, "band": name_of(low, high)}
    made = [_feature(area, told | {"class": int(found)})]
    largest = max(_parts(area), key=lambda one: one.area)
    if largest.area * KM_IN_DEGREE**2 * math.cos(math.radians(largest.centroid.y)) >= LABEL_KM2:
        made.append(_feature(largest.point_on_surface, {"label": name_of(low, high)}))
    return made


def _parts(area: GEOSGeometry) -> Sequence[GEOSGeometry]:
    return [area] if area.geom_type == "Polygon" else [one for one in area if one.geom_type == "Polygon"]


def _unknown(area: GEOSGeometry) -> Json:
    return _feature(area, {"pattern": "hatch", "colour": "#6b655f", "width": 1})


def _feature(area: GEOSGeometry, told: Json) -> Json:
    parts = [one for one in _parts(area) if one.area > 1e-7] if area.geom_type != "Point" else []
    shape = json.loads((MultiPolygon(list(parts), srid=4326) if parts else area).geojson)
    return {"type": "Feature", "geometry": _short(shape), "properties": told}


def _short(shape: Json) -> Json:
    def cut(part: Any) -> Any:
        return round(part, 5) if isinstance(part, float) else [cut(one) for one in part]

    return {"type": shape["type"], "coordinates": cut(shape["coordinates"])}
