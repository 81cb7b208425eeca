"""The manifest of the archive, its runs, and how long readings are kept."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core import clock
from miasto.kernel.observations.archive import refusing
from miasto.kernel.observations.fields import JobRun
from miasto.kernel.places.fields import Audience


class Files(models.Manager):
    """Without what only a read of few series wants."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().defer("begins", "groups")


class ArchiveFile(models.Model):
    """One Parquet file: the readings of the series ``least_series``..``most_series`` on one UTC day.

    The manifest is the truth: a file without a row here does not exist, and the ranges of one day's present files do not
    overlap. ``name`` is relative to the archive's folder. A rewritten part gets a new row; the old one carries
    ``replaced_at`` until its file is deleted, because somebody may be reading it. ``kept_days`` is the longest term of
    retention in days that has been carried out on it. ``begins`` are the first series of its row groups, ``groups`` where they
    lie (``archive/groups.py``); None of a file written before these were kept.
    """

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    name = models.CharField(max_length=120, unique=True)
    revision = models.IntegerField(default=1)
    rows = models.BigIntegerField()
    bytes = models.BigIntegerField()
    least_series = models.IntegerField()
    most_series = models.IntegerField()
    sha256 = models.CharField(max_length=64)
    written_at = models.DateTimeField(default=clock.now)
    replaced_at = models.DateTimeField(null=True)
    kept_days = models.IntegerField(default=0)
    begins = ArrayField(models.IntegerField(), null=True)
    groups = models.BinaryField(null=True)

    objects = Files()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "least_series"], condition=Q(replaced_at=None), name="archive_part_once"),
            models.CheckConstraint(condition=Q(least_series__lte=F("most_series")), name="archive_range"),
        ]
        indexes = [models.Index(fields=["replaced_at"], condition=~Q(replaced_at=None), name="archive_replaced")]


class ArchiveRun(JobRun):
    """One run of the archive's job: what it does now, how far it is, how it ended."""

    day = models.DateField(null=True)
    rows = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    days = models.IntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True)  # of the storage, in words; no reading's value is in it

    @property
    def said(self) -> str:
        """The trouble in the language of the page."""
        return refusing.again(self.trouble)


class Forgotten(models.Model):
    """A series whose stream was deleted and whose readings are still to leave the archive's files."""

    series = models.IntegerField(primary_key=True)
    asked_at = models.DateTimeField()

    class Meta:
        db_table = "observations_forgotten"


class Retention(models.Model):
    """How many days readings, hours and days are kept; None is for ever. A rule of a stream goes before one of a property.

    Without a stream and a property it is about all streams of the ``audience`` (blank: any). The city's general terms are
    limits of its profile (``archive/retention.py``).
    """

    id = models.BigAutoField(primary_key=True)
    datastream = models.ForeignKey("observations.Datastream", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    observed_property = models.ForeignKey(
        "observations.ObservedProperty", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    audience = models.CharField(max_length=8, choices=Audience.choices, blank=True)
    readings_days = models.IntegerField(_("odczyty, dni"), null=True, blank=True)
    hours_days = models.IntegerField(_("godziny, dni"), null=True, blank=True)
    days_days = models.IntegerField(_("doby, dni"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["datastream", "observed_property", "audience"], nulls_distinct=False, name="retention_once"
            ),
            models.CheckConstraint(
                condition=Q(datastream=None) | Q(observed_property=None, audience=""), name="retention_of_one_kind"
            ),
        ]
