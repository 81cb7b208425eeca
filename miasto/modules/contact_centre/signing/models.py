"""Bookings of the sign-language interpreter."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from miasto.kernel.core.ids import uuid7
from miasto.modules.contact_centre.phone.models import CALLS


class BookingQuerySet(models.QuerySet):
    """Bookings narrowed to what a viewer may know of."""

    def visible_to(self, viewer: Any) -> BookingQuerySet:
        """All for operators; for others those whose secret link they opened."""
        if viewer.system or viewer.holds(CALLS):
            return self
        return self.filter(pk__in=viewer.links) if viewer.links else self.none()


class Booking(models.Model):
    """A time with the interpreter. ``seat`` tells apart the talks held at the same time: 1 … capacity.

    The unique constraint is what makes a double booking impossible, whoever is faster. ``sequence`` counts the changes of the
    time (RFC 5545 § 3.8.7.4). Personal data: name, email, phone, topic; ``room`` is the secret part of the room's address.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    seat = models.PositiveSmallIntegerField()
    room = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    email = models.EmailField()
    phone = models.CharField(max_length=30, blank=True)
    topic = models.CharField(max_length=500, blank=True)
    language = models.CharField(max_length=5, default="pl")
    made_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)
    sequence = models.PositiveSmallIntegerField(default=0)
    erased_at = models.DateTimeField(null=True)

    objects = models.Manager.from_queryset(BookingQuerySet)()

    class Meta:
        indexes = [models.Index(fields=["starts_at"], name="booking_starts")]
        constraints = [
            models.UniqueConstraint(fields=["starts_at", "seat"], name="booking_once", condition=Q(cancelled_at__isnull=True)),
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="booking_ends_later"),
        ]
