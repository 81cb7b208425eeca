"""States of a river at a gauge: zones as the hydrological service names them, tendency, and how fast it moves.

Levels are centimetres above the gauge's zero. "Stan ostrzegawczy" and "stan alarmowy" are set by the service (IMGW-PIB) for its
gauges; where it has set none, a city may set thresholds of its own, which must be labelled as its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

STEADY_CM_H = 1.0  # slower than that is called steady
TREND_SPAN = timedelta(hours=3)


class State(IntEnum):
    """The state by the levels, calm first."""

    UNKNOWN = -1
    NORMAL = 0
    WARNING = 1
    ALARM = 2


@dataclass(frozen=True)
class Marks:
    """The levels of a gauge in cm; None where not set. ``official`` says whether the hydrological service set them."""

    warning: float | None
    alarm: float | None
    official: bool
    source: str = ""

    def __post_init__(self) -> None:
        if self.warning is not None and self.alarm is not None and self.alarm <= self.warning:
            raise ValueError("the alarm level must lie above the warning level")


def state(level: float, marks: Marks) -> State:
    """Reaching a mark counts: the state is "ostrzegawczy" from the warning level on."""
    if marks.warning is None and marks.alarm is None:
        return State.UNKNOWN
    if marks.alarm is not None and level >= marks.alarm:
        return State.ALARM
    if marks.warning is not None and level >= marks.warning:
        return State.WARNING
    return State.NORMAL


def rate(readings: Sequence[tuple[datetime, float]]) -> float | None:
    """Centimetres per hour by least squares over the last three hours of readings (time, level), oldest first.

    None with fewer than two readings in that time. Gauges report at uneven intervals: a difference of the last two is noise.
    """
    if len(readings) < 2:
        return None
    newest = readings[-1][0]
    recent = [((at - newest).total_seconds() / 3600, level) for at, level in readings if newest - at <= TREND_SPAN]
    if len(recent) < 2:
        recent = [((at - newest).total_seconds() / 3600, level) for at, level in readings[-2:]]
    middle_x = sum(x for x, _y in recent) / len(recent)
    middle_y = sum(y for _x, y in recent) / len(recent)
    spread = sum((x - middle_x) ** 2 for x, _y in recent)
    if not spread:
        return None
    return sum((x - middle_x) * (y - middle_y) for x, y in recent) / spread


def tendency(speed: float | None) -> str:
    """ "rising", "falling", "steady" or "" (unknown) of a speed in cm/h."""
    if speed is None:
        return ""
    if abs(speed) < STEADY_CM_H:
        return "steady"
    return "rising" if speed > 0 else "falling"


def crest(readings: Sequence[tuple[datetime, float]]) -> tuple[datetime, float] | None:
    """The highest level of some readings and when it was first reached."""
    return max(readings, key=lambda one: (one[1], -one[0].timestamp()), default=None)
