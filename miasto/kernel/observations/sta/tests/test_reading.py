"""Reads: paths, options, pages, expansion in constantly many queries."""

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.observations.sta.serving import serve
from miasto.kernel.observations.sta.tests.conftest import BASE, NOON, make_stream, put_readings
from miasto.kernel.observations.sta.times import observation_id
from miasto.kernel.observations.sta.values import Asked

pytestmark = pytest.mark.django_db


def test_the_root_lists_the_sets_and_what_is_conformed_to():
    found = Client().get("/api/sta/v1.1/").json()
    assert {one["name"] for one in found["value"]} >= {"Things", "Observations", "FeaturesOfInterest"}
    assert Client().get("/api/sta/v1.1").json() == found


def test_an_entity_has_its_key_its_address_and_its_links(world, get):
    number = world.station.number
    found = get(ANONYMOUS, f"Things({number})")
    assert found == {
        "@iot.id": number,
        "@iot.selfLink": f"{BASE}Things({number})",
        "name": "Stacja",
        "description": "",
        "properties": {"floor": 3, "tags": ["a"]},
        "Locations@iot.navigationLink": f"{BASE}Things({number})/Locations",
        "HistoricalLocations@iot.navigationLink": f"{BASE}Things({number})/HistoricalLocations",
        "Datastreams@iot.navigationLink": f"{BASE}Things({number})/Datastreams",
        "MultiDatastreams@iot.navigationLink": f"{BASE}Things({number})/MultiDatastreams",
    }


def test_who_asks_for_none_is_not_sent_on(world, get):
    found = get(ANONYMOUS, "Observations", top=0, count="true")
    assert (found["value"], found["@iot.count"]) == ([], 20)
    assert "@iot.nextLink" not in found


def test_readings_are_found_by_what_they_are_about(world, get):
    about = get(ANONYMOUS, f"Datastreams({world.warm.pk})/Observations", top=1, expand="FeatureOfInterest")["value"][0]
    number = about["FeatureOfInterest"]["@iot.id"]
    asked = {
        f"FeatureOfInterest/id eq {number}": 20,
        "FeatureOfInterest/name eq 'nic'": 0,
        "FeatureOfInterest/name ne 'nic'": 20,
    }
    asked |= {"not FeatureOfInterest/name eq 'nic'": 20, f"FeatureOfInterest/id eq {number} or result eq 3": 20}
    for text, count in asked.items():
        assert get(ANONYMOUS, "Observations", filter=text, count="true", top=1)["@iot.count"] == count


def test_paths_lead_from_entity_to_entity(world, get):
    stream = f"Datastreams({world.warm.pk})"
    assert get(ANONYMOUS, f"{stream}/Thing/Locations")["value"][0]["name"] == "Rynek"
    assert get(ANONYMOUS, f"{stream}/Thing/name") == {"name": "Stacja"}
    assert get(ANONYMOUS, f"{stream}/Thing/properties/floor") == {"floor": 3}
    first = observation_id(world.warm.pk, NOON, 0)
    assert get(ANONYMOUS, f"Observations('{first}')/Datastream/ObservedProperty")["name"] == "Temperatura"
    assert get(ANONYMOUS, f"{stream}/Observations('{first}')/FeatureOfInterest/name") == {"name": "Rynek"}
    about = get(ANONYMOUS, f"FeaturesOfInterest({world.warm.feature_id})/Observations", count="true")
    assert about["@iot.count"] == 20  # both streams of the station are about its place
    past = get(ANONYMOUS, f"Things({world.station.number})/HistoricalLocations")["value"][0]
    assert get(ANONYMOUS, f"HistoricalLocations({past['@iot.id']})/Locations")["value"][0]["name"] == "Rynek"
    assert get(ANONYMOUS, f"{stream}/Observations/$ref", top=1)["value"] == [
        {"@iot.selfLink": f"{BASE}Observations('{first}')"}
    ]
    assert Client().get(f"/api/sta/v1.1/{stream}/name/$value").content.decode() == "Temperatura na rynku"


@pytest.mark.parametrize(
    "path",
    [
        "Nothings",
        "Things(0)",
        "Things(999999999999999999999)",
        "Things(x)",
        "Things/Locations",
        "Things(1)/nothing",
        "Observations(1)",
        "Observations('1-2')",
        "Things/$value",
        "Things(1)(2)",
        "$batch",
        "Datastreams(4294967296)",
        "Observations('1-999999999999999999-0')",
    ],
)
def test_what_is_not_there_is_404_and_says_so(world, get, path):
    assert get(ANONYMOUS, path, 404)["message"]


def test_pages_follow_one_another_until_the_end(world):
    client, seen, link = Client(), [], f"/api/sta/v1.1/Datastreams({world.warm.pk})/Observations?$top=4&$count=true"
    while link:
        page = client.get(link).json()
        assert page["@iot.count"] == 10
        seen += [one["result"] for one in page["value"]]
        link = page.get("@iot.nextLink", "").removeprefix("http://testserver")
    assert seen == list(range(10))


@pytest.mark.parametrize("order", ["", "phenomenonTime desc", "phenomenonTime asc", "result desc", "Datastream/name,result"])
def test_every_order_gives_each_observation_once(world, order):
    client, seen = Client(), []
    link = "/api/sta/v1.1/Observations?$top=7" + (f"&$orderby={order}" if order else "")
    while link:
        page = client.get(link).json()
        seen += [(one["phenomenonTime"], one["result"]) for one in page["value"]]
        link = page.get("@iot.nextLink", "").removeprefix("http://testserver")
    assert len(seen) == len(set(seen)) == 20
    if order.startswith("phenomenonTime"):
        times = [one for one, _result in seen]
        assert times == sorted(times, reverse=order.endswith("desc"))
    if order == "result desc":
        assert [one for _time, one in seen] == [*range(109, 99, -1), *range(9, -1, -1)]


def test_options_inside_an_expansion_count_for_each_parent(world, get):
    expand = "Datastreams($expand=Observations($orderby=phenomenonTime desc;$top=2;$count=true;$select=result);$orderby=name)"
    found = get(ANONYMOUS, "Things", expand=expand, filter="name eq 'Stacja'")["value"][0]
    assert [one["name"] for one in found["Datastreams"]] == ["Temperatura na rynku", "Wilgotność na rynku"]
    assert [one["Observations"] for one in found["Datastreams"]] == [
        [{"result": 9}, {"result": 8}],
        [{"result": 109}, {"result": 108}],
    ]
    assert [one["Observations@iot.count"] for one in found["Datastreams"]] == [10, 10]
    link = found["Datastreams"][1]["Observations@iot.nextLink"].removeprefix("http://testserver")
    assert [one["result"] for one in Client().get(link).json()["value"]] == [107, 106]


def test_expansion_takes_as_many_queries_for_many_as_for_one(world, get, django_assert_num_queries):
    asked = {"expand": "Locations,Datastreams($expand=Sensor,ObservedProperty,Observations($top=1;$expand=FeatureOfInterest))"}
    from django.db import connection

    with CaptureQueriesContext(
        connection,
    ) as few:
        get(SYSTEM, "Things", filter="name eq 'Stacja'", **asked)
    for index in range(5):
        put_readings(make_stream(world.inner, f"Seria {index}", world.air, world.sensor), [1, 2])
    with CaptureQueriesContext(connection) as many:
        assert len(get(SYSTEM, "Things", **asked)["value"]) == 3
    assert len(many) == len(few)


def test_data_arrays_and_geojson(world, get):
    found = get(ANONYMOUS, "Observations", resultFormat="dataArray", select="phenomenonTime,result", top=12, count="true")
    assert found["@iot.count"] == 20
    assert [one["dataArray@iot.count"] for one in found["value"]] == [10, 2]
    assert found["value"][0]["dataArray"][0] == ["2026-03-01T12:00:00Z", 0]
    places = get(ANONYMOUS, "Locations", resultFormat="GeoJSON")
    assert [one["geometry"]["coordinates"] for one in places["features"]] == [[20.6, 50.9]]


@pytest.mark.parametrize(
    ("options", "at"),
    [
        ({"filter": "name eq"}, 8),
        ({"filter": "nothing eq 1"}, 1),
        ({"filter": "name eq 1"}, 6),
        ({"filter": "(name eq 'a'"}, 13),
        ({"filter": "drop(name)"}, 1),
        ({"filter": "name eq 'a' ; drop table x"}, 13),
        ({"filter": "name gt null"}, 6),
        ({"filter": "st_within(Locations/location, geography'POINT (1')"}, None),
        ({"orderby": "nothing"}, 1),
        ({"top": "-1"}, None),
        ({"skip": "a"}, None),
        ({"count": "yes"}, None),
        ({"select": "nothing"}, None),
        ({"expand": "Nothing"}, None),
        ({"expand": "Locations($top=1"}, None),
        ({"wrong": "1"}, None),
        ({"skiptoken": "x"}, None),
    ],
)
def test_what_is_wrong_is_400_and_says_where(world, get, options, at):
    found = get(ANONYMOUS, "Things", 400, **options)
    assert found["message"]
    if at is not None:
        assert found["position"] == at


def test_other_methods_are_refused(world):
    assert serve(Asked("PROPFIND", "Things"), viewer=SYSTEM, base=BASE).status == 405
    assert Client().generic("PROPFIND", "/api/sta/v1.1/Things").status_code == 401
