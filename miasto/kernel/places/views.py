"""The page of any city object."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from miasto.kernel.places import pages


def city_object(request: HttpRequest, object_id: UUID) -> HttpResponse:
    """An object's page; with ``?fragment=1`` the part that the map shows beside itself. 404 for what may not be seen."""
    page = pages.object_page(object_id, request.viewer)
    if page is None:
        raise Http404
    if request.GET.get("fragment") == "1":
        return render(request, "places/object_fragment.html", {"page": page})
    if page.url != request.path:
        return redirect(page.url)
    return render(request, "places/object.html", {"page": page})


def object_geometry(request: HttpRequest, object_id: UUID) -> JsonResponse:
    """Where an object is, for the map on its page."""
    found = pages.object_geojson(object_id, request.viewer)
    if found is None:
        raise Http404
    return JsonResponse(found, content_type="application/geo+json", headers={"Cache-Control": "private, no-cache"})
