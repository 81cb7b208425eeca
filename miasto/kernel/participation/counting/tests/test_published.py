"""The file alone says how it was counted; what keeps projects out; and how many further votes equal shares would have asked."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miasto.kernel.participation.counting import further, pabulib, recount, report
from miasto.kernel.participation.counting.command import rule_of
from miasto.kernel.participation.counting.count import count
from miasto.kernel.participation.counting.model import CountingError, Rule
from miasto.kernel.participation.counting.published import decimal, meta_of
from miasto.kernel.participation.counting.publishing import of_election

from .elections import elections, rules
from .shared import pb

AS_FILE = recount.rule_of(recount.arguments("x").parse_args(["x"]))


@st.composite
def cases(draw, kinds=("approval", "cumulative", "ordinal")):
    data, ids = draw(elections(kinds=kinds))
    return data, {**draw(rules(ids)), "step": draw(st.sampled_from([Fraction(1), Fraction(1, 4), Fraction(5)]))}


@given(cases())
@settings(max_examples=80)
def test_a_published_file_is_counted_by_its_own_rule_as_it_was_counted(case):
    data, asked = case
    election = pabulib.parse(data)
    rule = rule_of(asked, election)
    election.meta = {**election.meta, **meta_of(rule)}
    published = of_election(election)
    again = pabulib.parse(published)
    told = report.as_dict(count(again, rule_of(AS_FILE, again)))
    assert told == recount.count(published, AS_FILE)
    assert told["winners"] == count(pabulib.parse(data), rule).winner_ids


def test_a_file_whose_rule_cannot_be_read_is_refused_by_name():
    for words in ({"count_rule": "lottery"}, {"count_rule": "file"}, {"count_rule": "equal-shares", "count_step": "x"}):
        with pytest.raises(recount.WrongFile):
            recount.count(pb([("A", 1)], ["A"], **words), AS_FILE)
    with pytest.raises(CountingError, match="przecinka"):
        meta_of(Rule(pools=(("a|b", Fraction(1)),)))
    with pytest.raises(CountingError, match="sześcioma"):
        decimal(Fraction(1, 3))
    assert [decimal(Fraction(one)) for one in ("12", "0.25", "1234567890123.000001")] == ["12", "0.25", "1234567890123.000001"]


@given(cases())
@settings(max_examples=80)
def test_no_rule_ever_breaks_the_limit_of_a_pool_or_lets_two_excluding_projects_win(case):
    data, asked = case
    election = pabulib.parse(data)
    rule = rule_of(asked, election)
    result = count(election, rule)
    if result.prefer and result.prefer[1] > result.prefer[0]:
        rule = replace(rule, rule="greedy-votes", completion="none")
    for name, limit in rule.pools:
        spent = sum(election.projects[p].cost for p in result.winners if election.projects[p].columns["category"] == name)
        assert Fraction(spent, election.scale) <= limit
    for group in rule.exclusive:
        assert len(set(group) & set(result.winner_ids)) <= 1


@given(cases(), st.sampled_from(["none", "greedy", "add-one", "add-one-greedy"]))
@settings(max_examples=60)
def test_limits_that_do_not_bind_change_nothing_of_equal_shares(case, completion):
    data, _asked = case
    election = pabulib.parse(data)
    plain = Rule("equal-shares", completion, step=Fraction(5))
    wide = replace(plain, pools=(("a", Fraction(100000)), ("b", Fraction(100000))), exclusive=((election.projects[0].id,),))
    assert count(election, wide).decisions == count(election, plain).decisions


def test_equal_shares_keep_to_the_pools_and_say_why_a_project_is_out():
    projects, votes = [("A", 50), ("B", 40), ("C", 30), ("D", 10)], ["A,C"] * 6 + ["B", "B", "D"]  # categories a, b, a, b
    election = pabulib.parse(pb(projects, votes, budget=180))
    rule = Rule("equal-shares", ties=("higher-cost",))
    told = count(election, replace(rule, pools=(("a", Fraction(60)),))).decisions
    assert (told[0].won, told[2].reason, told[2].missing_money) == (True, "pool-full", 20)
    told = count(election, replace(rule, exclusive=(("A", "C"),))).decisions
    assert (told[0].won, told[2].reason, told[2].missing_money) == (True, "excluded", None)


@given(elections(), st.sampled_from(["none", "greedy", "add-one", "add-one-greedy"]))
@settings(max_examples=30)
def test_with_the_further_votes_a_loser_of_equal_shares_wins_and_with_one_less_it_does_not(drawn, completion):
    data, _ids = drawn
    election = pabulib.parse(data)
    rule = Rule("equal-shares", completion, step=Fraction(5))
    result = count(election, rule)
    for one in result.decisions:
        more = further.completed(result, one.project)
        if more is None:
            continue
        assert further.wins_with(election, rule, one.project, more)
        if more > 1:
            assert not further.wins_with(election, rule, one.project, more - 1)


def test_a_loser_of_equal_shares_is_told_the_votes_and_one_that_nothing_helps_is_not():
    projects, votes = [("A", 60), ("B", 50), ("C", 1000)], ["A"] * 6 + ["B"] * 4
    result = count(pabulib.parse(pb(projects, votes)), Rule("equal-shares"))
    assert [further.completed(result, p) for p in range(3)] == [None, 2, None]
