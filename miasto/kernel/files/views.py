"""Hands out files by signed links, never as active content."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from miasto.kernel.core import clock
from miasto.kernel.files import signing, storage
from miasto.kernel.files.documents import KINDS
from miasto.kernel.files.pictures import MEDIA_TYPE


@require_safe
def file(request: HttpRequest, file_id: UUID, variant: str, expiry: int, signature: str) -> HttpResponseBase:
    """One variant of a file: 404 for a wrong, expired or unknown link, without saying which. No query."""
    if not signing.is_valid(file_id, variant, expiry, signature):
        raise Http404
    etag = f'"{file_id}-{variant}"'
    data = storage.read(file_id, variant)
    if data is None:
        raise Http404
    document = variant in KINDS
    response = HttpResponse(data, content_type="application/octet-stream" if document else MEDIA_TYPE)
    response["ETag"] = etag
    response["Cache-Control"] = f"private, max-age={max(int(expiry - clock.now().timestamp()), 0)}, immutable"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    name = f'attachment; filename="{file_id}.{variant}"' if document else f'inline; filename="{file_id}-{variant}.jpg"'
    response["Content-Disposition"] = name
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return get_conditional_response(request, etag=etag, response=response)
