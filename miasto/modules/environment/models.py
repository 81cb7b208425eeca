"""What the environment keeps beside readings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.contrib.gis.db.models import GeometryField
from django.db import models

from miasto.kernel.core import clock
from miasto.kernel.observations.selectors import Thing
from miasto.kernel.places.fields import WGS84, MercatorField

if TYPE_CHECKING:
    from miasto.kernel.accounts.selectors import Viewer
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


class StationNowQuerySet(models.QuerySet):
    """The classes of stations that a viewer may see."""

    def visible_to(self, viewer: Viewer) -> Self:
        """Those whose station the viewer may see now, whatever was public when the class was written down."""
        return self.filter(thing__in=Thing.objects.visible_to(viewer).current().values("pk"))


class StationNow(models.Model):
    """The class of the Polish index at a public station of the air now (None: no readings), for a layer of the city map."""

    thing = models.OneToOneField("observations.Thing", on_delete=models.CASCADE, primary_key=True, related_name="+")
    geom = GeometryField(srid=WGS84)
    geom_3857 = MercatorField()
    station = models.CharField(max_length=300)
    air_class = models.SmallIntegerField(null=True)
    name = models.CharField(max_length=40, blank=True)

    objects = StationNowQuerySet.as_manager()


class NoiseHour(models.Model):
    """One hour of a stream of noise from the energy of its ``n`` minutes: LAeq, background (L90), the loudest minute; dB(A)."""

    id = models.BigAutoField(primary_key=True)
    datastream = models.ForeignKey("observations.Datastream", on_delete=models.CASCADE, related_name="+")
    start = models.DateTimeField()
    n = models.IntegerField()
    laeq = models.FloatField()
    background = models.FloatField()
    most = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["datastream", "start"], name="noise_hour_once")]
        indexes = [models.Index(fields=["start"], name="noise_hour_start")]


class NoiseEvent(models.Model):
    """A loud event of a night (named by its evening): ``noise.events``; levels in dB(A)."""

    id = models.BigAutoField(primary_key=True)
    datastream = models.ForeignKey("observations.Datastream", on_delete=models.CASCADE, related_name="+")
    night = models.DateField()
    start = models.DateTimeField()
    end = models.DateTimeField()
    most = models.FloatField()
    laeq = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["datastream", "start"], name="noise_event_once")]
        indexes = [models.Index(fields=["night", "datastream"], name="noise_event_night")]
