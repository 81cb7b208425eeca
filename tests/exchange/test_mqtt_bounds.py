"""What one client may cost at the door of MQTT: bytes, time, subscriptions; and who hears what is about a place."""

import json
import os
import socket
import threading
import time

import paho.mqtt.client as mqtt
import pytest

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.services import issue_key
from miasto.kernel.core import clock
from miasto.kernel.observations.models import Datastream, FeatureOfInterest
from miasto.kernel.observations.mqtt import connection, packets, publishing
from miasto.kernel.observations.mqtt import door as doors
from miasto.kernel.observations.mqtt.packets import Connect, Packet, Publish, Splitter, Subscribe
from miasto.kernel.observations.mqtt.publishing import Publisher
from miasto.kernel.observations.store import folding
from miasto.kernel.observations.testing import empty_store, make_datastream, make_thing
from tests.broker import running_broker

WAIT_S = 30
NOTHING = packets.properties({})
PING = Packet(packets.PINGREQ << 4, b"").encoded()


@pytest.fixture(scope="module")
def broker():
    with running_broker() as found:
        yield found


@pytest.fixture
def door(broker, transactional_db, monkeypatch):
    """The door and what publishes, as the process ``readings`` has them, less patient than usual."""
    for name, value in broker.made.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(connection, "SLOW_S", 2)
    monkeypatch.setattr(doors, "RIGHTS_EVERY_S", 0.5)
    monkeypatch.setattr(publishing, "LOOK_EVERY_S", 0.2)
    url = os.environ["MIASTO_MQTT_URL"]
    opened, publisher = doors.Door(os.environ["MIASTO_MQTT_DOOR"], url), Publisher(url)
    opened.start()
    publisher.start()
    yield opened
    folding.forget_hook(publisher.tell)
    publisher.stop()
    opened.stop()
    empty_store()


@pytest.fixture
def key(door):
    return issue_key(name="Liczniki", rights=["observations.write", "observations.manage"], by=SYSTEM)[1]


class Wire:
    """A client byte by byte; of MQTT 5 unless it says otherwise."""

    def __init__(self, door, key="", *, version=packets.V5, enter=True, small=False):
        self.socket = socket.socket()
        if small:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect(("127.0.0.1", door.port))
        self.socket.settimeout(WAIT_S)
        self.splitter, self.whole, self.version = Splitter(2**28), [], version
        if enter:
            password = key.encode() if key else None
            self.socket.sendall(Connect(version, "", 0, "x" if key else None, password).packet().encoded())
            assert self.next().kind == packets.CONNACK

    def send(self, packet):
        self.socket.sendall(packet.encoded())

    def next(self):
        """The next packet; None where the connection was ended."""
        while not self.whole:
            try:
                some = self.socket.recv(65536)
            except ConnectionResetError:
                some = b""
            if not some:
                return None
            self.whole += self.splitter.feed(some)
        return self.whole.pop(0)

    def said(self, topic, payload, qos=1, number=7):
        """Publish, and the reason of the answer."""
        extra = NOTHING if self.version == packets.V5 else b""
        self.send(Publish(topic, payload, qos, number, extra=extra).packet())
        body = self.next().body
        return body[2] if len(body) > 2 else 0

    def listen(self, *filters, qos=0):
        """Subscribe, and the reasons of the answer."""
        extra = NOTHING if self.version == packets.V5 else b""
        self.send(Subscribe(9, tuple((one, qos) for one in filters), extra).packet(packets.SUBSCRIBE))
        answer = self.next()
        assert answer.kind == packets.SUBACK
        return packets.read_reasons(answer, self.version)[1]

    def alive(self):
        self.socket.sendall(PING)
        answer = self.next()
        return answer is not None and answer.kind == packets.PINGRESP

    def ended_with(self):
        """The reason of the server's DISCONNECT, after which nothing comes."""
        last = self.next()
        assert self.next() is None
        return last.body[0]


def until(holds, seconds=WAIT_S):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def header(size):
    """The beginning of a PUBLISH whose body has so many bytes."""
    return bytes([packets.PUBLISH << 4]) + packets.length(size)


def test_a_packet_too_large_too_slow_or_with_too_long_a_topic_costs_only_who_sent_it(door, key, monkeypatch):
    calm = Wire(door, key)
    large, stranger = Wire(door, key), Wire(door)
    large.socket.sendall(header(packets.LARGEST + 1))
    assert large.ended_with() == connection.TOO_LARGE
    stranger.socket.sendall(header(connection.STRANGER_LARGEST + 1))
    assert stranger.ended_with() == connection.TOO_LARGE
    assert calm.said("miasto/nikt", bytes(packets.LARGEST - 100)) == connection.BAD_PAYLOAD

    monkeypatch.setattr(connection, "CONNECT_S", 1)
    half, silent = Wire(door, key), Wire(door, enter=False)
    half.socket.sendall(header(100_000) + bytes(50_000))
    silent.socket.sendall(b"\x10\x40\x00")
    until(lambda: door.bytes == 50_000 + len(header(100_000)) + 3)
    for _time in range(4):  # a byte now and then does not help
        half.socket.sendall(b"\0")
        time.sleep(0.1)
    assert half.ended_with() == connection.SILENT
    assert silent.next() is None
    until(lambda: door.bytes == 0)
    slow = Wire(door, key)
    whole = Publish("miasto/nikt", b"{", 1, 5, extra=NOTHING).packet().encoded()
    slow.socket.sendall(whole[:7])
    time.sleep(0.2)
    slow.socket.sendall(whole[7:])
    assert slow.next().body[2] == connection.BAD_PAYLOAD

    for topic in ("miasto/" + "x" * connection.TOPIC_LONGEST, "v1.1" + "/a" * connection.LEVELS_MOST):
        assert calm.said(topic, b"1") == connection.BAD_TOPIC
    old = Wire(door, key, version=packets.V4)
    assert old.said("miasto/" + "x" * 60_000, b"1") == 0  # older clients are answered, or they would send it for ever
    assert calm.alive()
    assert old.alive()


def test_subscriptions_are_counted_and_a_filter_that_is_held_already_is_never_one_too_many(door, key):
    client = Wire(door, key)
    names = [f"alerts/miejsce{number}" for number in range(connection.FILTERS_MOST)]
    assert client.listen(*names, "alerts/jeszcze") == [0] * len(names) + [connection.TOO_MANY]
    assert client.listen(names[0], "alerts/jeszcze") == [0, connection.TOO_MANY]
    long = ["alerts/" + "x" * connection.TOPIC_LONGEST, "alerts" + "/+" * connection.LEVELS_MOST]
    assert Wire(door).listen(*long, "alerts/#") == [connection.BAD_FILTER] * 2 + [0]
    old = Wire(door, version=packets.V4)
    assert old.listen(*long) == [0x80] * 2
    assert client.alive()


def test_who_does_not_read_is_cut_off_and_others_hear_each_message_at_most_once_and_at_once(door, key):
    deaf, hears = Wire(door, small=True), Wire(door)
    for one in (deaf, hears):
        assert one.listen("v1.1/Observations") == [0]
    heard, over = [], threading.Event()

    def read():
        while (packet := hears.next()) is not None:
            heard.append(packets.read_publish(packet, packets.V5))
            if heard[-1].payload == b"last":
                over.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    there = len(door.clients)
    speaker = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    speaker.username_pw_set(door.broker.username, door.broker.password)
    speaker.connect(door.broker.hostname, door.broker.port)
    speaker.loop_start()
    for number in range(600):
        speaker.publish("out/v1.1/Observations", b"%06d" % number + bytes(32_000))
    speaker.publish("out/v1.1/Observations", b"last", qos=1).wait_for_publish(WAIT_S)
    assert over.wait(WAIT_S)
    until(lambda: len(door.clients) == there - 1)
    numbers = [int(one.payload[:6]) for one in heard[:-1]]
    assert numbers == sorted(set(numbers))
    assert {one.qos for one in heard} == {0}
    assert len(numbers) > 100
    speaker.disconnect()
    speaker.loop_stop()
    hears.socket.shutdown(socket.SHUT_RDWR)
    reader.join(WAIT_S)


def test_observations_of_a_feature_of_interest_are_heard_whatever_stream_they_come_in(door, key):
    shown, hidden, other = make_datastream(), make_datastream(make_thing(audience="private")), make_datastream()
    place = FeatureOfInterest.objects.create(name="Most", description="", encoding_type="application/geo+json", feature={})
    elsewhere = FeatureOfInterest.objects.create(name="Inne", description="", encoding_type="application/geo+json", feature={})
    Datastream.objects.filter(pk__in=[shown.pk, hidden.pk]).update(feature=place)
    device, anybody, keeper = Wire(door, key), Wire(door), Wire(door, key)
    topic = f"v1.1/FeaturesOfInterest({place.pk})/Observations"
    assert anybody.listen(f"v1.1/FeaturesOfInterest({elsewhere.pk})/Observations") == [connection.NOT_AUTHORISED]
    assert (anybody.listen(topic), keeper.listen(f"{topic}?$select=result", topic)) == ([0], [0, 0])

    def say(stream, result, **more):
        body = {"result": result, "phenomenonTime": clock.now().isoformat(), **more}
        assert device.said(f"v1.1/Datastreams({stream.pk})/Observations", json.dumps(body).encode()) == 0
        folding.fold_all()

    def hears(client):
        said = packets.read_publish(client.next(), packets.V5)
        return said.topic, json.loads(said.payload)["result"]

    say(hidden, 1)
    say(shown, 2, FeatureOfInterest={"@iot.id": elsewhere.pk})
    say(other, 3)
    say(shown, 4)
    assert hears(anybody) == (topic, 4)
    assert [hears(keeper) for _each in range(4)] == [
        (f"{topic}?$select=result", 1), (topic, 1), (f"{topic}?$select=result", 4), (topic, 4)
    ]  # fmt: skip
    # another stream begins to speak of this place: it is heard from the next look at rights on
    say(other, 5, FeatureOfInterest={"@iot.id": place.pk})
    [listener] = [one for one in door.clients if one.heard and not one.viewer.api_key]
    until(lambda: len(listener.heard[topic].filters) == 2)
    say(other, 6, FeatureOfInterest={"@iot.id": place.pk})
    assert hears(anybody) == (topic, 6)
