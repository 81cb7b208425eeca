"""Filing together: the filer invites, others join."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from miasto.kernel.accounts.access import remember_link
from miasto.kernel.accounts.services import open_link
from miasto.kernel.cases import selectors, services
from miasto.kernel.cases.forms import InviteForm, JoinForm
from miasto.kernel.cases.types import case_type
from miasto.kernel.cases.uploads import refuse
from miasto.kernel.cases.views import ADDITIONS, case_response, found
from miasto.kernel.core.ratelimit import limited


@require_POST
@limited("cases.group", limit=ADDITIONS, per_s=3600)
def group(request: HttpRequest, number: str) -> HttpResponse:
    """What the filer or staff does with the group: invite, make a link, remove, appoint."""
    view = found(number, request)
    if view.group is None or not (view.group.may_invite or view.group.others):
        raise PermissionDenied
    case = selectors.case_for(number, request.viewer)
    back = reverse("cases_panel:case" if view.is_staff else "cases:case", args=[view.number])
    wanted = request.POST.get("do")
    if wanted == "invite":
        return _invite(request, view, case, back)
    if wanted == "link":
        url = reverse("cases:join", args=[services.invitation_link(case=case, by=request.viewer)])
        return case_response(request, found(number, request), invite_url=request.build_absolute_uri(url))
    given = request.POST.get("party", "")
    party_id = int(given) if given.isdecimal() and len(given) <= 18 else 0
    _change(request, case, wanted, party_id)
    return redirect(back)


def _invite(request: HttpRequest, view: selectors.CaseView, case: Any, back: str) -> HttpResponse:
    form = InviteForm(request.POST, auto_id="group_%s")
    if form.is_valid():
        try:
            made = services.invite(case=case, emails=form.cleaned_data["emails"], by=request.viewer)
        except ValidationError as error:
            refuse(form, error)
        else:
            count = len(made)
            words = ngettext("Wysłaliśmy %(count)d zaproszenie.", "Wysłaliśmy %(count)d zaproszeń.", count)
            messages.success(request, words % {"count": count})
            return redirect(back)
    return case_response(request, view, form=form, group_form=form)


def _change(request: HttpRequest, case: Any, wanted: str | None, party_id: int) -> None:
    try:
        if wanted == "remove" and services.remove(case=case, party_id=party_id, by=request.viewer):
            messages.success(request, _("Ta osoba nie zgłasza już sprawy wspólnie."))
        elif wanted in ("appoint", "step_down"):
            services.appoint(case=case, party_id=party_id if wanted == "appoint" else None, by=request.viewer)
            messages.success(request, _("Zapisaliśmy, kto reprezentuje grupę."))
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)


@limited("cases.join", limit=60, per_s=600, methods=("GET", "POST"))
def join(request: HttpRequest, token: str) -> HttpResponse:
    """The invitation: what it is about, and joining. Nothing of the case but category, place and number is shown before."""
    invitation = selectors.invitation_of(open_link(token))
    if invitation is None:
        response = render(request, "cases/opened_wrong.html", status=404)
        response._has_been_logged = True  # the address may hold a token with one letter missing
        return _private(response)
    party, names = invitation.party, case_type(invitation.case.case_type).names
    form = JoinForm(
        request.POST if request.method == "POST" else None,
        by_name=invitation.by_name,
        names=names,
        initial={"name": party.name, "name_public": party.name_public},
    )
    sent = False
    if request.method == "POST" and form.is_valid():
        try:
            own = services.join(
                invitation=invitation,
                name=form.cleaned_data["name"],
                email=form.cleaned_data.get("email", ""),
                language=(get_language() or "pl")[:2],
                name_public=form.cleaned_data.get("name_public", False),
            )
        except ValidationError as error:
            refuse(form, error)
        else:
            if own is not None:
                return _private(_inside(request, own, invitation.case.number))
            sent = True
    return _private(render(request, "cases/join.html", {"form": form, "case": invitation.case, "names": names, "sent": sent}))


def _inside(request: HttpRequest, token: str, number: str) -> HttpResponse:
    link = open_link(token)
    if link is not None:
        remember_link(request, link)
    messages.success(request, _("Dołączyliśmy Cię do zgłoszenia. Odsyłacz do niego wysłaliśmy też e-mailem."))
    return redirect("cases:case", number=number)


def _private(response: HttpResponse) -> HttpResponse:
    """Kept by nobody. The platform's own referrer policy stays: with "no-referrer" a browser posts as the origin "null"."""
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
