"""A citizen panel, its applicants, sessions and recommendations."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.ids import uuid7

MANAGE = "participation.manage"


class PanelQuerySet(models.QuerySet):
    """Panels narrowed to what a viewer may know of."""

    def visible_to(self, viewer: Any) -> PanelQuerySet:
        """Published ones, and the drafts of the units whose panels the viewer prepares."""
        return self if viewer.system else self.filter(Q(published_at__isnull=False) | self._held(viewer))

    def managed_by(self, viewer: Any) -> PanelQuerySet:
        """Those that the viewer prepares."""
        return self if viewer.system else self.filter(self._held(viewer))

    @staticmethod
    def _held(viewer: Any) -> Q:
        units = viewer.units_with(MANAGE)
        return Q() if units is None else Q(unit_id__in=units)


class Panel(models.Model):
    """A panel of ``size`` people. ``features`` is ``[{"name", "values": [{"name", "population", "least", "most"}]}]``.

    ``published_at`` opens the sign-up, ``closed_at`` ends it and numbers the people; ``listed_at`` is when the list of
    committees, its hash and the commitment are published, ``drawn_at`` the draw.
    ``seed`` is hexadecimal and written with the draw; until then it lies in ``sealed_seed`` under the platform's key.

    The list is made in the background: ``attempt`` counts the beginnings, ``working_since`` says that one goes on,
    ``failed_at`` that the last one broke. ``problem`` holds what made a list impossible (changes of quotas that would do).
    ``counts`` is the pool by category, ``{"feature": {"value": people}}``, kept after the applications are deleted.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    question = models.TextField()
    about = models.TextField(blank=True)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    size = models.PositiveSmallIntegerField()
    min_age = models.PositiveSmallIntegerField(default=16)
    features = models.JSONField(default=list)
    recruit_until = models.DateField()
    public_source = models.CharField(max_length=300)
    draw_on = models.DateField()
    published_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    listed_at = models.DateTimeField(null=True)
    drawn_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    working_since = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    problem = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    list_text = models.TextField(blank=True)
    list_sha256 = models.CharField(max_length=64, blank=True)
    limit = models.FloatField(null=True)
    difference = models.FloatField(null=True)
    seed = models.CharField(max_length=64, blank=True)
    sealed_seed = models.TextField(blank=True)
    commitment = models.CharField(max_length=64, blank=True)
    public_value = models.CharField(max_length=200, blank=True)
    line = models.PositiveSmallIntegerField(null=True)

    objects = PanelQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-published_at"], name="idea_panel_newest")]
        constraints = [
            models.CheckConstraint(condition=Q(drawn_at=None) | Q(listed_at__isnull=False), name="idea_panel_list_before_draw"),
            models.CheckConstraint(
                condition=Q(listed_at=None) | Q(closed_at__isnull=False), name="idea_panel_closed_before_list"
            ),
            models.CheckConstraint(condition=Q(seed="") | Q(drawn_at__isnull=False), name="idea_panel_seed_after_draw"),
        ]


class State(models.TextChoices):
    """Where an applicant stands."""

    APPLIED = "applied", _("zgłoszenie przyjęte")
    RESERVE = "reserve", _("w rezerwie")
    INVITED = "invited", _("czekamy na odpowiedź")
    ACCEPTED = "accepted", _("bierze udział")
    REFUSED = "refused", _("odmowa")


class Applicant(models.Model):
    """Somebody who signed up by account. Deleted wholly after the panel; the anonymous numbers stay in the list."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    panel = models.ForeignKey(Panel, models.CASCADE, related_name="applicants")
    person = models.ForeignKey("accounts.Person", models.CASCADE, related_name="+")
    number = models.PositiveIntegerField(null=True)
    values = models.JSONField(default=dict)
    phone = models.CharField(max_length=30, blank=True)
    language = models.CharField(max_length=8, default="pl")
    consent_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.APPLIED)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["panel", "person"], name="idea_one_application"),
            models.UniqueConstraint(fields=["panel", "number"], name="idea_one_number"),
        ]


class Exchange(models.Model):
    """A refusal: ``gone`` left, ``chosen`` of ``equals`` came in by the seed (empty where nobody keeps the quotas)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    panel = models.ForeignKey(Panel, models.CASCADE, related_name="exchanges")
    turn = models.PositiveSmallIntegerField()
    gone = models.CharField(max_length=12)
    chosen = models.CharField(max_length=12, blank=True)
    equals = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        ordering = ["turn"]
        constraints = [models.UniqueConstraint(fields=["panel", "turn"], name="idea_one_turn")]


class Session(models.Model):
    """A sitting of the panel; ``materials`` is text with addresses."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    panel = models.ForeignKey(Panel, models.CASCADE, related_name="sessions")
    title = models.CharField(max_length=200)
    starts_at = models.DateTimeField()
    place = models.CharField(max_length=300)
    materials = models.TextField(blank=True)

    class Meta:
        ordering = ["starts_at", "id"]


class Fate(models.TextChoices):
    """What became of a recommendation."""

    WAITING = "waiting", _("czeka na decyzję")
    ACCEPTED = "accepted", _("przyjęta")
    PARTLY = "partly", _("przyjęta w części")
    REJECTED = "rejected", _("odrzucona")


class Recommendation(models.Model):
    """What the panel advises, and the answer that it is owed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    panel = models.ForeignKey(Panel, models.CASCADE, related_name="recommendations")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    fate = models.CharField(max_length=10, choices=Fate.choices, default=Fate.WAITING)
    reasons = models.TextField(blank=True)
    url = models.URLField(blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "number"], name="idea_one_recommendation"),
            models.CheckConstraint(condition=Q(fate="waiting") | ~Q(reasons=""), name="idea_fate_has_reasons"),
        ]
