"""The staff queue: filters, list, map, live updates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.cases import presenting, selectors
from miasto.kernel.cases.access import SEE
from miasto.kernel.cases.forms import QueueForm
from miasto.kernel.cases.queue import of_units, queue_cases
from miasto.kernel.cases.types import case_types
from miasto.kernel.cases.writing import KIND
from miasto.kernel.core import live
from miasto.kernel.places.selectors import districts
from miasto.kernel.ui.addresses import addresses
from miasto.kernel.ui.lists import cursor_urls

ONLY = {
    "moje": {"assignee": "me"},
    "nieprzydzielone": {"assignee": "none"},
    "po-terminie": {"overdue": True},
    "na-jutro": {"due_within": 1},
    "do-sprawdzenia": {"pending": True, "active": False},
    "sporne": {"disputed": True},
    "do-rozstrzygniecia": {"to_judge": True},
}


@dataclass(frozen=True)
class Tab:
    """One of the ready views over the queue, with how many cases it holds."""

    label: Any
    url: str
    count: int
    current: bool
    urgent: bool = False


def asked(request: HttpRequest, query: Any = None) -> tuple[QueueForm, selectors.QueueFilters]:
    """The form and the filters of the address (or of ``query``); what it does not know is left out."""
    given = request.GET if query is None else query
    types = case_types()
    if not types:
        raise Http404
    named = next((one for one in types if one.key == given.get("typ")), None)
    wanted = named or types[0]
    form = QueueForm(given, viewer=request.viewer, case_type=wanted, districts=districts().only("name"))
    form.is_valid()
    data = form.cleaned_data
    state = data.get("stan") or ""
    filters = selectors.QueueFilters(
        case_type=named.key if named else "",
        unit=_uuid(data.get("jednostka")),
        assignee=data.get("osoba") or "",
        progress=state if state in ("open", "waiting", "answered", "closed") else "",
        active=not state and not data.get("etap"),
        stages=(data["etap"],) if data.get("etap") else (),
        category=data.get("kategoria") or "",
        district=_uuid(data.get("obszar")),
        text=data.get("szukaj") or "",
        order=data.get("kolejnosc") or "due",
        cursor=given.get("strona", ""),
    )
    return form, replace(filters, **ONLY.get(given.get("tylko", ""), {}))


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


@require_safe
@panel(SEE)
def queue(request: HttpRequest) -> HttpResponse:
    """The queue, as a list or on the map. Everything asked is in the address, so that it can be kept and shared."""
    form, filters = asked(request)
    page = selectors.queue(request.viewer, filters)
    on_map = request.GET.get("widok") == "mapa"
    query = request.GET.copy()
    query.pop("strona", None)
    context = {
        "filter_form": form,
        "filters": filters,
        "page": page,
        "rows": [(row, presenting.days_words(row.days_left)) for row in page.rows],
        "units_differ": len({row.unit_id for row in page.rows}) > 1,
        "tabs": _tabs(request, filters),
        "only": request.GET.get("tylko", ""),
        "narrowed": any(request.GET.get(name) for name in form.fields),
        "on_map": on_map,
        "list_url": _switched(query, ""),
        "map_url": _switched(query, "mapa"),
        "query": query.urlencode(),
        "live_url": f"{reverse('cases_panel:live')}?{query.urlencode()}",
        "geojson_url": f"{reverse('cases_panel:geojson')}?{query.urlencode()}",
        **cursor_urls(request, page),
    }
    return render(request, "cases/queue.html", context)


def _switched(query: Any, view: str) -> str:
    switched = query.copy()
    switched.pop("widok", None)
    if view:
        switched["widok"] = view
    return f"?{switched.urlencode()}"


def _tabs(request: HttpRequest, filters: selectors.QueueFilters) -> list[Tab]:
    counts = selectors.queue_counts(request.viewer, filters.case_type)
    chosen = request.GET.get("tylko", "")
    tabs = (
        ("", _("Wszystkie w toku"), counts.active),
        ("moje", _("Moje"), counts.mine),
        ("nieprzydzielone", _("Nieprzydzielone"), counts.unassigned),
        ("po-terminie", _("Po terminie"), counts.overdue),
        ("na-jutro", _("Termin do jutra"), counts.due_soon + counts.overdue),
        ("do-sprawdzenia", _("Do sprawdzenia"), counts.pending),
        ("sporne", _("Zakwestionowane"), counts.disputed),
    )
    kept = {"typ": filters.case_type} if filters.case_type else {}
    return [
        Tab(
            label,
            f"?{urlencode({'tylko': key, **kept})}" if key or kept else reverse("cases_panel:queue"),
            count,
            key == chosen,
            key == "po-terminie" and count > 0,
        )
        for key, label, count in tabs
    ]


@require_safe
@panel(SEE)
def geojson(request: HttpRequest) -> JsonResponse:
    """The cases that the filters leave, as GeoJSON (RFC 7946), for the queue's map."""
    _form, filters = asked(request)
    found = selectors.queue_points(request.viewer, filters)
    coloured = filters.case_type or case_types()[0].key
    collection = selectors.points_geojson(found, case_type=coloured, address=addresses("cases_panel:case", "A-2026-1"))
    return JsonResponse(collection, content_type="application/geo+json")


@require_safe
@panel(SEE)
def follow(request: HttpRequest) -> Any:
    """Server-sent events of changed cases of the viewer's units; ``here`` says whether the filters of the address let it in."""
    _form, filters = asked(request)
    viewer, filters = request.viewer, replace(filters, cursor="")

    def tell(note: live.Note) -> dict[str, Any] | None:
        number = of_units(viewer).filter(pk=note.object_id).values_list("number", flat=True).first()
        if number is None:
            return None
        here = queue_cases(viewer, filters).filter(pk=note.object_id).exists()
        return {"number": number, "here": here, "new": note.action == "cases.file"}

    return live.stream(request, kinds=(KIND,), tell=tell)
