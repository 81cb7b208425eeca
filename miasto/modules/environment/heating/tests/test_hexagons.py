"""The map of old boilers: hexagons cut by districts, from which, with the table of districts, no household can be told."""

import json
import random
from datetime import date

import pytest
from django.contrib.gis.geos import Point
from django.test import Client

from miasto.kernel.core.city import city
from miasto.kernel.places.testing import make_area, make_city_area, square
from miasto.modules.environment.heating import selectors
from miasto.modules.environment.heating.hexagons import EDGES_M, geojson, hexagons
from miasto.modules.environment.heating.kinds import SMOKY, SOLID
from miasto.modules.environment.heating.models import HeatingSource
from miasto.modules.environment.heating.services import locate
from miasto.modules.environment.heating.suppress import LEAST, TOTAL, protected, told_parts, with_margins

DAY = date(2026, 3, 1)
GROUPS = ("gas", SOLID, SMOKY)


@pytest.fixture
def sources(db):
    """A crowd of old stoves in the middle of the city, three of them a kilometre away."""
    make_city_area()
    make_area(name="Śródmieście", geom=square(side_m=20_000))
    lon, lat = city().centre
    made = [("solid", 0.0)] * 40 + [("gas", 0.0)] * 20 + [("solid", 0.02)] * 3 + [("gas", 0.02)] * 30
    HeatingSource.objects.bulk_create(
        HeatingSource(
            declaration=f"D{number}",
            form="A",
            kind="gas" if group == "gas" else "tiled",
            group=group,
            address="x",
            seen_on=DAY,
            geom=Point(lon + east, lat, srid=4326),
        )
        for number, (group, east) in enumerate(made)
    )
    locate()


def test_small_numbers_are_hatched_and_large_ones_are_written(sources):
    found = hexagons(selectors.public())
    assert found.edge_m in EDGES_M
    assert {one.count for one in found.parts} <= {None, 0, *range(LEAST, 44)}
    kept = geojson(found)
    assert sum(one["geometry"]["type"] != "Point" for one in kept["features"]) == len(found.parts)
    assert "3" not in [one["properties"].get("label") for one in kept["features"]]


def test_the_page_the_map_and_the_files_tell_the_same(sources):
    text = Client().get("/powietrze/ogrzewanie/").content.decode()
    assert "Gdzie stoją kotły i piece na paliwo stałe" in text
    found = hexagons(selectors.public())
    kept = json.loads(Client().get("/powietrze/ogrzewanie/mapa.geojson").content)
    labels = sorted(int(one["properties"]["label"]) for one in kept["features"] if "label" in one["properties"])
    assert labels == sorted(one.count for one in found.parts if one.count)
    lines = Client().get("/powietrze/ogrzewanie/mapa.csv").content.decode().splitlines()
    assert len(lines) == 1 + len(found.parts)
    assert Client().get("/powietrze/ogrzewanie/zmiany.csv").content.decode().startswith("year,installed,removed")


def test_nothing_of_fewer_than_ten_sources_is_told_as_none():
    told = told_parts({"a": (0, 4), "b": (30, 60), "c": (0, 40), "d": (50, 60)}, known=True)
    assert told == {"a": None, "b": None, "c": 0, "d": 50}


def test_where_the_sum_of_the_district_is_hidden_the_parts_do_not_give_it_away():
    told = told_parts({"a": (20, 60), "b": (30, 60), "c": (40, 60)}, known=False)
    assert told == {"a": None, "b": 30, "c": 40}
    assert told_parts({"a": (20, 60)}, known=False) == {"a": None}


@pytest.mark.parametrize("seed", range(60))
def test_no_hidden_count_can_be_computed_from_the_map_and_the_table_together(seed):
    """An attacker solves all sums of the districts' table and of the map at once: no small count comes out."""
    import numpy as np

    values, told, sums = made_up(random.Random(seed))
    order = {key: place for place, key in enumerate(values)}
    known = np.zeros((len(sums) + len(order), len(order)))
    for number, (plus, minus) in enumerate(sums):
        known[number, [order[key] for key in plus]] = 1
        known[number, [order[key] for key in minus]] = -1
    for key, value in told.items():
        known[len(sums) + order[key], order[key]] = value is not None
    _left, strengths, right = np.linalg.svd(known)
    free = np.abs(right[int((strengths > 1e-9).sum()) :]).max(axis=0, initial=0)
    assert all(value == values[key] for key, value in told.items() if value is not None)
    small = [key for key, value in told.items() if value is None and 0 < values[key] < LEAST]
    assert all(free[order[key]] > 1e-9 for key in small), (small, told)


def made_up(chance):
    """Counts by cell of the table and part of the map, what is told of them, and all sums that bind them (plus, minus)."""

    def pick():
        return chance.choice([0, 0, 1, 3, chance.randint(1, 12), chance.randint(10, 80)])

    held = {d: [{g: pick() for g in GROUPS} for _part in range(chance.randint(1, 5))] for d in range(chance.randint(1, 6))}
    table = {(d, g): sum(part[g] for part in parts) for d, parts in held.items() for g in GROUPS}
    cells = protected(table)
    values, told = dict(with_margins(table)), dict(cells)
    sums = [([(d, g) for g in GROUPS], [(d, TOTAL)]) for d in (*held, TOTAL)]
    sums += [([(d, g) for d in held], [(TOTAL, g)]) for g in (*GROUPS, TOTAL)]
    for d, parts in held.items():
        counts = {(d, n, "part"): (part[SOLID] + part[SMOKY], sum(part.values())) for n, part in enumerate(parts)}
        told |= told_parts(counts, known=all(cells[d, g] is not None for g in (SOLID, SMOKY)))
        values |= {key: count for key, (count, _all) in counts.items()}
        sums.append((list(counts), [(d, SOLID), (d, SMOKY)]))
    return values, told, sums
