"""The inventory of sources of heat, and the files it was read from."""

from __future__ import annotations

from django.contrib.gis.db.models import PointField
from django.db import models

from miasto.kernel.core.ids import uuid7


class HeatingImport(models.Model):
    """One export of the register, with the day it shows. ``data`` is emptied once it is read.

    ``problems`` are ``{"line", "column", "text"}`` without anything from the cells; a file with any of them changes nothing.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        WORKING = "working"
        DONE = "done"
        REFUSED = "refused"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    made_at = models.DateTimeField()
    made_by_id = models.UUIDField(null=True)
    file_name = models.CharField(max_length=120)
    as_of = models.DateField()
    whole = models.BooleanField(default=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    data = models.BinaryField(default=bytes)
    rows = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    fresh = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)


class HeatingSource(models.Model):
    """One source of heat of one declaration. The address is personal data: only staff with the permission see a row.

    ``geom`` is None where the geocoder does not know the address. ``seen_on`` is the day of the newest export that has it;
    ``removed_on`` that of the first whole export that no longer has it.
    """

    id = models.BigAutoField(primary_key=True)
    declaration = models.CharField(max_length=60)
    number = models.PositiveSmallIntegerField(default=1)
    form = models.CharField(max_length=1)
    kind = models.CharField(max_length=12)
    boiler_class = models.CharField(max_length=4, blank=True)
    group = models.CharField(max_length=8)
    fuels = models.CharField(max_length=200, blank=True)
    count = models.PositiveSmallIntegerField(default=1)
    started_on = models.DateField(null=True)
    address = models.CharField(max_length=200)
    geom = PointField(srid=4326, null=True)
    district = models.ForeignKey("places.Area", models.SET_NULL, null=True, related_name="+")
    seen_on = models.DateField()
    removed_on = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["declaration", "number"], name="heating_source_once")]
        indexes = [
            models.Index(fields=["district", "group"], condition=models.Q(removed_on=None), name="heating_source_district"),
            models.Index(fields=["address"], name="heating_source_address"),
        ]
