"""The method of equal shares (Peters, Pierczynski, Skowron 2021, arXiv:2008.13276; https://equalshares.net), exact.

Floats only sift: each carries a bound of its error, and what the bounds cannot tell apart is computed again with whole numbers
and fractions. So the result is exact, while nearly all of the work is vectorised.

A run keeps the money of each group of equal ballots as a float with ``slack``, the most by which any of them may be wrong; no
money is exactly 0.0 and nothing else is. The exact money of a group that still has some is its share less the price of every
purchase it took part in (who has money left has always paid in full), so exact sums need only the purchases' prices, kept as
fractions and computed when asked for. The bound of a price that ``weight`` points pay in full is
``(voters who give their last * slack + rounding of the sums) / weight``: what is paid together is concave in the price.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from miasto.kernel.participation.counting.gates import Gate
from miasto.kernel.participation.counting.market import Market, Supporters, spread

U = 2.0**-52
SUMS = 64 * U  # numpy sums pairwise: at most about 16 + log2(n) roundings on the way of any number
SURE = 2.0**-20  # a price less certain than this (relatively) is computed exactly, so that errors do not grow
NEAR = 1 + SURE
LEAST_MONEY = 1e-290  # money that is there but too little for a float to tell

TieKey = Callable[[int], list]


@dataclass
class Estimate:
    """A price as a float: certainly within ``error`` of the exact one if no voter is ``uncertain`` at it."""

    price: float
    error: float
    weight: float
    poor: np.ndarray
    money: np.ndarray


class Run:
    """One run with a fixed share for everybody. ``bought``: projects in order, ``tied``: those equal to each of them.

    ``gate``: the run's own, after the free projects; what it shuts out is not bought whoever could pay for it.
    """

    def __init__(self, market: Market, share: Fraction, by_cost: bool, gate: Gate) -> None:
        self.market, self.share, self.gate = market, share, gate
        self.money = np.full(len(market.many), float(share))
        self.slack = U * float(share)
        self.voters = dict(market.supporters)  # those with money left; the others pay nothing
        self.bought: list[int] = []
        self.tied: list[list[int]] = []
        self.round_of = np.full(int(market.rows.max(initial=-1)) + 1, -1, dtype=np.int64)
        self.utility = {p: market.costs[p] if by_cost else 1 for p in market.projects}
        # the least price for a unit of utility, from the last evaluation: prices only rise while money is spent
        self.least = {p: market.costs[p] / self.voters[p].weight / self.utility[p] * (1 - 8 * U) for p in market.projects}
        self._prices: list[Fraction | None] = []
        self._poor: list[tuple[np.ndarray, int]] = []
        self._known: dict[int, tuple[Fraction, np.ndarray]] = {}
        self._shut_out()

    def all_rounds(self, tie_key: TieKey, limit: int | None = None) -> bool:
        """Buys until nobody can pay for anything; ``False`` as soon as the purchases cost more than ``limit``."""
        spent = 0
        while True:
            self._known.clear()
            found = self._best(tie_key)
            if found is None:
                return True
            project, tied, estimate = found
            spent += self.market.costs[project]
            if limit is not None and spent > limit:
                return False
            self._buy(project, tied, estimate)

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
        return self._sum(groups[self.money[groups] > 0], len(self.bought))

    # --- choosing ------------------------------------------------------------------------------------------------------

    def _best(self, tie_key: TieKey) -> tuple[int, list[int], Estimate | None] | None:
        """The project with the least price for what its voters get, and those exactly equal to it; drops the unaffordable."""
        best, highest, estimate = None, math.inf, None
        for project in sorted(self.least, key=self.least.__getitem__):
            if self.least[project] > highest * NEAR:
                break
            found = self._estimate(project)
            if found is None:
                del self.least[project]
            elif (price := found.price / self.utility[project]) < highest:
                best, highest, estimate = project, price, found
        if best is None:
            return None
        top = self._top(best, estimate) / self.utility[best] * (1 + 8 * U)
        rivals = [p for p, least in self.least.items() if least <= top]
        if len(rivals) == 1:
            return best, [], None if best in self._known else estimate
        exact = {}
        for project in rivals:
            if self._affordable(project):
                exact[project] = self._exact(project)[0] / self.utility[project]
            else:
                del self.least[project]
        least = min(exact.values())
        equal = [project for project, price in exact.items() if price == least]
        chosen = min(equal, key=tie_key)
        return chosen, [project for project in equal if project != chosen], None

    def _estimate(self, project: int) -> Estimate | None:
        """The price, its lower bound kept in ``least``; ``None`` where the supporters cannot pay the cost."""
        voters, cost = self._with_money(project), self.market.costs[project]
        money = self.money[voters.groups]
        together = money * voters.many
        total = float(together.sum())
        unsure = voters.heads * self.slack + 2 * total * SUMS
        if total < cost - unsure:
            return None
        found = None
        if total > cost + unsure:
            found = self._newton(voters, cost, money, together, self.least[project] * self.utility[project])
        elif not self._affordable(project):
            return None
        if found is None:
            price = float(self._exact(project)[0])
            found = Estimate(price, 2 * U * price, 0.0, np.zeros(0, dtype=bool), money)
        least = (found.price - found.error) / self.utility[project] * (1 - 8 * U)
        self.least[project] = max(self.least[project], least)
        return found

    def _with_money(self, project: int) -> Supporters:
        """The supporters, those with nothing left taken out when they are many."""
        voters = self.voters[project]
        having = self.money[voters.groups] > 0
        if np.count_nonzero(having) * 5 < len(having) * 4:
            voters = self.voters[project] = voters.only(having)
        return voters

    def _newton(self, voters: Supporters, cost: int, money: np.ndarray, together: np.ndarray, price: float) -> Estimate | None:
        """The price by Newton's steps from one that is not too high, so that none overshoots; ``None`` where floats fail."""
        count, poor = -1, np.zeros(0, dtype=bool)
        weight, giving = 0.0, 0.0
        for _step in range(64):
            poor = money < (price if voters.plain else price * voters.points)
            now = int(np.count_nonzero(poor))
            if now == count:
                error = (giving * self.slack + 4 * cost * SUMS) / weight
                return Estimate(price, error, weight, poor, money)
            count, weight, rest, giving = now, float(voters.weight), float(cost), 0.0
            if now:
                giving = float(voters.many[poor].sum())
                weight -= giving if voters.plain else float(voters.weights[poor].sum())
                rest -= float(together[poor].sum())
            if weight <= 0 or rest <= 0:
                return None
            price = rest / weight
        return None

    def _top(self, project: int, found: Estimate) -> float:
        """A price that the project's true price certainly does not exceed."""
        if project not in self._known and self._sure(self.voters[project], found):
            return found.price + found.error
        return float(self._exact(project)[0]) * (1 + 2 * U)

    def _sure(self, voters: Supporters, found: Estimate) -> bool:
        if found.error > SURE * found.price or not len(found.poor):
            return False
        return not self._uncertain(voters, found.money, found.price, found.error).any()

    def _uncertain(self, voters: Supporters, money: np.ndarray, price: float, error: float) -> np.ndarray:
        """Who has money so near to the due that floats cannot tell whether it suffices."""
        if voters.plain:
            return (np.abs(money - price) <= 2 * (self.slack + error + U * price)) & (money > 0)
        due = price * voters.points
        return (np.abs(money - due) <= 2 * (self.slack + error * voters.points + U * due)) & (money > 0)

    # --- exact numbers -------------------------------------------------------------------------------------------------

    def _sum(self, groups: np.ndarray, before: int) -> Fraction:
        """The exact money together of groups that had some left before the purchase ``before``."""
        if not len(groups):
            return Fraction(0)
        market, heads = self.market, self.market.many[groups]
        lengths = market.lengths[groups]
        flat = spread(market.ends[:-1][groups], lengths)
        rounds = self.round_of[market.rows[flat]]
        paid = np.flatnonzero((rounds >= 0) & (rounds < before))
        weights = np.repeat(heads, lengths)[paid] * market.row_points[flat[paid]]
        sums = np.bincount(rounds[paid], weights=weights, minlength=before)
        if sums.any():
            self.price(int(np.flatnonzero(sums)[-1]))
        taken = [(int(points), self._prices[number]) for number, points in enumerate(sums.tolist()) if points]
        down = math.lcm(*(price.denominator for _points, price in taken))
        up = sum(points * price.numerator * (down // price.denominator) for points, price in taken)
        return int(heads.sum()) * self.share - Fraction(up, down)

    def _affordable(self, project: int) -> bool:
        """Whether the supporters can pay the cost together, exactly."""
        return self.behind(project) >= self.market.costs[project]

    def _exact(self, project: int) -> tuple[Fraction, np.ndarray]:
        """``(exact price, who cannot pay more than it)`` of an affordable project, the latter as a mask over its voters."""
        if project not in self._known:
            self._known[project] = self._sorted_out(project)
        return self._known[project]

    def _sorted_out(self, project: int) -> tuple[Fraction, np.ndarray]:
        voters, cost = self.voters[project], self.market.costs[project]
        money = self.money[voters.groups]
        having, least = money > 0, self.least[project] * self.utility[project]
        poor = ~having | (money + 2 * self.slack < least * voters.points * (1 - 8 * U))
        while True:
            owed = cost - self._sum(voters.groups[poor & having], len(self.bought))
            price = owed / int(voters.weights[~poor].sum())
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
        for at in np.flatnonzero(self._uncertain(voters, money, float(price), 2 * U * float(price))).tolist():
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

    def _buy(self, project: int, tied: list[int], found: Estimate | None) -> None:
        voters, exact = self.voters[project], None
        if found is not None and project not in self._known:
            price, error, out, money, weight = found.price, found.error, found.poor, found.money, found.weight
        else:
            exact, out = self._exact(project)
            price, error, weight = float(exact), 2 * U * float(exact), 0
            money = self.money[voters.groups]
        gone = voters.groups[out]
        self._poor.append((gone[self.money[gone] > 0], int(weight)))
        self._prices.append(exact)
        left = np.maximum(money - (price if voters.plain else price * voters.points), LEAST_MONEY)
        left[out] = 0.0
        self.money[voters.groups] = left
        self.slack += error * voters.most + 4 * U * float(self.share)
        self.bought.append(project)
        self.tied.append(tied)
        self.round_of[project] = len(self.bought) - 1
        del self.least[project]
        self.gate.take(project)
        self._shut_out()

    def _shut_out(self) -> None:
        """Leaves out what the gate lets in no more."""
        if self.gate.shuts:
            for project in [one for one in self.least if self.gate.why_not(one) is not None]:
                del self.least[project]
