"""Reading the watches."""

from __future__ import annotations

from django.db.models import QuerySet

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.notifications.selectors import subscriptions
from miasto.modules.environment.watching.judging import TOPIC
from miasto.modules.environment.watching.kinds import KINDS
from miasto.modules.environment.watching.models import AddressWatch


def own(viewer: Viewer) -> QuerySet[AddressWatch]:
    """What the viewer watches, by account, by the link of an address or by this browser; one query, none for strangers."""
    if not viewer.person_id and not viewer.links:
        return AddressWatch.objects.none()
    mine = subscriptions(viewer).filter(topic=TOPIC).values("pk")
    found = AddressWatch.objects.filter(subscription__in=mine, what__in=list(KINDS))
    return found.select_related("subscription").order_by("pk")
