"""What is kept of voters beside the box while a vote goes on: keyed hashes, without a name, a number or a time.

Each purpose has a key of its own (``receipts.secret``), so that without the platform's secret no row here can be joined with
another table or with the box. Identifiers are random, not ordered. All of it is deleted when the vote is closed (papers: only
their numbers stay).
"""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.ids import uuid7
from miasto.kernel.participation.voting.models import Election


class Confirmation(models.Model):
    """That a voter was confirmed by a telephone number or an account; ``holder`` hashes these, ``voter`` the person."""

    class Means(models.TextChoices):
        PHONE = "phone", _("telefon")
        ACCOUNT = "account", _("konto")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    election = models.ForeignKey(Election, models.CASCADE, related_name="+")
    means = models.CharField(max_length=8, choices=Means.choices)
    holder = models.BinaryField(max_length=32)
    voter = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["election", "means", "voter"], name="voter_confirmed_once_by_each_means")
        ]
        indexes = [models.Index(fields=["election", "means", "holder"], name="confirmation_holder")]


class PhoneCode(models.Model):
    """A code sent to a telephone, as a keyed hash, until it is used, old or tried too often."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    election = models.ForeignKey(Election, models.CASCADE, related_name="+")
    code = models.BinaryField(max_length=32)
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)


class VotingPoint(models.Model):
    """A place where people vote on paper. ``counts`` (handed, entered, returned, outvoted, missing) are set at the close."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    election = models.ForeignKey(Election, models.CASCADE, related_name="points")
    name = models.CharField(_("nazwa"), max_length=200)
    address = models.CharField(_("adres"), max_length=200)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    counts = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closes_at__gt=models.F("opens_at")), name="voting_point_closes_after_it_opens"
            ),
            models.UniqueConstraint(fields=["election", "name"], name="voting_point_name_once"),
        ]


class PointOfficer(models.Model):
    """Who serves a voting point."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    point = models.ForeignKey(VotingPoint, models.CASCADE, related_name="officers")
    person = models.ForeignKey("accounts.Person", models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["point", "person"], name="officer_of_a_point_once")]


class Paper(models.Model):
    """A paper ballot handed out in an envelope. Who it is for is sealed under the envelope's own code, kept nowhere else.

    ``voter`` keeps one person from getting two papers; ``envelope`` finds the row by the code; ``sealed`` gives the key of the
    box to who holds the code. Who handed it out may not open the envelope.
    """

    class State(models.TextChoices):
        OUT = "out", _("wydana")
        ENTERED = "entered", _("wpisana")
        RETURNED = "returned", _("oddana bez głosu")
        OUTVOTED = "outvoted", _("liczy się inny głos tej osoby")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    election = models.ForeignKey(Election, models.CASCADE, related_name="+")
    point = models.ForeignKey(VotingPoint, models.CASCADE, related_name="papers")
    voter = models.BinaryField(max_length=32)
    envelope = models.BinaryField(max_length=32, unique=True)
    sealed = models.BinaryField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OUT)
    handed_by = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["election", "voter"], condition=~models.Q(state="returned"), name="one_paper_for_each_voter"
            )
        ]
