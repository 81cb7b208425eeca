"""Trials before a forecast is believed: a model and the baselines foretell days that are over, and are compared.

The origin rolls: each window ends ``step`` hours later, and whoever foretells it sees only what lies before it. The model that
is tried has learned from nothing of these days.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from miasto.kernel.observations.forecasting import baselines, conformal, learning
from miasto.kernel.observations.forecasting.grid import Grid, filled

if TYPE_CHECKING:
    import numpy as np

    from miasto.kernel.observations.forecasting.shape import Shape

MODEL, NOTHING = "model", ""


@dataclass(slots=True)
class Tried:
    """What the trials showed of each series (arrays by series; errors in the unit of the series).

    ``method`` is "model", one of the seasonal baselines, or empty: nothing is claimed. ``baseline`` names the best one.
    ``covered`` is the share of the last windows that lay within intervals made from the former ones, ``halves`` (series,
    bands) the half-widths from all windows.
    """

    method: list[str]
    baseline: list[str]
    model_error: np.ndarray
    baseline_error: np.ndarray
    covered: np.ndarray
    halves: np.ndarray
    count: np.ndarray


def origins(shape: Shape) -> list[int]:
    """How many hours before the end each window begins, the oldest first."""
    return [shape.horizon + shape.step * back for back in reversed(range(shape.windows))]


def try_out(grid: Grid, shape: Shape, told: Callable[[], None] = lambda: None) -> Tried:
    """Let a model and the baselines foretell the last windows of a grid. ``told`` is called after each step of the work."""
    import numpy as np

    learned = learning.learn(grid.until(shape.tried), shape)
    told()
    errors = {name: np.full((shape.windows, len(grid.series), shape.horizon), np.nan) for name in (MODEL, *baselines.NAMES)}
    for window, before in enumerate(origins(shape)):
        known = grid.until(before)
        length = grid.values.shape[1]
        came = grid.values[:, length - before : length - before + shape.horizon]
        dense = filled(known.values)
        errors[MODEL][window] = came - learning.predict(learned, known, shape)
        for name in baselines.NAMES:
            errors[name][window] = came - baselines.predict(name, dense, shape.horizon)
        told()
    return judged(errors, shape)


def judged(errors: dict[str, np.ndarray], shape: Shape) -> Tried:
    """Choose for each series what is shown, from the errors (windows, series, hours ahead) of each method."""
    import numpy as np

    model = _mean(errors[MODEL], (0, 2))
    of_each = np.nan_to_num(np.array([_mean(errors[name], (0, 2)) for name in baselines.NAMES]), nan=np.inf)
    best = of_each.argmin(axis=0)
    least = of_each.min(axis=0)
    by_window = np.array([_mean(errors[name], 2) for name in baselines.NAMES])
    against = by_window[best, :, np.arange(len(best))].T
    with np.errstate(invalid="ignore"):
        won = (_mean(errors[MODEL], 2) < against).sum(axis=0) >= shape.wins * shape.windows
        better = (model < (1 - shape.margin) * least) & won
    count = (~np.isnan(errors[MODEL])).sum(axis=(0, 2))
    tried = Tried([], [], model, least, np.full(len(best), np.nan), np.full((len(best), len(shape.bands)), np.inf), count)
    for row, place in enumerate(best):
        name = baselines.NAMES[place]
        tried.baseline.append(name)
        method = MODEL if better[row] else name if name in baselines.SEASONAL else NOTHING
        tried.method.append(_widths(errors[method or MODEL][:, row : row + 1], row, tried, shape) and method)
    return tried


def _widths(errors: np.ndarray, row: int, tried: Tried, shape: Shape) -> bool:
    """Put the intervals of one series; False where too little came to make any."""
    import numpy as np

    halves = conformal.half_widths(errors[: -shape.kept_back], shape)
    tried.covered[row] = conformal.covered(errors[-shape.kept_back :], halves, shape)[0]
    tried.halves[row] = conformal.half_widths(errors, shape)[0]
    return bool(np.isfinite(tried.halves[row]).all())


def _mean(errors: np.ndarray, axis: int | tuple[int, ...]) -> np.ndarray:
    """The mean absolute error along some axes; NaN where none is known."""
    import numpy as np

    known = ~np.isnan(errors)
    count = known.sum(axis=axis)
    total = np.where(known, np.abs(errors), 0).sum(axis=axis)
    return np.where(count, total / np.maximum(count, 1), np.nan)
