"""The page on which a part of the city is followed. Works without scripts. The list of what one follows is the engine's."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from miasto.kernel.core.ratelimit import limited
from miasto.kernel.notifications import selectors as notifications
from miasto.kernel.notifications import services
from miasto.kernel.places.selectors import districts
from miasto.modules.contact_centre import selectors
from miasto.modules.contact_centre.follow.forms import FollowForm
from miasto.modules.contact_centre.follow.listeners import TOPIC


@limited("contact_centre.follow", limit=30, per_s=3600)
def follow(request: HttpRequest) -> HttpResponse:
    """Choose what to follow; filters of the register in the address are taken over."""
    form = FollowForm(
        request.POST or None,
        initial=None if request.method == "POST" else {**request.GET.dict(), "jak_czesto": "now"},
        categories=selectors.category_choices(),
        districts=districts().only("name"),
        needs_email=request.viewer.is_anonymous and not request.POST.get("przegladarka"),
    )
    if request.method == "POST" and form.is_valid() and _asked(request, form):
        return redirect("contact_centre_follow:follow")
    values = {"push_key": services.push_key(), "push_follow": request.viewer.person_id is None}
    return render(
        request,
        "contact_centre/follow/follow.html",
        {"form": form, "rows": notifications.followed(request.viewer, TOPIC), **values},
    )


def _asked(request: HttpRequest, form: FollowForm) -> bool:
    data = form.cleaned_data
    device = notifications.device_named(request.POST.get("przegladarka", ""), request.viewer)
    scope = services.Scope(
        subject=data["kategoria"],
        area_id=UUID(data["obszar"]) if data["obszar"] else None,
        street_id=data["ulica"].id if data["ulica"] else None,
    )
    try:
        services.subscribe(
            topic=TOPIC,
            scope=scope,
            by=request.viewer,
            email=data.get("email", ""),
            device_id=device,
            language=get_language() or "pl",
            frequency=data["jak_czesto"],
        )
    except ValidationError as error:
        for message in error.messages:
            form.add_error(None, message)
        return False
    if device is not None:
        messages.success(request, _("Zapisane. Wieści pokaże ta przeglądarka."))
    elif request.viewer.person_id:
        messages.success(request, _("Zapisane. Będziemy Ci pisać."))
    else:  # the same words whether the address was known or not: a stranger may have written it
        messages.success(request, _("Sprawdź pocztę. Jeśli jeszcze tego nie obserwujesz, potwierdź adres odsyłaczem."))
    return True
