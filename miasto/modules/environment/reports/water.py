"""The chapters of rivers and of the quality of water."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.observations import selectors
from miasto.kernel.observations.selectors import RollUp
from miasto.kernel.observations.services import declared_property
from miasto.modules.environment.declared import RIVER, WATER
from miasto.modules.environment.law.bathing import SINGLE, sample_passes, water_class
from miasto.modules.environment.law.rivers import Marks
from miasto.modules.environment.reports.parts import data_of, day_lines, days_of, number, percent, table
from miasto.modules.environment.reports.periods import Span
from miasto.modules.environment.river_words import marks_of
from miasto.modules.environment.stations import Station, stations
from miasto.modules.environment.words import SENSED, WATER_CLASSES

GAUGES_DRAWN = 4
SEASONS = timedelta(days=4 * 366)


def rivers(span: Span) -> dict[str, Any]:
    """Levels of the gauges and the days on which a mark was reached."""
    rows, drawn = [], []
    for one, days in days_of(RIVER, "water_level", span):
        marks = marks_of(one.streams["water_level"])
        over = [sum(day.most >= mark for day in days) if mark is not None else None for mark in (marks.warning, marks.alarm)]
        levels = [min(day.least for day in days), sum(day.mean for day in days) / len(days), max(day.most for day in days)]
        kind = _("państwowej służby") if marks.official else _("miasta")
        numbers = [number(level, 0) for level in levels]
        counts = [str(count) if count is not None else "–" for count in over]
        if marks.warning:
            drawn.append((levels[2] / marks.warning, _gauge(one, days, marks)))
        rows.append(([one.thing.name, *numbers, *counts, kind, percent(len(days) / span.days)], data_of(one, span)))
    heads = [_("Wodowskaz"), _("Najniżej (cm)"), _("Średnio (cm)"), _("Najwyżej (cm)"), _("Dni ze stanem ostrzegawczym")]
    heads += [_("Dni ze stanem alarmowym"), _("Czyje progi"), _("Dni z pomiarem")]
    flooded = sum(row[4] not in ("–", "0") for row, _url in rows)
    return {
        "key": "rivers",
        "title": _("Rzeki"),
        "lead": _flooded(flooded, len(rows)),
        "tables": [table(_("Stany wody"), heads, rows)],
        "charts": [chart for _near, chart in sorted(drawn, key=lambda one: -one[0])[:GAUGES_DRAWN]],
        "notes": [_("Progi, których nie ustaliła państwowa służba hydrologiczna, są progami miasta.")],
    }


def _flooded(count: int, of: int) -> str:
    """At how many gauges the water reached the warning level, in words."""
    if not count:
        return _("Na żadnym wodowskazie woda nie sięgnęła stanu ostrzegawczego.")
    return _("Woda sięgnęła stanu ostrzegawczego na %(n)d z %(all)d wodowskazów.") % {"n": count, "all": of}


def _gauge(one: Station, days: list[RollUp], marks: Marks) -> dict[str, Any]:
    names = ((marks.warning, _("ostrzegawczy"), "warning"), (marks.alarm, _("alarmowy"), "alarm"))
    levels = [(value, name, kind) for value, name, kind in names if value is not None]
    line = (_("najwyższy stan dnia"), {day.start: day.most for day in days})
    return day_lines(_("Stan wody: %(gauge)s") % {"gauge": one.thing.name}, _("cm"), [line], marks=levels)


def water(span: Span) -> dict[str, Any]:
    """Samples of the laboratory, judged as the law does, and what sensors showed, kept apart."""
    found = stations(ANONYMOUS, WATER)
    tested = [one for one in found if SINGLE.keys() <= one.streams.keys()]
    samples = _samples(tested, span)
    rows, failed = [], 0
    for one in tested:
        held = samples.get(one.thing.slug, {})
        here = {day: counts for day, counts in held.items() if span.first <= day <= span.last}
        bad = sum(sample_passes(counts) is False for counts in here.values())
        failed += bad
        name = water_class({code: [day[code] for day in held.values() if code in day] for code in SINGLE})
        most = [number(max((day[code] for day in here.values() if code in day), default=None), 0) for code in SINGLE]
        told = str(WATER_CLASSES[name][0]) if name else _("za mało próbek")
        rows.append(([one.thing.name, str(len(here)), str(bad), *most, told], data_of(one, span)))
    count = sum(int(cells[1]) for cells, _url in rows)
    heads = [_("Miejsce"), _("Próbki"), _("Nie spełniły wymagań"), _("Escherichia coli, najwięcej"), _("Enterokoki, najwięcej")]
    return {
        "key": "water",
        "title": _("Jakość wody"),
        "lead": _water_lead(count, failed),
        "tables": [
            table(_("Próbki z laboratorium (jtk w 100 ml)"), [*heads, _("Klasa z czterech sezonów")], rows),
            _sensed(found, span),
        ],
        "charts": _oxygen(found, span),
        "notes": [
            _(
                "Próbka spełnia wymagania, gdy w 100 ml jest najwyżej 1000 jtk Escherichia coli i 400 jtk enterokoków; klasę "
                "liczymy z co najmniej 16 próbek (rozporządzenie Ministra Zdrowia z 17 stycznia 2019 r., dyrektywa 2006/7/WE)."
            ),
            _("Czujniki w wodzie pokazują zmiany, ale niczego nie rozstrzygają. O tym, czy wolno się kąpać, decyduje sanepid."),
        ],
    }


def _water_lead(count: int, failed: int) -> str:
    if not count:
        return _("W tym czasie nie zbadano w laboratorium żadnej próbki wody.")
    if not failed:
        return ngettext(
            "Zbadana próbka wody spełniła wymagania.", "Wszystkie zbadane próbki wody (%(n)d) spełniły wymagania.", count
        ) % {"n": count}
    return _("Wymagań nie spełniło %(bad)d z %(n)d zbadanych próbek wody.") % {"bad": failed, "n": count}


def _samples(found: list[Station], span: Span) -> dict[str, dict[date, dict[str, float]]]:
    """Counts by place, day and bacterium, of the four years before the end of the period; one query."""
    series = {one.streams[code].pk: (one.thing.slug, code) for one in found for code in SINGLE}
    held: dict[str, dict[date, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for row in selectors.days(series, span.last - SEASONS, span.last):
        place, code = series[row.series]
        held[place][row.start][code] = row.most
    return held


def _sensed(found: list[Station], span: Span) -> dict[str, Any]:
    """The lowest and the highest value that each sensor showed; one query."""
    sensed = [one for one in found if set(SENSED) & one.streams.keys()]
    series = [one.streams[code].pk for one in sensed for code in SENSED if code in one.streams]
    held: dict[int, list[RollUp]] = defaultdict(list)
    for row in selectors.days(series, span.first, span.last):
        held[row.series].append(row)
    declared = {code: declared_property(code) for code in SENSED}
    rows = []
    for one in sensed:
        ranges = []
        for code in SENSED:
            days = held.get(one.streams[code].pk, []) if code in one.streams else []
            ends = [(min(day.least for day in days), max(day.most for day in days))] if days else []
            places = declared[code].decimals
            ranges.append("–" if not ends else f"{number(ends[0][0], places)} – {number(ends[0][1], places)}")
        rows.append(([one.thing.name, *ranges], data_of(one, span)))
    named = [f"{one.name} ({one.symbol})" if one.symbol else str(one.name) for one in declared.values()]
    return table(
        _("Czujniki w wodzie: od najmniejszej do największej wartości (pomiar wskaźnikowy)"), [_("Miejsce"), *named], rows
    )


def _oxygen(found: list[Station], span: Span) -> list[dict[str, Any]]:
    """Dissolved oxygen day by day, the lowest of each day: what fish die of."""
    held = [(one.thing.name, {day.start: day.least for day in days}) for one, days in days_of(WATER, "dissolved_oxygen", span)]
    return [day_lines(_("Tlen w wodzie, najmniej w ciągu dnia"), _("mg/l"), held[:4])] if held else []
