"""Downloads of an announced result. Before the announcement an election answers as one that does not exist."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_response_headers
from django.views.decorators.http import require_safe

from miasto.kernel.participation.tallying import files, selectors
from miasto.kernel.participation.tallying.models import TallyFile

HOUR = 3600


def answer(found: TallyFile) -> HttpResponse:
    """A stored file as a download, with its hash for those who check on the way."""
    response = HttpResponse(bytes(found.data), content_type=files.content_type(found.name))
    response["Content-Disposition"] = f'attachment; filename="{found.name}"'
    response["X-Content-SHA256"] = found.sha256
    return response


@require_safe
def file(request: HttpRequest, election: UUID, name: str) -> HttpResponse:
    """One of the published files."""
    try:
        return answer(selectors.file(election, name))
    except selectors.NotYet:
        raise Http404 from None


@require_safe
def brought(request: HttpRequest, election: UUID) -> HttpResponse:
    """What a voter's own device needs to say what a ballot brought; the same for everybody, and nothing is asked back."""
    try:
        found = selectors.results(election)
    except selectors.NotYet:
        raise Http404 from None
    return JsonResponse(selectors.brought(found))


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """The script that repeats the count, as one file without dependencies."""
    response = HttpResponse(selectors.script(), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="recount.py"'
    patch_response_headers(response, HOUR)
    return response
