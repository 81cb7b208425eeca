"""What the notifications hold of a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from miasto.kernel.core import clock
from miasto.kernel.notifications import push, services
from miasto.kernel.notifications.models import DeliveryLog, Notice, Preference, PushDevice, Subscription
from miasto.kernel.notifications.subscribing import discard_unconfirmed

KEEP_DAYS = 365


def export(person_id: UUID) -> list[dict[str, Any]]:
    """The person's notices, choices, what they follow, and browsers that agreed to messages."""
    notices = Notice.objects.filter(person=person_id).order_by("created_at").values("created_at", "topic", "title", "read_at")
    chosen = Preference.objects.filter(person=person_id).values("topic", "channel", "wanted")
    asked = ("created_at", "topic", "subject", "area__name", "street__name")
    followed = Subscription.objects.filter(person=person_id).values(*asked)
    browsers = [
        {"created_at": row.created_at, "push_service": urlsplit(row.endpoint).hostname, "language": row.language}
        for row in PushDevice.objects.filter(person=person_id).order_by("created_at")
    ]
    return [_plain(row) for row in (*notices, *chosen, *followed, *browsers)]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in row.items()}


def erase(person_id: UUID) -> int:
    """Delete all of it."""
    return services.forget(person_id=person_id)


def expire() -> int:
    """Delete notices and lines of the log older than ``KEEP_DAYS``, unconfirmed addresses and idle browsers."""
    before = clock.now() - timedelta(days=KEEP_DAYS)
    old = Notice.objects.filter(created_at__lt=before).delete()[0] + DeliveryLog.objects.filter(at__lt=before).delete()[0]
    return old + discard_unconfirmed() + push.discard_idle()
