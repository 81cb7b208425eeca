"""The fairest probabilities under quotas: leximin and maximin by column generation.

Source: B. Flanigan, P. Gölz, A. Gupta, B. Hennig, A. D. Procaccia, Fair algorithms for selecting citizens' assemblies,
Nature 596 (2021). Leximin makes the smallest probability as large as possible, then the second smallest, and so on.

First the same question is asked of committees that may take parts of people: a small linear programme, whose answer no
method can beat. If that answer is a mixture of real committees, it is the leximin of them too, and proven; otherwise the levels
are found one by one over real committees.
"""

from dataclasses import dataclass
from typing import Any

from .committees import Committees

SURE = 1e-6
"""Probabilities nearer to each other than this are equal; a thousandth is the finest that the lottery can show."""
STEP = 1e-3
FIRST = 200


class NoCommittee(Exception):
    """No committee keeps all the quotas; ``explaining.relaxation`` says what to change."""


@dataclass(frozen=True)
class Chances:
    """``probabilities`` of one person of each kind, and the mixture of ``columns`` with ``shares`` that gives them.

    ``limit``: no smallest probability can be larger. ``proven``: see ``lottery.Lottery``.
    """

    probabilities: Any
    columns: Any
    shares: Any
    limit: float
    proven: bool


def leximin(committees: Committees) -> Chances:
    """The leximin probabilities. NoCommittee when the quotas cannot be kept."""
    real = Real(committees)
    wanted = levels(Parts(committees))
    real.add_all(peeled(committees, wanted * committees.sizes * FIRST, FIRST))
    short, _chosen = real.raised(wanted, everyone(committees), enough=-SURE)
    proven = short >= -SURE
    if not proven:
        wanted = levels(real, whole=True)
        real.raised(wanted, everyone(committees))
    return real.answer(limit_of(committees), proven)


def maximin(committees: Committees) -> Chances:
    """Probabilities whose smallest one is as large as can be; the rest as it happens."""
    real, limit = Real(committees), limit_of(committees)
    real.raised(0 * committees.sizes, everyone(committees), enough=limit - SURE)
    return real.answer(limit, True)


def limit_of(committees: Committees) -> float:
    """No lottery whatever has a smallest probability above this (committees of parts of people)."""
    value, _chosen = Parts(committees).raised(0 * committees.sizes, everyone(committees))
    return min(float(value), 1.0)


def everyone(committees: Committees) -> Any:
    """A mask of all kinds."""
    return committees.sizes > 0


def levels(space: "Parts | Real", whole: bool = False) -> Any:
    """The leximin probabilities of each kind over a convex set: level after level, with all kinds that stay on it."""
    import numpy as np

    sizes = space.committees.sizes
    floor, free = np.zeros(len(sizes)), sizes > 0
    while free.any():
        value, chosen = space.raised(np.where(free, 0, floor), free)
        floor = np.where(free, value, floor)
        stuck = free & (chosen <= value + SURE)
        while stuck.any():
            _gained, chosen = space.spread(floor, stuck)
            rose = stuck & (chosen > floor + SURE)
            if not rose.any():
                break
            stuck &= ~rose
        if not stuck.any():
            stuck = free & (chosen <= chosen[free].min() + SURE)
        free &= ~stuck
    return floor


class Parts:
    """Committees that may take parts of people: the polytope of the quotas themselves."""

    def __init__(self, committees: Committees) -> None:
        self.committees = committees

    def raised(self, floor: Any, free: Any) -> tuple[float, Any]:
        """The largest z so that every kind has at least ``floor`` (+ z where ``free``), and the probabilities that reach it."""
        return self._solve(floor, free, None)

    def spread(self, floor: Any, some: Any) -> tuple[float, Any]:
        """The largest sum of what ``some`` kinds gain above ``floor`` (each at most STEP), and the probabilities."""
        return self._solve(floor, None, some)

    def _solve(self, floor: Any, free: Any, some: Any) -> tuple[float, Any]:
        """Variables: the taken people of each kind, then z or the gains."""
        import numpy as np
        from scipy.optimize import linprog

        known = self.committees
        count = len(known.sizes)
        extra, cost, limits = gains(count, free, some)
        rows, zeros = known.rows, np.zeros((len(known.rows), extra.shape[1]))
        below = np.vstack([np.hstack([-np.diag(1 / known.sizes), extra]), np.hstack([rows, zeros]), np.hstack([-rows, zeros])])
        found = linprog(
            np.concatenate([np.zeros(count), cost]),
            A_ub=below,
            b_ub=np.concatenate([-lowered(floor), known.high, -known.low]),
            bounds=[*((0, size) for size in known.sizes), *limits],
        )
        if found.x is None:
            raise NoCommittee
        return -float(found.fun), found.x[:count] / known.sizes


class Real:
    """Mixtures of real committees, made as they are needed: a committee joins when the prices of the programme call for it."""

    def __init__(self, committees: Committees) -> None:
        import numpy as np

        self.committees = committees
        first = committees.best(np.zeros(len(committees.sizes)))
        if first is None:
            raise NoCommittee
        self.columns: list[Any] = []
        self.seen: set[bytes] = set()
        self.shares: Any = None
        self.solved = 0
        self.add_all([first])

    def add_all(self, columns: list[Any]) -> bool:
        """Takes the committees that are new; whether there was one."""
        before = len(self.columns)
        for column in columns:
            if column.tobytes() not in self.seen:
                self.seen.add(column.tobytes())
                self.columns.append(column)
        return len(self.columns) > before

    def raised(self, floor: Any, free: Any, enough: float | None = None) -> tuple[float, Any]:
        """As ``Parts.raised``; stops early at ``enough``."""
        return self._generate(floor, free, None, enough)

    def spread(self, floor: Any, some: Any) -> tuple[float, Any]:
        """As ``Parts.spread``."""
        return self._generate(floor, None, some, None)

    def answer(self, limit: float, proven: bool) -> Chances:
        """The mixture that was found last."""
        import numpy as np

        shares = np.maximum(self.shares, 0)
        shares /= shares.sum()
        used = shares > 1e-12
        columns = np.array(self.columns)[: self.solved][used]
        shares = shares[used] / shares[used].sum()
        return Chances(shares @ columns / self.committees.sizes, columns, shares, limit, proven)

    def _generate(self, floor: Any, free: Any, some: Any, enough: float | None) -> tuple[float, Any]:
        """Adds committees until none has a gain above SURE / 10; the value plus that gain bounds every other mixture."""
        import numpy as np

        sizes = self.committees.sizes
        while True:
            found, prices, bar = self._solve(floor, free, some)
            value = -float(found.fun)
            better = None if enough is not None and value >= enough else self.committees.best(prices / sizes)
            if better is None or float(prices @ (better / sizes)) - bar <= SURE / 10 or not self.add_all([better]):
                self.shares = found.x[: self.solved]
                return value, self.shares @ np.array(self.columns[: self.solved]) / sizes

    def _solve(self, floor: Any, free: Any, some: Any) -> tuple[Any, Any, float]:
        """(solution, price of a chance of each kind, price of the whole): variables are the shares, then z or the gains."""
        import numpy as np
        from scipy.optimize import linprog

        table = np.array(self.columns).T / self.committees.sizes[:, None]
        extra, cost, limits = gains(len(table), free, some)
        count = self.solved = table.shape[1]
        found = linprog(
            np.concatenate([np.zeros(count), cost]),
            A_ub=np.hstack([-table, extra]),
            b_ub=-lowered(floor),
            A_eq=np.concatenate([np.ones(count), np.zeros(len(cost))])[None, :],
            b_eq=[1.0],
            bounds=[*(((0, None),) * count), *limits],
        )
        if found.x is None:
            raise NoCommittee
        return found, -found.ineqlin.marginals, -float(found.eqlin.marginals[0])


def gains(count: int, free: Any, some: Any) -> tuple[Any, Any, list[tuple[float | None, float | None]]]:
    """(columns, costs, bounds) of the further variables: one z for all ``free`` kinds or a gain for each of ``some``."""
    import numpy as np

    if some is None:
        return free.astype(float)[:, None], np.array([-1.0]), [(None, None)]
    extra = np.eye(count)[:, some]
    return extra, -np.ones(extra.shape[1]), [(0.0, STEP)] * extra.shape[1]


def lowered(floor: Any) -> Any:
    """The floor less the solver's own tolerance, so that what one programme reached is never infeasible in the next."""
    return floor - SURE / 10


def peeled(committees: Committees, wanted: Any, count: int) -> list[Any]:
    """``count`` committees that together take of each kind what is ``wanted`` (real totals) as nearly as whole people allow."""
    totals = committees.rounded(wanted, count)
    found = []
    for left in range(count, 0, -1):
        one = committees.near(totals, left)
        if one is None:
            one = committees.nearest(totals / left)
        found.append(one)
        totals = totals - one
    return found
