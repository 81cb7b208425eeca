"""Gives each request its viewer, made only when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
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
