"""The quality of water: what a laboratory found and what sensors show, kept apart."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from miasto.kernel.core import clock
from miasto.kernel.core.numbers import written
from miasto.kernel.observations import selectors
from miasto.kernel.observations.services import declared_property
from miasto.modules.environment.declared import WATER
from miasto.modules.environment.law.bathing import LEAST_SAMPLES, SINGLE, sample_passes, water_class
from miasto.modules.environment.stations import Station, stations
from miasto.modules.environment.words import SENSED, WATER_CLASSES

SEASONS = timedelta(days=4 * 366)
STALE = timedelta(days=31)  # the law wants a sample at least once a month in the season


def now(request: HttpRequest) -> HttpResponse:
    """Samples of bathing waters judged as the law does, then the sensors; four queries whatever the number of places."""
    found = stations(request.viewer, WATER)
    tested = [one for one in found if SINGLE.keys() <= one.streams.keys()]
    samples = _samples(tested)
    rows = [_tested(one, samples.get(str(one.thing.pk), {})) for one in tested]
    sensed = [_sensed(one) for one in found if set(SENSED) & one.streams.keys()]
    return render(
        request,
        "environment/water_quality.html",
        {
            "section": "water",
            "tested": rows,
            "failing": [row for row in rows if row["passes"] is False],
            "passing": [row for row in rows if row["passes"] and not row["stale"]],
            "sensed": sensed,
            "live": selectors.live_address(one.streams[code].pk for one in found for code in SENSED if code in one.streams),
            "codes": [{"name": declared_property(code).name, "symbol": declared_property(code).symbol} for code in SENSED],
            "limits": SINGLE,
            "least": LEAST_SAMPLES,
        },
    )


def _samples(found: list[Station]) -> dict[str, dict[date, dict[str, float]]]:
    """Counts by place, day and bacterium, of four years; one query."""
    series = {one.streams[code].pk: (str(one.thing.pk), code) for one in found for code in SINGLE}
    held: dict[str, dict[date, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for row in selectors.days(series, clock.today() - SEASONS, clock.today()):
        place, code = series[row.series]
        held[place][row.start][code] = row.most
    return held


def _tested(one: Station, by_day: dict[date, dict[str, float]]) -> dict[str, Any]:
    last = max(by_day, default=None)
    counts = by_day[last] if last else {}
    found = water_class({code: [day[code] for day in by_day.values() if code in day] for code in SINGLE})
    name, tag = WATER_CLASSES[found] if found else ("", "grey")
    return {
        "station": one,
        "url": one.url,
        "day": last,
        "stale": last is None or clock.today() - last > STALE,
        "passes": sample_passes(counts),
        "ecoli": written(counts["ecoli"], 0) if "ecoli" in counts else "–",
        "enterococci": written(counts["enterococci"], 0) if "enterococci" in counts else "–",
        "class_name": name,
        "tag": tag,
        "count": len(by_day),
    }


def _sensed(one: Station) -> dict[str, Any]:
    cells = []
    for code in SENSED:
        value = one.value(code)
        declared = declared_property(code)
        cells.append(
            {
                "name": declared.name,
                "symbol": declared.symbol,
                "text": written(value, declared.decimals) if value is not None else "–",
            }
        )
    return {"station": one, "url": one.url, "cells": cells}
