"""The chapters of the weather and of the night sky."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from statistics import median
from typing import Any

from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core import clock
from miasto.kernel.observations import selectors
from miasto.kernel.observations.selectors import RollUp
from miasto.modules.environment import means
from miasto.modules.environment.declared import LIGHT, WEATHER
from miasto.modules.environment.law.night_sky import STEPS, dark, step_of, times_natural
from miasto.modules.environment.reports.parts import bars, data_of, day_lines, days_of, number, percent, table
from miasto.modules.environment.reports.periods import Span
from miasto.modules.environment.stations import stations
from miasto.modules.environment.words import SKIES

LEAST_DARK = 10  # dark hours without which nothing is said


def weather(span: Span) -> dict[str, Any]:
    """Temperature and rain."""
    wet = {one.streams["rain"].pk: one for one in stations(ANONYMOUS, WEATHER) if "rain" in one.streams}
    fallen_days = means.days([one.streams["rain"] for one in wet.values()], span.first, span.last)
    rain = {wet[series].thing.pk: sum(fallen for _day, fallen in days) for series, days in fallen_days.items() if days}
    rows, fullest = [], []
    for one, days in days_of(WEATHER, "air_temperature", span):
        fullest = max(fullest, days, key=len)
        frost, heat = sum(day.least < 0 for day in days), sum(day.most >= 30 for day in days)
        mean = sum(day.mean for day in days) / len(days)
        numbers = [number(min(day.least for day in days)), number(mean), number(max(day.most for day in days))]
        fallen = number(rain.get(one.thing.pk), 0)
        rows.append(
            ([one.thing.name, *numbers, str(frost), str(heat), fallen, percent(len(days) / span.days)], data_of(one, span))
        )
    heads = [_("Stacja"), _("Najzimniej (°C)"), _("Średnio (°C)"), _("Najcieplej (°C)"), _("Dni z mrozem"), _("Dni z upałem")]
    heads += [_("Opad (mm)"), _("Dni z pomiarem")]
    return {
        "key": "weather",
        "title": _("Pogoda"),
        "lead": _weather_lead(rows),
        "tables": [table(_("Temperatura i opad"), heads, rows)],
        "charts": _weather_charts(fullest, max(fallen_days.values(), key=len, default=[])),
        "notes": [_("Dzień z mrozem: choć raz poniżej 0 °C. Dzień z upałem: choć raz 30 °C lub więcej.")],
    }


def _weather_lead(rows: list[tuple[list[str], str]]) -> str:
    if not rows:
        return _("Pogody w tym czasie nie mierzono.")
    fullest = max(rows, key=lambda row: int(row[0][7].rstrip("%")))[0]
    return _("Na stacji „%(name)s” było od %(least)s do %(most)s °C, a deszczu i śniegu spadło %(rain)s mm.") % {
        "name": fullest[0],
        "least": fullest[1],
        "most": fullest[3],
        "rain": fullest[6],
    }


def _weather_charts(warm: list[RollUp], wet: list[tuple[date, float]]) -> list[dict[str, Any]]:
    """Temperature and rain day by day at the stations with the most days."""
    charts = []
    if warm:
        lines = [
            (_("najcieplej"), {day.start: day.most for day in warm}),
            (_("średnio"), {day.start: day.mean for day in warm}),
            (_("najzimniej"), {day.start: day.least for day in warm}),
        ]
        charts.append(day_lines(_("Temperatura dzień po dniu"), _("°C"), lines, marks=[(0, "0 °C", "limit")], zero=False))
    if wet:
        charts.append(day_lines(_("Opad dzień po dniu"), _("mm"), [(_("opad"), dict(wet))]))
    return charts


def light(span: Span) -> dict[str, Any]:
    """How bright the night is in hours that are dark and moonless."""
    found = {one.streams["sky_brightness"].pk: one for one in stations(ANONYMOUS, LIGHT) if "sky_brightness" in one.streams}
    found = {series: one for series, one in found.items() if one.thing.geom}
    held: dict[int, list[float]] = defaultdict(list)
    start, end = clock.start_of(span.first), clock.start_of(span.last + timedelta(days=1))
    for row in selectors.hours(found, start, end):
        place = found[row.series].thing.geom
        if dark(row.start + timedelta(minutes=30), place.x, place.y):
            held[row.series].append(row.mean)
    rows, drawn = [], []
    for series, one in found.items():
        if len(held[series]) < LEAST_DARK:
            rows.append(([one.thing.name, "–", "–", "–", str(len(held[series]))], data_of(one, span)))
            continue
        value = median(held[series])
        step = step_of(value)
        cells = [number(value), number(times_natural(value), 0), f"{SKIES[step][0]} ({STEPS[step][1]})", str(len(held[series]))]
        rows.append(([one.thing.name, *cells], data_of(one, span)))
        drawn.append((one.thing.name, round(times_natural(value))))
    drawn.sort(key=lambda one: -one[1])
    heads = [_("Miejsce"), _("Jasność nieba (mag/arcsec²)"), _("Ile razy jaśniej niż naturalnie"), _("Niebo (klasa Bortle’a)")]
    return {
        "key": "light",
        "title": _("Nocne niebo"),
        "lead": _("Najjaśniejsze niebo było tu: „%(name)s”, %(times)d razy jaśniejsze niż naturalne.")
        % {"name": drawn[0][0], "times": drawn[0][1]}
        if drawn
        else _("Ciemnych, bezksiężycowych godzin z pomiarem było za mało, żeby ocenić niebo."),
        "tables": [table(_("Jasność nieba w ciemnych godzinach"), [*heads, _("Ciemnych godzin z pomiarem")], rows)],
        "charts": [bars(_("Ile razy niebo jest jaśniejsze niż naturalne"), _("razy"), drawn)] if drawn else [],
        "notes": [
            _(
                "Liczymy tylko godziny, w których Słońce jest 18° pod horyzontem, a Księżyca nie ma na niebie. Chmur nie "
                "odróżniamy: rozjaśniają niebo nad miastem. Im większa liczba magnitudo, tym ciemniej."
            )
        ],
    }
