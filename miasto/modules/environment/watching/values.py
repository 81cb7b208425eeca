"""The value at a place, now: asked for any number of places, the stations are read once and only if somebody asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core import clock
from miasto.modules.environment.at_place import AirAround, nearest
from miasto.modules.environment.declared import NOISE, RIVER, WEATHER
from miasto.modules.environment.law.noise import LEAST_SHARE, energetic_mean
from miasto.modules.environment.law.rivers import State
from miasto.modules.environment.noise.judging import hours_of
from miasto.modules.environment.river_words import GaugeNow, gauges_now
from miasto.modules.environment.stations import Station, air_stations, stations
from miasto.modules.environment.watching import kinds

if TYPE_CHECKING:
    from collections.abc import Callable

FAR_KM = {"air": 10.0, "noise": 2.0, "river": 5.0, "weather": 15.0}
NIGHT_HOURS = 8


@dataclass(frozen=True)
class Here:
    """A value at a place. ``station`` is empty for an estimate; ``km`` how far the station is that measured it."""

    value: float
    station: str = ""
    km: float = 0.0


class Now:
    """What the public stations say now. Anybody's eyes: a subscription may tell only what a page shows to everybody."""

    def __init__(self) -> None:
        self._found: dict[tuple[float, float, str], Here | None] = {}

    def at(self, lon: float, lat: float, what: str) -> Here | None:
        """The value of a kind at a place; None where nothing is near enough or nothing came lately."""
        key = (lon, lat, what)
        if key not in self._found:
            self._found[key] = self._asked(lon, lat, what)
        return self._found[key]

    def _asked(self, lon: float, lat: float, what: str) -> Here | None:
        ways: dict[str, Callable[[float, float], Here | None]] = {
            kinds.INDEX: self._index,
            kinds.RIVER: self._river,
            kinds.NIGHT: self._night,
        }
        if what in ways:
            return ways[what](lon, lat)
        code = kinds.KINDS[what].code
        return self._air(lon, lat, code) if what == code else self._weather(lon, lat, code)

    @cached_property
    def _around(self) -> AirAround:
        return AirAround(air_stations(ANONYMOUS))

    @cached_property
    def _gauges(self) -> list[GaugeNow]:
        return gauges_now(stations(ANONYMOUS, RIVER))

    @cached_property
    def _sky(self) -> list[Station]:
        return stations(ANONYMOUS, WEATHER)

    @cached_property
    def _nights(self) -> list[tuple[Station, float]]:
        """The meters with the mean of the last whole night, where three quarters of it were measured; two queries more."""
        found = {one.streams["laeq"].pk: one for one in stations(ANONYMOUS, NOISE) if "laeq" in one.streams}
        nights = hours_of(found, *last_night())
        whole = {series: hours for series, hours in nights.items() if len(hours) >= LEAST_SHARE * NIGHT_HOURS}
        means = {series: energetic_mean(hour.laeq for hour in hours) for series, hours in whole.items()}
        return [(found[series], mean) for series, mean in means.items() if mean is not None]

    def _index(self, lon: float, lat: float) -> Here | None:
        found = self._around.index(lon, lat)
        return Here(int(found.value)) if found else None

    def _air(self, lon: float, lat: float, code: str) -> Here | None:
        guess = self._around.estimates(lon, lat, (code,)).get(code)
        if guess is not None:
            return Here(guess.value)
        best = nearest(lon, lat, (one for one in self._around.placed if code in one.values), FAR_KM["air"])
        return Here(best[1].values[code], best[1].thing.name, best[0]) if best else None

    def _river(self, lon: float, lat: float) -> Here | None:
        judged = {one.station.thing.pk: one for one in self._gauges if one.state != State.UNKNOWN}
        best = nearest(lon, lat, (one.station for one in judged.values()), FAR_KM["river"])
        return Here(int(judged[best[1].thing.pk].state), best[1].thing.name, best[0]) if best else None

    def _night(self, lon: float, lat: float) -> Here | None:
        best = nearest(lon, lat, (one for one, _mean in self._nights), FAR_KM["noise"])
        if best is None:
            return None
        mean = next(mean for one, mean in self._nights if one is best[1])
        return Here(mean, best[1].thing.name, best[0])

    def _weather(self, lon: float, lat: float, code: str) -> Here | None:
        speaking = [one for one in self._sky if one.value(code) is not None]
        best = nearest(lon, lat, speaking, FAR_KM["weather"])
        value = best[1].value(code) if best else None
        return Here(value, best[1].thing.name, best[0]) if best and value is not None else None


def last_night() -> tuple[datetime, datetime]:
    """From 22 to 6, local time: the last one that is over."""
    here = clock.local(clock.now())
    morning = here.date() if here.hour >= 6 else here.date() - timedelta(days=1)
    end = datetime.combine(morning, time(6), tzinfo=clock.zone())
    return datetime.combine(morning - timedelta(days=1), time(22), tzinfo=clock.zone()), end
