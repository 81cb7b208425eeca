"""Made-up addresses: as many as asked, each once, beside their streets, the same for the same seed."""

import json
import math

import pytest

from miasto.demo.addresses import addresses, courses
from miasto.kernel.core.city import city

CODES = ("25", 1, 900)


@pytest.fixture(scope="module")
def streets():
    return json.loads(city().path("streets.geojson").read_text("utf-8"))["features"]


@pytest.fixture(scope="module")
def made(streets):
    return list(addresses(streets, count=20_000, seed=1, postcodes=CODES))


def test_twenty_thousand_addresses_are_made_and_none_twice(made):
    keys = {(row["properties"]["street"], row["properties"]["number"]) for row in made}
    assert len(made) == len(keys) == 20_000


def test_the_same_seed_gives_the_same_addresses_and_another_seed_others(streets, made):
    assert list(addresses(streets, count=20_000, seed=1, postcodes=CODES)) == made
    assert list(addresses(streets, count=20_000, seed=2, postcodes=CODES)) != made


def test_odd_and_even_numbers_lie_on_opposite_sides_a_few_metres_from_the_street():
    straight = {
        "type": "Feature",
        "properties": {"name": "Prosta", "prefix": "ul.", "kind": "local", "district": "a"},
        "geometry": {"type": "LineString", "coordinates": [[20.0, 50.0], [20.01, 50.0]]},
    }
    rows = list(addresses([straight], count=60, seed=3, postcodes=CODES))
    assert len(rows) == 60
    for row in rows:
        away = (row["geometry"]["coordinates"][1] - 50.0) * 111_250
        odd = int(row["properties"]["number"].rstrip("A")) % 2 == 1
        assert 8 < abs(away) < 21
        assert (away > 0) == odd
        assert row["properties"]["street"] == "ul. Prosta"


def test_numbers_rise_along_the_street(streets):
    line = max(courses(streets, CODES), key=lambda course: course.length)
    made = addresses(streets, count=20_000, seed=1, postcodes=CODES)
    rows = [row for row in made if row["properties"]["street"] == line.name]
    start = line.origin
    even = [row for row in rows if row["properties"]["number"].isdigit() and int(row["properties"]["number"]) % 2 == 0]
    even.sort(key=lambda row: int(row["properties"]["number"]))
    first, last = even[0]["geometry"]["coordinates"], even[-1]["geometry"]["coordinates"]
    assert math.dist(first, start) < math.dist(last, start)


def test_each_street_has_one_postcode_of_the_city(made):
    codes = {}
    for row in made:
        codes.setdefault(row["properties"]["street"], set()).add(row["properties"]["postcode"])
    assert all(len(found) == 1 for found in codes.values())
    assert all(code.startswith("25-") and len(code) == 6 for found in codes.values() for code in found)
