"""Folder, writer, broker and database killed while readings come: every acknowledged one is there, once."""

import json
import os
import random
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta

import paho.mqtt.client as mqtt
import pytest

from miasto.kernel.core.migrated import migrated_template
from tests.broker import running_broker
from tests.durable import durable_cluster
from tests.running_city import ROOT, RunningCity, cluster_of_tests

KILLS = ("readings", "database", "broker", "writer", "readings")
PREPARE = """
from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.services import issue_key
from miasto.kernel.observations.testing import make_datastream
_key, plain = issue_key(name="device", rights=["observations.write"], by=SYSTEM)
print(make_datastream(source="kill:1").pk, make_datastream(source="kill:2", watched=True).pk, plain)
"""
# Says the number of a reading after it was acknowledged; ends, or is ended, at any point.
WRITER = """
import sys
from datetime import datetime, timedelta, UTC
from django.db import close_old_connections
from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.observations import services
from miasto.kernel.observations.selectors import Reading
start = datetime.fromisoformat(sys.stdin.readline().strip())
series, number = (int(word) for word in sys.stdin.readline().split())
while True:
    try:
        some = [Reading(series, start + timedelta(milliseconds=number + step), float(number + step)) for step in range(20)]
        services.ingest(some, by=SYSTEM)
    except Exception:
        close_old_connections()
        continue
    print(number, flush=True)
    number += 20
"""


class Writer:
    """A process that ingests as a web process would; ``given`` are the numbers it said were acknowledged."""

    def __init__(self, city, series, start):
        self.city, self.series, self.began, self.given, self.process = city, series, start, [], None
        self.start()

    def start(self):
        command = [sys.executable, "-m", "miasto", "shell", "-v", "0", "-c", WRITER]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.city.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.process.stdin.write(f"{self.began}\n{self.series} {(self.given[-1] + 20) if self.given else 0}\n")
        self.process.stdin.flush()
        self.listener = threading.Thread(target=self._listen, args=(self.process.stdout,), daemon=True)
        self.listener.start()

    def _listen(self, lines):
        for line in lines:
            self.given.append(int(line))

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.listener.join()


class Device(threading.Thread):
    """Publishes one reading after another at QoS 1; what the platform did not acknowledge it sends again."""

    def __init__(self, broker, key, start, enough):
        super().__init__(daemon=True)
        self.broker, self.key, self.began, self.enough, self.given = broker, key, start, enough, 0

    def run(self):
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="device", protocol=mqtt.MQTTv5)
        client.username_pw_set("device", self.key)
        client.reconnect_delay_set(1, 1)
        client.connect_async("127.0.0.1", self.broker.made.ports[0], keepalive=5, clean_start=False)
        client.loop_start()
        while not self.enough.is_set():
            when = datetime.fromisoformat(self.began) + timedelta(milliseconds=self.given)
            said = json.dumps({"value": self.given, "time": when.isoformat()})
            info = client.publish("miasto/kill:1", said, qos=1)
            try:
                info.wait_for_publish(10)
            except (RuntimeError, ValueError):  # no connection now: sent again, which is harmless
                time.sleep(0.1)
                continue
            self.given += info.is_published()
            time.sleep(0.002)
        client.loop_stop()


@pytest.fixture
def city(tmp_path):
    here = cluster_of_tests()
    port = f"&port={here['port']}" if here.get("port") else ""
    url = f"postgresql://{here['user']}@/{migrated_template()}?host={here['host']}{port}"
    with durable_cluster(f"readings{os.getpid()}") as cluster, running_broker() as broker:
        cluster.copy_in(name="readings", url=url)
        city = RunningCity("readings", cluster.connection, tmp_path, extra=broker.made.environment)
        yield city, cluster, broker
        city.stop()


def start_readings(city):
    city._start("readings", [sys.executable, "-m", "miasto", "readings"])


def strike(city, cluster, broker, writer, target):
    if target == "readings":
        city.kill("readings")
        start_readings(city)
    elif target == "writer":
        writer.kill()
        writer.start()
    else:
        part = {"database": cluster, "broker": broker}[target]
        part.kill()
        part.start()


def wait_for(holds, what, seconds=90):
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, what() if callable(what) else what
        time.sleep(0.1)


def test_every_acknowledged_reading_is_there_once(city):
    city, cluster, broker = city
    *series, key = city.command("shell", "-v", "0", "-c", PREPARE).split()[-3:]
    by_mqtt, by_call = (int(word) for word in series)
    start_readings(city)
    start = time.strftime("%Y-%m-%dT%H:00:00+00:00", time.gmtime(time.time() - 7200))
    enough, dice = threading.Event(), random.Random(5)
    device, writer = Device(broker, key, start, enough), Writer(city, by_call, start)
    device.start()
    for target in KILLS:
        before = device.given, len(writer.given)
        wait_for(lambda: device.given > before[0] + 20 and len(writer.given) > before[1] + 2, (target, before))  # noqa: B023
        time.sleep(dice.uniform(0, 0.3))
        strike(city, cluster, broker, writer, target)
    before = device.given
    wait_for(lambda: device.given > before + 20, "the device gets no answer")
    enough.set()
    device.join()
    writer.kill()
    there = "SELECT value::int FROM observations_reading WHERE series = %s ORDER BY 1"
    wanted = {by_mqtt: device.given, by_call: writer.given[-1] + 20}

    def missing():
        kept = {series: {row[0] for row in city.sql(there, series)} for series in wanted}
        return {series: found for series, given in wanted.items() if (found := sorted(set(range(given)) - kept[series]))}

    wait_for(lambda: not missing(), missing)
    wait_for(lambda: city.sql("SELECT count(*) FROM observations_staging") == [(0,)], "not all was folded")
    kept = city.sql("SELECT series, count(*) FROM observations_reading GROUP BY 1 ORDER BY 1")
    rolled = city.sql("SELECT series, sum(n)::bigint FROM observations_hour GROUP BY 1 ORDER BY 1")
    days = city.sql("SELECT series, sum(n)::bigint FROM observations_day GROUP BY 1 ORDER BY 1")
    counted = city.sql("SELECT id, count FROM observations_datastream WHERE id = ANY(%s) ORDER BY 1", [by_mqtt, by_call])
    assert kept == rolled == days == counted
