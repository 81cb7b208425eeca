"""What the rest of the platform calls to hold a secret vote. In order: create, make keys, open, cast, close, tally, publish."""

from miasto.kernel.notifications.sms import BadNumber, NotSent, number_of
from miasto.kernel.notifications.sms import available as sms_available
from miasto.kernel.participation.voting.batching import batcher
from miasto.kernel.participation.voting.casting import NewBallot, Refused, cast, cast_many
from miasto.kernel.participation.voting.closing import close_election, publish_election, tally
from miasto.kernel.participation.voting.codes import WrongCode, send_code
from miasto.kernel.participation.voting.codes import check as check_code
from miasto.kernel.participation.voting.confirming import admit, marks_of
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
from miasto.kernel.participation.voting.paper import enter, give_back, hand_out, save_point, set_officers
from miasto.kernel.participation.voting.receipts import Receipt, voter_key
from miasto.kernel.participation.voting.rules import BallotError, InvalidBallot, Kind, Limit, validate
from miasto.kernel.participation.voting.tickets import BadTicket
from miasto.kernel.participation.voting.tickets import issue as issue_ticket
from miasto.kernel.participation.voting.tickets import read as read_ticket
from miasto.kernel.participation.voting.voters import VoterRules
from miasto.kernel.participation.voting.words import OptionKind

__all__ = [
    "BadNumber", "BadTicket", "BallotError", "Channel", "DoubleVotes", "HeldShare", "InvalidBallot", "Kind", "Limit",
    "NewBallot", "NewOption", "NewPool", "NotSent", "OptionKind", "Receipt", "Refused", "VoterRules", "WrongCode",
    "WrongShares", "WrongState", "account_text", "admit", "batcher", "cast", "cast_many", "check_code", "close_election",
    "create_election", "enter", "give_back", "hand_out", "identity_text", "issue_ticket", "make_keys", "marks_of",
    "number_of", "open_election", "publish_election", "read_ticket", "save_point", "send_code", "set_officers",
    "sms_available", "tally", "validate", "voter_key",
]  # fmt: skip
