"""The chapters on alerts, on how far the numbers can be trusted, and on where they come from."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core import clock
from miasto.kernel.observations import selectors
from miasto.modules.environment.declared import AIR, LIGHT, NOISE, RIVER, WATER, WEATHER
from miasto.modules.environment.reports.parts import data_of, number, percent, table
from miasto.modules.environment.reports.periods import Span
from miasto.modules.environment.stations import COUNTED, Station, stations

WORST = 15
ENOUGH = 0.75


def alerts(span: Span) -> dict[str, Any]:
    """The public alerts that were raised in the period, by what they warn of."""
    start, end = clock.start_of(span.first), clock.start_of(span.last + timedelta(days=1))
    held: dict[Any, list[Any]] = defaultdict(list)
    for one in selectors.raised_alerts(ANONYMOUS, start, end):
        held[one.rule].append(one)
    rows = []
    for rule, found in sorted(held.items(), key=lambda pair: (-max(one.severity for one in pair[1]), pair[0].name)):
        gravest = max(found, key=lambda one: one.severity)
        longest = max((_hours(one.raised_at, one.cleared_at or end) for one in found), default=0.0)
        places = len({one.thing_id for one in found})
        cells = [rule.name, str(gravest.get_severity_display()), str(len(found)), str(places), number(longest)]
        rows.append((cells, ""))
    count = sum(len(found) for found in held.values())
    heads = [_("O czym"), _("Najwyższy stopień"), _("Ile razy"), _("W ilu miejscach"), _("Najdłużej (godziny)")]
    return {
        "key": "alerts",
        "title": _("Alerty"),
        "lead": ngettext("Miasto ogłosiło %(n)d alert.", "Miasto ogłosiło %(n)d alertów.", count) % {"n": count}
        if count
        else _("W tym czasie nie było żadnego publicznego alertu."),
        "tables": [table(_("Alerty ogłoszone mieszkańcom"), heads, rows)] if rows else [],
        "charts": [],
        "notes": [_("Alert powstaje sam, gdy pomiar przekroczy próg, i kończy się, gdy pomiar do niego wróci.")],
    }


def _hours(since: datetime, until: datetime) -> float:
    return max((until - since).total_seconds() / 3600, 0.0)


def quality(span: Span) -> dict[str, Any]:
    """How many stations there were, how many count by law, and on how many days each measured."""
    kinds = ((AIR, _("powietrze")), (NOISE, _("hałas")), (RIVER, _("rzeki")), (WATER, _("jakość wody")))
    kinds += ((WEATHER, _("pogoda")), (LIGHT, _("nocne niebo")))
    found = [(name, one) for kind, name in kinds for one in stations(ANONYMOUS, kind) if one.streams]
    shares = _measured([one for _name, one in found], span)
    rows, gaps = [], []
    for _kind, name in kinds:
        own = [one for kind, one in found if kind == name]
        if not own:
            continue
        graded = sum(any(stream.grade in COUNTED for stream in one.streams.values()) for one in own)
        mean = sum(shares[one.thing.pk] for one in own) / len(own)
        silent = sum(shares[one.thing.pk] == 0 for one in own)
        rows.append(([name, str(len(own)), str(graded), str(len(own) - graded), percent(mean), str(silent)], ""))
        gaps += [(shares[one.thing.pk], name, one) for one in own if 0 < shares[one.thing.pk] < ENOUGH]
    gaps.sort(key=lambda gap: (gap[0], gap[2].thing.name))
    lowest = [([one.thing.name, name, percent(share)], data_of(one, span)) for share, name, one in gaps[:WORST]]
    heads = [
        _("Co"),
        _("Stacji"),
        _("Z pomiarem, który liczy się w świetle prawa"),
        _("Tylko wskaźnikowych"),
        _("Dni z pomiarem"),
    ]
    tables = [table(_("Stacje i ich pomiary"), [*heads, _("Stacji bez pomiaru")], rows)]
    if lowest:
        tables.append(table(_("Stacje z największymi przerwami"), [_("Stacja"), _("Co"), _("Dni z pomiarem")], lowest))
    return {
        "key": "quality",
        "title": _("Na ile można ufać tym liczbom"),
        "lead": _("W tym czasie mierzyło %(n)d stacji.") % {"n": sum(share > 0 for share in shares.values())},
        "tables": tables,
        "charts": [],
        "notes": [
            _(
                "Pomiar wskaźnikowy robi tani czujnik. Pokazuje, gdzie i kiedy jest gorzej, ale nie rozstrzyga o normach: do "
                "nich liczymy tylko stacje z metodą referencyjną lub równoważną."
            ),
            _("Pomiary niemożliwe (z przyszłości, spoza skali, ze skokiem) zatrzymujemy i sprawdzamy, zanim wejdą do liczb."),
        ],
    }


def _measured(found: list[Station], span: Span) -> dict[Any, float]:
    """The share of days on which a station measured anything; one query."""
    owner = {stream.pk: one.thing.pk for one in found for stream in one.streams.values()}
    held: dict[Any, set[Any]] = {one.thing.pk: set() for one in found}
    for row in selectors.days(owner, span.first, span.last):
        held[owner[row.series]].add(row.start)
    return {key: len(days) / span.days for key, days in held.items()}


def methods(span: Span) -> dict[str, Any]:
    """Where the numbers come from and by what rules they were counted; no tables."""
    return {
        "key": "methods",
        "title": _("Metody i źródła"),
        "lead": "",
        "tables": [],
        "charts": [],
        "notes": [
            _("Liczby policzył program w dniu podanym na początku. Opublikowanych nie zmienia: poprawka jest nową wersją."),
            _("Stacje państwowe: Główny Inspektorat Ochrony Środowiska oraz IMGW-PIB. Pozostałe należą do miasta."),
            _("Powietrze: rozporządzenie Ministra Środowiska z 24 sierpnia 2012 r., dyrektywy 2008/50/WE i (UE) 2024/2881."),
            _("Hałas: dyrektywa 2002/49/WE i rozporządzenie Ministra Środowiska z 14 czerwca 2007 r."),
            _("Woda: rozporządzenie Ministra Zdrowia z 17 stycznia 2019 r. i dyrektywa 2006/7/WE."),
            _("Ogrzewanie: Centralna Ewidencja Emisyjności Budynków."),
            _("Wszystkie pomiary, z których policzono raport, można pobrać: odsyłacz „CSV” jest przy każdym wierszu tabeli."),
        ],
    }
