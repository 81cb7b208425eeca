"""What is at a place without a station: one way for the page of an address and for those who asked to be told.

The air is estimated from the stations around (``near``); what is measured at few places is that of the nearest one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from miasto.modules.environment import near
from miasto.modules.environment.law.air_index import Index, polish_index
from miasto.modules.environment.stations import Station

INDEX_CODES = ("pm25", "pm10")  # what enough stations measure, so that it can be estimated anywhere


class AirAround:
    """The stations of the air that speak now, ready to be asked about any number of places; no query."""

    def __init__(self, every: Iterable[Station]) -> None:
        self._every = list(every)
        self._margins: dict[str, float] = {}

    @cached_property
    def placed(self) -> list[Station]:
        """Those with a place and values of the hour."""
        return [one for one in self._every if one.place and one.values]

    @cached_property
    def _held(self) -> dict[str, list[near.Measured]]:
        found: dict[str, list[near.Measured]] = {}
        for one in self.placed:
            for code, value in one.values.items():
                found.setdefault(code, []).append(near.Measured(*one.place, value))
        return found

    def ranked(self, lon: float, lat: float) -> list[tuple[float, Station]]:
        """The stations with their distance in km, nearest first."""
        found = [(near.km(lon, lat, *one.place), one) for one in self.placed]
        return sorted(found, key=lambda pair: pair[0])

    def estimates(self, lon: float, lat: float, codes: Sequence[str] = INDEX_CODES) -> dict[str, near.Estimate]:
        """The estimated µg/m³ by code; without those that fewer than four stations measure."""
        found = {}
        for code in codes:
            around = self._held.get(code, [])
            if len(around) >= near.LEAST:
                if code not in self._margins:
                    self._margins[code] = near.margin(around)
                found[code] = near.Estimate(near.weighted(lon, lat, around), self._margins[code])
        return found

    def index(self, lon: float, lat: float) -> Index | None:
        """The index of the estimates."""
        return polish_index({code: one.value for code, one in self.estimates(lon, lat).items()})


def nearest(lon: float, lat: float, stations: Iterable[Station], most_km: float) -> tuple[float, Station] | None:
    """The nearest station with its distance in km; None where none is within ``most_km``."""
    found = [(near.km(lon, lat, *one.place), one) for one in stations if one.place]
    best = min(found, key=lambda pair: pair[0], default=None)
    return best if best is not None and best[0] <= most_km else None
