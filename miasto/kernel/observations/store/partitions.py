"""The days that are hot: their partitions made ahead, dropped only after the archive has them.

A reading is hot where its UTC day is inside the hot window or still has its partition, and the border has not passed it.
The border moves by ``drop`` only, day after day from the oldest, and never comes back: a day that the archive holds alone is
never half hot again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from django.db import connection, transaction

from miasto.kernel.core import clock

LOCKS = 7_341_601  # the class of the advisory locks of the store; the shards are 0..15
_BORDER = 100  # the lock under which days are dropped, shared by those who fold
AHEAD_DAYS = 2


def hot_days() -> int:
    """How many days before today stay hot (3 where nobody chose)."""
    return _row()[0]


def border() -> date | None:
    """The newest UTC day whose raw readings are in the archive alone; None while there is none."""
    return _row()[1]


def _row() -> tuple[int, date | None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT hot_days, border FROM observations_store")
        return cursor.fetchone() or (3, None)


@transaction.atomic
def set_hot_days(days: int) -> None:
    """Choose the hot window. A wider one begins with the days that are hot now: what lies behind them stays in the archive."""
    if not 1 <= days <= 366:
        raise ValueError("the hot window is 1 to 366 days")
    behind = first_hot() - timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE observations_store SET hot_days = %(days)s,
               border = CASE WHEN %(days)s > hot_days THEN GREATEST(border, %(behind)s) ELSE border END""",
            {"days": days, "behind": min([behind, *(day - timedelta(days=1) for day in existing())])},
        )


def first_hot() -> date:
    """The oldest UTC day inside the hot window."""
    return clock.now().astimezone(UTC).date() - timedelta(days=hot_days())


def existing() -> list[date]:
    """The UTC days that have a partition, oldest first."""
    return sorted(date.fromisoformat(name.rsplit("_", 1)[1]) for name in _children("observations_reading"))


def _children(parent: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT child.relname FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
               WHERE inhparent = to_regclass(%s)""",
            [parent],
        )
        return [row[0] for row in cursor.fetchall()]


def hot_among(days: Iterable[date]) -> list[date]:
    """Those of the UTC days that are hot; their partitions exist afterwards. Call inside the transaction that writes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [LOCKS, _BORDER])
    first, behind, there = first_hot(), border(), set(existing())
    found = [day for day in set(days) if (behind is None or day > behind) and (day >= first or day in there)]
    for day in found:
        if day not in there:
            make_day(day)
    return found


def make_day(day: date) -> None:
    """Make the partition of a UTC day. It is attached, not created in place, so that nobody who reads or writes waits."""
    name, start = f"observations_reading_{day:%Y%m%d}", datetime(day.year, day.month, day.day, tzinfo=UTC)
    _attach("observations_reading", name, start, start + timedelta(days=1), key="series, time", column="time")


def make_hours(starts: Iterable[datetime]) -> None:
    """Make the partitions that hold roll-ups of these hours: one a month; one a year for the years gone by."""
    there = set(_children("observations_hour"))
    this_year = clock.now().year
    for year, month in sorted({(start.astimezone(UTC).year, start.astimezone(UTC).month) for start in starts}):
        whole, part = f"observations_hour_{year:04}", f"observations_hour_{year:04}{month:02}"
        if whole in there or part in there:
            continue
        by_month = year >= this_year or any(name.startswith(whole) for name in there)
        start = datetime(year, month if by_month else 1, 1, tzinfo=UTC)
        end = (start + timedelta(days=32)).replace(day=1) if by_month else datetime(year + 1, 1, 1, tzinfo=UTC)
        name = part if by_month else whole
        _attach("observations_hour", name, start, end, key="series, start", column="start")
        there.add(name)


def _attach(parent: str, name: str, start: datetime, end: datetime, *, key: str, column: str) -> None:
    """Make and attach one partition; whoever comes second finds it there."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCKS + 1, name])
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone()[0] is not None:
            return
        cursor.execute(
            f"""CREATE TABLE {name} (LIKE {parent} INCLUDING DEFAULTS,
                CHECK ({column} >= '{start.isoformat()}' AND {column} < '{end.isoformat()}'), PRIMARY KEY ({key}))"""
        )
        cursor.execute(
            f"ALTER TABLE {parent} ATTACH PARTITION {name} FOR VALUES FROM ('{start.isoformat()}') TO ('{end.isoformat()}')"
        )


def ahead() -> None:
    """Make the partitions of the hot window and of the next days."""
    today = clock.now().astimezone(UTC).date()
    start = first_hot()
    hot_among(start + timedelta(days=step) for step in range((today - start).days + AHEAD_DAYS + 1))
    make_hours([clock.now(), clock.now() + timedelta(days=AHEAD_DAYS)])


@transaction.atomic
def close(day: date) -> None:
    """Move the border to a day that the archive is about to copy: from the commit on its readings count as late ones.

    Waits for the folds at work. The partition is still read until ``drop``.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCKS, _BORDER])
        cursor.execute("UPDATE observations_store SET border = GREATEST(border, %s)", [day])


@transaction.atomic
def drop(day: date) -> None:
    """Forget the raw readings of a UTC day that the archive holds, and move the border there; roll-ups stay.

    Only the archive calls this, after its file and manifest are written. Raises ``ValueError`` for a day inside the hot window
    and for one with an older day still hot.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCKS, _BORDER])
        there = existing()
        if day >= first_hot():
            raise ValueError(f"{day} is inside the hot window")
        if any(older < day for older in there):
            raise ValueError(f"{there[0]} is older than {day} and still hot")
        if day in there:
            cursor.execute(f"DROP TABLE observations_reading_{day:%Y%m%d}")
        cursor.execute("UPDATE observations_store SET border = GREATEST(border, %s)", [day])
