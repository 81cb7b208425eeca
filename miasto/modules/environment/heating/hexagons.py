"""Old boilers and stoves on a map of hexagons, so that no household can be told, not even beside the table of districts.

What is told is one number, sources for solid fuel, for each **part**: a hexagon cut by the district in which its sources stand.
Parts nest in districts, so the only sum that binds them to the table is that of their district (``suppress.told_parts``).
The grid is that of PostGIS (``ST_HexagonGrid``), fixed to the plane; its edge is that of ``EDGES_M`` at which the most
sources stand in parts that may be told.
"""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from miasto.kernel.core.city import city
from miasto.kernel.places.selectors import reverse_many
from miasto.modules.environment.heating import selectors
from miasto.modules.environment.heating.kinds import SMOKY, SOLID
from miasto.modules.environment.heating.suppress import told_parts

EDGES_M = (300, 500, 700, 1000)
STEPS = (10, 25, 50, 100)  # lower borders of the colours
COLOURS = ("#e4eddc", "#f7d9a8", "#f0a860", "#d9622b", "#9c2a14")
_HOUSE = re.compile(r"\s+\d+\S*$")
_PARTS = """
WITH source AS (
  SELECT district_id, ST_Transform(geom, 3857) AS place, "group" = ANY(%s) AS solid FROM environment_heatingsource
  WHERE removed_on IS NULL AND geom IS NOT NULL AND district_id IS NOT NULL
), part AS (
  SELECT cell.i, cell.j, cell.geom AS shape, source.district_id, count(*) AS n, count(*) FILTER (WHERE source.solid) AS solid
  FROM source, LATERAL (
    SELECT grid.* FROM ST_HexagonGrid(%s, source.place) AS grid
    ORDER BY ST_Distance(grid.geom, source.place), grid.i, grid.j LIMIT 1
  ) AS cell GROUP BY 1, 2, 3, 4
)
SELECT part.i, part.j, part.district_id, area.name, part.n, part.solid, ST_AsGeoJSON(cut.shape, 5), ST_X(cut.at), ST_Y(cut.at)
FROM part JOIN places_area AS area ON area.id = part.district_id,
  LATERAL (SELECT ST_Transform(ST_Intersection(part.shape, area.geom_3857), 4326) AS shape) AS whole,
  LATERAL (SELECT whole.shape, ST_PointOnSurface(whole.shape) AS at) AS cut
ORDER BY area.name, part.i, part.j
"""


@dataclass(frozen=True)
class Part:
    """A hexagon within a district. ``count`` None is not told; ``near`` is the street in its middle; ``shape`` is GeoJSON."""

    district: UUID
    district_name: str
    near: str
    count: int | None
    lon: float
    lat: float
    shape: dict[str, Any]

    @property
    def step(self) -> int:
        """The colour: 0 for none, then by ``STEPS``."""
        return sum((self.count or 0) >= border for border in STEPS)


@dataclass(frozen=True)
class Hexagons:
    """The parts of the city with sources of heat and the edge of the grid in metres."""

    edge_m: int
    parts: list[Part]

    @property
    def untold(self) -> int:
        return sum(one.count is None for one in self.parts)

    @property
    def told(self) -> list[Part]:
        """The parts whose number may be told, the greatest first."""
        return sorted((one for one in self.parts if one.count is not None), key=lambda one: (-(one.count or 0), one.near))


def hexagons(found: selectors.Public) -> Hexagons:
    """The parts, counted once for each state of the inventory; two queries, a few for each grid where it is new."""
    made: Hexagons = selectors.kept_for("hexagons", lambda: _made(found))
    return made


def _made(found: selectors.Public) -> Hexagons:
    tried = ((edge, rows := _rows(edge), _told(rows, found)) for edge in EDGES_M)
    edge, rows, told = max(tried, key=lambda one: (sum(count or 0 for count in one[2].values()), -one[0]))
    named = reverse_many([(row[7], row[8]) for row in rows]) if rows else []
    parts = [
        Part(row[2], row[3], _HOUSE.sub("", place.address_text), told[row[:3]], row[7], row[8], json.loads(row[6]))
        for row, place in zip(rows, named, strict=True)
    ]
    return Hexagons(edge, parts)


def _rows(edge_m: int) -> list[tuple[Any, ...]]:
    """(i, j, district, its name, sources, those for solid fuel, shape, longitude and latitude inside) of each part."""
    stretched = edge_m / math.cos(
        math.radians(city().centre[1])
    )  # metres of the plane of maps are longer than those of the ground
    with connection.cursor() as cursor:
        cursor.execute(_PARTS, [[SOLID, SMOKY], stretched])
        return cursor.fetchall()


def _told(rows: list[tuple[Any, ...]], found: selectors.Public) -> dict[Any, int | None]:
    by_district: dict[Any, dict[Any, tuple[int, int]]] = defaultdict(dict)
    for row in rows:
        by_district[row[2]][row[:3]] = (row[5], row[4])
    told: dict[Any, int | None] = {}
    for district, parts in by_district.items():
        known = all(found.cells.get((district, group)) is not None for group in (SOLID, SMOKY))
        told |= told_parts(parts, known=known)
    return told


def geojson(found: Hexagons) -> dict[str, Any]:
    """The parts as features, each with its number in the middle; what is not told is hatched."""
    features: list[dict[str, Any]] = []
    for one in found.parts:
        look = (
            {"colour": "#6b655f", "pattern": "hatch"} if one.count is None else {"colour": COLOURS[one.step], "opacity": 0.75}
        )
        told = {"district": one.district_name, "near": one.near, "count": one.count, "width": 1, **look}
        features.append({"type": "Feature", "geometry": one.shape, "properties": told})
        if one.count:
            place = {"type": "Point", "coordinates": [round(one.lon, 5), round(one.lat, 5)]}
            features.append({"type": "Feature", "geometry": place, "properties": {"label": str(one.count)}})
    return {"type": "FeatureCollection", "edge_m": found.edge_m, "features": features}
