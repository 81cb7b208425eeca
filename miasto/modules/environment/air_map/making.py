"""Maps of the last hours, made by a job and kept: only of what the public may see."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, Polygon

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.observations import selectors
from miasto.kernel.places.selectors import areas_of, districts, outline
from miasto.modules.environment import near
from miasto.modules.environment.air_map.drawing import Field, Grid, features, field, grid
from miasto.modules.environment.air_map.kriging import ERRORS, LEAST, Sample, Surface, surface
from miasto.modules.environment.declared import AIR
from miasto.modules.environment.models import AirMap
from miasto.modules.environment.stations import COUNTED, Station, stations

CODES = ("pm25", "pm10", "no2")
HOUR = timedelta(hours=1)
KEPT = timedelta(hours=48)
LATE_HOURS = 3  # made anew while more sensors report
MOST_AT_ONCE = 12  # maps in one run: some seconds
BIAS_DAYS = 7
BIAS_HOURS = 24  # common hours without which nothing is said about the bias
BIAS_KM = 3.0
MOST_BIAS = 2.0
Means = dict[datetime, dict[int, float]]


def make_maps(most: int = MOST_AT_ONCE) -> int:
    """Make the missing maps of the last two days, newest first, and forget older ones; returns how many were made."""
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    AirMap.objects.filter(hour__lt=now - KEPT).delete()
    held = {(one.code, one.hour): one.samples for one in AirMap.objects.only("code", "hour", "samples")}
    found = stations(ANONYMOUS, AIR)
    streams = {code: {s.streams[code].pk: s for s in found if code in s.streams and s.place} for code in CODES}
    means = {code: _means(streams[code], now - KEPT, now) for code in CODES}
    wanted = [
        (hour, code)
        for code in CODES
        for hour, values in means[code].items()
        if _wanted(held.get((code, hour)), len(values), now - hour)
    ]
    wanted = sorted(wanted, reverse=True)[:most]
    if wanted:
        ground = Ground()
        factors = {code: bias(code, streams[code], now) for code in {code for _hour, code in wanted}}
        for hour, code in wanted:
            _make(code, hour, streams[code], means[code][hour], factors[code], ground)
    return len(wanted)


def _wanted(kept: int | None, reporting: int, age: timedelta) -> bool:
    return kept is None or (kept < reporting and age <= LATE_HOURS * HOUR)


def _means(streams: Iterable[int], start: datetime, end: datetime) -> Means:
    """Hourly means above nothing by hour and series; one query."""
    found: Means = {}
    for row in selectors.hours(streams, start, end):
        if row.mean > 0:
            found.setdefault(row.start, {})[row.series] = row.mean
    return found


class Ground:
    """What does not change from hour to hour: the outline, the grid, the districts of its knots."""

    def __init__(self) -> None:
        self.outline: GEOSGeometry = outline() or Polygon.from_bbox(city().bbox)
        self.grid: Grid = grid(*self.outline.extent)
        self.names = {one.pk: one.name for one in districts()}
        points = list(zip(self.grid.lons.tolist(), self.grid.lats.tolist(), strict=True))
        self.within = areas_of(points, list(self.names)) if self.names else [frozenset()] * len(points)


def bias(code: str, streams: dict[int, Station], now: datetime) -> float:
    """How many times more the cheap sensors show than the stations that count, at the same hours of the last week.

    The median over hours and stations of: inverse-distance mean of the cheap sensors within 3 km, divided by the station. 1.0
    with fewer than 24 such hours. Each sensor's own calibration (docs/observations.md) has been applied before.
    """
    counted = {series: one for series, one in streams.items() if one.streams[code].grade in COUNTED}
    around = {series: _cheap_around(code, one, streams) for series, one in counted.items()}
    ratios = []
    for means in _means(streams, now - timedelta(days=BIAS_DAYS), now).values():
        for series, one in counted.items():
            cheap = [near.Measured(*streams[other].place, means[other]) for other in around[series] if other in means]
            if series in means and cheap:
                ratios.append(near.weighted(*one.place, cheap) / means[series])
    if len(ratios) < BIAS_HOURS:
        return 1.0
    return min(max(median(ratios), 1 / MOST_BIAS), MOST_BIAS)


def _cheap_around(code: str, one: Station, streams: dict[int, Station]) -> list[int]:
    return [
        series
        for series, other in streams.items()
        if other.streams[code].grade not in COUNTED and near.km(*one.place, *other.place) <= BIAS_KM
    ]


def _make(
    code: str, hour: datetime, streams: dict[int, Station], means: dict[int, float], factor: float, ground: Ground
) -> None:
    samples = []
    for series, value in means.items():
        one, grade = streams[series], streams[series].streams[code].grade
        counted = grade in COUNTED
        samples.append(Sample(*one.place, value if counted else value / factor, ERRORS[grade][code], counted))
    found = surface(samples)
    values: dict[str, Any] = {"samples": len(samples), "shapes": [], "districts": [], "facts": {"least": LEAST}}
    if found is not None:
        drawn = field(found, ground.grid)
        values |= {
            "shapes": features(code, drawn, ground.grid, ground.outline),
            "districts": by_district(drawn, ground),
            "facts": _facts(found, factor, sum(one.counted for one in samples)),
        }
    AirMap.objects.update_or_create(code=code, hour=hour, defaults={**values, "made_at": clock.now()})


def _facts(found: Surface, factor: float, counted: int) -> dict[str, Any]:
    return {
        "check": {name: round(value, 3) for name, value in asdict(found.check).items()},
        "variogram": {name: round(value, 4) for name, value in asdict(found.variogram).items()},
        "bias": round(factor, 3),
        "counted": counted,
        "left_out": found.left_out,
    }


def by_district(drawn: Field, ground: Ground) -> list[dict[str, Any]]:
    """What the map says of each district: mean median, mean ends of the 90 % intervals, the share of it that is known."""
    knots: dict[Any, list[int]] = {}
    for number, held in enumerate(ground.within):
        for pk in held:
            knots.setdefault(pk, []).append(number)
    rows = []
    for pk, numbers in knots.items():
        known = [number for number in numbers if drawn.known[number]]
        row: dict[str, Any] = {"name": ground.names[pk], "share": round(len(known) / len(numbers), 2)}
        if known:
            low, value, high = (float(part[known].mean()) for part in (drawn.low, drawn.median, drawn.high))
            row |= {"low": round(low, 1), "value": round(value, 1), "high": round(high, 1)}
            row["spread"] = round(math.log(high / low) / 2, 3)
        rows.append(row)
    return sorted(rows, key=lambda row: row["name"])
