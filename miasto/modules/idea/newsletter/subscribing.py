"""Who gets the newsletter: asking, confirming, choosing, resigning, by the page, the account or a message."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM, Viewer, contact_of
from miasto.kernel.core import changes, clock, ratelimit, replies
from miasto.kernel.core.incoming import automatic, failures, parsing
from miasto.kernel.core.polish import fold
from miasto.kernel.notifications.services import ConfirmedByLink, Recipient, ask_to_confirm, checked_email, notify
from miasto.kernel.places.selectors import districts
from miasto.modules.idea.newsletter import rules
from miasto.modules.idea.newsletter.models import Issue, IssueMessage, NewsletterConsent, Subscriber

log = logging.getLogger(__name__)
KIND = "idea.subscriber"
LINK, CONFIRM, KNOWN = "idea.newsletter", "idea.newsletter_confirm", "idea.newsletter_known"
ADDRESS = ConfirmedByLink(purpose=LINK, page="/newsletter/s/", topic=CONFIRM, since="asked_at")
WRITTEN_A_DAY = 3
FAILURES_MOST = 3
_STOP = re.compile(r"\b(wypis\w*|rezygn\w*|usun\w*|stop|unsubscribe|remove)\b")
_ENGLISH = re.compile(r"\b(subscribe|newsletter please|english)\b")
_BROKEN = (RecursionError, ValueError, LookupError, TypeError, AttributeError, AssertionError)


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What somebody wants to read: keys of topics and identifiers of districts; empty for all. ``language`` is pl or en."""

    topics: Sequence[str] = ()
    areas: Sequence[str] = ()
    language: str = "pl"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Somebody without an account asks: the address, the wishes, how, and what makes a repetition known."""

    email: str
    wishes: Wishes = field(default_factory=Wishes)
    source: str = Subscriber.Source.PAGE
    once: str = ""


def by_link(subscriber_id: UUID) -> Viewer:
    """The viewer who holds the secret of one subscription and nothing else."""
    links = frozenset({subscriber_id})
    return Viewer(person_id=None, organisation_id=None, grants=frozenset(), links=links, scopes=frozenset())


@transaction.atomic
def ask(asked: Asked, *, by: Viewer = ANONYMOUS) -> None:
    """An address asks for the newsletter: its owner gets one message with a link, whether the address is known or not.

    Nothing that the asker sees depends on what is known of the address. Who has confirmed before is told so and led to the
    settings; what they chose is not touched by a stranger. Raises ``ValidationError`` for what is no address.
    """
    email = checked_email(asked.email).casefold()
    wishes = checked(asked.wishes)
    values = {"source": asked.source, "consent": _consent(wishes.language), "asked_at": clock.now(), **_columns(wishes)}
    row, fresh = Subscriber.objects.get_or_create(email=email, defaults=values)
    if not fresh and row.confirmed_at is None:
        Subscriber.objects.filter(pk=row.pk).update(**values)
    if fresh:
        _record("subscribed", row, by, source=asked.source)
    if _may_be_written_to(email):
        _write(row, wishes.language, asked.once)


def _write(row: Subscriber, language: str, once: str) -> None:
    known = row.confirmed_at is not None
    to = Recipient(email=row.email, language=row.language if known else language)
    once = once or f"newsletter:{row.pk}:{clock.now().isoformat()}"
    if known:
        notify(topic=KNOWN, to=[to], context={}, url=lambda: ADDRESS.page_of(row.pk), about_id=row.pk, once=once)
    else:
        ask_to_confirm(ADDRESS, row_id=row.pk, to=to, once=once)


def _may_be_written_to(email: str) -> bool:
    """Whether the address may get one more message today: nobody's mailbox is filled by a stranger."""
    if email == settings.INBOX.lower() or email.startswith(("noreply", "no-reply", "mailer-daemon", "nie-odpowiadaj")):
        return False
    try:
        ratelimit.hit(name="newsletter.write", who=email, limit=WRITTEN_A_DAY, per_s=86_400)
    except ratelimit.TooMany:
        return False
    return True


@transaction.atomic
def join(*, wishes: Wishes, by: Viewer) -> Subscriber:
    """The viewer's account gets the newsletter from now on; the same address asked for without the account is taken over."""
    contact = contact_of(by.person_id) if by.person_id else None
    if contact is None:
        raise ValidationError(_("Zaloguj się, aby zapisać konto."))
    wishes, now = checked(wishes), clock.now()
    values = {**_columns(wishes), "confirmed_at": now, "asked_at": now, "consent": _consent(wishes.language)}
    row, fresh = Subscriber.objects.get_or_create(
        person_id=by.person_id, defaults={**values, "source": Subscriber.Source.ACCOUNT}
    )
    if fresh:
        Subscriber.objects.filter(email=contact["email"].casefold()).delete()
        _record("subscribed", row, by, source=row.source)
    else:
        choose(subscriber_id=row.pk, wishes=wishes, by=by)
    return row


@transaction.atomic
def confirm(*, subscriber_id: UUID, by: Viewer) -> Subscriber:
    """The owner of the address used its link. Raises ``PermissionDenied``."""
    row: Subscriber = ADDRESS.locked(Subscriber.objects.visible_to(by), subscriber_id)
    if ADDRESS.confirm(row):
        _record("confirmed", row, by)
    return row


@transaction.atomic
def choose(*, subscriber_id: UUID, wishes: Wishes, by: Viewer) -> Subscriber:
    """Other topics, districts or language. Raises ``PermissionDenied``."""
    row: Subscriber = ADDRESS.locked(Subscriber.objects.visible_to(by), subscriber_id)
    for name, value in _columns(checked(wishes)).items():
        setattr(row, name, value)
    row.save(update_fields=["topics", "areas", "language"])
    _record("chosen", row, by, topics=row.topics, areas=row.areas)
    return row


@transaction.atomic
def resign(*, subscriber_id: UUID, by: Viewer, number: int | None = None) -> None:
    """No more newsletter: the row is deleted, and with it the address and what has not gone out yet.

    ``number`` is the issue whose link was used; it only counts. Raises ``PermissionDenied``.
    """
    row: Subscriber = ADDRESS.locked(Subscriber.objects.visible_to(by), subscriber_id)
    if number is not None and row.messages.filter(issue__number=number, sent_at__isnull=False).exists():
        Issue.objects.filter(number=number).update(unsubscribed=F("unsubscribed") + 1)
    _record("resigned", row, by)
    ADDRESS.revoke(row.pk, by)
    row.delete()


def take(raw: bytes, *, source: str, envelope_from: str | None, recipients: Sequence[str]) -> str:
    """A message came to the newsletter's own address: a sign-up, or a resignation. What machines write is not answered.

    A mark in the address (``List-Unsubscribe`` of a message of ours) resigns at once, since only its reader has it. Without
    one the words decide, and the sender gets a link: anybody can write a sender's name.
    """
    try:
        message = parsing.parse(raw)
    except _BROKEN as error:
        log.warning("a message to the newsletter cannot be read: %s", type(error).__name__)
        return "unreadable"
    why = automatic.reason(message, envelope_from=envelope_from)
    if why == "bounce":
        failures.note(message)
    marked = _marked([*recipients, *message.recipients])
    if marked is not None:
        number = re.search(r"\d{1,6}", message.subject)
        resign(subscriber_id=marked, by=by_link(marked), number=int(number.group()) if number else None)
        return "resigned"
    return why or _answer(message, parsing.identity(raw)[1])


def _marked(addresses: Iterable[str]) -> UUID | None:
    ids = [found for text in addresses for found in replies.objects_in(text)]
    return Subscriber.objects.filter(pk__in=ids).values_list("pk", flat=True).first() if ids else None


@transaction.atomic
def _answer(message: parsing.Parsed, digest: str) -> str:
    said = fold(f"{message.subject}\n{message.text[:500]}")
    once = f"newsletter:mail:{digest}"
    if _STOP.search(said):
        row = Subscriber.objects.filter(email=message.sender_email).first()
        if row is not None and _may_be_written_to(row.email):
            _write(row, row.language, once)
        return "asked to stop"
    wishes = Wishes(language="en" if _ENGLISH.search(said) else "pl")
    try:
        ask(Asked(email=message.sender_email, wishes=wishes, source=Subscriber.Source.MAIL, once=once))
    except ValidationError:
        return "no sender"
    return "asked"


@transaction.atomic
def note_failure(message_id: UUID) -> None:
    """A message of an issue did not arrive; an address where that happened with several issues in a row is deleted."""
    row = (
        IssueMessage.objects.select_for_update(of=("self",))
        .select_related("subscriber")
        .filter(pk=message_id, failed=False, sent_at__isnull=False)
        .first()
    )
    if row is None:
        return
    row.failed = True
    row.save(update_fields=["failed"])
    Issue.objects.filter(pk=row.issue_id).update(bounced=F("bounced") + 1)
    before = IssueMessage.objects.filter(subscriber=row.subscriber_id, sent_at__lt=row.sent_at).order_by("-sent_at").first()
    reader = row.subscriber
    reader.failures = 1 if before is not None and not before.failed else reader.failures + 1
    if reader.failures < FAILURES_MOST:
        reader.save(update_fields=["failures"])
        return
    _record("dropped", reader, SYSTEM)
    ADDRESS.revoke(reader.pk, SYSTEM)
    reader.delete()


def checked(wishes: Wishes) -> Wishes:
    """The wishes without what does not exist; all topics or all districts are the same as none."""
    keys = [one.key for one in rules.topics()]
    ids = [str(pk) for pk in districts().values_list("pk", flat=True)] if wishes.areas else []
    topics = [key for key in keys if key in wishes.topics]
    areas = [pk for pk in ids if pk in wishes.areas]
    language = wishes.language if wishes.language in rules.LANGUAGES else "pl"
    return Wishes(
        topics=topics if len(topics) < len(keys) else [], areas=areas if len(areas) < len(ids) else [], language=language
    )


def _columns(wishes: Wishes) -> dict[str, Any]:
    return {"topics": list(wishes.topics), "areas": list(wishes.areas), "language": wishes.language}


def _consent(language: str) -> NewsletterConsent:
    version, text = rules.consent(language)
    return NewsletterConsent.objects.get_or_create(version=version, language=language, text=text)[0]


def _record(action: str, row: Subscriber, by: Viewer, **data: Any) -> None:
    changes.record(action=f"idea.newsletter_{action}", kind=KIND, object_id=row.pk, actor=by.actor, data=data)


@transaction.atomic
def import_subscribers(*, rows: Iterable[tuple[str, Wishes, datetime]]) -> int:
    """Confirmed addresses of an earlier newsletter, with what each wants and when it agreed; nobody is written to.

    Addresses that are there already are passed over; returns how many were new.
    """
    made = [
        Subscriber(
            email=checked_email(email).casefold(),
            source=Subscriber.Source.PAGE,
            consent=_consent(wishes.language),
            asked_at=at,
            confirmed_at=at,
            **_columns(wishes),
        )
        for email, wishes, at in rows
    ]
    before = Subscriber.objects.count()
    Subscriber.objects.bulk_create(made, ignore_conflicts=True, batch_size=1000)
    return Subscriber.objects.count() - before


def discard_unconfirmed() -> int:
    """Forget the addresses that nobody confirmed in time; returns how many."""
    ids = list(ADDRESS.forgotten(Subscriber.objects.all()).values_list("pk", flat=True))
    return Subscriber.objects.filter(pk__in=ids).delete()[0]
