"""Made-up but lawful nature: every value is a function of the moment, the place and the seed, so a year and a minute agree.

Time is an array of hours since 1970 (UTC, with fractions). What follows from what: the season and the day make the temperature;
cold and calm make the smog, with stoves in the evening and traffic at the rush hours; the sun makes ozone, which traffic
eats; rain makes the rivers rise and the air clean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = Any
YEAR_H, MEMORY_H = 365.25 * 24, 72


def _dice(cell: Array, salt: float) -> Array:
    """A number in 0..1 for each whole number, always the same (fractional part of a steep sine)."""
    found = np.sin(cell * 12.9898 + salt * 78.233) * 43758.5453
    return found - np.floor(found)


def drift(hours: Array, period: float, salt: float) -> Array:
    """Smooth noise in -1..1 that changes over ``period`` hours."""
    cell = np.floor(hours / period)
    share = hours / period - cell
    share = share * share * (3 - 2 * share)
    return 2 * (_dice(cell, salt) * (1 - share) + _dice(cell + 1, salt) * share) - 1


def bump(hour: Array, middle: float, width: float) -> Array:
    """A hill of height 1 around an hour of the day, over midnight too."""
    away = np.abs((hour - middle + 12) % 24 - 12)
    return np.exp(-((away / width) ** 2))


@dataclass(frozen=True)
class Sky:
    """The weather of the city at some moments. ``hour`` is the clock's (UTC+1), ``rest`` 1 on Saturdays and Sundays."""

    hours: Array
    hour: Array
    rest: Array
    temperature: Array
    wind: Array
    rain: Array
    sun: Array
    calm: Array


def sky(hours: Array, seed: float) -> Sky:
    """The weather at ``hours``."""
    hour = (hours + 1) % 24
    season = np.cos(2 * np.pi * (hours - 20 * 24) / YEAR_H)  # 1 in mid-January
    weekday = np.floor((hours + 1) / 24 + 3) % 7  # 1 January 1970 was a Thursday; 0 is Monday
    warm = 8.8 - 10.6 * season + 4.2 * drift(hours, 90, seed) + 2.6 * drift(hours, 260, seed + 1)
    temperature = warm + (3.2 - 2.2 * season) * np.cos(2 * np.pi * (hour - 15) / 24)
    wind = np.clip(2.7 + 2.1 * drift(hours, 40, seed + 2) + 1.1 * drift(hours, 11, seed + 3) + 0.7 * bump(hour, 14, 4), 0.2, 14)
    daylight = np.clip(np.cos(2 * np.pi * (hour - 12.6) / 24) + 0.15 - 0.35 * season, 0, None)
    calm = np.clip(1.75 - wind / 2.6, 0.25, 1.6)
    rest = (weekday >= 5).astype(float)
    return Sky(hours, hour, rest, temperature, wind, rain(hours, seed), daylight, calm)


def rain(hours: Array, seed: float) -> Array:
    """Millimetres in the hour: a few wet spells a month, now and then a downpour."""
    wet = np.clip(drift(hours, 34, seed + 4) + 0.4 * drift(hours, 9, seed + 5) - 0.62, 0, None)
    return np.round(9 * wet**1.6 * (1 + 1.4 * np.clip(drift(hours, 5, seed + 6), 0, None)), 1)


def swell(hours: Array, seed: float) -> Array:
    """What of the rain of the last three days still runs off: it comes within hours and goes within a day."""
    back = np.arange(MEMORY_H)
    answer = (1 - np.exp(-back / 2.5)) * np.exp(-back / 15)
    whole = np.floor(hours)[:, None] - back[None, :]
    return rain(whole, seed) @ answer


def values(code: str, now: Sky, place: dict[str, Any], seed: float) -> Array:
    """The values of a property at a station; ``place`` holds its salt and character."""
    return _MADE[code](now, place, seed + place["salt"])


def _pm25(now: Sky, place: dict[str, Any], seed: float) -> Array:
    heating = np.clip((13 - now.temperature) / 17, 0, 1.35)
    evening = 0.55 + 0.75 * bump(now.hour, 20.5, 3.6) + 0.4 * bump(now.hour, 7.5, 2.2)
    stoves = 44 * place.get("stoves", 1.0) * heating * evening
    cars = 5 * place.get("traffic", 1.0) * _rush(now)
    washed = 1 / (1 + 0.25 * now.rain)
    return np.clip(
        (5 + (stoves + cars) * now.calm + _plumes(now, place)) * washed * (1 + 0.12 * drift(now.hours, 3, seed)), 1.2, None
    )


def _plumes(now: Sky, place: dict[str, Any]) -> Array:
    """What the wind brings from the made-up sources: (bearing in degrees, µg/m³) of each, most when it blows from there."""
    blown = wind_from(now.hours, place["city"])
    found = np.zeros_like(now.hours)
    for bearing, strength in place.get("plumes", ()):
        away = np.abs((blown - bearing + 180) % 360 - 180)
        found = found + strength * np.exp(-((away / 18) ** 2)) * np.clip(now.wind / 2, 0, 1)
    return found


def _pm10(now: Sky, place: dict[str, Any], seed: float) -> Array:
    dust = 5 + 6 * place.get("traffic", 1.0) * _rush(now)
    return _pm25(now, place, seed) * 1.24 + dust * (1 + 0.15 * drift(now.hours, 4, seed + 9))


def _rush(now: Sky) -> Array:
    week = bump(now.hour, 7.8, 1.8) + 0.95 * bump(now.hour, 16.2, 2.3) + 0.45 * bump(now.hour, 12, 4)
    return week * (1 - now.rest) + 0.6 * bump(now.hour, 14, 5) * now.rest


def _no2(now: Sky, place: dict[str, Any], seed: float) -> Array:
    found = 7 + 27 * place.get("traffic", 1.0) * _rush(now) * now.calm + 6 * np.clip((8 - now.temperature) / 15, 0, 1)
    return np.clip(found * (1 + 0.15 * drift(now.hours, 5, seed)), 2, None)


def _o3(now: Sky, place: dict[str, Any], seed: float) -> Array:
    made = 34 + 62 * now.sun * np.clip(now.temperature / 24, 0.1, 1.35)
    return np.clip(made - 0.45 * _no2(now, place, seed) + 9 * drift(now.hours, 20, seed), 3, None)


def _so2(now: Sky, place: dict[str, Any], seed: float) -> Array:
    return np.clip(3 + 0.16 * _pm25(now, place, seed) + drift(now.hours, 6, seed), 1, None)


def _noise(now: Sky, place: dict[str, Any], seed: float) -> Array:
    night = bump(now.hour, 2.8, 3.4)
    level = place.get("base", 64) + 4 * _rush(now) - 9 * night - 1.5 * now.rest + 1.3 * drift(now.hours, 1.7, seed)
    minute = np.round(now.hours * 60)
    passing = (_dice(np.floor(minute / 3), seed + 5) > 0.985) & (minute % 60 != 0)  # three loud minutes, never in an hour's own
    return level + 19 * passing * (0.5 + night / 2)


def _level(now: Sky, place: dict[str, Any], seed: float) -> Array:
    high = place["gain"] * swell(now.hours, place["city"])
    return place["base"] + high + 2.5 * drift(now.hours, 300, seed) + 0.4 * drift(now.hours, 3, seed)


def _humidity(now: Sky, place: dict[str, Any], seed: float) -> Array:
    return np.clip(78 - 14 * now.sun + 30 * (now.rain > 0) + 8 * drift(now.hours, 20, seed), 25, 100)


def wind_from(hours: Array, seed: float) -> Array:
    """Whence the wind blows over the city, in degrees: mostly from the west, now and then from everywhere."""
    return (250 + 150 * drift(hours, 50, seed) + 60 * drift(hours, 13, seed + 8)) % 360


def _direction(now: Sky, place: dict[str, Any], seed: float) -> Array:
    return (wind_from(now.hours, place["city"]) + 12 * drift(now.hours, 2, seed)) % 360


def _warm(now: Sky) -> Array:
    return np.clip(9 + 0.62 * (now.temperature - 8), 0.1, 26)


def _bacteria(share: float) -> Any:
    def made(now: Sky, place: dict[str, Any], seed: float) -> Array:
        washed = swell(now.hours, place["city"])  # rain washes the streets into the water
        return np.round(share * (60 + 22 * washed) * np.exp(0.7 * drift(now.hours, 30, seed + share)))

    return made


def _sky_brightness(now: Sky, place: dict[str, Any], seed: float) -> Array:
    night = np.clip(1.6 * bump(now.hour, 0.3, 6), 0, 1)
    return 9 + (place["base"] - 9) * night + 0.15 * drift(now.hours, 7, seed)


_MADE = {
    "sky_brightness": _sky_brightness,
    "ph": lambda now, place, seed: 7.7 + 0.25 * now.sun + 0.2 * drift(now.hours, 60, seed),
    "conductivity": lambda now, place, seed: np.round(
        480 + 60 * drift(now.hours, 90, seed) + 3 * drift(now.hours, 5, seed + 2) - 6 * swell(now.hours, place["city"])
    ),
    "dissolved_oxygen": lambda now, place, seed: 14.2 - 0.3 * _warm(now) + 0.9 * now.sun + 0.4 * drift(now.hours, 12, seed),
    "turbidity": lambda now, place, seed: np.clip(
        4 + 1.6 * swell(now.hours, place["city"]) + drift(now.hours, 8, seed), 0.5, None
    ),
    "ecoli": _bacteria(1.0),
    "enterococci": _bacteria(0.4),
    "pm10": _pm10,
    "pm25": _pm25,
    "no2": _no2,
    "o3": _o3,
    "so2": _so2,
    "laeq": _noise,
    "water_level": _level,
    "water_flow": lambda now, place, seed: 0.5 + np.clip(_level(now, place, seed) - place["base"], 0, None) / 22,
    "water_temperature": lambda now, place, seed: np.clip(9 + 0.62 * (now.temperature - 8), 0.1, 26),
    "air_temperature": lambda now, place, seed: now.temperature + place.get("offset", 0.0) + 0.4 * drift(now.hours, 2, seed),
    "humidity": _humidity,
    "wind_speed": lambda now, place, seed: np.clip(now.wind + 0.6 * drift(now.hours, 1.3, seed), 0, None),
    "wind_direction": _direction,
    "rain": lambda now, place, seed: np.round(now.rain * (0.9 + 0.2 * drift(now.hours, 6, seed)), 1),
    "pressure": lambda now, place, seed: 1016 + 11 * drift(now.hours, 110, place["city"] + 30),
}
