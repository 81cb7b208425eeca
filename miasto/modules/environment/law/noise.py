"""Sound levels over time: energetic means and the long-term indicators of Directive 2002/49/EC.

Poland: act of 27 April 2001 on environmental protection, art. 112a (LDWN, LN; LAeq D and LAeq N for one day), and the
ordinance of the Minister of the Environment of 14 June 2007 (Dz.U. 2014 poz. 112) with the permissible levels.
Day 6-18, evening 18-22, night 22-6, local civil time. Levels are A-weighted, in dB.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

DAY, EVENING, NIGHT = range(6, 18), range(18, 22), (22, 23, 0, 1, 2, 3, 4, 5)
EVENING_PENALTY, NIGHT_PENALTY = 5.0, 10.0
LEAST_SHARE = 0.75  # of the hours of a part of the day that must be there before it is given


@dataclass(frozen=True)
class AreaClass:
    """Permissible levels of road and rail noise for a kind of area (ordinance, tables 1 and 3): long-term and for one day."""

    key: str
    ldwn: float
    ln: float
    laeq_d: float
    laeq_n: float


AREAS: Mapping[str, AreaClass] = {
    "spa": AreaClass("spa", 50, 45, 50, 45),  # health resorts, hospitals outside towns
    "single": AreaClass("single", 64, 59, 61, 56),  # detached houses, schools, care homes, hospitals in towns
    "multi": AreaClass("multi", 68, 59, 65, 56),  # blocks of flats, farms, recreation, dwellings with services
    "centre": AreaClass("centre", 70, 65, 68, 60),  # centres of towns of more than 100,000 people
}


def energetic_mean(levels: Iterable[float]) -> float | None:
    """The equivalent level of parts of equal length: 10 log10 of the mean of 10^(L/10). None of nothing."""
    found = [10 ** (level / 10) for level in levels]
    return 10 * math.log10(sum(found) / len(found)) if found else None


def part_of_day(hour: int) -> str:
    """ "day", "evening" or "night" of a local hour."""
    return "day" if hour in DAY else "evening" if hour in EVENING else "night"


def ldwn(day: float, evening: float, night: float) -> float:
    """The day-evening-night level (annex I of the directive): 12, 4 and 8 hours, 5 dB added to evenings and 10 dB to nights."""
    energy = (
        12 * 10 ** (day / 10) + 4 * 10 ** ((evening + EVENING_PENALTY) / 10) + 8 * 10 ** ((night + NIGHT_PENALTY) / 10)
    ) / 24
    return 10 * math.log10(energy)


@dataclass(frozen=True)
class Levels:
    """The parts of the day and the indicator made of them; None where less than three quarters of the hours were measured."""

    day: float | None
    evening: float | None
    night: float | None
    ldwn: float | None


def indicators(hours: Iterable[tuple[int, float]], days: int) -> Levels:
    """Indicators of ``days`` days from (local hour of the day, LAeq of that hour)."""
    parts: dict[str, list[float]] = {"day": [], "evening": [], "night": []}
    for hour, level in hours:
        parts[part_of_day(hour)].append(level)
    wanted = {"day": 12 * days, "evening": 4 * days, "night": 8 * days}
    found = {
        name: energetic_mean(levels) if len(levels) >= LEAST_SHARE * wanted[name] else None for name, levels in parts.items()
    }
    day, evening, night = found["day"], found["evening"], found["night"]
    whole = ldwn(day, evening, night) if day is not None and evening is not None and night is not None else None
    return Levels(day, evening, night, whole)


def one_day(hours: Iterable[tuple[int, float]]) -> tuple[float | None, float | None]:
    """(LAeq D, LAeq N) of one day (6-22) and the night after it (22-6) from (local hour, LAeq of that hour).

    Table 1 of the ordinance: 16 and 8 hours. None where less than three quarters of the hours were measured.
    """
    day: list[float] = []
    night: list[float] = []
    for hour, level in hours:
        (night if hour in NIGHT else day).append(level)
    return (
        energetic_mean(day) if len(day) >= LEAST_SHARE * 16 else None,
        energetic_mean(night) if len(night) >= LEAST_SHARE * 8 else None,
    )


def exceeds(level: float | None, limit: float) -> bool:
    """Whether a level is above its limit, to a tenth of a decibel as levels are measured and reported: 56.1 passes 56.

    No act that could be read rounds it to whole decibels, so nothing is rounded away.
    """
    return level is not None and math.floor(10 * level + 0.5) > 10 * limit


def exceeded_for(levels: list[float], share: float) -> float:
    """The level exceeded for a share of the time (0.9: L90, the background; 0.1: L10)."""
    ranked = sorted(levels, reverse=True)
    return ranked[min(int(share * len(ranked)), len(ranked) - 1)]
