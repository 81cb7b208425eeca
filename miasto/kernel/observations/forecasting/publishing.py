"""Putting forecasts where they are read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from miasto.kernel.core import clock
from miasto.kernel.observations.forecasting import baselines, conformal, learning
from miasto.kernel.observations.forecasting.grid import HOUR, Grid, behind, filled
from miasto.kernel.observations.forecasting.learning import Learned
from miasto.kernel.observations.forecasting.models import ForecastSkill, Foretold, Method
from miasto.kernel.observations.forecasting.trying import Tried

if TYPE_CHECKING:
    import numpy as np

    from miasto.kernel.observations.forecasting.shape import Shape

KEPT_HOURS = 72  # of the past, as it had been foretold


def keep_skills(series: Sequence[int], tried: Tried, at: datetime) -> list[ForecastSkill]:
    """One row of the history of errors for each series."""
    import numpy as np

    def number(value: float) -> float | None:
        return float(value) if np.isfinite(value) else None

    made = [
        ForecastSkill(
            datastream_id=one,
            at=at,
            method=tried.method[row],
            ahead=tried.ahead[row],
            baseline=tried.baseline[row],
            model_error=number(tried.model_error[row]),
            baseline_error=number(tried.baseline_error[row]),
            covered=number(tried.covered[row]),
            hours=int(tried.count[row]),
            halves=tried.halves[row].tolist() if tried.method[row] else [],
            model_by_band=[number(value) for value in tried.model_by_band[row]],
            baseline_by_band=[number(value) for value in tried.baseline_by_band[row]],
            each=[number(value) for value in tried.each[row]],
        )
        for row, one in enumerate(series)
    ]
    return ForecastSkill.objects.bulk_create(made)


def publish(grid: Grid, learned: Learned, skills: Sequence[ForecastSkill], shape: Shape) -> int:
    """Foretell the series of these skills by their methods and keep that as their newest forecast; returns how many.

    Each series is foretold from its own last known hour, because readings of some sources come hours late.
    """
    import numpy as np

    place = {one: row for row, one in enumerate(grid.series)}
    rows = np.array([place[one.datastream_id] for one in skills], dtype=int)
    if not len(rows):
        return 0
    late = behind(grid.values[rows])
    old = {one.datastream_id: one for one in Foretold.objects.filter(datastream__in=[one.datastream_id for one in skills])}
    made: list[Foretold] = []
    for hours in np.unique(late):
        picked = np.flatnonzero(late == hours)
        part = grid.take(rows[picked]).until(int(hours))
        some = [skills[int(one)] for one in picked]
        made += _made(part, _values(part, learned, some, shape), some, old, shape)
    return keep_newest(made)


def keep_newest(made: Sequence[Foretold]) -> int:
    """Each takes the place of the former forecast of its series; returns how many."""
    Foretold.objects.bulk_create(
        made,
        update_conflicts=True,
        unique_fields=["datastream"],
        update_fields=["made_at", "method", "start", "first_at", "values", "halves", "floor"],
    )
    return len(made)


def _values(grid: Grid, learned: Learned, skills: Sequence[ForecastSkill], shape: Shape) -> np.ndarray:
    """The values foretold (series, horizon), each by its own method."""
    import numpy as np

    found = np.empty((len(skills), shape.horizon))
    methods = np.array([one.method for one in skills])
    for method in np.unique(methods):
        rows = np.flatnonzero(methods == method)
        part = grid.take(rows)
        if method == Method.MODEL:
            found[rows] = learning.predict(learned, part, shape)
        else:
            found[rows] = baselines.predict(str(method), filled(part.values), shape.horizon)
    return found


def _made(
    grid: Grid, values: np.ndarray, skills: Sequence[ForecastSkill], old: dict[int, Foretold], shape: Shape
) -> list[Foretold]:
    import numpy as np

    now, made = clock.now(), []
    halves = conformal.by_hour(np.array([one.halves for one in skills]), shape)
    floors = np.where(np.nanmin(grid.values, axis=1) >= 0, 0.0, np.nan)
    for row, skill in enumerate(skills):
        floor = None if np.isnan(floors[row]) else float(floors[row])
        ahead = values[row, : skill.ahead] if floor is None else np.maximum(values[row, : skill.ahead], floor)
        start, past, past_halves = past_of(old.get(skill.datastream_id), grid.end)
        made.append(
            Foretold(
                datastream_id=skill.datastream_id,
                made_at=now,
                method=skill.method,
                start=start,
                first_at=grid.end,
                values=past + ahead.tolist(),
                halves=past_halves + halves[row, : skill.ahead].tolist(),
                floor=floor,
            )
        )
    return made


def past_of(old: Foretold | None, end: datetime) -> tuple[datetime, list[float], list[float]]:
    """``(start, values, half-widths)`` of the last hours before ``end`` as they had been foretold, without a gap."""
    if old is None:
        return end, [], []
    count = (end - old.start) // HOUR
    if not 0 < count <= len(old.values):
        return end, [], []
    kept = min(count, KEPT_HOURS)
    return end - kept * HOUR, old.values[count - kept : count], old.halves[count - kept : count]
