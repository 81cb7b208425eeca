"""The fast count and the script for strangers, written separately, always say the same."""

import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miasto.kernel.participation.counting import pabulib, recount, report
from miasto.kernel.participation.counting.command import rule_of
from miasto.kernel.participation.counting.count import count

from .elections import elections, rules
from .shared import pb


@st.composite
def cases(draw):
    data, ids = draw(elections())
    return data, draw(rules(ids))


@given(cases())
@settings(max_examples=150)
def test_both_counts_say_the_same_to_the_last_field(case):
    data, asked = case
    election = pabulib.parse(data)
    assert report.as_dict(count(election, rule_of(asked, election))) == recount.count(data, asked)


@given(cases())
@settings(max_examples=60)
def test_the_budget_is_never_exceeded_and_every_project_is_told_its_fate(case):
    data, asked = case
    election = pabulib.parse(data)
    result = count(election, rule_of(asked, election))
    assert result.cost <= election.budget
    assert [one.project for one in result.decisions] == list(range(len(election.projects)))
    won = sorted((one.order, one.project) for one in result.decisions if one.won)
    assert [project for _order, project in won] == list(result.winners)
    assert [order for order, _project in won] == list(range(1, len(won) + 1))
    for one in result.decisions:
        below = Fraction(election.scores[one.project], election.points_scale) < asked["min_score"]
        assert (one.reason == "below-threshold") is (below and asked["min_score"] > 0)
        assert one.missing_money is None or one.missing_money > 0
        assert one.missing_votes is None or one.missing_votes >= 0


@given(cases())
@settings(max_examples=60)
def test_payments_of_equal_shares_sum_to_the_cost_exactly_and_nobody_pays_more_than_the_share(case):
    data, asked = case
    asked = {**asked, "rule": "equal-shares", "too_dear": "skip"}
    election = pabulib.parse(data)
    result = count(election, rule_of(asked, election))
    if result.share is None or not election.ballots:
        return
    left = [result.share * election.scale] * election.ballots
    for bought in result.purchases:
        paid = Fraction(0)
        for entry in (election.chosen == bought.project).nonzero()[0]:
            voter, points = int(election.owner[entry]), int(election.points[entry])
            due = min(left[voter], bought.price * max(points, 0))
            left[voter] -= due
            paid += due
        assert paid == election.projects[bought.project].cost
    assert min(left) >= 0


@given(elections(kinds=("approval",)), st.integers(1, 4), st.sampled_from(["skip", "stop"]))
@settings(max_examples=60)
def test_with_the_votes_it_missed_a_loser_of_the_greedy_rule_wins_and_with_one_less_it_does_not(drawn, threshold, too_dear):
    data, _ids = drawn
    election = pabulib.parse(data)
    asked = recount.rule_of(recount.arguments("x").parse_args(["x", "--rule", "greedy-votes", "--too-dear", too_dear]))
    rule = rule_of({**asked, "ties": ["lower-number"], "min_score": Fraction(threshold)}, election)
    for one in count(election, rule).decisions:
        if one.won or one.reason == "below-threshold" or not one.missing_votes:
            continue
        for more, wins in ((int(one.missing_votes), True), (int(one.missing_votes) - 1, False)):
            helped = pabulib.parse(data)
            helped.scores[one.project] += more
            assert (one.project in count(helped, rule).winners) is wins


@pytest.mark.parametrize("seed", range(6))
def test_both_counts_agree_where_floats_do_the_sifting(seed):
    data = medium(random.Random(seed), kind=("approval", "cumulative")[seed % 2])
    asked = recount.rule_of(
        recount.arguments("x").parse_args(["x", "--rule", "equal-shares", "--completion", "add-one-greedy"])
    )
    asked["utility"] = ("cost", "cardinality")[seed // 2 % 2]
    election = pabulib.parse(data)
    assert report.as_dict(count(election, rule_of(asked, election))) == recount.count(data, asked)


def medium(chance, kind):
    """A pool of 25 projects and 400 ballots, the popular projects near the front."""
    projects = [(f"P{number}", chance.choice([500, 700, 1000, 1999, 3000, 7777])) for number in range(1, 26)]
    votes = []
    for _voter in range(400):
        chosen = sorted({f"P{min(25, int(chance.expovariate(0.15)) + 1)}" for _mark in range(chance.randint(1, 6))})
        marks = ",".join(str(chance.randint(1, 4)) for _one in chosen)
        votes.append(",".join(chosen) if kind == "approval" else (",".join(chosen), marks))
    return pb(projects, votes, budget=20000, vote_type=kind, points=kind != "approval")
