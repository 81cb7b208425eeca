"""A report that is being written, and the tables of the channels."""

from __future__ import annotations

from django.db import models

from miasto.kernel.core import clock
from miasto.kernel.core.ids import uuid7
from miasto.modules.contact_centre.likeness.models import Training
from miasto.modules.contact_centre.mail.models import Attachment, Letter, LetterText, Reply, Undeliverable
from miasto.modules.contact_centre.messages.models import Conversation, Message, Picture
from miasto.modules.contact_centre.open311.models import MediaFetch, Outgoing, Received, ReceivedUpdate
from miasto.modules.contact_centre.petitions.models import Member, Multiple, Opinion, Repetition, Transfer
from miasto.modules.contact_centre.phone.models import Call, Extension
from miasto.modules.contact_centre.reports.models import MonthlyReport, ReportPdf
from miasto.modules.contact_centre.shift.models import Duty, Entry, Shift
from miasto.modules.contact_centre.signing.models import Booking

__all__ = [
    "Attachment",
    "Booking",
    "Call",
    "Conversation",
    "Draft",
    "Duty",
    "Entry",
    "Extension",
    "Letter",
    "LetterText",
    "MediaFetch",
    "Member",
    "Message",
    "MonthlyReport",
    "Multiple",
    "Opinion",
    "Outgoing",
    "Picture",
    "Received",
    "ReceivedUpdate",
    "Repetition",
    "Reply",
    "ReportPdf",
    "Shift",
    "Training",
    "Transfer",
    "Undeliverable",
]  # fmt: skip

LANGUAGES = (("pl", "Polski"), ("en", "English"))


class Draft(models.Model):
    """What somebody has typed so far; known only to their session and deleted a day after the last change.

    The identifier is also the idempotency key of the case that comes of it. ``photos`` are identifiers of files in the order
    chosen. ``lon`` and ``lat`` are the place (EPSG:4326), ``photo_lon`` and ``photo_lat`` where the first photo that says so
    was taken. ``not_same`` are cases that tell of something else, as the writer said.
    After sending nothing that was typed stays, only ``case_id`` and ``number``.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    category = models.ForeignKey("cases.Category", on_delete=models.SET_NULL, null=True, related_name="+")
    description = models.TextField(blank=True)
    photos = models.JSONField(default=list)
    photo_lon = models.FloatField(null=True)
    photo_lat = models.FloatField(null=True)
    danger_read = models.BooleanField(default=False)
    place_text = models.CharField(max_length=200, blank=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    address_text = models.CharField(max_length=300, blank=True)
    district_name = models.CharField(max_length=200, blank=True)
    answers = models.JSONField(default=dict)
    questions_done = models.BooleanField(default=False)
    name = models.CharField(max_length=120, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    language = models.CharField(max_length=5, choices=LANGUAGES, default="pl")
    together = models.TextField(blank=True)
    not_same = models.JSONField(default=list)
    contact_done = models.BooleanField(default=False)
    case_id = models.UUIDField(null=True)
    number = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            models.Index(fields=["changed_at"], name="draft_changed"),
            models.Index(fields=["person"], name="draft_person"),
        ]

    @property
    def sent(self) -> bool:
        """Whether a case has been made of it."""
        return self.case_id is not None

    @property
    def placed(self) -> bool:
        """Whether the place is chosen."""
        return self.lon is not None and self.lat is not None
