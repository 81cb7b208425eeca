"""Made-up house numbers along the streets of the profile."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Feature = dict[str, Any]
Position = tuple[float, float]
METRES_IN_DEGREE = 111_250
SETBACK = 13.0  # metres from the middle of the street to a house
# Metres between two houses on the same side, relative to a local street.
SPACING = {"trunk": 3.0, "primary": 1.6, "secondary": 1.3, "local": 1.0, "pedestrian": 0.7}


@dataclass(frozen=True)
class Course:
    """One street as a line. ``points`` are metres east and north of ``origin`` (degrees)."""

    name: str
    kind: str
    postcode: str
    origin: Position
    points: tuple[Position, ...]

    @property
    def length(self) -> float:
        return sum(math.dist(a, b) for a, b in zip(self.points, self.points[1:], strict=False))

    def at(self, along: float) -> tuple[Position, Position]:
        """The point so many metres from the start, and the unit vector of the direction there."""
        for a, b in zip(self.points, self.points[1:], strict=False):
            step = math.dist(a, b)
            if step and along <= step:
                share = along / step
                here = (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)
                return here, ((b[0] - a[0]) / step, (b[1] - a[1]) / step)
            along -= step
        a, b = self.points[-2], self.points[-1]
        step = math.dist(a, b) or 1.0
        return b, ((b[0] - a[0]) / step, (b[1] - a[1]) / step)

    def degrees(self, point: Position) -> Position:
        east = METRES_IN_DEGREE * math.cos(math.radians(self.origin[1]))
        return round(self.origin[0] + point[0] / east, 6), round(self.origin[1] + point[1] / METRES_IN_DEGREE, 6)


def courses(streets: list[Feature], postcodes: tuple[str, int, int]) -> list[Course]:
    """The lines of a street file. ``postcodes`` is ("25", 1, 900): the prefix and the range from which codes are drawn."""
    found = []
    for feature in streets:
        properties, geometry = feature["properties"], feature["geometry"]
        lines = geometry["coordinates"] if geometry["type"] == "MultiLineString" else [geometry["coordinates"]]
        longest = max(lines, key=len)
        origin = tuple(longest[0])
        east = METRES_IN_DEGREE * math.cos(math.radians(origin[1]))
        points = tuple(((x - origin[0]) * east, (y - origin[1]) * METRES_IN_DEGREE) for x, y in longest)
        name = " ".join(filter(None, [properties.get("prefix", ""), properties["name"]]))
        found.append(Course(name, properties.get("kind", "local"), _postcode(properties, postcodes), origin, points))
    return found


def _postcode(properties: dict[str, Any], postcodes: tuple[str, int, int]) -> str:
    prefix, first, last = postcodes
    near = random.Random(f"{properties.get('district', '')}").randrange(first, last - 30)
    return f"{prefix}-{near + random.Random(properties['name']).randrange(30):03d}"


def addresses(streets: list[Feature], *, count: int, seed: int, postcodes: tuple[str, int, int]) -> Iterator[Feature]:
    """``count`` GeoJSON features with street, number and postcode: odd numbers on the left side, even on the right.

    The same streets, count and seed give the same features. Fewer come where the streets are too short for so many.
    """
    lines = courses(streets, postcodes)
    gap = _gap(lines, count)
    features: list[Feature] = []
    for line in lines:
        features.extend(_along(line, gap, random.Random(f"{seed}-{line.name}")))
    random.Random(seed).shuffle(features)
    yield from features[:count]


def _gap(lines: list[Course], count: int) -> float:
    """Metres between houses on one side of a local street that give a little more than ``count`` addresses."""
    frontage = sum(2 * line.length / SPACING.get(line.kind, 1.0) for line in lines)
    return min(24.0, frontage / (count * 1.12))


def _along(line: Course, gap: float, dice: random.Random) -> Iterator[Feature]:
    spacing = gap * SPACING.get(line.kind, 1.0)
    for side, first in ((1, 1), (-1, 2)):
        along, number = spacing * dice.uniform(0.3, 0.8), first
        while along < line.length - 4:
            yield _house(line, along, side, str(number), dice)
            if dice.random() < 0.035:
                along += min(spacing, 9) * 0.6
                yield _house(line, along, side, f"{number}A", dice)
            along += spacing * dice.uniform(0.8, 1.2)
            number += 2 if dice.random() > 0.05 else 4


def _house(line: Course, along: float, side: int, number: str, dice: random.Random) -> Feature:
    (x, y), (dx, dy) = line.at(along)
    away = SETBACK + dice.uniform(-3, 6)
    lon, lat = line.degrees((x - dy * side * away, y + dx * side * away))
    return {
        "type": "Feature",
        "properties": {"street": line.name, "number": number, "postcode": line.postcode},
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
    }
