"""From where the wind brings polluted air: roses of stations, and where the directions of several stations meet.

Conditional (bivariate) probability function: of the hours with wind from a side, the share in which the concentration was among
the highest quarter (Ashbaugh et al. 1985; Uria-Tellaetxe & Carslaw 2014). Calm hours say nothing of a side and are left out.

Where stations are compared, an hour counts by how much a station stood above the median of all at that hour: smog over the
whole city points nowhere. The result is a possible area of half a kilometre, never a house: cells are 500 m wide and those
nearer than 500 m to a sensor are not judged.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import NamedTuple

from miasto.modules.environment import near

SECTORS = 16
CALM = 1.0  # m/s
HIGH = 0.75  # quantile from which an hour counts as polluted
LEAST_HOURS = 240  # windy hours without which there is no rose
LEAST_IN_SECTOR = 12
PRIOR = 24  # hours of the average that are added to each side: a side seen seldom proves little
CELL_KM = 0.5
NEAREST_KM, FURTHEST_KM = 0.5, 6.0
LEAST_STATIONS = 3
SURE = 4.0  # standard deviations above chance from which a side is named: hours are alike, and there are sixteen sides
POINTING = 1.25  # a station points at a cell where polluted hours come from its side so many times as often as on average
LIKELY = 1.3  # geometric mean over the stations around from which a cell is shown
NAMES = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")


class Wind(NamedTuple):
    """Whence it blows (degrees from north, clockwise) and how fast (m/s)."""

    direction: float
    speed: float


@dataclass(frozen=True)
class Side:
    """One side of the rose; ``mean`` and ``share`` (of polluted hours) None where too few hours were seen.

    ``likelihood``: how many times more often polluted than on average, drawn to 1 where hours are few; ``surprise``: how many
    standard deviations that is from chance.
    """

    name: str
    hours: int
    mean: float | None
    share: float | None
    likelihood: float
    surprise: float


@dataclass(frozen=True)
class Rose:
    """The sixteen sides, how many windy hours they are made of, and the concentration from which an hour counts as polluted."""

    sides: tuple[Side, ...]
    hours: int
    high: float
    overall: float

    @property
    def worst(self) -> Side | None:
        """The side from which polluted air comes clearly more often than from others; None where there is none."""
        known = [one for one in self.sides if one.share is not None]
        found = max(known, key=lambda one: one.surprise, default=None)
        return found if found and found.surprise >= SURE else None


class Cell(NamedTuple):
    """A square of half a kilometre: its middle, how much the directions speak for it, how many stations point at it."""

    lon: float
    lat: float
    likelihood: float
    pointing: int
    around: int


def sector(direction: float) -> int:
    """0 (north) to 15 of a direction in degrees."""
    return int(((direction % 360) + 180 / SECTORS) // (360 / SECTORS)) % SECTORS


def rose(values: Mapping[datetime, float], wind: Mapping[datetime, Wind]) -> Rose | None:
    """The rose of one station from hourly means and the wind of the same hours; None with fewer than 240 windy hours."""
    pairs = [(wind[at], value) for at, value in values.items() if at in wind and wind[at].speed >= CALM]
    if len(pairs) < LEAST_HOURS:
        return None
    ranked = sorted(value for _wind, value in pairs)
    high = ranked[int(HIGH * len(ranked))]
    overall = sum(value >= high for value in ranked) / len(ranked)
    held: list[list[float]] = [[] for _side in range(SECTORS)]
    for blown, value in pairs:
        held[sector(blown.direction)].append(value)
    return Rose(tuple(_side(number, one, high, overall) for number, one in enumerate(held)), len(pairs), high, overall)


def _side(number: int, values: Sequence[float], high: float, overall: float) -> Side:
    count = sum(value >= high for value in values)
    likelihood = (count + PRIOR * overall) / (len(values) + PRIOR) / overall
    chance = math.sqrt(len(values) * overall * (1 - overall))
    surprise = (count - len(values) * overall) / chance if chance else 0.0
    if len(values) < LEAST_IN_SECTOR:
        return Side(NAMES[number], len(values), None, None, likelihood, surprise)
    return Side(NAMES[number], len(values), sum(values) / len(values), count / len(values), likelihood, surprise)


def above_others(values: Mapping[int, Mapping[datetime, float]]) -> dict[int, dict[datetime, float]]:
    """By how many times each series stood above the median of all at the same hour; hours of fewer than five are left out."""
    by_hour: dict[datetime, list[float]] = defaultdict(list)
    for held in values.values():
        for at, value in held.items():
            by_hour[at].append(value)
    middles = {at: middle for at, found in by_hour.items() if len(found) >= 5 and (middle := median(found)) > 0}
    return {one: {at: value / middles[at] for at, value in held.items() if at in middles} for one, held in values.items()}


def bearing(lon: float, lat: float, to_lon: float, to_lat: float) -> float:
    """Degrees from north, clockwise, of one near place from another."""
    east = (to_lon - lon) * math.cos(math.radians((lat + to_lat) / 2))
    return math.degrees(math.atan2(east, to_lat - lat)) % 360


def likely_cells(roses: Sequence[tuple[float, float, Rose]], box: tuple[float, float, float, float]) -> list[Cell]:
    """Cells of a box (west, south, east, north) at which the roses of at least three stations point, the likeliest first."""
    west, south, east, north = box
    high = CELL_KM / near.KM_IN_DEGREE
    wide = high / math.cos(math.radians((south + north) / 2))
    found = []
    for row in range(int((north - south) / high) + 1):
        for column in range(int((east - west) / wide) + 1):
            cell = _cell(west + (column + 0.5) * wide, south + (row + 0.5) * high, roses)
            if cell and cell.likelihood >= LIKELY and cell.pointing >= LEAST_STATIONS:
                found.append(cell)
    return sorted(found, key=lambda one: -one.likelihood)


def _cell(lon: float, lat: float, roses: Sequence[tuple[float, float, Rose]]) -> Cell | None:
    logs: list[tuple[float, float]] = []
    for its_lon, its_lat, one in roses:
        distance = near.km(lon, lat, its_lon, its_lat)
        if distance < NEAREST_KM:
            return None
        if distance <= FURTHEST_KM:
            side = one.sides[sector(bearing(its_lon, its_lat, lon, lat))]
            logs.append((math.log(side.likelihood), 1 / (1 + distance)))
    if len(logs) < LEAST_STATIONS:
        return None
    weight = sum(each for _log, each in logs)
    mean = math.exp(sum(log * each for log, each in logs) / weight)
    return Cell(lon, lat, mean, sum(log >= math.log(POINTING) for log, _each in logs), len(logs))
