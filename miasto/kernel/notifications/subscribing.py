"""Subscriptions: whoever asks to be told of a topic in a part of the city, by account or by an e-mail address alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core import changes, clock, events
from miasto.kernel.core.registry import registry
from miasto.kernel.notifications.confirming import ConfirmedByLink, checked_email
from miasto.kernel.notifications.events import SubscriptionAsked
from miasto.kernel.notifications.models import PushDevice, Subscription, SubscriptionNews
from miasto.kernel.spec.notifications import Topic

LINK = "notifications.subscription"
ADDRESS = ConfirmedByLink(purpose=LINK, page="/obserwuj/", topic="notifications.confirm", since="created_at")
MOST = 50


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What of a topic: a subject of its own (a category's slug), an area, a street; what is empty stands for everything."""

    subject: str = ""
    area_id: UUID | None = None
    street_id: UUID | None = None


@transaction.atomic
def subscribe(
    *,
    topic: str,
    scope: Scope,
    by: Viewer,
    email: str = "",
    device_id: UUID | None = None,
    language: str = "pl",
    frequency: str = Subscription.NOW,
) -> Subscription:
    """Ask to be told. An account is told from now on, an address only after its owner used the link sent to it.

    ``device_id`` is the viewer's own browser, told instead of an account or an address, from now on. Asked twice, it is the
    same subscription with the newer frequency. Raises ``ValidationError`` by field.
    """
    who = _who(by, email, device_id)
    _check(topic, who, frequency)
    mine = Subscription.objects.filter(topic=topic, **who)
    row = mine.filter(subject=scope.subject, area=scope.area_id, street=scope.street_id).first()
    if row is None:
        if mine.count() >= MOST:
            raise ValidationError(_("Można obserwować najwyżej %(most)d rzeczy.") % {"most": MOST})
        row = Subscription(topic=topic, created_at=clock.now(), language=language, **who)
        row.subject, row.area_id, row.street_id = scope.subject, scope.area_id, scope.street_id
        row.confirmed_at = None if "email" in who else row.created_at
    row.frequency = frequency
    row.save()
    _record("subscribed", row, by)
    if row.confirmed_at is None:
        events.publish(SubscriptionAsked(subscription_id=row.pk))
    return row


def _who(by: Viewer, email: str, device_id: UUID | None) -> dict[str, Any]:
    if device_id is not None:
        if not PushDevice.objects.visible_to(by).filter(pk=device_id).exists():
            raise ValidationError(_("Najpierw włącz powiadomienia w tej przeglądarce."))
        return {"device_id": device_id}
    return {"person_id": by.person_id} if by.person_id else {"email": email.strip().casefold()}


def _check(topic: str, who: dict[str, Any], frequency: str) -> None:
    wrong: dict[str, Any] = {}
    if not registry().get(Topic, topic).subscribable:
        wrong["topic"] = _("Tego nie można obserwować.")
    if frequency not in Subscription.FREQUENCIES:
        wrong["frequency"] = _("Wybierz, jak często pisać.")
    if "email" in who:
        try:
            checked_email(who["email"])
        except ValidationError as error:
            wrong["email"] = error.messages
    if wrong:
        raise ValidationError(wrong)


@transaction.atomic
def confirm(*, subscription_id: UUID, by: Viewer) -> Subscription:
    """The owner of the address used its link. Raises ``PermissionDenied``."""
    row = ADDRESS.locked(Subscription.objects.visible_to(by), subscription_id)
    if ADDRESS.confirm(row):
        _record("subscription_confirmed", row, by)
    return row


@transaction.atomic
def stop(*, subscription_id: UUID, by: Viewer) -> None:
    """No more messages: the subscription is deleted, its address with it. Raises ``PermissionDenied``."""
    row = ADDRESS.locked(Subscription.objects.visible_to(by), subscription_id)
    _record("subscription_stopped", row, by)
    ADDRESS.revoke(row.pk, by)
    row.delete()


def subscribers(topic: str, *, subjects: Iterable[str], area_ids: Iterable[UUID], street_ids: Iterable[UUID]) -> QuerySet:
    """The confirmed subscriptions of a topic that ask for something with these subjects, areas and streets; one query."""
    asked = Q(subject="") | Q(subject__in=list(subjects))
    asked &= Q(area=None) | Q(area__in=list(area_ids))
    asked &= Q(street=None) | Q(street__in=list(street_ids))
    return Subscription.objects.filter(asked, topic=topic, confirmed_at__isnull=False).order_by("created_at")


@transaction.atomic
def keep_for_later(*, subscription: Subscription, title: str, url: str, once: str) -> bool:
    """Put a line into the daily message of a subscription; False where it is there. ``title`` is public."""
    _row, fresh = SubscriptionNews.objects.get_or_create(
        subscription=subscription, once=once, defaults={"title": title[:300], "url": url, "at": clock.now()}
    )
    return fresh


def stop_address(subscription_id: UUID) -> str:
    """A new address at which the owner of a subscription confirms or stops it, as it can stand in an e-mail."""
    return ADDRESS.address_of(subscription_id)


def stop_headers(address: str) -> dict[str, str]:
    """The headers by which a mail program stops the messages of a ``stop_address`` with one click (RFC 8058)."""
    return {"List-Unsubscribe": f"<{address}koniec/>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def discard_unconfirmed() -> int:
    """Forget the addresses that nobody confirmed within a week; returns how many."""
    ids = list(ADDRESS.forgotten(Subscription.objects.all()).values_list("pk", flat=True))
    return Subscription.objects.filter(pk__in=ids).delete()[0]


def _record(action: str, row: Subscription, by: Viewer) -> None:
    data = {"topic": row.topic, "subject": row.subject, "area": str(row.area_id or ""), "street": str(row.street_id or "")}
    changes.record(
        action=f"notifications.{action}", kind="notifications.subscription", object_id=row.pk, actor=by.actor, data=data
    )
