"""Pages of the air: now, compared, and at an address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from miasto.kernel.core import clock
from miasto.kernel.core.numbers import written
from miasto.kernel.observations import selectors
from miasto.kernel.places.selectors import geocode
from miasto.kernel.ui.time_charts import Line, Mark, TimeChart
from miasto.modules.environment import norms
from miasto.modules.environment.at_place import AirAround
from miasto.modules.environment.declared import AIR
from miasto.modules.environment.law.air_index import NAMES, AirClass, caqi, caqi_name
from miasto.modules.environment.law.air_norms import NORMS
from miasto.modules.environment.outlook import direction_of
from miasto.modules.environment.periods import PERIODS, period, points
from miasto.modules.environment.stations import Station, air_stations, stations, worst
from miasto.modules.environment.words import ADVICE, short

COMPARED = NEAREST = 4
FAR_KM = 3.0  # from the nearest station, where the map falls silent too
CODES = ("pm10", "pm25", "no2", "o3", "so2")


def now(request: HttpRequest) -> HttpResponse:
    """The answer first, then every station, the last two days, this year's norms."""
    found = air_stations(request.viewer)
    counted = [one for one in found if one.counted]
    telling = worst(counted) or worst(found)
    judged = norms.kept_norms(counted)
    return render(
        request,
        "environment/air.html",
        {
            "section": "air",
            "telling": telling,
            "live": live_of(counted or found),
            "advice": ADVICE[telling.index.value] if telling else None,
            "decisive": [short(code) for code in telling.index.decisive] if telling else [],
            "caqi": _caqi(telling),
            "counted_rows": [_row(one) for one in counted],
            "other_rows": [_row(one) for one in found if not one.counted],
            "kinds": [(int(one), NAMES[one]) for one in AirClass],
            "coming": direction_of(telling.streams[telling.index.decisive[0]]) if telling else "",
            "indicative_only": telling is not None and not telling.counted,
            "chart": _two_days(counted or found[:2]),
            "told": [_told(one) for one in norms.thresholds_reached(counted)],
            "norms": _norms(judged),
            "until": max((one.until for one in judged), default=norms.yesterday()),
        },
    )


def live_of(found: list[Station]) -> str:
    """Where a page hears of the pollutants of the index at some stations."""
    return selectors.live_address(stream.pk for one in found for code, stream in one.streams.items() if code in CODES)


def places(request: HttpRequest) -> JsonResponse:
    """The stations of the air as GeoJSON in the colours of the index."""
    features = [
        {
            "type": "Feature",
            "id": str(one.thing.pk),
            "geometry": {"type": "Point", "coordinates": one.place},
            "properties": {
                "name": f"{one.thing.name}: {one.index.name if one.index else _('brak danych')}",
                "url": one.url,
                "colour": one.colour,
            },
        }
        for one in air_stations(request.viewer)
        if one.place
    ]
    answer = JsonResponse({"type": "FeatureCollection", "features": features})
    answer["Cache-Control"] = "private, max-age=60"
    return answer


def compare(request: HttpRequest) -> HttpResponse:
    """Up to four stations on one chart."""
    every = sorted(stations(request.viewer, AIR), key=lambda one: (not one.counted, one.thing.name))
    asked = request.GET.getlist("stacja")
    slugs = asked[:COMPARED] or [one.thing.slug for one in every[:3]]
    code = request.GET.get("co") if request.GET.get("co") in CODES else "pm10"
    chosen = [one for one in every if one.thing.slug in slugs and code in one.streams]
    when = period(request.GET.get("okres") or "7d")
    values = points([one.streams[code] for one in chosen], when)
    rows = [_summary(one, values[one.streams[code].pk]) for one in chosen]
    lines = [Line(one.thing.name, values[one.streams[code].pk]) for one in chosen]
    return render(
        request,
        "environment/compare.html",
        {
            "section": "air",
            "every": every,
            "slugs": slugs,
            "code": code,
            "codes": [(one, short(one)) for one in CODES],
            "periods": PERIODS,
            "when": when,
            "too_many": len(asked) > COMPARED,
            "missing": [one.thing.name for one in every if one.thing.slug in slugs and code not in one.streams],
            "chart": TimeChart(short(code), "µg/m³", lines, marks=() if when.hourly else _day_mark(code)),
            "rows": rows,
            "most": max((row for row in rows if row["count"]), key=lambda row: row["average"], default=None),
            "what": short(code),
        },
    )


def address(request: HttpRequest) -> HttpResponse:
    """The air at an address: the nearest stations and an estimate with its margin."""
    asked = request.GET.get("q", "").strip()[:200]
    found = geocode(asked, limit=1) if asked else []
    context: dict[str, Any] = {"section": "air", "asked": asked, "place": found[0] if found else None}
    if found:
        context |= _at(found[0].lon, found[0].lat, air_stations(request.viewer))
    return render(request, "environment/address.html", context)


def _at(lon: float, lat: float, every: list[Station]) -> dict[str, Any]:
    around = AirAround(every)
    nearest = around.ranked(lon, lat)[:NEAREST]
    far = bool(nearest) and nearest[0][0] > FAR_KM
    estimates, index = ({}, None) if far else (around.estimates(lon, lat), around.index(lon, lat))
    return {
        "far": written(nearest[0][0]) if far else "",
        "live": live_of([one for _km, one in nearest]),
        "rows": [_row(one) | {"km": written(km)} for km, one in nearest],
        "estimates": [
            {"name": short(code), "value": written(one.value, 0), "low": written(one.low, 0), "high": written(one.high, 0)}
            for code, one in estimates.items()
        ],
        "margin": {short(code): written(one.margin, 0) for code, one in estimates.items()},
        "index": index,
        "advice": ADVICE[index.value] if index else None,
        "ends": max((one.ends for one in around.placed if one.ends), default=None),
    }


def _row(one: Station) -> dict[str, Any]:
    index = one.index
    return {
        "station": one,
        "url": one.url,
        "index": index,
        "name": NAMES[index.value] if index else _("brak danych"),
        "tag": ADVICE[index.value].tag if index else "grey",
        "decisive": ", ".join(short(code) for code in index.decisive) if index else "",
        "pm10": written(one.values["pm10"], 0) if "pm10" in one.values else "–",
        "pm25": written(one.values["pm25"], 0) if "pm25" in one.values else "–",
    }


def _caqi(one: Station | None) -> dict[str, Any] | None:
    value = caqi(one.values) if one else None
    return None if value is None else {"value": value, "name": caqi_name(value)}


def _two_days(found: list[Station]) -> TimeChart:
    """PM10 of the last 48 hours at the stations that count."""
    held = [one for one in found if "pm10" in one.streams][:COMPARED]
    moment = clock.now()
    hours = selectors.hours([one.streams["pm10"].pk for one in held], moment - timedelta(hours=48), moment)
    lines = [
        Line(one.thing.name, [(row.start, row.mean) for row in hours if row.series == one.streams["pm10"].pk]) for one in held
    ]
    return TimeChart(_("Pył PM10: wczoraj i dziś, godzina po godzinie"), "µg/m³", lines)


def _day_mark(code: str) -> tuple[Mark, ...]:
    norm = next((one for one in NORMS if one.code == code and one.span == "day"), None)
    return (Mark(norm.limit, _("norma dobowa")),) if norm else ()


def _summary(one: Station, values: list[tuple[Any, float]]) -> dict[str, Any]:
    numbers = [value for _at, value in values]
    return {
        "station": one,
        "url": one.url,
        "average": sum(numbers) / len(numbers) if numbers else 0.0,
        "mean": written(sum(numbers) / len(numbers)) if numbers else "–",
        "most": written(max(numbers)) if numbers else "–",
        "least": written(min(numbers)) if numbers else "–",
        "count": len(numbers),
    }


def _norms(found: list[norms.StationNorms]) -> list[dict[str, Any]]:
    return [{"station": one.station, "url": one.station.url, "rows": [norm_row(row) for row in one.standings]} for one in found]


def _told(one: norms.Told) -> dict[str, Any]:
    level = one.threshold
    return {
        "name": one.station.thing.name,
        "url": one.station.url,
        "code": short(level.code),
        "limit": written(level.limit, 0),
        "alarm": level.kind == "alarm",
        "hours": level.hours,
        "day": one.day,
        "ends": one.ends,
    }


def norm_row(one: Any) -> dict[str, Any]:
    """One norm as a row: exceedances of those allowed, or the mean so far of the limit."""
    counted = one.count is not None
    return {
        "standing": one,
        "name": one.norm.name,
        "limit": written(one.norm.limit, 0),
        "average": written(one.average) if one.earlier else "",
        "years": 1 + len(one.earlier),
        "counted": counted,
        "done": one.count if counted else (written(one.value) if one.value is not None else "–"),
        "most": one.norm.allowed if counted else written(one.norm.limit, 0),
        "fill": min(one.count, one.norm.allowed or 1) if counted else round(min(one.value or 0, one.norm.limit), 1),
        "full": (one.norm.allowed or 1) if counted else one.norm.limit,
        "share": round(100 * one.share),
        "days": one.norm.span != "hour",
    }
