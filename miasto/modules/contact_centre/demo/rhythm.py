"""When residents report: the season of a matter, the days of the week, the hours, and a few days of storm and snow."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from miasto.kernel.core import clock
from miasto.kernel.core.free_days import is_working, next_working

# Share of each month (January first) for the seasons that a category may name.
SEASONS = {
    "all": (1.0, 1.0, 1.05, 1.05, 1.05, 1.0, 0.9, 0.9, 1.05, 1.05, 1.05, 0.9),
    "winter": (1.6, 1.3, 0.35, 0.02, 0.0, 0.0, 0.0, 0.0, 0.0, 0.02, 0.4, 1.2),
    "heating": (1.5, 1.4, 0.9, 0.4, 0.15, 0.1, 0.1, 0.15, 0.4, 0.9, 1.2, 1.4),
    "spring": (0.7, 1.3, 1.9, 1.6, 1.0, 0.6, 0.5, 0.5, 0.6, 0.6, 0.6, 0.5),
    "summer": (0.08, 0.08, 0.15, 0.5, 1.3, 1.7, 1.6, 1.4, 0.9, 0.4, 0.2, 0.1),
    "warm": (0.2, 0.25, 0.6, 1.1, 1.4, 1.5, 1.4, 1.4, 1.2, 0.8, 0.4, 0.2),
    "autumn": (0.3, 0.3, 0.4, 0.5, 0.6, 0.6, 0.7, 1.0, 1.6, 1.8, 1.4, 0.6),
}
WEEKDAYS = (1.25, 1.15, 1.1, 1.05, 1.0, 0.65, 0.55)
# (from hour, to hour, weight)
HOURS = {
    "day": ((6, 8, 1), (8, 12, 5), (12, 16, 4), (16, 20, 4), (20, 23, 1.2)),
    "commute": ((6, 9, 6), (9, 14, 2), (14, 18, 5), (18, 22, 2)),
    "evening": ((7, 12, 1.5), (12, 16, 1.5), (16, 19, 4), (19, 23, 6)),
    "night": ((0, 3, 2), (7, 12, 2), (18, 21, 2), (21, 24, 5)),
}
# The last days are a little fuller, so that the queue of a demo lives.
FRESH, FRESH_DAYS = 2.2, 9
STORMY = ("tree", "water")
SNOWY = ("snow",)


@dataclass(frozen=True)
class Weather:
    """Local days that bring many reports at once."""

    storms: frozenset[date]
    snowfalls: frozenset[date]


def weather(dice: random.Random, days: list[date]) -> Weather:
    """Six storms in the warm half of the year and six snowfalls in the cold one, among ``days``."""
    warm = [day for day in days if 5 <= day.month <= 9]
    cold = [day for day in days if day.month in (12, 1, 2)]
    return Weather(
        storms=frozenset(dice.sample(warm, min(6, len(warm)))), snowfalls=frozenset(dice.sample(cold, min(6, len(cold))))
    )


class Calendar:
    """Draws instants of filing within the 365 local days that end now."""

    def __init__(self, dice: random.Random, now: datetime) -> None:
        self.dice = dice
        self.now = now
        today = clock.local(now).date()
        self.days = [today - timedelta(days=back) for back in range(364, -1, -1)]
        self.weather = weather(dice, self.days)
        self._weights: dict[tuple[str, str], list[float]] = {}

    def moment(self, season: str, hours: str, picture: str = "") -> datetime:
        """An aware instant (UTC) not later than now."""
        while True:
            day = self.dice.choices(self.days, cum_weights=self._cumulative(season, picture))[0]
            found = self._at(day, hours)
            if found < self.now:
                return found

    def share_now(self, season: str) -> float:
        """How usual a season's matter is in the present month; 1 is usual."""
        return SEASONS.get(season, SEASONS["all"])[self.days[-1].month - 1]

    def recent(self, minutes: float) -> datetime:
        """An instant about so many minutes ago."""
        return self.now - timedelta(minutes=minutes * self.dice.uniform(0.8, 1.2))

    def _at(self, day: date, hours: str) -> datetime:
        spans = HOURS.get(hours, HOURS["day"])
        begin, end, _weight = self.dice.choices(spans, weights=[span[2] for span in spans])[0]
        seconds = self.dice.uniform(begin * 3600, end * 3600 - 1)
        local = datetime.combine(day, time.min, tzinfo=clock.zone()) + timedelta(seconds=seconds)
        return local.astimezone(self.now.tzinfo)

    def _cumulative(self, season: str, picture: str) -> list[float]:
        key = (season, picture)
        if key not in self._weights:
            months = SEASONS.get(season, SEASONS["all"])
            total, sums = 0.0, []
            for day in self.days:
                fresh = FRESH if (self.days[-1] - day).days < FRESH_DAYS else 1.0
                total += months[day.month - 1] * WEEKDAYS[day.weekday()] * self._burst(day, picture) * fresh
                sums.append(total)
            self._weights[key] = sums
        return self._weights[key]

    def _burst(self, day: date, picture: str) -> float:
        eve = day - timedelta(days=1)
        if picture in STORMY and (day in self.weather.storms or eve in self.weather.storms):
            return 9.0
        if picture in SNOWY and (day in self.weather.snowfalls or eve in self.weather.snowfalls):
            return 6.0
        return 1.0


def shift_time(dice: random.Random, moment: datetime) -> datetime:
    """The first minute not before ``moment`` when the contact centre works (daily, 7:00 to 21:00 local), shaken a little."""
    local = clock.local(moment)
    if 7 <= local.hour < 21:
        return moment
    day = local.date() + timedelta(days=1 if local.hour >= 21 else 0)
    start = datetime.combine(day, time(7), tzinfo=clock.zone()) + timedelta(minutes=dice.uniform(2, 80))
    return start.astimezone(moment.tzinfo)


def office_time(dice: random.Random, moment: datetime) -> datetime:
    """The first minute not before ``moment`` when an office works (Monday to Friday, 7:30 to 15:30 local), shaken a little."""
    local = clock.local(moment)
    opens, closes = time(7, 30), time(15, 30)
    if is_working(local.date()) and opens <= local.time() <= closes:
        return moment
    day = local.date()
    if local.time() > closes:
        day += timedelta(days=1)
    start = datetime.combine(next_working(day), opens, tzinfo=clock.zone()) + timedelta(minutes=dice.uniform(3, 150))
    return start.astimezone(moment.tzinfo)


def office_after(dice: random.Random, former: datetime, moment: datetime) -> datetime:
    """As ``office_time``, an hour after ``former`` at least: where free days push both on, they keep their order."""
    return office_time(dice, max(moment, former + timedelta(hours=1)))
