"""Cases, their append-only history, and, in rows of their own, the words and the people (personal data)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower, Right
from django.utils.translation import get_language

from miasto.kernel.cases.bulk_models import BulkRun
from miasto.kernel.cases.level_models import Cell, Escalation, Fact, Pause, Uncounted  # noqa: F401
from miasto.kernel.cases.outside_models import ExternalBody, Forwarding
from miasto.kernel.cases.relation_models import Relation, Supporter, Watcher
from miasto.kernel.cases.routing_models import RoutingPlan, RoutingRule
from miasto.kernel.core.ids import uuid7
from miasto.kernel.places.fields import MercatorField

__all__ = [
    "AnswerTemplate", "BulkRun", "Case", "CaseAnswerData", "CaseFile", "CaseParty", "CaseStep", "CaseText", "Category",
    "Channel", "ExternalBody", "Forwarding", "Moderation", "NumberCounter", "Progress", "Relation", "RoutingPlan",
    "RoutingRule", "Supporter", "Watcher",
]  # fmt: skip

PUBLIC = Q(public=True)
TO_ANONYMISE = Q(anonymised_at=None, closed_at__isnull=False)


class Progress(models.TextChoices):
    """Where a case stands, whatever its type calls the stage; derived from the stage's clock, kept for the indexes."""

    OPEN = "open"
    WAITING = "waiting"
    ANSWERED = "answered"
    CLOSED = "closed"


class Channel(models.TextChoices):
    """How a case came in."""

    WEB = "web"
    PHONE = "phone"
    EMAIL = "email"
    DESK = "desk"
    LETTER = "letter"
    API = "api"
    KIOSK = "kiosk"
    SOCIAL = "social"


class Moderation(models.TextChoices):
    """Whether a text or a photo may be shown to the public."""

    WAITING = "waiting"
    APPROVED = "approved"
    WITHHELD = "withheld"


def _in_reader_language(translations: dict[str, Any]) -> dict[str, Any]:
    words: dict[str, Any] = translations.get((get_language() or "pl").split("-")[0], {})
    return words


def _question_in_reader_language(question: dict[str, Any]) -> dict[str, Any]:
    words = _in_reader_language(question.get("translations", {}))
    said = {name: words[name] for name in ("label", "hint") if words.get(name)}
    labels = words.get("choices", {})
    choices = [[value, labels.get(str(value), label)] for value, label in question.get("choices", ())]
    return {**question, **said, "choices": choices}


class Category(models.Model):
    """What a case of some type is about. ``competence`` overrides the case type's; an empty one is inherited from the parent.

    ``questions`` are ``[{"key", "label", "kind", "hint", "required", "choices", "public", "translations"}]``. ``translations``
    is ``{"en": {"name": ..., "hint": ...}}``, of a question ``{"en": {"label": ..., "hint": ..., "choices": {value: label}}}``.
    """

    id = models.BigAutoField(primary_key=True)
    case_type = models.CharField(max_length=80)
    slug = models.SlugField(max_length=80)
    name = models.CharField(max_length=120)
    hint = models.CharField(max_length=300, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    competence = models.CharField(max_length=80, blank=True)
    keywords = models.JSONField(default=list)
    danger = models.BooleanField(default=False)
    deadline_days = models.PositiveSmallIntegerField(null=True)
    first_response_hours = models.PositiveSmallIntegerField(null=True)
    retention_months = models.PositiveSmallIntegerField(null=True)
    questions = models.JSONField(default=list)
    translations = models.JSONField(default=dict)
    active = models.BooleanField(default=True)
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]
        constraints = [models.UniqueConstraint(fields=["case_type", "slug"], name="category_slug")]

    @property
    def title(self) -> str:
        """The name in the reader's language."""
        return self.translated("name")

    @property
    def explanation(self) -> str:
        """The hint in the reader's language."""
        return self.translated("hint")

    def translated(self, field: str) -> str:
        """A text of the category in the active language; the city's own where there is no translation."""
        return _in_reader_language(self.translations).get(field) or getattr(self, field)

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The questions with label, hint and choices in the reader's language; keys and values stay."""
        return [_question_in_reader_language(question) for question in self.questions]


class NumberCounter(models.Model):
    """The last number given under a prefix in a year; its row is locked until the writer's commit."""

    id = models.BigAutoField(primary_key=True)
    prefix = models.CharField(max_length=8)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["prefix", "year"], name="number_counter_once")]


class CaseQuerySet(models.QuerySet):
    """Cases narrowed to what a viewer may know of."""

    def visible_to(self, viewer: Any) -> CaseQuerySet:
        """Public cases, the viewer's own (by account or secret link), and those of the units whose cases they may see.

        Seeing the row means category, place and stage; words, photos and people are asked from ``selectors.case_page``.
        """
        from miasto.kernel.cases.access import visible

        return self.filter(visible(viewer))


class CaseManager(models.Manager.from_queryset(CaseQuerySet)):
    """Leaves the generated geometry of the tiles in the database."""

    def get_queryset(self) -> CaseQuerySet:
        return super().get_queryset().defer("geom_3857")


class Case(models.Model):
    """A case. Holds no words of the filer and nothing that names a person; ``version`` counts every change."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=24, unique=True)
    case_type = models.CharField(max_length=80)
    category = models.ForeignKey(Category, models.PROTECT, null=True, related_name="+", db_index=False)
    stage = models.CharField(max_length=40)
    stage_since = models.DateTimeField()
    progress = models.CharField(max_length=8, choices=Progress.choices)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+", db_index=False)
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    geom = models.PointField(srid=4326, null=True, spatial_index=False)
    geom_3857 = MercatorField()
    address_text = models.CharField(max_length=300, blank=True)
    district = models.ForeignKey("places.Area", models.SET_NULL, null=True, related_name="+", db_index=False)
    object = models.ForeignKey("places.ObjectIndex", models.SET_NULL, null=True, related_name="+")
    thread = models.OneToOneField("discussions.Thread", models.PROTECT, related_name="+")
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.WEB)
    filed_at = models.DateTimeField()
    deadline_days = models.PositiveSmallIntegerField()
    deadline_working = models.BooleanField(default=False)
    deadline_months = models.PositiveSmallIntegerField(default=0, db_default=0)
    due_on = models.DateField()
    term_from = models.DateField(null=True)
    clock = models.CharField(max_length=8, default="runs")
    clock_held_on = models.DateField(null=True)
    paused_days = models.PositiveIntegerField(default=0)
    first_due_at = models.DateTimeField(null=True)
    first_response_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    anonymised_at = models.DateTimeField(null=True)
    disputed = models.PositiveSmallIntegerField(default=0)
    supporters = models.PositiveIntegerField(default=0)
    text_state = models.CharField(max_length=8, choices=Moderation.choices, default=Moderation.WAITING)
    pending = models.PositiveSmallIntegerField(default=0)
    public = models.BooleanField()
    version = models.PositiveIntegerField(default=1)
    filer_person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    client_key = models.CharField(max_length=64, null=True, unique=True)
    co_filers = models.PositiveSmallIntegerField(default=0)
    search = models.CharField(max_length=340, blank=True)

    objects = CaseManager()

    class Meta:
        default_manager_name = "objects"
        indexes = [
            models.Index(fields=["case_type", "-filed_at", "-id"], name="case_public_newest", condition=PUBLIC),
            models.Index(fields=["category", "-filed_at", "-id"], name="case_category"),
            models.Index(fields=["district", "-filed_at", "-id"], name="case_district"),
            models.Index(fields=["case_type", "progress", "-filed_at"], name="case_public_progress", condition=PUBLIC),
            models.Index(fields=["case_type", "stage", "-filed_at", "-id"], name="case_public_stage", condition=PUBLIC),
            models.Index(fields=["unit", "progress", "due_on", "id"], name="case_queue_due"),
            models.Index(fields=["unit", "-filed_at", "-id"], name="case_queue_newest"),
            models.Index(fields=["-filed_at", "-id"], name="case_newest"),
            models.Index(fields=["closed_at", "id"], name="case_to_anonymise", condition=TO_ANONYMISE),
            models.Index(fields=["due_on", "id"], name="case_active", condition=~Q(progress="closed")),
            models.Index(fields=["assignee", "due_on"], name="case_assignee", condition=Q(assignee__isnull=False)),
            models.Index(fields=["filer_person", "-filed_at"], name="case_filer", condition=Q(filer_person__isnull=False)),
            models.Index(fields=["unit", "-filed_at"], name="case_pending", condition=Q(pending__gt=0)),
            models.Index(fields=["-filed_at", "-id"], name="case_disputed", condition=Q(disputed__gt=0)),
            models.Index(fields=["-supporters", "-id"], name="case_supported", condition=Q(supporters__gt=0)),
            models.Index(fields=["stage", "stage_since"], name="case_stage_since", condition=~Q(progress="closed")),
            models.Index(fields=["answered_at"], name="case_answered", condition=Q(answered_at__isnull=False)),
            models.Index(
                fields=["first_due_at"],
                name="case_unanswered",
                condition=Q(first_response_at=None, first_due_at__isnull=False, progress="open"),
            ),
            GistIndex("geom", name="case_geom"),
            GinIndex(OpClass("search", name="gin_trgm_ops"), name="case_search"),
        ]

    def __str__(self) -> str:
        return self.number


class CaseText(models.Model):
    """The words of the filer: personal data. ``published_description`` is what a clerk approved, perhaps masked.

    ``search`` is the folded number, address and description together, so that the queue looks in one index.
    """

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="text")
    description = models.TextField()
    published_description = models.TextField(blank=True)
    search = models.TextField(blank=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [GinIndex(OpClass("search", name="gin_trgm_ops"), name="case_text_search")]


PHONE_DIGITS = 9  # of a Polish number without its country; enough to tell foreign ones apart too


def phone_key(field: str = "phone") -> Right:
    """The last digits of a telephone number, however it is written: the index's expression, for a query that is to use it."""
    parts = (F(field), Value(r"\D"), Value(""), Value("g"))
    return Right(Func(*parts, function="regexp_replace", output_field=models.TextField()), PHONE_DIGITS)


class CaseParty(models.Model):
    """A person of a case and how to reach them: personal data.

    One ``filer``; others who file together with the filer are ``co_filer``, ``invited`` until they confirm; ``passed_on`` is no
    person but an invitation given from hand to hand. ``invite_id`` is the object of the invitation's secret link.
    ``representative``: the co-filer who speaks for the group; where none has the mark, the filer does. ``name_public``: the
    person agreed that the name is published with the case.
    """

    class State(models.TextChoices):
        INVITED = "invited"
        CONFIRMED = "confirmed"

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="parties")
    role = models.CharField(max_length=20, default="filer")
    state = models.CharField(max_length=9, choices=State.choices, default=State.CONFIRMED)
    representative = models.BooleanField(default=False)
    name_public = models.BooleanField(default=False, db_default=False)
    invite_id = models.UUIDField(null=True, unique=True)
    name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=30, blank=True)
    language = models.CharField(max_length=5, default="pl")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(role="filer"), name="case_party_filer"),
            models.UniqueConstraint(fields=["case"], condition=Q(representative=True), name="case_party_representative"),
        ]
        indexes = [
            models.Index(phone_key(), name="case_party_phone", condition=~Q(phone="")),
            models.Index(Lower("email"), name="case_party_email", condition=~Q(email="")),
        ]


class CaseHold(models.Model):
    """An order to keep the personal data of a case past its term (a lawsuit, an inspection); ``lifted_at`` ends it."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="holds")
    reason = models.CharField(max_length=300)
    since = models.DateTimeField()
    placed_by = models.UUIDField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case"], condition=Q(lifted_at=None), name="case_hold_once")]


class CaseAnswerData(models.Model):
    """An answer to a question of the form: perhaps personal data."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="answers")
    question = models.CharField(max_length=80)
    value = models.TextField(blank=True)
    public = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "question"], name="case_answer_once")]


class CaseFile(models.Model):
    """A photo or document of a case; the public sees it once approved.

    ``file`` is what the public sees: once a clerk has blurred something it is the blurred copy, and the photo itself is
    ``original``, which no page, link or API for others than staff ever names.
    """

    class Phase(models.TextChoices):
        FILED = "filed"
        ADDED = "added"
        RESOLVED = "resolved"

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="files")
    file = models.ForeignKey("files.File", models.CASCADE, related_name="+")
    original = models.ForeignKey("files.File", models.SET_NULL, null=True, related_name="+")
    phase = models.CharField(max_length=8, choices=Phase.choices, default=Phase.FILED)
    state = models.CharField(max_length=8, choices=Moderation.choices, default=Moderation.WAITING)
    order = models.PositiveSmallIntegerField(default=0)
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["order", "id"]
        constraints = [models.UniqueConstraint(fields=["case", "file"], name="case_file_once")]


class CaseStep(models.Model):
    """One line of the history. A trigger refuses UPDATE and DELETE, so it holds identifiers and no personal data.

    ``unit_id``, ``assignee_id`` and ``category_id`` are plain identifiers of what was set by this step, and ``acting_unit_id``
    the unit for which a member of staff acted. ``other_id`` is the other case of a relation or the body outside that the step
    speaks of, ``rule_id`` the rule of routing that chose the unit.
    """

    class Kind(models.TextChoices):
        FILED = "filed"
        TRANSITION = "transition"
        ASSIGNED = "assigned"
        RECATEGORISED = "recategorised"
        RECLASSIFIED = "reclassified"
        PLACED = "placed"
        COMMENT = "comment"
        ADDED = "added"
        TEXT_DECIDED = "text_decided"
        FILE_DECIDED = "file_decided"
        COMMENT_DECIDED = "comment_decided"
        ERASED = "erased"
        JOINED = "joined"
        ESCALATED = "escalated"
        ACKNOWLEDGED = "acknowledged"
        LINKED = "linked"
        UNLINKED = "unlinked"
        SPLIT = "split"
        OUTSIDE = "outside"

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="steps")
    at = models.DateTimeField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    transition = models.CharField(max_length=40, blank=True)
    from_stage = models.CharField(max_length=40, blank=True)
    to_stage = models.CharField(max_length=40, blank=True)
    actor_kind = models.CharField(max_length=12)
    actor_id = models.UUIDField(null=True)
    by_filer = models.BooleanField(default=False)
    acting_unit_id = models.UUIDField(null=True)
    unit_id = models.UUIDField(null=True)
    assignee_id = models.UUIDField(null=True)
    category_id = models.BigIntegerField(null=True)
    other_id = models.UUIDField(null=True)
    rule_id = models.UUIDField(null=True)
    comment = models.ForeignKey("discussions.Comment", models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        indexes = [
            models.Index(fields=["case", "id"], name="case_step_case"),
            models.Index(fields=["at", "id"], name="case_step_at"),
        ]


class AnswerTemplate(models.Model):
    """A prepared answer that staff may put into the form and change."""

    id = models.BigAutoField(primary_key=True)
    case_type = models.CharField(max_length=80)
    slug = models.SlugField(max_length=80)
    name = models.CharField(max_length=120)
    body = models.TextField()
    category = models.ForeignKey(Category, models.SET_NULL, null=True, related_name="+")
    unit = models.ForeignKey("accounts.Unit", models.SET_NULL, null=True, related_name="+")
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["case_type", "slug"], name="answer_template_slug")]
