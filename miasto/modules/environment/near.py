"""What the air is at a place without a station: estimated from those around, with an honest margin."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

POWER = 2
NEIGHBOURS = 6
SHARE = 0.9
LEAST = 4  # stations without which nothing is estimated
KM_IN_DEGREE = 111.2
AT_STATION_KM = 0.01


@dataclass(frozen=True)
class Measured:
    """A value at a place (degrees)."""

    lon: float
    lat: float
    value: float


@dataclass(frozen=True)
class Estimate:
    """``value`` with a ``margin``: of ten stations, guessed from the others now, nine are missed by no more than it."""

    value: float
    margin: float

    @property
    def low(self) -> float:
        return max(self.value - self.margin, 0.0)

    @property
    def high(self) -> float:
        return self.value + self.margin


def km(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Distance of near places in kilometres (flat earth: within a city right to a metre in a kilometre)."""
    east = (lon - other_lon) * math.cos(math.radians((lat + other_lat) / 2))
    return KM_IN_DEGREE * math.hypot(east, lat - other_lat)


def weighted(lon: float, lat: float, around: Sequence[Measured]) -> float:
    """Inverse distance weighting (Shepard 1968) of the nearest stations, power 2; at a station its own value."""
    near = sorted((km(lon, lat, one.lon, one.lat), one.value) for one in around)[:NEIGHBOURS]
    if near[0][0] < AT_STATION_KM:
        return near[0][1]
    weights = [1 / distance**POWER for distance, _value in near]
    return sum(weight * value for weight, (_distance, value) in zip(weights, near, strict=True)) / sum(weights)


def margin(around: Sequence[Measured]) -> float:
    """What nine of ten stations are missed by at most when each is guessed from all others (leave one out)."""
    import numpy as np

    lon, lat, values = np.array([(one.lon, one.lat, one.value) for one in around]).T
    middle = np.radians((lat[:, None] + lat) / 2)
    away = KM_IN_DEGREE * np.hypot((lon[:, None] - lon) * np.cos(middle), lat[:, None] - lat)
    np.fill_diagonal(away, np.inf)  # nobody guesses itself
    nearest = np.argsort(away, axis=1, kind="stable")[:, : min(NEIGHBOURS, len(around) - 1)]
    far, seen = np.take_along_axis(away, nearest, axis=1), values[nearest]
    weights = 1 / np.maximum(far, 1e-9) ** POWER
    guesses = np.where(far[:, 0] < AT_STATION_KM, seen[:, 0], (weights * seen).sum(axis=1) / weights.sum(axis=1))
    misses = np.sort(np.abs(guesses - values))
    return float(misses[min(math.ceil(SHARE * len(misses)), len(misses)) - 1])


def estimate(lon: float, lat: float, around: Sequence[Measured]) -> Estimate | None:
    """The value at a place with its margin; None with fewer than four stations."""
    return Estimate(weighted(lon, lat, around), margin(around)) if len(around) >= LEAST else None
