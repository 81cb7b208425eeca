"""The archive at work and killed at its steps: ``python -m tests.kill.archiving`` on an empty migrated database.

Each run and each read is a child of its own, so that nothing is remembered; prints one line of JSON for each state read.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Step = tuple[str, int, bool]
MOVING: tuple[Step, ...] = (
    ("moving.seal", 1, True),
    ("duck.write", 1, True),
    ("os.replace", 1, True),
    ("files.bulk_create", 1, True),  # inside the switch, before its commit
    ("moving._switch", 1, True),
    ("moving._switch", 1, False),
)
MERGING: tuple[Step, ...] = (
    ("duck.write", 1, False),
    ("os.replace", 1, True),
    ("files.bulk_create", 1, True),
    ("late.merge", 1, True),
)
START, LATER = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 20, 12, tzinfo=UTC)


def in_a_child(act: Callable[[], None]) -> int:
    """Do something in a forked process; returns the signal that ended it, 0 for none. Raises where it failed."""
    from django.db import connections

    connections.close_all()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            act()
            sys.stdout.flush()
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status)
    assert status == 0, "a child failed"
    return 0


def archive(step: Step | None) -> None:
    """One run; with a step the process ends as by SIGKILL before the so-many-th call of a function, or right after it."""
    from miasto.kernel.core import clock
    from miasto.kernel.observations.archive import duck, late, moving, running
    from miasto.kernel.observations.models import ArchiveFile

    owners = {"duck": duck, "moving": moving, "os": os, "late": late, "files": ArchiveFile.objects}
    if step:
        owner, name = step[0].split(".")
        make_deadly(owners[owner], name, step[1], after=step[2])
    with clock.at(LATER):
        running.run()


def make_deadly(owner: object, name: str, call: int, *, after: bool) -> None:
    """The process ends as by SIGKILL before the so-many-th call of a function, or right after it."""
    kept, calls = getattr(owner, name), []

    def wrapped(*arguments, **options):
        calls.append(1)
        if len(calls) == call and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        done = kept(*arguments, **options)
        if len(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    setattr(owner, name, wrapped)


def fill() -> None:
    """Two days of three streams."""
    from miasto.kernel.accounts.selectors import SYSTEM
    from miasto.kernel.core import clock
    from miasto.kernel.observations.services import ingest
    from miasto.kernel.observations.store.reading import Reading
    from miasto.kernel.observations.testing import make_datastream

    with clock.at(START + timedelta(days=2)):
        for stream in (make_datastream() for _number in range(3)):
            ingest([Reading(stream.pk, START + timedelta(minutes=30 * n), float(n)) for n in range(96)], by=SYSTEM, wait=True)


def send_late() -> None:
    """A correction and a new reading for the first of the days."""
    from miasto.kernel.accounts.selectors import SYSTEM
    from miasto.kernel.core import clock
    from miasto.kernel.observations.models import Datastream
    from miasto.kernel.observations.services import ingest
    from miasto.kernel.observations.store.reading import Reading

    series = Datastream.objects.order_by("id").values_list("id", flat=True)[0]
    late = [Reading(series, START + timedelta(hours=1), 500.0), Reading(series, START + timedelta(hours=1, minutes=7), 7.0)]
    with clock.at(LATER):
        ingest(late, by=SYSTEM, wait=True)


def tell() -> None:
    """Print what is read now."""
    from miasto.kernel.observations.archive import running
    from miasto.kernel.observations.models import ArchiveFile, Datastream
    from miasto.kernel.observations.store import folding, partitions
    from miasto.kernel.observations.store.reading import hours, readings

    start, end = START - timedelta(days=9), START + timedelta(days=9)
    series = list(Datastream.objects.values_list("id", flat=True))
    folding.fold_all()
    state = {
        "readings": [(one.series, one.time.isoformat(), one.value, one.flags) for one in readings(series, start, end)],
        "hours": [(one.series, one.start.isoformat(), one.n, one.mean) for one in hours(series, start, end)],
        "files": ArchiveFile.objects.filter(replaced_at=None).count(),
        "hot": len(partitions.existing()),
        "damaged": running.damaged(),
        "count": sum(Datastream.objects.values_list("count", flat=True)),
    }
    sys.stdout.write(json.dumps(state) + "\n")


def main() -> None:
    """Fill, kill at each step, finish; then late readings, kill at each step, finish."""
    import django

    django.setup()
    for prepare, steps in ((fill, MOVING), (send_late, MERGING)):
        in_a_child(prepare)
        in_a_child(tell)
        for step in (*steps, None):
            ended = in_a_child(lambda step=step: archive(step))
            assert ended == (signal.SIGKILL if step else 0), f"{step} was never reached"
            in_a_child(tell)


if __name__ == "__main__":
    main()
