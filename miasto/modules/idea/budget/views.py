"""Public pages of the budget: editions, an edition with its projects, a project, support, consent, appeal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import enter_by_link, login_required
from miasto.kernel.accounts.selectors import ANONYMOUS, contact_of
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.core.ratelimit import limited
from miasto.kernel.notifications import services as notifications
from miasto.modules.idea.budget import (
    drawing,
    forms,
    listeners,
    plots,
    proposing,
    results,
    selectors,
    supporting,
    timing,
    verifying,
)
from miasto.modules.idea.budget.editions import rules_of
from miasto.modules.idea.budget.models import Edition, GuardianConsent, Project, Supporter
from miasto.modules.idea.budget.states import COLOURS, PhaseKind, ProjectState
from miasto.modules.idea.ideas import selectors as ideas
from miasto.modules.idea.naming import brand
from miasto.modules.idea.views_remark import refuse

PER_PAGE = 24
WRITE = {"limit": city().limit("support_per_hour", 60), "per_s": 3600}


def page(request: HttpRequest, template: str, status: int = 200, **context: Any) -> HttpResponse:
    """A page of the budget with the name of the place where residents take part."""
    return render(request, template, {"brand": brand(), **context}, status=status)


def edition_of(request: HttpRequest, slug: str) -> Edition:
    """The edition of the address for this viewer; 404 where there is none."""
    found = selectors.edition_for(slug, request.viewer)
    if found is None:
        raise Http404
    return found


def project_of(request: HttpRequest, edition: Edition, number: int) -> Project:
    """The project of the address for this viewer; 404 where there is none."""
    found = selectors.project_for(edition, number, request.viewer) if number < 2**31 else None
    if found is None:
        raise Http404
    return found


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The editions, the one that lives first, and what may be done now."""
    found = list(selectors.editions(request.viewer))
    announced = results.announced(found)
    rows = [_edition_card(one) | {"announced": one.pk in announced} for one in found]
    live = [one for one in rows if not one["over"]]
    return page(request, "idea/budget/index.html", live=live, past=[one for one in rows if one["over"]])


def _edition_card(edition: Edition) -> dict[str, Any]:
    """What may be done now and until when; phases may overlap, so each deadline is that of its own phase."""
    return {
        "edition": edition,
        "now": timing.now(edition),
        "proposals": timing.phase(edition, PhaseKind.PROPOSALS),
        "voting": timing.phase(edition, PhaseKind.VOTING),
        "next": timing.following(edition),
        "over": timing.over(edition),
        "may_propose": timing.is_open(edition, PhaseKind.PROPOSALS),
        "may_vote": timing.is_open(edition, PhaseKind.VOTING) and edition.election_id is not None,
    }


@require_safe
def edition(request: HttpRequest, slug: str) -> HttpResponse:
    """An edition: phases, money by pool, its projects as a list and as a map."""
    one = edition_of(request, slug)
    form = forms.ListForm(request.GET or None, pools=list(one.pools.all()))
    filters = forms.ListForm(request.GET, pools=list(one.pools.all())).filters()
    shown = Paginator(selectors.projects(one, request.viewer, filters), PER_PAGE).get_page(request.GET.get("page"))
    query = request.GET.urlencode()
    return page(
        request,
        "idea/budget/edition.html",
        edition=one,
        form=form,
        page=shown,
        rows=[card_of(project, one) for project in shown],
        phases=timing.line(one),
        money=selectors.pool_money(one, request.viewer),
        card=_edition_card(one),
        draw=getattr(one, "draw", None),
        announced=results.is_announced(one),
        geojson=reverse("idea:budget_geojson", args=[one.slug]) + (f"?{query}" if query else ""),
    )


def card_of(project: Project, edition: Edition) -> dict[str, Any]:
    """What a list shows of a project; asks nothing."""
    return {
        "project": project,
        "state": project.get_state_display(),
        "colour": COLOURS[ProjectState(project.state)],
        "url": reverse("idea:budget_project", args=[edition.slug, project.number]),
    }


@require_safe
def geojson(request: HttpRequest, slug: str) -> JsonResponse:
    """The same projects as the list shows, with their places; ``numer`` asks for one."""
    one = edition_of(request, slug)
    filters = forms.ListForm(request.GET, pools=list(one.pools.all())).filters()
    rows = selectors.projects(one, request.viewer, filters)
    number = request.GET.get("numer", "")
    if number.isdecimal() and len(number) < 9:
        rows = rows.filter(number=int(number))
    return JsonResponse(selectors.geojson(rows, one.slug))


@require_safe
def rules(request: HttpRequest, slug: str) -> HttpResponse:
    """The rules of an edition in plain words, and as the data that the platform keeps to."""
    one = edition_of(request, slug)
    return page(request, "idea/budget/rules.html", edition=one, rules=rules_of(one), pools=selectors.pools_of(one))


@require_safe
def draw(request: HttpRequest, slug: str) -> HttpResponse:
    """The draw of the order: what was published before, what came of it, and how to repeat it."""
    one = edition_of(request, slug)
    row = getattr(one, "draw", None)
    if row is None:
        raise Http404
    rows = selectors.projects(one, ANONYMOUS)
    titles = {str(project.number): project for project in rows}
    pools = {str(pool.number): pool for pool in one.pools.all()}
    listed = row.order if row.drawn_at else row.items
    drawn = [
        (pools[key], [(titles[number], number) for number in numbers if number in titles])
        for key, numbers in sorted(listed.items(), key=lambda item: int(item[0]))
        if key in pools
    ]
    repeated = row.drawn_at is not None and drawing.order_of(row.items, row.seed, row.event) == row.order
    return page(request, "idea/budget/draw.html", edition=one, draw=row, drawn=drawn, repeated=repeated)


@require_safe
def draw_json(request: HttpRequest, slug: str) -> JsonResponse:
    """The draw as data for whoever repeats it; the seed is there only after the draw."""
    one = edition_of(request, slug)
    row = getattr(one, "draw", None)
    if row is None:
        raise Http404
    data = {"commitment": row.commitment, "source": row.source, "items": row.items}
    if row.drawn_at is not None:
        data |= {"seed": row.seed, "event": row.event, "order": row.order}
    return JsonResponse(data)


@require_safe
@never_cache
def project(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A project: what, where, how much, its path, and what its author may do now."""
    one = edition_of(request, slug)
    found = project_of(request, one, number)
    view = selectors.view_of(found, request.viewer)
    share = ""
    if view.mine and found.state in supporting.OPEN:
        token = supporting.list_token(found)
        share = request.build_absolute_uri(reverse("idea:budget_support", args=[slug, number, token]))
    near = [] if found.whole_city else selectors.near_projects(found.geom, request.viewer, exclude=found.pk)
    middle = None if found.whole_city else found.geom.point_on_surface
    return page(
        request,
        "idea/budget/project.html",
        edition=one,
        project=found,
        view=view,
        share=share,
        middle=middle,
        shape=selectors.shape_url(found),
        size="" if found.whole_city else plots.size_words(found.geom),
        near=near,
        sent="zlozony" in request.GET,
        may_appeal=_may_appeal(view, found),
        may_withdraw=view.mine and found.state in proposing.WITHDRAWABLE and not one.election_id,
        may_follow=found.audience == "public" and request.viewer.person_id is not None,
        result=results.of_project(found),
        came_of=ideas.came_to(found.pk, request.viewer),
        may_vote=found.ballot_number and timing.is_open(one, PhaseKind.VOTING),
    )


def _may_appeal(view: selectors.ProjectView, found: Project) -> bool:
    open_still = found.appeal_due_on is not None and clock.today() <= found.appeal_due_on
    return view.mine and found.state == ProjectState.REJECTED and view.appeal is None and open_still


@require_safe
def by_id(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """From the map to the project: its page, or (``?fragment=1``) what the map's panel shows of it."""
    found = selectors.project_by_id(project_id, request.viewer)
    if found is None:
        raise Http404
    if "fragment" in request.GET:
        return page(request, "idea/budget/fragment.html", card=card_of(found, found.edition), project=found)
    return redirect(found.get_absolute_url())


@limited("idea.budget.support", **WRITE)
@never_cache
def support(request: HttpRequest, slug: str, number: int, token: str) -> HttpResponse:
    """The support list of a proposal, for whom its author gave the address."""
    one = selectors.edition_for(slug, request.viewer)
    rows = Project.objects.filter(edition=one, number=number).select_related("pool") if number < 2**31 else ()
    found = next(iter(rows), None)
    if one is None or found is None or not supporting.is_list_token(found, token):
        raise Http404
    found.edition = one
    open_now = found.state in supporting.OPEN
    signed_in = request.viewer.person_id is not None
    known = contact_of(request.viewer.person_id) if signed_in else None
    sent = request.POST if request.method == "POST" else None
    form = forms.SupportForm(sent, signed_in=signed_in, initial={"name": known["name"]} if known else None)
    done = None
    if sent is not None and form.is_valid():
        data = form.cleaned_data
        row = supporting.SupporterRow(data["name"], data["postal_address"], data.get("email", ""))
        try:
            done = supporting.support(project=found, row=row, by=request.viewer)
        except ValidationError as error:
            refuse(form, error)
    have, need = supporting.count(found), rules_of(one).proposals.support
    context = {"edition": one, "project": found, "form": form, "open": open_now, "have": have, "need": need}
    # The same words whether or not the address had signed before: nobody learns who is on the list.
    context["confirmed"] = done is not None and signed_in
    context["done"] = done is not None
    return page(request, "idea/budget/support.html", status=422 if sent is not None and form.errors else 200, **context)


@require_safe
@limited("idea.budget.link", limit=60, per_s=600, methods=("GET",))
def link(request: HttpRequest, token: str) -> HttpResponse:
    """A secret link: to one's project, to the confirmation of support, to a guardian's consent."""
    return enter_by_link(request, token, _page_of_link, gone="idea/budget/link_gone.html")


def _page_of_link(secret: Any) -> str | None:
    if secret.purpose == supporting.SUPPORT_LINK:
        return reverse("idea:budget_confirm", args=[secret.object_id])
    if secret.purpose == supporting.GUARDIAN_LINK:
        return reverse("idea:budget_consent", args=[secret.object_id])
    if secret.purpose != proposing.PROJECT_LINK:
        return None
    found = Project.objects.select_related("edition").filter(pk=secret.object_id).first()
    return found.get_absolute_url() if found is not None else None


@never_cache
def confirm(request: HttpRequest, supporter_id: UUID) -> HttpResponse:
    """The owner of the address says yes or no; a program that only opens the link changes nothing."""
    if supporter_id not in request.viewer.links:
        raise PermissionDenied
    row = Supporter.objects.select_related("project__edition").filter(pk=supporter_id).first()
    if row is None:
        return page(request, "idea/budget/link_gone.html", status=404)
    problem = ""
    if request.method == "POST":
        if request.POST.get("do") == "stop":
            supporting.stop_support(supporter_id=supporter_id, by=request.viewer)
            messages.success(request, _("Usunęliśmy te dane z listy poparcia."))
            return redirect("idea:budget")
        try:
            row = supporting.confirm_support(supporter_id=supporter_id, by=request.viewer)
        except ValidationError as error:
            problem = " ".join(error.messages)
    context = {"row": row, "project": row.project, "problem": problem}
    return page(request, "idea/budget/confirm.html", status=409 if problem else 200, **context)


@never_cache
def consent(request: HttpRequest, consent_id: UUID) -> HttpResponse:
    """A guardian reads the child's proposal and agrees."""
    if consent_id not in request.viewer.links:
        raise PermissionDenied
    row = (
        GuardianConsent.objects.select_related("author__project__edition", "author__project__pool")
        .filter(pk=consent_id)
        .first()
    )
    if row is None:
        return page(request, "idea/budget/link_gone.html", status=404)
    if request.method == "POST":
        row = supporting.give_consent(consent_id=consent_id, by=request.viewer)
        messages.success(request, _("Dziękujemy. Zgoda jest zapisana."))
        return redirect("idea:budget_consent", consent_id=consent_id)
    return page(request, "idea/budget/consent.html", row=row, project=row.author.project)


def appeal(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The author appeals against a rejection."""
    one = edition_of(request, slug)
    found = project_of(request, one, number)
    proposing.require_author(request.viewer, found)
    form = forms.AppealForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            verifying.appeal(project=found, text=form.cleaned_data["text"], by=request.viewer)
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Przyjęliśmy odwołanie."))
            return redirect("idea:budget_project", slug=slug, number=number)
    context = {"edition": one, "project": found, "form": form, "body": rules_of(one).verification.appeal_body}
    return page(request, "idea/budget/appeal.html", status=422 if form.is_bound else 200, **context)


@require_POST
def withdraw(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The author takes the project back."""
    one = edition_of(request, slug)
    found = project_of(request, one, number)
    try:
        proposing.withdraw_project(project=found, by=request.viewer)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Projekt jest wycofany."))
    return redirect("idea:budget_project", slug=slug, number=number)


@require_POST
@login_required
def follow(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The account is told of what happens to the project."""
    one = edition_of(request, slug)
    found = project_of(request, one, number)
    try:
        scope = notifications.Scope(subject=str(found.pk))
        notifications.subscribe(topic=listeners.FOLLOWED, scope=scope, by=request.viewer)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Obserwujesz ten projekt. Napiszemy, gdy coś się w nim zmieni."))
    return redirect("idea:budget_project", slug=slug, number=number)


@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """The projects of which the account is an author."""
    rows = [card_of(one, one.edition) for one in selectors.mine(request.viewer)]
    return page(request, "idea/budget/mine.html", rows=rows)
