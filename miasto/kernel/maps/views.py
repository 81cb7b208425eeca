"""The map page, its list in words, the style, and tiles for viewers whose answers are not shared."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from miasto.kernel.core.conditional import etag
from miasto.kernel.core.ratelimit import limited
from miasto.kernel.maps import selectors, tiles
from miasto.kernel.maps import style as styles
from miasto.kernel.maps.features import BadQuery, Box, boxes
from miasto.kernel.maps.front import cache_control
from miasto.kernel.maps.layers import layer
from miasto.kernel.places import selectors as places

AROUND_M = 500
BIGGEST_START = 1_000_000


def city_map(request: HttpRequest) -> HttpResponse:
    """The map of the city: layers to switch, a search for places, and a legend."""
    on = selectors.chosen(_wanted(request))
    keys = {spec.key for spec in on}
    groups = [
        (name, [{"spec": spec, "on": spec.key in keys, "legend": styles.legend_of(spec)} for spec in specs])
        for name, specs in selectors.grouped(selectors.overlays())
    ]
    context = {"groups": groups, "on": ",".join(spec.key for spec in on), "list_url": _list_url(on)}
    return render(request, "maps/map.html", context)


@limited("maps.listing", limit=300, per_s=600, methods=("GET",))
def listing(request: HttpRequest) -> HttpResponse:
    """The objects of the chosen layers in a part of the city, as a list; the map in words."""
    asked = request.GET.get("szukaj", "").strip()[:200]
    found = places.geocode(asked, limit=8) if asked else []
    box, problem = _box(request)
    if found and box is None:
        box = _around(found[0])
    wanted = _wanted(request)
    chosen = selectors.chosen(wanted) if wanted is not None else selectors.overlays()
    start = min(int(start), BIGGEST_START) if (start := request.GET.get("od", "0")).isascii() and start.isdigit() else 0
    listed = selectors.listing(chosen, request.viewer, box=box, start=start)
    context = {
        "listed": [(one, _more(request, one)) for one in listed if one.count],
        "none": not any(one.count for one in listed),
        "groups": selectors.grouped(selectors.overlays()),
        "keys": [spec.key for spec in chosen],
        "asked": asked,
        "found": found,
        "box": ",".join(f"{number:g}" for number in box) if box and not found else "",
        "problem": problem,
    }
    return render(request, "maps/list.html", context, status=400 if problem else 200)


def style(request: HttpRequest) -> HttpResponse:
    """The style document, light or (``?motyw=ciemny``) dark."""
    response = JsonResponse(
        styles.style(dark=request.GET.get("motyw") == "ciemny"),
        json_dumps_params={"ensure_ascii": False, "separators": (",", ":")},
    )
    response["Cache-Control"] = "public, max-age=300"
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


def tile(request: HttpRequest, key: str, z: int, x: int, y: int) -> HttpResponse:
    """A tile as this viewer may see it. What everybody may see is answered before Django, see ``maps.front``."""
    spec = layer(key)
    if spec is None or request.method not in ("GET", "HEAD"):
        raise Http404
    try:
        body = tiles.render(spec, request.viewer, z, x, y)
    except tiles.NoSuchTile as error:
        raise Http404(str(error)) from error
    validator = etag(body, weak=True)
    if validator in request.headers.get("If-None-Match", ""):
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse(body, content_type=tiles.MEDIA_TYPE)
    response["ETag"] = validator
    is_public = request.viewer.is_anonymous and not request.viewer.links
    response["Cache-Control"] = cache_control(spec) if is_public else "private, no-store"
    patch_vary_headers(response, ["Cookie", "Accept-Encoding"])
    return response


def _wanted(request: HttpRequest) -> str | None:
    """The keys that the address names: ``?warstwy=a,b`` or, from a form, ``?warstwy=a&warstwy=b``."""
    return ",".join(request.GET.getlist("warstwy")) if "warstwy" in request.GET else None


def _box(request: HttpRequest) -> tuple[Box | None, str]:
    text = request.GET.get("bbox", "")
    if not text:
        return None, ""
    try:
        return boxes(text)[0], ""
    except BadQuery:
        return None, _("Adres strony zawiera błędny obszar mapy. Lista obejmuje całe miasto.")


def _around(found: Any) -> Box:
    """The neighbourhood of a place that was found."""
    if found.bbox and found.bbox[2] - found.bbox[0] > 0:
        return tuple(found.bbox)
    east, north = AROUND_M / 70_000, AROUND_M / 111_200
    return found.lon - east, found.lat - north, found.lon + east, found.lat + north


def _list_url(on: list[Any]) -> str:
    keys = ",".join(spec.key for spec in on)
    return f"/mapa/lista/?{urlencode({'warstwy': keys}, doseq=False)}" if keys else "/mapa/lista/"


def _more(request: HttpRequest, listed: selectors.Listed) -> dict[str, str]:
    """The addresses of the parts before and after, of this one layer."""
    rest = {name: request.GET[name] for name in ("bbox", "szukaj") if request.GET.get(name)}
    parts = {"next": listed.next_start, "previous": listed.previous_start}
    return {
        name: f"?{urlencode({**rest, 'warstwy': listed.layer.key, 'od': start})}"
        for name, start in parts.items()
        if start is not None
    }
