"""The ledger of remarks: each one numbered, grouped at most once, and owed an answer. Words and people in rows of their own."""

from __future__ import annotations

from typing import Any

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.ids import uuid7
from miasto.kernel.places.fields import MercatorField


class Channel(models.TextChoices):
    """How a remark came."""

    WEB = "web", _("przez stronę")
    EMAIL = "email", _("e-mailem")
    LETTER = "letter", _("na papierze")
    PHONE = "phone", _("telefonicznie")
    MEETING = "meeting", _("na spotkaniu")
    DESK = "desk", _("w urzędzie, ustnie")


class Status(models.TextChoices):
    """What became of a remark; all but the first are outcomes of a decision."""

    WAITING = "waiting", _("czeka na odpowiedź")
    ACCEPTED = "accepted", _("uwzględniona")
    PARTLY = "partly", _("częściowo uwzględniona")
    REJECTED = "rejected", _("nieuwzględniona")
    OUT_OF_SCOPE = "out_of_scope", _("poza zakresem konsultacji")
    LATE = "late", _("złożona po terminie")


OUTCOMES = [choice for choice in Status.choices if choice[0] != Status.WAITING]


class TextState(models.TextChoices):
    """Whether everybody may read the words."""

    WAITING = "waiting"
    APPROVED = "approved"
    WITHHELD = "withheld"


class Group(models.Model):
    """Remarks that say the same. ``title`` says in the city's words what they ask for."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    process = models.ForeignKey("participation.Process", models.CASCADE, related_name="groups")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=300)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["process", "number"], name="group_number_once")]


class Decision(models.Model):
    """An answer with its reasons. It is never changed (a trigger refuses): a correction is another decision.

    ``group`` is set where it answered a whole group at once.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    process = models.ForeignKey("participation.Process", models.CASCADE, related_name="decisions")
    group = models.ForeignKey(Group, models.SET_NULL, null=True, related_name="decisions")
    outcome = models.CharField(max_length=12, choices=OUTCOMES)
    reasons = models.TextField()
    at = models.DateTimeField()
    decided_by = models.UUIDField(null=True)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")


class ContributionQuerySet(models.QuerySet):
    """Remarks narrowed to what a viewer may know of. The row says number, channel, status and answer; words are asked apart."""

    def visible_to(self, viewer: Any) -> ContributionQuerySet:
        """Those of published processes, the viewer's own, and those of the units whose remarks the viewer answers."""
        if viewer.system:
            return self
        units = viewer.units_with("participation.answer")
        if units is None:
            return self
        seen = Q(process__published_at__isnull=False) | Q(pk__in=viewer.links)
        if viewer.person_id:
            seen |= Q(person_id=viewer.person_id)
        return self.filter(seen | Q(process__unit_id__in=units) if units else seen)


class ContributionManager(models.Manager.from_queryset(ContributionQuerySet)):
    """Leaves the generated geometry of the tiles in the database."""

    def get_queryset(self) -> ContributionQuerySet:
        return super().get_queryset().defer("geom_3857")


class Contribution(models.Model):
    """A remark without its words. It is about a paragraph, a place on the map (``geom``), a document or the whole matter.

    ``status`` repeats the outcome of ``decision`` for the indexes; a constraint keeps it waiting exactly as long as there is
    no decision. ``received_on`` is the local date on which the city got it, whatever the channel. ``after_close``: written down
    after the process was closed, so that it stands in a supplement of the report.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    process = models.ForeignKey("participation.Process", models.PROTECT, related_name="contributions", db_index=False)
    number = models.PositiveIntegerField()
    channel = models.CharField(max_length=8, choices=Channel.choices)
    author_group = models.CharField(max_length=40)
    received_on = models.DateField()
    entered_at = models.DateTimeField()
    version = models.ForeignKey("participation.DocumentVersion", models.PROTECT, null=True, related_name="+")
    paragraph = models.ForeignKey("participation.Paragraph", models.PROTECT, null=True, related_name="+")
    meeting = models.ForeignKey("participation.Meeting", models.SET_NULL, null=True, related_name="+")
    geom = models.GeometryField(srid=4326, null=True, spatial_index=False)
    geom_3857 = MercatorField()
    address_text = models.CharField(max_length=300, blank=True)
    person = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    posted_on = models.DateField(null=True)
    late = models.BooleanField(default=False, db_default=False)
    after_close = models.BooleanField(default=False, db_default=False)
    text_state = models.CharField(max_length=8, choices=TextState.choices, default=TextState.WAITING)
    group = models.ForeignKey(Group, models.SET_NULL, null=True, related_name="contributions")
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="contributions")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.WAITING)
    client_key = models.CharField(max_length=64, null=True, unique=True)

    objects = ContributionManager()

    class Meta:
        default_manager_name = "objects"
        ordering = ["number"]
        indexes = [
            models.Index(fields=["process", "status", "number"], name="contribution_status"),
            models.Index(fields=["process", "number"], name="contribution_text", condition=Q(text_state="waiting")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["process", "number"], name="contribution_number_once"),
            models.CheckConstraint(
                condition=Q(status="waiting", decision=None) | (~Q(status="waiting") & Q(decision__isnull=False)),
                name="contribution_answered_by_a_decision",
            ),
            models.CheckConstraint(condition=~Q(status="late") | Q(late=True), name="contribution_late_says_late"),
        ]


class ContributionText(models.Model):
    """The words of a remark: personal data. ``published`` is what a person approved for everybody, perhaps masked.

    ``answers`` are those of a statutory form (a plot, whether one owns it): never public. ``folded`` is the published text as
    the search reads it.
    """

    contribution = models.OneToOneField(Contribution, models.CASCADE, primary_key=True, related_name="text")
    body = models.TextField()
    published = models.TextField(blank=True)
    folded = models.TextField(blank=True)
    answers = models.JSONField(default=dict)
    erased_at = models.DateTimeField(null=True)


class ContributionAuthor(models.Model):
    """Who wrote a remark and how to answer: personal data. An address is written to only after ``confirmed_at``.

    What staff wrote down from a letter or a telephone call is confirmed by the one who wrote it down.
    """

    contribution = models.OneToOneField(Contribution, models.CASCADE, primary_key=True, related_name="author")
    name = models.CharField(max_length=200, blank=True)
    organisation = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    postal_address = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=5, default="pl")
    confirmed_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)


class Report(models.Model):
    """The report of a closed process: ``figures`` are counted once at the closing. No personal data."""

    process = models.OneToOneField("participation.Process", models.CASCADE, primary_key=True, related_name="report")
    figures = models.JSONField(default=dict)
    counted_at = models.DateTimeField()


class ReportFile(models.Model):
    """The report drawn as a file, apart from its row so that lists do not read it. ``kind`` is "pdf" or "csv"."""

    id = models.BigAutoField(primary_key=True)
    report = models.ForeignKey(Report, models.CASCADE, related_name="files")
    kind = models.CharField(max_length=3)
    data = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "kind"], name="report_file_once")]
