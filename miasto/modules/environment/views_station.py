"""The page of one station, of whatever kind, and its data to take away."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.core.numbers import written
from miasto.kernel.observations import selectors
from miasto.kernel.observations.services import declared_property
from miasto.kernel.ui.time_charts import Line, Mark, TimeChart
from miasto.modules.environment import norms, views_noise, views_sources
from miasto.modules.environment.calendar_map import calendar
from miasto.modules.environment.crests import crest_of
from miasto.modules.environment.declared import AIR, RIVER
from miasto.modules.environment.law.air_index import BORDERS, NAMES, air_class
from miasto.modules.environment.law.air_norms import NORMS
from miasto.modules.environment.outlook import Outlook, flagged_hours, outlook
from miasto.modules.environment.periods import PERIODS, Period, period, points
from miasto.modules.environment.river_words import mark_lines
from miasto.modules.environment.river_words import marks_of as marks_of_gauge
from miasto.modules.environment.station_words import answer_of
from miasto.modules.environment.station_year import year_of
from miasto.modules.environment.stations import Station, station, stations
from miasto.modules.environment.views_air import norm_row
from miasto.modules.environment.words import ADVICE

MOST_DAYS = 366
SECTIONS = {
    "air": (gettext_lazy("Powietrze"), "environment_air:now"),
    "water": (gettext_lazy("Rzeki"), "environment_water:now"),
    "weather": (gettext_lazy("Pogoda"), "environment_weather:now"),
    "noise": (gettext_lazy("Hałas"), "environment_noise:now"),
    "light": (gettext_lazy("Nocne niebo"), "environment_light:now"),
}
FLAGS = {
    "": "measured",
    "filled": "nobody measured it: calculated into a gap",
    "forecast": "expected by the model",
    "unusual": "measured, far from what is usual at this hour",
}


def show(request: HttpRequest, slug: str) -> HttpResponse:
    """Now, a chart, the year as a calendar, norms, how it is measured, downloads."""
    one = _found(request, slug)
    code = request.GET.get("co") if request.GET.get("co") in one.streams else next(iter(one.streams), "")
    when = period(request.GET.get("okres"))
    air = one.thing.thing_kind == AIR
    section = {RIVER: "water"}.get(one.thing.thing_kind, one.thing.thing_kind.split(".")[1])
    context: dict[str, Any] = {
        "section": section,
        "crumb": SECTIONS.get(section),
        "station": one,
        "thing": one.thing,
        "readings": [_reading(one, each) for each in one.streams],
        "download": _download(one),
        "live": selectors.live_address(stream.pk for stream in one.streams.values()),
        "code": code,
        "when": when,
        "periods": PERIODS,
        **(_charted(one, code, when) if code else {"chart": None}),
        "advice": ADVICE[one.index.value] if air and one.index else None,
        "index_name": NAMES[one.index.value] if air and one.index else "",
    }
    if air and code in BORDERS:
        year = year_of(one, code)
        context["calendar"] = calendar(code, year.days, year.until)
        context["calendar_name"] = declared_property(code).name
        context |= views_sources.of_station(one, code, year.rose)
    if air and one.counted:
        for found in norms.kept_norms([one]):
            context |= {"norms": [norm_row(row) for row in found.standings], "until": found.until}
    context |= views_noise.of_station(one)
    noise = context.get("noise")
    context["answer"] = answer_of(one, over=noise["over"] if noise and noise["limits"] else None)
    return render(request, "environment/station.html", context)


def as_csv(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """Hourly means as CSV: the beginning of the hour (UTC), one column for each property, and one for its flag.

    Lines that begin with # say whose data these are and under which licence; the mark of UTF-8 is for spreadsheets.

    A value without a flag was measured; ``filled`` and ``forecast`` were calculated, ``unusual`` was measured and stands out.
    """
    one = _found(request, slug)
    first, last = _days(request)
    answer = StreamingHttpResponse(_lines(one, first, last), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{slug}-{first}-{last}.csv"'
    return answer


def places(request: HttpRequest, kind: str) -> JsonResponse:
    """The stations of one kind as GeoJSON."""
    features = [
        {
            "type": "Feature",
            "id": str(one.thing.pk),
            "geometry": {"type": "Point", "coordinates": one.place},
            "properties": {"name": one.thing.name, "url": one.url},
        }
        for one in stations(request.viewer, f"environment.{kind}")
        if one.place
    ]
    answer = JsonResponse({"type": "FeatureCollection", "features": features})
    answer["Cache-Control"] = "private, max-age=60"
    return answer


def as_json(request: HttpRequest, slug: str) -> JsonResponse:
    """The same as JSON, with what the columns mean."""
    one = _found(request, slug)
    first, last = _days(request)
    return JsonResponse(
        {
            "station": one.thing.name,
            "source": one.thing.source,
            "attribution": _source(one),
            "licence": _licence().get("url", ""),
            "lon": one.place[0] if one.place else None,
            "lat": one.place[1] if one.place else None,
            "from": first.isoformat(),
            "to": last.isoformat(),
            "time": "beginning of the hour, UTC",
            "properties": [
                {
                    "code": code,
                    "unit": stream.unit_symbol,
                    "definition": stream.observed_property.definition,
                    "grade": stream.grade,
                }
                for code, stream in one.streams.items()
            ],
            "flags": FLAGS,
            "hours": [
                {"time": at, **values, **({"flags": marks} if marks else {})} for at, values, marks in _hours(one, first, last)
            ],
        }
    )


def _found(request: HttpRequest, slug: str) -> Station:
    one = station(slug, request.viewer)
    if one is None or not one.thing.thing_kind.startswith("environment."):
        raise Http404
    return one


def _download(one: Station) -> dict[str, Any]:
    """What the form of downloads is filled with: the last 30 days, the licence of the profile, whom to name."""
    today, licence = clock.today(), _licence()
    return {
        "first": today - timedelta(days=30),
        "last": today,
        "licence": licence.get("name", ""),
        "licence_url": licence.get("url", ""),
        "source": _source(one),
    }


def _licence() -> dict[str, str]:
    return city().toml("environment.toml").get("licence", {})


def _source(one: Station) -> str:
    """Whose data they are: the state's services ask to be named, all else is the city's."""
    service = (one.thing.source or "").split(":")[0].split("-")[0]
    names = {"gios": _("Główny Inspektorat Ochrony Środowiska"), "imgw": _("IMGW-PIB; dane przetworzono")}
    return names.get(service, city().platform_name)


def _days(request: HttpRequest) -> tuple[date, date]:
    """The asked days, at most a year; the last 30 where none or nonsense is asked."""
    today = clock.today()
    try:
        first, last = (parse_date(request.GET.get(name, "")) for name in ("od", "do"))
    except ValueError:
        first = last = None
    last = min(last or today, today)
    first = first or last - timedelta(days=30)
    return max(min(first, last), last - timedelta(days=MOST_DAYS)), last


def _hours(one: Station, first: date, last: date) -> Iterator[tuple[str, dict[str, float], dict[str, str]]]:
    """``(beginning of the hour, values by code, flags by code)``; what has no flag was measured."""
    start, end = clock.start_of(first), clock.start_of(last + timedelta(days=1))
    values: dict[Any, dict[str, float]] = {}
    marks: dict[Any, dict[str, str]] = {}
    for code, at, value, mark in flagged_hours(one.streams, start, end):
        values.setdefault(at, {})[code] = round(value, 3)
        if mark:
            marks.setdefault(at, {})[code] = mark
    for at in sorted(values):
        yield at.strftime("%Y-%m-%dT%H:%M:%SZ"), values[at], marks.get(at, {})


def _lines(one: Station, first: date, last: date) -> Iterator[str]:
    held = io.StringIO()
    writer = csv.writer(held)
    licence = _licence()
    told = [
        (_("Stacja"), one.thing.name),
        (_("Źródło"), _source(one)),
        (_("Licencja"), f"{licence.get('name', '')} {licence.get('url', '')}".strip()),
        (_("Czas"), _("początek godziny, UTC")),
    ]
    held.write("\ufeff")
    writer.writerows([f"# {name}: {text}"] for name, text in told if text)
    named = [f"{code} [{stream.unit_symbol}]" for code, stream in one.streams.items()]
    writer.writerow(["time", *named, *(f"{code} flag" for code in one.streams)])
    for at, values, marks in _hours(one, first, last):
        writer.writerow([at, *(values.get(code, "") for code in one.streams), *(marks.get(code, "") for code in one.streams)])
    yield held.getvalue()


def _reading(one: Station, code: str) -> dict[str, Any]:
    stream = one.streams[code]
    latest = one.latest.get(code)
    decimals = declared_property(code).decimals
    value = latest.value if latest else None
    found = air_class(code, one.values[code]) if code in one.values else None
    return {
        "code": code,
        "name": declared_property(code).name,
        "stream": stream,
        "value": written(value, decimals) if value is not None else "–",
        "time": latest.time if latest else None,
        "hour": written(one.values[code], decimals) if code in one.values else "",
        "class_name": NAMES[found] if found is not None else "",
        "tag": ADVICE[found].tag if found is not None else "grey",
    }


def _charted(one: Station, code: str, when: Period) -> dict[str, Any]:
    """The chart with what is foretold, filled and unusual, and what is said of it."""
    stream = one.streams[code]
    measured = points([stream], when)[stream.pk]
    found = outlook(stream, when, measured)
    crest = crest_of(found.forecast, one.value(code), marks_of_gauge(stream)) if code == "water_level" else None
    return {"chart": _chart(one, code, when, measured, found), "outlook": found, "crest": crest}


def _chart(one: Station, code: str, when: Period, measured: list[Any], found: Outlook) -> TimeChart:
    stream, declared = one.streams[code], declared_property(code)
    return TimeChart(
        str(declared.name).capitalize() if code not in BORDERS else declared.name,
        stream.unit_symbol,
        [Line(_("zmierzone") if found.lines else one.thing.name, measured), *found.lines],
        bands=found.bands,
        spots=found.spots,
        notes=found.notes,
        now=found.now,
        marks=marks_of(stream, code, when),
        decimals=declared.decimals,
        zero=code not in ("air_temperature", "pressure", "water_level", "water_temperature", "laeq"),
    )


def marks_of(stream: Any, code: str, when: Period) -> tuple[Mark, ...]:
    """The levels that belong on a chart: the daily limit on days, the warning and alarm levels of a gauge."""
    if code == "water_level":
        return mark_lines(marks_of_gauge(stream))
    if when.hourly:
        return ()
    norm = next((one for one in NORMS if one.code == code and one.span == "day"), None)
    return (Mark(norm.limit, _("norma dobowa")),) if norm else ()
