"""A report on the state of the environment in a month or a year. No personal data."""

from __future__ import annotations

from django.db import models

from miasto.kernel.core.ids import uuid7


class EnvironmentReport(models.Model):
    """One version of a period's report (``period`` "2025" or "2025-06"). ``chapters`` are counted once and never changed.

    ``words`` is what a person wrote, by chapter; it can be changed until the report is published. A correction is the next
    version, and its ``note`` says to everybody why.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        COUNTING = "counting"
        DRAFT = "draft"
        PUBLISHED = "public"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    period = models.CharField(max_length=7)
    version = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    done = models.PositiveSmallIntegerField(default=0)
    chapters = models.JSONField(default=list)
    words = models.JSONField(default=dict)
    note = models.CharField(max_length=500, blank=True)
    asked_at = models.DateTimeField()
    asked_by_id = models.UUIDField(null=True)
    counted_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["period", "version"], name="environment_report_version")]


class EnvironmentReportPdf(models.Model):
    """The drawn report, apart from its row so that lists do not read it."""

    report = models.OneToOneField(EnvironmentReport, models.CASCADE, primary_key=True, related_name="pdf")
    data = models.BinaryField()
    made_at = models.DateTimeField()
