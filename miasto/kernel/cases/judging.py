"""Who judges a disputed case: a supervisor of the unit, and not the one whose answer is disputed if there is another."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from miasto.kernel.accounts.selectors import people_in
from miasto.kernel.cases.models import Case, CaseStep, Progress

SUPERVISE, HANDLE = "cases.supervise", "cases.handle"


def supervisor_for(case: Any) -> UUID | None:
    """The supervisor of the unit (or above it) with the fewest disputed cases at work; None where the unit has none."""
    people = list(people_in([case.unit_id], SUPERVISE).values_list("pk", flat=True))
    others = [pk for pk in people if pk != case.assignee_id] or people
    if len(others) < 2:
        return others[0] if others else None
    at_work = Case.objects.filter(assignee__in=others, disputed__gt=0, progress__in=(Progress.OPEN, Progress.WAITING))
    load = dict(at_work.values_list("assignee").annotate(count=Count("pk")))
    return min(others, key=lambda pk: load.get(pk, 0))


def handler_before(case: Any) -> UUID | None:
    """Who of the unit answered before the dispute; None (the unit as a whole) where they work there no more."""
    steps = CaseStep.objects.filter(case=case.pk, kind=CaseStep.Kind.TRANSITION, by_filer=False, actor_kind="person")
    last = steps.filter(~Q(actor_id=case.assignee_id)).order_by("-id").values_list("actor_id", flat=True).first()
    if last is None or not people_in([case.unit_id], HANDLE).filter(pk=last).exists():
        return None
    return last
