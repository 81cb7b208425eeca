"""Editions of the participatory budget, their pools of money and their projects."""

from __future__ import annotations

from typing import Any

from django.contrib.gis.geos import Polygon
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.city import city
from miasto.kernel.core.ids import uuid7
from miasto.kernel.places.fields import Audience, CityObject, CityObjectQuerySet
from miasto.modules.idea.budget.people_models import GuardianConsent, ProjectAuthor, ProposalDraft, Supporter
from miasto.modules.idea.budget.states import HIDDEN_STATES, PhaseKind, ProjectState
from miasto.modules.idea.budget.work_models import (
    Appeal,
    BallotDraw,
    CostItem,
    Opinion,
    ProjectFile,
    ProjectStep,
    Realisation,
    RealisationEntry,
)

__all__ = [
    "Appeal", "BallotDraw", "CostItem", "Edition", "EditionPhase", "GuardianConsent", "Opinion", "Pool", "Project",
    "ProjectAuthor", "ProjectFile", "ProjectStep", "ProposalDraft", "Realisation", "RealisationEntry", "Supporter",
]  # fmt: skip

MANAGE = "idea.budget_manage"
VERIFY = "idea.budget_verify"


class EditionQuerySet(models.QuerySet):
    """Editions narrowed to what a viewer may know of."""

    def visible_to(self, viewer: Any) -> EditionQuerySet:
        """Published ones; drafts are seen by those who prepare the budget."""
        if viewer.system or viewer.holds(MANAGE):
            return self
        return self.filter(published_at__isnull=False)


class Edition(models.Model):
    """One year's budget. ``rules`` is the JSON of ``rules.EditionRules``, checked at every save (``rules.read``).

    ``total`` is all the money, in grosze; the pools share it. ``election`` is the engine's vote, made by
    ``drawing.prepare_election`` when the order of the ballot is drawn; None until then. Each option of that election has
    ``object_id`` = ``Project.pk``, its number is ``Project.ballot_number``, and the number of its pool is ``Pool.number``.
    ``last_number`` is the number of the newest proposal; whoever takes the next one locks the row. ``finished_at`` is set
    by ``outcome.settle``, when the result is entered in the projects.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    year = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    total = models.BigIntegerField()
    rules = models.JSONField(default=dict)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    election = models.OneToOneField("participation.Election", models.PROTECT, null=True, related_name="+")
    last_number = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    anonymised_at = models.DateTimeField(null=True)

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "slug"]
        constraints = [models.CheckConstraint(condition=Q(total__gte=0), name="idea_edition_total")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/idea/budzet/{self.slug}/"


class EditionPhase(models.Model):
    """A phase of an edition between two local dates, both included. Voting opens at 0:00 of the first, ends after the last."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    edition = models.ForeignKey(Edition, models.CASCADE, related_name="phases")
    kind = models.CharField(max_length=12, choices=PhaseKind.choices)
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        ordering = ["starts_on", "ends_on"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "kind"], name="idea_phase_once"),
            models.CheckConstraint(condition=Q(ends_on__gte=models.F("starts_on")), name="idea_phase_ends_after_start"),
        ]


class Pool(models.Model):
    """Money for the whole city or for one district. ``money`` in grosze; ``share`` of the total in hundredths of a per cent.

    ``number`` is also the number of the pool in the election. ``least_cost`` and ``most_cost`` (grosze) bound a project.
    ``areas`` are the city's districts that belong to it; the city-wide pool has none.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    edition = models.ForeignKey(Edition, models.CASCADE, related_name="pools")
    number = models.PositiveSmallIntegerField()
    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=120)
    citywide = models.BooleanField(default=False)
    share = models.PositiveIntegerField()
    money = models.BigIntegerField()
    least_cost = models.BigIntegerField(default=0)
    most_cost = models.BigIntegerField(null=True)
    areas = models.ManyToManyField("places.Area", related_name="+")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "number"], name="idea_pool_number_once"),
            models.UniqueConstraint(fields=["edition", "key"], name="idea_pool_key_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ProjectQuerySet(CityObjectQuerySet):
    """Projects narrowed to what a viewer may know of."""

    def visible_to(self, viewer: Any) -> ProjectQuerySet:
        """Public ones, the viewer's own (as an author, or by a link), and all for those who prepare or verify the budget."""
        if viewer.system or viewer.holds(MANAGE) or viewer.holds(VERIFY):
            return self
        seen = Q(audience=Audience.PUBLIC) | Q(pk__in=viewer.links)
        if viewer.person_id:
            own = ProjectAuthor.objects.filter(person_id=viewer.person_id).values("project_id")
            seen |= Q(pk__in=own)
        return self.filter(seen)


class ProjectManager(models.Manager.from_queryset(ProjectQuerySet)):
    """Leaves the geometry of the tiles in the database."""

    def get_queryset(self) -> ProjectQuerySet:
        return super().get_queryset().defer("geom_3857")


class Project(CityObject):
    """A project of an edition. States (``ProjectState``) and who moves it on:

    - SUBMITTED: filed by its author and numbered; nobody but the author and staff sees it until the formal check.
    - CORRECTION: the verifying unit waits for the author until ``answer_due_on``; the page is public where it was before.
    - OPINIONS: the formal check is passed, the project is public, units give their opinions (``Opinion``).
    - ACCEPTED, REJECTED: the verdict with ``verdict_text`` as its published reasons, on ``verdict_at``.
    - APPEALED: a rejected project whose author appealed within the days of the rules; ends as ACCEPTED or REJECTED.
    - WITHDRAWN: by its author, at any time before the draw.
    - BALLOT: drawn and put on the ballot with ``ballot_number`` (its option in the election has ``object_id`` = this key).
    - WON, LOST: entered from the result by ``outcome.settle``, with ``votes``. A winner has a ``Realisation``.

    ``number`` is that of the proposal within the edition, ``cost`` the sum of its items in grosze (as corrected by the cost
    opinion). ``whole_city``: it has no one place (then ``geom`` is the city's box). ``plot_check`` is the JSON of
    ``plots.Finding`` rows made at ``plot_checked_at``. ``client_key`` is the draft it came of: filing twice makes one project.
    """

    kind = "idea.budget_project"

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="projects")
    pool = models.ForeignKey(Pool, models.PROTECT, related_name="projects")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=ProjectState.choices, default=ProjectState.SUBMITTED)
    ballot_number = models.PositiveIntegerField(null=True)
    title = models.CharField(_("tytuł"), max_length=160)
    summary = models.CharField(max_length=400)
    description = models.TextField()
    for_whom = models.CharField(max_length=600)
    place_note = models.CharField(max_length=600, blank=True)
    whole_city = models.BooleanField(default=False)
    district = models.ForeignKey("places.Area", models.SET_NULL, null=True, related_name="+")
    cost = models.BigIntegerField()
    plot_check = models.JSONField(default=list)
    plot_checked_at = models.DateTimeField(null=True)
    case = models.ForeignKey("cases.Case", models.SET_NULL, null=True, related_name="+")
    answer_due_on = models.DateField(null=True)
    appeal_due_on = models.DateField(null=True)
    verdict_text = models.TextField(blank=True)
    verdict_at = models.DateTimeField(null=True)
    votes = models.PositiveIntegerField(null=True)
    filed_at = models.DateTimeField()
    client_key = models.UUIDField(unique=True)

    objects = ProjectManager()

    class Meta:
        default_manager_name = "objects"
        indexes = [models.Index(fields=["edition", "pool", "state"], name="idea_project_list")]
        constraints = [
            models.UniqueConstraint(fields=["edition", "number"], name="idea_project_number_once"),
            models.UniqueConstraint(
                fields=["edition", "pool", "ballot_number"], condition=Q(ballot_number__isnull=False), name="idea_ballot_once"
            ),
            models.CheckConstraint(condition=Q(cost__gte=0), name="idea_project_cost"),
        ]

    @property
    def label(self) -> str:
        return self.title

    def prepare(self) -> None:
        """A project without one place lies in the city's box; its audience follows from its state."""
        if self.whole_city:
            self.geom = Polygon.from_bbox(city().bbox)
            self.geom.srid = 4326
        shown = self.state not in HIDDEN_STATES and (self.state != ProjectState.CORRECTION or self.audience == Audience.PUBLIC)
        if self.state != ProjectState.WITHDRAWN:
            self.audience = Audience.PUBLIC if shown else Audience.UNIT
        self.unit_id = self.edition.unit_id

    def get_absolute_url(self) -> str:
        return f"/idea/budzet/{self.edition.slug}/projekty/{self.number}/"
