"""Majorities, ties, quorum and second rounds, from numbers alone."""

import pytest

from miasto.modules.idea.live.rules import Numbers, Rule, decide, quorum_needed


def told(votes, *, kind="yes_no", majority="simple", quorum=True, cast=None, present=0, entitled=0, **rule):
    numbers = Numbers(votes=votes, cast=sum(votes) if cast is None else cast, present=present, entitled=entitled)
    return decide(Rule(kind=kind, majority=majority, **rule), numbers, quorum=quorum)


@pytest.mark.parametrize(
    ("votes", "rule", "verdict"),
    [
        ((3, 2, 9), {}, "passed"),  # who abstains is on neither side
        ((2, 3, 0), {}, "rejected"),
        ((3, 3, 1), {}, "tie"),
        ((0, 0, 0), {}, "nobody"),
        ((5, 2, 3), {"majority": "absolute"}, "rejected"),  # five is not more than half of ten
        ((6, 2, 2), {"majority": "absolute"}, "passed"),
        ((12, 0, 0), {"majority": "absolute", "base": "entitled", "entitled": 25}, "rejected"),
        ((13, 1, 1), {"majority": "absolute", "base": "entitled", "entitled": 25}, "passed"),
        ((7, 5, 0), {"majority": "absolute", "base": "present", "present": 14}, "rejected"),
        ((6, 3, 0), {"majority": "qualified", "parts": 2, "of": 3}, "passed"),
        ((5, 3, 0), {"majority": "qualified", "parts": 2, "of": 3}, "rejected"),
        ((15, 0, 0), {"majority": "qualified", "parts": 3, "of": 5, "base": "entitled", "entitled": 25}, "passed"),
        ((14, 0, 0), {"majority": "qualified", "parts": 3, "of": 5, "base": "entitled", "entitled": 25}, "rejected"),
        ((9, 0, 0), {"quorum": False}, "no_quorum"),
        ((9, 0, 0), {"majority": "none", "quorum": False}, "poll"),
    ],
)
def test_a_motion_passes_by_its_rule(votes, rule, verdict):
    assert told(votes, **rule).verdict == verdict


@pytest.mark.parametrize(
    ("votes", "rule", "verdict", "winners", "again"),
    [
        ((5, 3, 2), {}, "chosen", [0], []),
        ((4, 4, 2), {}, "tie", [], [0, 1]),
        ((5, 3, 2), {"majority": "absolute"}, "no_majority", [], [0, 1]),
        ((4, 3, 3), {"majority": "absolute"}, "no_majority", [], [0, 1, 2]),  # two share the second place
        ((6, 3, 2), {"majority": "absolute"}, "chosen", [0], []),
        ((0, 0, 7), {"majority": "absolute"}, "chosen", [2], []),
    ],
)
def test_one_of_several_wins_or_the_two_best_go_on(votes, rule, verdict, winners, again):
    decision = told(votes, kind="one", **rule)
    assert (decision.verdict, decision.winners, decision.again) == (verdict, winners, again)


def test_seats_go_to_the_best_and_a_tie_at_the_border_leaves_the_seat_empty():
    assert told((5, 4, 3, 1), kind="several", seats=2).winners == [0, 1]
    tie = told((5, 4, 4, 1), kind="several", seats=2)
    assert (tie.verdict, tie.winners) == ("tie", [0])
    few = told((6, 5, 2), kind="several", seats=2, majority="absolute", cast=10)
    assert (few.verdict, few.winners) == ("no_majority", [0])


def test_a_quorum_is_a_number_or_a_part_of_those_entitled_rounded_up():
    assert quorum_needed(kind="none", number=9, parts=1, of=2, entitled=25) == 0
    assert quorum_needed(kind="number", number=9, parts=1, of=2, entitled=25) == 9
    assert quorum_needed(kind="share", number=9, parts=1, of=2, entitled=25) == 13
