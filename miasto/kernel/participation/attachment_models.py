"""Files that belong to a process's documents and remarks."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Attachment(models.Model):
    """A file of a document's version, public with it, or of a remark: public only where a person approved it.

    ``title`` is the officer's; what a resident called a file is kept nowhere.
    """

    file = models.OneToOneField("files.File", models.CASCADE, primary_key=True, related_name="+")
    version = models.ForeignKey("participation.DocumentVersion", models.CASCADE, null=True, related_name="files")
    contribution = models.ForeignKey("participation.Contribution", models.CASCADE, null=True, related_name="files")
    title = models.CharField(max_length=200, blank=True)
    order = models.PositiveSmallIntegerField(default=1)
    published = models.BooleanField(default=False)

    class Meta:
        ordering = ["order", "file_id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(version=None, contribution__isnull=False) | Q(version__isnull=False, contribution=None),
                name="attachment_of_one_thing",
            )
        ]
