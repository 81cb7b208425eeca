"""What messages say, and what becomes of the bad ones."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.gis.geos import Point
from hypothesis import given
from hypothesis import strategies as st

from miasto.kernel.accounts.selectors import SYSTEM, viewer_for_key
from miasto.kernel.accounts.services import issue_key
from miasto.kernel.accounts.testing import make_unit
from miasto.kernel.core import clock
from miasto.kernel.observations import selectors
from miasto.kernel.observations.models import Quarantined
from miasto.kernel.observations.mqtt.messages import BadMessage, Said, read
from miasto.kernel.observations.mqtt.publishing import messages
from miasto.kernel.observations.mqtt.taking import Message, Verdict, take
from miasto.kernel.observations.selectors import Reading
from miasto.kernel.observations.store import flags, folding, told
from miasto.kernel.observations.store.told import Told
from miasto.kernel.observations.testing import make_datastream, make_thing, put

NOW = datetime(2026, 5, 12, 10, 0, tzinfo=UTC)
EARLIER = datetime(2026, 5, 12, 9, 0, tzinfo=UTC)
OBSERVED = "v1.1/Datastreams(5)/Observations"


@pytest.mark.parametrize(
    ("topic", "payload", "said"),
    [
        (OBSERVED, '{"result": 1.5}', [Said({"result": 1.5}, NOW, series=5)]),
        ("v1.0/Observations", '{"result": 1, "Datastream": {"@iot.id": 5}}', [("series", 5)]),
        (OBSERVED, '{"result": 1, "Datastream": {"@iot.id": 6}}', [("series", 6)]),
        ("v1.1/Observations", '{"result": 1}', [("path", "Observations")]),
        (OBSERVED, '{"result": 1, "FeatureOfInterest": {"@iot.id": 6}}', [("path", "Datastreams(5)/Observations")]),
        ("v1.1/Things(1)/Datastreams(5)/Observations", '{"result": 1}', [("path", "Things(1)/Datastreams(5)/Observations")]),
        ("miasto/licznik:7", "21.5", [Said({"result": 21.5, "phenomenonTime": None}, NOW, source="licznik:7")]),
        (
            "miasto/a/b",
            '{"value": "2", "time": "2026-05-12T09:00:00Z"}',
            [Said({"result": 2.0, "phenomenonTime": "2026-05-12T09:00:00Z"}, NOW, source="a/b")],
        ),
        ("miasto/a", '[1, {"value": true}]', [("source", "a"), ("source", "a")]),
        ("miasto/a", '[{"value": 1, "unit": "mg/m3"}, {"value": 1}]', [("unit", "mg/m3"), ("unit", "")]),
    ],
)
def test_a_message_says_observations(topic, payload, said):
    found = read(topic, payload.encode(), NOW)
    assert [
        one if isinstance(want, Said) else (want[0], getattr(one, want[0])) for one, want in zip(found, said, strict=True)
    ] == said


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("v1.1/Things", "{}"),
        ("miasto/", "1"),
        ("miasto/a", "{"),
        ("miasto/a", "NaN"),
        ("miasto/a", '{"time": "2026-05-12T09:00:00Z"}'),
        ("miasto/a", '{"value": 1, "time": "wczoraj"}'),
        ("miasto/a", '{"value": 1, "unit": 7}'),
        ("miasto/a", '{"value": 1, "time": "2026-05-12T09:00:00"}'),
        (OBSERVED, "[1]"),
    ],
)
def test_what_cannot_be_read_is_refused(topic, payload):
    with pytest.raises(BadMessage):
        read(topic, payload.encode(), NOW)


@given(topic=st.sampled_from([OBSERVED, "v1.1/Observations", "miasto/a"]), payload=st.binary(max_size=60))
def test_any_bytes_are_observations_or_a_bad_message(topic, payload):
    with suppress(BadMessage):
        read(topic, payload, NOW)


@pytest.mark.django_db
def test_good_messages_are_taken_beside_bad_ones():
    stream = make_datastream(source="licznik:7", most=100)
    with clock.at(NOW):
        taken = take(
            [
                Message("miasto/licznik:7", b"21.5", NOW),
                Message("miasto/licznik:7", b'[1, {"value": 500, "time": "2026-05-12T09:30:00Z"}]', EARLIER),
                Message("miasto/nieznany", b"1", NOW),
                Message("v1.1/Datastreams(999999999)/Observations", b'{"result": 1}', NOW),
                Message("miasto/licznik:7", b"\xff", NOW),
                Message("miasto/licznik:7", b'{"value": 1, "time": "2026-13-12T09:00:00Z"}', NOW),
                Message("v1.1/Things(999)/Observations", b'{"result": 1}', NOW),
            ]
        )
        folding.fold_all()
    assert taken.verdicts == [Verdict.ACCEPTED, Verdict.QUARANTINED, *[Verdict.BAD] * 5]
    assert taken.counts == {"accepted": 2, "quarantined": 1, "bad": 5}
    assert selectors.latest([stream.pk])[stream.pk].value == 21.5
    assert set(Quarantined.objects.values_list("reason", "raw")) == {("range", "500.0")}


@pytest.mark.django_db
def test_another_unit_is_turned_into_ours_and_one_that_cannot_be_waits_in_quarantine():
    stream = make_datastream(source="pył", unit_symbol="µg/m³")
    with clock.at(NOW):
        said = ({"value": 0.021, "unit": "mg/m3"}, {"value": 7, "unit": "°C"}, {"value": 21.5, "unit": "µg/m³"})
        times = ("08:00", "08:30", "09:00")
        taken = take(
            [
                Message("miasto/pył", json.dumps({**one, "time": f"2026-05-12T{at}:00Z"}).encode(), NOW)
                for one, at in zip(said, times, strict=True)
            ]
        )
        folding.fold_all()
    assert taken.verdicts == [Verdict.ACCEPTED, Verdict.QUARANTINED, Verdict.ACCEPTED]
    assert set(Quarantined.objects.values_list("reason", "raw")) == {("unit", "7 °C")}
    start = datetime(2026, 5, 12, tzinfo=UTC)
    found = selectors.readings([stream.pk], start, start + timedelta(days=1))
    assert [one.value for one in found] == [pytest.approx(21.0), 21.5]


@pytest.mark.django_db
def test_what_the_api_takes_comes_through_the_broker_too(client):
    """A result that is no number, an interval, a quality, parameters, a feature: as they were sent."""
    stream = make_datastream(make_thing(geom=Point(20.6, 50.8, srid=4326)))
    topic = f"v1.1/Datastreams({stream.pk})/Observations"
    rich = {
        "result": 5,
        "phenomenonTime": "2026-05-12T09:00:00Z/2026-05-12T10:00:00Z",
        "resultQuality": {"code": "dobra"},
        "parameters": {"piętro": 2},
        "FeatureOfInterest": {
            "name": "Staw",
            "description": "",
            "encodingType": "application/geo+json",
            "feature": {"type": "Point", "coordinates": [20.6, 50.8]},
        },
    }
    texts = {"result": "mokro", "phenomenonTime": "2026-05-12T09:30:00Z", "Datastream": {"@iot.id": stream.pk}}
    with clock.at(NOW):
        taken = take(
            [Message(topic, json.dumps(rich).encode(), NOW), Message("v1.1/Observations", json.dumps(texts).encode(), NOW)]
        )
        folding.fold_all()
    assert taken.verdicts == [Verdict.ACCEPTED] * 2
    found = client.get(f"/api/sta/v1.1/Datastreams({stream.pk})/Observations?$expand=FeatureOfInterest").json()["value"]
    by_result = {one["result"]: one for one in found}
    assert by_result[5]["phenomenonTime"] == rich["phenomenonTime"]
    assert by_result[5]["resultQuality"] == rich["resultQuality"]
    assert by_result[5]["parameters"] == rich["parameters"]
    assert by_result[5]["FeatureOfInterest"]["name"] == "Staw"
    assert by_result["mokro"]["phenomenonTime"] == texts["phenomenonTime"]
    assert by_result["mokro"]["FeatureOfInterest"]["feature"]["coordinates"] == [20.6, 50.8]


@pytest.mark.django_db
def test_a_device_writes_only_where_its_key_may():
    ours, theirs = make_unit(), make_unit()
    mine = make_datastream(make_thing(unit=ours), source="moja")
    other = make_datastream(make_thing(unit=theirs), source="cudza")
    key, _plain = issue_key(name="Czujniki", rights=["observations.write"], unit=ours, by=SYSTEM)
    reader, _plain = issue_key(name="Zgłoszenia", rights=["contact_centre.open311_file"], by=SYSTEM)
    may, may_not = viewer_for_key(key), viewer_for_key(reader)
    with clock.at(NOW):
        taken = take(
            [
                Message("miasto/moja", b"1", NOW, by=may),
                Message("miasto/cudza", b"1", NOW, by=may),
                Message(f"v1.1/Datastreams({other.pk})/Observations", b'{"result": "tekst"}', NOW, by=may),
                Message(
                    "v1.1/Observations",
                    json.dumps({"result": 1, "Datastream": {"@iot.id": other.pk}, "FeatureOfInterest": None}).encode(),
                    NOW,
                    by=may,
                ),
                Message("miasto/moja", b"2", EARLIER, by=may_not),
            ]
        )
        folding.fold_all()
    assert taken.verdicts == [Verdict.ACCEPTED, *[Verdict.FORBIDDEN] * 4]
    assert {one.series for one in selectors.latest([mine.pk, other.pk]).values()} == {mine.pk}
    assert selectors.latest([mine.pk])[mine.pk].value == 1


@pytest.mark.django_db
def test_what_is_not_for_everybody_is_published_apart():
    shown, hidden = make_datastream(), make_datastream(thing=make_thing(audience="private"))
    found = messages([Told(shown.pk, NOW, 1.5), Told(hidden.pk, NOW, 2.5)], "out/")
    assert [topic for topic, _payload in found] == [
        f"out/v1.1/Datastreams({shown.pk})/Observations",
        "out/v1.1/Observations",
        f"inside/v1.1/Datastreams({hidden.pk})/Observations",
    ]
    said = json.loads(found[0][1])
    assert (said["result"], said["phenomenonTime"]) == (1.5, "2026-05-12T10:00:00Z")


@pytest.mark.django_db
def test_what_another_process_stored_is_told_once_and_whole(monkeypatch):
    """A fold inside a web request, and a result that is no number; nothing where there is no broker."""
    stream = make_datastream()
    put(stream, [Reading(stream.pk, EARLIER - timedelta(hours=1), 1.0)])
    assert told.take() == []
    monkeypatch.setenv("MIASTO_MQTT_OUT", "out/")
    folding.after_fold(told.note, every=True)
    try:
        with clock.at(NOW):
            topic = f"v1.1/Datastreams({stream.pk})/Observations"
            rich = {"result": 5, "phenomenonTime": "2026-05-12T09:00:00Z/2026-05-12T10:00:00Z", "parameters": {"a": 1}}
            take([Message(topic, json.dumps(rich).encode(), NOW), Message(topic, b'{"result": "mokro"}', NOW)])
            take([Message(topic, b'{"result": "mokro"}', NOW)])
            folding.fold_series([stream.pk])
    finally:
        folding.forget_hook(told.note)
    waiting = [one for chunk in told.take() for one in chunk]
    assert [(one.value, one.n) for one in waiting] == [(None, 1), (5.0, 0)]
    assert waiting[1].flags & flags.EXTRA
    said = [json.loads(payload) for _topic, payload in messages(waiting, "out/")[::2]]
    assert [one["result"] for one in said] == ["mokro", 5]
    assert said[1]["phenomenonTime"] == rich["phenomenonTime"]
    assert said[1]["parameters"] == {"a": 1}
    assert told.take() == []
