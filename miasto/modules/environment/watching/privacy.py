"""What the watches hold of a person. Confirming, stopping and expiry are those of the subscriptions they hang on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from miasto.kernel.accounts.selectors import confirmed_emails
from miasto.kernel.core import mail
from miasto.modules.environment.watching.models import AddressWatch


def _of(person_id: UUID) -> QuerySet[AddressWatch]:
    emails = [email.casefold() for email in confirmed_emails(person_id)]
    return AddressWatch.objects.filter(Q(subscription__person=person_id) | Q(subscription__email__in=emails))


def export(person_id: UUID) -> list[dict[str, Any]]:
    """The addresses and thresholds a person watches, by account or by a confirmed address of it."""
    return [
        {
            "address": row.label,
            "lon": row.geom.x,
            "lat": row.geom.y,
            "what": row.what,
            "limit": row.limit,
            "hours": [row.hour_from, row.hour_to],
            "asked_at": row.subscription.created_at.isoformat(),
            "told_at": row.told_at.isoformat() if row.told_at else None,
        }
        for row in _of(person_id).select_related("subscription").order_by("pk")
    ]


def erase(person_id: UUID) -> int:
    """Delete them with their subscriptions and the messages that still stand in the queue."""
    rows = list(_of(person_id).select_related("subscription"))
    for row in rows:
        mail.forget_about(row.subscription_id)
        row.subscription.delete()
    return len(rows)
