"""The map of the air: kriging that knows its error, silent where nothing is known, of public readings only."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.contrib.gis.geos import Polygon
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from miasto.kernel.core import clock
from miasto.kernel.places.testing import make_area, make_city_area, square
from miasto.modules.environment.air_map import drawing, kriging, making
from miasto.modules.environment.law.air_index import BORDERS
from miasto.modules.environment.models import AirMap

NOW = datetime(2026, 2, 10, 14, 20, tzinfo=UTC)


def spread(value_at, count=30, error=0.1):
    """Sensors on a spiral of 5 km around a place."""
    turns = np.arange(count) * 2.4
    reach = 0.045 * np.sqrt((np.arange(count) + 0.5) / count)
    places = [(20 + 1.57 * r * np.cos(t), 50 + r * np.sin(t)) for r, t in zip(reach, turns, strict=True)]
    return [kriging.Sample(lon, lat, value_at(lon, lat), error) for lon, lat in places]


def slope(lon, _lat):
    return 20 * np.exp(6 * (lon - 20))


def test_a_smooth_field_is_found_again_between_the_sensors():
    found = kriging.surface(spread(slope))
    lon, lat = np.array([20.01, 19.97, 20.03]), np.array([50.01, 49.99, 50.0])
    middle, deviation = found.at(lon, lat)
    assert np.exp(middle) == pytest.approx(slope(lon, lat), rel=0.05)
    assert (deviation < 0.2).all()
    assert found.check.median < found.check.plain


def test_leaving_out_by_the_formula_is_leaving_out():
    samples = spread(lambda lon, lat: slope(lon, lat) * (1 + 0.1 * np.sin(400 * lat)))
    found = kriging.surface(samples)
    misses, deviations = kriging._left_out(found.model)
    inputs, values = found.model.X_train_, found.model.y_train_
    for number in (0, 7, 29):
        rest = np.arange(len(samples)) != number
        noise = np.diag([one.error**2 for one in samples])
        every = found.model.kernel_(inputs) + noise
        weights = np.linalg.solve(every[np.ix_(rest, rest)], every[rest, number])
        assert misses[number] == pytest.approx(weights @ values[rest] - values[number], abs=1e-6)
        left = every[number, number] - weights @ every[rest, number]
        assert deviations[number] ** 2 == pytest.approx(left, rel=1e-5)


def test_the_further_from_the_sensors_the_less_sure():
    found = kriging.surface(spread(slope))
    _middle, deviation = found.at(np.array([20.0, 20.15, 20.6]), np.array([50.0, 50.0, 50.0]))
    assert deviation[0] < deviation[1] < deviation[2]


def test_a_broken_cheap_sensor_is_left_out_and_a_station_of_the_state_is_not():
    samples = spread(slope)
    wild = kriging.Sample(20.005, 50.004, 900.0, 0.1, counted=False)
    found = kriging.surface([*samples, wild])
    assert found.left_out == 1
    middle, _deviation = found.at(np.array([20.005]), np.array([50.004]))
    assert np.exp(middle[0]) == pytest.approx(slope(20.005, 50), rel=0.1)
    counted = kriging.Sample(20.005, 50.004, 900.0, 0.1)
    assert kriging.surface([*samples, counted]).left_out == 0


def test_five_sensors_make_no_map():
    assert kriging.surface(spread(slope, count=5)) is None


@given(st.sampled_from(sorted(BORDERS)), st.floats(0.5, 400), st.floats(0.1, 400))
@settings(max_examples=60)
def test_bands_are_few_in_order_and_never_hide_a_border_of_the_index(code, lowest, width):
    found = drawing.levels(code, lowest, lowest + width)
    assert found == sorted(set(found))
    assert len(found) <= drawing.MOST_BANDS + 2 + len(BORDERS[code])
    assert {one for one in BORDERS[code] if lowest < one < lowest + width} <= set(found)


def test_the_map_is_hatched_where_no_sensor_is_near():
    found = kriging.surface(spread(slope))
    outline = Polygon.from_bbox((19.9, 49.9, 20.4, 50.1))
    outline.srid = 4326
    knots = drawing.grid(*outline.extent)
    made = drawing.features("pm25", drawing.field(found, knots), knots, outline)
    (hatched,) = [one for one in made if one["properties"].get("pattern") == "hatch"]
    assert max(lon for part in hatched["geometry"]["coordinates"] for lon, _lat in part[0]) == 20.4
    bands = [one["properties"] for one in made if "band" in one["properties"]]
    assert {one["class"] for one in bands} <= {0, 1, 2}
    assert len({one["band"] for one in bands}) == len(bands) > 3


@pytest.fixture
def town(db, station):
    """Nine cheap sensors and two stations east of the centre, two districts: one among them, one far away."""
    make_city_area()
    make_area(name="Blisko", geom=square(side_m=3000))
    make_area(name="Daleko", geom=square(east_m=-8000, side_m=2000))
    with clock.at(NOW):
        for number in range(9):
            station("air", f"c{number}", {"pm25": [33.0 + number] * 30}, now=NOW, grade="indicative", east=0.003 * (number - 4))
        for number in range(2):
            station("air", f"r{number}", {"pm25": [30.0] * 30}, now=NOW, east=0.01 * number)
        station("air", "skryta", {"pm25": [900.0] * 30}, now=NOW, audience="unit")


def test_the_page_tells_the_districts_with_their_certainty(town):
    with clock.at(NOW):
        assert making.make_maps(most=2) == 2
        text = Client().get("/powietrze/mapa/").content.decode()
        kept = AirMap.objects.order_by("-hour").first()
        told = Client().get("/powietrze/mapa/obszary.geojson").json()
    assert kept.samples == 11
    assert 1.1 < kept.facts["bias"] < 1.4
    near_by, far_off = kept.districts
    assert near_by["low"] < 31 < near_by["high"]
    assert far_off["share"] == 0
    assert "Najwięcej pyłu PM2,5 jest w dzielnicy <strong>Blisko</strong>" in text
    assert "za daleko od czujników" in text
    assert "więcej niż stacje; odjęliśmy to" in text
    assert any(one["properties"].get("pattern") == "hatch" for one in told["features"])
    assert "skryta" not in str(told)


def test_a_map_is_made_once_and_again_when_a_late_sensor_reports(town, station):
    with clock.at(NOW):
        making.make_maps(most=1)
        (first,) = AirMap.objects.all()
        assert making._wanted(first.samples, first.samples, timedelta(hours=1)) is False
        station("air", "spozniona", {"pm25": [31.0] * 3}, now=NOW)
        making.make_maps(most=1)
    (again,) = AirMap.objects.all()
    assert (again.hour, again.samples) == (first.hour, first.samples + 1)


def test_maps_older_than_two_days_are_forgotten(town):
    AirMap.objects.create(code="pm25", hour=NOW - timedelta(days=3), samples=9)
    with clock.at(NOW):
        making.make_maps(most=1)
    assert not AirMap.objects.filter(hour__lt=NOW - timedelta(days=2)).exists()


def test_a_pollutant_that_few_measure_has_no_map_and_the_page_says_so(town, station):
    with clock.at(NOW):
        station("air", "no", {"no2": [20.0] * 3}, now=NOW)
        making.make_maps()
        text = Client().get("/powietrze/mapa/?co=no2&godzina=nonsens").content.decode()
    assert "Za mało czujników na mapę" in text


def test_the_page_asks_a_fixed_number_of_questions(town):
    with clock.at(NOW):
        making.make_maps(most=3)
        Client().get("/powietrze/mapa/")
        with CaptureQueriesContext(connection) as found:
            Client().get("/powietrze/mapa/")
    assert sum("environment_airmap" in one["sql"] for one in found) == 2
