"""A small map as a drawing: the streets around, one's own place and the others', with metres. It needs no script."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from miasto.kernel.places.selectors import StreetLine, streets_around

WIDTH, HEIGHT = 360, 240
METRES_IN_DEGREE = 111_250
MARGIN = 1.5
SMALLEST_REACH = 45.0
RADIUS = 13
BUSY = ("trunk", "primary", "secondary", "tertiary")
LABELS = 4
LETTER = 5.6
STEPS = (10, 20, 50, 100, 200, 500)
Point = tuple[float, float]


@dataclass(frozen=True)
class Street:
    """A street as a line of the drawing."""

    path: str
    busy: bool


@dataclass(frozen=True)
class Label:
    """The name of a street along its longest piece; ``turn`` in degrees."""

    name: str
    x: float
    y: float
    turn: float


@dataclass(frozen=True)
class Spot:
    """A report on the drawing: ``number`` as on the list, ``metres`` from one's own place."""

    number: int
    x: float
    y: float
    metres: int


@dataclass(frozen=True)
class Drawing:
    """Everything of the drawing, in units of ``WIDTH`` by ``HEIGHT``; ``bar`` is the length of ``bar_m`` metres."""

    streets: list[Street]
    labels: list[Label]
    mine: Point
    spots: list[Spot]
    bar: float
    bar_m: int
    width: int = WIDTH
    height: int = HEIGHT


def drawing(mine: Point, others: Sequence[tuple[Point, int]]) -> Drawing:
    """The drawing around ``mine`` (longitude, latitude) with the others and their metres, in the order of the list; 1 query."""
    reach = max([SMALLEST_REACH, *(max(map(abs, _metres(mine, point))) for point, _m in others)]) * MARGIN
    scale = HEIGHT / 2 / reach
    wide = reach * WIDTH / HEIGHT

    def place(point: Point) -> Point:
        east, north = _metres(mine, point)
        return round(WIDTH / 2 + east * scale, 1), round(HEIGHT / 2 - north * scale, 1)

    lines = streets_around(*mine, wide)
    bar_m = max((step for step in STEPS if step * scale <= WIDTH / 3), default=STEPS[0])
    return Drawing(
        streets=[Street(_path(line, place), line.street_class in BUSY) for line in lines],
        labels=_labels(lines, place),
        mine=(WIDTH / 2, HEIGHT / 2),
        spots=_apart([Spot(number, *place(point), metres) for number, (point, metres) in enumerate(others, 1)]),
        bar=round(bar_m * scale, 1),
        bar_m=bar_m,
    )


def _metres(mine: Point, point: Point) -> Point:
    east = (point[0] - mine[0]) * METRES_IN_DEGREE * math.cos(math.radians(mine[1]))
    return east, (point[1] - mine[1]) * METRES_IN_DEGREE


def _path(line: StreetLine, place: Any) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in map(place, line.points))


def _labels(lines: list[StreetLine], place: Any) -> list[Label]:
    """Each street once, on its longest straight piece that holds the name and lies within the drawing."""
    best: dict[str, tuple[float, Label]] = {}
    for line in lines:
        for start, end in pairwise(map(place, line.points)):
            long = math.dist(start, end)
            middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
            if long < LETTER * len(line.name) or not _inside(middle, len(line.name) * LETTER / 2):
                continue
            if long > best.get(line.name, (0.0, None))[0]:
                best[line.name] = (long, Label(line.name, round(middle[0], 1), round(middle[1], 1), _turn(start, end)))
    longest = sorted(best.values(), key=lambda row: -row[0])
    return [label for _long, label in longest[:LABELS]]


def _inside(point: Point, reach: float) -> bool:
    return reach * 0.5 < point[0] < WIDTH - reach * 0.5 and 10 < point[1] < HEIGHT - 22


def _turn(start: Point, end: Point) -> float:
    """The angle of a piece such that its name is never upside down."""
    angle = math.degrees(math.atan2(end[1] - start[1], end[0] - start[0]))
    return round((angle + 90) % 180 - 90, 1)


def _apart(spots: list[Spot]) -> list[Spot]:
    """Spots that would hide one another, or one's own place, are moved aside just enough to be read."""
    placed: list[Point] = [(WIDTH / 2, HEIGHT / 2)]
    moved = []
    for spot in spots:
        x, y = spot.x, spot.y
        for turn in range(12):
            if all(math.dist((x, y), other) >= 2 * RADIUS for other in placed):
                break
            angle = math.atan2(spot.y - HEIGHT / 2, spot.x - WIDTH / 2) + turn * math.pi / 6
            x, y = spot.x + 2 * RADIUS * math.cos(angle), spot.y + 2 * RADIUS * math.sin(angle)
        placed.append((x, y))
        moved.append(Spot(spot.number, round(x, 1), round(y, 1), spot.metres))
    return moved
