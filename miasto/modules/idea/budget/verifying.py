"""Verification: the formal check, the units' opinions, the verdict with its reasons, the appeal."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer, unit_for
from miasto.kernel.cases import services as cases
from miasto.kernel.cases.events import CaseStepTaken
from miasto.kernel.core import clock
from miasto.kernel.discussions.selectors import body_of
from miasto.modules.idea.budget import supporting
from miasto.modules.idea.budget.case_types import OPINION, VERIFICATION
from miasto.modules.idea.budget.editions import rules_of
from miasto.modules.idea.budget.models import MANAGE, VERIFY, Appeal, Opinion, Project
from miasto.modules.idea.budget.proposing import require_author
from miasto.modules.idea.budget.rules import fits
from miasto.modules.idea.budget.states import CheckKind, Outcome, ProjectState, StepKind
from miasto.modules.idea.budget.writing import Refused, lock, move, require, step

IN_WORK = (ProjectState.SUBMITTED, ProjectState.CORRECTION, ProjectState.OPINIONS)


def _case_step(project: Project, transition: str, *, answer: str = "") -> None:
    """Take the project's case along; nothing where the case is there already or has gone."""
    case = project.case
    if case is None:
        return
    case.refresh_from_db()
    targets = {"pass": "opinions", "ask": "correction", "accept": "accepted", "reject": "rejected", "appeal": "appealed"}
    targets |= {"uphold": "accepted", "dismiss": "rejected"}
    if case.stage != targets[transition]:
        cases.take_step(case=case, transition=transition, answer=answer, by=SYSTEM)


@transaction.atomic
def pass_formal(*, project: Project, by: Viewer) -> Project:
    """The proposal is complete: it becomes public, and the units of the rules are asked for their opinions.

    Raises ``Refused`` while the support list or a guardian's consent is missing.
    """
    require(by)
    found = lock(project, ProjectState.SUBMITTED)
    rules = rules_of(found.edition)
    lacks = supporting.missing(found, rules.proposals.support)
    if lacks:
        raise Refused(lacks, code="lacks")
    move(found, ProjectState.OPINIONS, StepKind.FORMAL, by)
    _case_step(found, "pass")
    for kind, competence in rules.verification.opinions:
        ask_opinion(project=found, check_kind=kind, unit_id=unit_for(competence).pk, by=by)
    return found


@transaction.atomic
def ask_opinion(*, project: Project, check_kind: str, unit_id: UUID, by: Viewer) -> Opinion:
    """Ask a unit for its opinion: a case in its own queue with a term. Asked twice, it is the same opinion."""
    require(by)
    found = lock(project, ProjectState.OPINIONS)
    known = Opinion.objects.filter(project=found, check_kind=check_kind, unit_id=unit_id).first()
    if known is not None:
        return known
    filed = cases.file_case(
        case_type=OPINION,
        category=None,
        description=_("Opinia („%(kind)s”) o projekcie nr %(number)d: %(title)s")
        % {"kind": CheckKind(check_kind).label, "number": found.number, "title": found.title},
        point=None,
        object_id=found.pk,
        channel="desk",
        term_days=rules_of(found.edition).verification.opinion_days,
        by=SYSTEM,
    )
    case = filed.case
    made = Opinion(project=found, check_kind=check_kind, unit_id=unit_id, case=case, asked_at=clock.now(), due_on=case.due_on)
    made.save()
    if case.unit_id != unit_id:
        cases.assign(case=case, unit=made.unit, by=SYSTEM)
    step(found, StepKind.ASKED, by, unit_id=unit_id, text=str(CheckKind(check_kind).label))
    return made


@transaction.atomic
def give_opinion(*, opinion: Opinion, outcome: str, text: str, cost: int | None = None, by: Viewer) -> Opinion:
    """A unit's opinion, published. ``cost`` (grosze) corrects the project's cost; it may not leave the limits of the pool.

    Needs ``idea.budget_verify`` in the unit asked, or the right to run the budget. Given once.
    """
    _may_opine(by, opinion)
    found = lock(opinion.project, ProjectState.OPINIONS)
    row = Opinion.objects.select_for_update().get(pk=opinion.pk)
    if row.given_at is not None:
        raise Refused(_("Ta opinia jest już wydana."), code="given")
    wrong = {}
    if outcome not in Outcome.values:
        wrong["outcome"] = _("Wybierz, jaka jest opinia.")
    if not text.strip():
        wrong["text"] = _("Napisz uzasadnienie.")
    if cost is not None and cost <= 0:
        wrong["cost"] = _("Podaj kwotę większą od zera.")
    if wrong:
        raise Refused(wrong)
    row.outcome, row.text, row.cost, row.given_at = outcome, text.strip(), cost, clock.now()
    row.save()
    if cost is not None and cost != found.cost:
        found.cost = cost
    move(found, found.state, StepKind.OPINION, by, text=row.text, unit_id=row.unit_id)
    if row.case is not None and row.case.stage == "asked":
        cases.take_step(case=row.case, transition=outcome, answer=row.text, by=SYSTEM)
    return row


def _may_opine(by: Viewer, opinion: Opinion) -> None:
    if by.holds(MANAGE):
        return
    units = by.units_with(VERIFY)
    if units is not None and opinion.unit_id not in units:
        raise PermissionDenied(VERIFY)


@transaction.atomic
def ask_correction(*, project: Project, text: str, by: Viewer) -> Project:
    """Ask the author to correct the proposal within the days of the rules; the words go to the author only."""
    require(by)
    if not text.strip():
        raise Refused({"text": _("Napisz, co autor ma poprawić.")})
    found = lock(project, ProjectState.SUBMITTED, ProjectState.OPINIONS)
    if found.state == ProjectState.OPINIONS:
        _cancel_opinions(found)
    days = rules_of(found.edition).verification.correction_days
    found.answer_due_on = clock.today() + timedelta(days=days)
    move(found, ProjectState.CORRECTION, StepKind.CORRECTION, by, text=text, public=False)
    _case_step(found, "ask", answer=text.strip())
    return found


def _cancel_opinions(project: Project) -> None:
    """Opinions of a proposal that is about to change are void: those given are asked for again after the correction."""
    for one in Opinion.objects.filter(project=project).select_related("case"):
        if one.case is not None and one.case.stage == "asked":
            cases.take_step(case=one.case, transition="cancel", by=SYSTEM)
        one.delete()


@transaction.atomic
def decide(*, project: Project, accept: bool, reasons: str, by: Viewer) -> Project:
    """The verdict, with reasons that everybody reads.

    Acceptance needs every opinion that was asked for, and a cost within the limits of the pool; a rejection says until when
    the author may appeal. Raises ``Refused``.
    """
    require(by)
    if not reasons.strip():
        raise Refused({"reasons": _("Napisz uzasadnienie.")})
    found = lock(project, ProjectState.OPINIONS) if accept else lock(project, *IN_WORK)
    rules = rules_of(found.edition)
    if accept:
        _require_acceptable(found)
    elif rules.verification.appeal_days:
        found.appeal_due_on = clock.today() + timedelta(days=rules.verification.appeal_days)
    found.verdict_text, found.verdict_at, found.answer_due_on = reasons.strip(), clock.now(), None
    if accept:
        move(found, ProjectState.ACCEPTED, StepKind.ACCEPTED, by, text=reasons)
    else:
        move(found, ProjectState.REJECTED, StepKind.REJECTED, by, text=reasons)
        for one in found.opinions.filter(given_at=None).select_related("case"):
            if one.case is not None and one.case.stage == "asked":
                cases.take_step(case=one.case, transition="cancel", by=SYSTEM)
    _case_step(found, "accept" if accept else "reject", answer=reasons.strip())
    return found


def _require_acceptable(project: Project) -> None:
    if project.opinions.filter(given_at=None).exists():
        raise Refused(_("Nie wszystkie jednostki wydały już opinię."), code="opinions")
    why = fits(rules_of(project.edition).pool(project.pool.key), project.cost)
    if why:
        raise Refused(why, code="cost")


@transaction.atomic
def appeal(*, project: Project, text: str, by: Viewer) -> Appeal:
    """The author appeals within the days of the rules; once. The text is published."""
    require_author(by, project)
    found = lock(project, ProjectState.REJECTED)
    if Appeal.objects.filter(project=found).exists():
        raise Refused(_("Od tego wyniku już się odwołano."), code="twice")
    if found.appeal_due_on is None or clock.today() > found.appeal_due_on:
        raise Refused(_("Termin na odwołanie już minął."), code="late")
    if not text.strip():
        raise Refused({"text": _("Napisz, z czym się nie zgadzasz.")})
    body = rules_of(found.edition).verification.appeal_body
    made = Appeal.objects.create(project=found, text=text.strip(), filed_at=clock.now(), body=body)
    move(found, ProjectState.APPEALED, StepKind.APPEALED, by, text=text)
    _case_step(found, "appeal")
    return made


@transaction.atomic
def decide_appeal(*, project: Project, uphold: bool, reasons: str, by: Viewer) -> Appeal:
    """The answer to an appeal, final and published."""
    require(by)
    if not reasons.strip():
        raise Refused({"reasons": _("Napisz uzasadnienie.")})
    found = lock(project, ProjectState.APPEALED)
    made = Appeal.objects.select_for_update().get(project=found)
    made.upheld, made.reasons, made.decided_at = uphold, reasons.strip(), clock.now()
    made.save()
    found.appeal_due_on = None
    if uphold:
        move(found, ProjectState.ACCEPTED, StepKind.UPHELD, by, text=reasons)
    else:
        move(found, ProjectState.REJECTED, StepKind.DISMISSED, by, text=reasons)
    _case_step(found, "uphold" if uphold else "dismiss", answer=reasons.strip())
    return made


def follow(event: CaseStepTaken) -> None:
    """A step taken on a case's own page moves the project too; what this module did itself finds nothing left to do."""
    if event.case_type == OPINION and event.transition in Outcome.values:
        _follow_opinion(event)
    elif event.case_type == VERIFICATION:
        _follow_verification(event)


def _words(event: CaseStepTaken) -> str:
    return (body_of(event.answer_id) if event.answer_id else "") or "–"


def _follow_opinion(event: CaseStepTaken) -> None:
    row = Opinion.objects.select_related("project").filter(case_id=event.case_id, given_at=None).first()
    if row is not None and row.project.state == ProjectState.OPINIONS:
        give_opinion(opinion=row, outcome=event.transition, text=_words(event), by=SYSTEM)


def _follow_verification(event: CaseStepTaken) -> None:
    """Where the rules do not let the project follow, the case goes back and says why."""
    found = Project.objects.select_related("case").filter(case_id=event.case_id).first()
    if found is None or found.state == event.to_stage:
        return
    words = _words(event)
    actions = {
        "pass": lambda: pass_formal(project=found, by=SYSTEM),
        "ask": lambda: ask_correction(project=found, text=words, by=SYSTEM),
        "accept": lambda: decide(project=found, accept=True, reasons=words, by=SYSTEM),
        "reject": lambda: decide(project=found, accept=False, reasons=words, by=SYSTEM),
        "uphold": lambda: decide_appeal(project=found, uphold=True, reasons=words, by=SYSTEM),
        "dismiss": lambda: decide_appeal(project=found, uphold=False, reasons=words, by=SYSTEM),
    }
    action = actions.get(event.transition)
    if action is None:
        return
    try:
        with transaction.atomic():
            action()
    except Refused as error:
        if found.state in (ProjectState.SUBMITTED, ProjectState.OPINIONS):
            cases.take_step(case=found.case, transition=f"back_{found.state}", reason=" ".join(error.messages), by=SYSTEM)
