"""Answers that a reader may keep: a validator made of the content, and 304 while it stays the same (RFC 9110, 13.1.2)."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

RSS = "application/rss+xml; charset=utf-8"
FEED_S = 300


def etag(body: bytes, *, weak: bool = False) -> str:
    """A validator made of the content alone, so that it is the same in every process; ``weak``: it may come packed."""
    return f'{"W/" if weak else ""}"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def feed(request: HttpRequest, body: bytes) -> HttpResponseBase:
    """A public RSS 2.0 feed; asked again with ``If-None-Match`` it answers 304 while nothing changed."""
    tag = etag(body)
    response = HttpResponse(body, content_type=RSS)
    response["ETag"] = tag
    response["Cache-Control"] = f"public, max-age={FEED_S}"
    return get_conditional_response(request, etag=tag, response=response) or response
