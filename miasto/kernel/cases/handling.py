"""Working on a case: who has it, what it is about, its steps, and what is written in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer, people_in
from miasto.kernel.cases import levels, writing
from miasto.kernel.cases.access import is_filer, standing
from miasto.kernel.cases.case_page import AllowedStep, allowed_steps
from miasto.kernel.cases.events import CaseAssigned, CaseCommented, CaseRecategorised, CaseStepTaken
from miasto.kernel.cases.family import open_parts
from miasto.kernel.cases.filing import attach, days_of
from miasto.kernel.cases.judging import handler_before, supervisor_for
from miasto.kernel.cases.models import Case, CaseFile, CaseStep, Category, Forwarding, Moderation, Progress
from miasto.kernel.cases.types import case_type, outside_stage, progress_of
from miasto.kernel.cases.writing import Refused
from miasto.kernel.core import clock, events
from miasto.kernel.discussions import services as discussions
from miasto.kernel.spec.cases import CLOCK, FILER, OWN, Transition

PUBLIC, PARTIES, INTERNAL = "public", "parties", "internal"
ADDED_MOST = 5
KEEP: Any = object()


@transaction.atomic
def assign(
    *,
    case: Case,
    unit: Any = None,
    assignee: Any = KEEP,
    rule_id: UUID | None = None,
    by: Viewer,
    version: int | None = None,
) -> Case:
    """Give a case to a unit, to a person of its unit, or (``assignee=None``) back to the unit as a whole.

    ``rule_id`` is the rule of routing that chose the unit, where one did. A change of unit takes the case from the person who
    had it. Raises ``PermissionDenied`` without ``cases.assign`` in the present unit (taking a case for oneself needs
    ``cases.handle``), ``Refused`` for a person who does not work on the unit's cases.
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
        rule_id=rule_id if moved else None,
    )
    _record_assigned(locked, made, moved, by)
    return locked


def _record_assigned(case: Case, made: CaseStep, moved: bool, by: Viewer) -> None:
    writing.record("assign", case, by, unit=case.unit_id, assignee=case.assignee_id)
    events.publish(
        CaseAssigned(
            case_id=case.pk,
            case_type=case.case_type,
            step_id=made.pk,
            unit_id=case.unit_id,
            assignee_id=case.assignee_id,
            unit_changed=moved,
        )
    )


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
    """What is said with a step: ``answer`` to its audience, ``reason`` and ``despite`` to the parties."""

    answer: str
    reason: str
    despite: str = ""


@transaction.atomic
def take_step(
    *,
    case: Case,
    transition: str,
    answer: str = "",
    reason: str = "",
    file_ids: Sequence[UUID] = (),
    despite: str = "",
    by: Viewer,
    version: int | None = None,
) -> Case:
    """Take a case through a transition of its type.

    ``answer`` is what the city says with it: public, or to the filer only where the transition needs a "question". ``reason``
    goes to the parties. ``file_ids`` are photos: of the solution when staff adds them, else additions of the filer. ``despite``
    says to the parties why staff ends a case whose parts are still open. Raises ``Refused`` for a transition that this viewer
    may not take now or that lacks what it needs, and ``Conflict``.
    """
    locked = writing.lock(case, version)
    allowed = next((step for step in allowed_steps(locked, by) if step.key == transition), None)
    if allowed is None:
        raise Refused(_("Tego kroku nie można teraz wykonać."), code="not_allowed")
    words = _Words(answer.strip(), reason.strip(), despite.strip())
    _check_needs(allowed.transition, words, file_ids)
    if not allowed.by_filer:
        _check_parts(locked, allowed.transition, words)
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


def _check_parts(case: Case, step: Transition, words: _Words) -> None:
    """A case whose parts are open ends only with a reason; the lock on its row keeps new parts out meanwhile."""
    if case_type(case.case_type).stage(step.target).clock != "stopped" or words.despite:
        return
    opened = open_parts(case.pk)
    if opened:
        message = _("Części tej sprawy są jeszcze w toku: %(numbers)s. Zakończ je albo napisz, dlaczego kończysz ją już teraz.")
        raise Refused({"despite": message % {"numbers": ", ".join(opened)}}, code="parts")


def _say_with_step(case: Case, allowed: AllowedStep, words: _Words, by: Viewer) -> Any:
    """Post the words of a step; the one that belongs to the step is returned, the other gets a line of its own."""
    audience = PARTIES if "question" in allowed.needs else PUBLIC
    spoken = [(words.answer, audience), (words.reason, PARTIES), (words.despite, PARTIES)]
    made = [post(case, body, to, by, allowed.by_filer) for body, to in spoken if body]
    for further in made[1:]:
        writing.step(case, CaseStep.Kind.COMMENT, by, by_filer=allowed.by_filer, comment=further)
    return made[0] if made else None


def post(case: Case, body: str, audience: str, by: Viewer, by_filer: bool) -> Any:
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


def move(
    case: Case,
    transition: Transition,
    *,
    by: Viewer,
    by_filer: bool = False,
    comment: Any = None,
    other_id: UUID | None = None,
    count_from: date | None = None,
) -> Case:
    """Put a locked case into the target stage: clock, columns, history, audit, event. The caller has checked the right.

    ``other_id`` is the case or the body outside that the step speaks of; ``count_from`` the local day from which a term that
    begins ``anew`` counts (today). A step by which the case leaves the stage in which it
    waited for a body outside ends that waiting.
    """
    kind, before, now = case_type(case.case_type), case.stage, clock.now()
    stage = kind.stage(transition.target)
    writing.turn_clock(case, stage)
    if transition.term is not None:
        term = transition.term
        begun = writing.term_of(case)
        begun = begun.anew(count_from or clock.today()) if transition.anew else begun
        writing.set_term(case, begun.of(term.days, term.working, term.months))
    case.stage, case.stage_since, case.progress = stage.key, now, progress_of(stage)
    case.public = kind.public_register and stage.public
    writing.mark_ends(case, stage, transition, now)
    responded = levels.note_response(case, now) if by.person_id and not by_filer else ()
    if not case.assignee_id and not by_filer and by.person_id and transition.key and not stage.final:
        case.assignee_id = _own(case, by)
    judge = _hand_over(case, transition, before)
    case.pending = writing.count_pending(case)
    writing.save(
        case,
        "stage",
        "stage_since",
        "progress",
        "public",
        "answered_at",
        "closed_at",
        "anonymised_at",
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
        other_id=other_id,
    )
    if before == outside_stage(kind) and stage.key != before:
        end_waiting(case)
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
    if judge:
        _record_assigned(case, writing.step(case, CaseStep.Kind.ASSIGNED, SYSTEM, assignee_id=case.assignee_id), False, SYSTEM)
    return case


@transaction.atomic
def take_own_step(
    *, case: Case, transition: str, answer: str, by: Viewer, count_from: date | None = None, version: int | None = None
) -> Case:
    """Take a step that a service of the case type's own module rules (``effect="own"``); it has checked what the law asks.

    ``answer`` is said to everybody. Raises ``Refused`` where the step does not lead on from here, ``PermissionDenied``.
    """
    locked = writing.lock(case, version)
    step = case_type(locked.case_type).transition(transition)
    if step.effect != OWN or locked.stage not in step.sources:
        raise Refused(_("Tego kroku nie można teraz wykonać."), code="not_allowed")
    if not set(step.by) & set(standing(by, locked).may):
        raise PermissionDenied(step.by[0])
    words = _Words(answer.strip(), "")
    _check_needs(step, words, ())
    _check_parts(locked, step, words)
    said = post(locked, words.answer, PUBLIC, by, False) if words.answer else None
    return move(locked, step, by=by, comment=said, count_from=count_from)


def _hand_over(case: Case, transition: Transition, before: str) -> bool:
    """A disputed case goes to a supervisor, and from there back to who handled it; True where somebody else has it now."""
    kind = case_type(case.case_type)
    if transition.dispute:
        found = supervisor_for(case)
    elif any(step.dispute and step.target == before for step in kind.transitions) and case.progress == Progress.OPEN:
        found = handler_before(case)
    else:
        return False
    if found == case.assignee_id:
        return False
    case.assignee_id = found
    return True


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
    made = post(locked, body, audience, by, False)
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
    made = post(locked, body, PUBLIC, by, True) if body.strip() else None
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


def end_waiting(case: Case) -> None:
    """Nobody outside is waited for any more: the city took the case back or ended it."""
    Forwarding.objects.filter(case=case, state__in=Forwarding.OPEN).update(state=Forwarding.State.RECALLED, remind_on=None)


def is_due(case: Case, step: Transition) -> bool:
    """Whether the days after which the clock takes a step are over: the day after the filer's last day."""
    return step.days is not None and (clock.today() - clock.local(case.stage_since).date()).days > step.days
