"""Noise: what the levels of the last month say, by the hour and by the part of the week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from miasto.kernel.core import clock
from miasto.kernel.observations import selectors
from miasto.kernel.observations.selectors import RollUp
from miasto.kernel.ui.charts import Pairs
from miasto.kernel.ui.time_charts import written
from miasto.modules.environment.declared import NOISE
from miasto.modules.environment.law.noise import AREAS, Levels, energetic_mean, indicators
from miasto.modules.environment.stations import Station, stations

DAYS = 30
AREA_NAMES = {
    "spa": gettext_lazy("uzdrowiska i szpitale poza miastem"),
    "single": gettext_lazy("domy jednorodzinne, szkoły i szpitale"),
    "multi": gettext_lazy("bloki i tereny wypoczynku"),
    "centre": gettext_lazy("śródmieście"),
}


def now(request: HttpRequest) -> HttpResponse:
    """The loudest places first, against what the law allows there; the hours of one chosen place."""
    found = [one for one in stations(request.viewer, NOISE) if "laeq" in one.streams]
    hours = _hours(found)
    rows = sorted((_row(one, hours.get(one.streams["laeq"].pk, [])) for one in found), key=lambda row: -(row["sort"]))
    chosen = next((row for row in rows if row["station"].thing.slug == request.GET.get("stacja")), rows[0] if rows else None)
    return render(
        request,
        "environment/noise.html",
        {
            "section": "noise",
            "rows": rows,
            "over": [row for row in rows if row["over"]],
            "known": [row for row in rows if row["levels"].ldwn is not None],
            "chosen": chosen,
            "chart": _by_hour(chosen["station"], hours.get(chosen["station"].streams["laeq"].pk, [])) if chosen else None,
            "days": DAYS,
        },
    )


def _hours(found: list[Station]) -> dict[int, list[RollUp]]:
    """The hours of the last whole days by series; one query."""
    end = clock.start_of(clock.today())
    held: dict[int, list[RollUp]] = defaultdict(list)
    for row in selectors.hours([one.streams["laeq"].pk for one in found], end - timedelta(days=DAYS), end):
        held[row.series].append(row)
    return held


def _row(one: Station, hours: list[RollUp]) -> dict[str, Any]:
    levels = _levels(hours)
    area = AREAS.get(one.streams["laeq"].properties.get("area", ""))
    latest = one.value("laeq")
    over = bool(area and levels.ldwn is not None and round(levels.ldwn) > area.ldwn)
    over_night = bool(area and levels.night is not None and round(levels.night) > area.ln)
    return {
        "station": one,
        "url": one.url,
        "levels": levels,
        "sort": levels.ldwn if levels.ldwn is not None else -1,
        "ldwn": written(levels.ldwn, 0) if levels.ldwn is not None else "–",
        "night": written(levels.night, 0) if levels.night is not None else "–",
        "latest": written(latest, 0) if latest is not None else "–",
        "area": AREA_NAMES[area.key] if area else "",
        "limit": written(area.ldwn, 0) if area else "–",
        "limit_night": written(area.ln, 0) if area else "–",
        "over": over or over_night,
    }


def _levels(hours: Iterable[RollUp]) -> Levels:
    return indicators(((clock.local(row.start).hour, row.mean) for row in hours), DAYS)


def _by_hour(one: Station, hours: list[RollUp]) -> Pairs:
    """Energetic means by the hour of the day: working days beside weekends."""
    levels: dict[tuple[bool, int], list[float]] = defaultdict(list)
    for row in hours:
        here = clock.local(row.start)
        levels[here.weekday() >= 5, here.hour].append(row.mean)
    made = [
        (str(hour), round(energetic_mean(levels[False, hour]) or 0, 1), round(energetic_mean(levels[True, hour]) or 0, 1))
        for hour in range(24)
    ]
    title = _("Hałas godzina po godzinie: %(name)s") % {"name": one.thing.name}
    return Pairs(title, _("Godzina"), (_("dni robocze (dB)"), _("soboty i niedziele (dB)")), made)
