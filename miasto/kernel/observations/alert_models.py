"""Alert rules and alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core import clock
from miasto.kernel.core.ids import uuid7
from miasto.kernel.observations.access import ALERTS

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer


class Severity(models.IntegerChoices):
    """How much is at stake, for the order of lists and of sending."""

    NOTE = 1, _("informacja")
    WARNING = 2, _("ostrzeżenie")
    ALARM = 3, _("alarm")


class AlertRuleQuerySet(models.QuerySet):
    """Reads of rules."""

    def visible_to(self, viewer: Viewer) -> Self:
        """The rules of the units in which the viewer handles alerts."""
        if not viewer.holds(ALERTS):
            return self.none()
        units = viewer.units_with(ALERTS)
        return self if units is None else self.filter(unit_id__in=units)


class AlertRule(models.Model):
    """What is to be watched and who is to know (``alerts.conditions`` says what ``condition`` may be).

    The rule watches every thing of ``thing_kind`` (empty: of any kind) or, where ``things`` are named, only these; where
    ``areas`` are named, only things that lie in one of them. Each thing raises its own alert. The condition must hold for
    ``hold_s`` seconds first. Between ``quiet_from`` and ``quiet_to`` (local times, may pass midnight) nobody is written to,
    unless the rule is of a danger to ``life``. ``told`` are the units whose people with the permission get messages,
    besides the rule's own. ``public`` alerts are shown to everybody.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=120)
    advice = models.TextField(blank=True)
    condition = models.JSONField()
    hold_s = models.PositiveIntegerField(default=0)
    thing_kind = models.CharField(max_length=80, blank=True)
    things = models.ManyToManyField("observations.Thing", related_name="+", blank=True)
    areas = models.ManyToManyField("places.Area", related_name="+", blank=True)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices, default=Severity.WARNING)
    life = models.BooleanField(default=False)
    public = models.BooleanField(default=False)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_to = models.TimeField(null=True, blank=True)
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, null=True, related_name="+")
    told = models.ManyToManyField("accounts.Unit", related_name="+", blank=True)
    active = models.BooleanField(default=True)
    changed_at = models.DateTimeField(default=clock.now)

    objects = AlertRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="alert_rule_quiet",
                condition=Q(quiet_from__isnull=True, quiet_to__isnull=True)
                | Q(quiet_from__isnull=False, quiet_to__isnull=False),
            )
        ]


class AlertQuerySet(models.QuerySet):
    """Reads of alerts."""

    def visible_to(self, viewer: Viewer) -> Self:
        """Public alerts of public things; those of the units that the rule tells, or whose rule it is.

        Everybody whom a rule names sees the same picture: the fire brigade, the police and the crisis staff.
        """
        if viewer.system:
            return self
        seen = Q(rule__public=True, thing__audience="public")
        if viewer.holds(ALERTS):
            units = viewer.units_with(ALERTS)
            if units is None:
                return self
            told = AlertRule.told.through.objects.filter(unit_id__in=units).values("alertrule_id")
            seen |= Q(rule__unit_id__in=units) | Q(rule_id__in=told) | Q(thing__unit_id__in=units)
        return self.filter(seen)


class Alert(models.Model):
    """That a rule's condition holds for a thing, until it is cleared. At most one is open for a rule and a thing.

    ``raised_at`` is the instant of the reading, ``seen_at`` when the platform judged it; ``value`` the reading that raised it,
    ``peak`` the worst since. ``last_at`` is the newest instant that was judged. ``returns`` says how often in a row it came
    back soon after its end: from ``OFTEN`` on it is restless and stands until it has been calm for a while (``alerts.course``).
    """

    OFTEN = 3

    class State(models.TextChoices):
        RAISED = "raised", _("nowy")
        ACKNOWLEDGED = "known", _("przyjęty")
        CLEARED = "cleared", _("odwołany")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    rule = models.ForeignKey(AlertRule, on_delete=models.PROTECT, related_name="alerts")
    thing = models.ForeignKey("observations.Thing", on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.RAISED)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices)
    raised_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    last_at = models.DateTimeField()
    value = models.FloatField(null=True)
    peak = models.FloatField(null=True)
    code = models.CharField(max_length=40)
    known_at = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    returns = models.PositiveIntegerField(default=0)
    calm_since = models.DateTimeField(null=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "thing"], condition=~Q(state="cleared"), name="alert_open_once"),
        ]
        indexes = [
            models.Index(fields=["-raised_at"], name="alert_raised"),
            models.Index(fields=["thing", "-raised_at"], name="alert_thing"),
        ]

    @property
    def open(self) -> bool:
        """Whether it still stands."""
        return self.state != self.State.CLEARED

    @property
    def restless(self) -> bool:
        """Whether it keeps coming back."""
        return self.returns >= self.OFTEN


class AlertPending(models.Model):
    """That a condition holds, but not yet for as long as its rule wants."""

    id = models.BigAutoField(primary_key=True)
    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="+")
    thing = models.ForeignKey("observations.Thing", on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "thing"], name="alert_pending_once")]


class AlertStep(models.Model):
    """One step in the life of an alert; appended, never edited. Words of people stand in ``AlertNote``."""

    class Kind(models.TextChoices):
        RAISED = "raised", _("alert")
        KNOWN = "known", _("ktoś się tym zajął")
        COMMENTED = "comment", _("dopisano")
        CLEARED = "cleared", _("odwołano")

    id = models.BigAutoField(primary_key=True)
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    at = models.DateTimeField()
    value = models.FloatField(null=True)
    person = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")


class AlertNote(models.Model):
    """What a person wrote of an alert; an erasure empties it."""

    step = models.OneToOneField(AlertStep, on_delete=models.CASCADE, primary_key=True, related_name="note")
    text = models.TextField()


class AlertHook(models.Model):
    """A partner's server (CloudEvents 1.0 over HTTP) that is told of ``alerts``, of new ``readings`` or of both.

    ``secret`` is sealed; it signs what is sent. Readings are those of things of the ``kinds`` (``ThingKind``; none: all) and of
    the properties with the ``codes`` (none: all) that everybody or the hook's unit may see (``alerts.noting``). They have a
    count of failures and a time of the next attempt of their own, so that what refuses them changes nothing for alerts.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=120)
    url = models.URLField(max_length=500)
    secret = models.TextField()
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, null=True, related_name="+")
    least = models.PositiveSmallIntegerField(choices=Severity.choices, default=Severity.WARNING)
    active = models.BooleanField(default=True)
    failures = models.PositiveIntegerField(default=0)
    last_ok_at = models.DateTimeField(null=True)
    alerts = models.BooleanField(default=True)
    readings = models.BooleanField(default=False)
    kinds = ArrayField(models.CharField(max_length=80), default=list)
    codes = ArrayField(models.CharField(max_length=40), default=list)
    readings_failures = models.PositiveIntegerField(default=0)
    readings_next_at = models.DateTimeField(null=True)


class HookReadings(models.Model):
    """Readings that wait for a partner, by series and time, ``n`` of them; gone as soon as it has acknowledged them.

    Or that so many, ``gone``, of the instants ``since``..``until`` were thrown away, because too much waited.
    """

    id = models.BigAutoField(primary_key=True)
    hook = models.ForeignKey(AlertHook, on_delete=models.CASCADE, related_name="+", db_index=False)
    n = models.PositiveIntegerField()
    gone = models.BigIntegerField(default=0, db_default=0)
    since = models.DateTimeField()
    until = models.DateTimeField()
    series = ArrayField(models.IntegerField(), default=list)
    time = ArrayField(models.DateTimeField(), default=list)
    value = ArrayField(models.FloatField(), default=list)
    flags = ArrayField(models.SmallIntegerField(), default=list)

    class Meta:
        indexes = [models.Index(fields=["hook", "id"], include=["n"], name="hook_readings")]
