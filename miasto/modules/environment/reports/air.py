"""The chapter of the air: only stations whose readings count by law."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.observations import selectors
from miasto.kernel.observations.selectors import Datastream
from miasto.modules.environment import norms
from miasto.modules.environment.declared import AIR
from miasto.modules.environment.law.air_index import rounded
from miasto.modules.environment.law.air_norms import (
    NORMS,
    OUTLOOK,
    THRESHOLDS,
    LegalDay,
    Norm,
    Standing,
    Threshold,
    legal_bounds,
)
from miasto.modules.environment.reports.parts import bars, data_of, day_lines, number, percent, table
from miasto.modules.environment.reports.periods import Span
from miasto.modules.environment.stations import Station, stations
from miasto.modules.environment.words import short

DAY_NORM = next(norm for norm in NORMS if norm.key == "pm10.day")
ENOUGH = 0.75  # of the days of a period, to compare it with another
TOLD = ("pm10", "no2", "so2", "o3")


def air(span: Span) -> dict[str, Any]:
    """The air at the stations that count by law: days over the limit and means; in a year also every norm and the outlook."""
    counted = [one for one in stations(ANONYMOUS, AIR) if one.counted]
    held = {code: [one for one in counted if code in one.streams] for code in ("pm10", "pm25", "no2", "o3")}
    streams = [one.streams[code] for code, found in held.items() for one in found]
    days = norms.legal_days(streams, span.first, span.last)
    rows = []
    for one in counted:
        own = {code: days.get(one.streams[code].pk, []) for code in held if code in one.streams}
        dust = [day for day in own.get("pm10", []) if day.valid]
        over = sum(DAY_NORM.exceeded(day.mean) for day in dust)
        share = sum(day.hours for day in own.get("pm10", [])) / (24 * span.days)
        means = [number(_mean(own.get(code, []))) for code in ("pm10", "pm25", "no2")]
        rows.append(([one.thing.name, str(over) if dust else "–", *means, percent(share)], data_of(one, span)))
    heads = [_("Stacja"), _("Dni z PM10 powyżej 50 µg/m³"), _("PM10, średnia (µg/m³)"), _("PM2,5, średnia (µg/m³)")]
    tables = [
        table(_("Pył i dwutlenek azotu"), [*heads, _("NO₂, średnia (µg/m³)"), _("Zmierzono czasu (PM10)")], rows),
        _years(held["pm10"], days, span),
        _told(counted, days, span),
    ]
    if span.month is None:
        tables += [
            _norms(_("Normy w roku %(year)s") % {"year": span.year}, counted, span, NORMS),
            _norms(_("Gdyby obowiązywały już poziomy z roku 2030"), counted, span, OUTLOOK),
        ]
    return {
        "key": "air",
        "title": _("Powietrze"),
        "lead": _lead(rows, len(counted)),
        "tables": tables,
        "charts": _charts(held["pm10"], days, rows),
        "notes": [
            _(
                "Liczymy jak prawo: doby w czasie UTC+1, doba ma co najmniej 18 godzin pomiaru, średnia roczna co najmniej "
                "90 procent roku. Liczą się tylko pomiary metodą referencyjną lub równoważną (rozporządzenie Ministra "
                "Środowiska z 24 sierpnia 2012 r.)."
            ),
            _(
                "Dane nie są zweryfikowane. Oceną w rozumieniu prawa jest roczna ocena "
                "Głównego Inspektoratu Ochrony Środowiska."
            ),
            _("Poziomy z roku 2030: dyrektywa (UE) 2024/2881, załącznik I. Pokazujemy je jako zapowiedź, nie jako normę."),
        ],
    }


def _over(days: list[LegalDay]) -> int:
    return sum(day.valid and DAY_NORM.exceeded(day.mean) for day in days)


def _years(found: list[Station], days: Mapping[int, list[LegalDay]], span: Span) -> dict[str, Any]:
    """Days over the limit of PM10 beside the same time of the two years before; "–" where less than 3/4 was measured."""
    spans = [span.earlier(2), span.earlier(1)]
    streams = [one.streams["pm10"] for one in found]
    held = [norms.legal_days(streams, one.first, one.last) for one in spans]
    rows = []
    for one in found:
        series = one.streams["pm10"].pk
        told = [
            (by_series.get(series, []), one_span) for by_series, one_span in zip([*held, days], [*spans, span], strict=True)
        ]
        counts = [str(_over(own)) if sum(day.valid for day in own) >= ENOUGH * at.days else "–" for own, at in told]
        rows.append(([one.thing.name, *counts], data_of(one, span)))
    heads = [_("Stacja"), *(one.name for one in (*spans, span))]
    return table(_("Dni z PM10 powyżej 50 µg/m³ na tle lat poprzednich"), heads, rows)


def _told(counted: list[Station], days: Mapping[int, list[LegalDay]], span: Span) -> dict[str, Any]:
    """Days above the levels at which the public must be told; of nitrogen and sulphur dioxide three hours in a row count."""
    held = {one.streams[code].pk: (one, code) for one in counted for code in TOLD if code in one.streams}
    by_day = {series: days[series] for series in held if series in days}
    missing = [one.streams[code] for series, (one, code) in held.items() if series not in days]
    by_day |= norms.legal_days(missing, span.first, span.last)
    rows = []
    for series, (one, code) in held.items():
        limits = {level.kind: level for level in THRESHOLDS if level.code == code}
        own = by_day.get(series, [])
        counts = [_days_above(limits.get(kind), one.streams[code], own) for kind in ("information", "alarm")]
        if by_day.get(series):
            rows.append(([one.thing.name, short(code), *counts], data_of(one, span)))
    heads = [_("Stacja"), _("Co"), _("Dni z poziomem informowania"), _("Dni z poziomem alarmowym")]
    return table(_("Poziomy, o których trzeba zawiadomić mieszkańców"), heads, rows)


def _days_above(level: Threshold | None, stream: Datastream, days: list[LegalDay]) -> str:
    """How many days; some hours in a row belong to the day of their last one, also where they began before midnight."""
    if level is None:
        return "–"
    if level.span == "day":
        return str(sum(day.valid and rounded(day.mean, 0) > level.limit for day in days))
    near = [day.day for day in days if rounded(day.highest, 0) > level.limit]
    if level.hours == 1 or not near:
        return str(len(near))
    row = [timedelta(hours=step) for step in range(level.hours)]
    found = set()
    for day in near:
        start, end = legal_bounds(day)
        read = selectors.hours([stream.pk], start - row[-1], end)
        hours = {one.start for one in read if one.n >= norms.needed(stream) and rounded(one.mean, 0) > level.limit}
        if any(at >= start and all(at - step in hours for step in row) for at in hours):
            found.add(day)
    return str(len(found))


def _charts(
    found: list[Station], days: Mapping[int, list[LegalDay]], rows: list[tuple[list[str], str]]
) -> list[dict[str, Any]]:
    """Dust day by day (highest and mean of the stations that count), and days over the limit by station."""
    means: dict[date, list[float]] = defaultdict(list)
    for one in found:
        for day in days.get(one.streams["pm10"].pk, []):
            if day.valid:
                means[day.day].append(day.mean)
    if not means:
        return []
    lines = [
        (_("stacja, na której było najgorzej"), {day: max(values) for day, values in means.items()}),
        (_("średnia ze stacji"), {day: sum(values) / len(values) for day, values in means.items()}),
    ]
    title = _("Pył PM10 dzień po dniu")
    over = [(cells[0], int(cells[1])) for cells, _url in rows if cells[1] != "–"]
    charts = [
        day_lines(title, _("µg/m³"), lines, marks=[(DAY_NORM.limit, _("norma dobowa"), "limit")]),
    ]
    if any(count for _name, count in over):
        charts.append(bars(_("Dni z PM10 powyżej normy dobowej"), _("dni"), over))
    return charts


def _lead(rows: list[tuple[list[str], str]], count: int) -> str:
    if not count:
        return _("Żadna stacja, której pomiary liczą się w świetle prawa, nie mierzyła w tym czasie.")
    worst = max((row for row, _url in rows if row[1] != "–"), key=lambda row: int(row[1]), default=None)
    if worst is None:
        return _("Pyłu PM10 nie mierzono dość długo, żeby policzyć dni z przekroczeniem.")
    if not int(worst[1]):
        return _("Dobowej normy PM10 nie przekroczono na żadnej stacji, której pomiary liczą się w świetle prawa.")
    return ngettext(
        "Najwięcej przekroczeń dobowej normy PM10 było na stacji „%(name)s”: %(n)d dzień.",
        "Najwięcej przekroczeń dobowej normy PM10 było na stacji „%(name)s”: %(n)d dni.",
        int(worst[1]),
    ) % {"name": worst[0], "n": int(worst[1])}


def _mean(days: list[LegalDay]) -> float | None:
    hours = sum(one.hours for one in days)
    return sum(one.mean * one.hours for one in days) / hours if hours else None


def _norms(title: str, counted: list[Station], span: Span, judged: tuple[Norm, ...]) -> dict[str, Any]:
    rows = []
    for found in norms.year_norms(counted, span.last, judged):
        for one in found.standings:
            cells = [
                found.station.thing.name,
                str(one.norm.name),
                _limit(one.norm),
                _stood(one),
                percent(one.share),
                _verdict(one),
            ]
            rows.append((cells, data_of(found.station, span)))
    heads = [_("Stacja"), _("Norma"), _("Wolno"), _("Było"), _("Zmierzono czasu"), _("Ocena")]
    return table(title, heads, rows)


def _limit(norm: Norm) -> str:
    level = _("%(limit)s µg/m³") % {"limit": number(norm.limit, 0 if norm.limit == int(norm.limit) else 1)}
    return level if norm.allowed is None else _("%(level)s, najwyżej %(n)d razy") % {"level": level, "n": norm.allowed}


def _stood(one: Standing) -> str:
    if one.count is None:
        return _("średnia %(mean)s µg/m³") % {"mean": number(one.value)}
    times = ngettext("%(n)d raz", "%(n)d razy", one.count) % {"n": one.count}
    if not one.earlier:
        return times
    mean = {"times": times, "mean": number(one.average), "years": 1 + len(one.earlier)}
    return (
        ngettext(
            "%(times)s (średnia z %(years)d roku: %(mean)s)", "%(times)s (średnia z %(years)d lat: %(mean)s)", mean["years"]
        )
        % mean
    )


def _verdict(one: Standing) -> str:
    if one.broken and (one.count is not None or one.complete):
        return _("przekroczona")
    return _("dotrzymana") if one.complete else _("za mało pomiarów")
