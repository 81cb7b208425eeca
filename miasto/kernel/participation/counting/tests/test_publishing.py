"""The files for recounting: the same result, no order of voting, nobody recognised by what they said of themselves."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miasto.kernel.participation.counting import pabulib
from miasto.kernel.participation.counting.publishing import Ballot, anonymous, of_election, sha256, write

from .elections import elections
from .shared import FILES, real

META = {"description": "Próba; druga", "country": "Poland", "unit": "Miasto", "instance": "2026", "budget": 100}
PROJECTS = [
    {"project_id": "1", "cost": 10, "name": 'Ławka „pod lipą”; "duża"'},
    {"project_id": "2", "cost": 20, "name": "Huśtawka"},
]


def test_the_order_of_voting_does_not_change_the_file():
    ballots = [Ballot((("2", 1), ("1", 1))), Ballot(()), Ballot((("1", 1),)), Ballot((("1", 1), ("2", 1)))]
    meta = {**META, "vote_type": "approval", "rule": "greedy"}
    data = write(meta, PROJECTS, ballots)
    assert data == write(meta, PROJECTS, ballots[::-1])
    election = pabulib.parse(data)
    assert election.votes == [3, 2]
    assert election.projects[0].name == PROJECTS[0]["name"]
    assert election.meta["num_votes"] == "4"
    assert election.sha256 == sha256(data)


@given(elections())
@settings(max_examples=80)
def test_a_file_written_again_says_the_same_and_then_never_changes(drawn):
    election = pabulib.parse(drawn[0])
    once = of_election(election)
    again = pabulib.parse(once)
    assert (again.budget, again.scale) == (election.budget, election.scale)
    assert [one * election.points_scale for one in again.scores] == [one * again.points_scale for one in election.scores]
    assert ballots_of(again) == ballots_of(election)
    assert of_election(again) == once


def ballots_of(election):
    ids = [project.id for project in election.projects]
    marks = [(ids[p], int(points) / election.points_scale) for p, points in zip(election.chosen, election.points, strict=True)]
    cuts = zip(election.ends, election.ends[1:], strict=False)
    return Counter(tuple(sorted(marks[start:end])) for start, end in cuts)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("KM"), st.sampled_from("12")), max_size=60), st.integers(2, 10)
)
@settings(max_examples=100)
def test_every_published_combination_is_shared_by_enough_ballots(people, least):
    names = ("age", "sex", "district")
    said = anonymous([Ballot((), dict(zip(names, one, strict=True))) for one in people], names, least=least)
    for words, many in Counter(said).items():
        assert many >= least or (words == ("", "", "") and len(people) < least)
    for words, one in zip(said, people, strict=True):
        assert all(told in ("", truth) for told, truth in zip(words, one, strict=True))


def test_a_small_group_loses_its_last_attribute_first():
    people = [{"age": "18–24", "sex": "K"}] * 12 + [{"age": "18–24", "sex": "M"}] * 3 + [{"age": "18–24", "sex": ""}] * 9
    said = anonymous([Ballot((), one) for one in people], ("age", "sex"))
    assert Counter(said) == {("18–24", "K"): 12, ("18–24", ""): 12}


@real
@pytest.mark.parametrize("name", ["Poland_Swiecie_2023.pb", "Poland_Katowice_2023.pb"])
def test_a_real_file_written_for_everybody_keeps_the_count_and_hides_the_few(name):
    election = pabulib.read(FILES / name)
    attributes = [column for column in election.voters if column in ("age", "sex")]
    again = pabulib.parse(of_election(election, attributes=attributes))
    assert again.scores == election.scores
    assert again.votes == election.votes
    assert [project.columns for project in again.projects] == [project.columns for project in election.projects]
    if attributes:
        assert min(Counter(zip(*(again.voters[one] for one in attributes), strict=True)).values()) >= 10
    assert set(again.voters) == {"voter_id", *attributes}
