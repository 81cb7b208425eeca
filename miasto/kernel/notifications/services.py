"""Telling people: one call writes the e-mail and the line in the bell in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from miasto.kernel.accounts.selectors import Viewer, contacts_of
from miasto.kernel.core import clock, digests, mail
from miasto.kernel.core.mail import Attachment
from miasto.kernel.core.registry import registry
from miasto.kernel.notifications import push, rendering
from miasto.kernel.notifications.confirming import ConfirmedByLink, checked_email
from miasto.kernel.notifications.models import DeliveryLog, Notice, Preference, PushDevice, Subscription
from miasto.kernel.notifications.subscribing import (
    LINK,
    Scope,
    confirm,
    keep_for_later,
    stop,
    stop_address,
    stop_headers,
    subscribe,
    subscribers,
)
from miasto.kernel.spec.notifications import Topic

__all__ = [
    "LINK",
    "Attachment",
    "ConfirmedByLink",
    "Recipient",
    "Scope",
    "absolute",
    "ask_to_confirm",
    "checked_email",
    "choose",
    "confirm",
    "forget",
    "keep_for_later",
    "mark_read",
    "notify",
    "push_key",
    "quoted",
    "recipient_digest",
    "recipient_of",
    "rendered",
    "stop",
    "stop_address",
    "stop_headers",
    "subscribe",
    "subscribers",
]  # fmt: skip
absolute, quoted, push_key = rendering.absolute, rendering.quoted, push.public_key
EMAIL, INBOX, PUSH = "email", "inbox", "push"
DEFAULT_LANGUAGE = "pl"
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person with an account; without one an address, or a browser alone. A person's own ``language`` overrules this one."""

    person_id: UUID | None = None
    email: str = ""
    device_id: UUID | None = None
    language: str = DEFAULT_LANGUAGE


def rendered(topic: str, context: dict[str, Any], language: str) -> rendering.Message:
    """A topic's message as it would be sent, for a preview; nothing is."""
    return rendering.render(registry().get(Topic, topic).template, context, language)


def recipient_of(row: Subscription) -> Recipient:
    """Whom a subscription tells."""
    return Recipient(person_id=row.person_id, email=row.email, device_id=row.device_id, language=row.language)


@transaction.atomic
def notify(
    *,
    topic: str,
    to: Iterable[Recipient],
    context: dict[str, Any],
    url: str | Callable[[], str],
    about_id: UUID | None,
    once: str | None = None,
    replies: bool | UUID = False,
    headers: dict[str, str] | None = None,
    attachments: Sequence[Attachment] = (),
    first: bool = False,
) -> int:
    """Tell some people of a topic by its channels; returns how many messages were written.

    ``url`` is the page that the message leads to (a path of the platform); a callable is asked only for a message that is
    really written, so that a secret link is not made in vain. ``once`` names what is told: the same recipient never gets it
    twice by the same channel, however often this is called. ``replies``: the reader may answer the e-mail, as the one who
    filed the object (or the one named); ``headers`` and ``attachments`` go with it. A person's choice of channels holds
    unless the topic is urgent. ``first``: about a danger to life, so it waits behind no other message.
    """
    spec, recipients = registry().get(Topic, topic), list(to)
    contacts = contacts_of(one.person_id for one in recipients if one.person_id)
    refused = _refused(topic, contacts) if not spec.urgent else set()
    devices = push.devices_of(contacts, (one.device_id for one in recipients if one.device_id)) if PUSH in spec.channels else {}
    told = 0
    for one in recipients:
        contact = contacts.get(one.person_id) if one.person_id else {"email": one.email, "language": one.language}
        if contact is None:
            continue
        for channel in spec.channels:
            if (one.person_id, channel) in refused:
                continue
            for way in _ways(channel, one, contact, devices):
                log = _claim(spec.key, channel, about_id, way, once)
                if log is not None:
                    values = {**context, "replies": replies, "headers": headers, "attachments": attachments, "devices": devices}
                    values["first"] = first
                    _SENDERS[channel](spec, way, contact, values, url, about_id, log)
                    told += 1
    return told


def ask_to_confirm(
    kind: ConfirmedByLink, *, row_id: UUID, to: Recipient, once: str, context: dict[str, Any] | None = None
) -> int:
    """The only message to an address that nobody has confirmed: the link by which its owner does; how many were written."""
    link = partial(kind.page_of, row_id)
    return notify(topic=kind.topic, to=[to], context=context or {}, url=link, about_id=row_id, once=once)


def _ways(channel: str, one: Recipient, contact: dict[str, Any], devices: dict[UUID, list[PushDevice]]) -> list[Recipient]:
    """Whom a channel tells of one recipient: nobody, the recipient, or each of the recipient's browsers."""
    if channel == PUSH:
        found = devices.get(one.person_id or one.device_id or NOBODY, [])
        return [Recipient(person_id=one.person_id, device_id=row.pk, language=row.language) for row in found]
    reached = bool(contact["email"]) if channel == EMAIL else one.person_id is not None
    return [one] if reached else []


def _refused(topic: str, people: Iterable[UUID]) -> set[tuple[UUID | None, str]]:
    rows = Preference.objects.filter(topic=topic, person__in=list(people), wanted=False)
    return set(rows.values_list("person_id", "channel"))


def _claim(topic: str, channel: str, about_id: UUID | None, one: Recipient, once: str | None) -> DeliveryLog | None:
    """The log's line of a message that is to be written; None where it was written before."""
    values = {"at": clock.now(), "topic": topic, "about_id": about_id}
    if once is None:
        return DeliveryLog.objects.create(channel=channel, recipient=recipient_digest(one), **values)
    log, fresh = DeliveryLog.objects.get_or_create(once=once, recipient=recipient_digest(one), channel=channel, defaults=values)
    return log if fresh else None


def recipient_digest(one: Recipient) -> str:
    """What the log holds instead of a person or an address: it tells repetitions, and nothing without the secret key."""
    who = str(one.device_id or one.person_id or one.email.casefold())
    return digests.keyed("miasto.notifications", who)


def _send_email(
    spec: Topic,
    one: Recipient,
    contact: dict[str, Any],
    context: dict[str, Any],
    url: Any,
    about_id: UUID | None,
    log: DeliveryLog,
) -> None:
    address = rendering.absolute(url() if callable(url) else url)
    preferences = rendering.absolute("/konto/powiadomienia/ustawienia/") if one.person_id and not spec.urgent else ""
    context["replies"] = context["replies"] if settings.INBOX else False
    values = {**context, "url": address, "preferences": preferences, "has_account": one.person_id is not None}
    message = rendering.render(spec.template, values, contact["language"] or DEFAULT_LANGUAGE)
    queued = mail.enqueue(
        to=contact["email"],
        subject=message.subject,
        text=message.text,
        html=message.html,
        about_id=about_id,
        replies=values["replies"],
        headers=context["headers"],
        attachments=context["attachments"],
        first=context["first"],
    )
    log.mail_id = queued.pk
    log.save(update_fields=["mail_id"])


def _send_notice(
    spec: Topic,
    one: Recipient,
    contact: dict[str, Any],
    context: dict[str, Any],
    url: Any,
    about_id: UUID | None,
    log: DeliveryLog,
) -> None:
    path = context.get("inbox_url") or (url() if callable(url) else url)
    title = rendering.subject(spec.template, context, contact["language"] or DEFAULT_LANGUAGE)
    Notice.objects.create(
        person_id=one.person_id, topic=spec.key, object_id=about_id, url=path, title=title[:300], created_at=log.at
    )


def _send_push(
    spec: Topic,
    one: Recipient,
    contact: dict[str, Any],
    context: dict[str, Any],
    url: Any,
    about_id: UUID | None,
    log: DeliveryLog,
) -> None:
    """The subject line, why it comes, and the page: words for a locked screen, so nothing that a person wrote."""
    rows = context["devices"][one.person_id or one.device_id]
    device = next(row for row in rows if row.pk == one.device_id)
    with override(one.language):
        body = str(spec.summary)
    push.enqueue(
        device=device,
        title=rendering.subject(spec.template, context, one.language),
        body=body,
        url=context.get("inbox_url") or (url() if callable(url) else url),
        tag=str(log.pk),
        urgent=spec.urgent,
        first=context["first"],
    )


_SENDERS = {EMAIL: _send_email, INBOX: _send_notice, PUSH: _send_push}


@transaction.atomic
def mark_read(*, by: Viewer, notice_id: UUID | None = None) -> int:
    """Mark one notice of the viewer, or all of them, as read; returns how many were unread."""
    found = Notice.objects.filter(person=by.person_id, read_at=None)
    if notice_id is not None:
        found = found.filter(pk=notice_id)
    return found.update(read_at=clock.now())


@transaction.atomic
def choose(*, topic: str, channel: str, wanted: bool, by: Viewer) -> None:
    """Say whether the viewer wants a topic by a channel; raises ``ValidationError`` for what cannot be chosen."""
    spec = registry().get(Topic, topic)
    if by.person_id is None or channel not in spec.channels or (spec.urgent and not wanted):
        raise ValidationError(_("Tego powiadomienia nie można wyłączyć."), code="fixed")
    Preference.objects.update_or_create(person_id=by.person_id, topic=topic, channel=channel, defaults={"wanted": wanted})


@transaction.atomic
def forget(*, person_id: UUID) -> int:
    """Delete the notices, browsers and choices of a person; returns how many rows."""
    notices = Notice.objects.filter(person=person_id).delete()[0]
    notices += push.remove_all(person_id=person_id)
    notices += Subscription.objects.filter(person=person_id).delete()[0]
    return notices + Preference.objects.filter(person=person_id).delete()[0]
