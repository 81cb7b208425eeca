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
    CaseSplit,
    CaseStepTaken,
    CoFilerInvited,
    CoFilerJoined,
)
from miasto.kernel.cases.family import main_of_part, open_parts
from miasto.kernel.cases.filing import MAIL_LINK
from miasto.kernel.cases.models import Case, CaseParty, CaseStep, ExternalBody, Forwarding, Relation
from miasto.kernel.cases.moderation import hold_back
from miasto.kernel.cases.parties import CO_FILER, CO_FILER_LINK, invitation_token
from miasto.kernel.cases.types import case_type, stage_of
from miasto.kernel.discussions import selectors as discussions
from miasto.kernel.files.events import FileLookedAt
from miasto.kernel.notifications.rendering import absolute
from miasto.kernel.notifications.services import Recipient, notify, quoted
from miasto.kernel.spec.cases import FILER, FORWARD, MERGE


def _title(case: Case) -> str:
    return case.category.title if case.category else ""


# Lazy: each recipient reads the category in their own language, which is known only when their message is rendered.
_category_name = lazy(_title, str)


def read(case_id: UUID) -> Case:
    """A case with what the messages name of it."""
    return Case.objects.select_related("category", "unit").get(pk=case_id)


def context_of(case: Case, **more: Any) -> dict[str, Any]:
    """What every message of a case may name."""
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


def tell_filer(case: Case, topic: str, once: str, **more: Any) -> int:
    """E-mail (and the bell) to the person who filed, if they left an address or have an account, and to those who joined.

    Of a part the filers of its main case are told, and led to the main page, where the parts are; to the part's own page where
    an answer is expected of them.
    """
    main_id = main_of_part(case.pk)
    home = read(main_id) if main_id else case
    context = context_of(case, **{"main_number": home.number if main_id else "", **more})
    led_to = case if topic == "cases.question" else home
    told = _tell_first_filer(home, led_to, topic, once, context)
    return told + _tell_co_filers(home, topic, once, context)


def _tell_first_filer(home: Case, led_to: Case, topic: str, once: str, context: dict[str, Any]) -> int:
    party = CaseParty.objects.filter(case=home, role="filer", erased_at=None).first()
    if party is None or not (home.filer_person_id or party.email):
        return 0
    to = Recipient(person_id=home.filer_person_id, email=party.email, language=party.language)
    page = f"/sprawy/{led_to.number}/"
    url: str | Callable[[], str] = page if home.filer_person_id else lambda: _secret_page(led_to)
    told = {**context, "inbox_url": page}
    return notify(topic=topic, to=[to], context=told, url=url, about_id=home.pk, once=once, replies=led_to.pk)


def _tell_co_filers(case: Case, topic: str, once: str, context: dict[str, Any]) -> int:
    """E-mail to each who files together with the filer, with a link of their own."""
    if not case.co_filers:
        return 0
    rows = CaseParty.objects.filter(case=case, role=CO_FILER, state=CaseParty.State.CONFIRMED, erased_at=None)
    to = [Recipient(email=row.email, language=row.language) for row in rows if row.email]
    return notify(topic=topic, to=to, context=context, url=lambda: _co_filer_page(case), about_id=case.pk, once=once)


def _co_filer_page(case: Case) -> str:
    return f"/sprawy/s/{make_link(object_id=case.pk, purpose=CO_FILER_LINK, by=SYSTEM)}/"


def tell_invited(event: CoFilerInvited) -> None:
    """The invitation to file together."""
    _tell_by_invitation(event, "cases.invited", lambda: f"/sprawy/wspolnie/{invitation_token(event.invite_id)}/")


def tell_joined(event: CoFilerJoined) -> None:
    """The link to the case for somebody who has just joined."""
    case = read(event.case_id)
    _tell_by_invitation(event, "cases.joined", lambda: _co_filer_page(case))


def _tell_by_invitation(event: CoFilerInvited | CoFilerJoined, topic: str, url: Callable[[], str]) -> None:
    party = CaseParty.objects.filter(invite_id=event.invite_id, erased_at=None).exclude(email="").first()
    if party is not None:
        case, to = read(event.case_id), [Recipient(email=party.email, language=party.language)]
        notify(topic=topic, to=to, context=context_of(case), url=url, about_id=case.pk, once=f"{topic}:{event.invite_id}")


def _secret_page(case: Case) -> str:
    return f"/sprawy/s/{make_link(object_id=case.pk, purpose=MAIL_LINK, by=SYSTEM)}/"


def tell_staff(case: Case, topic: str, once: str, people: set[UUID], **more: Any) -> int:
    """Tell members of staff of a case (read with category and unit), each once."""
    to = [Recipient(person_id=pk) for pk in sorted(people)]
    page = f"/panel/sprawy/{case.number}/"
    return notify(topic=topic, to=to, context=context_of(case, **more), url=page, about_id=case.pk, once=once)


def workers(case: Case) -> set[UUID]:
    """The person who has the case, or everybody who may handle it in its unit."""
    if case.assignee_id:
        return {case.assignee_id}
    return set(people_in([case.unit_id], "cases.handle").values_list("pk", flat=True))


def supervisors(case: Case) -> set[UUID]:
    return set(people_in([case.unit_id], "cases.supervise").values_list("pk", flat=True))


def tell_filer_filed(event: CaseOpened) -> None:
    """The number and the link to the case. Of the parts of a case its split tells (``tell_filer_split``)."""
    if main_of_part(event.case_id):
        return
    tell_filer(read(event.case_id), "cases.filed", f"filed:{event.case_id}")


def tell_unit_new(event: CaseOpened) -> None:
    """A new case for the unit."""
    case = read(event.case_id)
    tell_staff(case, "cases.new", f"new:{case.pk}:{event.unit_id}", workers(case))


def tell_filer_step(event: CaseStepTaken) -> None:
    """A step of staff or of the clock; which message it is follows from the stage that was reached."""
    if event.by_filer:
        return
    case = read(event.case_id)
    kind = case_type(event.case_type)
    step, stage = kind.transition(event.transition), kind.stage(event.to_stage)
    words = quoted(discussions.body_of(event.answer_id)) if event.answer_id else ""
    ways = [way for way in kind.transitions if FILER in way.by and event.to_stage in way.sources]
    limits = [way.days for way in ways if way.days is not None]
    topic, more = _topic_of_step(event, kind, step, stage)
    days, held = min(limits) if limits else None, stage.clock == "paused"
    told = {"words": words, "reached": stage, "ways": ways, "days": days, "held": held, **more}
    tell_filer(case, topic, f"step:{event.step_id}", **told)


def _topic_of_step(event: CaseStepTaken, kind: Any, step: Any, stage: Any) -> tuple[str, dict[str, Any]]:
    """The message of a step, and what it names besides."""
    if step.effect in (MERGE, FORWARD):
        return _topic_of_effect(event, step)
    if "question" in step.needs:
        return "cases.question", {}
    if stage.final:
        return "cases.closed", {}
    if stage.clock == "stopped":
        return "cases.answer", {}
    return ("cases.reopened" if _was_answered(kind, event.from_stage) else "cases.step"), {}


def _topic_of_effect(event: CaseStepTaken, step: Any) -> tuple[str, dict[str, Any]]:
    other_id = CaseStep.objects.filter(pk=event.step_id).values_list("other_id", flat=True).first()
    if step.effect == MERGE:
        main = Case.objects.filter(pk=other_id).first()
        return "cases.merged", {"main": main, "main_page": absolute(f"/sprawy/{main.number}/") if main and main.public else ""}
    name = ExternalBody.objects.filter(pk=other_id).values_list("name", flat=True).first()
    return "cases.forwarded", {"body": name or ""}


def _was_answered(kind: Any, stage_key: str) -> bool:
    stage = kind.stage(stage_key)
    return stage.final or stage.clock == "stopped"


def tell_filer_split(event: CaseSplit) -> None:
    """Several units work on the case: which of them on what."""
    case = read(event.case_id)
    made = Relation.objects.filter(main=case, kind=Relation.Kind.PART_OF).order_by("id").select_related("case__unit")
    parts = [(row.case.number, row.case.unit.name) for row in made]
    tell_filer(case, "cases.split", f"split:{event.step_id}", parts=parts)


def tell_main_of_part(event: CaseStepTaken) -> None:
    """Whoever keeps the main case hears when the last of its parts is done."""
    main_id = main_of_part(event.case_id)
    if main_id is None or open_parts(main_id) or not _was_answered(case_type(event.case_type), event.to_stage):
        return
    main = read(main_id)
    tell_staff(main, "cases.parts_done", f"parts:{event.step_id}", workers(main))


def tell_staff_step(event: CaseStepTaken) -> None:
    """A step of the filer: an answer to the worker, a dispute to the supervisors too; the filer gets its confirmation."""
    if not event.by_filer:
        return
    case = read(event.case_id)
    once = f"step:{event.step_id}"
    if case_type(event.case_type).transition(event.transition).dispute:
        tell_staff(case, "cases.disputed", once, workers(case) | supervisors(case))
        tell_filer(case, "cases.reopened", once, words="", reached=stage_of(case))
    else:
        tell_staff(case, "cases.replied", once, workers(case))
        reached = case_type(event.case_type).stage(event.to_stage)
        if reached.final:
            tell_filer(case, "cases.closed", once, words="", reached=reached)


def tell_filer_assigned(event: CaseAssigned) -> None:
    """The case went to another unit. Who works on it inside a unit is not the filer's business."""
    if event.unit_changed:
        tell_filer(read(event.case_id), "cases.step", f"step:{event.step_id}", moved=True, words="")


def tell_assignee(event: CaseAssigned) -> None:
    """The person who got the case, unless they took it themselves; else the unit that got it."""
    case = read(event.case_id)
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
    tell_filer(read(event.case_id), "cases.comment", f"step:{event.step_id}", words=words)


def tell_reclassified(event: CaseReclassified) -> None:
    """The case is of another type now, with another term: the filer is told, and the unit that got it."""
    case = read(event.case_id)
    name = lazy(lambda: str(case_type(event.case_type).name), str)
    tell_filer(case, "cases.step", f"step:{event.step_id}", reclassified=True, words="", type_name=name())
    tell_staff(case, "cases.new", f"step:{event.step_id}", workers(case))


def tell_staff_comment(event: CaseCommented) -> None:
    """The filer added something."""
    if event.by_filer:
        case = read(event.case_id)
        tell_staff(case, "cases.replied", f"step:{event.step_id}", workers(case))


def tell_silent(forwarding: Forwarding) -> int:
    """A body outside that still does not answer: to the worker of the case; once for each reminder."""
    case = read(forwarding.case_id)
    once = f"silent:{forwarding.pk}:{forwarding.reminders}"
    return tell_staff(case, "cases.outside_silent", once, workers(case), body=forwarding.body.name)


def hold_back_photo(event: FileLookedAt) -> None:
    """A published photo of staff in which a machine found faces or plates waits for a person."""
    if event.found:
        hold_back(file_id=event.file_id, by=SYSTEM)
