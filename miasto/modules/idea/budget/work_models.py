"""What is done with a project: its costs and files, opinions, appeal, path in time, the draw, the realisation."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from miasto.kernel.core.ids import uuid7
from miasto.modules.idea.budget.states import CheckKind, Outcome, RealisationStage, StepKind


class CostItem(models.Model):
    """One line of the estimate. ``amount`` in grosze."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey("idea.Project", models.CASCADE, related_name="items")
    order = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=160)
    amount = models.BigIntegerField()

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["project", "order"], name="idea_item_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="idea_item_amount"),
        ]


class ProjectFile(models.Model):
    """A picture or a document of the proposal (``entry`` None) or of its realisation."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey("idea.Project", models.CASCADE, related_name="files")
    entry = models.ForeignKey("idea.RealisationEntry", models.CASCADE, null=True, related_name="photos")
    file = models.ForeignKey("files.File", models.PROTECT, related_name="+")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]


class Opinion(models.Model):
    """What a unit says of a project. ``case`` is the unit's own case with its term; ``cost`` (grosze) a corrected cost.

    ``given_at`` None: awaited until ``due_on``.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey("idea.Project", models.CASCADE, related_name="opinions")
    check_kind = models.CharField(max_length=10, choices=CheckKind.choices)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    case = models.ForeignKey("cases.Case", models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    due_on = models.DateField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    text = models.TextField(blank=True)
    cost = models.BigIntegerField(null=True)
    given_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [models.UniqueConstraint(fields=["project", "check_kind", "unit"], name="idea_opinion_once")]


class Appeal(models.Model):
    """An author's appeal against a rejection, decided by ``body`` (its name as published). Both texts are public."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.OneToOneField("idea.Project", models.CASCADE, related_name="appeal")
    text = models.TextField()
    filed_at = models.DateTimeField()
    body = models.CharField(max_length=200, blank=True)
    upheld = models.BooleanField(null=True)
    reasons = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)


class ProjectStep(models.Model):
    """One line of a project's path. ``text`` is the city's published words; a line that is not ``public`` is for the author."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey("idea.Project", models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=12, choices=StepKind.choices)
    at = models.DateTimeField()
    unit = models.ForeignKey("accounts.Unit", models.SET_NULL, null=True, related_name="+")
    text = models.TextField(blank=True)
    public = models.BooleanField(default=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["project", "at"], name="idea_step_path")]


class BallotDraw(models.Model):
    """The public draw of the order on the ballot (``participation.counting.draw``).

    ``seed`` stays secret until ``drawn_at``; ``commitment`` (its SHA-256) and ``items`` (what is drawn, by pool number) are
    published at ``committed_at``. ``source`` says which public event gives ``event``; ``order`` is the result by pool number,
    ``{"1": ["<number of project>", ...]}``.
    """

    edition = models.OneToOneField("idea.Edition", models.CASCADE, primary_key=True, related_name="draw")
    seed = models.CharField(max_length=64)
    commitment = models.CharField(max_length=64)
    source = models.CharField(max_length=300)
    items = models.JSONField()
    committed_at = models.DateTimeField()
    event = models.CharField(max_length=200, blank=True)
    order = models.JSONField(default=dict)
    drawn_at = models.DateTimeField(null=True)


class Realisation(models.Model):
    """The work on a winner. Money in grosze, dates local; ``unit`` is whose work it is."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.OneToOneField("idea.Project", models.CASCADE, related_name="realisation")
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    stage = models.CharField(max_length=8, choices=RealisationStage.choices, default=RealisationStage.WAITING)
    planned = models.BigIntegerField()
    spent = models.BigIntegerField(default=0)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    updated_at = models.DateTimeField()


class RealisationEntry(models.Model):
    """A piece of news of the work, as the unit wrote it; ``stage`` and ``spent`` as they were then."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    realisation = models.ForeignKey(Realisation, models.CASCADE, related_name="entries")
    at = models.DateTimeField()
    stage = models.CharField(max_length=8, choices=RealisationStage.choices)
    spent = models.BigIntegerField()
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-id"]
