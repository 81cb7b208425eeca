"""What follows from a subscription: the one message by which its owner confirms the address, and the daily message."""

from __future__ import annotations

from django.db import transaction

from miasto.kernel.notifications import services
from miasto.kernel.notifications.events import SubscriptionAsked
from miasto.kernel.notifications.models import Subscription, SubscriptionNews
from miasto.kernel.notifications.rendering import absolute
from miasto.kernel.notifications.services import notify, recipient_of, stop_address, stop_headers
from miasto.kernel.notifications.subscribing import ADDRESS

CONFIRM, NEWS = ADDRESS.topic, "notifications.news"
LINES_MOST = 100


def ask_to_confirm(event: SubscriptionAsked) -> None:
    """The only message to an address that nobody has confirmed."""
    row = Subscription.objects.filter(pk=event.subscription_id, confirmed_at=None).exclude(email="").first()
    if row is not None:
        services.ask_to_confirm(ADDRESS, row_id=row.pk, to=recipient_of(row), once=f"confirm:{row.pk}")


def send_daily() -> int:
    """One message for each daily subscription that has news; returns how many. May be killed and called again."""
    waiting = Subscription.objects.filter(confirmed_at__isnull=False, news__isnull=False).distinct()
    return sum(_send_news(subscription_id) for subscription_id in list(waiting.values_list("pk", flat=True)))


@transaction.atomic
def _send_news(subscription_id: object) -> bool:
    row = Subscription.objects.select_for_update().filter(pk=subscription_id).first()
    news = list(SubscriptionNews.objects.filter(subscription_id=subscription_id)[:LINES_MOST]) if row else []
    if not news:
        return False
    stop = "" if row.device_id else stop_address(row.pk)
    lines = [{"title": one.title, "url": absolute(one.url)} for one in news]
    notify(
        topic=NEWS,
        to=[recipient_of(row)],
        context={"lines": lines, "stop_url": stop, "count": len(lines), "inbox_url": ADDRESS.page},
        url=ADDRESS.page,
        about_id=row.pk,
        once=f"news:{news[-1].pk}",
        headers=stop_headers(stop) if stop else None,
    )
    SubscriptionNews.objects.filter(pk__in=[one.pk for one in news]).delete()
    return True
