"""Real editions are repeated exactly, by the rule that the file itself names."""

import json
import subprocess
import sys

import pytest

from miasto.kernel.participation.counting import pabulib, report
from miasto.kernel.participation.counting.command import main, rule_of
from miasto.kernel.participation.counting.count import count
from miasto.kernel.participation.counting.recount import arguments
from miasto.kernel.participation.counting.recount import rule_of as asked

from .shared import FILES, RECOUNT, real

pytestmark = real
NAMES = ["Poland_Katowice_2023.pb", "Poland_Krakow_2022.pb", "Poland_Lodz_2022.pb", "Poland_Swiecie_2023.pb"]


@pytest.mark.parametrize("name", NAMES)
def test_the_winners_are_those_that_the_city_published(name):
    election = pabulib.read(FILES / name)
    result = count(election, rule_of(asked(arguments("x").parse_args(["x"])), election))
    assert set(result.winner_ids) == election.selected
    assert result.cost <= election.budget


@pytest.mark.parametrize("name", NAMES)
def test_the_points_are_those_that_the_city_published(name):
    election = pabulib.read(FILES / name)
    for project, votes, score in zip(election.projects, election.votes, election.scores, strict=True):
        assert project.columns["votes"] == str(votes)
        assert project.columns.get("score", str(votes)) == str(score)
    assert election.warnings == []


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        (NAMES[0], "file none"),
        (NAMES[0], "equal-shares add-one-greedy"),
        (NAMES[1], "greedy-votes-per-cost none"),
        (NAMES[3], "equal-shares add-one-comparison"),
    ],
)
def test_a_stranger_with_the_script_gets_the_same_json(name, rule, capsys):
    words = [str(FILES / name), "--rule", rule.split()[0], "--completion", rule.split()[1], "--json"]
    assert main(words) == 0
    ours = capsys.readouterr().out
    theirs = subprocess.run([sys.executable, "-I", RECOUNT, *words], capture_output=True, text=True, check=True).stdout
    assert json.loads(ours) == json.loads(theirs)


def test_for_each_that_lost_the_missing_votes_are_told():
    election = pabulib.read(FILES / NAMES[0])
    told = report.as_dict(count(election, rule_of(asked(arguments("x").parse_args(["x", "--rule", "file"])), election)))
    park = next(one for one in told["projects"] if one["id"] == "M/12/X")
    assert park["reason"] == "does-not-fit"
    assert park["missing_votes"] == 18998 - 14329 + 0
    assert park["missing_money"] == 1500000 - (3004498 - 2465500)
