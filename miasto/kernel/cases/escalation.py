"""Terms that come near or are over go up the ladder (``ladder``): each rung once, shown in the history, acknowledged.

A rung (``levels.toml``, ``escalation.rungs``) says of which promise it speaks, when it is reached and who is told. The job
may be killed or run twice: a rung reached is one row, unique for the case, the rung and the end of the term (``mark``); a
term that a pause has moved is another end, for which the ladder begins anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, QuerySet
from django.db.models.functions import Cast

from miasto.kernel.accounts.selectors import SYSTEM, Viewer, current_units, people_at, people_in, units_up
from miasto.kernel.cases import listeners, writing
from miasto.kernel.cases.deadlines import DAY, is_working
from miasto.kernel.cases.ladder import FIRST_RESPONSE, SOLUTION, SUPERVISOR, TOPICS, WORKER, Rung, ladder, rung
from miasto.kernel.cases.level_models import Escalation
from miasto.kernel.cases.models import Case, CaseStep, Progress
from miasto.kernel.core import clock
from miasto.kernel.core.city import city

SUPERVISE = "cases.supervise"
AT_ONCE = 500
LOOK_BACK_DAYS = 10


def escalate_due() -> int:
    """Climb every rung that is reached by now; returns how many were new. Bears being killed and being run by two at once."""
    return sum(_climb(case_id, one) for one in ladder() for case_id in list(_reached(one)[:AT_ONCE]))


def _reached(one: Rung) -> QuerySet:
    """The cases that reached a rung and have not climbed it, the most urgent first; of a promise long past none."""
    found = Case.objects.filter(progress=Progress.OPEN)
    if one.danger is not None:
        found = found.filter(category__danger=True) if one.danger else found.exclude(category__danger=True)
    if one.of == SOLUTION:
        first, last = _due_days(one.working_days)
        found = found.filter(due_on__gte=first, due_on__lte=last).order_by("due_on")
        marks: dict[str, Any] = {"mark": Cast(OuterRef("due_on"), CharField())}
    else:
        until = clock.now() - timedelta(hours=one.hours)
        found = found.filter(first_response_at=None, first_due_at__lte=until, first_due_at__gte=until - DAY * LOOK_BACK_DAYS)
        found, marks = found.order_by("first_due_at"), {"mark": FIRST_RESPONSE}
    climbed = Escalation.objects.filter(case=OuterRef("pk"), rung=one.key, **marks)
    return found.filter(~Exists(climbed)).values_list("pk", flat=True)


def _due_days(working_days: int) -> tuple[date, date]:
    """The first and the last day of terms that reach a rung today."""
    today = clock.today()
    if working_days < 0:
        return today, _days_on(today, -working_days)
    last = _days_back(today, working_days)
    return last - DAY * LOOK_BACK_DAYS, last


def _days_on(day: date, count: int) -> date:
    """The last day up to which there are so many working days after ``day``."""
    while count or not is_working(day + DAY):
        day += DAY
        count -= is_working(day)
    return day


def _days_back(day: date, count: int) -> date:
    """The last day after which there are so many working days up to and with ``day``."""
    while count:
        count -= is_working(day)
        day -= DAY
    return day


@transaction.atomic
def _climb(case_id: UUID, one: Rung) -> bool:
    case = Case.objects.select_for_update(of=("self",)).select_related("category", "unit").get(pk=case_id)
    if case.progress != Progress.OPEN or (one.of == FIRST_RESPONSE and case.first_response_at is not None):
        return False
    mark = case.due_on.isoformat() if one.of == SOLUTION else FIRST_RESPONSE
    unit_id, told = _told(case, one)
    made, fresh = Escalation.objects.get_or_create(
        case=case,
        rung=one.key,
        mark=mark,
        defaults={"at": clock.now(), "unit_id": unit_id, "told": sorted(told, key=str)},
    )
    if not fresh:
        return False
    writing.save(case)
    writing.step(case, CaseStep.Kind.ESCALATED, SYSTEM, transition=one.key, unit_id=unit_id)
    writing.record("escalate", case, SYSTEM, rung=one.key, to_unit=unit_id)
    also = _workers(case) if one.to == SUPERVISOR else set()
    listeners.tell_staff(case, TOPICS[one.to], f"rung:{made.pk}", set(told) | also, today=clock.today(), of=one.of)
    return True


def _told(case: Case, one: Rung) -> tuple[UUID, set[UUID]]:
    """The unit whose people are told, and they. Where a unit has nobody, the next one above it; at last the top of the city."""
    if one.to == WORKER:
        return case.unit_id, _workers(case)
    above = units_up(case.unit_id)
    for unit_id in [*(above if one.to == SUPERVISOR else above[1:]), *_top()]:
        people = set(people_at(unit_id, SUPERVISE).values_list("pk", flat=True))
        if people:
            return unit_id, people
    return case.unit_id, set(people_in(None, SUPERVISE).values_list("pk", flat=True)[:5])


def _workers(case: Case) -> set[UUID]:
    """The person who has the case, else those of the unit itself: a director above it need not hear of each day."""
    here = set() if case.assignee_id else set(people_at(case.unit_id, "cases.handle").values_list("pk", flat=True))
    return here or listeners.workers(case)


def _top() -> Iterator[UUID]:
    slug = city().toml("levels.toml").get("escalation", {}).get("top", "")
    yield from current_units().filter(slug=slug).values_list("pk", flat=True)


@transaction.atomic
def acknowledge(*, escalation_id: UUID, by: Viewer) -> Escalation:
    """Whoever was told says that they know and look after it; saying it again changes nothing.

    Raises ``Escalation.DoesNotExist``, and ``PermissionDenied`` for anybody who was not told.
    """
    found = Escalation.objects.select_for_update().get(pk=escalation_id)
    if by.person_id is None or by.person_id not in found.told:
        raise PermissionDenied("told")
    if found.acknowledged_at is not None:
        return found
    found.acknowledged_at, found.acknowledged_by_id = clock.now(), by.person_id
    found.save(update_fields=["acknowledged_at", "acknowledged_by_id"])
    case = writing.lock(Case(pk=found.case_id), None)
    writing.save(case)
    writing.step(case, CaseStep.Kind.ACKNOWLEDGED, by, transition=found.rung)
    writing.record("acknowledge", case, by, rung=found.rung)
    return found


@dataclass(frozen=True, slots=True)
class Told:
    """An escalation as a supervisor sees it on the desk."""

    id: UUID
    number: str
    category: str
    address_text: str
    unit_name: str
    rung: Rung | None
    at: Any
    due_on: date
    danger: bool

    @property
    def url(self) -> str:
        return f"/panel/sprawy/{self.number}/"


def waiting_for(viewer: Viewer, limit: int = 10) -> tuple[list[Told], int]:
    """What the viewer was told and has not acknowledged, of cases still open, newest first, and how many; 2 queries."""
    if viewer.person_id is None:
        return [], 0
    rungs = [one.key for one in ladder() if one.to != WORKER]
    found = Escalation.objects.filter(
        told__contains=[viewer.person_id], acknowledged_at=None, rung__in=rungs, case__progress=Progress.OPEN
    )
    rows = found.select_related("case__category", "case__unit").order_by(
        F("case__category__danger").desc(nulls_last=True), "-at"
    )
    return [_as_told(row) for row in rows[:limit]], found.count()


def _as_told(row: Escalation) -> Told:
    case = row.case
    category = case.category
    return Told(
        id=row.pk,
        number=case.number,
        category=category.title if category else case.number,
        address_text=case.address_text,
        unit_name=case.unit.name,
        rung=rung(row.rung),
        at=row.at,
        due_on=case.due_on,
        danger=bool(category and category.danger),
    )


def open_rungs(case_ids: Iterable[UUID]) -> dict[UUID, Rung | None]:
    """The highest rung that each case reached; 1 query."""
    rows = Escalation.objects.filter(case__in=list(case_ids)).order_by("at").values_list("case_id", "rung")
    return {case_id: rung(key) for case_id, key in rows}
