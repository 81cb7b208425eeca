"""Feasible committees as whole-number vectors over kinds of people, found by integer programming (HiGHS in scipy)."""

from typing import Any

from .model import Problem

EXACT = {"mip_rel_gap": 0.0}
NEARLY = {"mip_rel_gap": 0.2}


class Committees:
    """The set of all committees that keep the quotas: finds its best member for any weights.

    ``sizes``: people in each kind. ``rows``: one row of ones (the size) and one row for each category; ``low`` and ``high``
    bound rows @ committee.
    """

    def __init__(self, problem: Problem) -> None:
        import numpy as np

        self.problem = problem
        self.sizes = np.array([len(people) for people in problem.members], dtype=float)
        features = list(problem.quotas)
        self.rows = np.ones((1 + len(problem.categories), len(problem.kinds)))
        quotas = [problem.quotas[feature][value] for feature, value in problem.categories]
        for row, (feature, value) in enumerate(problem.categories, start=1):
            place = features.index(feature)
            self.rows[row] = [kind[place] == value for kind in problem.kinds]
        self.low = np.array([problem.size, *(quota.least for quota in quotas)], dtype=float)
        self.high = np.array([problem.size, *(quota.most for quota in quotas)], dtype=float)

    def best(self, weights: Any) -> Any | None:
        """The committee with the largest sum of weights (one weight for each kind), or None when there is no committee."""
        return self._solve(-weights, 0 * self.sizes, self.sizes, self.low, self.high)

    def near(self, totals: Any, left: int) -> Any | None:
        """One of ``left`` committees that together take ``totals`` of each kind.

        Takes of each kind the mean rounded down or up, and leaves totals from which ``left - 1`` committees can still keep
        the quotas on average. None when whole numbers do not allow it.
        """
        import numpy as np

        mean = totals / left
        down, up = (np.clip(bound, 0, self.sizes) for bound in (np.floor(mean + 1e-9), np.ceil(mean - 1e-9)))
        taken = self.rows @ totals
        low = np.maximum(self.low, taken - self.high * (left - 1))
        high = np.minimum(self.high, taken - self.low * (left - 1))
        return self._solve(-(mean - down), down, up, low, high, NEARLY)

    def nearest(self, mean: Any) -> Any:
        """The committee with the smallest sum of differences from ``mean``; for when no committee lies around it."""
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint, milp

        count = len(self.sizes)
        same = np.hstack([np.eye(count), -np.eye(count), np.eye(count)])  # committee - over + under = mean
        quotas = np.hstack([self.rows, np.zeros((len(self.rows), 2 * count))])
        found = milp(
            np.concatenate([np.zeros(count), np.ones(2 * count)]),
            integrality=np.concatenate([np.ones(count), np.zeros(2 * count)]),
            bounds=Bounds(0, np.concatenate([self.sizes, np.full(2 * count, np.inf)])),
            constraints=[LinearConstraint(same, mean, mean), LinearConstraint(quotas, self.low, self.high)],
            options=EXACT,
        )
        return np.round(found.x[:count])

    def rounded(self, wanted: Any, left: int) -> Any:
        """Whole totals nearest to ``wanted`` (real, of ``left`` committees): rounded down or up, the quotas kept on average."""
        import numpy as np

        down = np.floor(wanted + 1e-9)
        up = np.minimum(np.ceil(wanted - 1e-9), self.sizes * left)
        cost = (1 - 2 * (wanted - down)) / self.sizes
        found = self._solve(cost, down, up, self.low * left, self.high * left)
        return np.round(wanted) if found is None else found

    def _solve(self, cost: Any, lower: Any, upper: Any, low: Any, high: Any, options: dict[str, float] = EXACT) -> Any | None:
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint, milp

        if (lower > upper).any() or (low > high).any():
            return None
        found = milp(
            cost,
            integrality=np.ones(len(self.sizes)),
            bounds=Bounds(lower, upper),
            constraints=LinearConstraint(self.rows, low, high),
            options=options,
        )
        return None if found.x is None else np.round(found.x)
