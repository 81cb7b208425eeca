"""Things and data streams: numbers, places, history, who may see."""

import pytest
from django.contrib.gis.geos import Point

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.observations.models import Datastream, Thing
from miasto.kernel.observations.services import save_thing
from miasto.kernel.places.models import ObjectIndex

pytestmark = pytest.mark.django_db


def test_a_thing_gets_a_number_and_a_place_in_the_index():
    thing = save_thing(Thing(name="Stacja", geom=Point(20.6, 50.9, srid=4326)), by=SYSTEM)
    assert thing.number >= 1
    assert ObjectIndex.objects.get(pk=thing.pk).label == "Stacja"
    assert thing.locations.get().location == {"type": "Point", "coordinates": [20.6, 50.9]}


def test_a_thing_without_a_place_is_not_in_the_index():
    thing = save_thing(Thing(name="Licznik w magazynie"), by=SYSTEM)
    assert thing.number >= 1
    assert not ObjectIndex.objects.filter(pk=thing.pk).exists()


def test_moving_a_thing_appends_its_history():
    thing = save_thing(Thing(name="Wóz", geom=Point(20.6, 50.9, srid=4326)), by=SYSTEM)
    thing.geom = Point(20.7, 50.8, srid=4326)
    save_thing(thing, by=SYSTEM)
    save_thing(thing, by=SYSTEM)
    assert thing.historical_locations.count() == 2
    assert thing.locations.get().location["coordinates"] == [20.7, 50.8]


def test_a_private_thing_is_hidden_from_strangers():
    save_thing(Thing(name="Wodomierz", audience="private"), by=SYSTEM)
    assert not Thing.objects.visible_to(ANONYMOUS).exists()
    assert not Datastream.objects.visible_to(ANONYMOUS).exists()
    assert Thing.objects.visible_to(SYSTEM).exists()
