"""The demo city as a database to copy: loaded once for a whole run of ``./test``, by whoever needs it first.

``MIASTO_TEST_CITY`` names the folder that the run keeps for it (``miasto.launch.suite``). Without it, as when pytest is called
by hand, each test process loads its own.
"""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from miasto.kernel.core.migrated import migrated_template
from miasto.launch import processes
from tests.running_city import ROOT, RunningCity, cluster_of_tests, database

SHARED = "city_template"
AS_LOADED = "city_as_loaded"  # the same before the worker's first job
SAID = "said.txt"  # in the folder: what loading printed


def shared_folder() -> Path | None:
    """The folder of this run's template, or None where every process makes its own."""
    named = os.environ.get("MIASTO_TEST_CITY")
    return Path(named) if named else None


def shared(folder: Path) -> str:
    """The name of the run's template; loads it, or waits for the process that does. Files lie in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            with database(SHARED, cluster_of_tests(), template=migrated_template(), kept=True):
                city = RunningCity(SHARED, cluster_of_tests(), folder)
                prepare(city)
                with database(AS_LOADED, cluster_of_tests(), template=SHARED, kept=True):
                    work(city)
            (folder / "ready").touch()
    return SHARED


@contextmanager
def as_loaded(folder: Path) -> Iterator[str]:
    """A copy of the city before the worker did anything; loads one where the run has none."""
    if shared_folder() is not None:
        shared(folder)
        with database(f"{AS_LOADED}_{os.getpid()}", cluster_of_tests(), template=AS_LOADED) as name:
            yield name
        return
    with database(f"{AS_LOADED}_{os.getpid()}", cluster_of_tests(), template=migrated_template()) as name:
        prepare(RunningCity(name, cluster_of_tests(), folder))
        yield name


@contextmanager
def own(folder: Path) -> Iterator[str]:
    """A template for this process alone."""
    with database(f"{SHARED}_{os.getpid()}", cluster_of_tests(), template=migrated_template()) as name:
        city = RunningCity(name, cluster_of_tests(), folder)
        prepare(city)
        work(city)
        yield name


def prepare(city: RunningCity) -> None:
    """Load the demo and keep what that printed."""
    (city.folder / SAID).write_text(city.command("prepare", "--demo"), "utf-8")


def work(city: RunningCity) -> None:
    """Do the work that the demo leaves to the worker, which every copy would do again otherwise."""
    city.sql("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE scheduled_at < now() + interval '1 hour'")
    city.start_worker()
    try:
        city.wait_for_idle_worker()
    finally:
        city.stop()


def begin() -> None:
    """Load the run's template in a process beside the tests, unless it is there, so that nobody waits for it later."""
    folder = shared_folder()
    if folder is not None and not (folder / "ready").exists():
        processes.start([sys.executable, "-m", "tests.demo_city"], cwd=ROOT)


if __name__ == "__main__":
    import django

    import tests.environment  # noqa: F401 - before the settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "miasto.config.settings")
    django.setup()
    if "--migrated-only" in sys.argv:  # miasto.launch.suite: while the browser assets are built
        migrated_template()
    elif (place := shared_folder()) is not None:
        shared(place)
