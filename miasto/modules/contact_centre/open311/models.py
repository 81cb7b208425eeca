"""What came in and went out by GeoReport v2."""

from __future__ import annotations

from django.db import models

from miasto.kernel.core import clock
from miasto.kernel.core.ids import uuid7


class Received(models.Model):
    """A report that a program filed: which case it is, so that the program may add to it."""

    case = models.OneToOneField("cases.Case", models.CASCADE, primary_key=True, related_name="+")
    key = models.ForeignKey("accounts.ApiKey", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)


class ReceivedUpdate(models.Model):
    """An update that a program sent. Its own identifier makes a repetition the same update."""

    id = models.BigAutoField(primary_key=True)
    key = models.ForeignKey("accounts.ApiKey", models.PROTECT, related_name="+", db_index=False)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+")
    update_id = models.CharField(max_length=100)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "case", "update_id"], name="open311_update_once")]


class MediaFetch(models.Model):
    """A photo of a report that lies on somebody else's server; the row goes when the photo is here or cannot be had."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+")
    key = models.ForeignKey("accounts.ApiKey", models.CASCADE, related_name="+", db_index=False)
    url = models.URLField(max_length=2000)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)


class Outgoing(models.Model):
    """A case forwarded to a body that speaks GeoReport v2: how far its way there is.

    ``payload`` is what will be or was sent, argument by argument, so that a repetition is the same request; it is emptied once
    the other side has it. ``number`` and ``token`` are the other side's. ``seen`` holds the updates that were written back.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"
        TOKEN = "token"  # noqa: S105 - the name of a state
        SENT = "sent"
        ENDED = "ended"
        FAILED = "failed"

    forwarding = models.OneToOneField("cases.Forwarding", models.CASCADE, primary_key=True, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    payload = models.JSONField(default=list)
    service_code = models.CharField(max_length=200, blank=True)
    number = models.CharField(max_length=120, blank=True)
    token = models.CharField(max_length=200, blank=True)
    tried_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    polled_at = models.DateTimeField(null=True)
    notes = models.CharField(max_length=64, blank=True)
    error = models.CharField(max_length=300, blank=True)
    seen = models.JSONField(default=list)

    class Meta:
        indexes = [
            models.Index(fields=["polled_at"], name="open311_outgoing_open", condition=models.Q(state__in=("token", "sent")))
        ]
