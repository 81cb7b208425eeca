"""The monthly report: frozen figures in versions, and the PDF drawn from them. No personal data."""

from __future__ import annotations

from django.db import models

from miasto.kernel.core.ids import uuid7


class MonthlyReport(models.Model):
    """One version of a month's report. ``figures`` are written once and never changed; a correction is the next version.

    ``note`` says to everybody why there is a new version. ``asked_by_id`` is None where the calendar asked.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        DRAWING = "drawing"
        READY = "ready"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    month = models.DateField()
    version = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    note = models.CharField(max_length=500, blank=True)
    figures = models.JSONField(default=dict)
    asked_at = models.DateTimeField()
    asked_by_id = models.UUIDField(null=True)
    counted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["month", "version"], name="monthly_report_version")]


class ReportPdf(models.Model):
    """The drawn report, apart from its row so that lists do not read it."""

    report = models.OneToOneField(MonthlyReport, models.CASCADE, primary_key=True, related_name="pdf")
    data = models.BinaryField()
    made_at = models.DateTimeField()
