"""The rivers: states in words, warnings, and the gauge nearest to its warning level drawn."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from miasto.kernel.core import clock
from miasto.kernel.observations import selectors
from miasto.kernel.ui.time_charts import Line, TimeChart
from miasto.modules.environment.crests import crests
from miasto.modules.environment.declared import RIVER
from miasto.modules.environment.law.rivers import State
from miasto.modules.environment.outlook import outlook
from miasto.modules.environment.periods import period
from miasto.modules.environment.river_warnings import standing_warnings
from miasto.modules.environment.river_words import GaugeNow, gauges_now, mark_lines
from miasto.modules.environment.stations import stations

DAYS = 7


def now(request: HttpRequest) -> HttpResponse:
    """The answer first, then warnings, every gauge, and the hydrograph of the most threatened one."""
    gauges = gauges_now(stations(request.viewer, RIVER))
    measured = [one for one in gauges if one.level is not None]
    shown = _shown(measured)
    coming = crests(measured)
    for one in gauges:
        one.crest = coming.get(one.station.streams["water_level"].pk)
    return render(
        request,
        "environment/water.html",
        {
            "section": "water",
            "gauges": gauges,
            "live": selectors.live_address(one.station.streams["water_level"].pk for one in gauges),
            "newest": max((one.at for one in measured if one.at), default=None),
            "indicative": any(one.indicative for one in measured),
            "alarms": [one for one in measured if one.state == State.ALARM],
            "warned": [one for one in measured if one.state == State.WARNING],
            "measured": measured,
            "own_marks": any(not one.marks.official and one.marks.warning is not None for one in gauges),
            "warnings": standing_warnings(),
            "shown": shown,
            "rising": [one for one in measured if one.crest],
            **(_hydrograph(shown) if shown else {"chart": None}),
        },
    )


def _shown(measured: list[GaugeNow]) -> GaugeNow | None:
    """The gauge whose level is nearest to its warning level (or furthest above it)."""
    marked = [one for one in measured if one.marks.warning]
    return min(marked, key=lambda one: one.marks.warning - one.level, default=None)


def _hydrograph(one: GaugeNow) -> dict[str, Any]:
    """The last days and what is foretold, with the levels of the gauge."""
    stream = one.station.streams["water_level"]
    moment = clock.now()
    rows = selectors.hours([stream.pk], moment - timedelta(days=DAYS), moment + timedelta(hours=1))
    marks = mark_lines(one.marks)
    measured = [(row.start, row.mean) for row in rows]
    found = outlook(stream, period("7d"), measured)
    line = Line(_("zmierzone") if found.lines else one.station.thing.name, measured)
    title = _("Stan wody z siedmiu dni: %(name)s") % {"name": one.station.thing.name}
    chart = TimeChart(
        title, "cm", [line, *found.lines], marks, 0, zero=False, bands=found.bands, spots=found.spots, notes=found.notes,
        now=found.now,
    )  # fmt: skip
    return {"chart": chart, "outlook": found, "code": "water_level"}
