"""Web server, folders, broker and database killed, a disk full, while readings come: every acknowledged one is there, once."""

import http.client
import json
import os
import random
import shutil
import sys
import threading
import time
from contextlib import suppress
from datetime import datetime, timedelta

import paho.mqtt.client as mqtt
import psycopg
import pytest

from miasto.kernel.core.migrated import migrated_template
from tests.broker import running_broker
from tests.durable import durable_cluster
from tests.running_city import RunningCity, cluster_of_tests
from tests.small_disk import WHY_NOT, fill, small_disk

KILLS = ("readings1", "database", "broker", "web", "readings2")
PREPARE = """
from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.services import issue_key
from miasto.kernel.observations.testing import make_datastream
_key, plain = issue_key(name="Licznik", rights=["observations.write"], per_hour=100_000, by=SYSTEM)
print(plain, *(make_datastream(source=f"kill:{number}", watched=number == 2).pk for number in range(1, 7)))
"""
EACH = 20  # readings of a request


class Client(threading.Thread):
    """Sends arrays of readings over HTTP to the real web server; what was not acknowledged it sends again.

    ``given`` readings were acknowledged; ``answers`` are the statuses in their order, 0 where there was none; ``later``
    those of refusals that said when to come back.
    """

    def __init__(self, city, key, series, start, enough):
        super().__init__(daemon=True)
        self.city, self.series, self.enough, self.given, self.answers, self.said = city, series, enough, 0, [], ""
        self.later = set()
        self.began = datetime.fromisoformat(start)
        self.headers = {"X-API-Key": key, "Content-Type": "application/json"}

    def body(self, many):
        rows = [
            [(self.began + timedelta(milliseconds=number)).isoformat(), number]
            for number in range(self.given, self.given + many)
        ]
        names = ["phenomenonTime", "result"]
        return json.dumps([{"Datastream": {"@iot.id": self.series}, "components": names, "dataArray": rows}]).encode()

    def send(self, many=EACH):
        """One request; whether it was acknowledged."""
        line = http.client.HTTPConnection("127.0.0.1", self.city.port, timeout=30)
        try:
            line.request("POST", "/api/sta/v1.1/CreateObservations", self.body(many), self.headers)
            answer = line.getresponse()
            self.said = answer.read().decode()
            self.answers.append(answer.status)
            if answer.getheader("Retry-After"):
                self.later.add(answer.status)
        except (OSError, http.client.HTTPException):
            self.answers.append(0)
        finally:
            line.close()
        if self.answers[-1] == 201:
            self.given += many
        return self.answers[-1] == 201

    def run(self):
        while not self.enough.is_set():
            if not self.send():
                time.sleep(0.1)


class Device(threading.Thread):
    """Publishes one reading after another at QoS 1; what the platform did not acknowledge it sends again."""

    def __init__(self, broker, key, start, enough, source="kill:1"):
        super().__init__(daemon=True)
        self.source = source
        self.broker, self.key, self.began, self.enough, self.given = broker, key, start, enough, 0

    def run(self):
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=self.source, protocol=mqtt.MQTTv5)
        client.username_pw_set("device", self.key)
        client.reconnect_delay_set(1, 1)
        client.connect_async("127.0.0.1", self.broker.made.ports[0], keepalive=5, clean_start=False)
        client.loop_start()
        while not self.enough.is_set():
            when = datetime.fromisoformat(self.began) + timedelta(milliseconds=self.given)
            said = json.dumps({"value": self.given, "time": when.isoformat()})
            info = client.publish(f"miasto/{self.source}", said, qos=1)
            try:
                info.wait_for_publish(10)
            except (RuntimeError, ValueError):  # no connection now: sent again, which is harmless
                time.sleep(0.1)
                continue
            self.given += info.is_published()
            time.sleep(0.002)
        client.loop_stop()


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """A city with a durable database, the real web server, two folders and a broker."""
    here, folder = cluster_of_tests(), tmp_path_factory.mktemp("readings")
    (folder / "static").mkdir()
    port = f"&port={here['port']}" if here.get("port") else ""
    url = f"postgresql://{here['user']}@/{migrated_template()}?host={here['host']}{port}"
    with durable_cluster(f"readings{os.getpid()}", disk="700m") as cluster, running_broker() as broker:
        cluster.copy_in(name="readings", url=url)
        city = RunningCity("readings", cluster.connection, folder, extra=broker.made.environment)
        key, *series = city.command("shell", "-v", "0", "-c", PREPARE).split()[-7:]
        city.start_web()
        for part in ("readings1", "readings2"):
            start_readings(city, part)
        yield city, cluster, broker, key, [int(one) for one in series]
        city.stop()


def start_readings(city, part):
    """Two folders divide the series; the first listens to the broker."""
    words = ["--part", f"{part[-1]}/2", *(["--no-mqtt"] if part == "readings2" else [])]
    city._start(part, [sys.executable, "-m", "miasto", "readings", *words])


def strike(city, cluster, broker, target):
    if target.startswith("readings"):
        city.kill(target)
        start_readings(city, target)
    elif target == "web":
        city.kill("web")
        city.start_web()
    else:
        part = {"database": cluster, "broker": broker}[target]
        part.kill()
        part.start()


def wait_for(holds, what, seconds=90):
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, what() if callable(what) else what
        time.sleep(0.1)


def all_there_once(city, wanted):
    """Every acknowledged reading of ``{series: how many}`` is there once, and so say roll-ups and counters."""
    there = "SELECT value::int FROM observations_reading WHERE series = %s ORDER BY 1"

    def missing():
        kept = {series: {row[0] for row in city.sql(there, series)} for series in wanted}
        return {series: found for series, given in wanted.items() if (found := sorted(set(range(given)) - kept[series]))}

    wait_for(lambda: not missing(), missing)
    wait_for(lambda: city.sql("SELECT count(*) FROM observations_staging") == [(0,)], "not all was folded")
    series = list(wanted)
    where = "WHERE series = ANY(%s) GROUP BY 1 ORDER BY 1"
    kept = city.sql(f"SELECT series, count(*) FROM observations_reading {where}", series)
    rolled = city.sql(f"SELECT series, sum(n)::bigint FROM observations_hour {where}", series)
    days = city.sql(f"SELECT series, sum(n)::bigint FROM observations_day {where}", series)
    counted = city.sql("SELECT id, count FROM observations_datastream WHERE id = ANY(%s) ORDER BY 1", series)
    assert kept == rolled == days == counted


def test_every_acknowledged_reading_is_there_once(city):
    city, cluster, broker, key, (by_mqtt, by_http, *_others) = city
    start = time.strftime("%Y-%m-%dT%H:00:00+00:00", time.gmtime(time.time() - 7200))
    enough, dice = threading.Event(), random.Random(5)
    device, client = Device(broker, key, start, enough), Client(city, key, by_http, start, enough)
    device.start()
    client.start()
    for target in KILLS:
        before = device.given, client.given
        wait_for(lambda: device.given > before[0] + 20 and client.given > before[1] + 2 * EACH, (target, before))  # noqa: B023
        time.sleep(dice.uniform(0, 0.3))
        strike(city, cluster, broker, target)
    before = device.given, client.given
    wait_for(lambda: device.given > before[0] + 20 and client.given > before[1], "there is no answer")
    enough.set()
    device.join()
    client.join()
    all_there_once(city, {by_mqtt: device.given, by_http: client.given})


def test_a_database_that_leaves_while_nothing_comes_ends_nobody_who_listens(city):
    city, cluster, broker, key, (*_others, series) = city
    folders = ("readings1", "readings2")
    wait_for(lambda: all("ready" in (city.folder / f"{one}.log").read_text() for one in folders), "they do not start")
    wait_for(lambda: city.sql("SELECT count(*) FROM observations_staging") == [(0,)], "not all was folded")
    time.sleep(2)  # by now the folders only listen
    strike(city, cluster, broker, "database")
    enough = threading.Event()
    start = time.strftime("%Y-%m-%dT%H:00:00+00:00", time.gmtime(time.time() - 7200))
    device = Device(broker, key, start, enough, "kill:6")
    device.start()
    wait_for(lambda: device.given > 20, "there is no answer")
    enough.set()
    device.join()
    assert [city.processes[one].poll() for one in folders] == [None, None]
    all_there_once(city, {series: device.given})


def test_a_full_disk_is_said_and_loses_nothing(city):
    city, cluster, _broker, key, (_first, _second, series, *_others) = city
    start = time.strftime("%Y-%m-%dT%H:00:00+00:00", time.gmtime(time.time() - 7200))
    client = Client(city, key, series, start, threading.Event())
    wait_for(client.send, lambda: client.said)
    with small_disk(cluster.made.home.parent / f"{cluster.made.home.name}_disk") as disk:
        shutil.chown(disk, cluster.made.user)
        with psycopg.connect(dbname="postgres", autocommit=True, **city.cluster) as connection:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{disk}'")
        city.sql("ALTER TABLE observations_staging SET TABLESPACE small")
        filler = disk / "filler"
        fill(filler)
        for _time in range(200):
            if not client.send(2000):
                break
        assert client.answers[-1] == 507, (client.answers, client.said)
        assert "skończyło się miejsce" in client.said
        filler.unlink()
        wait_for(lambda: client.send(2000), lambda: client.said)
        all_there_once(city, {series: client.given})
        city.sql("ALTER TABLE observations_staging SET TABLESPACE pg_default")
        with psycopg.connect(dbname="postgres", autocommit=True, **city.cluster) as connection:
            connection.execute("DROP TABLESPACE small")


def test_a_full_disk_under_the_whole_database_stops_it_and_everything_goes_on_once_there_is_room(city):
    """The log of PostgreSQL cannot grow: the server stops itself and cannot come up. Web, folders and worker outlive that."""
    city, cluster, broker, key, (*_others, by_mqtt, by_http, _last) = city
    if not cluster.small:
        pytest.skip(WHY_NOT)
    start = time.strftime("%Y-%m-%dT%H:00:00+00:00", time.gmtime(time.time() - 7200))
    enough = threading.Event()
    device, client = Device(broker, key, start, enough, "kill:4"), Client(city, key, by_http, start, enough)
    city.start_worker()
    for one in (device, client):
        one.start()
    wait_for(lambda: device.given > 20 and client.given > EACH, lambda: client.said)
    filler = cluster.made.home / "filler"
    fill(filler, leave=2**20)
    while cluster.process.poll() is None:
        with suppress(psycopg.Error):
            city.sql("SELECT pg_switch_wal()")
        time.sleep(0.2)
    assert "No space left on device" in cluster.log.read_text()
    asked = len(client.answers)
    wait_for(lambda: 503 in client.answers[asked + 2 :], lambda: client.answers[asked:])
    assert set(client.answers) <= {201, 503, 507}, client.said
    assert client.later == set(client.answers) - {201}
    before = device.given, client.given
    filler.unlink()
    cluster.start()
    city.sql(
        """INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, status)
           VALUES ('default', 'core.tidy', 0, '{}', 'todo')"""
    )
    wait_for(lambda: device.given > before[0] + 20 and client.given > before[1] + EACH, lambda: client.said)
    enough.set()
    for one in (device, client):
        one.join()
    all_there_once(city, {by_mqtt: device.given, by_http: client.given})
    tidied = "SELECT status::text FROM procrastinate_jobs WHERE task_name = 'core.tidy' ORDER BY id DESC LIMIT 1"
    wait_for(lambda: city.sql(tidied) == [("succeeded",)], lambda: (city.folder / "worker.log").read_text()[-3000:])
    city.kill("worker")
