"""How fast readings come in without loss, on a database that writes to the disk.

    var/venv/bin/python benchmarks/observations.py ingest [--series 625000] [--batch 10000] [--folders 1]

Starts a PostgreSQL of its own with fsync and migrates it. Three measurements on as many data streams as readings:

- bare: COPY into a logged table and one upsert into the hot table, no check, no roll-up: what the machine can do.
- batch path: the same readings as objects through ``services.ingest`` in batches (rights, checks, duplicates, COPY, commit)
  and through the folder into hot table, latest values, roll-ups and counters, one after the other in one process.
- burst: one reading of every meter at one quarter-hour, sent in batches, while ``python -m miasto readings`` folds beside it.
  A tenth of the series is watched. Times from the first byte: all durable; the watched visible; all visible and rolled up.
"""

import argparse
import os
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.durable import durable_cluster  # noqa: E402
from tests.running_city import RunningCity  # noqa: E402

NAME = "readings"
STREAMS = """
INSERT INTO observations_datastream (thing_id, sensor_id, observed_property_id, name, description, unit_name, unit_symbol,
    unit_definition, observation_type, properties, audience, grade, period, watched, count, least, most, jump, created_at)
SELECT %(thing)s, %(sensor)s, %(property)s, 'Licznik ' || number, '', 'kilowatogodzina', 'kWh', '', 'measurement', '{}',
    'public', 'indicative', '15 minutes', number %% 10 = 0, 0, 0, 1e9, NULL, now()
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


def bare(batch) -> float:
    """Seconds of COPY into a logged table and the upsert from there."""
    from django.db import connection, transaction

    from miasto.kernel.observations.store import partitions, staging

    partitions.ahead()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare (LIKE observations_staging INCLUDING ALL)")
        start = time.perf_counter()
        with transaction.atomic():
            staging.copy_in(cursor, "bare (urgent, series, flags, time, value)", batch, False)
        cursor.execute(
            """INSERT INTO observations_reading (series, flags, time, value) SELECT series, flags, time, value FROM bare
               ON CONFLICT (series, time) DO UPDATE SET value = excluded.value"""
        )
        took = time.perf_counter() - start
        cursor.execute("DROP TABLE bare")
        cursor.execute("TRUNCATE observations_reading")
    return took


def batches(readings: list, size: int) -> list[list]:
    return [readings[start : start + size] for start in range(0, len(readings), size)]


def batch_path(readings: list, size: int) -> tuple[float, float]:
    """Seconds until all are durable, and until all are folded after that."""
    from miasto.kernel.accounts.selectors import SYSTEM
    from miasto.kernel.observations import services
    from miasto.kernel.observations.store import folding

    start = time.perf_counter()
    for some in batches(readings, size):
        services.ingest(some, by=SYSTEM)
    durable = time.perf_counter() - start
    folding.fold_all()
    return durable, time.perf_counter() - start - durable


def burst(city: RunningCity, readings: list, size: int, folders: int) -> dict[str, float]:
    """Seconds from the first batch until each milestone, with the folders as processes of their own."""
    from miasto.kernel.accounts.selectors import SYSTEM
    from miasto.kernel.observations import services

    for number in range(folders):
        city._start(
            f"readings{number}", [sys.executable, "-m", "miasto", "readings", "--no-mqtt", "--part", f"{number + 1}/{folders}"]
        )
    while not all("ready" in (city.folder / f"readings{number}.log").read_text() for number in range(folders)):
        time.sleep(0.2)
    start, found = time.perf_counter(), {}
    for some in batches(readings, size):
        services.ingest(some, by=SYSTEM)
    found["durable"] = time.perf_counter() - start
    for name, what in (("watched visible", "WHERE urgent"), ("all visible and rolled up", "")):
        while city.sql(f"SELECT 1 FROM observations_staging {what} LIMIT 1"):
            time.sleep(0.05)
        found[name] = time.perf_counter() - start
    city.stop()
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--series", type=int, default=625_000)
    options.add_argument("--batch", type=int, default=10_000)
    options.add_argument("--folders", type=int, default=1)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, durable_cluster(f"bench{os.getpid()}") as cluster:
        city = RunningCity(NAME, cluster.connection, Path(folder))
        cluster.create(NAME)
        city.command("migrate", "-v", "0")
        os.environ.update(city.environment, DJANGO_SETTINGS_MODULE="miasto.config.settings")
        import django

        django.setup()
        measure(city, chosen)


def measure(city: RunningCity, chosen: argparse.Namespace) -> None:
    from miasto.kernel.observations.selectors import Reading
    from miasto.kernel.observations.store.batch import Batch

    series = prepare(chosen.series)
    quarter = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    at = [quarter - timedelta(minutes=15 * back) for back in range(4)]
    n = len(series)
    took = bare(Batch.of(Reading(one, at[3], 1.0) for one in series))
    print(f"{'':44}{'s':>9}{'readings/s':>14}")
    line("bare COPY and upsert", took, n)
    durable, folded = batch_path([Reading(one, at[2], 1.5) for one in series], chosen.batch)
    line("batch path: durable", durable, n)
    line("batch path: folded after that", folded, n)
    line("batch path: both", durable + folded, n)
    print(f"share of the bare rate: durable {took / durable:.0%}, all of it {took / (durable + folded):.0%}")
    repeated, again = batch_path([Reading(one, at[2], 1.5) for one in series], chosen.batch)
    line("the same again (duplicates): both", repeated + again, n)
    for name, seconds in burst(city, [Reading(one, at[0], 2.5) for one in series], chosen.batch, chosen.folders).items():
        line(f"burst: {name}", seconds, n)
    [(kept, hours, counted)] = city.sql(
        "SELECT (SELECT count(*) FROM observations_reading), (SELECT sum(n) FROM observations_hour), "
        "(SELECT sum(count) FROM observations_datastream)"
    )
    assert kept == hours == counted == 2 * n, (kept, hours, counted)
    print(f"kept {kept}, in hours {hours}, counted {counted}")


def line(name: str, seconds: float, n: int) -> None:
    print(f"{name:44}{seconds:9.1f}{n / seconds:14,.0f}", flush=True)


if __name__ == "__main__":
    main()
