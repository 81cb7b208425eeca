"""By how many further votes a project would have won under equal shares, where no formula says it.

The measure is that of Boehmer, Faliszewski, Janeczko, Peters, Pierczynski, Schierreich, Skowron and Szufa (Evaluation of
project performance in participatory budgeting, IJCAI 2024), there called singleton-add: further voters come who choose this
project and nothing else. All other ballots stay; every share gets smaller, as the same money is split among more. On a ballot
of points or of ranks each of them gives the project as much as the most that any voter gave to one project.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import ceil

import numpy as np

from miasto.kernel.participation.counting.count import count
from miasto.kernel.participation.counting.model import Election, Result, Rule


def with_ballots(election: Election, project: int, many: int) -> Election:
    """The election with ``many`` ballots more which support this project only, each as strongly as the strongest voice."""
    ones = np.ones(many, dtype=np.int64)
    strongest = int(election.points.max(initial=1))
    return replace(
        election,
        ends=np.concatenate([election.ends, election.ends[-1] + np.cumsum(ones)]),
        chosen=np.concatenate([election.chosen, np.full(many, project, dtype=election.chosen.dtype)]),
        points=np.concatenate([election.points, strongest * ones]),
        voters={},
    )


def wins_with(election: Election, rule: Rule, project: int, many: int) -> bool:
    """Whether the project wins when so many more choose it alone."""
    return project in count(with_ballots(election, project, many), rule).winners


def further_votes(election: Election, rule: Rule, project: int) -> int | None:
    """``n`` with which a loser wins while it does not with ``n - 1``; ``None`` where no number that was tried would do.

    Found by doubling and halving, so about ``2 log n`` counts. Between ``1`` and ``n`` the project might win with some smaller
    number too, since the others' shares change as well; with ``n - 1`` it certainly does not. Every kind of ballot.
    """
    cost = election.projects[project].cost
    if cost > election.budget:
        return None
    most = enough(election, cost)
    low, high = 0, 1
    while not wins_with(election, rule, project, high):
        if high >= most:
            return None
        low, high = high, min(2 * high, most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if wins_with(election, rule, project, middle) else (middle, high)
    return high


def enough(election: Election, cost: int) -> int:
    """So many new voters can pay the cost alone, whatever the others buy (where anything is left of the money at all)."""
    if cost >= election.budget:
        return max(1, 10 * election.ballots)
    return max(1, ceil(Fraction(cost * election.ballots, election.budget - cost)))


def completed(result: Result, project: int) -> int | None:
    """``further_votes`` of a loser of equal shares whose money or place was short; ``None`` for everything else."""
    one = result.decisions[project]
    if result.rule.rule != "equal-shares" or one.won or one.missing_votes is not None:
        return None
    return further_votes(result.election, result.rule, project)
