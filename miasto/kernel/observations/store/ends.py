"""The first and the last reading of series, found anew after readings went: the latest values and the times of the streams.

The hours are made anew before, so the first and the newest of them say where to look; series with the same newest hour are
read together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from miasto.kernel.core import clock
from miasto.kernel.observations.store.reading import HOUR, Reading, readings

_ENDS = """
SELECT series, (SELECT min(start) FROM observations_hour AS hour WHERE hour.series = one.series),
       (SELECT max(start) FROM observations_hour AS hour WHERE hour.series = one.series)
FROM unnest(%s::int[]) AS one (series)"""


def find(series: Iterable[int]) -> None:
    """Set the latest value and the first and last time of series whose readings went. Their shards are held.

    Where only hours are left of the readings (their term has ended), the hours' beginnings are the times, and no latest value.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ENDS, [sorted(set(series))])
        rows = cursor.fetchall()
    first = _by_hour({one: start for one, start, _end in rows if start}, last=False)
    last = _by_hour({one: end for one, _start, end in rows if end}, last=True)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM observations_latest WHERE series = ANY(%s)", [[row[0] for row in rows]])
        cursor.executemany(
            "INSERT INTO observations_latest (series, flags, time, value, received) VALUES (%s, %s, %s, %s, %s)",
            [(one.series, one.flags, one.time, one.value, clock.now()) for one in last.values()],
        )
        cursor.executemany(
            "UPDATE observations_datastream SET first_at = %s, last_at = %s WHERE id = %s",
            [
                (first[one].time if one in first else start, last[one].time if one in last else end, one)
                for one, start, end in rows
            ],
        )


def _by_hour(hours: dict[int, datetime], *, last: bool) -> dict[int, Reading]:
    """The first or the last reading of each series within its hour."""
    together = defaultdict(list)
    for one, start in hours.items():
        together[start].append(one)
    found: dict[int, Reading] = {}
    for start, some in together.items():
        for row in readings(some, start, start + HOUR, most=10_000_000):
            if last or row.series not in found:
                found[row.series] = row
    return found
