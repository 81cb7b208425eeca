"""How many, how fast, how often disputed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import connection

from miasto.kernel.core import clock

_FIGURES = """
SELECT {key}, count(*), count(answered_at), count(*) FILTER (WHERE closed_at IS NOT NULL),
       count(*) FILTER (WHERE disputed > 0), count(*) FILTER (WHERE progress = 'open' AND due_on < %(today)s),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM answered_at - filed_at)) / 86400.0,
       count(*) FILTER (WHERE (answered_at AT TIME ZONE %(zone)s)::date <= due_on)
FROM cases_case WHERE case_type = %(case_type)s AND filed_at >= %(start)s AND filed_at < %(end)s {public}
GROUP BY 1 ORDER BY 2 DESC
"""
_RECENTLY = """
SELECT (SELECT count(*) FROM cases_case WHERE case_type = %(case_type)s AND public AND filed_at >= %(since)s),
       (SELECT count(*) FROM cases_case WHERE case_type = %(case_type)s AND public AND answered_at >= %(since)s),
       (SELECT count(*) FROM cases_case WHERE case_type = %(case_type)s AND public AND progress IN ('open', 'waiting'))
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of the cases filed in a span. ``key`` is a unit, a category or a district; ``median_days`` to the answer.

    ``answered_in_time`` counts those answered by the day on which the term ended.
    """

    key: UUID | int | None
    filed: int
    answered: int
    closed: int
    disputed: int
    overdue: int
    median_days: float | None
    answered_in_time: int


def statistics(case_type: str, *, by: str, since: date, until: date, public_only: bool = True) -> list[Figures]:
    """Figures of cases filed between two local days (both counted), by "unit", "category", "district" or "all"; 1 query."""
    if by not in ("unit", "category", "district", "all"):
        raise ValueError(f"statistics by {by!r}; use unit, category, district or all")
    query = _FIGURES.format(key="NULL" if by == "all" else f"{by}_id", public="AND public" if public_only else "")
    with connection.cursor() as cursor:
        cursor.execute(
            query,
            {
                "case_type": case_type,
                "today": clock.today(),
                "zone": str(clock.zone()),
                "start": clock.start_of(since),
                "end": clock.start_of(until + timedelta(days=1)),
            },
        )
        return [Figures(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Recently:
    """What happened in the city in the last days, of public cases; ``open`` is what is being worked on now."""

    days: int
    filed: int
    answered: int
    open: int


def recently(case_type: str, days: int = 7) -> Recently:
    """The numbers of the home page; 1 query of three counts, each by a partial index."""
    with connection.cursor() as cursor:
        cursor.execute(_RECENTLY, {"case_type": case_type, "since": clock.start_of(clock.today() - timedelta(days=days))})
        filed, answered, at_work = cursor.fetchone()
    return Recently(days=days, filed=filed, answered=answered, open=at_work)
