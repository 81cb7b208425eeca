"""One order over many cases: each case is one service call of its own, with its own permission, history and event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer, current_units, people_in, viewer_for_person
from miasto.kernel.cases import handling, relating, writing
from miasto.kernel.cases.case_page import case_page
from miasto.kernel.cases.models import AnswerTemplate, BulkRun, Case, Category
from miasto.kernel.cases.presenting import fill_template
from miasto.kernel.cases.writing import Refused
from miasto.kernel.core import changes, clock
from miasto.kernel.core.jobs import job

AT_ONCE = 25
MOST = 5000
ACTIONS = ("unit", "assignee", "category", "step", "merge")


@dataclass(frozen=True)
class BulkResult:
    """``done`` are the numbers of the cases carried out, ``refused`` are (number, why for the reader)."""

    done: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def bulk(*, case_ids: Iterable[UUID], action: str, by: Viewer, **values: Any) -> BulkResult:
    """Do one thing with many cases; what one refuses does not stop the others.

    ``action`` and its values, all plain: "unit" (``unit``: id), "assignee" (``assignee``: id, or "" for the pool), "category"
    (``category``: id), "step" (``transition``, ``answer`` and ``reason``, or ``template``: id of a prepared answer, filled in
    for each case), "merge" (``into``: number). Raises ``Refused`` where the values themselves are wrong.
    """
    call = _prepared(action, values, by)
    result = BulkResult()
    for pk in dict.fromkeys(case_ids):
        case = Case.objects.visible_to(by).filter(pk=pk).first()
        if case is None:
            continue
        why = _tried(call, case)
        if why:
            result.refused.append((case.number, why))
        else:
            result.done.append(case.number)
    return result


def _tried(call: Callable[[Case], Any], case: Case) -> str:
    """Carry out one; the reason in words where it was refused."""
    try:
        with transaction.atomic():
            call(case)
    except PermissionDenied:
        return _("Nie masz uprawnień do tej sprawy.")
    except ValidationError as error:
        return " ".join(error.messages)
    except writing.Conflict as error:
        return str(error)
    return ""


def _prepared(action: str, values: Mapping[str, Any], by: Viewer) -> Callable[[Case], Any]:
    makers = {"unit": _unit, "assignee": _assignee, "category": _category, "step": _step, "merge": _merge}
    if action not in makers:
        raise Refused({"action": _("Wybierz, co zrobić.")}, code="action")
    return makers[action](values, by)


def _unit(values: Mapping[str, Any], by: Viewer) -> Callable[[Case], Any]:
    unit = current_units().filter(pk=values.get("unit") or None).first()
    if unit is None:
        raise Refused({"unit": _("Wybierz jednostkę.")}, code="unit")
    return lambda case: handling.assign(case=case, unit=unit, by=by)


def _assignee(values: Mapping[str, Any], by: Viewer) -> Callable[[Case], Any]:
    wanted = values.get("assignee")
    person = people_in(None, "cases.handle").filter(pk=wanted).first() if wanted else None
    if wanted and person is None:
        raise Refused({"assignee": _("Wybierz osobę.")}, code="assignee")
    return lambda case: handling.assign(case=case, assignee=person, by=by)


def _category(values: Mapping[str, Any], by: Viewer) -> Callable[[Case], Any]:
    category = Category.objects.select_related("parent").filter(pk=values.get("category") or None).first()
    if category is None:
        raise Refused({"category": _("Wybierz kategorię.")}, code="category")
    return lambda case: handling.recategorise(case=case, category=category, by=by)


def _step(values: Mapping[str, Any], by: Viewer) -> Callable[[Case], Any]:
    transition = str(values.get("transition") or "")
    if not transition:
        raise Refused({"transition": _("Wybierz krok.")}, code="transition")
    template = AnswerTemplate.objects.filter(pk=values.get("template") or None, active=True).first()

    def call(case: Case) -> Any:
        answer = fill_template(template.body, case_page(case.number, by)) if template else str(values.get("answer") or "")
        reason = str(values.get("reason") or "")
        return handling.take_step(case=case, transition=transition, answer=answer, reason=reason, by=by)

    return call


def _merge(values: Mapping[str, Any], by: Viewer) -> Callable[[Case], Any]:
    main = Case.objects.visible_to(by).filter(number=str(values.get("into") or "").strip().upper()).first()
    if main is None:
        raise Refused({"into": _("Nie ma sprawy o tym numerze.")}, code="unknown")
    return lambda case: relating.merge(duplicates=[case], into=main, by=by)


@transaction.atomic
def start_run(*, case_ids: Iterable[UUID], action: str, back: str = "", by: Viewer, **values: Any) -> BulkRun:
    """Order something for many cases (5,000 at most): a few at once, more by a job with progress. Raises ``Refused``."""
    ids = list(dict.fromkeys(case_ids))[:MOST]
    if by.person_id is None:
        raise PermissionDenied("cases.bulk")
    if not ids:
        raise Refused(_("Zaznacz co najmniej jedną sprawę."), code="empty")
    _prepared(action, values, by)
    run = BulkRun.objects.create(
        person_id=by.person_id,
        action=action,
        values=values,
        ids=[str(pk) for pk in ids],
        at=clock.now(),
        back=back[:1000],
    )
    data = {"action": action, "cases": len(ids)}
    changes.record(action="cases.bulk", kind="cases.bulk", object_id=run.pk, actor=by.actor, data=data)
    if len(ids) > AT_ONCE:
        go_on.defer(run_id=str(run.pk))
        return run
    return _chunk(run.pk) or run


@job(name="cases.bulk")
def go_on(*, run_id: str) -> None:
    """Carry a run out, a few cases in each transaction: its progress is seen, and it can be stopped or taken up again."""
    while True:
        with transaction.atomic():
            run = _chunk(UUID(run_id))
        if run is None or run.state in (BulkRun.State.FINISHED, BulkRun.State.CANCELLED):
            return


def _chunk(run_id: UUID) -> BulkRun | None:
    """The next few cases of a run; a killed worker's last few are rolled back and done again."""
    run = BulkRun.objects.select_for_update().filter(pk=run_id).first()
    if run is None or run.state in (BulkRun.State.FINISHED, BulkRun.State.CANCELLED):
        return run
    if run.cancel:
        run.state = BulkRun.State.CANCELLED
        run.save(update_fields=["state"])
        return run
    ids = [UUID(pk) for pk in run.ids[run.position : run.position + AT_ONCE]]
    result = bulk(case_ids=ids, action=run.action, by=viewer_for_person(run.person_id), **run.values)
    run.position += len(ids)
    run.done = [*run.done, *result.done]
    run.refused = [*run.refused, *([number, why] for number, why in result.refused)]
    run.state = BulkRun.State.FINISHED if run.position >= len(run.ids) else BulkRun.State.RUNNING
    run.save(update_fields=["position", "done", "refused", "state"])
    return run


@transaction.atomic
def cancel_run(*, run: BulkRun, by: Viewer) -> BulkRun:
    """Stop a run after the few cases that are being worked on; what is done stays done. Only whoever ordered it."""
    if run.person_id != by.person_id:
        raise PermissionDenied("cases.bulk")
    BulkRun.objects.filter(pk=run.pk).update(cancel=True)
    run.cancel = True
    return run
