"""What requests hold of people, and how long."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from miasto.kernel.accounts.selectors import SYSTEM, contact_of
from miasto.kernel.core import clock, mail
from miasto.modules.idea.requests import services
from miasto.modules.idea.requests.models import ConsultationRequest, Signature

MONTHS = 12


def months() -> int:
    """How long after the answer it is kept who asked and who signed."""
    return MONTHS


def _signatures_of(person_id: UUID) -> QuerySet[Signature]:
    own, contact = Q(person=person_id), contact_of(person_id)
    if contact and contact["email"]:
        own |= Q(email__iexact=contact["email"], confirmed_at__isnull=False)
    return Signature.objects.filter(own)


def export(person_id: UUID) -> list[dict[str, Any]]:
    """The requests that a person made and signed."""
    made = ConsultationRequest.objects.filter(author=person_id).order_by("made_at")
    signed = _signatures_of(person_id).select_related("request").order_by("at")
    return [
        *({"made": one.title, "at": one.made_at.isoformat(), "text": one.text} for one in made),
        *({"signed": one.request.title, "at": one.at.isoformat()} for one in signed),
    ]


@transaction.atomic
def _forget(signatures: QuerySet[Signature]) -> int:
    """The person and the address go; the signature stays counted."""
    ids = list(signatures.values_list("pk", flat=True))
    for signature_id in ids:
        mail.forget_about(signature_id)
        services.ADDRESS.revoke(signature_id, SYSTEM)
    Signature.objects.filter(pk__in=ids).update(person=None, email="")
    return len(ids)


def erase(person_id: UUID) -> int:
    """Forget who asked and who signed; the public words and the counted signatures stay."""
    made = ConsultationRequest.objects.filter(author=person_id).update(author=None)
    return made + _forget(_signatures_of(person_id))


def _old(before: datetime) -> QuerySet[ConsultationRequest]:
    held = (
        Q(author__isnull=False) | Q(signatures__person__isnull=False) | ~Q(signatures__email="") & Q(signatures__isnull=False)
    )
    return ConsultationRequest.objects.filter(held, answered_at__lt=before).distinct()


def due(until: datetime) -> int:
    """How many answered requests will lose their people up to an instant."""
    return _old(clock.months_before(until, months())).count()


def expire(before: datetime) -> int:
    """Forget the people of requests answered before an instant, and addresses that nobody confirmed within a week."""
    ids = list(services.ADDRESS.forgotten(Signature.objects.all()).values_list("pk", flat=True))
    Signature.objects.filter(pk__in=ids, confirmed_at=None).delete()
    count = 0
    for row in list(_old(before)):
        _forget(row.signatures.all())
        ConsultationRequest.objects.filter(pk=row.pk).update(author=None)
        count += 1
    return count
