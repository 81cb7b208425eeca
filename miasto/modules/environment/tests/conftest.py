"""Stations of a made-up city."""

from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core.city import city
from miasto.kernel.observations.selectors import Reading, Sensor, Thing
from miasto.kernel.observations.services import import_history, save_datastream, save_thing

HOUR = timedelta(hours=1)


@pytest.fixture
def station(db):
    """Makes a station: ``station("air", "nowa", {"pm10": [...]}, now=...)``; hourly values up to the hour before ``now``."""

    def make(kind, slug, values, *, now, grade="reference", east=0.0, step=HOUR, end=None, **columns):
        lon, lat = city().centre
        properties = columns.pop("properties", {})
        thing = Thing(
            name=f"Stacja {slug}", slug=slug, thing_kind=f"environment.{kind}", properties=columns.pop("about", {}), **columns
        )
        thing.geom = Point(lon + east, lat, srid=4326)
        save_thing(thing, by=SYSTEM)
        sensor = Sensor.objects.create(name="Miernik")
        last = end or now.replace(minute=0, second=0, microsecond=0) - HOUR
        for code, series in values.items():
            stream = save_datastream(
                thing=thing, code=code, sensor=sensor, name=code, by=SYSTEM, grade=grade, period=step, properties=properties
            )
            rows = [Reading(stream.pk, last - step * (len(series) - 1 - at), float(one)) for at, one in enumerate(series)]
            import_history(rows, by=SYSTEM)
        return thing

    return make
