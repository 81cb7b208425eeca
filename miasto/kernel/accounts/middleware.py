"""Gives each request its viewer, made only when somebody asks for it, and keeps private pages out of caches."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.conf import settings
from django.http import HttpRequest
from django.utils.decorators import sync_and_async_middleware
from django.utils.functional import SimpleLazyObject

from miasto.kernel.accounts.selectors import viewer_for_request
from miasto.kernel.accounts.viewer import Viewer


def _prepare(request: HttpRequest) -> None:
    request.viewer = SimpleLazyObject(partial(_viewer, request))
    request.aviewer = partial(sync_to_async(_viewer), request)


def _viewer(request: HttpRequest) -> Viewer:
    made = getattr(request, "_made_viewer", None)
    if made is None:
        made = request._made_viewer = viewer_for_request(request)
    return made


@sync_and_async_middleware
def PrivatePagesMiddleware(get_response: Callable[..., Any]) -> Callable[..., Any]:
    """``Cache-Control: private, no-store`` on pages of a session: of somebody logged in, of a secret link, of a draft.

    A page that says itself how it may be kept keeps its word. A shared computer must not show such a page after the log-out.
    """
    if iscoroutinefunction(get_response):

        async def middleware_async(request: HttpRequest) -> Any:
            return _keep_private(request, await get_response(request))

        return middleware_async

    def middleware(request: HttpRequest) -> Any:
        return _keep_private(request, get_response(request))

    return middleware


def _keep_private(request: HttpRequest, response: Any) -> Any:
    name = settings.SESSION_COOKIE_NAME
    if name in request.COOKIES or request.session.modified:
        response.headers.setdefault("Cache-Control", "private, no-store")
    return response


@sync_and_async_middleware
def ViewerMiddleware(get_response: Callable[..., Any]) -> Callable[..., Any]:
    """``request.viewer`` is lazy (no query for a visitor without a session); asynchronous views ``await request.aviewer()``."""
    if iscoroutinefunction(get_response):

        async def middleware_async(request: HttpRequest) -> Any:
            _prepare(request)
            return await get_response(request)

        return middleware_async

    def middleware(request: HttpRequest) -> Any:
        _prepare(request)
        return get_response(request)

    return middleware
