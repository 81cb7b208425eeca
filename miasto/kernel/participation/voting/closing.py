"""The end: the box is closed and its bulletin published; the committee opens it; only ballots without voters are left."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from nacl.public import PrivateKey
from psycopg import sql

from miasto.kernel.accounts.viewer import SYSTEM, Viewer
from miasto.kernel.core import clock
from miasto.kernel.core.events import publish
from miasto.kernel.participation.events import ElectionClosed, ElectionPublished, ElectionTallied
from miasto.kernel.participation.voting import codes, confirming, keys, merkle, paper, receipts, rules, sealing
from miasto.kernel.participation.voting.elections import WrongState, record, step
from miasto.kernel.participation.voting.models import Bulletin, CastVoteRecord, Election, SealedBallot, partition

BATCH = 2000


@transaction.atomic
def close_election(*, election: UUID, by: Viewer) -> Bulletin:
    """Take no more ballots and publish what lies in the box: the digest of each sealed ballot, and the root of all.

    Done before anybody can open a ballot, so that nothing can be added or left out by what it says. A row that the platform
    did not sign, or signed once and found twice, was put in by somebody with access to the database: it is left out and its
    number published. What was kept of voters beside the box is deleted, of papers all but their numbers.
    """
    found = step(election, Election.State.OPEN)
    if clock.now() < found.closes_at:
        raise WrongState(_("Głosowanie jeszcze trwa."))
    by_channel: Counter[str] = Counter()
    entries: set[bytes] = set()
    foreign = 0
    for channel, receipt in _receipts(found.pk):
        if receipt.leaf in entries or not receipts.genuine(receipt, bytes(found.verify_key)):
            foreign += 1
        else:
            entries.add(receipt.leaf)
            by_channel[channel] += 1
    leaves = sorted(entries)
    root = merkle.root(merkle.levels(leaves))
    bulletin = Bulletin.objects.create(election=found, entries=b"".join(leaves), root=root)
    found.state = Election.State.CLOSED
    found.counts = {"channels": dict(by_channel), "sealed": len(leaves), "foreign": foreign}
    found.save(update_fields=["state", "counts"])
    confirming.forget(found.pk)
    codes.forget(found.pk)
    paper.sum_up(found.pk)
    record(found, "election_closed", by, root=root.hex(), **found.counts)
    publish(ElectionClosed(election_id=found.pk))
    return bulletin


def close_due() -> int:
    """Close every election whose last instant is over; returns how many. One closed meanwhile is passed over."""
    due = Election.objects.filter(state=Election.State.OPEN, closes_at__lte=clock.now())
    count = 0
    for one in list(due.values_list("pk", flat=True)):
        with suppress(WrongState):
            close_election(election=one, by=SYSTEM)
            count += 1
    return count


def _receipts(election: UUID) -> Iterator[tuple[str, receipts.Receipt]]:
    rows = SealedBallot.objects.filter(election_id=election).values_list("channel", "number", "ciphertext", "signature")
    for channel, number, ciphertext, signature in rows.iterator(BATCH):
        digest = hashlib.sha256(ciphertext).digest()
        yield channel, receipts.Receipt(election, number, digest, bytes(signature))


@sensitive_variables()
def tally(*, election: UUID, shares: Sequence[str], by: Viewer) -> int:
    """Open the box with the committee's shares; returns how many ballots are left to count.

    One transaction: every ballot is opened in memory and checked against the rules, written without voter, channel, time or
    sequence in the order of a fresh random number, and the table of sealed ballots is dropped. Raises ``WrongShares``.
    """
    with transaction.atomic():
        found = step(election, Election.State.CLOSED)
        key = keys.recover(
            shares,
            threshold=found.threshold,
            public_key=bytes(found.public_key),
            digests=[bytes(one) for one in found.key_holders.values_list("digest", flat=True)],
        )
        ballots, left_out = _opened(found, key)
        del key
        _write(found, ballots)
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(partition(found.pk))))
        found.state = Election.State.TALLIED
        found.counts = {**found.counts, "counted": len(ballots), **left_out}
        found.save(update_fields=["state", "counts"])
        record(found, "election_tallied", by, counted=len(ballots), **left_out)
        publish(ElectionTallied(election_id=found.pk))
    return len(ballots)


@sensitive_variables()
def _opened(election: Election, key: PrivateKey) -> tuple[list[rules.Ballot], dict[str, int]]:
    """The ballots of the bulletin, and how many of it are missing or cannot be read."""
    ballot_rules = election.rules()
    waiting = set(election.bulletin.leaves())
    ballots: list[rules.Ballot] = []
    unreadable = 0
    rows = SealedBallot.objects.filter(election_id=election.pk).values_list("number", "ciphertext")
    for number, ciphertext in rows.iterator(BATCH):
        leaf = number.bytes + hashlib.sha256(ciphertext).digest()
        if leaf not in waiting:
            continue
        waiting.remove(leaf)
        try:
            ballot = sealing.unseal(bytes(ciphertext), key)
            ballots.append(rules.validate(ballot_rules, rules.as_choices(ballot_rules, ballot)))
        except (sealing.Unreadable, rules.InvalidBallot):
            unreadable += 1
    return ballots, {"unreadable": unreadable, "missing": len(waiting)}


def _write(election: Election, ballots: list[rules.Ballot]) -> None:
    """Random numbers from the system's generator (122 bits) shuffle the ballots; written in their order by one transaction."""
    rows = [CastVoteRecord(id=uuid.uuid4(), election=election, choices=sorted(one.items())) for one in ballots]
    rows.sort(key=lambda row: row.id.bytes)
    CastVoteRecord.objects.bulk_create(rows, batch_size=BATCH)


@transaction.atomic
def publish_election(*, election: UUID, by: Viewer) -> Election:
    """Announce the result: from here on the ballots may be shown to everybody."""
    found = step(election, Election.State.TALLIED)
    found.state = Election.State.PUBLISHED
    found.save(update_fields=["state"])
    record(found, "election_published", by)
    publish(ElectionPublished(election_id=found.pk))
    return found
