"""Light pollution: how bright the night sky is where it is measured."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from statistics import median
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core import clock
from miasto.kernel.core.numbers import written
from miasto.kernel.observations import selectors
from miasto.modules.environment import kept
from miasto.modules.environment.declared import LIGHT
from miasto.modules.environment.law.night_sky import STEPS, dark, step_of, times_natural
from miasto.modules.environment.stations import Station, stations
from miasto.modules.environment.words import SKIES

DAYS = 30
LEAST_HOURS = 10  # dark hours without which nothing is said


def now(request: HttpRequest) -> HttpResponse:
    """The darkest and the brightest place, then all of them; four queries."""
    found = [one for one in stations(request.viewer, LIGHT) if "sky_brightness" in one.streams and one.thing.geom]
    told = _kept(found)
    rows = [_row(one, *told[str(one.streams["sky_brightness"].pk)]) for one in found]
    known = sorted((row for row in rows if row["known"]), key=lambda row: row["value"])
    return render(
        request,
        "environment/light.html",
        {
            "section": "light",
            "rows": [*known, *(row for row in rows if not row["known"])],
            "brightest": known[0] if known else None,
            "darkest": known[-1] if len(known) > 1 else None,
            "days": DAYS,
            "least": LEAST_HOURS,
        },
    )


def _kept(found: Iterable[Station], *, anew: bool = False) -> dict[str, tuple[int, float | None]]:
    """By series: how many dark hours there were, and their median; None where they are too few."""
    return kept.held("sky", {str(one.streams["sky_brightness"].pk): one for one in found}, _medians, anew=anew)


def _medians(asked: Mapping[str, Station]) -> dict[str, tuple[int, float | None]]:
    hours = _dark_hours(list(asked.values()))
    made = {key: hours.get(one.streams["sky_brightness"].pk, []) for key, one in asked.items()}
    return {key: (len(dark), median(dark) if len(dark) >= LEAST_HOURS else None) for key, dark in made.items()}


def keep() -> int:
    """Look at the month of every public place anew; returns how many there are."""
    places = [one for one in stations(ANONYMOUS, LIGHT) if "sky_brightness" in one.streams and one.thing.geom]
    return len(_kept(places, anew=True))


def _dark_hours(found: list[Station]) -> dict[int, list[float]]:
    """Hourly means at which the middle of the hour was dark and moonless, by series; one query."""
    places = {one.streams["sky_brightness"].pk: one.thing.geom for one in found}
    moment = clock.now()
    held: dict[int, list[float]] = defaultdict(list)
    for row in selectors.hours(places, moment - timedelta(days=DAYS), moment):
        place = places[row.series]
        if dark(row.start + timedelta(minutes=30), place.x, place.y):
            held[row.series].append(row.mean)
    return held


def _row(one: Station, hours: int, value: float | None) -> dict[str, Any]:
    if value is None:
        return {"station": one, "url": one.url, "known": False, "hours": hours}
    step = step_of(value)
    return {
        "station": one,
        "url": one.url,
        "known": True,
        "value": value,
        "text": written(value),
        "times": written(times_natural(value), 0),
        "words": SKIES[step][0],
        "tag": SKIES[step][1],
        "bortle": STEPS[step][1],
        "hours": hours,
    }
