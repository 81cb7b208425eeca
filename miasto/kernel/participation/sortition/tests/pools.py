"""Pools for the tests: small ones by hypothesis, larger ones by a seed, and the optimum by listing every committee."""

import itertools
import random
from typing import Any

from hypothesis import strategies as st

from miasto.kernel.participation.sortition.model import Problem, Quota


def made(people: int, size: int, seed: int, shape: tuple[int, ...], slack: int = 1) -> Problem:
    """A pool whose volunteers are unlike the city: the more of a group there are, the more of it sign up."""
    chance = random.Random(seed)
    quotas, city = {}, []
    for place, values in enumerate(shape):
        weights = [chance.uniform(0.5, 1.5) for _value in range(values)]
        city.append(weights)
        shares = [size * weight / sum(weights) for weight in weights]
        quotas[f"f{place}"] = {
            f"v{value}": Quota(max(0, int(share) + 1 - slack), int(share) + slack) for value, share in enumerate(shares)
        }
    pool = {
        str(number): {
            f"f{place}": f"v{chance.choices(range(len(weights)), [weight**2.5 for weight in weights])[0]}"
            for place, weights in enumerate(city)
        }
        for number in range(1, people + 1)
    }
    return Problem(pool, quotas, size)


@st.composite
def problems(draw: Any) -> Problem:
    """Up to nine people with two features of two or three values; the quotas may be impossible."""
    people = draw(st.integers(3, 9))
    size = draw(st.integers(1, people - 1))
    shape = draw(st.tuples(st.integers(2, 3), st.integers(2, 2)))
    pool = {
        str(number): {f"f{place}": f"v{draw(st.integers(0, values - 1))}" for place, values in enumerate(shape)}
        for number in range(1, people + 1)
    }
    quotas = {}
    for place, values in enumerate(shape):
        quotas[f"f{place}"] = {}
        for value in range(values):
            least = draw(st.integers(0, max(size // values, 0)))
            quotas[f"f{place}"][f"v{value}"] = Quota(least, draw(st.integers(least, size)))
    return Problem(pool, quotas, size)


def every_committee(problem: Problem) -> list[tuple[str, ...]]:
    """All panels that keep the quotas, by trying all."""
    return [one for one in itertools.combinations(sorted(problem.pool), problem.size) if problem.keeps(list(one))]


def optimum(problem: Problem) -> dict[str, float]:
    """The leximin probabilities by the definition, person by person over the list of every committee.

    Each round finds the best minimum of the free people, then fixes everyone who cannot be above it while the others keep it.
    """
    import numpy as np
    from scipy.optimize import linprog

    panels, people = every_committee(problem), sorted(problem.pool)
    table = np.array([[number in panel for panel in panels] for number in people], dtype=float)
    floor: dict[int, float] = {}

    def best(row: Any, free: set[int], level: float | None) -> float:
        """The largest ``row @ shares`` (or the largest minimum of the free when ``row`` is None)."""
        extra = [[-1.0 if level is None and place in free else 0.0] for place in range(len(people))]
        cost = np.concatenate([np.zeros(len(panels)) if row is None else -row, [-1.0 if row is None else 0.0]])
        bounds = [floor.get(place, 0.0 if level is None else level) - 1e-9 for place in range(len(people))]
        found = linprog(
            cost,
            A_ub=-np.hstack([table, extra]),
            b_ub=-np.array(bounds),
            A_eq=[[1.0] * len(panels) + [0.0]],
            b_eq=[1.0],
            bounds=[(0, None)] * len(panels) + [(None, None)],
        )
        return -float(found.fun)

    free = set(range(len(people)))
    while free:
        level = best(None, free, None)
        stuck = {place for place in free if best(table[place], free, level) <= level + 1e-6}
        floor.update(dict.fromkeys(stuck, level))
        free -= stuck
    return {people[place]: value for place, value in floor.items()}
