"""The days of the made-up city: all relative to today, and none of them later than now."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date, datetime, time, timedelta
from typing import Any

from miasto.kernel.core import clock

NOON = 12


def day(days: int) -> date:
    """The local date so many days from today."""
    return clock.today() + timedelta(days=days)


def moment(days: int, hour: int = NOON) -> datetime:
    """An hour of such a day; it may be yet to come."""
    return datetime.combine(day(days), time(hour), tzinfo=clock.zone())


def at(days: int, hour: int = NOON) -> AbstractContextManager[Any]:
    """The clock held at an hour of such a day, never later than now."""
    return clock.at(min(moment(days, hour), clock.now()))


def noon(on: date) -> datetime:
    """The middle of a local date, never later than now."""
    return min(datetime.combine(on, time(NOON), tzinfo=clock.zone()), clock.now())
