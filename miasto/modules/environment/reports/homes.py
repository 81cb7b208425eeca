"""The chapter of heating."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from miasto.modules.environment.heating import selectors as heating
from miasto.modules.environment.heating.kinds import GROUPS, SMOKY
from miasto.modules.environment.heating.suppress import TOTAL
from miasto.modules.environment.reports.parts import bars, pairs, table
from miasto.modules.environment.reports.periods import Span


def heat(span: Span) -> dict[str, Any]:
    """What the city is heated with on the day of counting, and what was installed and removed in the year."""
    found = heating.public()
    url = reverse("environment_air:heating_csv")
    rows = [([str(name), told(found.cells.get((TOTAL, group), 0))], url) for group, name in GROUPS.items()]
    changes = [
        ([str(year), *(told(one) for one in counts)], url)
        for year, *counts in found.changes
        if span.year - 2 <= year <= span.year
    ]
    heads = [_("Rok"), _("Uruchomiono"), _("Usunięto"), _("Usunięto kotłów poniżej klasy 3")]
    return {
        "key": "heating",
        "title": _("Ogrzewanie"),
        "lead": _heat_lead(found),
        "tables": [
            table(_("Źródła ciepła w dniu liczenia raportu"), [_("Źródło ciepła"), _("Ile")], rows),
            table(_("Zmiany rok po roku"), heads, changes),
        ]
        if found.as_of
        else [],
        "charts": _heat_charts(found),
        "notes": [_("Źródło: Centralna Ewidencja Emisyjności Budynków. Liczb mniejszych niż 10 nie podajemy.")],
    }


def told(count: int | None) -> str:
    return _("nie podajemy") if count is None else str(count)


def _heat_lead(found: heating.Public) -> str:
    if not found.as_of:
        return _("Spisu źródeł ciepła jeszcze nie wczytano.")
    smoky = found.cells.get((TOTAL, SMOKY))
    if smoky is None:
        return _("Kotłów poniżej klasy 3 zostało mniej niż 10.")
    return ngettext("Został %(n)d kocioł poniżej klasy 3.", "Kotłów poniżej klasy 3 zostało %(n)d.", smoky) % {"n": smoky}


def _heat_charts(found: heating.Public) -> list[dict[str, Any]]:
    if not found.as_of:
        return []
    groups = [(str(name), found.cells.get((TOTAL, group))) for group, name in GROUPS.items()]
    charts = [bars(_("Czym ogrzewane są budynki"), _("źródeł"), [(name, n) for name, n in groups if n is not None])]
    years = [(str(year), new, gone) for year, new, gone, _smoky in found.changes if new is not None and gone is not None]
    if years:
        charts.append(pairs(_("Zmiany rok po roku"), _("Rok"), (_("uruchomiono"), _("usunięto")), years))
    return charts
