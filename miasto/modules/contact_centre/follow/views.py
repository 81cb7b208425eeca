"""Pages for following the city, each working without scripts, and the feed of the register."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import enter_by_link
from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.accounts.services import open_link
from miasto.kernel.core.ratelimit import limited
from miasto.kernel.notifications import selectors as notifications
from miasto.kernel.notifications import services
from miasto.kernel.places.selectors import districts, object_index
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
    return render(request, "contact_centre/follow/follow.html", {"form": form, "rows": rows(request.viewer), **values})


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


def rows(viewer: Viewer) -> list[dict[str, Any]]:
    """What the viewer follows, in words; at most 3 queries."""
    found = list(notifications.subscriptions(viewer)) if viewer.person_id or viewer.links else []
    names = {**dict(_category_names()), **_object_names(found, viewer), **notifications.subject_names(found)} if found else {}
    return [
        {
            "id": row.pk,
            "confirmed": row.confirmed_at is not None,
            "browser": row.device_id is not None,
            "daily": row.frequency == row.DAILY,
            "category": names.get(row.subject, row.subject),
            "area": row.area.name if row.area else "",
            "street": str(row.street) if row.street else "",
        }
        for row in found
    ]


def _object_names(found: list[Any], viewer: Viewer) -> dict[str, str]:
    """The names of the objects that are followed by themselves (a project, say), by their keys as text."""
    ids = []
    for row in found:
        with suppress(ValueError):
            ids.append(UUID(row.subject))
    return {str(key): one.label for key, one in object_index(ids, viewer).items()} if ids else {}


def _category_names() -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for value, label in selectors.category_choices():
        flat.extend(label if isinstance(label, list) else [(value, label)])
    return flat


@require_safe
@limited("contact_centre.follow_link", limit=60, per_s=600, methods=("GET",))
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a message: shows what it follows, with buttons to confirm and to stop."""
    return enter_by_link(request, token, lambda link: reverse("contact_centre_follow:follow") if _is_ours(link) else None)


def _is_ours(link: Any) -> bool:
    return link is not None and link.purpose == services.LINK


@csrf_exempt
@require_POST
@limited("contact_centre.follow_stop", limit=60, per_s=600)
def one_click(request: HttpRequest, token: str) -> HttpResponse:
    """What a mail program asks for the reader (RFC 8058): the token alone decides, there is no session and no cookie."""
    link = open_link(token)
    if not _is_ours(link):
        raise Http404
    by = Viewer(person_id=None, organisation_id=None, grants=frozenset(), links=frozenset({link.object_id}), scopes=frozenset())
    try:
        services.stop(subscription_id=link.object_id, by=by)
    except PermissionDenied as error:
        raise Http404 from error
    return HttpResponse(status=204)


@require_POST
@limited("contact_centre.follow_change", limit=120, per_s=3600)
def change(request: HttpRequest, subscription_id: UUID) -> HttpResponse:
    """Confirm or stop one."""
    if "confirm" in request.POST:
        services.confirm(subscription_id=subscription_id, by=request.viewer)
        messages.success(request, _("Adres potwierdzony. Będziemy Ci pisać."))
    else:
        services.stop(subscription_id=subscription_id, by=request.viewer)
        messages.success(request, _("Nie będziemy już o tym pisać."))
    return redirect("contact_centre_follow:follow")
