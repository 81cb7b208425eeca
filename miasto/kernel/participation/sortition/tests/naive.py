"""How panels are drawn elsewhere, to compare with: people are called at random and taken when the quotas still allow it.

The measure is the smallest probability that this gives.
"""

import random
from collections import Counter
from fractions import Fraction

from miasto.kernel.participation.sortition.committees import Committees
from miasto.kernel.participation.sortition.model import Problem


def naive(problem: Problem, draws: int, seed: int) -> dict[str, Fraction]:
    """The share of ``draws`` in which each is chosen: everyone has a random rank, the panel of the best ranks is taken."""
    import numpy as np

    chance, counted, committees = random.Random(seed), Counter[str](), Committees(problem)
    for _draw in range(draws):
        ranks = [sorted((chance.random(), number) for number in members) for members in problem.members]
        column = committees.best(np.array([1 - members[0][0] for members in ranks]))
        for members, seats in zip(ranks, column, strict=True):
            counted.update(number for _rank, number in members[: int(seats)])
    return {number: Fraction(counted[number], draws) for number in problem.pool}
