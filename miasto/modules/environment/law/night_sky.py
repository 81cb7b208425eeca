"""When the sky is dark enough to measure it, and what its brightness means.

Positions of the Sun and the Moon by the low-precision formulae of the Astronomical Almanac (section C and D): within about 0.01
and 0.3 degrees from 1950 to 2050. Brightness is in magnitudes per square arcsecond: the higher, the darker.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime

EPOCH = datetime(2000, 1, 1, 12, tzinfo=UTC)
ASTRONOMICAL_NIGHT = -18.0
NATURAL = 22.0  # a moonless sky without lamps
# Lower borders (mag/arcsec²) of steps from the darkest, each with the Bortle classes that it is about as dark as.
STEPS = ((21.7, "1–3"), (20.5, "4"), (19.5, "5"), (18.4, "6–7"), (-math.inf, "8–9"))


def _sin(degrees: float) -> float:
    return math.sin(math.radians(degrees))


def sun_longitude(days: float) -> float:
    """Ecliptic longitude of the Sun in degrees, ``days`` after 2000-01-01 12:00 UTC."""
    anomaly = 357.528 + 0.9856003 * days
    return (280.460 + 0.9856474 * days + 1.915 * _sin(anomaly) + 0.020 * _sin(2 * anomaly)) % 360


def moon_place(days: float) -> tuple[float, float]:
    """Ecliptic longitude and latitude of the Moon in degrees."""
    t = days / 36525
    longitude = (
        218.32
        + 481267.881 * t
        + 6.29 * _sin(135.0 + 477198.87 * t)
        - 1.27 * _sin(259.3 - 413335.36 * t)
        + 0.66 * _sin(235.7 + 890534.22 * t)
        + 0.21 * _sin(269.9 + 954397.74 * t)
        - 0.19 * _sin(357.5 + 35999.05 * t)
        - 0.11 * _sin(186.5 + 966404.03 * t)
    )
    latitude = (
        5.13 * _sin(93.3 + 483202.02 * t)
        + 0.28 * _sin(228.2 + 960400.89 * t)
        - 0.28 * _sin(318.3 + 6003.15 * t)
        - 0.17 * _sin(217.6 - 407332.21 * t)
    )
    return longitude % 360, latitude


def altitude(at: datetime, lon: float, lat: float, longitude: float, latitude: float) -> float:
    """Degrees above the horizon of a point of the ecliptic, seen from a place (degrees)."""
    days = (at - EPOCH).total_seconds() / 86400
    tilt = math.radians(23.439 - 0.0000004 * days)
    along, across = math.radians(longitude), math.radians(latitude)
    x = math.cos(across) * math.cos(along)
    y = math.cos(tilt) * math.cos(across) * math.sin(along) - math.sin(tilt) * math.sin(across)
    z = math.sin(tilt) * math.cos(across) * math.sin(along) + math.cos(tilt) * math.sin(across)
    hour_angle = math.radians(15 * (18.697374558 + 24.06570982441908 * days) + lon) - math.atan2(y, x)
    here = math.radians(lat)
    height = math.sin(here) * z + math.cos(here) * math.hypot(x, y) * math.cos(hour_angle)
    return math.degrees(math.asin(max(-1.0, min(1.0, height))))


def dark(at: datetime, lon: float, lat: float) -> bool:
    """Whether it is astronomical night (the Sun 18° below the horizon) and the Moon is down."""
    days = (at - EPOCH).total_seconds() / 86400
    if altitude(at, lon, lat, sun_longitude(days), 0.0) > ASTRONOMICAL_NIGHT:
        return False
    return altitude(at, lon, lat, *moon_place(days)) < 0


def step_of(magnitude: float) -> int:
    """0 (nearly natural) to 4 (a city) of a brightness."""
    return next(number for number, (border, _bortle) in enumerate(STEPS) if magnitude >= border)


def times_natural(magnitude: float) -> float:
    """How many times brighter than a natural sky; at least 1."""
    return max(10 ** (0.4 * (NATURAL - magnitude)), 1.0)
