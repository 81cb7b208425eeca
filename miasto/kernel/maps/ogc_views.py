"""The OGC API over HTTP: content negotiation, problems (RFC 9457, which replaces RFC 7807), CORS for reading."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from miasto.kernel.core import clock
from miasto.kernel.maps import features, ogc, openapi
from miasto.kernel.spec.maps import Layer

View = Callable[..., HttpResponse]
INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+\d\d:\d\d$")


class NotThere(LookupError):
    """No such collection or feature."""


class NotAcceptable(ValueError):
    """The client accepts none of the representations."""


def _base(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("maps:ogc_landing"))


def problem(status: int, title: str, detail: str) -> HttpResponse:
    """What is wrong, as ``application/problem+json``."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JsonResponse(body, status=status, content_type=ogc.PROBLEM, json_dumps_params={"ensure_ascii": False})


def service(view: View) -> View:
    """Decorate a view of the API: only reading, open to other origins, problems told as the standard wants."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            response: HttpResponse = HttpResponseNotAllowed(["GET", "HEAD", "OPTIONS"])
        elif request.method == "OPTIONS":
            response = HttpResponse(headers={"Allow": "GET, HEAD, OPTIONS", "Access-Control-Allow-Methods": "GET, HEAD"})
        else:
            response = _answer(view, request, args, kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        patch_vary_headers(response, ["Accept", "Cookie", "Accept-Language"])
        is_public = request.viewer.is_anonymous and not request.viewer.links
        response.setdefault("Cache-Control", "public, max-age=0, must-revalidate" if is_public else "private, no-store")
        return response

    return inner


def _answer(view: View, request: HttpRequest, args: Any, kwargs: Any) -> HttpResponse:
    try:
        return view(request, *args, **kwargs)
    except features.BadQuery as error:
        return problem(400, _("Błędny parametr"), str(error))
    except NotThere:
        return problem(404, _("Nie znaleziono"), _("Nie ma takiej kolekcji ani obiektu."))
    except NotAcceptable:
        return problem(406, _("Nieobsługiwana postać"), "application/json, application/geo+json, text/html")


def _wants_html(request: HttpRequest, *kinds: str) -> bool:
    """Whether the answer is a page: by ``f``, else by the header ``Accept``."""
    asked = request.GET.get("f")
    if asked is not None:
        if asked not in ("json", "html"):
            raise features.BadQuery("f: json or html")
        return asked == "html"
    best = request.get_preferred_type([*kinds, ogc.HTML])
    if best is None:
        raise NotAcceptable
    return best == ogc.HTML


def _plain(request: HttpRequest, document: dict[str, Any], template: str, kind: str = ogc.JSON, **context: Any) -> HttpResponse:
    ogc.single(request.GET, ("f",))
    if _wants_html(request, *dict.fromkeys((kind, ogc.JSON))):
        return render(request, template, {"document": document, "base": _base(request), **context})
    return JsonResponse(document, content_type=kind, json_dumps_params={"ensure_ascii": False})


@service
def landing(request: HttpRequest) -> HttpResponse:
    """The landing page."""
    return _plain(request, ogc.landing(_base(request)), "maps/ogc_landing.html")


@service
def conformance(request: HttpRequest) -> HttpResponse:
    """What the service conforms to."""
    return _plain(request, ogc.conformance(_base(request)), "maps/ogc_conformance.html")


@service
def definition(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document."""
    return _plain(request, openapi.document(_base(request)), "maps/ogc_definition.html", ogc.OPENAPI)


@service
def collections(request: HttpRequest) -> HttpResponse:
    """All collections."""
    return _plain(request, ogc.collections_document(_base(request)), "maps/ogc_collections.html")


@service
def collection(request: HttpRequest, key: str) -> HttpResponse:
    """One collection."""
    spec = _spec(key)
    return _plain(
        request, ogc.collection_document(_base(request), spec), "maps/ogc_collection.html", queryables=ogc.queryables(spec)
    )


@service
def items(request: HttpRequest, key: str) -> HttpResponse:
    """A page of a collection's features."""
    spec = _spec(key)
    query = ogc.query_of(spec, request.GET)
    as_page = _wants_html(request, ogc.GEOJSON, ogc.JSON)
    found = features.page(spec, request.viewer, query)
    asked = {name: value for name, value in request.GET.items() if name != "cursor"}
    links = ogc.item_links(_base(request), spec, asked, found.after)
    if as_page:
        return _items_page(request, spec, found, links)
    rest = json.dumps({"links": links, "timeStamp": _stamp(), "numberReturned": len(found.features)}, ensure_ascii=False)
    text = f'{{"type":"FeatureCollection","features":[{",".join(found.features)}],{rest[1:]}'
    return HttpResponse(text, content_type=ogc.GEOJSON)


def _items_page(request: HttpRequest, spec: Layer, found: features.Page, links: list[dict[str, Any]]) -> HttpResponse:
    names = list(spec.properties)
    shown = [json.loads(text) for text in found.features]
    rows = [(one["id"], [_shown(one["properties"][name]) for name in names]) for one in shown]
    following = next((one["href"].replace("f=json", "f=html") for one in links if one["rel"] == "next"), "")
    context = {"spec": spec, "names": names, "rows": rows, "following": following, "base": _base(request)}
    return render(request, "maps/ogc_items.html", context)


def _shown(value: Any) -> Any:
    """A value of the table: instants on the city's clock, to the minute."""
    if isinstance(value, str) and INSTANT.match(value):
        return clock.local(datetime.fromisoformat(value)).strftime("%Y-%m-%d %H:%M")
    return value


@service
def item(request: HttpRequest, key: str, feature_id: str) -> HttpResponse:
    """One feature."""
    spec = _spec(key)
    ogc.single(request.GET, ("f",))
    as_page = _wants_html(request, ogc.GEOJSON, ogc.JSON)
    found = None if "\x00" in feature_id else features.feature(spec, request.viewer, feature_id)
    if found is None:
        raise NotThere
    document = json.loads(found)
    about = request.build_absolute_uri(spec.url.format(id=document["id"]))
    if as_page:
        return render(
            request, "maps/ogc_item.html", {"spec": spec, "document": document, "about": about, "base": _base(request)}
        )
    document["links"] = ogc.feature_links(_base(request), spec, str(document["id"]), about)
    return JsonResponse(document, content_type=ogc.GEOJSON, json_dumps_params={"ensure_ascii": False})


@service
def nothing(request: HttpRequest, path: str) -> HttpResponse:
    """Any other address below the API."""
    raise NotThere


def _spec(key: str) -> Layer:
    found = ogc.collection(key)
    if found is None:
        raise NotThere
    return found


def _stamp() -> str:
    return clock.now().isoformat(timespec="seconds").replace("+00:00", "Z")
