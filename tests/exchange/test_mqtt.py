"""The front door of MQTT with a real broker behind it: who may publish, when it is answered, who hears what."""

import json
import os
import queue
import sys
import threading
import time
from datetime import timedelta

import paho.mqtt.client as mqtt
import pytest
from django.db import connection, transaction
from django.test import Client

from miasto.kernel.accounts.models import ApiKey
from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.services import issue_key, switch_key
from miasto.kernel.accounts.testing import give_competence, make_unit
from miasto.kernel.core import clock, marks
from miasto.kernel.core.testing import declared
from miasto.kernel.observations.alerts import lifecycle, publishing, rules, watch
from miasto.kernel.observations.models import Alert, AlertRule
from miasto.kernel.observations.mqtt import door
from miasto.kernel.observations.mqtt.publishing import Publisher
from miasto.kernel.observations.services import import_datastreams, ingest, save_thing
from miasto.kernel.observations.sta.answering import MQTT
from miasto.kernel.observations.store import folding, told
from miasto.kernel.observations.store.reading import Reading
from miasto.kernel.observations.testing import empty_store, make_datastream, make_thing
from miasto.kernel.spec.observations import Property
from miasto.launch import processes
from miasto.modules.environment import demo
from miasto.modules.environment.demo import sites
from tests.broker import running_broker
from tests.running_city import ROOT

WAIT_S = 30
REFUSED = 0x87


@pytest.fixture(scope="module")
def broker():
    with running_broker() as found:
        yield found


@pytest.fixture
def platform(broker, transactional_db, monkeypatch):
    """The door and what publishes, as the process ``readings`` has them."""
    for name, value in broker.made.environment.items():
        monkeypatch.setenv(name, value)
    folding.after_fold(told.note, every=True)
    opened, publisher = (
        door.Door(os.environ["MIASTO_MQTT_DOOR"], os.environ["MIASTO_MQTT_URL"]),
        Publisher(os.environ["MIASTO_MQTT_URL"]),
    )
    opened.start()
    publisher.start()
    folding.forget_hook(publisher.tell)
    folding.after_fold(told.note, every=True)  # this process folds as a web server does, which publishes nothing itself
    yield opened
    folding.forget_hook(told.note)
    publisher.stop()
    opened.stop()
    empty_store()


class Partner:
    """A client of MQTT 5 (or 3.1.1) with everything that it hears."""

    def __init__(self, port, key="", version=mqtt.MQTTv5):
        self.heard, self.answers, self.ready = queue.Queue(), queue.Queue(), threading.Event()
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=version)
        if key:
            self.client.username_pw_set("anything", key)
        self.client.on_connect = lambda _c, _u, _f, reason, _p: (setattr(self, "reason", reason), self.ready.set())
        self.client.on_message = lambda _c, _u, message: self.heard.put(message)
        self.client.on_publish = lambda _c, _u, _mid, reason, _p: self.answers.put(reason.value)
        self.client.on_subscribe = lambda _c, _u, _mid, reasons, _p: self.answers.put([one.value for one in reasons])
        self.client.connect("127.0.0.1", port, keepalive=30)
        self.client.loop_start()
        assert self.ready.wait(WAIT_S)

    def say(self, topic, body, qos=1):
        self.client.publish(topic, json.dumps(body), qos=qos)
        return self.answers.get(timeout=WAIT_S)

    def listen(self, *filters):
        self.client.subscribe([(one, 1) for one in filters])
        return self.answers.get(timeout=WAIT_S)

    def next(self):
        return self.heard.get(timeout=WAIT_S)

    def leave(self):
        self.client.disconnect()
        self.client.loop_stop()


def stored(series):
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM observations_staging WHERE series = %s ORDER BY id", [series])
        return [row[0] for row in cursor.fetchall()]


def test_a_device_publishes_where_its_key_may_and_only_those_hear_who_may_see(platform):
    unit = make_unit()
    private, shown = make_datastream(make_thing(unit=unit, audience="private"), source="licznik"), make_datastream()
    writer, plain = issue_key(name="Liczniki", rights=["observations.write"], unit=unit, by=SYSTEM)
    _key, managing = issue_key(name="Zarząd", rights=["observations.manage"], unit=unit, by=SYSTEM)
    topic, hidden = (f"v1.1/Datastreams({one.pk})/Observations" for one in (shown, private))
    device, anybody, keeper = Partner(platform.port, plain), Partner(platform.port), Partner(platform.port, managing)
    old = Partner(platform.port, plain, mqtt.MQTTv311)
    assert Partner(platform.port, "zly-klucz").reason.is_failure
    told_of = Client().get("/api/sta/v1.1/").json()["serverSettings"]
    assert {tuple(told_of[one]["endpoints"]) for one in MQTT} == {(f"mqtt://127.0.0.1:{platform.port}",)}

    assert device.say("miasto/licznik", 1.5) == 0
    assert stored(private.pk) == [1.5], "the answer comes after the commit"
    assert device.say(topic, {"result": 1}) == REFUSED
    assert anybody.say(topic, {"result": 1}) == REFUSED
    assert device.say("miasto/licznik", {"no": "value"}) == 0x99
    assert old.say("miasto/licznik", 2.5, qos=2) == 0
    assert stored(private.pk) == [1.5, 2.5]
    assert stored(shown.pk) == []

    assert anybody.listen(hidden, topic, f"{topic}?$select=result", "units/x/alerts/#", "$SYS/#") == [
        REFUSED,
        1,
        0,
        REFUSED,
        REFUSED,
    ]
    assert keeper.listen(hidden) == [1]
    at = clock.now() - timedelta(minutes=1)
    ingest([Reading(shown.pk, at, 7.0), Reading(private.pk, at, 8.0)], by=SYSTEM, wait=True)
    said = {one.topic: json.loads(one.payload) for one in (anybody.next(), anybody.next())}
    assert said[topic]["result"] == 7
    assert said[f"{topic}?$select=result"] == {"result": 7}
    heard = keeper.next()
    while json.loads(heard.payload)["result"] != 8:
        heard = keeper.next()
    assert heard.topic == hidden

    thing, secret = (f"v1.1/Things({one.thing.number})" for one in (shown, private))
    assert anybody.listen(thing, secret) == [1, REFUSED]
    assert keeper.listen(secret) == [1]
    for one in (shown.thing, private.thing):
        one.description = "Na dachu"
        save_thing(one, by=SYSTEM)
    for partner, place in ((anybody, thing), (keeper, secret)):
        changed = partner.next()
        while changed.topic != place:  # the readings that were folded with those above
            changed = partner.next()
        assert (changed.topic, json.loads(changed.payload)["description"]) == (place, "Na dachu")

    switch_key(key_id=writer.pk, active=False, by=SYSTEM)
    again = Partner(platform.port, plain)
    assert again.reason.is_failure
    assert [(one.topic, one.payload) for one in anybody.heard.queue] == [], "told once"
    for one in (device, anybody, keeper, old, again):
        one.leave()


LEVEL = Property(key="trial.level", code="trial_level", name="poziom", definition="x", unit="centimetre", symbol="cm")
HIGH = {"kind": "threshold", "code": "trial_level", "op": ">", "value": 200.0, "clear": 180.0}


def test_a_partner_hears_the_alerts_of_its_unit_and_at_once_what_stands(platform):
    fire, other = make_unit(slug="straz"), make_unit(slug="inna")
    _key, plain = issue_key(name="Straż", rights=["observations.alerts"], unit=fire, by=SYSTEM)
    _key, foreign = issue_key(name="Inna", rights=["observations.alerts"], unit=other, by=SYSTEM)
    watch.forget()
    with declared(LEVEL):
        level = make_datastream(make_thing(unit=make_unit()), code="trial_level")
        rules.save_rule(rule=AlertRule(name="Wysoka woda", condition=HIGH, life=True), told=[fire], by=SYSTEM)
        now = clock.now() - timedelta(minutes=10)
        stranger = Partner(platform.port, foreign)
        assert stranger.listen("units/straz/alerts/#", "units/inna/alerts/#", "alerts/#") == [REFUSED, 1, 1]
        ingest([Reading(level.pk, now, 250.0)], by=SYSTEM, wait=True)
        alert = Alert.objects.get()
        publishing.publish(alert_id=str(alert.pk), what="raised")

        late = Partner(platform.port, plain)
        assert late.listen("units/straz/alerts/#") == [1]
        standing = late.next()
        assert standing.topic == f"units/straz/alerts/open/life/{alert.thing.thing_kind or 'thing'}/{alert.pk}"
        event = json.loads(standing.payload)
        assert (event["type"], event["data"]["value"], event["data"]["danger_to_life"]) == ("city.alert.raised.v1", 250.0, True)
        with transaction.atomic():
            lifecycle.clear(alert, at=now + timedelta(minutes=5), value=100.0)
        publishing.publish(alert_id=str(alert.pk), what="cleared")
        told_of = [late.next() for _ in range(2)]
        by_topic = {one.topic.split("/")[3]: one.payload for one in told_of}
        assert json.loads(by_topic["events"])["type"] == "city.alert.cleared.v1"
        assert by_topic["open"] == b"", "nothing stands any more"
        assert stranger.heard.empty(), "the alert is not public"
        stranger.leave()
        late.leave()
    watch.forget()


def test_the_sensors_of_the_demo_send_what_they_measure_through_the_door(platform, tmp_path):
    """The stand-in of the devices as ``run`` starts it; in this test nobody else could have stored a reading."""
    give_competence(make_unit(), sites.COMPETENCE)
    row = next(one for one in sites.rows() if one["kind"] == "noise")
    (stream,) = import_datastreams(code_of=sites.make(row, {}), by=SYSTEM)
    # what was measured before the present minute comes at once
    marks.put(demo.UNTIL, (clock.now() - timedelta(minutes=10)).isoformat())
    held = connection.settings_dict
    port = f"&port={held['PORT']}" if held["PORT"] else ""
    url = f"postgresql://{held['USER']}@/{held['NAME']}?host={held['HOST']}{port}"
    env = {**os.environ, "DATABASE_URL": url, "MIASTO_VAR": str(tmp_path)}
    process = processes.start([sys.executable, "-m", "miasto", "devices"], cwd=ROOT, env=env)
    try:
        until = time.monotonic() + 90
        while len(stored(stream.pk)) < 4:
            assert time.monotonic() < until
            time.sleep(0.1)
    finally:
        process.terminate()
        process.wait(20)
    assert ApiKey.objects.get().rights == ["observations.write"]
    assert (tmp_path / "demo-devices.key").stat().st_mode & 0o777 == 0o600
