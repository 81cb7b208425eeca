"""Intervals from errors that were really made (split conformal prediction; Vovk et al. 2005, Lei et al. 2018).

Where the next error is as likely to stand at any place among the former ones (they are exchangeable), it is within the
half-width with at least the wanted probability, whatever its distribution. Where they are not, as in a slow swing of the
weather, the widths follow what came of them (quantile tracking; Angelopoulos, Candès and Tibshirani 2023).
"""

from __future__ import annotations

from math import ceil, inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from miasto.kernel.observations.forecasting.shape import Shape

RATE = 0.7  # a day of which nothing was within its interval makes the next ones 1.75 times as wide


def half_width(errors: np.ndarray, share: float) -> float:
    """The ⌈(n + 1) · share⌉-th smallest of n absolute errors (NaN: none); infinite where there are too few to say."""
    import numpy as np

    known = np.sort(np.abs(errors[~np.isnan(errors)]))
    place = ceil((len(known) + 1) * share - 1e-9)
    return float(known[place - 1]) if 0 < place <= len(known) else inf


def half_widths(errors: np.ndarray, shape: Shape) -> np.ndarray:
    """For errors (windows, series, hours ahead) the half-widths (series, bands); a band never narrower than one before it."""
    import numpy as np

    found = np.empty((errors.shape[1], len(shape.bands)))
    first = 0
    for place, last in enumerate(shape.bands):
        part = errors[:, :, first:last]
        found[:, place] = [half_width(part[:, series].ravel(), shape.share) for series in range(errors.shape[1])]
        first = last
    return np.maximum.accumulate(found, axis=1)


def cautious(errors: np.ndarray, shape: Shape) -> np.ndarray:
    """``half_widths`` of all windows, or of the last few where these were further off.

    When the weather turns, errors are no longer exchangeable with those of the quiet days before.
    """
    import numpy as np

    found, recent = half_widths(errors, shape), half_widths(errors[-shape.kept_back :], shape)
    return np.maximum(found, np.where(np.isfinite(recent), recent, 0.0))


def tracked(errors: np.ndarray, shape: Shape) -> tuple[np.ndarray, np.ndarray]:
    """``(half-widths (series, bands) for what comes, the share within theirs of the last windows' hours by series)``.

    From errors (windows, series, hours ahead). Each window has intervals from the windows that were over when it began. They
    are the wider, the more hours of the windows before were outside theirs, and never narrower than ``cautious``.
    """
    import numpy as np

    overlap = -(-shape.horizon // shape.step)  # a window is over when the one that many later begins
    missed: list[np.ndarray] = []
    for window in range(overlap + shape.kept_back - 1, shape.windows):
        known = missed[: max(len(missed) - overlap + 1, 0)]
        halves = cautious(errors[: window - overlap + 1], shape) * _widening(known)
        missed.append(shape.share - covered(errors[window : window + 1], halves, shape))
    kept = np.stack(missed[-shape.kept_back :])
    hours = (~np.isnan(errors[-len(kept) :])).sum(axis=2)
    total = hours.sum(axis=0)
    share = (np.nan_to_num(shape.share - kept) * hours).sum(axis=0) / np.maximum(total, 1)
    return cautious(errors, shape) * _widening(missed), np.where(total, share, np.nan)


def _widening(missed: list[np.ndarray]) -> np.ndarray | float:
    """By how much half-widths (series, bands) grow after windows in which so much less than the wanted share was within."""
    import numpy as np

    found: np.ndarray | float = 0.0
    for one in missed:
        found = np.maximum(found + RATE * np.nan_to_num(one), 0.0)
    return np.exp(found)[:, None] if missed else 1.0


def by_hour(halves: np.ndarray, shape: Shape) -> np.ndarray:
    """Half-widths (series, bands) for each hour ahead (series, horizon)."""
    import numpy as np

    return np.repeat(halves, np.diff((0, *shape.bands)), axis=1)


def covered(errors: np.ndarray, halves: np.ndarray, shape: Shape) -> np.ndarray:
    """The share of errors (windows, series, hours ahead) within the half-widths, by series; NaN where none is known."""
    import numpy as np

    known = ~np.isnan(errors)
    inside = known & (np.abs(np.nan_to_num(errors)) <= by_hour(halves, shape)[None])
    count = known.sum(axis=(0, 2))
    return np.where(count, inside.sum(axis=(0, 2)) / np.maximum(count, 1), np.nan)
