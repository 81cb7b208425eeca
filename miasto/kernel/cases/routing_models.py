"""Which unit gets which case: rules by category, area and road, kept in versions of which one is in force."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.db.models import Q

from miasto.kernel.core.ids import uuid7


class RoutingPlan(models.Model):
    """A version of the rules: one draft at most, one in force at most, and those that were in force before."""

    class State(models.TextChoices):
        DRAFT = "draft"
        ACTIVE = "active"
        RETIRED = "retired"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    made_at = models.DateTimeField()
    made_by = models.UUIDField(null=True)
    active_from = models.DateTimeField(null=True)
    active_until = models.DateTimeField(null=True)
    switched_by = models.UUIDField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="active"), name="routing_one_active"),
            models.UniqueConstraint(fields=["state"], condition=Q(state="draft"), name="routing_one_draft"),
        ]


class RoutingRule(models.Model):
    """Cases that meet every condition go to ``unit``; empty conditions ask nothing.

    ``category`` means it and all below it; ``area`` is any area of the map; ``owner`` and ``street_class`` are those of the
    street at the place. ``body`` says to whom the unit should forward them; without ``unit`` the unit is found as if the rule
    did not exist. Of the rules that fit, the one of the highest ``priority`` decides, then the most special one.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(RoutingPlan, models.CASCADE, related_name="rules")
    priority = models.SmallIntegerField(default=50)
    case_type = models.CharField(max_length=80)
    category = models.ForeignKey("cases.Category", models.CASCADE, null=True, related_name="+")
    area = models.ForeignKey("places.Area", models.CASCADE, null=True, related_name="+")
    owner = models.CharField(max_length=20, blank=True)
    street_class = models.CharField(max_length=20, blank=True)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    body = models.ForeignKey("cases.ExternalBody", models.PROTECT, null=True, related_name="+")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-priority", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(unit__isnull=False) | Q(body__isnull=False), name="routing_rule_leads_somewhere")
        ]
