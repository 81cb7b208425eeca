"""Each requirement of OGC 18-088 that the service root names, proved by its request and answer; nothing else is named."""

from types import SimpleNamespace

import pytest
from django.test import Client

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.observations.sta.answering import CONFORMANCE, MQTT, SENSING
from miasto.kernel.observations.sta.tests.conftest import BASE, LOCATION, OBSERVED, POINT, SENSOR, STREAM, THING, place
from miasto.kernel.observations.sta.tests.test_batch import READ, change, change_set, client, send, told  # noqa: F401
from miasto.kernel.observations.sta.tests.test_multi import WIND

pytestmark = pytest.mark.django_db
PROOFS = {}
MEASURED = {
    "phenomenonTime": "2026-03-01T10:00:00Z/2026-03-01T11:00:00Z",
    "resultTime": "2026-03-01T11:00:00Z",
    "result": 7.5,
    "resultQuality": "dobra",
    "validTime": "2026-03-01T10:00:00Z/2026-03-02T10:00:00Z",
    "parameters": {"depth": 2},
}
OWN = {"properties": {"floor": 3}}
PROPERTIES = {
    "thing": ("Things", {"name", "description", "properties"}),
    "location": ("Locations", {"name", "description", "properties", "encodingType", "location"}),
    "historical-location": ("HistoricalLocations", {"time"}),
    "datastream": (
        "Datastreams",
        {"name", "description", "observationType", "unitOfMeasurement", "properties", "phenomenonTime", "resultTime"},
    ),
    "sensor": ("Sensors", {"name", "description", "properties", "encodingType", "metadata"}),
    "observed-property": ("ObservedProperties", {"name", "description", "properties", "definition"}),
    "observation": ("Observations", set(MEASURED)),
    "feature-of-interest": ("FeaturesOfInterest", {"name", "description", "properties", "encodingType", "feature"}),
}
RELATIONS = {
    "thing": {"Locations", "HistoricalLocations", "Datastreams"},
    "location": {"Things", "HistoricalLocations"},
    "historical-location": {"Thing", "Locations"},
    "datastream": {"Thing", "Sensor", "ObservedProperty", "Observations"},
    "sensor": {"Datastreams"},
    "observed-property": {"Datastreams"},
    "observation": {"Datastream", "FeatureOfInterest"},
    "feature-of-interest": {"Observations"},
}


def proves(*names):
    """The function proves these requirements."""

    def keep(check):
        for name in names:
            PROOFS[SENSING + name] = check
        return check

    return keep


@pytest.fixture
def city(api, get, client):  # noqa: F811
    """Everything once, made by one deep insert; ``read`` and ``call`` ask as the system."""
    feature = {**LOCATION, **OWN, "name": "Rynek"}
    feature["feature"] = feature.pop("location")
    observation = {**MEASURED, "FeatureOfInterest": feature}
    stream = {**STREAM, **OWN, "Sensor": {**SENSOR, **OWN}, "ObservedProperty": {**OBSERVED, **OWN}}
    thing = {**THING, **OWN, "Locations": [{**LOCATION, **OWN}], "Datastreams": [{**stream, "Observations": [observation]}]}
    made = place(api("POST", "Things", thing))
    return SimpleNamespace(
        call=api, thing=made, client=client, read=lambda path, status=200, **more: get(SYSTEM, path, status, **more)
    )


def first(city, plural):
    return city.read(plural, top=1)["value"][0]


@proves(*(f"datamodel/{name}/properties" for name in PROPERTIES))
def every_property_is_there(city):
    for plural, names in PROPERTIES.values():
        assert names <= set(first(city, plural)), plural
    found = first(city, "Observations")
    assert {name: found[name] for name in MEASURED} == MEASURED
    assert first(city, "Datastreams")["unitOfMeasurement"] == STREAM["unitOfMeasurement"]


@proves(*(f"datamodel/{name}/relations" for name in RELATIONS))
def every_relation_is_linked_and_leads_there(city):
    for name, links in RELATIONS.items():
        one = first(city, PROPERTIES[name][0])
        for link in links:
            found = city.read(one[f"{link}@iot.navigationLink"].removeprefix(BASE))
            assert "@iot.id" in found or len(found["value"]) == 1, (name, link)


@proves("datamodel/entity-control-information/common-control-information")
def every_entity_has_its_key_and_its_address(city):
    for plural, _names in PROPERTIES.values():
        one = first(city, plural)
        assert city.read(one["@iot.selfLink"].removeprefix(BASE))["@iot.id"] == one["@iot.id"]


@proves("resource-path/resource-path-to-entities")
def every_way_of_addressing_is_answered(city):
    stream = f"Datastreams({first(city, 'Datastreams')['@iot.id']})"
    assert {one["name"] for one in city.read("")["value"]} >= {plural for plural, _names in PROPERTIES.values()}
    assert city.read(f"{city.thing}/name") == {"name": "Stacja"}
    assert city.read(f"{city.thing}/name/$value").found == "Stacja"
    assert city.read(f"{city.thing}/properties/floor") == {"floor": 3}
    assert city.read(f"{stream}/unitOfMeasurement")["unitOfMeasurement"]["symbol"] == "°C"
    assert city.read(f"{stream}/Thing/Locations")["value"][0]["name"] == "Rynek"
    assert city.read(f"{city.thing}/Datastreams/$ref")["value"] == [{"@iot.selfLink": BASE + stream}]
    assert Client().get(f"/api/sta/v1.1/{city.thing}/name/$value").content == b"Stacja"


@proves("request-data/status-code", "request-data/query-status-code")
def the_right_codes_are_answered(city):
    for path, status in (("Things(99999)", 404), ("Nothing", 404), (f"{city.thing}/nothing", 404), ("Things(x)", 404)):
        assert city.read(path, status)["code"] == status
    for options in ({"filter": "nothing eq 1"}, {"orderby": "nothing"}, {"expand": "Nothing"}, {"select": "nothing"}):
        city.read("Things", 400, **options)
    for options in ({"top": "-1"}, {"skip": "x"}, {"count": "maybe"}, {"nothing": "1"}, {"filter": "name eq"}):
        city.read("Things", 400, **options)
    assert city.call("DELETE", "Things").status == 405
    assert city.call("POST", city.thing, {}).status == 405


@proves("request-data/expand", "request-data/select", "request-data/order")
def links_are_expanded_and_properties_chosen_before_the_rest(city):
    inside = "$select=name;$expand=Observations($filter=result gt 5;$orderby=result desc;$top=1;$count=true;$select=result)"
    found = city.read("Things", expand=f"Datastreams({inside}),Locations", select="name", filter="name eq 'Stacja'")["value"][0]
    (stream,) = found["Datastreams"]
    assert (stream["Observations"], stream["Observations@iot.count"]) == ([{"result": 7.5}], 1)
    assert set(found) == {"name", "Datastreams", "Locations"}
    assert city.read("Things", expand="Datastreams/Observations/FeatureOfInterest")["value"][0]["Datastreams"][0][
        "Observations"
    ][0]["FeatureOfInterest"]["name"]
    assert set(city.read("Datastreams", select="unitOfMeasurement,Thing")["value"][0]) == {
        "unitOfMeasurement",
        "Thing@iot.navigationLink",
    }


@proves("request-data/orderby", "request-data/top", "request-data/skip", "request-data/count", "request-data/pagination")
def sets_are_ordered_counted_and_paged(city):
    for name in ("B", "A", "C"):
        city.call("POST", "Things", {"name": name, "description": "x"}, status=201)
    asked = {"orderby": "description,name desc", "filter": "description eq 'x'"}
    page = city.read("Things", **asked, top=2, count="true")
    assert ([one["name"] for one in page["value"]], page["@iot.count"]) == (["C", "B"], 3)
    assert [one["name"] for one in city.read("Things", **asked, skip=2)["value"]] == ["A"]
    link = page["@iot.nextLink"].removeprefix("http://testserver")
    last = city.client.get(link).json()
    assert ([one["name"] for one in last["value"]], "@iot.nextLink" in last) == (["A"], False)
    assert "@iot.count" not in city.read("Things", count="false")


TRUE_OF_THINGS = (
    *("name eq 'Stacja'", "name ne 'x'", "properties/floor gt 2", "properties/floor ge 3", "2 lt properties/floor"),
    *("properties/floor le 3 and not (name eq 'x')", "name eq 'x' or true", "(properties/floor add 2) eq 5"),
    *(
        "properties/floor sub 1 eq 2",
        "properties/floor mul 2 eq 6",
        "properties/floor div 2 eq 1.5",
        "properties/floor mod 2 eq 1",
    ),
    *("substringof('tac', name)", "endswith(name, 'cja')", "startswith(name, 'Sta')", "length(name) eq 6"),
    *("indexof(name, 't') eq 1", "substring(name, 1) eq 'tacja'", "substring(name, 1, 2) eq 'ta'", "tolower(name) eq 'stacja'"),
    *("toupper(name) eq 'STACJA'", "trim(' a ') eq 'a'", "concat(name, '!') eq 'Stacja!'"),
    *("round(3.5) eq 4", "floor(3.5) eq 3", "ceiling(3.5) eq 4", "Datastreams/Observations/result eq 7.5"),
)
TRUE_OF_OBSERVATIONS = (
    *("result gt 7 and result lt 8", "resultQuality eq 'dobra'", "parameters/depth eq 2", "Datastream/Thing/name eq 'Stacja'"),
    *("year(resultTime) eq 2026", "month(resultTime) eq 3", "day(resultTime) eq 1", "hour(resultTime) eq 11"),
    *("minute(resultTime) eq 0", "second(resultTime) eq 0", "fractionalseconds(resultTime) eq 0"),
    *(
        "date(resultTime) eq 2026-03-01",
        "time(resultTime) ge time(phenomenonTime)",
        "totaloffsetminutes(resultTime) eq 0",
    ),
    *("resultTime lt now()", "resultTime gt mindatetime()", "resultTime lt maxdatetime()"),
    *("resultTime eq 2026-03-01T11:00:00Z", "phenomenonTime lt 2026-03-01T11:30:00Z", "validTime gt 2026-03-01T09:00:00Z"),
    *("resultTime add duration'PT1H' eq 2026-03-01T12:00:00Z",),
)
AREA = "geography'POLYGON((20 50,21 50,21 51,20 51,20 50))'"
HERE, FAR = "geography'POINT(20.6 50.9)'", "geography'LINESTRING(0 0,1 0)'"
TRUE_OF_LOCATIONS = (
    *(f"geo.intersects(location, {AREA})", f"geo.distance(location, {HERE}) lt 0.1", f"geo.length({FAR}) eq 1"),
    *(f"st_equals(location, {HERE})", f"st_disjoint(location, {FAR})", f"not st_touches(location, {AREA})"),
    *(f"st_within(location, {AREA})", f"not st_overlaps(location, {AREA})", f"not st_crosses(location, {AREA})"),
    *(f"st_intersects(location, {AREA})", f"st_contains({AREA}, location)", f"st_relate(location, {AREA}, 'T*F**F***')"),
)


@proves("request-data/filter", "request-data/built-in-filter-operations", "request-data/built-in-query-functions")
def every_operator_and_function_is_known(city):
    for plural, texts in (("Things", TRUE_OF_THINGS), ("Observations", TRUE_OF_OBSERVATIONS), ("Locations", TRUE_OF_LOCATIONS)):
        for text in texts:
            assert len(city.read(plural, filter=text)["value"]) == 1, text
            assert not city.read(plural, filter=f"not ({text})")["value"], text


@proves("create-update-delete/create-entity", "create-update-delete/link-to-existing-entities")
def entities_are_made_and_linked_to_those_there_are(city):
    sensor = place(city.call("POST", "Sensors", SENSOR))
    observed = place(city.call("POST", "ObservedProperties", OBSERVED))
    links = {"Sensor": {"@iot.id": int(sensor[8:-1])}, "ObservedProperty": {"@iot.id": int(observed[19:-1])}}
    stream = place(city.call("POST", f"{city.thing}/Datastreams", {**STREAM, **links}))
    assert city.read(f"{stream}/Sensor")["@iot.selfLink"] == BASE + sensor
    reading = place(city.call("POST", "Observations", {"result": 1, "Datastream": {"@iot.id": int(stream[12:-1])}}))
    assert city.read(f"{reading}/FeatureOfInterest")["feature"] == POINT
    assert city.call("POST", "Datastreams", {**STREAM, "Thing": {"@iot.id": 99999}}).status == 400


@proves("create-update-delete/deep-insert", "create-update-delete/deep-insert-status-code")
def what_is_inside_is_made_together_or_not_at_all(city):
    made = city.call("POST", "Things", {**THING, "name": "Druga", "Datastreams": [STREAM]}, status=201)
    assert city.read(f"{place(made)}/Datastreams", expand="Sensor")["value"][0]["Sensor"]["name"] == "PT100"
    city.call("POST", "Things", {**THING, "name": "Trzecia", "Datastreams": [{"name": "bez reszty"}]}, status=400)
    assert not city.read("Things", filter="name eq 'Trzecia'")["value"]


@proves("create-update-delete/update-entity")
def patch_changes_what_it_names(city):
    city.call("PATCH", city.thing, {"description": "inny"}, status=200)
    found = city.read(city.thing)
    assert (found["name"], found["description"]) == ("Stacja", "inny")
    reading = first(city, "Observations")["@iot.selfLink"].removeprefix(BASE)
    city.call("PATCH", reading, {"result": 8}, status=200)
    assert city.read(reading)["result"] == 8


@proves("create-update-delete/update-entity-put")
def put_changes_everything(city):
    city.call("PUT", city.thing, {"name": "Nowa", "description": ""}, status=200)
    assert city.read(city.thing)["properties"] == {}


@proves("create-update-delete/update-entity-jsonpatch")
def json_patch_changes_a_part(city):
    steps = [{"op": "test", "path": "/name", "value": "Stacja"}, {"op": "add", "path": "/properties/roof", "value": True}]
    city.call("PATCH", city.thing, steps, kind="application/json-patch+json", status=200)
    assert city.read(city.thing)["properties"] == {"floor": 3, "roof": True}
    steps[0]["value"] = "Inna"
    city.call("PATCH", city.thing, steps, kind="application/json-patch+json", status=400)


@proves("create-update-delete/historical-location-auto-creation", "create-update-delete/historical-location-manual-creation")
def the_past_of_a_thing_is_written_and_may_be_completed(city):
    city.call("POST", f"{city.thing}/Locations", {**LOCATION, "name": "Dworzec"}, status=201)
    assert len(city.read(f"{city.thing}/HistoricalLocations")["value"]) == 2
    place_id = city.read(f"{city.thing}/Locations")["value"][0]["@iot.id"]
    past = {"time": "2020-01-01T00:00:00Z", "Locations": [{"@iot.id": place_id}]}
    made = place(city.call("POST", f"{city.thing}/HistoricalLocations", past))
    assert city.read(f"{made}/Locations")["value"][0]["name"] == "Dworzec"


@proves("batch-request/batch-request")
def a_batch_is_answered_part_by_part(city):
    body = {"result": 3, "Datastream": {"@iot.id": first(city, "Datastreams")["@iot.id"]}}
    found = send(city.client, READ.format(path=city.thing), change_set(change("1", "POST", "Observations", body)))
    read, changed = found.get_payload()
    assert (told(read)[1]["name"], told(changed.get_payload()[0])[0]) == ("Stacja", 201)


@proves("data-array/data-array")
def observations_come_and_go_as_arrays(city):
    stream = first(city, "Datastreams")["@iot.id"]
    array = {"Datastream": {"@iot.id": stream}, "components": ["phenomenonTime", "result", "FeatureOfInterest/id"]}
    feature = first(city, "FeaturesOfInterest")["@iot.id"]
    rows = [["2026-03-02T10:00:00Z", 1, feature], ["2026-03-02T11:00:00Z", 2, feature], ["wrong", 3, feature]]
    made = city.call("POST", "CreateObservations", [{**array, "dataArray@iot.count": 3, "dataArray": rows}], status=201).body
    assert [one == "error" for one in made] == [False, False, True]
    (found,) = city.read("Observations", resultFormat="dataArray", orderby="phenomenonTime", select="result")["value"]
    assert found["dataArray"] == [[7.5], [1], [2]]
    assert (found["components"], found["dataArray@iot.count"]) == (["result"], 3)


@proves("multi-datastream/properties", "multi-datastream/relations", "multi-datastream/constraints")
def arrays_of_results_have_their_types_units_and_properties(city):
    made = place(city.call("POST", f"{city.thing}/MultiDatastreams", WIND))
    found = city.read(made, expand="Thing,Sensor,ObservedProperties,Observations")
    assert set(WIND) <= set(found)
    city.call("POST", f"{made}/Observations", {"result": [1]}, status=400)
    city.call("POST", f"{made}/Observations", {"result": [1.5, 1]}, status=201)
    city.call("POST", f"{city.thing}/MultiDatastreams", {**WIND, "ObservedProperties": [OBSERVED]}, status=400)


@pytest.mark.parametrize("check", dict.fromkeys(PROOFS.values()), ids=lambda one: one.__name__)
def test_the_requirements_hold(check, city):
    check(city)


def test_the_root_names_exactly_what_is_proved(monkeypatch):
    monkeypatch.delenv("MIASTO_MQTT_ENDPOINTS", raising=False)
    named = Client().get("/api/sta/v1.1/").json()["serverSettings"]["conformance"]
    assert named == list(CONFORMANCE)
    assert set(named) == set(PROOFS)


def test_the_root_names_the_door_of_mqtt_where_there_is_one(monkeypatch):
    monkeypatch.setenv("MIASTO_MQTT_ENDPOINTS", "mqtts://mqtt.miasto.example:8883 mqtt://10.0.0.5:1883")
    told = Client().get("/api/sta/v1.1/").json()["serverSettings"]
    assert told["conformance"] == [*CONFORMANCE, *MQTT]
    for requirement in MQTT:
        assert told[requirement] == {"endpoints": ["mqtts://mqtt.miasto.example:8883", "mqtt://10.0.0.5:1883"]}
