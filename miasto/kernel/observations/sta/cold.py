"""Observations that the archive holds, as one more source of rows beside the stores in PostgreSQL.

For questions about a few data streams; a question about all of them is answered from what is hot or late.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.utils.translation import gettext as _

from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.sta.sql import Sql, rows_of, sql, value
from miasto.kernel.observations.sta.syntax import Binary, Kind, Literal, Node, Path

FEW = 5
MOST = 200_000
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_SOURCE = """(SELECT r.series, r.time, 0::smallint AS n, r.value, r.flags, x.ends, NULL::jsonb AS result, x.result_time,
    x.valid_from, x.valid_to, x.quality, x.parameters, x.feature
    FROM unnest({}, {}, {}, {}) AS r(series, time, value, flags) LEFT JOIN observations_extra x
    ON x.series = r.series AND x.time = r.time AND x.n = 0 AND (r.flags & 1) <> 0)"""


@dataclass(frozen=True)
class Cold:
    """``source`` stands after FROM with an alias; before ``edge`` it holds everything, so that late rows there are left out."""

    edge: datetime
    source: Sql


def edge() -> datetime | None:
    """The instant before which the archive alone holds readings; None while there is no archive."""
    from miasto.kernel.observations.store import partitions

    day = partitions.border()
    return None if day is None else datetime.combine(day + timedelta(days=1), time.min, tzinfo=UTC)


def few_streams(streams: Sql, before: datetime) -> list[int]:
    """The data streams of a condition that have anything so old; none where they are many."""
    query = sql("SELECT d.id FROM observations_datastream d WHERE {} AND d.first_at < {} LIMIT {}", streams, *_two(before))
    found = [row["id"] for row in rows_of(query)]
    return found if len(found) <= FEW else []


def _two(before: datetime) -> tuple[Sql, Sql]:
    return value(before, "timestamptz"), value(FEW + 1)


def cold(series: Sequence[int], start: datetime, end: datetime, border: datetime, most: int = MOST) -> Cold | None:
    """The archived readings of series with ``start`` <= time < ``end``. Raises ``Problem`` where they are too many at once."""
    from miasto.kernel.observations.store.reading import readings

    until = min(end, border)
    if not series or start >= until:
        return None
    found = readings(series, start, until, most=min(most, MOST + 1))
    if len(found) > MOST:
        raise Problem(400, _("Odpowiedź trwałaby za długo. Zawęź zapytanie, na przykład do jednej serii albo czasu."))
    columns = (
        value([one.series for one in found], "integer[]"),
        value([one.time for one in found], "timestamptz[]"),
        value([one.value for one in found], "double precision[]"),
        value([one.flags for one in found], "integer[]"),
    )
    return Cold(border, sql(_SOURCE, *columns))


def bounds(parts: Iterable[Node]) -> tuple[datetime, datetime, bool]:
    """``(start, end, whether nothing else is asked)``: what the parts of a condition say of phenomenonTime, widely read."""
    start, end, only = EARLIEST, datetime.max.replace(tzinfo=UTC), True
    for part in parts:
        moment = _moment(part)
        if moment is None:
            only = False
        elif isinstance(part, Binary) and part.op in ("gt", "ge", "eq"):
            start = max(start, moment)
        if moment is not None and isinstance(part, Binary) and part.op in ("lt", "le", "eq"):
            end = min(end, moment + timedelta(microseconds=1))
    return start, end, only


def _moment(part: Node) -> datetime | None:
    """The instant that phenomenonTime is compared with, where the part is such a comparison."""
    if not isinstance(part, Binary) or part.op not in ("gt", "ge", "lt", "le", "eq"):
        return None
    if not isinstance(part.left, Path) or part.left.steps != ("phenomenonTime",):
        return None
    right = part.right
    return right.value if isinstance(right, Literal) and right.kind is Kind.INSTANT else None
