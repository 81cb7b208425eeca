"""From a point to words: the nearest address or street, the district, and whether the city contains it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.places.names import street_label

ADDRESS_WITHIN_M = 150.0
STREET_WITHIN_M = 300.0
CURRENT = "(valid_from IS NULL OR valid_from <= %(day)s) AND (valid_to IS NULL OR valid_to >= %(day)s)"
PUBLIC = f"audience = 'public' AND {CURRENT}"


@dataclass(frozen=True)
class Position:
    """Where a point is. ``address_text`` is empty where neither an address (150 m) nor a street (300 m) is near.

    ``distance_m`` is the distance of what ``address_text`` names. ``inside`` says whether the city contains the point;
    ``commune_name`` is that of the commune around it, empty where no outline of communes is loaded. ``street_owner`` and
    ``street_class`` are those of the nearest street (within 300 m), ``street_m`` its distance.
    """

    address_text: str
    district_id: UUID | None
    district_name: str
    inside: bool
    address_id: UUID | None = None
    street_id: UUID | None = None
    distance_m: float | None = None
    commune_name: str = ""
    street_owner: str = ""
    street_class: str = ""
    street_m: float | None = None


# Distances are measured in EPSG:3857, which stretches all directions alike by 1 / cos(latitude): nearest stays nearest.
_POSITIONS = f"""
WITH asked AS (
    SELECT n, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS geom, cos(radians(lat)) AS scale,
           ST_Transform(ST_SetSRID(ST_MakePoint(lon, lat), 4326), 3857) AS flat
    FROM unnest(%(lons)s::float8[], %(lats)s::float8[]) WITH ORDINALITY AS given (lon, lat, n)
)
SELECT address.id, address.address_text, address.stretched * scale,
       street.id, street.prefix, street.name, street.stretched * scale,
       district.id, district.name,
       EXISTS (SELECT 1 FROM places_area WHERE area_kind = 'city' AND {PUBLIC} AND ST_Covers(geom, asked.geom)),
       (SELECT name FROM places_area WHERE area_kind = 'commune' AND {PUBLIC} AND ST_Covers(geom, asked.geom) LIMIT 1),
       EXISTS (SELECT 1 FROM places_area WHERE area_kind = 'city' AND {PUBLIC}),
       street.owner, street.street_class
FROM asked
LEFT JOIN LATERAL (
    SELECT id, address_text, geom_3857 <-> asked.flat AS stretched FROM places_address
    WHERE {PUBLIC} ORDER BY geom_3857 <-> asked.flat LIMIT 1) AS address ON true
LEFT JOIN LATERAL (
    SELECT id, prefix, name, owner, street_class, geom_3857 <-> asked.flat AS stretched FROM places_street
    WHERE {PUBLIC} ORDER BY geom_3857 <-> asked.flat LIMIT 1) AS street ON true
LEFT JOIN LATERAL (
    SELECT id, name FROM places_area
    WHERE area_kind = 'district' AND {PUBLIC} AND ST_Covers(geom, asked.geom) ORDER BY ST_Area(geom), id LIMIT 1
) AS district ON true
ORDER BY n"""  # noqa: S608


def positions(points: Sequence[tuple[float, float]]) -> list[Position]:
    """The positions of points (longitude, latitude), in their order; one query for all."""
    if not points:
        return []
    rows = _rows(_POSITIONS, points)
    return [_position(row, point) for row, point in zip(rows, points, strict=True)]


def districts_of(points: Sequence[tuple[float, float]]) -> list[UUID | None]:
    """The district of each point, in their order; one query."""
    if not points:
        return []
    statement = f"""
        SELECT (SELECT id FROM places_area
                WHERE area_kind = 'district' AND {PUBLIC} AND ST_Covers(geom, ST_SetSRID(ST_MakePoint(lon, lat), 4326))
                ORDER BY ST_Area(geom), id LIMIT 1)
        FROM unnest(%(lons)s::float8[], %(lats)s::float8[]) WITH ORDINALITY AS given (lon, lat, n) ORDER BY n"""  # noqa: S608
    return [row[0] for row in _rows(statement, points)]


def assign_districts() -> int:
    """Give each address the district that now contains it; returns how many changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE places_address AS address SET district_id = found.district_id
                FROM (SELECT each.id, (SELECT id FROM places_area
                          WHERE area_kind = 'district' AND {PUBLIC} AND ST_Covers(places_area.geom, each.geom)
                          ORDER BY ST_Area(geom), id LIMIT 1) AS district_id
                      FROM places_address AS each) AS found
                WHERE found.id = address.id AND address.district_id IS DISTINCT FROM found.district_id""",  # noqa: S608
            {"day": clock.today()},
        )
        return cursor.rowcount


def _rows(statement: str, points: Sequence[tuple[float, float]]) -> list[tuple[Any, ...]]:
    for lon, lat in points:
        if not (math.isfinite(lon) and abs(lon) <= 180 and math.isfinite(lat) and abs(lat) <= 85):
            raise ValueError(f"({lon}, {lat}) is no longitude and latitude of the map")
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {"lons": [point[0] for point in points], "lats": [point[1] for point in points], "day": clock.today()},
        )
        return cursor.fetchall()


def _position(row: tuple[Any, ...], point: tuple[float, float]) -> Position:
    address_id, address, address_m, street_id, prefix, name, street_m, *area = row
    district_id, district, inside, commune, outlined, owner, street_class = area
    text, distance = "", None
    if address_m is not None and address_m <= ADDRESS_WITHIN_M:
        text, distance = address, address_m
    else:
        address_id = None
    if street_m is None or street_m > STREET_WITHIN_M:
        street_id = None
    elif not text:
        text, distance = street_label(prefix, name), street_m
    west, south, east, north = city().bbox
    return Position(
        address_text=text,
        district_id=district_id,
        district_name=district or "",
        inside=inside if outlined else west <= point[0] <= east and south <= point[1] <= north,
        address_id=address_id,
        street_id=street_id,
        distance_m=round(distance, 1) if distance is not None else None,
        commune_name=commune or "",
        street_owner=(owner or "") if street_id else "",
        street_class=(street_class or "") if street_id else "",
        street_m=round(street_m, 1) if street_id and street_m is not None else None,
    )


def areas_of(points: Sequence[tuple[float, float]], ids: Sequence[UUID]) -> list[frozenset[UUID]]:
    """Which of some areas contain each point, in the points' order; one query, none without areas."""
    if not points or not ids:
        return [frozenset() for _point in points]
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT array_agg(area.id) FILTER (WHERE area.id IS NOT NULL)
               FROM unnest(%(lons)s::float8[], %(lats)s::float8[]) WITH ORDINALITY AS given (lon, lat, n)
               LEFT JOIN places_area AS area ON area.id = ANY(%(ids)s)
                   AND ST_Covers(area.geom, ST_SetSRID(ST_MakePoint(lon, lat), 4326))
               GROUP BY n ORDER BY n""",
            {"lons": [point[0] for point in points], "lats": [point[1] for point in points], "ids": list(ids)},
        )
        return [frozenset(row[0] or ()) for row in cursor.fetchall()]
