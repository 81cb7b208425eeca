"""Fair probabilities: against the definition on small pools, and the promises of the lottery on larger ones."""

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings

from miasto.kernel.participation.sortition.committees import Committees
from miasto.kernel.participation.sortition.explaining import Change, in_words, relaxation
from miasto.kernel.participation.sortition.lottery import Lottery, dealt, lottery
from miasto.kernel.participation.sortition.model import Problem, Quota, WrongData
from miasto.kernel.participation.sortition.probabilities import NoCommittee, leximin, maximin
from miasto.kernel.participation.sortition.replacing import replacement
from miasto.kernel.participation.sortition.tests.naive import naive
from miasto.kernel.participation.sortition.tests.pools import every_committee, made, optimum, problems

SMALL = settings(max_examples=25, deadline=None, derandomize=True)


def by_person(problem: Problem, found: Lottery) -> dict[str, float]:
    return {number: found.computed[number] for number in problem.pool}


def changed(problem: Problem, changes: list[Change]) -> Problem:
    """The same problem with the bounds that ``changes`` ask for."""
    quotas = {feature: dict(values) for feature, values in problem.quotas.items()}
    for one in changes:
        old = quotas[one.feature][one.value]
        bounds = {"least": old.least, "most": old.most, one.bound: one.becomes}
        quotas[one.feature][one.value] = Quota(bounds["least"], bounds["most"])
    return Problem(problem.pool, quotas, problem.size)


@given(problems())
@SMALL
def test_leximin_is_what_the_definition_gives_over_the_list_of_every_committee(problem):
    assume(every_committee(problem))
    found = lottery(problem, 100)
    expected = optimum(problem)
    assert by_person(problem, found) == pytest.approx(expected, abs=1e-4)


@given(problems())
@SMALL
def test_every_line_keeps_the_quotas_and_the_probabilities_sum_to_the_size(problem):
    assume(every_committee(problem))
    found = lottery(problem, 100)
    assert len(found.lines) == 100
    assert all(problem.keeps(list(line)) for line in found.lines)
    assert sum(found.chances.values()) == problem.size


@given(problems())
@SMALL
def test_people_who_are_alike_differ_by_at_most_one_line(problem):
    assume(every_committee(problem))
    chances = lottery(problem, 100).chances
    for members in problem.members:
        alike = [chances[number] for number in members]
        assert max(alike) - min(alike) <= Fraction(1, 100)


@given(problems())
@SMALL
def test_quotas_that_cannot_be_kept_get_the_smallest_change_that_would_do(problem):
    assume(not every_committee(problem))
    changes = relaxation(problem)
    with pytest.raises(NoCommittee):
        lottery(problem, 100)
    assert every_committee(changed(problem, changes))
    for place, one in enumerate(changes):
        nearly = one.becomes + (1 if one.bound == "least" else -1)
        less = [*changes[:place], Change(one.feature, one.value, one.bound, one.was, nearly, one.there), *changes[place + 1 :]]
        assert not every_committee(changed(problem, less))


@given(problems())
@SMALL
def test_no_smallest_probability_is_above_the_limit_and_leximin_never_below_maximin_or_the_naive_draw(problem):
    assume(every_committee(problem))
    committees = Committees(problem)
    fair, least = leximin(committees), maximin(committees)
    assert sorted(fair.probabilities.round(5).tolist()) >= sorted((least.probabilities - 1e-4).round(5).tolist())
    assert fair.probabilities.min() == pytest.approx(least.probabilities.min(), abs=1e-5)
    assert least.probabilities.min() <= least.limit + 1e-6
    assert float(min(naive(problem, 20, 1).values())) <= fair.probabilities.min() + 1e-6


def test_a_pool_in_which_parts_of_people_would_do_better_gets_the_optimum_of_whole_ones():
    """Three features that each split the pool; the mean of the polytope is not a mixture of committees."""
    pool = {
        "1": {"a": "0", "b": "0", "c": "0"},
        "2": {"a": "0", "b": "1", "c": "1"},
        "3": {"a": "1", "b": "0", "c": "1"},
        "4": {"a": "1", "b": "1", "c": "0"},
        "5": {"a": "1", "b": "1", "c": "1"},
        "6": {"a": "0", "b": "0", "c": "1"},
    }
    one = {"0": Quota(1, 1), "1": Quota(1, 1)}
    problem = Problem(pool, {"a": one, "b": one, "c": one}, 2)
    found = lottery(problem, 100)
    assert not found.proven
    assert by_person(problem, found) == pytest.approx(optimum(problem), abs=1e-4)


def test_a_larger_lottery_is_less_than_one_line_away_from_the_computed_probabilities():
    problem = made(120, 20, 3, (2, 4, 3))
    found = lottery(problem)
    assert all(problem.keeps(list(line)) for line in found.lines)
    assert found.difference < 1 / 1000
    assert sum(found.chances.values()) == 20
    assert float(min(found.chances.values())) > found.limit - 2 / 1000


def test_the_probabilities_are_those_of_the_published_text_and_the_text_is_the_same_each_time():
    problem = made(40, 8, 5, (2, 3))
    one, again = lottery(problem), lottery(Problem(dict(reversed(problem.pool.items())), problem.quotas, 8))
    assert one.digest == again.digest
    lines = [line.split(";")[1].split() for line in one.text.splitlines()]
    assert [int(line.split(";")[0]) for line in one.text.splitlines()] == list(range(1000))
    for number, chance in one.chances.items():
        assert chance == Fraction(sum(number in line for line in lines), 1000)


def test_maximin_deals_a_lottery_too():
    problem = made(40, 8, 5, (2, 3))
    committees = Committees(problem)
    found = dealt(committees, maximin(committees), 200)
    assert all(problem.keeps(list(line)) for line in found.lines)


def test_the_explanation_names_the_group_the_number_there_and_the_number_that_would_do():
    pool = {str(number): {"Wiek": "16–24" if number < 3 else "25+"} for number in range(1, 11)}
    problem = Problem(pool, {"Wiek": {"16–24": Quota(4, 5), "25+": Quota(1, 6)}}, 6)
    changes = relaxation(problem)
    assert changes == [Change("Wiek", "16–24", "least", 4, 2, 2)]
    assert "Wiek, 16–24: co najmniej 2 zamiast 4" in in_words(changes)[1]
    assert in_words([]) == []


def test_whoever_refuses_is_replaced_by_the_most_alike_of_those_who_keep_the_quotas():
    pool = {
        "1": {"a": "x", "b": "x"},
        "2": {"a": "y", "b": "x"},
        "3": {"a": "x", "b": "y"},
        "4": {"a": "x", "b": "x"},
        "5": {"a": "x", "b": "x"},
        "6": {"a": "y", "b": "y"},
    }
    problem = Problem(pool, {"a": {"x": Quota(1, 1), "y": Quota(1, 1)}, "b": {"x": Quota(0, 2), "y": Quota(0, 2)}}, 2)
    found = replacement(problem, ["1", "2"], "1", [], lambda count: count - 1)
    assert (found.chosen, found.equals, found.differing) == ("5", ("4", "5"), 0)
    assert replacement(problem, ["1", "2"], "1", ["4", "5"], lambda count: 0).chosen == "3"
    assert replacement(problem, ["1", "2"], "1", ["3", "4", "5"], lambda count: 0) is None


def test_wrong_data_are_refused():
    quotas = {"a": {"x": Quota(0, 2)}}
    with pytest.raises(WrongData, match="size"):
        Problem({"1": {"a": "x"}}, quotas, 2)
    with pytest.raises(WrongData, match="a"):
        Problem({"1": {"a": "z"}}, quotas, 1)
    with pytest.raises(WrongData, match="number"):
        Problem({"1 2": {"a": "x"}}, quotas, 1)
