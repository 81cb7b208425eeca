"""When a request began, and a used-up rate limit turned into the answer 429 with ``Retry-After``."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import sync_and_async_middleware
from django.utils.deprecation import MiddlewareMixin

from miasto.kernel.core import clock
from miasto.kernel.core.ratelimit import TooMany


@sync_and_async_middleware
def MomentMiddleware(get_response: Callable[..., Any]) -> Callable[..., Any]:
    """``request.began``: a live page is told of everything since then (``core.live``)."""
    if iscoroutinefunction(get_response):

        async def middleware_async(request: HttpRequest) -> Any:
            request.began = clock.now()
            return await get_response(request)

        return middleware_async

    def middleware(request: HttpRequest) -> Any:
        request.began = clock.now()
        return get_response(request)

    return middleware


class TooManyMiddleware(MiddlewareMixin):
    """Catches ``TooMany`` wherever a view or a service raised it."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, TooMany):
            return None
        response = render(request, "429.html", {"minutes": -(-exception.retry_after // 60)}, status=429)
        response["Retry-After"] = str(exception.retry_after)
        return response
