"""Whence polluted air comes: the rose on the page of a station, and for staff the areas at which several stations point."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.core.numbers import written
from miasto.kernel.observations import selectors
from miasto.kernel.observations.selectors import MANAGE
from miasto.kernel.places.selectors import outline, reverse_many
from miasto.modules.environment import near
from miasto.modules.environment.air_map import sources
from miasto.modules.environment.air_map.making import CODES
from miasto.modules.environment.air_map.sources import CELL_KM, Cell, Rose
from miasto.modules.environment.declared import AIR
from miasto.modules.environment.station_year import ROSE_DAYS, ROSES, wind
from miasto.modules.environment.stations import Station, stations
from miasto.modules.environment.words import short

SOURCE_DAYS = 30
MOST_CELLS = 60
KEPT_S = 3600
HOUR = timedelta(hours=1)
REACH = 100  # of the longest petal, in units of the drawing


def of_station(one: Station, code: str, found: Rose | None) -> dict[str, Any]:
    """The rose of a pollutant at a station of the air, drawn; empty where none is made of this pollutant."""
    if code not in ROSES or one.thing.geom is None:
        return {}
    return {"rose": _drawn(found) if found else None, "rose_asked": True, "rose_days": ROSE_DAYS, "rose_name": short(code)}


@require_safe
@panel(MANAGE)
def possible(request: HttpRequest) -> HttpResponse:
    """For staff: areas of half a kilometre at which the roses of several stations point."""
    code = _code(request)
    found = _found(code)
    cells = [Cell(*row) for row in found["cells"]]
    names = reverse_many([(one.lon, one.lat) for one in cells])
    return render(
        request,
        "environment/panel_sources.html",
        {
            "code": code,
            "codes": [(one, short(one)) for one in CODES],
            "days": SOURCE_DAYS,
            "roses": found["roses"],
            "stations": found["stations"],
            "least": sources.LEAST_STATIONS,
            "rows": _districts(cells, [one.district_name for one in names]),
        },
    )


@require_safe
@panel(MANAGE)
def areas(request: HttpRequest) -> JsonResponse:
    """The same areas as GeoJSON."""
    features = [_square(Cell(*row)) for row in _found(_code(request))["cells"]]
    answer = JsonResponse({"type": "FeatureCollection", "features": features})
    answer["Cache-Control"] = "private, max-age=300"
    return answer


def _code(request: HttpRequest) -> str:
    return request.GET.get("co") if request.GET.get("co") in CODES else CODES[0]


def _found(code: str) -> dict[str, Any]:
    """Likely cells of a pollutant from public streams only; computed at most once an hour."""
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    key = f"environment.sources.{code}.{now:%Y%m%d%H}"
    found = cache.get(key)
    if found is None:
        found = _computed(code, now)
        cache.set(key, found, KEPT_S)
    return found


def _computed(code: str, now: datetime) -> dict[str, Any]:
    start = now - timedelta(days=SOURCE_DAYS)
    held = {one.streams[code].pk: one for one in stations(ANONYMOUS, AIR) if code in one.streams and one.thing.geom}
    values: dict[int, dict[datetime, float]] = {one: {} for one in held}
    for row in selectors.hours(held, start, now):
        values[row.series][row.start] = row.mean
    blown = wind(*city().centre, start, now)
    roses = []
    for series, above in sources.above_others(values).items():
        if found := sources.rose(above, blown):
            place = held[series].thing.geom
            roses.append((place.x, place.y, found))
    shape = outline()
    likely = sources.likely_cells(roses, shape.extent if shape else city().bbox)
    cells = [one for one in likely if shape is None or shape.covers(Point(one.lon, one.lat, srid=4326))]
    return {"cells": [tuple(one) for one in cells[:MOST_CELLS]], "roses": len(roses), "stations": len(held)}


def _districts(cells: list[Cell], names: list[str]) -> list[dict[str, Any]]:
    """The areas told by district: how many there are, the strongest, how many stations point there."""
    rows: dict[str, dict[str, Any]] = {}
    for one, name in zip(cells, names, strict=True):
        row = rows.setdefault(name or _("poza dzielnicami"), {"cells": 0, "best": one})
        row["cells"] += 1
    return [
        {"name": name, "cells": row["cells"], "times": written(row["best"].likelihood), "pointing": row["best"].pointing}
        for name, row in rows.items()
    ]


def _square(one: Cell) -> dict[str, Any]:
    high = CELL_KM / near.KM_IN_DEGREE / 2
    wide = high / math.cos(math.radians(one.lat))
    west, east = round(one.lon - wide, 4), round(one.lon + wide, 4)
    south, north = round(one.lat - high, 4), round(one.lat + high, 4)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    strength = min((one.likelihood - sources.LIKELY) / sources.LIKELY, 1.0)
    told = {"colour": "#6a51a3", "opacity": round(0.25 + 0.5 * strength, 2), "width": 1}
    return {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": told}


def _drawn(found: Rose) -> dict[str, Any]:
    """Petals as paths around (0, 0), the longest 100 long, and the rows of the table."""
    most = max((one.mean or 0 for one in found.sides), default=0) or 1
    step = 360 / sources.SECTORS
    petals = []
    for number, one in enumerate(found.sides):
        if one.mean is None:
            continue
        reach = REACH * one.mean / most
        ends = []
        for turn in (number * step - step / 2 + 1.5, number * step + step / 2 - 1.5):
            ends.append((reach * math.sin(math.radians(turn)), -reach * math.cos(math.radians(turn))))
        (x, y), (to_x, to_y) = ends
        path = f"M0 0 L{x:.1f} {y:.1f} A{reach:.1f} {reach:.1f} 0 0 1 {to_x:.1f} {to_y:.1f} Z"
        petals.append({"path": path, "strong": one.surprise >= sources.SURE})
    worst = found.worst
    return {
        "petals": petals,
        "most": written(most, 0),
        "hours": found.hours,
        "worst": worst.name if worst else "",
        "share": round(100 * worst.share) if worst and worst.share is not None else 0,
        "overall": round(100 * found.overall),
        "high": written(found.high, 0),
        "rows": [
            {
                "name": one.name,
                "hours": one.hours,
                "mean": written(one.mean) if one.mean is not None else "–",
                "share": f"{round(100 * one.share)}%" if one.share is not None else "–",
            }
            for one in found.sides
        ],
    }
