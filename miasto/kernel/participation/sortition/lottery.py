"""The lottery: a fixed number of ready committees, each as likely as the next, so that probabilities are plain fractions.

One number drawn from the published seed picks one committee of the published list. Which probability anyone has can be counted
on the list itself: in how many of its lines the person's number stands.

How near the list comes to the computed probabilities: the seats of each kind of people in all committees together are rounded
down or up, and dealt so that people of one kind differ by at most one line. Then everyone is less than one line away from
their computed probability (``floor(floor(y) / m) = floor(y / m)``). Where whole people do not allow such committees, the
nearest are taken; ``Lottery.difference`` is measured, not promised, and says what came of it.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from .committees import Committees
from .model import Problem, scattered
from .probabilities import Chances, leximin, peeled

LINES = 1000


@dataclass(frozen=True)
class Lottery:
    """``lines``: committees as numbers of people; ``computed``: the probability that each person was to have.

    ``limit``: no lottery whatever has a larger smallest probability. ``proven``: the computed ones are the leximin even of
    committees that may take parts of people, so no better ones exist for certain; otherwise they are that of whole people.
    """

    lines: tuple[tuple[str, ...], ...]
    computed: dict[str, float]
    limit: float
    proven: bool

    @cached_property
    def chances(self) -> dict[str, Fraction]:
        """The exact probability of everyone: the lines with the person's number, of all lines."""
        counted = Counter(number for line in self.lines for number in line)
        return {number: Fraction(counted[number], len(self.lines)) for number in sorted(self.computed, key=in_order)}

    @property
    def difference(self) -> float:
        """The largest difference between an exact probability and the computed one."""
        return max(abs(float(chance) - self.computed[number]) for number, chance in self.chances.items())

    @cached_property
    def text(self) -> str:
        """The published list: a line ``number of the line;number number …`` for each committee, numbered from 0."""
        return "".join(f"{place};{' '.join(line)}\n" for place, line in enumerate(self.lines))

    @property
    def digest(self) -> str:
        """SHA-256 of the published list in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def lottery(problem: Problem, lines: int = LINES) -> Lottery:
    """The lottery with leximin probabilities. Takes seconds to a minute: for a background job.

    NoCommittee when the quotas cannot be kept (``explaining.relaxation`` says what would do).
    """
    committees = Committees(problem)
    return dealt(committees, leximin(committees), lines)


def dealt(committees: Committees, chances: Chances, lines: int = LINES) -> Lottery:
    """Turns a mixture of committees of kinds into ``lines`` committees of people."""
    problem = committees.problem
    people = Dealer(problem)
    return Lottery(
        tuple(people.seated(place, column) for place, column in enumerate(whole(committees, chances, lines))),
        {
            number: float(chance)
            for members, chance in zip(problem.members, chances.probabilities, strict=True)
            for number in members
        },
        chances.limit,
        chances.proven,
    )


def whole(committees: Committees, chances: Chances, lines: int) -> list[Any]:
    """``lines`` committees of kinds: each of the mixture as often as its share allows, the rest so that all totals are near."""
    import numpy as np

    times = np.floor(chances.shares * lines + 1e-9)
    sure = [column for column, count in zip(chances.columns, times, strict=True) for _ in range(int(count))]
    left = lines - len(sure)
    if not left:
        return sure
    taken = np.sum(sure, axis=0) if sure else 0 * committees.sizes
    wanted = np.clip(chances.probabilities * committees.sizes * lines - taken, 0, committees.sizes * left)
    return sure + peeled(committees, wanted, left)


class Dealer:
    """Gives the seats of a kind to its people: always to those who have had the fewest, equal ones in an order of a hash."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.had: Counter[str] = Counter()

    def seated(self, place: int, column: Any) -> tuple[str, ...]:
        """The people of line ``place``, whose kinds ``column`` counts."""
        line: list[str] = []
        for members, seats in zip(self.problem.members, column, strict=True):
            if seats:
                queue = sorted(members, key=lambda number: (self.had[number], scattered(f"{place} {number}")))
                line += queue[: int(seats)]
        self.had.update(line)
        return tuple(sorted(line, key=in_order))


def in_order(number: str) -> tuple[int, str]:
    """Sorts ``9`` before ``10``."""
    return len(number), number
