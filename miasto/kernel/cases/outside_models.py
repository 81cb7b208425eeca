"""Bodies outside the city (gas, power, the state's roads) and the cases forwarded to them."""

from __future__ import annotations

from django.contrib.gis.db import models

from miasto.kernel.core.ids import uuid7


class ExternalBody(models.Model):
    """A body outside the city that answers for some matters: data of the profile, changed in the panel.

    ``answer_days`` is after how many days of silence it is reminded. Where ``open311_endpoint`` is set, cases may go to it by
    Open311 GeoReport v2; the key is read from the environment variable named by ``open311_key_env`` and is kept nowhere.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=160)
    purpose = models.CharField(max_length=300, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=30, blank=True)
    answer_days = models.PositiveSmallIntegerField(default=14)
    open311_endpoint = models.URLField(blank=True)
    open311_jurisdiction = models.CharField(max_length=120, blank=True)
    open311_key_env = models.CharField(max_length=80, blank=True)
    active = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name


class Forwarding(models.Model):
    """One case sent to one body. ``waiting`` and ``accepted`` wait for an answer; ``remind_on`` is when the body is reminded.

    ``comment_id`` is what the city wrote to it. ``reference`` is the body's own number of the matter and ``data`` what the
    carrier of the message must remember (identifiers only).
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        ACCEPTED = "accepted"
        DONE = "done"
        REFUSED = "refused"
        RECALLED = "recalled"

    OPEN = (State.WAITING, State.ACCEPTED)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="forwardings")
    body = models.ForeignKey(ExternalBody, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    comment_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    remind_on = models.DateField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    reference = models.CharField(max_length=120, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["remind_on"], name="forwarding_remind", condition=models.Q(state__in=("waiting", "accepted"))),
            models.Index(fields=["at", "id"], name="forwarding_open", condition=models.Q(state__in=("waiting", "accepted"))),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(state__in=("waiting", "accepted")), name="forwarding_one_open"
            )
        ]
