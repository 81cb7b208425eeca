"""What the page's script asks when a browser agrees to messages or refuses them, and leaving all browsers at once."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from miasto.kernel.accounts.access import login_required, remember_link
from miasto.kernel.accounts.services import open_link
from miasto.kernel.core.ratelimit import limited
from miasto.kernel.notifications import push
from miasto.kernel.notifications.models import PushDevice

COOKIE = "przegladarka"
COOKIE_AGE_S = 365 * 24 * 3600


@require_POST
@limited("notifications.push", limit=60, per_s=3600)
def add(request: HttpRequest) -> JsonResponse:
    """A browser agreed: ``{"device": id, "known": whether this session knew it}``; 400 with the reason otherwise.

    Without an account the session gets the right to see and stop what this browser follows. With ``again`` the page only asks
    whether the browser agreed before, as this person: ``device`` is null where it did not, and nothing is changed.
    """
    given = {name: request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")}
    try:
        if "again" in request.POST:
            device = push.known(**given, by=request.viewer)
        else:
            device = push.add(**given, language=get_language() or "pl", by=request.viewer)
    except ValidationError as error:
        return JsonResponse({"error": error.messages[0]}, status=400)
    return JsonResponse({"device": None, "known": False}) if device is None else _told(request, device)


def _told(request: HttpRequest, device: PushDevice) -> JsonResponse:
    known = request.viewer.person_id is not None or device.pk in request.viewer.links
    link = None if known else open_link(push.token_for(device.pk))
    if link is not None:
        remember_link(request, link)
    response = JsonResponse({"device": str(device.pk), "known": known})
    response.set_signed_cookie(
        COOKIE, str(device.pk), max_age=COOKIE_AGE_S, secure=settings.HTTPS, httponly=True, samesite="Lax"
    )
    return response


def forget(request: HttpRequest) -> None:
    """The person signs out: this browser shows the person's messages no more. The cookie says which browser it is."""
    device_id = request.get_signed_cookie(COOKIE, "", max_age=COOKIE_AGE_S)
    if device_id:
        push.sign_out(device_id=device_id, person_id=request.user.pk)


@require_POST
@limited("notifications.push", limit=60, per_s=3600)
def remove(request: HttpRequest) -> JsonResponse:
    """A browser refused; nothing tells whether it was known."""
    push.remove(endpoint=request.POST.get("endpoint", ""), auth=request.POST.get("auth", ""))
    response = JsonResponse({"device": None})
    response.delete_cookie(COOKIE, samesite="Lax")
    return response


@login_required
@require_POST
def remove_all(request: HttpRequest) -> HttpResponse:
    """No more messages in any browser of the account, for a telephone that was lost or sold."""
    push.remove_all(person_id=request.viewer.person_id)
    messages.success(request, _("Wyłączyliśmy powiadomienia we wszystkich przeglądarkach."))
    return redirect("notifications:preferences")
