"""The chapters of a report: tables of plain words and numbers, each row with the address of the data it comes from.

A chapter is ``{"key", "title", "lead", "tables": [{"title", "heads", "rows": [{"cells", "url"}]}], "notes"}``, in the
language of the office. Nothing is estimated here: what was not measured is told as not measured.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core import clock
from miasto.kernel.observations import selectors
from miasto.kernel.observations.selectors import RollUp
from miasto.kernel.ui.time_charts import written
from miasto.modules.environment import norms
from miasto.modules.environment.declared import AIR, NOISE, RIVER, WEATHER
from miasto.modules.environment.heating import selectors as heating
from miasto.modules.environment.heating.kinds import GROUPS
from miasto.modules.environment.heating.suppress import TOTAL
from miasto.modules.environment.law.air_norms import NORMS, OUTLOOK, LegalDay, Norm, Standing
from miasto.modules.environment.law.noise import AREAS, indicators
from miasto.modules.environment.noise.judging import hours_of
from miasto.modules.environment.reports.periods import Span
from miasto.modules.environment.river_words import marks_of
from miasto.modules.environment.stations import Station, stations

DAY_NORM = next(norm for norm in NORMS if norm.key == "pm10.day")


def _number(value: float | None, decimals: int = 1) -> str:
    return written(value, decimals) if value is not None else "–"


def _table(title: str, heads: list[str], rows: Iterable[tuple[list[str], str]]) -> dict[str, Any]:
    return {"title": title, "heads": heads, "rows": [{"cells": cells, "url": url} for cells, url in rows]}


def _data_of(one: Station, span: Span) -> str:
    return f"{reverse('environment_stations:csv', args=[one.thing.slug])}?od={span.first}&do={span.last}"


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
        means = [_number(_mean(own.get(code, []))) for code in ("pm10", "pm25", "no2")]
        rows.append(([one.thing.name, str(over) if dust else "–", *means, _percent(share)], _data_of(one, span)))
    heads = [_("Stacja"), _("Dni z PM10 powyżej 50 µg/m³"), _("PM10, średnia (µg/m³)"), _("PM2,5, średnia (µg/m³)")]
    tables = [_table(_("Pył i dwutlenek azotu"), [*heads, _("NO₂, średnia (µg/m³)"), _("Zmierzono czasu (PM10)")], rows)]
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


def _lead(rows: list[tuple[list[str], str]], count: int) -> str:
    if not count:
        return _("Żadna stacja, której pomiary liczą się w świetle prawa, nie mierzyła w tym czasie.")
    worst = max((row for row, _url in rows if row[1] != "–"), key=lambda row: int(row[1]), default=None)
    if worst is None:
        return _("Pyłu PM10 nie mierzono dość długo, żeby policzyć dni z przekroczeniem.")
    return ngettext(
        "Najwięcej przekroczeń dobowej normy PM10 było na stacji „%(name)s”: %(n)d dzień.",
        "Najwięcej przekroczeń dobowej normy PM10 było na stacji „%(name)s”: %(n)d dni.",
        int(worst[1]),
    ) % {"name": worst[0], "n": int(worst[1])}


def _mean(days: list[LegalDay]) -> float | None:
    hours = sum(one.hours for one in days)
    return sum(one.mean * one.hours for one in days) / hours if hours else None


def _percent(share: float) -> str:
    return f"{min(round(100 * share), 100)}%"


def _norms(title: str, counted: list[Station], span: Span, judged: tuple[Norm, ...]) -> dict[str, Any]:
    rows = []
    for found in norms.year_norms(counted, span.last, judged):
        for one in found.standings:
            cells = [
                found.station.thing.name,
                str(one.norm.name),
                _limit(one.norm),
                _stood(one),
                _percent(one.share),
                _verdict(one),
            ]
            rows.append((cells, _data_of(found.station, span)))
    heads = [_("Stacja"), _("Norma"), _("Wolno"), _("Było"), _("Zmierzono czasu"), _("Ocena")]
    return _table(title, heads, rows)


def _limit(norm: Norm) -> str:
    level = _("%(limit)s µg/m³") % {"limit": _number(norm.limit, 0 if norm.limit == int(norm.limit) else 1)}
    return level if norm.allowed is None else _("%(level)s, najwyżej %(n)d razy") % {"level": level, "n": norm.allowed}


def _stood(one: Standing) -> str:
    if one.count is None:
        return _("średnia %(mean)s µg/m³") % {"mean": _number(one.value)}
    times = ngettext("%(n)d raz", "%(n)d razy", one.count) % {"n": one.count}
    if not one.earlier:
        return times
    mean = {"times": times, "mean": _number(one.average), "years": 1 + len(one.earlier)}
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


def noise(span: Span) -> dict[str, Any]:
    """Long-term levels of the period against what is allowed."""
    found = [one for one in stations(ANONYMOUS, NOISE) if "laeq" in one.streams]
    start, end = clock.start_of(span.first), clock.start_of(span.last + timedelta(days=1))
    hours = hours_of([one.streams["laeq"].pk for one in found], start, end)
    rows = []
    for one in found:
        own = hours.get(one.streams["laeq"].pk, [])
        levels = indicators(((clock.local(row.start).hour, row.laeq) for row in own), span.days)
        area = AREAS.get(one.streams["laeq"].properties.get("area", ""))
        allowed = f"{_number(area.ldwn, 0)} / {_number(area.ln, 0)}" if area else "–"
        share = _percent(len(own) / (24 * span.days))
        rows.append(([one.thing.name, _number(levels.ldwn), _number(levels.night), allowed, share], _data_of(one, span)))
    known = [(cells, url) for cells, url in rows if cells[1] != "–" or cells[2] != "–"]
    heads = [_("Miejsce"), _("LDWN (dB)"), _("LN (dB)"), _("Wolno: LDWN / LN"), _("Zmierzono czasu")]
    return {
        "key": "noise",
        "title": _("Hałas"),
        "lead": _("Dość pomiarów, żeby policzyć średnią, było w %(n)d z %(all)d miejsc.") % {"n": len(known), "all": len(rows)},
        "tables": [_table(_("Średnie poziomy hałasu"), heads, known)],
        "notes": [
            _(
                "LDWN łączy dzień, wieczór (+5 dB) i noc (+10 dB), LN to noc (dyrektywa 2002/49/WE). Podajemy je tam, "
                "gdzie zmierzono co najmniej trzy czwarte godzin. Prawo ocenia rok; liczba z miesiąca jest tylko wskazówką."
            )
        ],
    }


def rivers(span: Span) -> dict[str, Any]:
    """Levels of the gauges and the days on which a mark was reached."""
    rows = []
    for one, days in _days(RIVER, "water_level", span):
        marks = marks_of(one.streams["water_level"])
        over = [sum(day.most >= mark for day in days) if mark is not None else None for mark in (marks.warning, marks.alarm)]
        levels = [min(day.least for day in days), sum(day.mean for day in days) / len(days), max(day.most for day in days)]
        kind = _("państwowej służby") if marks.official else _("miasta")
        numbers = [_number(level, 0) for level in levels]
        counts = [str(count) if count is not None else "–" for count in over]
        rows.append(([one.thing.name, *numbers, *counts, kind, _percent(len(days) / span.days)], _data_of(one, span)))
    heads = [_("Wodowskaz"), _("Najniżej (cm)"), _("Średnio (cm)"), _("Najwyżej (cm)"), _("Dni ze stanem ostrzegawczym")]
    heads += [_("Dni ze stanem alarmowym"), _("Czyje progi"), _("Dni z pomiarem")]
    flooded = sum(row[4] not in ("–", "0") for row, _url in rows)
    return {
        "key": "rivers",
        "title": _("Rzeki"),
        "lead": _("Stan ostrzegawczy osiągnięto na %(n)d z %(all)d wodowskazów.") % {"n": flooded, "all": len(rows)},
        "tables": [_table(_("Stany wody"), heads, rows)],
        "notes": [_("Progi, których nie ustaliła państwowa służba hydrologiczna, są progami miasta.")],
    }


def _days(kind: str, code: str, span: Span) -> list[tuple[Station, list[RollUp]]]:
    """The stations of a kind that measured a code in the period, with their civil days; one query more."""
    found = {one.streams[code].pk: one for one in stations(ANONYMOUS, kind) if code in one.streams}
    held: dict[int, list[RollUp]] = defaultdict(list)
    for row in selectors.days(list(found), span.first, span.last):
        held[row.series].append(row)
    return [(one, held[series]) for series, one in found.items() if held[series]]


def weather(span: Span) -> dict[str, Any]:
    """Temperature and rain."""
    rain = {one.thing.pk: sum(day.mean * day.n for day in days) for one, days in _days(WEATHER, "rain", span)}
    rows = []
    for one, days in _days(WEATHER, "air_temperature", span):
        frost, heat = sum(day.least < 0 for day in days), sum(day.most >= 30 for day in days)
        mean = sum(day.mean for day in days) / len(days)
        numbers = [_number(min(day.least for day in days)), _number(mean), _number(max(day.most for day in days))]
        fallen = _number(rain.get(one.thing.pk), 0)
        rows.append(
            ([one.thing.name, *numbers, str(frost), str(heat), fallen, _percent(len(days) / span.days)], _data_of(one, span))
        )
    heads = [_("Stacja"), _("Najzimniej (°C)"), _("Średnio (°C)"), _("Najcieplej (°C)"), _("Dni z mrozem"), _("Dni z upałem")]
    heads += [_("Opad (mm)"), _("Dni z pomiarem")]
    return {
        "key": "weather",
        "title": _("Pogoda"),
        "lead": "",
        "tables": [_table(_("Temperatura i opad"), heads, rows)],
        "notes": [_("Dzień z mrozem: choć raz poniżej 0 °C. Dzień z upałem: choć raz 30 °C lub więcej.")],
    }


def heat(span: Span) -> dict[str, Any]:
    """What the city is heated with on the day of counting, and what was installed and removed in the year."""
    found = heating.public()
    url = reverse("environment_air:heating_csv")
    rows = [([str(name), _told(found.cells.get((TOTAL, group), 0))], url) for group, name in GROUPS.items()]
    changes = [
        ([str(year), *(_told(one) for one in counts)], url)
        for year, *counts in found.changes
        if span.year - 2 <= year <= span.year
    ]
    heads = [_("Rok"), _("Uruchomiono"), _("Usunięto"), _("Usunięto kotłów poniżej klasy 3")]
    return {
        "key": "heating",
        "title": _("Ogrzewanie"),
        "lead": "" if found.as_of else _("Spisu źródeł ciepła jeszcze nie wczytano."),
        "tables": [
            _table(_("Źródła ciepła w dniu liczenia raportu"), [_("Źródło ciepła"), _("Ile")], rows),
            _table(_("Zmiany rok po roku"), heads, changes),
        ]
        if found.as_of
        else [],
        "notes": [_("Źródło: Centralna Ewidencja Emisyjności Budynków. Liczb mniejszych niż 10 nie podajemy.")],
    }


def _told(count: int | None) -> str:
    return _("nie podajemy") if count is None else str(count)


CHAPTERS: tuple[tuple[str, Callable[[Span], dict[str, Any]]], ...] = (
    ("air", air),
    ("noise", noise),
    ("rivers", rivers),
    ("weather", weather),
    ("heating", heat),
)
