"""The made-up inventory of heating of the demo city: a few sources on every street, old boilers leaving year by year."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

from django.db import connection

from miasto.kernel.core import clock
from miasto.modules.environment.demo.sites import streets
from miasto.modules.environment.heating.kinds import BOILERS, group_of
from miasto.modules.environment.heating.models import HeatingSource
from miasto.modules.environment.heating.services import locate

EACH = 7
COLUMNS = 'declaration, number, form, kind, boiler_class, "group", fuels, count, started_on, address, geom, seen_on, removed_on'
SHARES = (("network", 34), ("gas", 26), ("boiler_hand", 12), ("boiler_auto", 9), ("pump", 7), ("electric", 6), ("fireplace", 6))
CLASSES = (("none", 30), ("3", 18), ("4", 10), ("5", 27), ("eco", 15))


def load(seed: int) -> None:
    """Some four thousand sources by COPY; some of them removed in the last years."""
    table = connection.ops.quote_name(HeatingSource._meta.db_table)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({COLUMNS}) FROM STDIN") as copy:
        for row in _rows(random.Random(f"heating {seed}"), clock.today()):
            copy.write_row(row)
    locate()


def _rows(chance: random.Random, today: date) -> Iterator[tuple[object, ...]]:
    for number, (name, point) in enumerate(streets()):
        place = point.hexewkb.decode()
        for house in range(1, EACH + 1):
            kind = _drawn(chance, SHARES)
            boiler = _drawn(chance, CLASSES) if kind in BOILERS else ""
            started = today - timedelta(days=chance.randint(30, 7000))
            old = boiler in ("none", "3") and chance.random() < 0.55
            yield (
                f"DEMO-{number:05d}-{house}", 1, "A" if house < EACH else "B", kind, boiler, group_of(kind, boiler), "", 1,
                started, f"{name} {house}", place, today, _removed(chance, started, today) if old else None,
            )  # fmt: skip


def _drawn(chance: random.Random, shares: tuple[tuple[str, int], ...]) -> str:
    return chance.choices([key for key, _share in shares], [share for _key, share in shares])[0]


def _removed(chance: random.Random, started: date, today: date) -> date:
    return max(started, today - timedelta(days=chance.randint(10, 1800)))
