"""What messages say, and what becomes of the bad ones."""

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miasto.kernel.core import clock
from miasto.kernel.observations import selectors
from miasto.kernel.observations.models import Quarantined
from miasto.kernel.observations.mqtt.messages import BadMessage, Said, read
from miasto.kernel.observations.mqtt.publishing import messages
from miasto.kernel.observations.mqtt.taking import Message, take
from miasto.kernel.observations.selectors import Reading
from miasto.kernel.observations.store import folding
from miasto.kernel.observations.testing import make_datastream, make_thing

NOW = datetime(2026, 5, 12, 10, 0, tzinfo=UTC)
EARLIER = datetime(2026, 5, 12, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("topic", "payload", "said"),
    [
        ("v1.1/Datastreams(5)/Observations", '{"result": 1.5}', [Said(NOW, 1.5, series=5)]),
        (
            "v1.1/Datastreams(5)/Observations",
            '{"result": 1, "phenomenonTime": "2026-05-12T11:00:00+02:00/2026-05-12T12:00:00+02:00"}',
            [Said(EARLIER, 1.0, series=5)],
        ),
        ("v1.1/Datastreams(5)/Observations", '{"result": "mokro"}', [Said(NOW, None, '"mokro"', series=5)]),
        ("miasto/licznik:7", "21.5", [Said(NOW, 21.5, source="licznik:7")]),
        ("miasto/a/b", '{"value": 2, "time": "2026-05-12T09:00:00Z"}', [Said(EARLIER, 2.0, source="a/b")]),
        ("miasto/a", '[1, {"value": true}]', [Said(NOW, 1.0, source="a"), Said(NOW, 1.0, source="a")]),
    ],
)
def test_a_message_says_readings(topic, payload, said):
    assert read(topic, payload.encode(), NOW) == said


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("v1.1/Things", "{}"),
        ("miasto/", "1"),
        ("miasto/a", "{"),
        ("miasto/a", '{"time": "2026-05-12T09:00:00Z"}'),
        ("miasto/a", '{"value": 1, "time": "wczoraj"}'),
        ("miasto/a", '{"value": 1, "time": "2026-05-12T09:00:00"}'),
        ("miasto/a", '{"value": 1, "time": "2026-13-12T09:00:00Z"}'),
        ("v1.1/Datastreams(5)/Observations", "[1]"),
    ],
)
def test_what_cannot_be_read_is_refused(topic, payload):
    with pytest.raises(BadMessage):
        read(topic, payload.encode(), NOW)


@given(topic=st.sampled_from(["v1.1/Datastreams(5)/Observations", "miasto/a"]), payload=st.binary(max_size=60))
def test_any_bytes_are_readings_or_a_bad_message(topic, payload):
    with suppress(BadMessage):
        read(topic, payload, NOW)


@pytest.mark.django_db
def test_good_messages_are_taken_beside_bad_ones():
    stream = make_datastream(source="licznik:7", most=100)
    with clock.at(NOW):
        counts = take(
            [
                Message("miasto/licznik:7", b"21.5", NOW),
                Message(f"v1.1/Datastreams({stream.pk})/Observations", b'{"result": "x", "phenomenonTime": null}', EARLIER),
                Message("miasto/licznik:7", b'{"value": 500, "time": "2026-05-12T09:30:00Z"}', NOW),
                Message("miasto/nieznany", b"1", NOW),
                Message("v1.1/Datastreams(999999999)/Observations", b'{"result": 1}', NOW),
                Message("miasto/licznik:7", b"\xff", NOW),
            ]
        )
        folding.fold_all()
    assert counts == {"accepted": 1, "quarantined": 2, "bad": 3}
    assert selectors.latest([stream.pk])[stream.pk].value == 21.5
    assert set(Quarantined.objects.values_list("reason", "raw")) == {("number", '"x"'), ("range", "500.0")}


@pytest.mark.django_db
def test_only_what_everybody_may_see_is_published():
    shown, hidden = make_datastream(), make_datastream(thing=make_thing(audience="private"))
    [(topic, payload)] = messages([Reading(shown.pk, NOW, 1.5), Reading(hidden.pk, NOW, 2.5)])
    assert topic == f"v1.1/Datastreams({shown.pk})/Observations"
    assert json.loads(payload)["result"] == 1.5
    assert json.loads(payload)["phenomenonTime"] == "2026-05-12T10:00:00Z"
