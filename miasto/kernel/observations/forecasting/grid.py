"""Hourly means of many series side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from miasto.kernel.observations.forecasting.shape import DAY, WEEK
from miasto.kernel.observations.store.reading import hours

if TYPE_CHECKING:
    import numpy as np

HOUR = timedelta(hours=1)
AT_ONCE = 50  # series read from the database at a time


@dataclass(slots=True)
class Grid:
    """``values`` (series, hours) are hourly means, NaN where none is known; the last column is the hour before ``end``."""

    series: list[int]
    values: np.ndarray
    end: datetime

    def take(self, rows: np.ndarray) -> Grid:
        """Some of the series, by their places."""
        return Grid([self.series[int(row)] for row in rows], self.values[rows], self.end)

    def until(self, before: int) -> Grid:
        """What was known ``before`` hours earlier."""
        return Grid(self.series, self.values[:, : self.values.shape[1] - before], self.end - before * HOUR) if before else self


def load(series: Iterable[int], end: datetime, length: int) -> Grid:
    """The ``length`` hours before ``end`` (a full hour) from the roll-ups."""
    import numpy as np

    wanted, start = list(series), end - length * HOUR
    values = np.full((len(wanted), length), np.nan, dtype=np.float64)
    place = {one: row for row, one in enumerate(wanted)}
    for first in range(0, len(wanted), AT_ONCE):
        for one in hours(wanted[first : first + AT_ONCE], start, end):
            values[place[one.series], (one.start - start) // HOUR] = one.mean  # type: ignore[operator]
    return Grid(wanted, values, end)


def filled(values: np.ndarray) -> np.ndarray:
    """The same without holes: an unknown hour is as a week before, else a day before, else the hour before.

    Only the past fills, so that a forecast never learns from what came after it. What lies before the first known hour of a
    series is its first known value.
    """
    import numpy as np

    found = values.copy()
    known = ~np.isnan(found)
    first = np.where(known.any(axis=1), known.argmax(axis=1), 0)
    begin = found[np.arange(len(found)), first]
    for hour in np.flatnonzero(~known.all(axis=0)):
        holes = np.flatnonzero(np.isnan(found[:, hour]))
        before = begin[holes]
        for back in (1, DAY, WEEK):
            if hour >= back:
                late = hour - back >= first[holes]
                before = np.where(late & ~np.isnan(found[holes, hour - back]), found[holes, hour - back], before)
        found[holes, hour] = before
    return found


def behind(values: np.ndarray) -> np.ndarray:
    """For each series, how many hours at the end are unknown."""
    import numpy as np

    return np.argmax(~np.isnan(values[:, ::-1]), axis=1)
