"""Where made-up reports lie: on streets, at stops and in parks of the profile's map, denser where more people live."""

from __future__ import annotations

import json
import math
import random
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from miasto.kernel.core.city import City

METRES_IN_DEGREE = 111_250
GREEN = ("park", "playground", "reserve", "sport")
STOPS = ("stop", "bus")
BUSY = ("trunk", "primary", "secondary")
Position = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """A street: its name, class, district, points (degrees) and weight among the others."""

    name: str
    busy: bool
    centre: bool
    points: tuple[Position, ...]
    weight: float


class Ground:
    """Draws points (longitude, latitude) by the kind of ground that a category names."""

    def __init__(self, city: City, table: dict[str, Any], dice: random.Random) -> None:
        self.dice = dice
        density, centre = table.get("district_density", {}), set(table.get("centre_districts", ()))
        self.lines = [_line(feature, density, centre) for feature in _features(city, "streets.geojson")]
        self.marks: dict[str, list[tuple[str, Position]]] = {}
        for feature in _features(city, "places.geojson"):
            kind = "green" if feature["properties"]["kind"] in GREEN else feature["properties"]["kind"]
            self.marks.setdefault(kind, []).append((feature["properties"]["name"], tuple(feature["geometry"]["coordinates"])))
        self.centre = city.centre
        self._chosen: dict[str, tuple[list[Line], list[float]]] = {}

    def point(self, ground: str) -> tuple[Position, str]:
        """A point and the landmark at it (often none)."""
        marks = self.marks.get("stop" if ground in STOPS else ground)
        if marks and (ground != "green" or self.dice.random() < 0.45):
            name, position = self.dice.choice(marks)
            return self.near(position, 90 if ground == "green" else 9), f"przystanek {name}" if ground in STOPS else name
        lines, weights = self._lines(ground)
        if not lines:
            return self.near(self.centre, 900), ""
        line = self.dice.choices(lines, cum_weights=weights)[0]
        return self.near(_along(line.points, self.dice.random()), 9), ""

    def near(self, position: Position, metres: float) -> Position:
        """A point about so far from another, WGS84."""
        angle, reach = self.dice.uniform(0, 2 * math.pi), self.dice.uniform(0, metres)
        east = METRES_IN_DEGREE * math.cos(math.radians(position[1]))
        return (
            round(position[0] + reach * math.cos(angle) / east, 6),
            round(position[1] + reach * math.sin(angle) / METRES_IN_DEGREE, 6),
        )

    def crossing(self, name: str) -> str:
        """The name of some other street, for "na skrzyżowaniu"; empty where the map has none that touches."""
        return self._touching().get(name, "")

    def _touching(self) -> dict[str, str]:
        if not hasattr(self, "_crossings"):
            ends: dict[Position, str] = {}
            self._crossings: dict[str, str] = {}
            for line in self.lines:
                for point in line.points:
                    other = ends.setdefault(point, line.name)
                    if other != line.name:
                        self._crossings.setdefault(line.name, other)
                        self._crossings.setdefault(other, line.name)
        return self._crossings

    def _lines(self, ground: str) -> tuple[list[Line], list[float]]:
        if ground not in self._chosen:
            wanted = {"street": lambda line: line.busy, "centre": lambda line: line.centre, "home": lambda line: not line.busy}
            chosen = [line for line in self.lines if wanted.get(ground, lambda line: True)(line)] or self.lines
            self._chosen[ground] = (chosen, list(accumulate(line.weight for line in chosen)))
        return self._chosen[ground]


def _features(city: City, file: str) -> list[dict[str, Any]]:
    path = city.path(file)
    return json.loads(path.read_text("utf-8"))["features"] if path else []


def _line(feature: dict[str, Any], density: dict[str, float], centre: set[str]) -> Line:
    properties, geometry = feature["properties"], feature["geometry"]
    parts = geometry["coordinates"] if geometry["type"] == "MultiLineString" else [geometry["coordinates"]]
    points = tuple(tuple(point) for point in max(parts, key=len))
    district = properties.get("district", "")
    weight = _length(points) * density.get(district, 1.0)
    return Line(properties["name"], properties.get("kind") in BUSY, district in centre, points, weight)


def _length(points: tuple[Position, ...]) -> float:
    return sum(math.dist(a, b) for a, b in pairwise(points))


def _along(points: tuple[Position, ...], share: float) -> Position:
    left = _length(points) * share
    for a, b in pairwise(points):
        step = math.dist(a, b)
        if step and left <= step:
            return a[0] + (b[0] - a[0]) * left / step, a[1] + (b[1] - a[1]) * left / step
        left -= step
    return points[-1]
