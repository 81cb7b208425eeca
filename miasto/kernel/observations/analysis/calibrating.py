"""A cheap sensor set straight by a reference station beside it: a robust line through their common hours."""

from __future__ import annotations

from typing import NamedTuple

LEAST_HOURS = 72
POINTS = 600


class Fit(NamedTuple):
    """value = ``gain`` × raw + ``offset``; mean absolute error against the reference before and after, on hours not fitted."""

    gain: float
    offset: float
    hours: int
    error_before: float
    error_after: float

    @property
    def helps(self) -> bool:
        """Whether the line is nearer to the reference than the raw values, and no nonsense."""
        return self.gain > 0 and self.error_after < self.error_before

    def value(self, raw: float) -> float:
        return self.gain * raw + self.offset

    def raw(self, value: float) -> float:
        """What the sensor said."""
        return (value - self.offset) / self.gain


def line(pairs: list[tuple[float, float]]) -> Fit | None:
    """Fit ``(raw, reference)`` of common hours in the order of time; None for fewer than 72 or a raw value that never moves.

    The estimator of Theil and Sen, which a quarter of wild hours does not move. The errors are those of every fourth hour,
    which the line has not seen.
    """
    import numpy as np

    if len(pairs) < LEAST_HOURS:
        return None
    raw, reference = np.array(pairs, dtype=float).T
    kept = np.arange(len(raw)) % 4 == 3
    found = _theil_sen(raw[~kept], reference[~kept])
    if found is None:
        return None
    gain, offset = found
    before = float(np.mean(np.abs(raw[kept] - reference[kept])))
    after = float(np.mean(np.abs(gain * raw[kept] + offset - reference[kept])))
    return Fit(gain, offset, len(pairs), before, after)


def _theil_sen(x, y) -> tuple[float, float] | None:
    """The median slope between any two of at most 600 points spread over the time, and the median rest."""
    import numpy as np

    if float(np.ptp(x)) == 0:
        return None
    some = np.linspace(0, len(x) - 1, min(len(x), POINTS)).astype(int)
    first, second = np.triu_indices(len(some), 1)
    run, rise = x[some][second] - x[some][first], y[some][second] - y[some][first]
    gain = float(np.median(rise[run != 0] / run[run != 0]))
    return gain, float(np.median(y - gain * x))
