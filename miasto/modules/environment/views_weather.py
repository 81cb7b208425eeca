"""The weather of the city: now in a sentence, the stations, the last week."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from miasto.kernel.core import clock
from miasto.kernel.core.numbers import written
from miasto.kernel.observations import selectors
from miasto.kernel.observations.selectors import Grade
from miasto.kernel.ui.charts import Series
from miasto.kernel.ui.time_charts import Line, TimeChart
from miasto.modules.environment import means
from miasto.modules.environment.declared import WEATHER
from miasto.modules.environment.outlook import outlook
from miasto.modules.environment.periods import period, points
from miasto.modules.environment.stations import Station, stations
from miasto.modules.environment.weather_words import hints, said

DAY = timedelta(days=1)


def now(request: HttpRequest) -> HttpResponse:
    """The fullest station speaks for the city; the others stand in the table."""
    found = stations(request.viewer, WEATHER)
    rain = _rain(found)
    main = max(found, key=lambda one: (one.value("air_temperature") is not None, len(one.streams)), default=None)
    values = {code: main.value(code) for code in main.streams} if main else {}
    charts = _charts(main) if main else {}
    fallen = rain.get(main.thing.pk, ("–", None)) if main else ("–", None)
    return render(
        request,
        "environment/weather.html",
        {
            "section": "weather",
            "main": main,
            "values": said(values),
            "time": main.latest["air_temperature"].time if main and "air_temperature" in main.latest else None,
            "rain": fallen[0],
            "dry": fallen[0] == written(0),
            "hints": hints(values.get("air_temperature"), fallen[1], values.get("wind_speed")),
            "rows": [_row(one, rain) for one in found],
            "charts": charts,
            "coming": next(iter(charts["outlook"].said), "") if charts.get("outlook") and charts["outlook"].foretold else "",
            "indicative": bool(main) and all(stream.grade == Grade.INDICATIVE for stream in main.streams.values()),
            "live": selectors.live_address(_followed(found, main)),
        },
    )


def _followed(found: list[Station], main: Station | None) -> list[int]:
    """The series that a page follows: all of the station that speaks for the city, the temperature of the others."""
    own = [stream.pk for stream in main.streams.values()] if main else []
    return [*own, *(one.streams["air_temperature"].pk for one in found if "air_temperature" in one.streams)]


def _rain(found: list[Station]) -> dict[Any, tuple[str, float | None]]:
    """By thing: the millimetres of the last 24 hours as text, and of the last hour; one query."""
    owners = {one.streams["rain"].pk: one.thing.pk for one in found if "rain" in one.streams}
    moment = clock.now()
    sums: dict[Any, float] = {}
    latest: dict[Any, float] = {}
    for row in selectors.hours(owners, moment - DAY, moment):
        owner = owners[row.series]
        sums[owner] = sums.get(owner, 0.0) + row.mean
        latest[owner] = row.mean
    return {owner: (written(total), latest.get(owner)) for owner, total in sums.items()}


def _row(one: Station, rain: dict[Any, tuple[str, float | None]]) -> dict[str, Any]:
    temperature, speed = one.value("air_temperature"), one.value("wind_speed")
    return {
        "station": one,
        "url": one.url,
        "temperature": written(temperature) if temperature is not None else "–",
        "wind": written(speed) if speed is not None else "–",
        "rain": rain.get(one.thing.pk, ("–", None))[0],
    }


def _charts(main: Station) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if "air_temperature" in main.streams:
        stream = main.streams["air_temperature"]
        measured = points([stream], period("7d"))[stream.pk]
        found = outlook(stream, period("7d"), measured)
        line = Line(_("zmierzone") if found.lines else main.thing.name, measured)
        made["temperature"] = TimeChart(
            _("Temperatura z siedmiu dni"), "°C", [line, *found.lines], zero=False, bands=found.bands, spots=found.spots,
            notes=found.notes, now=found.now,
        )  # fmt: skip
        made["outlook"] = found
    if "rain" in main.streams:
        stream = main.streams["rain"]
        days = means.days([stream], clock.today() - 13 * DAY, clock.today())[stream.pk]
        daily = [(f"{day:%d.%m}", round(fallen, 1)) for day, fallen in days]
        made["rain"] = Series(_("Opad dzień po dniu"), _("Dzień"), "mm", daily)
    return made
