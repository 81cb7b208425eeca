"""Ties are decided by a list published before the vote, never by chance that nobody can repeat."""

from __future__ import annotations

import re
from collections.abc import Callable

from miasto.kernel.participation.counting.model import CountingError, Election, Rule


def by_number(text: str) -> tuple[list[tuple[int, int, str]], str]:
    """Sorts „2” before „10” and „A2” before „A10”; different texts are never equal."""
    parts = [part for part in re.split(r"(\d+)", text) if part]
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts], text


def tie_key(election: Election, rule: Rule) -> Callable[[int], list]:
    """A key of project positions: the smaller wins the tie. After the rule's own list the lower number decides."""
    drawn = {one: place for place, one in enumerate(rule.drawn)}
    if "drawn" in rule.ties and (set(drawn) != {one.id for one in election.projects} or len(drawn) != len(rule.drawn)):
        raise CountingError("wylosowana kolejność musi wymienić każdy projekt dokładnie raz")
    projects, votes = election.projects, election.votes
    values: dict[str, Callable[[int], object]] = {
        "lower-cost": lambda p: projects[p].cost,
        "higher-cost": lambda p: -projects[p].cost,
        "more-votes": lambda p: -votes[p],
        "lower-number": lambda p: by_number(projects[p].id),
        "drawn": lambda p: drawn[projects[p].id],
    }
    return lambda p: [*(values[name](p) for name in rule.ties), by_number(projects[p].id)]
