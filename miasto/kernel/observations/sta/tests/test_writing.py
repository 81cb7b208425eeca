"""Writes: deep insert, links, what follows of itself, rights, keys and sessions, arrays and batches."""

import json
from base64 import b64encode

import pytest
from django.test import Client

from miasto.kernel.accounts.selectors import SYSTEM, viewer_for_key
from miasto.kernel.accounts.services import issue_key
from miasto.kernel.accounts.testing import make_staff, make_unit, make_viewer
from miasto.kernel.core import changes, clock
from miasto.kernel.observations.models import Datastream, FeatureOfInterest, Quarantined, Thing
from miasto.kernel.observations.selectors import days, latest
from miasto.kernel.observations.sta.tests.conftest import BASE, LOCATION, POINT, SENSOR, STREAM, THING, place
from miasto.kernel.observations.sta.times import text_of

pytestmark = pytest.mark.django_db
ROOT = "/api/sta/v1.1/"


def test_deep_insert_makes_everything_and_each_link(api, get, made):
    found = get(
        SYSTEM, made.thing, expand="Locations,HistoricalLocations/Locations,Datastreams($expand=Sensor,ObservedProperty)"
    )
    assert found["Locations"][0]["location"] == POINT
    assert found["HistoricalLocations"][0]["Locations"][0]["name"] == "Rynek"
    stream = found["Datastreams"][0]
    assert stream["unitOfMeasurement"]["symbol"] == "°C"
    assert (stream["Sensor"]["metadata"], stream["ObservedProperty"]["name"]) == (SENSOR["metadata"], "Temperatura")
    thing = Thing.objects.get()
    assert thing.geom.coords == (20.6, 50.9)
    assert "observations.thing_saved" in [row.action for row in changes.history(thing.pk)]


def test_what_exists_is_linked_and_what_is_missing_refused(api, get, made):
    other = place(api("POST", "Things", {"name": "Druga", "description": ""}))
    sensor = get(SYSTEM, "Sensors")["value"][0]["@iot.id"]
    wanted = {**STREAM, "Thing": {"@iot.id": int(other[7:-1])}, "Sensor": {"id": sensor}}
    stream = place(api("POST", "Datastreams", wanted))
    assert get(SYSTEM, f"{stream}/Thing/name") == {"name": "Druga"}
    assert len(get(SYSTEM, "Sensors")["value"]) == 1
    assert "Thing" in api("POST", "Datastreams", STREAM, status=400).body["message"]
    assert "999" in api("POST", "Datastreams", {**wanted, "Thing": {"@iot.id": 999999}}, status=400).body["message"]


def test_an_observation_is_read_under_the_address_of_the_answer(api, get, made):
    body = {"phenomenonTime": text_of(made.stamp), "result": 21.5, "resultQuality": "dobra", "parameters": {"a": 1}}
    told = api("POST", f"{made.path}/Observations", {**body, "resultTime": text_of(made.stamp)})
    found = get(SYSTEM, place(told))
    assert {name: found[name] for name in body} == body
    assert found["resultTime"] == text_of(made.stamp)
    assert get(SYSTEM, f"{place(told)}/FeatureOfInterest/name") == {"name": "Rynek"}
    assert api("POST", "Observations", {"result": 1, "Datastream": {"@iot.id": made.stream.pk}}).status == 201
    assert get(SYSTEM, f"{made.path}/Observations", count="true")["@iot.count"] == 2


@pytest.mark.parametrize("result", ["pada", {"a": [1]}, True, None, [1, 2]])
def test_results_that_are_no_numbers_stay_what_they_are(api, get, made, result):
    body = {"phenomenonTime": "2015-03-01T00:00:00Z/2015-03-01T01:00:00Z", "result": result}
    first, again = (place(api("POST", f"{made.path}/Observations", body)) for _ in range(2))
    assert first == again
    assert get(SYSTEM, first)["result"] == result
    assert get(SYSTEM, first)["phenomenonTime"] == body["phenomenonTime"]
    other = place(api("POST", f"{made.path}/Observations", {**body, "result": "inny"}))
    assert get(SYSTEM, f"{made.path}/Observations", count="true")["@iot.count"] == 2
    api("PATCH", other, {"result": "zmieniony"}, status=200)
    assert get(SYSTEM, other)["result"] == "zmieniony"
    api("DELETE", other, status=200)
    get(SYSTEM, other, 404)


def test_an_old_number_is_read_before_the_archive_has_it(api, get, made):
    told = api(
        "POST", f"{made.path}/Observations", {"phenomenonTime": "2015-03-01T00:00:00Z", "result": 7, "resultQuality": "x"}
    )
    assert (get(SYSTEM, place(told))["result"], get(SYSTEM, place(told))["resultQuality"]) == (7, "x")
    assert get(SYSTEM, f"{made.path}/Observations")["value"][0]["result"] == 7
    api("DELETE", place(told), status=200)
    get(SYSTEM, place(told), 404)


def test_an_observation_is_corrected_and_taken_away_with_its_roll_ups(api, get, made):
    path = f"{made.path}/Observations"
    first = place(api("POST", path, {"phenomenonTime": text_of(made.stamp), "result": 10}))
    hour = made.stamp.replace(minute=0, second=0)
    place(api("POST", path, {"phenomenonTime": text_of(hour.replace(hour=0)), "result": 4}))
    api("PATCH", first, {"result": 12, "resultQuality": "poprawiony"}, status=200)
    assert get(SYSTEM, first)["result"] == 12
    assert latest([made.stream.pk])[made.stream.pk].value == 12
    api("PATCH", first, {"result": "tekst"}, status=409)
    api("DELETE", first, status=200)
    get(SYSTEM, first, 404)
    made.stream.refresh_from_db()
    assert made.stream.count == 1
    assert latest([made.stream.pk])[made.stream.pk].value == 4
    today = clock.local(hour.replace(hour=0)).date()
    assert [(row.n, row.most) for row in days([made.stream.pk], today, today)] == [(1, 4)]


def test_an_impossible_reading_waits_in_quarantine(api, made):
    Datastream.objects.update(most=50)
    told = api("POST", f"{made.path}/Observations", {"result": 51}, status=202)
    assert "poza zakresem" in told.body["message"]
    assert Quarantined.objects.get().value == 51


def test_moving_a_thing_writes_its_history(api, get, made):
    east = {**LOCATION, "name": "Wschód", "location": {"type": "Point", "coordinates": [20.7, 50.9]}}
    api("PATCH", made.thing, {"Locations": [east]}, status=200)
    place(api("POST", f"{made.thing}/Locations", {**east, "name": "Dalej"}))
    assert len(get(SYSTEM, f"{made.thing}/HistoricalLocations")["value"]) == 3
    assert [one["name"] for one in get(SYSTEM, f"{made.thing}/Locations")["value"]] == ["Dalej"]
    assert Thing.objects.get().geom.coords == (20.7, 50.9)
    here = place(api("POST", "Locations", LOCATION))
    for _again in range(2):  # the second time it stands there already
        api("PATCH", here, {"Things": [{"@iot.id": int(made.thing[7:-1])}]}, status=200)
    assert [one["name"] for one in get(SYSTEM, f"{made.thing}/Locations")["value"]] == ["Rynek"]
    assert len(get(SYSTEM, f"{made.thing}/HistoricalLocations")["value"]) == 4
    assert Thing.objects.get().geom.coords == (20.6, 50.9)


def test_patch_changes_what_it_names_and_put_all(api, get, made):
    api("PATCH", made.thing, {"properties": {"a": 1}}, status=200)
    assert (get(SYSTEM, made.thing)["name"], get(SYSTEM, made.thing)["properties"]) == ("Stacja", {"a": 1})
    operations = [{"op": "add", "path": "/properties/b", "value": [2]}, {"op": "replace", "path": "/name", "value": "Nowa"}]
    api("PATCH", made.thing, operations, kind="application/json-patch+json", status=200)
    assert (get(SYSTEM, made.thing)["name"], get(SYSTEM, made.thing)["properties"]) == ("Nowa", {"a": 1, "b": [2]})
    api("PATCH", made.thing, [{"op": "remove", "path": "/nic"}], kind="application/json-patch+json", status=400)
    api("PUT", made.thing, {"name": "Trzecia", "description": "x"}, status=200)
    assert get(SYSTEM, made.thing)["properties"] == {}
    api("PUT", made.thing, {"description": 5}, status=400)
    api("PATCH", made.path, {"unitOfMeasurement": {"name": "K"}}, status=400)


def test_deleting_takes_what_cannot_be_without_it(api, get, made):
    observation = place(api("POST", f"{made.path}/Observations", {"result": 1}))
    feature = get(SYSTEM, f"{observation}/FeatureOfInterest")["@iot.id"]
    api("DELETE", f"FeaturesOfInterest({feature})", status=409)
    api("DELETE", made.thing, status=200)
    for path in (made.thing, made.path, observation):
        get(SYSTEM, path, 404)
    assert FeatureOfInterest.objects.count() == 1
    api("DELETE", f"FeaturesOfInterest({feature})", status=200)


@pytest.mark.parametrize(
    ("path", "body", "word"),
    [
        ("Things", [], "JSON"),
        ("Things", {}, "name"),
        ("Things", {"name": "a", "description": "", "colour": 1}, "colour"),
        ("Things", {"name": "a" * 201, "description": ""}, "200"),
        ("Things", {"name": "a", "description": "", "properties": "x"}, "properties"),
        ("Locations", {**LOCATION, "location": {"type": "Point", "coordinates": ["a", 1]}}, "GeoJSON"),
        ("Locations", {**LOCATION, "location": {"type": "Polygon", "coordinates": [[0, 0], [1, 1]]}}, "GeoJSON"),
        ("Sensors", {"name": "a", "description": ""}, "encodingType"),
        ("Observations", {"result": 1}, "Datastream"),
        ("Observations", {"Datastream": {"@iot.id": 1}}, "Datastream"),
        ("CreateObservations", {}, "tablica"),
        ("$batch", {}, "requests"),
    ],
)
def test_what_is_wrong_in_a_body_is_said(api, path, body, word):
    assert word in api("POST", path, body, status=400).body["message"]
    assert not Thing.objects.exists()


def test_arrays_of_observations_answer_in_order(api, get, made):
    body = [
        {
            "Datastream": {"@iot.id": made.stream.pk},
            "components": ["phenomenonTime", "result", "resultQuality"],
            "dataArray": [
                [text_of(made.stamp), 5, None],
                ["nie czas", 6, None],
                [text_of(made.stamp.replace(second=30)), "pada", "x"],
                [1],
            ],
        }
    ]
    told = api("POST", "CreateObservations", body, status=201)
    assert [one == "error" for one in told.body] == [False, True, False, True]
    assert get(SYSTEM, told.body[0].removeprefix(BASE))["result"] == 5
    assert get(SYSTEM, told.body[2].removeprefix(BASE))["resultQuality"] == "x"


def test_a_batch_refers_to_its_own_results_and_undoes_a_failed_group(api, get, made):
    requests = [
        {"id": "0", "method": "get", "url": "Things?$select=name"},
        {"id": "1", "atomicityGroup": "g", "method": "post", "url": "Things", "body": {"name": "Z partii", "description": ""}},
        {"id": "2", "atomicityGroup": "g", "method": "post", "url": "$1/Datastreams", "body": STREAM},
        {"id": "3", "atomicityGroup": "h", "method": "post", "url": "Things", "body": {"name": "Cofnięta", "description": ""}},
        {"id": "4", "atomicityGroup": "h", "method": "post", "url": "Things", "body": {}},
        {"id": "5", "method": "post", "url": "Observations", "body": {"result": 1, "Datastream": {"@iot.id": "$2"}}},
        {"id": "6", "method": "post", "url": "$batch", "body": {}},
        {"id": "7", "method": "patch", "url": "Things(0)", "body": {}},
    ]
    found = api("POST", "$batch", {"requests": requests}, status=200).body["responses"]
    assert [(one["id"], one["status"]) for one in found] == [
        *(("0", 200), ("1", 201), ("2", 201), ("3", 424), ("4", 400), ("5", 201), ("6", 400), ("7", 404))
    ]
    assert {one["name"] for one in get(SYSTEM, "Things")["value"]} == {"Stacja", "Z partii"}
    assert get(SYSTEM, found[2]["location"].removeprefix(BASE) + "/Observations", count="true")["@iot.count"] == 1


def test_who_may_write_what(api, made):
    unit, other = make_unit(), make_unit()
    keeper = make_viewer({"observations.keeper": unit})
    api("POST", "Things", THING, by=make_viewer(), status=403)
    api("PATCH", made.thing, {"name": "x"}, by=keeper, status=403)
    api("DELETE", made.path, by=keeper, status=403)
    api("POST", f"{made.path}/Observations", {"result": 1}, by=keeper, status=403)
    own = place(api("POST", "Things", {**THING, "@miasto.audience": "private", "Datastreams": [STREAM]}, by=keeper))
    thing = Thing.objects.get(number=int(own[7:-1]))
    assert (thing.unit, thing.audience) == (unit, "private")
    api("PATCH", own, {"@miasto.unit": other.slug}, by=keeper, status=403)
    api("PATCH", own, {"name": "Moja"}, by=keeper, status=200)
    api("PATCH", own, {"name": "Nie moja"}, by=make_viewer({"observations.keeper": other}), status=404)
    sensor = made.stream.sensor_id
    api("PATCH", f"Sensors({sensor})", {"name": "x"}, by=keeper, status=403)
    api("DELETE", f"Sensors({sensor})", by=keeper, status=403)


def test_a_program_that_only_writes_needs_not_see(api, made):
    unit = make_unit()
    Thing.objects.update(unit=unit, audience="private")
    key, _plain = issue_key(name="Odczyty", rights=["observations.write"], unit=unit, by=SYSTEM)
    program = viewer_for_key(key)
    api("GET", made.path, by=program, status=404)
    told = api("POST", "Observations", {"result": 1, "Datastream": {"@iot.id": made.stream.pk}}, by=program, status=201)
    assert list(told.body) == ["@iot.selfLink"]
    api("POST", "Things", THING, by=program, status=403)
    elsewhere, _plain = issue_key(name="Obcy", rights=["observations.write"], unit=make_unit(), by=SYSTEM)
    body = {"result": 1, "Datastream": {"@iot.id": made.stream.pk}}
    assert api("POST", "Observations", body, by=viewer_for_key(elsewhere)).status in (400, 403)
    old, _plain = issue_key(name="Zgłoszenia", rights=["contact_centre.open311_file"], by=SYSTEM)
    assert not viewer_for_key(old).is_staff


def test_keys_and_sessions_over_http(db):
    body, kind = json.dumps(THING), "application/json"
    assert Client().post(ROOT + "Things", body, content_type=kind).status_code == 401
    assert Client(headers={"X-API-Key": "miasto_zly"}).get(ROOT + "Things").status_code == 401
    _key, plain = issue_key(name="Program", rights=["observations.manage"], by=SYSTEM)
    basic = b64encode(f"program:{plain}".encode()).decode()
    for header in ({"X-API-Key": plain}, {"Authorization": f"Bearer {plain}"}, {"Authorization": f"Basic {basic}"}):
        answer = Client(enforce_csrf_checks=True, headers=header).post(ROOT + "Things", body, content_type=kind)
        assert answer.status_code == 201, answer.content
        assert answer["Cache-Control"] == "private, no-store"
    keeper = make_staff("observations.keeper")
    client = Client(enforce_csrf_checks=True)
    client.force_login(keeper, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(ROOT + "Things", body, content_type=kind).status_code == 403
    client.cookies["csrftoken"] = "a" * 32
    answer = client.post(ROOT + "Things", body, content_type=kind, headers={"X-CSRFToken": "a" * 32})
    assert answer.status_code == 201
    for raw in ("{", '{"name": NaN}', '{"name": "\\u0000"}', '{"name": "\\ud800"}', "[" * 100_000, "[" * 40 + "]" * 40):
        assert Client(headers={"X-API-Key": plain}).post(ROOT + "Things", raw, content_type=kind).status_code == 400
    assert Client(headers={"X-API-Key": plain}).delete(ROOT + "Things").status_code == 405
