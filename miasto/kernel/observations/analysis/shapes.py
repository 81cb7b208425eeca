"""Unusual days by the left matrix profile: how unlike everything before it the course of the last day is (Yeh et al. 2016).

A stretch of ``WIDTH`` values is compared, each brought to mean 0 and spread 1, with every stretch that ended before it began.
The distance to the most similar one is large where such a course was never seen (a discord); level and scale do not matter, so
it finds what a robust z cannot: a night that looks like a day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

WIDTH = 24
LEAST = 14 * WIDTH
SPREAD_LEAST = 1e-9


def left_profile(values: np.ndarray, *, width: int = WIDTH) -> np.ndarray:
    """For each value the distance (0 to 2) of the stretch that ends with it from its nearest former one; NaN in the beginning.

    ``values`` (hours) without holes. A stretch that does not move is like any other that does not, and unlike all the rest.
    """
    import numpy as np

    found = np.full(len(values), np.nan)
    if len(values) < LEAST:
        return found
    windows = np.lib.stride_tricks.sliding_window_view(values, width)
    centred = windows - windows.mean(axis=1, keepdims=True)
    spread = np.sqrt((centred**2).sum(axis=1, keepdims=True))
    still = spread[:, 0] <= SPREAD_LEAST * np.maximum(1.0, np.abs(windows).max(axis=1))
    unit = np.where(still[:, None], 0.0, centred / np.where(still[:, None], 1.0, spread))
    likeness = unit @ unit.T
    likeness[np.ix_(still, still)] = 1.0
    place = np.arange(len(windows))
    before = place[None, :] <= place[:, None] - width
    nearest = np.where(before, likeness, -1.0).max(axis=1)
    distance = np.sqrt(np.maximum(2 * (1 - nearest), 0.0))
    distance[:width] = np.nan
    found[width - 1 :] = distance
    return found


def scores(values: np.ndarray, *, width: int = WIDTH, settle: int = LEAST) -> np.ndarray:
    """How far each distance stands above the former ones, in units of their spread (1.4826 MAD); NaN at first."""
    import numpy as np

    profile = left_profile(values, width=width)
    found = np.full(len(values), np.nan)
    known = np.flatnonzero(~np.isnan(profile))
    if len(known) <= settle:
        return found
    first = known[settle]
    past = profile[known[:settle]]
    middle = float(np.median(past))
    spread = 1.4826 * float(np.median(np.abs(past - middle)))
    found[first:] = (profile[first:] - middle) / max(spread, 0.02)
    return found
