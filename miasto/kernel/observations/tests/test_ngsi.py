"""The latest values under the names of the Smart Data Models, to those who may see them."""

import pytest
from django.contrib.gis.geos import Point
from django.test import Client

from miasto.kernel.observations import ngsi
from miasto.kernel.observations.testing import make_datastream, make_thing, put

pytestmark = pytest.mark.django_db
PATH = "/api/ngsi-ld/v1/entities"


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    monkeypatch.setattr(ngsi, "models", lambda: {"AirQualityObserved": {"pm10": "pm10", "no2": "no2"}})


def test_a_station_is_one_entity_with_its_latest_values():
    station = make_thing("Stacja", geom=Point(20.6, 50.9, srid=4326))
    for code, value in (("pm10", 21.5), ("no2", 8)):
        put(make_datastream(station, code=code, unit_symbol="µg/m³"), [1, value])
    put(make_datastream(make_thing("Cudza", audience="private"), code="pm10"), [5])
    (found,) = Client().get(PATH, {"type": "AirQualityObserved"}).json()
    assert found["id"] == f"urn:ngsi-ld:AirQualityObserved:{station.number}"
    assert (found["pm10"]["value"], found["pm10"]["unitCode"], found["no2"]["value"]) == (21.5, "GQ", 8)
    assert found["location"]["value"] == {"type": "Point", "coordinates": [20.6, 50.9]}
    assert Client().get(PATH, {"type": "AirQualityObserved", "offset": "1"}).json() == []


@pytest.mark.parametrize("asked", [{}, {"type": "Nothing"}, {"type": "AirQualityObserved", "limit": "x"}])
def test_a_wrong_question_is_told_so(asked):
    assert Client().get(PATH, asked).status_code == 400
