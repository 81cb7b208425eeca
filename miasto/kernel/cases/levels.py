"""Service levels: what is promised for a category, when somebody first answered, and when the clock stood still.

Two promises: a first answer within hours (working hours of the unit that got the case; for danger, hours of the clock), and
the matter settled within days (``deadlines``). Every wait is kept as an interval, so that "how fast" is net of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection

from miasto.kernel.cases.level_models import Pause
from miasto.kernel.cases.models import Case, Category
from miasto.kernel.cases.types import case_types
from miasto.kernel.cases.worktime import ALWAYS, Span, week_of
from miasto.kernel.core import clock
from miasto.kernel.spec.cases import CaseType, Stage

ANSWERED = "answered"
PUBLIC_WORDS = ("public", "parties")

_FROM_HISTORY = """
INSERT INTO cases_pause (case_id, why, began_at, ended_at)
SELECT case_id, CASE WHEN to_stage = ANY(%(stopped)s) THEN 'answered' ELSE waits.why END, at, next_at FROM (
    SELECT step.case_id, step.to_stage, step.at,
           lead(step.at) OVER (PARTITION BY step.case_id ORDER BY step.id) AS next_at,
           step.id < max(step.id) FILTER (WHERE NOT step.to_stage = ANY(%(stopped)s))
               OVER (PARTITION BY step.case_id) AS goes_on
    FROM cases_casestep AS step JOIN cases_case AS held ON held.id = step.case_id
    WHERE held.case_type = %(case_type)s AND step.kind = 'transition'
      AND (%(ids)s::uuid[] IS NULL OR step.case_id = ANY(%(ids)s))
      AND NOT EXISTS (SELECT 1 FROM cases_pause AS known WHERE known.case_id = step.case_id)
) AS steps
LEFT JOIN unnest(%(paused)s::text[], %(whys)s::text[]) AS waits(stage, why) ON waits.stage = steps.to_stage
WHERE waits.stage IS NOT NULL OR (to_stage = ANY(%(stopped)s) AND goes_on)
"""


def response_hours(kind: CaseType, category: Category | None) -> int:
    """Hours promised for the first answer: the category's own, else the case type's; 0 promises nothing."""
    return (category.first_response_hours if category else None) or kind.deadline.first_response_hours


def first_due(kind: CaseType, category: Category | None, unit_slug: str, filed_at: datetime) -> datetime | None:
    """Until when the first answer is promised; None where nothing is promised.

    Hours of the unit's working week; a matter of danger is counted round the clock, because danger does not wait for Monday.
    """
    hours = response_hours(kind, category)
    if not hours:
        return None
    week = ALWAYS if category is not None and category.danger else week_of(unit_slug)
    return week.after(filed_at, hours)


def note_response(case: Case, when: datetime) -> tuple[str, ...]:
    """The first answer of staff to a case, noted once; the columns to write."""
    if case.first_response_at is not None:
        return ()
    case.first_response_at = when
    return ("first_response_at",)


def note_turn(case: Case, stage: Stage, when: datetime) -> None:
    """Keep the waiting of a case that goes to another stage: 1 query where a wait begins or ends, else none.

    Called with the columns of the stage that is left. That a case lay answered and was taken up again is a wait too.
    """
    target = "stopped" if stage.final else stage.clock
    if case.clock == "paused":
        Pause.objects.filter(case=case, ended_at=None).update(ended_at=when)
    elif case.clock == "stopped" and target != "stopped":
        Pause.objects.create(case=case, why=ANSWERED, began_at=case.answered_at or case.stage_since, ended_at=when)
    if target == "paused":
        Pause.objects.create(case=case, why=stage.waits_for, began_at=when)


def pauses_from_history(case_ids: Iterable[UUID] | None = None) -> int:
    """Write the waits of cases that have none yet from their history (imports, cases older than this table); how many."""
    made, ids = 0, None if case_ids is None else list(case_ids)
    for kind in case_types():
        paused = [stage for stage in kind.stages if stage.clock == "paused" and not stage.final]
        values = {
            "case_type": kind.key,
            "ids": ids,
            "paused": [stage.key for stage in paused],
            "whys": [stage.waits_for for stage in paused],
            "stopped": [stage.key for stage in kind.stages if stage.final or stage.clock == "stopped"],
        }
        with connection.cursor() as cursor:
            cursor.execute(_FROM_HISTORY, values)
            made += cursor.rowcount
    return made


def pauses_of(case_ids: Iterable[UUID]) -> dict[UUID, list[Span]]:
    """The waits of cases, oldest first; one that goes on ends now. 1 query."""
    found: dict[UUID, list[Span]] = {}
    for row in Pause.objects.filter(case__in=list(case_ids)).order_by("began_at"):
        found.setdefault(row.case_id, []).append((row.began_at, row.ended_at or clock.now()))
    return found
