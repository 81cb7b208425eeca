"""How sensors do, judged every hour, and the calibrations of cheap ones."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core import clock


class SensorHealth(models.Model):
    """The latest judgement of a stream (``health.Health``); ``rank`` orders the states from the worst."""

    class State(models.TextChoices):
        SILENT = "silent", _("milczy")
        STUCK = "stuck", _("stoi w miejscu")
        REFUSED = "refused", _("podaje niemożliwe wartości")
        DRIFTING = "drifting", _("rozjeżdża się z wzorcem")
        GAPS = "gaps", _("gubi odczyty")
        WELL = "well", _("działa")
        NEW = "new", _("jeszcze nic nie podał")

    datastream = models.OneToOneField(
        "observations.Datastream", on_delete=models.CASCADE, primary_key=True, related_name="health"
    )
    state = models.CharField(max_length=8, choices=State.choices)
    rank = models.SmallIntegerField(db_index=True)
    came = models.FloatField(null=True)
    stuck_hours = models.IntegerField(default=0)
    refused = models.FloatField(default=0)
    drift = models.FloatField(null=True)
    judged_at = models.DateTimeField(default=clock.now)


class Anomaly(models.Model):
    """A stretch of unusual hours of a stream, as a method found it and a keeper judged it.

    ``start`` and ``end`` are the beginnings of its first and last hour. ``value`` is the hour that stands out most, ``usual``
    what is usual then (None where the course, not a value, is unusual), ``score`` how much. A judged one is not found anew.
    """

    class Kind(models.TextChoices):
        VALUE = "value", _("nietypowa wartość")
        SHAPE = "shape", _("nietypowy przebieg doby")

    class State(models.TextChoices):
        FOUND = "found", _("do sprawdzenia")
        EVENT = "event", _("prawdziwe zdarzenie")
        FAULT = "fault", _("błąd czujnika")
        USUAL = "usual", _("nic nietypowego")

    id = models.BigAutoField(primary_key=True)
    datastream = models.ForeignKey("observations.Datastream", on_delete=models.CASCADE, related_name="anomalies")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    state = models.CharField(max_length=5, choices=State.choices, default=State.FOUND)
    start = models.DateTimeField()
    end = models.DateTimeField()
    value = models.FloatField()
    usual = models.FloatField(null=True)
    score = models.FloatField()
    hours = models.IntegerField()
    found_at = models.DateTimeField(default=clock.now)
    judged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["datastream", "kind", "start"], name="anomaly_once")]
        indexes = [
            models.Index(fields=["datastream", "end"], name="anomaly_of_stream"),
            models.Index(fields=["-start"], name="anomaly_newest"),
        ]


class ShapeWatch(models.Model):
    """A stream whose days are compared with its former days too (``shapes``), because a keeper chose it."""

    datastream = models.OneToOneField(
        "observations.Datastream", on_delete=models.CASCADE, primary_key=True, related_name="shape_watch"
    )
    since = models.DateTimeField(default=clock.now)


class Calibration(models.Model):
    """From ``valid_from`` on a reading of the stream is ``gain`` × raw + ``offset``; a later version takes its place.

    Nothing that was stored before is changed. ``reference`` is the stream it was fitted to, with mean absolute errors before
    and after on hours that the fit had not seen.
    """

    id = models.BigAutoField(primary_key=True)
    datastream = models.ForeignKey("observations.Datastream", on_delete=models.CASCADE, related_name="calibrations")
    version = models.IntegerField()
    gain = models.FloatField()
    offset = models.FloatField()
    valid_from = models.DateTimeField()
    reference = models.ForeignKey("observations.Datastream", on_delete=models.SET_NULL, null=True, related_name="+")
    hours = models.IntegerField(default=0)
    error_before = models.FloatField(null=True)
    error_after = models.FloatField(null=True)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["datastream", "version"], name="calibration_once"),
            models.CheckConstraint(condition=~Q(gain=0), name="calibration_can_be_undone"),
        ]
