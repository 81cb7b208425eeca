"""A pollutant at a station over months: daily means for the calendar and the rose of the winds. A job counts them each hour."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core import clock
from miasto.kernel.observations import selectors
from miasto.modules.environment import kept, near, norms
from miasto.modules.environment.air_map import sources
from miasto.modules.environment.air_map.making import CODES
from miasto.modules.environment.air_map.sources import Rose, Wind
from miasto.modules.environment.declared import AIR, WEATHER
from miasto.modules.environment.law.air_index import BORDERS
from miasto.modules.environment.stations import Station, stations

ROSE_DAYS = 90
ROSES = (*CODES, "so2")


class Year(NamedTuple):
    """Valid legal days up to ``until``, and the rose of the last 90 days; None where too few windy hours are known."""

    until: date
    days: dict[date, float]
    rose: Rose | None


def year_of(one: Station, code: str) -> Year:
    """What is kept of a pollutant at a station; one query."""
    key = str(one.streams[code].pk)
    return kept.held("year", {key: (one, code)}, _count)[key]


def keep() -> int:
    """Count the year of every pollutant at every public station anew; returns how many."""
    wanted = {
        str(stream.pk): (one, code)
        for one in stations(ANONYMOUS, AIR)
        for code, stream in one.streams.items()
        if code in BORDERS
    }
    return len(kept.held("year", wanted, _count, anew=True))


def _count(wanted: Mapping[str, tuple[Station, str]]) -> dict[str, Year]:
    """The winds of each weather station are read once; two queries for each pollutant, and those of the winds."""
    until, now = norms.yesterday(), clock.now()
    start = now - timedelta(days=ROSE_DAYS)
    winds = _Winds(start, now)
    first = date(until.year - 1, until.month, 1)
    made = {}
    for key, (one, code) in wanted.items():
        stream = one.streams[code]
        days = norms.legal_days([stream], first, until).get(stream.pk, [])
        rose = None
        if code in ROSES and one.place is not None:
            values = {row.start: row.mean for row in selectors.hours([stream.pk], start, now)}
            rose = sources.rose(values, winds.near(*one.place))
        made[key] = Year(until, {day.day: day.mean for day in days if day.valid}, rose)
    return made


class _Winds:
    """The winds of the public weather stations between two moments, read when first asked for."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self.start, self.end = start, end
        self._able: list[Station] | None = None
        self._read: dict[str, dict[datetime, Wind]] = {}

    def near(self, lon: float, lat: float) -> dict[datetime, Wind]:
        """The wind of the nearest station that measures both its side and its speed; empty where none does."""
        if self._able is None:
            self._able = [
                one
                for one in stations(ANONYMOUS, WEATHER)
                if one.place and {"wind_direction", "wind_speed"} <= one.streams.keys()
            ]
        if not self._able:
            return {}
        station = min(self._able, key=lambda one: near.km(lon, lat, *one.place))
        key = str(station.thing.pk)
        if key not in self._read:
            self._read[key] = _read(station, self.start, self.end)
        return self._read[key]


def wind(lon: float, lat: float, start: datetime, end: datetime) -> dict[datetime, Wind]:
    """The wind of the nearest public station that measures both its side and its speed; empty where none does."""
    return _Winds(start, end).near(lon, lat)


def _read(station: Station, start: datetime, end: datetime) -> dict[datetime, Wind]:
    side, speed = station.streams["wind_direction"].pk, station.streams["wind_speed"].pk
    held: dict[int, dict[datetime, float]] = {side: {}, speed: {}}
    for row in selectors.hours([side, speed], start, end):
        # the mean of directions as numbers is no direction: the last one of the hour stands for it
        held[row.series][row.start] = row.last if row.series == side else row.mean
    return {at: Wind(held[side][at], held[speed][at]) for at in held[side].keys() & held[speed].keys()}
