"""The archive measured: ``DATABASE_URL=… python benchmarks/observations_archive.py`` on a prepared database; all is undone.

A day of meters is made from the real load profiles of the grid data (simbench, ``MIASTO_DATA``), each meter with a profile,
a size and noise of its own, rounded to a watt-hour as meters do. It is moved from the hot partition by the archive's own code.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "miasto.config.settings")
FIRST = 2_000_000_000  # series that no city has
SLOTS = 96
DAY = date(2001, 1, 1)
YEARS = 5


def profiles(days: int):
    """Real profiles (profile, day, slot), kW relative to the peak."""
    import numpy as np

    data = Path(os.environ.get("MIASTO_DATA") or ROOT.parent / "shared" / "data") / "measurements" / "electricity_simbench"
    with gzip.open(data / "LoadProfile_subset.csv.gz", "rt", encoding="utf-8") as file:
        rows = csv.reader(file, delimiter=";")
        columns = [place for place, name in enumerate(next(rows)) if name.endswith("pload")]
        found = [[float(row[place]) for place in columns] for _number, row in zip(range(days * SLOTS), rows, strict=False)]
    return np.array(found).T.reshape(len(columns), days, SLOTS)


def meters(count: int, day: int, known):
    """Energy of each quarter in kWh, (meter, slot)."""
    import numpy as np

    dice = np.random.default_rng(day)
    shape = known[np.arange(count) % len(known), (day + np.arange(count) // len(known)) % known.shape[1]]
    size = np.random.default_rng(1).lognormal(0, 0.5, (count, 1)) * 3
    return np.round(np.abs(shape * size * dice.normal(1, 0.15, shape.shape)) / 4, 3)


def columns_of(count: int, day: date, number: int, known):
    """A day as the archive's columns."""
    import numpy as np

    from miasto.kernel.observations.archive import duck, moving

    start = duck.micros(moving.start_of(day))
    series = np.repeat(np.arange(FIRST, FIRST + count, dtype=np.int32), SLOTS)
    times = np.tile(start + np.arange(SLOTS, dtype=np.int64) * 900_000_000, count)
    return duck.Columns(series, times, meters(count, number, known).ravel(), np.zeros(count * SLOTS, np.int16))


def timed(act: Callable[[], Any], times: int = 7) -> tuple[float, Any]:
    """``(median seconds, the last answer)``; the first call warms up."""
    act()
    seconds, answer = [], None
    for _time in range(times):
        began = time.perf_counter()
        answer = act()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds), answer


def at_best(act: Callable[[], Any], times: int = 9) -> tuple[str, Any]:
    """``(text, the last answer)``: the fastest, the median, and this process's processor time of the fastest."""
    act()
    found, answer = [], None
    for _time in range(times):
        began, used = time.perf_counter(), time.process_time()
        answer = act()
        found.append((time.perf_counter() - began, time.process_time() - used))
    middle = statistics.median(found)[0]
    return f"{1000 * min(found)[0]:.0f} ms at best, {1000 * middle:.0f} in the middle, CPU {1000 * min(found)[1]:.0f}", answer


def say(name: str, value: str, goal: str = "") -> None:
    """One line of the table."""
    print(f"{name:<58}{value:>16}   {goal}", flush=True)


def fill_hot(day: date, count: int, known) -> None:
    """A hot partition of a whole day, by COPY."""
    from django.db import connection

    from miasto.kernel.observations.store import partitions

    partitions.make_day(day)
    columns = columns_of(count, day, 0, known)
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY observations_reading (series, time, value, flags) FROM STDIN (FORMAT binary)") as copied,
    ):
        copied.write(binary(columns))


def binary(columns) -> bytes:
    """The rows as PostgreSQL's binary COPY."""
    import numpy as np

    from miasto.kernel.observations.archive.moving import EPOCH_2000_US

    kinds = [("n", ">i2"), ("a", ">i4"), ("series", ">i4"), ("b", ">i4"), ("time", ">i8")]
    rows = np.zeros(len(columns.series), [*kinds, ("c", ">i4"), ("value", ">f8"), ("d", ">i4"), ("flags", ">i2")])
    for name, value in (("n", 4), ("a", 4), ("b", 8), ("c", 8), ("d", 2)):
        rows[name] = value
    rows["series"], rows["time"] = columns.series, columns.time - EPOCH_2000_US
    rows["value"], rows["flags"] = columns.value, columns.flags
    return b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows.tobytes() + b"\xff\xff"


def one_day(count: int, known) -> None:
    """A day hot, moved, cold."""
    from django.db import connection

    from miasto.kernel.observations.archive import engines, moving
    from miasto.kernel.observations.archive.models import ArchiveFile
    from miasto.kernel.observations.store.reading import hot, readings

    fill_hot(DAY, count, known)
    start = moving.start_of(DAY)
    end, one = start + timedelta(days=1), FIRST + count // 2
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE observations_reading_{DAY:%Y%m%d}")
        cursor.execute(f"SELECT pg_total_relation_size('observations_reading_{DAY:%Y%m%d}')")
        size = cursor.fetchone()[0]
    rows = count * SLOTS
    say(
        "a hot day in PostgreSQL, with its key",
        f"{size / rows:.0f} B/reading",
        f"14 days of 60 million: {size / rows * 0.84:.0f} GB",
    )
    say("one series, one day, hot (SQL)", f"{1000 * timed(lambda: hot([one], start, end))[0]:.2f} ms", "goal: 2 ms")
    say("the same by readings(), which knows of the archive", f"{1000 * timed(lambda: readings([one], start, end))[0]:.2f} ms")
    began = time.perf_counter()
    moving.move(DAY, lambda *_progress: None)
    seconds = time.perf_counter() - began
    say(
        f"moving a day of {rows:,} readings", f"{rows / seconds:,.0f} /s", f"60 million: {60e6 / (rows / seconds) / 60:.0f} min"
    )
    kept = sum(ArchiveFile.objects.filter(day=DAY).values_list("bytes", flat=True))
    say("the day in Parquet", f"{kept / rows:.2f} B/reading", "goal: 3 B")
    files = engines.files_of(DAY, DAY)
    for name, text, limit in (
        ("roll-up", engines.DAY_ROLL_UP, None),
        ("percentiles", engines.PERCENTILE, None),
        ("exceedances", engines.EXCEEDANCES, 1.0),
    ):
        values = {} if limit is None else {"limit": limit}
        seconds, answer = timed(lambda text=text, values=values: engines.DuckDB().run(text, files, values), times=3)
        assert len(answer) == count
        say(f"{name} of {count:,} series from Parquet", f"{seconds:.2f} s", "goal: 2 s" if name == "roll-up" else "")
    seconds, answer = timed(lambda: readings([one], start, end))
    assert len(answer) == SLOTS
    say("one series, one day, archived", f"{1000 * seconds:.1f} ms")


def five_years(count: int, known) -> None:
    """One series through 1,826 files of ``count`` series each."""
    from django.db import connection

    from miasto.kernel.observations.archive import duck, moving, series
    from miasto.kernel.observations.archive.models import ArchiveFile
    from miasto.kernel.observations.store.charting import chart
    from miasto.kernel.observations.store.reading import _everything, readings

    first, rows = DAY + timedelta(days=10), []
    length = 365 * YEARS + 1
    for number in range(length):
        day = first + timedelta(days=number)
        rows += moving.write_parts(day, columns_of(count, day, number % 300, known), revision=1)
    ArchiveFile.objects.bulk_create(rows)
    start, end, one = moving.start_of(first), moving.start_of(first + timedelta(days=length)), FIRST + count // 2
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO observations_day (series, n, day, least, most, total, squares, last)
               SELECT %s, 96, day, 0, 1, 48, 30, 0.5 FROM generate_series(%s::date, %s::date, '1 day') AS day""",
            [one, first, first + timedelta(days=length - 1)],
        )
    files = _everything([one], start, end, 10**6)[0]
    text, answer = at_best(lambda: series.scan(_everything([one], start, end, 10**6)[0], [one], start, end))
    assert len(answer.series) == length * SLOTS
    say(f"one series, five years, {len(answer.series):,} raw readings: scan", text, "goal: 300 ms")
    say(f"  of it the manifest ({len(files):,} files)", f"{1000 * timed(lambda: _everything([one], start, end, 1))[0]:.0f} ms")
    text, old = at_best(lambda: duck.scan([name for name, _groups in files], [one], start, end), times=3)
    assert all((a == b).all() for a, b in zip(answer, old, strict=True))
    say("  the same files without what the manifest knows of them", text)
    text, answer = at_best(lambda: readings([one], start, end, most=10**6), times=3)
    say("the same as objects", text)
    seconds, answer = timed(lambda: chart([one], start, end, points=2000))
    assert answer.level == "days"
    say("its chart", f"{1000 * seconds:.1f} ms", "goal: 300 ms")


def five_wide_years(count: int, known, distinct: int = 12) -> None:
    """The same of files of ``count`` series each; ``distinct`` are written, the others are links to them."""
    from miasto.kernel.observations.archive import moving, place, series
    from miasto.kernel.observations.archive.models import ArchiveFile
    from miasto.kernel.observations.store.reading import _everything

    first, rows, length = date(2011, 1, 1), [], 365 * YEARS + 1
    written = []
    for number in range(distinct):
        day = first + timedelta(days=number)
        written += moving.write_parts(day, columns_of(count, day, number, known), revision=1)
    assert len(written) == distinct
    for number in range(length):
        day, file = first + timedelta(days=number), written[number % distinct]
        name = place.part_name(day, file.least_series, file.most_series, 1)
        path = Path(place.place().address(name))
        path.parent.mkdir(exist_ok=True)
        os.link(place.place().address(file.name), path)
        values = {one: getattr(file, one) for one in ("rows", "bytes", "least_series", "most_series", "begins", "groups")}
        rows.append(ArchiveFile(day=day, name=name, sha256="", **values))
    ArchiveFile.objects.bulk_create(rows)
    start, end, one = moving.start_of(first), moving.start_of(first + timedelta(days=length)), FIRST + count // 2
    text, answer = at_best(lambda: series.scan(_everything([one], start, end, 10**6)[0], [one], start, end))
    assert len(answer.series) == length * SLOTS
    say(f"one series, five years, of files of {count:,} series each", text, "goal: 300 ms")
    say("  of it the manifest", f"{1000 * timed(lambda: _everything([one], start, end, 1))[0]:.0f} ms")


@contextmanager
def store(folder: str) -> Iterator[Callable[[str], str]]:
    """A stand-in of an object store over the archive's folder, and what tells it things; the archive is read from there."""
    from miasto.kernel.observations.archive import duck, place

    with tempfile.TemporaryDirectory() as told:
        port = Path(told) / "port"
        module = "miasto.kernel.observations.archive.tests.bucket_server"
        process = subprocess.Popen([sys.executable, "-m", module, str(port), "gate", "secret", "--folder", folder], cwd=ROOT)
        while not port.exists():
            time.sleep(0.05)
        address = f"http://127.0.0.1:{port.read_text()}"
        os.environ |= {"MIASTO_ARCHIVE": "s3://readings", "MIASTO_ARCHIVE_ENDPOINT": address, "NO_PROXY": "127.0.0.1"}
        os.environ |= {"AWS_ACCESS_KEY_ID": "gate", "AWS_SECRET_ACCESS_KEY": "secret"}
        duck._connections.clear()
        place.place()
        try:
            yield lambda path: told_by(f"{address}{path}")
        finally:
            process.kill()
            process.wait()
            os.environ["MIASTO_ARCHIVE"] = folder
            duck._connections.clear()


def told_by(address: str) -> str:
    """What the stand-in says."""
    method = "GET" if address.endswith("_log") else "PUT"
    with urllib.request.urlopen(urllib.request.Request(address, method=method)) as answer:
        return answer.read().decode()


def from_a_bucket(folder: str, count: int) -> None:
    """The five years of ``five_years`` again, from a store whose answers wait: connections of a read, requests, bytes, time."""
    from miasto.kernel.observations.archive import bucket, fetching, moving, place, series
    from miasto.kernel.observations.archive.memory import Memory
    from miasto.kernel.observations.store.charting import chart
    from miasto.kernel.observations.store.reading import _everything

    first, length, one = DAY + timedelta(days=10), 365 * YEARS + 1, FIRST + count // 2
    start, end = moving.start_of(first), moving.start_of(first + timedelta(days=length))

    def read():
        return series.scan(_everything([one], start, end, 10**6)[0], [one], start, end)

    plain = read()
    with store(folder) as tell:

        def fresh(*, connections: bool) -> None:
            """Nothing is remembered, and if so wanted, no connection is open."""
            if connections:
                bucket._buckets.clear()
            place.place().memory = Memory(bucket.MEMORY_MB << 20)

        for latency, width in ((0, 128), (15, 16), (15, 32), (15, 64), (15, 128)):
            tell(f"/_latency?{latency}")
            fetching.WIDTH = width
            fresh(connections=True)
            tell("/_log")
            answer = read()
            assert all((a == b).all() for a, b in zip(answer, plain, strict=True))
            asked = [line.rpartition("=")[2].split("-") for line in tell("/_log").splitlines()]
            size = sum(int(last) - int(begin) + 1 for begin, last in asked)
            new, kept = [], []
            for _time in range(9):
                fresh(connections=True)
                new.append(once(read))
                fresh(connections=False)
                kept.append(once(read))
            say(
                f"from a bucket at {latency} ms, {width} connections: {len(asked):,} requests, {size / 1e6:.1f} MB",
                f" {shown(new)}; open connections: {shown(kept)}",
                f"rounds alone: {latency * -(-len(asked) // width)} ms",
            )
        text, _answer = at_best(read)
        say("  the same again, out of memory", text)
        tell("/_log")
        seconds, _answer = timed(lambda: chart([one], start, end, points=2000))
        say("  its chart", f"{1000 * seconds:.1f} ms", f"{len(tell('/_log').splitlines())} requests")
        fresh(connections=True)
        place.place().at_once = lambda spans, given: list(range(len(spans)))
        say("  each request by botocore, 16 at a time, as it was", shown([once(read)]))


def a_day_from_a_bucket(folder: str, count: int, known) -> None:
    """The analyses of a day of ``count`` series, whose file DuckDB reads whole, at answers that wait 15 ms."""
    from miasto.kernel.observations.archive import bucket, duck, engines, moving
    from miasto.kernel.observations.archive.models import ArchiveFile

    day = DAY + timedelta(days=4000)
    ArchiveFile.objects.bulk_create(moving.write_parts(day, columns_of(count, day, 1, known), revision=1))
    for place_of_it in ("folder", "bucket"):
        with store(folder) if place_of_it == "bucket" else nullcontext(lambda _path: "") as tell:
            tell("/_latency?15")
            for name, text in (("roll-up", engines.DAY_ROLL_UP), ("percentiles", engines.PERCENTILE)):
                found = []
                for _time in range(4):
                    bucket._buckets.clear()
                    duck._connections.clear()  # DuckDB remembers what it read
                    tell("/_log")
                    found.append(once(lambda text=text: engines.DuckDB().run(text, engines.files_of(day, day), {})))
                requests = len(tell("/_log").splitlines())
                say(f"{name} of a day of {count:,} series, out of a {place_of_it}", shown(found), f"{requests} requests")


def once(act: Callable[[], Any]) -> tuple[float, float]:
    """Seconds of one run, and of this process's processor time."""
    began, used = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - began, time.process_time() - used


def shown(found: list[tuple[float, float]]) -> str:
    """The fastest and the middle run, and the least processor time."""
    middle = statistics.median(seconds for seconds, _used in found)
    return f"{1000 * min(found)[0]:.0f} / {1000 * middle:.0f} ms, CPU {1000 * min(used for _seconds, used in found):.0f}"


def main() -> None:
    """Print a table: what, how much, the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=20_000)
    parser.add_argument("--series-of-years", type=int, default=1_000)
    parser.add_argument("--bucket", action="store_true", help="only five years, from a folder and from a bucket")
    asked = parser.parse_args()
    import django

    django.setup()
    from django.db import transaction

    from miasto.kernel.core import clock

    known = profiles(300)
    with tempfile.TemporaryDirectory() as folder, transaction.atomic():
        os.environ["MIASTO_ARCHIVE"] = folder
        with clock.at(datetime(2020, 1, 1, tzinfo=UTC)):
            if not asked.bucket:
                one_day(asked.series, known)
            five_years(asked.series_of_years, known)
            from_a_bucket(folder, asked.series_of_years)
            a_day_from_a_bucket(folder, asked.series, known)
            if not asked.bucket:
                five_wide_years(asked.series, known)
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
