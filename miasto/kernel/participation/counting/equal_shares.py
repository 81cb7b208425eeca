"""The method of equal shares (Peters, Pierczynski, Skowron 2021, arXiv:2008.13276; https://equalshares.net), exact.

Floats only sift: each carries a bound of its error, and what the bounds cannot tell apart is computed again with whole numbers
and fractions. So the result is exact, while nearly all of the work is vectorised.

A run keeps the money of each group of equal ballots as a float with ``slack``, the most by which any of them may be wrong.
The exact money of a group that still has some is its share less the price of every purchase it took part in (who has money
left has always paid in full), so exact sums need only the purchases' prices, kept as fractions and computed when asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np

from miasto.kernel.participation.counting.market import Market, Supporters, spread

U = 2.0**-52
SURE = 2.0**-30  # a price less certain than this (relatively) is computed exactly, so that errors do not grow
NEAR = 1 + 1e-9

TieKey = Callable[[int], list]


class Run:
    """One run with a fixed share for everybody. ``bought``: projects in order, ``tied``: those equal to each of them."""

    def __init__(self, market: Market, share: Fraction, by_cost: bool) -> None:
        self.market, self.share, self.by_cost = market, share, by_cost
        self.money = np.full(len(market.many), float(share))
        self.slack = U * float(share)
        self.has = np.ones(len(market.many), dtype=bool)
        self.bought: list[int] = []
        self.tied: list[list[int]] = []
        self.round_of = np.full(int(market.rows.max(initial=-1)) + 1, -1, dtype=np.int64)
        self._prices: list[Fraction | None] = []
        self._poor: list[tuple[np.ndarray, int]] = []
        # the least price each project can have, from its last evaluation: prices only rise while money is spent
        self.least = {p: market.costs[p] / market.supporters[p].weight * (1 - 4 * U) for p in market.projects}

    def all_rounds(self, tie_key: TieKey, limit: int | None = None) -> bool:
        """Buys until nobody can pay for anything; ``False`` as soon as the purchases cost more than ``limit``."""
        spent = 0
        while True:
            found = self._best(tie_key)
            if found is None:
                return True
            project, tied = found
            spent += self.market.costs[project]
            if limit is not None and spent > limit:
                return False
            self._buy(project, tied)

    def price(self, number: int) -> Fraction:
        """What one point paid at most in a purchase, exactly."""
        for earlier in range(number + 1):  # in order, so that none waits for another that is not known yet
            if self._prices[earlier] is None:
                poor, weight = self._poor[earlier]
                cost = self.market.costs[self.bought[earlier]]
                self._prices[earlier] = (cost - self._sum(poor, earlier)) / weight
        found = self._prices[number]
        assert found is not None
        return found

    def behind(self, project: int) -> Fraction:
        """The money that the supporters of a project have left together, exactly."""
        groups = self.market.supporters[project].groups
        return self._sum(groups[self.has[groups]], len(self.bought))

    # --- choosing ------------------------------------------------------------------------------------------------------

    def _utility(self, project: int) -> int:
        return self.market.costs[project] if self.by_cost else 1

    def _best(self, tie_key: TieKey) -> tuple[int, list[int]] | None:
        """The project with the least price for what its voters get, and those exactly equal to it; drops the unaffordable."""
        best, highest = None, math.inf
        for project in sorted(self.least, key=lambda p: self.least[p] / self._utility(p)):
            utility = self._utility(project)
            if self.least[project] / utility > highest * NEAR:
                break
            found = self._estimate(project)
            if found is None:
                del self.least[project]
            elif found / utility < highest:
                best, highest = project, found / utility
        if best is None:
            return None
        top = self._top(best) / self._utility(best) * (1 + 4 * U)
        rivals = [p for p, least in self.least.items() if least / self._utility(p) <= top]
        if len(rivals) == 1:
            return best, []
        exact = {}
        for project in rivals:
            price = self._exact(project)
            if price is None:
                del self.least[project]
            else:
                exact[project] = price / self._utility(project)
        least = min(exact.values())
        equal = [project for project, price in exact.items() if price == least]
        chosen = min(equal, key=tie_key)
        return chosen, [project for project in equal if project != chosen]

    def _estimate(self, project: int) -> float | None:
        """The price as a float, its lower bound kept in ``least``; ``None`` where the supporters certainly cannot pay."""
        voters, cost = self.market.supporters[project], self.market.costs[project]
        money = self.money[voters.groups]
        together = money * voters.many
        total, rounding = float(together.sum()), (len(money) + 8) * U
        unsure = voters.heads * self.slack + total * rounding
        if total < cost - unsure:
            return None
        price = self._newton(voters, cost, money, together, self.least[project]) if total > cost + unsure else None
        if price is None:
            exact = self._exact(project)
            if exact is not None:
                self.least[project] = float(exact) * (1 - 4 * U)
            return None if exact is None else float(exact)
        found, weight = price
        error = (voters.heads * self.slack + 2 * cost * rounding) / weight
        self.least[project] = max(self.least[project], found - error)
        return found

    @staticmethod
    def _newton(
        voters: Supporters, cost: int, money: np.ndarray, together: np.ndarray, price: float
    ) -> tuple[float, float] | None:
        """``(price, weight of those who can pay it in full)`` from a price that is not too high; ``None`` where floats fail.

        What the voters pay together is a concave function of the price, so Newton's steps from below never overshoot.
        """
        count, weight = -1, 0.0
        for _step in range(64):
            poor = money < (price if voters.plain else price * voters.points)
            now = int(np.count_nonzero(poor))
            if now == count:
                return price, weight
            count, weight, rest = now, float(voters.weight), float(cost)
            if now:
                weight -= float(voters.weights[poor].sum())
                rest -= float(together[poor].sum())
            if weight <= 0 or rest <= 0:
                return None
            price = rest / weight
        return None

    def _top(self, project: int) -> float:
        """A price that the project's true price certainly does not exceed."""
        voters, cost = self.market.supporters[project], self.market.costs[project]
        money = self.money[voters.groups]
        found = self._newton(voters, cost, money, money * voters.many, self.least[project])
        if found is not None:
            price, weight = found
            error = (voters.heads * self.slack + 2 * cost * (len(money) + 8) * U) / weight
            if error <= SURE * price and not self._uncertain(voters, money, price, error).any():
                return price + error
        exact = self._exact(project)
        assert exact is not None
        return float(exact) * (1 + 4 * U)

    def _uncertain(self, voters: Supporters, money: np.ndarray, price: float, error: float) -> np.ndarray:
        """Who has money so near to the due that floats cannot tell whether it suffices."""
        due = price * voters.points
        return (np.abs(money - due) <= 2 * (self.slack + error * voters.points + U * due)) & self.has[voters.groups]

    # --- exact numbers -------------------------------------------------------------------------------------------------

    def _sum(self, groups: np.ndarray, before: int, heads: np.ndarray | None = None) -> Fraction:
        """The exact money together of groups that had some left before the purchase ``before``."""
        if not len(groups):
            return Fraction(0)
        market, heads = self.market, self.market.many[groups] if heads is None else heads
        starts, lengths = market.ends[:-1][groups], market.ends[1:][groups] - market.ends[:-1][groups]
        flat = spread(starts, lengths)
        rounds = self.round_of[market.rows[flat]]
        paid = (rounds >= 0) & (rounds < before)
        weights = (np.repeat(heads, lengths) * market.row_points[flat])[paid]
        sums = np.bincount(rounds[paid], weights=weights, minlength=before)
        if sums.any():
            self.price(int(np.flatnonzero(sums)[-1]))
        taken = [(int(points), self._prices[number]) for number, points in enumerate(sums.tolist()) if points]
        down = math.lcm(*(price.denominator for _points, price in taken))
        up = sum(points * price.numerator * (down // price.denominator) for points, price in taken)
        return int(heads.sum()) * self.share - Fraction(up, down)

    def _exact(self, project: int) -> Fraction | None:
        """The exact price; ``None`` where the supporters cannot pay."""
        voters, cost = self.market.supporters[project], self.market.costs[project]
        having = self.has[voters.groups]
        if self._sum(voters.groups[having], len(self.bought)) < cost:
            return None
        return self._sorted_out(project)[0]

    def _sorted_out(self, project: int) -> tuple[Fraction, np.ndarray]:
        """``(exact price, who cannot pay more than it)``, the latter as a mask over the project's supporters."""
        voters, cost = self.market.supporters[project], self.market.costs[project]
        having, weights = self.has[voters.groups], voters.weights
        money = self.money[voters.groups]
        poor = ~having | (money + 2 * self.slack < self.least[project] * voters.points * (1 - 4 * U))
        while True:
            owed = cost - self._sum(voters.groups[poor & having], len(self.bought))
            price = owed / int(weights[~poor].sum())
            below, equal = self._compare(voters, money, price)
            below |= ~having
            if (below <= poor).all():
                return price, below | equal
            poor |= below

    def _compare(self, voters: Supporters, money: np.ndarray, price: Fraction) -> tuple[np.ndarray, np.ndarray]:
        """``(who has less than the due, who has exactly it)``: masks over the supporters, exact."""
        due = float(price) * voters.points
        below, equal = money < due, np.zeros(len(money), dtype=bool)
        known: dict[tuple, Fraction] = {}
        for at in np.flatnonzero(self._uncertain(voters, money, float(price), U * float(price))).tolist():
            exact = self._money_of(int(voters.groups[at]), known)
            owed = price * int(voters.points[at])
            below[at], equal[at] = exact < owed, exact == owed
        return below, equal

    def _money_of(self, group: int, known: dict[tuple, Fraction]) -> Fraction:
        here = slice(self.market.ends[group], self.market.ends[group + 1])
        rounds, points = self.round_of[self.market.rows[here]], self.market.row_points[here]
        key = tuple(sorted(zip(rounds[rounds >= 0].tolist(), points[rounds >= 0].tolist(), strict=True)))
        if key not in known:
            known[key] = self.share - sum((int(given) * self.price(number) for number, given in key), Fraction(0))
        return known[key]

    # --- buying --------------------------------------------------------------------------------------------------------

    def _buy(self, project: int, tied: list[int]) -> None:
        voters, cost = self.market.supporters[project], self.market.costs[project]
        money, number = self.money[voters.groups], len(self.bought)
        exact: Fraction | None = None
        found = self._newton(voters, cost, money, money * voters.many, self.least[project])
        error = math.inf
        if found is not None:
            price, weight = found
            error = (voters.heads * self.slack + 2 * cost * (len(money) + 8) * U) / weight
        if (error > SURE * price if found is not None else True) or self._uncertain(voters, money, price, error).any():
            exact, out = self._sorted_out(project)
        else:
            out = money < price * voters.points
        if exact is not None:
            price, error = float(exact), U * float(exact)
        gone = voters.groups[out]
        self._poor.append((gone[self.has[gone]], int(voters.weights[~out].sum())))
        self._prices.append(exact)
        self.money[voters.groups] = np.where(out, 0.0, money - price * voters.points)
        self.has[gone] = False
        self.slack += error * voters.most + 2 * U * float(self.share)
        self.bought.append(project)
        self.tied.append(tied)
        self.round_of[project] = number
        del self.least[project]
