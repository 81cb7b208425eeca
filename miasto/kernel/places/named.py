"""Shapes told in words: a place by its name, a street from one crossing or number to another, a district as an area.

The way without a map to what others draw: the same geometry comes of both.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections import defaultdict
from dataclasses import dataclass

from django.contrib.gis.geos import GEOSGeometry, LineString, Point

from miasto.kernel.core.city import city
from miasto.kernel.places.fields import WGS84
from miasto.kernel.places.geocoder import Found, geocode
from miasto.kernel.places.models import ObjectIndex

NEAR_M = 250.0
GAP_M = 60.0
AROUND_M = 50.0
SIMPLER_M = 8.0
MOST = 6

Vertex = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Named:
    """A shape (EPSG:4326) and the words for it; ``detail`` tells namesakes apart."""

    label: str
    detail: str
    geom: GEOSGeometry


def shapes_named(shape: str, name: str, *, start: str = "", end: str = "") -> list[Named]:
    """What a text may mean as a "point", a "line" or an "area", likeliest first.

    A line is a street, or its part between two crossings, numbers or places ``start`` and ``end``. An address taken as an area
    is the circle of 50 m around it.
    """
    if not name.strip():
        return []
    if shape == "line":
        return _lines(name, start, end)
    found = geocode(name, limit=MOST)
    if shape == "point":
        return [Named(one.label, one.detail, Point(one.lon, one.lat, srid=WGS84)) for one in found]
    return _areas(found)


def _areas(found: list[Found]) -> list[Named]:
    outlines = {row.pk: row.geom for row in ObjectIndex.objects.filter(pk__in=[one.id for one in found], audience="public")}
    made = []
    for one in found:
        if one.kind == "street":
            continue
        outline = outlines.get(one.id) if one.kind != "crossing" else None
        if outline is not None and outline.geom_type in ("Polygon", "MultiPolygon"):
            made.append(Named(one.label, one.detail, _simpler(outline)))
        else:
            made.append(Named(one.label, one.detail, _around(one.lon, one.lat)))
    return made


def _flat(geom: GEOSGeometry) -> GEOSGeometry:
    return geom.transform(city().srid, clone=True)


def _simpler(outline: GEOSGeometry) -> GEOSGeometry:
    """The outline without bends under some metres; one part where it has one."""
    made = _flat(outline).simplify(SIMPLER_M, preserve_topology=True)
    made.transform(WGS84)
    return made[0] if made.geom_type == "MultiPolygon" and len(made) == 1 else made


def _around(lon: float, lat: float) -> GEOSGeometry:
    circle = _flat(Point(lon, lat, srid=WGS84)).buffer(AROUND_M, quadsegs=4)
    circle.transform(WGS84)
    return circle


def _lines(name: str, start: str, end: str) -> list[Named]:
    streets = [one for one in geocode(name, limit=MOST) if one.kind == "street"]
    courses = {row.pk: row.geom for row in ObjectIndex.objects.filter(pk__in=[one.id for one in streets], audience="public")}
    made = []
    for one in streets:
        course = courses.get(one.id)
        if course is None or course.geom_type not in ("LineString", "MultiLineString"):
            continue
        if not (start.strip() or end.strip()):
            made.append(Named(one.label, one.detail, course))
            continue
        ends = [_end_of(one, text) for text in (start, end)]
        part = street_part(course, ends[0], ends[1]) if ends[0] and ends[1] else None
        if part is not None:
            made.append(Named(f"{one.label}: {start.strip()} – {end.strip()}", one.detail, part))
    return made


def _end_of(street: Found, text: str) -> Vertex | None:
    """Where a part of a street ends: at a number of the street, at its crossing, or beside a place that lies on it."""
    text = text.strip()
    if not text:
        return None
    asked = f"{street.label} {text}" if text[0].isdigit() else f"{street.label} / {text}"
    wanted = "address" if text[0].isdigit() else "crossing"
    for one in geocode(asked, limit=3):
        if one.kind == wanted:
            return (one.lon, one.lat)
    beside = next(iter(geocode(text, limit=1, near=(street.lon, street.lat))), None)
    return (beside.lon, beside.lat) if beside else None


def street_part(course: GEOSGeometry, start: Vertex, end: Vertex) -> GEOSGeometry | None:
    """The shortest way along a street's course between the points of it nearest to two others; EPSG:4326 throughout.

    Courses come in pieces (two carriageways, squares, a map's gaps): ends of pieces within 60 m are joined. None where an end
    lies over 250 m from the street, or both meet in one point of it.
    """
    lines = [course] if course.geom_type == "LineString" else list(course)
    flat = [_flat(LineString(line.coords, srid=WGS84)) for line in lines]
    edges, vertices = _graph(flat)
    ends = []
    for point in (start, end):
        place = _flat(Point(*point, srid=WGS84))
        nearest = min(vertices, key=lambda vertex: math.dist(vertex, (place.x, place.y)))
        if math.dist(nearest, (place.x, place.y)) > NEAR_M:
            return None
        ends.append(nearest)
    way = _shortest(edges, ends[0], ends[1])
    if way is None or len(way) < 2:
        return None
    made = LineString(way, srid=city().srid)
    made.transform(WGS84)
    return made


def _graph(lines: list[LineString]) -> tuple[dict[Vertex, list[tuple[float, Vertex]]], list[Vertex]]:
    """Neighbours with metres of each vertex. Straight stretches get vertices every 25 m: a part ends where asked."""
    edges: dict[Vertex, list[tuple[float, Vertex]]] = defaultdict(list)

    def join(one: Vertex, two: Vertex, times: float = 1.0) -> None:
        metres = math.dist(one, two) * times
        edges[one].append((metres, two))
        edges[two].append((metres, one))

    outer: list[Vertex] = []
    for line in lines:
        dense = [(round(x, 1), round(y, 1)) for x, y in _densified(list(line.coords))]
        for one, two in itertools.pairwise(dense):
            if one != two:
                join(one, two)
        outer += [dense[0], dense[-1]]
    for n, one in enumerate(outer):
        for two in outer[n + 1 :]:
            if 0 < math.dist(one, two) <= GAP_M:
                join(one, two, times=3.0)
    return edges, list(edges)


def _densified(points: list[Vertex], step_m: float = 25.0) -> list[Vertex]:
    made = [points[0]]
    for one, two in itertools.pairwise(points):
        pieces = max(1, math.ceil(math.dist(one, two) / step_m))
        made += [
            (one[0] + (two[0] - one[0]) * n / pieces, one[1] + (two[1] - one[1]) * n / pieces) for n in range(1, pieces + 1)
        ]
    return made


def _shortest(edges: dict[Vertex, list[tuple[float, Vertex]]], start: Vertex, end: Vertex) -> list[Vertex] | None:
    best, came = {start: 0.0}, {start: start}
    heap = [(0.0, start)]
    while heap:
        metres, here = heapq.heappop(heap)
        if here == end:
            way = [here]
            while way[-1] != start:
                way.append(came[way[-1]])
            return way[::-1]
        if metres > best[here]:
            continue
        for more, there in edges[here]:
            if metres + more < best.get(there, math.inf):
                best[there], came[there] = metres + more, here
                heapq.heappush(heap, (metres + more, there))
    return None
