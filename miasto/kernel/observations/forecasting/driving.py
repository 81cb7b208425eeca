"""Forecasts of series that follow other ones (``Property.driven_by``): tried, chosen, published beside those of the model.

Whether such a series moves at all is decided by weather, so a trial counts only the times when it did move: any rule
foretells a river well that stands still. The transfer function is learned anew each hour; that takes milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from miasto.kernel.core import clock
from miasto.kernel.core.registry import registry
from miasto.kernel.observations.forecasting import conformal, driven
from miasto.kernel.observations.forecasting.grid import Grid, behind, filled, load
from miasto.kernel.observations.forecasting.models import ForecastSkill, Foretold, Method
from miasto.kernel.observations.forecasting.publishing import keep_newest, past_of
from miasto.kernel.observations.models import Audience, Datastream, ObservedProperty
from miasto.kernel.spec.observations import Property

if TYPE_CHECKING:
    import numpy as np

    from miasto.kernel.observations.forecasting.shape import Shape

DAY = 24
TRIED, TRIED_SHORT, LONG = 28 * DAY, 11 * DAY, 60 * DAY
STEP = 3
MOVING = 0.6  # a window moves where its range is above this quantile of the ranges of a day
LEAST_MOVING = 12
MARGIN, WINS, COVERED = 0.1, 0.6, 0.6
RATE_SPAN, RATE_LASTS = 3, 6  # the speed of three hours, continued for six
DRIVERS_MOST, SERIES_MOST = 50, 200


@dataclass(slots=True)
class Driven:
    """What was foretold of one series, and how good that was in the windows that moved."""

    series: int
    end: datetime
    values: np.ndarray
    halves: np.ndarray
    floor: float | None
    ahead: int
    error: float
    baseline: str
    baseline_error: float
    covered: float | None
    hours: int
    model_by_band: list[float]
    baseline_by_band: list[float]


def drivers_of(observed: int) -> tuple[str, ...]:
    """The codes of the properties that drive this one; none for most."""
    code = ObservedProperty.objects.values_list("code", flat=True).get(pk=observed)
    return next((one.driven_by for one in registry().all(Property) if one.code == code), ())


def drive(observed: int, grid: Grid, shape: Shape) -> list[Driven]:
    """The series of a grid (all of one property) that the transfer function foretells better than the plain rules."""
    import numpy as np

    codes = drivers_of(observed)
    if not codes or not grid.series:
        return []
    length = grid.values.shape[1]
    drivers = np.array([_mean_of(code, grid.end, length) for code in codes])
    dense, late = filled(grid.values), behind(grid.values)
    found = []
    for row, series in enumerate(grid.series[:SERIES_MOST]):
        first, last = int((~np.isnan(grid.values[row])).argmax()), length - int(late[row])
        one = _one(dense[row, first:last], drivers[:, first:last], np.delete(dense, row, 0)[:, first:last], shape)
        if one is not None:
            one.series, one.end = series, grid.until(int(late[row])).end
            one.floor = 0.0 if np.nanmin(grid.values[row]) >= 0 else None
            found.append(one)
    return found


def _mean_of(code: str, end: datetime, length: int) -> np.ndarray:
    """The mean of the public streams of a property by hour; 0 where none is known."""
    import numpy as np

    streams = Datastream.objects.filter(observed_property__code=code, audience=Audience.PUBLIC, last_at__isnull=False)
    values = load(list(streams.order_by("-last_at", "id").values_list("id", flat=True)[:DRIVERS_MOST]), end, length).values
    known = ~np.isnan(values)
    return np.where(known, values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)


def _one(values: np.ndarray, drivers: np.ndarray, others: np.ndarray, shape: Shape) -> Driven | None:
    """Try one series, and foretell it where that was good; None where it was not, or the past is too short."""
    import numpy as np

    made = trial(values, drivers, others, shape)
    learned = driven.learn(values, drivers, others, shape.horizon) if made is not None else None
    if made is None or learned is None:
        return None
    coming = driven.predict(learned, values, drivers, others, np.array([len(values) - 1]))[0]
    moves = bool(np.abs(coming[:DAY] - values[-1]).max() > made.swing)
    made.found.values, made.found.halves = coming[: made.found.ahead], made.halves[int(moves)][: made.found.ahead]
    return made.found if np.isfinite(made.found.halves).all() else None


@dataclass(slots=True)
class Trial:
    """``halves``: half-widths by hour where it is foretold to stay and to move by more than ``swing``."""

    found: Driven
    halves: tuple[np.ndarray, np.ndarray]
    swing: float


def trial(values: np.ndarray, drivers: np.ndarray, others: np.ndarray, shape: Shape) -> Trial | None:
    """Learn from what lies before the last weeks and foretell these every three hours, against plain rules."""
    import numpy as np

    length, horizon = len(values), shape.horizon
    cut = length - (TRIED if length >= LONG else TRIED_SHORT)
    if cut <= DAY:
        return None
    learned = driven.learn(values[:cut], drivers[:, :cut], others[:, :cut], horizon)
    if learned is None:
        return None
    at = np.arange(cut, length - horizon, STEP)
    came = np.stack([values[place + 1 : place + 1 + horizon] for place in at])
    errors = {name: came - one for name, one in rules(values, at, horizon).items()}
    coming = driven.predict(learned, values, drivers, others, at)
    errors[Method.DRIVEN] = came - coming
    usual = np.ptp(np.lib.stride_tricks.sliding_window_view(values[:cut], DAY), axis=1)
    swing = float(np.quantile(usual, MOVING))
    moving = np.ptp(came[:, :DAY], axis=1) > swing
    told = np.abs(coming[:, :DAY] - values[at][:, None]).max(axis=1) > swing
    own = errors[Method.DRIVEN]
    covered = {ahead: _covered(own, told, shape, ahead) for ahead in shape.bands}
    if moving.sum() < LEAST_MOVING:
        return None
    found = _judged({name: one[moving] for name, one in errors.items()}, covered, shape)
    if found is None:
        return None
    halves = tuple(_halves(own[told == moves], own, shape) for moves in (False, True))
    return Trial(found, halves, swing)  # type: ignore[arg-type]


def rules(values: np.ndarray, at: np.ndarray, horizon: int) -> dict[str, np.ndarray]:
    """What anybody could say at these places: as now, as yesterday, as usual, and on for six hours as in the last three."""
    import numpy as np

    hours = np.arange(1, horizon + 1)
    speed = (values[at] - values[at - RATE_SPAN]) / RATE_SPAN
    return {
        "still": np.repeat(values[at][:, None], horizon, axis=1),
        "rate": values[at][:, None] + speed[:, None] * np.minimum(hours, RATE_LASTS)[None],
        "day": values[at[:, None] - DAY + 1 + (hours - 1)[None] % DAY],
        "level": np.full((len(at), horizon), np.median(values[: at[0]])),
    }


def _judged(errors: dict[str, np.ndarray], covered: dict[int, float | None], shape: Shape) -> Driven | None:
    """The choice from the errors (windows, hours ahead) of the windows that moved: the longest time for which it wins.

    And for which its intervals held: with a flood or two in the trial they may be far too narrow.
    """
    import numpy as np

    names = [name for name in errors if name != Method.DRIVEN]
    for ahead in reversed(shape.bands):
        means = {name: float(np.abs(one[:, :ahead]).mean()) for name, one in errors.items()}
        best = min(names, key=means.__getitem__)
        by_window = {name: np.abs(errors[name][:, :ahead]).mean(axis=1) for name in (Method.DRIVEN, best)}
        won = float((by_window[Method.DRIVEN] < by_window[best]).mean())
        held = covered[ahead] is not None and covered[ahead] >= COVERED  # type: ignore[operator]
        if means[Method.DRIVEN] < (1 - MARGIN) * means[best] and won >= WINS and held:
            return Driven(
                series=0, end=clock.now(), values=np.array([]), halves=np.array([]), floor=None, ahead=ahead,
                error=means[Method.DRIVEN], baseline=best, baseline_error=means[best], covered=covered[ahead],
                hours=errors[best].size, model_by_band=_by_band(errors[Method.DRIVEN], shape),
                baseline_by_band=_by_band(errors[best], shape),
            )  # fmt: skip
    return None


def _by_band(errors: np.ndarray, shape: Shape) -> list[float]:
    import numpy as np

    starts = (0, *shape.bands[:-1])
    return [float(np.abs(errors[:, first:last]).mean()) for first, last in zip(starts, shape.bands, strict=True)]


def _halves(some: np.ndarray, every: np.ndarray, shape: Shape) -> np.ndarray:
    """Half-widths by hour from some windows' errors, from all where these are too few."""
    import numpy as np

    found = conformal.half_widths(some[:, None, :], shape) if len(some) else np.full((1, len(shape.bands)), np.inf)
    if not np.isfinite(found).all():
        found = conformal.half_widths(every[:, None, :], shape)
    return conformal.by_hour(found, shape)[0]


def _covered(errors: np.ndarray, told: np.ndarray, shape: Shape, ahead: int) -> float | None:
    """The share of the last third's hours within intervals made from the first two thirds."""
    import numpy as np

    cut = 2 * len(errors) // 3
    former, late = errors[:cut], errors[cut:]
    halves = np.stack([_halves(former[told[:cut] == moves], former, shape) for moves in (False, True)])
    inside = np.abs(late) <= halves[told[cut:].astype(int)]
    return float(inside[:, :ahead].mean()) if len(late) else None


def keep_skills(found: Sequence[Driven], at: datetime) -> None:
    """Say in the rows of this training that these series are foretold by the transfer function."""
    for one in found:
        ForecastSkill.objects.filter(datastream_id=one.series, at=at).update(
            method=Method.DRIVEN, baseline=one.baseline, ahead=one.ahead, model_error=one.error,
            baseline_error=one.baseline_error, covered=one.covered, hours=one.hours, model_by_band=one.model_by_band,
            baseline_by_band=one.baseline_by_band, halves=[], each=[],
        )  # fmt: skip


def publish(found: Sequence[Driven]) -> int:
    """Keep them as the newest forecasts of their series; returns how many."""
    import numpy as np

    old = {one.datastream_id: one for one in Foretold.objects.filter(datastream__in=[one.series for one in found])}
    now, made = clock.now(), []
    for one in found:
        values = one.values if one.floor is None else np.maximum(one.values, one.floor)
        start, past, halves = past_of(old.get(one.series), one.end)
        made.append(
            Foretold(
                datastream_id=one.series, made_at=now, method=Method.DRIVEN, start=start, first_at=one.end,
                values=past + values.tolist(), halves=halves + one.halves.tolist(), floor=one.floor,
            )
        )  # fmt: skip
    return keep_newest(made)
