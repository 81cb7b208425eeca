"""Everything that changes a request for a consultation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer, contact_of, require, unit_for
from miasto.kernel.core import changes, clock, digests, events
from miasto.kernel.notifications.services import ConfirmedByLink, checked_email
from miasto.kernel.participation import selectors as participation
from miasto.kernel.participation.services import refuse_if
from miasto.modules.idea.requests.events import RequestMoved, SignatureToConfirm
from miasto.modules.idea.requests.models import MANAGE, ConsultationRequest, Fate, Signature

KIND = "idea.request"
INITIATOR = "residents"
COMPETENCE = "participation.dialogue"
LINK = "idea.request_signature"
ADDRESS = ConfirmedByLink(purpose=LINK, page="/idea/wnioski/podpis/", topic="idea.request_confirm", since="at")
OWN_PAGES = ("nowy", "podpis")
_LETTERS = str.maketrans("łŁ", "lL")


def needed() -> int:
    """How many signatures the profile's ``participation.toml`` asks of residents; 0 where they cannot ask."""
    return next((one.signatures for one in participation.law.initiators() if one.key == INITIATOR), 0)


def _record(action: str, row: ConsultationRequest, by: Viewer, **data: Any) -> None:
    changes.record(action=f"idea.request_{action}", kind=KIND, object_id=row.pk, actor=by.actor, unit_id=row.unit_id, data=data)


def _lock(row_id: UUID) -> ConsultationRequest:
    return ConsultationRequest.objects.select_for_update(of=("self",)).get(pk=row_id)


@transaction.atomic
def ask(*, title: str, text: str, by: Viewer, language: str = "pl", client_key: str = "") -> ConsultationRequest:
    """Ask for a consultation by account. The unit reads the words before everybody does; sent twice it is one request."""
    refuse_if(by.person_id is None, _("Zaloguj się, żeby złożyć wniosek."))
    refuse_if(not needed(), _("W tym mieście mieszkańcy nie składają takich wniosków."))
    known = ConsultationRequest.objects.filter(client_key=client_key).first() if client_key else None
    if known is not None:
        return known
    made = ConsultationRequest.objects.create(
        slug=_free_slug(title),
        title=title.strip(),
        text=text.replace("\r\n", "\n").strip(),
        unit_id=unit_for(COMPETENCE).pk,
        author_id=by.person_id,
        language=language,
        client_key=client_key or None,
        needed=needed(),
        made_at=clock.now(),
    )
    _moved("asked", made, by)
    return made


def _moved(action: str, row: ConsultationRequest, by: Viewer) -> None:
    _record(action, row, by)
    events.publish(RequestMoved(request_id=row.pk, fate=row.fate))


def _free_slug(title: str) -> str:
    stem = slugify(title.translate(_LETTERS))[:70].strip("-") or "wniosek"
    taken = {*OWN_PAGES, *ConsultationRequest.objects.filter(slug__startswith=stem).values_list("slug", flat=True)}
    return next(name for name in [stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))] if name not in taken)


@transaction.atomic
def publish(*, request: ConsultationRequest, by: Viewer) -> ConsultationRequest:
    """Let everybody read it and sign; the author's signature is the first."""
    row = _managed(request, by)
    refuse_if(row.fate != Fate.CHECKED, _("Ten wniosek jest już sprawdzony."))
    row.fate, row.published_at = Fate.COLLECTING, clock.now()
    row.save(update_fields=["fate", "published_at"])
    _moved("published", row, by)
    if row.author_id:
        _sign_by_account(row, row.author_id, row.language)
    return row


def _managed(request: ConsultationRequest, by: Viewer) -> ConsultationRequest:
    row = _lock(request.pk)
    require(by, MANAGE, row)
    return row


@transaction.atomic
def refuse(*, request: ConsultationRequest, reasons: str, by: Viewer) -> ConsultationRequest:
    """Do not publish it; the author is told why."""
    row = _managed(request, by)
    refuse_if(row.fate != Fate.CHECKED, _("Ten wniosek jest już sprawdzony."))
    return _settle(row, Fate.REFUSED, reasons, None, by)


@transaction.atomic
def answer(
    *, request: ConsultationRequest, accepted: bool, reasons: str, by: Viewer, process_id: UUID | None = None
) -> ConsultationRequest:
    """What the city did with a request that has its signatures; ``process_id`` is the consultation that came of it.

    An answer may be given anew, so that the consultation can be named later.
    """
    row = _managed(request, by)
    refuse_if(row.reached_at is None, _("Ten wniosek nie ma jeszcze kompletu podpisów."))
    return _settle(row, Fate.ACCEPTED if accepted else Fate.REJECTED, reasons, process_id if accepted else None, by)


def _settle(row: ConsultationRequest, fate: str, reasons: str, process_id: UUID | None, by: Viewer) -> ConsultationRequest:
    if not reasons.strip():
        raise ValidationError({"reasons": _("Napisz uzasadnienie. Każdej osobie należy się odpowiedź, dlaczego.")})
    row.fate, row.reasons, row.process_id, row.answered_at = fate, reasons.strip(), process_id, clock.now()
    row.save(update_fields=["fate", "reasons", "process", "answered_at"])
    _moved("answered", row, by)
    return row


def _who(email: str) -> str:
    return digests.keyed("miasto.idea.request", email.casefold())


@transaction.atomic
def sign(*, request: ConsultationRequest, by: Viewer, email: str = "", language: str = "pl") -> Signature:
    """Support a request: by account at once, else by an address that is first to be confirmed. Twice is once.

    Raises ``Refused`` where it collects no signatures, ``ValidationError`` for what is no address.
    """
    row = _lock(request.pk)
    refuse_if(row.fate != Fate.COLLECTING, _("Ten wniosek nie zbiera teraz podpisów."))
    if by.person_id:
        return _sign_by_account(row, by.person_id, language)
    try:
        email = checked_email(email)
    except ValidationError as error:
        raise ValidationError({"email": error.messages}) from error
    made, fresh = Signature.objects.get_or_create(
        request=row, who=_who(email), defaults={"email": email, "language": language, "at": clock.now()}
    )
    if fresh:
        _record("signed", row, SYSTEM)
        events.publish(SignatureToConfirm(signature_id=made.pk, asked=1))
    return made


def _sign_by_account(row: ConsultationRequest, person_id: UUID, language: str) -> Signature:
    contact = contact_of(person_id)
    name = contact["email"] if contact and contact["email"] else f"person:{person_id}"
    made, fresh = Signature.objects.get_or_create(
        request=row, who=_who(name), defaults={"person_id": person_id, "language": language, "at": clock.now()}
    )
    if fresh:
        _record("signed", row, SYSTEM)
    if made.confirmed_at is None:
        made.person_id, made.email, made.confirmed_at = person_id, "", clock.now()
        made.save(update_fields=["person", "email", "confirmed_at"])
        _count(row)
    return made


def _count(row: ConsultationRequest) -> None:
    """Count the confirmed signatures of a locked request; the one that completes them brings it before the unit."""
    row.signed = row.signatures.filter(confirmed_at__isnull=False).count()
    reached = row.fate == Fate.COLLECTING and row.signed >= row.needed
    if reached:
        row.fate, row.reached_at = Fate.REACHED, clock.now()
    row.save(update_fields=["signed", "fate", "reached_at"])
    if reached:
        _record("reached", row, SYSTEM, signed=row.signed)
        events.publish(RequestMoved(request_id=row.pk, fate=row.fate))


@transaction.atomic
def confirm(*, signature_id: UUID, by: Viewer) -> Signature:
    """The owner of the address used its link. Counted also where the request has its signatures already."""
    found = Signature.objects.filter(pk=signature_id).first()
    row = _lock(found.request_id) if found is not None else None
    signature = ADDRESS.locked(_of_link(by), signature_id)
    if row is not None and ADDRESS.confirm(signature):
        _count(row)
    return signature


@transaction.atomic
def withdraw(*, signature_id: UUID, by: Viewer) -> None:
    """Take a signature back by its link, or by account: nothing of it stays. What was reached stays reached."""
    found = Signature.objects.filter(pk=signature_id).first()
    row = _lock(found.request_id) if found is not None else None
    mine = Signature.objects.filter(person_id=by.person_id) if by.person_id else Signature.objects.none()
    signature = ADDRESS.locked(_of_link(by) | mine, signature_id)
    ADDRESS.revoke(signature.pk, by)
    signature.delete()
    if row is not None:
        _record("unsigned", row, SYSTEM)
        _count(row)


def _of_link(by: Viewer) -> Any:
    found = Signature.objects.all()
    return found if by.system else found.filter(pk__in=by.links)
