"""The only source of now: stored in UTC, shown in the city's zone, deadlines as local dates."""

from calendar import monthrange
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from miasto.kernel.core.city import city

_frozen: ContextVar[datetime | None] = ContextVar("frozen_now", default=None)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def zone() -> ZoneInfo:
    """The zone in which the city lives."""
    return ZoneInfo(city().timezone)


def local(moment: datetime) -> datetime:
    """The same instant on the city's clock."""
    return moment.astimezone(zone())


def today() -> date:
    """The city's present date."""
    return local(now()).date()


def start_of(day: date) -> datetime:
    """The first instant of a local day, in UTC (a civil day may have 23 or 25 hours)."""
    return datetime.combine(day, time.min, tzinfo=zone()).astimezone(UTC)


def months_before(moment: datetime, months: int) -> datetime:
    """The same local day and time so many months earlier; the last day of a shorter month."""
    here = local(moment)
    year, month = divmod(here.year * 12 + here.month - 1 - months, 12)
    day = min(here.day, monthrange(year, month + 1)[1])
    return here.replace(year=year, month=month + 1, day=day).astimezone(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Hold the clock at an aware instant, for tests and for imports of history."""
    if moment.tzinfo is None:
        raise ValueError("the clock takes aware instants only")
    token = _frozen.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
