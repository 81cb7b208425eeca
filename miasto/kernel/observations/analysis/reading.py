"""Reads of what the analysis found. Who may see the series is settled before (``visible_to``)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from miasto.kernel.observations.analysis.models import Anomaly


class Unusual(NamedTuple):
    """A stretch of unusual hours from the beginning of its first to that of its last; ``usual`` None: the course is unusual.

    ``state`` is "found", "event" or "fault"; what a keeper judged to be usual is not among them. ``state_name`` is for people.
    """

    series: int
    start: datetime
    end: datetime
    value: float
    usual: float | None
    hours: int
    state: str
    state_name: str


def unusual(series: Iterable[int], start: datetime, end: datetime) -> list[Unusual]:
    """The unusual stretches that touch an interval, by their beginning; one query."""
    rows = Anomaly.objects.filter(datastream__in=list(series), end__gte=start, start__lt=end).exclude(state=Anomaly.State.USUAL)
    return [
        Unusual(one.datastream_id, one.start, one.end, one.value, one.usual, one.hours, one.state, one.get_state_display())
        for one in rows.order_by("start")[:200]
    ]
