"""Finds streets, addresses, crossings, districts, waters and places by what someone typed.

Three statements at most: names (two or three look-ups in trigram and prefix indexes of ``ObjectIndex``), house numbers or
crossings of the best streets, and the points of what is returned. Ranking is done here, on some tens of candidates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.places.kinds import kind_name
from miasto.kernel.places.matching import fit
from miasto.kernel.places.names import base, number_order, split_type
from miasto.kernel.places.queries import Query, Wanted, parse
from miasto.kernel.places.reverse import CURRENT, PUBLIC

CANDIDATES = 24
STREETS_FOR_NUMBERS = 5
LEAST_FIT = 0.5
WORSE_BY = 0.25
CROSSING_WITHIN_M = 30.0
KIND_BONUS = {"places.street": 0.02, "places.area": 0.015, "places.place": 0.01, "places.waterway": 0.0}
NEAR_BONUS, NEAR_M = 0.06, 3000.0


@dataclass(frozen=True)
class Found:
    """One answer. ``kind`` is street, address, crossing, area, place or waterway; ``id`` that of the object (of the first
    street for a crossing); ``score`` from 0 to 1; ``bbox`` is west, south, east, north in degrees.
    """

    kind: str
    id: UUID
    label: str
    detail: str
    lon: float
    lat: float
    score: float
    bbox: tuple[float, float, float, float]


@dataclass(frozen=True)
class _Hit:
    kind: str
    id: UUID
    label: str
    score: float
    number: str = ""
    point: tuple[float, float] | None = None


def geocode(text: str, *, limit: int = 8, near: tuple[float, float] | None = None) -> list[Found]:
    """The best answers first. ``near`` (longitude, latitude) prefers what is close, without hiding a better name."""
    query = parse(text)
    if not query.readings:
        return []
    names = _names(query)
    hits = _crossings(query, names) + _addresses(query, names) + names.get(None, [])
    best: dict[tuple[str, UUID, str], _Hit] = {}
    for hit in sorted(hits, key=lambda hit: -hit.score):
        best.setdefault((hit.kind, hit.id, hit.label if hit.kind == "crossing" else ""), hit)
    chosen = sorted(best.values(), key=_order)
    worth = [hit for hit in chosen if hit.score >= chosen[0].score - WORSE_BY]
    return _described(worth[: limit * 3 if near else limit + 4], limit, near)


def _order(hit: _Hit) -> Any:
    return (-round(hit.score, 3), number_order(hit.number), hit.label)


def _names(query: Query) -> dict[Wanted | None, list[_Hit]]:
    """Hits of each reading by name, best first; under None all that stand by themselves."""
    wanted = [*(query.crossing or ()), *query.readings]
    rows = _candidates(wanted)
    by_reading: dict[Wanted | None, list[_Hit]] = {None: []}
    for reading in dict.fromkeys(wanted):
        hits = [hit for row in rows if (hit := _scored(reading, row)) is not None]
        by_reading[reading] = sorted(hits, key=_order)
        if reading in query.readings:
            by_reading[None] += [replace(hit, score=hit.score * (0.9 if reading.number else 1.0)) for hit in hits]
    return by_reading


def _scored(reading: Wanted, row: tuple[Any, ...]) -> _Hit | None:
    object_id, kind, label, norm = row
    words = norm.split()
    score = fit(reading.words, words)
    if score < LEAST_FIT:
        return None
    if reading.prefix:
        score += 0.01 if _is_of_type(reading.prefix, kind, label) else -0.03
    return _Hit(kind, object_id, label, min(score, 1.0) + KIND_BONUS.get(kind, -0.02))


def _is_of_type(prefix: str, kind: str, label: str) -> bool:
    return label.startswith(prefix) or (prefix == "os." and kind == "places.area") or split_type(label)[0] == prefix


def _candidates(wanted: list[Wanted]) -> list[tuple[Any, ...]]:
    """(id, kind, label, norm) of the names nearest to any reading by trigrams, or beginning with it."""
    texts = dict.fromkeys(text for reading in wanted for text in (reading.text, " ".join(map(base, reading.words))))
    parts, values = [], {"day": clock.today(), "most": CANDIDATES}
    for number, text in enumerate(texts):
        values[f"text{number}"] = text
        parts.append(_KNN.format(number=number))
    for number, text in enumerate(dict.fromkeys(reading.text for reading in wanted)):
        values[f"start{number}"] = text.replace("\\", "").replace("%", "").replace("_", "") + "%"
        parts.append(_STARTS.format(number=number))
    with connection.cursor() as cursor:
        cursor.execute(" UNION ".join(parts), values)
        return cursor.fetchall()


_NAMES = f"SELECT id, kind, label, norm FROM places_objectindex WHERE NOT (norm = '') AND {PUBLIC}"  # noqa: S608
_KNN = f"({_NAMES} ORDER BY %(text{{number}})s <<-> lookup LIMIT %(most)s)"
_STARTS = f"({_NAMES} AND norm LIKE %(start{{number}})s ORDER BY length(norm), norm LIMIT %(most)s)"
_NUMBERS = f"""
SELECT street_id, id, address_text, number_norm FROM places_address
WHERE street_id = ANY(%(streets)s) AND {CURRENT} AND audience = 'public'
  AND (number_norm = ANY(%(exact)s) OR number_norm LIKE %(start)s)
ORDER BY number_norm = ANY(%(exact)s) DESC, length(number_norm), number_norm LIMIT 60"""  # noqa: S608
_CROSSINGS = """
SELECT one.id, two.id, ST_X(found.point), ST_Y(found.point)
FROM places_street AS one JOIN places_street AS two ON two.id = ANY(%(second)s) AND two.id <> one.id,
LATERAL (SELECT ST_Transform(one.geom, %(srid)s) AS a, ST_Transform(two.geom, %(srid)s) AS b) AS flat,
LATERAL (SELECT ST_Transform(ST_ClosestPoint(a, b), 4326) AS point) AS found
WHERE one.id = ANY(%(first)s) AND ST_DWithin(a, b, %(within)s)"""
_POINTS = """
SELECT id, 'places.address', ST_X(geom), ST_Y(geom), ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom)
FROM places_address WHERE id = ANY(%(addresses)s)
UNION ALL
SELECT id, kind, ST_X(point), ST_Y(point), ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom)
FROM places_objectindex, LATERAL (SELECT CASE
    WHEN ST_Dimension(geom) = 1 THEN ST_ClosestPoint(geom, ST_Centroid(geom)) ELSE ST_PointOnSurface(geom) END AS point) AS at
WHERE id = ANY(%(others)s)"""
_DETAILS = """
SELECT asked.id, district.name, place.place_kind, place.address_text, area.area_kind, address.postcode, street.locality
FROM unnest(%(ids)s::uuid[], %(lons)s::float8[], %(lats)s::float8[]) AS asked (id, lon, lat)
LEFT JOIN places_place AS place ON place.id = asked.id
LEFT JOIN places_area AS area ON area.id = asked.id
LEFT JOIN places_address AS address ON address.id = asked.id
LEFT JOIN places_street AS street ON street.id = asked.id
LEFT JOIN LATERAL (
    SELECT name FROM places_area WHERE area_kind = 'district'
    AND ST_Covers(geom, ST_SetSRID(ST_MakePoint(asked.lon, asked.lat), 4326)) LIMIT 1) AS district ON true"""


def _addresses(query: Query, names: dict[Wanted | None, list[_Hit]]) -> list[_Hit]:
    """House numbers in the best streets of the readings that hold a number."""
    hits: list[_Hit] = []
    for reading in query.readings:
        streets = {hit.id: hit for hit in names[reading] if hit.kind == "places.street"}
        best = dict(list(streets.items())[:STREETS_FOR_NUMBERS])
        if not reading.number or not best:
            continue
        whole, house = reading.number, reading.number.split("/")[0]
        with connection.cursor() as cursor:
            cursor.execute(
                _NUMBERS, {"streets": list(best), "exact": [whole, house], "start": f"{house}%", "day": clock.today()}
            )
            for street_id, address_id, label, number in cursor.fetchall():
                score = best[street_id].score + _number_bonus(number, whole, house)
                hits.append(_Hit("places.address", address_id, label, score, number))
    return hits


def _number_bonus(number: str, whole: str, house: str) -> float:
    if number == whole:
        return 0.05
    if number == house:
        return 0.04
    return -0.03 if number[len(house) : len(house) + 1].isdigit() else 0.01


def _crossings(query: Query, names: dict[Wanted | None, list[_Hit]]) -> list[_Hit]:
    """Points where the two streets of a crossing meet."""
    if query.crossing is None:
        return []
    first, second = (
        {hit.id: hit for hit in [hit for hit in names[side] if hit.kind == "places.street"][:3]} for side in query.crossing
    )
    if not first or not second:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _CROSSINGS,
            {"first": list(first), "second": list(second), "srid": city().srid, "within": CROSSING_WITHIN_M},
        )
        rows = cursor.fetchall()
    if not rows:  # the two never meet: each of them is the next best answer
        return [replace(hit, score=hit.score * 0.8) for side in (first, second) for hit in list(side.values())[:1]]
    return [
        _Hit(
            "crossing",
            one,
            f"{first[one].label} / {second[two].label}",
            (first[one].score + second[two].score) / 2 + 0.05,
            point=(lon, lat),
        )
        for one, two, lon, lat in rows
    ]


def _described(hits: list[_Hit], limit: int, near: tuple[float, float] | None) -> list[Found]:
    """The hits with their points, boxes and details, ranked anew where a point to be near was given."""
    boxes = _points(hits)
    placed = [(hit, *_placed(hit, boxes)) for hit in hits if hit.point or hit.id in boxes]
    if near:
        placed = [(replace(hit, score=hit.score + _nearness(point, near)), point, box) for hit, point, box in placed]
        placed.sort(key=lambda each: _order(each[0]))
    details = _details(placed)
    found: list[Found] = []
    for hit, point, box in placed:
        kind = hit.kind.removeprefix("places.")
        detail = details.get(hit.id, {}).get(kind, "") if kind != "crossing" else _("skrzyżowanie")
        one = Found(kind, hit.id, hit.label, detail, *point, round(min(hit.score, 1.0), 3), box)
        if not any((one.kind, one.label, one.detail) == (other.kind, other.label, other.detail) for other in found):
            found.append(one)
    return found[:limit]


def _placed(hit: _Hit, boxes: dict[UUID, tuple[float, ...]]) -> tuple[tuple[float, float], tuple[float, float, float, float]]:
    if hit.point:
        lon, lat = hit.point
        return hit.point, (lon, lat, lon, lat)
    lon, lat, *box = boxes[hit.id]
    return (lon, lat), tuple(box)


def _points(hits: list[_Hit]) -> dict[UUID, tuple[float, ...]]:
    addresses = [hit.id for hit in hits if hit.kind == "places.address"]
    others = [hit.id for hit in hits if hit.kind not in ("places.address", "crossing")]
    with connection.cursor() as cursor:
        cursor.execute(_POINTS, {"addresses": addresses, "others": others})
        return {row[0]: row[2:] for row in cursor.fetchall()}


def _details(placed: list[tuple[_Hit, tuple[float, float], Any]]) -> dict[UUID, dict[str, str]]:
    values = {
        "ids": [hit.id for hit, _point, _box in placed],
        "lons": [point[0] for _hit, point, _box in placed],
        "lats": [point[1] for _hit, point, _box in placed],
    }
    with connection.cursor() as cursor:
        cursor.execute(_DETAILS, values)
        rows = cursor.fetchall()
    return {
        object_id: {
            "street": ", ".join(filter(None, [_("ulica"), locality or district])),
            "address": ", ".join(filter(None, [postcode, district])),
            "place": ", ".join(filter(None, [kind_name(place_kind), address_text or district])),
            "area": kind_name(area_kind),
            "waterway": _("woda"),
        }
        for object_id, district, place_kind, address_text, area_kind, postcode, locality in rows
    }


def _nearness(point: tuple[float, float], near: tuple[float, float]) -> float:
    east = (point[0] - near[0]) * 111_320 * math.cos(math.radians(near[1]))
    north = (point[1] - near[1]) * 111_320
    return NEAR_BONUS * math.exp(-math.hypot(east, north) / NEAR_M)
