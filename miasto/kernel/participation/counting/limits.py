"""Ballots that break the limits which the file's own META names: told, but counted as the file has them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from miasto.kernel.participation.counting.model import Election


def broken(election: Election) -> list[str]:
    """Sentences in Polish, one per limit that some ballots break (``max_length``, ``max_sum_cost``, ``max_sum_points``...)."""
    sizes = np.diff(election.ends)
    costs = np.array([project.cost for project in election.projects], dtype=np.float64)
    sums = {
        "length": (sizes, 1),
        "sum_points": (_sums(election, election.points), election.points_scale),
        "sum_cost": (_sums(election, costs[election.chosen]), election.scale),
    }
    told = []
    for name, (found, scale) in sums.items():
        if name == "sum_points" and election.vote_type in ("approval", "choose-1"):
            continue
        for which in ("min", "max"):
            limit = _limit(election, f"{which}_{name}")
            if limit is None:
                continue
            bad = (found < float(limit * scale)) if which == "min" else (found > float(limit * scale))
            if bad.any():
                first = int(np.argmax(bad)) + 1
                told.append(f"głosów niezgodnych z „{which}_{name}” = {limit}: {int(bad.sum())} (pierwszy: {first}. głos)")
    return told


def _limit(election: Election, key: str) -> Fraction | None:
    try:
        return Fraction(election.meta[key].replace(",", "."))
    except (KeyError, ValueError, ZeroDivisionError):
        return None


def _sums(election: Election, values: np.ndarray) -> np.ndarray:
    if not len(values):
        return np.zeros(election.ballots)
    return np.bincount(election.owner, weights=values, minlength=election.ballots)
