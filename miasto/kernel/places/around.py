"""The streets around a point, for a small drawing of a place."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from django.db import connection

from miasto.kernel.core import clock
from miasto.kernel.places.names import street_label
from miasto.kernel.places.reverse import PUBLIC

METRES_IN_DEGREE = 111_250
MOST = 60


@dataclass(frozen=True)
class StreetLine:
    """A piece of a street inside the box. ``points`` are (longitude, latitude), EPSG:4326."""

    name: str
    street_class: str
    points: tuple[tuple[float, float], ...]


_LINES = f"""
SELECT prefix, name, street_class,
       ST_AsGeoJSON((ST_Dump(ST_CollectionExtract(ST_ClipByBox2D(geom, box), 2))).geom, 6)
FROM places_street, ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326) AS box
WHERE {PUBLIC} AND geom && box LIMIT {MOST}"""  # noqa: S608


def streets_around(lon: float, lat: float, metres: float) -> list[StreetLine]:
    """The streets within a square of ``2 * metres`` around a point (degrees), cut at its edges; 1 query."""
    north = metres / METRES_IN_DEGREE
    east = north / max(math.cos(math.radians(lat)), 0.01)
    box = {"west": lon - east, "east": lon + east, "south": lat - north, "north": lat + north, "day": clock.today()}
    with connection.cursor() as cursor:
        cursor.execute(_LINES, box)
        rows = cursor.fetchall()
    return [
        StreetLine(street_label(prefix, name), kind, tuple((x, y) for x, y in json.loads(line)["coordinates"]))
        for prefix, name, kind, line in rows
        if line
    ]
