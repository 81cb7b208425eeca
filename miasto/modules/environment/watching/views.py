"""The page on which a resident asks to be told of a threshold at an address. Works without scripts."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from miasto.kernel.core.ratelimit import limited
from miasto.kernel.notifications import selectors as subscribers
from miasto.kernel.notifications import services as notifications
from miasto.modules.environment.watching import services
from miasto.modules.environment.watching.forms import WatchForm
from miasto.modules.environment.watching.judging import TOPIC

PAGE = "environment_air:watch"


@limited("environment.watch", limit=30, per_s=3600)
def watch(request: HttpRequest) -> HttpResponse:
    """Choose what to watch and where; below it what the viewer watches already."""
    sent = request.POST if request.method == "POST" and "adres_startowy" not in request.POST else None
    form = WatchForm(
        sent,
        initial={"adres": request.POST.get("adres_startowy", "")[:200]},
        needs_email=request.viewer.is_anonymous and not request.POST.get("przegladarka"),
    )
    if sent is not None and form.is_valid() and _asked(request, form):
        return redirect(PAGE)
    context = {
        "section": "air",
        "form": form,
        "rows": subscribers.followed(request.viewer, TOPIC),
        "push_key": notifications.push_key(),
        "push_follow": request.viewer.person_id is None,
    }
    return render(request, "environment/watching/watch.html", context, status=422 if sent is not None else 200)


def _asked(request: HttpRequest, form: WatchForm) -> bool:
    device = subscribers.device_named(request.POST.get("przegladarka", ""), request.viewer)
    try:
        services.watch(
            wanted=form.wanted(),
            by=request.viewer,
            email=form.cleaned_data.get("email", ""),
            device_id=device,
            language=get_language() or "pl",
        )
    except ValidationError as error:
        for message in error.messages:
            form.add_error(None, message)
        return False
    if device is not None:
        messages.success(request, _("Zapisane. Wieści pokaże ta przeglądarka."))
    elif request.viewer.person_id:
        messages.success(request, _("Zapisane. Będziemy Ci pisać."))
    else:
        messages.success(request, _("Sprawdź pocztę. Jeśli jeszcze tego nie obserwujesz, potwierdź adres odsyłaczem."))
    return True
