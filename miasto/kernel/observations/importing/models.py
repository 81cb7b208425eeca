"""Imports of files, the declarations they were read by, and the keys of meters that encrypt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core import clock
from miasto.kernel.core.ids import uuid7
from miasto.kernel.observations.access import MANAGE
from miasto.kernel.observations.fields import JobRun
from miasto.kernel.places.fields import Audience

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer


class OfUnit(models.QuerySet):
    """Rows of the units in which somebody manages measuring points; those of no unit belong to the whole city."""

    def visible_to(self, viewer: Viewer) -> Self:
        units = viewer.units_with(MANAGE)
        return self.all() if units is None else self.filter(unit_id__in=units)


class ImportProfile(models.Model):
    """How files of one kind are read, and where their series go: ``layout`` is ``importing.layout.Layout`` as JSON.

    ``look`` is a digest of a file's shape, by which the next one is recognised. Series that an import made carry the
    profile's identifier in their ``source``, so the same file feeds the same series. ``thing_name`` is that of the thing of
    series that name none.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("nazwa ustaleń"), max_length=120)
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    layout = models.JSONField()
    look = models.CharField(max_length=64, db_index=True)
    thing_name = models.CharField(max_length=200, blank=True)
    thing_kind = models.CharField(max_length=80)
    audience = models.CharField(max_length=8, choices=Audience.choices, default=Audience.UNIT)
    changed_at = models.DateTimeField(default=clock.now)

    objects = OfUnit.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "name"], nulls_distinct=False, name="import_profile_name")]


class FileImport(JobRun):
    """One file on its way in: uploaded, checked as a whole, confirmed, written. Its bytes lie in ``importing.storing``.

    ``rows`` were read, ``ready`` readings are good, ``refused`` places are not; ``written`` of the ready are in the store
    (while a job writes: or in quarantine), ``added`` of them were not there before. Of an import that is taken back,
    ``removed`` are gone, in place of ``restored`` ones stands again what they had overwritten, and ``stayed`` have been
    overwritten by something newer or were accepted out of quarantine by a person.
    """

    class State(models.TextChoices):
        NEW = "new", _("czeka na ustalenie kolumn")
        CHECKING = "checking", _("sprawdzamy")
        CHECKED = "checked", _("czeka na potwierdzenie")
        WRITING = "writing", _("wpisujemy")
        DONE = "done", _("wpisany")
        FAILED = "failed", _("nie udało się")
        CANCELLED = "cancelled", _("zatrzymany")
        UNDOING = "undoing", _("wycofujemy")
        UNDONE = "undone", _("wycofany")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    state = models.CharField(max_length=9, choices=State.choices, default=State.NEW)
    profile = models.ForeignKey(ImportProfile, on_delete=models.SET_NULL, null=True, related_name="imports")
    person = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    bytes = models.BigIntegerField()
    layout = models.JSONField(default=dict)
    look = models.CharField(max_length=64, blank=True)
    rows = models.BigIntegerField(default=0)
    ready = models.BigIntegerField(default=0)
    empty = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    reasons = models.JSONField(default=dict)
    series = models.IntegerField(default=0)
    made = models.IntegerField(default=0)
    written = models.BigIntegerField(default=0)
    quarantined = models.BigIntegerField(default=0)
    added = models.BigIntegerField(default=0)
    removed = models.BigIntegerField(default=0)
    restored = models.BigIntegerField(default=0)
    stayed = models.BigIntegerField(default=0)
    first_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=500, blank=True)

    objects = OfUnit.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-started_at"], name="file_import_newest")]

    @property
    def going(self) -> bool:
        """Whether a job works at it or is about to."""
        return self.state in (self.State.CHECKING, self.State.WRITING, self.State.UNDOING)

    @property
    def taken_back(self) -> int:
        """How many readings have been looked at while it is undone."""
        return self.removed + self.restored + self.stayed

    @property
    def open(self) -> bool:
        """Whether its columns may still be chosen."""
        return self.state in (self.State.NEW, self.State.CHECKED)


class ImportPiece(models.Model):
    """What one transaction of an import changed (``importing.journal``): ``rows`` readings, ``replaced`` of them stood there.

    It is deleted in the transaction that takes these readings back, so what is left says how far that has come.
    """

    id = models.BigAutoField(primary_key=True)
    file = models.ForeignKey(FileImport, on_delete=models.CASCADE, related_name="pieces")
    series = ArrayField(models.IntegerField())
    rows = models.IntegerField()
    replaced = models.IntegerField()
    data = models.BinaryField()

    class Meta:
        indexes = [GinIndex(fields=["series"], name="import_piece_series")]


class MeterKey(models.Model):
    """The key with which a meter encrypts (AES-128, 32 hexadecimal digits), sealed; ``number`` as its telegrams give it."""

    id = models.BigAutoField(primary_key=True)
    unit = models.ForeignKey("accounts.Unit", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    number = models.CharField(max_length=8)
    sealed = models.TextField()

    objects = OfUnit.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "number"], nulls_distinct=False, name="meter_key_once"),
            models.CheckConstraint(condition=Q(number__regex=r"^[0-9A-F]{8}$"), name="meter_key_number"),
        ]
