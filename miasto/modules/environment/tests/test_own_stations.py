"""A city's own station: made by SensorThings, in the city's own words where the standard has none, it stands on the pages."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.services import issue_key
from miasto.kernel.core import clock
from miasto.kernel.observations.selectors import Datastream, Thing

NOW = datetime(2026, 2, 10, 14, 20, tzinfo=UTC)
STREAM = {
    "name": "PM10",
    "description": "",
    "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
    "unitOfMeasurement": {"name": "microgram per cubic metre", "symbol": "ug/m3", "definition": ""},
    "ObservedProperty": {"@miasto.code": "pm10"},
    "Sensor": {"name": "SDS011", "description": "", "encodingType": "text/html", "metadata": "http://example.org/sds011"},
    "@miasto.source": "szkola-5:pm10",
    "@miasto.period": "PT10M",
    "@miasto.resolution": 0.1,
    "@miasto.least": 0,
    "@miasto.most": 2000,
}
PLACE = {"type": "Point", "coordinates": [20.63, 50.87]}
STATION = {
    "name": "Czujnik przy szkole nr 5",
    "description": "",
    "@miasto.kind": "environment.air",
    "Locations": [{"name": "Szkoła", "description": "", "encodingType": "application/geo+json", "location": PLACE}],
    "Datastreams": [STREAM],
}


@pytest.fixture
def sent(db):
    _key, plain = issue_key(name="Program", rights=["observations.manage", "observations.write"], by=SYSTEM)
    client = Client(headers={"X-API-Key": plain})

    def send(method, path, body, status):
        told = client.generic(method, f"/api/sta/v1.1/{path}", json.dumps(body), content_type="application/json")
        assert told.status_code == status, told.content.decode()

    return send


def test_a_station_made_by_the_api_stands_on_the_pages_of_the_air(sent):
    with clock.at(NOW):
        sent("POST", "Things", STATION, 201)
        thing = Thing.objects.get(slug="czujnik-przy-szkole-nr-5")
        stream = thing.datastreams.get()
        assert (stream.observed_property.code, stream.unit_symbol, stream.grade) == ("pm10", "µg/m³", "indicative")
        assert (stream.source, stream.period, stream.resolution) == ("szkola-5:pm10", timedelta(minutes=10), 0.1)
        at = "2026-02-10T13:30:00Z"
        sent("POST", f"Datastreams({stream.pk})/Observations", {"phenomenonTime": at, "result": 61}, 201)
        sent("POST", f"Datastreams({stream.pk})/Observations", {"phenomenonTime": at, "result": 2001}, 202)
        assert thing.name in Client().get("/powietrze/").content.decode()
        page = Client().get("/stacje/czujnik-przy-szkole-nr-5/").content.decode()
        assert "Indeks: umiarkowany" in page
        assert "To pomiar wskaźnikowy" in page
        sent("PATCH", f"Datastreams({stream.pk})", {"@miasto.grade": "equivalent", "@miasto.jump": 200}, 200)
        assert "To pomiar wskaźnikowy" not in Client().get("/stacje/czujnik-przy-szkole-nr-5/").content.decode()
        sent("POST", "Things", {**STATION, "Datastreams": []}, 201)
        assert Thing.objects.filter(slug__startswith="czujnik-przy-szkole-nr-5").count() == 2


def test_the_definition_of_a_declared_property_means_it(sent):
    given = {"name": "PM10", "description": "", "definition": "http://dd.eionet.europa.eu/vocabulary/aq/pollutant/5"}
    sent("POST", "Things", {**STATION, "Datastreams": [{**STREAM, "ObservedProperty": given}]}, 201)
    assert Datastream.objects.get().observed_property.code == "pm10"


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"unitOfMeasurement": {"name": "", "symbol": "mg/m³", "definition": ""}}, 400),
        ({"ObservedProperty": {"@miasto.code": "pm11"}}, 400),
        ({"@miasto.grade": "najlepszy"}, 400),
        ({"@miasto.period": "godzina"}, 400),
        ({"@miasto.jump": 0}, 400),
        ({"@miasto.most": -1}, 400),
        ({"@miasto.source": "a#b"}, 400),
        ({"@miasto.source": "zajęte"}, 409),
        ({"@miasto.koło": 1}, 400),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_made(wrong, status, sent):
    sent("POST", "Things", {**STATION, "Datastreams": [{**STREAM, "@miasto.source": "zajęte"}]}, 201)
    sent("POST", "Things", {**STATION, "Datastreams": [{**STREAM, **wrong}]}, status)
    assert Thing.objects.count() == 1


def test_a_kind_that_nobody_declared_and_a_taken_address_are_refused(sent):
    sent(
        "POST", "Things", {**STATION, "@miasto.kind": "environment.air", "@miasto.slug": "przy-szkole", "Datastreams": []}, 201
    )
    sent("POST", "Things", {**STATION, "@miasto.slug": "przy-szkole", "Datastreams": []}, 409)
    sent("POST", "Things", {**STATION, "@miasto.kind": "environment.fire", "Datastreams": []}, 400)
