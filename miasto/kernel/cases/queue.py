"""The staff queue: the cases of the units that a viewer may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.cases.access import SEE
from miasto.kernel.cases.models import Case, Progress
from miasto.kernel.cases.pages import DUE, NEWEST, SUPPORTED, Order, Page, bounded_count, cut
from miasto.kernel.cases.register import Bbox, CasePoint, common, is_number, points
from miasto.kernel.cases.rows import QueueRow, queue_row, with_staff_names
from miasto.kernel.cases.types import case_types
from miasto.kernel.core import clock
from miasto.kernel.core.polish import fold

PAGE_SIZE = 50


@dataclass(frozen=True, kw_only=True)
class QueueFilters:
    """What a member of staff asked of the queue.

    ``active`` (the default) leaves out what is answered or closed; ``progress`` names one of open, waiting, answered,
    closed and overrules it. ``assignee`` is "me", "none", or a person's id. ``overdue``: late by today; ``due_within``: the
    term ends within so many days; ``pending``: something waits for approval; ``disputed``: the filer did not agree;
    ``to_judge``: and the viewer is to judge it.
    ``order`` is "due", "newest" or "supported" (only what others said "me too" to); lists that hold closed cases are otherwise
    newest first. ``text`` searches number, address and description.
    """

    case_type: str = ""
    unit: UUID | None = None
    assignee: str = ""
    progress: str = ""
    stages: tuple[str, ...] = ()
    category: str = ""
    district: UUID | None = None
    text: str = ""
    bbox: Bbox | None = None
    since: date | None = None
    until: date | None = None
    active: bool = True
    overdue: bool = False
    due_within: int | None = None
    pending: bool = False
    disputed: bool = False
    to_judge: bool = False
    order: str = "due"
    cursor: str = ""
    size: int = PAGE_SIZE


def queue(viewer: Viewer, filters: QueueFilters) -> Page[QueueRow]:
    """One page of the queue; at most 6 queries."""
    found = queue_cases(viewer, filters)
    count, exact = bounded_count(found)
    cases, after, before = cut(with_staff_names(found), _order(filters), filters.cursor, filters.size)
    return Page([queue_row(case) for case in cases], after, before, count, exact)


def _order(filters: QueueFilters) -> Order:
    """By term only where the terms run: a million closed cases have none that matters."""
    if filters.order == "supported":
        return SUPPORTED
    running = filters.progress in (Progress.OPEN, Progress.WAITING) if filters.progress else filters.active
    return DUE if filters.order == "due" and running else NEWEST


def queue_points(viewer: Viewer, filters: QueueFilters, limit: int = 5000) -> list[CasePoint]:
    """The cases of the queue with a place, for the queue's map; at most 3 queries."""
    return points(queue_cases(viewer, filters), limit)


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many cases wait for the viewer's units."""

    active: int
    unassigned: int
    mine: int
    overdue: int
    due_soon: int
    pending: int
    disputed: int
    to_judge: int


def queue_counts(viewer: Viewer, case_type: str = "") -> QueueCounts:
    """The numbers over the queue; 1 query over the cases that are not closed."""
    today = clock.today()
    late = Q(progress=Progress.OPEN, due_on__lt=today)
    soon = Q(progress=Progress.OPEN, due_on__gte=today, due_on__lte=today + timedelta(days=1))
    at_work = Q(progress__in=(Progress.OPEN, Progress.WAITING))
    found = of_units(viewer).exclude(progress=Progress.CLOSED)
    if case_type:
        found = found.filter(case_type=case_type)
    return QueueCounts(
        **found.aggregate(
            # Before "disputed": a later aggregate would take that name for the count.
            to_judge=Count("pk", filter=at_work & _to_judge(viewer)),
            active=Count("pk", filter=at_work),
            unassigned=Count("pk", filter=at_work & Q(assignee__isnull=True)),
            mine=Count("pk", filter=at_work & Q(assignee=viewer.person_id))
            if viewer.person_id
            else Count("pk", filter=Q(pk=None)),
            overdue=Count("pk", filter=late),
            due_soon=Count("pk", filter=soon),
            pending=Count("pk", filter=Q(pending__gt=0)),
            disputed=Count("pk", filter=at_work & Q(disputed__gt=0)),
        )
    )


def _to_judge(viewer: Viewer) -> Q:
    """Disputed cases that wait for the viewer's own judgement."""
    stages = {step.target for kind in case_types() for step in kind.transitions if step.dispute}
    return Q(disputed__gt=0, stage__in=stages, assignee=viewer.person_id) if viewer.person_id else Q(pk=None)


def of_units(viewer: Viewer) -> QuerySet:
    """The cases that the viewer may see as staff (none for residents)."""
    units = viewer.units_with(SEE)
    if units is None:
        return Case.objects.all()
    return Case.objects.filter(unit__in=units) if units else Case.objects.none()


def queue_cases(viewer: Viewer, filters: QueueFilters) -> QuerySet:
    """The staff's cases that the filters leave."""
    found = common(of_units(viewer), filters)
    for condition in _conditions(viewer, filters):
        found = found.filter(condition)
    return _with_text(found, filters.text) if filters.text.strip() else found


def _conditions(viewer: Viewer, filters: QueueFilters) -> list[Q]:
    today = clock.today()
    asked: list[tuple[Any, Q]] = [
        (filters.case_type, Q(case_type=filters.case_type)),
        (filters.unit, Q(unit=filters.unit)),
        (filters.stages, Q(stage__in=filters.stages)),
        (filters.active and not filters.progress, Q(progress__in=(Progress.OPEN, Progress.WAITING))),
        (filters.overdue, Q(progress=Progress.OPEN, due_on__lt=today)),
        (filters.pending, Q(pending__gt=0)),
        (filters.disputed, Q(disputed__gt=0)),
        (filters.to_judge, _to_judge(viewer)),
        (filters.order == "supported", Q(supporters__gt=0)),
        (filters.assignee, _assignee(viewer, filters.assignee)),
    ]
    if filters.due_within is not None:
        last = today + timedelta(days=filters.due_within)
        asked.append((True, Q(progress=Progress.OPEN, due_on__lte=last)))
    return [condition for wanted, condition in asked if wanted]


def _assignee(viewer: Viewer, asked: str) -> Q:
    if asked == "none":
        return Q(assignee__isnull=True)
    if asked == "me":
        return Q(assignee=viewer.person_id) if viewer.person_id else Q(pk__in=[])
    try:
        return Q(assignee=UUID(asked))
    except ValueError:
        return Q(pk__in=[])


def _with_text(found: QuerySet, text: str) -> QuerySet:
    """One column holds all that is searched: for a rare word its trigrams are asked, for a common one the list is walked."""
    if is_number(text):
        return found.filter(number=text.strip().upper())
    for word in fold(text).split():
        found = found.filter(text__search__contains=word)
    return found
