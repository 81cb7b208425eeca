"""What every service that changes a case shares: the lock, the version, the step of the history, the audit."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.cases import levels
from miasto.kernel.cases.access import Standing, standing
from miasto.kernel.cases.deadlines import Term
from miasto.kernel.cases.models import Case, CaseFile, CaseStep, Moderation, Progress
from miasto.kernel.core import changes, clock
from miasto.kernel.core.polish import fold
from miasto.kernel.discussions import selectors as discussions
from miasto.kernel.spec.cases import Stage, Transition

KIND = "cases.case"


class Conflict(Exception):
    """Somebody changed the case since the page was opened."""

    def __init__(self) -> None:
        super().__init__(_("Ktoś w tym czasie zmienił tę sprawę. Sprawdź, co się zmieniło, i zapisz jeszcze raz."))


class Refused(ValidationError):
    """What was asked breaks a rule of the case type; the message is for the reader, ``code`` for the program."""

    def __init__(self, message: Any, code: str = "") -> None:
        super().__init__(message, code=code)
        self.code = code


def lock(case: Case, version: int | None) -> Case:
    """The case's row, locked until the commit. Raises ``Conflict`` where ``version`` is given and is not the present one."""
    locked = Case.objects.select_for_update(of=("self",)).select_related("thread", "category").get(pk=case.pk)
    if version is not None and locked.version != version:
        raise Conflict
    return locked


def require(by: Viewer, case: Case, permission: str) -> Standing:
    """The viewer's standing; raises ``PermissionDenied`` without the permission in the case's unit."""
    stand = standing(by, case)
    if permission not in stand.may:
        raise PermissionDenied(permission)
    return stand


def save(case: Case, *fields: str) -> None:
    """Write the changed columns and count the change."""
    case.version += 1
    case.save(update_fields=[*fields, "version"])


def step(case: Case, kind: str, by: Viewer, **values: Any) -> CaseStep:
    """Append a line to the history. A staff member acts for the unit that has the case at that moment."""
    by_filer = bool(values.pop("by_filer", False))
    actor = by.actor_for(case.pk) if by_filer else by.actor
    acting_unit_id = values.pop("acting_unit_id", case.unit_id)
    return CaseStep.objects.create(
        case=case,
        at=clock.now(),
        kind=kind,
        actor_kind=actor.kind,
        actor_id=actor.id,
        by_filer=by_filer,
        acting_unit_id=None if by_filer or by.person_id is None else acting_unit_id,
        **values,
    )


def record(action: str, case: Case, by: Viewer, **data: Any) -> None:
    """Append to the audit; ``data`` holds identifiers and keys only."""
    plain = {key: str(value) if isinstance(value, UUID) else value for key, value in data.items()}
    changes.record(
        action=f"cases.{action}",
        kind=KIND,
        object_id=case.pk,
        actor=by.actor_for(case.pk),
        unit_id=case.unit_id,
        data={"number": case.number, **plain},
    )


def term_of(case: Case) -> Term:
    """The clock of a case: it counts from the receipt, or from ``term_from`` where a step began the term anew."""
    start = case.term_from or clock.local(case.filed_at).date()
    return Term(start, case.deadline_days, case.deadline_working, case.paused_days, case.clock_held_on, case.deadline_months)


CLOCK_FIELDS = (
    "deadline_days",
    "deadline_working",
    "deadline_months",
    "paused_days",
    "clock_held_on",
    "due_on",
    "clock",
    "term_from",
)


def set_term(case: Case, term: Term) -> None:
    """Keep the clock of a case in its columns (``CLOCK_FIELDS``)."""
    case.deadline_days, case.deadline_working, case.deadline_months = term.days, term.working, term.months
    case.paused_days, case.clock_held_on, case.due_on = term.paused, term.held_on, term.due_on
    case.term_from = term.start if term.start != clock.local(case.filed_at).date() else None


def turn_clock(case: Case, stage: Stage) -> None:
    """Hold or resume the clock as a stage says."""
    levels.note_turn(case, stage, clock.now())
    term, today = term_of(case), clock.today()
    running = stage.clock == "runs" and not stage.final
    set_term(case, term.resume(today) if running else term.hold(today))
    case.clock = "stopped" if stage.final else stage.clock


def count_pending(case: Case) -> int:
    """How many texts, photos and messages of a public case wait for a decision; 2 queries."""
    if not case.public:
        return 0
    files = CaseFile.objects.filter(case=case, state=Moderation.WAITING).count()
    comments = discussions.waiting(case.thread_id, "public")
    return files + comments + (case.text_state == Moderation.WAITING)


def search_of(number: str, address_text: str) -> str:
    """What the lists search in a case's row; nothing personal."""
    return fold(f"{number} {address_text}")[:340]


def mark_ends(case: Case, stage: Stage, transition: Transition, now: datetime) -> None:
    """Note when a case was answered and closed, and how often it was disputed."""
    done = case.progress in (Progress.ANSWERED, Progress.CLOSED)
    if done and case.answered_at is None:
        case.answered_at = now
    if not done:
        case.answered_at = None
    case.closed_at = now if stage.final else None
    if not stage.final:
        case.anonymised_at = None  # what is written from now on has a term of its own
    if transition.dispute:
        case.disputed += 1
