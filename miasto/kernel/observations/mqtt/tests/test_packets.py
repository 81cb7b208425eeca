"""The packets of the door: what is written is read again, however it was cut; any bytes are packets or malformed."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miasto.kernel.observations.mqtt import packets
from miasto.kernel.observations.mqtt.connection import matches, selected
from miasto.kernel.observations.mqtt.packets import (
    PUBLISH,
    SUBSCRIBE,
    UNSUBSCRIBE,
    V3,
    V4,
    V5,
    Connect,
    Malformed,
    Packet,
    Publish,
    Splitter,
    Subscribe,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
TOPIC = TEXT.filter(lambda found: not {"#", "+"} & set(found))
VERSION = st.sampled_from([V4, V5])
CONNECTS = st.builds(
    Connect,
    version=st.sampled_from([V3, V4, V5]),
    client_id=TEXT,
    keepalive=st.integers(0, 65535),
    user=st.none() | TEXT,
    password=st.none() | st.binary(max_size=40),
    clean=st.booleans(),
)
BODIES = st.lists(st.binary(max_size=300), min_size=1, max_size=5)


@given(hello=CONNECTS, expiry=st.integers(0, 2**32 - 1))
def test_who_connects_is_read_as_written(hello, expiry):
    if hello.version == V5:
        hello = Connect(**{**vars(hello), "properties": {packets.SESSION_EXPIRY: expiry.to_bytes(4)}})
    assert packets.read_connect(hello.packet()) == hello


@given(topic=TOPIC, payload=st.binary(max_size=200), qos=st.integers(0, 2), number=st.integers(1, 65535), version=VERSION)
def test_a_message_is_read_as_written(topic, payload, qos, number, version):
    extra = packets.properties({0x01: b"\1", 0x26: packets.text("a") + packets.text("b")}) if version == V5 else b""
    said = Publish(topic, payload, qos, number if qos else 0, retain=True, extra=extra)
    assert packets.read_publish(said.packet(), version) == said


@given(filters=st.lists(st.tuples(TEXT.filter(bool), st.integers(0, 2)), min_size=1, max_size=4), number=st.integers(1, 65535))
def test_a_subscription_is_read_as_written(filters, number):
    asked = Subscribe(number, tuple(filters))
    assert packets.read_subscribe(asked.packet(SUBSCRIBE), V4) == asked
    forgotten = Subscribe(number, tuple((name, 0) for name, _options in filters))
    assert packets.read_subscribe(forgotten.packet(UNSUBSCRIBE), V4) == forgotten


@given(bodies=BODIES, cuts=st.lists(st.integers(1, 40), min_size=1))
def test_packets_are_whole_however_they_were_cut(bodies, cuts):
    wanted = [Packet(PUBLISH << 4, body) for body in bodies]
    stream = b"".join(one.encoded() for one in wanted)
    splitter, found, at, turn = Splitter(), [], 0, 0
    while at < len(stream):
        size = cuts[turn % len(cuts)]
        found += splitter.feed(stream[at : at + size])
        at, turn = at + size, turn + 1
    assert found == wanted


@given(raw=st.binary(max_size=80), version=VERSION)
def test_any_bytes_are_packets_or_malformed(raw, version):
    with suppress(Malformed):
        for packet in Splitter().feed(raw):
            for read in (packets.read_connect, packets.number_of):
                with suppress(Malformed):
                    read(packet)
            for read in (packets.read_publish, packets.read_subscribe, packets.read_reasons):
                with suppress(Malformed):
                    read(packet, version)


@given(size=st.integers(0, packets.LARGEST))
def test_a_length_is_read_as_written(size):
    assert packets._Cursor(packets.length(size)).variable() == size


def test_a_packet_that_is_too_large_is_malformed_before_it_has_come():
    with pytest.raises(Malformed):
        Splitter().feed(bytes([PUBLISH << 4]) + packets.length(packets.LARGEST + 1))


@pytest.mark.parametrize(
    ("wanted", "topic", "belongs"),
    [
        ("a/#", "a/b/c", True),
        ("a/+/c", "a/b/c", True),
        ("a/+", "a/b/c", False),
        ("a/b", "a/b", True),
        ("#", "a", True),
        ("a/b/c", "a/b", False),
    ],
)
def test_a_topic_belongs_to_a_filter(wanted, topic, belongs):
    assert matches(wanted, topic) is belongs


def test_the_chosen_properties_of_an_observation():
    body = b'{"@iot.id": "1-2-0", "result": 1, "phenomenonTime": "x", "Datastream@iot.navigationLink": "y"}'
    assert (
        selected(body, ("result", "id", "Datastream"))
        == b'{"@iot.id": "1-2-0", "result": 1, "Datastream@iot.navigationLink": "y"}'
    )
