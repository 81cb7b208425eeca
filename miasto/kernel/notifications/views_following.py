"""What somebody follows: one list for every topic, the links of messages that confirm and stop. Works without scripts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import enter_by_link
from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.accounts.services import open_link
from miasto.kernel.core.ratelimit import limited
from miasto.kernel.core.registry import registry
from miasto.kernel.notifications import selectors, services
from miasto.kernel.spec.notifications import Following

LIST = "notifications_following:list"


@require_safe
def following(request: HttpRequest) -> HttpResponse:
    """Everything the viewer follows, with buttons to confirm and to stop; below it what else can be followed."""
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    offers = [(one, reverse(one.url_name) + query) for one in registry().all(Following)]
    rows = selectors.followed(request.viewer)
    values = {"push_key": services.push_key(), "push_follow": request.viewer.person_id is None}
    return render(request, "notifications/following.html", {"rows": rows, "offers": offers, **values})


@require_safe
@limited("notifications.follow_link", limit=60, per_s=600, methods=("GET",))
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a message: shows what it follows, with buttons to confirm and to stop."""
    return enter_by_link(request, token, lambda link: reverse(LIST) if _is_ours(link) else None)


def _is_ours(link: Any) -> bool:
    return link is not None and link.purpose == services.LINK


@csrf_exempt
@require_POST
@limited("notifications.follow_stop", limit=60, per_s=600)
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
@limited("notifications.follow_change", limit=120, per_s=3600)
def change(request: HttpRequest, subscription_id: UUID) -> HttpResponse:
    """Confirm or stop one."""
    if "confirm" in request.POST:
        services.confirm(subscription_id=subscription_id, by=request.viewer)
        messages.success(request, _("Adres potwierdzony. Będziemy Ci pisać."))
    else:
        services.stop(subscription_id=subscription_id, by=request.viewer)
        messages.success(request, _("Nie będziemy już o tym pisać."))
    return redirect(LIST)
