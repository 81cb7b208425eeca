"""The times at which the interpreter can be booked, as the profile's ``signing.toml`` says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.core.free_days import is_working
from miasto.modules.contact_centre.signing.models import Booking


@dataclass(frozen=True, slots=True)
class Slot:
    """A time to book. ``free`` seats are left of ``capacity``."""

    starts_at: datetime
    ends_at: datetime
    capacity: int
    free: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What the profile says of the interpreter; ``offered`` is False where the city has none."""

    minutes: int
    capacity: int
    days_ahead: int
    notice: timedelta
    remind: timedelta
    keep_days: int
    room: str
    weekly: tuple[dict[str, Any], ...]
    exceptions: tuple[dict[str, Any], ...]

    @property
    def offered(self) -> bool:
        return bool(self.weekly and self.room)


def plan() -> Plan:
    """The profile's plan."""
    data = city().toml("signing.toml")
    return Plan(
        minutes=int(data.get("minutes", 30)),
        capacity=int(data.get("capacity", 1)),
        days_ahead=int(data.get("days_ahead", 28)),
        notice=timedelta(minutes=int(data.get("notice_minutes", 120))),
        remind=timedelta(hours=int(data.get("remind_hours", 24))),
        keep_days=int(data.get("keep_days", 90)),
        room=str(data.get("room", "")),
        weekly=tuple(data.get("weekly", ())),
        exceptions=tuple(data.get("exceptions", ())),
    )


def _hours(made: Plan, day: date) -> list[dict[str, Any]]:
    """The interpreter's hours of a local day: of an exception, else of the day of the week where offices work."""
    exceptions = [row for row in made.exceptions if str(row["date"]) == day.isoformat()]
    if exceptions:
        return [row for row in exceptions if row.get("from")]
    return [row for row in made.weekly if row["weekday"] == day.isoweekday()] if is_working(day) else []


def of_day(day: date) -> Iterator[tuple[datetime, int]]:
    """``(beginning in UTC, capacity)`` of each talk of a local day, in order; what ends after the hours is not begun."""
    made = plan()
    for row in sorted(_hours(made, day), key=lambda row: str(row["from"])):
        at = datetime.combine(day, time.fromisoformat(str(row["from"])), tzinfo=clock.zone())
        end = datetime.combine(day, time.fromisoformat(str(row["to"])), tzinfo=clock.zone())
        step = timedelta(minutes=made.minutes)
        while at + step <= end:
            yield at.astimezone(UTC), int(row.get("capacity", made.capacity))
            at += step


def offered() -> list[Slot]:
    """Every time from now to the end of the bookable days, taken ones too; 1 query."""
    made, now = plan(), clock.now()
    if not made.offered:
        return []
    today, first = clock.today(), now + made.notice
    days = [today + timedelta(days=number) for number in range(made.days_ahead + 1)]
    times = [(at, capacity) for day in days for at, capacity in of_day(day) if at >= first]
    taken = Counter(Booking.objects.filter(cancelled_at=None, starts_at__gte=now).values_list("starts_at", flat=True))
    length = timedelta(minutes=made.minutes)
    return [Slot(at, at + length, capacity, max(capacity - taken[at], 0)) for at, capacity in times]


def at(moment: datetime) -> Slot | None:
    """The offered time that begins at a moment; None where there is none."""
    return next((slot for slot in offered() if slot.starts_at == moment), None)


def room_url(room: str) -> str:
    """The address of a room on the city's video server."""
    return plan().room.replace("{room}", room)
