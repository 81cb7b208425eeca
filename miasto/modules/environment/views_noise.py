"""Noise: what the levels of the last month say, place by place, and what woke people in the night."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core import clock
from miasto.kernel.core.numbers import written
from miasto.kernel.observations import selectors
from miasto.kernel.observations.selectors import MANAGE, Grade
from miasto.kernel.ui.charts import Pairs
from miasto.modules.environment import kept
from miasto.modules.environment.declared import NOISE
from miasto.modules.environment.law.noise import AREAS, AreaClass, exceeds
from miasto.modules.environment.noise.heat import heat
from miasto.modules.environment.noise.judging import Hour, Judged, by_hour, hours_of, judged, nights
from miasto.modules.environment.stations import Station, stations

DAYS = 30
EVENT_NIGHTS = 7
MOST_EVENTS = 20
AREA_NAMES = {
    "spa": gettext_lazy("uzdrowiska i szpitale poza miastem"),
    "single": gettext_lazy("domy jednorodzinne, szkoły i szpitale"),
    "multi": gettext_lazy("bloki i tereny wypoczynku"),
    "centre": gettext_lazy("śródmieście"),
}
PART_NAMES = {
    "day": gettext_lazy("dzień (6–18)"),
    "evening": gettext_lazy("wieczór (18–22)"),
    "night": gettext_lazy("noc (22–6)"),
}


def now(request: HttpRequest) -> HttpResponse:
    """The loudest places first, against what the law allows there; the hours of one chosen place."""
    rows = _rows(request)
    chosen = next((row for row in rows if row["station"].thing.slug == request.GET.get("stacja")), rows[0] if rows else None)
    return render(
        request,
        "environment/noise.html",
        {
            "section": "noise",
            "rows": rows,
            "live": selectors.live_address(row["series"] for row in rows),
            "loudest": rows[0] if rows and rows[0]["levels"].ldwn is not None else None,
            "indicative": any(row["station"].streams["laeq"].grade == Grade.INDICATIVE for row in rows),
            "last": clock.today() - timedelta(days=1),
            "over": [row for row in rows if row["over"]],
            "known": [row for row in rows if row["levels"].ldwn is not None],
            "chosen": chosen,
            "chart": _by_hour(chosen["station"], chosen["judged"].hours) if chosen else None,
            "days": DAYS,
        },
    )


@require_safe
@panel(MANAGE)
def loud_places(request: HttpRequest) -> HttpResponse:
    """For staff: places by the nights above the limit, with the loud events of the last week."""
    rows = _rows(request)
    found = nights([row["series"] for row in rows], _first_night())
    for row in rows:
        held = found.get(row["series"], [])
        row |= {"events": len(held), "loudest": held and _event(max(held, key=lambda one: one.most))}
    rows.sort(key=lambda row: (-row["judged"].excess.nights_over, -row["judged"].excess.days_over, -row["sort"]))
    return render(request, "environment/panel_noise.html", {"rows": rows, "days": DAYS, "nights": EVENT_NIGHTS})


def of_station(one: Station) -> dict[str, Any]:
    """What the page of one place says beside its chart: indicators, limits, parts of the week, nights, hours by days."""
    stream = one.streams.get("laeq")
    if one.thing.thing_kind != NOISE or stream is None:
        return {}
    row = _row(one, _kept([one])[stream.pk])
    hours = row["judged"].hours
    events = nights([stream.pk], _first_night()).get(stream.pk, [])
    return {
        "noise": row
        | {
            "parts": _parts(row["judged"]),
            "heat": heat(hours, clock.today() - timedelta(days=1), DAYS) if hours else None,
            "events": [_event(event) for event in events[:MOST_EVENTS]],
            "more": max(len(events) - MOST_EVENTS, 0),
            "by_minutes": stream.period is not None and stream.period <= timedelta(minutes=1),
            "event_nights": EVENT_NIGHTS,
            "month": DAYS,
        }
    }


def _rows(request: HttpRequest) -> list[dict[str, Any]]:
    found = [one for one in stations(request.viewer, NOISE) if "laeq" in one.streams]
    known = _kept(found)
    return sorted((_row(one, known[one.streams["laeq"].pk]) for one in found), key=lambda row: -(row["sort"]))


def _kept(found: Iterable[Station], *, anew: bool = False) -> dict[int, Judged]:
    """What the hours of the last whole days say of these places, by series; a month of hours takes 0.2 s to judge."""
    asked = {f"{one.streams['laeq'].pk}.{area.key if (area := _area(one)) else ''}": one for one in found}
    known = kept.held("noise", asked, _judged, anew=anew)
    return {one.streams["laeq"].pk: known[key] for key, one in asked.items()}


def _judged(asked: Mapping[str, Station]) -> dict[str, Judged]:
    hours = _hours(list(asked.values()))
    return {key: judged(hours.get(one.streams["laeq"].pk, []), DAYS, _area(one)) for key, one in asked.items()}


def keep() -> int:
    """Judge every public place anew; returns how many."""
    return len(_kept((one for one in stations(ANONYMOUS, NOISE) if "laeq" in one.streams), anew=True))


def _hours(found: list[Station]) -> Mapping[int, list[Hour]]:
    """The hours of the last whole days by series; two queries."""
    end = clock.start_of(clock.today())
    return hours_of([one.streams["laeq"].pk for one in found], end - timedelta(days=DAYS), end)


def _first_night() -> Any:
    return clock.today() - timedelta(days=EVENT_NIGHTS)


def _area(one: Station) -> AreaClass | None:
    return AREAS.get(one.streams["laeq"].properties.get("area", ""))


def _row(one: Station, found: Judged) -> dict[str, Any]:
    area = _area(one)
    levels = found.levels
    over = bool(area and (exceeds(levels.ldwn, area.ldwn) or exceeds(levels.night, area.ln)))
    return {
        "station": one,
        "series": one.streams["laeq"].pk,
        "url": one.url,
        "judged": found,
        "levels": levels,
        "sort": levels.ldwn if levels.ldwn is not None else -1,
        "ldwn": _db(levels.ldwn),
        "day": _db(levels.day),
        "evening": _db(levels.evening),
        "night": _db(levels.night),
        "latest": _db(one.value("laeq")),
        "area": AREA_NAMES[area.key] if area else "",
        "limits": area,
        "limit": _db(area.ldwn if area else None),
        "limit_night": _db(area.ln if area else None),
        "over": over,
    }


def _db(level: float | None) -> str:
    return written(level, 0) if level is not None else "–"


def _parts(found: Judged) -> list[dict[str, Any]]:
    """Working days beside weekends, part of the day by part of the day."""
    rows = []
    for part, name in PART_NAMES.items():
        working, weekend = found.working[part], found.weekend[part]
        more = working - weekend if working is not None and weekend is not None else None
        word = "" if more is None else _("bez różnicy") if abs(more) < 1 else _("ciszej") if more > 0 else _("głośniej")
        rows.append({"name": name, "working": _db(working), "weekend": _db(weekend), "word": word})
    return rows


def _event(one: Any) -> dict[str, Any]:
    return {
        "night": one.night,
        "start": clock.local(one.start),
        "minutes": max(round((one.end - one.start).total_seconds() / 60), 1),
        "most": _db(one.most),
        "laeq": _db(one.laeq),
    }


def _by_hour(one: Station, hours: Any) -> Pairs:
    """Energetic means by the hour of the day: working days beside weekends."""
    working, weekend = by_hour(hours, weekend=False), by_hour(hours, weekend=True)
    made = [(str(hour), round(working[hour] or 0, 1), round(weekend[hour] or 0, 1)) for hour in range(24)]
    title = _("Hałas godzina po godzinie: %(name)s") % {"name": one.thing.name}
    return Pairs(title, _("Godzina"), (_("dni robocze (dB)"), _("soboty i niedziele (dB)")), made)
