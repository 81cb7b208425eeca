"""The register of petitions: the list, one petition, the yearly information as page and CSV."""

from __future__ import annotations

import csv
import io
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from miasto.kernel.core import clock
from miasto.modules.contact_centre.petitions import selectors
from miasto.modules.contact_centre.petitions.forms import RegisterForm

PAGE = 20


@require_safe
def petitions(request: HttpRequest) -> HttpResponse:
    """The register; at most 8 queries."""
    form = RegisterForm(request.GET)
    form.is_valid()
    state, year = form.cleaned_data.get("stan", ""), form.cleaned_data.get("rok", "")
    found = selectors.petitions(
        open_only=state == "otwarte", settled_only=state == "zalatwione", year=int(year) if year else None
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("strona"))
    context = {
        "filter_form": form,
        "narrowed": bool(state or year),
        "page_obj": page,
        "rows": selectors.rows(page.object_list),
        "years": selectors.years(),
        "multiples": selectors.multiples(open_only=True),
    }
    return render(request, "contact_centre/petitions/list.html", context)


@require_safe
def petition(request: HttpRequest, number: str) -> HttpResponse:
    """One petition with everything that art. 8 wants known of it."""
    try:
        found = selectors.petition(number)
    except ObjectDoesNotExist:
        raise Http404 from None
    return render(request, "contact_centre/petitions/petition.html", {"petition": found, "case": found.case, "row": found.row})


@require_safe
def multiple(request: HttpRequest, multiple_id: UUID) -> HttpResponse:
    """The announcement that petitions on one matter are considered together (art. 11 sec. 2)."""
    found = selectors.multiple(multiple_id)
    if found is None:
        raise Http404
    return render(request, "contact_centre/petitions/multiple.html", {"multiple": found[0], "rows": found[1]})


def _yearly(year: int) -> selectors.Yearly:
    """The information on a past year; of one in which nothing was settled too, because the law asks for each year."""
    if not 2015 <= year < clock.today().year:
        raise Http404
    return selectors.yearly(year)


@require_safe
def yearly(request: HttpRequest, year: int) -> HttpResponse:
    """The collective information on the petitions settled in a year (act of 11 July 2014, art. 14)."""
    return render(request, "contact_centre/petitions/yearly.html", {"yearly": _yearly(year), "year": year})


@require_safe
def yearly_csv(request: HttpRequest, year: int) -> HttpResponse:
    """The same as CSV (RFC 4180, UTF-8)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["numer", "przedmiot", "data_zlozenia", "data_zalatwienia", "sposob_zalatwienia", "jednostka", "podpisy"])
    for row in _yearly(year).rows:
        filed, closed = clock.local(row.filed_at).date(), clock.local(row.closed_at).date() if row.closed_at else ""
        writer.writerow([row.number, row.title, filed, closed, row.stage.name, row.unit_name, row.people])
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="petycje-{year}.csv"'
    return response
