"""Hot days, late readings and streams for tests of the archive, written straight to the tables."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import connection

from miasto.kernel.observations.archive.moving import start_of
from miasto.kernel.observations.store import partitions

Row = tuple[int, datetime, float, int]


def make_day(day: date, rows: Iterable[Row] = ()) -> None:
    """A daily partition with rows; none is made where the day has one."""
    partitions.make_day(day)
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO observations_reading (series, time, value, flags) VALUES (%s, %s, %s, %s)", list(rows))


def make_late(rows: Iterable[Row]) -> None:
    """Late readings; a second one of an instant takes the place of the first, as folding does it."""
    with connection.cursor() as cursor:
        cursor.executemany(
            """INSERT INTO observations_late (series, time, value, flags) VALUES (%s, %s, %s, %s)
               ON CONFLICT (series, time) DO UPDATE SET id = DEFAULT, value = excluded.value, flags = excluded.flags""",
            list(rows),
        )


def quarters(series: int, day: date, *, count: int = 96, add: float = 0.0) -> list[Row]:
    """A reading for each quarter of an hour."""
    start = start_of(day)
    return [(series, start + timedelta(minutes=15 * n), round(20 + n % 7 + add, 2), 0) for n in range(count)]
