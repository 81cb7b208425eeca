"""What may be read of an election, and from when: no content before the box is open, no turnout unless the rule says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Case, Prefetch, QuerySet, When

from miasto.kernel.accounts.selectors import may
from miasto.kernel.accounts.viewer import Viewer
from miasto.kernel.participation.access import ELECTIONS, PAPERS
from miasto.kernel.participation.voting import merkle
from miasto.kernel.participation.voting.models import Bulletin, CastVoteRecord, Election, Option, Pool, SealedBallot
from miasto.kernel.participation.voting.paper import counts as paper_counts
from miasto.kernel.participation.voting.paper import opened as open_envelope
from miasto.kernel.participation.voting.paper import points_of, served, standing
from miasto.kernel.participation.voting.receipts import Receipt, genuine
from miasto.kernel.participation.voting.rules import PoolRule

__all__ = [
    "ELECTIONS", "PAPERS", "NotYet", "PaperPool", "State", "ballot_paper", "ballots", "bulletin_lines", "elections",
    "has_voted", "inclusion", "is_genuine", "managed", "open_envelope", "paper_counts", "points_of", "root", "served",
    "standing", "turnout",
]  # fmt: skip
OVER = (Election.State.CLOSED, Election.State.TALLIED, Election.State.PUBLISHED)
OPENED = (Election.State.TALLIED, Election.State.PUBLISHED)


SHOWN = (Election.State.KEYED, Election.State.OPEN, *OVER)


State = Election.State


class NotYet(Exception):
    """It may not be read before a later step of the election."""


@dataclass(frozen=True, slots=True)
class PaperPool:
    """A pool as it stands on the ballot: its rule and its options by number."""

    row: Pool
    rule: PoolRule
    options: tuple[Option, ...]


def elections() -> QuerySet[Election]:
    """The elections that everybody may know of (their key is made), those that go on first."""
    going = Case(When(state=Election.State.OPEN, then=0), When(state=Election.State.KEYED, then=1), default=2)
    return Election.objects.filter(state__in=SHOWN).order_by(going, "-closes_at")


def ballot_paper(election: UUID) -> list[PaperPool]:
    """Pools and options in the order of their numbers; two queries."""
    pools = Pool.objects.filter(election=election).order_by("number")
    options = Prefetch("options", queryset=Option.objects.order_by("number"))
    found = []
    for pool in pools.prefetch_related(options):
        rows = tuple(pool.options.all())
        found.append(PaperPool(pool, pool.rule({one.number: one.cost for one in rows}), rows))
    return found


def root(election: UUID) -> str:
    """The root of the bulletin in hexadecimal; empty before the close."""
    found = Bulletin.objects.filter(election=election).values_list("root", flat=True).first()
    return bytes(found).hex() if found is not None else ""


def managed(viewer: Viewer) -> QuerySet[Election]:
    """Every election, for the committee; none for anybody else."""
    rows = Election.objects.order_by("-opens_at", "-id")
    return rows if may(viewer, ELECTIONS) else rows.none()


def has_voted(*, election: UUID, voter: bytes) -> bool:
    """Whether this voter's ballot lies in the box; only for who has just shown to be that voter."""
    return SealedBallot.objects.filter(election_id=election, voter=voter).exists()


def turnout(election: UUID) -> int | None:
    """How many ballots are in the box; None while the election's rule keeps it secret."""
    found = Election.objects.get(pk=election)
    if found.state in OVER:
        return found.counts["sealed"]
    if not found.turnout_shown or found.state != Election.State.OPEN:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM participation_sealedballot WHERE election_id = %s", [election])
        return cursor.fetchone()[0]


def ballots(election: UUID) -> Iterator[dict[int, list[tuple[UUID, int]]]]:
    """Each ballot as ``{pool number: [(option id, points), ...]}`` for the counting; points as in ``rules.Ballot``.

    In the order of random numbers, the same at each call. Raises ``NotYet`` before the box is open.
    """
    if not Election.objects.filter(pk=election, state__in=OPENED).exists():
        raise NotYet
    options = {
        (pool, number): key
        for pool, number, key in Option.objects.filter(pool__election=election).values_list("pool__number", "number", "id")
    }
    rows = CastVoteRecord.objects.filter(election=election).order_by("id").values_list("choices", flat=True)
    for choices in rows.iterator(5000):
        yield {pool: [(options[pool, number], points) for number, points in chosen] for pool, chosen in choices}


def bulletin_lines(election: UUID) -> list[str]:
    """The bulletin as text, one sealed ballot a line: ``<number> <digest>`` in hexadecimal. ``NotYet`` before the close."""
    return [f"{leaf[:16].hex()} {leaf[16:].hex()}" for leaf in _tree(_root(election), election)[0]]


def inclusion(*, election: UUID, number: UUID, digest: bytes) -> dict[str, Any] | None:
    """The proof that a receipt's ballot is in the bulletin; None where it is not (it was changed later, or is not of this box).

    JSON values: ``number``, ``digest``, ``root`` in hexadecimal and ``path``, ``[["left" | "right", hash], ...]`` from the
    leaf up.
    """
    root = _root(election)
    positions, rows = _tree(root, election)[1:]
    position = positions.get(number.bytes + digest)
    if position is None:
        return None
    path = [[side, brother.hex()] for side, brother in merkle.path(rows, position)]
    return {"election": str(election), "number": number.hex, "digest": digest.hex(), "root": root.hex(), "path": path}


def _root(election: UUID) -> bytes:
    root = Bulletin.objects.filter(election=election).values_list("root", flat=True).first()
    if root is None:
        raise NotYet
    return bytes(root)


@lru_cache(maxsize=2)
def _tree(root: bytes, election: UUID) -> tuple[list[bytes], dict[bytes, int], list[list[bytes]]]:
    """Leaves, their positions and the rows of the tree; a published bulletin never changes, so the process keeps it."""
    leaves = Bulletin.objects.get(election=election).leaves()
    return leaves, {leaf: position for position, leaf in enumerate(leaves)}, merkle.levels(leaves)


def is_genuine(receipt: Receipt) -> bool:
    """Whether the key of the election that a receipt names has signed it."""
    key = Election.objects.filter(pk=receipt.election).values_list("verify_key", flat=True).first()
    return key is not None and genuine(receipt, bytes(key))
