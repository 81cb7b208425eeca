"""Calls and the extensions of operators."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from miasto.kernel.core import clock
from miasto.kernel.core.ids import uuid7

CALLS = "contact_centre.calls"


class State(models.TextChoices):
    """Where a call is. ``open``: somebody talks, or has talked and not yet said how it ended."""

    RINGING = "ringing"
    OPEN = "open"
    DONE = "done"
    MISSED = "missed"


class Outcome(models.TextChoices):
    """What became of a call."""

    REPORT = "report"
    ANSWERED = "answered"
    CONNECTED = "connected"
    CALL_BACK = "call_back"
    EMERGENCY = "emergency"
    WRONG_NUMBER = "wrong_number"
    SILENT = "silent"
    ABUSIVE = "abusive"


class CallQuerySet(models.QuerySet):
    """Calls narrowed to what a viewer may know of."""

    def visible_to(self, viewer: Any) -> CallQuerySet:
        """All calls for those who take them; none for others."""
        return self if viewer.system or viewer.holds(CALLS) else self.none()


class Call(models.Model):
    """A call. ``number`` is E.164 and may be empty (withheld); ``pbx_id`` is the exchange's identifier of the whole call.

    ``extensions`` are those that ring. What is typed while the caller speaks is kept at once: ``words`` (the matter), ``notes``
    (the operator's own) and ``form`` (category, place, answers, contact). Personal data: number, name, words, notes, form.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    pbx_id = models.CharField(max_length=80, null=True, unique=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    extensions = ArrayField(models.CharField(max_length=20), default=list)
    operator = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    number = models.CharField(max_length=16, blank=True)
    name = models.CharField(max_length=120, blank=True)
    began_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    words = models.TextField(blank=True)
    notes = models.TextField(blank=True)
    form = models.JSONField(default=dict)
    case = models.ForeignKey("cases.Case", models.SET_NULL, null=True, related_name="+")
    unit = models.ForeignKey("accounts.Unit", models.SET_NULL, null=True, related_name="+", db_index=False)
    call_back_at = models.DateTimeField(null=True)
    called_back_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(default=clock.now)
    erased_at = models.DateTimeField(null=True)

    objects = models.Manager.from_queryset(CallQuerySet)()

    class Meta:
        indexes = [
            models.Index(fields=["number", "-began_at"], name="call_number", condition=~Q(number="")),
            models.Index(fields=["-began_at", "-id"], name="call_newest"),
            models.Index(fields=["operator", "-began_at"], name="call_operator"),
            models.Index(fields=["state"], name="call_live", condition=Q(state__in=("ringing", "open"))),
            models.Index(
                fields=["call_back_at"],
                name="call_to_call_back",
                condition=Q(call_back_at__isnull=False, called_back_at__isnull=True),
            ),
            GinIndex(fields=["extensions"], name="call_extensions"),
        ]

    @property
    def seconds(self) -> int | None:
        """How long somebody talked; None before the end and where nobody answered."""
        if self.answered_at is None or self.ended_at is None:
            return None
        return max(int((self.ended_at - self.answered_at).total_seconds()), 0)

    @property
    def live(self) -> bool:
        """Whether the call still rings or its outcome is not said yet."""
        return self.state in (State.RINGING, State.OPEN)


class Extension(models.Model):
    """The extension of the exchange at which an operator sits."""

    id = models.BigAutoField(primary_key=True)
    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    number = models.CharField(max_length=20, unique=True)
