"""Staff: writing an issue, looking at it, sending it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from csp.constants import SELF
from csp.decorators import csp_replace, csp_update
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.accounts.selectors import display_names
from miasto.kernel.notifications.services import absolute, rendered
from miasto.modules.idea.newsletter import forms, rules, selectors, sending, services
from miasto.modules.idea.newsletter.issues import frozen
from miasto.modules.idea.newsletter.models import EDIT, Issue
from miasto.modules.idea.views_remark import refuse

PER_PAGE = 30
PREVIEW = {"default-src": ["'none'"], "style-src": ["'unsafe-inline'"], "frame-ancestors": [SELF], "sandbox": ["allow-popups"]}
STEPS = {
    "approve": (services.approve_issue, gettext_lazy("Numer jest zatwierdzony.")),
    "withdraw": (services.withdraw_issue, gettext_lazy("Numer jest znów szkicem.")),
    "pause": (services.pause_issue, gettext_lazy("Wysyłka jest wstrzymana.")),
    "resume": (services.resume_issue, gettext_lazy("Wysyłamy dalej.")),
    "cancel": (services.cancel_issue, gettext_lazy("Wysyłka jest przerwana.")),
    "test": (services.send_test, gettext_lazy("Próbny egzemplarz idzie na adres Twojego konta.")),
}
COLOURS = {
    "draft": "grey",
    "waiting": "yellow",
    "planned": "blue",
    "sending": "blue",
    "paused": "orange",
    "sent": "green",
    "cancelled": "red",
}


def found(request: HttpRequest, issue_id: UUID) -> Issue:
    """The issue for an editor; 404 where there is none."""
    one = selectors.issue_by_id(issue_id, request.viewer)
    if one is None:
        raise Http404
    return one


@require_safe
@panel(EDIT)
def index(request: HttpRequest) -> HttpResponse:
    """All issues and how many readers there are."""
    page = Paginator(selectors.issues(request.viewer), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(one, COLOURS[one.state]) for one in page]
    return render(request, "idea/newsletter/panel_list.html", {"page": page, "rows": rows, "counts": selectors.counts()})


@panel(EDIT)
def edit(request: HttpRequest, issue_id: UUID | None = None) -> HttpResponse:
    """A new issue, or other words of one."""
    known = found(request, issue_id) if issue_id else None
    sent = request.POST if request.method == "POST" else None
    form = forms.IssueForm(sent, initial=forms.initial_of(known) if known else None, kept=known.blocks if known else ())
    if sent is not None and form.is_valid():
        try:
            if known is None:
                made = services.create_issue(row=form.row(), by=request.viewer)
            else:
                made = services.update_issue(issue_id=known.pk, row=form.row(), by=request.viewer)
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Zapisano."))
            return redirect("newsletter_panel:issue", issue_id=made.pk)
    context = {"issue": known, "form": form}
    return render(request, "idea/newsletter/panel_edit.html", context, status=422 if sent is not None else 200)


@require_safe
@csp_update({"frame-src": [SELF]})
@panel(EDIT)
def issue(request: HttpRequest, issue_id: UUID) -> HttpResponse:
    """The workbench of one issue."""
    return _page(request, found(request, issue_id))


def _page(request: HttpRequest, one: Issue, plan: forms.PlanForm | None = None) -> HttpResponse:
    names = display_names([one.edited_by, one.approved_by])
    topics, areas = dict(selectors.topic_choices()), dict(selectors.area_choices()) if one.areas else {}
    context = {
        "issue": one,
        "colour": COLOURS[one.state],
        "plan": plan or forms.PlanForm(),
        "audience": selectors.audience(one) if one.editable else one.recipients,
        "topics": [topics[key] for key in one.topics if key in topics],
        "areas": [areas[key] for key in one.areas if key in areas],
        "edited_by": names.get(one.edited_by, ""),
        "approved_by": names.get(one.approved_by, ""),
        "own": one.edited_by == request.viewer.person_id,
        "second_person": rules.second_person(),
        "going": one.state == Issue.State.SENDING,
        "left": max(one.recipients - one.sent, 0),
    }
    return render(request, "idea/newsletter/panel_issue.html", context, status=422 if plan else 200)


@require_safe
@xframe_options_sameorigin
@csp_replace(PREVIEW)
@panel(EDIT)
def preview(request: HttpRequest, issue_id: UUID) -> HttpResponse:
    """The e-mail as its readers get it, with links of nobody's subscription; nothing in it can run or load anything."""
    one = found(request, issue_id)
    language = "en" if request.GET.get("jezyk") == "en" else "pl"
    values: dict[str, Any] = sending.message_context(one, one.frozen or frozen(one), language)
    home = absolute(reverse("newsletter:home"))
    return HttpResponse(rendered(sending.TOPIC, {**values, "url": home, "stop": home, "settings": home}, language).html)


@require_POST
@csp_update({"frame-src": [SELF]})
@panel(EDIT)
def submit(request: HttpRequest, issue_id: UUID) -> HttpResponse:
    """Hand the draft over: to a second person where the rules want one, to be sent at its time."""
    one, form = found(request, issue_id), forms.PlanForm(request.POST)
    if form.is_valid():
        try:
            made = services.submit_issue(issue_id=one.pk, send_at=form.moment(), by=request.viewer)
        except ValidationError as error:
            refuse(form, error)
        else:
            waits = made.state == Issue.State.WAITING
            messages.success(request, _("Numer czeka na zatwierdzenie.") if waits else _("Numer jest zaplanowany."))
            return redirect("newsletter_panel:issue", issue_id=one.pk)
    return _page(request, one, form)


@require_POST
@panel(EDIT)
def step(request: HttpRequest, issue_id: UUID) -> HttpResponse:
    """Approve, take back, pause, go on, end, or send a trial copy to oneself."""
    one = found(request, issue_id)
    known = STEPS.get(request.POST.get("krok", ""))
    if known is None:
        raise Http404
    run, words = known
    try:
        run(issue_id=one.pk, by=request.viewer)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, str(words))
    return redirect("newsletter_panel:issue", issue_id=one.pk)
