"""Working hours of units, and time counted in them: for promises that are given in hours.

The week of a unit is data of the profile (``levels.toml``, table ``working_hours``, by the unit's slug, ``default`` for the
others). Wall-clock times are the city's: a night with a change of the clock makes a round-the-clock day of 23 or 25 hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from miasto.kernel.cases.deadlines import DAY, is_free
from miasto.kernel.core import clock
from miasto.kernel.core.city import ProfileError, city

Span = tuple[datetime, datetime]
FARTHEST_DAYS = 4000
MIDNIGHT = 24 * 60
OFFICE = {"days": [1, 2, 3, 4, 5], "from": "07:30", "to": "15:30"}


@dataclass(frozen=True, slots=True)
class Week:
    """When somebody works: ``hours`` are minutes after midnight (from, to) for Monday to Sunday, None for a day off.

    ``on_free_days``: also on days that are free by law or by the profile.
    """

    hours: tuple[tuple[int, int] | None, ...]
    on_free_days: bool = False

    def span(self, day: date) -> Span | None:
        """The working time of a local day as two instants; None for a day off."""
        hours = self.hours[day.weekday()]
        if hours is None or (is_free(day) and not self.on_free_days):
            return None
        return _instant(day, hours[0]), _instant(day, hours[1])

    def spans(self, start: datetime, pauses: Sequence[Span] = ()) -> Iterator[Span]:
        """The working time from an instant on, without the pauses; ends after some ten years."""
        held, day = _joined(pauses), clock.local(start).date()
        for _number in range(FARTHEST_DAYS):
            span = self.span(day)
            if span is not None and span[1] > start:
                yield from _without((max(span[0], start), span[1]), held)
            day += DAY

    def seconds_between(self, start: datetime, end: datetime, pauses: Sequence[Span] = ()) -> float:
        """Working seconds from one instant to another, without the pauses; 0 where the end is not after the start."""
        total = 0.0
        for begins, ends in self.spans(start, pauses):
            if begins >= end:
                break
            total += (min(ends, end) - begins).total_seconds()
        return total

    def after(self, start: datetime, hours: float, pauses: Sequence[Span] = ()) -> datetime:
        """The instant at which so many working hours are over, the pauses not counted.

        Raises ``ValueError`` where the week has no hours.
        """
        left = hours * 3600.0
        for begins, ends in self.spans(start, pauses):
            length = (ends - begins).total_seconds()
            if left <= length:
                return begins + timedelta(seconds=left)
            left -= length
        raise ValueError("a week without working hours never ends a term")


ALWAYS = Week(((0, MIDNIGHT),) * 7, on_free_days=True)


def _instant(day: date, minutes: int) -> datetime:
    if minutes >= MIDNIGHT:
        return clock.start_of(day + DAY)
    wall = datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=clock.zone())
    return wall.astimezone(clock.now().tzinfo)


def _joined(pauses: Iterable[Span]) -> list[Span]:
    """The pauses in order, those that touch or overlap made one."""
    made: list[Span] = []
    for begins, ends in sorted(pauses):
        if ends <= begins:
            continue
        if made and begins <= made[-1][1]:
            made[-1] = (made[-1][0], max(made[-1][1], ends))
        else:
            made.append((begins, ends))
    return made


def _without(span: Span, pauses: Iterable[Span]) -> Iterator[Span]:
    begins, ends = span
    for held, again in pauses:
        if again <= begins:
            continue
        if held >= ends:
            break
        if held > begins:
            yield begins, held
        begins = again
        if begins >= ends:
            return
    if begins < ends:
        yield begins, ends


def held_seconds(pauses: Iterable[Span], start: datetime, end: datetime) -> float:
    """How much of the time between two instants lies in the pauses, each moment counted once."""
    return sum(
        max((min(ends, end) - max(begins, start)).total_seconds(), 0.0) for begins, ends in _joined(pauses) if begins < end
    )


def week_of(unit_slug: str) -> Week:
    """The working week of a unit by the profile."""
    weeks = _weeks()
    return weeks.get(unit_slug, weeks["default"])


@cache
def _weeks() -> dict[str, Week]:
    given = {"default": OFFICE, **city().toml("levels.toml").get("working_hours", {})}
    return {slug: _week(slug, row) for slug, row in given.items()}


def _week(slug: str, row: dict[str, Any]) -> Week:
    try:
        hours = (_minutes(row["from"]), _minutes(row["to"]))
        days = {int(day) for day in row["days"]}
    except (KeyError, ValueError) as error:
        raise ProfileError(f"levels.toml: working_hours.{slug}: needs days (1-7), from and to (07:30): {error}") from error
    if hours[0] >= hours[1] or not days or days - set(range(1, 8)):
        raise ProfileError(f"levels.toml: working_hours.{slug}: to must be later than from, days are 1 to 7")
    return Week(tuple(hours if day in days else None for day in range(1, 8)), bool(row.get("on_free_days", False)))


def _minutes(text: str) -> int:
    hours, minutes = str(text).split(":")
    return int(hours) * 60 + int(minutes)
