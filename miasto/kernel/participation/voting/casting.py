"""Casting: one ballot, or as many as came in together, in one transaction; the receipt is given only after its commit.

No change, no event and no log line is made of a ballot (models.py says why). What a repeated request gets is what the first
one got.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _
from nacl.signing import SigningKey

from miasto.kernel.core import clock
from miasto.kernel.participation.voting import receipts, rules, sealing
from miasto.kernel.participation.voting.models import Channel, DoubleVotes, Election
from miasto.kernel.participation.voting.receipts import Receipt

MOST_CHANGES = 200
ROUNDS = 5


class Refused(Exception):
    """The ballot was not taken. ``code`` is stable, ``message`` a sentence for the voter."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Box:
    """What of an election never changes once its key is made; kept by the process, so that a ballot asks only for the state."""

    election: UUID
    rules: rules.BallotRules
    public_key: bytes
    ballot_bytes: int
    double_votes: str
    channels: frozenset[str]
    signing_key: SigningKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class Vote:
    """One checked and sealed ballot on its way into the box."""

    voter: bytes
    channel: str
    request: UUID
    receipt: Receipt
    ciphertext: bytes = field(repr=False)


@lru_cache(maxsize=16)
def box(election: UUID) -> Box:
    """The box of an election; ``Refused`` where there is none, RuntimeError where the platform's secret was exchanged."""
    found = Election.objects.filter(pk=election).exclude(state=Election.State.DRAFT).first()
    if found is None:
        raise Refused("not_open", _("To głosowanie nie jest otwarte."))
    key = receipts.signing_key(found.pk)
    if bytes(key.verify_key) != bytes(found.verify_key):
        raise RuntimeError("MIASTO_SECRET_KEY is not the one with which this election was prepared")
    return Box(
        election=found.pk,
        rules=found.rules(),
        public_key=bytes(found.public_key),
        ballot_bytes=found.ballot_bytes,
        double_votes=found.double_votes,
        channels=frozenset(found.channels),
        signing_key=key,
    )


def prepare(*, election: UUID, voter_key: bytes, ballot: Mapping[Any, Any], channel: str, request: UUID) -> Vote:
    """Check, seal and sign a ballot, without the database's part. Raises ``InvalidBallot`` or ``Refused``."""
    place = box(election)
    if channel not in place.channels:
        raise Refused("channel", _("W tym głosowaniu nie można głosować w ten sposób."))
    checked = rules.validate(place.rules, ballot)
    ciphertext = sealing.seal(checked, public_key=place.public_key, length=place.ballot_bytes)
    receipt = receipts.issue(election=election, number=uuid.uuid4(), ciphertext=ciphertext, key=place.signing_key)
    return Vote(voter_key, channel, request, receipt, ciphertext)


def cast(*, election: UUID, voter_key: bytes, ballot: Mapping[Any, Any], channel: str, request: UUID) -> Receipt:
    """Take one ballot of a voter whose right the caller has established; an earlier one of the same voter is replaced.

    ``voter_key`` comes from ``receipts.voter_key``, ``ballot`` as ``rules.validate`` takes it; ``request`` is the sender's
    random key: a repetition with the same key gets the same receipt. Raises ``InvalidBallot`` or ``Refused``. Must not be
    called inside a transaction that may be rolled back after the receipt was shown.
    """
    vote = prepare(election=election, voter_key=voter_key, ballot=ballot, channel=channel, request=request)
    result = take(election=election, votes=[vote])[0]
    if isinstance(result, Refused):
        raise result
    return result


@dataclass(frozen=True, slots=True)
class NewBallot:
    """A ballot of one voter, with the arguments of ``cast``."""

    voter_key: bytes
    ballot: Mapping[Any, Any] = field(repr=False)
    channel: str
    request: UUID


def cast_many(*, election: UUID, ballots: Sequence[NewBallot]) -> list[Receipt | Refused]:
    """``cast`` for many ballots in one transaction (the demo city, an import); what came of each, in their order.

    Raises ``InvalidBallot`` before anything is taken.
    """
    votes = [
        prepare(election=election, voter_key=one.voter_key, ballot=one.ballot, channel=one.channel, request=one.request)
        for one in ballots
    ]
    return take(election=election, votes=votes)


def take(*, election: UUID, votes: Sequence[Vote]) -> list[Receipt | Refused]:
    """Put sealed ballots into the box in one transaction and say for each what came of it, after the commit."""
    results: dict[int, Receipt | Refused] = {}
    waiting = list(enumerate(votes))
    for _round in range(ROUNDS):
        if not waiting:
            break
        waiting = _take_first_of_each(election, waiting, results)
    for place, _vote in waiting:
        results[place] = Refused("busy", _("Nie udało się przyjąć głosu. Spróbuj jeszcze raz."))
    return [results[place] for place in range(len(votes))]


Waiting = list[tuple[int, Vote]]


def _take_first_of_each(election: UUID, waiting: Waiting, results: dict[int, Receipt | Refused]) -> Waiting:
    """One transaction with at most one ballot of each voter; returns those that must wait for the next."""
    now: dict[bytes, tuple[int, Vote]] = {}
    later: Waiting = []
    for place, vote in waiting:
        if vote.voter in now:
            later.append((place, vote))
        else:
            now[vote.voter] = (place, vote)
    done: dict[int, Receipt | Refused] = {}
    with transaction.atomic():
        later = sorted(_take(election, now, done) + later, key=lambda one: one[0])
    results.update(done)
    return later


def _take(election: UUID, now: dict[bytes, tuple[int, Vote]], done: dict[int, Receipt | Refused]) -> Waiting:
    double_votes = box(election).double_votes
    with connection.cursor() as cursor:
        # a receipt outlives the power cut, whatever the cluster's own setting is
        cursor.execute("SET LOCAL synchronous_commit = on")
        refusal = _closed(cursor, election)
        if refusal is not None:
            done.update({place: refusal for place, _vote in now.values()})
            return []
        new, changed = [], []
        present = _present(cursor, election, list(now))
        for voter, (place, vote) in now.items():
            if voter not in present:
                new.append(vote)
                continue
            result = _decide(double_votes, vote, present[voter])
            done[place] = result or vote.receipt
            if result is None:
                changed.append(vote)
        _replace(cursor, election, changed)
        taken = _insert(cursor, election, new)
    done.update({now[voter][0]: now[voter][1].receipt for voter in taken})
    # another process was faster with the same voter's first ballot: decided in the next round, when that one is seen
    return [now[vote.voter] for vote in new if vote.voter not in taken]


def _closed(cursor: Any, election: UUID) -> Refused | None:
    """Why the box takes nothing now. The lock holds the close back until this transaction ends, and the other way round."""
    cursor.execute(
        "SELECT state, opens_at, closes_at FROM participation_election WHERE id = %s FOR SHARE",
        [election],
    )
    state, opens_at, closes_at = cursor.fetchone()
    if state == Election.State.OPEN and clock.now() < opens_at:
        return Refused("not_yet", _("Głosowanie jeszcze się nie zaczęło."))
    if state in (Election.State.DRAFT, Election.State.KEYED):
        return Refused("not_open", _("To głosowanie nie jest otwarte."))
    if state != Election.State.OPEN or clock.now() >= closes_at:
        return Refused("closed", _("Głosowanie już się skończyło."))
    return None


@dataclass(frozen=True, slots=True)
class _Present:
    """The voter's ballot that lies in the box."""

    channel: str
    requests: list[UUID]
    receipt: Receipt


def _present(cursor: Any, election: UUID, voters: list[bytes]) -> dict[bytes, _Present]:
    cursor.execute(
        """SELECT voter, channel, requests, number, sha256(ciphertext), signature FROM participation_sealedballot
           WHERE election_id = %s AND voter = ANY(%s) ORDER BY voter FOR UPDATE""",
        [election, voters],
    )
    return {
        bytes(voter): _Present(channel, requests, Receipt(election, number, bytes(digest), bytes(signature)))
        for voter, channel, requests, number, digest, signature in cursor.fetchall()
    }


def _decide(rule: str, vote: Vote, present: _Present) -> Receipt | Refused | None:
    """None where the vote replaces the one in the box; else the receipt of what lies there already, or the refusal."""
    if vote.request == present.requests[-1]:
        return present.receipt
    if vote.request in present.requests:
        return Refused("superseded", _("Ten głos został już zmieniony – liczy się nowszy."))
    if len(present.requests) >= MOST_CHANGES:
        return Refused("too_many_changes", _("Ten głos był już zmieniany zbyt wiele razy."))
    if not replaces(rule=rule, present=present.channel, new=vote.channel):
        return Refused("voted_elsewhere", _("Ta osoba oddała już głos w inny sposób i tamten się liczy."))
    return None


def replaces(*, rule: str, present: str, new: str) -> bool:
    """Whether a ballot by the channel ``new`` takes the place of one by ``present`` under the published rule."""
    if new == present:
        return True
    if rule == DoubleVotes.FIRST:
        return False
    if rule == DoubleVotes.PAPER:
        return present != Channel.PAPER
    return new != Channel.PAPER


def _replace(cursor: Any, election: UUID, votes: list[Vote]) -> None:
    if votes:
        cursor.execute(
            """UPDATE participation_sealedballot AS box
               SET channel = new.channel, number = new.number, ciphertext = new.ciphertext, signature = new.signature,
                   requests = box.requests || new.request
               FROM unnest(%s::bytea[], %s::text[], %s::uuid[], %s::bytea[], %s::bytea[], %s::uuid[])
                   AS new (voter, channel, number, ciphertext, signature, request)
               WHERE box.election_id = %s AND box.voter = new.voter""",
            [*_columns(votes), election],
        )


def _insert(cursor: Any, election: UUID, votes: list[Vote]) -> set[bytes]:
    """Insert first ballots; returns the voters whose ballot is in. In one order, so that no two wait for each other."""
    if not votes:
        return set()
    cursor.execute(
        """INSERT INTO participation_sealedballot (election_id, voter, channel, number, ciphertext, signature, requests)
           SELECT %s, voter, channel, number, ciphertext, signature, ARRAY[request]
           FROM unnest(%s::bytea[], %s::text[], %s::uuid[], %s::bytea[], %s::bytea[], %s::uuid[])
               AS new (voter, channel, number, ciphertext, signature, request)
           ORDER BY voter
           ON CONFLICT (election_id, voter) DO NOTHING RETURNING voter""",
        [election, *_columns(votes)],
    )
    return {bytes(voter) for (voter,) in cursor.fetchall()}


def _columns(votes: list[Vote]) -> list[list[Any]]:
    return [
        [one.voter for one in votes],
        [one.channel for one in votes],
        [one.receipt.number for one in votes],
        [one.ciphertext for one in votes],
        [one.receipt.signature for one in votes],
        [one.request for one in votes],
    ]
