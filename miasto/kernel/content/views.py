"""``/poradnik/``: topics and search, a service page, offices with their hours, answers as data, opinions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.content import selectors
from miasto.kernel.content import services as writing
from miasto.kernel.content.models import Service
from miasto.kernel.content.offices import desks
from miasto.kernel.content.presenting import contact_of, page_context, text_of
from miasto.kernel.core.ratelimit import limited

LONGEST = 200
MOST_ANSWERS = 8


@require_safe
@limited("content.guide", limit=1200, per_s=600, methods=("GET",))
def guide(request: HttpRequest) -> HttpResponse:
    """Search, what is needed most, and every topic with its pages."""
    text = request.GET.get("q", "").strip()[:LONGEST]
    found = selectors.answers(text, limit=MOST_ANSWERS, language=get_language() or "pl") if text else []
    rows = list(selectors.services().filter(live=True))
    shelves = [
        {"topic": topic, "name": text_of(topic, "name"), "rows": [_row(row) for row in rows if row.topic_id == topic.id]}
        for topic in selectors.topics()
    ]
    context = {"text": text, "found": found, "shelves": shelves, "popular": [_row(row) for row in rows if row.popular]}
    return render(request, "content/guide.html", context)


def _row(row: Service) -> dict[str, Any]:
    return {"title": text_of(row, "title"), "line": text_of(row, "line"), "url": row.get_absolute_url(), "icon": row.topic.icon}


@require_safe
def service(request: HttpRequest, slug: str) -> HttpResponse:
    """One service page; a page that is not published is shown to editors alone, marked as such."""
    found = Service.objects.visible_to(request.viewer).select_related("topic", "unit")
    row = get_object_or_404(found, slug=slug)
    context = page_context(row)
    return render(
        request, "content/service.html", {**context, "contacts": contact_of(row.unit), "asked": request.GET.get("o", "")}
    )


@require_safe
@limited("content.answer", limit=3000, per_s=600, methods=("GET",))
def answer(request: HttpRequest) -> JsonResponse:
    """``{"answers": [{title, line, url, unit, detail, facet, score}]}`` for a question in ``q``; best first."""
    text = request.GET.get("q", "").strip()[:LONGEST]
    rows = [
        {
            "title": one.title,
            "line": one.line,
            "url": one.url,
            "unit": str(one.unit_id or ""),
            "detail": one.detail,
            "facet": one.facet,
            "score": one.score,
        }
        for one in selectors.answers(text, language=get_language() or "pl")
    ]
    response = JsonResponse({"answers": rows}, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def offices(request: HttpRequest) -> HttpResponse:
    """Every unit that receives people, with its hours today."""
    known = sorted(desks().values(), key=lambda desk: (desk.unit.organisation.name, desk.unit.name))
    groups: dict[str, list[Any]] = {}
    for desk in known:
        groups.setdefault(desk.unit.organisation.name, []).append(desk)
    return render(request, "content/offices.html", {"groups": groups.items()})


@require_safe
def office(request: HttpRequest, slug: str) -> HttpResponse:
    """One unit: where, when, how to reach it, and which matters it answers for."""
    desk = next((desk for desk in desks().values() if desk.unit.slug == slug), None)
    if desk is None:
        raise Http404
    rows = [_row(row) for row in selectors.services().filter(live=True, unit_id=desk.unit.id)]
    return render(request, "content/office.html", {"desk": desk, "contacts": contact_of(desk.unit), "rows": rows})


@require_POST
@limited("content.opinion", limit=30, per_s=3600)
def opinion(request: HttpRequest, slug: str) -> HttpResponse:
    """Yes or no, then perhaps what was missing; nothing of the reader is kept."""
    row = get_object_or_404(Service, slug=slug, live=True)
    answered = request.POST.get("pomoglo")
    if answered not in ("tak", "nie"):
        raise BadRequest
    try:
        known = UUID(request.POST["opinia"]) if request.POST.get("opinia") else None
    except ValueError as error:
        raise BadRequest from error
    missing = request.POST.get("brak", "")
    made = writing.give_opinion(service=row, helped=answered == "tak", missing=missing, opinion_id=known)
    if answered == "nie" and not missing:
        return redirect(f"{row.get_absolute_url()}?o={made}#opinia")
    messages.success(request, _("Dziękujemy. Opinię przeczyta osoba, która prowadzi poradnik."))
    return redirect(f"{row.get_absolute_url()}#tresc")
