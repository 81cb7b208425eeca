"""Small elections counted by hand, the parameters of the rules, what a vote brought, and the command."""

import ast
import json
import os
import subprocess
import sys
from fractions import Fraction

import pytest

from miasto.kernel.participation.counting import pabulib
from miasto.kernel.participation.counting.command import main
from miasto.kernel.participation.counting.count import count
from miasto.kernel.participation.counting.explain import what_my_vote_brought
from miasto.kernel.participation.counting.model import CountingError, Rule

from .shared import RECOUNT, REPOSITORY, pb

# 10 voters with 10 each. A (50) has 6 votes, B (40) 5, C (30) 3 of people who have nothing else, D (10) 1.
PROJECTS = [("A", 50), ("B", 40), ("C", 30), ("D", 10)]
VOTES = ["A,B"] * 5 + ["A"] + ["C"] * 3 + ["D"]


def winners(rule, projects=PROJECTS, votes=VOTES, **meta):
    return count(pabulib.parse(pb(projects, votes, **meta)), rule).winner_ids


def test_greedy_takes_the_most_votes_and_skips_what_does_not_fit():
    assert winners(Rule()) == ["A", "B", "D"]
    assert winners(Rule(too_dear="stop")) == ["A", "B"]
    assert winners(Rule(min_score=Fraction(2))) == ["A", "B"]


def test_greedy_by_cost_takes_the_most_votes_for_a_zloty():
    assert winners(Rule("greedy-votes-per-cost")) == ["B", "A", "D"]


def test_equal_shares_give_a_small_group_what_its_share_pays():
    election = pabulib.parse(pb(PROJECTS, VOTES))
    result = count(election, Rule("equal-shares"))
    assert result.winner_ids == ["A", "C", "D"]
    assert result.share == 10
    told = {election.projects[one.project].id: one for one in result.decisions}
    assert told["A"].price == Fraction(50, 6)
    assert told["B"].reason == "supporters-short"
    assert told["B"].missing_money == 40 - 5 * (10 - Fraction(50, 6))


def test_what_my_vote_brought_is_paid_to_the_last_fraction():
    election = pabulib.parse(pb(PROJECTS, VOTES))
    mine = what_my_vote_brought({"A": 1, "B": 1}, count(election, Rule("equal-shares")))
    assert [(one.id, one.decision.won, one.paid) for one in mine.projects] == [("A", True, Fraction(25, 3)), ("B", False, 0)]
    assert (mine.won, mine.share, mine.left) == (1, 10, 10 - Fraction(25, 3))
    greedy = what_my_vote_brought({"C": 1}, count(election, Rule()))
    assert (greedy.won, greedy.projects[0].paid, greedy.left) == (0, None, None)
    assert greedy.projects[0].decision.missing_votes == 2
    assert greedy.projects[0].decision.missing_money == 20


def test_add_one_raises_the_shares_until_the_next_purchase_would_be_too_dear():
    projects, votes = [("A", 60), ("B", 50), ("C", 35)], ["A"] * 4 + ["B"] * 3 + ["C"] * 3
    assert winners(Rule("equal-shares"), projects, votes) == []
    assert winners(Rule("equal-shares", "add-one"), projects, votes) == ["A", "C"]
    assert winners(Rule("equal-shares", "add-one", step=Fraction(7), start="whole"), projects, votes) == ["C"]
    assert winners(Rule("equal-shares", "add-one-greedy", step=Fraction(7), start="whole"), projects, votes) == ["C", "A"]


def test_the_comparison_keeps_what_more_voters_like_better():
    projects, votes = [("A", 100), ("B", 50), ("C", 50)], ["A"] * 5 + ["B"] * 3 + ["C"] * 2
    election = pabulib.parse(pb(projects, votes))
    result = count(election, Rule("equal-shares", "add-one-comparison"))
    assert (result.winner_ids, result.prefer) == (["A"], (3, 5))
    assert count(election, Rule("equal-shares", "add-one")).winner_ids == ["B"]


@pytest.mark.parametrize(
    ("ties", "drawn", "first"),
    [
        (("lower-cost",), (), "P2"),
        (("higher-cost",), (), "P10"),
        (("lower-number",), (), "P1"),
        ((), (), "P1"),
        (("drawn",), ("P10", "P1", "P2"), "P10"),
    ],
)
def test_ties_are_decided_by_the_published_rule(ties, drawn, first):
    projects = [("P10", 9), ("P2", 7), ("P1", 8)]
    for rule in ("greedy-votes", "equal-shares"):
        told = count(pabulib.parse(pb(projects, ["P1,P2,P10"], budget=100)), Rule(rule, ties=ties, drawn=drawn))
        assert told.winner_ids[0] == first
        assert len(told.decisions[told.winners[0]].tied) == 2


def test_points_can_decide_a_tie_of_numbers_but_a_draw_must_name_everybody():
    with pytest.raises(CountingError, match="wylosowana"):
        winners(Rule(ties=("drawn",), drawn=("A", "B")))


def test_pools_and_excluding_projects_are_kept():
    projects = [("A", 50), ("B", 40), ("C", 30), ("D", 10)]  # categories a, b, a, b
    assert winners(Rule(pools=(("a", Fraction(60)),)), projects) == ["A", "B", "D"]
    assert winners(Rule(pools=(("a", Fraction(40)),)), projects) == ["B", "C", "D"]
    assert winners(Rule(exclusive=(("A", "B"),)), projects) == ["A", "C", "D"]


def test_a_free_project_wins_with_votes_and_an_unaffordable_one_never():
    projects, votes = [("A", 0), ("B", 1000), ("C", 5)], ["A,B,C", "B", ""]
    assert winners(Rule("equal-shares", "add-one-greedy"), projects, votes) == ["A", "C"]
    assert winners(Rule(), projects, votes) == ["A", "C"]


@pytest.mark.parametrize("rule", ["greedy-votes", "greedy-votes-per-cost", "equal-shares"])
def test_no_ballots_and_no_projects_are_no_error(rule):
    assert winners(Rule(rule, "none"), [("A", 200)], []) == []
    assert winners(Rule(rule, "none"), [], [""]) == []


@pytest.mark.parametrize(
    "wrong", [{"rule": "acclamation"}, {"completion": "add-one"}, {"step": Fraction(0)}, {"ties": ("age",)}]
)
def test_a_rule_that_is_none_is_refused(wrong):
    with pytest.raises(CountingError):
        Rule(**wrong)


def test_the_command_needs_no_database_no_settings_and_no_city(tmp_path):
    path = tmp_path / "votes.pb"
    path.write_bytes(pb(PROJECTS, VOTES))
    bare = {"PATH": os.environ["PATH"], "MIASTO_CITY": "nowhere", "MIASTO_VAR": str(tmp_path / "var")}
    words = ["-m", "miasto", "count", path, "--rule", "equal-shares", "--completion", "add-one-greedy", "--json"]
    done = subprocess.run([sys.executable, *words], env=bare, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert told["winners"] == ["A", "C", "D"]
    assert told["cost"] == 90
    assert {one["id"]: one["reason"] for one in told["projects"]} == {
        "A": "shared",
        "B": "does-not-fit",
        "C": "shared",
        "D": "shared",
    }
    assert list(tmp_path.iterdir()) == [path]


def test_the_table_is_in_polish_and_the_words_in_english_where_asked(tmp_path, capsys):
    path = tmp_path / "votes.pb"
    path.write_bytes(pb(PROJECTS, VOTES))
    assert main([str(path)]) == 0
    told = capsys.readouterr().out
    assert "wygrywa: 3; koszt: 100; zostaje: 0" in told
    assert "zabrakło głosów: 2, zabrakło złotych: 20" in told
    assert main([str(path), "--json", "--lang", "en"]) == 0
    assert json.loads(capsys.readouterr().out)["projects"][0]["words"].startswith("wins")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (pb(PROJECTS, ["X"]), "wiersz 16, kolumna 4: głos na projekt „X”"),
        (pb(PROJECTS, VOTES, rule="unknown"), "reguły „unknown” z pliku nie da się powtórzyć"),
        (pb(PROJECTS, VOTES, rule="greedy-threshold"), "min_project_score_threshold"),
        (pb(PROJECTS, VOTES, rule="greedy-exclusive"), "--exclusive"),
        (None, "nie ma takiego pliku"),
    ],
)
def test_what_cannot_be_counted_is_refused_with_two_and_a_sentence(tmp_path, capsys, text, words):
    path = tmp_path / "votes.pb"
    if text is not None:
        path.write_bytes(text)
    assert main([str(path), "--json"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert words in told.err


@pytest.mark.parametrize(
    ("rule", "meta", "won"),
    [
        ("greedy", {}, ["A", "B", "D"]),
        ("greedy-no-skip", {}, ["A", "B"]),
        ("greedy-threshold", {"min_project_score_threshold": 6}, ["A"]),
        ("equalshares", {}, ["A", "C", "D"]),
        ("equalshares/add1", {}, ["A", "C", "D"]),
        ("equalshares/add1-comparison", {}, ["A", "B", "D"]),
    ],
)
def test_the_files_own_rule_is_taken_with_its_threshold(tmp_path, capsys, rule, meta, won):
    path = tmp_path / "votes.pb"
    path.write_bytes(pb(PROJECTS, VOTES, rule=rule, **meta))
    assert main([str(path), "--rule", "file", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["winners"] == won


def test_the_script_for_strangers_needs_nothing_of_ours_and_an_old_python():
    source = RECOUNT.read_text("utf-8")
    imported = {line.split()[1] for line in source.splitlines() if line.startswith(("import ", "from "))}
    assert imported <= {"argparse", "csv", "hashlib", "io", "json", "math", "re", "sys", "fractions"}
    ast.parse(source, feature_version=(3, 9))
