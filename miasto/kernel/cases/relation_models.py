"""What binds cases to each other, and people to a case that somebody else filed."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import Q

from miasto.kernel.core.ids import uuid7


class Relation(models.Model):
    """A case that is the duplicate of another, or a part split from it. A case is at most in one such relation at a time.

    The relations of a kind are a forest: ``main`` may itself be a duplicate (of a case that it was merged into later), never
    one of those below. An undone relation is deleted; the history of both cases keeps it. ``stage_before`` is the stage to
    which an undone duplicate goes back.
    """

    class Kind(models.TextChoices):
        DUPLICATE_OF = "duplicate_of"
        PART_OF = "part_of"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="relations")
    main = models.ForeignKey("cases.Case", models.CASCADE, related_name="related", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    stage_before = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "kind"], name="case_relation_once"),
            models.CheckConstraint(condition=~Q(case=models.F("main")), name="case_relation_other"),
        ]
        indexes = [models.Index(fields=["main", "kind"], name="case_relation_main")]


class Supporter(models.Model):
    """Somebody whom a case concerns too: one row for each person or device ("me too").

    ``who`` is a keyed digest of the account or of the device's cookie. ``email`` is personal data and is written to only once
    ``confirmed_at`` is set: the address was confirmed by the link sent to it, or is that of the account.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+", db_index=False)
    who = models.CharField(max_length=32)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=5, default="pl")
    confirmed_at = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "who"], name="case_supporter_once")]


class Watcher(models.Model):
    """A person with an account who is told of every step of a case."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "person"], name="case_watcher_once")]
