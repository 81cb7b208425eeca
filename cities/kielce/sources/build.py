"""Builds the profile's GeoJSON from the tables beside this file.

Run ``python cities/kielce/sources/build.py`` after changing a table; the files it writes are committed.
Coordinates: WGS84 (EPSG:4326), longitude then latitude, degrees. What is known is in the tables; what is invented here (the
courses of small streets, the borders of districts, which the city does not define) is drawn by a fixed seed, so that a second
run gives the same bytes. Needs shapely.
"""

# ruff: noqa: S311, T201 - the dice draw a map, and the builder tells what it made

from __future__ import annotations

import itertools
import json
import math
import random
import re
import unicodedata
from pathlib import Path

from shapely import STRtree
from shapely.geometry import LineString, MultiPoint, Point, Polygon, mapping
from shapely.ops import nearest_points, unary_union, voronoi_diagram

HERE = Path(__file__).parent
OUT = HERE.parent
SEED = "kielce-geometry-1"
LAT0, LON0 = 50.87, 20.63
KX, KY = 111_320 * math.cos(math.radians(LAT0)), 111_250  # metres in a degree at the city's latitude

# Vertices of the city's outline between which the border is refined; see NOTE in city.toml on its accuracy (about 300 m).
OUTLINE = [
    (20.6770, 50.8634), (20.7010, 50.8640), (20.7198, 50.8622), (20.6962, 50.8534), (20.6731, 50.8445),
    (20.6600, 50.8270), (20.6451, 50.8076), (20.6300, 50.8062), (20.6152, 50.8057), (20.6010, 50.8112),
    (20.5886, 50.8166), (20.5710, 50.8152), (20.5534, 50.8130), (20.5440, 50.8260), (20.5355, 50.8387),
    (20.5256, 50.8402), (20.5163, 50.8411), (20.5218, 50.8570), (20.5281, 50.8732), (20.5386, 50.8880),
    (20.5500, 50.9022), (20.5830, 50.9074), (20.6164, 50.9121), (20.6390, 50.9080), (20.6600, 50.9032),
    (20.6676, 50.8850),
]  # fmt: skip
LOCAL_STREETS_KM = 125
WIGGLE = 0.035


def rows(name: str) -> list[list[str]]:
    """Reads a table: lines of cells separated by `` | ``; empty lines and lines with # are left out."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.split("|")] for line in lines if line.strip() and not line.startswith("#")]


def vertices(cell: str) -> list[tuple[float, float]]:
    """``"20.6 50.8,20.7 50.9"`` -> [(20.6, 50.8), (20.7, 50.9)], degrees."""
    return [tuple(float(number) for number in pair.split()) for pair in cell.split(",")]


def to_metres(point: tuple[float, float]) -> tuple[float, float]:
    return (point[0] - LON0) * KX, (point[1] - LAT0) * KY


def to_degrees(point: tuple[float, float]) -> tuple[float, float]:
    return round(point[0] / KX + LON0, 5), round(point[1] / KY + LAT0, 5)


def slugify(name: str) -> str:
    """ASCII slug of a Polish name: "Słoneczne Wzgórze" -> "sloneczne-wzgorze"."""
    plain = unicodedata.normalize("NFKD", name.lower().replace("ł", "l")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def wiggled(a: tuple[float, float], b: tuple[float, float], step: float = 260.0) -> list[tuple[float, float]]:
    """Points in metres strictly between ``a`` and ``b``, shaken sideways.

    The same for (a, b) and (b, a), so neighbours share the edge.
    """
    first, last = sorted((a, b))
    length = math.dist(first, last)
    count = int(length // step)
    dice = random.Random(f"{SEED}{[round(v) for v in (*first, *last)]}")
    normal = ((last[1] - first[1]) / length, -(last[0] - first[0]) / length) if length else (0, 0)
    points = []
    for index in range(1, count + 1):
        share = index / (count + 1)
        shift = dice.uniform(-1, 1) * min(length * WIGGLE, 90)
        points.append(tuple(first[k] + (last[k] - first[k]) * share + normal[k] * shift for k in (0, 1)))
    return points if (first, last) == (a, b) else points[::-1]


def outline() -> Polygon:
    """The city's outline in metres: the known vertices with a shaken course between them."""
    corners = [to_metres(p) for p in OUTLINE]
    ring: list[tuple[float, float]] = []
    for index, corner in enumerate(corners):
        following = corners[(index + 1) % len(corners)]
        ring += [corner, *wiggled(corner, following, 420)]
    ring = [to_metres(tuple(round(v, 4) for v in to_degrees(p))) for p in ring]
    return Polygon(ring)


def districts(city: Polygon) -> dict[str, Polygon]:
    """Cells around the centres of districts, clipped to the outline; inner borders shaken so that they look grown."""
    table = {name: to_metres(vertices(where)[0]) for name, where in rows("districts.txt")}
    cells = voronoi_diagram(MultiPoint(list(table.values())), envelope=city.envelope.buffer(3000))
    index = STRtree(list(cells.geoms))
    raw = {}
    for name, centre in table.items():
        cell = cells.geoms[index.query(Point(centre), predicate="within")[0]]
        part = cell.intersection(city)
        raw[name] = max(part.geoms, key=lambda g: g.area) if hasattr(part, "geoms") else part
    edge = city.exterior.buffer(5)
    return {name: _shaken(cell, edge) for name, cell in raw.items()}


def _shaken(cell: Polygon, edge) -> Polygon:
    corners = [to_metres(to_degrees(p)) for p in cell.exterior.coords]
    ring = []
    for a, b in itertools.pairwise(corners):
        ring.append(a)
        if a != b and not edge.contains(LineString([a, b])):
            ring += wiggled(a, b, 220)
    return Polygon(ring)


def line(cell: str) -> LineString:
    return LineString([to_metres(p) for p in vertices(cell)])


class Growth:
    """Grows small streets from those that are known, away from water, woods, railways and one another."""

    def __init__(self, city: Polygon, known: list[LineString], closed, barriers) -> None:
        self.room = city.buffer(-60).difference(closed)
        self.barriers = barriers.buffer(25)
        self.lines = list(known)
        self.dice = random.Random(SEED)

    def shoots(self, parents: list[LineString]):
        """Places on the parents where a street could begin: (start, heading in radians)."""
        found = []
        for parent in parents:
            along = self.dice.uniform(60, 130)
            while along < parent.length - 50:
                here, ahead = parent.interpolate(along), parent.interpolate(along + 5)
                heading = math.atan2(ahead.y - here.y, ahead.x - here.x)
                for side in (1, -1):
                    found.append((here, heading + side * (math.pi / 2 + self.dice.uniform(-0.22, 0.22))))
                along += self.dice.uniform(95, 190)
        self.dice.shuffle(found)
        return found

    def street(self, start: Point, heading: float) -> LineString | None:
        """One new street of 110-520 m, or nothing when there is no room for it. A street that meets another ends on it."""
        target = self.dice.uniform(170, 520)
        turn = self.dice.uniform(-0.0009, 0.0009)
        others = [item for item in self.lines if item.distance(start) < 700]
        crossed = unary_union([item for item in others if item.distance(start) > 1])
        points, here, length = [start], start, 0.0
        while length < target:
            heading += turn * 40
            ahead = Point(here.x + 40 * math.cos(heading), here.y + 40 * math.sin(heading))
            step = LineString([here, ahead])
            if not self.room.contains(ahead) or self.barriers.intersects(step):
                break
            gap = crossed.distance(ahead) if not crossed.is_empty else 999
            if gap < 48:
                meeting = nearest_points(crossed, ahead)[0]
                if length > 100 and meeting.distance(here) < 95:
                    points.append(meeting)
                    length += meeting.distance(here)
                break
            points.append(ahead)
            here, length = ahead, length + 40
        if length < 110 or len(points) < 3:
            return None
        line = LineString(points).simplify(4)
        return None if self._crowded(line, others) else line

    def _crowded(self, line: LineString, others: list[LineString]) -> bool:
        middle = [line.interpolate(share, normalized=True) for share in (0.35, 0.5, 0.65)]
        return any(item.distance(point) < 58 for item in others for point in middle)

    def grow(self, kilometres: float) -> list[LineString]:
        """Streets in order of growth until their length reaches ``kilometres`` or three rounds are over."""
        grown: list[LineString] = []
        parents = list(self.lines)
        for _ in range(4):
            fresh = []
            for start, heading in self.shoots(parents):
                if sum(item.length for item in grown) > kilometres * 1000:
                    return grown
                line = self.street(start, heading)
                if line is not None:
                    fresh.append(line)
                    grown.append(line)
                    self.lines.append(line)
            parents = fresh
        return grown


def street_names(taken: set[str]) -> list[str]:
    """Names of the table that no known street has, in its order; those of several words are kept together."""
    joined = (
        "Złotej Jesieni",
        "Żytnia Boczna",
        "Bolesława Prusa",
        "Kazimierza Wielkiego",
        "Królowej Jadwigi",
        "Maćka z Bogdańca",
    )
    text = " ".join(" ".join(cells) for cells in rows("street_names.txt"))
    for name in joined:
        text = text.replace(name, name.replace(" ", "_"))
    names = [word.replace("_", " ") for word in text.split()]
    return [name for name in dict.fromkeys(names) if name not in taken and name != "Bolesława Prusa"]


def feature(geometry, **properties) -> dict:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def shape(geometry) -> dict:
    """GeoJSON geometry in degrees, five decimals (about one metre)."""

    def turned(part):
        return [turned(p) for p in part] if isinstance(part[0], (list, tuple)) else list(to_degrees(part))

    plain = json.loads(json.dumps(mapping(geometry)))
    return {"type": plain["type"], "coordinates": turned(plain["coordinates"])}


def write(name: str, features: list[dict]) -> None:
    lines = ",\n".join(json.dumps(item, ensure_ascii=False) for item in features)
    (OUT / name).write_text(f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n', encoding="utf-8")


def nearest_district(cells: dict[str, Polygon], geometry) -> str:
    point = geometry if isinstance(geometry, Point) else geometry.interpolate(0.5, normalized=True)
    return min(cells, key=lambda name: cells[name].distance(point))


def longest(geometry) -> LineString:
    """The longest part of what a street became at the border."""
    return max(geometry.geoms, key=lambda part: part.length) if hasattr(geometry, "geoms") else geometry


# The course of the S74 through the city, which the state's road authority builds and keeps; all other public roads are the
# city's own (ustawa o drogach publicznych art. 19 ust. 5), as far as the author knows.
NATIONAL = {"Łódzka", "Jesionowa", "Świętokrzyska"}


def street_features(city: Polygon, cells: dict[str, Polygon], closed, barriers) -> list[dict]:
    around = city.buffer(30)
    known = [
        (kind, prefix, name, longest(line(where).intersection(around))) for kind, prefix, name, where in rows("streets.txt")
    ]
    grown = Growth(city, [item[3] for item in known], closed, barriers).grow(LOCAL_STREETS_KM)
    names = street_names({item[2] for item in known})
    if len(grown) > len(names):
        raise SystemExit(f"street_names.txt: {len(names)} names for {len(grown)} streets; add {len(grown) - len(names)}")
    random.Random(SEED + "names").shuffle(names)
    found = [*known, *(("local", "ul.", name, geometry) for name, geometry in zip(names, grown, strict=False))]
    return [
        feature(
            shape(geometry),
            id=f"ulica-{slugify(name)}",
            name=name,
            prefix=prefix,
            kind=kind,
            owner="national" if name in NATIONAL else "city",
            district=slugify(nearest_district(cells, geometry)),
            source="own" if index < len(known) else "invented",
        )
        for index, (kind, prefix, name, geometry) in enumerate(found)
    ]


def water_features() -> tuple[list[dict], list[LineString], list[Polygon]]:
    """Features of rivers and lakes, and their geometries in metres."""
    table = [(kind, name, [to_metres(point) for point in vertices(where)]) for kind, name, where in rows("rivers.txt")]
    rivers = [(name, LineString(points)) for kind, name, points in table if kind == "river"]
    lakes = [(name, Polygon(points)) for kind, name, points in table if kind == "water"]
    features = [
        feature(shape(geometry), id=f"woda-{slugify(name)}", name=name, kind=kind)
        for kind, found in (("river", rivers), ("water", lakes))
        for name, geometry in found
    ]
    return features, [geometry for _, geometry in rivers], [geometry for _, geometry in lakes]


def place_features(cells: dict[str, Polygon]) -> list[dict]:
    """Features of the places with the district in which each lies."""
    found = []
    for kind, name, address, where in rows("places.txt"):
        point = Point(to_metres(vertices(where)[0]))
        district = slugify(nearest_district(cells, point))
        key = f"{kind}-{slugify(name)}"
        found.append(feature(shape(point), id=key, name=name, kind=kind, address=address, district=district))
    return found


def main() -> None:
    """Write every file of the map beside the profile."""
    city = outline()
    cells = districts(city)
    write("boundary.geojson", [feature(shape(city), id="kielce", name="Kielce", kind="city")])
    slugs = {name: slugify(name) for name in cells}
    write(
        "districts.geojson",
        [
            feature(shape(cell), id=f"osiedle-{slugs[name]}", slug=slugs[name], name=name, kind="district")
            for name, cell in cells.items()
        ],
    )
    waters, rivers, lakes = water_features()
    write("rivers.geojson", waters)
    green = [
        (kind, name, Polygon([to_metres(p) for p in vertices(where)]).intersection(city))
        for kind, name, where in rows("green.txt")
    ]
    write("green.geojson", [feature(shape(g), id=f"zielen-{slugify(n)}", name=n, kind=k) for k, n, g in green])
    rails = [(kind, name, line(where)) for kind, name, where in rows("railways.txt")]
    write("railways.geojson", [feature(shape(g), id=f"kolej-{slugify(n)}", name=n, kind=k) for k, n, g in rails])
    closed = unary_union([*(g.buffer(15) for _, _, g in green), *(lake.buffer(30) for lake in lakes)])
    streets = street_features(city, cells, closed, unary_union([*rivers, *(g for _, _, g in rails)]))
    write("streets.geojson", streets)
    places = place_features(cells)
    write("places.geojson", places)
    print(f"{len(cells)} districts, {len(streets)} streets, {len(places)} places")


if __name__ == "__main__":
    main()
