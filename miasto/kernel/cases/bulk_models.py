"""One order over many cases, carried out one by one."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models

from miasto.kernel.core.ids import uuid7


class BulkRun(models.Model):
    """What somebody asked to be done with many cases, how far it is, and what was refused and why.

    ``values`` are the arguments of the action (the words are the city's own), ``ids`` the cases in order; ``refused`` is
    ``[[number, why], ...]``, ``done`` the numbers of those that were carried out.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        FINISHED = "finished"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    action = models.CharField(max_length=20)
    values = models.JSONField(default=dict)
    ids = models.JSONField(default=list)
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    position = models.PositiveIntegerField(default=0)
    done = models.JSONField(default=list)
    refused = models.JSONField(default=list)
    cancel = models.BooleanField(default=False)
    back = models.CharField(max_length=1000, blank=True)

    class Meta:
        indexes = [models.Index(fields=["person", "-at"], name="bulk_run_person")]
