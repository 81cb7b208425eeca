"""The public page of what the city is heated with, and the staff's page of the inventory."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.core import clock
from miasto.kernel.ui.charts import Pairs, Series
from miasto.kernel.ui.fields import DateParts
from miasto.modules.environment.heating import selectors, services
from miasto.modules.environment.heating.hexagons import STEPS, geojson, hexagons
from miasto.modules.environment.heating.kinds import BOILERS, CLASSES, GROUPS, KINDS, SMOKY
from miasto.modules.environment.heating.models import HeatingImport
from miasto.modules.environment.heating.register import columns
from miasto.modules.environment.heating.suppress import LEAST, TOTAL
from miasto.modules.environment.heating.terms import resolution

PAGE = "environment_panel:heating"
PER_PAGE = 50


@require_safe
def heating(request: HttpRequest) -> HttpResponse:
    """How the city is heated, by district; the boilers that the law forbids; what changed."""
    found = selectors.public()
    law = resolution()
    forbidden = [found.classes.get(key, 0) for key in law.forbidden()] if law else []
    context = {
        "section": "heating",
        "found": found,
        "groups": list(GROUPS.values()),
        "rows": [(name or _("adres nieznany"), _cells(found, key)) for key, name in found.districts],
        "whole": _cells(found, TOTAL),
        "least": LEAST,
        "law": law,
        "forbidden": None if any(one is None for one in forbidden) else sum(one or 0 for one in forbidden),
        "smoky": found.cells.get((TOTAL, SMOKY)),
        "classes": [(name, found.classes.get(key, 0)) for key, name in CLASSES.items()],
        "chart": _chart(found),
        "map": hexagons(found) if found.total else None,
        "legend": _legend(),
        "pairs": _pairs(found) if any(row[1] or row[2] for row in found.changes) else None,
        "changes": found.changes,
    }
    return render(request, "environment/heating/heating.html", context)


def _legend() -> list[tuple[int, str]]:
    ends = [*(border - 1 for border in STEPS[1:]), None]
    told = [f"{low}–{high}" if high else _("%(low)d i więcej") % {"low": low} for low, high in zip(STEPS, ends, strict=True)]
    return list(enumerate(["0", *told]))


def _cells(found: selectors.Public, key: Any) -> list[tuple[Any, int | None]]:
    names = [*GROUPS.items(), (TOTAL, _("razem"))]
    return [(name, found.cells.get((key, group))) for group, name in names]


def _chart(found: selectors.Public) -> Series:
    told = ((str(name), found.cells.get((TOTAL, group))) for group, name in GROUPS.items())
    points = [(name, count) for name, count in told if count is not None]
    return Series(_("Czym ogrzewane są budynki"), _("Źródło ciepła"), _("źródeł"), points)


def _pairs(found: selectors.Public) -> Pairs:
    points = [(str(year), new, gone) for year, new, gone, _smoky in found.changes if new is not None and gone is not None]
    return Pairs(_("Zmiany rok po roku"), _("Rok"), (_("uruchomiono"), _("usunięto")), points)


def _file(name: str, heads: list[str], rows: Iterable[list[Any]]) -> HttpResponse:
    """A CSV; None becomes an empty cell, which is not told."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    writer = csv.writer(answer)
    writer.writerow(heads)
    writer.writerows(["" if value is None else value for value in row] for row in rows)
    return answer


@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    """The public table; an empty cell is not told."""
    found = selectors.public()
    rows = (
        [name or "unknown", *(found.cells.get((key, group)) for group in (*GROUPS, TOTAL))]
        for key, name in [*found.districts, (TOTAL, "total")]
    )
    return _file(f"ogrzewanie-{found.as_of or 'brak'}", ["district", *GROUPS, "total"], rows)


@require_safe
def changes_csv(request: HttpRequest) -> HttpResponse:
    """Installed and removed by year; an empty cell is not told."""
    found = selectors.public()
    heads = ["year", "installed", "removed", "removed_below_class_3"]
    return _file(f"ogrzewanie-zmiany-{found.as_of or 'brak'}", heads, (list(row) for row in found.changes))


@require_safe
def parts_csv(request: HttpRequest) -> HttpResponse:
    """Sources for solid fuel by hexagon and district; an empty cell is not told."""
    found = selectors.public()
    rows = ([one.district_name, one.near, f"{one.lon:.5f}", f"{one.lat:.5f}", one.count] for one in hexagons(found).parts)
    return _file(f"ogrzewanie-mapa-{found.as_of or 'brak'}", ["district", "near", "lon", "lat", "solid_fuel"], rows)


@require_safe
def shapes(request: HttpRequest) -> JsonResponse:
    """The hexagons as GeoJSON."""
    return JsonResponse(geojson(hexagons(selectors.public())), content_type="application/geo+json")


class ImportForm(forms.Form):
    """An export and the day it shows."""

    plik = forms.FileField(
        label=gettext_lazy("Plik z ewidencji (CSV albo XLSX)"), widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"})
    )
    stan = forms.DateField(label=gettext_lazy("Stan na dzień"), widget=DateParts, initial=clock.today)
    caly = forms.BooleanField(
        label=gettext_lazy("To cały eksport: źródła, których w nim nie ma, uznaj za usunięte"), required=False, initial=True
    )


@panel(services.PERMISSION)
def staff(request: HttpRequest) -> HttpResponse:
    """Upload an export, see how it goes, and what could not be placed."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.ask(
                data=data["plik"].read(), file_name=data["plik"].name, as_of=data["stan"], whole=data["caly"], by=request.viewer
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Plik czeka na wczytanie. Ta strona pokazuje postęp."))
            return redirect(PAGE)
    lost = Paginator(selectors.unmatched(request.viewer), PER_PAGE).get_page(request.GET.get("page"))
    rows = list(selectors.imports(request.viewer)[:10])
    context = {
        "form": form,
        "rows": rows,
        "going": any(one.state in services.BUSY for one in rows),
        "states": dict(HeatingImport.State.choices),
        "columns": columns().values(),
        "page_obj": lost,
        "lost": [(one.address, KINDS[one.kind][0], one.declaration) for one in lost],
        "forbidden": _forbidden(request),
    }
    return render(request, "environment/heating/staff.html", context, status=422 if form.errors else 200)


def _forbidden(request: HttpRequest) -> list[tuple[Any, int]]:
    """How many boilers of each forbidden class still stand; exact, for staff."""
    law = resolution()
    standing = selectors.sources(request.viewer).filter(removed_on=None, kind__in=BOILERS)
    return [(term, standing.filter(boiler_class__in=term.classes).count()) for term in law.terms] if law else []


@panel(services.PERMISSION)
@require_POST
def again(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Take up a failed file once more."""
    services.again(import_id=import_id, by=request.viewer)
    return redirect(PAGE)
