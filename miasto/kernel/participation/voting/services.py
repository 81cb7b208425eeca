"""What the rest of the platform calls to hold a secret vote. In order: create, make keys, open, cast, close, tally, publish."""

from miasto.kernel.participation.voting.casting import Refused, cast
from miasto.kernel.participation.voting.closing import close_election, publish_election, tally
from miasto.kernel.participation.voting.elections import (
    HeldShare,
    NewOption,
    NewPool,
    WrongState,
    create_election,
    make_keys,
    open_election,
)
from miasto.kernel.participation.voting.identity import account_text, identity_text
from miasto.kernel.participation.voting.keys import WrongShares
from miasto.kernel.participation.voting.models import Channel, DoubleVotes
from miasto.kernel.participation.voting.receipts import Receipt, voter_key
from miasto.kernel.participation.voting.rules import BallotError, InvalidBallot, Kind, Limit
from miasto.kernel.participation.voting.tickets import issue as issue_ticket

__all__ = [
    "BallotError", "Channel", "DoubleVotes", "HeldShare", "InvalidBallot", "Kind", "Limit", "NewOption", "NewPool", "Receipt",
    "Refused", "WrongShares", "WrongState", "account_text", "cast", "close_election", "create_election", "identity_text",
    "issue_ticket", "make_keys", "open_election", "publish_election", "tally", "voter_key",
]  # fmt: skip
