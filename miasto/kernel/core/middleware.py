"""Turns a used-up rate limit into the answer 429 with ``Retry-After``."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

from miasto.kernel.core.ratelimit import TooMany


class TooManyMiddleware(MiddlewareMixin):
    """Catches ``TooMany`` wherever a view or a service raised it."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, TooMany):
            return None
        response = render(request, "429.html", {"minutes": -(-exception.retry_after // 60)}, status=429)
        response["Retry-After"] = str(exception.retry_after)
        return response
