"""The city's side of ideas: the list of what waits, and the workbench of one idea."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import panel as gate
from miasto.kernel.accounts.selectors import may
from miasto.modules.idea.ideas import panel_forms as forms
from miasto.modules.idea.ideas import selectors, services
from miasto.modules.idea.ideas.models import ANSWER, LEAD, WAITING, Idea, State
from miasto.modules.idea.views_remark import refuse

PER_PAGE = 30


def group_names() -> dict[str, str]:
    """What a lead of ideas may look at."""
    return {
        "": _("wszystkie"),
        "termin": _("po terminie"),
        "rozpatrywane": _("czekają na decyzję lub odpowiedź"),
        "bez-skutku": _("przyjęte bez dalszego ciągu"),
        "zasady": _("zgłoszone naruszenia"),
        "poparcie": _("zbierają poparcie"),
    }


@require_safe
@gate(ANSWER)
def index(request: HttpRequest) -> HttpResponse:
    """What waits longest first."""
    group = request.GET.get("co", "")
    rows = selectors.led(request.viewer)
    if group in selectors.work_groups():
        rows = rows.filter(selectors.work_groups()[group])
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "idea/ideas/staff_list.html", {"page": page, "groups": group_names(), "group": group})


def led(request: HttpRequest, number: int) -> Idea:
    """The idea for who may work on it; 404 for everybody else."""
    one = selectors.led_one(number, request.viewer) if number < 2**31 else None
    if one is None or not may(request.viewer, ANSWER, one):
        raise Http404
    return one


@require_safe
@gate(ANSWER)
def idea(request: HttpRequest, number: int) -> HttpResponse:
    """The workbench of one idea."""
    return _page(request, led(request, number))


def _page(request: HttpRequest, one: Idea, status: int = 200, **refused: Any) -> HttpResponse:
    view = selectors.idea_view(one, request.viewer)
    comment_page, comments = selectors.comments_for_staff(one, request.GET.get("page", ""))
    context = {
        "idea": one,
        "view": view,
        "leads": may(request.viewer, LEAD, one),
        "waits": one.state in WAITING,
        "may_take_up": one.state in (State.GATHERING, State.BELOW),
        "may_ask": one.state in (State.GATHERING, *WAITING),
        "may_link": one.state in (State.ACCEPTED, State.PARTLY, State.DONE),
        "flags": selectors.open_flags(one),
        "comments": comments,
        "comment_page": comment_page,
        "opinion_form": forms.OpinionForm(prefix="opinia"),
        "drop_form": forms.DropForm(prefix="pytanie"),
        "cost_form": forms.CostForm(prefix="koszt", initial=forms.cost_initial(one)),
        "extend_form": forms.ExtendForm(prefix="termin"),
        "decide_form": forms.DecideForm(prefix="decyzja", idea=one),
        "outcome_form": forms.OutcomeForm(prefix="skutek", viewer=request.viewer),
        "follow_form": forms.FollowForm(prefix="dalej"),
        "take_form": forms.ReasonForm(prefix="wez"),
        "hide_form": forms.HideForm(prefix="ukryj"),
        "merge_form": forms.MergeForm(prefix="polacz"),
        "reply_form": forms.ReplyForm(prefix="odpowiedz"),
        **refused,
    }
    return render(request, "idea/ideas/staff_idea.html", context, status=status)


def _act(
    request: HttpRequest, number: int, name: str, form: Any, act: Callable[[Idea, dict[str, Any]], Any], said: str
) -> HttpResponse:
    """One form of the workbench: the service call, or the page with the form that was refused."""
    one = led(request, number)
    if form.is_valid():
        try:
            act(one, form.cleaned_data)
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, said)
            return redirect("idea_panel:idea", number=number)
    return _page(request, one, 422, **{name: form, "form": form})


@require_POST
@gate(LEAD)
def take_up(request: HttpRequest, number: int) -> HttpResponse:
    """Examine it without waiting for the threshold."""
    form = forms.ReasonForm(request.POST, prefix="wez")
    act = lambda one, data: services.take_up(idea=one, by=request.viewer, **data)  # noqa: E731
    return _act(request, number, "take_form", form, act, _("Pomysł jest w rozpatrywaniu."))


@require_POST
@gate(ANSWER)
def ask(request: HttpRequest, number: int) -> HttpResponse:
    """Ask a unit for its opinion."""
    form = forms.OpinionForm(request.POST, prefix="opinia")
    act = lambda one, data: services.ask_opinion(  # noqa: E731
        idea=one, unit_id=data["unit"].pk, question=data["question"], by=request.viewer
    )
    return _act(request, number, "opinion_form", form, act, _("Jednostka dostała pytanie z terminem."))


@require_POST
@gate(ANSWER)
def drop_question(request: HttpRequest, number: int, opinion_id: UUID) -> HttpResponse:
    """An opinion that is no longer awaited."""
    form = forms.DropForm(request.POST, prefix="pytanie")

    def act(one: Idea, data: dict[str, Any]) -> None:
        asked = one.opinions.filter(pk=opinion_id, received_at=None).select_related("idea").first()
        if asked is None:
            raise Http404
        services.withdraw_question(opinion=asked, reason=data["reason"], by=request.viewer)

    return _act(request, number, "drop_form", form, act, _("Pytanie wycofane."))


@require_POST
@gate(ANSWER)
def cost(request: HttpRequest, number: int) -> HttpResponse:
    """What it would cost."""
    form = forms.CostForm(request.POST, prefix="koszt")
    act = lambda one, data: services.estimate(idea=one, by=request.viewer, **data)  # noqa: E731
    return _act(request, number, "cost_form", form, act, _("Koszt zapisany."))


@require_POST
@gate(LEAD)
def extend(request: HttpRequest, number: int) -> HttpResponse:
    """Another promised day."""
    form = forms.ExtendForm(request.POST, prefix="termin")
    act = lambda one, data: services.extend(idea=one, by=request.viewer, **data)  # noqa: E731
    return _act(request, number, "extend_form", form, act, _("Termin przesunięty."))


@require_POST
@gate(LEAD)
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """The decision."""
    form = forms.DecideForm(request.POST, prefix="decyzja", idea=led(request, number))
    act = lambda one, data: services.decide(idea=one, by=request.viewer, **data)  # noqa: E731
    return _act(request, number, "decide_form", form, act, _("Decyzja opublikowana."))


@require_POST
@gate(ANSWER)
def outcome(request: HttpRequest, number: int) -> HttpResponse:
    """What came of it."""
    form = forms.OutcomeForm(request.POST, prefix="skutek", viewer=request.viewer)
    act = lambda one, data: services.link_outcome(idea=one, by=request.viewer, **data)  # noqa: E731
    return _act(request, number, "outcome_form", form, act, _("Dopisano, co z tego wynikło."))


@require_POST
@gate(ANSWER)
def follow(request: HttpRequest, number: int, outcome_id: UUID) -> HttpResponse:
    """How it went on."""
    form = forms.FollowForm(request.POST, prefix="dalej")

    def act(one: Idea, data: dict[str, Any]) -> None:
        there = selectors.idea_view(one, request.viewer).outcomes
        known = next((row for row in there if row.pk == outcome_id), None)
        if known is None:
            raise Http404
        services.follow_outcome(idea=one, outcome=known, by=request.viewer, **data)

    return _act(request, number, "follow_form", form, act, _("Dalszy ciąg zapisany."))


@require_POST
@gate(LEAD)
def hide(request: HttpRequest, number: int) -> HttpResponse:
    """Hide an idea for a rule."""
    form = forms.HideForm(request.POST, prefix="ukryj")
    act = lambda one, data: services.hide(idea=one, by=request.viewer, **data)  # noqa: E731
    return _act(request, number, "hide_form", form, act, _("Pomysł ukryty. Autor dostał powód."))


@require_POST
@gate(LEAD)
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Show it again, or find the flags unfounded."""
    one = led(request, number)
    if one.hidden_at:
        services.show(idea=one, by=request.viewer)
        messages.success(request, _("Pomysł jest znów widoczny."))
    else:
        services.keep_shown(idea=one, by=request.viewer)
        messages.success(request, _("Zgłoszenia odłożone. Pomysł zostaje."))
    return redirect("idea_panel:idea", number=number)


@require_POST
@gate(LEAD)
def merge(request: HttpRequest, number: int) -> HttpResponse:
    """Close a duplicate into another idea."""
    form = forms.MergeForm(request.POST, prefix="polacz")

    def act(one: Idea, data: dict[str, Any]) -> None:
        into = selectors.led_one(data["number"], request.viewer)
        if into is None:
            raise ValidationError({"number": _("Nie ma takiego pomysłu.")})
        services.merge(idea=one, into=into, reason=data["reason"], by=request.viewer)

    return _act(request, number, "merge_form", form, act, _("Połączono. Poparcie przeszło na wspólny pomysł."))


@require_POST
@gate(ANSWER)
def reply(request: HttpRequest, number: int) -> HttpResponse:
    """Write under an idea in the name of the unit."""
    form = forms.ReplyForm(request.POST, prefix="odpowiedz")
    act = lambda one, data: services.comment(  # noqa: E731
        idea=one, body=data["body"], by=request.viewer, unit_id=one.unit_id
    )
    return _act(request, number, "reply_form", form, act, _("Odpowiedź dodana."))


@require_POST
@gate(ANSWER)
def comment(request: HttpRequest, number: int, comment_id: UUID) -> HttpResponse:
    """Hide a comment or leave it."""
    one = led(request, number)
    row = selectors.comment_of(one, comment_id)
    if row is None:
        raise Http404
    services.decide_comment(idea=one, comment=row, publish=request.POST.get("do") != "hide", by=request.viewer)
    messages.success(request, _("Zapisano."))
    return redirect("idea_panel:idea", number=number)
