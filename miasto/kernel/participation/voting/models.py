"""An election, its sealed ballots while it lasts, and what is left afterwards: ballots without voters, and a bulletin.

The sealed ballots are the written exception to audit and events: a row for each would say who voted when. They have no time and
no sequence, only random numbers; their table is partitioned by election, so that at the end the partition is really dropped.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.ids import uuid7
from miasto.kernel.participation.voting.rules import BallotRules, Kind, Limit, PoolRule
from miasto.kernel.participation.voting.voters import VoterRules
from miasto.kernel.participation.voting.words import OptionKind


class Channel(models.TextChoices):
    """How a ballot comes in."""

    ACCOUNT = "account", _("przez konto")
    IDENTITY = "identity", _("po podaniu danych")
    PAPER = "paper", _("na papierze")


class DoubleVotes(models.TextChoices):
    """The published rule for a voter who votes by more than one channel. Within one channel the last ballot counts."""

    LAST_ELECTRONIC = "last_electronic", _("liczy się ostatni głos elektroniczny")
    PAPER = "paper", _("liczy się głos na papierze")
    FIRST = "first", _("liczy się głos oddany pierwszym sposobem")


class Election(models.Model):
    """A vote with one committee, one key and one box. Public keys only: no private key and no share is ever in a row.

    ``counts`` are set at the close: ballots by channel, and how many were refused as not issued by the platform or unreadable.
    ``url`` is the page of the module whose vote it is, ``voters`` the fields of ``voters.VoterRules``, ``called`` what its
    options are.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("przygotowywane")
        KEYED = "keyed", _("klucz komisji gotowy")
        OPEN = "open", _("trwa")
        CLOSED = "closed", _("zamknięte, urna zapieczętowana")
        TALLIED = "tallied", _("urna otwarta")
        PUBLISHED = "published", _("wyniki ogłoszone")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    title = models.CharField(max_length=200)
    about = models.TextField(blank=True)
    url = models.CharField(max_length=300, blank=True)
    called = models.CharField(
        max_length=10, choices=[(one.value, one.value) for one in OptionKind], default=OptionKind.PROJECT.value
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    channels = ArrayField(models.CharField(max_length=10, choices=Channel.choices))
    double_votes = models.CharField(max_length=16, choices=DoubleVotes.choices, default=DoubleVotes.LAST_ELECTRONIC)
    blank_allowed = models.BooleanField(default=False)
    turnout_shown = models.BooleanField(default=False)
    limits = models.JSONField(default=list)
    voters = models.JSONField(default=dict)
    threshold = models.PositiveSmallIntegerField(null=True)
    public_key = models.BinaryField(max_length=32, null=True)
    verify_key = models.BinaryField(max_length=32, null=True)
    ballot_bytes = models.PositiveIntegerField(null=True)
    counts = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closes_at__gt=models.F("opens_at")), name="election_closes_after_it_opens"
            ),
        ]

    def rules(self) -> BallotRules:
        """The rules of its ballot, with two queries."""
        options: dict[int, dict[int, int]] = {}
        for pool, number, cost in Option.objects.filter(pool__election=self).values_list("pool__number", "number", "cost"):
            options.setdefault(pool, {})[number] = cost
        pools = tuple(one.rule(options.get(one.number, {})) for one in self.pools.order_by("number"))
        limits = tuple(Limit(**{**one, "pools": frozenset(one["pools"])}) for one in self.limits)
        return BallotRules(pools, limits, self.blank_allowed, self.called)

    def voter_rules(self) -> VoterRules:
        """Who may vote, and what confirms it."""
        return VoterRules(**self.voters)


class Pool(models.Model):
    """Options that share a budget and a way of choosing: the whole city, one district, one question."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    election = models.ForeignKey(Election, models.CASCADE, related_name="pools")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Kind])
    least = models.PositiveSmallIntegerField(default=0)
    most = models.PositiveSmallIntegerField(null=True)
    budget = models.BigIntegerField(null=True, help_text="grosze")
    points = models.PositiveIntegerField(null=True)
    most_points = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["election", "number"], name="pool_number_once")]

    def rule(self, options: dict[int, int]) -> PoolRule:
        """The pool as the validator takes it."""
        return PoolRule(
            number=self.number,
            name=self.name,
            kind=Kind(self.kind),
            options=options,
            least=self.least,
            most=self.most,
            budget=self.budget,
            points=self.points,
            most_points=self.most_points,
        )


class Option(models.Model):
    """What can be chosen. ``number`` is its place on the printed list, ``object_id`` the module's own thing (a project).

    ``summary`` is a sentence or two for the ballot, ``url`` a path of the platform where the whole is told.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    pool = models.ForeignKey(Pool, models.CASCADE, related_name="options")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=300)
    cost = models.BigIntegerField(default=0, help_text="grosze")
    object_id = models.UUIDField(null=True, db_index=True)
    summary = models.TextField(blank=True)
    url = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pool", "number"], name="option_number_once")]


class KeyHolder(models.Model):
    """Who keeps a share of the key, by function in the committee; ``digest`` recognises the share (keys.py)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    election = models.ForeignKey(Election, models.CASCADE, related_name="key_holders")
    number = models.PositiveSmallIntegerField()
    function = models.CharField(max_length=200)
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["election", "number"], name="key_holder_number_once")]


class SealedBallot(models.Model):
    """One voter's present ballot, sealed. ``voter`` is a keyed hash (receipts.py), ``requests`` the sender's own keys.

    The table is partitioned by election and made by hand in the migration; no foreign key, so that a partition can be dropped
    without a lock on the election.
    """

    pk = models.CompositePrimaryKey("election_id", "voter")
    election_id = models.UUIDField()
    voter = models.BinaryField(max_length=32)
    channel = models.CharField(max_length=10)
    number = models.UUIDField()
    ciphertext = models.BinaryField()
    signature = models.BinaryField(max_length=64)
    requests = ArrayField(models.UUIDField())

    class Meta:
        db_table = "participation_sealedballot"


class CastVoteRecord(models.Model):
    """A ballot after the opening of the box: what was chosen and nothing else. Rows lie in the order of their random numbers.

    ``choices`` is ``[[pool number, [[option number, points], ...]], ...]``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    election = models.ForeignKey(Election, models.PROTECT, related_name="+")
    choices = models.JSONField()


class Bulletin(models.Model):
    """What is published at the close: 48 bytes of each sealed ballot (16 number, 32 digest), ascending, and their root."""

    election = models.OneToOneField(Election, models.PROTECT, primary_key=True, related_name="bulletin")
    entries = models.BinaryField()
    root = models.BinaryField(max_length=32)

    def leaves(self) -> list[bytes]:
        """The entries one by one."""
        data = bytes(self.entries)
        return [data[at : at + ENTRY_BYTES] for at in range(0, len(data), ENTRY_BYTES)]


ENTRY_BYTES = 48


def partition(election: Any) -> str:
    """The name of an election's own table of sealed ballots."""
    return f"participation_sealedballot_{election.hex}"
