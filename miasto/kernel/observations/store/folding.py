"""From the staging table into the hot table, the latest values and the roll-ups; one transaction for each chunk.

The rows leave the staging table in the transaction that puts them where they belong, so a kill at any moment neither loses nor
doubles one. Several folders work side by side: who folds a series holds it until the commit (``locks``). So what came later for
one instant always wins, and the roll-ups of a series have one writer. Readings wait in three lanes; a chunk is of one lane, and
those of the higher lanes are folded first. What a danger to life may depend on is folded in the transaction that takes it in
(``fold_series``), so the folder finds of that lane only what was too much for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from django.db import DataError, IntegrityError, OperationalError, connection, transaction

from miasto.kernel.core import clock
from miasto.kernel.observations.store import flags, locks, rolling
from miasto.kernel.observations.store.locks import LIFE, SHARDS
from miasto.kernel.observations.store.placing import STICKY, place, prepare
from miasto.kernel.observations.store.reading import Reading

CHUNK = 20_000
LANES = (LIFE, 1, 0)
PATIENCE_MS = 800  # less than after which PostgreSQL looks for those who wait in a ring
_HELD = ("55P03", "40P01")  # lock not available, deadlock
Hook = Callable[[list[Reading]], None]

_log = logging.getLogger(__name__)
_hooks: list[tuple[Hook, bool]] = []


def after_fold(hook: Hook, *, every: bool = False) -> Hook:
    """Have ``hook`` called with the readings of each folded chunk that are new or changed, ordered by series and time.

    It gets those of watched series, with ``every`` those of all that anybody may see or that somebody listens to
    (``told.listen``). It runs inside the transaction of the fold, so what it writes exists exactly if the readings are
    folded, once; what leaves the database belongs into ``transaction.on_commit``. Its failure is logged and does not stop
    the fold. Readings of ``import_history`` are not told.
    May be used as a decorator.
    """
    if (hook, every) not in _hooks:
        _hooks.append((hook, every))
    return hook


def forget_hook(hook: Hook) -> None:
    """Call it no more."""
    _hooks[:] = [one for one in _hooks if one[0] != hook]


def fold(*, shards: Sequence[int] = range(SHARDS), most: int = CHUNK, lanes: Sequence[int] = LANES) -> int:
    """Fold one chunk of the first of ``lanes`` that holds something of the shards that nobody else holds.

    Returns how many rows left the staging table. A row that the database refuses is found by making the chunk smaller and set
    aside in quarantine, so it stops nothing.
    """
    while True:
        try:
            with transaction.atomic():
                return next((done for lane in lanes if (done := _fold(shards, lane, most))), 0)
        except (DataError, IntegrityError):
            _log.exception("a chunk of %s readings was refused", most)
            if most == 1:
                return _set_aside(shards, lanes)
            most = max(1, most // 8)


def fold_series(series: Iterable[int], *, lives: bool = False) -> None:
    """Fold at once all that waits of these series, for who reads what he has just written or for a danger to life.

    ``lives``: all of them lie in the lane of dangers to life. Does nothing where somebody holds one of them for long, or where
    the database refuses a row: then the folders come to it soon enough.
    """
    wanted = sorted(set(series))
    lane = f"lane = {LIFE} AND " if lives else ""  # its own index finds them among millions that wait
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = %s", [PATIENCE_MS])
            locks.lock(wanted)
            prepare()
            cursor.execute(_TAKE.format(chosen=f"{lane}series = ANY(%(series)s)"), {"series": wanted})
            if cursor.fetchone()[0]:
                place()
                _tell()
            cursor.execute("SET LOCAL lock_timeout = 0")
    except (DataError, IntegrityError):
        _log.exception("readings of %s series were not folded at once", len(wanted))
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") not in _HELD:
            raise


def fold_all(*, shards: Sequence[int] = range(SHARDS), most: int = CHUNK) -> int:
    """Fold until nothing is left that is free, late roll-ups too; returns how many rows left the staging table."""
    total = 0
    while done := fold(shards=shards, most=most):
        total += done
    while rolling.roll_late(shards=shards):
        pass
    return total


def _held(shards: Sequence[int], lane: int, most: int) -> str:
    """The condition for waiting rows of a lane that this transaction holds from now on; empty where there are none.

    The lane is a constant of the text, so that its index is used.
    """
    if lane != LIFE:
        found = locks.try_shards(shards)
        return _rows(lane, found) if found and _any(_rows(lane, found)) else ""
    with connection.cursor() as cursor:
        first = f"SELECT series FROM observations_staging WHERE {_rows(lane, shards)} ORDER BY id LIMIT {most:d}"
        cursor.execute(f"SELECT DISTINCT series FROM ({first}) AS first")
        found = locks.try_lives(row[0] for row in cursor.fetchall())
    return f"lane = {lane:d} AND series IN ({_listed(found)})" if found else ""


def _rows(lane: int, shards: Sequence[int]) -> str:
    return f"lane = {lane:d}" + ("" if len(shards) == SHARDS else f" AND mod(series, {SHARDS}) IN ({_listed(shards)})")


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(str(int(one)) for one in numbers)


def _any(condition: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT FROM observations_staging WHERE {condition})")
        return cursor.fetchone()[0]


# What was sent twice within the chunk is one row: the last; two values for one instant are a correction.
_TAKE = f"""
WITH taken AS (
    DELETE FROM observations_staging WHERE {{chosen}} RETURNING id, lane, series, flags, time, value
),
told AS (
    INSERT INTO fold_chunk (lane, series, flags, time, value)
    SELECT DISTINCT ON (series, time) lane, series,
           flags | (bit_or(flags) OVER same & {STICKY}::smallint)
           | CASE WHEN min(value) OVER same <> max(value) OVER same THEN {flags.CORRECTED}::smallint ELSE 0::smallint END,
           time, value
    FROM taken WINDOW same AS (PARTITION BY series, time) ORDER BY series, time, id DESC
)
SELECT count(*) FROM taken"""


def _fold(shards: Sequence[int], lane: int, most: int) -> int:
    condition = _held(shards, lane, most)
    if not condition:
        return 0
    prepare()
    first = f"SELECT ctid FROM observations_staging WHERE {condition} ORDER BY id LIMIT {most:d}"
    with connection.cursor() as cursor:
        cursor.execute(_TAKE.format(chosen=f"ctid = ANY(ARRAY({first}))"))
        found = cursor.fetchone()[0]
    place()
    _tell()
    return found


def _all_hooks() -> list[tuple[Hook, bool]]:
    """The registered ones and first the alerts, which every process that folds must know."""
    from miasto.kernel.observations.alerts.judging import judge

    return [(judge, False), *(one for one in _hooks if one[0] is not judge)]


# Whose readings are new, for the pages that show them (``live``); a notice holds at most 8,000 bytes. And whether a partner
# wants readings.
MOVED = "observations_moved"
_RING = f"""
SELECT EXISTS (SELECT FROM observations_alerthook WHERE active AND readings),
       pg_notify('{MOVED}', string_agg(series::text, ',')) FROM (
    SELECT series, (row_number() OVER (ORDER BY series) - 1) / 700 AS page
    FROM (SELECT DISTINCT series FROM fold_changed) AS moved
) AS pages GROUP BY page"""


# What is told to those who want all: of streams that anybody may see, and of others only what somebody listens to, for meters
# by the hundred thousand are private.
_PUBLIC = """series IN (
    SELECT stream.id FROM observations_datastream AS stream JOIN observations_thing AS thing ON thing.id = stream.thing_id
    WHERE stream.audience = 'public' AND thing.audience = 'public'
      AND stream.id = ANY(ARRAY(SELECT DISTINCT series FROM fold_changed))
    UNION ALL SELECT series FROM observations_listened WHERE until > now())"""
_URGENT = "series IN (SELECT series FROM fold_chunk WHERE lane > 0)"


def _tell() -> None:
    hooks = _all_hooks()
    public = _PUBLIC if any(every for _hook, every in hooks) else "false"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT * FROM (
                    SELECT series, time, value, flags, {_URGENT} AS urgent, {public} AS public FROM fold_changed
                ) AS those WHERE urgent OR public ORDER BY series, time"""
        )
        rows = cursor.fetchall()
        cursor.execute(_RING)
        partners, *_notified = cursor.fetchone() or (False,)
    watched = [Reading(*row[:4]) for row in rows if row[4]]
    seen = [Reading(*row[:4]) for row in rows if row[5]]
    for hook, every in hooks:
        if given := seen if every else watched:
            _call(partial(hook, given), hook.__qualname__)
    if partners:
        _note_for_partners()


def _note_for_partners() -> None:
    from miasto.kernel.observations.alerts.noting import note

    _call(note, "readings to partners")


def _call(hook: Callable[[], None], name: str) -> None:
    try:
        with transaction.atomic():
            hook()
    except OperationalError:  # of the database, not of the hook: the chunk is folded again
        raise
    except Exception:
        _log.exception("%s failed", name)


def _set_aside(shards: Sequence[int], lanes: Sequence[int]) -> int:
    """Move the first row of the shards, which the database refuses to fold, into quarantine."""
    with transaction.atomic(), connection.cursor() as cursor:
        condition = next((found for lane in lanes if (found := _held(shards, lane, 1))), "")
        if not condition:
            return 0
        cursor.execute(
            f"""WITH gone AS (
                    DELETE FROM observations_staging WHERE id = (
                        SELECT id FROM observations_staging WHERE {condition} ORDER BY id LIMIT 1
                    ) RETURNING series, time, value
                )
                INSERT INTO observations_quarantined (datastream_id, time, value, raw, reason, state, received_at)
                SELECT series, time, value, value::text, 'range', 'waiting', %s FROM gone
                JOIN observations_datastream ON id = series ON CONFLICT DO NOTHING""",
            [clock.now()],
        )
    return 1
