"""Stored files. Their bytes lie in the storage under a name made from the identifier alone."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core import clock
from miasto.kernel.core.ids import uuid7


class File(models.Model):
    """One sanitised file. ``size``, ``width``, ``height`` and ``digest`` are those of its largest variant.

    ``owner_id`` is the object it belongs to; a file without one is discarded after a while. No name given by a person is
    kept. ``boxes`` are what a machine thinks is a face or a number plate, as ``sensitive.Box`` in dictionaries (pixels of the
    largest variant); ``to_look`` says that no machine has looked yet.
    """

    class Kind(models.TextChoices):
        IMAGE = "image", _("zdjęcie")
        DOCUMENT = "document", _("dokument")
        FILM = "film", _("film")
        CAPTIONS = "captions", _("napisy do filmu")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    media_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    digest = models.CharField(max_length=64)
    name = models.CharField(max_length=120, unique=True)
    owner_id = models.UUIDField(null=True, db_index=True)
    created_at = models.DateTimeField(default=clock.now)
    uploaded_by_kind = models.CharField(max_length=12)
    uploaded_by_id = models.UUIDField(null=True)
    boxes = models.JSONField(default=list, db_default=[])
    to_look = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [
            models.Index(fields=["created_at"], name="file_unattached", condition=models.Q(owner_id=None)),
            models.Index(fields=["uploaded_by_id"], name="file_uploader", condition=models.Q(uploaded_by_id__isnull=False)),
            models.Index(fields=["created_at"], name="file_to_look", condition=models.Q(to_look=True)),
        ]
