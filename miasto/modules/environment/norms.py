"""How this year stands against the norms: only stations whose readings count by law."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core import clock
from miasto.kernel.observations import selectors
from miasto.kernel.observations.selectors import Datastream
from miasto.modules.environment import kept
from miasto.modules.environment.law import air_norms as law
from miasto.modules.environment.stations import COUNTED, Station, air_stations

HOUR = AHEAD = timedelta(hours=1)


@dataclass(frozen=True)
class Told:
    """A threshold of information or alarm that was reached at a station: on a legal ``day``, or in the hours up to ``ends``."""

    station: Station
    threshold: law.Threshold
    day: date | None = None
    ends: datetime | None = None


@dataclass(frozen=True)
class StationNorms:
    """The standings of one station's year up to the end of a day."""

    station: Station
    standings: tuple[law.Standing, ...]
    until: date

    def of(self, key: str) -> law.Standing | None:
        return next((one for one in self.standings if one.norm.key == key), None)


def yesterday() -> date:
    """The last whole legal day (UTC+1)."""
    return law.legal_day(clock.now()) - timedelta(days=1)


def needed(stream: Datastream) -> int:
    """How many readings an hour must hold to count: three quarters of what its period promises, or the hourly mean."""
    if not stream.period:
        return 1
    return max(math.ceil(law.HOUR_SHARE * (timedelta(hours=1) / stream.period)), 1)


def legal_days(streams: Iterable[Datastream], first: date, last: date) -> dict[int, list[law.LegalDay]]:
    """Legal days by series, both ends included; one query."""
    found: dict[int, list[law.LegalDay]] = defaultdict(list)
    start, end = law.legal_bounds(first)[0], law.legal_bounds(last)[1]
    for row in selectors.fixed_days({one.pk: needed(one) for one in streams}, start, end, ahead=AHEAD):
        found[row.series].append(law.LegalDay(row.start, row.n, row.mean, row.most))
    return found


def year_norms(
    stations: Iterable[Station], until: date | None = None, judged: Sequence[law.Norm] = law.NORMS
) -> list[StationNorms]:
    """The standings of the year of ``until`` (default: yesterday) at each counted station; two queries, three with O3 or CO."""
    until = until or yesterday()
    counted = [(one, {code: s for code, s in one.streams.items() if s.grade in COUNTED}) for one in stations]
    streams = [s for _one, held in counted for s in held.values()]
    first = date(until.year, 1, 1)
    days = legal_days(streams, first, until)
    by_eight = {norm.code for norm in judged if norm.span == "eight"}
    back = max((norm.years for norm in judged), default=1) - 1
    highest = _highest_eights(
        [s for _one, held in counted for code, s in held.items() if code in by_eight], date(until.year - back, 1, 1), until
    )
    found = []
    for one, held in counted:
        standings = tuple(_standing(norm, held[norm.code], days, highest, until) for norm in judged if norm.code in held)
        if standings:
            found.append(StationNorms(one, standings, until))
    return found


def thresholds_reached(stations: Iterable[Station]) -> list[Told]:
    """Where the public must be told of the air: dust by the last two legal days, gases by their latest hours; two queries."""
    held = [
        (one, code, stream)
        for one in stations
        for code, stream in one.streams.items()
        if stream.grade in COUNTED and code in {row.code for row in law.THRESHOLDS}
    ]
    days = legal_days([stream for _one, code, stream in held if code == "pm10"], yesterday(), yesterday() + timedelta(days=1))
    recent = _recent_hours([stream for _one, code, stream in held if code != "pm10"])
    found: list[Told] = []
    for one, code, stream in held:
        for day in days.get(stream.pk, []):
            if day.valid and (level := law.reached(code, day_mean=day.mean, hours=())):
                found.append(Told(one, level, day=day.day))
        rows = recent.get(stream.pk, [])
        if level := law.reached(code, day_mean=None, hours=[mean for _start, mean in rows]):
            found.append(Told(one, level, ends=rows[-1][0] + HOUR))
    return found


def _recent_hours(streams: list[Datastream]) -> dict[int, list[tuple[datetime, float]]]:
    """The newest hours in a row of each series, oldest first, if the newest is one of the last three whole ones."""
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    least = {one.pk: needed(one) for one in streams}
    found: dict[int, list[tuple[datetime, float]]] = {}
    for row in selectors.hours(least, now - 6 * HOUR, now):
        if row.n < least[row.series]:
            continue
        latest = found.setdefault(row.series, [])
        if latest and latest[-1][0] + HOUR != row.start:
            latest.clear()
        latest.append((row.start, row.mean))
    return {series: rows for series, rows in found.items() if rows[-1][0] >= now - 3 * HOUR}


def kept_norms(stations: Iterable[Station], *, anew: bool = False) -> list[StationNorms]:
    """``year_norms`` up to the day that each says; a year of hours is a quarter of a million numbers, so the job makes them."""
    asked = {str(one.thing.pk): one for one in stations}
    known = kept.held("norms", asked, _written_down, anew=anew)
    by_key = {norm.key: norm for norm in law.NORMS}
    return [
        StationNorms(one, tuple(law.Standing(by_key[row[0]], *row[1:]) for row in rows), until)
        for key, one in asked.items()
        for until, rows in [known[key]]
        if rows
    ]


def _written_down(asked: Mapping[str, Station]) -> dict[str, tuple[date, list[tuple[Any, ...]]]]:
    """By station: until when, and its standings as plain values."""
    until = yesterday()
    made: dict[str, tuple[date, list[tuple[Any, ...]]]] = {key: (until, []) for key in asked}
    for one in year_norms(asked.values(), until):
        rows = [(row.norm.key, row.count, row.value, row.share, row.when, row.earlier, row.enough) for row in one.standings]
        made[str(one.station.thing.pk)] = until, rows
    return made


def keep() -> int:
    """Count the norms of every public station anew; returns how many there are."""
    return len(kept_norms((one for one in air_stations(ANONYMOUS) if one.counted), anew=True))


def _standing(
    norm: law.Norm,
    stream: Datastream,
    days: dict[int, list[law.LegalDay]],
    highest: dict[int, dict[date, float]],
    until: date,
) -> law.Standing:
    own = days.get(stream.pk, [])
    if norm.span == "day":
        return law.standing_of_days(norm, own, until)
    if norm.span == "eight":
        return law.standing_of_eights(norm, highest.get(stream.pk, {}), until)
    if norm.span == "year":
        return law.standing_of_year(norm, own, until)
    return law.standing_of_hours(norm, own, _hours_over(norm, stream, own), until)


def _hours_over(norm: law.Norm, stream: Datastream, days: list[law.LegalDay]) -> list[tuple[datetime, float]]:
    """The hours of the few days on which any hour passed the limit; no query where none did."""
    passed = [one.day for one in days if norm.exceeded(one.highest)]
    if not passed:
        return []
    start, end = law.legal_bounds(passed[0])[0], law.legal_bounds(passed[-1])[1]
    least = needed(stream)
    return [
        (row.start, row.mean) for row in selectors.hours([stream.pk], start, end) if row.n >= least and norm.exceeded(row.mean)
    ]


def _highest_eights(streams: list[Datastream], first: date, last: date) -> dict[int, dict[date, float]]:
    if not streams:
        return {}
    hours: dict[int, dict[datetime, float]] = defaultdict(dict)
    least = {one.pk: needed(one) for one in streams}
    start, end = law.legal_bounds(first)[0] - timedelta(hours=7), law.legal_bounds(last)[1]
    for row in selectors.hours([one.pk for one in streams], start, end):
        if row.n >= least[row.series]:
            hours[row.series][row.start] = row.mean
    return {series: law.highest_eight(held) for series, held in hours.items()}
