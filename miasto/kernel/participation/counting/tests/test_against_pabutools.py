"""The oracle: pabutools (GPL, in tests only), on random elections and on a real one."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miasto.kernel.participation.counting import pabulib
from miasto.kernel.participation.counting.count import count
from miasto.kernel.participation.counting.model import Rule

from .elections import elections
from .shared import FILES, real

pabutools = pytest.importorskip("pabutools")
from pabutools.election import (  # noqa: E402
    AdditiveSatisfaction,
    ApprovalBallot,
    ApprovalProfile,
    CardinalBallot,
    Cardinality_Sat,
    CardinalProfile,
    Cost_Sat,
    Instance,
    Project,
)
from pabutools.fractions import frac  # noqa: E402
from pabutools.rules import completion_by_rule_combination, greedy_utilitarian_welfare, method_of_equal_shares  # noqa: E402
from pabutools.tiebreaking import TieBreakingRule  # noqa: E402


def points(_instance, _profile, ballot, project, _before):
    return ballot.get(project, 0)


def points_times_cost(_instance, _profile, ballot, project, _before):
    return ballot.get(project, 0) * project.cost


class PointsTimesCost(AdditiveSatisfaction):
    def __init__(self, instance, profile, ballot):
        super().__init__(instance, profile, ballot, points_times_cost)


class Points(AdditiveSatisfaction):
    def __init__(self, instance, profile, ballot):
        super().__init__(instance, profile, ballot, points)


SATISFACTION = {
    ("approval", "cost"): Cost_Sat,
    ("approval", "cardinality"): Cardinality_Sat,
    ("scoring", "cost"): PointsTimesCost,
    ("scoring", "cardinality"): Points,
}
by_number = TieBreakingRule(lambda _instance, _profile, project: int(project.name[1:]))
NUMBER = ("lower-number",)


def names(outcome):
    return {project.name for project in outcome}


def to_theirs(election):
    """(instance, profile); built by hand, as their reader stumbles over an empty ballot with points."""
    projects = [Project(one.id, frac(one.cost, election.scale)) for one in election.projects]
    instance = Instance(projects, budget_limit=frac(election.budget, election.scale))
    ballots = []
    for start, end in zip(election.ends, election.ends[1:], strict=False):
        chosen = [projects[p] for p in election.chosen[start:end]]
        if election.vote_type == "approval":
            ballots.append(ApprovalBallot(chosen))
        else:
            given_points = [frac(int(one), election.points_scale) for one in election.points[start:end]]
            ballots.append(CardinalBallot(dict(zip(chosen, given_points, strict=True))))
    kind = ApprovalProfile if election.vote_type == "approval" else CardinalProfile
    return instance, kind(ballots)


def theirs(election, utility, completion):
    instance, profile = to_theirs(election)
    measure = SATISFACTION[election.vote_type, utility]
    shares = {"sat_class": measure, "tie_breaking": by_number, "voter_budget_increment": 1 if "add-one" in completion else None}
    if not completion.endswith("greedy"):
        return names(method_of_equal_shares(instance, profile, **shares))
    greedy = {"sat_class": measure, "tie_breaking": by_number}
    sequence = [method_of_equal_shares, greedy_utilitarian_welfare]
    return names(completion_by_rule_combination(instance, profile, sequence, [shares, greedy]))


@given(
    elections(kinds=("approval", "scoring")),
    st.sampled_from(["cost", "cardinality"]),
    st.sampled_from(["none", "add-one", "greedy", "add-one-greedy"]),
)
@settings(max_examples=70)
def test_equal_shares_are_those_of_pabutools(drawn, utility, completion):
    data, _ids = drawn
    election = pabulib.parse(data)
    negative = bool((election.points < 0).any())
    if not election.ballots or (negative and completion.endswith("greedy")):
        return
    rule = Rule("equal-shares", completion, utility, ties=NUMBER, start="exact")
    free = {project.id for project in election.projects if not project.cost}  # no utility by cost, so not defined there
    assert set(count(election, rule).winner_ids) - free == theirs(election, utility, completion) - free


@given(elections(kinds=("approval",)), st.booleans())
@settings(max_examples=50)
def test_greedy_rules_are_those_of_pabutools(drawn, per_cost):
    data, _ids = drawn
    election = pabulib.parse(data)
    if not election.ballots or any(project.cost == 0 for project in election.projects):
        return
    instance, profile = to_theirs(election)
    measure = Cardinality_Sat if per_cost else Cost_Sat
    outcome = greedy_utilitarian_welfare(instance, profile, sat_class=measure, tie_breaking=by_number)
    rule = Rule("greedy-votes-per-cost" if per_cost else "greedy-votes", ties=NUMBER)
    assert set(count(election, rule).winner_ids) == names(outcome)


@real
def test_a_real_edition_of_equal_shares_is_that_of_pabutools():
    file = FILES / "Poland_Swiecie_2023.pb"
    instance, profile = pabutools.election.parse_pabulib(str(file))
    outcome = method_of_equal_shares(instance, profile.as_multiprofile(), sat_class=Cost_Sat)
    mine = count(pabulib.read(file), Rule("equal-shares"))
    assert set(mine.winner_ids) == names(outcome)
    assert mine.share == Fraction(1070000, 2553)
