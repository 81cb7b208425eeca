"""Who may write which series of the store, and when a series may change its lane.

A series has one writer at a time. Common ones are held by the shard, so that a chunk of tens of thousands takes 16 locks; those
that a rule about a danger to life reads are held nearly one by one (a lock for each 1,024th, so that there are never too many),
and no chunk of others, however long, stands before them.
A series moves between the two only with both of its locks held, and with nobody between reading its lane and staging by it.
All are advisory locks of the transaction; they are taken in one order: lanes, shards, series of dangers to life.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db import connection, transaction

from miasto.kernel.observations.store.partitions import LOCKS

SHARDS, LIVES = 16, 1024
LIFE = 2  # the lane of dangers to life; 1 is that of series which other rules read, 0 of all others
_LIVES = LOCKS + 2  # the class of the locks in the lane of dangers to life
_LANES, _MOVING = 101, 102
LANE = "(CASE WHEN life THEN 2 WHEN watched THEN 1 ELSE 0 END)"


def shard_of(series: int) -> int:
    """The shard of a series."""
    return series % SHARDS


def life_key(series: int) -> int:
    """The lock of a series in the lane of dangers to life."""
    return series % LIVES


def keep_lanes() -> None:
    """No series changes its lane until the end of this transaction: what it stages lies where the folders look for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [LOCKS, _LANES])


def lock(series: Iterable[int]) -> None:
    """Wait for these series and hold them until the end of the transaction."""
    wanted = set(series)
    life = _in_life(wanted)
    while True:
        _hold({shard_of(one) for one in wanted - life}, life)
        if (now := _in_life(wanted)) == life:
            return
        life = now  # one changed its lane meanwhile; held as it is now, it cannot again


def try_shards(shards: Sequence[int]) -> list[int]:
    """Those of the shards that nobody else held; they are held now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shard FROM unnest(%s::int[]) AS shard WHERE pg_try_advisory_xact_lock(%s, shard)", [list(shards), LOCKS]
        )
        return [row[0] for row in cursor.fetchall()]


def try_lives(series: Iterable[int]) -> list[int]:
    """Those of the series in the lane of dangers to life that nobody else held; they are held now."""
    wanted = set(series)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key FROM unnest(%s::int[]) AS key WHERE pg_try_advisory_xact_lock(%s, key)",
            [sorted({life_key(one) for one in wanted}), _LIVES],
        )
        held = {row[0] for row in cursor.fetchall()}
    return sorted(_in_life({one for one in wanted if life_key(one) in held}))


def _in_life(series: set[int]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM observations_datastream WHERE life AND id = ANY(%s)", [list(series)])
        return {row[0] for row in cursor.fetchall()}


def _hold(shards: set[int], lives: Iterable[int]) -> None:
    """Each lock in the order of its number, so that two never wait for each other."""
    with connection.cursor() as cursor:
        for kind, keys in ((LOCKS, shards), (_LIVES, {life_key(one) for one in lives})):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, key) FROM unnest(%s::int[]) AS key", [kind, sorted(keys)])


def one_mover() -> None:
    """Whoever decides about lanes takes turns, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCKS, _MOVING])


_MOVED = "FROM unnest(%s::int[], %s::smallint[]) AS moved (id, lane)"


@transaction.atomic
def assign(lanes: Mapping[int, int]) -> None:
    """Put series into lanes, all that are not named into lane 0; what of them waits moves along. Nothing where all lie so."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {LANE} FROM observations_datastream WHERE watched OR life OR id = ANY(%s)", [list(lanes)])
        were = dict(cursor.fetchall())
        moved = {series: lanes.get(series, 0) for series, lane in were.items() if lane != lanes.get(series, 0)}
        if not moved:
            return
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCKS, _LANES])
        _hold({shard_of(one) for one in moved}, [one for one in moved if LIFE in (were[one], moved[one])])
        values = [list(moved), list(moved.values())]
        cursor.execute(
            f"""UPDATE observations_datastream AS old SET watched = moved.lane > 0, life = moved.lane > 1
                {_MOVED} WHERE old.id = moved.id""",
            values,
        )
        cursor.execute(
            f"""UPDATE observations_staging AS old SET lane = moved.lane
                {_MOVED} WHERE old.series = moved.id AND old.lane <> moved.lane""",
            values,
        )
