"""Loud events of a night in levels of one minute: when they began, how long they lasted, how loud they were.

An event is where the level stands at least 10 dB above the background of that night (L90) and reaches at least 55 dB outside:
noise that wakes (WHO, Night Noise Guidelines for Europe, 2009: 42 dB at the sleeper's ear, with the window ajar).
Minutes that lie at most two minutes apart are one event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from miasto.modules.environment.law.noise import energetic_mean, exceeded_for

RISE, FLOOR = 10.0, 55.0  # dB
STEP = timedelta(minutes=1)
GAP = timedelta(minutes=2)
LEAST_MINUTES = 60  # without an hour of the night its background is not known


@dataclass(frozen=True)
class Loud:
    """``start`` and ``end`` of an event, its loudest minute and its equivalent level, dB(A)."""

    start: datetime
    end: datetime
    most: float
    laeq: float


def events(levels: Sequence[tuple[datetime, float]]) -> list[Loud]:
    """The events of a night from (beginning of the minute, LAeq of that minute) in the order of time."""
    if len(levels) < LEAST_MINUTES:
        return []
    threshold = max(exceeded_for([level for _at, level in levels], 0.9) + RISE, FLOOR)
    groups: list[list[tuple[datetime, float]]] = []
    for at, level in levels:
        if level < threshold:
            continue
        if groups and at - (groups[-1][-1][0] + STEP) <= GAP:
            groups[-1].append((at, level))
        else:
            groups.append([(at, level)])
    return [_event(group) for group in groups]


def _event(group: list[tuple[datetime, float]]) -> Loud:
    levels = [level for _at, level in group]
    return Loud(group[0][0], group[-1][0] + STEP, max(levels), energetic_mean(levels) or max(levels))
