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

    ``method`` is "model", one of the seasonal baselines, or empty: nothing is claimed. ``baseline`` names the best one, and
    ``ahead`` says for how many hours the method is shown, which the errors are about.
    ``covered`` is the share of the last windows that lay within intervals made from what was over before each, ``halves``
    (series, bands) the half-widths from all windows. ``model_by_band`` and ``baseline_by_band`` (series, bands) are the
    errors by part of the horizon, ``each`` (series, baselines) those of every baseline.
    """

    method: list[str]
    baseline: list[str]
    ahead: list[int]
    model_error: np.ndarray
    baseline_error: np.ndarray
    covered: np.ndarray
    halves: np.ndarray
    count: np.ndarray
    model_by_band: np.ndarray
    baseline_by_band: np.ndarray
    each: np.ndarray


def origins(shape: Shape) -> list[int]:
    """How many hours before the end each window begins, the oldest first."""
    return [shape.horizon + shape.step * back for back in reversed(range(shape.windows))]


def try_out(grid: Grid, shape: Shape, told: Callable[[], None] = lambda: None) -> Tried:
    """Let a model and the baselines foretell the last windows of a grid. ``told`` is called after each step of the work."""
    import numpy as np

    learned = learning.learn(grid.until(shape.tried), shape)
    told()
    errors = {name: np.full((shape.windows, len(grid.series), shape.horizon), np.nan) for name in (MODEL, *baselines.NAMES)}
    whole = Grid(grid.series, filled(grid.values), grid.end)  # only the past fills, so it may be cut afterwards
    known = [whole.until(before) for before in origins(shape)]
    foretold = learning.predict_each(learned, known, shape)
    told()
    for window, before in enumerate(origins(shape)):
        length = grid.values.shape[1]
        came = grid.values[:, length - before : length - before + shape.horizon]
        errors[MODEL][window] = came - foretold[window]
        for name in baselines.NAMES:
            errors[name][window] = came - baselines.predict(name, known[window].values, shape.horizon)
        told()
    return judged(errors, shape)


def judged(errors: dict[str, np.ndarray], shape: Shape) -> Tried:
    """Choose for each series what is shown, and for how long, from the errors (windows, series, hours ahead) of each method."""
    import numpy as np

    count = errors["still"].shape[1]
    of_each = np.array([_of_all(errors[name], errors["still"]) for name in baselines.NAMES])
    by_band = {name: _by_band(errors[name], shape) for name in errors}
    tried = Tried(
        method=[], baseline=[], ahead=[], model_error=np.full(count, np.nan), baseline_error=np.full(count, np.nan),
        covered=np.full(count, np.nan), halves=np.full((count, len(shape.bands)), np.inf),
        count=(~np.isnan(errors["still"])).sum(axis=(0, 2)), model_by_band=by_band[MODEL],
        baseline_by_band=np.empty((count, len(shape.bands))), each=of_each.T,
    )  # fmt: skip
    for row in range(count):
        method, baseline, hours = _choice({name: one[:, row : row + 1] for name, one in errors.items()}, shape)
        tried.model_error[row] = _mean(errors[MODEL][:, row, :hours], (0, 1))
        tried.baseline_error[row] = _mean(errors[baseline][:, row, :hours], (0, 1))
        tried.baseline_by_band[row] = by_band[baseline][row]
        tried.baseline.append(baseline)
        tried.ahead.append(hours)
        tried.method.append(method if _widths(errors[method or "still"][:, row : row + 1], row, tried, shape) else NOTHING)
    return tried


def _choice(errors: dict[str, np.ndarray], shape: Shape) -> tuple[str, str, int]:
    """``(what is shown, the best baseline, for how many hours)`` of one series.

    The model for as many of the parts of the horizon as it wins from the first hour on; else the best baseline of the whole
    horizon, if it is a seasonal one.
    """
    for hours in reversed(shape.bands):
        part = {name: one[:, :, :hours] for name, one in errors.items()}
        baseline = _best(part)
        model, other = _mean(part[MODEL], (0, 1, 2)), _mean(part[baseline], (0, 1, 2))
        won = (_mean(part[MODEL], (1, 2)) < _mean(part[baseline], (1, 2))).sum() >= shape.wins * shape.windows
        if won and model < (1 - shape.margin) * other:
            return MODEL, baseline, hours
    baseline = _best(errors)
    return baseline if baseline in baselines.SEASONAL else NOTHING, baseline, shape.horizon


def _best(errors: dict[str, np.ndarray]) -> str:
    """The baseline with the least error."""
    return min(baselines.NAMES, key=lambda name: float(_of_all(errors[name], errors["still"])[0]))


def _of_all(errors: np.ndarray, tried: np.ndarray) -> np.ndarray:
    """The mean absolute error by series; infinite where some tried hours were not foretold: a part is no fair comparison."""
    import numpy as np

    whole = (~np.isnan(errors)).sum(axis=(0, 2)) >= (~np.isnan(tried)).sum(axis=(0, 2))
    return np.where(whole, np.nan_to_num(_mean(errors, (0, 2)), nan=np.inf), np.inf)


def _by_band(errors: np.ndarray, shape: Shape) -> np.ndarray:
    """The mean absolute errors (series, bands) of errors (windows, series, hours ahead)."""
    import numpy as np

    starts = (0, *shape.bands[:-1])
    return np.stack([_mean(errors[:, :, first:last], (0, 2)) for first, last in zip(starts, shape.bands, strict=True)], axis=1)


def _widths(errors: np.ndarray, row: int, tried: Tried, shape: Shape) -> bool:
    """Put the intervals of one series; False where too little came to make any."""
    import numpy as np

    halves, held = conformal.tracked(errors, shape)
    tried.halves[row], tried.covered[row] = halves[0], held[0]
    return bool(np.isfinite(tried.halves[row]).all())


def _mean(errors: np.ndarray, axis: int | tuple[int, ...]) -> np.ndarray:
    """The mean absolute error along some axes; NaN where none is known."""
    import numpy as np

    known = ~np.isnan(errors)
    count = known.sum(axis=axis)
    total = np.where(known, np.abs(errors), 0).sum(axis=axis)
    return np.where(count, total / np.maximum(count, 1), np.nan)
