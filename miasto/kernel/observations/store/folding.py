"""From the staging table into the hot table, the latest values and the roll-ups; one transaction for each chunk.

The rows leave the staging table in the transaction that puts them where they belong, so a kill at any moment neither loses nor
doubles one. Several folders work side by side: a series belongs to one of 16 shards, and who folds a shard holds its lock until
the commit. So what came later for one instant always wins, and the roll-ups of a series have one writer. Readings wait in three
lanes; a chunk is of one lane, and those of the higher lanes are folded first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence

from django.db import DataError, IntegrityError, OperationalError, connection, transaction

from miasto.kernel.core import clock
from miasto.kernel.observations.store import flags, partitions, rolling
from miasto.kernel.observations.store.placing import STICKY, place, prepare
from miasto.kernel.observations.store.reading import Reading
from miasto.kernel.observations.store.staging import LIFE

SHARDS = 16
CHUNK = 20_000
LANES = (LIFE, 1, 0)  # series of rules about a danger to life, of other rules, of none
PATIENCE_MS = 1000
_LOCK_NOT_AVAILABLE = "55P03"
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


def shard_of(series: int) -> int:
    """The shard of a series."""
    return series % SHARDS


def lock(shards: Iterable[int]) -> None:
    """Wait for shards and hold them until the end of the transaction; in order, so that two never wait for each other."""
    with connection.cursor() as cursor:
        for shard in sorted(set(shards)):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [partitions.LOCKS, shard])


def try_lock(shards: Sequence[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shard FROM unnest(%s::int[]) AS shard WHERE pg_try_advisory_xact_lock(%s, shard)",
            [list(shards), partitions.LOCKS],
        )
        return [row[0] for row in cursor.fetchall()]


def fold(*, shards: Sequence[int] = range(SHARDS), most: int = CHUNK, lanes: Sequence[int] = LANES) -> int:
    """Fold one chunk of the first of ``lanes`` that holds something of the shards that nobody else holds.

    Returns how many rows left the staging table. A row that the database refuses is found by making the chunk smaller and set
    aside in quarantine, so it stops nothing.
    """
    while True:
        try:
            with transaction.atomic():
                held = try_lock(shards)
                return _fold(held, lanes, most) if held else 0
        except (DataError, IntegrityError):
            _log.exception("a chunk of %s readings was refused", most)
            if most == 1:
                return _set_aside(shards, lanes)
            most = max(1, most // 8)


def fold_series(series: Iterable[int]) -> None:
    """Fold all that waits of these series, for those who want to read what they have just written.

    Does nothing where their shards are held for long or very much waits: then the folders come to it soon enough.
    """
    wanted = sorted(set(series))
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = %s", [PATIENCE_MS])
            lock(shard_of(one) for one in wanted)
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = 0")
                prepare()
                cursor.execute(_TAKE.format(chosen="series = ANY(%(series)s)"), {"series": wanted})
                found = cursor.rowcount
            if found:
                place()
                _tell()
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != _LOCK_NOT_AVAILABLE:
            raise


def fold_all(*, shards: Sequence[int] = range(SHARDS), most: int = CHUNK) -> int:
    """Fold until nothing is left that is free, late roll-ups too; returns how many rows left the staging table."""
    total = 0
    while done := fold(shards=shards, most=most):
        total += done
    while rolling.roll_late(shards=shards):
        pass
    return total


def _first_lane(shards: list[int], lanes: Sequence[int]) -> int | None:
    """The first of the lanes that holds a row of the shards; the lane is a constant of the text, so that its index is used."""
    with connection.cursor() as cursor:
        for lane in lanes:
            cursor.execute(f"SELECT EXISTS (SELECT FROM observations_staging WHERE lane = {lane:d} {_ours(shards)})")
            if cursor.fetchone()[0]:
                return lane
    return None


def _ours(shards: list[int]) -> str:
    return "" if len(shards) == SHARDS else f"AND series % {SHARDS} IN ({', '.join(str(int(one)) for one in shards)})"


# Whether a series is watched may change while its readings wait in another lane: what came earlier for a series that is
# chosen goes with it, so that what came later wins.
_CHOSEN = """ctid = ANY(ARRAY(
    WITH first AS MATERIALIZED (
        SELECT ctid, id, series FROM observations_staging WHERE lane = {lane} {ours} ORDER BY id LIMIT %(most)s
    ) {earlier} SELECT ctid FROM first))"""
_EARLIER = """SELECT other.ctid FROM observations_staging AS other
    WHERE {others} AND other.id < (SELECT max(id) FROM first) AND other.series IN (SELECT series FROM first)
    UNION ALL"""
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


def _fold(shards: list[int], lanes: Sequence[int], most: int) -> int:
    lane = _first_lane(shards, lanes)
    if lane is None:
        return 0
    prepare()
    others = f"other.lane <> {lane:d}" if lane else "other.lane > 0"  # the latter as the index says it
    earlier = _EARLIER.format(others=others)
    chosen = _CHOSEN.format(earlier=earlier, lane=lane, ours=_ours(shards).replace("%", "%%"))
    with connection.cursor() as cursor:
        cursor.execute(_TAKE.format(chosen=chosen), {"most": most})
        found = cursor.fetchone()[0]
    place()
    _tell()
    return found


def _all_hooks() -> list[tuple[Hook, bool]]:
    """The registered ones and first the alerts, which every process that folds must know."""
    from miasto.kernel.observations.alerts.judging import judge

    return [(judge, False), *(one for one in _hooks if one[0] is not judge)]


# Whose readings are new, for the pages that show them (``live``); a notice holds at most 8,000 bytes.
MOVED = "observations_moved"
_RING = f"""
SELECT pg_notify('{MOVED}', string_agg(series::text, ',')) FROM (
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
    watched = [Reading(*row[:4]) for row in rows if row[4]]
    seen = [Reading(*row[:4]) for row in rows if row[5]]
    for hook, every in hooks:
        if given := seen if every else watched:
            _call(hook, given)


def _call(hook: Hook, readings: list[Reading]) -> None:
    try:
        with transaction.atomic():
            hook(readings)
    except OperationalError:  # of the database, not of the hook: the chunk is folded again
        raise
    except Exception:
        _log.exception("%s failed on %s readings", hook.__qualname__, len(readings))


def _set_aside(shards: Sequence[int], lanes: Sequence[int]) -> int:
    """Move the first row of the shards, which the database refuses to fold, into quarantine."""
    with transaction.atomic(), connection.cursor() as cursor:
        held = try_lock(shards)
        lane = _first_lane(held, lanes) if held else None
        if lane is None:
            return 0
        cursor.execute(
            f"""WITH gone AS (
                    DELETE FROM observations_staging WHERE id = (
                        SELECT id FROM observations_staging WHERE lane = {lane:d} {_ours(held).replace("%", "%%")}
                        ORDER BY id LIMIT 1
                    ) RETURNING series, time, value
                )
                INSERT INTO observations_quarantined (datastream_id, time, value, raw, reason, state, received_at)
                SELECT series, time, value, value::text, 'range', 'waiting', %s FROM gone
                JOIN observations_datastream ON id = series ON CONFLICT DO NOTHING""",
            [clock.now()],
        )
    return 1
