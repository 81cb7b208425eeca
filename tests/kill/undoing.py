"""An import taken back and killed at its steps: ``python -m tests.kill.undoing`` on an empty migrated database.

Each try of the job is a child of its own; prints one line of JSON for the state before, after each kill and at the end.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tests.kill.archiving import in_a_child, make_deadly

if TYPE_CHECKING:
    from miasto.kernel.observations.importing.models import FileImport

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
PIECE = 10  # readings of a transaction
STEPS = (
    ("undoing._load", 1, False),  # nothing of the first piece is done
    ("undoing._take_back", 1, True),  # the readings of the first are gone, their piece is not: not committed
    ("undoing._piece", 2, True),  # two are whole
    ("undoing._load", 1, True),
    ("running.alive", 1, False),  # another is whole, its sign of life is not given
    ("undoing._record", 1, False),  # all is taken back, its end is not written
)
METERS = [("L0", 38), ("L1", 38)]


def fill() -> None:
    """Two series of a file of meters; before it one of them had other numbers, which it overwrote."""
    from miasto.kernel.accounts.selectors import SYSTEM
    from miasto.kernel.core import clock
    from miasto.kernel.observations import services
    from miasto.kernel.observations.importing import guessing, writing
    from miasto.kernel.observations.importing.layout import Layout
    from miasto.kernel.observations.importing.storing import root

    writing.AT_ONCE = PIECE
    root().mkdir(parents=True)
    for name, start in (("stary.csv", 500), ("nowy.csv", 0)):
        rows = [
            f"{meter};{datetime(2026, 6, 1) + timedelta(hours=6 * n):%Y-%m-%d %H:%M};{start + n}"  # noqa: DTZ001 - as in a file
            for meter, many in METERS[: 1 if start else 2]
            for n in range(many // 2 if start else many)
        ]
        path = Path(root().parent / name)
        path.write_text("licznik;czas;stan\n" + "\n".join(rows) + "\n")
        seen = guessing.guess(path, name).as_json()
        layout = Layout.of({**seen, "keys": (0,), "values": [{"place": 2}], "code": "volume", "unit": "m³", "zone": "utc"})
        with clock.at(NOW):
            services.import_file(
                path=path, by=SYSTEM, layout=layout, profile_name="wodomierze", thing_kind="observations.meter"
            )


def ask() -> None:
    """Have the second file taken back, as a job."""
    from miasto.kernel.accounts.selectors import SYSTEM
    from miasto.kernel.core import clock
    from miasto.kernel.observations.importing import running, undoing
    from miasto.kernel.observations.importing.models import FileImport

    running.HERE_ROWS = -1
    with clock.at(NOW):
        assert undoing.ask(one=FileImport.objects.get(name="nowy.csv"), by=SYSTEM)


def take_back(step: tuple[str, int, bool] | None, tries: int) -> None:
    """What the watch over imports and the worker do three minutes after the last kill."""
    from miasto.kernel.core import clock
    from miasto.kernel.observations.importing import jobs, running, undoing
    from miasto.kernel.observations.importing.models import FileImport

    if step:
        owner, name = step[0].split(".")
        make_deadly({"undoing": undoing, "running": running}[owner], name, step[1], after=step[2])
    one = FileImport.objects.get(name="nowy.csv")
    while not _free(one):
        time.sleep(0.05)
    with clock.at(NOW + tries * timedelta(minutes=3)):
        assert running.resume() <= 1  # 0 where its job still waits
        jobs.undo_file(import_id=str(one.pk))


def _free(one: FileImport) -> bool:
    """Whether the database has noticed that who worked at it is gone."""
    from miasto.kernel.observations.archive.running import alone

    with alone(one.pk.int % 2**62) as mine:
        return mine


def tell() -> None:
    """Print what is there now."""
    from miasto.kernel.core.models import Change
    from miasto.kernel.observations import selectors
    from miasto.kernel.observations.importing.models import FileImport
    from miasto.kernel.observations.models import Datastream

    series = list(Datastream.objects.order_by("source").values_list("id", flat=True))
    start, end = NOW - timedelta(days=20), NOW + timedelta(days=20)
    one = FileImport.objects.get(name="nowy.csv")
    found = selectors.readings(series, start, end)
    state = {
        "state": one.state,
        "pieces": one.pieces.count(),
        "readings": [[series.index(each.series), each.time.isoformat(), each.value] for each in found],
        "hours": sum(each.n for each in selectors.hours(series, start, end)),
        "days": sum(each.n for each in selectors.days(series, start.date(), end.date())),
        "counted": sum(Datastream.objects.values_list("count", flat=True)),
        "said": [one.removed, one.restored, one.stayed],
        "recorded": Change.objects.filter(action="observations.file_undone").count(),
    }
    sys.stdout.write(json.dumps(state) + "\n")


def main() -> None:
    """Bring the files, begin to take the second back, kill at each step, finish."""
    import django

    django.setup()
    in_a_child(fill)
    in_a_child(tell)
    in_a_child(ask)
    for tries, step in enumerate((*STEPS, None), start=1):
        ended = in_a_child(lambda step=step, tries=tries: take_back(step, tries))
        assert ended == (9 if step else 0), f"{step} was never reached"
        in_a_child(tell)


if __name__ == "__main__":
    main()
