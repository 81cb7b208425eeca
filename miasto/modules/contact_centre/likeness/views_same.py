"""The resident's question before sending: is it the same thing? Yes joins the report that is there, no goes on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from miasto.kernel.core.device import device_of, new_device, remember_device
from miasto.kernel.core.ratelimit import limited
from miasto.modules.contact_centre import services
from miasto.modules.contact_centre.forms import JoinForm
from miasto.modules.contact_centre.likeness import same
from miasto.modules.contact_centre.likeness.drawing import drawing
from miasto.modules.contact_centre.models import Draft
from miasto.modules.contact_centre.views import SESSION_KEY, current, missing_step, onward

READY = ("", "contact_centre:contact", "contact_centre:place")


def ask_or_go_on(draft: Draft) -> HttpResponse:
    """To the question where there is something to ask about, else to the next step."""
    return redirect("contact_centre:same") if same.alike(draft) else onward(draft)


@limited("contact_centre.same", limit=200, per_s=3600)
def same_thing(request: HttpRequest) -> HttpResponse:
    """The similar reports on a drawing and on a list; "no" is remembered for those shown."""
    draft = _ready(request)
    if draft is None:
        return redirect(missing_step(current(request)) or "contact_centre:check")
    found = same.alike(draft)
    if request.method == "POST":
        services.save(draft=draft, not_same=[*draft.not_same, *(str(one.case.id) for one in found)])
        return onward(draft)
    if not found:
        return onward(draft)
    others = [((one.case.lon, one.case.lat), one.metres) for one in found]
    context = {"draft": draft, "found": found, "map": drawing((draft.lon, draft.lat), others), "step": 2}
    return render(request, "contact_centre/likeness/same.html", context)


def _ready(request: HttpRequest) -> Draft | None:
    draft = current(request)
    return draft if draft is not None and draft.placed and missing_step(draft) in READY else None


@limited("contact_centre.join", limit=20, per_s=3600)
def join(request: HttpRequest, number: str) -> HttpResponse:
    """Join a report that is there, with an address to be told, or without."""
    draft = _ready(request)
    if draft is None:
        unfinished = current(request)
        return redirect(missing_step(unfinished)) if unfinished else redirect("cases:case", number=number)
    try:
        case = same.public_case(number)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    form = JoinForm(request.POST if request.method == "POST" else None, initial={"email": draft.email})
    if form.is_valid():
        joined = _joined(request, draft, number, form)
        if joined is not None:
            return joined
    return render(request, "contact_centre/likeness/join.html", {"draft": draft, "case": case, "form": form, "step": 2})


def _joined(request: HttpRequest, draft: Draft, number: str, form: JoinForm) -> Any:
    device = device_of(request) or new_device()
    try:
        email = form.cleaned_data["email"]
        supported = same.join(draft=draft, number=number, email=email, by=request.viewer, device=device)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return None
    request.session.pop(SESSION_KEY, None)
    words = _("Dopisaliśmy Cię do tego zgłoszenia.")
    if supported.to_confirm:
        words += " " + _("Na podany adres wysłaliśmy wiadomość – potwierdź w niej, że chcesz dostawać informacje.")
    messages.success(request, words)
    response = redirect("cases:case", number=supported.case.number)
    if not request.viewer.person_id:
        remember_device(response, device)
    return response
