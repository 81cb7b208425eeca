"""Unusual readings by a robust z: how far from what is usual at this hour, in units of the usual spread.

The usual is a median and the spread a median absolute deviation (times 1.4826, the standard deviation of a normal law), so
that the anomalies themselves hardly move them. With three weeks of history the usual is that of the hour of the week; with
three days, of the hour of the day; with less, of all. Only what came before a reading judges it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np

HOUR_US, DAY_US, WEEK_US = 3_600_000_000, 86_400_000_000, 604_800_000_000
NORMAL = 1.4826
LEAST_HISTORY = 48
Z = 7.0


class Profile(NamedTuple):
    """What is usual: ``period`` buckets of an hour (168, 24 or 1) with their medians, and one spread; units of the series."""

    period: int
    centre: np.ndarray
    spread: float


def fit(times: np.ndarray, values: np.ndarray, *, resolution: float = 0.0) -> Profile | None:
    """The profile of a history (microseconds since 1970 in UTC, sorted; values); None where it is shorter than 48 readings.

    The spread is never below ``resolution`` nor below a thousandth of the history's own range: a series that hardly moves
    has no anomaly in its last digit.
    """
    import numpy as np

    if len(values) < LEAST_HISTORY:
        return None
    length = times[-1] - times[0]
    period = 168 if length >= 3 * WEEK_US else 24 if length >= 3 * DAY_US else 1
    middle = float(np.median(values))
    slots = _slots(times, period)
    centre = np.full(period, middle)
    for slot in np.unique(slots):
        here = values[slots == slot]
        if len(here) >= 3:
            centre[slot] = np.median(here)
    spread = NORMAL * float(np.median(np.abs(values - centre[slots])))
    low, high = np.quantile(values, [0.01, 0.99])
    return Profile(period, centre, max(spread, resolution, float(high - low) / 1000, 1e-9))


def _slots(times: np.ndarray, period: int) -> np.ndarray:
    return times // HOUR_US % period


def scores(profile: Profile, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The robust z of readings: 0 is usual, its sign says on which side."""
    return (values - profile.centre[_slots(times, profile.period)]) / profile.spread


class Anomaly(NamedTuple):
    """A stretch of unusual readings: first and last instant (microseconds), the worst z, how many."""

    start: int
    end: int
    worst: float
    readings: int


def stretches(times: np.ndarray, z: np.ndarray, *, threshold: float = Z, apart: int = 3 * HOUR_US) -> list[Anomaly]:
    """Anomalies: readings with \\|z\\| of at least ``threshold``, joined where less than ``apart`` lies between them."""
    import numpy as np

    hits = np.flatnonzero(np.abs(np.nan_to_num(z)) >= threshold)
    if not len(hits):
        return []
    cuts = np.flatnonzero(np.diff(times[hits]) > apart) + 1
    return [
        Anomaly(int(times[part[0]]), int(times[part[-1]]), float(z[part[np.argmax(np.abs(z[part]))]]), len(part))
        for part in np.split(hits, cuts)
    ]
