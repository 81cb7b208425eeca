"""What staff do for the publication of one petition: its words, its names, the opinions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from miasto.kernel.accounts.access import panel
from miasto.kernel.cases import selectors as cases
from miasto.kernel.cases import services
from miasto.modules.contact_centre.mail.case_types import PETITION
from miasto.modules.contact_centre.petitions import selectors
from miasto.modules.contact_centre.petitions.forms import AskForm, ReceivedForm
from miasto.modules.contact_centre.petitions.services import HANDLE, ask_opinion, receive_opinion


@panel(HANDLE)
def petition(request: HttpRequest, number: str) -> HttpResponse:
    """The page of a petition's publication; each of its forms posts here and says by ``do`` which it is."""
    try:
        view = cases.case_page(number, request.viewer)
    except ObjectDoesNotExist:
        raise Http404 from None
    if view.type.key != PETITION or HANDLE not in view.may:
        raise Http404
    ask, received = AskForm(), None
    if request.method == "POST":
        done, ask, received = _do(request, view)
        if done:
            messages.success(request, done)
            return redirect("petitions_panel:petition", view.number)
    return render(request, "contact_centre/petitions/panel.html", _context(request, view, ask, received))


def _do(request: HttpRequest, view: cases.CaseView) -> tuple[str, Any, Any]:
    """What was sent: words of success (empty: the form holds what is wrong), and the forms to show."""
    case, wanted = cases.case_for(view.number, request.viewer), request.POST.get("do")
    if wanted == "ask":
        form: Any = AskForm(request.POST)
        done = _tried(form, lambda data: ask_opinion(case=case, **data, by=request.viewer))
        return (_("Zapisano. Prośbę o opinię widać na stronie petycji.") if done else ""), form, None
    if wanted == "received":
        opinion_id = _uuid(request.POST.get("opinion", ""))
        form = ReceivedForm(request.POST, auto_id=f"{opinion_id}_%s")
        done = _tried(form, lambda data: receive_opinion(opinion_id=opinion_id, **data, by=request.viewer))
        return (_("Zapisano. Opinię widać na stronie petycji.") if done else ""), AskForm(), (opinion_id, form)
    if wanted not in ("agree", "disagree") or not request.POST.get("party", "").isdecimal():
        raise PermissionDenied
    services.agree_to_name(case=case, party_id=int(request.POST["party"][:18]), agreed=wanted == "agree", by=request.viewer)
    return _("Zapisano zgodę.") if wanted == "agree" else _("Nazwiska nie pokazujemy."), AskForm(), None


def _uuid(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise Http404 from None


def _tried(form: forms.Form, act: Any) -> bool:
    if not form.is_valid():
        return False
    try:
        act(form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    except ObjectDoesNotExist:
        raise Http404 from None
    return True


def _context(request: HttpRequest, view: cases.CaseView, ask: Any, received: Any) -> dict[str, Any]:
    sent_id, sent = received or (None, None)
    opinions = [
        (one, sent if one.pk == sent_id else None if one.received_on else ReceivedForm(auto_id=f"{one.pk}_%s"))
        for one in selectors.opinions_of(view.id)
    ]
    return {
        "case": view,
        "form": sent if sent is not None else ask,
        "ask": ask,
        "opinions": opinions,
        "sent": sent_id,
        "names": cases.names_of(cases.case_for(view.number, request.viewer), request.viewer),
        "may_publish": "cases.moderate" in view.may,
    }
