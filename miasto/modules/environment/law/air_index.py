"""Indices of air quality by the hour: the Polish one of GIOŚ and the European CAQI.

Concentrations are means of one hour in µg/m³. The Polish index is made of unverified hourly
means of automatic stations; the worst pollutant decides; the hour shown is the last, else one of the two before it (GIOŚ,
powietrze.gios.gov.pl). Borders compared with public copies of that page; a table of one city (air.legnica.eu, June 2025) has
others for O3, PM2.5 and NO2 and is not followed: an index that GIOŚ itself published agrees with these (``test_law.py``).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import IntEnum

from django.utils.translation import gettext_lazy as _


class AirClass(IntEnum):
    """The six classes of the Polish index, best first; the numbers are those of GIOŚ's service ``aqindex``."""

    VERY_GOOD = 0
    GOOD = 1
    MODERATE = 2
    SUFFICIENT = 3
    BAD = 4
    VERY_BAD = 5


NAMES = {
    AirClass.VERY_GOOD: _("bardzo dobry"),
    AirClass.GOOD: _("dobry"),
    AirClass.MODERATE: _("umiarkowany"),
    AirClass.SUFFICIENT: _("dostateczny"),
    AirClass.BAD: _("zły"),
    AirClass.VERY_BAD: _("bardzo zły"),
}
# Upper borders of the first five classes (powietrze.gios.gov.pl, "Indeks jakości powietrza"; CO and benzene are no part of it).
BORDERS: Mapping[str, tuple[float, ...]] = {
    "pm10": (20, 50, 80, 110, 150),
    "pm25": (13, 35, 55, 75, 110),
    "o3": (70, 120, 150, 180, 240),
    "no2": (40, 100, 150, 230, 400),
    "so2": (50, 100, 200, 350, 500),
}
CRITICAL = {"pm10", "pm25", "o3"}
# Upper borders of the hourly grid at the index 25, 50, 75 and 100 (CITEAIR II, 2012, table 2; three other programs agree).
# Its auxiliary CO is a mean of eight hours and is left out: nothing here may be taken for it.
CAQI_GRID: Mapping[str, tuple[float, ...]] = {
    "no2": (50, 100, 200, 400),
    "pm10": (25, 50, 90, 180),
    "pm25": (15, 30, 55, 110),
    "o3": (60, 120, 180, 240),
    "so2": (50, 100, 350, 500),
}
CAQI_NAMES = (_("bardzo niski"), _("niski"), _("średni"), _("wysoki"), _("bardzo wysoki"))


@dataclass(frozen=True)
class Index:
    """The index of a station: its class and the pollutants that decide it, worst first by what they are of the next border."""

    value: AirClass
    decisive: tuple[str, ...]
    parts: Mapping[str, AirClass]

    @property
    def name(self) -> str:
        return NAMES[self.value]


def rounded(value: float, decimals: int = 1) -> float:
    """Half up, as the published tables (20 | 20,1) and comparisons with the law want it; binary halves are read as written."""
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def air_class(code: str, value: float) -> AirClass | None:
    """The class of one pollutant (code "pm10") at an hourly mean; None for one that the index does not know."""
    if code not in BORDERS or value != value or value < 0:
        return None
    return AirClass(bisect_left(BORDERS[code], rounded(value)))


def polish_index(values: Mapping[str, float | None]) -> Index | None:
    """The index of a station from its hourly means: the worst class of its pollutants.

    None where neither dust nor ozone is known and the rest is good: GIOŚ gives no general index where the pollutant is not
    measured that is critical at the time (its service names "PYL" or "OZON"), since clean gases say nothing of a smoggy
    evening. Bad ones are told all the same: the air is at least as bad as that.
    """
    parts = {
        code: found for code, value in values.items() if value is not None and (found := air_class(code, value)) is not None
    }
    worst = max(parts.values(), default=AirClass.VERY_GOOD)
    if worst <= AirClass.GOOD and not CRITICAL & parts.keys():
        return None

    def share(code: str) -> float:
        return -float(values[code] or 0) / BORDERS[code][min(worst, 4)]

    return Index(worst, tuple(sorted((code for code, found in parts.items() if found == worst), key=share)), parts)


def caqi_part(code: str, value: float) -> float | None:
    """The sub-index of one pollutant: linear between the borders of the grid, and beyond the last as within it."""
    grid = CAQI_GRID.get(code)
    if grid is None or value != value or value < 0:
        return None
    edges = (0.0, *grid)
    step = min(bisect_left(grid, value), 3)
    return 25 * (step + (value - edges[step]) / (edges[step + 1] - edges[step]))


def caqi(values: Mapping[str, float | None]) -> int | None:
    """The common air quality index by the hour: the highest sub-index, whole.

    With NO2, PM10 and O3 it is that of the city's background; without ozone that of the roadside, which knows NO2, PM10 and
    PM2.5 only. None without NO2 or PM10, which both must have.
    """
    found = {code: part for code, value in values.items() if value is not None and (part := caqi_part(code, value)) is not None}
    if not {"pm10", "no2"} <= found.keys():
        return None
    known = found.keys() if "o3" in found else found.keys() & {"no2", "pm10", "pm25"}
    return int(rounded(max(found[code] for code in known), 0))


def caqi_name(value: int) -> str:
    """The word for a CAQI: very low up to 25, ... very high above 100."""
    return CAQI_NAMES[bisect_left((25, 50, 75, 100), value)]
