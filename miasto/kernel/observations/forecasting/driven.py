"""A series that follows another one: how high a river will be, from the rain that has fallen and from what comes down to it.

A linear transfer function (the unit hydrograph of Sherman 1932 as a few linear reservoirs; Young's data-based models): the
change of the level in the next hours is a sum of

- how fast it moved in the last hours and how high it stands above its usual level, from which it falls back,
- what of the drivers' past still works, kept in reservoirs that empty in 2, 6, 15 and 36 hours,
- how the neighbours upstream moved, those whose changes precede the series' own.

The weights are those of a ridge regression for each hour ahead, learned from the series' own past. Nothing is known of coming
rain, so what is foretold is what comes if no more falls. Numbers only, no database.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

RESERVOIRS = (2.0, 6.0, 15.0, 36.0)  # hours
BACK = 6
LAGS = 12  # hours by which a neighbour may be ahead
NEIGHBOURS = 3
ALIKE = 0.3  # the correlation from which a neighbour counts
RIDGE = 1.0
LEAST_ROWS = 400


@dataclass(slots=True)
class Weights:
    """The regression: ``weights`` (features + 1, horizon), the scale of the features, the neighbours (rows) that are ahead."""

    weights: np.ndarray
    centre: np.ndarray
    spread: np.ndarray
    usual: float
    neighbours: list[int]


def reservoirs(driver: np.ndarray) -> np.ndarray:
    """What is left of a driver's past in each reservoir (hours, reservoirs); an unknown hour counts as nothing."""
    import numpy as np

    known = np.nan_to_num(driver)
    found = np.zeros((len(known), len(RESERVOIRS)))
    left = np.zeros(len(RESERVOIRS))
    fall = np.exp(-1 / np.array(RESERVOIRS))
    for hour, value in enumerate(known):
        left = left * fall + value
        found[hour] = left
    return found


def ahead_of(values: np.ndarray, others: np.ndarray) -> list[int]:
    """The neighbours (rows of ``others``) whose hourly changes precede those of ``values``; at most three."""
    import numpy as np

    own = np.diff(values)
    found = []
    for row, other in enumerate(others):
        theirs = np.diff(other)
        like = [_like(own[lag:], theirs[: len(theirs) - lag]) for lag in range(LAGS + 1)]
        best = int(np.argmax(like))
        if best >= 1 and like[best] >= ALIKE:
            found.append((-like[best], row))
    return [row for _like_, row in sorted(found)[:NEIGHBOURS]]


def _like(one: np.ndarray, other: np.ndarray) -> float:
    import numpy as np

    spread = one.std() * other.std()
    return float(np.mean((one - one.mean()) * (other - other.mean())) / spread) if spread > 0 else 0.0


def features(values: np.ndarray, drivers: np.ndarray, others: np.ndarray, usual: float) -> np.ndarray:
    """What is known at each hour from ``BACK`` on (hours - BACK, features); of levels, drivers (rows) and neighbours (rows)."""
    import numpy as np

    now = values[BACK:]
    columns = [now - values[BACK - back : len(values) - back] for back in (1, 3, BACK)] + [now - usual]
    for driver in drivers:
        columns += list(reservoirs(driver)[BACK:].T)
    for other in others:
        columns += [other[BACK:] - other[BACK - back : len(other) - back] for back in (1, 3, BACK)]
    return np.stack(columns, axis=1)


def learn(values: np.ndarray, drivers: np.ndarray, others: np.ndarray, horizon: int) -> Weights | None:
    """Learn one series (hours, no holes) from drivers and neighbours of the same hours; None where the past is too short."""
    import numpy as np

    chosen = ahead_of(values, others)
    usual = float(np.median(values))
    known = features(values, drivers, others[chosen], usual)
    rows = len(known) - horizon
    if rows < LEAST_ROWS:
        return None
    known = known[:rows]
    centre, spread = known.mean(axis=0), known.std(axis=0)
    spread = np.where(spread > 1e-9, spread, 1.0)
    table = np.column_stack([(known - centre) / spread, np.ones(rows)])
    coming = np.lib.stride_tricks.sliding_window_view(values[BACK:], horizon + 1)[:rows]
    wanted = coming[:, 1:] - coming[:, :1]
    penalty = RIDGE * np.eye(table.shape[1])
    penalty[-1, -1] = 0.0
    weights = np.linalg.solve(table.T @ table + penalty, table.T @ wanted)
    return Weights(weights, centre, spread, usual, chosen)


def predict(learned: Weights, values: np.ndarray, drivers: np.ndarray, others: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The hours after each of the places ``at`` (hours of the past, from ``BACK`` on): (places, horizon)."""
    import numpy as np

    known = features(values, drivers, others[learned.neighbours], learned.usual)[at - BACK]
    table = np.column_stack([(known - learned.centre) / learned.spread, np.ones(len(known))])
    return values[at][:, None] + table @ learned.weights
