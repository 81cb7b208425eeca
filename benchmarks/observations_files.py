"""How fast a long file of readings comes in, and how much memory that takes.

    DATABASE_URL=<a migrated database that may be spoiled> var/venv/bin/python benchmarks/observations.py files [--rows 1000000]

A long CSV (meter, time, value with a decimal comma) of 200 meters, quarter after quarter. The rows of all meters are mixed, as
a collecting program writes them. Three steps: the check of the whole file, the writing of what is new, and the same file again.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
METERS = 200


def made(path: Path, rows: int) -> None:
    """The file; its last quarter is 40 days old."""
    end = datetime.now(UTC) - timedelta(days=40)
    last = end.replace(minute=0, second=0, microsecond=0)
    steps = rows // METERS
    with path.open("w", encoding="utf-8") as out:
        out.write("licznik;czas;stan\n")
        for step in range(steps):
            at = f"{last - timedelta(minutes=15 * (steps - step)):%Y-%m-%dT%H:%M:%SZ}"
            out.writelines(f"M{meter:04};{at};{step * 7 + meter},{step % 10}\n" for meter in range(METERS))


def peak() -> float:
    """The most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "miasto.config.settings")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MIASTO_IMPORTS"] = f"{folder}/imports"
        measure(Path(folder) / "long.csv", rows)


def measure(path: Path, rows: int) -> None:
    import django

    django.setup()
    from miasto.kernel.accounts.selectors import SYSTEM
    from miasto.kernel.observations import services
    from miasto.kernel.observations.importing import running
    from miasto.kernel.observations.importing.models import FileImport

    made(path, rows)
    layout = services.guessed_layout(path, code="volume", unit="l")
    print(f"{path.stat().st_size / 1e6:.0f} MB, {rows} rows, {METERS} series; memory before {peak():.0f} MB")
    print(f"{'':44}{'s':>9}{'rows/s':>14}{'MB at most':>14}")
    for turn in ("new", "the same again"):
        with path.open("rb") as file:
            one = running.take(pieces=iter(lambda: file.read(1 << 20), b""), name=path.name, by=SYSTEM, unit_id=None)
        name = f"bench {time.time_ns()}" if turn == "new" else one.profile.name
        running.declare(one=one, layout=layout, profile_name=name, thing_kind="observations.meter", by=SYSTEM)
        for step, state in ((running.check, "checking"), (running.write, "writing")):
            FileImport.objects.filter(pk=one.pk).update(state=state)
            one.refresh_from_db()
            start = time.perf_counter()
            step(one)
            took = time.perf_counter() - start
            print(f"{turn + ': ' + state:44}{took:9.1f}{rows / took:14,.0f}{peak():14.0f}", flush=True)
        one.refresh_from_db()
        assert one.state == "done", one.problem
        assert one.added == (rows if turn == "new" else 0), one.added


if __name__ == "__main__":
    main()
