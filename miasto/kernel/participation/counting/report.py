"""The result as a dict for JSON and as a table; the same words and roundings as the recount script."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from miasto.kernel.participation.counting.model import Decision, Election, Result, Rule
from miasto.kernel.participation.counting.recount import WORDS, money_out


def as_dict(result: Result, language: str = "pl") -> dict[str, Any]:
    """Everything that is published; keys and order as ``recount.py`` prints them."""
    election, rule = result.election, result.rule
    selected = election.selected
    return {
        "sha256": election.sha256,
        "rule": rule.rule,
        "completion": rule.completion,
        "parameters": _parameters(election, rule),
        "vote_type": election.vote_type,
        "ballots": election.ballots,
        "budget": _money(election, election.budget),
        "winners": result.winner_ids,
        "cost": _money(election, result.cost),
        "left": _money(election, election.budget - result.cost),
        "as_in_file": None if selected is None else selected == set(result.winner_ids),
        "share": None if result.share is None else str(result.share),
        "runs": result.runs,
        "prefer": dict(zip(("equal_shares", "greedy"), result.prefer, strict=True)) if result.prefer else None,
        "projects": [_project(election, one, WORDS[language]) for one in result.decisions],
    }


def _project(election: Election, one: Decision, words: dict[str, str]) -> dict[str, Any]:
    project = election.projects[one.project]
    return {
        "id": project.id,
        "name": project.name,
        "cost": _money(election, project.cost),
        "votes": election.votes[one.project],
        "score": money_out(Fraction(election.scores[one.project], election.points_scale)),
        "won": one.won,
        "order": one.order,
        "price": money_out(one.price),
        "price_exact": None if one.price is None else str(one.price),
        "tied": [election.projects[other].id for other in one.tied],
        "reason": one.reason,
        "words": words[one.reason],
        "missing_votes": money_out(one.missing_votes),
        "missing_money": money_out(one.missing_money, up=True),
    }


def _parameters(election: Election, rule: Rule) -> dict[str, Any]:
    return {
        "utility": rule.utility,
        "ties": list(rule.ties),
        "drawn": list(rule.drawn),
        "min_score": money_out(rule.min_score),
        "too_dear": rule.too_dear,
        "step": str(rule.step),
        "start": rule.start,
        "pool_column": rule.pool_column,
        "pools": {name: money_out(limit) for name, limit in rule.pools},
        "exclusive": [list(group) for group in rule.exclusive],
    }


def _money(election: Election, units: int) -> int | float | None:
    return money_out(Fraction(units, election.scale))
