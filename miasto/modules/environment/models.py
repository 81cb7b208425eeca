"""What the environment keeps beside readings."""

from __future__ import annotations

from django.db import models

from miasto.kernel.core import clock
from miasto.modules.environment.heating.models import HeatingImport, HeatingSource
from miasto.modules.environment.reports.models import EnvironmentReport, EnvironmentReportPdf
from miasto.modules.environment.watching.models import AddressWatch

__all__ = ["AddressWatch", "EnvironmentReport", "EnvironmentReportPdf", "HeatingImport", "HeatingSource", "HydroWarning"]


class HydroWarning(models.Model):
    """A hydrological warning of IMGW-PIB that concerns the city. ``key`` tells it from others; ``ends`` None: until called off.

    ``gone_at`` is when the service no longer listed it.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=200, unique=True)
    degree = models.SmallIntegerField()
    event = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    comment = models.TextField(blank=True)
    office = models.CharField(max_length=300, blank=True)
    published = models.DateTimeField()
    starts = models.DateTimeField()
    ends = models.DateTimeField(null=True)
    probability = models.SmallIntegerField(null=True)
    catchments = models.JSONField(default=list)
    seen_at = models.DateTimeField(default=clock.now)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["starts"], condition=models.Q(gone_at=None), name="hydro_warning_standing")]


class AirMap(models.Model):
    """The map of one pollutant at one hour (its beginning), made by kriging of ``samples`` sensors (``air_map.making``).

    ``shapes`` are GeoJSON features, ``districts`` the rows of the table, ``facts`` what is said about the error.
    """

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=8)
    hour = models.DateTimeField()
    samples = models.IntegerField()
    shapes = models.JSONField(default=list)
    districts = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "hour"], name="air_map_once")]
