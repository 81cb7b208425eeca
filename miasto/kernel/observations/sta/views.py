"""SensorThings over HTTP."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from miasto.kernel.observations.sta.answering import Value
from miasto.kernel.observations.sta.serving import Asked, Told, serve

ROOT = "/api/sta/v1.1/"
METHODS = "GET, HEAD, OPTIONS"


@csrf_exempt
def service(request: HttpRequest, path: str = "") -> HttpResponse:
    """Every address of the service."""
    if request.method == "OPTIONS":
        return _open(HttpResponse(status=204, headers={"Allow": METHODS, "Access-Control-Allow-Methods": METHODS}), True)
    pairs = tuple((name, text) for name, texts in request.GET.lists() for text in texts)
    asked = Asked(str(request.method), path, pairs)
    viewer = request.viewer
    told = serve(asked, viewer=viewer, base=request.build_absolute_uri(ROOT))
    return _open(_response(told), viewer.is_anonymous and not viewer.links)


def _open(response: HttpResponse, public: bool) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = "*"
    patch_vary_headers(response, ["Cookie", "Authorization", "Accept-Language"])
    response.setdefault("Cache-Control", "public, max-age=0, must-revalidate" if public else "private, no-store")
    return response


def _response(told: Told) -> HttpResponse:
    if isinstance(told.body, Value):
        return _bare(told.body.found)
    if told.body is None:
        return HttpResponse(status=told.status, headers=told.headers)
    kind = "application/geo+json" if _is_geojson(told.body) else "application/json"
    return JsonResponse(
        *(told.body,),
        status=told.status,
        safe=False,
        content_type=kind,
        headers=told.headers,
        json_dumps_params={"ensure_ascii": False},
    )


def _is_geojson(body: Any) -> bool:
    return isinstance(body, dict) and body.get("type") == "FeatureCollection"


def _bare(found: Any) -> HttpResponse:
    """The raw value (18-088 § 9.2.5): nothing for null."""
    if found is None:
        return HttpResponse(status=204)
    text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
