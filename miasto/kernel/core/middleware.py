"""When a request began, downloads that stay streams, and a used-up rate limit as 429 with ``Retry-After``."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
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


PIECE = 1 << 18  # bytes that are read in a thread at once


@sync_and_async_middleware
def StreamsMiddleware(get_response: Callable[..., Any]) -> Callable[..., Any]:
    """A download that is made piece by piece goes out so under ASGI too.

    Django would read a plain iterator (``FileResponse`` among them) to its end into memory before the first byte went out.
    """
    if iscoroutinefunction(get_response):

        async def middleware_async(request: HttpRequest) -> Any:
            response = await get_response(request)
            if response.streaming and not response.is_async:
                response.streaming_content = _in_a_thread(iter(response.streaming_content))
            return response

        return middleware_async
    return get_response


async def _in_a_thread(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Pieces as they are made, in the thread of the request, which may ask the database; small ones joined."""

    def next_one() -> bytes:
        found, size = [], 0
        for one in pieces:
            found.append(one)
            size += len(one)
            if size >= PIECE:
                break
        return b"".join(found)

    while data := await sync_to_async(next_one)():
        yield data


class TooManyMiddleware(MiddlewareMixin):
    """Catches ``TooMany`` wherever a view or a service raised it."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, TooMany):
            return None
        response = render(request, "429.html", {"minutes": -(-exception.retry_after // 60)}, status=429)
        response["Retry-After"] = str(exception.retry_after)
        return response
