"""Observations in: numbers through the ingest of readings, all else into the table of extras; and out again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from miasto.kernel.core import clock
from miasto.kernel.observations.sta import cold, times
from miasto.kernel.observations.sta.inputs import Observed
from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.store import flags

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer

AHEAD = timedelta(minutes=5)
_PUT = """
INSERT INTO observations_extra
    (series, time, n, ends, result, result_time, valid_from, valid_to, quality, parameters, feature)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (series, time, n) DO UPDATE SET ends = excluded.ends, result = excluded.result,
    result_time = excluded.result_time, valid_from = excluded.valid_from, valid_to = excluded.valid_to,
    quality = excluded.quality, parameters = excluded.parameters, feature = excluded.feature"""


@dataclass(frozen=True)
class Written:
    """The ``@iot.id`` of each observation in its place; None where it went to quarantine, for the reason in ``reasons``."""

    keys: list[str | None]
    reasons: dict[int, str] = field(default_factory=dict)


@transaction.atomic
def write(found: Sequence[Observed], *, by: Viewer, wait: bool) -> Written:
    """Write observations; committed with the transaction around. Raises what ``ingest`` raises, all or nothing."""
    from miasto.kernel.observations.ingest import ingest

    numbers = [place for place, one in enumerate(found) if one.value is not None]
    keys: list[str | None] = [None] * len(found)
    _put([(found[place], 0) for place in numbers if found[place].beside])
    taken = ingest([found[place].reading for place in numbers], by=by, wait=wait)
    reasons = {numbers[place]: reason for place, reason in taken.reasons.items()}
    for place in numbers:
        if place not in reasons:
            keys[place] = times.observation_id(found[place].series, found[place].time, 0)
    others = [place for place, one in enumerate(found) if one.value is None]
    for place, n in zip(others, _others([found[place] for place in others], by), strict=True):
        keys[place] = times.observation_id(found[place].series, found[place].time, n)
    return Written(keys, reasons)


def _put(rows: Sequence[tuple[Observed, int]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_PUT, [_values(one, n) for one, n in rows])


def _values(one: Observed, n: int) -> list[Any]:
    result = None if one.value is not None else _json(one.result)
    quality, parameters = (None if part is None else _json(part) for part in (one.quality, one.parameters))
    return [
        *(one.series, one.time, n, one.ends, result, one.result_time),
        *(one.valid_from, one.valid_to, quality, parameters, one.feature),
    ]


def _json(found: Any) -> str:
    return json.dumps(found, ensure_ascii=False)


def _others(found: Sequence[Observed], by: Viewer) -> list[int]:
    """Write results that are no numbers; the number of each among those of its instant. The same result again is the same."""
    if not found:
        return []
    from miasto.kernel.observations.store import locks, told

    demand_writable({one.series for one in found}, by)
    if any(one.time > clock.now() + AHEAD for one in found):
        raise Problem(400, _("Czas obserwacji leży w przyszłości."))
    locks.lock(one.series for one in found)
    made = [_other(one) for one in found]
    told.note_others([(one.series, one.time, n) for one, (n, new) in zip(found, made, strict=True) if new])
    return [n for n, _new in made]


def _other(one: Observed) -> tuple[int, bool]:
    """The number of a result among those of its instant, and whether it is new."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT min(n) FILTER (WHERE result = %s::jsonb), COALESCE(max(n), 0) FROM observations_extra
               WHERE series = %s AND time = %s AND n > 0""",
            [_json(one.result), one.series, one.time],
        )
        same, last = cursor.fetchone()
        n = same or last + 1
        if n > 32_000:
            raise Problem(400, _("Jedna chwila ma już za dużo obserwacji."))
        _put([(one, n)])
        if not same:
            cursor.execute(
                """UPDATE observations_datastream SET count = count + 1, first_at = LEAST(first_at, %s),
                   last_at = GREATEST(last_at, %s) WHERE id = %s""",
                [one.time, one.ends or one.time, one.series],
            )
    return n, not same


def demand_writable(series: set[int], by: Viewer) -> None:
    """Raise ``PermissionDenied`` or ``UnknownSeries`` as the ingest would."""
    import numpy as np
    from django.core.exceptions import PermissionDenied

    from miasto.kernel.observations.ingest import UnknownSeries
    from miasto.kernel.observations.store.checking import streams_of

    streams = streams_of(np.array(sorted(series), dtype=np.int64), by)
    if len(streams.series) < len(series):
        raise UnknownSeries(sorted(series - set(streams.series.tolist())))
    if not streams.writable.all():
        raise PermissionDenied(_("Brak prawa do wpisywania odczytów do tej serii pomiarowej."))


@transaction.atomic
def rewrite(one: Observed, n: int, *, by: Viewer) -> Written:
    """Change an observation in its place: a number is corrected through the ingest, another result in its row."""
    if one.value is not None:
        return write([one], by=by, wait=True)
    demand_writable({one.series}, by)
    _put([(one, n)])
    return Written([times.observation_id(one.series, one.time, n)])


@transaction.atomic
def remove(series: int, moment: Any, n: int, *, by: Viewer) -> None:
    """Take an observation away. The roll-ups of its hour and day, the latest value and the counter follow."""
    from miasto.kernel.observations.store import locks, partitions

    demand_writable({series}, by)
    locks.lock([series])
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM observations_extra WHERE series = %s AND time = %s AND n = %s", [series, moment, n])
        if n:
            cursor.execute("UPDATE observations_datastream SET count = GREATEST(count - 1, 0) WHERE id = %s", [series])
            return
        if partitions.hot_among([moment.date()]):
            _remove_hot(cursor, series, moment)
        else:
            _remove_cold(cursor, series, moment)
        cursor.execute("DELETE FROM observations_latest WHERE series = %s AND time = %s RETURNING true", [series, moment])
        if cursor.fetchone():
            _put_latest(cursor, series)


def _put_latest(cursor: Any, series: int) -> None:
    """The newest reading left, wherever it lies, is the latest value now."""
    cursor.execute(
        """SELECT time FROM observations_reading WHERE series = %(series)s
           UNION ALL (SELECT time FROM observations_late WHERE series = %(series)s AND (flags & %(gone)s) = 0)
           ORDER BY time DESC LIMIT 1""",
        {"series": series, "gone": flags.DELETED},
    )
    found = [row[0] for row in cursor.fetchall()]
    found += [] if (archived := cold.newest(series)) is None else [archived]
    if not found:
        return
    from miasto.kernel.observations.store.reading import readings

    for one in readings([series], max(found), max(found) + times.MICROSECOND):
        cursor.execute(
            """INSERT INTO observations_latest (series, flags, time, value, received) VALUES (%s, %s, %s, %s, %s)
               ON CONFLICT (series) DO NOTHING""",
            [series, one.flags, one.time, one.value, clock.now()],
        )


def _remove_hot(cursor: Any, series: int, moment: Any) -> None:
    from miasto.kernel.observations.store import folding, rolling

    cursor.execute("DELETE FROM observations_reading WHERE series = %s AND time = %s", [series, moment])
    folding.prepare()
    cursor.execute("INSERT INTO fold_hour VALUES (%s, date_trunc('hour', %s::timestamptz, 'UTC'))", [series, moment])
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    rolling.roll_hot(day, day + timedelta(days=1))
    cursor.execute(
        """UPDATE observations_datastream SET count = count + more
           FROM (SELECT series, sum(more) AS more FROM fold_count GROUP BY series) AS grown WHERE id = series"""
    )


def _remove_cold(cursor: Any, series: int, moment: Any) -> None:
    """The archive forgets it at its next merge; until then a mark lies over it."""
    cursor.execute(
        """INSERT INTO observations_late (series, flags, time, value) VALUES (%s, %s, %s, 0)
           ON CONFLICT (series, time) DO UPDATE SET id = DEFAULT, flags = excluded.flags, value = 0""",
        [series, flags.DELETED, moment],
    )
    cursor.execute(
        """INSERT INTO observations_dirty VALUES (%s, date_trunc('hour', %s::timestamptz, 'UTC')) ON CONFLICT DO NOTHING""",
        [series, moment],
    )


def forget_streams(series: Sequence[int]) -> None:
    """Empty the store of data streams that go; the archive rewrites its files without them at once (``forgetting``)."""
    from miasto.kernel.observations.archive import forgetting
    from miasto.kernel.observations.importing import journal

    forgetting.forget(series)
    journal.forget_series(series)
    tables = ("staging", "reading", "extra", "latest", "hour", "day", "late", "dirty")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DELETE FROM observations_{table} WHERE series = ANY(%s)", [list(series)])  # noqa: S608 - constants
