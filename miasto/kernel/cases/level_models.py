"""What service levels keep: waits, escalations, and the counted figures of the open statistics. No personal data."""

from __future__ import annotations

from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from miasto.kernel.core.ids import uuid7

WHOLE = UUID(int=0)


class Pause(models.Model):
    """A time in which the city was not the one that everybody waited for.

    ``why``: "filer" (an answer of the person who filed), "outside" (another body), "answered" (the matter was taken for
    settled and then taken up again). ``ended_at`` is None while it goes on.
    """

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="pauses")
    why = models.CharField(max_length=10)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(ended_at=None), name="case_pause_one_open"),
            models.CheckConstraint(condition=Q(ended_at=None) | Q(ended_at__gte=models.F("began_at")), name="case_pause_order"),
        ]


class Escalation(models.Model):
    """One rung of the ladder that a case reached, once for each end of its term (``mark``).

    ``unit_id`` is the unit whose people were told, ``told`` who they are. ``acknowledged_by_id`` said that they know.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="escalations")
    rung = models.CharField(max_length=40)
    mark = models.CharField(max_length=40)
    at = models.DateTimeField()
    unit_id = models.UUIDField()
    told = ArrayField(models.UUIDField(), default=list)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by_id = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "rung", "mark"], name="case_escalation_once")]
        indexes = [GinIndex(fields=["told"], name="case_escalation_told", condition=Q(acknowledged_at=None))]


class Fact(models.Model):
    """What the open statistics count of one public case, as it was counted last: the old place is known when it moves.

    Months are their first local day. ``response_s`` and ``solution_s`` are seconds from filing, the second net of waits.
    ``response_in_time`` is None where no first answer was promised. ``category_id`` 0 and ``district_id`` None: none.
    """

    case_id = models.UUIDField(primary_key=True)
    case_type = models.CharField(max_length=80)
    unit_id = models.UUIDField()
    category_id = models.BigIntegerField()
    district_id = models.UUIDField(null=True)
    channel = models.CharField(max_length=8)
    filed_month = models.DateField()
    responded_month = models.DateField(null=True)
    response_s = models.IntegerField(null=True)
    response_in_time = models.BooleanField(null=True)
    solved_month = models.DateField(null=True)
    solution_s = models.IntegerField(null=True)
    solution_in_time = models.BooleanField(null=True)
    disputed = models.BooleanField(default=False)
    confirmed = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["filed_month", "category_id"], name="case_fact_filed"),
            models.Index(fields=["responded_month", "category_id"], name="case_fact_responded"),
            models.Index(fields=["solved_month", "category_id"], name="case_fact_solved"),
        ]


class Cell(models.Model):
    """The figures of one month, unit, category and district (``WHOLE`` for all districts together).

    Each figure belongs to the month in which it happened: ``filed`` and ``channels`` by filing, ``responded``,
    ``responded_promised``, ``responded_in_time`` and ``response_times`` by the first answer, the others by the solution.
    ``*_times`` are ``{bin: number of cases}``, see ``figures.bin_of``.
    """

    id = models.BigAutoField(primary_key=True)
    case_type = models.CharField(max_length=80)
    month = models.DateField()
    unit_id = models.UUIDField()
    category_id = models.BigIntegerField()
    district_id = models.UUIDField(default=WHOLE)
    filed = models.PositiveIntegerField(default=0)
    responded = models.PositiveIntegerField(default=0)
    responded_promised = models.PositiveIntegerField(default=0)
    responded_in_time = models.PositiveIntegerField(default=0)
    solved = models.PositiveIntegerField(default=0)
    solved_in_time = models.PositiveIntegerField(default=0)
    disputed = models.PositiveIntegerField(default=0)
    confirmed = models.PositiveIntegerField(default=0)
    channels = models.JSONField(default=dict)
    response_times = models.JSONField(default=dict)
    solution_times = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case_type", "district_id", "month", "unit_id", "category_id"], name="case_cell_once"
            )
        ]


class Uncounted(models.Model):
    """A case that changed since it was counted. A listener puts it here, the job that counts takes it away."""

    case_id = models.UUIDField(primary_key=True)
