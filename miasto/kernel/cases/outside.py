"""Forwarding to bodies outside the city, and their answers.

A body that does not answer for a matter must send it at once to the one that does and tell the person (KPA art. 65 § 1; of a
complaint: art. 231, within seven days). The city's clock is held from then on, and the case stays open for the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.accounts.services import require
from miasto.kernel.cases import writing
from miasto.kernel.cases.access import standing
from miasto.kernel.cases.deadlines import next_working
from miasto.kernel.cases.events import CaseAnsweredOutside, CaseForwarded
from miasto.kernel.cases.filing import attach
from miasto.kernel.cases.handling import ADDED_MOST, PARTIES, PUBLIC, move, post
from miasto.kernel.cases.models import Case, CaseFile, CaseStep, ExternalBody, Forwarding, Moderation
from miasto.kernel.cases.types import case_type
from miasto.kernel.cases.writing import Refused
from miasto.kernel.core import changes, clock, events
from miasto.kernel.core.models import Change
from miasto.kernel.core.polish import fold
from miasto.kernel.discussions import services as discussions
from miasto.kernel.spec.cases import FORWARD, OUTSIDE_DONE, OUTSIDE_REFUSED

ACCEPTED, DONE, REFUSED = "accepted", "done", "refused"
OUTCOMES = (ACCEPTED, DONE, REFUSED)
ANSWER_LINK = "cases.outside"
MANAGE = "cases.routing"
KIND = "cases.body"
_ENVIRONMENT = re.compile(r"^[A-Z][A-Z0-9_]{2,79}$")


@transaction.atomic
def forward(*, case: Case, to: ExternalBody, words: str, by: Viewer, version: int | None = None) -> Forwarding:
    """Send a case to a body outside the city; it waits there for the answer, and the city's clock is held.

    ``words`` are the public answer that says so. Needs the right to the case type's "forward" step. Raises ``Refused``,
    ``PermissionDenied``, ``Conflict``.
    """
    locked = writing.lock(case, version)
    step = case_type(locked.case_type).effect(FORWARD, locked.stage)
    if step is None:
        raise Refused(_("Na tym etapie sprawy nie można przekazać poza miasto."), code="stage")
    may = standing(by, locked).may
    if not any(who in may for who in step.by):
        raise PermissionDenied(step.by[0])
    if not to.active:
        raise Refused({"body": _("Wybierz instytucję z listy.")}, code="body")
    if not words.strip():
        raise Refused({"words": _("Napisz, co i dlaczego przekazujesz.")}, code="needs")
    said = post(locked, words, PUBLIC, by, False)
    made = Forwarding.objects.create(case=locked, body=to, comment_id=said.pk, at=clock.now(), remind_on=_reminder_day(to))
    move(locked, step, by=by, comment=said, other_id=to.pk)
    writing.record("forward", locked, by, body=to.pk, forwarding=made.pk)
    events.publish(CaseForwarded(case_id=locked.pk, case_type=locked.case_type, forwarding_id=made.pk, body_id=to.pk))
    return made


def _reminder_day(body: ExternalBody) -> date:
    return next_working(clock.today() + timedelta(days=body.answer_days))


@transaction.atomic
def answer_from_body(
    *,
    forwarding: Forwarding,
    outcome: str,
    words: str,
    by: Viewer,
    file_ids: Sequence[UUID] = (),
    reference: str = "",
) -> Case:
    """What the body outside says: "accepted" (it works on it), "done", or "refused" (not its matter). Returns the case.

    ``by`` is the holder of the answer link, a member of staff of the case's unit who writes down what the body said, or the
    system (an Open311 client). Words that staff did not write are read by the filer at once and by the public after approval;
    so are the photos. Raises ``Refused``, ``PermissionDenied``.
    """
    locked = writing.lock(Case(pk=forwarding.case_id), None)
    row = Forwarding.objects.select_for_update(of=("self",)).select_related("body").get(pk=forwarding.pk)
    staff = _may_answer(row, locked, by)
    _check_answer(row, outcome, words, file_ids)
    said = _said(locked, words, by, staff) if words.strip() else None
    attach(locked, file_ids, CaseFile.Phase.RESOLVED, by, Moderation.APPROVED if staff else Moderation.WAITING)
    row.answered_at, row.reference = clock.now(), reference or row.reference
    row.state = {ACCEPTED: row.State.ACCEPTED, DONE: row.State.DONE, REFUSED: row.State.REFUSED}[outcome]
    row.remind_on = _reminder_day(row.body) if outcome == ACCEPTED else None
    row.save(update_fields=["answered_at", "reference", "state", "remind_on"])
    step_id = _write_answer(locked, row, outcome, said, by)
    writing.record("answered_outside", locked, by, body=row.body_id, forwarding=row.pk, outcome=outcome)
    events.publish(
        CaseAnsweredOutside(
            case_id=locked.pk,
            case_type=locked.case_type,
            forwarding_id=row.pk,
            step_id=step_id,
            outcome=outcome,
            answer_id=said.pk if said else None,
        )
    )
    return locked


def _may_answer(row: Forwarding, case: Case, by: Viewer) -> bool:
    """Whether a member of staff answers for the body; raises ``PermissionDenied`` for anyone who may not answer."""
    if by.system or row.pk in by.links:
        return False
    writing.require(by, case, "cases.handle")
    return True


def _check_answer(row: Forwarding, outcome: str, words: str, file_ids: Sequence[UUID]) -> None:
    if row.state not in Forwarding.OPEN:
        raise Refused(_("Na tę sprawę nie czekamy już na odpowiedź."), code="answered")
    if outcome not in OUTCOMES:
        raise Refused({"outcome": _("Wybierz odpowiedź.")}, code="outcome")
    if outcome != ACCEPTED and not words.strip():
        raise Refused({"words": _("Napisz, co zostało zrobione albo dlaczego sprawa należy do kogoś innego.")}, code="words")
    if len(file_ids) > ADDED_MOST:
        raise Refused({"files": _("Można dodać najwyżej %(most)d zdjęć.") % {"most": ADDED_MOST}}, code="files")


def _said(case: Case, words: str, by: Viewer, staff: bool) -> Any:
    if staff:
        return post(case, words, PUBLIC, by, False)
    audience = PUBLIC if case.public else PARTIES
    try:
        return discussions.post(thread=case.thread, body=words, audience=audience, by=by, approved=audience == PARTIES)
    except ValidationError as error:
        raise Refused({"words": error.messages}, code=error.code) from error


def _write_answer(case: Case, row: Forwarding, outcome: str, said: Any, by: Viewer) -> int:
    """The line of the history, and the step where the answer ends the waiting; returns the line's number."""
    kind = case_type(case.case_type)
    effect = {DONE: OUTSIDE_DONE, REFUSED: OUTSIDE_REFUSED}.get(outcome)
    step = kind.effect(effect, case.stage) if effect else None
    if step is not None:
        move(case, step, by=by, comment=said, other_id=row.body_id)
        found = CaseStep.objects.filter(case=case, kind=CaseStep.Kind.TRANSITION).order_by("-id")
        return found.values_list("pk", flat=True)[0]
    case.pending = writing.count_pending(case)
    writing.save(case, "pending")
    return writing.step(case, CaseStep.Kind.OUTSIDE, by, comment=said, other_id=row.body_id).pk


@transaction.atomic
def remind_body(*, forwarding: Forwarding, by: Viewer) -> Forwarding:
    """Count a reminder to a silent body and set the day of the next; the e-mail is the business of the listener.

    Needs ``cases.handle`` in the case's unit, or the system. Raises ``Refused`` where no answer is waited for.
    """
    locked = writing.lock(Case(pk=forwarding.case_id), None)
    if not by.system:
        writing.require(by, locked, "cases.handle")
    row = Forwarding.objects.select_for_update(of=("self",)).select_related("body").get(pk=forwarding.pk)
    if row.state not in Forwarding.OPEN:
        raise Refused(_("Na tę sprawę nie czekamy już na odpowiedź."), code="answered")
    row.reminders, row.remind_on = row.reminders + 1, _reminder_day(row.body)
    row.save(update_fields=["reminders", "remind_on"])
    writing.record("remind_outside", locked, by, body=row.body_id, forwarding=row.pk, reminders=row.reminders)
    from miasto.kernel.cases.following import tell_body

    tell_body(row.pk, f"outside:{row.pk}:{row.reminders}", reminder=True)
    return row


BODY_FIELDS = (
    "name", "purpose", "email", "phone", "answer_days", "open311_endpoint", "open311_jurisdiction", "open311_key_env", "active",
)  # fmt: skip


@transaction.atomic
def save_body(*, body: ExternalBody | None, by: Viewer, **values: Any) -> ExternalBody:
    """Make or change a body outside (``BODY_FIELDS``). Needs ``cases.routing``; raises ``ValidationError`` by field."""
    require(by, MANAGE)
    row = body or ExternalBody(slug=_free_slug(str(values.get("name", ""))))
    changed = [name for name, value in values.items() if name in BODY_FIELDS and getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if row.open311_key_env and not _ENVIRONMENT.match(row.open311_key_env):
        raise ValidationError({"open311_key_env": _("Podaj nazwę zmiennej środowiska, na przykład GAZ_OPEN311_KEY.")})
    if row.open311_endpoint and not row.open311_endpoint.startswith("https://"):
        raise ValidationError({"open311_endpoint": _("Adres musi zaczynać się od https://.")})
    if not row.email and not row.open311_endpoint:
        raise ValidationError({"email": _("Podaj adres e-mail albo adres Open311 – inaczej nie ma dokąd przekazać sprawy.")})
    row.full_clean()
    row.save()
    data = {"body": str(row.pk), "fields": sorted(changed)}
    changes.record(action="cases.body_saved", kind=KIND, object_id=row.pk, actor=by.actor, data=data)
    return row


def _free_slug(name: str) -> str:
    stem = slugify(fold(name))[:70] or "instytucja"
    taken = set(ExternalBody.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(slug for n in range(1, len(taken) + 2) if (slug := stem if n == 1 else f"{stem}-{n}") not in taken)


@transaction.atomic
def sync_bodies(*, rows: Iterable[Mapping[str, Any]]) -> int:
    """Make sure of the bodies of the profile (``slug``, ``name`` and ``BODY_FIELDS``); returns how many.

    What staff changed since stays. Raises ``ValueError`` for a row without slug or name.
    """
    known = {row.slug: row for row in ExternalBody.objects.all()}
    changed = set(Change.objects.filter(kind=KIND).values_list("object_id", flat=True))
    count = 0
    for order, given in enumerate(rows):
        if not given.get("slug") or not given.get("name"):
            raise ValueError(f"external body {given!r}: needs slug and name")
        count += 1
        row = known.get(given["slug"]) or ExternalBody(slug=given["slug"])
        if row.pk in changed:
            continue
        for name in BODY_FIELDS:
            if name in given:
                setattr(row, name, given[name])
        row.order = order
        row.save()
    return count
