"""Tables of ideas."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.gis.geos import Point
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.core.ids import uuid7
from miasto.kernel.places.fields import Audience, CityObject, CityObjectQuerySet
from miasto.modules.idea.ideas import rules

LEAD, ANSWER = "participation.manage", "participation.answer"


class State(models.TextChoices):
    """Where an idea stands. Every end has an answer of the city in words."""

    DRAFT = "draft", _("szkic")
    GATHERING = "gathering", _("zbiera poparcie")
    EXAMINED = "examined", _("miasto rozpatruje")
    BELOW = "below", _("za mało poparcia, czeka na odpowiedź")
    ACCEPTED = "accepted", _("przyjęty")
    PARTLY = "partly", _("przyjęty częściowo")
    DONE = "done", _("zrealizowany")
    REJECTED = "rejected", _("odrzucony")
    ANSWERED = "answered", _("zakończony z odpowiedzią")
    MERGED = "merged", _("połączony z innym")
    WITHDRAWN = "withdrawn", _("wycofany przez autora")


WAITING = (State.EXAMINED, State.BELOW)
IN_FAVOUR = (State.ACCEPTED, State.PARTLY)
DECIDED = (*IN_FAVOUR, State.DONE, State.REJECTED, State.ANSWERED)
OVER = (State.DONE, State.REJECTED, State.ANSWERED, State.MERGED, State.WITHDRAWN)
COLOURS = {
    State.DRAFT: "grey",
    State.GATHERING: "blue",
    State.EXAMINED: "yellow",
    State.BELOW: "purple",
    State.ACCEPTED: "green",
    State.PARTLY: "green",
    State.DONE: "green",
    State.REJECTED: "orange",
    State.ANSWERED: "grey",
    State.MERGED: "grey",
    State.WITHDRAWN: "grey",
}


class IdeaQuerySet(CityObjectQuerySet):
    """Ideas narrowed to what a viewer may know of."""

    def visible_to(self, viewer: Any) -> IdeaQuerySet:
        """Published ones that are not hidden, one's own, and the hidden ones for those who lead ideas."""
        if viewer.system:
            return self
        seen = Q(audience=Audience.PUBLIC) | self._led(viewer)
        if viewer.person_id:
            seen |= Q(author=viewer.person_id)
        return self.filter(seen)

    def led_by(self, viewer: Any) -> IdeaQuerySet:
        """Published ones on which the viewer answers for the city."""
        return self.exclude(state=State.DRAFT) if viewer.system else self.filter(self._led(viewer))

    @staticmethod
    def _led(viewer: Any) -> Q:
        held = [viewer.units_with(permission) for permission in (LEAD, ANSWER)]
        shown = ~Q(state=State.DRAFT)
        if None in held:
            return shown
        return shown & Q(unit_id__in=set().union(*(found for found in held if found is not None)))


class IdeaManager(models.Manager.from_queryset(IdeaQuerySet)):
    """Leaves the geometry of the tiles in the database."""

    def get_queryset(self) -> IdeaQuerySet:
        return super().get_queryset().defer("geom_3857")


class Idea(CityObject):
    """An idea. A draft has no number and is private; a hidden one has the audience "unit".

    ``threshold`` and ``closes_on`` are fixed at publication: a later change of the city's rules moves nobody's goal.
    ``due_on`` is the promised last day of what the city owes now (the decision, the answer, the first outcome),
    ``promised_on`` the first promise before any extension. ``supports`` counts confirmed supporters, those who came with a
    merged duplicate included. ``words`` are the folded words and lemmas by which likeness is found. Money is in grosze.
    """

    kind = "idea.idea"
    geometry_types = ("Point",)

    number = models.PositiveIntegerField(null=True, unique=True)
    title = models.CharField(max_length=120, blank=True)
    topic = models.CharField(max_length=40)
    reach = models.CharField(max_length=10, default=rules.CITY)
    area = models.ForeignKey("places.Area", models.SET_NULL, null=True, related_name="+")
    author = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    thread = models.ForeignKey("discussions.Thread", models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    words = ArrayField(models.CharField(max_length=60), default=list)
    version = models.PositiveSmallIntegerField(default=1)
    supports = models.PositiveIntegerField(default=0)
    threshold = models.PositiveIntegerField(default=0)
    closes_on = models.DateField(null=True)
    published_at = models.DateTimeField(null=True)
    reached_at = models.DateTimeField(null=True)
    promised_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=200, blank=True)
    reasons = models.TextField(blank=True)
    cost = models.BigIntegerField(null=True)
    cost_yearly = models.BigIntegerField(null=True)
    cost_note = models.CharField(max_length=600, blank=True)
    hidden_at = models.DateTimeField(null=True)
    hidden_rule = models.CharField(max_length=40, blank=True)
    hidden_note = models.CharField(max_length=600, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="duplicates")
    petition = models.ForeignKey("cases.Case", models.SET_NULL, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    anonymised_at = models.DateTimeField(null=True)

    objects = IdeaManager()

    class Meta:
        default_manager_name = "objects"
        indexes = [
            models.Index(fields=["-published_at"], name="idea_newest", condition=Q(audience="public")),
            models.Index(fields=["state", "closes_on"], name="idea_by_state"),
            models.Index(fields=["author"], name="idea_by_author", condition=Q(author__isnull=False)),
            GinIndex(fields=["words"], name="idea_words"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=State.DRAFT) | Q(number__isnull=False, published_at__isnull=False), name="idea_has_number"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=DECIDED) | (Q(decided_at__isnull=False) & ~Q(reasons="")), name="idea_ends_with_reasons"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.MERGED) | Q(merged_into__isnull=False), name="idea_merged_into_one"
            ),
        ]

    @property
    def label(self) -> str:
        return self.title or str(_("pomysł bez tytułu"))

    @property
    def colour(self) -> str:
        """The colour of the state's tag."""
        return COLOURS[State(self.state)]

    @property
    def gathers(self) -> bool:
        """Whether it may be supported today."""
        return self.state == State.GATHERING and self.closes_on is not None and clock.today() <= self.closes_on

    @property
    def overdue(self) -> bool:
        """Whether what the city owes is late."""
        return self.due_on is not None and clock.today() > self.due_on

    @property
    def days_left(self) -> int:
        """Days until the last day of support; negative after it."""
        return ((self.closes_on or clock.today()) - clock.today()).days

    @property
    def percent(self) -> int:
        """How much of the threshold is there, at most 100."""
        return min(100, 100 * self.supports // max(1, self.threshold))

    def prepare(self) -> None:
        """The place follows from the reach: the point, a point within the district, the middle of the city."""
        if self.reach == rules.DISTRICT and self.area is not None:
            self.geom = self.area.geom.point_on_surface
        elif self.reach == rules.CITY or self.geom is None:
            self.geom = Point(*city().section("centre"), srid=4326)
        self.geom.srid = 4326
        hidden = Audience.UNIT if self.hidden_at else Audience.PUBLIC
        self.audience = Audience.PRIVATE if self.state == State.DRAFT else hidden

    def get_absolute_url(self) -> str:
        return f"/idea/pomysly/{self.number}/" if self.number else f"/idea/pomysly/szkic/{self.pk}/"


class PublicName(models.Model):
    """The name that a person chose to be seen by, with ideas and comments alike."""

    person = models.OneToOneField("accounts.Person", models.CASCADE, primary_key=True, related_name="+")
    name = models.CharField(max_length=60)


class IdeaVersion(models.Model):
    """The words of an idea at one time. That of a draft is written over; a published one never changes."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    idea = models.ForeignKey(Idea, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120, blank=True)
    text = models.TextField(blank=True)
    place = models.CharField(max_length=300, blank=True)
    why = models.CharField(max_length=300, blank=True)
    substantial = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["idea", "number"], name="idea_one_version")]


class IdeaSupport(models.Model):
    """One supporter: an account, or an address whose owner used the link sent to it. Counted once it is confirmed.

    ``who`` is a keyed digest of the address (of the account's own one, so that one human being is one supporter), which
    erasure overwrites. ``version`` is the wording that was supported; ``came_from`` the duplicate with which it came.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    idea = models.ForeignKey(Idea, models.CASCADE, related_name="supporters")
    person = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=5, default="pl")
    who = models.CharField(max_length=40)
    at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    version = models.PositiveSmallIntegerField(default=1)
    came_from = models.ForeignKey(Idea, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["idea", "who"], name="idea_supported_once"),
            models.UniqueConstraint(fields=["idea", "person"], name="idea_supported_once_by_account"),
        ]


class IdeaFollower(models.Model):
    """An account that is told of every step without supporting the idea."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    idea = models.ForeignKey(Idea, models.CASCADE, related_name="followers")
    person = models.ForeignKey("accounts.Person", models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["idea", "person"], name="idea_followed_once")]


class Stance(models.TextChoices):
    """What a unit thinks; the keys are the final stages of the case type."""

    POSITIVE = "positive", _("za")
    CONDITIONAL = "conditional", _("za, pod warunkiem")
    NEGATIVE = "negative", _("przeciw")


class IdeaOpinion(models.Model):
    """An opinion that a unit was asked for; the case keeps its deadline. ``received_at`` None while it has not come."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    idea = models.ForeignKey(Idea, models.CASCADE, related_name="opinions")
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    case = models.OneToOneField("cases.Case", models.CASCADE, related_name="+")
    question = models.TextField()
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    received_at = models.DateTimeField(null=True)
    stance = models.CharField(max_length=12, choices=Stance.choices, blank=True)
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["idea", "unit"], condition=Q(received_at=None), name="idea_one_open_opinion_of_a_unit"
            ),
            models.CheckConstraint(condition=Q(received_at=None) | ~Q(text=""), name="idea_opinion_has_words"),
        ]

    @property
    def overdue(self) -> bool:
        """Whether it is late today, or came late."""
        day: date = clock.local(self.received_at).date() if self.received_at else clock.today()
        return day > self.due_on


class IdeaStep(models.Model):
    """One step of the public path; appended, never edited. ``data`` holds plain values that are not personal.

    ``note`` are words of the city (a reason, what was decided); the words of residents are elsewhere.
    """

    class Kind(models.TextChoices):
        PUBLISHED = "published", _("Pomysł opublikowany")
        REVISED = "revised", _("Autor zmienił treść")
        REACHED = "reached", _("Próg poparcia osiągnięty")
        TAKEN_UP = "taken_up", _("Miasto wzięło pomysł bez czekania na próg")
        CLOSED = "closed", _("Czas na poparcie minął")
        OPINION_ASKED = "opinion_asked", _("Poproszono o opinię")
        OPINION_GIVEN = "opinion_given", _("Przyszła opinia")
        OPINION_DROPPED = "opinion_dropped", _("Wycofano pytanie o opinię")
        COST = "cost", _("Oszacowano koszt")
        EXTENDED = "extended", _("Przesunięto termin")
        DECIDED = "decided", _("Decyzja miasta")
        OUTCOME = "outcome", _("Co z tego wynikło")
        PETITION = "petition", _("Autor złożył petycję")
        MERGED = "merged", _("Połączono z innym pomysłem")
        GAINED = "gained", _("Dołączono podobny pomysł")
        HIDDEN = "hidden", _("Pomysł ukryty")
        SHOWN = "shown", _("Pomysł znów widoczny")
        WITHDRAWN = "withdrawn", _("Autor wycofał pomysł")
        DONE = "done", _("Zrealizowano")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    idea = models.ForeignKey(Idea, models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    at = models.DateTimeField()
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "id"]


class IdeaFlag(models.Model):
    """That a reader thinks an idea, or a comment on it, breaks a rule of publication. Kept without the reader's identity."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    idea = models.ForeignKey(Idea, models.CASCADE, related_name="flags")
    comment = models.ForeignKey("discussions.Comment", models.CASCADE, null=True, related_name="+")
    rule = models.CharField(max_length=40)
    who = models.CharField(max_length=40)
    at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["idea", "comment", "who"], nulls_distinct=False, name="idea_flagged_once")
        ]
