"""Values under the names of the Smart Data Models, as they are and through time, to those who may see them."""

from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point
from django.test import Client

from miasto.kernel.core import clock
from miasto.kernel.observations import ngsi
from miasto.kernel.observations.sta.times import text_of
from miasto.kernel.observations.testing import make_datastream, make_thing, put

pytestmark = pytest.mark.django_db
PATH = "/api/ngsi-ld/v1/entities"
TEMPORAL = "/api/ngsi-ld/v1/temporal/entities"
MODELS = {
    "AirQualityObserved": {"pm10": "pm10", "no2": "no2"},
    "WeatherObserved": {"humidity": "relativeHumidity"},
    "NoiseLevelObserved": {"laeq": "LAeq"},
}


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    monkeypatch.setattr(ngsi, "models", lambda: MODELS)


@pytest.fixture
def station():
    now = clock.now()
    made = make_thing("Stacja", geom=Point(20.6, 50.9, srid=4326))
    for code, values in (("pm10", [1, 21.5]), ("no2", [1, 8])):
        put(make_datastream(made, code=code, unit_symbol="µg/m³"), values, end=now)
    put(make_datastream(make_thing("Cudza", audience="private"), code="pm10"), [5])
    return made


def test_a_station_is_one_entity_with_its_latest_values(station):
    (found,) = Client().get(PATH, {"type": "AirQualityObserved"}).json()
    assert found["id"] == f"urn:ngsi-ld:AirQualityObserved:{station.number}"
    assert (found["pm10"]["value"], found["pm10"]["unitCode"], found["no2"]["value"]) == (21.5, "GQ", 8)
    assert found["location"]["value"] == {"type": "Point", "coordinates": [20.6, 50.9]}
    assert found["dateObserved"]["value"]["@value"] == found["pm10"]["observedAt"]
    assert found["@context"][0].endswith("dataModel.Environment/master/context.jsonld")
    assert Client().get(f"{PATH}/{found['id']}").json() == found
    assert Client().get(PATH, {"id": found["id"]}).json() == [found]


def test_it_is_had_page_by_page_simplified_and_by_chosen_attributes(station):
    answer = Client().get(PATH, {"type": "AirQualityObserved", "offset": "1", "count": "true"})
    assert (answer.json(), answer["NGSILD-Results-Count"]) == ([], "1")
    asked = {"type": "AirQualityObserved", "options": "keyValues", "attrs": "no2"}
    answer = Client().get(PATH, asked, headers={"Accept": "application/json"})
    (found,) = answer.json()
    assert (found["no2"], found["name"], "pm10" in found, "@context" in found) == (8, "Stacja", False, False)
    assert found["dateObserved"].endswith("Z")
    assert "json-ld#context" in answer["Link"]


def test_units_and_intervals_are_those_of_the_models():
    place = make_thing("Stacja pogody")
    put(make_datastream(place, code="humidity", unit_symbol="%"), [55])
    put(make_datastream(place, code="laeq", unit_symbol="dB", period=timedelta(hours=1)), [60])
    (weather,) = Client().get(PATH, {"type": "WeatherObserved"}).json()
    assert weather["relativeHumidity"]["value"] == 0.55
    assert "dataModel.Weather" in weather["@context"][0]
    (noise,) = Client().get(PATH, {"type": "NoiseLevelObserved", "options": "keyValues"}).json()
    assert noise["dateObservedFrom"] < noise["dateObservedTo"]


def test_values_of_a_time_are_told_in_order(station):
    now = clock.now()
    asked = {"type": "AirQualityObserved", "timerel": "after", "timeAt": text_of(now - timedelta(hours=1))}
    (found,) = Client().get(TEMPORAL, asked).json()
    assert [one["value"] for one in found["pm10"]] == [1, 21.5]
    (last,) = Client().get(TEMPORAL, {**asked, "lastN": "1", "options": "temporalValues"}).json()
    assert last["pm10"]["values"] == [[21.5, found["pm10"][1]["observedAt"]]]
    between = {"timerel": "between", "timeAt": "2020-01-01T00:00:00Z", "endTimeAt": text_of(now - timedelta(hours=1))}
    assert Client().get(f"{TEMPORAL}/{found['id']}", between).json()["pm10"] == []


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        (PATH, {}, 400),
        (PATH, {"type": "Nothing"}, 400),
        (PATH, {"type": "AirQualityObserved", "limit": "x"}, 400),
        (PATH, {"type": "AirQualityObserved", "limit": "²"}, 400),
        (TEMPORAL, {"type": "AirQualityObserved"}, 400),
        (TEMPORAL, {"type": "AirQualityObserved", "timerel": "after", "timeAt": "yesterday"}, 400),
        (f"{PATH}/urn:ngsi-ld:AirQualityObserved:1234567", {}, 404),
        (f"{PATH}/nonsense", {}, 404),
    ],
)
def test_a_wrong_question_is_told_so(path, asked, status):
    answer = Client().get(path, asked)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
