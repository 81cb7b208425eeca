"""What can be said without a model: a forecast must be better than the best of these.

``day``, ``week`` and ``usual`` are seasonal; a series for which ``level`` or ``still`` is the best holds nothing that could be
foretold, and nothing is claimed of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from miasto.kernel.observations.forecasting.shape import DAY, WEEK

if TYPE_CHECKING:
    import numpy as np

NAMES = ("level", "still", "day", "week", "usual")
SEASONAL = frozenset({"day", "week", "usual"})
WEEKS = 4


def predict(name: str, values: np.ndarray, horizon: int) -> np.ndarray:
    """The next ``horizon`` hours (series, horizon) of filled values (series, hours); NaN where the past is too short.

    ``level``: the median of four weeks. ``still``: as in the last hour. ``day``, ``week``: as at this hour of the last day or
    week. ``usual``: the mean of this hour of the last four weeks.
    """
    import numpy as np

    count, hours = values.shape
    if name == "level":
        return np.repeat(np.median(values[:, -WEEKS * WEEK :], axis=1)[:, None], horizon, axis=1)
    if name == "still":
        return np.repeat(values[:, -1:], horizon, axis=1)
    season, times = {"day": (DAY, 1), "week": (WEEK, 1), "usual": (WEEK, WEEKS)}[name]
    if hours < season * times:
        return np.full((count, horizon), np.nan)
    past = values[:, -season * times :].reshape(count, times, season).mean(axis=1)
    return np.tile(past, (1, -(-horizon // season)))[:, :horizon]
