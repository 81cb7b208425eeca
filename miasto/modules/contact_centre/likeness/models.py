"""Trainings of the classifier and the models that they gave."""

from __future__ import annotations

from django.db import models

from miasto.kernel.core.ids import uuid7


class Training(models.Model):
    """One run of training. ``data`` is the model (``LinearModel.to_bytes``) of the one that is ``current``, else None.

    ``report`` is ``measuring.Figures`` as JSON, measured on the newest cases, which the measured twin of the model had not
    seen. Holds no texts: the features of a model are those that many cases share.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        TAKEN = "taken"
        WORSE = "worse"
        TOO_FEW = "too_few"
        CANCELLED = "cancelled"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    percent = models.PositiveSmallIntegerField(default=0)
    stop_asked = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    examples = models.PositiveIntegerField(default=0)
    corrections = models.PositiveIntegerField(default=0)
    features = models.PositiveIntegerField(default=0)
    first = models.FloatField(null=True)
    in_three = models.FloatField(null=True)
    compared = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    data = models.BinaryField(null=True)
    current = models.BooleanField(default=False)

    class Meta:
        app_label = "contact_centre"
        constraints = [
            models.UniqueConstraint(fields=["current"], condition=models.Q(current=True), name="training_one_current"),
        ]
        indexes = [models.Index(fields=["-asked_at"], name="training_newest")]

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state not in (self.State.WAITING, self.State.RUNNING)
