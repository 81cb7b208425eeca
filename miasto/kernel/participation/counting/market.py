"""What equal shares needs of an election: distinct ballots with the number of voters who cast each, and who supports what.

Voters with the same ballot have the same money at every moment, so they are counted together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from miasto.kernel.participation.counting.model import CountingError, Election, Rule


@dataclass
class Supporters:
    """The voters of one project. Shapes (k,): ``groups`` of equal ballots, ``many`` voters in each, ``points`` they give.

    ``heads``: how many voters in all, ``weight``: their points together, ``most``: the most points of one voter.
    """

    groups: np.ndarray
    many: np.ndarray
    points: np.ndarray
    heads: int
    weight: int
    most: int
    plain: bool

    @property
    def weights(self) -> np.ndarray:
        """Points times voters of each group, shape (k,)."""
        return self.many if self.plain else self.many * self.points

    @classmethod
    def of(cls, groups: np.ndarray, many: np.ndarray, points: np.ndarray, plain: bool) -> Supporters:
        """The supporters with their totals."""
        weight = many if plain else many * points
        return cls(groups, many, points, int(many.sum()), int(weight.sum()), int(points.max(initial=1)), plain)

    def only(self, mask: np.ndarray) -> Supporters:
        """Some of them."""
        return Supporters.of(self.groups[mask], self.many[mask], self.points[mask], self.plain)


@dataclass
class Market:
    """The projects that may be bought (positions ``projects`` in the election, costs in ``1 / scale``) and the groups.

    ``supporters`` by project; ``ends`` (groups + 1,), ``rows`` and ``row_points`` (entries,) are the groups'
    ballots with only these projects, ``lengths`` (groups,) their sizes; ``many`` (groups,) voters in each. Numbers are whole,
    kept as float64 below 2**53.
    """

    projects: list[int]
    free: list[int]
    costs: dict[int, int]
    supporters: dict[int, Supporters]
    many: np.ndarray
    ends: np.ndarray
    rows: np.ndarray
    row_points: np.ndarray
    lengths: np.ndarray


def least_score(election: Election, rule: Rule) -> Fraction | float:
    """The threshold in units of ``1 / points_scale``; minus infinity where the rule has none (0)."""
    return rule.min_score * election.points_scale or -math.inf


def prepare(election: Election, rule: Rule) -> Market:
    """Groups equal ballots and finds the supporters of every project that may win. One pass over the entries."""
    if election.default_score:
        raise CountingError("metody równych udziałów nie da się liczyć z polem default_score")
    least, count = least_score(election, rule), len(election.projects)
    able = np.array([score >= least for score in election.scores], dtype=bool)
    kept = (able[election.chosen] & (election.points > 0))[election.in_order]
    entries = election.in_order[kept]
    owner, chosen, points = election.owner[entries], election.chosen[entries], election.points[entries]
    ends = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=election.ballots))])
    plain = bool((points == 1).all())
    firsts, many = _groups(ends, chosen, None if plain else points)
    lengths = np.diff(ends)[firsts]
    group_ends = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    flat = spread(ends[:-1][firsts], lengths)
    rows, row_points = chosen[flat].astype(np.int64), points[flat].astype(np.float64)
    if len(points) and float(points.sum()) * max(1, int(points.max())) > 2**52:
        raise CountingError("punktów jest za dużo, żeby policzyć je bez zaokrągleń")
    group_of = np.repeat(np.arange(len(firsts)), lengths)
    by_project = np.argsort(rows, kind="stable")
    cuts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=count))])
    supporters = {}
    for project in np.unique(rows).tolist():
        here = by_project[cuts[project] : cuts[project + 1]]
        groups = group_of[here]
        supporters[project] = Supporters.of(groups, many[groups], row_points[here], plain)
    costs = {project: election.projects[project].cost for project in supporters}
    return Market(
        projects=[project for project, cost in costs.items() if cost > 0],
        free=[project for project, cost in costs.items() if cost == 0],
        costs=costs,
        supporters=supporters,
        many=many,
        ends=group_ends,
        rows=rows,
        row_points=row_points,
        lengths=lengths,
    )


def spread(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The positions ``start, start + 1, ... start + length - 1`` of all pairs, one after another."""
    total = int(lengths.sum())
    if not total:
        return np.zeros(0, dtype=np.int64)
    shift = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    return np.arange(total) + shift


def _groups(ends: np.ndarray, chosen: np.ndarray, points: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """``(a ballot of each group, how many ballots each group has)``; equal means equal bytes of projects and points."""
    table = chosen.astype(np.int32)[:, None] if points is None else np.stack([chosen.astype(np.int64), points], axis=1)
    data, size = table.tobytes(), table.itemsize * table.shape[1]
    cuts = (ends * size).tolist()
    seen: dict[bytes, int] = {}
    firsts: list[int] = []
    group = np.empty(len(cuts) - 1, dtype=np.int64)
    for ballot, (start, end) in enumerate(pairwise(cuts)):
        at = group[ballot] = seen.setdefault(data[start:end], len(firsts))
        if at == len(firsts):
            firsts.append(ballot)
    return np.array(firsts, dtype=np.int64), np.bincount(group, minlength=len(firsts)).astype(np.float64)
