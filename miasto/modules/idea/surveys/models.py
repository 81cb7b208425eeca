"""A survey, its answers, the places marked on the map and the words that wait for moderation.

Nothing here says who answered. An answer knows its day, not its hour; ``who`` is a digest under the survey's own key, and both
are erased at the end.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib.gis.db.models import GeometryField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core import clock
from miasto.kernel.core.ids import uuid7
from miasto.kernel.participation.selectors import ANSWER, MANAGE


class Access(models.TextChoices):
    """Who may answer."""

    ANYONE = "anyone", _("każdy, raz z jednego urządzenia")
    ACCOUNT = "account", _("osoby z kontem, każda raz")
    LINK = "link", _("osoby z odsyłaczem przysłanym e-mailem, każdy adres raz")


class Shown(models.TextChoices):
    """When everybody sees the results."""

    AFTER = "after", _("po zakończeniu, gdy je opublikujemy")
    LIVE = "live", _("już w trakcie (odpowiedzi do wczoraj)")


class Source(models.TextChoices):
    """How an answer came."""

    WEB = "web", _("przez stronę")
    PAPER = "paper", _("na papierze")


class Way(models.TextChoices):
    """How a place was marked."""

    MAP = "map", _("na mapie")
    LIST = "list", _("z listy")


class State(models.TextChoices):
    """Where somebody's words stand."""

    WAITING = "waiting", _("czeka")
    APPROVED = "approved", _("opublikowana")
    WITHHELD = "withheld", _("niepublikowana")


class SurveyQuerySet(models.QuerySet):
    """Surveys narrowed to what a viewer may know of."""

    def visible_to(self, viewer: Any) -> SurveyQuerySet:
        """Published ones, and the drafts of the units whose surveys the viewer prepares."""
        return self if viewer.system else self.filter(Q(published_at__isnull=False) | _held(viewer, MANAGE))

    def managed_by(self, viewer: Any, permission: str = MANAGE) -> SurveyQuerySet:
        """Those that the viewer prepares, or whose answers they read."""
        return self if viewer.system else self.filter(_held(viewer, permission))


class AnswerQuerySet(models.QuerySet):
    """Rows of answers: what one respondent said is for the staff of the survey's unit alone."""

    def visible_to(self, viewer: Any) -> AnswerQuerySet:
        """The rows of the surveys that the viewer's unit runs."""
        return self if viewer.system else self.filter(_held(viewer, ANSWER, "survey__"))


def _held(viewer: Any, permission: str, path: str = "") -> Q:
    units = viewer.units_with(permission)
    return Q() if units is None else Q(**{f"{path}unit_id__in": units})


class Survey(models.Model):
    """A survey. ``pages`` is ``[{"key", "title", "text", "questions": [...]}]`` as ``structure`` reads it, words by language.

    ``version`` counts changes of the questions: an answer to older ones is refused. ``key`` (hexadecimal) makes the digests of
    who answered and is erased at the end. ``marks_public`` is said before anybody answers: then exact places are published,
    else only counts in cells of ``cell_m`` metres. ``results_at`` is when the results were published.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    about = models.TextField(blank=True)
    translations = models.JSONField(default=dict)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    process = models.ForeignKey("participation.Process", models.PROTECT, null=True, related_name="+")
    pages = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    last_key = models.PositiveIntegerField(default=0)
    access = models.CharField(max_length=8, choices=Access.choices, default=Access.ANYONE)
    shown = models.CharField(max_length=8, choices=Shown.choices, default=Shown.AFTER)
    marks_public = models.BooleanField(default=False)
    cell_m = models.PositiveSmallIntegerField(default=250)
    starts_on = models.DateField()
    ends_on = models.DateField()
    key = models.CharField(max_length=64, blank=True)
    published_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    results_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-published_at"], name="idea_survey_newest")]
        constraints = [
            models.CheckConstraint(condition=Q(starts_on__lte=models.F("ends_on")), name="idea_survey_dates"),
            models.CheckConstraint(condition=Q(results_at=None) | Q(closed_at__isnull=False), name="idea_survey_results_last"),
            models.CheckConstraint(condition=Q(closed_at=None) | Q(key=""), name="idea_survey_key_erased"),
        ]

    @property
    def open(self) -> bool:
        """Whether one can answer today."""
        published = self.published_at is not None and self.closed_at is None
        return published and self.starts_on <= clock.today() <= self.ends_on

    @property
    def languages(self) -> list[str]:
        """The languages besides Polish in which it is asked."""
        return [key for key, words in self.translations.items() if words.get("title")]

    def said(self, name: str, language: str) -> str:
        """A field's words in a language; Polish where there are none."""
        return self.translations.get(language, {}).get(name) or getattr(self, name)


class SurveyResponse(models.Model):
    """One respondent's answers to what can be counted, ``{"question": value}`` as ``ui.questions`` gives them."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="responses")
    day = models.DateField()
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.WEB)
    language = models.CharField(max_length=5, default="pl")
    answers = models.JSONField(default=dict)
    who = models.CharField(max_length=64, null=True)
    client_key = models.CharField(max_length=40, null=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["survey", "day"], name="idea_survey_days")]
        constraints = [
            models.UniqueConstraint(fields=["survey", "who"], name="idea_survey_once"),
            models.UniqueConstraint(fields=["survey", "client_key"], name="idea_survey_sent_once"),
        ]


class SurveyMark(models.Model):
    """A place that somebody marked, EPSG:4326. ``label`` are the words of the list way (they may be somebody's address)."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="marks")
    response = models.ForeignKey(SurveyResponse, models.CASCADE, related_name="marks")
    question = models.CharField(max_length=12)
    geom = GeometryField(srid=4326)
    way = models.CharField(max_length=8, choices=Way.choices, default=Way.MAP)
    label = models.CharField(max_length=300, blank=True)
    answers = models.JSONField(default=dict)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["survey", "question"], name="idea_survey_marks")]


class SurveyText(models.Model):
    """An answer in somebody's own words, to ``question`` or of ``mark``; ``published`` is what everybody may read."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="texts")
    response = models.ForeignKey(SurveyResponse, models.CASCADE, related_name="texts")
    mark = models.ForeignKey(SurveyMark, models.CASCADE, null=True, related_name="texts")
    question = models.CharField(max_length=30)
    body = models.TextField()
    published = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["survey", "state"], name="idea_survey_texts")]
        constraints = [
            models.CheckConstraint(condition=Q(state="approved") | Q(published=""), name="idea_survey_unread_unpublished")
        ]
