"""Hands out files by signed links, never as active content."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from miasto.kernel.core import clock
from miasto.kernel.files import signing, storage
from miasto.kernel.files.documents import KINDS
from miasto.kernel.files.films import STREAMED
from miasto.kernel.files.pictures import MEDIA_TYPE
from miasto.kernel.files.streaming import ranged


@require_safe
def file(request: HttpRequest, file_id: UUID, variant: str, expiry: int, signature: str) -> HttpResponseBase:
    """One variant of a file: 404 for a wrong, expired or unknown link, without saying which. No query."""
    if not signing.is_valid(file_id, variant, expiry, signature):
        raise Http404
    etag = f'"{file_id}-{variant}"'
    if variant in STREAMED:
        return _streamed(request, file_id, variant, expiry, etag)
    data = storage.read(file_id, variant)
    if data is None:
        raise Http404
    document = variant in KINDS
    response = HttpResponse(data, content_type="application/octet-stream" if document else MEDIA_TYPE)
    response["ETag"] = etag
    name = f'attachment; filename="{file_id}.{variant}"' if document else f'inline; filename="{file_id}-{variant}.jpg"'
    return get_conditional_response(request, etag=etag, response=_guarded(response, name, expiry))


def _streamed(request: HttpRequest, file_id: UUID, variant: str, expiry: int, etag: str) -> HttpResponseBase:
    """A film or its captions, whole or the range that the player asks for."""
    path = storage.path(file_id, variant)
    if path is None:
        raise Http404
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    charset = "; charset=utf-8" if variant == "vtt" else ""
    response = ranged(request, path, content_type=f"{STREAMED[variant]}{charset}", etag=etag)
    return _guarded(response, f'inline; filename="{file_id}.{variant}"', expiry)


def _guarded(response: Any, disposition: str, expiry: int) -> Any:
    """The headers with which no browser runs what a person sent, nor keeps it for longer than its link."""
    response["Cache-Control"] = f"private, max-age={max(int(expiry - clock.now().timestamp()), 0)}, immutable"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Content-Disposition"] = disposition
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
