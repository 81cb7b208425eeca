"""What the newsletter holds of a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from miasto.kernel.accounts.selectors import confirmed_emails
from miasto.kernel.core import clock, mail
from miasto.modules.idea.newsletter.models import IssueMessage, Subscriber
from miasto.modules.idea.newsletter.subscribing import discard_unconfirmed

KEEP_DAYS = 90


def _of(person_id: UUID) -> QuerySet[Subscriber]:
    emails = [email.casefold() for email in confirmed_emails(person_id)]
    return Subscriber.objects.filter(Q(person=person_id) | Q(email__in=emails))


def export(person_id: UUID) -> list[dict[str, Any]]:
    """The person's subscriptions, by account or by a confirmed address of it, and what they agreed to."""
    return [
        {
            "asked_at": row.asked_at.isoformat(),
            "confirmed_at": row.confirmed_at.isoformat() if row.confirmed_at else None,
            "email": row.email,
            "language": row.language,
            "topics": row.topics,
            "areas": row.areas,
            "consent": row.consent.text,
            "consent_version": row.consent.version,
        }
        for row in _of(person_id).select_related("consent").order_by("asked_at")
    ]


def erase(person_id: UUID) -> int:
    """Delete the subscriptions with the messages that are still known of."""
    rows = list(_of(person_id))
    for message_id in IssueMessage.objects.filter(subscriber__in=rows).values_list("pk", flat=True):
        mail.forget_about(message_id)
    for row in rows:
        mail.forget_about(row.pk)
        row.delete()
    return len(rows)


def expire() -> int:
    """Delete addresses that nobody confirmed, and who got which issue once no report of a failure can come any more."""
    before = clock.now() - timedelta(days=KEEP_DAYS)
    old = IssueMessage.objects.filter(issue__finished_at__lt=before).delete()[0]
    return old + discard_unconfirmed()
