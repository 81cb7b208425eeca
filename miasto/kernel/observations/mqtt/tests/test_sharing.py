"""A flood of one sender holds up nobody else, and where all is full dangers to life still find room."""

import json

import pytest

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.observations.models import Datastream
from miasto.kernel.observations.mqtt import taker as takers
from miasto.kernel.observations.mqtt.sharing import Shares
from miasto.kernel.observations.mqtt.taking import Message, urgent
from miasto.kernel.observations.services import Busy, ingest
from miasto.kernel.observations.store.reading import Reading
from miasto.kernel.observations.testing import make_datastream


def test_who_says_little_is_taken_with_the_first_of_a_flood():
    shares = Shares()
    for number in range(10_000):
        shares.put("flood", number, 10)
    shares.put("river", "150 cm", 10)
    assert [item for _who, item, _size in shares.take(2000, 10**6)][:3] == [0, "150 cm", 1]


def test_large_messages_leave_room_for_the_small_of_others():
    shares = Shares()
    for number in range(50):
        shares.put("flood", number, 500_000)
    shares.put("river", "150 cm", 10)
    taken = shares.take(2000, 512 * 1024)
    assert [item for _who, item, _size in taken] == [0, "150 cm", 1]


def test_what_is_put_back_keeps_its_place():
    shares = Shares()
    for number in range(4):
        shares.put("one", number, 1)
    shares.back(shares.take(2, 100))
    assert [item for _who, item, _size in shares.take(9, 100)] == [0, 1, 2, 3]
    assert not shares.wait(0)


def message(series, value):
    return Message(f"v1.1/Datastreams({series})/Observations", json.dumps({"result": value}).encode(), clock.now())


@pytest.fixture
def streams(db, monkeypatch):
    """A plain stream, and one that a rule about a danger to life reads; nothing more fits among what waits."""
    plain, river = make_datastream(source="licznik"), make_datastream(source="rzeka", watched=True)
    Datastream.objects.filter(pk=river.pk).update(life=True)
    monkeypatch.setenv("MIASTO_READINGS_WAITING", "3")
    ingest([Reading(plain.pk, clock.now(), float(number)) for number in range(3)], by=SYSTEM)
    return plain, river


def test_where_nothing_more_is_taken_in_a_danger_to_life_is(streams):
    plain, river = streams
    with pytest.raises(Busy):
        ingest([Reading(plain.pk, clock.now(), 1.0)], by=SYSTEM)
    with pytest.raises(Busy):
        ingest([Reading(plain.pk, clock.now(), 1.0), Reading(river.pk, clock.now(), 150.0)], by=SYSTEM)
    assert ingest([Reading(river.pk, clock.now(), 150.0)], by=SYSTEM).accepted == 1


def test_by_mqtt_too_and_the_rest_waits_unanswered(streams, monkeypatch):
    plain, river = streams
    monkeypatch.setattr(takers, "FULL_S", 0)
    answered = []
    taker = takers.Taker(lambda token, verdict: answered.append((token, verdict.value)))
    for number in range(3):
        taker.put(f"plain {number}", message(plain.pk, 1.0))
    taker.put("life", message(river.pk, 150.0))
    taker._take(taker._some())
    assert answered == [("life", "accepted")]
    assert [token for token, _message in taker._some()] == ["plain 0", "plain 1", "plain 2"]


def test_what_is_urgent_is_known_by_number_and_by_source(streams):
    plain, river = streams
    now = clock.now()
    said = [
        message(plain.pk, 1),
        message(river.pk, 1),
        Message("miasto/rzeka", b"5", now),
        Message("miasto/licznik", b"5", now),
    ]
    assert urgent([*said, Message("unknown", b"5", now), Message("miasto/rzeka", b"[]", now)]) == {1, 2}
