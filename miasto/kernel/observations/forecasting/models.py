"""What is kept of forecasts: the newest one of each series, how good they were, the models, the runs."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from miasto.kernel.observations.fields import JobRun


class Method(models.TextChoices):
    """Who foretells: the model, or the baseline that was better than it."""

    MODEL = "model", _("model uczony na dotychczasowych pomiarach")
    DRIVEN = "driven", _("model oparty na opadzie i na sąsiednich pomiarach")
    DAY = "day", _("jak wczoraj o tej porze")
    WEEK = "week", _("jak tydzień temu o tej porze")
    USUAL = "usual", _("jak zwykle o tej porze (średnia z czterech tygodni)")


class ForecastModel(models.Model):
    """The trees of one group of series (those of one observed property), as LightGBM writes them."""

    id = models.BigAutoField(primary_key=True)
    observed_property = models.OneToOneField("observations.ObservedProperty", on_delete=models.CASCADE, related_name="+")
    trained_at = models.DateTimeField()
    trees = models.TextField()
    series = models.IntegerField(default=0)


class ForecastSkill(models.Model):
    """How good the methods were on the last days of one series when its group's model was trained (``at``).

    Errors are mean absolute ones in the unit of the series; ``baseline`` names the best one; ``method`` is what is shown since,
    for ``ahead`` hours, blank where nothing is claimed. ``covered`` is the share (0..1) of tried hours within their intervals,
    ``hours`` how many were tried, ``halves`` the half-widths by part of the horizon, ``model_by_band`` and ``baseline_by_band``
    the errors by the same parts, ``each`` those of all baselines in the order of ``baselines.NAMES``.
    """

    id = models.BigAutoField(primary_key=True)
    datastream = models.ForeignKey("observations.Datastream", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    method = models.CharField(max_length=6, choices=Method.choices, blank=True)
    baseline = models.CharField(max_length=6)
    model_error = models.FloatField(null=True)
    baseline_error = models.FloatField(null=True)
    covered = models.FloatField(null=True)
    hours = models.IntegerField()
    halves = ArrayField(models.FloatField(), default=list)
    ahead = models.SmallIntegerField(default=48)
    model_by_band = ArrayField(models.FloatField(null=True), default=list)
    baseline_by_band = ArrayField(models.FloatField(null=True), default=list)
    each = ArrayField(models.FloatField(null=True), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["datastream", "at"], name="forecast_skill_once")]
        indexes = [models.Index(fields=["at"], name="forecast_skill_at")]


class Foretold(models.Model):
    """The newest forecast of a series: ``values`` by hour from ``start`` on, and the half-widths of their intervals.

    Before ``first_at``, the first hour of this forecast, stand the last days as they had been foretold, for comparison with
    what came. Where a series is never below ``floor``, neither is its forecast.
    """

    datastream = models.OneToOneField("observations.Datastream", on_delete=models.CASCADE, primary_key=True, related_name="+")
    made_at = models.DateTimeField()
    method = models.CharField(max_length=6, choices=Method.choices)
    start = models.DateTimeField()
    first_at = models.DateTimeField()
    values = ArrayField(models.FloatField())
    halves = ArrayField(models.FloatField())
    floor = models.FloatField(null=True)


class ForecastRun(JobRun):
    """One run of the job: how far it is, how it ended, and where it failed, why."""

    groups = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    trained = models.IntegerField(default=0)
    series = models.IntegerField(default=0)
    reason = models.TextField(blank=True)
