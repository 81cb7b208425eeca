"""The client of FROST against the running platform: every entity made, linked, found, paged, changed and removed by it."""

import hashlib
from datetime import UTC, datetime, timedelta

import frost_sta_client as sta
import pytest
import requests
from frost_sta_client.model.ext.data_array_document import DataArrayDocument
from frost_sta_client.model.ext.data_array_value import DataArrayValue
from frost_sta_client.model.ext.unitofmeasurement import UnitOfMeasurement
from geojson import Point

from miasto.kernel.core.ids import uuid7

SECRET = "miasto_klucz-klienta-frost"
MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)


@pytest.fixture
def service(running_city):
    """The client with a program's key as its password."""
    running_city.sql(
        "INSERT INTO accounts_apikey (id, name, digest, start, rights, per_hour, active, created_at) "
        "VALUES (%s, 'Klient FROST', %s, 'frost', '[\"observations.manage\"]', 100000, true, now())",
        uuid7(),
        hashlib.sha256(SECRET.encode()).hexdigest(),
    )
    yield sta.SensorThingsService(f"{running_city.url}/api/sta/v1.1/", sta.AuthHandler(username="program", password=SECRET))
    running_city.sql("UPDATE accounts_apikey SET active = false WHERE start = 'frost'")


def test_the_client_of_frost_does_its_work_here(service):
    place = sta.Location(
        name="Rynek", description="Na ratuszu", location=Point((20.63, 50.87)), encoding_type="application/geo+json"
    )
    thing = sta.Thing(name="Stacja klienta", description="Zakłada ją klient", properties={"floor": 1}, locations=[place])
    service.create(thing)
    sensor = sta.Sensor(name="PT100", description="Termometr", encoding_type="text/html", metadata="http://example.org/pt100")
    service.create(sensor)
    observed = sta.ObservedProperty(
        name="Temperatura klienta", definition="http://example.org/temperature", description="Temperatura powietrza"
    )
    service.create(observed)
    unit = UnitOfMeasurement(name="stopień", symbol="°C", definition="http://example.org/c")
    stream = sta.Datastream(
        name="Temperatura", description="Co minutę", observation_type=MEASUREMENT, unit_of_measurement=unit, thing=thing,
        sensor=sensor, observed_property=observed,
    )  # fmt: skip
    service.create(stream)
    reads(service, thing, stream, observed)
    observes(service, stream)
    changes(service, thing, stream, sensor)


def reads(service, thing, stream, observed):
    found = service.things().find(thing.id)
    assert (found.name, found.properties) == ("Stacja klienta", {"floor": 1})
    listed = service.things().query().filter("name eq 'Stacja klienta'").expand("Locations,Datastreams/Sensor").count().list()
    assert listed.count >= 1
    newest = max(listed.entities, key=lambda one: one.id)
    assert newest.locations.entities[0].location["coordinates"] == [20.63, 50.87]
    assert newest.datastreams.entities[0].sensor.name == "PT100"
    assert service.datastreams().find(stream.id).unit_of_measurement.symbol == "°C"
    assert [one.name for one in thing.get_locations().query().list().entities] == ["Rynek"]
    within = (
        service.locations().query().filter(f"st_within(location, geography'POINT (20.63 50.87)') and Things/id eq {thing.id}")
    )
    assert len(within.list().entities) == 1
    assert service.observed_properties().find(observed.id).definition == "http://example.org/temperature"


def observes(service, stream):
    single = sta.Observation(phenomenon_time=START.isoformat(), result=20.5, result_quality="dobra", datastream=stream)
    service.create(single)
    found = service.observations().find(single.id)
    assert (found.result, found.result_quality) == (20.5, "dobra")
    value = DataArrayValue()
    value.datastream = stream
    value.components = {value.Property.PHENOMENON_TIME, value.Property.RESULT}
    for step in range(1, 31):
        value.add_observation(sta.Observation(phenomenon_time=(START + timedelta(minutes=step)).isoformat(), result=step))
    document = DataArrayDocument()
    document.add_data_array_value(value)
    assert len(service.observations().create(document)) == 30
    pages = stream.get_observations().query().top(7).orderby("phenomenonTime", "DESC").count().list()
    assert pages.count == 31
    assert [one.result for one in pages] == [*range(30, 0, -1), 20.5]  # over all pages
    few = stream.get_observations().query().filter("result ge 10 and result lt 15").list()
    assert sorted(one.result for one in few.entities) == [10, 11, 12, 13, 14]
    single.result = 21
    service.update(single)
    assert service.observations().find(single.id).result == 21
    service.delete(single)
    with pytest.raises(requests.HTTPError):
        service.observations().find(single.id)


def changes(service, thing, stream, sensor):
    known = service.things().find(thing.id)
    known.name = "Stacja po zmianie"
    service.update(known)
    service.patch(thing, [{"op": "add", "path": "/properties/roof", "value": True}])
    found = service.things().find(thing.id)
    assert (found.name, found.properties["roof"]) == ("Stacja po zmianie", True)
    east = Point((20.62, 50.88))
    moved = sta.Location(
        name="Dworzec", description="Peron", location=east, encoding_type="application/geo+json", things=[thing]
    )
    service.create(moved)
    assert len(thing.get_historical_locations().query().list().entities) == 2
    service.delete(thing)
    with pytest.raises(requests.HTTPError):
        service.datastreams().find(stream.id)
    service.delete(sensor)
    stranger = sta.SensorThingsService(service.url.url)
    with pytest.raises(requests.HTTPError):
        stranger.create(sta.Thing(name="Obca", description="Bez klucza"))
