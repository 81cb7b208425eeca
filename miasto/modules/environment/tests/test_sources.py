"""Directions of polluted air: counted by the wind, silent where data are few, never nearer than half a kilometre."""

import math
import random
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.accounts.testing import make_staff
from miasto.kernel.core import clock
from miasto.kernel.maps.selectors import chosen, listing
from miasto.kernel.observations.services import save_thing
from miasto.kernel.places.testing import make_city_area, point
from miasto.modules.environment import near
from miasto.modules.environment.air_map import sources
from miasto.modules.environment.air_map.sources import Wind
from miasto.modules.environment.models import StationNow
from miasto.modules.environment.stations import keep_classes

START = datetime(2026, 1, 1, tzinfo=UTC)
HOURS = [START + timedelta(hours=number) for number in range(960)]
WIND = {at: Wind((number * 137.5) % 360, 3.0) for number, at in enumerate(HOURS)}


def smoky_from(bearing, width=20):
    """Twice as much when the wind blows from a bearing."""

    def value(at):
        away = abs((WIND[at].direction - bearing + 180) % 360 - 180)
        return 20 + 20 * math.exp(-((away / width) ** 2)) + (at.hour % 7) * 0.5

    return {at: value(at) for at in HOURS}


@given(st.floats(0, 359.99))
def test_each_direction_belongs_to_the_nearest_of_sixteen_sides(direction):
    middle = sources.sector(direction) * 22.5
    assert abs((direction - middle + 180) % 360 - 180) <= 11.25 + 1e-9


@given(st.floats(0, 359), st.floats(0.5, 5))
def test_a_bearing_leads_there(turn, distance):
    lat = 50 + distance / near.KM_IN_DEGREE * math.cos(math.radians(turn))
    lon = 20 + distance / near.KM_IN_DEGREE * math.sin(math.radians(turn)) / math.cos(math.radians((50 + lat) / 2))
    found = sources.bearing(20, 50, lon, lat)
    assert abs((found - turn + 180) % 360 - 180) < 0.01


@given(st.sampled_from(range(0, 360, 15)))
def test_the_side_of_the_smoke_is_found(bearing):
    found = sources.rose(smoky_from(bearing), WIND)
    assert sum(one.hours for one in found.sides) == found.hours == len(HOURS)
    assert found.worst
    middle = sources.NAMES.index(found.worst.name) * 22.5
    assert abs((middle - bearing + 180) % 360 - 180) <= 22.5


def test_air_that_is_the_same_from_every_side_has_no_worst_side():
    for seed in range(20):
        dice = random.Random(seed)
        assert sources.rose({at: 20 + dice.random() for at in HOURS}, WIND).worst is None


def test_calm_hours_and_few_hours_say_nothing():
    assert sources.rose(smoky_from(90), {at: Wind(90, 0.4) for at in HOURS}) is None
    assert sources.rose(dict(list(smoky_from(90).items())[:200]), WIND) is None


def test_smog_over_the_whole_city_points_nowhere():
    smog = {at: 10.0 + at.hour * 8 for at in HOURS}
    found = sources.above_others(dict.fromkeys(range(6), smog))
    assert {value for held in found.values() for value in held.values()} == {1.0}
    assert sources.above_others({1: smog}) == {1: {}}


def test_the_directions_of_several_stations_meet_at_the_source_and_never_at_a_house():
    source = (20.03, 50.01)
    places = [(20.0, 50.0), (20.05, 49.99), (20.04, 50.04), (20.0, 50.03), (20.07, 50.02)]
    roses = [(lon, lat, sources.rose(smoky_from(sources.bearing(lon, lat, *source)), WIND)) for lon, lat in places]
    cells = sources.likely_cells(roses, (19.95, 49.95, 20.12, 50.07))
    assert near.km(cells[0].lon, cells[0].lat, *source) < 1.5  # a side is 22.5 degrees wide
    assert cells == sorted(cells, key=lambda one: -one.likelihood)
    for one in cells:
        assert min(near.km(one.lon, one.lat, *place) for place in places) >= sources.NEAREST_KM
        assert one.pointing >= 3
    assert sources.likely_cells(roses[:2], (19.95, 49.95, 20.12, 50.07)) == []


NOW = HOURS[-1] + timedelta(hours=1)
SOURCE_M = (2000, 1500)


@pytest.fixture
def smoky_town(station):
    """Six sensors around a source and a weather station, 40 days of hours."""
    make_city_area()
    lon, lat = point(*SOURCE_M).coords
    with clock.at(NOW):
        station(
            "weather",
            "wiatr",
            {"wind_direction": [WIND[at].direction for at in HOURS], "wind_speed": [3.0] * len(HOURS)},
            now=NOW,
        )
        for number, place in enumerate([(0, 0), (4500, 300), (3000, 4500), (-500, 3500), (1500, -1500), (5000, 3000)]):
            where = point(*place)
            series = smoky_from(sources.bearing(where.x, where.y, lon, lat))
            thing = station("air", f"p{number}", {"pm25": [series[at] for at in HOURS]}, now=NOW, grade="indicative")
            thing.geom = where
            save_thing(thing, by=SYSTEM)
        cache.clear()


@pytest.mark.django_db
def test_staff_see_where_the_directions_meet_and_strangers_do_not(smoky_town, client):
    paths = [f"/panel/analiza-srodowiska/{path}" for path in ("zrodla/", "zrodla/obszary.geojson", "halas/")]
    assert {client.get(path).status_code for path in paths} <= {302, 403, 404}
    client.force_login(make_staff("observations.keeper"))
    with clock.at(NOW):
        page, drawn, loud = (client.get(path) for path in paths)
        with CaptureQueriesContext(connection) as found:
            client.get(paths[0])
    assert "Dość godzin z wiatrem ma 6 z 6 stacji." in page.content.decode()
    rings = [one["geometry"]["coordinates"][0] for one in drawn.json()["features"]]
    lon, lat = point(*SOURCE_M).coords
    misses = [near.km((ring[0][0] + ring[1][0]) / 2, (ring[0][1] + ring[2][1]) / 2, lon, lat) for ring in rings]
    assert misses[0] < 2.5  # only six stations: the likeliest cell is near, one of the cells is there
    assert min(misses) < 0.5
    assert "Nie ma jeszcze mierników hałasu" in loud.content.decode()
    assert not any("observations_hour" in one["sql"] for one in found)  # kept for an hour


@pytest.mark.django_db
def test_the_page_of_a_station_has_its_rose_and_says_when_hours_are_too_few(smoky_town, station, client):
    with clock.at(NOW):
        assert "To możliwy kierunek źródła, nie dowód." in client.get("/stacje/p0/?co=pm25").content.decode()
        station("air", "mloda", {"pm25": [20.0] * 5}, now=NOW)
        assert "za mało godzin z wiatrem" in client.get("/stacje/mloda/").content.decode()


@pytest.mark.django_db
def test_the_city_map_knows_the_class_of_each_public_station(station):
    with clock.at(NOW):
        thing = station("air", "zielona", {"pm10": [70.0]}, now=NOW)
        station("air", "skryta", {"pm10": [500.0]}, now=NOW, audience="unit")
        assert keep_classes() == 1
        assert keep_classes() == 0
    (kept,) = StationNow.objects.all()
    assert (kept.thing_id, kept.air_class, kept.name) == (thing.pk, 2, "umiarkowany")
    (listed,) = listing(chosen("environment.air_now"), ANONYMOUS)
    assert [(row.label, row.detail) for row in listed.rows] == [("Stacja zielona", "umiarkowany")]
    with clock.at(NOW + timedelta(hours=5)):
        assert keep_classes() == 1
    assert StationNow.objects.get().air_class is None
