"""An election's way to the day of voting: prepared, given a key, opened. Each step is one call, with its change in the audit.

The caller checks that ``by`` may run the election.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from psycopg import sql

from miasto.kernel.accounts.viewer import Viewer
from miasto.kernel.core import changes, clock
from miasto.kernel.participation.voting import jobs, keys, receipts, sealing
from miasto.kernel.participation.voting.models import DoubleVotes, Election, KeyHolder, Option, Pool, SealedBallot, partition
from miasto.kernel.participation.voting.rules import Kind, Limit
from miasto.kernel.participation.voting.voters import VoterRules
from miasto.kernel.participation.voting.words import OptionKind

KIND = "participation.election"


class WrongState(Exception):
    """The election is not at this step. ``message`` says it to the person who tried."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class NewOption:
    """An option to vote on; ``cost`` in grosze, ``object_id`` the module's own thing, ``url`` a path of the platform."""

    number: int
    name: str
    cost: int = 0
    object_id: UUID | None = None
    summary: str = ""
    url: str = ""

    def row(self, pool: Pool) -> Option:
        """The option in its pool, not saved."""
        return Option(pool=pool, **asdict(self))


@dataclass(frozen=True, slots=True)
class NewPool:
    """A pool with its options; the fields are those of ``rules.PoolRule``."""

    number: int
    name: str
    options: tuple[NewOption, ...]
    kind: Kind = Kind.APPROVAL
    least: int = 0
    most: int | None = None
    budget: int | None = None
    points: int | None = None
    most_points: int | None = None


@dataclass(frozen=True, slots=True)
class HeldShare:
    """A share of the key for one holder: words to print or to show once, and then to forget."""

    number: int
    function: str
    words: str = field(repr=False)

    @property
    def qr_text(self) -> str:
        """What a QR code of the share holds: the words themselves, which a reader types back."""
        return self.words.upper()

    def qr(self) -> str:
        """The QR code as the address of a picture (``data:``), to be shown or printed on the same page and not kept."""
        import segno

        return str(segno.make(self.qr_text, error="q", micro=False).svg_data_uri(scale=6, border=4, dark="#000", light="#fff"))


def step(election: UUID, *allowed: str) -> Election:
    """The election, locked for the transaction; raises ``WrongState`` unless it is in one of the states."""
    found = Election.objects.select_for_update().get(pk=election)
    if found.state not in allowed:
        raise WrongState(_("Tego kroku nie można teraz zrobić: głosowanie jest w innym stanie."))
    return found


def record(election: Election, action: str, by: Viewer, **data: Any) -> None:
    """One line of the election's own history."""
    changes.record(action=f"participation.{action}", kind=KIND, object_id=election.pk, actor=by.actor, data=data)


@transaction.atomic
def create_election(
    *,
    title: str,
    opens_at: datetime,
    closes_at: datetime,
    pools: Sequence[NewPool],
    channels: Sequence[str],
    limits: Sequence[Limit] = (),
    double_votes: str = DoubleVotes.LAST_ELECTRONIC,
    blank_allowed: bool = False,
    turnout_shown: bool = False,
    voters: VoterRules | None = None,
    called: str = OptionKind.PROJECT,
    about: str = "",
    url: str = "",
    by: Viewer,
) -> Election:
    """A draft with its pools and options. ``closes_at`` is the first instant at which no ballot is taken any more."""
    election = Election.objects.create(
        title=title,
        about=about,
        url=url,
        called=str(called),
        voters=asdict(voters or VoterRules()),
        opens_at=opens_at,
        closes_at=closes_at,
        channels=list(channels),
        double_votes=double_votes,
        blank_allowed=blank_allowed,
        turnout_shown=turnout_shown,
        limits=[_plain(one) for one in limits],
    )
    for pool in pools:
        row = Pool.objects.create(
            election=election,
            number=pool.number,
            name=pool.name,
            kind=pool.kind.value,
            least=pool.least,
            most=pool.most,
            budget=pool.budget,
            points=pool.points,
            most_points=pool.most_points,
        )
        Option.objects.bulk_create(one.row(row) for one in pool.options)
    record(election, "election_created", by)
    return election


def _plain(limit: Limit) -> dict[str, Any]:
    return {
        "name": limit.name,
        "pools": sorted(limit.pools),
        "least": limit.least,
        "most": limit.most,
        "most_pools": limit.most_pools,
    }


@sensitive_variables()
@transaction.atomic
def make_keys(*, election: UUID, threshold: int, holders: Sequence[str], by: Viewer) -> list[HeldShare]:
    """Make the committee's key and return its shares, which exist nowhere else: show each to its holder once.

    ``holders`` are functions in the committee ("chair"), not names; ``threshold`` of them open the box. Pools, options and
    rules are fixed from here on. May be called again until the opening, where a share was lost: the earlier shares are void
    then.
    """
    found = step(election, Election.State.DRAFT, Election.State.KEYED)
    made = keys.make(threshold=threshold, holders=len(holders))
    found.threshold = threshold
    found.public_key = made.public_key
    found.verify_key = bytes(receipts.signing_key(found.pk).verify_key)
    found.ballot_bytes = sealing.size(found.rules())
    found.state = Election.State.KEYED
    found.save()
    found.key_holders.all().delete()
    KeyHolder.objects.bulk_create(
        KeyHolder(election=found, number=number, function=function, digest=digest)
        for number, (function, digest) in enumerate(zip(holders, made.digests, strict=True), 1)
    )
    record(found, "election_keyed", by, threshold=threshold, holders=len(holders))
    numbered = enumerate(zip(holders, made.shares, strict=True), 1)
    return [HeldShare(number, function, words) for number, (function, words) in numbered]


@transaction.atomic
def open_election(*, election: UUID, by: Viewer) -> Election:
    """Set the box up. Ballots are taken from ``opens_at``, which may still be ahead, until ``closes_at``."""
    found = step(election, Election.State.KEYED)
    if clock.now() >= found.closes_at:
        raise WrongState(_("Termin głosowania już minął. Ustal nowy."))
    _set_up_box(found.pk)
    found.state = Election.State.OPEN
    found.save(update_fields=["state"])
    record(found, "election_opened", by)
    jobs.close_due.defer(at=found.closes_at)
    return found


def _set_up_box(election: UUID) -> None:
    """The election's own table.

    PostgreSQL tidies it up after each fifty changes, so that replaced ballots do not lie about, and keeps no samples of its
    columns for the planner, which would outlive the rows.
    """
    table = sql.Identifier(partition(election))
    columns = [sql.Identifier(field.attname) for field in SealedBallot._meta.local_fields if field.concrete]
    samples = sql.SQL(", ").join(sql.SQL("ALTER {} SET STATISTICS 0").format(column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "CREATE TABLE {} PARTITION OF participation_sealedballot FOR VALUES IN ({}) "
                "WITH (autovacuum_vacuum_threshold = 50, autovacuum_vacuum_scale_factor = 0)"
            ).format(table, sql.Literal(str(election)))
        )
        cursor.execute(sql.SQL("ALTER TABLE {} {}").format(table, samples))
