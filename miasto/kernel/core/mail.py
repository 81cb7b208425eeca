"""The durable outgoing-mail queue: written in the caller's transaction, sent by the worker after the commit.

A message keeps one Message-ID from the queue on. A kill between the server's acceptance and our commit makes the worker
send it again with the same Message-ID, which mail systems (and the file mailbox) recognise as the same message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from email.utils import make_msgid
from smtplib import SMTPRecipientsRefused
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction

from miasto.kernel.core import clock, events, jobs
from miasto.kernel.core import replies as replies_to
from miasto.kernel.core.models import OutgoingMail

KEEP_SENT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Attachment:
    """A small text file that goes with a message: its name, its media type, its text."""

    name: str
    type: str
    text: str


@dataclass(frozen=True, kw_only=True)
class MailFailed(events.Event):
    """A message did not arrive and will not: the server refused the address, or a delivery report came back."""

    mail_id: UUID
    about_id: UUID | None


@transaction.atomic
def enqueue(
    *,
    to: str,
    subject: str,
    text: str,
    html: str = "",
    about_id: UUID | None = None,
    headers: dict[str, str] | None = None,
    replies: bool | UUID = False,
    attachments: Sequence[Attachment] = (),
    first: bool = False,
) -> OutgoingMail:
    """Queue one message. ``about_id`` is the object it tells of, so that erasure can find it.

    ``replies``: the reader may answer about that object, or the one named, as the one who filed it (see ``core.replies``).
    ``first``: it is about a danger to life and goes before all others.
    """
    answered = replies if isinstance(replies, UUID) else about_id if replies else None
    mark = replies_to.mark_of(answered) if answered and settings.INBOX else None
    if answered and mark:
        headers = {"Reply-To": replies_to.address_for(answered), **(headers or {})}
    mail = OutgoingMail.objects.create(
        message_id=make_msgid(mark, urlsplit(settings.BASE_URL).hostname or "localhost"),
        to=to,
        subject=" ".join(subject.split())[:300],
        text=text,
        html=html,
        about_id=about_id,
        headers=headers or {},
        attachments=[asdict(file) for file in attachments],
        queued_at=clock.now(),
    )
    (jobs.send_mail_first if first else jobs.send_mail).defer(mail_id=str(mail.id), first=first)
    return mail


def send(mail_id: str) -> None:
    """Send one queued message and mark it. A refusal of the address is final; other errors are raised for a retry.

    So is a refusal for now (RFC 5321, 4.2.1: an answer of 4xx), where a mailbox or the server's disk is full, or who is new
    must come again.
    """
    with transaction.atomic():
        mail = OutgoingMail.objects.select_for_update().filter(pk=mail_id, state=OutgoingMail.State.QUEUED).first()
        if mail is None:
            return
        mail.attempts += 1
        try:
            _message(mail).send()
        except SMTPRecipientsRefused as refused:
            if not _for_good(refused):
                raise
            mail.state, mail.error = OutgoingMail.State.FAILED, "the server refused the address"
            events.publish(MailFailed(mail_id=mail.pk, about_id=mail.about_id))
        else:
            mail.state, mail.sent_at = OutgoingMail.State.SENT, clock.now()
        mail.save(update_fields=["state", "error", "sent_at", "attempts"])


def _for_good(refused: SMTPRecipientsRefused) -> bool:
    return all(code >= 500 for code, _words in refused.recipients.values())


def _message(mail: OutgoingMail) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        settings.DEFAULT_FROM_EMAIL,
        [mail.to],
        headers={"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated", **mail.headers},
        connection=get_connection(),
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    for file in mail.attachments:
        message.attach(file["name"], file["text"], file["type"].split(";")[0])
    return message


@transaction.atomic
def note_failure(message_id: str, reason: str) -> OutgoingMail | None:
    """What a delivery report (RFC 3464) says of a message that was sent; None where the message is not ours or forgotten."""
    mail = OutgoingMail.objects.select_for_update().filter(message_id=message_id).first()
    if mail is not None:
        mail.state, mail.error = OutgoingMail.State.FAILED, reason[:200]
        mail.save(update_fields=["state", "error"])
        events.publish(MailFailed(mail_id=mail.pk, about_id=mail.about_id))
    return mail


def forget_about(object_id: UUID) -> int:
    """Delete every message about an object, sent or not (erasure); returns how many."""
    return OutgoingMail.objects.filter(about_id=object_id).delete()[0]


def forget_sent() -> None:
    """Delete messages sent more than ``KEEP_SENT_DAYS`` ago."""
    before = clock.now() - timedelta(days=KEEP_SENT_DAYS)
    OutgoingMail.objects.exclude(state=OutgoingMail.State.QUEUED).filter(queued_at__lt=before).delete()
