"""Service pages with their versions, where offices are and when they are open, and what readers thought of a page."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.fields import StreamField
from wagtail.models import DraftStateMixin, PreviewableMixin, RevisionMixin

from miasto.kernel.accounts.models import Person
from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.content.blocks import Body
from miasto.kernel.core import clock
from miasto.kernel.core.ids import uuid7

EDIT = "content.edit"
HOURS = "content.hours"
HELD = frozenset({"wagtailadmin.access_admin", "content.add_service", "content.change_service", "content.publish_service"})
RESERVED = ("gdzie", "odpowiedz", "szukaj", "temat")
UNIT = {"to": "accounts.Unit", "on_delete": models.PROTECT, "related_name": "+", "verbose_name": _("jednostka")}


class Topic(models.Model):
    """A shelf of the knowledge base."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("nazwa"), max_length=80)
    name_en = models.CharField(_("nazwa po angielsku"), max_length=80, blank=True)
    icon = models.CharField(max_length=40, default="file-text")
    order = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name


class ServiceQuerySet(models.QuerySet["Service"]):
    """Service pages that somebody may see."""

    def visible_to(self, viewer: Viewer) -> ServiceQuerySet:
        """Published pages are for everybody; those not yet published (or taken down) for editors alone."""
        return self if viewer.holds(EDIT) else self.filter(live=True)


class Service(PreviewableMixin, DraftStateMixin, RevisionMixin, models.Model):
    """A page about one thing that the city does for people, told as on gov.pl or GOV.UK: the answer first.

    The columns hold what is public; a draft of a published page is in its newest revision. English columns may be empty.
    ``keywords``: the words residents use, one phrase a line. ``related`` is ``"<ServiceLink key>:<value>"``.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(
        _("adres strony"),
        max_length=80,
        unique=True,
        validators=[RegexValidator(rf"^(?!({'|'.join(RESERVED)})$)", _("Ten adres jest zajęty przez serwis."))],
    )
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="+", verbose_name=_("temat"))
    unit = models.ForeignKey(null=True, blank=True, **UNIT)
    title = models.CharField(_("tytuł"), max_length=120)
    title_en = models.CharField(_("tytuł po angielsku"), max_length=120, blank=True)
    line = models.CharField(_("w jednym zdaniu"), max_length=320)
    line_en = models.CharField(_("w jednym zdaniu, po angielsku"), max_length=320, blank=True)
    who = models.TextField(_("kto może to załatwić"), blank=True)
    who_en = models.TextField(_("kto, po angielsku"), blank=True)
    place = models.TextField(_("gdzie"), blank=True)
    place_en = models.TextField(_("gdzie, po angielsku"), blank=True)
    when = models.TextField(_("kiedy"), blank=True)
    when_en = models.TextField(_("kiedy, po angielsku"), blank=True)
    duration = models.CharField(_("ile się czeka"), max_length=240, blank=True)
    duration_en = models.CharField(_("ile się czeka, po angielsku"), max_length=240, blank=True)
    cost = models.CharField(_("ile to kosztuje"), max_length=240, blank=True)
    cost_en = models.CharField(_("ile to kosztuje, po angielsku"), max_length=240, blank=True)
    body = StreamField(Body(), verbose_name=_("treść"), blank=True)
    body_en = StreamField(Body(), verbose_name=_("treść po angielsku"), blank=True)
    appeal = models.TextField(_("co dalej, odwołanie"), blank=True)
    appeal_en = models.TextField(_("co dalej, po angielsku"), blank=True)
    legal = models.TextField(_("podstawa prawna, po jednym akcie w wierszu"), blank=True)
    online_url = models.URLField(_("adres, pod którym można to załatwić przez internet"), blank=True)
    keywords = models.TextField(_("słowa, których używają mieszkańcy, po jednym haśle w wierszu"), blank=True)
    related = models.CharField(_("powiązane zgłoszenie"), max_length=160, blank=True)
    popular = models.BooleanField(_("wśród najczęściej potrzebnych"), default=False)
    reviewed_on = models.DateField(_("sprawdzono dnia"), null=True, blank=True)
    next_review_on = models.DateField(_("sprawdzić ponownie do"), null=True, blank=True)

    objects = models.Manager.from_queryset(ServiceQuerySet)()

    class Meta:
        verbose_name = _("karta usługi")
        verbose_name_plural = _("karty usług")
        ordering = ["title"]
        indexes = [models.Index(fields=["topic", "title"], condition=models.Q(live=True), name="service_live")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("content:service", args=[self.slug])

    def get_preview_template(self, request: Any, mode_name: str) -> str:
        return "content/service.html"

    def get_preview_context(self, request: Any, mode_name: str) -> dict[str, Any]:
        """What the page shows, made of a draft that is not stored."""
        from miasto.kernel.content.presenting import page_context

        return page_context(self, preview=True)


class Term(models.Model):
    """One folded form of a word of a published page, and how much it tells of it (0 to 1)."""

    id = models.BigAutoField(primary_key=True)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="terms")
    form = models.CharField(max_length=60)
    weight = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["form", "service"], name="term_once")]
        indexes = [GinIndex(OpClass("form", "gin_trgm_ops"), name="term_trigrams")]


class Office(models.Model):
    """Where a unit receives people. A unit without one is where the unit above it is."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.OneToOneField("accounts.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("jednostka"))
    address = models.CharField(_("adres"), max_length=200, blank=True)
    directions = models.CharField(_("jak trafić"), max_length=240, blank=True)
    directions_en = models.CharField(_("jak trafić, po angielsku"), max_length=240, blank=True)
    open_on_holidays = models.BooleanField(_("czynne także w dni ustawowo wolne"), default=False)

    def __str__(self) -> str:
        return self.address


class OpeningSpan(models.Model):
    """Part of a weekday when an office is open. ``weekday`` 0 is Monday; ``closes`` 00:00 is the end of the day."""

    id = models.BigAutoField(primary_key=True)
    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="spans")
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        ordering = ["weekday", "opens"]
        constraints = [models.UniqueConstraint(fields=["office", "weekday", "opens"], name="span_once")]


class SpecialDay(models.Model):
    """A day unlike others: closed (``hours`` empty) or open at other hours ("7:30–12:00"). ``unit`` None: all units."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.ForeignKey(null=True, blank=True, **UNIT)
    day = models.DateField(_("dzień"))
    hours = models.CharField(_("godziny"), max_length=60, blank=True)
    reason = models.CharField(_("powód"), max_length=160)
    reason_en = models.CharField(_("powód po angielsku"), max_length=160, blank=True)

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["unit", "day"], name="special_day_once", nulls_distinct=False)]


class Opinion(models.Model):
    """Whether a page helped, and what was missing. Nobody is asked who they are."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="opinions")
    helped = models.BooleanField()
    missing = models.CharField(max_length=600, blank=True)
    at = models.DateTimeField(default=clock.now, db_index=True)


class Editor(Person):
    """A person as Wagtail sees one: may open the editor, has no right to anything of Wagtail's own.

    Rights are asked of our roles before Wagtail is reached (``content.edit``, in ``editor.py``), and everybody who is let
    in holds the same few of its permissions; groups and superusers do not exist.
    """

    is_superuser = False
    is_staff = False
    _page_permission_cache: tuple[Any, ...] = ()
    _collection_permission_cache: tuple[Any, ...] = ()
    _site_permission_cache: tuple[Any, ...] = ()

    class Meta:
        proxy = True
        default_permissions = ()

    def has_perm(self, permission: str, obj: Any = None) -> bool:
        """To enter Wagtail's pages, and to write and publish service pages; nothing else of Wagtail's or Django's."""
        return permission in HELD

    def has_perms(self, permissions: Any, obj: Any = None) -> bool:
        """Whether each of them is held."""
        return all(self.has_perm(one, obj) for one in permissions)
