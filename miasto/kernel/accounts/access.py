"""The gate of views: who gets in, who is led to log in, who is refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from miasto.kernel.accounts import links
from miasto.kernel.accounts.models import SecretLink


def login_required(view: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a view of ``/konto/``: an anonymous visitor is led to log in."""
    return _gated(view, _gate_account)


def panel(permission: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a view of ``/panel/``: anonymous to the log-in, without the permission 403.

    Somebody whose role sleeps until a second factor is set up is led to set it up.
    """

    def wrap(view: Callable[..., Any]) -> Callable[..., Any]:
        return _gated(view, lambda request, viewer: _gate_panel(request, viewer, permission))

    return wrap


def _gated(view: Callable[..., Any], gate: Callable[[HttpRequest, Any], HttpResponse | None]) -> Callable[..., Any]:
    if iscoroutinefunction(view):

        @wraps(view)
        async def inner_async(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            return gate(request, await request.aviewer()) or await view(request, *args, **kwargs)

        return inner_async

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return gate(request, request.viewer) or view(request, *args, **kwargs)

    return inner


def _gate_account(request: HttpRequest, viewer: Any) -> HttpResponse | None:
    return redirect_to_login(request.get_full_path()) if viewer.person_id is None else None


def _gate_panel(request: HttpRequest, viewer: Any, permission: str) -> HttpResponse | None:
    if viewer.person_id is None:
        return redirect_to_login(request.get_full_path())
    if viewer.holds(permission):
        return None
    if viewer.withheld:
        messages.warning(request, _("Twoja rola wymaga logowania dwuskładnikowego. Włącz je, aby wejść do panelu."))
        return redirect("mfa_activate_totp")
    raise PermissionDenied


def enter_by_link(
    request: HttpRequest, token: str, url_for: Callable[[SecretLink], str | None], *, gone: str = "accounts/link_gone.html"
) -> HttpResponse:
    """Open a secret link: the grant goes into the session and the browser to ``url_for(link)``, without the token.

    A wrong, revoked or expired token, or one whose object is no more (``url_for`` gives None), gets the page ``gone`` (404),
    marked as logged: the log of failed requests must not hold what may be a token with one letter missing.
    """
    link = links.find(token)
    url = url_for(link) if link is not None else None
    if link is None or url is None:
        response = render(request, gone, status=404)
        response._has_been_logged = True
    else:
        remember_link(request, link)
        response = redirect(url)
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def remember_link(request: HttpRequest, link: SecretLink) -> None:
    """The session may see the link's object from now on; it gets a new key, so that nobody who knew the old one may too."""
    if str(link.id) not in request.session.get(links.SESSION_KEY, ()):
        request.session.cycle_key()
    links.remember(request.session, link)
