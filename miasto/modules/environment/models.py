"""What the environment keeps beside readings."""

from __future__ import annotations

from django.db import models

from miasto.kernel.core import clock
from miasto.modules.environment.watching.models import AddressWatch

__all__ = ["AddressWatch", "HydroWarning"]


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
