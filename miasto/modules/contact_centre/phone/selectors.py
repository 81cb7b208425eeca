"""Reading: calls as the operator sees them, who is on the line, and what waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from miasto.kernel.accounts.selectors import Viewer, display_names, unit_names
from miasto.kernel.cases import selectors as cases
from miasto.kernel.core import clock
from miasto.modules.contact_centre.phone.models import Call, Extension, Outcome, State
from miasto.modules.contact_centre.phone.numbers import shown

RECENT = 20
OUTCOMES = {
    Outcome.REPORT: _("przyjęto zgłoszenie"),
    Outcome.ANSWERED: _("udzielono odpowiedzi"),
    Outcome.CONNECTED: _("połączono z jednostką"),
    Outcome.CALL_BACK: _("trzeba oddzwonić"),
    Outcome.EMERGENCY: _("skierowano do 112"),
    Outcome.WRONG_NUMBER: _("pomyłka"),
    Outcome.SILENT: _("cisza w słuchawce"),
    Outcome.ABUSIVE: _("rozmowa obraźliwa"),
}
STATES = {State.RINGING: _("dzwoni"), State.OPEN: _("w toku"), State.MISSED: _("nieodebrane"), State.DONE: _("bez wyniku")}


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call as lists show it. ``seconds`` of talk, None where nobody talked."""

    id: UUID
    state: str
    number: str
    name: str
    operator_name: str
    began_at: datetime
    seconds: int | None
    outcome: str
    what: Any
    unit_name: str
    case_number: str
    notes: str
    call_back_at: datetime | None
    late: bool

    @property
    def live(self) -> bool:
        """Whether the call rings or its outcome is not said yet."""
        return self.state in (State.RINGING, State.OPEN)

    @property
    def minutes(self) -> str:
        """The length as m:ss; empty where nobody talked."""
        return "" if self.seconds is None else f"{self.seconds // 60}:{self.seconds % 60:02d}"


def rows(found: Iterable[Call]) -> list[CallRow]:
    """Calls as lists show them; 2 queries for the names."""
    calls = list(found)
    people = display_names({call.operator_id for call in calls})
    units = unit_names({call.unit_id for call in calls})
    return [_row(call, people, units) for call in calls]


def _row(call: Call, people: dict[UUID, str], units: dict[UUID, str]) -> CallRow:
    return CallRow(
        id=call.pk,
        state=call.state,
        number=shown(call.number),
        name=call.name,
        operator_name=people.get(call.operator_id, "") if call.operator_id else "",
        began_at=call.began_at,
        seconds=call.seconds,
        outcome=call.outcome,
        what=OUTCOMES.get(call.outcome) or STATES.get(call.state, ""),
        unit_name=units.get(call.unit_id, "") if call.unit_id else "",
        case_number=call.case.number if call.case_id else "",
        notes=call.notes,
        call_back_at=call.call_back_at if call.called_back_at is None else None,
        late=call.call_back_at is not None and call.called_back_at is None and call.call_back_at < clock.now(),
    )


def _calls(viewer: Viewer) -> Any:
    return Call.objects.visible_to(viewer).select_related("case").only(
        "id", "state", "number", "name", "operator_id", "began_at", "answered_at", "ended_at", "outcome", "unit_id", "notes",
        "call_back_at", "called_back_at", "case__number",
    )  # fmt: skip


def call_for(call_id: UUID, viewer: Viewer) -> Call:
    """A call to be handed to a service; raises ``Call.DoesNotExist`` where the viewer may not know of it."""
    return Call.objects.visible_to(viewer).select_related("case").get(pk=call_id)


def recent(viewer: Viewer, limit: int = RECENT) -> list[CallRow]:
    """The newest calls of the centre; 3 queries."""
    return rows(_calls(viewer).order_by("-began_at", "-id")[:limit])


def to_call_back(viewer: Viewer, limit: int = 50) -> list[CallRow]:
    """Those who wait for a call, the earliest first; 3 queries."""
    found = _calls(viewer).filter(call_back_at__isnull=False, called_back_at=None)
    return rows(found.order_by("call_back_at")[:limit])


def live(viewer: Viewer) -> list[CallRow]:
    """Calls that ring or are open, of the whole centre, the oldest first; 3 queries."""
    return rows(_calls(viewer).filter(state__in=(State.RINGING, State.OPEN)).order_by("began_at")[:50])


def own_open(viewer: Viewer) -> Call | None:
    """The call that the operator has now: the one at their extension that was answered or rings, else their newest open one."""
    if viewer.person_id is None:
        return None
    found = Call.objects.visible_to(viewer).filter(state__in=(State.OPEN, State.RINGING))
    mine = Q(operator=viewer.person_id, state=State.OPEN)
    extension = extension_of(viewer)
    if extension:
        mine |= Q(state=State.RINGING, extensions__contains=[extension])
    return found.filter(mine).order_by("state", "-began_at").first()


def extension_of(viewer: Viewer) -> str:
    """The operator's extension; empty where none is set."""
    return Extension.objects.filter(person_id=viewer.person_id).values_list("number", flat=True).first() or ""


def is_for(call: Call, viewer: Viewer) -> bool:
    """Whether a call is this operator's: theirs, or ringing at their extension."""
    if call.operator_id is not None:
        return call.operator_id == viewer.person_id
    return bool(call.extensions) and extension_of(viewer) in call.extensions


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is on the line, as far as the operator may know: earlier cases and calls with this number."""

    cases: list[cases.QueueRow]
    calls: list[CallRow]


def caller(number: str, viewer: Viewer, *, but: UUID | None = None) -> Caller:
    """What is known of a number (E.164); empty for a withheld one. At most 5 queries."""
    if not number:
        return Caller([], [])
    earlier = _calls(viewer).filter(number=number).exclude(pk=but).order_by("-began_at")[:6]
    return Caller(cases.cases_of_phone(number, viewer), rows(earlier))
