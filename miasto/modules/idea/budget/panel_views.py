"""Staff: editions, the list of projects with terms, the verification of one, the draw, the realisation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import panel as gate
from miasto.kernel.files import services as files
from miasto.modules.idea.budget import (
    drawing,
    editions,
    panel_forms,
    plots,
    presets,
    realising,
    selectors,
    supporting,
    timing,
    verifying,
)
from miasto.modules.idea.budget.forms import ListForm
from miasto.modules.idea.budget.models import MANAGE, VERIFY, Edition, GuardianConsent, Opinion, Project, Supporter
from miasto.modules.idea.budget.states import COLOURS, ProjectState
from miasto.modules.idea.views_remark import refuse

PER_PAGE = 50


def edition_of(request: HttpRequest, edition_id: UUID) -> Edition:
    """The edition of the address; 404 where there is none."""
    found = selectors.editions(request.viewer).filter(pk=edition_id).first()
    if found is None:
        raise Http404
    return found


def project_of(request: HttpRequest, project_id: UUID) -> Project:
    """The project of the address; 404 where there is none."""
    found = selectors.project_by_id(project_id, request.viewer)
    if found is None:
        raise Http404
    return found


@require_safe
@gate(VERIFY)
def index(request: HttpRequest) -> HttpResponse:
    """The editions."""
    rows = [(one, timing.now(one)) for one in selectors.editions(request.viewer)]
    return render(request, "idea/budget/panel_list.html", {"rows": rows, "manages": request.viewer.holds(MANAGE)})


@gate(MANAGE)
def edit(request: HttpRequest, edition_id: UUID | None = None) -> HttpResponse:
    """A new edition, or other words, dates and rules of one."""
    known = edition_of(request, edition_id) if edition_id else None
    sent = request.POST if request.method == "POST" else None
    form = panel_forms.EditionForm(sent, initial=panel_forms.initial_of(known) if known else None)
    if sent is not None and form.is_valid():
        try:
            saved = editions.save_edition(row=form.row(), by=request.viewer, edition=known)
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Edycja jest zapisana."))
            return redirect("idea_panel:budget_edition", edition_id=saved.pk)
    context = {"form": form, "edition": known, "presets": presets.presets()}
    return render(request, "idea/budget/panel_edit.html", context, status=422 if sent is not None else 200)


@require_POST
@gate(MANAGE)
def publish(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """Show the edition to everybody."""
    editions.publish_edition(edition=edition_of(request, edition_id), by=request.viewer)
    messages.success(request, _("Edycja jest opublikowana."))
    return redirect("idea_panel:budget_edition", edition_id=edition_id)


@require_safe
@gate(VERIFY)
def edition(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """The projects of an edition with their states and terms."""
    one = edition_of(request, edition_id)
    pools = list(one.pools.all())
    form = ListForm(request.GET or None, pools=pools, hidden=False)
    rows = selectors.work_list(one, request.viewer, ListForm(request.GET, pools=pools, hidden=False).filters())
    shown = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    counts = selectors.counts(one, request.viewer)
    context = {
        "edition": one,
        "form": form,
        "page": shown,
        "phases": timing.line(one),
        "counts": [(ProjectState(key).label, COLOURS[ProjectState(key)], n) for key, n in counts.items()],
        "draw": getattr(one, "draw", None),
        "manages": request.viewer.holds(MANAGE),
    }
    return render(request, "idea/budget/panel_edition.html", context)


@require_safe
@gate(VERIFY)
def project(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """One project with everything that its verification needs and every step that can be taken now."""
    return _page(request, project_of(request, project_id))


def _page(request: HttpRequest, found: Project, **forms: Any) -> HttpResponse:
    found.edition = edition_of(request, found.edition_id)
    view = selectors.view_of(found, request.viewer)
    rules = editions.rules_of(found.edition)
    manages = request.viewer.holds(MANAGE)
    collecting = found.state in supporting.OPEN
    context = {
        "project": found,
        "edition": found.edition,
        "view": view,
        "manages": manages,
        "supporters": list(Supporter.objects.filter(project=found).order_by("at")),
        "authors": list(found.authors.select_related("consent").order_by("-lead", "id")),
        "lacks": supporting.missing(found, rules.proposals.support) if collecting else [],
        "collecting": collecting,
        "can_opine": {one.pk for one in view.opinions if one.given_at is None and _may_opine(request, one)},
        "opinion_form": panel_forms.OpinionForm(),
        "ask_form": panel_forms.AskForm(),
        "paper_form": panel_forms.PaperForm(),
        "correction_form": panel_forms.WordsForm(label=_("Co autor ma poprawić")),
        "verdict_form": panel_forms.WordsForm(hint=_("Przeczytają je wszyscy.")),
        "near": [] if found.whole_city else selectors.near_projects(found.geom, request.viewer, exclude=found.pk),
        "cases": [] if found.whole_city else selectors.near_cases(found.geom),
        "middle": None if found.whole_city else found.geom.point_on_surface,
        "shape": selectors.shape_url(found),
        "size": "" if found.whole_city else plots.size_words(found.geom),
        **forms,
    }
    return render(request, "idea/budget/panel_project.html", context, status=422 if forms else 200)


def _may_opine(request: HttpRequest, opinion: Opinion) -> bool:
    units = request.viewer.units_with(VERIFY)
    return request.viewer.holds(MANAGE) or units is None or opinion.unit_id in units


def _act(request: HttpRequest, found: Project, action: Callable[[], Any], done: str, form_name: str, form: Any) -> HttpResponse:
    """Take one step; what the service refuses is shown on the page at the form that was sent."""
    if form is None or form.is_valid():
        try:
            action()
        except ValidationError as error:
            if form is None:
                messages.error(request, " ".join(error.messages))
                return redirect("idea_panel:budget_project", project_id=found.pk)
            refuse(form, error)
        else:
            messages.success(request, done)
            return redirect("idea_panel:budget_project", project_id=found.pk)
    return _page(request, found, **{form_name: form})


@require_POST
@gate(MANAGE)
def formal(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """The formal check is passed."""
    found = project_of(request, project_id)
    done = _("Projekt jest publiczny, a jednostki poproszono o opinie.")
    return _act(request, found, lambda: verifying.pass_formal(project=found, by=request.viewer), done, "", None)


@require_POST
@gate(MANAGE)
def correction(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """The author is asked to correct the proposal."""
    found = project_of(request, project_id)
    form = panel_forms.WordsForm(request.POST, label=_("Co autor ma poprawić"))
    return _act(
        request,
        found,
        lambda: verifying.ask_correction(project=found, text=form.cleaned_data["text"], by=request.viewer),
        _("Napisaliśmy do autora."),
        "correction_form",
        form,
    )


@require_POST
@gate(MANAGE)
def ask(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Another unit is asked for its opinion."""
    found = project_of(request, project_id)
    form = panel_forms.AskForm(request.POST)
    return _act(
        request,
        found,
        lambda: verifying.ask_opinion(
            project=found, check_kind=form.cleaned_data["check_kind"], unit_id=form.cleaned_data["unit"], by=request.viewer
        ),
        _("Jednostka dostała sprawę z terminem."),
        "ask_form",
        form,
    )


@require_POST
@gate(VERIFY)
def opinion(request: HttpRequest, project_id: UUID, opinion_id: UUID) -> HttpResponse:
    """A unit's opinion."""
    found = project_of(request, project_id)
    row = found.opinions.filter(pk=opinion_id).select_related("project").first()
    if row is None:
        raise Http404
    form = panel_forms.OpinionForm(request.POST)
    return _act(
        request, found, lambda: verifying.give_opinion(opinion=row, by=request.viewer, **form.cleaned_data),
        _("Opinia jest zapisana."), "opinion_form", form,
    )  # fmt: skip


@require_POST
@gate(MANAGE)
def verdict(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """The verdict, or the answer to an appeal."""
    found = project_of(request, project_id)
    form = panel_forms.WordsForm(request.POST, hint=_("Przeczytają je wszyscy."))
    positive = request.POST.get("do") == "accept"

    def act() -> None:
        words = form.cleaned_data["text"]
        if found.state == ProjectState.APPEALED:
            verifying.decide_appeal(project=found, uphold=positive, reasons=words, by=request.viewer)
        else:
            verifying.decide(project=found, accept=positive, reasons=words, by=request.viewer)

    return _act(request, found, act, _("Wynik jest opublikowany."), "verdict_form", form)


@require_POST
@gate(VERIFY)
def paper(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Names from a paper support list."""
    found = project_of(request, project_id)
    form = panel_forms.PaperForm(request.POST)
    return _act(
        request,
        found,
        lambda: supporting.enter_supporters(project=found, rows=form.cleaned_data["rows"], by=request.viewer),
        _("Osoby są na liście. Kto był na niej wcześniej, liczy się raz."),
        "paper_form",
        form,
    )


@require_POST
@gate(VERIFY)
def consent(request: HttpRequest, project_id: UUID, consent_id: UUID) -> HttpResponse:
    """A guardian's consent brought on paper."""
    found = project_of(request, project_id)
    row = GuardianConsent.objects.filter(pk=consent_id, author__project=found).first()
    if row is None:
        raise Http404
    done = _("Zgoda jest zapisana.")
    give = lambda: supporting.give_consent(consent_id=row.pk, by=request.viewer, on_paper=True)  # noqa: E731
    return _act(request, found, give, done, "", None)


@gate(MANAGE)
def draw(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """The draw: first what is published, then the result of the public event."""
    one = edition_of(request, edition_id)
    row = getattr(one, "draw", None)
    sent = request.POST if request.method == "POST" else None
    commit = panel_forms.CommitForm(sent if sent is not None and "commit" in sent else None)
    event = panel_forms.DrawForm(sent if sent is not None and "draw" in sent else None)
    form = commit if commit.is_bound else event
    if sent is not None and form.is_valid():
        try:
            if commit.is_bound:
                drawing.commit_draw(edition=one, by=request.viewer, **commit.cleaned_data)
            else:
                drawing.draw_order(edition=one, by=request.viewer, **event.cleaned_data)
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Zapisane i opublikowane."))
            return redirect("idea_panel:budget_draw", edition_id=edition_id)
    context = {"edition": one, "draw": row, "commit_form": commit, "draw_form": event, "form": form}
    return render(request, "idea/budget/panel_draw.html", context, status=422 if sent is not None else 200)


@gate(VERIFY)
def realise(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """How the work on a winner stands."""
    found = project_of(request, project_id)
    work = selectors.realisation_of(found)
    if work is None:
        raise Http404
    if not realising.may_report(request.viewer, work):
        raise PermissionDenied(VERIFY)
    initial = {name: getattr(work, name) for name in ("stage", "planned", "spent", "starts_on", "ends_on")}
    sent = request.POST if request.method == "POST" else None
    form = panel_forms.NewsForm(sent, request.FILES if sent is not None else None, initial=initial)
    if sent is not None and form.is_valid():
        try:
            uploads = form.cleaned_data.pop("files")
            ids = [files.store_image(upload=one, by=request.viewer).file.pk for one in uploads]
            realising.report(realisation=work, row=realising.NewsRow(**form.cleaned_data, file_ids=ids), by=request.viewer)
        except (ValidationError, files.NoRoom) as error:
            refuse(form, ValidationError(error.messages) if isinstance(error, files.NoRoom) else error)
        else:
            messages.success(request, _("Wiadomość jest opublikowana."))
            return redirect("idea_panel:budget_project", project_id=project_id)
    context = {"project": found, "edition": found.edition, "work": work, "form": form}
    return render(request, "idea/budget/panel_realise.html", context, status=422 if sent is not None else 200)
