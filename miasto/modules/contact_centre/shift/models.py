"""Shifts of the contact centre, who was on duty, and the log."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from miasto.kernel.core.ids import uuid7


class Shift(models.Model):
    """From the first who comes on duty to the last who leaves; there is one at a time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-began_at"], name="shift_newest")]
        constraints = [models.UniqueConstraint(models.Value(1), condition=Q(ended_at=None), name="shift_one_open")]


class Duty(models.Model):
    """One person's time on duty within a shift."""

    id = models.BigAutoField(primary_key=True)
    shift = models.ForeignKey(Shift, models.CASCADE, related_name="duties")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person"], condition=Q(until=None), name="duty_one_open")]


class Entry(models.Model):
    """A line of the log. A ``task`` waits until somebody takes it over („przyjmuję”) and says that it is done.

    ``body`` is free text and may turn out to be personal data: it is overwritten after ``services.KEEP_DAYS`` days.
    """

    class Kind(models.TextChoices):
        NOTE = "note"
        TASK = "task"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    shift = models.ForeignKey(Shift, models.CASCADE, related_name="entries")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    body = models.TextField(blank=True)
    number = models.CharField(max_length=24, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    written_at = models.DateTimeField()
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["written_at"], name="shift_entry_open", condition=Q(kind="task", done_at=None)),
            models.Index(fields=["written_at"], name="shift_entry_kept", condition=Q(erased_at=None)),
        ]
