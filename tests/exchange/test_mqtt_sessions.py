"""The door for a fleet of real devices: sessions that last, wills, TLS, who is refused how; with a real broker behind."""

import datetime
import json
import os
import queue
import socket
import ssl
import threading

import paho.mqtt.client as mqtt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.services import issue_key, switch_key
from miasto.kernel.core import clock
from miasto.kernel.observations.mqtt import door, sessions, tls
from miasto.kernel.observations.mqtt.models import MqttSession
from miasto.kernel.observations.mqtt.publishing import Publisher
from miasto.kernel.observations.services import ingest, save_thing
from miasto.kernel.observations.store import folding
from miasto.kernel.observations.store.reading import Reading
from miasto.kernel.observations.testing import empty_store, make_datastream, make_thing
from tests.broker import running_broker
from tests.running_city import free_port

WAIT_S = 30


def make_certificate(folder, name):
    """A self-signed certificate of localhost; its path and its key's."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now).not_valid_after(now + datetime.timedelta(1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    encoding = serialization.Encoding.PEM
    chain, private = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(encoding))
    plain = serialization.NoEncryption()
    private.write_bytes(key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain))
    return chain, private


@pytest.fixture(scope="module")
def broker():
    with running_broker() as found:
        yield found


@pytest.fixture
def platform(broker, transactional_db, monkeypatch, tmp_path):
    """The door, with TLS beside it, and what publishes."""
    for name, value in broker.made.environment.items():
        monkeypatch.setenv(name, value)
    certificate = tls.Certificate(f"127.0.0.1:{free_port()}", *make_certificate(tmp_path, "first"))
    url = os.environ["MIASTO_MQTT_URL"]
    opened, publisher = door.Door(os.environ["MIASTO_MQTT_DOOR"], url, certificate), Publisher(url)
    opened.start()
    publisher.start()
    yield opened
    folding.forget_hook(publisher.tell)
    publisher.stop()
    opened.stop()
    empty_store()


class Device:
    """A client that keeps its session: MQTT 3.1.1 by its flag, MQTT 5 by its expiry."""

    def __init__(self, port, key, name, version=mqtt.MQTTv311, expiry=3600, clean=False, will=None, trusted=None):
        self.heard, self.ready = queue.Queue(), threading.Event()
        self.granted = queue.Queue()
        five = version == mqtt.MQTTv5
        words = {} if five else {"clean_session": clean}
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=name, protocol=version, **words)
        self.client.username_pw_set("x", key)
        if will:
            self.client.will_set(*will, qos=1)
        if trusted:
            self.client.tls_set(ca_certs=str(trusted))
        self.client.on_connect = self._entered
        self.client.on_message = lambda _c, _u, message: self.heard.put(message)
        self.client.on_subscribe = lambda _c, _u, _mid, reasons, _p: self.granted.put([one.value for one in reasons])
        self.client.on_disconnect = lambda _c, _u, _flags, reason, _p: self.heard.put(reason)
        found = None
        if five:
            found = Properties(PacketTypes.CONNECT)
            found.SessionExpiryInterval = expiry
        words = {"clean_start": clean, "properties": found} if five else {}
        self.client.connect("localhost" if trusted else "127.0.0.1", port, keepalive=30, **words)
        self.client.loop_start()
        assert self.ready.wait(WAIT_S)

    def _entered(self, _client, _user, flags, reason, properties):
        self.present, self.reason, self.told = flags.session_present, reason, properties
        self.ready.set()

    def listen(self, *topics):
        self.client.subscribe([(topic, 1) for topic in topics])
        return self.granted.get(timeout=WAIT_S)

    def next(self):
        return self.heard.get(timeout=WAIT_S)

    def leave(self):
        self.client.disconnect()
        self.client.loop_stop()

    def vanish(self):
        """As when the power goes: the line is cut without a word."""
        self.client.loop_stop()
        self.client._sock.shutdown(socket.SHUT_RDWR)


def make_key(*rights):
    return issue_key(name="Flota", rights=list(rights or ("observations.write",)), by=SYSTEM)


def say(stream, *values):
    """Readings that are stored and told now, as QoS 1 messages."""
    now = clock.now()
    ingest([Reading(stream.pk, now - datetime.timedelta(seconds=30 - place), value) for place, value in enumerate(values)],
           by=SYSTEM, wait=True)  # fmt: skip


@pytest.mark.parametrize("version", [mqtt.MQTTv311, mqtt.MQTTv5])
def test_who_comes_back_hears_what_was_said_meanwhile(platform, version):
    key, plain = make_key("observations.manage")
    shown, hidden = make_datastream(), make_datastream(make_thing(audience="private"))
    topics = [f"v1.1/Datastreams({one.pk})/Observations" for one in (shown, hidden)]
    first = Device(platform.port, plain, "licznik", version)
    assert (first.present, first.listen(*topics)) == (False, [1, 1])
    first.leave()
    sessions.look_after([])
    assert told_of() == {hidden.pk}, "what not everybody may see is told of while the session waits"
    say(shown, 1.0, 2.0)
    say(hidden, 3.0)
    again = Device(platform.port, plain, "licznik", version)
    assert again.present
    values = [json.loads(again.next().payload)["result"] for _ in range(3)]
    assert sorted(values) == [1, 2, 3]
    if version == mqtt.MQTTv5:
        again.leave()
        once = Device(platform.port, plain, "licznik", version, expiry=0, clean=True)
        assert (once.present, MqttSession.objects.count()) == (False, 0)
        once.leave()
    else:
        again.client.unsubscribe(topics[0])
        again.leave()
    switch_key(key_id=key.pk, active=False, by=SYSTEM)
    assert Device(platform.port, plain, "licznik", version).reason.is_failure


def told_of():
    with connection.cursor() as cursor:
        cursor.execute("SELECT series FROM observations_listened WHERE until > now()")
        return {row[0] for row in cursor.fetchall()}


def test_what_a_key_may_no_longer_hear_is_not_delivered_at_its_return(platform):
    _key, plain = make_key("observations.manage")
    hidden = make_datastream(make_thing(audience="private"))
    topic = f"v1.1/Datastreams({hidden.pk})/Observations"
    first = Device(platform.port, plain, "licznik")
    assert first.listen(topic) == [1]
    first.leave()
    say(hidden, 1.0)
    _key.rights = ["observations.write"]
    _key.save()
    again = Device(platform.port, plain, "licznik")
    shown = make_datastream()
    assert (again.present, again.listen(topic, f"v1.1/Datastreams({shown.pk})/Observations")) == (True, [0x80, 1])
    say(shown, 7.0)
    assert json.loads(again.next().payload)["result"] == 7, "nothing of the hidden one came before"
    again.leave()


def test_a_second_connection_of_a_client_ends_the_first_and_a_will_is_a_reading(platform):
    _key, plain = make_key()
    stream = make_datastream(source="czujnik")
    will = ("miasto/czujnik", "-1")
    first = Device(platform.port, plain, "licznik", mqtt.MQTTv5, expiry=0, will=will)
    second = Device(platform.port, plain, "licznik", mqtt.MQTTv5, expiry=0, will=will)
    assert first.next().value == 0x8E
    first.client.loop_stop()
    wait_for(lambda: stored(stream) == [-1.0])
    second.leave()
    third = Device(platform.port, plain, "licznik", will=("miasto/czujnik", "-2"))
    third.vanish()
    wait_for(lambda: stored(stream) == [-1.0, -2.0])


def stored(stream):
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT value FROM observations_staging WHERE series = %s UNION ALL
               SELECT value FROM observations_reading WHERE series = %s ORDER BY 1 DESC""",
            [stream.pk, stream.pk],
        )
        return [row[0] for row in cursor.fetchall()]


def wait_for(holds):
    pause, until = threading.Event(), clock.now() + datetime.timedelta(seconds=WAIT_S)
    while not holds():
        assert clock.now() < until
        pause.wait(0.05)


def test_a_device_connects_by_tls_and_a_renewed_certificate_is_taken(platform, tmp_path):
    _key, plain = make_key()
    port = int(platform.certificate.address.rpartition(":")[2])
    device = Device(port, plain, "licznik", trusted=tmp_path / "chain.pem")
    assert not device.reason.is_failure
    device.leave()
    (tmp_path / "new").mkdir()
    chain, private = make_certificate(tmp_path / "new", "second")
    chain.replace(tmp_path / "chain.pem")
    private.replace(tmp_path / "key.pem")
    platform.certificate.renew()
    with socket.create_connection(("localhost", port)) as plain_socket:
        context = ssl.create_default_context(cafile=str(tmp_path / "chain.pem"))
        with context.wrap_socket(plain_socket, server_hostname="localhost") as line:
            assert (("commonName", "second"),) in line.getpeercert()["subject"]


def test_a_property_is_told_when_it_changes_and_the_members_of_a_set_are(platform):
    stream, other = make_datastream(), make_datastream()
    thing = stream.thing
    root = f"v1.1/Things({thing.number})"
    topics = [f"{root}/description", f"{root}/Datastreams", f"v1.1/Datastreams({stream.pk})/Thing"]
    _key, plain = make_key()
    device = Device(platform.port, plain, "partner")
    assert device.listen(*topics) == [0, 0, 0]
    thing.name = "Nowa nazwa"
    save_thing(thing, by=SYSTEM)
    thing.description = "Na dachu"
    save_thing(thing, by=SYSTEM)
    for one in (other, stream):
        one.name = "Poziom"
        one.save()
    heard = [device.next() for _ in range(4)]
    found = sorted(((topics.index(one.topic), json.loads(one.payload)) for one in heard[:3]), key=lambda one: one[0])
    assert [place for place, _body in found] == [0, 2, 2], "a new name is no new description"
    assert found[0][1] == {"description": "Na dachu"}
    assert (heard[3].topic, json.loads(heard[3].payload)["@iot.id"]) == (topics[1], stream.pk)
    assert device.heard.empty()
    device.leave()


def connect(version, client_id=b"x", flags=2):
    body = b"\0\4MQTT" + bytes([version, flags]) + b"\0\x1e" + (b"\0" if version == 5 else b"")
    body += len(client_id).to_bytes(2) + client_id
    return bytes([0x10, len(body)]) + body


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (connect(6), b"\x20\x02\x00\x01"),  # unacceptable protocol version
        (connect(4, b"", flags=0), b"\x20\x02\x00\x02"),  # identifier rejected: nobody could take this session up
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b""),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b""),  # TLS at the port without
        (b"\x30\x05\x00\x03abc", b""),  # PUBLISH before CONNECT
        (b"\x10\xff\xff\x7f", b""),  # a stranger with two megabytes
    ],
)
def test_who_speaks_something_else_is_refused_at_once(platform, said, answer):
    with socket.create_connection(("127.0.0.1", platform.port), timeout=WAIT_S) as line:
        line.sendall(said)
        assert line.recv(64) == answer
        assert line.recv(64) == b"" if answer else True
