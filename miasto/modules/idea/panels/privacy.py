"""What a panel holds of its applicants, and how long."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from miasto.kernel.core import clock, mail
from miasto.kernel.core.city import city
from miasto.modules.idea.panels.models import Applicant, Panel

MONTHS = 3


def months() -> int:
    """How long applications are kept after the panel ended."""
    return city().limit("panel_months", MONTHS)


def export(person_id: UUID) -> list[dict[str, Any]]:
    """Each application of a person."""
    found = Applicant.objects.filter(person=person_id).select_related("panel").order_by("consent_at")
    return [
        {
            "panel": one.panel.title,
            "consent": one.consent_at.isoformat(),
            "values": one.values,
            "phone": one.phone,
            "number": one.number,
            "state": one.state,
        }
        for one in found
    ]


def erase(person_id: UUID) -> int:
    """Delete a person's applications; their anonymous number stays in the published list."""
    return _delete(list(Applicant.objects.filter(person=person_id).values_list("pk", flat=True)))


@transaction.atomic
def _delete(ids: list[UUID]) -> int:
    for applicant_id in ids:
        mail.forget_about(applicant_id)
    Applicant.objects.filter(pk__in=ids).delete()
    return len(ids)


def due(until: datetime) -> int:
    """How many ended panels will lose their applications up to an instant."""
    return Panel.objects.filter(finished_at__lt=clock.months_before(until, months()), erased_at=None).count()


def expire(before: datetime) -> int:
    """Delete all applications to panels that ended before an instant; returns how many panels."""
    count = 0
    for panel in list(Panel.objects.filter(finished_at__lt=before, erased_at=None)):
        with transaction.atomic():
            _delete(list(panel.applicants.values_list("pk", flat=True)))
            Panel.objects.filter(pk=panel.pk).update(erased_at=clock.now())
        count += 1
    return count
