"""Where readings are missing, and what may stand there in a chart: values flagged as filled, which are never counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from miasto.kernel.observations.store.flags import FILLED
from miasto.kernel.observations.store.reading import Reading

SHORT = timedelta(hours=3)
WEEK = timedelta(days=7)
MOST = 100_000


class Gap(NamedTuple):
    """``missing`` readings between the instants of two neighbours."""

    after: datetime
    before: datetime
    missing: int


def gaps(readings: Sequence[Reading], step: timedelta) -> list[Gap]:
    """Places where at least one reading of a series that reports every ``step`` is missing (half a step late is not)."""
    found = []
    for sooner, later in pairwise(readings):
        missing = round((later.time - sooner.time) / step) - 1
        if missing >= 1:
            found.append(Gap(sooner.time, later.time, missing))
    return found


def filled(readings: Sequence[Reading], step: timedelta) -> list[Reading]:
    """The readings of one series and, flagged ``FILLED``, values for what is missing between them, sorted.

    A gap of up to three hours is a straight line. A longer one takes the median of the same time in the other weeks, moved
    so that it meets both neighbours; where no other week has it, it stays open: nobody knows what was there.
    """
    by_time = {one.time: one.value for one in readings if not one.flags & FILLED}
    made: list[Reading] = []
    for gap in gaps(readings, step):
        if len(made) + gap.missing > MOST:
            break
        values = _line(gap, by_time) if gap.before - gap.after <= SHORT + step else _seasonal(gap, by_time)
        width = (gap.before - gap.after) / (gap.missing + 1)
        made += [Reading(readings[0].series, gap.after + width * place, value, FILLED) for place, value in enumerate(values, 1)]
    return sorted([*readings, *made], key=lambda one: one.time)


def _line(gap: Gap, known: dict[datetime, float]) -> list[float]:
    first, last = known[gap.after], known[gap.before]
    return [first + (last - first) * place / (gap.missing + 1) for place in range(1, gap.missing + 1)]


def _seasonal(gap: Gap, known: dict[datetime, float]) -> list[float]:
    width = (gap.before - gap.after) / (gap.missing + 1)
    usual = [_usual(gap.after + width * place, known) for place in range(gap.missing + 2)]
    if any(value is None for value in usual):
        return []
    first, last = known[gap.after] - usual[0], known[gap.before] - usual[-1]
    moved = [first + (last - first) * place / (gap.missing + 1) for place in range(gap.missing + 2)]
    return [value + move for value, move in zip(usual[1:-1], moved[1:-1], strict=True)]


def _usual(moment: datetime, known: dict[datetime, float]) -> float | None:
    others = [known[moment + WEEK * week] for week in (-4, -3, -2, -1, 1, 2, 3, 4) if moment + WEEK * week in known]
    return median(others) if others else None
