"""What somebody who comes on duty must know, and the shifts behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q

from miasto.kernel.accounts.selectors import Viewer, display_names
from miasto.kernel.cases import selectors as cases
from miasto.kernel.core import clock
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.phone.models import Call
from miasto.modules.contact_centre.shift.models import Duty, Entry, Shift
from miasto.modules.contact_centre.shift.services import DUTY

DANGERS = 12
HISTORY = 30
NOTES_HOURS = 36


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log with the names of who wrote and who took it over."""

    id: UUID
    kind: str
    body: str
    number: str
    author: str
    written_at: datetime
    taker: str
    taken_at: datetime | None
    done_at: datetime | None
    mine: bool

    @property
    def erased(self) -> bool:
        return not self.body


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Somebody on duty, since when and until when."""

    name: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Danger:
    """An open report of danger. ``answered`` is None while nobody has answered."""

    number: str
    category: str
    address_text: str
    unit_name: str
    filed_at: datetime
    answered: datetime | None

    @property
    def url(self) -> str:
        return f"/panel/sprawy/{self.number}/"


@dataclass(frozen=True, slots=True)
class Board:
    """The whole hand-over on one page. ``calls`` are the times at which somebody waits for a call back."""

    shift: Shift | None
    on_duty: list[OnDuty]
    here: bool
    tasks: list[Line]
    notes: list[Line]
    counts: Any
    dangers: list[Danger]
    calls: list[datetime]


def board(viewer: Viewer) -> Board:
    """What is open now; at most 8 queries. Raises ``PermissionDenied`` for who is not of the contact centre."""
    _require(viewer)
    shift = Shift.objects.filter(ended_at=None).first()
    duties = list(Duty.objects.filter(until=None).order_by("since"))
    since = clock.now() - timedelta(hours=NOTES_HOURS)
    shown = Q(kind=Entry.Kind.TASK, done_at=None) | Q(written_at__gte=since)
    entries = list(Entry.objects.filter(shown).order_by("-written_at"))
    lines = _lines(entries, viewer, [duty.person_id for duty in duties])
    names = display_names(duty.person_id for duty in duties)
    return Board(
        shift=shift,
        on_duty=[OnDuty(names.get(duty.person_id, "–"), duty.since, None) for duty in duties],
        here=any(duty.person_id == viewer.person_id for duty in duties),
        tasks=[line for line in lines if line.kind == Entry.Kind.TASK and line.done_at is None],
        notes=[line for line in lines if line.kind == Entry.Kind.NOTE or line.done_at is not None],
        counts=cases.queue_counts(viewer, KEY),
        dangers=_dangers(viewer),
        calls=_calls(viewer),
    )


def _require(viewer: Viewer) -> None:
    if not viewer.holds(DUTY):
        raise PermissionDenied(DUTY)


def _lines(entries: list[Entry], viewer: Viewer, also: list[Any]) -> list[Line]:
    names = display_names([*(row.author_id for row in entries), *(row.taken_by_id for row in entries), *also])
    return [
        Line(
            id=row.pk,
            kind=row.kind,
            body=row.body,
            number=row.number,
            author=names.get(row.author_id, "–"),
            written_at=row.written_at,
            taker=names.get(row.taken_by_id, "") if row.taken_by_id else "",
            taken_at=row.taken_at,
            done_at=row.done_at,
            mine=row.taken_by_id == viewer.person_id,
        )
        for row in entries
    ]


def _dangers(viewer: Viewer) -> list[Danger]:
    found = cases.visible_cases(viewer).filter(case_type=KEY, progress="open", category__danger=True)
    rows = found.select_related("category", "unit").order_by("first_response_at", "filed_at")[:DANGERS]
    return [
        Danger(row.number, row.category.title, row.address_text, row.unit.name, row.filed_at, row.first_response_at)
        for row in rows
    ]


def _calls(viewer: Viewer) -> list[datetime]:
    waiting = Call.objects.visible_to(viewer).filter(call_back_at__isnull=False, called_back_at__isnull=True)
    return list(waiting.order_by("call_back_at").values_list("call_back_at", flat=True)[:50])


@dataclass(frozen=True, slots=True)
class Past:
    """A shift with who was on duty and what was written."""

    shift: Shift
    people: list[OnDuty]
    lines: list[Line]


def history(viewer: Viewer) -> list[Past]:
    """The last shifts, newest first; at most 4 queries."""
    _require(viewer)
    entries = Prefetch("entries", Entry.objects.order_by("written_at"))
    shifts = list(Shift.objects.prefetch_related("duties", entries).order_by("-began_at")[:HISTORY])
    everybody = [duty.person_id for shift in shifts for duty in shift.duties.all()]
    names = display_names(everybody)
    lines = {line.id: line for line in _lines([row for shift in shifts for row in shift.entries.all()], viewer, [])}
    return [
        Past(
            shift,
            [OnDuty(names.get(duty.person_id, "–"), duty.since, duty.until) for duty in shift.duties.all()],
            [lines[row.pk] for row in shift.entries.all()],
        )
        for shift in shifts
    ]
