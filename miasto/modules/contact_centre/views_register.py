"""The public register of reports: map, list, filters, numbers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from miasto.kernel.cases import selectors as cases
from miasto.kernel.core import clock
from miasto.kernel.places.selectors import districts
from miasto.kernel.ui.addresses import addresses
from miasto.kernel.ui.kept import kept
from miasto.kernel.ui.lists import cursor_urls
from miasto.modules.contact_centre import selectors
from miasto.modules.contact_centre.case_type import KEY, REPORT
from miasto.modules.contact_centre.forms import RegisterForm

PAGE_SIZE = 12
POINTS_MOST = 2000


def asked(request: HttpRequest) -> tuple[RegisterForm, cases.RegisterFilters]:
    """The form and the filters of the address; what is unknown in it is left out."""
    stages = [stage for stage in REPORT.stages if stage.public]
    form = RegisterForm(request.GET, categories=selectors.category_choices(), districts=districts().only("name"), stages=stages)
    form.is_valid()
    return form, _filters(form.cleaned_data, request.GET.get("strona", ""))


def _filters(data: dict[str, Any], cursor: str) -> cases.RegisterFilters:
    days = data.get("okres")
    return cases.RegisterFilters(
        case_type=KEY,
        text=data.get("szukaj") or "",
        category=data.get("kategoria") or "",
        district=UUID(data["obszar"]) if data.get("obszar") else None,
        stages=(data["etap"],) if data.get("etap") else (),
        since=clock.today() - timedelta(days=int(days)) if days else None,
        order=data.get("kolejnosc") or "",
        cursor=cursor,
        size=PAGE_SIZE,
    )


@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """The register. Without filters the map shows the layer of reports, with filters the reports that fit."""
    body = kept("contact_centre.register", request.GET.urlencode(), lambda: _body(request))
    return render(request, "contact_centre/register.html", {"body": body, "asked": request.GET.urlencode()})


def _body(request: HttpRequest) -> str:
    """The part of the register that is the same for every reader who asks for the same filters."""
    form, filters = asked(request)
    page = cases.public_register(filters)
    query = request.GET.copy()
    query.pop("strona", None)
    narrowed = any(form.cleaned_data.values())
    context = {
        "filter_form": form,
        "page": page,
        "narrowed": narrowed,
        "geojson_url": f"{reverse('contact_centre_register:geojson')}?{query.urlencode()}" if narrowed else "",
        "numbers": selectors.numbers(),
        "asked": query.urlencode(),
        **cursor_urls(request, page, anchor="#lista"),
    }
    return render_to_string("contact_centre/parts/register.html", context)


@require_safe
def geojson(request: HttpRequest) -> JsonResponse:
    """The newest reports that the filters leave, as GeoJSON (RFC 7946); at most ``POINTS_MOST``."""
    _form, filters = asked(request)
    found = cases.register_points(filters, limit=POINTS_MOST)
    collection = cases.points_geojson(found, case_type=KEY, address=addresses("cases:case", "A-2026-1"))
    return JsonResponse(collection, content_type="application/geo+json")
