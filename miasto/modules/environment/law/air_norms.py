"""Levels of substances in the air as Polish law counts them.

Source: ordinance of the Minister of the Environment of 24 August 2012 on levels of some substances in the air (Dz.U. 2021 poz.
845), with the change of 8 October 2019 (Dz.U. 2019 poz. 1931: information and alarm of PM10), which carries Directive
2008/50/EC: hours and days in UTC+1 (annex VII B, XI), completeness of annexes VII A and XI A. Values in µg/m³. Only readings of
the reference or an equivalent method may be given to these functions. Not judged: what is weighed in a laboratory (lead,
arsenic, cadmium, nickel, benzo(a)pyrene) and the levels that protect plants. The texts of the acts could not be opened when
this was written; what could be compared with public copies and summaries stands in docs/environment.md ("Air").
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from django.utils.translation import gettext_lazy as _

from miasto.modules.environment.law.air_index import rounded

LEGAL_ZONE = timezone(timedelta(hours=1), "UTC+1")
DAY_HOURS = 18  # 75 % of the hours of a day
WINDOW_HOURS = 6  # 75 % of eight hours
WINDOWS = 18  # 75 % of the eight-hour means of a day
YEAR_SHARE = 0.9  # of the hours (or days) of a year, without those of maintenance
HOUR_SHARE = 0.75  # of an hour: 45 minutes
SUMMER, SUMMER_MONTHS, MONTH_DAYS = range(4, 10), 5, 27  # ozone (annex VII A): five of six summer months with 27 days each


@dataclass(frozen=True)
class Norm:
    """A permissible or target level: ``limit`` of the mean over ``span``, exceeded at most ``allowed`` times a year.

    ``allowed`` None stands for a level that the mean of the year itself must not pass. ``key`` is unique. The exceedances of
    ``years`` calendar years are averaged; years without enough measurements are left out (ordinance, note to ozone).
    """

    key: str
    code: str
    span: str  # "hour", "day", "eight" (highest eight-hour mean of a day) or "year"
    limit: float
    allowed: int | None
    name: Any
    years: int = 1

    def exceeded(self, value: float) -> bool:
        """Whether a mean passes the limit: compared with the precision of the limit (guidance to Decision 2011/850/EU)."""
        return rounded(value, 0 if self.limit == int(self.limit) else 1) > self.limit


@dataclass(frozen=True)
class Threshold:
    """A level at which the public must be told: ``kind`` "information" or "alarm", in ``hours`` spans in a row."""

    code: str
    kind: str
    span: str
    limit: float
    hours: int = 1


NORMS: tuple[Norm, ...] = (
    Norm("pm10.day", "pm10", "day", 50, 35, _("PM10, średnia dobowa")),
    Norm("pm10.year", "pm10", "year", 40, None, _("PM10, średnia roczna")),
    Norm("pm25.year", "pm25", "year", 20, None, _("PM2,5, średnia roczna")),
    Norm("no2.hour", "no2", "hour", 200, 18, _("NO₂, średnia godzinowa")),
    Norm("no2.year", "no2", "year", 40, None, _("NO₂, średnia roczna")),
    Norm("so2.hour", "so2", "hour", 350, 24, _("SO₂, średnia godzinowa")),
    Norm("so2.day", "so2", "day", 125, 3, _("SO₂, średnia dobowa")),
    Norm("o3.eight", "o3", "eight", 120, 25, _("O₃, najwyższa średnia ośmiogodzinna doby (poziom docelowy)"), years=3),
    Norm("benzene.year", "c6h6", "year", 5, None, _("benzen, średnia roczna")),
    Norm("co.eight", "co", "eight", 10_000, 0, _("CO, najwyższa średnia ośmiogodzinna doby")),
)
# An outlook: limit values that apply from 1 January 2030 (Directive (EU) 2024/2881, annex I, section 1, table 1); of ozone the
# target value (section 2).
OUTLOOK: tuple[Norm, ...] = (
    Norm("pm10.day.2030", "pm10", "day", 45, 18, _("PM10, średnia dobowa")),
    Norm("pm10.year.2030", "pm10", "year", 20, None, _("PM10, średnia roczna")),
    Norm("pm25.day.2030", "pm25", "day", 25, 18, _("PM2,5, średnia dobowa")),
    Norm("pm25.year.2030", "pm25", "year", 10, None, _("PM2,5, średnia roczna")),
    Norm("no2.hour.2030", "no2", "hour", 200, 3, _("NO₂, średnia godzinowa")),
    Norm("no2.day.2030", "no2", "day", 50, 18, _("NO₂, średnia dobowa")),
    Norm("no2.year.2030", "no2", "year", 20, None, _("NO₂, średnia roczna")),
    Norm("so2.hour.2030", "so2", "hour", 350, 3, _("SO₂, średnia godzinowa")),
    Norm("so2.day.2030", "so2", "day", 50, 18, _("SO₂, średnia dobowa")),
    Norm("so2.year.2030", "so2", "year", 20, None, _("SO₂, średnia roczna")),
    Norm("o3.eight.2030", "o3", "eight", 120, 18, _("O₃, najwyższa średnia ośmiogodzinna doby (poziom docelowy)"), years=3),
    Norm("benzene.year.2030", "c6h6", "year", 3.4, None, _("benzen, średnia roczna")),
    Norm("co.day.2030", "co", "day", 4_000, 18, _("CO, średnia dobowa")),
    Norm("co.eight.2030", "co", "eight", 10_000, 0, _("CO, najwyższa średnia ośmiogodzinna doby")),
)
THRESHOLDS: tuple[Threshold, ...] = (
    Threshold("pm10", "information", "day", 100),
    Threshold("pm10", "alarm", "day", 150),
    Threshold("no2", "alarm", "hour", 400, 3),
    Threshold("so2", "alarm", "hour", 500, 3),
    Threshold("o3", "information", "hour", 180),
    Threshold("o3", "alarm", "hour", 240),
)


@dataclass(frozen=True)
class LegalDay:
    """One day in UTC+1: ``hours`` valid hourly means, their ``mean`` and the ``highest``."""

    day: date
    hours: int
    mean: float
    highest: float

    @property
    def valid(self) -> bool:
        """At least 75 % of the hours are there."""
        return self.hours >= DAY_HOURS


@dataclass(frozen=True)
class Standing:
    """How a year stands against a norm. ``count`` exceedances, or None for a yearly mean; ``value`` the mean or the highest.

    ``share`` is how much of the time up to ``until`` was measured (0 to 1), ``complete`` whether it suffices for a judgement.
    ``earlier`` are the exceedances of those years before that count together with this one (ozone).
    """

    norm: Norm
    count: int | None
    value: float | None
    share: float
    when: tuple[date, ...] = ()
    earlier: tuple[int, ...] = ()
    enough: bool | None = None  # where the law asks for something else than a share of the year

    @property
    def complete(self) -> bool:
        return self.share >= YEAR_SHARE if self.enough is None else self.enough

    @property
    def average(self) -> float | None:
        """Exceedances a year, over the years that count together; None for a yearly mean."""
        return None if self.count is None else (self.count + sum(self.earlier)) / (1 + len(self.earlier))

    @property
    def broken(self) -> bool:
        if self.average is not None:
            return self.average > (self.norm.allowed or 0)
        return self.value is not None and self.norm.exceeded(self.value)

    @property
    def left(self) -> int | None:
        """How many more exceedances the law bears this year; None for a yearly mean."""
        return None if self.count is None else max((self.norm.allowed or 0) - self.count, 0)


def legal_day(start: datetime) -> date:
    """The legal day of the hour that begins at an aware instant."""
    return start.astimezone(LEGAL_ZONE).date()


def legal_bounds(day: date) -> tuple[datetime, datetime]:
    """The first instant of a legal day and that of the next, in UTC."""
    first = datetime(day.year, day.month, day.day, tzinfo=LEGAL_ZONE).astimezone(UTC)
    return first, first + timedelta(days=1)


def eight_hour_means(hours: Mapping[datetime, float]) -> dict[datetime, float]:
    """Running means of eight hours by the beginning of their **last** hour; where at least six hours are there.

    ``hours`` are hourly means by the beginning of the hour (UTC).
    """
    if not hours:
        return {}
    found: dict[datetime, float] = {}
    end, last = min(hours), max(hours) + timedelta(hours=7)
    window: deque[float | None] = deque(maxlen=8)
    while end <= last:
        window.append(hours.get(end))
        held = [value for value in window if value is not None]
        if len(held) >= WINDOW_HOURS:
            found[end] = sum(held) / len(held)
        end += timedelta(hours=1)
    return found


def highest_eight(hours: Mapping[datetime, float]) -> dict[date, float]:
    """The highest eight-hour mean of each legal day that has at least 18 of them.

    A window belongs to the day in which it ends (annex XI B): the first of a day runs from 17:00 of the day before to 1:00.
    """
    by_day: dict[date, list[float]] = {}
    for last_hour, mean in eight_hour_means(hours).items():
        by_day.setdefault(legal_day(last_hour), []).append(mean)
    return {day: max(means) for day, means in by_day.items() if len(means) >= WINDOWS}


def standing_of_days(norm: Norm, days: Iterable[LegalDay], until: date) -> Standing:
    """A daily norm in the year of ``until`` (the last whole legal day, counted in)."""
    valid = [one for one in days if one.valid and one.day.year == until.year and one.day <= until]
    over = [one for one in valid if norm.exceeded(one.mean)]
    return Standing(
        norm,
        len(over),
        max((one.mean for one in valid), default=None),
        len(valid) / until.timetuple().tm_yday,
        tuple(one.day for one in over),
    )


def standing_of_eights(norm: Norm, highest: Mapping[date, float], until: date) -> Standing:
    """A norm of the highest eight-hour means in the year of ``until``, with the years before that count together with it."""
    valid = {day: value for day, value in highest.items() if day.year == until.year and day <= until}
    over = tuple(sorted(day for day, value in valid.items() if norm.exceeded(value)))
    whole = [year for year in range(until.year - norm.years + 1, until.year) if enough_ozone(highest, year)]
    return Standing(
        norm,
        len(over),
        max(valid.values(), default=None),
        len(valid) / until.timetuple().tm_yday,
        over,
        tuple(sum(norm.exceeded(value) for day, value in highest.items() if day.year == year) for year in whole),
        enough_ozone(highest, until.year) if norm.code == "o3" else None,
    )


def enough_ozone(highest: Mapping[date, float], year: int) -> bool:
    """Whether a year counts for ozone: 27 daily values in each of five months from April to September (annex VII A)."""
    months = Counter(day.month for day in highest if day.year == year and day.month in SUMMER)
    return sum(count >= MONTH_DAYS for count in months.values()) >= SUMMER_MONTHS


def standing_of_hours(norm: Norm, days: Iterable[LegalDay], over: Sequence[tuple[datetime, float]], until: date) -> Standing:
    """An hourly norm: ``over`` are the hours (beginning, mean) that may pass the limit, ``days`` say how much was measured."""
    kept = [one for one in days if one.day.year == until.year and one.day <= until]
    passed = [start for start, value in over if norm.exceeded(value) and legal_day(start).year == until.year]
    return Standing(
        norm,
        len(passed),
        max((one.highest for one in kept), default=None),
        sum(one.hours for one in kept) / (24 * until.timetuple().tm_yday),
        tuple(sorted({legal_day(start) for start in passed})),
    )


def standing_of_year(norm: Norm, days: Iterable[LegalDay], until: date) -> Standing:
    """A yearly mean so far: the mean of all valid hours of the year."""
    kept = [one for one in days if one.day.year == until.year and one.day <= until]
    hours = sum(one.hours for one in kept)
    mean = sum(one.mean * one.hours for one in kept) / hours if hours else None
    return Standing(norm, None, mean, hours / (24 * until.timetuple().tm_yday))


def reached(code: str, *, day_mean: float | None, hours: Sequence[float]) -> Threshold | None:
    """The highest threshold reached, if any.

    ``day_mean`` is the mean of a legal day (at least 18 hours), ``hours`` the latest hourly means in a row, oldest first.
    """
    found = None
    for one in THRESHOLDS:
        if one.code != code:
            continue
        if one.span == "day":
            met = day_mean is not None and rounded(day_mean, 0) > one.limit
        else:
            recent = hours[-one.hours :]
            met = len(recent) == one.hours and all(rounded(value, 0) > one.limit for value in recent)
        if met and (found is None or one.kind == "alarm"):
            found = one
    return found
