"""Who sees what, on every way in: sets, keys, paths, expansion, filters, order, counts."""

import pytest
from django.test import Client

from miasto.kernel.accounts.selectors import ANONYMOUS, Viewer
from miasto.kernel.accounts.testing import make_staff, make_unit, make_viewer
from miasto.kernel.observations.models import Sensor
from miasto.kernel.observations.sta.tests.conftest import NOON, make_stream, put_readings
from miasto.kernel.observations.sta.times import observation_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewers(world):
    """Who may look: ``meter`` says whether they see the private meter."""
    return {
        "stranger": ANONYMOUS,
        "resident": make_viewer(),
        "keeper elsewhere": make_viewer({"observations.keeper": make_unit()}),
        "clerk of the unit": make_viewer({"cases.clerk": world.unit}),
        "owner": Viewer(person_id=world.owner.pk),
        "keeper of the unit": make_viewer({"observations.keeper": world.unit}),
        "keeper of the city": make_viewer({"observations.keeper": None}),
    }


SEES_METER = {"owner", "keeper of the unit", "keeper of the city"}
SEES_STORE = {"clerk of the unit", "keeper of the unit", "keeper of the city"}


def test_each_set_holds_what_its_viewer_may_see(world, viewers, get):
    for who, viewer in viewers.items():
        things = {"Stacja"} | ({"Wodomierz"} if who in SEES_METER else set()) | ({"Magazyn"} if who in SEES_STORE else set())
        assert {one["name"] for one in get(viewer, "Things")["value"]} == things, who
        places = {"Rynek"} | ({"Dom"} if who in SEES_METER else set())
        assert {one["name"] for one in get(viewer, "Locations")["value"]} == places, who
        assert {one["name"] for one in get(viewer, "FeaturesOfInterest")["value"]} == places, who
        assert len(get(viewer, "HistoricalLocations")["value"]) == len(places), who
        assert {one["name"] for one in get(viewer, "Sensors")["value"]} == {"PT100"} | (
            {"Licznik"} if who in SEES_METER else set()
        ), who
        assert ("Woda" in {one["name"] for one in get(viewer, "ObservedProperties")["value"]}) == (who in SEES_METER), who
        streams = 2 + (who in SEES_METER) + (who in SEES_STORE)
        found = get(viewer, "Observations", top=1000, count="true")
        assert len(found["value"]) == found["@iot.count"] == streams * 10, who
        assert get(viewer, "Datastreams", count="true", top=0)["@iot.count"] == streams, who


def test_the_meter_is_not_reached_by_any_way(world, viewers, get):
    meter, stream, first = world.meter.number, world.used.pk, observation_id(world.used.pk, NOON, 0)
    past = world.meter.historical_locations.get().pk
    addresses = (
        f"Things({meter})",
        f"Things({meter})/name",
        f"Things({meter})/Datastreams",
        f"Datastreams({stream})",
        f"Datastreams({stream})/Observations",
        f"Datastreams({stream})/Thing/Locations/$ref",
        f"Observations('{first}')",
        f"Observations('{first}')/Datastream",
        f"Locations({world.home.pk})",
        f"HistoricalLocations({past})",
        f"FeaturesOfInterest({world.used.feature_id})/Observations",
        f"Sensors({world.counter.pk})",
        f"ObservedProperties({world.water.pk})/Datastreams",
    )
    for who, viewer in viewers.items():
        for address in addresses:
            get(viewer, address, 200 if who in SEES_METER else 404)


def test_expansion_filter_and_order_do_not_tell_of_the_meter(world, viewers, get):
    """What a viewer sees is linked here to the meter's stream, as when one sensor serves both."""
    world.used.sensor = world.sensor
    world.used.observed_property = world.air
    world.used.save()
    world.home.things.add(world.station)
    world.warm.thing.locations.add(world.place)
    for who, viewer in viewers.items():
        sees = who in SEES_METER
        sensor = get(viewer, f"Sensors({world.sensor.pk})", expand="Datastreams($count=true;$expand=Thing,Observations)")
        names = {one["name"] for one in sensor["Datastreams"]}
        assert ("Zużycie wody" in names) == sees, who
        assert sensor["Datastreams@iot.count"] == len(names), who
        place = get(viewer, f"Locations({world.home.pk})", expand="Things,HistoricalLocations/Thing")
        assert ("Wodomierz" in {one["name"] for one in place["Things"]}) == sees, who
        assert bool(place["HistoricalLocations"]) == sees, who
        for condition in ("Datastreams/name eq 'Zużycie wody'", "Datastreams/Thing/name eq 'Wodomierz'"):
            found = get(viewer, "Sensors", filter=condition, count="true")
            assert (len(found["value"]), found["@iot.count"]) == (int(sees), int(sees)), (who, condition)
        assert bool(get(viewer, "Sensors", filter="Datastreams/Observations/result eq 205")["value"]) == sees, who
        assert bool(get(viewer, "Locations", filter="Things/Datastreams/name eq 'Zużycie wody'")["value"]) == sees, who
        assert get(viewer, "Observations", orderby="Datastream/Thing/name", filter="result eq 205", count="true")[
            "@iot.count"
        ] == int(sees), who


def test_a_place_that_open_and_hidden_streams_share_tells_only_of_the_open(world, get):
    hidden = make_stream(world.station, "Skryta", world.air, world.sensor, audience="private")
    put_readings(hidden, [700 + one for one in range(10)])
    assert hidden.feature_id == world.warm.feature_id
    path = f"FeaturesOfInterest({hidden.feature_id})/Observations"
    for viewer, count in ((ANONYMOUS, 20), (make_viewer({"observations.keeper": None}), 30)):
        assert get(viewer, path, count="true")["@iot.count"] == count
        assert get(viewer, path, count="true", filter="result ge 700")["@iot.count"] == count - 20
        (place,) = get(viewer, "FeaturesOfInterest", expand="Observations($count=true)", filter="name eq 'Rynek'")["value"]
        assert place["Observations@iot.count"] == count
        found = get(viewer, "FeaturesOfInterest", filter="Observations/result ge 700")["value"]
        assert len(found) == (count == 30)
        assert get(viewer, "Sensors", filter="Datastreams/name eq 'Skryta'", count="true")["@iot.count"] == (count == 30)


def test_what_nothing_uses_is_seen_by_those_who_manage(world, viewers, get):
    Sensor.objects.create(name="Nowy")
    for who, viewer in viewers.items():
        seen = "Nowy" in {one["name"] for one in get(viewer, "Sensors")["value"]}
        assert seen == who.startswith("keeper"), who


def test_a_session_sees_what_its_person_may(world):
    client = Client()
    client.force_login(make_staff("observations.keeper", world.unit), backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/api/sta/v1.1/Things")
    assert {one["name"] for one in answer.json()["value"]} == {"Stacja", "Wodomierz", "Magazyn"}
    assert answer["Cache-Control"] == "private, no-store"
    assert Client().get("/api/sta/v1.1/Things")["Cache-Control"].startswith("public")
