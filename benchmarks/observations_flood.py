"""How late a danger to life is told while one client floods everything: page of the crisis staff, partner, MQTT, bell.

    var/venv/bin/python benchmarks/observations.py flood [--rises 30]

Starts PostgreSQL (with fsync), Mosquitto, the web server, the folder with the MQTT door, and the worker, as ``./run`` does.
Rivers rise, by HTTP and by MQTT in turn; of each rise is told how long after its reading was sent the alert
was there, came over the stream of the page of alerts, to a partner's server, to a subscriber, and stood in the bell.

First alone, then while one client floods:

- one program sends arrays of 10,000 readings over eight connections and publishes at QoS 1 as fast as it is answered,
- a meter of that program raises and ends alerts of a common rule without end,
- 300 streams are opened from one address and never read, and a subscriber to all readings never reads,
- two partners' servers take each message and never answer.
"""

import argparse
import http.client
import json
import os
import queue
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.observations_ingest import start_web  # noqa: E402
from tests.broker import running_broker  # noqa: E402
from tests.durable import durable_cluster  # noqa: E402
from tests.running_city import RunningCity  # noqa: E402

WAYS = ("reading acknowledged", "alert in the database", "stream of the page", "partner's server", "MQTT subscriber", "bell")
PATIENCE_S = 30


def now_text() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# The flood, in a process of its own


def flood(port: int, mqtt_port: int, key: str, meters: list[int], flapping: int) -> None:
    """Send as fast as it goes until killed; what is refused is sent again at once."""
    counts: dict[int, int] = {}
    part = {"components": ["phenomenonTime", "result"], "dataArray": [["@now", 1.5]]}
    made = json.dumps([{"Datastream": {"@iot.id": one}, **part} for one in meters]).encode()

    def batches() -> None:
        while True:
            with suppress(OSError, http.client.HTTPException):
                line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                while True:
                    body = made.replace(b"@now", now_text().encode())
                    headers = {"X-API-Key": key, "Content-Type": "application/json"}
                    line.request("POST", "/api/sta/v1.1/CreateObservations", body, headers)
                    answer = line.getresponse()
                    answer.read()
                    counts[answer.status] = counts.get(answer.status, 0) + 1

    for _line in range(8):
        threading.Thread(target=batches, daemon=True).start()
    device = mqtt_client(mqtt_port, key, in_flight=500)
    sent = 0
    said = time.monotonic()
    while True:
        value = 1 if sent % 2 else 1000
        device.publish(f"v1.1/Datastreams({flapping})/Observations", json.dumps({"result": value}), qos=1)
        sent += 1
        if len(device._out_messages) > 2000:
            time.sleep(0.05)
        if time.monotonic() > said + 5:
            said = time.monotonic()
            print(json.dumps({"published": sent, "http": counts}), flush=True)


def mqtt_client(port: int, key: str, in_flight: int = 20):
    import paho.mqtt.client as mqtt

    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.max_inflight_messages_set(in_flight)
    client.username_pw_set("x", key)
    client.connect("127.0.0.1", port, keepalive=30)
    client.loop_start()
    return client


# Those who are to be told


class Partner(BaseHTTPRequestHandler):
    heard: "queue.Queue[tuple[str, float]]" = queue.Queue()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if body["data"]["danger_to_life"] and body["type"] == "city.alert.raised.v1":
            self.heard.put((body["data"]["alert"], time.perf_counter()))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_words) -> None:
        return


def hanging_server() -> socket.socket:
    """Takes connections and never answers."""
    server = socket.create_server(("127.0.0.1", 0), backlog=128)
    kept = []

    def work() -> None:
        while True:
            with suppress(OSError):
                kept.append(server.accept()[0])

    threading.Thread(target=work, daemon=True).start()
    return server


def follow(port: int, cookie: str, heard: "queue.Queue[tuple[str, float]]") -> None:
    """The stream of the page of alerts, taken up again as a browser does."""
    while True:
        with suppress(OSError, http.client.HTTPException):
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            line.request("GET", "/panel/alerty/na-zywo/", headers={"Cookie": cookie})
            answer = line.getresponse()
            assert answer.status == 200, answer.status
            while row := answer.readline():
                if row.startswith(b"data:"):
                    body = json.loads(row[5:])
                    if body.get("state") == "raised":
                        heard.put((body["id"], time.perf_counter()))


def streams_that_nobody_reads(port: int, series: int) -> tuple[list[socket.socket], int]:
    """300 of them; those that were let in, and how many were refused."""
    kept, refused = [], 0
    for _number in range(300):
        one = socket.create_connection(("127.0.0.1", port), timeout=10)
        one.sendall(f"GET /odczyty/na-zywo/?seria={series} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        first = one.recv(16)
        if b" 200" in first:
            kept.append(one)
        else:
            refused += 1
            one.close()
    return kept, refused


def deaf_subscriber(port: int) -> socket.socket:
    """Subscribes to all readings and reads nothing."""
    from miasto.kernel.observations.mqtt import packets

    one = socket.create_connection(("127.0.0.1", port), timeout=10)
    one.sendall(packets.Connect(packets.V4, "deaf", 0).packet().encoded())
    one.recv(64)
    one.sendall(packets.Subscribe(1, (("v1.1/Observations", 0),)).packet(packets.SUBSCRIBE).encoded())
    return one


# The measurement


class City:
    """A prepared city and how to hear of its alerts."""

    def __init__(self, city: RunningCity, mqtt_port: int, hooks: dict[str, str], rivers: int) -> None:
        from django.test import Client

        from benchmarks.observations_ingest import prepare
        from miasto.kernel.accounts.selectors import SYSTEM
        from miasto.kernel.accounts.services import issue_key
        from miasto.kernel.accounts.testing import make_staff, make_unit
        from miasto.kernel.observations.alerts.telling import SECRETS
        from miasto.kernel.observations.models import AlertHook, AlertRule
        from miasto.kernel.observations.services import save_rule
        from miasto.kernel.observations.testing import make_datastream

        self.city, self.mqtt_port = city, mqtt_port
        unit = make_unit(slug="straz")
        staff = make_staff("observations.keeper", unit)
        client = Client()
        client.force_login(staff)
        self.cookie = "; ".join(f"{name}={one.value}" for name, one in client.cookies.items())
        self.meters = prepare(10_000)
        self.rivers = [make_datastream(code="water_level") for _river in range(rivers)]  # each rises once
        self.flapping = make_datastream(code="water_level")
        high = {"kind": "threshold", "code": "water_level", "op": ">", "value": 100}
        life = AlertRule(name="Wysoka woda", condition=high, life=True, severity=3)
        note = AlertRule(name="Licznik", condition=high, severity=2)
        save_rule(rule=life, by=SYSTEM, things=[one.thing for one in self.rivers], told=[unit])
        save_rule(rule=note, by=SYSTEM, things=[self.flapping.thing], told=[])
        for name, url in hooks.items():
            AlertHook.objects.create(name=name, url=url, secret=SECRETS.seal("tajne"), least=1)
        words = {"by": SYSTEM, "per_hour": 100_000}
        _key, self.flood_key = issue_key(name="Powódź", rights=["observations.write"], **words)
        _key, self.device_key = issue_key(name="Wodowskaz", rights=["observations.write"], **words)
        _key, self.partner_key = issue_key(name="Straż", rights=["observations.alerts"], unit=unit, **words)
        self.heard = {way: queue.Queue() for way in WAYS}
        self.heard[WAYS[3]] = Partner.heard

    def listen(self) -> None:
        threading.Thread(target=follow, args=(self.city.port, self.cookie, self.heard[WAYS[2]]), daemon=True).start()
        partner = mqtt_client(self.mqtt_port, self.partner_key)

        def on_message(_client, _data, message) -> None:
            event = json.loads(message.payload)
            if event["type"] == "city.alert.raised.v1":
                self.heard[WAYS[4]].put((event["data"]["alert"], time.perf_counter()))

        partner.on_message = on_message
        partner.subscribe("units/straz/alerts/events/life/#", qos=1)
        threading.Thread(target=self._watch, daemon=True).start()
        self.device = mqtt_client(self.mqtt_port, self.device_key)
        time.sleep(2)

    def _watch(self) -> None:
        """What stands in the database: alerts of the rivers, and lines of the bell about them."""
        import psycopg

        asked = {
            WAYS[1]: "SELECT id FROM observations_alert WHERE thing_id = ANY(%s)",
            WAYS[5]: """SELECT DISTINCT object_id FROM notifications_notice
                        WHERE object_id IN (SELECT id FROM observations_alert WHERE thing_id = ANY(%s))""",
        }
        seen, things = {way: set() for way in asked}, [one.thing_id for one in self.rivers]
        with psycopg.connect(dbname=self.city.name, autocommit=True, **self.city.cluster) as line:
            while True:
                for way, question in asked.items():
                    for (one,) in line.execute(question, [things]):
                        if one not in seen[way]:
                            seen[way].add(one)
                            self.heard[way].put((str(one), time.perf_counter()))
                time.sleep(0.01)

    def send(self, series: int, by_mqtt: bool) -> None:
        body = json.dumps({"phenomenonTime": now_text(), "result": 150, "Datastream": {"@iot.id": series}})
        if by_mqtt:
            self.device.publish("v1.1/Observations", body, qos=1).wait_for_publish(PATIENCE_S)
            return
        headers = {"X-API-Key": self.device_key, "Content-Type": "application/json"}
        line = http.client.HTTPConnection("127.0.0.1", self.city.port, timeout=60)
        line.request("POST", "/api/sta/v1.1/Observations", body, headers)
        answer = line.getresponse()
        assert answer.status == 201, (answer.status, answer.read())

    def rises(self, times: int) -> dict[str, list[float]]:
        """So many rivers rise; how long each way took, PATIENCE_S where it never came."""
        took = {way: [] for way in WAYS}
        for number in range(times):
            river, start = self.rivers.pop(), time.perf_counter()
            self.send(river.pk, by_mqtt=number % 2 == 1)
            took[WAYS[0]].append(time.perf_counter() - start)
            wanted, at = self.heard[WAYS[1]].get(timeout=PATIENCE_S)
            took[WAYS[1]].append(at - start)
            for way in WAYS[2:]:
                took[way].append(self._until(way, wanted, start))
            time.sleep(1)
        return took

    def _until(self, way: str, wanted: str, start: float) -> float:
        with suppress(queue.Empty):
            while True:
                found, at = self.heard[way].get(timeout=max(0.01, PATIENCE_S - (time.perf_counter() - start)))
                if found == wanted:
                    return at - start
        return float(PATIENCE_S)


def told(name: str, took: dict[str, list[float]]) -> None:
    for way, found in took.items():
        row = sorted(found)
        print(f"{name:14}{way:26}{row[len(row) // 2]:8.2f}{row[-1]:8.2f}", flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rises", type=int, default=30)
    options.add_argument("--flood", default="")
    chosen = options.parse_args()
    if chosen.flood:
        return flood(**json.loads(chosen.flood))
    partner = ThreadingHTTPServer(("127.0.0.1", 0), Partner)
    threading.Thread(target=partner.serve_forever, daemon=True).start()
    deaf = [hanging_server(), hanging_server()]
    ports = [partner.server_port, *(one.getsockname()[1] for one in deaf)]
    with (
        tempfile.TemporaryDirectory() as folder,
        durable_cluster(f"bench{os.getpid()}") as cluster,
        running_broker() as broker,
    ):
        outside = {"MIASTO_OUTBOUND_HOSTS": ",".join(f"127.0.0.1:{port}" for port in ports), "MIASTO_RATE_LIMIT_FACTOR": "1"}
        city = RunningCity("flood", cluster.connection, Path(folder), extra={**broker.made.environment, **outside})
        (city.folder / "assets").symlink_to(ROOT / "var" / "assets")  # messages are drawn with them
        cluster.create("flood")
        city.command("migrate", "-v", "0")
        os.environ.update(city.environment, DJANGO_SETTINGS_MODULE="miasto.config.settings")
        import django

        django.setup()
        names = ("Straż", "Milczący", "Drugi milczący")
        hooks = {name: f"http://127.0.0.1:{port}/" for name, port in zip(names, ports, strict=True)}
        found = City(city, broker.made.ports[0], hooks, rivers=2 * chosen.rises + 4)
        try:
            start_web(city)
            city._start("readings", [sys.executable, "-m", "miasto", "readings"])
            city.start_worker()
            measure(found, chosen.rises)
        except BaseException:
            print((city.folder / "worker.log").read_text()[-3000:])
            raise
        finally:
            city.stop()
    return None


def measure(found: City, rises: int) -> None:
    city = found.city
    while "ready" not in (city.folder / "readings.log").read_text():
        time.sleep(0.2)
    found.listen()
    print(f"{os.getloadavg()[0]:.1f} processes were at work before on {os.cpu_count()} cores")
    print(f"{'':40}{'p50 s':>8}{'worst s':>8}")
    told("alone", found.rises(max(4, rises // 3)))
    words = {"port": city.port, "mqtt_port": found.mqtt_port, "key": found.flood_key, "meters": found.meters}
    words["flapping"] = found.flapping.pk
    log = city.folder / "flood.log"
    with log.open("wb") as out:
        flooding = subprocess.Popen([sys.executable, __file__, "--flood", json.dumps(words)], stdout=out)
        try:
            kept, refused = streams_that_nobody_reads(city.port, found.flapping.pk)
            deaf = deaf_subscriber(found.mqtt_port)
            time.sleep(5)
            told("in the flood", found.rises(rises))
            print(f"streams let in {len(kept)}, refused {refused}; the flood: {log.read_text().splitlines()[-1:]}")
            raised = city.sql("SELECT count(*) FROM observations_alert WHERE thing_id = %s", found.flapping.thing_id)
            late = city.sql("SELECT queue_name, count(*) FROM procrastinate_jobs WHERE status = 'todo' GROUP BY 1 ORDER BY 1")
            print(f"common alerts {raised[0][0]}; waiting jobs {late}; waiting readings {waiting(city)}")
        finally:
            flooding.kill()
            flooding.wait()
    deaf.close()


def waiting(city: RunningCity) -> int:
    return city.sql("SELECT count(*) FROM observations_staging")[0][0]


if __name__ == "__main__":
    main()
