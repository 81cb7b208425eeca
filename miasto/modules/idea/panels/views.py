"""Public pages of citizen panels."""

from __future__ import annotations

from importlib import resources
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import login_required
from miasto.modules.idea.naming import brand
from miasto.modules.idea.panels import drawing, services
from miasto.modules.idea.panels.forms import ApplyForm
from miasto.modules.idea.panels.models import Applicant, Panel, State
from miasto.modules.idea.panels.stages import stage_of

PER_PAGE = 20


def found(request: HttpRequest, slug: str) -> Panel:
    """The panel of the address for this viewer; 404 where there is none."""
    panel = Panel.objects.visible_to(request.viewer).filter(slug=slug).select_related("unit").first()
    if panel is None:
        raise Http404
    return panel


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All published panels, newest first; the drawing's long texts are not read."""
    rows = Panel.objects.filter(published_at__isnull=False).defer("list_text", "about").order_by("-published_at")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request, "idea/panels/list.html", {"brand": brand(), "page": page, "rows": [(one, stage_of(one)) for one in page]}
    )


@require_safe
def panel(request: HttpRequest, slug: str) -> HttpResponse:
    """One panel from its question to what became of the recommendations; at most 10 queries."""
    one = found(request, slug)
    exchanges = list(one.exchanges.all())
    mine = one.applicants.filter(person=request.viewer.person_id).first() if request.viewer.person_id else None
    chances = drawing.chances(one) if one.listed_at else []
    context = {
        "brand": brand(),
        "panel": one,
        "stage": stage_of(one),
        "open": services.open_now(one),
        "mine": mine,
        "waits": mine is not None and mine.state == State.INVITED and one.finished_at is None,
        "sits": mine is not None and mine.state == State.ACCEPTED,
        "my_lines": dict(chances).get(mine.number) if mine else None,
        "features": features_of(one),
        "people": sum(next(iter(one.counts.values()), {}).values()),
        "chances": chances,
        "limit_permille": 1000 * (one.limit or 0),
        "committee": drawing.committee(one) if one.drawn_at else [],
        "exchanges": exchanges,
        "sessions": one.sessions.all(),
        "recommendations": one.recommendations.all(),
    }
    return render(request, "idea/panels/panel.html", context)


def features_of(one: Panel) -> list[dict[str, Any]]:
    """The groups with their part of the city, seats and volunteers (None before the sign-up ended)."""
    made = []
    for feature in one.features:
        whole = sum(value["population"] for value in feature["values"]) or 1
        there = one.counts.get(feature["name"], {})
        rows = [
            {**value, "share": 100 * value["population"] / whole, "volunteers": there.get(value["name"])}
            for value in feature["values"]
        ]
        made.append({"name": feature["name"], "rows": rows})
    return made


@login_required
def apply(request: HttpRequest, slug: str) -> HttpResponse:
    """Sign up, or change what was given."""
    one = found(request, slug)
    if not services.open_now(one):
        messages.error(request, _("Do tego panelu nie można się już zgłosić."))
        return redirect("idea:panel", slug=slug)
    known = Applicant.objects.filter(panel=one, person=request.viewer.person_id).first()
    form = ApplyForm(request.POST or None, panel=one, known=known)
    if request.method == "POST" and form.is_valid():
        services.apply(
            panel=one,
            values=form.values(),
            phone=form.cleaned_data["phone"],
            language=(get_language() or "pl")[:2],
            by=request.viewer,
        )
        messages.success(
            request, _("Masz zgłoszenie do panelu. Po zamknięciu zgłoszeń zobaczysz tu swój numer i swoją szansę.")
        )
        return redirect("idea:panel", slug=slug)
    context = {"brand": brand(), "panel": one, "form": form, "known": known}
    return render(request, "idea/panels/apply.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the application back."""
    return _done(request, slug, lambda one: services.withdraw(panel=one, by=request.viewer), _("Zgłoszenie usunięte."))


@require_POST
@login_required
def answer(request: HttpRequest, slug: str) -> HttpResponse:
    """Yes or no of somebody who was drawn."""
    accepts = request.POST.get("answer") == "yes"
    said = (
        _("Dziękujemy. Do zobaczenia na pierwszej sesji.")
        if accepts
        else _("Dziękujemy za odpowiedź. Zaprosimy kolejną osobę.")
    )
    return _done(request, slug, lambda one: services.answer(panel=one, accepts=accepts, by=request.viewer), said)


def _done(request: HttpRequest, slug: str, act: Any, said: str) -> HttpResponse:
    try:
        act(found(request, slug))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, said)
    return redirect("idea:panel", slug=slug)


@require_safe
def list_file(request: HttpRequest, slug: str) -> HttpResponse:
    """The list of committees, byte for byte as it was hashed."""
    one = found(request, slug)
    if one.listed_at is None:
        raise Http404
    return _file(one.list_text.encode(), "text/csv; charset=utf-8", f"{slug}-lista.csv")


@require_safe
def draw_file(request: HttpRequest, slug: str) -> HttpResponse:
    """The draw for the script; before the draw the hash and the commitment."""
    one = found(request, slug)
    if one.listed_at is None:
        raise Http404
    return JsonResponse(
        drawing.draw_file(one, list(one.exchanges.all())), json_dumps_params={"ensure_ascii": False, "indent": 1}
    )


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """The script with which anyone repeats a draw."""
    text = resources.files("miasto.kernel.participation.sortition").joinpath("recount.py").read_bytes()
    return _file(text, "text/x-python; charset=utf-8", "recount.py")


def _file(data: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(data, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
