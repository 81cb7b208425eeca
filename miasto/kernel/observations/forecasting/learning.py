"""One model for all series of a group: gradient-boosted trees on former hours and the calendar (mlforecast with LightGBM).

Each series is brought to a common scale first, by the mean and spread of what the model may know. Nothing is imported at
start-up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.conf import settings

from miasto.kernel.core.free_days import is_free
from miasto.kernel.observations.forecasting.grid import HOUR, Grid, filled
from miasto.kernel.observations.forecasting.shape import DAY, WEEK

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from miasto.kernel.observations.forecasting.shape import Shape

NAME = "model"


@dataclass(slots=True)
class Learned:
    """The trees as LightGBM writes them; no text where there was too little to learn from, which foretells nothing."""

    text: str

    def fits(self, shape: Shape) -> bool:
        """Whether it knows the same features as this version of the program; else it must be learned anew."""
        named = next((line for line in self.text.splitlines() if line.startswith("feature_names=")), "")
        return named.removeprefix("feature_names=").split() == _forecaster(shape, 0).ts.features


def scale_of(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``(centre, spread)`` of each series, as columns; a series that never changes has the spread 1."""
    import numpy as np

    centre, spread = values.mean(axis=1, keepdims=True), values.std(axis=1, keepdims=True)
    return centre, np.where(spread > 1e-9 * np.maximum(np.abs(centre), 1), spread, 1.0)


def learn(grid: Grid, shape: Shape, *, seed: int = 0) -> Learned:
    """Train on all hours of a grid, or on as many as ``shape.rows`` lets; nothing where all series are too short."""
    import numpy as np

    grid = chosen(grid, shape, seed)
    values = grid.values
    known = ~np.isnan(values)
    dense = filled(values)
    centre, spread = scale_of(dense)
    after_first = np.maximum.accumulate(known, axis=1)
    if after_first.sum(axis=1).max(initial=0) < shape.reach + WEEK:
        return Learned("")
    table = _table(Grid(grid.series, (dense - centre) / spread, grid.end), after_first)
    made = _forecaster(shape, seed)
    made.fit(table, static_features=[])
    return Learned(made.models_[NAME].booster_.model_to_string())


def chosen(grid: Grid, shape: Shape, seed: int = 0) -> Grid:
    """At most about ``shape.rows`` hours of a grid: first the newest ones of all series, then those of a sample of them."""
    import numpy as np

    if len(grid.series) * shape.least > shape.rows:
        order = np.random.default_rng(seed).permutation(len(grid.series))
        grid = grid.take(np.sort(order[: max(1, shape.rows // shape.least)]))
    length = max(shape.least, shape.rows // len(grid.series))
    return Grid(grid.series, grid.values[:, -length:], grid.end)


def predict(learned: Learned, grid: Grid, shape: Shape) -> np.ndarray:
    """The next hours (series, horizon) after the end of a grid, from its last ``shape.back`` hours."""
    return predict_each(learned, [grid], shape)[0]


def predict_each(learned: Learned, grids: Sequence[Grid], shape: Shape) -> np.ndarray:
    """The same for grids of the same series that end at different hours (grids, series, horizon), all in one pass.

    A pass costs its 48 steps, hardly its series. NaN by what learned nothing.
    """
    import lightgbm
    import numpy as np
    import pandas as pd

    count = len(grids[0].series)
    if not learned.text:
        return np.full((len(grids), count, shape.horizon), np.nan)
    dense = [filled(one.values)[:, -shape.back :] for one in grids]
    scales = [scale_of(one) for one in dense]
    tables = []
    for place, (one, grid, (centre, spread)) in enumerate(zip(dense, grids, scales, strict=True)):
        table = _table(Grid(grid.series, (one - centre) / spread, grid.end))
        table["unique_id"] += place * count
        tables.append(table)
    made = _forecaster(shape, 0)
    made.preprocess(pd.concat(tables, ignore_index=True), static_features=[], dropna=False)
    made.models_ = {NAME: lightgbm.Booster(model_str=learned.text)}
    found = made.predict(shape.horizon)[NAME].to_numpy().reshape(len(grids), count, shape.horizon)
    return np.stack([one * spread + centre for one, (centre, spread) in zip(found, scales, strict=True)])


def _forecaster(shape: Shape, seed: int) -> Any:
    from lightgbm import LGBMRegressor
    from mlforecast import MLForecast
    from mlforecast.lag_transforms import RollingMean, SeasonalRollingMean

    model = LGBMRegressor(
        objective="regression_l1", n_estimators=shape.trees,
        learning_rate=0.08, num_leaves=31, min_child_samples=20, subsample=0.8, subsample_freq=1,
        colsample_bytree=0.8, n_jobs=shape.threads, random_state=seed, deterministic=True, force_row_wise=True, verbosity=-1,
    )  # fmt: skip
    return MLForecast(
        models={NAME: model},
        freq="h",
        lags=list(shape.lags),
        lag_transforms={1: [RollingMean(DAY)], WEEK: [SeasonalRollingMean(WEEK, shape.weeks)]} if shape.weeks else {},
        date_features=[hour_of_day, day_of_week, free_day],
        num_threads=shape.threads,
    )


def _table(grid: Grid, kept: np.ndarray | None = None) -> pd.DataFrame:
    """A grid as mlforecast reads it: a row for each hour of each series, times in UTC without a zone."""
    import numpy as np
    import pandas as pd

    count, length = grid.values.shape
    start = (grid.end - length * HOUR).replace(tzinfo=None)
    times = pd.date_range(start, periods=length, freq="h")
    found = pd.DataFrame(
        {"unique_id": np.repeat(np.arange(count), length), "ds": np.tile(times, count), "y": grid.values.ravel()}
    )
    return found if kept is None else found[kept.ravel()]


def _local(times: Any) -> Any:
    import pandas as pd

    return pd.DatetimeIndex(times).tz_localize("UTC").tz_convert(settings.TIME_ZONE)


def hour_of_day(times: Any) -> np.ndarray:
    """The hour of the city's clock."""
    return _local(times).hour.to_numpy()


def day_of_week(times: Any) -> np.ndarray:
    """0 is Monday, in the city."""
    return _local(times).weekday.to_numpy()


def free_day(times: Any) -> np.ndarray:
    """1 on days free by law or by the city's profile, 0.5 on their eves."""
    import numpy as np

    days = _local(times).date
    known: dict[date, float] = {}
    for day in set(days):
        following = date.fromordinal(day.toordinal() + 1)
        known[day] = 1.0 if is_free(day) else 0.5 if is_free(following) else 0.0
    return np.array([known[day] for day in days])
