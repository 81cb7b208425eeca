"""Subscribers of the newsletter, its issues and the messages of each."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.ids import uuid7

EDIT = "idea.newsletter"


class NewsletterConsent(models.Model):
    """The words that subscribers agreed to, kept as they were shown; never edited."""

    id = models.BigAutoField(primary_key=True)
    version = models.CharField(max_length=40)
    language = models.CharField(max_length=5)
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint("version", "language", models.functions.MD5("text"), name="newsletter_consent")]


class SubscriberQuerySet(models.QuerySet):
    """Subscribers narrowed to the viewer's own: by account, or by the link sent to the address."""

    def visible_to(self, viewer: Any) -> SubscriberQuerySet:
        if viewer.system:
            return self
        mine = Q(pk__in=viewer.links)
        return self.filter(mine | Q(person_id=viewer.person_id) if viewer.person_id else mine)


class Subscriber(models.Model):
    """Somebody who asked for the newsletter, by account or by an e-mail address (personal data).

    ``topics`` are keys of the profile's ``newsletter.toml`` and ``areas`` identifiers of districts; an empty list means all.
    ``confirmed_at`` is None until the owner of the address used the link sent to it. ``failures`` counts the issues in a row
    that came back. Who resigns is deleted.
    """

    class Source(models.TextChoices):
        PAGE = "page", _("przez stronę")
        MAIL = "mail", _("e-mailem")
        ACCOUNT = "account", _("przez konto")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=5, default="pl")
    topics = models.JSONField(default=list)
    areas = models.JSONField(default=list)
    source = models.CharField(max_length=8, choices=Source.choices)
    consent = models.ForeignKey(NewsletterConsent, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["email"], condition=~Q(email=""), name="newsletter_email_once"),
            models.UniqueConstraint(fields=["person"], condition=Q(person__isnull=False), name="newsletter_person_once"),
            models.CheckConstraint(
                condition=Q(person__isnull=True) & ~Q(email="") | Q(person__isnull=False, email=""),
                name="newsletter_person_or_email",
            ),
        ]


class Issue(models.Model):
    """One issue. ``blocks`` are ``[{"source", "key", "title", "summary", "url", "day"}]`` as they were when they were chosen.

    ``topics`` and ``areas`` say whom it concerns; an empty list means everybody. ``frozen`` is what is sent and shown in the
    archive from the start of the sending on, by language: ``{"pl": {"title", "lead", "parts", "items"}}``. ``rate`` is in
    messages a minute. ``sent``, ``bounced`` and ``unsubscribed`` are counts; who they were is not kept.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("szkic")
        WAITING = "waiting", _("czeka na zatwierdzenie")
        PLANNED = "planned", _("zaplanowany")
        SENDING = "sending", _("w wysyłce")
        PAUSED = "paused", _("wstrzymany")
        SENT = "sent", _("wysłany")
        CANCELLED = "cancelled", _("przerwany")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.PositiveIntegerField(null=True, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    title = models.CharField(max_length=150)
    lead = models.CharField(max_length=600)
    text = models.TextField(blank=True)
    title_en = models.CharField(max_length=150, blank=True)
    lead_en = models.CharField(max_length=600, blank=True)
    text_en = models.TextField(blank=True)
    blocks = models.JSONField(default=list)
    topics = models.JSONField(default=list)
    areas = models.JSONField(default=list)
    rate = models.PositiveIntegerField()
    send_at = models.DateTimeField(null=True)
    edited_by = models.UUIDField(null=True)
    approved_by = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    frozen = models.JSONField(default=dict)
    recipients = models.PositiveIntegerField(default=0)
    sent = models.PositiveIntegerField(default=0)
    bounced = models.PositiveIntegerField(default=0)
    unsubscribed = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["-number"], name="newsletter_newest", condition=Q(number__isnull=False))]
        constraints = [
            models.CheckConstraint(condition=Q(sent__lte=F("recipients")), name="newsletter_sent_at_most_recipients"),
            models.CheckConstraint(
                condition=Q(number__isnull=True, started_at__isnull=True) | Q(number__isnull=False, started_at__isnull=False),
                name="newsletter_numbered_when_started",
            ),
        ]

    @property
    def editable(self) -> bool:
        """Whether its words may still be changed."""
        return self.state in (self.State.DRAFT, self.State.WAITING, self.State.PLANNED)


class IssueMessage(models.Model):
    """That an issue goes to a subscriber: made for everybody at once when the sending starts, deleted after the reports of
    failures have come. Whoever resigns in the meantime takes theirs along.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    issue = models.ForeignKey(Issue, models.CASCADE, related_name="messages")
    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="messages")
    sent_at = models.DateTimeField(null=True)
    failed = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "subscriber"], name="newsletter_message_once")]
        indexes = [
            models.Index(fields=["issue", "id"], name="newsletter_to_send", condition=Q(sent_at=None, failed=False)),
            models.Index(fields=["sent_at"], name="newsletter_sent_at", condition=Q(sent_at__isnull=False)),
        ]
