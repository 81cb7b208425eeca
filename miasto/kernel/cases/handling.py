"""Working on a case: who has it, what it is about, its steps, and what is written in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer, people_in
from miasto.kernel.cases import levels, writing
from miasto.kernel.cases.access import is_filer, standing
from miasto.kernel.cases.case_page import AllowedStep, allowed_steps
from miasto.kernel.cases.events import CaseAssigned, CaseCommented, CaseRecategorised, CaseStepTaken
from miasto.kernel.cases.filing import attach, days_of
from miasto.kernel.cases.models import Case, CaseFile, CaseStep, Category, Moderation, Progress
from miasto.kernel.cases.types import case_type, progress_of
from miasto.kernel.cases.writing import Refused
from miasto.kernel.core import clock, events
from miasto.kernel.discussions import services as discussions
from miasto.kernel.spec.cases import CLOCK, FILER, Transition

PUBLIC, PARTIES, INTERNAL = "public", "parties", "internal"
ADDED_MOST = 5
KEEP: Any = object()


@transaction.atomic
def assign(*, case: Case, unit: Any = None, assignee: Any = KEEP, by: Viewer, version: int | None = None) -> Case:
    """Give a case to a unit, to a person of its unit, or (``assignee=None``) back to the unit as a whole.

    A change of unit takes the case from the person who had it. Raises ``PermissionDenied`` without ``cases.assign`` in the
    present unit (taking a case for oneself needs ``cases.handle``), ``Refused`` for a person who does not work on the unit's
    cases.
    """
    locked = writing.lock(case, version)
    _may_assign(locked, unit, assignee, by)
    moved = unit is not None and unit.pk != locked.unit_id
    person_id = None if assignee is None else locked.assignee_id if assignee is KEEP else assignee.pk
    if moved and assignee is KEEP:
        person_id = None
    if not moved and person_id == locked.assignee_id:
        return locked
    before = locked.unit_id
    if moved:
        locked.unit = unit
    if person_id and not people_in([locked.unit_id], "cases.handle").filter(pk=person_id).exists():
        raise Refused({"assignee": _("Ta osoba nie prowadzi spraw tej jednostki.")}, code="assignee")
    locked.assignee_id = person_id
    writing.save(locked, "unit", "assignee")
    made = writing.step(
        locked,
        CaseStep.Kind.ASSIGNED,
        by,
        unit_id=locked.unit_id if moved else None,
        assignee_id=person_id,
        acting_unit_id=before,
    )
    writing.record("assign", locked, by, unit=locked.unit_id, assignee=person_id)
    events.publish(
        CaseAssigned(
            case_id=locked.pk,
            case_type=locked.case_type,
            step_id=made.pk,
            unit_id=locked.unit_id,
            assignee_id=person_id,
            unit_changed=moved,
        )
    )
    return locked


def _may_assign(case: Case, unit: Any, assignee: Any, by: Viewer) -> None:
    may = standing(by, case).may
    oneself = assignee is not KEEP and assignee is not None and assignee.pk == by.person_id and unit is None
    if "cases.assign" not in may and not (oneself and "cases.handle" in may):
        raise PermissionDenied("cases.assign")


@transaction.atomic
def recategorise(*, case: Case, category: Category, by: Viewer, version: int | None = None) -> Case:
    """Give a case another category of its type; the term is counted anew from the day of filing, pauses kept.

    The unit stays: ``assign`` moves the case. Raises ``PermissionDenied``, ``Refused``.
    """
    locked = writing.lock(case, version)
    writing.require(by, locked, "cases.assign")
    if category.case_type != locked.case_type or not category.active:
        raise Refused({"category": _("Wybierz kategorię z listy.")}, code="category")
    if category.pk == locked.category_id:
        return locked
    kind = case_type(locked.case_type)
    locked.category = category
    if not kind.deadline.months:
        writing.set_term(locked, writing.term_of(locked).of(days_of(kind, category), kind.deadline.working))
    if locked.first_response_at is None:
        locked.first_due_at = levels.first_due(kind, category, locked.unit.slug, locked.filed_at)
    writing.save(locked, "category", "deadline_days", "deadline_working", "due_on", "first_due_at")
    writing.step(locked, CaseStep.Kind.RECATEGORISED, by, category_id=category.pk)
    writing.record("recategorise", locked, by, category=category.pk)
    events.publish(CaseRecategorised(case_id=locked.pk, case_type=locked.case_type, category_id=category.pk))
    return locked


@dataclass(frozen=True, slots=True)
class _Words:
    """What is said with a step: ``answer`` to its audience, ``reason`` to the parties."""

    answer: str
    reason: str


@transaction.atomic
def take_step(
    *,
    case: Case,
    transition: str,
    answer: str = "",
    reason: str = "",
    file_ids: Sequence[UUID] = (),
    by: Viewer,
    version: int | None = None,
) -> Case:
    """Take a case through a transition of its type.

    ``answer`` is what the city says with it: public, or to the filer only where the transition needs a "question". ``reason``
    goes to the parties. ``file_ids`` are photos: of the solution when staff adds them, else additions of the filer. Raises
    ``Refused`` for a transition that this viewer may not take now or that lacks what it needs, and ``Conflict``.
    """
    locked = writing.lock(case, version)
    allowed = next((step for step in allowed_steps(locked, by) if step.key == transition), None)
    if allowed is None:
        raise Refused(_("Tego kroku nie można teraz wykonać."), code="not_allowed")
    words = _Words(answer.strip(), reason.strip())
    _check_needs(allowed.transition, words, file_ids)
    comment = _say_with_step(locked, allowed, words, by)
    if file_ids:
        phase = CaseFile.Phase.ADDED if allowed.by_filer else CaseFile.Phase.RESOLVED
        state = Moderation.WAITING if allowed.by_filer else Moderation.APPROVED
        attach(locked, file_ids, phase, by, state)
    return move(locked, allowed.transition, by=by, by_filer=allowed.by_filer, comment=comment)


def _check_needs(step: Transition, words: _Words, file_ids: Sequence[UUID]) -> None:
    wrong: dict[str, str] = {}
    if "answer" in step.needs and not words.answer:
        wrong["answer"] = _("Napisz odpowiedź.")
    if "question" in step.needs and not words.answer:
        wrong["answer"] = _("Napisz pytanie.")
    if "reason" in step.needs and not words.reason:
        wrong["reason"] = _("Podaj powód.")
    if "photo_or_reason" in step.needs and not (words.reason or file_ids):
        wrong["reason"] = _("Dodaj zdjęcie albo podaj powód, dla którego go nie ma.")
    if len(file_ids) > ADDED_MOST:
        wrong["files"] = _("Można dodać najwyżej %(most)d zdjęć.") % {"most": ADDED_MOST}
    if wrong:
        raise Refused(wrong, code="needs")


def _say_with_step(case: Case, allowed: AllowedStep, words: _Words, by: Viewer) -> Any:
    """Post the words of a step; the one that belongs to the step is returned, the other gets a line of its own."""
    audience = PARTIES if "question" in allowed.needs else PUBLIC
    spoken = [(words.answer, audience), (words.reason, PARTIES)]
    made = [_post(case, body, to, by, allowed.by_filer) for body, to in spoken if body]
    for further in made[1:]:
        writing.step(case, CaseStep.Kind.COMMENT, by, by_filer=allowed.by_filer, comment=further)
    return made[0] if made else None


def _post(case: Case, body: str, audience: str, by: Viewer, by_filer: bool) -> Any:
    """A comment in a case: what the city says to the public or the parties is published at once, what a filer says waits."""
    said_publicly = audience if case.public or audience != PUBLIC else PARTIES
    try:
        return discussions.post(
            thread=case.thread,
            body=body,
            audience=said_publicly,
            by=by,
            unit_id=None if by_filer else case.unit_id,
            approved=not by_filer or said_publicly == PARTIES,
        )
    except ValidationError as error:
        raise Refused({"body": error.messages}, code=error.code) from error


def move(case: Case, transition: Transition, *, by: Viewer, by_filer: bool = False, comment: Any = None) -> Case:
    """Put a locked case into the target stage: clock, columns, history, audit, event. The caller has checked the right."""
    kind, before, now = case_type(case.case_type), case.stage, clock.now()
    stage = kind.stage(transition.target)
    writing.turn_clock(case, stage)
    if transition.term is not None:
        term = transition.term
        writing.set_term(case, writing.term_of(case).of(term.days, term.working, term.months))
    case.stage, case.stage_since, case.progress = stage.key, now, progress_of(stage)
    case.public = kind.public_register and stage.public
    writing.mark_ends(case, stage, transition, now)
    responded = levels.note_response(case, now) if by.person_id and not by_filer else ()
    if not case.assignee_id and not by_filer and by.person_id and transition.key and not stage.final:
        case.assignee_id = _own(case, by)
    case.pending = writing.count_pending(case)
    writing.save(
        case,
        "stage",
        "stage_since",
        "progress",
        "public",
        "answered_at",
        "closed_at",
        "disputed",
        "assignee",
        "pending",
        *responded,
        *writing.CLOCK_FIELDS,
    )
    made = writing.step(
        case,
        CaseStep.Kind.TRANSITION,
        by,
        by_filer=by_filer,
        transition=transition.key,
        from_stage=before,
        to_stage=stage.key,
        comment=comment,
    )
    writing.record("step", case, by, transition=transition.key, stage=stage.key)
    events.publish(
        CaseStepTaken(
            case_id=case.pk,
            case_type=case.case_type,
            step_id=made.pk,
            transition=transition.key,
            from_stage=before,
            to_stage=stage.key,
            by_filer=by_filer,
            answer_id=comment.pk if comment else None,
        )
    )
    return case


def _own(case: Case, by: Viewer) -> UUID | None:
    """Whoever works on a case that nobody has takes it, if they belong to its unit."""
    units = by.units_with("cases.handle")
    return by.person_id if units is not None and case.unit_id in units else None


@transaction.atomic
def comment(*, case: Case, body: str, audience: str, by: Viewer, version: int | None = None) -> Any:
    """Write as staff in a case: "public", "parties" (to the filer) or "internal". Returns the comment.

    Needs ``cases.comment`` in the case's unit; public ones are published at once.
    """
    locked = writing.lock(case, version)
    writing.require(by, locked, "cases.comment")
    if audience not in (PUBLIC, PARTIES, INTERNAL):
        raise Refused({"audience": _("Wybierz, kto przeczyta wiadomość.")}, code="audience")
    made = _post(locked, body, audience, by, False)
    heard = by.person_id and made.audience in levels.PUBLIC_WORDS
    writing.save(locked, *(levels.note_response(locked, clock.now()) if heard else ()))
    step = writing.step(locked, CaseStep.Kind.COMMENT, by, comment=made)
    writing.record("comment", locked, by, comment=made.pk, audience=made.audience)
    _publish_comment(locked, step, made)
    return made


@transaction.atomic
def add_from_filer(
    *, case: Case, body: str = "", file_ids: Sequence[UUID] = (), by: Viewer, version: int | None = None
) -> Case:
    """What the person who filed adds: words, photos or both; both wait for approval before the public sees them.

    Where the case waits for the filer, the first transition that its type gives the filer there is taken, so that the clock
    runs again. Raises ``PermissionDenied`` for anyone else, ``Refused`` for a closed case or nothing added.
    """
    locked = writing.lock(case, version)
    if not is_filer(by, locked):
        raise PermissionDenied("filer")
    _check_addition(locked, body, file_ids)
    made = _post(locked, body, PUBLIC, by, True) if body.strip() else None
    attach(locked, file_ids, CaseFile.Phase.ADDED, by)
    reply = _reply(locked, by)
    if reply is not None:
        return move(locked, reply, by=by, by_filer=True, comment=made)
    locked.pending = writing.count_pending(locked)
    writing.save(locked, "pending")
    step = writing.step(locked, CaseStep.Kind.ADDED, by, by_filer=True, comment=made)
    writing.record("add", locked, by, files=len(file_ids), comment=made.pk if made else None)
    _publish_comment(locked, step, made)
    return locked


def _check_addition(case: Case, body: str, file_ids: Sequence[UUID]) -> None:
    if case.progress == Progress.CLOSED:
        raise Refused(_("Ta sprawa jest już zamknięta. Możesz zgłosić nową."), code="closed")
    if not body.strip() and not file_ids:
        raise Refused({"body": _("Wpisz treść albo dodaj zdjęcie.")}, code="empty")
    if len(file_ids) > ADDED_MOST:
        raise Refused({"files": _("Można dodać najwyżej %(most)d zdjęć.") % {"most": ADDED_MOST}}, code="files")


def _reply(case: Case, by: Viewer) -> Transition | None:
    """The transition by which the filer's answer ends the waiting."""
    if case.progress != Progress.WAITING:
        return None
    return next((step.transition for step in allowed_steps(case, by) if FILER in step.transition.by), None)


def _publish_comment(case: Case, step: CaseStep, made: Any) -> None:
    events.publish(
        CaseCommented(
            case_id=case.pk,
            case_type=case.case_type,
            step_id=step.pk,
            comment_id=made.pk if made else None,
            audience=made.audience if made else PUBLIC,
            by_filer=step.by_filer,
        )
    )


@transaction.atomic
def take_clock_step(*, case_id: UUID, transition: str, by: Viewer) -> bool:
    """Take a transition that the clock takes; False where the case has moved on meanwhile."""
    case = Case.objects.select_for_update(of=("self",)).select_related("thread", "category").get(pk=case_id)
    step = case_type(case.case_type).transition(transition)
    if CLOCK not in step.by or case.stage not in step.sources or not is_due(case, step):
        return False
    move(case, step, by=by)
    return True


def is_due(case: Case, step: Transition) -> bool:
    """Whether the days after which the clock takes a step are over: the day after the filer's last day."""
    return step.days is not None and (clock.today() - clock.local(case.stage_since).date()).days > step.days
