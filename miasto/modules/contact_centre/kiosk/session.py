"""What a kiosk remembers of the person in front of it, and how it forgets: in the session alone, and not for long."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.core.ratelimit import TooMany
from miasto.modules.contact_centre import selectors, services
from miasto.modules.contact_centre.models import Draft

KEY = "kiosk"
IDLE_S = city().limit("kiosk_idle_seconds", 60)
WARNING_S = city().limit("kiosk_warning_seconds", 60)
SERVER_S = city().limit("kiosk_server_seconds", 300)  # without scripts nobody can ask for more time, so there is more of it


def kiosk(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a page of the kiosk: nothing of it is kept by the browser, and an idle person's session is wiped first."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if expired(request):
            return _private(wiped(request))
        if KEY in request.session:
            remember(request)
        try:
            return _private(view(request, *args, **kwargs))
        except TooMany:  # the common page of this error has links that lead out of the kiosk
            return _private(render(request, "contact_centre/kiosk/busy.html", status=429))

    return inner


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def expired(request: HttpRequest) -> bool:
    """Whether somebody was here and left longer than ``SERVER_S`` ago."""
    kept = request.session.get(KEY)
    return kept is not None and kept["seen"] + SERVER_S < clock.now().timestamp()


def remember(request: HttpRequest, **values: Any) -> None:
    """Keep something for the person who is here now; also counts as a sign of life."""
    kept = request.session.get(KEY, {})
    request.session[KEY] = {**kept, **values, "seen": clock.now().timestamp()}
    request.session.set_expiry(SERVER_S)


def recall(request: HttpRequest, name: str) -> Any:
    """What was kept under a name, or None."""
    return request.session.get(KEY, {}).get(name)


def draft(request: HttpRequest) -> Draft | None:
    """The unsent report of the person who is here now."""
    found = selectors.draft_of(recall(request, "draft"))
    return found if found is not None and not found.sent else None


def wiped(request: HttpRequest) -> HttpResponse:
    """Forget everything, on the server and in the browser, and go to the first page."""
    left = draft(request)
    if left is not None:
        services.discard(draft=left)
    request.session.flush()
    response = redirect("contact_centre_kiosk:home")
    response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, path=settings.LANGUAGE_COOKIE_PATH)
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
