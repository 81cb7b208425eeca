"""What the page's script asks when a browser agrees to messages or refuses them, and leaving all browsers at once."""

from __future__ import annotations

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


@require_POST
@limited("notifications.push", limit=60, per_s=3600)
def add(request: HttpRequest) -> JsonResponse:
    """A browser agreed: ``{"device": id, "known": whether this session knew it}``; 400 with the reason otherwise.

    Without an account the session gets the right to see and stop what this browser follows.
    """
    given = {name: request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")}
    try:
        device = push.add(**given, language=get_language() or "pl", by=request.viewer)
    except ValidationError as error:
        return JsonResponse({"error": error.messages[0]}, status=400)
    known = request.viewer.person_id is not None or device.pk in request.viewer.links
    link = None if known else open_link(push.token_for(device.pk))
    if link is not None:
        remember_link(request, link)
    return JsonResponse({"device": str(device.pk), "known": known})


@require_POST
@limited("notifications.push", limit=60, per_s=3600)
def remove(request: HttpRequest) -> JsonResponse:
    """A browser refused; nothing tells whether it was known."""
    push.remove(endpoint=request.POST.get("endpoint", ""), auth=request.POST.get("auth", ""))
    return JsonResponse({"device": None})


@login_required
@require_POST
def remove_all(request: HttpRequest) -> HttpResponse:
    """No more messages in any browser of the account, for a telephone that was lost or sold."""
    push.remove_all(person_id=request.viewer.person_id)
    messages.success(request, _("Wyłączyliśmy powiadomienia we wszystkich przeglądarkach."))
    return redirect("notifications:preferences")
