"""Consultations: what is open, the list, one of them with its documents, and its ledger of remarks."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core import clock
from miasto.kernel.participation import selectors
from miasto.modules.idea.forms import LedgerForm, ListForm
from miasto.modules.idea.ideas import selectors as ideas
from miasto.modules.idea.naming import KIND, brand
from miasto.modules.idea.surveys import selectors as surveys
from miasto.modules.idea.voting.views import going as votes_going

PER_PAGE = 20
REMARKS = 25
ENDED_SHOWN = 4
LANGUAGES = {"pl": "Polski", "en": "English", "uk": "Українська"}


def found(request: HttpRequest, slug: str) -> Any:
    """The consultation of the address for this viewer; 404 where there is none."""
    try:
        process = selectors.process_for(slug, request.viewer)
    except ObjectDoesNotExist:
        raise Http404 from None
    if process.process_kind != KIND:
        raise Http404
    return process


def card(process: Any) -> dict[str, Any]:
    """What a list shows of a consultation; asks nothing."""
    state = selectors.state_of(process)
    colours = {selectors.OPEN: "green", selectors.PLANNED: "blue", selectors.CONSIDERED: "yellow", selectors.ENDED: "grey"}
    language = reader_language()
    return {
        "process": process,
        "title": process.said("title", language),
        "decided": process.said("decided", language),
        "url": reverse("idea:process", args=[process.slug]),
        "state": state,
        "state_name": selectors.state_names()[state],
        "colour": colours[state],
        "phase": selectors.open_phase(process),
        "next": _next_phase(process),
    }


def _next_phase(process: Any) -> Any:
    today = clock.today()
    return next((one for one in process.phases.all() if one.starts_on > today), None)


def reader_language() -> str:
    """The language of the page."""
    return (get_language() or "pl")[:2]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What is open now and what ended with what result; at most 10 queries."""
    seen = selectors.processes(ANONYMOUS, KIND)
    states = (selectors.OPEN, selectors.PLANNED, selectors.CONSIDERED, selectors.ENDED)
    parts = {state: [card(one) for one in selectors.in_state(seen, state)[:ENDED_SHOWN]] for state in states}
    surveyed = [one for one in surveys.surveys(ANONYMOUS)[: ENDED_SHOWN * 2] if one.open][:ENDED_SHOWN]
    context = {"brand": brand(), "parts": parts, "votes": votes_going(), "page": "idea", "surveys": surveyed}
    return render(request, "idea/home.html", context)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All published consultations, newest first."""
    form = ListForm(request.GET)
    form.is_valid()
    seen = selectors.processes(ANONYMOUS, KIND).filter(published_at__isnull=False)
    state = form.cleaned_data.get("stan")
    page = Paginator(selectors.in_state(seen, state) if state else seen, PER_PAGE).get_page(request.GET.get("page"))
    context = {"brand": brand(), "form": form, "page": page, "cards": [card(one) for one in page], "narrowed": bool(state)}
    return render(request, "idea/list.html", context)


@require_safe
def process(request: HttpRequest, slug: str) -> HttpResponse:
    """One consultation: what is decided, when and by whom, phases, documents, meetings, numbers."""
    one = found(request, slug)
    asked = request.GET.get("jezyk", "")
    language = asked if asked in one.languages else reader_language()
    statuses = selectors.statuses(one)
    context = {
        "brand": brand(),
        "process": one,
        "card": card(one),
        "language": language,
        "languages": [(key, LANGUAGES[key], key == language) for key in ("pl", *one.languages)],
        "said": {name: one.said(name, language) for name in ("title", "decided", "decided_when", "decided_by", "easy")},
        "easy_language": one.language_of("easy", language),
        "basis": selectors.law.basis(one.basis),
        "initiator": selectors.law.name_of(selectors.law.initiators(), one.initiator),
        "author_groups": [name for _key, name in selectors.author_choices(one)],
        "phases": timeline(one),
        "documents": with_files(selectors.documents(one)),
        "meetings": selectors.meetings(one),
        "registered": selectors.registered(one, request.viewer),
        "statuses": statuses,
        "total": sum(count for *_rest, count in statuses),
        "form_name": selectors.law.form_name(selectors.law.basis(one.basis).form),
        "surveys": surveys.of_process(one.pk, ANONYMOUS),
        "film": selectors.film_of(one),
        "came_of": ideas.came_to(one.pk, request.viewer),
    }
    return render(request, "idea/process.html", context)


def with_files(documents: list[Any]) -> list[tuple[Any, list[Any]]]:
    """Documents, each with the files of its newest version; one query."""
    found = selectors.of_versions([one.version.pk for one in documents])
    return [(one, found.get(one.version.pk, [])) for one in documents]


def timeline(process: Any) -> list[dict[str, Any]]:
    """The phases with their state today: done, now or ahead."""
    today = clock.today()
    return [
        {
            "phase": one,
            "state": "done" if one.ends_on < today else "now" if one.starts_on <= today else "",
            "remarks": selectors.Phase.Action.REMARK in one.actions,
        }
        for one in process.phases.all()
    ]


@require_safe
def document(request: HttpRequest, slug: str, version_id: UUID) -> HttpResponse:
    """One version of a document, paragraph by paragraph, each with its anchor and its remarks."""
    one = found(request, slug)
    version = selectors.version_of(one, version_id)
    if version is None:
        raise Http404
    versions = list(version.document.versions.all())
    context = {
        "brand": brand(),
        "process": one,
        "version": version,
        "versions": versions,
        "newest": versions[0],
        "paragraphs": selectors.paragraphs(version),
        "files": selectors.of_versions([version.pk]).get(version.pk, []),
        "open": selectors.open_phase(one) is not None and versions[0].pk == version.pk,
    }
    return render(request, "idea/document.html", context)


@require_safe
def ledger(request: HttpRequest, slug: str) -> HttpResponse:
    """The public ledger: every remark with its status, page by page; the number of queries does not grow with it."""
    one = found(request, slug)
    documents = selectors.documents(one)
    form = LedgerForm(request.GET, process=one, documents=documents)
    filters = form.filters()
    rows = selectors.ledger(one, request.viewer, filters)
    page = Paginator(rows, REMARKS).get_page(request.GET.get("page"))
    context = {
        "brand": brand(),
        "process": one,
        "form": form,
        "page": page,
        "rows": [_line(one, row, request.viewer) for row in page],
        "statuses": selectors.statuses(one),
        "narrowed": any(form.cleaned_data.values()),
        "paragraph": selectors.paragraph_of(one, filters.paragraph_id) if filters.paragraph_id else None,
        "open": selectors.open_phase(one) is not None,
        "with_map": filters.with_place,
    }
    return render(request, "idea/ledger.html", context)


def _line(process: Any, row: Any, viewer: Any) -> dict[str, Any]:
    row.process = process
    return {
        "row": row,
        "text": selectors.words_of(row, viewer),
        "status": row.get_status_display(),
        "colour": selectors.COLOURS[row.status],
        "url": reverse("idea:remark", args=[process.slug, row.number]),
    }


@require_safe
def places(request: HttpRequest, slug: str) -> JsonResponse:
    """The remarks with a place as GeoJSON (``?nr=3``: one of them); numbers and statuses, no words."""
    asked = request.GET.get("nr", "")
    number = int(asked) if re.fullmatch(r"[0-9]{1,9}", asked) else None
    collection = selectors.places_geojson(found(request, slug), request.viewer, number)
    return JsonResponse(collection, content_type="application/geo+json")
