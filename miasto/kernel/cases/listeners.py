"""Who is told of what happens to a case. Each listener bears being called twice: ``once`` names the event.

A filer without an account gets a secret link of its own in each e-mail (purpose ``cases.mail``): tokens are stored as
digests only, so the one shown at filing cannot be repeated, and each e-mail's link can be revoked by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.utils.functional import lazy

from miasto.kernel.accounts.selectors import SYSTEM, people_in
from miasto.kernel.accounts.services import make_link
from miasto.kernel.cases.events import (
    CaseAssigned,
    CaseCommented,
    CaseOpened,
    CaseReclassified,
    CaseStepTaken,
    CoFilerInvited,
    CoFilerJoined,
)
from miasto.kernel.cases.filing import MAIL_LINK
from miasto.kernel.cases.models import Case, CaseParty, CaseStep
from miasto.kernel.cases.parties import CO_FILER, CO_FILER_LINK, invitation_token
from miasto.kernel.cases.types import case_type, stage_of
from miasto.kernel.discussions import selectors as discussions
from miasto.kernel.notifications.services import Recipient, notify, quoted
from miasto.kernel.spec.cases import FILER


def _title(case: Case) -> str:
    return case.category.title if case.category else ""


# Lazy: each recipient reads the category in their own language, which is known only when their message is rendered.
_category_name = lazy(_title, str)


def _read(case_id: UUID) -> Case:
    return Case.objects.select_related("category", "unit").get(pk=case_id)


def _context(case: Case, **more: Any) -> dict[str, Any]:
    return {
        "number": case.number,
        "category": _category_name(case),
        "address": case.address_text,
        "stage": stage_of(case),
        "unit": case.unit.name,
        "due_on": case.due_on,
        "public_type": case_type(case.case_type).public_register,
        "inbox_url": f"/panel/sprawy/{case.number}/",
        **more,
    }


def _tell_filer(case: Case, topic: str, once: str, **more: Any) -> int:
    """E-mail (and the bell) to the person who filed, if they left an address or have an account, and to those who joined."""
    return _tell_first_filer(case, topic, once, **more) + _tell_co_filers(case, topic, once, **more)


def _tell_first_filer(case: Case, topic: str, once: str, **more: Any) -> int:
    party = CaseParty.objects.filter(case=case, role="filer", erased_at=None).first()
    if party is None or not (case.filer_person_id or party.email):
        return 0
    to = Recipient(person_id=case.filer_person_id, email=party.email, language=party.language)
    page = f"/sprawy/{case.number}/"
    url: str | Callable[[], str] = page if case.filer_person_id else lambda: _secret_page(case)
    context = {**_context(case, **more), "inbox_url": page}
    return notify(topic=topic, to=[to], context=context, url=url, about_id=case.pk, once=once, replies=True)


def _tell_co_filers(case: Case, topic: str, once: str, **more: Any) -> int:
    """E-mail to each who files together with the filer, with a link of their own."""
    if not case.co_filers:
        return 0
    rows = CaseParty.objects.filter(case=case, role=CO_FILER, state=CaseParty.State.CONFIRMED, erased_at=None)
    to = [Recipient(email=row.email, language=row.language) for row in rows if row.email]
    context = _context(case, **more)
    return notify(topic=topic, to=to, context=context, url=lambda: _co_filer_page(case), about_id=case.pk, once=once)


def _co_filer_page(case: Case) -> str:
    return f"/sprawy/s/{make_link(object_id=case.pk, purpose=CO_FILER_LINK, by=SYSTEM)}/"


def tell_invited(event: CoFilerInvited) -> None:
    """The invitation to file together."""
    _tell_by_invitation(event, "cases.invited", lambda: f"/sprawy/wspolnie/{invitation_token(event.invite_id)}/")


def tell_joined(event: CoFilerJoined) -> None:
    """The link to the case for somebody who has just joined."""
    case = _read(event.case_id)
    _tell_by_invitation(event, "cases.joined", lambda: _co_filer_page(case))


def _tell_by_invitation(event: CoFilerInvited | CoFilerJoined, topic: str, url: Callable[[], str]) -> None:
    party = CaseParty.objects.filter(invite_id=event.invite_id, erased_at=None).exclude(email="").first()
    if party is not None:
        case, to = _read(event.case_id), [Recipient(email=party.email, language=party.language)]
        notify(topic=topic, to=to, context=_context(case), url=url, about_id=case.pk, once=f"{topic}:{event.invite_id}")


def _secret_page(case: Case) -> str:
    return f"/sprawy/s/{make_link(object_id=case.pk, purpose=MAIL_LINK, by=SYSTEM)}/"


def tell_staff(case: Case, topic: str, once: str, people: set[UUID], **more: Any) -> int:
    """Tell members of staff of a case (read with category and unit), each once."""
    to = [Recipient(person_id=pk) for pk in sorted(people)]
    page = f"/panel/sprawy/{case.number}/"
    return notify(topic=topic, to=to, context=_context(case, **more), url=page, about_id=case.pk, once=once)


def workers(case: Case) -> set[UUID]:
    """The person who has the case, or everybody who may handle it in its unit."""
    if case.assignee_id:
        return {case.assignee_id}
    return set(people_in([case.unit_id], "cases.handle").values_list("pk", flat=True))


def supervisors(case: Case) -> set[UUID]:
    return set(people_in([case.unit_id], "cases.supervise").values_list("pk", flat=True))


def tell_filer_filed(event: CaseOpened) -> None:
    """The number and the link to the case."""
    _tell_filer(_read(event.case_id), "cases.filed", f"filed:{event.case_id}")


def tell_unit_new(event: CaseOpened) -> None:
    """A new case for the unit."""
    case = _read(event.case_id)
    tell_staff(case, "cases.new", f"new:{case.pk}:{event.unit_id}", workers(case))


def tell_filer_step(event: CaseStepTaken) -> None:
    """A step of staff or of the clock; which message it is follows from the stage that was reached."""
    if event.by_filer:
        return
    case = _read(event.case_id)
    kind = case_type(event.case_type)
    step, stage = kind.transition(event.transition), kind.stage(event.to_stage)
    words = quoted(discussions.body_of(event.answer_id)) if event.answer_id else ""
    if "question" in step.needs:
        topic = "cases.question"
    elif stage.final:
        topic = "cases.closed"
    elif stage.clock == "stopped":
        topic = "cases.answer"
    else:
        topic = "cases.reopened" if _was_answered(kind, event.from_stage) else "cases.step"
    ways = [way for way in kind.transitions if FILER in way.by and event.to_stage in way.sources]
    limits = [way.days for way in ways if way.days is not None]
    days = min(limits) if limits else None
    held = stage.clock == "paused"
    _tell_filer(case, topic, f"step:{event.step_id}", words=words, reached=stage, ways=ways, days=days, held=held)


def _was_answered(kind: Any, stage_key: str) -> bool:
    stage = kind.stage(stage_key)
    return stage.final or stage.clock == "stopped"


def tell_staff_step(event: CaseStepTaken) -> None:
    """A step of the filer: an answer to the worker, a dispute to the supervisors too; the filer gets its confirmation."""
    if not event.by_filer:
        return
    case = _read(event.case_id)
    once = f"step:{event.step_id}"
    if case_type(event.case_type).transition(event.transition).dispute:
        tell_staff(case, "cases.disputed", once, workers(case) | supervisors(case))
        _tell_filer(case, "cases.reopened", once, words="", reached=stage_of(case))
    else:
        tell_staff(case, "cases.replied", once, workers(case))
        reached = case_type(event.case_type).stage(event.to_stage)
        if reached.final:
            _tell_filer(case, "cases.closed", once, words="", reached=reached)


def tell_filer_assigned(event: CaseAssigned) -> None:
    """The case went to another unit. Who works on it inside a unit is not the filer's business."""
    if event.unit_changed:
        _tell_filer(_read(event.case_id), "cases.step", f"step:{event.step_id}", moved=True, words="")


def tell_assignee(event: CaseAssigned) -> None:
    """The person who got the case, unless they took it themselves; else the unit that got it."""
    case = _read(event.case_id)
    actor = CaseStep.objects.filter(pk=event.step_id).values_list("actor_id", flat=True).first()
    if event.assignee_id is not None:
        people = {event.assignee_id} - {actor}
        tell_staff(case, "cases.assigned", f"step:{event.step_id}", people)
    elif event.unit_changed:
        people = set(people_in([event.unit_id], "cases.handle").values_list("pk", flat=True)) - {actor}
        tell_staff(case, "cases.new", f"step:{event.step_id}", people)


def tell_filer_comment(event: CaseCommented) -> None:
    """A message of the unit, public or to the filer."""
    if event.by_filer or event.audience == "internal" or event.comment_id is None:
        return
    words = quoted(discussions.body_of(event.comment_id))
    _tell_filer(_read(event.case_id), "cases.comment", f"step:{event.step_id}", words=words)


def tell_reclassified(event: CaseReclassified) -> None:
    """The case is of another type now, with another term: the filer is told, and the unit that got it."""
    case = _read(event.case_id)
    name = lazy(lambda: str(case_type(event.case_type).name), str)
    _tell_filer(case, "cases.step", f"step:{event.step_id}", reclassified=True, words="", type_name=name())
    tell_staff(case, "cases.new", f"step:{event.step_id}", workers(case))


def tell_staff_comment(event: CaseCommented) -> None:
    """The filer added something."""
    if event.by_filer:
        case = _read(event.case_id)
        tell_staff(case, "cases.replied", f"step:{event.step_id}", workers(case))
