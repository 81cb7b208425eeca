"""What the validator takes and refuses, and that its answer does not depend on how the voter clicked."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miasto.kernel.participation.voting import sealing
from miasto.kernel.participation.voting.rules import BallotRules, InvalidBallot, Kind, Limit, PoolRule, as_choices, validate

COSTS = {number: number * 100 for number in range(1, 11)}
CITY = PoolRule(1, "Ogólnomiejskie", Kind.APPROVAL, COSTS, most=1)
NORTH = PoolRule(2, "Północ", Kind.APPROVAL, COSTS, most=2)
SOUTH = PoolRule(3, "Południe", Kind.APPROVAL, COSTS, most=2)
TWO_IN_DISTRICTS = Limit("Dzielnice", frozenset({2, 3}), most=2)
RULES = BallotRules((CITY, NORTH, SOUTH), (TWO_IN_DISTRICTS,))
ALL_KINDS = BallotRules(
    (
        PoolRule(1, "A", Kind.APPROVAL, COSTS, most=5),
        PoolRule(2, "K", Kind.KNAPSACK, COSTS, budget=1000),
        PoolRule(3, "P", Kind.POINTS, COSTS, points=10, most_points=6),
        PoolRule(4, "O", Kind.ORDINAL, COSTS, most=4),
    ),
    blank=True,
)


def codes(rules, choices):
    with pytest.raises(InvalidBallot) as caught:
        validate(rules, choices)
    assert all(error.message for error in caught.value.errors)
    return [error.code for error in caught.value.errors]


def test_one_project_of_the_city_and_two_of_districts_are_a_ballot():
    assert validate(RULES, {"1": [3], "2": [4], "3": ["1"]}) == {1: [(3, 1)], 2: [(4, 1)], 3: [(1, 1)]}


def test_the_order_of_clicks_and_empty_pools_are_not_kept():
    assert validate(RULES, {3: [], 2: [7, 2]}) == validate(RULES, {"2": [2, 7]}) == {2: [(2, 1), (7, 1)]}


def test_the_order_of_an_ordinal_ballot_is_kept():
    assert validate(ALL_KINDS, {4: [9, 2, 5]}) == {4: [(9, 1), (2, 2), (5, 3)]}


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ({"1": [1, 2]}, ["too_many"]),
        ({"2": [1, 2], "3": [3]}, ["too_many"]),
        ({"1": [99]}, ["unknown_option"]),
        ({"1": [1, 1]}, ["repeated_option"]),
        ({"9": [1]}, ["unknown_pool"]),
        ({1: [1], "1": [2]}, ["repeated_pool"]),
        ({}, ["blank"]),
        ({"1": []}, ["blank"]),
        ({"1": "1"}, ["shape"]),
        ({"1": {"1": 1}}, ["shape"]),
        ({"1": [True]}, ["shape"]),
        ({"1": [1.0]}, ["shape"]),
        ({"1": ["٣"]}, ["shape"]),
        ([1], ["shape"]),
        (None, ["shape"]),
    ],
)
def test_what_breaks_the_rules_is_refused_with_its_reason(choices, expected):
    assert codes(RULES, choices) == expected


def test_a_knapsack_may_not_cost_more_than_the_pool():
    assert validate(ALL_KINDS, {2: [10]}) == {2: [(10, 1)]}
    assert codes(ALL_KINDS, {2: [10, 1]}) == ["too_dear"]


def test_points_are_bounded_together_and_for_one_option():
    assert validate(ALL_KINDS, {3: {"1": 6, "2": 4, "5": 0}}) == {3: [(1, 6), (2, 4)]}
    assert codes(ALL_KINDS, {3: {"1": 6, "2": 5}}) == ["too_many_points"]
    assert codes(ALL_KINDS, {3: {"1": 7}}) == ["too_many_for_one"]
    assert codes(ALL_KINDS, {3: {"1": -1}}) == ["shape"]
    assert codes(ALL_KINDS, {3: {"1": 10**30}}) == ["shape"]


def test_a_pool_and_a_group_of_pools_may_ask_for_a_least_number():
    rules = BallotRules((PoolRule(1, "A", Kind.APPROVAL, COSTS, least=2),), (Limit("Razem", frozenset({1}), least=3),))
    assert codes(rules, {1: [1]}) == ["too_few", "too_few"]
    assert validate(rules, {1: [1, 2, 3]})


def test_voting_in_too_many_districts_is_refused():
    rules = BallotRules((NORTH, SOUTH), (Limit("Dzielnice", frozenset({2, 3}), most_pools=1),))
    assert codes(rules, {2: [1], 3: [1]}) == ["too_many_pools"]


def test_all_that_is_wrong_is_said_at_once():
    assert codes(RULES, {"1": [1, 2], "2": [99]}) == ["too_many", "unknown_option"]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_whatever_is_sent_is_a_ballot_or_a_reasoned_refusal(value):
    try:
        ballot = validate(ALL_KINDS, value)
    except InvalidBallot as error:
        refused, ballot = error, None
    assert (validate(ALL_KINDS, as_choices(ALL_KINDS, ballot)) == ballot) if ballot is not None else refused.errors


NUMBERS = st.lists(st.integers(1, 10), unique=True, max_size=4)
GOOD = st.fixed_dictionaries(
    {}, optional={"1": NUMBERS, "3": st.dictionaries(st.integers(1, 10).map(str), st.integers(0, 2), max_size=4), "4": NUMBERS}
)


@given(GOOD)
def test_a_ballot_comes_back_from_its_bytes_and_every_ballot_has_one_length(choices):
    ballot = validate(ALL_KINDS, json.loads(json.dumps(choices)))
    length = sealing.size(ALL_KINDS)
    padded = sealing.pad(sealing.encode(ballot), length)
    assert len(padded) == length
    assert sealing.decode(sealing.unpad(padded)) == ballot
