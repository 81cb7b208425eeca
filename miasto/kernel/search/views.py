"""The page of results, and the lines under the search box."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from miasto.kernel.content import selectors as knowledge
from miasto.kernel.core.ratelimit import limited
from miasto.kernel.search import selectors
from miasto.kernel.search.sources import shortcuts

LONGEST = 200


@require_safe
@limited("search.results", limit=1200, per_s=600, methods=("GET",))
def results(request: HttpRequest) -> HttpResponse:
    """What was found; works without JavaScript and can be linked to."""
    text = request.GET.get("q", "").strip()[:LONGEST]
    number = request.GET.get("page", "1")
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 5 else 1
    kinds = request.GET.getlist("rodzaj")
    found = selectors.search(text, request.viewer, kinds=kinds, page=page)
    places = [(one, selectors.map_url(one.lon, one.lat)) for one in found.addresses]
    context = {
        "text": text,
        "search_text": text,
        "found": found,
        "answer": _answer(text) if page == 1 and not kinds else None,
        "addresses": places,
        "facets": [(facet, _facet_url(text, facet, kinds)) for facet in found.facets] if len(found.facets) > 1 or kinds else [],
        "all_url": f"?{urlencode({'q': text})}",
        "page_obj": Paginator(range(found.total), selectors.PAGE).get_page(found.page),
        "hints": shortcuts()[:6],
    }
    return render(request, "search/results.html", context)


@require_safe
@limited("search.suggestions", limit=3000, per_s=600, methods=("GET",))
def suggestions(request: HttpRequest) -> JsonResponse:
    """``[{value, label, detail}]`` for the combobox; ``value`` is the address to go to."""
    found = selectors.suggest(request.GET.get("q", "").strip()[:LONGEST], request.viewer)
    rows = [{"value": one.url, "label": one.label, "detail": one.detail} for one in found]
    response = JsonResponse(rows, safe=False, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "private, no-store"
    return response


def _answer(text: str) -> Any:
    """The knowledge base's answer in one sentence, where the text asks about a service page."""
    return next(iter(knowledge.answers(text, limit=1, language=get_language() or "pl")), None)


def _facet_url(text: str, facet: selectors.Facet, kinds: list[str]) -> str:
    """The same search with this kind chosen, or no longer."""
    chosen: list[Any] = [key for key in kinds if key != facet.key] if facet.on else [*kinds, facet.key]
    return f"?{urlencode({'q': text, 'rodzaj': chosen}, doseq=True)}"
