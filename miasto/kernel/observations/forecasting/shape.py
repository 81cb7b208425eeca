"""What a forecast is made of: how far it looks back and ahead, and how it is tried before it is believed."""

from __future__ import annotations

from dataclasses import dataclass

DAY, WEEK = 24, 168


@dataclass(frozen=True)
class Shape:
    """All lengths in hours. ``windows`` trials end ``step`` apart; the last ``kept_back`` of them test the intervals.

    ``rows`` limits the hours of all series together that one model learns from: first the series get shorter, down to
    ``least`` each, then a sample of them stands for the rest.
    """

    horizon: int = 48
    lags: tuple[int, ...] = (*range(1, 25), 48, 72, 144, 168)
    weeks: int = 4  # of which the mean of this hour is a feature too; 0 for pasts of less
    history: int = 91 * DAY
    least: int = 28 * DAY
    windows: int = 10
    kept_back: int = 3
    step: int = DAY
    trees: int = 150
    rows: int = 400_000
    threads: int = 1
    bands: tuple[int, ...] = (6, 12, 24, 48)  # the last hour of each part of the horizon that has a width of its own
    share: float = 0.8
    margin: float = 0.03
    wins: float = 0.7

    @property
    def reach(self) -> int:
        """The hours before one that its features are made of."""
        return max(*self.lags, WEEK * self.weeks)

    @property
    def tried(self) -> int:
        """The hours at the end that the trials are about."""
        return self.horizon + self.step * (self.windows - 1)

    @property
    def back(self) -> int:
        """The hours that a prediction needs before its first one."""
        return max(*self.lags, 4 * WEEK) + DAY + 1


HOURLY = Shape()
