"""Cases that other authorities handle: sent by GeoReport v2, followed there, and their answers written back.

Before a request is sent, "sending" is committed. The standard knows no repetition, so a job that finds its row in that state
(it was killed, or got no answer) first looks for the request by our number, and sends the same arguments again only if the
other side does not show it.
"""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.cases import selectors as cases
from miasto.kernel.cases import services
from miasto.kernel.cases.events import CaseForwarded
from miasto.kernel.core import clock, outbound
from miasto.kernel.core.city import city
from miasto.kernel.core.polish import query_terms
from miasto.kernel.files.selectors import link
from miasto.modules.contact_centre.open311 import jobs
from miasto.modules.contact_centre.open311.client import GeoReport, Refused, Request, Service, Unwell, Update, w3
from miasto.modules.contact_centre.open311.models import Outgoing

PHOTO_MINUTES = 7 * 24 * 60
LOOK_BACK = timedelta(hours=1)
TROUBLE = (Unwell, outbound.NotSent, outbound.Unanswered)
DONE = {"closed", "fixed", "resolved"}
REFUSED = {"no_further_action", "not_councils_responsibility", "unable_to_fix", "duplicate"}
OTHER = ("inne", "inny", "other", "general", "ogólne")


class Later(Exception):
    """Not now; the worker tries again."""


def case_forwarded(event: CaseForwarded) -> None:
    """A case went to a body: where it speaks GeoReport, the job sends it there."""
    row = cases.forwarding(event.forwarding_id)
    if row.body.open311_endpoint:
        Outgoing.objects.get_or_create(forwarding_id=row.pk)
        jobs.send_forwarded.defer(forwarding_id=str(row.pk))


def case_erased(event: Any) -> None:
    """Nothing of an erased case waits to be sent any more."""
    Outgoing.objects.filter(forwarding__case_id=event.case_id).update(payload=[])
    Outgoing.objects.filter(forwarding__case_id=event.case_id, state__in=("queued", "sending")).update(state="failed")


def send(forwarding_id: str) -> bool:
    """Send one forwarded case; True when the other side has it. Raises ``Later`` for another try."""
    found = Outgoing.objects.filter(pk=UUID(forwarding_id), state__in=("queued", "sending")).first()
    if found is None:
        return False
    row = cases.forwarding(found.pk)
    if row.state not in row.OPEN:
        Outgoing.objects.filter(pk=found.pk).update(state=Outgoing.State.ENDED, payload=[])
        return False
    there = _client(row.body)
    try:
        number, token = _known(there, found, row.case.number), ""
        if not number:
            _prepare(there, found, row)
            number, token = there.file([(name, value) for name, value in found.payload])
    except (Refused, outbound.Forbidden, NoService) as problem:
        return _give_up(found, row, str(problem))
    except outbound.NotSent as problem:
        Outgoing.objects.filter(pk=found.pk, state="sending").update(state=Outgoing.State.QUEUED)
        raise Later("no connection") from problem
    except TROUBLE as problem:
        raise Later(type(problem).__name__) from problem
    _taken(found, number, token)
    return True


class NoService(Exception):
    """The other side offers nothing that this case could be filed under."""


def _client(body: Any) -> GeoReport:
    key = os.environ.get(body.open311_key_env, "") if body.open311_key_env else ""
    return GeoReport(body.open311_endpoint, key=key, jurisdiction=body.open311_jurisdiction)


def _known(there: GeoReport, found: Outgoing, number: str) -> str:
    """The number of a request that an earlier try may have filed; empty where none is shown."""
    if found.state != Outgoing.State.SENDING or found.tried_at is None:
        return ""
    try:
        rows = there.requests(start_date=w3(found.tried_at - LOOK_BACK), service_code=found.service_code)
    except Refused:
        return ""
    return next((row.number for row in rows if number in row.description), "")


def _prepare(there: GeoReport, found: Outgoing, row: Any) -> None:
    """Fix what will be sent, and commit that it is on its way."""
    if not found.payload:
        found.service_code, answers = _service(there, row.case)
        found.payload = _payload(row, found.service_code, answers)
    found.state, found.tried_at = Outgoing.State.SENDING, clock.now()
    found.save(update_fields=["service_code", "payload", "state", "tried_at"])


def _service(there: GeoReport, case: Any) -> tuple[str, list[tuple[str, str]]]:
    """The service that fits the category best, and answers to what it must be told; raises ``NoService``."""
    answers = {row.question: row.value for row in case.answers.all() if row.public}
    for service in _ranked(there.services(), case.category):
        questions = there.questions(service.code) if service.has_questions else []
        given = [(one.code, answers[one.code]) for one in questions if _fits(one, answers.get(one.code, ""))]
        if not {one.code for one in questions if one.required} - {code for code, _value in given}:
            return service.code, given
    raise NoService(_("nie ma tam usługi, pod którą można zgłosić tę sprawę"))


def _fits(question: Any, answer: str) -> bool:
    return bool(answer) and (not question.values or answer in question.values)


def _ranked(services_there: list[Service], category: Any) -> list[Service]:
    """The same code first, then the same name, then the most common words, and a service for everything else last."""
    words = _words(" ".join([category.name, *map(str, category.keywords)])) if category else set()

    def rank(service: Service) -> tuple[int, int]:
        if category and service.code == category.slug:
            return 3, 0
        if category and service.name.casefold() == category.name.casefold():
            return 2, 0
        common = len(words & _words(f"{service.name} {service.keywords} {service.group}"))
        return (1, common) if common else (0, int(any(word in service.name.casefold() for word in OTHER)))

    ranked = sorted(services_there, key=rank, reverse=True)
    return [one for one in ranked if rank(one) > (0, 0)] or ranked[:1]


def _words(text: str) -> set[str]:
    return {form for forms in query_terms(text) for form in forms}


def _payload(row: Any, code: str, answers: list[tuple[str, str]]) -> list[list[str]]:
    """The arguments of the request: of the resident's words only what is public, and nothing of their contact."""
    case = row.case
    view = cases.case_by_id(case.pk, ANONYMOUS if case.public else SYSTEM)
    words = next((made.body for made in view.comments if made.id == row.comment_id), "")
    office = city().contacts.get("office", city().name)
    mark = _("%(office)s przekazuje sprawę %(number)s.") % {"office": office, "number": case.number}
    description = "\n\n".join(part for part in (view.published, words, mark) if part)[-4000:]
    arguments = [("service_code", code), ("description", description), ("address_string", case.address_text)]
    if case.geom:
        arguments += [("lat", f"{case.geom.y:.6f}"), ("long", f"{case.geom.x:.6f}")]
    shown = [photo.file_id for photo in view.photos if photo.state == "approved"]
    arguments += [("media_url", settings.BASE_URL + link(photo, "large", minutes=PHOTO_MINUTES)) for photo in shown]
    arguments += [(f"attribute[{name}]", value) for name, value in answers]
    arguments.append(("email", city().contacts.get("email", "")))
    return [[name, value] for name, value in arguments if value]


@transaction.atomic
def _taken(found: Outgoing, number: str, token: str) -> None:
    """The other side has it: keep its number and tell the case."""
    row = Outgoing.objects.select_for_update().get(pk=found.pk)
    if row.state not in ("queued", "sending"):
        return
    row.state = Outgoing.State.SENT if number else Outgoing.State.TOKEN
    row.number, row.token, row.sent_at, row.payload, row.error = number[:120], token[:200], clock.now(), [], ""
    row.save(update_fields=["state", "number", "token", "sent_at", "payload", "error"])
    if number:
        _write(row, "accepted", "")


def _give_up(found: Outgoing, row: Any, why: str) -> bool:
    """It cannot be sent: those who work on the case read why, and may forward it by another way."""
    with transaction.atomic():
        changed = Outgoing.objects.filter(pk=found.pk, state__in=("queued", "sending"))
        if changed.update(state=Outgoing.State.FAILED, error=why[:300], payload=[]):
            said = _("Nie udało się wysłać sprawy do: %(body)s. Odpowiedź: %(why)s. Przekaż ją inną drogą.")
            services.comment(case=row.case, body=said % {"body": row.body.name, "why": why}, audience="internal", by=SYSTEM)
    return False


def open_ones() -> list[UUID]:
    """The forwardings that wait for a number or an answer, the longest unasked first."""
    rows = Outgoing.objects.filter(state__in=("token", "sent")).order_by("polled_at")
    return list(rows.values_list("pk", flat=True)[:500])


def poll(forwarding_id: str) -> int:
    """Ask the other side what is new, and write it back; returns how many answers. Bears being called twice."""
    found = Outgoing.objects.filter(pk=UUID(forwarding_id), state__in=("token", "sent")).first()
    if found is None:
        return 0
    row = cases.forwarding(found.pk)
    if row.state not in row.OPEN:
        Outgoing.objects.filter(pk=found.pk).update(state=Outgoing.State.ENDED)
        return 0
    there = _client(row.body)
    try:
        if not found.number and not _numbered(found, there.number_of(found.token)):
            return 0
        updates = there.updates((found.sent_at or clock.now()) - LOOK_BACK, found.number)
        request = there.request(found.number)
    except (Refused, outbound.Forbidden):
        return 0
    except TROUBLE as problem:
        raise Later(type(problem).__name__) from problem
    Outgoing.objects.filter(pk=found.pk).update(polled_at=clock.now())
    return _heard(found.pk, updates or [], request)


def _numbered(found: Outgoing, number: str) -> bool:
    if not number:
        Outgoing.objects.filter(pk=found.pk).update(polled_at=clock.now())
        return False
    with transaction.atomic():
        row = Outgoing.objects.select_for_update().get(pk=found.pk)
        if row.state == Outgoing.State.TOKEN:
            row.number, row.state = number[:120], Outgoing.State.SENT
            row.save(update_fields=["number", "state"])
            _write(row, "accepted", "")
        found.number = row.number
    return True


@transaction.atomic
def _heard(forwarding_id: UUID, updates: list[Update], request: Request | None) -> int:
    """Write back what is new, once: updates in their order, then the request's own state."""
    row = Outgoing.objects.select_for_update().get(pk=forwarding_id)
    written = 0
    for update in updates:
        if row.state == Outgoing.State.SENT and update.id not in row.seen:
            row.seen = [*row.seen, update.id]
            written += _write(row, _outcome(update.status), update.text)
    if row.state == Outgoing.State.SENT and request is not None:
        written += _state_of(row, request, heard=bool(updates))
    row.save(update_fields=["seen", "state", "notes"])
    return written


def _state_of(row: Outgoing, request: Request, *, heard: bool) -> int:
    """A request that ended without an update, and notes where the other side has no updates."""
    digest = hashlib.sha256(request.notes.encode()).hexdigest() if request.notes else ""
    if request.status in DONE | REFUSED:
        return _write(row, _outcome(request.status), request.notes)
    if digest != row.notes and not heard:
        row.notes = digest
        return _write(row, "accepted", request.notes) if request.notes else 0
    return 0


def _outcome(status: str) -> str:
    return "done" if status in DONE else "refused" if status in REFUSED else "accepted"


def _write(row: Outgoing, outcome: str, words: str) -> int:
    """Hand one answer to the case; what ends the waiting ends the following too."""
    ending = {"done": _("Instytucja oznaczyła sprawę jako załatwioną."), "refused": _("Instytucja nie zajmie się tą sprawą.")}
    forwarding = cases.forwarding(row.pk)
    try:
        with transaction.atomic():
            services.answer_from_body(
                forwarding=forwarding,
                outcome=outcome,
                words=words[:4000] or ending.get(outcome, ""),
                by=SYSTEM,
                reference=row.number,
            )
    except ValidationError:
        row.state = Outgoing.State.ENDED
        return 0
    if outcome != "accepted":
        row.state = Outgoing.State.ENDED
    return 1
