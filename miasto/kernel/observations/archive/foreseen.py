"""What a rule of keeping would delete, told before it is saved: readings and bytes of the archive, hours, days."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, timedelta
from typing import NamedTuple

from django.db import connection

from miasto.kernel.core import clock
from miasto.kernel.observations.archive import duck, place, retention
from miasto.kernel.observations.archive.models import ArchiveFile, Retention

FILES_MOST = 400


class Loss(NamedTuple):
    """What the next run would delete; ``at_least`` where more files than ``FILES_MOST`` would have to be opened to know."""

    readings: int
    bytes: int
    hours: int
    days: int
    at_least: bool

    @property
    def nothing(self) -> bool:
        return not (self.readings or self.hours or self.days)


def loss(rule: Retention | None, *, instead_of: int | None = None) -> Loss:
    """The loss with a rule that is not saved, in the place of the one of this number. Raises ``place.Unreachable``."""
    terms = retention.terms(extra=rule, without=instead_of)
    today = clock.now().astimezone(UTC).date()
    rows, size, at_least = _of_files({series: one.readings for series, one in terms.items()}, today)
    hours = _rows("observations_hour", "start", {series: one.hours for series, one in terms.items()}, today)
    days = _rows("observations_day", "day", {series: one.days for series, one in terms.items()}, today)
    return Loss(rows, size, hours, days, at_least)


def _of_files(lengths: dict[int, int | None], today: date) -> tuple[int, int, bool]:
    ends = [length for length in lengths.values() if length is not None]
    if not ends:
        return 0, 0, False
    files = ArchiveFile.objects.filter(replaced_at=None, day__lt=today - timedelta(days=min(ends))).order_by("day")
    found = list(files[: FILES_MOST + 1])
    rows = size = 0.0
    for file in found[:FILES_MOST]:
        age = (today - file.day).days
        kept = [series for series, length in lengths.items() if length is None or length >= age]
        lost = file.rows - _held(file, [one for one in kept if file.least_series <= one <= file.most_series])
        rows, size = rows + lost, size + file.bytes * lost / file.rows
    return round(rows), round(size), len(found) > FILES_MOST


def _held(file: ArchiveFile, series: list[int]) -> int:
    """How many rows of a file belong to the series; only the column of series is read."""
    if not series:
        return 0
    cursor = duck.cursor()
    try:
        asked = {"file": place.place().reading(file.name), "series": series}
        files = "read_parquet($file, hive_partitioning = false)"
        sql = f"SELECT count(*) FROM {files} WHERE series IN (SELECT unnest($series::INTEGER[]))"  # noqa: S608 - constants
        return duck.asked_of(cursor, sql, asked).fetchone()[0]
    finally:
        cursor.close()


def _rows(table: str, column: str, lengths: dict[int, int | None], today: date) -> int:
    groups: dict[int, list[int]] = defaultdict(list)
    for series, length in lengths.items():
        if length is not None:
            groups[length].append(series)
    total = 0
    with connection.cursor() as cursor:
        for length, series in groups.items():
            cursor.execute(
                f"SELECT count(*) FROM {table} WHERE series = ANY(%s) AND {column} < %s",  # noqa: S608 - of our own names
                [series, today - timedelta(days=length)],
            )
            total += cursor.fetchone()[0]
    return total
