"""A ticket: the right to cast one voter's ballot, from the page that established who votes to the form that sends it.

It names the voter only by the keyed hash of the box, is signed with the platform's secret and grows old. It is no receipt.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.core import signing

SALT = "miasto.participation.voting.ticket"
VALID_S = 2 * 60 * 60


class BadTicket(ValueError):
    """Made by somebody else, for another election, or too old."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """Who votes (``receipts.voter_key``) and by which channel."""

    voter: bytes
    channel: str


def issue(*, election: UUID, voter_key: bytes, channel: str) -> str:
    """A ticket for a voter whose right the caller has established."""
    return signing.dumps([election.hex, voter_key.hex(), channel], salt=SALT)


def read(text: str, *, election: UUID) -> Ticket:
    """The ticket of this election; raises ``BadTicket``."""
    try:
        named, voter, channel = signing.loads(text, salt=SALT, max_age=VALID_S)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadTicket("no ticket") from error
    if named != election.hex:
        raise BadTicket("of another election")
    return Ticket(bytes.fromhex(voter), channel)
