"""Letters and what came with them. Words, names and addresses (personal data) lie in rows of their own."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.ids import uuid7

PERMISSION = "contact_centre.letters"


class State(models.TextChoices):
    """What became of a letter."""

    NEW = "new", _("odbierany")
    WAITING = "waiting", _("czeka na decyzję")
    JOINED = "joined", _("dołączony do sprawy")
    SORTED = "sorted", _("rozstrzygnięty")
    AUTOMATIC = "automatic", _("automatyczny")
    BROKEN = "broken", _("nie do odczytania")


class Source(models.TextChoices):
    """How a letter reached us."""

    LMTP = "lmtp", _("e-mail")
    IMAP = "imap", _("e-mail")
    PAPER = "paper", _("pismo na papierze")


class LetterQuerySet(models.QuerySet):
    """Letters narrowed to what a viewer may read."""

    def visible_to(self, viewer: Any) -> LetterQuerySet:
        """All for those who sort letters; for other staff those of the cases of their units."""
        if viewer.system or viewer.units_with(PERMISSION) is None:
            return self
        units = viewer.units_with("cases.see_unit")
        if units is None:
            return self.filter(case__isnull=False)
        return self.filter(case__unit__in=units) if units else self.none()


class Letter(models.Model):
    """One letter, without its words. ``identity`` (Message-ID and digest of the content) is what makes taking it in idempotent.

    ``letter_class`` is a key of ``classes.CLASSES`` once somebody (or the thread) decided. ``case`` is the case that the letter
    became or was added to, ``maybe_case`` one that it only mentions. ``automatic`` names why it must not be answered by a
    machine. ``raw_id`` is the stored original.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=24, unique=True)
    identity = models.CharField(max_length=64, unique=True)
    message_id = models.CharField(max_length=255, blank=True)
    source = models.CharField(max_length=8, choices=Source.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.NEW)
    received_at = models.DateTimeField()
    letter_class = models.CharField(max_length=20, blank=True)
    suggested = models.CharField(max_length=20, blank=True)
    automatic = models.CharField(max_length=20, blank=True)
    case = models.ForeignKey("cases.Case", models.SET_NULL, null=True, related_name="+")
    maybe_case = models.ForeignKey("cases.Case", models.SET_NULL, null=True, related_name="+", db_index=False)
    earlier = models.ForeignKey("self", models.SET_NULL, null=True, related_name="later")
    raw_id = models.UUIDField(null=True)
    raw_size = models.PositiveIntegerField(default=0)
    attachments_count = models.PositiveSmallIntegerField(default=0)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    acknowledged_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = LetterQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="letter_newest"),
            models.Index(fields=["state", "-received_at", "-id"], name="letter_state"),
            models.Index(fields=["received_at"], name="letter_waiting", condition=Q(state__in=["waiting", "broken"])),
            models.Index(fields=["message_id"], name="letter_message", condition=~Q(message_id="")),
        ]

    def __str__(self) -> str:
        return self.number


class LetterText(models.Model):
    """The words and the person of a letter: personal data. ``body`` is without quotations and signature, ``whole`` all of it.

    ``envelope`` is what came beside the message: ``{"from": ..., "to": [...]}``; ``headers`` those worth showing.
    """

    letter = models.OneToOneField(Letter, models.CASCADE, primary_key=True, related_name="text")
    sender_name = models.CharField(max_length=200, blank=True)
    sender_email = models.CharField(max_length=254, blank=True)
    sender_phone = models.CharField(max_length=30, blank=True)
    sender_address = models.CharField(max_length=300, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField(blank=True)
    whole = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    envelope = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    search = models.TextField(blank=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["sender_email"], name="letter_sender", condition=~Q(sender_email="")),
            GinIndex(OpClass("search", name="gin_trgm_ops"), name="letter_search"),
        ]


class Attachment(models.Model):
    """A file that came with a letter. ``file_id`` is the kept one; else ``refused`` says why there is none."""

    id = models.BigAutoField(primary_key=True)
    letter = models.ForeignKey(Letter, models.CASCADE, related_name="attachments")
    order = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=150, blank=True)
    media_type = models.CharField(max_length=120, blank=True)
    size = models.PositiveIntegerField(default=0)
    file_id = models.UUIDField(null=True)
    picture = models.BooleanField(default=False)
    kind = models.CharField(max_length=8, blank=True)
    refused = models.CharField(max_length=12, blank=True)

    class Meta:
        ordering = ["order", "id"]
        constraints = [models.UniqueConstraint(fields=["letter", "order"], name="attachment_once")]


class Reply(models.Model):
    """What we wrote back about a letter (personal data: the words)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    letter = models.ForeignKey(Letter, models.CASCADE, related_name="replies")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=20)
    body = models.TextField(blank=True)
    mail_id = models.UUIDField(null=True)

    class Meta:
        ordering = ["at", "id"]


class Undeliverable(models.Model):
    """An address from which messages came back (personal data). ``status`` is an enhanced status code (RFC 3463)."""

    email = models.CharField(primary_key=True, max_length=254)
    status = models.CharField(max_length=12, blank=True)
    failures = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField()
