"""Staff: preparing a panel, closing the sign-up, the draw, sessions, recommendations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import panel as gate
from miasto.kernel.core import clock
from miasto.modules.idea.panels import drawing, forms, services
from miasto.modules.idea.panels.models import MANAGE, Panel, State
from miasto.modules.idea.panels.stages import stage_of
from miasto.modules.idea.views_remark import refuse

PER_PAGE = 30
HOME = "idea_panel:panel"


def managed(request: HttpRequest, panel_id: UUID) -> Panel:
    """The panel for who may work on it; 404 for everybody else."""
    one = Panel.objects.managed_by(request.viewer).filter(pk=panel_id).first()
    if one is None:
        raise Http404
    return one


@require_safe
@gate(MANAGE)
def index(request: HttpRequest) -> HttpResponse:
    """The panels of one's units."""
    rows = Panel.objects.managed_by(request.viewer).defer("list_text", "about").order_by("-id")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "idea/panels/staff_list.html", {"page": page, "rows": [(one, stage_of(one)) for one in page]})


@gate(MANAGE)
def edit(request: HttpRequest, panel_id: UUID | None = None) -> HttpResponse:
    """A new panel, or other words, dates and quotas of one."""
    known = managed(request, panel_id) if panel_id else None
    sent = request.POST if request.method == "POST" else None
    form = forms.PanelForm(sent, viewer=request.viewer, initial=forms.initial_of(known) if known else None)
    if sent is not None and form.is_valid():
        try:
            if known is None:
                made = services.create_panel(row=form.row(), by=request.viewer)
            else:
                made = services.update_panel(panel=known, row=form.row(), by=request.viewer)
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Zapisano."))
            return redirect(HOME, panel_id=made.pk)
    return render(
        request, "idea/panels/staff_edit.html", {"panel": known, "form": form}, status=422 if sent is not None else 200
    )


@require_safe
@gate(MANAGE)
def panel(request: HttpRequest, panel_id: UUID) -> HttpResponse:
    """The workbench of one panel."""
    return _page(request, managed(request, panel_id))


def _page(request: HttpRequest, one: Panel, **wrong: Any) -> HttpResponse:
    people = one.applicants.select_related("person").order_by("number")
    drawn = people.filter(state__in=(State.INVITED, State.ACCEPTED, State.REFUSED)) if one.drawn_at else []
    works = services.works(one)
    context = {
        "panel": one,
        "stage": stage_of(one),
        "works": works,
        "stuck": services.stuck(one),
        "applied": people.count(),
        "can_close": one.published_at and not one.listed_at and not works and clock.today() > one.recruit_until,
        "can_draw": one.listed_at and not one.drawn_at and clock.today() >= one.draw_on,
        "problem": drawing.problem_words(one, _),
        "drawn": drawn,
        "empty": one.exchanges.filter(chosen="").count(),
        "sessions": one.sessions.all(),
        "recommendations": one.recommendations.all(),
        "draw_form": forms.DrawForm(),
        "recommendation_form": forms.RecommendationForm(),
        **wrong,
    }
    return render(request, "idea/panels/staff_panel.html", context, status=422 if wrong else 200)


def _act(request: HttpRequest, panel_id: UUID, act: Any, said: str) -> HttpResponse:
    one = managed(request, panel_id)
    try:
        act(one)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, said)
    return redirect(HOME, panel_id=panel_id)


@require_POST
@gate(MANAGE)
def publish(request: HttpRequest, panel_id: UUID) -> HttpResponse:
    """Open the sign-up."""
    said = _("Opublikowano. Mieszkańcy mogą się zgłaszać.")
    return _act(request, panel_id, lambda one: services.publish_panel(panel=one, by=request.viewer), said)


@require_POST
@gate(MANAGE)
def close(request: HttpRequest, panel_id: UUID) -> HttpResponse:
    """End the sign-up and begin the list."""
    said = _("Zgłoszenia zamknięte. Lista liczy się w tle, zwykle do minuty.")
    return _act(request, panel_id, lambda one: services.close_recruitment(panel=one, by=request.viewer), said)


@require_POST
@gate(MANAGE)
def draw(request: HttpRequest, panel_id: UUID) -> HttpResponse:
    """The draw."""
    one, form = managed(request, panel_id), forms.DrawForm(request.POST)
    if not form.is_valid():
        return _page(request, one, draw_form=form)
    value = form.cleaned_data["public_value"]
    said = _("Panel wylosowany. Zaproszenia są w drodze.")
    return _act(request, panel_id, lambda row: services.draw(panel=row, public_value=value, by=request.viewer), said)


@require_POST
@gate(MANAGE)
def answer(request: HttpRequest, panel_id: UUID, number: int) -> HttpResponse:
    """The answer that somebody drawn gave by telephone or letter."""
    one = managed(request, panel_id)
    applicant = get_object_or_404(one.applicants, number=number)
    accepts = request.POST.get("answer") == "yes"
    return _act(
        request,
        panel_id,
        lambda row: services.answer(panel=row, accepts=accepts, by=request.viewer, applicant=applicant),
        _("Odpowiedź zapisana."),
    )


@gate(MANAGE)
def session(request: HttpRequest, panel_id: UUID, session_id: UUID | None = None) -> HttpResponse:
    """A sitting."""
    one = managed(request, panel_id)
    known = get_object_or_404(one.sessions, pk=session_id) if session_id else None
    form = forms.SessionForm(request.POST or None, initial=_session(known) if known else None)
    if request.method == "POST" and form.is_valid():
        services.save_session(panel=one, session=known, by=request.viewer, **form.row())
        messages.success(request, _("Zapisano."))
        return redirect(HOME, panel_id=panel_id)
    context = {"panel": one, "form": form, "heading": known.title if known else _("Nowa sesja")}
    return render(request, "idea/panels/staff_form.html", context, status=422 if form.errors else 200)


def _session(known: Any) -> dict[str, Any]:
    starts = clock.local(known.starts_at)
    names = ("title", "place", "materials")
    return {"day": starts.date(), "at": starts.time(), **{name: getattr(known, name) for name in names}}


@require_POST
@gate(MANAGE)
def recommend(request: HttpRequest, panel_id: UUID) -> HttpResponse:
    """A recommendation."""
    one, form = managed(request, panel_id), forms.RecommendationForm(request.POST)
    if not form.is_valid():
        return _page(request, one, recommendation_form=form)
    text = form.cleaned_data["text"]
    said = _("Rekomendacja opublikowana. Teraz miasto jest winne odpowiedź.")
    return _act(request, panel_id, lambda row: services.recommend(panel=row, text=text, by=request.viewer), said)


@gate(MANAGE)
def fate(request: HttpRequest, panel_id: UUID, number: int) -> HttpResponse:
    """What became of a recommendation."""
    one = managed(request, panel_id)
    known = get_object_or_404(one.recommendations.select_related("panel"), number=number)
    initial = {"fate": known.fate, "reasons": known.reasons, "url": known.url}
    form = forms.FateForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.decide(recommendation=known, by=request.viewer, **form.cleaned_data)
        messages.success(request, _("Odpowiedź opublikowana."))
        return redirect(HOME, panel_id=panel_id)
    context = {"panel": one, "form": form, "heading": _("Rekomendacja %(n)d") % {"n": number}, "text": known.text}
    return render(request, "idea/panels/staff_form.html", context, status=422 if form.errors else 200)


@require_POST
@gate(MANAGE)
def finish(request: HttpRequest, panel_id: UUID) -> HttpResponse:
    """End the panel."""
    said = _("Panel zakończony. Dane zgłoszeń usuniemy w ogłoszonym terminie.")
    return _act(request, panel_id, lambda one: services.finish(panel=one, by=request.viewer), said)
