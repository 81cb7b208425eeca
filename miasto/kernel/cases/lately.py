"""What the city did lately: the newest answers with the photos that prove them, and the weeks behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from miasto.kernel.cases.models import Case, CaseFile, CaseStep, Moderation, Progress
from miasto.kernel.cases.rows import RegisterRow, excerpt, register_row, with_names
from miasto.kernel.cases.types import case_type
from miasto.kernel.core import clock

ANSWER_EXCERPT = 140
CANDIDATES = 24

_WEEKS = """
SELECT week, sum(filed), sum(answered) FROM (
  SELECT date_trunc('week', filed_at AT TIME ZONE %(zone)s)::date AS week, 1 AS filed, 0 AS answered
  FROM cases_case WHERE case_type = %(case_type)s AND public AND filed_at >= %(start)s AND filed_at < %(end)s
  UNION ALL
  SELECT date_trunc('week', answered_at AT TIME ZONE %(zone)s)::date, 0, 1
  FROM cases_case WHERE case_type = %(case_type)s AND public AND answered_at >= %(start)s AND answered_at < %(end)s
) AS events GROUP BY week
"""


@dataclass(frozen=True, slots=True)
class Answered:
    """A public case with the city's last public answer. ``before`` and ``after`` are approved photos (files) or None."""

    row: RegisterRow
    answer: str
    unit_name: str
    before: UUID | None
    after: UUID | None


@dataclass(frozen=True, slots=True)
class Week:
    """How many public cases were filed and how many answered in the week that begins on ``monday``."""

    monday: date
    filed: int
    answered: int


def latest_answered(kind: str, limit: int = 3) -> list[Answered]:
    """The newest answers, those with photos first; 3 queries. People and places in danger are not shown off."""
    found = Case.objects.filter(public=True, case_type=case_type(kind).key, answered_at__isnull=False)
    found = found.filter(progress__in=(Progress.ANSWERED, Progress.CLOSED)).exclude(category__danger=True)
    cases = list(with_names(found).order_by("-answered_at", "-id")[:CANDIDATES])
    answers, photos = _answers([case.pk for case in cases]), _photos([case.pk for case in cases])
    told = [
        Answered(register_row(case, None), *answers[case.pk], photos.get((case.pk, False)), photos.get((case.pk, True)))
        for case in cases
        if case.pk in answers
    ]
    return sorted(told, key=lambda one: one.after is None and one.before is None)[:limit]


def _answers(case_ids: list[UUID]) -> dict[UUID, tuple[str, str]]:
    """The last public words of staff in each case, and the unit that spoke."""
    said: Any = CaseStep.objects.filter(
        case__in=case_ids, by_filer=False, comment__audience="public", comment__state="published"
    ).order_by("id")
    rows = said.values_list("case", "comment__text__body", "case__unit__name")
    return {case_id: (excerpt(body, ANSWER_EXCERPT), unit) for case_id, body, unit in rows if body}


def _photos(case_ids: list[UUID]) -> dict[tuple[UUID, bool], UUID]:
    """The first approved photo of each case by (case, whether it shows the result)."""
    rows: Any = CaseFile.objects.filter(case__in=case_ids, state=Moderation.APPROVED).order_by("order", "id")
    found: dict[tuple[UUID, bool], UUID] = {}
    for case_id, phase, file_id in rows.values_list("case", "phase", "file"):
        found.setdefault((case_id, phase == CaseFile.Phase.RESOLVED), file_id)
    return found


def by_week(kind: str, weeks: int = 12) -> list[Week]:
    """The last whole weeks, oldest first, empty ones too; 1 query."""
    this_monday = clock.today() - timedelta(days=clock.today().weekday())
    mondays = [this_monday - timedelta(weeks=back) for back in range(weeks, 0, -1)]
    with connection.cursor() as cursor:
        cursor.execute(
            _WEEKS,
            {
                "case_type": case_type(kind).key,
                "zone": str(clock.zone()),
                "start": clock.start_of(mondays[0]),
                "end": clock.start_of(this_monday),
            },
        )
        counted = {monday: (int(filed), int(answered)) for monday, filed, answered in cursor.fetchall()}
    return [Week(monday, *counted.get(monday, (0, 0))) for monday in mondays]
