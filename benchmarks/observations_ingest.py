"""How fast readings come in without loss, on a database that writes to the disk and a web server started as ``./run`` does.

    var/venv/bin/python benchmarks/observations.py ingest [--series 625000] [--batch 10000] [--clients 4] [--folders 1]
                                                          [--peers FOLDER]

Starts a PostgreSQL of its own with fsync and migrates it. On as many data streams as readings, a tenth of them watched:

- bare: COPY into a logged table; the same and one upsert into the hot table. No check, no roll-up: what the machine can do.
- Django's ``bulk_create`` of a twelfth of them.
- HTTP: CreateObservations with a key, ``--batch`` things in each request, over ``--clients`` connections, nothing else at work:
  until all are committed; then one folder: until they are visible and rolled up. Then the same again: duplicates.
- burst: the same with the folder at work beside it, while pages are asked for, and rivers rise and fall: seconds from the
  first byte until all are durable, the watched are visible, all are visible and rolled up; the pages' times; how long after it
  was sent a reading has raised or ended an alert.
- peers, where FOLDER holds their programs (``apt-get download influxdb victoria-metrics``, ``dpkg-deb -x``): the same readings
  as lines over HTTP. InfluxDB has written its log when it answers; VictoriaMetrics answers before anything is on the disk.

CPU is that of all processes that took part, clients included.
"""

import argparse
import http.client
import json
import os
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.durable import DurableCluster, durable_cluster  # noqa: E402
from tests.running_city import RunningCity, free_port  # noqa: E402

NAME = "readings"
PAGES = ("/powietrze/", "/woda/", "/pogoda/")
STREAMS = """
INSERT INTO observations_datastream (thing_id, sensor_id, observed_property_id, name, description, unit_name, unit_symbol,
    unit_definition, observation_type, properties, audience, grade, period, watched, life, count, least, most, jump, created_at)
SELECT %(thing)s, %(sensor)s, %(property)s, 'Licznik ' || number, '', 'kilowatogodzina', 'kWh', '', 'measurement', '{}',
    'private', 'indicative', '15 minutes', number %% 10 = 0, false, 0, 0, 1e9, NULL, now()
FROM generate_series(1, %(series)s) AS number RETURNING id"""


def prepare(series: int) -> list[int]:
    """So many data streams of one thing; their numbers."""
    from django.db import connection

    from miasto.kernel.observations.testing import make_datastream

    one = make_datastream()
    with connection.cursor() as cursor:
        cursor.execute(
            STREAMS,
            {"thing": one.thing_id, "sensor": one.sensor_id, "property": one.observed_property_id, "series": series},
        )
        found = [row[0] for row in cursor.fetchall()]
        cursor.execute("ANALYZE observations_datastream")
    return found


def rivers(number: int = 200) -> list[int]:
    """Data streams with a rule about a danger to life; each rises and falls once, for one that comes back is told of once."""
    from miasto.kernel.accounts.selectors import SYSTEM
    from miasto.kernel.observations.models import AlertRule
    from miasto.kernel.observations.services import save_rule
    from miasto.kernel.observations.testing import make_datastream

    streams = [make_datastream(code="water_level") for _number in range(number)]
    condition = {"kind": "threshold", "code": "water_level", "op": ">", "value": 100}
    rule = AlertRule(name="Wysoka woda", condition=condition, life=True)
    save_rule(rule=rule, by=SYSTEM, things=[stream.thing for stream in streams], told=[])
    return [stream.pk for stream in streams]


class Meter:
    """Seconds of wall clock and of CPU of everything that takes part."""

    def __init__(self, cluster: DurableCluster, city: RunningCity, n: int) -> None:
        self.cluster, self.city, self.n = cluster, city, n

    def _cpu(self) -> float:
        roots = [self.cluster.process.pid, *(one.pid for one in self.city.processes.values())]
        return sum(cpu_below(pid) for pid in roots) + time.process_time()

    @contextmanager
    def line(self, name: str, n: int = 0) -> Iterator[Callable[[str], None]]:
        """Print what the block took; it may call what it is given to print how far it is."""
        start, cpu, n = time.perf_counter(), self._cpu(), n or self.n

        def say(what: str) -> None:
            took = time.perf_counter() - start
            print(f"{what:60}{took:8.1f}{self._cpu() - cpu:8.1f}{n / took:14,.0f}", flush=True)

        yield say
        say(name)


def cpu_below(pid: int) -> float:
    """CPU seconds of a process and of those that it started, the ended ones included."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(word) for word in words[11:15]) / os.sysconf("SC_CLK_TCK") + sum(cpu_below(int(one)) for one in children)


def batch_of(series: list[int], at: datetime, value: float):
    """One reading of each series at one instant, as columns."""
    from miasto.kernel.observations.store.batch import Batch, micros

    return Batch.columns(series=series, time=[micros(at)] * len(series), value=[value] * len(series))


def bare(meter: Meter, batch) -> tuple[float, float]:
    """Seconds of COPY into a logged table, and of that and the upsert from there."""
    from django.db import connection, transaction

    from miasto.kernel.observations.store import partitions, staging

    partitions.ahead()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare (LIKE observations_staging INCLUDING ALL)")
        start = time.perf_counter()
        with meter.line("bare COPY and one upsert") as say:
            with transaction.atomic():
                staging.copy_in(cursor, "bare (lane, series, flags, time, value)", batch, 0)
            copied = time.perf_counter() - start
            say("bare COPY")
            cursor.execute(
                """INSERT INTO observations_reading (series, flags, time, value) SELECT series, flags, time, value FROM bare
                   ON CONFLICT (series, time) DO UPDATE SET value = excluded.value"""
            )
            both = time.perf_counter() - start
        cursor.execute("DROP TABLE bare")
        cursor.execute("TRUNCATE observations_reading")
    return copied, both


def bulk_create(meter: Meter, series: list[int], at: datetime, size: int) -> None:
    """A table of the same columns written as models."""
    from django.db import connection, models

    class Row(models.Model):
        series = models.IntegerField()
        flags = models.SmallIntegerField(default=0)
        time = models.DateTimeField()
        value = models.FloatField()

        class Meta:
            app_label = "benchmark"
            constraints = [models.UniqueConstraint(fields=["series", "time"], name="bare_once")]

    with connection.schema_editor() as editor:
        editor.create_model(Row)
    with meter.line("Django's bulk_create", len(series)):
        for start in range(0, len(series), size):
            Row.objects.bulk_create([Row(series=one, time=at, value=1.0) for one in series[start : start + size]])
    with connection.schema_editor() as editor:
        editor.delete_model(Row)


def bodies(series: list[int], at: datetime, value: float, size: int) -> list[bytes]:
    """Requests of so many things each, one reading of each thing."""
    moment = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    parts = [
        {"Datastream": {"@iot.id": one}, "components": ["phenomenonTime", "result"], "dataArray": [[moment, value]]}
        for one in series
    ]
    return [json.dumps(parts[start : start + size]).encode() for start in range(0, len(parts), size)]


def post(port: int, path: str, some: list[bytes], clients: int, headers: dict[str, str], good: tuple[int, ...]) -> None:
    """Send bodies over several connections; each must be taken."""

    def work(mine: list[bytes]) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        for body in mine:
            line.request("POST", path, body, headers)
            answer = line.getresponse()
            found = answer.read()
            assert answer.status in good, (answer.status, found[:300])

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(work, [some[number::clients] for number in range(clients)]))


def start_web(city: RunningCity) -> None:
    """Granian with the options of ``./run`` (launch/city.py)."""
    words = [sys.executable, "-m", "granian", "--interface", "asginl", "--host", "127.0.0.1", "--port", str(city.port)]
    words += ["--workers", str(max(1, min(os.cpu_count() or 1, 4))), "--loop", "uvloop", "--no-ws", "--log-level", "warning"]
    city._start("web", [*words, "miasto.config.asgi:application"])
    city._wait()


def start_folders(city: RunningCity, folders: int) -> None:
    """The folders as processes of their own; returns when they are at work."""
    for number in range(folders):
        words = [sys.executable, "-m", "miasto", "readings", "--no-mqtt", "--part", f"{number + 1}/{folders}"]
        city._start(f"readings{number}", words)
    while not all("ready" in (city.folder / f"readings{number}.log").read_text() for number in range(folders)):
        time.sleep(0.2)


def wait_until_folded(city: RunningCity, which: str = "") -> None:
    while city.sql(f"SELECT 1 FROM observations_staging {which} LIMIT 1"):
        time.sleep(0.05)


class Visitor(threading.Thread):
    """Asks for pages one after another, as a person with a quick finger would."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port, self.enough, self.took = port, threading.Event(), []

    def run(self) -> None:
        while not self.enough.wait(0.2):
            for page in PAGES:
                line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
                start = time.perf_counter()
                line.request("GET", page)
                answer = line.getresponse()
                answer.read()
                self.took.append(time.perf_counter() - start)
                assert answer.status == 200, (page, answer.status)
                line.close()


class Rivers(threading.Thread):
    """One river after another rises and falls, a reading after each alert it raised or ended; how long each took."""

    def __init__(self, city: RunningCity, series: list[int], headers: dict[str, str]) -> None:
        super().__init__(daemon=True)
        self.city, self.series, self.headers = city, series, headers
        self.enough, self.took = threading.Event(), []

    def run(self) -> None:
        for one in self.series:
            for level in (150, 50):
                if self.enough.wait(0.2):
                    return
                self._move(one, level)

    def _move(self, series: int, level: float) -> None:
        moved = "SELECT count(*) + count(*) FILTER (WHERE state = 'cleared') FROM observations_alert"
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        body = {"Datastream": {"@iot.id": series}, "phenomenonTime": now, "result": level}
        start = time.perf_counter()
        post(self.city.port, "/api/sta/v1.1/Observations", [json.dumps(body).encode()], 1, self.headers, (201,))
        while self.city.sql(moved) != [(len(self.took) + 1,)]:
            time.sleep(0.02)
        self.took.append(time.perf_counter() - start)


def burst(meter: Meter, rising: list[int], some: list[bytes], clients: int, headers: dict[str, str]) -> None:
    """Everything at once, beside folders at work."""
    city = meter.city
    visitor, moving = Visitor(city.port), Rivers(city, rising, headers)
    visitor.start()
    moving.start()
    with meter.line("burst: all visible and rolled up") as say:
        post(city.port, "/api/sta/v1.1/CreateObservations", some, clients, headers, (201,))
        say("burst: durable")
        wait_until_folded(city, "WHERE lane = 1")
        say("burst: those of watched series visible")
        wait_until_folded(city)
    for one in (visitor, moving):
        one.enough.set()
        one.join()
    for name, took in (("a page", sorted(visitor.took)), ("an alert after its reading was sent", sorted(moving.took))):
        p95 = took[int(len(took) * 0.95)]
        print(f"burst: {name}: p50 {took[len(took) // 2]:.3f} s, p95 {p95:.3f} s, longest {took[-1]:.3f} s of {len(took)}")


def peer(meter: Meter, command: list[str], port: int, path: str, make: str, series: list[int], at: datetime) -> None:
    """The same readings as lines of InfluxDB's protocol to another program, started for this only."""
    name = Path(command[0]).name
    stamp = int(at.timestamp()) * 10**9
    lines = [f"reading,series={one} value=1.5 {stamp}" for one in series]
    some = ["\n".join(lines[start : start + 10_000]).encode() for start in range(0, len(lines), 10_000)]
    meter.city._start(name, command)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.2)
    if make:
        post(port, make, [b""], 1, {}, (200,))
    with meter.line(f"{name}: answered"):
        post(port, path, some, 4, {}, (200, 204))
    meter.city.kill(name)


def peers(meter: Meter, folder: str, series: list[int], at: datetime) -> None:
    """What of InfluxDB and VictoriaMetrics lies in a folder."""
    data = meter.city.folder / "peers"
    for name in ("influxd", "victoria-metrics"):
        program = shutil.which(name, path=os.pathsep.join([folder, f"{folder}/usr/bin"]))
        port = free_port()
        if program is None:
            print(f"{name}: not there")
        elif name == "influxd":
            data.mkdir()
            config = data / "influxd.conf"
            parts = ["reporting-disabled = true", f'bind-address = "127.0.0.1:{free_port()}"', "[meta]", f'dir = "{data}/meta"']
            parts += ["[data]", f'dir = "{data}/data"', f'wal-dir = "{data}/wal"', "max-series-per-database = 0"]
            parts += ["max-values-per-tag = 0", "[http]", f'bind-address = "127.0.0.1:{port}"', "log-enabled = false"]
            config.write_text("\n".join(parts))
            make = "/query?q=CREATE+DATABASE+readings"
            peer(meter, [program, "-config", str(config)], port, "/write?db=readings", make, series, at)
        else:
            words = [program, f"-storageDataPath={data}/vm", f"-httpListenAddr=127.0.0.1:{port}"]
            peer(meter, words, port, "/write", "", series, at)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--series", type=int, default=625_000)
    options.add_argument("--batch", type=int, default=10_000)
    options.add_argument("--clients", type=int, default=4)
    options.add_argument("--folders", type=int, default=1)
    options.add_argument("--peers", default="")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, durable_cluster(f"bench{os.getpid()}") as cluster:
        city = RunningCity(NAME, cluster.connection, Path(folder))
        (city.folder / "assets").symlink_to(ROOT / "var" / "assets")  # pages are drawn with them
        cluster.create(NAME)
        city.command("migrate", "-v", "0")
        os.environ.update(city.environment, DJANGO_SETTINGS_MODULE="miasto.config.settings")
        import django

        django.setup()
        try:
            measure(Meter(cluster, city, chosen.series), chosen)
        finally:
            city.stop()


def measure(meter: Meter, chosen: argparse.Namespace) -> None:
    from miasto.kernel.accounts.selectors import SYSTEM
    from miasto.kernel.accounts.services import issue_key

    city, n = meter.city, chosen.series
    rising, series = rivers(), prepare(n)  # a rule that is saved marks anew what is watched
    _key, plain = issue_key(name="Pomiar", rights=["observations.write"], per_hour=100_000, by=SYSTEM)
    headers = {"X-API-Key": plain, "Content-Type": "application/json"}
    quarter = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    at = [quarter - timedelta(minutes=15 * back) for back in range(4)]
    print(f"{os.getloadavg()[0]:.1f} processes were at work before on {os.cpu_count()} cores")
    print(f"{n:<60,}{'s':>8}{'CPU s':>8}{'readings/s':>14}")
    _copied, both = bare(meter, batch_of(series, at[3], 1.0))
    bulk_create(meter, series[: max(1, n // 12)], at[3], chosen.batch)
    start_web(city)
    for name in ("HTTP", "the same again (duplicates)"):
        some = bodies(series, at[2], 1.5, chosen.batch)
        start = time.perf_counter()
        with meter.line(f"{name}: durable"):
            post(city.port, "/api/sta/v1.1/CreateObservations", some, chosen.clients, headers, (201,))
        durable = time.perf_counter() - start
        if name == "HTTP":
            print(f"share of the bare COPY and upsert: {both / durable:.0%}")
        with meter.line(f"{name}: visible and rolled up after that"):
            fold(city)
    start_folders(city, chosen.folders)
    burst(meter, rising, bodies(series, at[0], 2.5, chosen.batch), chosen.clients, headers)
    meters = "SELECT count(*) FROM observations_reading WHERE series <> ALL(%s)"
    hours = "SELECT sum(n)::bigint FROM observations_hour WHERE series <> ALL(%s)"
    counted = "SELECT sum(count)::bigint FROM observations_datastream WHERE id <> ALL(%s)"
    found = [city.sql(one, rising)[0][0] for one in (meters, hours, counted)]
    assert found == [2 * n] * 3, found
    print(f"kept {found[0]}, in hours {found[1]}, counted {found[2]}")
    if chosen.peers:
        peers(meter, chosen.peers, series, at[2])


def fold(city: RunningCity) -> None:
    """All that waits, in this process."""
    from miasto.kernel.observations.store import folding, running

    pace = running.Pace()
    while running.turn(range(folding.SHARDS), pace):
        pass


if __name__ == "__main__":
    main()
