"""SensorThings on many readings: the newest 100, a page of the set, $count, one series, through the whole of Django's stack.

    var/venv/bin/python benchmarks/observations.py sta [--millions N] [--series N] [--keep]

Makes a database of its own beside that of ``DATABASE_URL``, fills it by SQL, prints a table, drops it (unless ``--keep``).
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
ROUNDS = 15
FILL = """
INSERT INTO observations_sensor (name, description, encoding_type, metadata, properties)
VALUES ('PT100', '', 'text/html', '""', '{}');
INSERT INTO observations_observedproperty (name, definition, description, properties)
VALUES ('Temperatura', 'http://example.org/t', '', '{}');
INSERT INTO observations_datastream (thing_id, sensor_id, observed_property_id, name, description, unit_name, unit_symbol,
    unit_definition, observation_type, properties, audience, grade, period, watched, life, count, first_at, last_at, created_at)
SELECT thing.id, sensor.id, property.id, 'Seria ' || g, '', '', '', '', '', '{}',
       CASE WHEN g %% 4 = 0 THEN 'private' ELSE 'public' END, 'indicative', interval '0', false, false,
       %(each)s, %(start)s, %(end)s, now()
FROM observations_thing thing, observations_sensor sensor, observations_observedproperty property,
     generate_series(1, %(series)s) g;
INSERT INTO observations_reading (series, time, value)
SELECT stream.id, %(start)s + g * %(step)s, 20 + random() * 10
FROM observations_datastream stream, generate_series(0, %(each)s - 1) g;
INSERT INTO observations_latest (series, flags, time, value, received)
SELECT id, 0, last_at, 20, now() FROM observations_datastream"""
QUESTIONS = {
    "newest 100 of all": "Observations?$orderby=phenomenonTime desc&$top=100",
    "first 100 of all": "Observations?$top=100",
    "count of all": "Observations?$count=true&$top=0",
    "count and 100 of all": "Observations?$count=true&$top=100",
    "newest 100 of a property": "Observations?$filter=Datastream/ObservedProperty/name eq 'Temperatura'"
    "&$orderby=phenomenonTime desc&$top=100&$count=true",
    "newest 100 of one series": "Datastreams({one})/Observations?$orderby=phenomenonTime desc&$top=100&$count=true",
    "one series, 96 readings": "Datastreams({one})/Observations?$filter=phenomenonTime ge {day}&$top=96"
    "&$resultFormat=dataArray",
    "one series, a day": "Datastreams({one})/Observations?$filter=phenomenonTime ge {day}&$top=1000&$resultFormat=dataArray",
    "one series, a day, by result": "Datastreams({one})/Observations?$filter=phenomenonTime ge {day} and result gt 25"
    "&$top=1000",
    "count of one series by result": "Datastreams({one})/Observations?$filter=result gt 25&$count=true&$top=100",
    "first 100 by result": "Observations?$filter=result gt 25&$top=100",
    "by key": "Observations('{key}')?$expand=Datastream($expand=Thing)",
    "100 series with their newest": "Datastreams?$top=100&$expand=Observations($orderby=phenomenonTime desc;$top=1)",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--millions", type=float, default=5)
    parser.add_argument("--series", type=int, default=20_000)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    url, _name = prepare()
    try:
        fill(options)
        measure()
    finally:
        if not options.keep:
            drop(url)


def prepare() -> tuple[str, str]:
    """A database of its own with all migrations; the address of the server's maintenance database and the name."""
    import psycopg

    address, _mark, query = os.environ["DATABASE_URL"].partition("?")
    base, name = address.rpartition("/")[0], "miasto_benchmark_sta"
    url = f"{base}/postgres?{query}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    os.environ |= {"DATABASE_URL": f"{base}/{name}?{query}", "DJANGO_SETTINGS_MODULE": "miasto.config.settings"}
    os.environ |= {"MIASTO_RATE_LIMIT_FACTOR": "1000", "MIASTO_HOSTS": "testserver"}
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return url, name


def drop(url: str) -> None:
    import psycopg
    from django.db import connection

    connection.close()
    with psycopg.connect(url, autocommit=True) as cluster:
        cluster.execute("DROP DATABASE IF EXISTS miasto_benchmark_sta WITH (FORCE)")


def fill(options: argparse.Namespace) -> None:
    """``millions`` of readings evenly in ``series`` over the last two days; every fourth series is private."""
    from datetime import UTC, datetime, timedelta

    from django.db import connection

    from miasto.kernel.accounts.selectors import SYSTEM
    from miasto.kernel.observations.models import Thing
    from miasto.kernel.observations.services import save_thing
    from miasto.kernel.observations.store import partitions

    save_thing(Thing(name="Stacja"), by=SYSTEM)
    partitions.ahead()
    each = max(2, int(options.millions * 1e6 / options.series))
    end = datetime.now(UTC).replace(microsecond=0)
    step = timedelta(days=2) / each
    values = {"each": each, "start": end - step * (each - 1), "end": end, "step": step, "series": options.series}
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        for day in partitions.existing():  # only the time of filling depends on it
            cursor.execute(f"ALTER TABLE observations_reading_{day:%Y%m%d} SET UNLOGGED")
        for statement in FILL.split(";\n"):
            cursor.execute(statement, values)
        cursor.execute("ANALYZE")
    print(f"{each * options.series:,} readings in {options.series:,} series made in {time.perf_counter() - begun:.0f} s\n")


def measure() -> None:
    from datetime import UTC, datetime, timedelta

    from django.test import Client

    from miasto.kernel.observations.models import Datastream

    one = Datastream.objects.filter(audience="public").order_by("id").values_list("pk", flat=True)[50]
    day = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    client = Client()
    newest = client.get(f"/api/sta/v1.1/Datastreams({one})/Observations?$orderby=phenomenonTime desc&$top=1").json()
    key = newest["value"][0]["@iot.id"]
    print(f"{'question':32}{'median ms':>10}{'worst ms':>10}")
    for name, question in QUESTIONS.items():
        took = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            answer = client.get("/api/sta/v1.1/" + question.format(one=one, day=day, key=key))
            took.append((time.perf_counter() - begun) * 1000)
            assert answer.status_code == 200, answer.content
        print(f"{name:32}{statistics.median(took):>10.1f}{max(took):>10.1f}")


if __name__ == "__main__":
    main()
