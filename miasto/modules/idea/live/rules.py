"""What a vote decided: majorities, ties, quorum and second rounds from numbers alone. No database, no words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

POLL, NO_QUORUM, NOBODY = "poll", "no_quorum", "nobody"
PASSED, REJECTED = "passed", "rejected"
CHOSEN, TIE, NO_MAJORITY = "chosen", "tie", "no_majority"
YES, NO = 0, 1


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A majority rule. ``kind`` is yes_no, one or several, ``majority`` none, simple, absolute or qualified.

    ``base`` says of what an absolute or qualified majority is counted: cast, present or entitled; a qualified one is at least
    ``parts``/``of`` of it. ``seats`` are the places to fill by a choice of several.
    """

    kind: str
    majority: str
    base: str = "cast"
    parts: int = 2
    of: int = 3
    seats: int = 1


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """``votes`` for each option, ``cast`` ballots, people ``present`` and ``entitled``."""

    votes: Sequence[int]
    cast: int
    present: int = 0
    entitled: int = 0


@dataclass(frozen=True, kw_only=True)
class Decision:
    """``winners`` are option numbers, ``needed`` the least votes that decide (None: more than the others).

    ``again`` are the options of a second round, best first; empty where none makes sense.
    """

    verdict: str
    winners: list[int] = field(default_factory=list)
    needed: int | None = None
    again: list[int] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"verdict": self.verdict, "winners": self.winners, "needed": self.needed, "again": self.again}


def needed(rule: Rule, numbers: Numbers) -> int | None:
    """The least number of votes for; None for a simple majority, which is more than the other side."""
    base = {"cast": numbers.cast, "present": numbers.present, "entitled": numbers.entitled}[rule.base]
    if rule.majority == "absolute":
        return base // 2 + 1
    if rule.majority == "qualified":
        return max(-(-rule.parts * base // rule.of), 1)
    return None


def decide(rule: Rule, numbers: Numbers, *, quorum: bool = True) -> Decision:
    """What was decided. Without a quorum nothing is; equal numbers decide nothing (nobody has a casting vote)."""
    if rule.majority == "none":
        return Decision(verdict=POLL)
    least = needed(rule, numbers)
    if not quorum:
        return Decision(verdict=NO_QUORUM, needed=least)
    if not any(numbers.votes):
        return Decision(verdict=NOBODY, needed=least)
    if rule.kind == "yes_no":
        return _yes_no(numbers, least)
    return _best(rule, numbers, least)


def _yes_no(numbers: Numbers, least: int | None) -> Decision:
    """Simple: more for than against, who abstains is on neither side."""
    yes, no = numbers.votes[YES], numbers.votes[NO]
    if least is not None:
        return Decision(verdict=PASSED if yes >= least else REJECTED, needed=least)
    if yes == no:
        return Decision(verdict=TIE)
    return Decision(verdict=PASSED if yes > no else REJECTED)


def _best(rule: Rule, numbers: Numbers, least: int | None) -> Decision:
    """The ``seats`` options with the most votes, where each has the majority and the last one has more than the next."""
    order = sorted(range(len(numbers.votes)), key=lambda one: (-numbers.votes[one], one))
    seats = rule.seats if rule.kind == "several" else 1
    good = [one for one in order if numbers.votes[one] >= (least or 1)]
    if len(good) <= seats:
        winners = good
        tie = False
    else:
        line = numbers.votes[good[seats - 1]]
        tie = numbers.votes[good[seats]] == line
        winners = [one for one in good[:seats] if not tie or numbers.votes[one] > line]
    if len(winners) == min(seats, len(order)):
        return Decision(verdict=CHOSEN, winners=winners, needed=least)
    verdict = TIE if tie else NO_MAJORITY
    again = [] if seats > 1 else _two_best(order, numbers.votes)
    return Decision(verdict=verdict, winners=winners, needed=least, again=again)


def _two_best(order: Sequence[int], votes: Sequence[int]) -> list[int]:
    """The two best; where more have as many as the second, all of them."""
    if len(order) < 2:
        return []
    line = votes[order[1]]
    return [one for one in order if votes[one] >= line and (votes[one] or one in order[:2])]


def quorum_needed(*, kind: str, number: int, parts: int, of: int, entitled: int) -> int:
    """How many must be present: 0 without a quorum, a number, or at least ``parts``/``of`` of those entitled."""
    if kind == "number":
        return number
    if kind == "share":
        return -(-parts * entitled // of)
    return 0
