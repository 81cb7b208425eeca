"""A request for a consultation and who signed it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.ids import uuid7

MANAGE = "participation.manage"


class Fate(models.TextChoices):
    """Where a request stands."""

    CHECKED = "checked", _("sprawdzamy treść")
    COLLECTING = "collecting", _("zbiera podpisy")
    REACHED = "reached", _("ma komplet podpisów, czeka na odpowiedź")
    ACCEPTED = "accepted", _("będą konsultacje")
    REJECTED = "rejected", _("konsultacji nie będzie")
    REFUSED = "refused", _("nie opublikowano")


PUBLIC = (Fate.COLLECTING, Fate.REACHED, Fate.ACCEPTED, Fate.REJECTED)


class RequestQuerySet(models.QuerySet):
    """Requests narrowed to what a viewer may know of."""

    def visible_to(self, viewer: Any) -> RequestQuerySet:
        """Published ones, the viewer's own, and all of the units in which the viewer prepares consultations."""
        if viewer.system:
            return self
        seen = Q(fate__in=PUBLIC) | self._held(viewer)
        return self.filter(seen | Q(author_id=viewer.person_id) if viewer.person_id else seen)

    def managed_by(self, viewer: Any) -> RequestQuerySet:
        """Those that the viewer answers."""
        return self if viewer.system else self.filter(self._held(viewer))

    @staticmethod
    def _held(viewer: Any) -> Q:
        units = viewer.units_with(MANAGE)
        return Q(pk__isnull=False) if units is None else Q(unit_id__in=units)


class ConsultationRequest(models.Model):
    """A request by residents. ``needed`` signatures are fixed at the start; ``signed`` counts the confirmed ones.

    ``author`` is personal data and shown to nobody but the unit; ``text`` is read by a person before everybody reads it.
    ``reasons`` are those of the refusal to publish or of the answer; ``process`` is the consultation that came of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    text = models.TextField()
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    author = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    language = models.CharField(max_length=5, default="pl")
    client_key = models.CharField(max_length=64, null=True, unique=True)
    needed = models.PositiveIntegerField()
    signed = models.PositiveIntegerField(default=0)
    fate = models.CharField(max_length=12, choices=Fate.choices, default=Fate.CHECKED)
    made_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    reached_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    reasons = models.TextField(blank=True)
    process = models.ForeignKey("participation.Process", models.SET_NULL, null=True, related_name="+")

    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-id"]
        indexes = [models.Index(fields=["-published_at"], name="idea_request_newest")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(fate__in=("accepted", "rejected", "refused")) | ~Q(reasons=""), name="idea_request_has_reasons"
            ),
        ]


class Signature(models.Model):
    """Somebody's support. It counts from ``confirmed_at``: at once by account, else when the address was confirmed.

    ``who`` is a keyed digest of the address, the account's or the typed one, so that nobody signs twice; it stays when the
    person is erased.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey(ConsultationRequest, models.CASCADE, related_name="signatures")
    person = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    who = models.CharField(max_length=32)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=5, default="pl")
    at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "who"], name="idea_one_signature")]
