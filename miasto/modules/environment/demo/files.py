"""A file of readings in the history of the demo: water meters of buildings, read monthly, two lines gone wrong."""

from __future__ import annotations

import random
import tempfile
from datetime import date
from pathlib import Path

from miasto.kernel.accounts.selectors import SYSTEM, people_in, unit_for, viewer_for_person
from miasto.kernel.core import clock
from miasto.kernel.observations.selectors import MANAGE
from miasto.kernel.observations.services import guessed_layout, import_file

NAME = "wodomierze-budynki.csv"
METERS, MONTHS = 6, 12


def load(*, seed: int) -> None:
    """Take the file in as the keeper of measurements would; a city without one takes it in by itself."""
    unit = unit_for("environment.monitoring")
    person = people_in({unit.pk}, MANAGE).order_by("pk").first()
    by = viewer_for_person(person.pk) if person else SYSTEM
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        path.write_bytes(_text(random.Random(f"meters-{seed}"), clock.today()).encode("cp1250"))
        import_file(
            path=path,
            by=by,
            unit_id=unit.pk,
            layout=guessed_layout(path, code="volume", unit="m³"),
            profile_name="Wodomierze w budynkach miasta",
            thing_kind="observations.meter",
        )


def _text(dice: random.Random, today: date) -> str:
    """What a spreadsheet saves: semicolons, decimal commas, the first of each month, newest last."""
    rows = ["Numer licznika;Data odczytu;Stan [m3]"]
    for meter in range(METERS):
        state = dice.uniform(200, 4000)
        for back in range(MONTHS, 0, -1):
            month = today.year * 12 + today.month - 1 - back
            state += dice.uniform(12, 60)
            day = f"01.{month % 12 + 1:02}.{month // 12} 08:00"
            rows.append(f"WM-{2041 + meter};{day};" + f"{state:.1f}".replace(".", ","))
    rows.insert(20, "WM-2042;31.02.2026 08:00;1 204,5")
    rows.append(f"WM-2046;01.{today.month:02}.{today.year} 08:00;brak dostępu")
    return "\r\n".join(rows) + "\r\n"
