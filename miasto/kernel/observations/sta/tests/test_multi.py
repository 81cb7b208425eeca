"""MultiDatastreams (18-088 § 8.3): results that are arrays, of several observed properties, under the same rights."""

import pytest
from django.test import Client

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.accounts.testing import make_viewer
from miasto.kernel.observations.models import Datastream
from miasto.kernel.observations.sta.inputs import COMPLEX, RESULT_TYPES
from miasto.kernel.observations.sta.tests.conftest import BASE, OBSERVED, SENSOR, STREAM, THING, place

pytestmark = pytest.mark.django_db
MEASUREMENT, COUNT = (next(one for one in RESULT_TYPES if one.endswith(name)) for name in ("Measurement", "CountObservation"))
UNITS = [
    {"name": "metr na sekundę", "symbol": "m/s", "definition": "http://example.org/ms"},
    {"name": None, "symbol": None, "definition": None},
]
WIND = {
    "name": "Wiatr",
    "description": "Prędkość i liczba porywów",
    "observationType": COMPLEX,
    "multiObservationDataTypes": [MEASUREMENT, COUNT],
    "unitOfMeasurements": UNITS,
    "Sensor": SENSOR,
    "ObservedProperties": [{**OBSERVED, "name": "Prędkość"}, {**OBSERVED, "name": "Porywy"}],
}


@pytest.fixture
def wind(api, made):
    """The path of a MultiDatastream of the thing."""
    return place(api("POST", f"{made.thing}/MultiDatastreams", WIND))


def test_a_multi_datastream_has_its_properties_and_links(get, wind, made):
    found = get(SYSTEM, wind, expand="Thing,Sensor,ObservedProperties")
    assert (found["multiObservationDataTypes"], found["unitOfMeasurements"]) == ([MEASUREMENT, COUNT], UNITS)
    assert found["observationType"] == COMPLEX
    assert [one["name"] for one in found["ObservedProperties"]] == ["Prędkość", "Porywy"]
    assert (found["Thing"]["name"], found["Sensor"]["name"]) == ("Stacja", "PT100")
    number = found["@iot.id"]
    get(SYSTEM, f"Datastreams({number})", 404)
    get(SYSTEM, f"Multi{made.path}", 404)
    assert number not in {one["@iot.id"] for one in get(SYSTEM, "Datastreams")["value"]}
    assert not Datastream.objects.filter(pk=number).exists()
    for way in ("Things", "Sensors", "ObservedProperties"):
        rows = get(SYSTEM, way, expand="MultiDatastreams", filter="MultiDatastreams/name eq 'Wiatr'")["value"]
        assert rows
        assert all([one["@iot.id"] for one in row["MultiDatastreams"]] == [number] for row in rows)
    assert [
        one["@iot.id"] for one in get(SYSTEM, "MultiDatastreams", filter="unitOfMeasurements/0/symbol eq 'm/s'")["value"]
    ] == [number]


def test_its_observations_are_arrays_in_the_order_of_its_properties(api, get, wind, made):
    number = int(wind[len("MultiDatastreams(") : -1])
    first = place(api("POST", f"{wind}/Observations", {"result": [3.5, 2], "parameters": {"a": 1}}))
    second = place(api("POST", "Observations", {"result": [None, 4], "MultiDatastream": {"@iot.id": number}}))
    array = {"MultiDatastream": {"@iot.id": number}, "components": ["phenomenonTime", "result"]}
    rows = [["2026-03-01T10:00:00Z", [1, 1]], ["2026-03-01T11:00:00Z", [1]], ["2026-03-01T12:00:00Z", 5]]
    told = api("POST", "CreateObservations", [{**array, "dataArray": rows}], status=201)
    assert [one == "error" for one in told.body] == [False, True, True]
    found = get(SYSTEM, f"{wind}/Observations", count="true", orderby="phenomenonTime")
    assert [one["result"] for one in found["value"]] == [[1, 1], [3.5, 2], [None, 4]]
    assert (found["@iot.count"], get(SYSTEM, wind)["phenomenonTime"][:10]) == (3, "2026-03-01")
    one = get(SYSTEM, first)
    assert one["MultiDatastream@iot.navigationLink"].startswith(BASE)
    assert "Datastream@iot.navigationLink" not in one
    assert get(SYSTEM, f"{first}/MultiDatastream")["@iot.id"] == number
    get(SYSTEM, f"{first}/Datastream", 404)
    plain = place(api("POST", f"{made.path}/Observations", {"result": 1}))
    assert "MultiDatastream@iot.navigationLink" not in get(SYSTEM, plain)
    assert len(get(SYSTEM, "Observations", filter="MultiDatastream/name eq 'Wiatr'")["value"]) == 3
    assert len(get(SYSTEM, "Observations", filter="result/0 gt 3")["value"]) == 1
    (formed,) = get(SYSTEM, f"{wind}/Observations", resultFormat="dataArray")["value"]
    assert formed["MultiDatastream@iot.navigationLink"] == BASE + wind
    api("PATCH", second, {"result": [2, 2]}, status=200)
    assert get(SYSTEM, second)["result"] == [2, 2]
    api("PATCH", second, {"result": [2]}, status=400)
    api("DELETE", second, status=200)
    assert get(SYSTEM, f"{wind}/Observations", count="true")["@iot.count"] == 2


@pytest.mark.parametrize(
    "change",
    [
        {"unitOfMeasurements": UNITS[:1]},
        {"ObservedProperties": [OBSERVED]},
        {"multiObservationDataTypes": ["http://example.org/x", COUNT]},
        {"observationType": MEASUREMENT},
        {"multiObservationDataTypes": []},
    ],
)
def test_arrays_of_another_length_or_kind_are_refused(api, made, change):
    assert api("POST", f"{made.thing}/MultiDatastreams", {**WIND, **change}, status=400).body["message"]


@pytest.mark.parametrize("result", [5, [1], [1, 2, 3], ["x", 1], [1, 1.5], {"a": 1}])
def test_a_result_has_one_value_of_each_type(api, wind, result):
    assert "result" in api("POST", f"{wind}/Observations", {"result": result}, status=400).body["message"]


def test_it_is_changed_and_deleted_with_its_observations(api, get, wind):
    api("PATCH", wind, {"name": "Wiatr na dachu"}, status=200)
    assert get(SYSTEM, wind)["name"] == "Wiatr na dachu"
    assert len(get(SYSTEM, f"{wind}/ObservedProperties")["value"]) == 2
    observation = place(api("POST", f"{wind}/Observations", {"result": [3.5, 2]}))
    api("PATCH", wind, {"multiObservationDataTypes": [COUNT, COUNT]}, status=409)
    (speed, _gusts) = get(SYSTEM, f"{wind}/ObservedProperties", orderby="id")["value"]
    api("DELETE", f"ObservedProperties({speed['@iot.id']})", status=200)
    get(SYSTEM, wind, 404)
    get(SYSTEM, observation, 404)


def test_a_deep_insert_makes_it_and_its_rights_are_those_of_its_thing(api, get):
    body = {**THING, "@miasto.audience": "private", "MultiDatastreams": [{**WIND, "Observations": [{"result": [1, 1]}]}]}
    thing = place(api("POST", "Things", {**body, "Datastreams": [STREAM]}))
    assert len(get(SYSTEM, f"{thing}/MultiDatastreams", expand="Observations")["value"][0]["Observations"]) == 1
    assert get(ANONYMOUS, "MultiDatastreams")["value"] == get(ANONYMOUS, "Observations")["value"] == []
    assert get(ANONYMOUS, "ObservedProperties", filter="name eq 'Porywy'")["value"] == []
    number = get(SYSTEM, "MultiDatastreams")["value"][0]["@iot.id"]
    body = {"result": [1, 1], "MultiDatastream": {"@iot.id": number}}
    api("POST", "Observations", body, by=make_viewer(), status=403)
    assert Client().get("/api/sta/v1.1/").json()["value"][4]["name"] == "MultiDatastreams"
