"""A small world of things: a public station, a meter of a person, a thing of a unit; readings put straight into the store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.contrib.gis.geos import Point
from django.db import connection

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.testing import make_person, make_unit
from miasto.kernel.core import clock
from miasto.kernel.observations.models import Datastream, Location, ObservedProperty, Sensor, Thing
from miasto.kernel.observations.services import feature_of, save_thing
from miasto.kernel.observations.sta.serving import serve
from miasto.kernel.observations.sta.values import Asked

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BASE = "http://testserver/api/sta/v1.1/"
HOUR = timedelta(hours=1)
POINT = {"type": "Point", "coordinates": [20.6, 50.9]}
SENSOR = {"name": "PT100", "description": "", "encodingType": "text/html", "metadata": "http://example.org/pt100"}
OBSERVED = {"name": "Temperatura", "description": "", "definition": "http://example.org/temperature"}
STREAM = {
    "name": "Seria",
    "description": "",
    "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
    "unitOfMeasurement": {"name": "stopień", "symbol": "°C", "definition": "http://example.org/c"},
    "Sensor": SENSOR,
    "ObservedProperty": OBSERVED,
}
LOCATION = {"name": "Rynek", "description": "", "encodingType": "application/geo+json", "location": POINT}
THING = {"name": "Stacja", "description": "Na rynku", "Locations": [LOCATION]}


def put_readings(stream, values, *, start=NOON, step=HOUR):
    """Readings in the hot table, with the counters that the store keeps."""
    with connection.cursor() as cursor:
        cursor.execute(
            """CREATE TABLE IF NOT EXISTS observations_reading_of_tests PARTITION OF observations_reading
            FOR VALUES FROM ('2026-03-01 00:00+00') TO ('2026-03-06 00:00+00')"""
        )
        rows = [(stream.pk, start + index * step, float(one)) for index, one in enumerate(values)]
        cursor.executemany("INSERT INTO observations_reading (series, time, value) VALUES (%s, %s, %s)", rows)
        newest = rows[-1]
        cursor.execute(
            "INSERT INTO observations_latest (series, time, value, flags, received) VALUES (%s, %s, %s, 0, now())", newest
        )
    Datastream.objects.filter(pk=stream.pk).update(count=len(rows), first_at=rows[0][1], last_at=newest[1])


def make_stream(thing, name, prop, sensor, **columns):
    """A data stream of a thing."""
    stream = Datastream.objects.create(
        thing=thing, name=name, observed_property=prop, sensor=sensor, unit_name="stopień", unit_symbol="°C", **columns
    )
    feature_of(stream)
    return stream


@pytest.fixture
def world(db):
    """Things, streams and 10 readings in each stream; who owns what."""
    owner, unit = make_person(), make_unit()
    place = Location.objects.create(
        name="Rynek", location={"type": "Point", "coordinates": [20.6, 50.9]}, geom=Point(20.6, 50.9, srid=4326)
    )
    home = Location.objects.create(
        name="Dom", location={"type": "Point", "coordinates": [20.7, 50.8]}, geom=Point(20.7, 50.8, srid=4326)
    )
    station = save_thing(Thing(name="Stacja", properties={"floor": 3, "tags": ["a"]}), by=SYSTEM, locations=[place])
    meter = save_thing(Thing(name="Wodomierz", audience="private", owner=owner, unit=unit), by=SYSTEM, locations=[home])
    inner = save_thing(Thing(name="Magazyn", audience="unit", unit=unit), by=SYSTEM)
    air = ObservedProperty.objects.create(name="Temperatura", definition="http://example.org/temperature")
    water = ObservedProperty.objects.create(name="Woda", definition="http://example.org/water")
    sensor, counter = Sensor.objects.create(name="PT100"), Sensor.objects.create(name="Licznik")
    warm = make_stream(station, "Temperatura na rynku", air, sensor)
    damp = make_stream(station, "Wilgotność na rynku", air, sensor)
    used = make_stream(meter, "Zużycie wody", water, counter)
    stock = make_stream(inner, "Temperatura magazynu", air, sensor)
    for index, stream in enumerate((warm, damp, used, stock)):
        put_readings(stream, [index * 100 + one for one in range(10)])
    return SimpleNamespace(**{name: one for name, one in locals().items() if name not in ("index", "stream", "db")})


@pytest.fixture
def get():
    """``get(viewer, path, **options)``: the document; anything but 200 fails."""

    def read(viewer, path, status=200, **options):
        pairs = tuple((f"${name}", str(text)) for name, text in options.items())
        told = serve(Asked("GET", path, pairs), viewer=viewer, base=BASE)
        assert told.status == status, told.body
        return told.body

    return read


@pytest.fixture
def api(db):
    """``api(method, path, body, by=viewer)``; by the system unless somebody is named."""

    def call(method, path, body=None, *, by=SYSTEM, status=None, kind="application/json"):
        told = serve(Asked(method, path, (), body, kind), viewer=by, base=BASE)
        if status is not None:
            assert told.status == status, told.body
        return told

    return call


def place(told):
    """The path of what was made."""
    assert told.status == 201, told.body
    return told.headers["Location"].removeprefix(BASE)


@pytest.fixture
def made(api):
    """A thing with one data stream, made by deep insert; ``stamp`` is a moment that is still hot."""
    thing = place(api("POST", "Things", {**THING, "Datastreams": [STREAM]}))
    stream = Datastream.objects.get()
    return SimpleNamespace(
        thing=thing, stream=stream, path=f"Datastreams({stream.pk})", stamp=clock.now().replace(microsecond=0)
    )
