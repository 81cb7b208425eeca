"""Processes of participation: what is decided, in which phases, on which documents, at which meetings."""

from __future__ import annotations

from typing import Any

from django.contrib.gis.geos import Polygon
from django.db import models
from django.db.models import Q

from miasto.kernel.core.city import city
from miasto.kernel.core.ids import uuid7
from miasto.kernel.participation.attachment_models import Attachment
from miasto.kernel.participation.outcome_models import Outcome, OutcomeNews
from miasto.kernel.participation.remark_models import (
    Contribution,
    ContributionAuthor,
    ContributionText,
    Decision,
    Group,
    Report,
    ReportFile,
)
from miasto.kernel.participation.tallying.models import OptionResult, PoolCount, Tally, TallyFile
from miasto.kernel.participation.voting.models import Bulletin, CastVoteRecord, Election, KeyHolder, Option, Pool, SealedBallot
from miasto.kernel.participation.voting.people_models import Confirmation, Paper, PhoneCode, PointOfficer, VotingPoint
from miasto.kernel.places.fields import Audience, CityObject, CityObjectQuerySet

__all__ = [
    "Attachment", "Bulletin", "CastVoteRecord",
    "Confirmation", "Contribution", "ContributionAuthor", "ContributionText", "Decision",
    "Document", "DocumentVersion", "Election", "Group", "KeyHolder", "Meeting", "Option", "OptionResult", "Outcome",
    "OutcomeNews", "Paper", "Paragraph",
    "Phase", "PhoneCode", "PointOfficer", "Pool", "PoolCount", "Process", "Registration", "Report", "ReportFile",
    "SealedBallot", "Tally", "TallyFile", "VotingPoint",
]  # fmt: skip

CITY_LANGUAGE = "pl"
SEE = ("participation.manage", "participation.answer")


class ProcessQuerySet(CityObjectQuerySet):
    """Processes narrowed to what a viewer may know of."""

    def visible_to(self, viewer: Any) -> ProcessQuerySet:
        """Published ones, and those of the units whose processes the viewer prepares or answers."""
        if viewer.system:
            return self
        held = [viewer.units_with(permission) for permission in SEE]
        if None in held:
            return self
        units = set().union(*(found for found in held if found is not None))
        seen = Q(audience=Audience.PUBLIC)
        return self.filter(seen | Q(unit_id__in=units) if units else seen)


class ProcessManager(models.Manager.from_queryset(ProcessQuerySet)):
    """Leaves the geometry of the tiles in the database."""

    def get_queryset(self) -> ProcessQuerySet:
        return super().get_queryset().defer("geom_3857")


class Process(CityObject):
    """A process. A draft has the audience "unit", a published one "public".

    ``decided``, ``decided_when`` and ``decided_by`` say in plain words what is decided, when and by whom; ``easy`` is the
    easy-to-read version. ``translations`` is ``{"en": {"title": ..., "decided": ...}, "uk": {...}}``. ``basis``, ``initiator``
    and ``author_groups`` are keys of the profile's ``participation.toml``. ``last_number`` is the last number of the ledger;
    whoever takes the next one locks the row, as closing does, so that no remark slips in behind a close.
    """

    kind = "participation.process"

    process_kind = models.CharField(max_length=80)
    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    decided = models.TextField()
    decided_when = models.CharField(max_length=300)
    decided_by = models.CharField(max_length=300)
    easy = models.TextField(blank=True)
    sign_video = models.URLField(blank=True)
    translations = models.JSONField(default=dict)
    basis = models.CharField(max_length=40)
    initiator = models.CharField(max_length=40)
    author_groups = models.JSONField(default=list)
    round = models.PositiveSmallIntegerField(default=1)
    previous = models.ForeignKey("self", models.SET_NULL, null=True, related_name="following")
    area = models.ForeignKey("places.Area", models.SET_NULL, null=True, related_name="+")
    whole_city = models.BooleanField(default=True)
    last_number = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True)
    anonymised_at = models.DateTimeField(null=True)

    objects = ProcessManager()

    class Meta:
        default_manager_name = "objects"
        indexes = [models.Index(fields=["process_kind", "-published_at"], name="process_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(published_at__isnull=False), name="process_published_before_closed"
            ),
        ]

    @property
    def label(self) -> str:
        return self.title

    def prepare(self) -> None:
        """The place follows from the area; without one it is the city's box."""
        self.whole_city = self.area_id is None
        self.geom = self.area.geom if self.area is not None else Polygon.from_bbox(city().bbox)
        self.geom.srid = 4326
        self.audience = Audience.UNIT if self.published_at is None else Audience.PUBLIC

    def said(self, field: str, language: str) -> str:
        """A text in a language; in the city's own where nobody translated it."""
        return str(self.translations.get(language, {}).get(field) or getattr(self, field))

    def language_of(self, field: str, language: str) -> str:
        """The language in which ``said`` answers."""
        return language if self.translations.get(language, {}).get(field) else CITY_LANGUAGE

    @property
    def languages(self) -> list[str]:
        """The languages in which it can be read besides the city's own."""
        return [language for language in ("en", "uk") if self.translations.get(language, {}).get("decided")]


class Phase(models.Model):
    """A phase between two local dates, both included. ``actions`` are what may be done in it (``Action``)."""

    class Action(models.TextChoices):
        REMARK = "remark"
        REGISTER = "register"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    process = models.ForeignKey(Process, models.CASCADE, related_name="phases")
    name = models.CharField(max_length=120)
    text = models.TextField(blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    actions = models.JSONField(default=list)
    author_groups = models.JSONField(default=list)

    class Meta:
        ordering = ["starts_on", "ends_on", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=models.F("starts_on")), name="phase_ends_after_it_starts")
        ]


class Document(models.Model):
    """A document of a process. ``FACTS`` are what the reader must know first: facts and diagnoses of experts."""

    class Role(models.TextChoices):
        FACTS = "facts"
        DIAGNOSIS = "diagnosis"
        SUBJECT = "subject"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    process = models.ForeignKey(Process, models.CASCADE, related_name="documents")
    role = models.CharField(max_length=9, choices=Role.choices, default=Role.SUBJECT)
    title = models.CharField(max_length=200)
    author = models.CharField(max_length=200, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]


class DocumentVersion(models.Model):
    """One version of a document. Neither it nor its paragraphs are ever changed (a trigger refuses)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    document = models.ForeignKey(Document, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    note = models.CharField(max_length=500, blank=True)
    published_at = models.DateTimeField()
    published_by = models.UUIDField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="document_version_once")]


class Paragraph(models.Model):
    """A numbered paragraph of one version: 1, 2, 3 … A ``heading`` takes no remarks."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.ForeignKey(DocumentVersion, models.CASCADE, related_name="paragraphs")
    number = models.PositiveSmallIntegerField()
    heading = models.BooleanField(default=False)
    text = models.TextField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="paragraph_once")]


class Meeting(models.Model):
    """A meeting or a workshop. ``capacity`` 0 means that nobody has to register. ``sequence`` counts changes of the time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    process = models.ForeignKey(Process, models.CASCADE, related_name="meetings")
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.CharField(max_length=200, blank=True)
    online_url = models.URLField(blank=True)
    capacity = models.PositiveIntegerField(default=0)
    minutes = models.TextField(blank=True)
    minutes_at = models.DateTimeField(null=True)
    sequence = models.PositiveSmallIntegerField(default=0)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="meeting_ends_later")]


class RegistrationQuerySet(models.QuerySet):
    """Registrations narrowed to what a viewer may know of."""

    def visible_to(self, viewer: Any) -> RegistrationQuerySet:
        """The viewer's own, by account or secret link, and those of the units whose processes the viewer prepares."""
        if viewer.system:
            return self
        units = viewer.units_with("participation.manage")
        if units is None:
            return self
        own = Q(pk__in=viewer.links)
        if viewer.person_id:
            own |= Q(person_id=viewer.person_id)
        return self.filter(own | Q(meeting__process__unit_id__in=units))


class Registration(models.Model):
    """A seat at a meeting, or a place on the waiting list (``waiting``), in the order of ``at``.

    Personal data: name, email, needs. ``who`` is a keyed digest of the account or address: one seat each.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="registrations")
    at = models.DateTimeField()
    waiting = models.BooleanField(default=False)
    person = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    who = models.CharField(max_length=32)
    name = models.CharField(max_length=150)
    email = models.EmailField(blank=True)
    needs = models.CharField(max_length=500, blank=True)
    language = models.CharField(max_length=5, default="pl")
    cancelled_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    objects = models.Manager.from_queryset(RegistrationQuerySet)()

    class Meta:
        indexes = [models.Index(fields=["meeting", "waiting", "at"], name="registration_order")]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "who"], name="registration_once", condition=Q(cancelled_at=None))
        ]
