"""A planned count of an election, its results and the files that are published with them. Nothing here knows a voter.

Rows are written by one transaction of the counting job and shown to everybody only after the announcement (``announced_at``).
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.ids import uuid7
from miasto.kernel.participation.voting.models import Election, Option


class TallyQuerySet(models.QuerySet):
    """Counts narrowed to who may know of them."""

    def announced(self) -> TallyQuerySet:
        """Those of published elections, for everybody."""
        return self.filter(announced_at__isnull=False, election__state=Election.State.PUBLISHED)

    def counted(self) -> TallyQuerySet:
        """Those that are ready, for the committee and the office before the announcement; the caller has checked the right."""
        return self.filter(state=Tally.State.READY)


class Tally(models.Model):
    """How an election is counted, fixed before it opens, and how far the counting is.

    ``rule`` is the JSON of ``planning.Plan.rule``, ``money`` maps a pool's number to its grosze. ``together``: one count over
    all pools with their limits, instead of one for each. ``done`` of ``steps`` is the job's progress. ``error``: why the last
    try failed, a code. ``input_sha256``: the hash of the hashes of the counted files (``counting.input_hash``).
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("zasady liczenia ustalone")
        WAITING = "waiting", _("czeka na policzenie")
        RUNNING = "running", _("liczenie trwa")
        READY = "ready", _("policzone")
        FAILED = "failed", _("liczenie się nie udało")

    election = models.OneToOneField(Election, models.PROTECT, primary_key=True, related_name="tally_row")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PLANNED)
    rule = models.JSONField()
    money = models.JSONField()
    together = models.BooleanField(default=False)
    steps = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField(null=True)
    counted_at = models.DateTimeField(null=True)
    announced_at = models.DateTimeField(null=True)
    input_sha256 = models.CharField(max_length=64, blank=True)

    objects = TallyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(announced_at=None) | models.Q(state="ready"), name="tally_announced_when_ready"
            ),
        ]

    @property
    def pending(self) -> bool:
        """Whether the result is to come by itself: the box is open, also while the job that counts has not been asked for."""
        opened = self.election.state in (Election.State.TALLIED, Election.State.PUBLISHED)
        return self.state in (self.State.WAITING, self.State.RUNNING) or (self.state == self.State.PLANNED and opened)

    @property
    def percent(self) -> int:
        """Progress from 0 to 100."""
        return 100 * self.done // self.steps if self.steps else 0


class PoolCount(models.Model):
    """One count: of a pool, or of all pools together (``pools`` lists their numbers).

    Money in grosze. ``figures`` is the JSON of ``counting.figures``: share, runs, preference, purchases with exact prices, what
    another rule would have chosen. ``sha256`` is the hash of the counted file.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tally = models.ForeignKey(Tally, models.CASCADE, related_name="counts")
    number = models.PositiveSmallIntegerField()
    pools = ArrayField(models.PositiveSmallIntegerField())
    name = models.CharField(max_length=200)
    vote_type = models.CharField(max_length=12)
    ballots = models.PositiveIntegerField()
    budget = models.BigIntegerField()
    cost = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    figures = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tally", "number"], name="pool_count_number_once")]

    @property
    def left(self) -> int:
        """The grosze that no winner takes."""
        return self.budget - self.cost


class OptionResult(models.Model):
    """What became of one option. ``reason`` is a code of ``recount.WORDS``; money in grosze, what is missing rounded up.

    ``key`` is the option's id in the files (``pool-number``); ``tied`` the keys of those it was exactly equal to. ``place`` is
    the order of winning. ``price``: what one point paid at most under equal shares, an exact fraction of the currency.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    count = models.ForeignKey(PoolCount, models.CASCADE, related_name="results")
    option = models.OneToOneField(Option, models.PROTECT, related_name="result")
    key = models.CharField(max_length=24)
    won = models.BooleanField()
    place = models.PositiveIntegerField(null=True)
    votes = models.PositiveIntegerField()
    score = models.BigIntegerField()
    reason = models.CharField(max_length=20)
    missing_votes = models.BigIntegerField(null=True)
    missing_money = models.BigIntegerField(null=True)
    price = models.TextField(blank=True)
    tied = ArrayField(models.CharField(max_length=24), default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(won=True, place__isnull=False) | models.Q(won=False, place=None),
                name="only_winners_have_a_place",
            ),
        ]


class TallyFile(models.Model):
    """A file that is published with the result, byte for byte as it was hashed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tally = models.ForeignKey(Tally, models.CASCADE, related_name="files")
    name = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    data = models.BinaryField()
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tally", "name"], name="tally_file_name_once")]
