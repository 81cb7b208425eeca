"""The map of the air between the stations: chosen pollutant and hour, drawn and told by district, with its error."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core import clock
from miasto.kernel.core.numbers import written
from miasto.modules.environment.air_map.making import CODES, HOUR
from miasto.modules.environment.declared import AIR
from miasto.modules.environment.law.air_index import BORDERS, NAMES, AirClass, air_class
from miasto.modules.environment.models import AirMap
from miasto.modules.environment.stations import stations
from miasto.modules.environment.words import ADVICE, COLOURS, NOTHING, short

SURE, FAIRLY = 0.18, 0.35  # half of the 90 % interval, as a logarithm: about a fifth and two fifths of the value
KNOWN_SHARE = 0.5  # of a district that must be known before a number stands for it
STALE = 3 * HOUR
GENITIVE = {"pm25": gettext_lazy("pyłu PM2,5"), "pm10": gettext_lazy("pyłu PM10"), "no2": gettext_lazy("dwutlenku azotu")}


def show(request: HttpRequest) -> HttpResponse:
    """The answer, the map, the districts from the worst, how far to trust it; two queries."""
    code = _code(request)
    hours = list(AirMap.objects.filter(code=code).order_by("-hour").values_list("hour", flat=True))
    hour = _hour(request, hours)
    kept = AirMap.objects.defer("shapes").filter(code=code, hour=hour).first() if hour else None
    rows = [_row(code, row) for row in kept.districts] if kept else []
    known = sorted((row for row in rows if row["known"]), key=lambda row: -row["value"])
    unknown = [row for row in rows if not row["known"]]
    place = hours.index(hour) if hour else 0
    return render(
        request,
        "environment/air_map.html",
        {
            "section": "air",
            "code": code,
            "codes": [(one, short(one)) for one in CODES],
            "what": GENITIVE[code],
            "hours": [{"key": _key(one), "at": one + HOUR, "chosen": one == hour} for one in hours],
            "hour": hour,
            "key": _key(hour) if hour else "",
            "ends": hour + HOUR if hour else None,
            "stale": bool(hour and hour == hours[0] and clock.now() - hour > STALE),
            "earlier": _key(hours[place + 1]) if hour and place + 1 < len(hours) else "",
            "later": _key(hours[place - 1]) if place else "",
            "map": kept,
            "drawn": bool(kept and kept.facts.get("check")),
            "worst": known[0] if known else None,
            "best": known[-1] if len(known) > 1 else None,
            "rows": [*known, *unknown],
            "legend": _legend(code),
            "facts": _facts(kept) if kept else None,
        },
    )


def shapes(request: HttpRequest) -> JsonResponse:
    """The bands of one hour as GeoJSON, with the sensors they were made of in the colours of their own values."""
    code = _code(request)
    hours = AirMap.objects.filter(code=code).order_by("-hour").values_list("hour", flat=True)
    hour = _hour(request, list(hours))
    kept = AirMap.objects.filter(code=code, hour=hour).first() if hour else None
    answer = JsonResponse({"type": "FeatureCollection", "features": [*(kept.shapes if kept else []), *_sensors(code)]})
    answer["Cache-Control"] = "max-age=300"
    return answer


def _sensors(code: str) -> list[dict[str, Any]]:
    return [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": one.place},
            "properties": {"name": one.thing.name, "url": one.url, "colour": NOTHING, "radius": 4},
        }
        for one in stations(ANONYMOUS, AIR)
        if one.place and code in one.streams
    ]


def _code(request: HttpRequest) -> str:
    return request.GET.get("co") if request.GET.get("co") in CODES else CODES[0]


def _key(hour: datetime) -> str:
    return hour.astimezone(UTC).strftime("%Y-%m-%dT%H")


def _hour(request: HttpRequest, hours: list[datetime]) -> datetime | None:
    """The asked hour where its map is kept; else the newest."""
    asked = request.GET.get("godzina", "")
    return next((one for one in hours if _key(one) == asked), hours[0] if hours else None)


def _row(code: str, kept: dict[str, Any]) -> dict[str, Any]:
    """A district: its interval, class and certainty in words; not known where most of it is too far from sensors."""
    if kept["share"] < KNOWN_SHARE:
        return {"name": kept["name"], "known": False}
    found = air_class(code, kept["value"])
    spread = kept["spread"]
    return {
        "name": kept["name"],
        "known": True,
        "value": kept["value"],
        "interval": f"{written(kept['low'], 0)}–{written(kept['high'], 0)}",
        "class_name": NAMES[found] if found is not None else "",
        "tag": ADVICE[found].tag if found is not None else "grey",
        "certainty": pgettext("certainty", "duża")
        if spread <= SURE
        else pgettext("certainty", "średnia")
        if spread <= FAIRLY
        else pgettext("certainty", "mała"),
    }


def _legend(code: str) -> list[dict[str, Any]]:
    """The classes with their concentrations in words, and the hatching."""
    borders = BORDERS[code]
    made = []
    for one in AirClass:
        low = borders[one - 1] if one else 0
        text = _("ponad %(low)s") % {"low": low} if one == AirClass.VERY_BAD else f"{low}–{borders[one]}"
        made.append({"name": NAMES[one], "kind": f"env-air-{int(one)}", "colour": COLOURS[one], "text": text})
    return made


def _facts(kept: AirMap) -> dict[str, Any]:
    check, variogram = kept.facts.get("check"), kept.facts.get("variogram")
    if not check or not variogram:
        return {}
    share = round(100 * (kept.facts["bias"] - 1))
    return {
        "count": check["count"],
        "counted": kept.facts["counted"],
        "cheap": kept.samples - kept.facts["counted"],
        "median": written(check["median"]),
        "ninth": written(check["ninth"]),
        "plain": written(check["plain"]),
        "better": check["median"] < check["plain"],
        "within": round(100 * check["within"]),
        "left_out": kept.facts["left_out"],
        "bias": abs(share),
        "bias_more": share > 0,
        "range": written(variogram["range_km"]),
        "sill": written(variogram["sill"], 3),
        "nugget": written(variogram["nugget"], 4),
    }
