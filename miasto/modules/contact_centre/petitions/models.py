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


class Transfer(models.Model):
    """A petition, or the part of it that ``gist`` names, sent to the body that is competent (art. 6)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+")
    body = models.CharField(max_length=200)
    sent_on = models.DateField()
    gist = models.CharField(max_length=600, blank=True)

    class Meta:
        ordering = ["sent_on", "id"]
        constraints = [models.UniqueConstraint(fields=["case", "body"], name="petition_sent_once")]


class Multiple(models.Model):
    """Petitions on one matter that are considered together (art. 11), with the announced time of waiting for further ones."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject = models.CharField(max_length=200)
    announced_on = models.DateField()
    wait_until = models.DateField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-announced_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(wait_until__gte=models.F("announced_on")), name="multiple_waits_later")
        ]


class Member(models.Model):
    """A petition of a multiple one; a petition is in one at most."""

    case = models.OneToOneField("cases.Case", models.CASCADE, primary_key=True, related_name="+")
    multiple = models.ForeignKey(Multiple, models.CASCADE, related_name="members")
    joined_on = models.DateField()


class Repetition(models.Model):
    """A petition left without consideration, because ``earlier`` was settled on the same matter (art. 12)."""

    case = models.OneToOneField("cases.Case", models.CASCADE, primary_key=True, related_name="+")
    earlier = models.ForeignKey("cases.Case", models.CASCADE, related_name="+")
