"""What somebody watches at an address, beside the subscription of the engine that says who is told and how."""

from __future__ import annotations

from django.contrib.gis.db.models import PointField
from django.db import models

from miasto.kernel.core.ids import uuid7


class AddressWatch(models.Model):
    """A threshold at an address: personal data. It lives and dies with its subscription, which holds whom to tell.

    ``what`` and ``limit`` are those of ``kinds``; hours are local, equal ones stand for the whole day. ``standing``: the
    threshold is passed now, with hysteresis; ``waiting``: this is still to be told.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subscription = models.OneToOneField("notifications.Subscription", models.CASCADE, related_name="+")
    label = models.CharField(max_length=200)
    geom = PointField(srid=4326)
    what = models.CharField(max_length=12)
    limit = models.FloatField()
    hour_from = models.PositiveSmallIntegerField(default=0)
    hour_to = models.PositiveSmallIntegerField(default=0)
    standing = models.BooleanField(default=False)
    since = models.DateTimeField(null=True)
    value = models.FloatField(null=True)
    waiting = models.BooleanField(default=False)
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(hour_from__lt=24, hour_to__lt=24), name="watch_hours")]
        indexes = [models.Index(fields=["id"], condition=models.Q(waiting=True), name="watch_waiting")]
