"""What came of something that residents brought, and how it went on."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.ids import uuid7


class Fate(models.TextChoices):
    """How far a thing that came of an idea has got."""

    PLANNED = "planned", _("zaplanowane")
    UNDER_WAY = "under_way", _("w trakcie")
    DONE = "done", _("zrobione")
    ABANDONED = "abandoned", _("zaniechane")


class Outcome(models.Model):
    """A thing that came of an object of the city (``source``): another object (``target``), or a page at ``url``.

    ``title`` is what the thing is called. An outcome is never deleted: one that was linked by mistake is ``removed_at``.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.ForeignKey("places.ObjectIndex", models.CASCADE, related_name="+")
    target = models.ForeignKey("places.ObjectIndex", models.SET_NULL, null=True, related_name="+")
    url = models.CharField(max_length=500)
    title = models.CharField(max_length=200)
    fate = models.CharField(max_length=10, choices=Fate.choices, default=Fate.PLANNED)
    linked_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["linked_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "url"], condition=Q(removed_at=None), name="outcome_linked_once"),
        ]


class OutcomeNews(models.Model):
    """One piece of what became of an outcome, in public words; appended, never edited."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    outcome = models.ForeignKey(Outcome, models.CASCADE, related_name="news")
    at = models.DateTimeField()
    fate = models.CharField(max_length=10, choices=Fate.choices)
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "id"]
