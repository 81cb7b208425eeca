"""What the register tells of a petition beyond its case: whose opinion was asked."""

from __future__ import annotations

from django.db import models

from miasto.kernel.core.ids import uuid7


class Opinion(models.Model):
    """An opinion on a petition that somebody was asked for: an office, a council, a company; never a private person.

    ``gist`` is what it says, in a few public words; ``received_on`` None while it has not come.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+")
    body = models.CharField(max_length=200)
    asked_on = models.DateField()
    received_on = models.DateField(null=True)
    gist = models.CharField(max_length=600, blank=True)

    class Meta:
        ordering = ["asked_on", "id"]

    def __str__(self) -> str:
        return self.body
