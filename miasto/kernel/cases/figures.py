"""Counting for the open statistics: one row of facts for each public case, and cells of months that add them up.

A case that changed is put among the uncounted by a listener; the job takes it from there, writes its facts anew and counts
again every cell that the old and the new facts touch. Counting a cell again is right whatever was missed or done twice, so
a killed job or a repeated event leaves no error behind. The rows uncounted and what was counted of them are one transaction.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from miasto.kernel.cases.level_models import WHOLE, Cell, Fact, Uncounted
from miasto.kernel.cases.levels import pauses_from_history
from miasto.kernel.cases.models import Case
from miasto.kernel.cases.types import case_type, case_types
from miasto.kernel.core import clock
from miasto.kernel.spec.cases import FILER, CaseType

AT_ONCE = 2000
LOCK = "cases.figures"
STEP = 1.02
SHORTEST_S = 60.0
Key = tuple[date, UUID, int]

_FACTS = """
INSERT INTO cases_fact (case_id, case_type, unit_id, category_id, district_id, channel, filed_month, responded_month,
    response_s, response_in_time, solved_month, solution_s, solution_in_time, disputed, confirmed)
SELECT c.id, c.case_type, c.unit_id, coalesce(c.category_id, 0), c.district_id, c.channel,
    date_trunc('month', c.filed_at AT TIME ZONE %(zone)s)::date,
    date_trunc('month', r.at AT TIME ZONE %(zone)s)::date,
    greatest(extract(epoch FROM r.at - c.filed_at), 0)::int,
    CASE WHEN c.first_due_at IS NOT NULL THEN r.at <= c.first_due_at END,
    date_trunc('month', s.at AT TIME ZONE %(zone)s)::date,
    greatest(extract(epoch FROM s.at - c.filed_at) - coalesce(waits.seconds, 0), 0)::int,
    (s.at AT TIME ZONE %(zone)s)::date <= c.due_on,
    c.disputed > 0, coalesce(said.confirmed, false)
FROM cases_case AS c
LEFT JOIN LATERAL (SELECT c.answered_at AS at WHERE c.progress IN ('answered', 'closed')) AS s ON true
LEFT JOIN LATERAL (
    SELECT coalesce(c.first_response_at, min(step.at)) AS at FROM cases_casestep AS step
    LEFT JOIN discussions_comment AS words ON words.id = step.comment_id
    WHERE step.case_id = c.id AND NOT step.by_filer AND step.actor_kind = 'person'
      AND (step.kind = 'transition' OR (step.kind = 'comment' AND words.audience IN ('public', 'parties')))
) AS r ON true
LEFT JOIN LATERAL (
    SELECT sum(greatest(extract(epoch FROM least(coalesce(p.ended_at, s.at), s.at) - greatest(p.began_at, c.filed_at)), 0))
        AS seconds
    FROM cases_pause AS p WHERE p.case_id = c.id AND p.began_at < s.at
) AS waits ON s.at IS NOT NULL
LEFT JOIN LATERAL (
    SELECT bool_or(step.transition = ANY(%(confirming)s)) AS confirmed FROM cases_casestep AS step
    WHERE step.case_id = c.id AND step.by_filer AND step.kind = 'transition'
) AS said ON s.at IS NOT NULL
WHERE c.case_type = %(case_type)s AND c.public AND (%(ids)s::uuid[] IS NULL OR c.id = ANY(%(ids)s))
"""

# One row for each (cell, district, channel) of what was filed, and for each (cell, district, bin) of answers and solutions.
_COUNTS = {
    "filed": """
SELECT f.filed_month, f.unit_id, f.category_id, f.district_id, f.channel, count(*), 0, 0, 0, 0
FROM cases_fact AS f {keys} WHERE f.case_type = %(case_type)s {months} GROUP BY 1, 2, 3, 4, 5""",
    "responded": """
SELECT f.responded_month, f.unit_id, f.category_id, f.district_id, {bin}, count(*), count(f.response_in_time),
    count(*) FILTER (WHERE f.response_in_time), 0, 0
FROM cases_fact AS f {keys} WHERE f.case_type = %(case_type)s AND f.responded_month IS NOT NULL {months}
GROUP BY 1, 2, 3, 4, 5""",
    "solved": """
SELECT f.solved_month, f.unit_id, f.category_id, f.district_id, {bin}, count(*), 0,
    count(*) FILTER (WHERE f.solution_in_time), count(*) FILTER (WHERE f.disputed), count(*) FILTER (WHERE f.confirmed)
FROM cases_fact AS f {keys} WHERE f.case_type = %(case_type)s AND f.solved_month IS NOT NULL {months} GROUP BY 1, 2, 3, 4, 5""",
}
_KEYS = """JOIN (SELECT DISTINCT * FROM unnest(%(months)s::date[], %(units)s::uuid[], %(categories)s::bigint[])
    AS k(month, unit_id, category_id)) AS k
ON f.{kind}_month = k.month AND f.unit_id = k.unit_id AND f.category_id = k.category_id"""
_BIN = "floor(ln(greatest({seconds}, 60) / 60.0) / ln(1.02))::int"
_SECONDS = {"filed": "", "responded": "f.response_s", "solved": "f.solution_s"}


def bin_of(seconds: float) -> int:
    """The bin of a time: bins grow by 2 %, the first ends just above a minute."""
    return math.floor(math.log(max(seconds, SHORTEST_S) / SHORTEST_S) / math.log(STEP))


def seconds_of(number: int) -> float:
    """The middle of a bin in seconds: no more than 1 % from any time in it."""
    return SHORTEST_S * STEP ** (number + 0.5)


def confirming(kind: CaseType) -> list[str]:
    """The transitions by which a filer says that the matter is settled: from an answered stage to the end, no dispute."""
    ends = {stage.key for stage in kind.stages if stage.final and stage.public}
    answered = {stage.key for stage in kind.stages if stage.clock == "stopped" and not stage.final}
    steps = (step for step in kind.transitions if FILER in step.by and not step.dispute and step.target in ends)
    return [step.key for step in steps if set(step.sources) <= answered]


def note(case_id: UUID) -> None:
    """The case is to be counted anew; 1 query."""
    Uncounted.objects.bulk_create([Uncounted(case_id=case_id)], ignore_conflicts=True)


def count_noted() -> int:
    """Count the cases that changed since they were counted; returns how many. Bears being killed at any moment."""
    done = 0
    while (batch := _count_batch()) > 0:
        done += batch
    return done


@transaction.atomic
def _count_batch() -> int:
    _lock()
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM cases_uncounted WHERE case_id IN (SELECT case_id FROM cases_uncounted LIMIT %s) RETURNING case_id",
            [AT_ONCE],
        )
        ids = [row[0] for row in cursor.fetchall()]
    if ids:
        recount(ids)
    return len(ids)


@transaction.atomic
def recount(case_ids: Iterable[UUID]) -> None:
    """Write the facts of some cases anew and count the cells that they left, are in, or came to."""
    _lock()
    ids = list(case_ids)
    before = _keys(ids)
    Fact.objects.filter(case_id__in=ids).delete()
    for kind in case_types():
        _write_facts(kind, ids)
    touched = before | _keys(ids)
    for key in {one[0] for one in touched}:
        _count_cells(key, {one[1:] for one in touched if one[0] == key})


@transaction.atomic
def count_all(key: str | None = None) -> int:
    """Count everything from the beginning (of one case type, else of all); returns how many cells there are."""
    _lock()
    pauses_from_history()
    for kind in [case_type(key)] if key else case_types():
        Fact.objects.filter(case_type=kind.key).delete()
        Cell.objects.filter(case_type=kind.key).delete()
        _write_facts(kind, None)
        for month in _months(kind.key):
            _insert(kind.key, {"months": [month], "units": None, "categories": None})
    return Cell.objects.count()


def is_uncounted() -> bool:
    """Whether there are cases and nothing was counted yet; 2 short queries."""
    return not Cell.objects.exists() and Case.objects.exists()


def _lock() -> None:
    """One writer at a time: two that count one cell would each miss what the other has not committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [LOCK])


def _write_facts(kind: CaseType, ids: list[UUID] | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, {"zone": str(clock.zone()), "case_type": kind.key, "ids": ids, "confirming": confirming(kind)})


def _keys(ids: list[UUID]) -> set[tuple[str, date, UUID, int]]:
    found = set()
    columns = ("case_type", "filed_month", "responded_month", "solved_month", "unit_id", "category_id")
    for key, *months, unit_id, category_id in Fact.objects.filter(case_id__in=ids).values_list(*columns):
        found |= {(key, month, unit_id, category_id) for month in months if month is not None}
    return found


def _months(key: str) -> list[date]:
    found: set[date] = set()
    for column in ("filed_month", "responded_month", "solved_month"):
        found |= set(Fact.objects.filter(case_type=key).values_list(column, flat=True).distinct())
    return sorted(found - {None})


def _count_cells(key: str, cells: set[Key]) -> None:
    gone = Q(pk__in=[])
    by_month: dict[date, list[tuple[UUID, int]]] = {}
    for month, unit_id, category_id in cells:
        by_month.setdefault(month, []).append((unit_id, category_id))
        gone |= Q(month=month, unit_id=unit_id, category_id=category_id)
    Cell.objects.filter(gone, case_type=key).delete()
    rows = sorted(cells, key=str)
    _insert(
        key, {"months": [row[0] for row in rows], "units": [row[1] for row in rows], "categories": [row[2] for row in rows]}
    )


def _insert(key: str, asked: dict[str, Any]) -> None:
    """Count the asked cells: whole months where no units are given."""
    made: dict[tuple[date, UUID, int, UUID], Cell] = {}
    for what, query in _COUNTS.items():
        for row in _rows(what, query, {"case_type": key, **asked}):
            _add(made, key, what, row)
    Cell.objects.bulk_create(made.values(), batch_size=1000)


def _rows(what: str, query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    whole = values["units"] is None
    kind = "filed" if what == "filed" else what
    filled = query.format(
        keys="" if whole else _KEYS.format(kind=kind),
        months=f"AND f.{kind}_month = ANY(%(months)s)" if whole else "",
        bin=_BIN.format(seconds=_SECONDS[what]),
    )
    with connection.cursor() as cursor:
        cursor.execute(filled, values)
        return cursor.fetchall()


def _add(made: dict[tuple[date, UUID, int, UUID], Cell], key: str, what: str, row: tuple[Any, ...]) -> None:
    """Add a counted row to the cell of its district and to that of the whole city."""
    month, unit_id, category_id, district_id, part, number, promised, in_time, disputed, confirmed = row
    for area in {WHOLE, district_id or WHOLE}:
        cell = made.get((month, unit_id, category_id, area))
        if cell is None:
            cell = Cell(case_type=key, month=month, unit_id=unit_id, category_id=category_id, district_id=area)
            made[(month, unit_id, category_id, area)] = cell
        parts = {"filed": cell.channels, "responded": cell.response_times, "solved": cell.solution_times}[what]
        parts[str(part)] = parts.get(str(part), 0) + number
        setattr(cell, what, getattr(cell, what) + number)
        if what == "responded":
            cell.responded_promised += promised
            cell.responded_in_time += in_time
        if what == "solved":
            cell.solved_in_time += in_time
            cell.disputed += disputed
            cell.confirmed += confirmed
